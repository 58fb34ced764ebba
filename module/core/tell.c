// SPDX-License-Identifier: GPL-2.0
/*
 * Moves an end through the table and tells what happened, as the events of
 * the UAPI. Decides nothing about sequence numbers.
 */
#include "walk.h"

void tcphs_tell(struct walk *w, unsigned int type, const void *payload,
		size_t size)
{
	w->flow->stamp_ns = w->step->now_ns;
	w->step->emit(w->step, w->flow, type, payload, size);
}

static void fill_seg(struct tcphs_seg_info *info, const struct walk *w)
{
	if (!w->seg)
		return;
	info->seq = w->seg->seq;
	info->ack = w->seg->ack;
	info->len = w->seg->len;
	info->flags = w->seg->flags;
	info->win = w->seg->win;
	info->from = (u8)w->from;
	info->present = 1;
}

/* When the last of both came to CLOSE or TIME_WAIT; not moved by 2 MSL. */
static void note_done(struct tcphs_flow *flow, u64 when_ns)
{
	struct tcphs_rest *rest = flow->rest;

	if (!rest)			/* nothing has closed yet */
		return;
	if (!tcphs_flow_is_done(flow))
		rest->done_ns = TCPHS_NS_NONE;
	else if (rest->done_ns == TCPHS_NS_NONE)
		rest->done_ns = when_ns;
}

/* Left by a RST; or by a correction: then it had never begun. */
static void leave_timewait(struct walk *w, unsigned int side, u64 when_ns)
{
	struct tcphs_tw_gone gone = {
		.end = TCPHS_TW_RESET,
		.cause = TCPHS_TW_BY_RST,
		.when_ns = when_ns,
		.error_ns = TCPHS_NS_NONE,
	};

	if (w->seg && w->seg->flags & TCPHS_RST)
		tcphs_tw_end(w, side, &gone);
	drop(&w->flow->end[side], TCPHS_END_TW_SEEN | TCPHS_END_TW_KEPT |
				  TCPHS_END_TW_TOLD);
}

/* An orphan's small socket: how long it waited for a FIN, and why no longer. */
static void fill_orphan(struct tcphs_ev_transition *ev, const struct walk *w,
			struct tcphs_end *end, u64 when_ns)
{
	if (!has(end, TCPHS_END_ORPHAN))
		return;
	ev->orphan_ns = when_ns - w->flow->rest->orphan_ns;
	ev->orphan_end = w->gone ? w->gone->end : TCPHS_TW_RESET;
	ev->orphan_cause = w->gone ? w->gone->cause : TCPHS_TW_BY_RST;
	drop(end, TCPHS_END_ORPHAN);
}

bool tcphs_tell_event(struct walk *w, unsigned int side,
		      enum tcphs_fsm_event event, enum tcphs_cause cause,
		      u64 when_ns)
{
	struct tcphs_end *end = &w->flow->end[side];
	u8 old = end->state;
	u8 next = tcphs_fsm_cell(old, event)->next;
	struct tcphs_ev_transition ev = {
		.side = (u8)side,
		.old_state = old,
		.new_state = next,
		.cause = (u8)cause,
		.dwell_ns = TCPHS_NS_NONE,
		.orphan_ns = TCPHS_NS_NONE,
	};

	if (next == old)
		return false;
	if (old == TCPHS_STATE_UNKNOWN)
		ev.old_state = (u8)tcphs_fsm_origin(event);
	else if (has(end, TCPHS_END_SINCE))
		ev.dwell_ns = when_ns - end->since_ns;
	if (old == TCPHS_TIME_WAIT && event != TCPHS_2MSL_OVER)
		leave_timewait(w, side, when_ns);
	if (old == TCPHS_FIN_WAIT2 && next == TCPHS_CLOSE)
		fill_orphan(&ev, w, end, when_ns);
	fill_seg(&ev.seg, w);
	end->state = next;
	end->since_ns = when_ns;
	end->bits |= TCPHS_END_SINCE;
	note_done(w->flow, when_ns);
	/* No socket was ever seen there: nothing has changed its state. */
	if (old == TCPHS_STATE_UNKNOWN && !has(end, TCPHS_END_SEEN))
		return true;
	tcphs_tell(w, TCPHS_EV_TRANSITION, &ev, sizeof(ev));
	if (next == TCPHS_TIME_WAIT)
		tcphs_tw_begin(w, side);
	return true;
}

bool tcphs_tell_shown(struct walk *w, unsigned int side,
		      enum tcphs_fsm_event event)
{
	return tcphs_tell_event(w, side, event, TCPHS_CAUSE_SEGMENT,
				w->step->now_ns);
}

bool tcphs_tell_corrected(struct walk *w, unsigned int side,
			  enum tcphs_fsm_event event)
{
	return tcphs_tell_event(w, side, event, TCPHS_CAUSE_CORRECTION,
				w->step->now_ns);
}

void tcphs_tell_anomaly(struct walk *w, enum tcphs_anomaly kind)
{
	struct tcphs_ev_anomaly ev = {
		.kind = (u8)kind,
		.delay_ns = TCPHS_NS_NONE,
	};

	fill_seg(&ev.seg, w);
	tcphs_tell(w, TCPHS_EV_ANOMALY, &ev, sizeof(ev));
}

void tcphs_tell_expected(struct walk *w, enum tcphs_anomaly kind, u32 expected)
{
	struct tcphs_ev_anomaly ev = {
		.kind = (u8)kind,
		.has_expected = 1,
		.expected = expected,
		.delay_ns = TCPHS_NS_NONE,
	};

	fill_seg(&ev.seg, w);
	tcphs_tell(w, TCPHS_EV_ANOMALY, &ev, sizeof(ev));
}

