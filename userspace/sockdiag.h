/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The TCP sockets of the present network namespace, asked of the kernel by
 * sock_diag(7), as ss(8) does. Reads no segment and prints nothing but
 * complaints.
 */
#ifndef TCPHS_SOCKDIAG_H
#define TCPHS_SOCKDIAG_H

#include "env.h"

struct sockdiag_socket {
	u8 family;		/* 4 or 6; an IPv4 address in IPv6 is 4 */
	u8 state;		/* enum tcphs_state */
	bool is_small;		/* all that is left is a TIME_WAIT socket */
	u16 port[2];		/* [0]: here, [1]: there */
	u8 addr[2][16];
	u64 left_ns;		/* of a small one, until its timer is due */
};

typedef void sockdiag_fn(const struct sockdiag_socket *socket, void *arg);

/**
 * sockdiag_each() - all sockets, but half-open ones
 * @fn: called with each
 * @arg: for @fn
 *
 * TCPDIAG_FILE in the environment, a file as "ss -D" writes them, stands in for
 * the kernel, as with ss(8).
 *
 * Return: enum status.
 */
int sockdiag_each(sockdiag_fn *fn, void *arg);

#endif /* TCPHS_SOCKDIAG_H */
