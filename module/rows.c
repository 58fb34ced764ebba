// SPDX-License-Identifier: GPL-2.0
/*
 * A walk through a namespace's connections while they come and go. Copies
 * rows; changes nothing.
 */
#include "rows.h"

#include <linux/sched.h>

/* The entry of a bucket with the smallest id after the cursor's. */
static struct tcphs_conn *find_next(struct tcphs_bucket *bucket,
				    const struct tcphs_table *table, u64 id)
{
	struct tcphs_conn *conn, *best = NULL;
	struct tcphs_place place = { bucket };

	lockdep_assert_held(&bucket->lock);
	while ((conn = tcphs_place_next(&place)))
		if (conn->table == table && conn->flow.id > id &&
		    (!best || conn->flow.id < best->flow.id))
			best = conn;
	return best;
}

static void copy_row(const struct tcphs_conn *conn, struct tcphs_row *row)
{
	const struct tcphs_identity *identity = tcphs_conn_identity(conn);

	tcphs_conn_assert_locked(conn);
	row->flow = conn->flow;
	row->asked = tcphs_conn_asked(conn);
	row->owner = tcphs_nobody;
	row->seen_ns = conn->seen_ns;
	if (!identity)
		return;
	row->rest = identity->rest;
	row->flow.rest = &row->rest;
	row->owner = identity->owner;
	memcpy(row->dev_if, identity->dev_if, sizeof(row->dev_if));
}

/* The next row of the cursor's bucket. */
static bool next_in_bucket(const struct tcphs_table *table,
			   const struct tcphs_cursor *cursor,
			   struct tcphs_row *row)
{
	struct tcphs_bucket *bucket = &tcphs_index.bucket[cursor->bucket];
	const struct tcphs_conn *conn;

	if (tcphs_bucket_is_empty(bucket))
		return false;
	raw_spin_lock_bh(&bucket->lock);
	conn = find_next(bucket, table, cursor->id);
	if (conn)
		copy_row(conn, row);
	raw_spin_unlock_bh(&bucket->lock);
	return conn;
}

/**
 * tcphs_rows_next() - copy the first row after a cursor
 * @table: of the namespace
 * @cursor: bucket and id of the row before it; all zero at the beginning. The
 *	    bucket moves on, the id is the caller's: set it to the row's to
 *	    pass it
 * @row: filled
 *
 * Nothing is held between calls: as ids are unique, and rows never change
 * their bucket, a row that lives all the time is met exactly once.
 *
 * Context: process, may sleep. Return: false at the end.
 */
bool tcphs_rows_next(const struct tcphs_table *table,
		     struct tcphs_cursor *cursor, struct tcphs_row *row)
{
	for (; cursor->bucket < tcphs_index.buckets; cursor->bucket++) {
		if (next_in_bucket(table, cursor, row))
			return true;
		cursor->id = 0;
		cond_resched();
	}
	return false;
}
