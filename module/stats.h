/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters of one network namespace, per CPU and 64 bits wide: what became of
 * every segment, and how the table fared. Knows no connection and no packet.
 */
#ifndef TCPHS_STATS_H
#define TCPHS_STATS_H

#include <linux/percpu.h>

#include "core/names.h"

/* Counters: first one for each enum tcphs_reason, then these. */
enum tcphs_counter {
	TCPHS_C_CREATED = TCPHS_R_COUNT,	/* connections entered */
	TCPHS_C_REMOVED,			/* connections gone, all causes */
	TCPHS_C_EVICTED,			/* of these: to make room */
	TCPHS_C_CLASH,				/* two first segments at once */
	TCPHS_C_NO_IDENTITY,			/* no memory for whose connection it is */
	TCPHS_COUNTERS
};

struct tcphs_stats {
	u64 count[TCPHS_COUNTERS];
};

/**
 * tcphs_stats_count() - count one
 * @stats: of the namespace
 * @counter: enum tcphs_counter or enum tcphs_reason
 *
 * Context: any; one instruction on 64 bits, safe against interrupts.
 */
static inline void tcphs_stats_count(struct tcphs_stats __percpu *stats,
				     unsigned int counter)
{
	this_cpu_inc(stats->count[counter]);
}

struct tcphs_stats __percpu *tcphs_stats_alloc(void);
void tcphs_stats_free(struct tcphs_stats __percpu *stats);
const char *tcphs_stats_name(unsigned int counter);
u64 tcphs_stats_read(const struct tcphs_stats __percpu *stats,
		     unsigned int cpu, unsigned int counter);

#endif /* TCPHS_STATS_H */
