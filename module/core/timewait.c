// SPDX-License-Identifier: GPL-2.0
/*
 * TIME_WAIT, RFC 9293 sections 3.6.1 and 3.10.8: its start, its restarts, its
 * end. Of a local end they are what the host's own socket did, as the caller
 * saw it; of any other, 2 MSL. Looks at no socket and runs no timer.
 */
#include "walk.h"

#define SEC_NS		1000000000ULL

/*
 * NOTE: what a segment may bring about in the host's socket, that does within
 * the same packet, or within the next look at it.
 * GRACE: a socket that was seen ends when it is seen to; where that was missed,
 * and nobody goes on looking for it, the model's word has to do.
 */
#define NOTE_NS		(SEC_NS / 10)
#define GRACE_NS	(30 * SEC_NS)

static bool is_waiting(const struct tcphs_flow *flow, unsigned int side)
{
	return flow->end[side].state == TCPHS_TIME_WAIT;
}

static void tell_timewait(struct walk *w, unsigned int side,
			  struct tcphs_ev_timewait *ev)
{
	ev->side = (u8)side;
	ev->restarts = w->flow->rest->tw_restarts[side];
	tcphs_tell(w, TCPHS_EV_TIMEWAIT, ev, sizeof(*ev));
}

static u8 source_of(const struct tcphs_end *end)
{
	return has(end, TCPHS_END_TW_SEEN) ? TCPHS_SOURCE_OBSERVED :
					     TCPHS_SOURCE_MODELLED;
}

static void tell_start(struct walk *w, unsigned int side)
{
	struct tcphs_end *end = &w->flow->end[side];
	struct tcphs_ev_timewait ev = {
		.phase = TCPHS_TW_START,
		.source = source_of(end),
		.dur_ns = TCPHS_NS_NONE,
		.error_ns = TCPHS_NS_NONE,
	};

	end->bits |= TCPHS_END_TW_TOLD;
	tell_timewait(w, side, &ev);
}

void tcphs_tw_begin(struct walk *w, unsigned int side)
{
	struct tcphs_flow *flow = w->flow;

	flow->rest->tw_restarts[side] = 0;
	if (has(&flow->end[side], TCPHS_END_TW_SEEN)) {
		tell_start(w, side);
		return;
	}
	flow->rest->tw_until_ns[side] = w->step->now_ns + w->step->time_wait_ns;
	if (!(w->step->watched & 1U << side))
		tell_start(w, side);
}

static void tell_restart(struct walk *w, unsigned int side, u64 until_ns,
			 enum tcphs_tw_cause cause)
{
	struct tcphs_ev_timewait ev = {
		.phase = TCPHS_TW_RESTART,
		.source = source_of(&w->flow->end[side]),
		.cause = (u8)cause,
		.dur_ns = TCPHS_NS_NONE,
		.error_ns = TCPHS_NS_NONE,
	};

	w->flow->rest->tw_until_ns[side] = until_ns;
	count_one(&w->flow->rest->tw_restarts[side]);
	tell_timewait(w, side, &ev);
}

void tcphs_tw_restart(struct walk *w, unsigned int side)
{
	if (has(&w->flow->end[side], TCPHS_END_TW_SEEN) ||
	    w->step->told & 1U << side)
		return;
	if (!has(&w->flow->end[side], TCPHS_END_TW_TOLD))
		tell_start(w, side);
	tell_restart(w, side, w->step->now_ns + w->step->time_wait_ns,
		     TCPHS_TW_BY_FIN);
}

void tcphs_tw_end(struct walk *w, unsigned int side,
		  const struct tcphs_tw_gone *gone)
{
	struct tcphs_rest *rest = w->flow->rest;
	struct tcphs_end *end = &w->flow->end[side];
	u64 dur_ns = gone->end == TCPHS_TW_NEVER ? 0 :
						   gone->when_ns - end->since_ns;
	bool is_observed = gone->error_ns != TCPHS_NS_NONE;
	struct tcphs_ev_timewait ev = {
		.phase = TCPHS_TW_END,
		.end = gone->end,
		.cause = gone->cause,
		.source = is_observed ? TCPHS_SOURCE_OBSERVED :
					TCPHS_SOURCE_MODELLED,
		.dur_ns = dur_ns,
		.error_ns = gone->error_ns,
	};

	if (!has(end, TCPHS_END_TW_TOLD) && gone->end != TCPHS_TW_NEVER)
		tell_start(w, side);
	if (rest->tw_dur_ns == TCPHS_NS_NONE || rest->tw_dur_ns < dur_ns) {
		rest->tw_dur_ns = dur_ns;
		rest->tw_end = gone->end;
		rest->tw_source = ev.source;
	}
	drop(end, TCPHS_END_TW_SEEN | TCPHS_END_TW_KEPT | TCPHS_END_TW_TOLD);
	tell_timewait(w, side, &ev);
}

