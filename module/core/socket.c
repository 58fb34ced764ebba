// SPDX-License-Identifier: GPL-2.0
/*
 * What a look at a local end's own socket shows that no segment does. Looks at
 * no socket itself, and believes segments first.
 */
#include "walk.h"

/* Nothing but a SYN-ACK was sent: there may be no socket yet, but a request. */
static bool is_unproved(const struct tcphs_end *end)
{
	return has(end, TCPHS_END_SYN_ACK) && !has(end, TCPHS_END_SYNCED);
}

/* False if the socket's word adds nothing. */
static bool find_event(const struct tcphs_end *end, unsigned int state,
		       enum tcphs_fsm_event *event)
{
	if (state == TCPHS_CLOSE)
		*event = TCPHS_SOCKET_GONE;
	else if (state == TCPHS_SYN_RECV)
		*event = TCPHS_SOCKET_WAITS;
	else
		*event = TCPHS_SOCKET_OPEN;
	return *event != TCPHS_SOCKET_WAITS || is_unproved(end);
}

void tcphs_flow_socket(struct tcphs_flow *flow, unsigned int side,
		       unsigned int state, struct tcphs_step *step)
{
	struct tcphs_end *end = &flow->end[side];
	enum tcphs_fsm_event event;
	struct walk w;

	if (!is_local(flow, side) || !has(end, TCPHS_END_SEEN) ||
	    has(end, TCPHS_END_ORPHAN) || !find_event(end, state, &event))
		return;
	tcphs_begin_time(&w, flow, step);
	if (!tcphs_tell_event(&w, side, event, TCPHS_CAUSE_SOCKET,
			      step->now_ns))
		return;
	tcphs_note_quick(flow);
	/* From now on its own segments have to show that it took an ACK. */
	if (end->state == TCPHS_SYN_RECV)
		end->bits |= TCPHS_END_DEAF;
}
