// SPDX-License-Identifier: GPL-2.0
/*
 * The short way of a segment that changes nothing but numbers. Begins no
 * connection, ends none, tells nothing.
 */
#include "quick.h"

#include <linux/ktime.h>

#include "core/quick.h"

/**
 * tcphs_quick() - take a segment that changes nothing but numbers
 * @table: of the namespace
 * @sight: the segment
 *
 * Context: process or softirq, under RCU. One lock, no clock but the coarse.
 * Return: whether it was taken; else it is tcphs_table_step()'s.
 */
bool tcphs_quick(struct tcphs_table *table, const struct tcphs_sight *sight)
{
	struct tcphs_bucket *bucket = tcphs_conn_bucket(sight->hash);
	struct tcphs_conn *conn;
	unsigned int from;
	bool taken;

	if (!tcphs_quick_is_plain(sight->seg))
		return false;
	raw_spin_lock_bh(&bucket->lock);
	conn = tcphs_bucket_find(bucket, table, sight->hash, sight->tuple, &from);
	taken = conn && !tcphs_conn_is_forged(conn, from, sight->local) &&
		tcphs_quick_take(&conn->flow, from, sight->seg);
	if (taken)
		conn->seen_ns = ktime_get_coarse_boottime_ns();
	raw_spin_unlock_bh(&bucket->lock);
	return taken;
}
