// SPDX-License-Identifier: GPL-2.0
/*
 * Random conversations of two small TCPs over a bad channel, with an observer
 * in its middle. What the engine believes is compared, segment by segment,
 * with the oracle, and for local sides with the TCPs themselves. Between two
 * local sides segments are also seen twice, where they leave and where they
 * arrive, and lost in between.
 *
 *	random [SEGMENTS [SEED [TRIES]]]
 */
#include <stdlib.h>

#include "core/flow.h"
#include "endpoint.h"
#include "oracle.h"
#include "tap.h"
#include "twin.h"

#define FLYING_MAX	256
#define TRACE_MAX	400
#define WORLDS		5		/* local: none, client, server, both; seen twice */
#define MS		1000000ULL
#define TWO_MSL		(60000 * MS)

enum leg { TO_OBSERVER, TO_RECEIVER };

struct flying {
	struct tcphs_seg seg;
	unsigned int from;
	enum leg leg;
};

struct trace {
	struct tcphs_seg seg;
	unsigned int from;
	enum tcphs_pass pass;
	u64 now_ns;
	unsigned int state[2];		/* the engine's, after it */
};

/* One conversation. */
static struct world {
	u64 random;
	struct endpoint endpoint[2];	/* client, server */
	bool local[2];
	unsigned int loss;		/* all in percent */
	unsigned int duplicates;
	unsigned int reordering;
	unsigned int forgeries;
	bool is_plain_upstream;		/* segments pass the observer in order */
	bool is_late;			/* the observer missed the beginning */
	bool is_blurred;		/* and more than what it saw can tell of */
	bool is_split;			/* segments are seen to leave and to arrive */
	bool had_gap;			/* one arrived before what stands before it */
	unsigned int unseen;		/* so many segments pass before it looks */
	struct flying flying[FLYING_MAX];
	int flights;

	unsigned int flip;		/* the server's SYN was seen first: it is the client */
	bool is_begun;
	bool is_over;			/* the record ended */
	struct tcphs_flow flow;
	struct tcphs_rest rest;		/* of it, once that is needed */
	struct tcphs_step step;
	struct oracle oracle;
	u64 now_ns;
	u64 seen_ns;
	unsigned int state[2];		/* followed through the transitions */
	unsigned int events;		/* in this step */
	unsigned int connections;
	unsigned int handshakes;
	struct tcphs_ev_connection connection;
	struct tcphs_ev_handshake handshake;
	struct trace trace[TRACE_MAX];
	int traced;
	char why[300];			/* empty: all is well */
} w;

static unsigned long segments_seen;
static unsigned long quick_taken;
static unsigned long quiet_taken;
static unsigned long truths;		/* comparisons with an endpoint */

__attribute__((format(printf, 1, 2)))
static void fail(const char *format, ...)
{
	va_list args;

	if (w.why[0])
		return;
	va_start(args, format);
	vsnprintf(w.why, sizeof(w.why), format, args);
	va_end(args);
}

/* xorshift64* */
static u32 random_u32(void)
{
	w.random ^= w.random >> 12;
	w.random ^= w.random << 25;
	w.random ^= w.random >> 27;
	return (u32)((w.random * 0x2545f4914f6cdd1dULL) >> 32);
}

static u32 below(u32 n)
{
	return random_u32() % n;
}

static bool chance(u32 percent)
{
	return below(100) < percent;
}

/* Of a side as the observer calls it. */
static bool is_local(unsigned int side)
{
	return w.local[side ^ w.flip];
}

/* The engine's events */

static void follow(const struct tcphs_ev_transition *e)
{
	if (w.state[e->side] && w.state[e->side] != e->old_state)
		fail("side %u leaves %s but was in %s", e->side,
		     tcphs_state_name(e->old_state), tcphs_state_name(w.state[e->side]));
	if (e->old_state == e->new_state)
		fail("a transition that changes nothing");
	if (e->cause == TCPHS_CAUSE_CORRECTION && is_local(e->side) && !w.is_blurred)
		fail("the state of a local side was corrected");
	w.state[e->side] = e->new_state;
}

static void emit(struct tcphs_step *step, const struct tcphs_flow *flow,
		 unsigned int type, const void *payload, size_t size)
{
	w.events++;
	(void)step;
	(void)flow;
	if (type == TCPHS_EV_TRANSITION) {
		follow(payload);
	} else if (type == TCPHS_EV_HANDSHAKE) {
		memcpy(&w.handshake, payload, size);
		w.handshakes++;
	} else if (type == TCPHS_EV_CONNECTION) {
		memcpy(&w.connection, payload, size);
		w.connections++;
	}
}

