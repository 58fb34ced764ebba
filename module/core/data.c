// SPDX-License-Identifier: GPL-2.0
/*
 * Segments with neither SYN nor RST: ACKs, data and FINs, in the four steps
 * that flow.c names.
 */
#include "walk.h"

/* Step 1: the sender acknowledges the peer's SYN, so it has taken it. */
static void show_syn_taken(struct walk *w)
{
	struct tcphs_end *peer = w->peer;
	enum tcphs_fsm_event event = TCPHS_GOT_SYN_ACK;

	if (!tcphs_acks_syn(w) || has(peer, TCPHS_END_SYN_ACKED))
		return;
	peer->bits |= TCPHS_END_SYN_ACKED;
	if (peer->state == TCPHS_STATE_UNKNOWN) {
		/* It takes a SYN-ACK whose number was wrong for a good one. */
		w->self->bits |= TCPHS_END_SYN_ACKED;
		tcphs_tell_shown(w, w->to, TCPHS_SENT_SYN_ACK);
		drop(peer, TCPHS_END_SINCE);	/* not since now */
	} else if (!has(peer, TCPHS_END_SYN_ACK)) {
		event = TCPHS_GOT_SYN;
	}
	if (!is_synchronized(w->self) && w->self->state != TCPHS_SYN_RECV &&
	    !has(w->self, TCPHS_END_FIN))
		tcphs_tell_shown(w, w->from, event);
	if (w->self->state == TCPHS_SYN_RECV && has(w->self, TCPHS_END_SYN_ACKED))
		tcphs_tell_shown(w, w->from, TCPHS_GOT_ACK_OF_SYN);
}

/*
 * Step 1: the sender has taken the peer's data, all of which came with an ACK
 * of the sender's own SYN; or, after its listener had refused one, it sends data,
 * or has taken the peer's FIN.
 */
static void show_data_taken(struct walk *w)
{
	bool taken = has(w->peer, TCPHS_END_DATA) &&
		     seq_after(w->seg->ack, w->peer->isn + 1);

	if (has(w->self, TCPHS_END_DEAF) &&
	    (w->seg->len > 0 || (has(w->peer, TCPHS_END_FIN) &&
				 seq_after(w->seg->ack, peer_fin(w)))))
		taken = true;
	if (w->self->state != TCPHS_SYN_RECV || !taken)
		return;
	w->self->bits |= TCPHS_END_SYN_ACKED;
	tcphs_tell_shown(w, w->from, TCPHS_GOT_ACK_OF_SYN);
}

/*
 * The peer had taken the sender's FIN before it sent its own: every copy of
 * that carries the ACK of the sender's.
 */
static bool is_answered_by_fin(const struct walk *w)
{
	const struct tcphs_rest *rest = tcphs_flow_rest(w->flow);

	return rest->closer == w->from && has(w->self, TCPHS_END_FIN) &&
	       (rest->fins == TCPHS_CLOSE_FIN3 || rest->fins == TCPHS_CLOSE_FIN4);
}

/* Step 1: the sender acknowledges the peer's FIN. */
static void show_fin_taken(struct walk *w)
{
	struct tcphs_end *peer = w->peer;

	if (!has(peer, TCPHS_END_FIN) || has(peer, TCPHS_END_FIN_TAKEN) ||
	    !seq_after(w->seg->ack, peer_fin(w)))
		return;
	peer->bits |= TCPHS_END_FIN_TAKEN;
	if (is_answered_by_fin(w)) {
		w->self->bits |= TCPHS_END_FIN_ACKED;
		tcphs_tell_shown(w, w->from, TCPHS_GOT_ACK_OF_FIN);
	}
	tcphs_tell_shown(w, w->from, TCPHS_GOT_FIN);
	/* The ACK of its own FIN stood behind the FIN that it has taken now. */
	if (has(w->self, TCPHS_END_FIN_ACKED))
		tcphs_tell_shown(w, w->from, TCPHS_GOT_ACK_OF_FIN);
}

