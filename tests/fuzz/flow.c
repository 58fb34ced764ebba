// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzes the flow: any sequence of segments and moments. Most numbers are
 * taken near those that the connection is at, so that what is found is not
 * only garbage refused.
 */
#include "../unit/twin.h"
#include "core/record.h"
#include "prove.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

struct input {
	const u8 *data;
	size_t left;
};

static struct {
	struct tcphs_flow flow;
	struct tcphs_rest rest;		/* of it, once that is needed */
	struct tcphs_step step;
	u64 seen_ns;
	bool begun;
	unsigned int state[2];
	bool waits[2];			/* a TIME_WAIT has started, and not ended */
	u64 latest_ns;
	unsigned int events;		/* in this step */
	unsigned int connections;
	unsigned int handshakes;
	u64 payload[2];			/* all that was ever given */
} w;

static u8 take8(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->data++;
}

static u32 take32(struct input *in)
{
	u32 value = take8(in);

	value = value << 8 | take8(in);
	value = value << 8 | take8(in);
	return value << 8 | take8(in);
}

/*
 * What has ended does not come back to life: but for a correction's half step, and
 * for the host's own socket, which is seen to wait where segments have shown no more.
 */
static bool may_leave_close(const struct tcphs_ev_transition *e)
{
	if (e->cause == TCPHS_CAUSE_CORRECTION)
		return e->new_state == TCPHS_LAST_ACK;
	return e->cause == TCPHS_CAUSE_SOCKET && e->new_state == TCPHS_TIME_WAIT;
}

/* An abort before any ACK, then the same SYN at the listener's door. */
static bool is_asked_anew(const struct tcphs_ev_transition *e)
{
	return w.state[e->side] == TCPHS_CLOSE && e->side == TCPHS_SERVER &&
	       e->old_state == TCPHS_LISTEN && e->new_state == TCPHS_SYN_RECV;
}

static void prove_transition(const struct tcphs_ev_transition *e)
{
	bool is_correction = e->cause == TCPHS_CAUSE_CORRECTION;

	PROVE(e->side <= TCPHS_SERVER);
	PROVE(e->new_state && e->new_state < TCPHS_STATES && e->old_state < TCPHS_STATES);
	PROVE(e->old_state != e->new_state);
	PROVE(!w.state[e->side] || w.state[e->side] == e->old_state ||
	      is_asked_anew(e));
	PROVE(e->old_state != TCPHS_TIME_WAIT || e->new_state == TCPHS_CLOSE ||
	      (is_correction && e->new_state == TCPHS_CLOSING));
	if (e->old_state == TCPHS_CLOSE && w.state[e->side])
		PROVE(may_leave_close(e));
	PROVE(e->dwell_ns == TCPHS_NS_NONE || e->dwell_ns <= w.step.now_ns);
	PROVE(e->orphan_ns == TCPHS_NS_NONE || e->old_state == TCPHS_FIN_WAIT2);
	PROVE(e->orphan_ns == TCPHS_NS_NONE || e->orphan_ns <= w.step.now_ns);
	if (is_correction)
		w.waits[e->side] = false;
	w.state[e->side] = e->new_state;
}

/* It starts, starts again, ends: in this order, each end of what has started. */
static void prove_timewait(const struct tcphs_ev_timewait *e)
{
	bool is_end = e->phase == TCPHS_TW_END;

	PROVE(e->side <= TCPHS_SERVER && strcmp(tcphs_tw_phase_name(e->phase), "-"));
	PROVE(strcmp(tcphs_source_name(e->source), "-"));
	PROVE(w.waits[e->side] == (e->phase != TCPHS_TW_START) ||
	      e->end == TCPHS_TW_NEVER);
	PROVE(is_end == (e->dur_ns != TCPHS_NS_NONE) && is_end == !!e->end);
	PROVE((e->error_ns != TCPHS_NS_NONE) ==
	      (is_end && e->source == TCPHS_SOURCE_OBSERVED));
	w.waits[e->side] = !is_end;
}

static void prove_anomaly(const struct tcphs_ev_anomaly *e)
{
	PROVE(strcmp(tcphs_anomaly_name(e->kind), "-"));
	PROVE(e->has_expected <= 1);
	PROVE(e->has_expected || !e->expected);
}

