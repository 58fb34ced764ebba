// SPDX-License-Identifier: GPL-2.0
/*
 * The segment that everybody expects next: an opening, data in order, a close,
 * nothing lost or odd. Takes it in a straight line, to the same effect as
 * tcphs_flow_walk(), which takes whatever is left; knows no rule of its own.
 */
#include "quick.h"
#include "walk.h"

#define STATE(name)	(1U << TCPHS_##name)

/* Where an end has taken the other's SYN and may still say something. */
#define STATES_OPEN	(STATE(ESTABLISHED) | STATE(FIN_WAIT1) | \
			 STATE(FIN_WAIT2) | STATE(CLOSE_WAIT) | STATE(CLOSING) | \
			 STATE(LAST_ACK) | STATE(TIME_WAIT))

/* What is settled by the segments that follow, and only by the walk. */
#define SELF_UNSETTLED	(TCPHS_END_PROVOKED | TCPHS_END_FIN_AGAIN | \
			 TCPHS_END_DEAF | TCPHS_END_RESET)
#define PEER_UNSETTLED	(TCPHS_END_DEAF | TCPHS_END_RESET)
#define FLOW_UNSETTLED	(TCPHS_FLOW_RESET | TCPHS_FLOW_CROSSED | \
			 TCPHS_FLOW_HS_BAD)

static inline bool is_in(const struct tcphs_end *end, u32 states)
{
	return 1U << end->state & states;
}

static inline void begin(struct walk *w, struct tcphs_flow *flow,
			 unsigned int from, const struct tcphs_seg *seg,
			 struct tcphs_step *step)
{
	*w = (struct walk){
		.flow = flow,
		.step = step,
		.seg = seg,
		.from = from,
		.to = other(from),
		.self = &flow->end[from],
		.peer = &flow->end[other(from)],
		.self_at = &flow->at[from],
		.peer_at = &flow->at[other(from)],
		.end = seg->seq + seg->len,
	};
}

/* It counts; from here on it is taken. */
static inline void count(struct walk *w)
{
	w->self_at->segments += w->arrives;
	w->flow->last_flags[w->from] = w->seg->flags;
}

static inline void raise_clock(struct walk *w)
{
	if (w->step->now_ns <= w->flow->stamp_ns)
		w->step->now_ns = w->flow->stamp_ns + 1;
}

/* ---- neither SYN nor RST ---- */

static inline bool is_plain(const struct tcphs_seg *seg)
{
	return (seg->flags &
		~(u32)(TCPHS_PSH | TCPHS_ECE | TCPHS_CWR | TCPHS_FIN)) ==
	       TCPHS_ACK;
}

/* Both have opened, or this is the ACK that completes it. */
static inline bool is_opened(const struct walk *w)
{
	if (w->peer->bits & TCPHS_END_SYN_ACKED)
		return is_in(w->self, STATES_OPEN) && is_in(w->peer, STATES_OPEN);
	return w->peer->state == TCPHS_SYN_RECV && has(w->peer, TCPHS_END_SYN_ACK) &&
	       is_in(w->self, STATES_OPEN | STATE(SYN_SENT)) &&
	       seq_after(w->seg->ack, w->peer->isn);
}

/* Of FINs, too, nothing is missing. */
static inline bool has_fins_in_order(const struct walk *w)
{
	u32 self = w->self->bits & (TCPHS_END_FIN | TCPHS_END_FIN_TAKEN);
	u32 peer = w->peer->bits & (TCPHS_END_FIN | TCPHS_END_FIN_TAKEN);

	if (peer && (peer == TCPHS_END_FIN ||
		     !seq_after(w->peer_at->whole, peer_fin(w))))
		return false;
	if (!w->leaves)			/* this FIN itself */
		return w->end == self_fin(w);
	if (!self)
		return true;
	return w->seg->seq == self_fin(w) + 1 && !w->seg->len &&
	       !(w->seg->flags & TCPHS_FIN);
}

/* Which of the history's letters stands for it. */
static inline u32 kind_of(const struct tcphs_seg *seg)
{
	if (seg->flags & TCPHS_FIN)
		return TCPHS_END_HIST_FIN;
	return seg->len ? TCPHS_END_HIST_DATA : TCPHS_END_HIST_ACK;
}

