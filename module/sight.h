/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A segment as it was seen, for the rooms between the hook and the flow.
 */
#ifndef TCPHS_SIGHT_H
#define TCPHS_SIGHT_H

#include "core/flow.h"

struct sock;

/* Whose socket is here, of a packet: as tcphs_flow_init() takes it. */
#define TCPHS_LOCAL_SOURCE	0x1
#define TCPHS_LOCAL_DESTINATION	0x2

struct tcphs_sight {
	const struct tcphs_seg *seg;
	const struct tcphs_tuple *tuple; /* whose connection it is, source first */
	u32 hash;			/* of the tuple */
	u8 local;			/* whose sockets are here */
	enum tcphs_pass pass;
	const struct sock *sk;		/* that it leaves from, or NULL */
	bool is_held;			/* taken late, inside a function of TCP's */
};

#endif /* TCPHS_SIGHT_H */