static void prove_connection(const struct tcphs_ev_connection *e)
{
	unsigned int side;

	PROVE(!w.connections++);
	PROVE(strcmp(tcphs_close_name(e->close), "-") && strcmp(tcphs_side_name(e->closer), "-"));
	PROVE(strcmp(tcphs_hs_name(e->handshake), "-"));
	PROVE(strcmp(tcphs_conn_state_name(e->conn_state), "-"));
	PROVE(e->history[0] && e->history[sizeof(e->history) - 1] == '\0');
	for (side = 0; side < 2; side++) {
		PROVE(e->end[side].state == w.flow.end[side].state);
		PROVE(e->end[side].bytes <= w.payload[side]);
	}
}

static void emit(struct tcphs_step *step, const struct tcphs_flow *flow,
		 unsigned int type, const void *payload, size_t size)
{
	struct tcphs_record rec;

	w.events++;
	PROVE(flow == &w.flow);
	PROVE(step->now_ns >= w.latest_ns);
	w.latest_ns = step->now_ns;
	tcphs_record_make(&rec, flow, step->now_ns, type, payload, size);
	PROVE(rec.size == TCPHS_RECORD_SIZE && rec.type == type);
	if (type == TCPHS_EV_TRANSITION)
		prove_transition(payload);
	else if (type == TCPHS_EV_ANOMALY)
		prove_anomaly(payload);
	else if (type == TCPHS_EV_CONNECTION)
		prove_connection(payload);
	else if (type == TCPHS_EV_HANDSHAKE)
		w.handshakes++;
	else if (type == TCPHS_EV_TIMEWAIT)
		prove_timewait(payload);
	else
		PROVE(!"a type of event");
}

/* Flags that make conversations, and now and then any. */
static u16 take_flags(struct input *in)
{
	static const u16 usual[] = {
		TCPHS_SYN, TCPHS_SYN | TCPHS_ACK, TCPHS_ACK, TCPHS_ACK | TCPHS_PSH,
		TCPHS_FIN | TCPHS_ACK, TCPHS_RST, TCPHS_RST | TCPHS_ACK,
	};
	u8 which = take8(in);

	return which < 224 ? usual[which % 7] : (u16)(which << 4 & 0x100) | take8(in);
}

/* A number near one that matters, or any. */
static u32 take_number(struct input *in, u32 a, u32 b, u32 c)
{
	u8 which = take8(in);
	u32 delta = (u32)(which >> 3) - 4;

	if ((which & 7) < 2)
		return a + (which >> 3 > 8 ? 0 : delta);
	if ((which & 7) < 4)
		return b + (which >> 3 > 8 ? 0 : delta);
	if ((which & 7) < 6)
		return c + (which >> 3 > 8 ? 1 : delta);
	return take32(in);
}

static struct tcphs_seg take_segment(struct input *in, unsigned int from)
{
	const struct tcphs_at *self = &w.flow.at[from];
	const struct tcphs_at *peer = &w.flow.at[!from];
	const struct tcphs_end *end = w.flow.end;
	struct tcphs_seg seg = { .flags = take_flags(in), .win = 8192 };
	u8 more = take8(in);

	seg.seq = take_number(in, self->nxt, peer->ack, end[from].isn);
	if (seg.flags & TCPHS_ACK)
		seg.ack = take_number(in, peer->nxt, self->ack, end[!from].isn);
	if (more & 1)
		seg.len = more & 2 ? take8(in) : take32(in) & 0xfffff;
	if (more & 4)
		seg.win = (u16)take32(in);
	if (more & 8) {
		seg.options |= TCPHS_OPT_TS;
		seg.tsval = self->ts_recent + take8(in) - 100;
	}
	if (more & 16) {
		seg.options |= TCPHS_OPT_WSCALE;
		seg.wscale = take8(in) % 15;
	}
	if (more & 32)
		seg.options |= take8(in) & (TCPHS_OPT_TFO | TCPHS_OPT_BAD_WSCALE);
	return seg;
}

static struct tcphs_tuple make_tuple(unsigned int from)
{
	struct tcphs_tuple tuple = { .family = 4 };

	tuple.addr[0][0] = 1 + from;
	tuple.addr[1][0] = 2 - from;
	tuple.port[0] = from ? 80 : 50000;
	tuple.port[1] = from ? 50000 : 80;
	return tuple;
}