/* A FIN has its room; a letter may need some. One to TIME_WAIT begins it anew. */
static inline bool has_room(const struct walk *w)
{
	if (w->seg->flags & TCPHS_FIN && w->peer->state == TCPHS_TIME_WAIT)
		return false;
	return w->flow->rest || !(w->seg->flags & TCPHS_FIN ||
				  tcphs_history_is_full(w->flow));
}

static inline bool has_good_numbers(const struct walk *w)
{
	const struct tcphs_seg *seg = w->seg;
	const struct tcphs_at *self = w->self_at, *peer = w->peer_at;
	u32 end = w->end + (seg->flags & TCPHS_FIN);	/* it is bit 0 */

	if (seg->seq != self->whole ||
	    self->nxt != (w->leaves ? seg->seq : end) ||
	    seq_after(peer->ack, seg->seq) || seq_after(seg->seq, peer->edge) ||
	    seq_after(seg->ack, peer->whole) ||
	    peer->nxt - seg->ack > 1U << 30 ||
	    tcphs_at_overflows(self, seg) || !seg->win)
		return false;
	if (has(w->self, TCPHS_END_ACKED) && seq_before(seg->ack, self->ack))
		return false;
	return !(has(w->self, TCPHS_END_TS) && seg->options & TCPHS_OPT_TS &&
		 tcphs_is_back(self->ts_recent, seg->tsval));
}

/* Where it leaves and arrives, of a FIN; all else is seen where it arrives. */
static inline void find_halves(struct walk *w, enum tcphs_pass pass)
{
	w->arrives = pass != TCPHS_PASS_OUT;
	w->leaves = pass != TCPHS_PASS_IN || !(w->seg->flags & TCPHS_FIN) ||
		    !has(w->self, TCPHS_END_FIN);
}

static inline bool is_plain_expected(const struct walk *w)
{
	const struct tcphs_flow *flow = w->flow;
	const u32 opened = TCPHS_END_SEEN | TCPHS_END_ISN;

	return has(w->self, opened) && has(w->peer, opened | TCPHS_END_ACKED) &&
	       !(w->self->bits & SELF_UNSETTLED) &&
	       !(w->peer->bits & PEER_UNSETTLED) &&
	       !(flow->bits & FLOW_UNSETTLED) && is_opened(w) &&
	       has_fins_in_order(w) && has_good_numbers(w) && has_room(w);
}

static inline void take_ack(struct walk *w)
{
	u32 ack = w->seg->ack;
	u32 win = (u32)w->seg->win << tcphs_window_shift(w->flow, w->from);
	u32 edge = ack + win;

	w->self_at->ack = ack;
	if (!has(w->self, TCPHS_END_ACKED) || seq_after(edge, w->self_at->edge))
		w->self_at->edge = edge;
	if (win > w->self_at->window)
		w->self_at->window = win;
	w->self->bits |= TCPHS_END_ACKED;
}

/* Of a FIN that was seen to leave, its sender's half has been taken. */
static inline void take_stream(struct walk *w)
{
	const struct tcphs_seg *seg = w->seg;
	u32 bits = TCPHS_END_SYNCED;

	if (w->arrives)
		w->self_at->bytes += seg->len;
	if (w->leaves && seg->len)
		bits |= TCPHS_END_DATA;
	if (w->leaves && w->end != seg->seq) {
		w->self_at->nxt = w->end;
		drop(w->self, TCPHS_END_HELD);
	}
	if (w->arrives && w->end != seg->seq) {
		bits |= TCPHS_END_HELD;
		if (seg->flags & TCPHS_FIN)
			bits |= TCPHS_END_FIN_CAME;
		if (!w->leaves)		/* history.c: as if a hole was filled */
			bits |= TCPHS_END_PATCHED;
		w->self_at->whole = w->end;
	}
	w->self->bits |= bits;
}

static inline void take_timestamp(struct walk *w)
{
	if (w->arrives && w->seg->options & TCPHS_OPT_TS)
		tcphs_note_timestamp(w);
}

/* All that a segment does which tells nothing: the clock is not asked. */
static inline void take_numbers(struct walk *w)
{
	count(w);
	if (!(w->self->bits & kind_of(w->seg)))
		tcphs_history_note(w);
	take_ack(w);
	take_timestamp(w);
	take_stream(w);
}