/* What a segment can do to a socket in TIME_WAIT: tcp_timewait_state_process(). */
static enum tcphs_tw_cause find_cause(const struct walk *w)
{
	const struct tcphs_seg *seg = w->seg;
	const struct tcphs_end *self = w->self;

	if (seg->flags & TCPHS_RST)
		return !w->step->is_rfc1337 && seg->seq == w->peer_at->ack ?
		       TCPHS_TW_BY_RST : TCPHS_TW_BY_NOTHING;
	if ((seg->flags & (TCPHS_SYN | TCPHS_ACK)) == TCPHS_SYN)
		return TCPHS_TW_BY_SYN;
	if (seg->flags & TCPHS_FIN && has(self, TCPHS_END_FIN) &&
	    w->end == self_fin(w) + 1)
		return TCPHS_TW_BY_FIN;
	if (seg->seq == w->peer_at->ack && w->end == seg->seq)
		return TCPHS_TW_BY_ACK;
	return TCPHS_TW_BY_OUT_OF_WINDOW;
}

void tcphs_tw_note(struct walk *w)
{
	if (!w->arrives ||
	    !(w->peer->bits & (TCPHS_END_TW_SEEN | TCPHS_END_ORPHAN)))
		return;
	w->flow->rest->tw_note[w->to] = (u8)find_cause(w);
	w->flow->rest->tw_note_ns[w->to] = w->step->now_ns;
}

/* What the latest segment was, if it came just now; it is spent. */
static enum tcphs_tw_cause take_note(struct tcphs_flow *flow, unsigned int side,
				     u64 now_ns)
{
	enum tcphs_tw_cause cause = flow->rest->tw_note[side];

	flow->rest->tw_note[side] = TCPHS_TW_BY_NOTHING;
	return now_ns - flow->rest->tw_note_ns[side] <= NOTE_NS ? cause : TCPHS_TW_BY_NOTHING;
}

/* The host holds no more than a small socket, and waits for the peer's FIN. */
static void note_orphan(struct tcphs_flow *flow, unsigned int side, u64 when_ns)
{
	struct tcphs_end *end = &flow->end[side];

	if (has(end, TCPHS_END_ORPHAN))
		return;
	end->bits |= TCPHS_END_ORPHAN;
	flow->rest->orphan_ns = when_ns;
}

void tcphs_flow_armed(struct tcphs_flow *flow, unsigned int side,
		      unsigned int substate, u64 when_ns, u64 until_ns,
		      struct tcphs_step *step)
{
	struct tcphs_end *end = &flow->end[side];
	bool is_new = !has(end, TCPHS_END_TW_SEEN);
	enum tcphs_tw_cause cause;
	struct walk w;

	if (!is_local(flow, side) || !has(end, TCPHS_END_FIN))
		return;
	tcphs_begin_time(&w, flow, step);
	if (substate == TCPHS_FIN_WAIT2) {
		note_orphan(flow, side, when_ns);
		flow->rest->tw_until_ns[side] = until_ns;
		return;
	}
	drop(end, TCPHS_END_ORPHAN);
	end->bits |= TCPHS_END_TW_SEEN;
	if (step->watched & 1U << side)
		end->bits |= TCPHS_END_TW_KEPT;
	if (!is_waiting(flow, side)) {
		tcphs_tell_event(&w, side, TCPHS_SOCKET_TIME_WAIT,
				 TCPHS_CAUSE_SOCKET, step->now_ns);
		flow->rest->tw_until_ns[side] = until_ns;
	} else if (!is_new) {
		cause = take_note(flow, side, step->now_ns);
		if (cause == TCPHS_TW_BY_SYN)	/* an old one, by its timestamp */
			cause = TCPHS_TW_BY_OUT_OF_WINDOW;
		tell_restart(&w, side, until_ns, cause);
	} else {
		flow->rest->tw_until_ns[side] = until_ns;
		if (has(end, TCPHS_END_TW_TOLD))
			return;
		end->since_ns = when_ns > end->since_ns ? when_ns : end->since_ns;
		tell_start(&w, side);
	}
}