/* Comparison */

static void compare_states(void)
{
	unsigned int side, engine, oracle;

	for (side = 0; side < 2; side++) {
		engine = w.flow.end[side].state;
		oracle = oracle_state(&w.oracle, side);
		if (engine != w.state[side] && w.state[side])
			fail("%s is %s, its transitions say %s", tcphs_side_name(side),
			     tcphs_state_name(engine), tcphs_state_name(w.state[side]));
		if (w.is_late || oracle_may_lag(&w.oracle, side))
			continue;
		if (engine != oracle)
			fail("%s: engine %s, oracle %s", tcphs_side_name(side),
			     tcphs_state_name(engine), tcphs_state_name(oracle));
	}
}

/* Nothing that this local side has sent is still to be seen. */
static bool is_all_seen_of(unsigned int side)
{
	int i;

	for (i = 0; i < w.flights && !w.is_split; i++)
		if (w.flying[i].from == side && w.flying[i].leg == TO_OBSERVER)
			return false;
	return true;
}

/* It missed what stands before the FIN: only the side's own ACK can tell. */
static bool may_lag(unsigned int side)
{
	const struct tcphs_end *peer = &w.flow.end[!side];

	if (w.is_split)
		return w.had_gap && peer->bits & TCPHS_END_FIN &&
		       !(peer->bits & TCPHS_END_FIN_TAKEN);
	if (!w.is_late)
		return oracle_may_lag(&w.oracle, side);
	return peer->bits & TCPHS_END_FIN && !seq_after(w.flow.at[side].ack, w.rest.fin[!side]);
}

/* What the engine says of a local side is what that side is. */
static void compare_truth(void)
{
	unsigned int side, engine, truth;

	for (side = 0; side < 2 && w.is_begun && !w.is_over && !w.is_blurred; side++) {
		engine = w.flow.end[side].state;
		truth = w.endpoint[side ^ w.flip].state;
		if (!is_local(side) || !engine || !is_all_seen_of(side ^ w.flip))
			continue;
		if (may_lag(side))
			continue;
		if (engine == TCPHS_CLOSE && truth == TCPHS_LISTEN)
			continue;	/* its RST: of this connection nothing is left */
		truths++;
		if (engine != truth)
			fail("%s: engine %s, but the local TCP is in %s",
			     tcphs_side_name(side), tcphs_state_name(engine),
			     tcphs_state_name(truth));
	}
}

static bool is_simultaneous_open(void)
{
	return w.oracle.end[0].sent_syn_ack;
}

static void compare_end(unsigned int side)
{
	const struct tcphs_ev_end *engine = &w.connection.end[side];
	const struct oracle_end *oracle = &w.oracle.end[side];

	if (engine->fin_retransmits != (oracle->fins ? oracle->fins - 1 : 0))
		fail("%s: engine counts %u repeated FINs, oracle %u FINs",
		     tcphs_side_name(side), engine->fin_retransmits, oracle->fins);
	if (engine->syns != oracle->syns && !is_simultaneous_open())
		fail("%s: engine counts %u SYNs, oracle %u", tcphs_side_name(side),
		     engine->syns, oracle->syns);
	if (!w.is_plain_upstream)
		return;
	if (engine->bytes != oracle->bytes)
		fail("%s: engine counts %llu bytes, oracle %lu", tcphs_side_name(side),
		     engine->bytes, oracle->bytes);
	if (engine->retransmits != oracle->retransmits)
		fail("%s: engine counts %u retransmissions, oracle %u",
		     tcphs_side_name(side), engine->retransmits, oracle->retransmits);
}

/* Time ran out for what the segments had not ended. */
static bool is_timed_out(unsigned int close)
{
	return oracle_close(&w.oracle) == TCPHS_CLOSE_OPEN &&
	       (close == TCPHS_CLOSE_TIMEOUT || close == TCPHS_CLOSE_UNANSWERED);
}

