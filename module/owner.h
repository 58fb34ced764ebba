/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What lies beside a connection: whose socket it is, read from the socket while
 * it is there, and the flow's rest. Knows no connection.
 */
#ifndef TCPHS_OWNER_H
#define TCPHS_OWNER_H

#include <linux/rcupdate.h>
#include <linux/tcphs.h>
#include <linux/timerqueue.h>

#include "core/flow.h"

struct net;
struct sock;
struct tcphs_conn;
struct tcphs_queue;

/* Beside the entry, as only local connections and those that close have one. */
struct tcphs_identity {
	struct tcphs_rest rest;		/* the flow's: by it the identity is found */
	struct tcphs_owner owner;
	int dev_if[2];		/* by side, that its socket is bound to; 0: to none */
	union {
		struct timerqueue_node due;	/* waits.c: in @queue, by the next look */
		struct rcu_head rcu;		/* of one that is to be freed */
	};
	struct tcphs_queue *queue;	/* NULL: it waits for nothing */
	struct tcphs_conn *conn;	/* whose it is, while in @queue */
	u32 hash;			/* of that one's tuple, likewise */
	u64 looked_ns;		/* when its sockets were looked up last, of who is silent */
	u64 visited_ns;		/* when its small socket was looked for last, and found */
	u32 expires[2];		/* by side, of its small socket: low half of jiffies */
	u32 words;		/* heard of its small sockets: a look before is void */
	u8 missed;		/* ends whose socket a look has not found; bits as .local */
	u8 asked;		/* ends whose socket can be looked up, as .local */
};

/* Where nothing is known. */
extern const struct tcphs_owner tcphs_nobody;

int tcphs_owner_init(void);
void tcphs_owner_exit(void);

bool tcphs_owner_can_tell(const struct sock *sk);
void tcphs_owner_ask(struct tcphs_owner *owner, struct net *net,
		     const struct sock *sk, bool opens);

struct tcphs_identity *tcphs_owner_alloc(void);
void tcphs_owner_forget(struct tcphs_identity *identity);
void tcphs_owner_free(struct tcphs_identity *identity);
void tcphs_owner_free_later(struct tcphs_identity *identity);

#endif /* TCPHS_OWNER_H */