/*
 * It ended early: by the segment that came just before, if one did. In an
 * orphan's FIN_WAIT2 whatever comes is answered by a RST, or is one.
 */
static void find_segment(struct tcphs_flow *flow, unsigned int side, u64 now_ns,
			 struct tcphs_tw_gone *gone)
{
	enum tcphs_tw_cause cause = take_note(flow, side, now_ns);

	if (gone->end == TCPHS_TW_EXPIRED || gone->cause == TCPHS_TW_BY_SYN)
		return;
	if (!is_waiting(flow, side) && cause)
		cause = TCPHS_TW_BY_RST;
	if (cause != TCPHS_TW_BY_RST && cause != TCPHS_TW_BY_SYN)
		return;
	gone->end = cause == TCPHS_TW_BY_RST ? TCPHS_TW_RESET : TCPHS_TW_REUSED;
	gone->cause = (u8)cause;
	if (gone->error_ns)
		gone->when_ns = flow->rest->tw_note_ns[side];
}

/* Since when the end is in the state that its small socket holds. */
static u64 begun_ns(const struct tcphs_flow *flow, unsigned int side)
{
	const struct tcphs_end *end = &flow->end[side];

	if (has(end, TCPHS_END_ORPHAN) && flow->rest->orphan_ns > end->since_ns)
		return flow->rest->orphan_ns;
	return end->since_ns;
}

void tcphs_flow_disarmed(struct tcphs_flow *flow, unsigned int side,
			 const struct tcphs_tw_gone *word,
			 struct tcphs_step *step)
{
	struct tcphs_end *end = &flow->end[side];
	struct tcphs_tw_gone gone = *word;
	enum tcphs_fsm_event event = TCPHS_SOCKET_GONE;
	struct walk w;

	if (!is_local(flow, side) ||
	    !(end->bits & (TCPHS_END_TW_SEEN | TCPHS_END_ORPHAN) ||
	      (is_waiting(flow, side) && gone.end == TCPHS_TW_NEVER)))
		return;
	tcphs_begin_time(&w, flow, step);
	find_segment(flow, side, step->now_ns, &gone);
	if (gone.when_ns < begun_ns(flow, side))	/* clocks of two CPUs */
		gone.when_ns = begun_ns(flow, side);
	w.gone = &gone;
	if (is_waiting(flow, side)) {
		tcphs_tw_end(&w, side, &gone);
		event = TCPHS_2MSL_OVER;
	}
	tcphs_tell_event(&w, side, event, TCPHS_CAUSE_SOCKET, gone.when_ns);
	drop(end, TCPHS_END_TW_SEEN | TCPHS_END_TW_KEPT | TCPHS_END_ORPHAN);
}

u64 tcphs_tw_deadline(const struct tcphs_flow *flow, unsigned int side)
{
	if (!is_waiting(flow, side) || has(&flow->end[side], TCPHS_END_TW_KEPT))
		return TCPHS_NS_NONE;
	if (has(&flow->end[side], TCPHS_END_TW_SEEN))
		return flow->rest->tw_until_ns[side] + GRACE_NS;
	return flow->rest->tw_until_ns[side];
}

void tcphs_tw_timer(struct walk *w, unsigned int side)
{
	struct tcphs_tw_gone gone = {
		.end = TCPHS_TW_EXPIRED,
		.error_ns = TCPHS_NS_NONE,
	};

	if (tcphs_tw_deadline(w->flow, side) > w->step->now_ns)
		return;
	gone.when_ns = w->flow->rest->tw_until_ns[side];
	tcphs_tw_end(w, side, &gone);
	tcphs_tell_event(w, side, TCPHS_2MSL_OVER, TCPHS_CAUSE_TIMER,
			 gone.when_ns);
}
