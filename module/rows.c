// SPDX-License-Identifier: GPL-2.0
/*
 * A walk through a namespace's connections while they come and go. Copies
 * rows; changes nothing.
 */
#include "rows.h"

#include <linux/sched.h>

/* The entry of a chain with the smallest id after the cursor's. */
static struct tcphs_conn *find_next(const struct tcphs_table *table,
				    const struct tcphs_cursor *cursor, u64 *id)
{
	struct tcphs_conn *conn, *best;
	const struct hlist_nulls_node *pos;
	u64 conn_id;

	do {
		*id = U64_MAX;
		best = NULL;
		hlist_nulls_for_each_entry_rcu(conn, pos,
					       tcphs_conn_bucket(cursor->bucket), node) {
			conn_id = READ_ONCE(conn->flow.id);
			if (READ_ONCE(conn->table) == table &&
			    conn_id > cursor->id && conn_id < *id) {
				*id = conn_id;
				best = conn;
			}
		}
	} while (get_nulls_value(pos) != cursor->bucket);
	return best;
}

static bool copy_row(struct tcphs_conn *conn, const struct tcphs_table *table,
		     u64 id, struct tcphs_row *row)
{
	const struct tcphs_identity *identity;
	bool same;

	raw_spin_lock_bh(&conn->lock);
	same = conn->alive && conn->table == table && conn->flow.id == id;
	if (same) {
		row->flow = conn->flow;
		row->asked = conn->asked;
		row->owner = tcphs_nobody;
		identity = tcphs_conn_identity(conn);
		if (identity) {
			row->rest = identity->rest;
			row->flow.rest = &row->rest;
			row->owner = identity->owner;
			memcpy(row->dev_if, identity->dev_if,
			       sizeof(row->dev_if));
		}
		row->seen_ns = conn->seen_ns;
	}
	raw_spin_unlock_bh(&conn->lock);
	return same;
}

/* The next row of the cursor's bucket. */
static bool next_in_bucket(const struct tcphs_table *table,
			   const struct tcphs_cursor *cursor,
			   struct tcphs_row *row)
{
	struct tcphs_conn *conn;
	u64 id;

	rcu_read_lock();
	do
		conn = find_next(table, cursor, &id);
	while (conn && !copy_row(conn, table, id, row));
	rcu_read_unlock();
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
	for (; cursor->bucket <= tcphs_chains.mask; cursor->bucket++) {
		if (!hlist_nulls_empty(tcphs_conn_bucket(cursor->bucket)) &&
		    next_in_bucket(table, cursor, row))
			return true;
		cursor->id = 0;
		cond_resched();
	}
	return false;
}
