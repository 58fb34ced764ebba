// SPDX-License-Identifier: GPL-2.0
/*
 * All 512 sets of flags in every state: conversations are stopped after each
 * segment, and each set is sent from there by either end, from each place of
 * the observer. Numbers are always right here: flags alone are judged.
 */
#include "core/flow.h"
#include "tap.h"

#define STEPS_MAX	12
#define FLAG_SETS	512
#define SECOND		1000000000ULL

/* Flags that say nothing about opening and closing. */
#define IDLE_FLAGS	(TCPHS_PSH | TCPHS_URG | TCPHS_ECE | TCPHS_CWR | TCPHS_AE)

struct line {
	unsigned int from;
	u16 flags;		/* 0: the conversation ends */
	u32 seq;
	u32 ack;
	u32 len;
};

#define C	TCPHS_CLIENT
#define S	TCPHS_SERVER
#define SYN	TCPHS_SYN
#define ACK	TCPHS_ACK
#define FIN	(TCPHS_FIN | TCPHS_ACK)

static const struct line conversations[][STEPS_MAX] = {
	{	/* the client closes first, in four segments */
		{ C, SYN, 100, 0, 0 }, { S, SYN | ACK, 300, 101, 0 },
		{ C, ACK, 101, 301, 0 }, { C, ACK, 101, 301, 10 },
		{ S, ACK, 301, 111, 20 }, { C, FIN, 111, 321, 0 },
		{ S, ACK, 321, 112, 0 }, { S, FIN, 321, 112, 0 },
		{ C, ACK, 112, 322, 0 },
	},
	{	/* the server closes first, in three */
		{ C, SYN, 100, 0, 0 }, { S, SYN | ACK, 300, 101, 0 },
		{ C, ACK, 101, 301, 0 }, { S, FIN, 301, 101, 0 },
		{ C, FIN, 101, 302, 0 }, { S, ACK, 302, 102, 0 },
	},
	{	/* simultaneous open and close */
		{ C, SYN, 100, 0, 0 }, { S, SYN, 300, 0, 0 },
		{ C, SYN | ACK, 100, 301, 0 }, { S, SYN | ACK, 300, 101, 0 },
		{ C, FIN, 101, 301, 0 }, { S, FIN, 301, 101, 0 },
		{ C, ACK, 102, 302, 0 }, { S, ACK, 302, 102, 0 },
	},
	{	/* picked up midstream */
		{ C, ACK, 100, 300, 10 }, { S, ACK, 300, 110, 10 },
		{ C, FIN, 110, 310, 0 },
	},
	{	/* refused */
		{ C, SYN, 100, 0, 0 }, { S, TCPHS_RST | ACK, 0, 101, 0 },
	},
	{	/* reset */
		{ C, SYN, 100, 0, 0 }, { S, SYN | ACK, 300, 101, 0 },
		{ C, ACK, 101, 301, 0 }, { S, TCPHS_RST, 301, 0, 0 },
	},
};

#define CONVERSATIONS	(sizeof(conversations) / sizeof(conversations[0]))

/* What one segment did. */
struct outcome {
	struct tcphs_flow flow;
	struct tcphs_rest rest;		/* its, if it has one */
	enum tcphs_reason reason;
	unsigned int events;
	unsigned int kinds;		/* a bit for each anomaly that was told */
	unsigned int transitions;
};

static struct outcome now;		/* filled by emit() */
static unsigned int visited;		/* a bit for each state met */