static void compare_connection(void)
{
	const struct tcphs_ev_connection *c = &w.connection;
	bool is_ok;

	if (w.connections != 1)
		fail("%u connection events", w.connections);
	if (w.is_late || w.is_split)
		return;
	if (c->closer != w.oracle.closer)
		fail("closer: engine %s, oracle %s", tcphs_side_name(c->closer),
		     tcphs_side_name(w.oracle.closer));
	if (c->close != oracle_close(&w.oracle) && !is_timed_out(c->close))
		fail("close: engine %s, oracle %s", tcphs_close_name(c->close),
		     tcphs_close_name(oracle_close(&w.oracle)));
	is_ok = c->handshake == TCPHS_HS_OK;
	if (c->handshake == TCPHS_HS_BAD ? !w.oracle.bad_acks : is_ok != w.oracle.verified)
		fail("handshake: engine %s, oracle %sverified", tcphs_hs_name(c->handshake),
		     w.oracle.verified ? "" : "not ");
	compare_end(TCPHS_CLIENT);
	compare_end(TCPHS_SERVER);
}

/* The observer */

static struct tcphs_tuple make_tuple(unsigned int from)
{
	struct tcphs_tuple tuple = { .family = 6 };

	tuple.addr[from][3] = 1;
	tuple.addr[!from][3] = 2;
	tuple.addr[0][3] = from ? 2 : 1;
	tuple.addr[1][3] = from ? 1 : 2;
	tuple.port[0] = from ? 80 : 50000;
	tuple.port[1] = from ? 50000 : 80;
	return tuple;
}

static bool begin(unsigned int sender, const struct tcphs_seg *seg)
{
	struct tcphs_tuple tuple = make_tuple(sender);
	u8 local = (u8)((w.local[sender] ? 1 : 0) | (w.local[!sender] ? 2 : 0));

	if (tcphs_flow_init(&w.flow, &tuple, seg, local, 1) != TCPHS_R_USED)
		return false;
	w.is_begun = true;
	if (!(seg->flags & TCPHS_SYN) || seg->flags & TCPHS_ACK)
		w.is_late = true;
	if (seg->flags & TCPHS_SYN)
		w.flip = seg->flags & TCPHS_ACK ? !sender : sender;
	if (tcphs_flow_match(&w.flow, &tuple) != (sender ^ w.flip))
		fail("the client is the other one");
	oracle_init(&w.oracle, is_local(TCPHS_CLIENT), is_local(TCPHS_SERVER), TWO_MSL);
	return true;
}

/* The short way takes what the long way takes, with the same effect. */
static void step_both_ways(unsigned int from, const struct tcphs_seg *seg)
{
	struct tcphs_flow before, quick;
	const char *difference;
	bool is_quick;

	if (tcphs_flow_lacks_rest(&w.flow, from, seg))
		tcphs_flow_attach(&w.flow, &w.rest);
	before = w.flow;
	quick = w.flow;
	is_quick = before.stamp_ns && tcphs_flow_quick(&quick, from, seg);

	w.events = 0;
	w.step.now_ns = w.now_ns;
	difference = twin_differs(&w.flow, from, seg, &w.step, &quiet_taken);
	if (difference)
		fail("%s", difference);
	tcphs_flow_step(&w.flow, from, seg, &w.step);
	w.seen_ns = w.step.now_ns;
	if (w.step.now_ns > w.now_ns)
		w.now_ns = w.step.now_ns;
	if (!is_quick) {
		if (memcmp(&quick, &before, sizeof(quick)))
			fail("flow_quick() refused, yet changed the flow");
		return;
	}
	quick_taken++;
	quick.stamp_ns = w.flow.stamp_ns;
	if (w.events)
		fail("flow_quick() took a segment that makes events");
	if (memcmp(&quick, &w.flow, sizeof(quick)))
		fail("flow_quick() and flow_step() differ");
}

static void end_record(void)
{
	if (!w.connections)	/* the timer has not ended it */
		tcphs_flow_end(&w.flow, TCPHS_CLOSE_OPEN, TCPHS_TW_END_NONE,
			       w.seen_ns, &w.step);
	w.is_over = true;
	compare_connection();
}

/*
 * Where both sides are local a segment is seen when it arrives: a FIN that was
 * sent before the other's came in looks as if it was sent after it, and whether
 * a repetition is old to its receiver depends on an ACK that is still to be seen.
 */
static bool is_unclear_at_one_door(unsigned int from, const struct tcphs_seg *seg)
{
	const struct tcphs_end *peer = &w.flow.end[!from];

	if (!w.local[0] || !w.local[1])
		return false;
	if (seg->len && !seq_after(seg->seq + seg->len, w.flow.at[from].whole))
		return true;
	return seg->flags & TCPHS_FIN && peer->bits & TCPHS_END_FIN &&
	       !seq_after(seg->ack, w.rest.fin[!from]);
}

/*
 * A RST that leaves while what stands before it is still on its way is not at
 * the number that is known: its sender is left for dead where it arrives.
 */