/* flow.c's first step, of the ACK that completes the opening. */
static void take_opening(struct walk *w)
{
	w->peer->bits |= TCPHS_END_SYN_ACKED;
	if (w->self->state == TCPHS_SYN_SENT)
		tcphs_tell_shown(w, w->from, TCPHS_GOT_SYN_ACK);
}

static inline bool expect_plain(struct walk *w)
{
	find_halves(w, w->step->pass);
	if (!is_plain_expected(w))
		return false;
	w->end += w->seg->flags & TCPHS_FIN;
	raise_clock(w);
	if (w->peer->bits & (TCPHS_END_TW_SEEN | TCPHS_END_ORPHAN))
		tcphs_tw_note(w);
	if (!has(w->peer, TCPHS_END_SYN_ACKED))
		take_opening(w);
	take_numbers(w);
	if (w->seg->flags & TCPHS_FIN && w->leaves)
		tcphs_show_fin(w);
	if (w->arrives)
		tcphs_deliver_plain(w);
	if (!(w->flow->bits & TCPHS_FLOW_HS_TOLD))
		tcphs_complete_handshake(w);
	tcphs_note_quick(w->flow);
	return true;
}

/* ---- SYN ---- */

/* What a SYN may bring along that is told apart. */
static inline bool is_odd(const struct tcphs_seg *seg)
{
	return !seg->win || seg->options & TCPHS_OPT_BAD_WSCALE;
}

/* The client's first. */
static inline bool expect_syn(struct walk *w)
{
	struct tcphs_flow *flow = w->flow;

	if (flow->bits & TCPHS_FLOW_BEGUN || w->from != TCPHS_CLIENT ||
	    flow->handshake != TCPHS_HS_PENDING || is_odd(w->seg))
		return false;
	w->end++;
	w->arrives = w->step->pass != TCPHS_PASS_OUT;
	raise_clock(w);
	count(w);
	flow->bits |= TCPHS_FLOW_BEGUN | TCPHS_FLOW_SYN_FIRST;
	flow->first_ns = w->step->now_ns;
	tcphs_history_note(w);
	w->self->syns = 1;
	tcphs_begin_numbers(w);
	tcphs_tell_shown(w, w->from, TCPHS_SENT_SYN);
	tcphs_note_quick(flow);
	return true;
}

/* It arrives, as it was seen to leave. */
static inline bool is_syn_again(const struct walk *w, enum tcphs_pass pass)
{
	return pass == TCPHS_PASS_IN && w->self->state == TCPHS_SYN_SENT &&
	       has(w->self, TCPHS_END_ISN) && w->seg->seq == w->self->isn &&
	       w->self_at->nxt == w->self_at->whole && w->seg->win &&
	       w->peer->state == TCPHS_STATE_UNKNOWN && !w->peer->bits &&
	       !(w->flow->bits & FLOW_UNSETTLED) &&
	       !tcphs_at_overflows(w->self_at, w->seg) && has_room(w);
}

/* ---- SYN-ACK ---- */

/* The server's first, of which nothing was known; or it was seen to leave. */
static inline bool is_answer(const struct walk *w)
{
	const struct tcphs_end *self = w->self;

	if (w->leaves)
		return self->state == TCPHS_STATE_UNKNOWN && !self->bits;
	return self->state == TCPHS_SYN_RECV && w->seg->seq == self->isn &&
	       has(self, TCPHS_END_ISN | TCPHS_END_SYN_ACK | TCPHS_END_ACKED) &&
	       !(self->bits & (SELF_UNSETTLED | TCPHS_END_SYN_ACKED)) &&
	       w->self_at->nxt == w->self_at->whole &&
	       w->self_at->ack == w->seg->ack;
}

