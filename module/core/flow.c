// SPDX-License-Identifier: GPL-2.0
/*
 * Takes the segments of one connection: verifies each number, then lets the
 * events that the segment shows happen to both ends. Which state follows is
 * the table's business (fsm.c), how it is told tell.c's.
 *
 * What a segment shows, in this order:
 *
 *  1. its sender has taken what it acknowledges (SYN, SYN-ACK, FIN)
 *  2. its sender has sent it (SYN, data, FIN, RST)
 *  3. its receiver gets the acknowledgment: nobody acknowledges an ACK, so
 *     it counts when it is seen
 *  4. a local receiver gets SYN-ACK and FIN at once, if they are in order and
 *     in its window; any other receiver gets them when step 1 shows it
 *
 * Over loopback a SYN, FIN or RST is seen where it leaves, for 1 and 2, and
 * where it arrives, for 3 and 4. What is wrong with it is told there.
 */
#include "flow.h"

#include "walk.h"

const struct tcphs_rest tcphs_no_rest = {
	.syn_ns = TCPHS_NS_NONE,
	.fin_ns = { TCPHS_NS_NONE, TCPHS_NS_NONE },
	.done_ns = TCPHS_NS_NONE,
	.tw_dur_ns = TCPHS_NS_NONE,
	.held_ns = TCPHS_NS_NONE,
	.closer = TCPHS_NOBODY,
};

void tcphs_flow_attach(struct tcphs_flow *flow, struct tcphs_rest *rest)
{
	*rest = tcphs_no_rest;
	flow->rest = rest;
}

void tcphs_flow_tuple(const struct tcphs_flow *flow, struct tcphs_tuple *tuple)
{
	unsigned int side;

	memset(tuple, 0, sizeof(*tuple));
	tuple->family = flow->family;
	for (side = TCPHS_CLIENT; side <= TCPHS_SERVER; side++) {
		tuple->addr[side][0] = flow->head[side];
		memcpy(tuple->addr[side] + 1, flow->tail[side],
		       sizeof(flow->tail[side]));
		tuple->port[side] = flow->port[side];
	}
}

/* Whether the source of the first packet is the client. */
static bool is_from_client(const struct tcphs_tuple *tuple,
			   const struct tcphs_seg *seg)
{
	if (seg->flags & TCPHS_SYN)
		return !(seg->flags & TCPHS_ACK);
	return tuple->port[0] >= tuple->port[1];
}

static void set_end(struct tcphs_flow *flow, unsigned int side,
		    const struct tcphs_tuple *tuple, unsigned int at)
{
	flow->head[side] = tuple->addr[at][0];
	memcpy(flow->tail[side], tuple->addr[at] + 1, sizeof(flow->tail[side]));
	flow->port[side] = tuple->port[at];
}

enum tcphs_reason tcphs_flow_init(struct tcphs_flow *flow,
				  const struct tcphs_tuple *tuple,
				  const struct tcphs_seg *seg, u8 local, u64 id)
{
	unsigned int source;

	if (!tcphs_flags_valid(seg->flags))
		return TCPHS_R_BAD_FLAGS;
	if (seg->flags & TCPHS_RST)
		return TCPHS_R_STRAY;
	source = is_from_client(tuple, seg) ? TCPHS_CLIENT : TCPHS_SERVER;
	memset(flow, 0, sizeof(*flow));
	set_end(flow, source, tuple, 0);
	set_end(flow, other(source), tuple, 1);
	flow->family = tuple->family;
	flow->local = (u8)((local & 1) << source | (local >> 1 & 1) << other(source));
	flow->id = id;
	flow->handshake = seg->flags & TCPHS_SYN ? TCPHS_HS_PENDING :
						   TCPHS_HS_MIDSTREAM;
	flow->first_ns = TCPHS_NS_NONE;
	return TCPHS_R_USED;
}

void tcphs_flow_inherit(struct tcphs_flow *flow, const struct tcphs_flow *before,
			const struct tcphs_seg *seg)
{
	const struct tcphs_rest *held = tcphs_flow_rest(before);

	if (!flow->rest || held->held_ns == TCPHS_NS_NONE ||
	    held->held_seq != seg->seq)
		return;
	flow->rest->held_ns = held->held_ns;
	flow->rest->held_seq = held->held_seq;
}

bool tcphs_flow_waits_for(const struct tcphs_flow *flow, unsigned int from)
{
	return flow->end[other(from)].state == TCPHS_TIME_WAIT &&
	       has(&flow->end[other(from)], TCPHS_END_TW_SEEN);
}

