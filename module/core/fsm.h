/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The state machine of one end, RFC 9293 section 3.3.2, as an observer sees
 * it: a table of state and event, a reason in every cell. Knows no sequence
 * number: whether a segment counts is flow's business.
 */
#ifndef TCPHS_CORE_FSM_H
#define TCPHS_CORE_FSM_H

#include "names.h"

/*
 * What can happen to an end. SENT: the end's own segment, which shows what it
 * has done. GOT: a segment of the peer's that this end has taken, because it
 * is local or because its own next segment says so. SOCKET: what no segment
 * shows, of a local end that has sent something.
 */
enum tcphs_fsm_event {
	TCPHS_SENT_SYN,		/* SYN without ACK */
	TCPHS_SENT_SYN_ACK,
	TCPHS_SENT_DATA,	/* new data or FIN, while the peer has sent data and no FIN */
	TCPHS_SENT_FIN,		/* its first */
	TCPHS_CROSSING_FIN,	/* its first, from before it took the peer's */
	TCPHS_SENT_RST,
	TCPHS_GOT_SYN,		/* SYN without ACK */
	TCPHS_GOT_SYN_ACK,	/* SYN that acknowledges ours */
	TCPHS_GOT_ACK_OF_SYN,	/* without SYN */
	TCPHS_GOT_FIN,
	TCPHS_GOT_ACK_OF_FIN,
	TCPHS_GOT_RST,
	TCPHS_REPEATED_SYN_ACK,	/* so the ACK of it never came */
	TCPHS_REPEATED_FIN,	/* so the ACK of it never came */
	TCPHS_2MSL_OVER,	/* the time-wait timeout */
	TCPHS_SOCKET_GONE,	/* a local end's own socket was looked for: there is none */
	TCPHS_SOCKET_WAITS,	/* there is a listener's request, not more */
	TCPHS_SOCKET_OPEN,	/* there is one that has taken the handshake's ACK */
	TCPHS_SOCKET_TIME_WAIT,	/* it was seen to begin to wait there */
	TCPHS_FSM_EVENTS
};

struct tcphs_cell {
	u8 next;		/* enum tcphs_state; the row's own: it stays */
	const char *why;	/* with the RFC's section */
};

/**
 * tcphs_fsm_cell() - what an event does to an end in a state
 * @state: enum tcphs_state, below TCPHS_STATES
 * @event: enum tcphs_fsm_event, below TCPHS_FSM_EVENTS
 *
 * Context: any. Return: the cell, never NULL.
 */
const struct tcphs_cell *tcphs_fsm_cell(unsigned int state, unsigned int event);

/**
 * tcphs_fsm_origin() - the state that an end must have been in
 * @event: the first event seen of an end whose state was TCPHS_STATE_UNKNOWN
 *
 * A SYN-ACK proves a LISTEN before it, a SYN a CLOSE; other events prove
 * nothing. Return: enum tcphs_state, TCPHS_STATE_UNKNOWN where not proved.
 */
unsigned int tcphs_fsm_origin(unsigned int event);

const char *tcphs_fsm_event_name(unsigned int event);

#endif /* TCPHS_CORE_FSM_H */