/* Step 2: something new. Neither end had closed if both send that. */
static void show_open(struct walk *w)
{
	if (!has(w->peer, TCPHS_END_DATA) || has(w->peer, TCPHS_END_FIN))
		return;
	tcphs_tell_shown(w, w->from, TCPHS_SENT_DATA);
	tcphs_tell_shown(w, w->to, TCPHS_SENT_DATA);
}

/* How the FINs are exchanged is decided by what the second one acknowledges. */
static void note_fin(struct walk *w)
{
	struct tcphs_rest *rest = w->flow->rest;

	rest->fin[w->from] = w->seg->seq + w->seg->len;
	w->self->bits |= TCPHS_END_FIN;
	if (!has(w->peer, TCPHS_END_FIN)) {
		rest->fin_ns[0] = w->step->now_ns;
		rest->closer = (u8)w->from;
		return;
	}
	rest->fin_ns[1] = w->step->now_ns;
	if (!seq_after(w->seg->ack, peer_fin(w))) {
		rest->fins = TCPHS_CLOSE_SIMULTANEOUS;
		rest->closer = TCPHS_BOTH;
	} else if (has(w->peer, TCPHS_END_FIN_ACKED)) {
		rest->fins = TCPHS_CLOSE_FIN4;
	} else {
		rest->fins = TCPHS_CLOSE_FIN3;
	}
}

static tcphs_apart void repeat_fin(struct walk *w)
{
	struct tcphs_end *self = w->self;

	count_one(&w->flow->rest->fin_retransmits[w->from]);
	tcphs_tell_anomaly(w, TCPHS_AN_FIN_RETRANSMIT);
	/* An old copy, if the end has taken the FIN that brought the ACK along. */
	if (!is_local(w->flow, w->from) &&
	    !(is_answered_by_fin(w) && has(w->peer, TCPHS_END_FIN_TAKEN)) &&
	    tcphs_tell_corrected(w, w->from, TCPHS_REPEATED_FIN))
		drop(self, TCPHS_END_FIN_ACKED);
}

/* A FIN that comes to TIME_WAIT: at a local end's door, or on the way there. */
static void restart_timewait(struct walk *w)
{
	if (is_local(w->flow, w->to))
		tcphs_tw_restart(w, w->to);
	else
		w->peer->bits |= TCPHS_END_FIN_AGAIN;
}

/*
 * A local end may have sent its FIN before the peer's came to its door, and
 * yet be seen later: over loopback, or from a socket that was just closing.
 */
static void tell_fin(struct walk *w)
{
	if (w->flow->rest->fins == TCPHS_CLOSE_SIMULTANEOUS &&
	    w->self->state == TCPHS_CLOSE_WAIT)
		tcphs_tell_shown(w, w->from, TCPHS_CROSSING_FIN);
	else
		tcphs_tell_shown(w, w->from, TCPHS_SENT_FIN);
}

/* The ACK of this FIN was seen before the FIN was. */
static tcphs_apart void note_late_fin(struct walk *w)
{
	w->self->bits |= TCPHS_END_FIN_TAKEN | TCPHS_END_FIN_ACKED;
	tcphs_tell_shown(w, w->to, TCPHS_GOT_FIN);
	tcphs_tell_shown(w, w->from, TCPHS_GOT_ACK_OF_FIN);
}

void tcphs_show_fin(struct walk *w)
{
	struct tcphs_end *self = w->self;

	if (has(self, TCPHS_END_FIN) && w->end == self_fin(w) + 1) {
		repeat_fin(w);
		return;
	}
	note_fin(w);
	tell_fin(w);
	if (has(w->peer, TCPHS_END_ACKED) && seq_after(w->peer_at->ack, self_fin(w)))
		note_late_fin(w);
}

/*
 * Step 2: what the sender has done by sending this. What counts of timestamps
 * is the order in which they arrive.
 */
static void show_sent(struct walk *w)
{
	u32 after = w->seg->seq + w->seg->len;
	bool fin = w->seg->flags & TCPHS_FIN;

	if ((w->seg->len > 0 && seq_after(after, w->self_at->nxt)) ||
	    (fin && !has(w->self, TCPHS_END_FIN)))
		show_open(w);
	if (w->arrives)
		tcphs_note_timestamp(w);
	tcphs_note_data(w);
	w->self->bits |= TCPHS_END_SYNCED;
	if (fin && w->leaves)
		tcphs_show_fin(w);
}