static void emit(struct tcphs_step *step, const struct tcphs_flow *flow,
		 unsigned int type, const void *payload, size_t size)
{
	const struct tcphs_ev_anomaly *anomaly = payload;

	(void)step;
	(void)flow;
	(void)size;
	now.events++;
	if (type == TCPHS_EV_ANOMALY)
		now.kinds |= 1U << anomaly->kind;
	if (type == TCPHS_EV_TRANSITION)
		now.transitions++;
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

static struct tcphs_seg make_seg(const struct line *line)
{
	return (struct tcphs_seg){
		.flags = line->flags, .seq = line->seq, .ack = line->ack,
		.len = line->len, .win = 60000,
	};
}

/* A segment's effect on a copy of the flow. */
static struct outcome send(const struct tcphs_flow *flow, u64 now_ns,
			   const struct line *line)
{
	struct tcphs_step step = {
		.now_ns = now_ns, .time_wait_ns = 60 * SECOND, .emit = emit,
	};
	struct tcphs_seg seg = make_seg(line);

	memset(&now, 0, sizeof(now));
	now.flow = *flow;
	if (flow->rest)
		now.rest = *flow->rest;
	now.flow.rest = flow->rest ? &now.rest : NULL;
	if (tcphs_flow_lacks_rest(&now.flow, line->from, &seg))
		tcphs_flow_attach(&now.flow, &now.rest);
	now.reason = tcphs_flow_step(&now.flow, line->from, &seg, &step);
	return now;
}

/* The flow after the first @steps lines; @rest is for it. */
static struct tcphs_flow tell(const struct line *lines, int steps, u8 local,
			      struct tcphs_rest *rest)
{
	struct tcphs_tuple tuple = make_tuple(lines[0].from);
	struct tcphs_seg seg = make_seg(&lines[0]);
	struct tcphs_flow flow;
	int i;

	tcphs_flow_init(&flow, &tuple, &seg, local, 1);
	for (i = 0; i < steps; i++) {
		flow = send(&flow, (u64)(i + 1) * SECOND, &lines[i]).flow;
		*rest = now.rest;
		if (flow.rest)
			flow.rest = rest;
	}
	return flow;
}

static bool is_same_state(const struct tcphs_flow *a, const struct tcphs_flow *b)
{
	return a->end[C].state == b->end[C].state && a->end[S].state == b->end[S].state;
}

/* What every segment leaves behind, whatever becomes of it; letters among it. */
#define HISTORY_BITS	(TCPHS_END_HIST_SYN | TCPHS_END_HIST_ACK | \
			 TCPHS_END_HIST_DATA | TCPHS_END_HIST_FIN | \
			 TCPHS_END_HIST_RST | TCPHS_END_HIST_MULTI | \
			 TCPHS_END_HIST_FIN_RST)

static void forget_trifles(struct outcome *outcome)
{
	struct tcphs_flow *flow = &outcome->flow;
	int side;

	if (!flow->rest)
		outcome->rest = tcphs_no_rest;
	outcome->rest.history = 0;
	flow->rest = NULL;
	flow->stamp_ns = 0;
	flow->history = 0;
	for (side = 0; side < 2; side++) {
		flow->last_flags[side] = 0;
		flow->at[side].segments = 0;
		flow->end[side].bits &= ~(u32)HISTORY_BITS;
	}
}

static bool is_same(const struct outcome *a, const struct outcome *b)
{
	struct outcome x = *a, y = *b;

	forget_trifles(&x);
	forget_trifles(&y);
	return !memcmp(&x.flow, &y.flow, sizeof(x.flow)) &&
	       !memcmp(&x.rest, &y.rest, sizeof(x.rest)) && x.reason == y.reason &&
	       x.events == y.events && x.kinds == y.kinds;
}

static bool is_synchronized(unsigned int state)
{
	return state != TCPHS_STATE_UNKNOWN && state != TCPHS_CLOSE &&
	       state != TCPHS_LISTEN && state != TCPHS_SYN_SENT &&
	       state != TCPHS_SYN_RECV;
}

static bool are_synchronized(const struct tcphs_flow *flow)
{
	return is_synchronized(flow->end[C].state) &&
	       is_synchronized(flow->end[S].state);
}