bool tcphs_flow_succeeds(const struct tcphs_flow *flow, unsigned int from,
			 const struct tcphs_seg *seg)
{
	const struct tcphs_end *self = &flow->end[from];
	const struct tcphs_end *peer = &flow->end[other(from)];
	bool again = has(self, TCPHS_END_ISN) && seg->seq == self->isn;

	if ((seg->flags & (TCPHS_SYN | TCPHS_ACK)) != TCPHS_SYN ||
	    !tcphs_flags_valid(seg->flags) || !(flow->bits & TCPHS_FLOW_BEGUN))
		return false;
	if (again && is_local(flow, from))	/* on its way for longer than it lived */
		return false;
	if (tcphs_flow_is_closed(flow))
		return true;
	if (peer->state == TCPHS_TIME_WAIT && self->state != TCPHS_TIME_WAIT)
		/* RFC 6191, as tcp_timewait_state_process() does it. */
		return !tcphs_is_older_timestamp(flow, from, seg) &&
		       (seq_after(seg->seq, flow->at[from].nxt) ||
			tcphs_is_newer_timestamp(flow, from, seg));
	if (again)
		return false;
	/* At the door of a host whose socket has gone: its listener's. */
	if (is_local(flow, other(from)) && peer->state == TCPHS_CLOSE)
		return true;
	if (is_local(flow, from))	/* its old socket must be gone */
		return has(self, TCPHS_END_SEEN);
	if (self->state == TCPHS_TIME_WAIT)
		return true;
	/* It gave up and tries again, or nobody knows what was before. */
	return has(self, TCPHS_END_SEEN) && !has(peer, TCPHS_END_SEEN) &&
	       (self->state == TCPHS_SYN_SENT ||
		self->state == TCPHS_STATE_UNKNOWN);
}

void tcphs_note_moment(struct walk *w, enum tcphs_moment moment)
{
	struct tcphs_flow *flow = w->flow;
	u64 span = w->step->now_ns - flow->first_ns + 1;

	if (span >> 40)
		span = 0;
	flow->span_low[moment] = (u32)span;
	flow->span_high[moment] = (u8)(span >> 32);
}

/* Both SYNs are acknowledged: tell it, or admit that one of them was not seen. */
void tcphs_complete_handshake(struct walk *w)
{
	struct tcphs_flow *flow = w->flow;
	const struct tcphs_end *client = &flow->end[TCPHS_CLIENT];
	const struct tcphs_end *server = &flow->end[TCPHS_SERVER];

	if (flow->bits & TCPHS_FLOW_HS_TOLD ||
	    flow->handshake == TCPHS_HS_MIDSTREAM ||
	    !has(client, TCPHS_END_SYN_ACKED) ||
	    !has(server, TCPHS_END_SYN_ACKED) || !is_synchronized(client) ||
	    !is_synchronized(server))
		return;
	if (!has(client, TCPHS_END_ISN) || !has(server, TCPHS_END_ISN)) {
		flow->handshake = TCPHS_HS_MIDSTREAM;
		return;
	}
	tcphs_note_moment(w, TCPHS_MOMENT_ACK);
	tcphs_tell_handshake(w);
}

static enum tcphs_reason take(struct walk *w)
{
	u16 flags = w->seg->flags;
	bool repeats;

	if (!tcphs_flags_valid(flags)) {
		if (w->arrives)
			tcphs_tell_anomaly(w, TCPHS_AN_BAD_FLAGS);
		return TCPHS_R_BAD_FLAGS;
	}
	if (flags & TCPHS_RST)
		return tcphs_take_rst(w);
	repeats = flags & TCPHS_FIN && has(w->self, TCPHS_END_FIN) &&
		  !is_local(w->flow, w->from) &&
		  !(w->flow->bits & TCPHS_FLOW_RESET);
	if (tcphs_flow_is_closed(w->flow) && !repeats)
		return TCPHS_R_STRAY;
	if (flags & TCPHS_SYN)
		return flags & TCPHS_ACK ? tcphs_take_syn_ack(w) : tcphs_take_syn(w);
	return tcphs_take_plain(w);
}

