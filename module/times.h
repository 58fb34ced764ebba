/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How long handshakes and TIME_WAITs took, all of a namespace, whether anybody
 * reads its events or not. Knows events, but neither ring nor connection.
 *
 * The host's own namespace has counts for each CPU, so that no two of them write
 * the same line; in others all CPUs share: 64 times 10 KB in each of a thousand
 * namespaces would be too much. A connection is counted a few times in its life,
 * no segment is that neither completes a handshake nor ends a TIME_WAIT.
 */
#ifndef TCPHS_TIMES_H
#define TCPHS_TIMES_H

#include <linux/atomic.h>

#include "core/spread.h"

enum tcphs_time {
	TCPHS_TIME_SYN_ACK,		/* SYN to SYN-ACK */
	TCPHS_TIME_ACK,			/* SYN-ACK to ACK */
	TCPHS_TIME_HANDSHAKE,		/* SYN to ACK */
	TCPHS_TIME_TW_OBSERVED,
	TCPHS_TIME_TW_MODELLED,
	TCPHS_TIMES
};

#define TCPHS_TIMES_BUCKETS	250

/* One distribution: what fits into 2 KB, a size that the slab has. */
struct tcphs_times_dist {
	atomic64_t min_ns;
	atomic64_t max_ns;
	atomic64_t sum_ns;	/* below 2^63: what is above is carried */
	atomic64_t carried;	/* so often 2^63 ns: 1.5e8 TIME_WAITs of a minute */
	atomic64_t bucket[TCPHS_TIMES_BUCKETS];
};

/* Whoever counts here may be on any CPU, or on one alone. */
struct tcphs_times_part {
	struct tcphs_times_dist *dist[TCPHS_TIMES];
};

struct tcphs_times {
	struct tcphs_times_part *part;	/* by CPU, or one for all */
	unsigned int parts;
};

/* Of one moment: min, max and sum hold at least all that is in the buckets. */
struct tcphs_times_copy {
	u64 count;		/* in all buckets */
	u64 min_ns;
	u64 max_ns;
	u64 sum_s;		/* the sum's whole seconds, and the rest */
	u32 sum_ns;
	u64 bucket[TCPHS_TIMES_BUCKETS];
};

int tcphs_times_init(struct tcphs_times *times, bool by_cpu);
void tcphs_times_exit(struct tcphs_times *times);

void tcphs_times_count(struct tcphs_times *times, unsigned int type,
		       const void *payload);

const char *tcphs_times_name(enum tcphs_time which);
const struct tcphs_spread *tcphs_times_spread(enum tcphs_time which);
void tcphs_times_read(const struct tcphs_times *times, enum tcphs_time which,
		      struct tcphs_times_copy *copy);

#endif /* TCPHS_TIMES_H */