static bool is_early_rst(unsigned int from, const struct tcphs_seg *seg)
{
	return w.step.pass == TCPHS_PASS_OUT && seg->flags & TCPHS_RST &&
	       w.flow.end[from].state != TCPHS_CLOSE;
}

/*
 * What an observer that missed this cannot know: that an end has closed, whose
 * retransmissions look like new data then, or that the receiver lacks something.
 */
static bool leaves_no_trace(const struct tcphs_seg *seg)
{
	return seg->flags & (TCPHS_FIN | TCPHS_RST) ||
	       (seg->len && (w.loss || w.reordering));
}

static void observe(unsigned int sender, const struct tcphs_seg *seg,
		    enum tcphs_pass pass)
{
	unsigned int from = sender ^ w.flip;
	struct trace *trace = &w.trace[w.traced];

	w.now_ns += MS;
	w.step.pass = pass;
	if (w.unseen) {
		w.unseen--;
		w.is_late = true;
		w.is_blurred |= leaves_no_trace(seg);
		return;
	}
	if (w.is_over || w.why[0] || w.traced == TRACE_MAX)
		return;
	segments_seen++;
	trace->seg = *seg;
	trace->from = from;
	trace->pass = pass;
	trace->now_ns = w.now_ns;
	w.traced++;
	if (w.is_begun && tcphs_flow_succeeds(&w.flow, from, seg)) {
		w.traced--;
		end_record();
		return;
	}
	if (!w.is_begun && !begin(sender, seg))
		return;
	from = sender ^ w.flip;
	trace->from = from;
	if (w.is_late && seg->flags & TCPHS_SYN)
		w.is_blurred = true;
	if (!w.is_split && is_unclear_at_one_door(from, seg))
		w.is_blurred = true;
	if (pass == TCPHS_PASS_IN && seq_after(seg->seq, w.flow.at[from].whole))
		w.had_gap = true;
	step_both_ways(from, seg);
	if (is_early_rst(from, seg))
		w.is_blurred = true;
	trace->state[0] = w.flow.end[0].state;
	trace->state[1] = w.flow.end[1].state;
	if (w.is_split)
		return;
	oracle_step(&w.oracle, from, seg, w.step.now_ns);
	compare_states();
}

/* The channel */

static void launch(unsigned int from, const struct tcphs_seg *seg, enum leg leg)
{
	bool is_lossless = w.local[0] && w.local[1] && !w.is_split;
	int copies = 1;

	if (!is_lossless && chance(w.loss))
		copies = 0;
	else if (!is_lossless && chance(w.duplicates))
		copies = 2;
	if (!copies && leg == TO_OBSERVER && !w.is_begun)
		w.is_blurred |= leaves_no_trace(seg);
	for (; copies && w.flights < FLYING_MAX; copies--)
		w.flying[w.flights++] = (struct flying){ *seg, from, leg };
}

static void send(struct endpoint *e, const struct tcphs_seg *seg)
{
	unsigned int from = e == &w.endpoint[TCPHS_SERVER];

	if (w.is_split && tcphs_seg_is_split(seg))
		observe(from, seg, TCPHS_PASS_OUT);
	if (w.local[from] && !w.local[!from]) {
		observe(from, seg, TCPHS_PASS_WHOLE);
		launch(from, seg, TO_RECEIVER);
	} else {
		launch(from, seg, TO_OBSERVER);
	}
}

/* A segment reaches the observer, or its receiver, or both at one door. */
static void land(int i)
{
	struct flying f = w.flying[i];

	w.flights--;
	memmove(&w.flying[i], &w.flying[i + 1],
		(size_t)(w.flights - i) * sizeof(w.flying[0]));
	if (f.leg == TO_OBSERVER) {
		observe(f.from, &f.seg, w.is_split ? TCPHS_PASS_IN : TCPHS_PASS_WHOLE);
		if (!w.local[!f.from]) {
			launch(f.from, &f.seg, TO_RECEIVER);
			return;
		}
	}
	endpoint_receive(&w.endpoint[!f.from], &f.seg);
}

static void land_one(void)
{
	unsigned int from = below(2);
	int i;

	if (!w.flights)
		return;
	if (chance(w.reordering) && (w.is_split || !(w.local[0] && w.local[1]))) {
		land((int)below((u32)w.flights));
		return;
	}
	for (i = 0; i < w.flights; i++) {	/* the eldest of one direction */
		if (w.flying[i].from == from) {
			land(i);
			return;
		}
	}
	land(0);
}

