/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The other witness: what the socket of a local end says of itself. Looked up
 * when somebody asks, never for a packet.
 */
#ifndef TCPHS_SOCKET_H
#define TCPHS_SOCKET_H

#include "core/parse.h"

struct net;
struct sock;

bool tcphs_socket_has(const struct sock *sk, const struct tcphs_tuple *tuple);
unsigned int tcphs_socket_state(struct net *net, const struct tcphs_tuple *tuple,
				unsigned int side, int bound_dev_if);

#endif /* TCPHS_SOCKET_H */
