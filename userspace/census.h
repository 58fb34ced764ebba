/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many ends are in each state, counted from the events alone: who was
 * last told to be where, by connection. Bounded; knows neither lines nor
 * metrics.
 *
 * A connection is counted from its first event that was seen. One whose end
 * was lost stays counted: losses are exported beside it.
 */
#ifndef TCPHS_CENSUS_H
#define TCPHS_CENSUS_H

#include <linux/tcphs.h>

#include "env.h"
#include "names.h"

struct census_slot {
	u64 conn_id;
	u8 state[2];		/* by enum tcphs_side */
	u8 is_used;
};

struct census {
	struct census_slot *slot;
	size_t size;		/* a power of two */
	size_t used;
	size_t max;		/* connections */
	u64 refused;		/* events of connections beyond .max */
	u64 ends[2][TCPHS_STATES];
};

void census_init(struct census *census, size_t max);
void census_exit(struct census *census);

/* Take note of a record of any type; the order is the stream's. */
void census_take(struct census *census, const struct tcphs_record *record);

#endif /* TCPHS_CENSUS_H */