/* Whether its sender's half was taken when the segment left. */
static bool has_left(const struct walk *w)
{
	const struct tcphs_end *self = w->self;
	u16 flags = w->seg->flags;

	if (flags & TCPHS_RST)
		return w->flow->bits & TCPHS_FLOW_RESET &&
		       self->state == TCPHS_CLOSE;
	if (flags & TCPHS_SYN)
		return has(self, TCPHS_END_ISN) && w->seg->seq == self->isn &&
		       (!(flags & TCPHS_ACK) || has(self, TCPHS_END_SYN_ACK));
	return flags & TCPHS_FIN && has(self, TCPHS_END_FIN) &&
	       w->end == self_fin(w) + 1;
}

static void count_segment(struct walk *w)
{
	if (++w->self_at->segments == 0)
		w->flow->rest->segments[w->from]++;
}

static void begin_walk(struct walk *w)
{
	struct tcphs_flow *flow = w->flow;

	if (w->step->now_ns <= flow->stamp_ns)
		w->step->now_ns = flow->stamp_ns + 1;
	w->arrives = w->step->pass != TCPHS_PASS_OUT;
	w->leaves = w->step->pass != TCPHS_PASS_IN || !has_left(w);
	if (w->arrives)
		count_segment(w);
	flow->last_flags[w->from] = w->seg->flags;
	if (flow->bits & TCPHS_FLOW_BEGUN)
		return;
	flow->bits |= TCPHS_FLOW_BEGUN;
	flow->first_ns = w->step->now_ns;
	if (flow->handshake == TCPHS_HS_MIDSTREAM)
		tcphs_tell_anomaly(w, TCPHS_AN_MIDSTREAM);
}

enum tcphs_reason tcphs_flow_step(struct tcphs_flow *flow, unsigned int from,
				  const struct tcphs_seg *seg,
				  struct tcphs_step *step)
{
	if (tcphs_expect(flow, from, seg, step))
		return TCPHS_R_USED;
	return tcphs_flow_walk(flow, from, seg, step);
}

enum tcphs_reason tcphs_flow_walk(struct tcphs_flow *flow, unsigned int from,
				  const struct tcphs_seg *seg,
				  struct tcphs_step *step)
{
	struct walk w = {
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
	enum tcphs_reason reason;

	if (tcphs_flow_lacks_rest(flow, from, seg))
		return TCPHS_R_NO_MEMORY;
	if (seg->flags & TCPHS_SYN)
		w.end++;
	if (seg->flags & TCPHS_FIN)
		w.end++;
	begin_walk(&w);
	tcphs_tw_note(&w);
	tcphs_history_begin(&w);
	reason = take(&w);
	tcphs_history_end(&w);
	if (reason == TCPHS_R_USED)
		tcphs_complete_handshake(&w);
	tcphs_note_quick(flow);
	return reason;
}

/* What a SYN can begin beside a connection that has begun. */
static bool is_other_syn(const struct tcphs_flow *flow, unsigned int from,
			 const struct tcphs_seg *seg)
{
	return (seg->flags & (TCPHS_SYN | TCPHS_ACK)) == TCPHS_SYN &&
	       flow->bits & TCPHS_FLOW_BEGUN &&
	       !(has(&flow->end[from], TCPHS_END_ISN) &&
		 seg->seq == flow->end[from].isn);
}

/* An ACK before its sender's SYN: what kept that from an answer is noted. */
static bool is_before_syn(const struct tcphs_flow *flow, unsigned int from,
			  const struct tcphs_seg *seg)
{
	return !(seg->flags & TCPHS_SYN) &&
	       !has(&flow->end[from], TCPHS_END_SEEN) &&
	       flow->end[other(from)].state == TCPHS_SYN_SENT;
}

/*
 * It acknowledges what has not passed: a letter of the history, if both SYNs
 * were seen; its sender's may be this.
 */
static bool has_gap(const struct tcphs_flow *flow, unsigned int from,
		    const struct tcphs_seg *seg)
{
	return seg->flags & TCPHS_ACK &&
	       has(&flow->end[other(from)], TCPHS_END_ISN) &&
	       seq_after(seg->ack, flow->at[other(from)].whole);
}

bool tcphs_flow_lacks_rest(const struct tcphs_flow *flow, unsigned int from,
			   const struct tcphs_seg *seg)
{
	if (flow->rest)
		return false;
	return seg->flags & (TCPHS_FIN | TCPHS_RST) || seg->win == 0 ||
	       is_other_syn(flow, from, seg) || is_before_syn(flow, from, seg) ||
	       has_gap(flow, from, seg) || tcphs_at_overflows(&flow->at[from], seg) ||
	       tcphs_history_is_full(flow);
}
