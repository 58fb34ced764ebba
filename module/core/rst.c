// SPDX-License-Identifier: GPL-2.0
/*
 * RST: who may reset a connection, and what it means. RFC 9293 section
 * 3.10.7, RFC 5961 section 3.
 */
#include "walk.h"

/*
 * Whether the peer, in SYN_SENT, can have got a SYN-ACK in the meantime: not if
 * it is local, or has shown by another SYN that it still waits for one.
 */
static bool may_be_answered(const struct walk *w)
{
	return has(w->self, TCPHS_END_SYN_ACK) && !is_local(w->flow, w->to) &&
	       !(w->flow->bits & TCPHS_FLOW_ASKED_AGAIN);
}

/* A RST that answers the SYN: RFC 9293 3.10.7.3, second. */
static bool is_refusal(const struct walk *w)
{
	return w->peer->state == TCPHS_SYN_SENT && !tcphs_is_false_echo(w) &&
	       !may_be_answered(w) &&
	       w->seg->flags & TCPHS_ACK && tcphs_acks_syn(w);
}

/* A RST to SYN_SENT has to stand at no number but that of its ACK. */
static void tell_no_refusal(struct walk *w)
{
	if (w->seg->flags & TCPHS_ACK)
		tcphs_tell_expected(w, TCPHS_AN_RST_OUT_OF_WINDOW,
				    w->peer->isn + 1);
	else
		tcphs_tell_anomaly(w, TCPHS_AN_RST_OUT_OF_WINDOW);
}

static enum tcphs_reason refuse_rst(struct walk *w)
{
	const struct tcphs_end *peer = w->peer;
	u32 expected = has(w->self, TCPHS_END_SEEN) ? w->self_at->nxt : w->peer_at->ack;

	if (!w->arrives)
		return TCPHS_R_BAD_RST;
	if (peer->state == TCPHS_SYN_SENT && !has(w->self, TCPHS_END_SEEN)) {
		tell_no_refusal(w);
		return TCPHS_R_BAD_RST;
	}
	if (has(peer, TCPHS_END_ACKED) &&
	    seq_between(w->peer_at->ack, w->seg->seq, w->peer_at->edge)) {
		w->peer->bits |= TCPHS_END_PROVOKED;
		tcphs_tell_expected(w, TCPHS_AN_RST_SUSPECT, expected);
	} else {
		tcphs_tell_expected(w, TCPHS_AN_RST_OUT_OF_WINDOW, expected);
	}
	return TCPHS_R_BAD_RST;
}

/*
 * TIME_WAIT that is not to be assassinated: tcp_timewait_state_process(). If its
 * socket was seen, that will be seen to go. If it would have been seen by now, TCP
 * has not come to its FIN yet, which waits in the backlog of a socket that is in
 * use; so does the RST, which nobody is left to take then.
 */
static bool is_ignored(const struct walk *w)
{
	return w->peer->state == TCPHS_TIME_WAIT && is_local(w->flow, w->to) &&
	       (w->step->is_rfc1337 || has(w->peer, TCPHS_END_TW_SEEN) ||
		w->step->told & 1U << w->to);
}

enum tcphs_reason tcphs_take_rst(struct walk *w)
{
	struct tcphs_flow *flow = w->flow;
	bool refused = is_refusal(w);
	bool exact = tcphs_is_exact(w);

	if (tcphs_flow_is_closed(flow))
		return TCPHS_R_STRAY;
	if (!refused && !exact)
		return refuse_rst(w);
	if (exact && has(w->self, TCPHS_END_SYN_ACK))
		refused = false;
	flow->bits |= TCPHS_FLOW_RESET;
	w->self->bits |= TCPHS_END_RESET;
	if (flow->rest->closer == TCPHS_NOBODY)
		flow->rest->closer = (u8)w->from;
	if (flow->rest->close == TCPHS_CLOSE_OPEN)
		flow->rest->close = refused ? TCPHS_CLOSE_REFUSED : TCPHS_CLOSE_RESET;
	if (w->leaves)
		tcphs_tell_shown(w, w->from, TCPHS_SENT_RST);
	if (w->arrives && !is_ignored(w))
		tcphs_tell_shown(w, w->to, TCPHS_GOT_RST);
	return TCPHS_R_USED;
}