static void begin(void)
{
	w.begun = true;
	w.connections = 0;
	w.handshakes = 0;
	w.latest_ns = 0;
	memset(w.state, 0, sizeof(w.state));
	memset(w.waits, 0, sizeof(w.waits));
	memset(w.payload, 0, sizeof(w.payload));
}

static void end(struct input *in)
{
	tcphs_flow_end(&w.flow, take8(in) % (TCPHS_CLOSE_EVICTED + 1),
		       take8(in) % (TCPHS_TW_EVICTED + 1), w.seen_ns, &w.step);
	PROVE(w.connections == 1 && w.handshakes <= 1);
	w.begun = false;
}

static void prove_counters(const struct tcphs_flow *before,
			   const struct tcphs_rest *before_rest)
{
	const struct tcphs_rest *rest = tcphs_flow_rest(&w.flow);
	unsigned int side;

	for (side = 0; side < 2; side++) {
		const struct tcphs_end *old = &before->end[side];
		const struct tcphs_end *now = &w.flow.end[side];
		const struct tcphs_end *peer = &w.flow.end[!side];
		const struct tcphs_at *at = &w.flow.at[side];
		const struct tcphs_at *peer_at = &w.flow.at[!side];

		PROVE(now->state < TCPHS_STATES);
		PROVE(!w.state[side] || now->state == w.state[side]);
		PROVE(tcphs_flow_segments(&w.flow, side) >= before->at[side].segments);
		PROVE(tcphs_flow_bytes(&w.flow, side) >= before->at[side].bytes);
		PROVE(tcphs_flow_bytes(&w.flow, side) <= w.payload[side]);
		PROVE(now->retransmits >= old->retransmits);
		PROVE(rest->fin_retransmits[side] >= before_rest->fin_retransmits[side]);
		PROVE(now->syns >= old->syns);
		PROVE(now->wscale <= 14);
		PROVE(!(now->bits & TCPHS_END_FIN) ||
		      seq_before(rest->fin[side], at->nxt));
		PROVE(!seq_after(at->whole, at->nxt));
		PROVE(!(peer->bits & TCPHS_END_ACKED) ||
		      !seq_after(peer_at->ack, peer_at->edge));
		w.state[side] = now->state;
	}
}

/* TRACE=1 build/flow/fuzz FILE: what an input means. */
static void trace(unsigned int side, const struct tcphs_seg *seg)
{
	char flags[TCPHS_FLAGS_TEXT];

	fprintf(stderr, "%s %s seq %u ack %u len %u win %u options %#x | %s %s -> ",
		side ? "S>C" : "C>S", tcphs_flags_text(seg->flags, flags), seg->seq,
		seg->ack, seg->len, seg->win, seg->options,
		tcphs_state_name(w.flow.end[0].state), tcphs_state_name(w.flow.end[1].state));
}

static void trace_end(unsigned int reason)
{
	fprintf(stderr, "%s %s, %s\n", tcphs_state_name(w.flow.end[0].state),
		tcphs_state_name(w.flow.end[1].state), tcphs_reason_name(reason));
}

/*
 * What wants a rest is passed over without one, and changes nothing; then it has
 * one. The short way may take it all the same, if that is but for a full history.
 */
static void prove_refusal(unsigned int side, const struct tcphs_seg *seg)
{
	struct tcphs_flow before = w.flow;

	if (!tcphs_flow_lacks_rest(&w.flow, side, seg))
		return;
	PROVE(tcphs_flow_step(&w.flow, side, seg, &w.step) == TCPHS_R_NO_MEMORY);
	PROVE(!memcmp(&w.flow, &before, sizeof(before)));
	tcphs_flow_attach(&w.flow, &w.rest);
}