/*
 * Step 3: the receiver gets the acknowledgment. One that stands behind a FIN
 * which the receiver has not been seen to take waits for that: an ACK in
 * order reaches CLOSING, not FIN_WAIT2.
 */
static void deliver_ack(struct walk *w)
{
	struct tcphs_flow *flow = w->flow;
	struct tcphs_end *self = w->self;
	struct tcphs_end *peer = w->peer;

	if (w->step->is_linux && is_local(flow, w->to) &&
	    has(peer, TCPHS_END_ACKED) && seq_before(w->end, w->peer_at->ack))
		return;		/* tcp_sequence() drops what BSD takes the ACK of */
	if (peer->state == TCPHS_SYN_RECV && tcphs_acks_syn(w) &&
	    !has(peer, TCPHS_END_DEAF))
		tcphs_tell_shown(w, w->to, TCPHS_GOT_ACK_OF_SYN);
	if (!has(peer, TCPHS_END_FIN) || has(peer, TCPHS_END_FIN_ACKED) ||
	    !seq_after(w->seg->ack, peer_fin(w)))
		return;
	peer->bits |= TCPHS_END_FIN_ACKED;
	if (!has(self, TCPHS_END_FIN) || has(self, TCPHS_END_FIN_TAKEN) ||
	    is_local(flow, w->to) || !seq_after(w->seg->seq, self_fin(w)))
		tcphs_tell_shown(w, w->to, TCPHS_GOT_ACK_OF_FIN);
	if (has(self, TCPHS_END_FIN_ACKED) && flow->rest->close == TCPHS_CLOSE_OPEN)
		flow->rest->close = flow->rest->fins;
}

/*
 * Step 4: the FIN of @sender is at the door of a local receiver, and nothing
 * before it is missing. A listener that did not take an ACK may not take it either.
 */
static void deliver_fin(struct walk *w, unsigned int sender)
{
	struct tcphs_flow *flow = w->flow;
	const struct tcphs_end *receiver = &flow->end[other(sender)];
	struct tcphs_end *end = &flow->end[sender];

	if (!has(end, TCPHS_END_FIN) || has(end, TCPHS_END_FIN_TAKEN) ||
	    !is_local(flow, other(sender)) ||
	    !seq_after(flow->at[sender].whole, flow->rest->fin[sender]) ||
	    receiver->state == TCPHS_SYN_SENT ||
	    (receiver->state == TCPHS_SYN_RECV && has(receiver, TCPHS_END_DEAF)))
		return;
	end->bits |= TCPHS_END_FIN_TAKEN;
	tcphs_tell_shown(w, other(sender), TCPHS_GOT_FIN);
}

/*
 * Behind its own FIN a sender has nothing to say but an ACK. Of a FIN that came
 * early that is certain from one window behind it on.
 */
static bool is_behind_fin(const struct walk *w)
{
	const struct tcphs_end *self = w->self;

	if (!has(self, TCPHS_END_FIN))
		return false;
	return seq_after(w->seg->seq - WINDOW_MAX, self_fin(w)) ||
	       (seq_after(w->self_at->whole, self_fin(w)) &&
		seq_after(w->end, self_fin(w) + 1));
}

/*
 * Whether the FIN can stand where it does. One that is in order is taken,
 * whatever came early; what was taken as something else is no FIN any more.
 */
static bool is_fin_in_place(const struct walk *w)
{
	const struct tcphs_end *self = w->self;
	u32 fin = w->end - 1;

	if (has(self, TCPHS_END_FIN) && fin == self_fin(w))
		return true;
	if (seq_before(fin, w->self_at->whole))
		return false;
	if (!seq_after(w->seg->seq, w->self_at->whole))
		return true;
	return !has(self, TCPHS_END_FIN) && !seq_before(w->end, w->self_at->nxt);
}

/* Whether @w's sequence numbers can be this sender's: RFC 9293 3.10.7.4, first. */
static enum tcphs_reason check_seq(struct walk *w)
{
	const struct tcphs_end *self = w->self;

