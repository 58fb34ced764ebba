// SPDX-License-Identifier: GPL-2.0
/*
 * The opening: SYN and SYN-ACK. Knows nothing of data and closing.
 */
#include "walk.h"

void tcphs_begin_numbers(struct walk *w)
{
	struct tcphs_end *self = w->self;
	const struct tcphs_seg *seg = w->seg;

	/* What the peer has acknowledged was no such stream. */
	if (has(w->peer, TCPHS_END_ACKED) &&
	    !seq_between(seg->seq + 1, w->peer_at->ack, w->end))
		drop(w->peer, TCPHS_END_ACKED);
	self->isn = seg->seq;
	w->self_at->nxt = w->end;
	w->self_at->whole = w->end;
	self->bits |= TCPHS_END_SEEN | TCPHS_END_ISN;
	tcphs_count_bytes(w, seg->len);
	w->self_at->window = seg->win;
	if (seg->options & TCPHS_OPT_WSCALE) {
		self->wscale = seg->wscale;
		self->bits |= TCPHS_END_WSCALE;
	}
	tcphs_note_timestamp(w);
	if (seg->options & TCPHS_OPT_BAD_WSCALE)
		tcphs_tell_anomaly(w, TCPHS_AN_BAD_WSCALE);
}

void tcphs_note_held(struct walk *w, unsigned int side, u64 when_ns)
{
	const struct tcphs_end *end = &w->flow->end[side];

	if (w->flow->rest->held_ns != TCPHS_NS_NONE)
		return;
	w->flow->rest->held_ns = when_ns;
	w->flow->rest->held_seq = w->from == side ? w->seg->seq : end->isn;
}

/* RFC 5961 4: whatever its number, a SYN gets a challenge ACK and no more. */
static enum tcphs_reason refuse_syn(struct walk *w)
{
	if (w->arrives) {
		if (!(w->seg->flags & TCPHS_ACK) && is_synchronized(w->peer))
			tcphs_note_held(w, w->from, w->step->now_ns);
		w->peer->bits |= TCPHS_END_PROVOKED;
		tcphs_tell_anomaly(w, TCPHS_AN_SYN_IN_WINDOW);
	}
	return TCPHS_R_BAD_SYN;
}

/* A SYN at the door of a local end that has sent its own. */
static void deliver_syn(struct walk *w)
{
	if (w->arrives && is_local(w->flow, w->to) &&
	    w->peer->state == TCPHS_SYN_SENT)
		tcphs_tell_shown(w, w->to, TCPHS_GOT_SYN);
}

static void repeat_syn(struct walk *w)
{
	if (!w->leaves)
		return;
	count_one(&w->self->syns);
	if (has(w->peer, TCPHS_END_SYN_ACK))
		w->flow->bits |= TCPHS_FLOW_ASKED_AGAIN;
	tcphs_tell_anomaly(w, TCPHS_AN_SYN_RETRANSMIT);
}

static void note_client_syn(struct walk *w)
{
	if (w->step->now_ns == w->flow->first_ns)
		w->flow->bits |= TCPHS_FLOW_SYN_FIRST;
	else
		w->flow->rest->syn_ns = w->step->now_ns;
}

/*
 * The server had answered and aborted (Fast Open: before any ACK), but its RST has not
 * come to the client, whose SYN is at the listener's door once more.
 */
static bool is_asked_anew(const struct walk *w)
{
	return w->arrives && is_local(w->flow, w->to) &&
	       w->from == TCPHS_CLIENT && w->self->state == TCPHS_SYN_SENT &&
	       w->peer->state == TCPHS_CLOSE &&
	       has(w->peer, TCPHS_END_SYN_ACK | TCPHS_END_RESET) &&
	       !(w->flow->bits & TCPHS_FLOW_HS_TOLD);
}