/* What somebody else would send: each plainly wrong in one way. */
static void forge(void)
{
	static const u16 bad_flags[] = {
		0, TCPHS_FIN, TCPHS_SYN | TCPHS_FIN, TCPHS_SYN | TCPHS_RST,
		TCPHS_FIN | TCPHS_RST, 0xff, TCPHS_PSH, TCPHS_FIN | TCPHS_SYN | TCPHS_ACK,
	};
	unsigned int from = below(2);
	struct endpoint *x = &w.endpoint[from];
	struct endpoint *y = &w.endpoint[!from];
	struct tcphs_seg seg = {
		.seq = x->snd_nxt, .ack = y->snd_nxt, .win = 1000, .flags = TCPHS_ACK,
	};
	u32 far = 0x20000000 + below(0xc0000000);

	if (w.local[from] || !w.oracle.end[0].sent_syn || !w.oracle.end[1].sent_syn)
		return;		/* the real one could not be told from it yet */
	switch (below(7)) {
	case 0:
		seg.flags = bad_flags[below(8)];
		break;
	case 1:
		seg.seq += far;
		seg.flags |= chance(50) ? TCPHS_FIN : 0;
		seg.len = below(100);
		break;
	case 2:
		seg.ack += far;
		seg.flags |= chance(50) ? TCPHS_FIN : 0;
		seg.len = below(100);
		break;
	case 3:
		seg.seq += far;
		seg.flags = chance(50) ? TCPHS_RST : TCPHS_RST | TCPHS_ACK;
		seg.ack += far;
		break;
	case 4:
		seg.seq += far;
		seg.flags = TCPHS_SYN;
		if (x->state == TCPHS_CLOSE || x->state == TCPHS_SYN_SENT)
			return;	/* it could be its own */
		break;
	case 5:
		seg.ack += far;
		seg.flags = TCPHS_SYN | TCPHS_ACK;
		break;
	case 6:
		seg.seq = y->rcv_nxt;	/* this one kills */
		seg.flags = TCPHS_RST;
		if (chance(80) || y->state == TCPHS_SYN_SENT)
			return;
		break;
	}
	launch(from, &seg, TO_OBSERVER);
}

static void act(void)
{
	unsigned int side = below(2);
	struct endpoint *e = &w.endpoint[side];
	u32 what = below(100);

	if (what < 60)
		land_one();
	else if (what < 75)
		endpoint_acknowledge(e);
	else if (what < 86)
		endpoint_write(e, 1 + below(chance(20) ? 700 : 40));
	else if (what < 92)
		endpoint_retransmit(e);
	else if (what < 96)
		endpoint_close(e);
	else if (what < 97 && chance(20))
		endpoint_abort(e);
	else if (chance(w.forgeries))
		forge();
	compare_truth();
}

/* Conversations */

static u32 random_iss(void)
{
	static const u32 edge[] = { 0, 0x80000000u };

	return chance(50) ? random_u32() : edge[below(2)] - below(1500);
}

static void open_world(u64 seed, unsigned int local)
{
	unsigned int side;

	memset(&w, 0, sizeof(w));
	w.random = seed;
	random_u32();
	w.local[TCPHS_CLIENT] = local & TCPHS_LOCAL_CLIENT || local == 4;
	w.local[TCPHS_SERVER] = local & TCPHS_LOCAL_SERVER || local == 4;
	if (chance(70)) {
		w.loss = below(20);
		w.duplicates = below(10);
		w.reordering = chance(50) ? below(40) : 0;
	}
	w.is_split = local == 4;
	w.is_plain_upstream = local == 3 || !(w.loss || w.reordering);
	w.forgeries = chance(30) ? below(60) : 0;
	w.unseen = chance(5) ? 1 + below(8) : 0;
	w.now_ns = 1000 * MS;
	w.step.emit = emit;
	w.step.is_linux = true;
	w.step.time_wait_ns = TWO_MSL;
	for (side = 0; side < 2; side++) {
		w.endpoint[side].send = send;
		w.endpoint[side].win = 4000 + below(50000);
		w.endpoint[side].wscale = chance(30) ? (u8)below(5) : 0;
	}
	endpoint_listen(&w.endpoint[TCPHS_SERVER], random_iss());
	if (chance(4))
		w.endpoint[TCPHS_SERVER].state = TCPHS_CLOSE;
	endpoint_connect(&w.endpoint[TCPHS_CLIENT], random_iss());
	if (chance(5) && !(w.is_begun && w.flow.end[TCPHS_SERVER].state))
		endpoint_connect(&w.endpoint[TCPHS_SERVER], random_iss());
}