	if (tcphs_is_older_timestamp(w->flow, w->from, w->seg))	/* PAWS, RFC 7323 5.3 */
		return TCPHS_R_OUT_OF_WINDOW;
	if (tcphs_is_beyond_window(w))
		return tcphs_refuse_seq(w, w->self_at->nxt);
	if (is_behind_fin(w))
		return TCPHS_R_USED;
	if (w->seg->flags & TCPHS_FIN && !is_fin_in_place(w))
		return tcphs_refuse_seq(w, has(self, TCPHS_END_FIN) ?
					   self_fin(w) : w->self_at->nxt);
	return TCPHS_R_USED;
}

/*
 * Up to where the peer can have sent: as far as was seen; in a connection that
 * was there before, as far as it was allowed to, but not behind its FIN.
 */
static u32 sent_most(const struct walk *w)
{
	const struct tcphs_end *self = w->self;

	if (w->flow->handshake == TCPHS_HS_MIDSTREAM &&
	    !has(w->peer, TCPHS_END_FIN) &&
	    has(self, TCPHS_END_ACKED) && seq_after(w->self_at->edge, w->peer_at->nxt))
		return w->self_at->edge;
	return w->peer_at->nxt;
}

/*
 * Down to where it can be acknowledged: RFC 5961 5. The last segment before a
 * window's edge may end behind it; what was acknowledged may be so again.
 */
static u32 sent_least(const struct walk *w)
{
	u32 least = w->peer_at->nxt - WINDOW_MAX;

	if (has(w->self, TCPHS_END_ACKED) && seq_before(w->self_at->ack, least))
		return w->self_at->ack;
	return least;
}

/* Whether it acknowledges what was sent: RFC 9293 3.10.7.4, fifth. */
static enum tcphs_reason check_ack(struct walk *w)
{
	const struct tcphs_end *peer = w->peer;

	if (!has(peer, TCPHS_END_SEEN))
		return TCPHS_R_USED;
	if (has(peer, TCPHS_END_ISN) && !has(peer, TCPHS_END_SYN_ACKED) &&
	    !tcphs_acks_syn(w))
		return tcphs_refuse_ack(w, peer->isn + 1);
	if (!seq_between(sent_least(w), w->seg->ack, sent_most(w)))
		return tcphs_refuse_ack(w, w->peer_at->nxt);
	if (tcphs_is_old_ack(w))
		return tcphs_refuse_ack(w, w->self_at->ack);
	return TCPHS_R_USED;
}

/*
 * An ACK from an end whose own SYN was not seen, in a connection whose opening
 * was. RFC 9293 3.10.7.3: it moves no end that is in SYN_SENT.
 */
static enum tcphs_reason take_before_syn(struct walk *w)
{
	if (tcphs_acks_syn(w) && !(w->seg->flags & TCPHS_FIN))
		return TCPHS_R_USED;
	if (w->seg->flags & TCPHS_FIN) {
		if (w->arrives)
			tcphs_tell_anomaly(w, TCPHS_AN_OUT_OF_WINDOW);
		return TCPHS_R_OUT_OF_WINDOW;
	}
	tcphs_note_held(w, w->to, tcphs_flow_syn_ns(w->flow));
	tcphs_tell_expected(w, TCPHS_AN_CHALLENGE_ACK, w->peer->isn + 1);
	return TCPHS_R_BAD_ACK;
}

/*
 * The end in SYN_SENT sends an ACK although no SYN-ACK was seen: it must have
 * got one. Its numbers are not known, the handshake is not verified.
 */
static enum tcphs_reason miss_syn_ack(struct walk *w)
{
	if (w->seg->flags & TCPHS_FIN || w->seg->seq != w->self_at->nxt)
		return tcphs_refuse_seq(w, w->self_at->nxt);
	w->flow->handshake = TCPHS_HS_MIDSTREAM;
	w->self->bits |= TCPHS_END_SYN_ACKED;
	tcphs_tell_anomaly(w, TCPHS_AN_MIDSTREAM);
	tcphs_tell_shown(w, w->from, TCPHS_GOT_SYN_ACK);
	return TCPHS_R_USED;
}