/* One claim for each, over all that is tried. */
static struct claims {
	bool refuses_bad;	/* what no TCP sends moves nothing */
	bool ignores_idle;	/* PSH, URG, ECN change nothing */
	bool keeps_open;	/* no SYN moves two synchronized ends */
	bool needs_fin;		/* nothing but a FIN begins a close, a RST apart */
	bool takes_fin;		/* a FIN in order always does */
	bool takes_rst;		/* a RST in order leaves nothing open */
	bool succeeds_by_syn;	/* nothing but a SYN opens another connection */
} is_true = { true, true, true, true, true, true, true };

static void blame(bool *claim, bool holds, const struct tcphs_flow *before,
		  const struct outcome *after, const struct line *line)
{
	if (holds || !*claim)
		return;
	*claim = false;
	tap_note("%s %s, local %s, flags 0x%03x of the %s, seq %u ack %u len %u: %s %s, %s",
		 tcphs_state_name(before->end[C].state),
		 tcphs_state_name(before->end[S].state),
		 tcphs_local_name(before->local), line->flags,
		 tcphs_side_name(line->from), line->seq, line->ack, line->len,
		 tcphs_state_name(after->flow.end[C].state),
		 tcphs_state_name(after->flow.end[S].state),
		 tcphs_reason_name(after->reason));
}

/* Nobody has sent a FIN yet, and now somebody is where only a FIN leads. */
static bool begins_close(const struct tcphs_flow *before, const struct tcphs_flow *after)
{
	unsigned int side;

	for (side = C; side <= S; side++)
		if (after->end[side].state == TCPHS_FIN_WAIT1 ||
		    after->end[side].state == TCPHS_CLOSE_WAIT)
			return !((before->end[C].bits | before->end[S].bits) & TCPHS_END_FIN);
	return false;
}

/* Where CLOSE leads: RFC 9293 3.10.4. The FIN may show that it took the peer's. */
static unsigned int closed_by_fin(const struct tcphs_flow *before, unsigned int side)
{
	bool second = before->end[!side].bits & TCPHS_END_FIN;

	if (before->end[side].state == TCPHS_ESTABLISHED)
		return second ? TCPHS_LAST_ACK : TCPHS_FIN_WAIT1;
	return before->end[side].state == TCPHS_CLOSE_WAIT ? TCPHS_LAST_ACK : 0;
}

static bool is_refused(const struct tcphs_flow *before, const struct outcome *after)
{
	struct outcome same = *after;

	same.flow = *before;
	same.rest = *tcphs_flow_rest(before);
	return after->reason == TCPHS_R_BAD_FLAGS && !after->transitions &&
	       after->kinds == 1U << TCPHS_AN_BAD_FLAGS && after->events == 1 &&
	       is_same(&same, after);
}

static void judge_valid(const struct tcphs_flow *before, const struct outcome *after,
			const struct line *line)
{
	unsigned int closed = closed_by_fin(before, line->from);

	if (line->flags & TCPHS_SYN && are_synchronized(before))
		blame(&is_true.keeps_open, is_same_state(before, &after->flow) &&
		      after->reason == TCPHS_R_BAD_SYN, before, after, line);
	if (line->flags & TCPHS_RST && are_synchronized(before))
		blame(&is_true.takes_rst, tcphs_flow_is_closed(&after->flow),
		      before, after, line);
	if (!(line->flags & TCPHS_FIN))
		blame(&is_true.needs_fin, !begins_close(before, &after->flow),
		      before, after, line);
	else if (closed)
		blame(&is_true.takes_fin, after->flow.end[line->from].state == closed,
		      before, after, line);
}

