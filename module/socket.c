// SPDX-License-Identifier: GPL-2.0
/*
 * Looks sockets up as TCP does for a segment that comes in. Holds none, and
 * changes nothing.
 */
#include "socket.h"

#include <linux/string.h>
#include <net/inet6_hashtables.h>
#include <net/inet_hashtables.h>
#include <net/inet_timewait_sock.h>
#include <net/tcp.h>

#include "compat.h"

static_assert(TCPHS_ESTABLISHED == (int)TCP_ESTABLISHED);
static_assert(TCPHS_CLOSING == (int)TCP_CLOSING);

static struct sock *find_socket(struct net *net, const struct tcphs_tuple *tuple,
				unsigned int side, int dev_if)
{
	const u32 *here = tuple->addr[side], *there = tuple->addr[!side];
	__be16 port = htons(tuple->port[!side]);

	if (tuple->family == 4)
		return tcphs_lookup_v4(net, (__force __be32)there[0], port,
				       (__force __be32)here[0],
				       tuple->port[side], dev_if);
	return tcphs_lookup_v6(net, (const struct in6_addr *)there, port,
			       (const struct in6_addr *)here, tuple->port[side],
			       dev_if);
}

/*
 * In TIME_WAIT's small socket there may also be a FIN_WAIT2 whose process has
 * gone; in a request, which is no socket yet, a SYN_RECV.
 */
static void read_socket(const struct sock *sk, struct tcphs_socket *socket)
{
	const struct inet_timewait_sock *tw = inet_twsk(sk);

	socket->state = READ_ONCE(sk->sk_state);
	if (socket->state == TCP_NEW_SYN_RECV)
		socket->state = TCPHS_SYN_RECV;
	socket->is_small = socket->state == TCP_TIME_WAIT;
	if (!socket->is_small)
		return;
	socket->state = READ_ONCE(tw->tw_substate);
	socket->is_armed = timer_pending(&tw->tw_timer);
	socket->expires = READ_ONCE(tw->tw_timer.expires);
}

static bool has_ipv6(const struct sock *sk, const struct tcphs_tuple *tuple)
{
	return ipv6_addr_equal(tcphs_here_v6(sk),
			       (const struct in6_addr *)tuple->addr[0]) &&
	       ipv6_addr_equal(tcphs_there_v6(sk),
			       (const struct in6_addr *)tuple->addr[1]);
}

/**
 * tcphs_socket_has() - whether a socket knows the connection by these addresses
 * @sk: that a segment leaves from: a socket, or a listener's request
 * @tuple: under which the connection is kept, that segment's source first
 *
 * Not if NAT stands between two sockets of this host. Context: any.
 */
bool tcphs_socket_has(const struct sock *sk, const struct tcphs_tuple *tuple)
{
	if (sk->sk_num != tuple->port[0] ||
	    ntohs(sk->sk_dport) != tuple->port[1])
		return false;
	if (tuple->family == 6)
		return has_ipv6(sk, tuple);
	return sk->sk_rcv_saddr == (__force __be32)tuple->addr[0][0] &&
	       sk->sk_daddr == (__force __be32)tuple->addr[1][0];
}

/* A listener, and a SYN cookie, have no socket for one connection. */
static void look_up(struct net *net, const struct tcphs_tuple *tuple,
		    unsigned int side, int bound_dev_if,
		    struct tcphs_socket *socket)
{
	struct sock *sk;

	*socket = (struct tcphs_socket){ .state = TCPHS_CLOSE };
	rcu_read_lock();
	sk = find_socket(net, tuple, side, bound_dev_if);
	if (sk) {
		read_socket(sk, socket);
		sock_gen_put(sk);
	}
	rcu_read_unlock();
}

/**
 * tcphs_socket_state() - the state of a local end's own socket
 * @net: its namespace
 * @tuple: of the connection, as the socket knows it
 * @side: the end
 * @bound_dev_if: the device that the socket is bound to, or 0
 *
 * Context: process or softirq, no raw lock held: the last to let go of a
 * socket frees it. Return: enum tcphs_state; TCPHS_CLOSE where there is no
 * socket.
 */
unsigned int tcphs_socket_state(struct net *net, const struct tcphs_tuple *tuple,
				unsigned int side, int bound_dev_if)
{
	struct tcphs_socket socket;

	look_up(net, tuple, side, bound_dev_if, &socket);
	return socket.state;
}

/**
 * tcphs_socket_begin() - begin a look
 * @conn: locked
 * @look: to be filled; unlock @conn, then tcphs_socket_ask()
 */
void tcphs_socket_begin(const struct tcphs_conn *conn, struct tcphs_look *look)
{
	const struct tcphs_identity *identity = tcphs_conn_identity(conn);

	tcphs_conn_assert_locked(conn);
	look->table = conn->table;
	tcphs_flow_tuple(&conn->flow, &look->tuple);
	look->id = conn->flow.id;
	look->asked = tcphs_conn_asked(conn);
	if (identity)
		memcpy(look->dev_if, identity->dev_if, sizeof(look->dev_if));
}

/**
 * tcphs_socket_ask() - look the sockets up
 * @look: begun
 *
 * Context: process, no raw lock held: the last to let go of a socket frees it.
 */
void tcphs_socket_ask(struct tcphs_look *look)
{
	unsigned int side;

	for (side = TCPHS_CLIENT; side <= TCPHS_SERVER; side++)
		if (look->asked & 1U << side)
			look_up(look->table->net, &look->tuple, side,
				look->dev_if[side], &look->socket[side]);
}

/**
 * tcphs_socket_is_of() - whether a connection is still the one of a look
 * @look: made
 * @bucket: of the connection, locked again
 * @conn: the connection's name
 */
bool tcphs_socket_is_of(const struct tcphs_look *look,
			struct tcphs_bucket *bucket,
			const struct tcphs_conn *conn)
{
	return tcphs_bucket_has(bucket, conn) && conn->table == look->table &&
	       conn->flow.id == look->id;
}