void tcphs_tell_delay(struct walk *w, u64 delay_ns)
{
	struct tcphs_ev_anomaly ev = {
		.kind = TCPHS_AN_SYN_DELAYED,
		.delay_ns = delay_ns,
	};

	fill_seg(&ev.seg, w);
	tcphs_tell(w, TCPHS_EV_ANOMALY, &ev, sizeof(ev));
}

/* @later - @earlier where both are known and came in that order. */
static u64 span_ns(u64 earlier, u64 later)
{
	if (earlier == TCPHS_NS_NONE || later == TCPHS_NS_NONE || later < earlier)
		return TCPHS_NS_NONE;
	return later - earlier;
}

void tcphs_tell_handshake(struct walk *w)
{
	struct tcphs_flow *flow = w->flow;
	const struct tcphs_end *client = &flow->end[TCPHS_CLIENT];
	const struct tcphs_end *server = &flow->end[TCPHS_SERVER];
	bool verified = !(flow->bits & TCPHS_FLOW_HS_BAD);
	u64 syn_ns = tcphs_flow_syn_ns(flow);
	u64 syn_ack_ns = tcphs_flow_moment_ns(flow, TCPHS_MOMENT_SYN_ACK);
	u64 ack_ns = tcphs_flow_moment_ns(flow, TCPHS_MOMENT_ACK);
	struct tcphs_ev_handshake ev = {
		.verified = verified,
		.client_isn = client->isn,
		.server_isn = server->isn,
		.client_syns = client->syns,
		.server_syns = server->syns,
		.syn_ack_ns = span_ns(syn_ns, syn_ack_ns),
		.ack_ns = span_ns(syn_ack_ns, ack_ns),
		.total_ns = span_ns(syn_ns, ack_ns),
	};

	flow->handshake = verified ? TCPHS_HS_OK : TCPHS_HS_BAD;
	flow->bits |= TCPHS_FLOW_HS_TOLD;
	tcphs_tell(w, TCPHS_EV_HANDSHAKE, &ev, sizeof(ev));
}

static void fill_end(struct tcphs_ev_end *ev, const struct tcphs_flow *flow,
		     unsigned int side)
{
	const struct tcphs_end *end = &flow->end[side];

	ev->segments = tcphs_flow_segments(flow, side);
	ev->bytes = tcphs_flow_bytes(flow, side);
	ev->retransmits = end->retransmits;
	ev->fin_retransmits = tcphs_flow_rest(flow)->fin_retransmits[side];
	ev->syns = end->syns;
	ev->state = end->state;
}

void tcphs_tell_connection(struct walk *w, enum tcphs_close close, u64 seen_ns)
{
	const struct tcphs_flow *flow = w->flow;
	const struct tcphs_rest *rest = tcphs_flow_rest(flow);
	struct tcphs_ev_connection ev = {
		.closer = rest->closer,
		.close = (u8)close,
		.handshake = flow->handshake,
		.timewait_end = rest->tw_end,
		.timewait_source = rest->tw_source,
		.duration_ns = span_ns(flow->first_ns, seen_ns),
		.handshake_ns = span_ns(tcphs_flow_syn_ns(flow),
					tcphs_flow_moment_ns(flow, TCPHS_MOMENT_ACK)),
		.half_close_ns = TCPHS_NS_NONE,
		.timewait_ns = rest->tw_dur_ns,
		.conn_state = (u8)tcphs_flow_conn_state(flow),
	};

	static_assert(sizeof(ev.history) >= TCPHS_HISTORY_TEXT, "history fits");
	tcphs_flow_history(flow, ev.history);
	if (rest->done_ns != TCPHS_NS_NONE)
		ev.duration_ns = span_ns(flow->first_ns, rest->done_ns);
	if (rest->fins != TCPHS_CLOSE_SIMULTANEOUS)
		ev.half_close_ns = span_ns(rest->fin_ns[0], rest->fin_ns[1]);
	fill_end(&ev.end[TCPHS_CLIENT], flow, TCPHS_CLIENT);
	fill_end(&ev.end[TCPHS_SERVER], flow, TCPHS_SERVER);
	tcphs_tell(w, TCPHS_EV_CONNECTION, &ev, sizeof(ev));
}

/* An ACK of what was not sent; in a handshake that is not verified any more. */
enum tcphs_reason tcphs_refuse_ack(struct walk *w, u32 expected)
{
	struct tcphs_flow *flow = w->flow;

	if (!w->arrives)
		return TCPHS_R_BAD_ACK;
	tcphs_tell_expected(w, TCPHS_AN_BAD_ACK, expected);
	if (flow->handshake != TCPHS_HS_PENDING && flow->handshake != TCPHS_HS_BAD)
		return TCPHS_R_BAD_ACK;
	flow->handshake = TCPHS_HS_BAD;
	flow->bits |= TCPHS_FLOW_HS_BAD;
	if (w->peer->state == TCPHS_SYN_RECV && !(flow->bits & TCPHS_FLOW_HS_TOLD)) {
		tcphs_note_moment(w, TCPHS_MOMENT_ACK);
		tcphs_tell_handshake(w);
	}
	return TCPHS_R_BAD_ACK;
}

enum tcphs_reason tcphs_refuse_seq(struct walk *w, u32 expected)
{
	if (w->arrives)
		tcphs_tell_expected(w, TCPHS_AN_OUT_OF_WINDOW, expected);
	return TCPHS_R_OUT_OF_WINDOW;
}
