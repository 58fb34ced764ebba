/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Connections whose sockets are to be looked at, by the time of the next look.
 * Knows no socket.
 */
#ifndef TCPHS_WAITS_H
#define TCPHS_WAITS_H

#include "conn.h"

/*
 * Between two rounds while ends are searched for. Who just misses one is seen in
 * the next, at HZ=250 up to 13 ms later; the worker itself may have to wait for
 * a CPU: 50 ms are kept with room for that.
 */
#define TCPHS_WAITS_TICK_NS	(10 * NSEC_PER_MSEC)

/**
 * typedef tcphs_visit_t - look at a connection that is due
 * @bucket: where it is, not locked
 * @conn: its name: it may have ended, or given way to another, in the meantime
 *
 * Context: process, under RCU, which keeps its table while it lives. It places
 * the connection anew, or forgets it.
 */
typedef void tcphs_visit_t(struct tcphs_bucket *bucket, struct tcphs_conn *conn);

int tcphs_waits_init(tcphs_visit_t *visit);
void tcphs_waits_exit(void);

void tcphs_waits_place(struct tcphs_conn *conn, u64 due_ns);
void tcphs_waits_forget(struct tcphs_conn *conn);
void tcphs_waits_search(bool for_others);
bool tcphs_waits_searches(void);

#endif /* TCPHS_WAITS_H */