static void step_both_ways(unsigned int side, const struct tcphs_seg *seg)
{
	bool is_traced = getenv("TRACE"), is_quick;
	unsigned long quiet = 0;
	struct tcphs_flow before, quick;
	struct tcphs_rest before_rest;
	enum tcphs_reason reason;

	prove_refusal(side, seg);
	before = w.flow;
	before_rest = *tcphs_flow_rest(&w.flow);
	quick = w.flow;
	is_quick = before.stamp_ns && tcphs_flow_quick(&quick, side, seg);
	PROVE(!twin_differs(&w.flow, side, seg, &w.step, &quiet));
	w.events = 0;
	w.payload[side] += seg->len;
	if (is_traced)
		trace(side, seg);
	reason = tcphs_flow_step(&w.flow, side, seg, &w.step);
	if (is_traced)
		trace_end(reason);
	PROVE(reason < TCPHS_R_COUNT);
	w.seen_ns = w.step.now_ns;
	PROVE(!w.connections);
	if (is_quick) {
		quick.stamp_ns = w.flow.stamp_ns;
		PROVE(!w.events && !memcmp(&quick, &w.flow, sizeof(quick)));
	} else {
		PROVE(!memcmp(&quick, &before, sizeof(quick)));
	}
	prove_counters(&before, &before_rest);
}

static void give_segment(struct input *in, unsigned int sender, u8 local)
{
	struct tcphs_tuple tuple = make_tuple(sender);
	unsigned int side = w.begun ? tcphs_flow_match(&w.flow, &tuple) : sender;
	struct tcphs_seg seg = take_segment(in, side);

	if (w.begun && tcphs_flow_succeeds(&w.flow, side, &seg))
		end(in);
	if (!w.begun) {
		if (tcphs_flow_init(&w.flow, &tuple, &seg,
				    sender ? (u8)(local >> 1 | (local & 1) << 1) : local,
				    1) != TCPHS_R_USED)
			return;
		begin();
		side = tcphs_flow_match(&w.flow, &tuple);
	}
	PROVE(side <= TCPHS_SERVER);
	step_both_ways(side, &seg);
}

static void give_time(struct input *in)
{
	u64 deadline = tcphs_flow_deadline(&w.flow, w.seen_ns);

	if (take8(in) & 1 && deadline > w.step.now_ns)
		w.step.now_ns = deadline;
	if (tcphs_flow_timer(&w.flow, w.seen_ns, &w.step)) {
		PROVE(w.connections == 1);
		w.begun = false;
		return;
	}
	PROVE(!w.connections);
	prove_counters(&w.flow, tcphs_flow_rest(&w.flow));
}

static void look(unsigned int side, unsigned int state)
{
	if (!w.flow.rest)
		tcphs_flow_attach(&w.flow, &w.rest);
	tcphs_flow_socket(&w.flow, side, state, &w.step);
}

/* The host's socket is seen to wait, or to go; or it is looked for. */
static void give_sight(struct input *in)
{
	u8 what = take8(in), how = take8(in);
	unsigned int side = what & 1;
	struct tcphs_tw_gone gone = {
		.end = (u8)(TCPHS_TW_EXPIRED + how % TCPHS_TW_NEVER),
		.cause = how >> 4,
		.when_ns = w.step.now_ns - (w.step.now_ns >> (how & 7)),
		.error_ns = how & 8 ? w.step.now_ns - w.seen_ns : 0,
	};
	struct tcphs_flow before = w.flow;
	struct tcphs_rest before_rest = *tcphs_flow_rest(&w.flow);

	w.step.watched = what & 2 ? w.flow.local : 0;
	w.step.told = what & 16 ? w.step.watched : 0;
	if (what & 4)
		tcphs_flow_armed(&w.flow, side,
				 what & 8 ? TCPHS_FIN_WAIT2 : TCPHS_TIME_WAIT,
				 w.step.now_ns, w.step.now_ns + w.step.time_wait_ns,
				 &w.step);
	else if (what & 8)
		tcphs_flow_disarmed(&w.flow, side, &gone, &w.step);
	else
		look(side, how % TCPHS_STATES);
	PROVE(!w.connections);
	prove_counters(&before, &before_rest);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	u8 local = take8(&in) & 3;

	memset(&w, 0, sizeof(w));
	w.step.emit = emit;
	w.step.time_wait_ns = 60000000000ULL;
	w.step.now_ns = 1;
	while (in.left) {
		u8 what = take8(&in);

		w.step.now_ns += (u64)(what >> 4) * 100000000;
		if ((what & 15) < 14)
			give_segment(&in, what & 1, local);
		else if (w.begun && (what & 15) == 14)
			give_time(&in);
		else if (w.begun)
			give_sight(&in);
	}
	if (w.begun)
		end(&in);
	return 0;
}
