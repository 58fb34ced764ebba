// SPDX-License-Identifier: GPL-2.0
/*
 * Stands between the model and the engine: turns the model's small numbers
 * into segments, and takes from the flow what is no part of its state (times,
 * counters), so that what is equal looks equal. Judges transitions, no states.
 */
#include "observer.h"

#include <stdio.h>
#include <stdlib.h>

/* The model's, see there. */
#define UNIT		4
#define MODEL_FIN	1
#define MODEL_SYN	2
#define MODEL_RST	4
#define MODEL_ACK	8

/* What history.c alone reads. */
#define HISTORY		(TCPHS_END_RESET | TCPHS_END_PATCHED | \
			 TCPHS_END_HIST_SYN | TCPHS_END_HIST_ACK | \
			 TCPHS_END_HIST_DATA | TCPHS_END_HIST_FIN | \
			 TCPHS_END_HIST_RST | TCPHS_END_HIST_MULTI | \
			 TCPHS_END_HIST_FIN_RST)

/* The client's numbers wrap within its data. */
static const u32 isn[2] = { 0xfffffffd, 300 };

struct tcphs_flow observer_flow;
struct tcphs_rest observer_rest;	/* of it, once that is needed */
int observer_went_back;
unsigned char observer_corrected[2];

static unsigned int place;		/* the model's HERE */
static bool is_unknown[2];		/* before this step */
static unsigned int reached[2];

/* Those of one rank go different ways. */
unsigned char observer_rank(unsigned int state)
{
	static const unsigned char rank[TCPHS_STATES] = {
		[TCPHS_STATE_UNKNOWN] = 0,
		[TCPHS_LISTEN] = 0,
		[TCPHS_SYN_SENT] = 1,
		[TCPHS_SYN_RECV] = 2,
		[TCPHS_ESTABLISHED] = 3,
		[TCPHS_FIN_WAIT1] = 4,
		[TCPHS_CLOSE_WAIT] = 4,
		[TCPHS_FIN_WAIT2] = 5,
		[TCPHS_CLOSING] = 5,
		[TCPHS_LAST_ACK] = 5,
		[TCPHS_TIME_WAIT] = 6,
		[TCPHS_CLOSE] = 7,
	};

	return rank[state];
}

/* "Corrections" in Documentation/states.md. */
static bool is_correction(unsigned int old, unsigned int new)
{
	return (old == TCPHS_ESTABLISHED && new == TCPHS_SYN_RECV) ||
	       (old == TCPHS_FIN_WAIT2 && new == TCPHS_FIN_WAIT1) ||
	       (old == TCPHS_TIME_WAIT && new == TCPHS_CLOSING) ||
	       (old == TCPHS_CLOSE && new == TCPHS_LAST_ACK);
}

static bool is_local(const struct tcphs_flow *flow, unsigned int side)
{
	return flow->local & (1U << side);
}

static bool goes_back(const struct tcphs_flow *flow,
		      const struct tcphs_ev_transition *t)
{
	if (t->cause == TCPHS_CAUSE_CORRECTION)
		return is_local(flow, t->side) ||
		       !is_correction(t->old_state, t->new_state);
	if (t->old_state == TCPHS_CLOSE && t->new_state == TCPHS_SYN_SENT)
		return !is_unknown[t->side];	/* the state that a SYN proves */
	return observer_rank(t->new_state) <= observer_rank(t->old_state);
}

static void emit(struct tcphs_step *step, const struct tcphs_flow *flow,
		 unsigned int type, const void *payload, size_t size)
{
	const struct tcphs_ev_transition *t = payload;

	(void)step;
	(void)size;
	if (type != TCPHS_EV_TRANSITION)
		return;
	if (goes_back(flow, t))
		observer_went_back = 1;
	if (t->cause == TCPHS_CAUSE_CORRECTION)
		observer_corrected[t->side] = 1;
	else if (t->new_state != TCPHS_CLOSING)	/* still waits for the ACK */
		observer_corrected[t->side] = 0;
}

static struct tcphs_tuple make_tuple(unsigned int from)
{
	struct tcphs_tuple tuple = { .family = 4 };

	tuple.addr[from][0] = 1;
	tuple.addr[!from][0] = 2;
	tuple.addr[0][0] = from ? 2 : 1;
	tuple.addr[1][0] = from ? 1 : 2;
	tuple.port[0] = from ? 7788 : 3337;
	tuple.port[1] = from ? 3337 : 7788;
	return tuple;
}

static struct tcphs_seg make_seg(unsigned int from, unsigned int flags,
				 unsigned int seq, unsigned int ack,
				 unsigned int data)
{
	struct tcphs_seg seg = {
		.seq = isn[from] + seq,
		.win = 1000,
		.len = data * UNIT,
	};

	seg.flags = (u16)((flags & MODEL_FIN ? TCPHS_FIN : 0) |
			  (flags & MODEL_SYN ? TCPHS_SYN : 0) |
			  (flags & MODEL_RST ? TCPHS_RST : 0) |
			  (flags & MODEL_ACK ? TCPHS_ACK : 0));
	if (flags & MODEL_ACK)
		seg.ack = isn[!from] + ack;
	if (flags == (MODEL_RST | MODEL_ACK) && !seq)
		seg.seq = 0;		/* of no connection: RFC 9293 3.10.7.1 */
	return seg;
}

/*
 * What tells nothing of states: times, and counts. Of bytes the engine asks
 * only whether an ACK is older than all that was ever sent: they stay.
 */