/* The listener knows nothing of its first answer, and will begin another. */
static void forget_answer(struct walk *w)
{
	struct tcphs_flow *flow = w->flow;
	struct tcphs_end *peer = w->peer;
	struct tcphs_at *at = w->peer_at;

	*peer = (struct tcphs_end){
		.retransmits = peer->retransmits,
		.syns = peer->syns,
	};
	*at = (struct tcphs_at){
		.segments = at->segments,
		.bytes = at->bytes,
	};
	flow->bits &= (u8)~(TCPHS_FLOW_RESET | TCPHS_FLOW_HS_BAD |
			    TCPHS_FLOW_ASKED_AGAIN);
	flow->handshake = TCPHS_HS_PENDING;
	flow->rest->closer = TCPHS_NOBODY;
	flow->rest->close = TCPHS_CLOSE_OPEN;
}

enum tcphs_reason tcphs_take_syn(struct walk *w)
{
	struct tcphs_end *self = w->self;

	if (has(self, TCPHS_END_ISN) && w->seg->seq == self->isn) {
		if (is_asked_anew(w))
			forget_answer(w);
		repeat_syn(w);
		deliver_syn(w);
		return TCPHS_R_USED;
	}
	if (has(self, TCPHS_END_SEEN) || is_synchronized(w->peer))
		return refuse_syn(w);
	self->syns = 1;
	tcphs_begin_numbers(w);
	if (w->from == TCPHS_CLIENT) {
		note_client_syn(w);
	} else {
		w->flow->bits |= TCPHS_FLOW_CROSSED;
		tcphs_tell_anomaly(w, TCPHS_AN_SIMULTANEOUS_OPEN);
	}
	tcphs_tell_shown(w, w->from, TCPHS_SENT_SYN);
	deliver_syn(w);
	return TCPHS_R_USED;
}

/* Whether the SYN-ACK acknowledges a SYN, or nothing that was not sent. */
static bool has_good_ack(const struct walk *w)
{
	if (has(w->peer, TCPHS_END_ISN))
		return tcphs_acks_syn(w);
	return !has(w->peer, TCPHS_END_SEEN) ||
	       !seq_after(w->seg->ack, w->peer_at->nxt);
}

/* The client's ACK of it, which could not be verified, was seen before it. */
static bool is_overtaken(const struct walk *w)
{
	return w->self->state == TCPHS_STATE_UNKNOWN &&
	       !has(w->self, TCPHS_END_SEEN) && has(w->peer, TCPHS_END_ACKED) &&
	       w->peer_at->ack == w->seg->seq + 1;
}

/*
 * Whether a SYN-ACK with a number that this end did not use before can be its
 * answer: not if it sent a SYN itself, whose number it would repeat, nor if
 * the connection has gone on since, nor if the peer acknowledged another one.
 */
static bool can_answer(const struct walk *w)
{
	const struct tcphs_end *self = w->self;

	if (has(w->peer, TCPHS_END_ACKED) && w->peer_at->ack != w->seg->seq + 1)
		return false;
	if (is_overtaken(w))
		return true;
	return !(has(self, TCPHS_END_ISN) &&
		 (w->from == TCPHS_CLIENT || self->state == TCPHS_SYN_SENT)) &&
	       !has(self, TCPHS_END_FIN) && !is_synchronized(self) &&
	       !is_synchronized(w->peer);
}

/* The client's own SYN-ACK: a local server that sent no SYN does not take it. */
static bool can_cross(const struct walk *w)
{
	return w->from == TCPHS_SERVER || !is_local(w->flow, TCPHS_SERVER) ||
	       w->flow->bits & TCPHS_FLOW_CROSSED;
}

/* A SYN-ACK with a number that this end did not use before. */
static void begin_answer(struct walk *w)
{
	struct tcphs_end *self = w->self;

	if (is_overtaken(w))
		self->bits |= TCPHS_END_SYN_ACKED;
	drop(self, TCPHS_END_WSCALE | TCPHS_END_TS);
	tcphs_begin_numbers(w);
	tcphs_note_moment(w, TCPHS_MOMENT_SYN_ACK);
}

