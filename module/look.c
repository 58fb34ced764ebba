// SPDX-License-Identifier: GPL-2.0
/*
 * Looks at the sockets of connections that have fallen silent: what a socket
 * does without a segment shows itself only so. Not for any packet, and not for
 * what still sends.
 */
#include "look.h"

#include <linux/bitops.h>
#include <linux/math64.h>

#include "conn.h"
#include "socket.h"

#define LOOK_MAX	8	/* connections in one visit of a bucket */

/* A connection whose local sockets are looked up. */
struct look {
	struct tcphs_table *table;
	struct tcphs_tuple tuple;
	u64 id;
	u64 seen_ns;
	u8 sockets;			/* tcphs_conn_sockets() */
	int dev_if;
	unsigned int state[2];		/* by side, of those in sockets */
};

/*
 * Whether to look what became of a socket that is silent since @silent_ns. A
 * visit comes once a second: so, in each of the first 15, then in every second
 * one, every fourth from 32 on, and so forth. What is found is late by an
 * eighth of the silence at most, and a connection that is idle for a day has
 * cost 120 looks.
 */
static bool is_time_to_look(u64 silent_ns)
{
	u64 silent_s = div_u64(silent_ns, NSEC_PER_SEC);
	unsigned int bits = fls64(silent_s);

	return silent_s && !(silent_s & (BIT_ULL(bits > 4 ? bits - 4 : 0) - 1));
}

static bool is_to_be_looked_at(const struct tcphs_conn *conn, u64 now_ns)
{
	/* data_race: a hint, asked again under the lock. */
	u64 seen_ns = data_race(conn->seen_ns);

	if (seen_ns >= now_ns || !is_time_to_look(now_ns - seen_ns))
		return false;
	/* data_race: likewise. */
	return data_race(conn->flow.local &&
			 !tcphs_flow_is_closed(&conn->flow));
}

static bool copy_conn(struct tcphs_conn *conn, struct look *look)
{
	bool alive;

	raw_spin_lock_bh(&conn->lock);
	alive = conn->alive;
	if (alive) {
		look->table = conn->table;
		look->tuple = conn->flow.tuple;
		look->id = conn->flow.id;
		look->seen_ns = conn->seen_ns;
		look->sockets = tcphs_conn_sockets(conn);
		look->dev_if = conn->identity ? conn->identity->bound_dev_if : 0;
	}
	raw_spin_unlock_bh(&conn->lock);
	return alive;
}

/* What the sockets have shown, if no segment came in the meantime. */
static void tell_look(struct tcphs_conn *conn, const struct look *look)
{
	struct tcphs_table *table = look->table;
	struct tcphs_section section;
	unsigned int side;

	tcphs_ring_begin(&section, table->stream, tcphs_table_time_wait_ns(table));
	raw_spin_lock(&conn->lock);
	if (conn->alive && conn->table == table && conn->flow.id == look->id &&
	    conn->seen_ns == look->seen_ns) {
		tcphs_conn_own(conn, &section);
		for (side = TCPHS_CLIENT; side <= TCPHS_SERVER; side++)
			if (look->sockets & 1U << side)
				tcphs_flow_socket(&conn->flow, side,
						  look->state[side],
						  &section.step);
		tcphs_conn_account(conn);
	}
	raw_spin_unlock(&conn->lock);
	tcphs_ring_end(&section);
}

/* The look itself is between the locks: to let go of a socket may free it. */
static void look_at(struct tcphs_conn *conn)
{
	struct look look;
	unsigned int side;

	if (!copy_conn(conn, &look))
		return;
	for (side = TCPHS_CLIENT; side <= TCPHS_SERVER; side++)
		if (look.sockets & 1U << side)
			look.state[side] = tcphs_socket_state(look.table->net,
							      &look.tuple, side,
							      look.dev_if);
	tell_look(conn, &look);
}

/**
 * tcphs_look_in_bucket() - look what became of silent sockets
 * @bucket: number of a chain
 * @now_ns: CLOCK_BOOTTIME
 *
 * Context: process, under RCU, once a second for each bucket.
 */
void tcphs_look_in_bucket(u32 bucket, u64 now_ns)
{
	const struct hlist_nulls_node *pos;
	struct tcphs_conn *conn;
	unsigned int looks = 0;

	hlist_nulls_for_each_entry_rcu(conn, pos, tcphs_conn_bucket(bucket), node) {
		if (!is_to_be_looked_at(conn, now_ns))
			continue;
		look_at(conn);
		if (++looks == LOOK_MAX)
			break;
	}
}