/* Nothing more comes: TIME_WAITs run out. */
static void let_time_pass(void)
{
	bool is_gone = false;
	int i;

	for (i = 0; i < 4 && !is_gone && !w.why[0]; i++) {
		w.now_ns += TWO_MSL / 2;
		w.step.now_ns = w.now_ns;
		is_gone = tcphs_flow_timer(&w.flow, w.seen_ns, &w.step);
		oracle_timer(&w.oracle, w.now_ns);
		if (!w.is_split && (!is_gone || tcphs_flow_is_closed(&w.flow)))
			compare_states();
	}
}

static void converse(void)
{
	int actions = 60 + (int)below(300);

	while (actions-- && !w.why[0] && !w.is_over && w.traced < TRACE_MAX)
		act();
	if (w.why[0] || w.is_over || !w.is_begun)
		return;
	if (chance(50))
		let_time_pass();
	end_record();
}

static void print_trace(void)
{
	const u32 iss[2] = { w.endpoint[w.flip].iss, w.endpoint[!w.flip].iss };
	char flags[TCPHS_FLAGS_TEXT];
	int i;

	tap_note("%s", w.why);
	for (i = 0; i < w.traced; i++) {
		const struct trace *t = &w.trace[i];
		u32 seq = t->seg.seq - iss[t->from] + (t->from ? 300 : 100);
		u32 ack = t->seg.flags & TCPHS_ACK ?
			  t->seg.ack - iss[!t->from] + (t->from ? 100 : 300) : 0;

		tap_note("%llu.%03llu %s%s %s seq %u ack %u len %u win %u%s%.0d | %s %s",
			 t->now_ns / 1000 / MS, t->now_ns / MS % 1000,
			 t->pass == TCPHS_PASS_OUT ? "out " : t->pass ? "in " : "",
			 t->from ? "S>C" : "C>S", tcphs_flags_text(t->seg.flags, flags),
			 seq, ack, t->seg.len, t->seg.win,
			 t->seg.options & TCPHS_OPT_WSCALE ? " wscale " : "",
			 t->seg.options & TCPHS_OPT_WSCALE ? t->seg.wscale : 0,
			 tcphs_state_name(t->state[0]), tcphs_state_name(t->state[1]));
	}
	tap_note("the TCPs themselves: %s %s", tcphs_state_name(w.endpoint[w.flip].state),
		 tcphs_state_name(w.endpoint[!w.flip].state));
}

/* Four places to look at whole segments, and one to see each pass twice. */
static const char *local_text(unsigned int local)
{
	return local == 4 ? "both, seen twice" : tcphs_local_name(local);
}

/* After a failure: the shortest that can be found in so many more tries. */
static void report(u64 seed, unsigned int local, int tries)
{
	u64 best = seed;
	int shortest = w.traced;
	int i;

	for (i = 1; i < tries; i++) {
		open_world(seed + (u64)i, local);
		converse();
		if (w.why[0] && w.traced < shortest) {
			shortest = w.traced;
			best = seed + (u64)i;
		}
	}
	open_world(best, local);
	converse();
	tap_note("first at seed %llu, shortest at seed %llu: 'random 1 %llu' repeats it",
		 seed, best, best);
	tap_note("local %s", local_text(local));
	print_trace();
}

int main(int argc, char **argv)
{
	unsigned long segments = argc > 1 ? strtoul(argv[1], NULL, 0) : 1000000;
	u64 first = argc > 2 ? strtoull(argv[2], NULL, 0) : 9293;
	int tries = argc > 3 ? atoi(argv[3]) : 20000;
	unsigned long conversations = 0;
	unsigned int local;
	u64 seed;
	bool good;

	for (local = 0; local < WORLDS; local++) {
		seed = first;
		good = true;
		while (segments_seen < (local + 1) * segments / WORLDS && good) {
			open_world(seed, local);
			converse();
			good = !w.why[0];
			if (!good)
				report(seed, local, tries);
			seed++;
			conversations++;
		}
		segments_seen = (local + 1) * segments / WORLDS;
		tap_ok(good, "the engine agrees with the oracle on random segments [local %s]",
		       local_text(local));
	}
	tap_note("oracle: %lu segments of %lu conversations, %lu in short, %lu without a clock",
		 segments, conversations, quick_taken, quiet_taken);
	tap_note("oracle: %lu times compared with a local TCP", truths);
	return tap_done();
}
