// SPDX-License-Identifier: GPL-2.0
/*
 * The short way of a segment that changes nothing but numbers. Begins no
 * connection, ends none, tells nothing.
 */
#include "quick.h"

#include <linux/ktime.h>

/* So it is asked at first, too. */
DEFINE_PER_CPU(struct tcphs_quick_clock, tcphs_quick_clock) = {
	.jiffies = INITIAL_JIFFIES - 1,
};

/**
 * tcphs_quick_ask_clock() - the coarse clock, and keep what it tells for this jiffy
 *
 * Context: preemption and softirqs are off.
 */
u64 tcphs_quick_ask_clock(void)
{
	u64 now_ns;

	__this_cpu_write(tcphs_quick_clock.jiffies, jiffies);
	now_ns = ktime_get_coarse_boottime_ns();
	__this_cpu_write(tcphs_quick_clock.now_ns, now_ns);
	return now_ns;
}

/**
 * tcphs_quick() - take a segment that changes nothing but numbers
 * @table: of the namespace
 * @sight: the segment, of which tcphs_quick_is_plain() is true
 *
 * Context: process or softirq, under RCU. One lock.
 * Return: whether it was taken; else it is tcphs_table_step()'s.
 */
bool tcphs_quick(struct tcphs_table *table, const struct tcphs_sight *sight)
{
	struct tcphs_bucket *bucket = tcphs_conn_bucket(sight->hash);
	struct tcphs_conn *conn;
	unsigned int from;
	bool taken;

	raw_spin_lock_bh(&bucket->lock);
	conn = tcphs_bucket_find(bucket, table, sight->hash, sight->tuple, &from);
	taken = conn && !tcphs_conn_is_forged(conn, from, sight->local) &&
		tcphs_quick_take(&conn->flow, from, sight->seg);
	if (taken)
		conn->seen_ns = tcphs_quick_now_ns();
	raw_spin_unlock_bh(&bucket->lock);
	return taken;
}
