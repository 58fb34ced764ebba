// SPDX-License-Identifier: GPL-2.0
/*
 * Looks at the sockets of connections that have fallen silent: what a socket
 * does without a segment shows itself only so. Not for any packet, and not for
 * what still sends.
 */
#include "look.h"

#include <linux/minmax.h>

#include "conn.h"
#include "socket.h"
#include "timewait.h"

#define LOOK_MAX	8	/* connections in one visit of a bucket */

/*
 * Whether to look what became of a socket: once a second, then after each
 * eighth of its silence. What is found is late by not much more than that, and
 * a connection that is idle for a day has cost 90 looks.
 */
static bool is_time_to_look(u64 seen_ns, u64 looked_ns, u64 now_ns)
{
	u64 since_ns = max(seen_ns, looked_ns);

	return now_ns > since_ns &&
	       now_ns - since_ns >= max_t(u64, NSEC_PER_SEC,
					  (now_ns - seen_ns) / 8);
}

/**
 * tcphs_look_is_due() - whether tcphs_look_in_bucket() would look at an entry
 * @conn: locked
 * @now_ns: CLOCK_BOOTTIME
 */
bool tcphs_look_is_due(const struct tcphs_conn *conn, u64 now_ns)
{
	return !tcphs_flow_is_done(&conn->flow) && tcphs_conn_asked(conn) &&
	       is_time_to_look(conn->seen_ns,
			       tcphs_conn_identity(conn)->looked_ns, now_ns);
}

static void take_look(struct tcphs_conn *conn, unsigned int side,
		      const struct tcphs_look *look, struct tcphs_step *step)
{
	const struct tcphs_socket *socket = &look->socket[side];

	tcphs_conn_assert_locked(conn);
	tcphs_timewait_looked(conn, side, socket, step);
	tcphs_flow_socket(&conn->flow, side, socket->state, step);
}

/* What the sockets have shown, if no segment came in the meantime. */
static void tell_look(struct tcphs_bucket *bucket, struct tcphs_conn *conn,
		      const struct tcphs_look *look, u64 seen_ns)
{
	struct tcphs_table *table = look->table;
	struct tcphs_section section;
	unsigned int side;

	tcphs_ring_begin(&section, table->stream, tcphs_table_time_wait_ns(table));
	raw_spin_lock(&bucket->lock);
	if (tcphs_socket_is_of(look, bucket, conn) && conn->flow.rest &&
	    conn->seen_ns == seen_ns) {
		tcphs_conn_sign(conn, &section);
		for (side = TCPHS_CLIENT; side <= TCPHS_SERVER; side++)
			if (look->asked & 1U << side)
				take_look(conn, side, look, &section.step);
		tcphs_conn_account(conn);
	}
	raw_spin_unlock(&bucket->lock);
	tcphs_ring_end(&section);
}

/* Begin a look at the first whose turn it is: NULL if it is nobody's. */
static struct tcphs_conn *begin_look(struct tcphs_bucket *bucket,
				     struct tcphs_look *look, u64 *seen_ns,
				     u64 now_ns)
{
	struct tcphs_place place = { bucket };
	struct tcphs_conn *conn;

	raw_spin_lock_bh(&bucket->lock);
	while ((conn = tcphs_place_next(&place)))
		if (tcphs_look_is_due(conn, now_ns))
			break;
	if (conn) {
		tcphs_socket_begin(conn, look);
		*seen_ns = conn->seen_ns;
		tcphs_conn_identity(conn)->looked_ns = now_ns;
	}
	raw_spin_unlock_bh(&bucket->lock);
	return conn;
}

/**
 * tcphs_look_in_bucket() - look what became of silent sockets
 * @bucket: not locked
 * @now_ns: CLOCK_BOOTTIME
 *
 * Context: process, under RCU, once a second for each bucket.
 */
void tcphs_look_in_bucket(struct tcphs_bucket *bucket, u64 now_ns)
{
	struct tcphs_conn *conn;
	unsigned int looks;
	u64 seen_ns;

	for (looks = 0; looks < LOOK_MAX; looks++) {
		struct tcphs_look look = { 0 };

		conn = begin_look(bucket, &look, &seen_ns, now_ns);
		if (!conn)
			break;
		tcphs_socket_ask(&look);
		tell_look(bucket, conn, &look, seen_ns);
	}
}