/* Older than any window: its sender has gone on since. */
static bool is_far_behind(const struct walk *w)
{
	return has(w->peer, TCPHS_END_ACKED) &&
	       seq_before(w->seg->seq, w->peer_at->ack - WINDOW_MAX + 1);
}

/* What has to be settled before the numbers of this end can be judged. */
static enum tcphs_reason enter(struct walk *w)
{
	struct tcphs_end *self = w->self;

	if (self->state == TCPHS_SYN_SENT && !has(w->peer, TCPHS_END_SEEN))
		return miss_syn_ack(w);
	if (has(self, TCPHS_END_SEEN))
		return TCPHS_R_USED;
	if (w->flow->handshake != TCPHS_HS_MIDSTREAM &&
	    w->peer->state == TCPHS_SYN_SENT)
		return take_before_syn(w);
	if (tcphs_is_beyond_window(w) || is_far_behind(w))
		return tcphs_refuse_seq(w, w->peer_at->ack);
	w->self_at->nxt = w->seg->seq;
	/* What the peer has not acknowledged may have been sent before. */
	if (!has(w->peer, TCPHS_END_ACKED) || !seq_after(w->seg->seq, w->self_at->whole))
		w->self_at->whole = w->seg->seq;
	self->bits |= TCPHS_END_SEEN;
	return TCPHS_R_USED;
}

static void note_challenge(struct walk *w)
{
	if (!has(w->self, TCPHS_END_PROVOKED))
		return;
	drop(w->self, TCPHS_END_PROVOKED);
	if (w->seg->len == 0 && !(w->seg->flags & TCPHS_FIN))
		tcphs_tell_anomaly(w, TCPHS_AN_CHALLENGE_ACK);
}

/*
 * All of it was acknowledged before it came: RFC 9293 3.10.7.4, first, and
 * tcp_sequence(). Its receiver answers with an ACK and looks no further. One
 * below, where keep-alives stand, what it acknowledges is believed: it cannot be
 * newer unless its sender is.
 */
static bool is_stale(const struct walk *w)
{
	return has(w->peer, TCPHS_END_ACKED) && !tcphs_is_beyond_window(w) &&
	       seq_before(w->end + 1, w->peer_at->ack);
}

/* Steps 1 and 2: what the segment shows of its sender. */
static void show_all(struct walk *w)
{
	tcphs_note_peer(w);
	show_syn_taken(w);
	show_data_taken(w);
	show_fin_taken(w);
	tcphs_note_ack(w);
	deliver_fin(w, w->to);		/* may have filled a gap */
	if (!is_behind_fin(w))
		show_sent(w);
	else if (w->arrives)
		tcphs_tell_expected(w, TCPHS_AN_OUT_OF_WINDOW, self_fin(w));
}

/* Steps 3 and 4: what its receiver gets; and what that answers. */
void tcphs_deliver_plain(struct walk *w)
{
	deliver_ack(w);
	deliver_fin(w, w->from);
	note_challenge(w);
	if (w->self->state == TCPHS_TIME_WAIT && has(w->self, TCPHS_END_FIN_AGAIN)) {
		drop(w->self, TCPHS_END_FIN_AGAIN);
		tcphs_tw_restart(w, w->from);
	}
}

static enum tcphs_reason judge(struct walk *w)
{
	enum tcphs_reason reason = check_seq(w);

	return reason == TCPHS_R_USED ? check_ack(w) : reason;
}

enum tcphs_reason tcphs_take_plain(struct walk *w)
{
	enum tcphs_reason reason = enter(w);
	bool again;

	if (reason != TCPHS_R_USED || !has(w->self, TCPHS_END_SEEN))
		return reason;
	if (tcphs_is_before_isn(w))
		return tcphs_refuse_seq(w, w->self_at->nxt);
	if (is_stale(w)) {
		tcphs_note_data(w);
		return TCPHS_R_USED;
	}
	reason = judge(w);
	if (reason != TCPHS_R_USED)
		return reason;
	again = w->seg->flags & TCPHS_FIN && w->peer->state == TCPHS_TIME_WAIT;
	show_all(w);
	if (again && w->arrives)
		restart_timewait(w);
	if (w->arrives)
		tcphs_deliver_plain(w);
	return TCPHS_R_USED;
}