static inline bool is_answer_expected(const struct walk *w)
{
	const struct tcphs_end *peer = w->peer;
	const struct tcphs_flow *flow = w->flow;

	return w->from == TCPHS_SERVER && flow->handshake == TCPHS_HS_PENDING &&
	       !(flow->bits & (FLOW_UNSETTLED | TCPHS_FLOW_ASKED_AGAIN |
			       TCPHS_FLOW_HS_TOLD)) &&
	       peer->state == TCPHS_SYN_SENT && has(peer, TCPHS_END_ISN) &&
	       !(peer->bits & (TCPHS_END_ACKED | TCPHS_END_DEAF)) &&
	       is_answer(w) && seq_after(w->seg->ack, peer->isn) &&
	       !seq_after(w->seg->ack, w->peer_at->whole) &&
	       !seq_after(w->seg->ack, w->peer_at->nxt) && !is_odd(w->seg) &&
	       tcphs_flow_rest(flow)->held_ns == TCPHS_NS_NONE &&
	       !tcphs_at_overflows(w->self_at, w->seg) && has_room(w);
}

static void begin_answer_of(struct walk *w)
{
	count_one(&w->self->syns);
	tcphs_begin_numbers(w);
	tcphs_note_moment(w, TCPHS_MOMENT_SYN_ACK);
	tcphs_note_ack(w);
	w->self->bits |= TCPHS_END_SYN_ACK;
	tcphs_tell_shown(w, w->from, TCPHS_SENT_SYN_ACK);
}

static inline bool expect_syn_ack(struct walk *w)
{
	w->end++;
	w->arrives = w->step->pass != TCPHS_PASS_OUT;
	w->leaves = w->step->pass != TCPHS_PASS_IN ||
		    !has(w->self, TCPHS_END_SYN_ACK);
	if (!is_answer_expected(w))
		return false;
	raise_clock(w);
	count(w);
	if (!has(w->self, TCPHS_END_HIST_SYN))
		tcphs_history_note(w);
	if (w->leaves)
		begin_answer_of(w);
	else
		tcphs_note_ack(w);
	if (w->arrives) {
		w->peer->bits |= TCPHS_END_SYN_ACKED;
		if (is_local(w->flow, w->to))
			tcphs_tell_shown(w, w->to, TCPHS_GOT_SYN_ACK);
	}
	tcphs_note_quick(w->flow);
	return true;
}

tcphs_straight bool tcphs_expect(struct tcphs_flow *flow, unsigned int from,
				 const struct tcphs_seg *seg,
				 struct tcphs_step *step)
{
	u32 flags = seg->flags & ~(u32)(TCPHS_ECE | TCPHS_CWR);
	struct walk w;

	begin(&w, flow, from, seg, step);
	if (is_plain(seg))
		return expect_plain(&w);
	if (flags == TCPHS_SYN)
		return expect_syn(&w);
	return flags == (TCPHS_SYN | TCPHS_ACK) && expect_syn_ack(&w);
}

/*
 * Most that are not quiet show it at once: what is answered for the first time is
 * told, and so is each SYN, but for one that was seen to leave.
 */
static inline bool may_be_quiet(const struct tcphs_flow *flow, unsigned int from,
				const struct tcphs_seg *seg,
				enum tcphs_pass pass)
{
	u32 self = flow->end[from].bits, peer = flow->end[other(from)].bits;

	if (seg->flags & TCPHS_SYN)
		return pass == TCPHS_PASS_IN && !(seg->flags & TCPHS_ACK);
	return !(seg->flags & TCPHS_FIN) && flow->bits & TCPHS_FLOW_HS_TOLD &&
	       peer & TCPHS_END_SYN_ACKED &&
	       (!(peer & TCPHS_END_FIN) || peer & TCPHS_END_FIN_ACKED) &&
	       (!(self & TCPHS_END_FIN) || self & TCPHS_END_FIN_TAKEN) &&
	       !(peer & (TCPHS_END_TW_SEEN | TCPHS_END_ORPHAN));
}

tcphs_straight bool tcphs_flow_quiet(struct tcphs_flow *flow, unsigned int from,
				     const struct tcphs_seg *seg,
				     enum tcphs_pass pass)
{
	struct walk w;

	if (!may_be_quiet(flow, from, seg, pass))
		return false;
	begin(&w, flow, from, seg, NULL);
	if (is_plain(seg)) {
		find_halves(&w, pass);
		if (!w.arrives || !is_plain_expected(&w))
			return false;
		take_numbers(&w);
		tcphs_note_quick(flow);
		return true;
	}
	if ((seg->flags & ~(u32)(TCPHS_ECE | TCPHS_CWR)) != TCPHS_SYN ||
	    !is_syn_again(&w, pass))
		return false;
	w.arrives = true;
	count(&w);
	return true;
}
