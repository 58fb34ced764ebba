/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The host's own TIME_WAIT sockets, and orphans' FIN_WAIT2 that Linux holds in
 * the same small ones: when they begin to wait, begin anew, and their real end.
 *
 * TWO MECHANISMS
 * ==============
 *
 * Probed (probe.c): TCP's own functions tell, in the moment. Looked for: each
 * waiting connection has its place in a queue (waits.c), by the time of its next
 * look; a look asks TCP for the socket and reads its timer, whose run-out it
 * awaits, the timer wheel's grain included. The queue serves both: what a probe
 * missed (they can be switched off at any time) a look finds, and from then on
 * there are looks, until a probe is heard of again.
 */
#ifndef TCPHS_TIMEWAIT_H
#define TCPHS_TIMEWAIT_H

#include "conn.h"
#include "sight.h"

struct inet_timewait_sock;
struct tcphs_socket;

int tcphs_timewait_init(void);
void tcphs_timewait_exit(void);

/* For who has @conn locked. */
void tcphs_timewait_follow(struct tcphs_conn *conn, u64 now_ns);
void tcphs_timewait_settle(struct tcphs_conn *conn, unsigned int from,
			   struct tcphs_step *step);
bool tcphs_timewait_hold(struct tcphs_conn *conn, unsigned int from,
			 const struct tcphs_sight *sight, u64 now_ns);

/* For whom this CPU holds a SYN: a name. */
DECLARE_PER_CPU(const struct tcphs_conn *, tcphs_timewait_held);

/* Whether it is @conn, locked. */
static inline bool tcphs_timewait_holds(const struct tcphs_conn *conn)
{
	return this_cpu_read(tcphs_timewait_held) == conn;
}

const struct tcphs_sight *tcphs_timewait_release(const struct tcphs_conn *conn,
						 u64 now_ns);

/* For other looks. */
void tcphs_timewait_looked(struct tcphs_conn *conn, unsigned int side,
			   const struct tcphs_socket *socket,
			   struct tcphs_step *step);

/* For the probes. */
void tcphs_timewait_armed(struct tcphs_table *table,
			  const struct inet_timewait_sock *tw, int timeout);
const struct tcphs_sight *
tcphs_timewait_ended(struct tcphs_table *table,
		     const struct inet_timewait_sock *tw, unsigned int end,
		     unsigned int cause);

bool tcphs_timewait_is_probed(void);
void tcphs_timewait_set_probes(bool are_there);

/* A small socket may be @end's. */
static inline bool tcphs_timewait_may_be(const struct tcphs_end *end)
{
	return end->state == TCPHS_TIME_WAIT || end->state == TCPHS_FIN_WAIT2;
}

/**
 * tcphs_timewait_stepped() - see whether an end began to wait
 * @conn: locked; a segment stepped its flow
 * @now_ns: the step's time
 */
static inline void tcphs_timewait_stepped(struct tcphs_conn *conn, u64 now_ns)
{
	const struct tcphs_end *end = conn->flow.end;

	if (conn->flow.rest &&
	    (tcphs_timewait_may_be(&end[0]) || tcphs_timewait_may_be(&end[1]) ||
	     tcphs_conn_is_queued(conn)))
		tcphs_timewait_follow(conn, now_ns);
}

#endif /* TCPHS_TIMEWAIT_H */