/* The set from @side, at the numbers that are its turn. */
static void try_set(const struct tcphs_flow *before, unsigned int side, u16 flags,
		    u32 len)
{
	struct line line = { side, flags, before->at[side].nxt,
			     before->at[!side].whole, len };
	struct line plain = line;
	struct tcphs_seg seg = make_seg(&line);
	struct outcome after, idle;

	after = send(before, 100 * SECOND, &line);
	if ((flags & (SYN | ACK | TCPHS_FIN | TCPHS_RST)) != SYN)
		blame(&is_true.succeeds_by_syn, !tcphs_flow_succeeds(before, side, &seg),
		      before, &after, &line);
	if (!tcphs_flags_valid(flags)) {
		blame(&is_true.refuses_bad, is_refused(before, &after), before,
		      &after, &line);
		return;
	}
	plain.flags &= (u16)~IDLE_FLAGS;
	idle = send(before, 100 * SECOND, &plain);
	blame(&is_true.ignores_idle, is_same(&idle, &after), before, &after, &line);
	judge_valid(before, &after, &line);
}

static void try_all_sets(const struct tcphs_flow *flow)
{
	unsigned int side, flags;

	visited |= 1U << flow->end[C].state | 1U << flow->end[S].state;
	for (side = C; side <= S; side++) {
		for (flags = 0; flags < FLAG_SETS; flags++) {
			try_set(flow, side, (u16)flags, 0);
			try_set(flow, side, (u16)flags, 7);
		}
	}
}

static void try_conversation(const struct line *lines)
{
	struct tcphs_flow flow;
	struct tcphs_rest rest;
	int steps;
	u8 local;

	for (local = 0; local < 4; local++) {
		for (steps = 1; steps <= STEPS_MAX && lines[steps - 1].flags; steps++) {
			flow = tell(lines, steps, local, &rest);
			try_all_sets(&flow);
		}
	}
}

/* A connection begins with any set that a TCP sends, a RST apart. */
static void check_first(void)
{
	struct tcphs_tuple tuple = make_tuple(C);
	struct tcphs_flow untouched, flow;
	bool good = true;
	unsigned int flags;

	memset(&untouched, 0x5a, sizeof(untouched));
	for (flags = 0; flags < FLAG_SETS; flags++) {
		struct line line = { C, (u16)flags, 100, 0, 0 };
		struct tcphs_seg seg = make_seg(&line);
		enum tcphs_reason expected = !tcphs_flags_valid((u16)flags) ?
			TCPHS_R_BAD_FLAGS : flags & TCPHS_RST ? TCPHS_R_STRAY : TCPHS_R_USED;

		flow = untouched;
		good &= tcphs_flow_init(&flow, &tuple, &seg, 0, 1) == expected;
		if (expected != TCPHS_R_USED)
			good &= !memcmp(&flow, &untouched, sizeof(flow));
	}
	tap_ok(good, "flags: what no TCP sends begins nothing (row M4)");
}

/* No segment is known to be answered by a LISTEN before it has left it. */
static void check_visited(void)
{
	unsigned int all = ((1U << TCPHS_STATES) - 1) & ~(1U << TCPHS_LISTEN);

	tap_ok(visited == all, "flags: every state but LISTEN, which no segment shows (row M4)");
}

int main(void)
{
	size_t i;

	for (i = 0; i < CONVERSATIONS; i++)
		try_conversation(conversations[i]);
	check_visited();
	tap_ok(is_true.refuses_bad,
	       "flags: what no TCP sends moves nothing, and is told (row M4)");
	tap_ok(is_true.ignores_idle,
	       "flags: PSH, URG and ECN change nothing in any state (rows M4 M7)");
	tap_ok(is_true.keeps_open,
	       "flags: no set with SYN moves two synchronized ends (rows E11 M4)");
	tap_ok(is_true.needs_fin,
	       "flags: no set without FIN begins a close (row M4)");
	tap_ok(is_true.takes_fin,
	       "flags: every valid set with FIN closes its sender's half (row M4)");
	tap_ok(is_true.takes_rst,
	       "flags: every valid set with RST closes both ends (rows E3 M4)");
	tap_ok(is_true.succeeds_by_syn,
	       "flags: nothing but a SYN opens another connection (row M4)");
	check_first();
	return tap_done();
}
