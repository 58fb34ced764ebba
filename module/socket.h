/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The other witness: what the socket of a local end says of itself. Looked up
 * when somebody asks, never for a packet.
 */
#ifndef TCPHS_SOCKET_H
#define TCPHS_SOCKET_H

#include "conn.h"

struct net;
struct sock;

/* What a look at a socket has found. */
struct tcphs_socket {
	unsigned int state;	/* enum tcphs_state; TCPHS_CLOSE: there is none */
	bool is_small;		/* in TIME_WAIT, or an orphan's in FIN_WAIT2 */
	bool is_armed;		/* small: its timer runs; not yet, or no more */
	unsigned long expires;	/* of that, jiffies */
};

bool tcphs_socket_has(const struct sock *sk, const struct tcphs_tuple *tuple);

/* A look at the sockets of a connection, between two times that it is locked. */
struct tcphs_look {
	struct tcphs_table *table;
	struct tcphs_tuple tuple;
	u64 id;
	u8 asked;			/* ends whose socket can be looked up */
	int dev_if[2];			/* by side, as the next */
	struct tcphs_socket socket[2];	/* what was found, of those that were asked */
};

void tcphs_socket_begin(const struct tcphs_conn *conn, struct tcphs_look *look);
void tcphs_socket_ask(struct tcphs_look *look);
bool tcphs_socket_is_of(const struct tcphs_look *look,
			struct tcphs_bucket *bucket,
			const struct tcphs_conn *conn);

unsigned int tcphs_socket_state(struct net *net, const struct tcphs_tuple *tuple,
				unsigned int side, int bound_dev_if);

#endif /* TCPHS_SOCKET_H */