/* The SYN-ACK is at the door of its receiver, or nobody needs to say so. */
static void deliver_syn_ack(struct walk *w)
{
	const struct tcphs_end *peer = w->peer;

	if (!w->arrives)
		return;
	if (peer->state == TCPHS_SYN_RECV ||
	    (peer->state == TCPHS_SYN_SENT && is_local(w->flow, w->to)))
		tcphs_tell_shown(w, w->to, TCPHS_GOT_SYN_ACK);
}

/* The same SYN-ACK once more. */
static void repeat_syn_ack(struct walk *w)
{
	tcphs_tell_anomaly(w, TCPHS_AN_SYN_ACK_RETRANSMIT);
	if (has(w->self, TCPHS_END_SYNCED) || is_local(w->flow, w->from))
		return;
	if (tcphs_tell_corrected(w, w->from, TCPHS_REPEATED_SYN_ACK))
		drop(w->self, TCPHS_END_SYN_ACKED);
}

/* An end's first SYN-ACK after its own SYN: that has not come again. */
static bool is_crossed_answer(const struct walk *w)
{
	return !has(w->self, TCPHS_END_SYN_ACK) &&
	       (w->from == TCPHS_CLIENT || w->flow->bits & TCPHS_FLOW_CROSSED);
}

static void show_answer(struct walk *w)
{
	u64 held_ns = tcphs_flow_rest(w->flow)->held_ns;
	struct tcphs_end *self = w->self;

	if (tcphs_flow_moment_ns(w->flow, TCPHS_MOMENT_SYN_ACK) == TCPHS_NS_NONE)
		tcphs_note_moment(w, TCPHS_MOMENT_SYN_ACK);
	if (!has(self, TCPHS_END_SYN_ACK) && held_ns != TCPHS_NS_NONE)
		tcphs_tell_delay(w, w->step->now_ns - held_ns);
	self->bits |= TCPHS_END_SYN_ACK;
	tcphs_tell_shown(w, w->from, TCPHS_SENT_SYN_ACK);
	if (has(self, TCPHS_END_SYN_ACKED))	/* the SYN-ACKs crossed */
		tcphs_tell_shown(w, w->from, TCPHS_GOT_ACK_OF_SYN);
}

enum tcphs_reason tcphs_take_syn_ack(struct walk *w)
{
	struct tcphs_end *self = w->self;
	bool known = has(self, TCPHS_END_ISN) && w->seg->seq == self->isn;
	bool good = has_good_ack(w);

	if (known ? !can_cross(w) : !can_answer(w))
		return refuse_syn(w);
	if (!good && !w->arrives)
		return TCPHS_R_BAD_ACK;
	if (w->leaves && (good || !has(self, TCPHS_END_SYN_ACK))) {
		if (!is_crossed_answer(w))
			count_one(&self->syns);
		if (!known)
			begin_answer(w);
	}
	if (!good)
		return tcphs_refuse_ack(w, w->peer->isn + 1);
	w->flow->bits &= (u8)~TCPHS_FLOW_ASKED_AGAIN;
	tcphs_note_peer(w);
	tcphs_note_ack(w);
	if (!(w->flow->bits & TCPHS_FLOW_HS_TOLD) && !known &&
	    w->flow->handshake == TCPHS_HS_BAD) {
		w->flow->handshake = TCPHS_HS_PENDING;
		w->flow->bits &= (u8)~TCPHS_FLOW_HS_BAD;
	}
	if (w->arrives)
		w->peer->bits |= TCPHS_END_SYN_ACKED;
	if (w->leaves && has(self, TCPHS_END_SYN_ACK) && known)
		repeat_syn_ack(w);
	else if (w->leaves)
		show_answer(w);
	deliver_syn_ack(w);
	return TCPHS_R_USED;
}
