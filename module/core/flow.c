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

unsigned int tcphs_flow_match(const struct tcphs_flow *flow,
			      const struct tcphs_tuple *tuple)
{
	const struct tcphs_tuple *own = &flow->tuple;

	if (own->family != tuple->family)
		return TCPHS_NOBODY;
	if (own->port[0] == tuple->port[0] && own->port[1] == tuple->port[1] &&
	    !memcmp(own->addr, tuple->addr, sizeof(own->addr)))
		return TCPHS_CLIENT;
	if (own->port[0] == tuple->port[1] && own->port[1] == tuple->port[0] &&
	    !memcmp(own->addr[0], tuple->addr[1], sizeof(own->addr[0])) &&
	    !memcmp(own->addr[1], tuple->addr[0], sizeof(own->addr[0])))
		return TCPHS_SERVER;
	return TCPHS_NOBODY;
}

/* Whether the source of the first packet is the client. */
static bool is_from_client(const struct tcphs_tuple *tuple,
			   const struct tcphs_seg *seg)
{
	if (seg->flags & TCPHS_SYN)
		return !(seg->flags & TCPHS_ACK);
	return tuple->port[0] >= tuple->port[1];
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
	flow->tuple = *tuple;
	flow->local = local & (TCPHS_LOCAL_CLIENT | TCPHS_LOCAL_SERVER);
	if (source == TCPHS_SERVER) {
		memcpy(flow->tuple.addr[0], tuple->addr[1], sizeof(tuple->addr[0]));
		memcpy(flow->tuple.addr[1], tuple->addr[0], sizeof(tuple->addr[0]));
		flow->tuple.port[0] = tuple->port[1];
		flow->tuple.port[1] = tuple->port[0];
		flow->local = (u8)((local & 1) << 1 | (local >> 1 & 1));
	}
	flow->id = id;
	flow->handshake = seg->flags & TCPHS_SYN ? TCPHS_HS_PENDING :
						   TCPHS_HS_MIDSTREAM;
	flow->closer = TCPHS_NOBODY;
	flow->first_ns = TCPHS_NS_NONE;
	flow->syn_ns = TCPHS_NS_NONE;
	flow->syn_ack_ns = TCPHS_NS_NONE;
	flow->ack_ns = TCPHS_NS_NONE;
	flow->fin_ns[0] = TCPHS_NS_NONE;
	flow->fin_ns[1] = TCPHS_NS_NONE;
	flow->done_ns = TCPHS_NS_NONE;
	flow->tw_dur_ns = TCPHS_NS_NONE;
	flow->held_ns = TCPHS_NS_NONE;
	return TCPHS_R_USED;
}

void tcphs_flow_inherit(struct tcphs_flow *flow, const struct tcphs_flow *before,
			const struct tcphs_seg *seg)
{
	if (before->held_ns == TCPHS_NS_NONE || before->held_seq != seg->seq)
		return;
	flow->held_ns = before->held_ns;
	flow->held_seq = before->held_seq;
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
		return !tcphs_is_older_timestamp(self, seg) &&
		       (seq_after(seg->seq, self->nxt) ||
			tcphs_is_newer_timestamp(self, seg));
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

/* Both SYNs are acknowledged: tell it, or admit that one of them was not seen. */
static void complete_handshake(struct walk *w)
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
	flow->ack_ns = w->step->now_ns;
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
	       w->end == self->fin + 1;
}

static void begin_walk(struct walk *w)
{
	struct tcphs_flow *flow = w->flow;

	if (w->step->now_ns <= flow->stamp_ns)
		w->step->now_ns = flow->stamp_ns + 1;
	w->arrives = w->step->pass != TCPHS_PASS_OUT;
	w->leaves = w->step->pass != TCPHS_PASS_IN || !has_left(w);
	if (w->arrives)
		w->self->segments++;
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
	struct walk w = {
		.flow = flow,
		.step = step,
		.seg = seg,
		.from = from,
		.to = other(from),
		.self = &flow->end[from],
		.peer = &flow->end[other(from)],
		.end = seg->seq + seg->len,
	};
	enum tcphs_reason reason;

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
		complete_handshake(&w);
	return reason;
}

bool tcphs_flow_quick(struct tcphs_flow *flow, unsigned int from,
		      const struct tcphs_seg *seg)
{
	struct walk w = {
		.flow = flow,
		.seg = seg,
		.self = &flow->end[from],
		.peer = &flow->end[other(from)],
		.end = seg->seq + seg->len,
		.leaves = true,
		.arrives = true,
	};
	struct tcphs_end *self = w.self;

	if ((seg->flags & ~(TCPHS_PSH | TCPHS_ECE | TCPHS_CWR)) != TCPHS_ACK ||
	    self->state != TCPHS_ESTABLISHED ||
	    w.peer->state != TCPHS_ESTABLISHED ||
	    !has(self, TCPHS_END_SYNCED | TCPHS_END_ACKED | history_bit(seg)) ||
	    !has(w.peer, TCPHS_END_ACKED) || has(self, TCPHS_END_PROVOKED) ||
	    has(self, TCPHS_END_FIN) || has(w.peer, TCPHS_END_FIN) ||
	    seg->win == 0 ||
	    !(flow->handshake == TCPHS_HS_MIDSTREAM ||
	      has(w.peer, TCPHS_END_SYN_ACKED)) ||
	    seg->seq != self->nxt || seg->seq != self->whole ||
	    seq_before(seg->ack, self->ack) || seq_after(seg->ack, w.peer->whole) ||
	    seq_after(seg->seq, w.peer->edge) || tcphs_is_older_timestamp(self, seg))
		return false;
	self->segments++;
	flow->last_flags[from] = seg->flags;
	tcphs_note_ack(&w);
	tcphs_note_timestamp(&w);
	tcphs_note_data(&w);
	return true;
}

void tcphs_flow_record(struct tcphs_record *rec, const struct tcphs_flow *flow,
		       u64 ts_ns, unsigned int type, const void *payload,
		       size_t size)
{
	memset(rec, 0, sizeof(*rec));
	rec->type = (u16)type;
	rec->size = TCPHS_RECORD_SIZE;
	rec->family = flow->tuple.family;
	rec->local = flow->local;
	rec->ts_ns = ts_ns;
	rec->conn_id = flow->id;
	rec->port[0] = flow->tuple.port[0];
	rec->port[1] = flow->tuple.port[1];
	memcpy(rec->addr, flow->tuple.addr, sizeof(rec->addr));
	memcpy(rec->bytes, payload, size);
	rec->owner.uid = TCPHS_UID_NONE;
}