static void forget_rest(struct tcphs_rest *rest)
{
	struct tcphs_rest kept = tcphs_no_rest;

	memcpy(kept.fin, rest->fin, sizeof(kept.fin));
	memcpy(kept.bytes, rest->bytes, sizeof(kept.bytes));
	memcpy(kept.tw_note, rest->tw_note, sizeof(kept.tw_note));
	kept.tw_source = rest->tw_source;
	kept.tw_end = rest->tw_end;
	kept.closer = rest->closer;
	kept.close = rest->close;
	kept.fins = rest->fins;
	*rest = kept;
}

static void forget_times(struct tcphs_flow *flow)
{
	unsigned int side;

	if (flow->rest)
		forget_rest(flow->rest);
	flow->first_ns = 0;
	flow->stamp_ns = 0;
	flow->history = 0;
	memset(flow->quick, 0, sizeof(flow->quick));
	memset(flow->span_low, 0, sizeof(flow->span_low));
	memset(flow->span_high, 0, sizeof(flow->span_high));
	for (side = 0; side < 2; side++) {
		struct tcphs_end *end = &flow->end[side];

		flow->last_flags[side] = 0;
		flow->at[side].segments = 0;
		end->bits &= ~HISTORY;
		end->since_ns = 0;
		end->retransmits = 0;
		end->syns = 0;
	}
}

static bool begin(const struct tcphs_tuple *tuple, const struct tcphs_seg *seg,
		  unsigned int from)
{
	u8 local = (u8)((place >> from & 1) | (place >> !from & 1) << 1);

	return tcphs_flow_init(&observer_flow, tuple, seg, local, 1) ==
	       TCPHS_R_USED;
}

/* With TRAIL in the environment: what passes, in the words of a .seg script. */
static void print_seen(unsigned int from, unsigned int side,
		       const struct tcphs_seg *seg)
{
	static unsigned int step;
	static const u32 first[2] = { 100, 300 };
	char flags[TCPHS_FLAGS_TEXT];

	if (!getenv("TRAIL"))
		return;
	printf("%u.000 %s %s seq %u", step++, side ? "S>C" : "C>S",
	       tcphs_flags_text(seg->flags, flags),
	       seg->seq - isn[from] + first[side]);
	if (seg->flags & TCPHS_ACK)
		printf(" ack %u", seg->ack - isn[!from] + first[!side]);
	if (seg->len)
		printf(" len %u", seg->len);
	printf("\t| %s %s\n", tcphs_state_name(observer_flow.end[0].state),
	       tcphs_state_name(observer_flow.end[1].state));
}

int observer_see(unsigned int leaves, unsigned int from, unsigned int flags,
		 unsigned int seq, unsigned int ack, unsigned int data)
{
	struct tcphs_step step = {
		.now_ns = 1,
		.time_wait_ns = 1,
		.emit = emit,
		.is_linux = place != 0,
	};
	struct tcphs_tuple tuple = make_tuple(from);
	struct tcphs_seg seg = make_seg(from, flags, seq, ack, data);
	bool is_begun = observer_flow.bits & TCPHS_FLOW_BEGUN;
	unsigned int side;

	if (place == 3 && tcphs_seg_is_split(&seg))
		step.pass = leaves ? TCPHS_PASS_OUT : TCPHS_PASS_IN;
	else if (leaves && place == 3)
		return 0;
	for (side = 0; side < 2; side++)
		is_unknown[side] = !observer_flow.end[side].state;
	if (!is_begun && !begin(&tuple, &seg, from))
		return 0;
	side = tcphs_flow_match(&observer_flow, &tuple);
	if (tcphs_flow_succeeds(&observer_flow, side, &seg))
		return 1;
	if (tcphs_flow_lacks_rest(&observer_flow, side, &seg))
		tcphs_flow_attach(&observer_flow, &observer_rest);
	if (!is_begun || !tcphs_flow_quick(&observer_flow, side, &seg))
		tcphs_flow_step(&observer_flow, side, &seg, &step);
	forget_times(&observer_flow);
	print_seen(from, side, &seg);
	return 0;
}

void observer_note(unsigned int client, unsigned int server)
{
	if (getenv("TRAIL"))
		printf("\t# the ends are in %s %s\n", tcphs_state_name(client),
		       tcphs_state_name(server));
	reached[0] |= 1U << client;
	reached[1] |= 1U << server;
}

void observer_wait(void)
{
	struct tcphs_step step = { .now_ns = 1, .time_wait_ns = 1, .emit = emit };

	/* a segment has just come: the record itself is to stay */
	tcphs_flow_timer(&observer_flow, 2, &step);
	forget_times(&observer_flow);
}

/* In a simultaneous open the client is whose SYN passed first. */
static unsigned int side_of(unsigned int end)
{
	return observer_flow.port[0] == 7788 ? !end : end;
}

unsigned int observer_shown(unsigned int end)
{
	return observer_flow.end[side_of(end)].state;
}

unsigned int observer_is_corrected(unsigned int end)
{
	return observer_corrected[side_of(end)];
}

static void print_reached(void)
{
	unsigned int end, state;

	for (end = 0; end < 2; end++) {
		printf("reached %u:", end);
		for (state = 1; state < TCPHS_STATES; state++)
			if (reached[end] & 1U << state)
				printf(" %s", tcphs_state_name(state));
		printf("\n");
	}
}

void observer_begin(unsigned int here)
{
	place = here;
	atexit(print_reached);
}
