// SPDX-License-Identifier: GPL-2.0
/*
 * What lies beside a connection, and what is kept in fewer bits than it is told
 * with: when it is wanted, what happens without it, where the bits end.
 */
#include "core/flow.h"

#include "tap.h"

#define MINUTE	(60 * 1000000000ULL)

static struct tcphs_rest rest;		/* of the one flow that there is */
static struct tcphs_ev_handshake handshake;
static struct tcphs_ev_connection connection;

static void emit(struct tcphs_step *step, const struct tcphs_flow *flow,
		 unsigned int type, const void *payload, size_t size)
{
	(void)step;
	(void)flow;
	if (type == TCPHS_EV_HANDSHAKE)
		memcpy(&handshake, payload, size);
	if (type == TCPHS_EV_CONNECTION)
		memcpy(&connection, payload, size);
}

static enum tcphs_reason give(struct tcphs_flow *flow, u64 now_ns,
			      unsigned int from, struct tcphs_seg seg)
{
	struct tcphs_step step = {
		.now_ns = now_ns, .time_wait_ns = MINUTE, .emit = emit,
	};

	if (!seg.win)
		seg.win = 60000;
	return tcphs_flow_step(flow, from, &seg, &step);
}

static struct tcphs_seg make_data(u32 seq, u32 len)
{
	return (struct tcphs_seg){
		.flags = TCPHS_ACK, .seq = seq, .ack = 301, .len = len,
		.win = 60000,
	};
}

/* The ACK of the handshake comes after @ack_ns. */
static struct tcphs_flow make_flow(u64 ack_ns)
{
	struct tcphs_tuple tuple = { .port = { 3337, 7788 }, .family = 4 };
	struct tcphs_seg syn = { .flags = TCPHS_SYN, .seq = 100, .win = 60000 };
	struct tcphs_flow flow;

	memset(&flow, 0, sizeof(flow));
	tcphs_flow_init(&flow, &tuple, &syn, 0, 1);
	give(&flow, 1, 0, syn);
	give(&flow, 2, 1, (struct tcphs_seg){
		.flags = TCPHS_SYN | TCPHS_ACK, .seq = 300, .ack = 101 });
	give(&flow, 1 + ack_ns, 0, make_data(101, 0));
	return flow;
}

static void check_need(const char *claim, struct tcphs_seg seg, bool expected)
{
	struct tcphs_flow flow = make_flow(3), before = flow;
	bool lacks = tcphs_flow_lacks_rest(&flow, 0, &seg);
	bool refused = tcphs_flow_step(&flow, 0, &seg, &(struct tcphs_step){
		.now_ns = 4, .emit = emit }) == TCPHS_R_NO_MEMORY;

	tap_ok(lacks == expected && refused == expected &&
	       (!refused || !memcmp(&flow, &before, sizeof(flow))),
	       "rest: %s", claim);
}

static void check_needs(void)
{
	struct tcphs_seg seg = make_data(101, 10);

	check_need("data in order needs none", seg, false);
	seg.flags |= TCPHS_FIN;
	check_need("without it a FIN is passed over, and changes nothing", seg, true);
	seg.flags = TCPHS_RST;
	check_need("so is a RST", seg, true);
	seg.flags = TCPHS_SYN;
	check_need("and another SYN", seg, true);
	seg.seq = 100;
	check_need("but not the same once more", seg, false);
	seg = make_data(101, 10);
	seg.win = 0;
	check_need("a zero window is", seg, true);
	seg = make_data(101, 10);
	seg.ack = 302;
	check_need("and an ACK of what has not passed", seg, true);
}

static void check_counters(void)
{
	struct tcphs_flow flow = make_flow(3);
	struct tcphs_seg seg = make_data(101, 1000);

	give(&flow, 4, 0, seg);
	seg.seq += 1000;
	flow.at[0].bytes = 0xffffffffU - 500;
	tap_ok(!tcphs_flow_quick(&flow, 0, &seg) && tcphs_flow_lacks_rest(&flow, 0, &seg),
	       "rest: wanted by the byte after 2^32");
	tcphs_flow_attach(&flow, &rest);
	give(&flow, 5, 0, seg);
	tap_ok(tcphs_flow_bytes(&flow, 0) == 0xffffffffULL + 500,
	       "rest: bytes go on after 2^32");
	flow.at[0].segments = 0xffffffffU;
	seg.seq += 1000;
	give(&flow, 6, 0, seg);
	tap_ok(tcphs_flow_segments(&flow, 0) == 1ULL << 32, "rest: so do segments");
	tcphs_flow_end(&flow, TCPHS_CLOSE_OPEN, TCPHS_TW_END_NONE, 7,
		       &(struct tcphs_step){ .now_ns = 7, .emit = emit });
	tap_ok(connection.end[0].segments == 1ULL << 32 &&
	       connection.end[0].bytes == 0xffffffffULL + 1500,
	       "rest: and both are told");
}

static void check_moments(void)
{
	u64 longest_ns = (1ULL << 40) - 2;

	make_flow(longest_ns);
	tap_ok(handshake.total_ns == longest_ns && handshake.syn_ack_ns == 1 &&
	       handshake.ack_ns == longest_ns - 1,
	       "moments: a handshake of 18 minutes is told to the nanosecond");
	make_flow(longest_ns + 1);
	tap_ok(handshake.verified && handshake.syn_ack_ns == 1 &&
	       handshake.total_ns == TCPHS_NS_NONE &&
	       handshake.ack_ns == TCPHS_NS_NONE,
	       "moments: of a longer one that it was, not how long");
}

/* Ports and the first word of both addresses are the same. */
static void check_match(void)
{
	struct tcphs_tuple tuple = {
		.addr = { { 1, 2, 3, 4 }, { 1, 2, 3, 5 } },
		.port = { 179, 179 }, .family = 6,
	};
	struct tcphs_tuple reply = {
		.addr = { { 1, 2, 3, 5 }, { 1, 2, 3, 4 } },
		.port = { 179, 179 }, .family = 6,
	};
	struct tcphs_tuple other = {
		.addr = { { 1, 2, 3, 5 }, { 1, 2, 3, 5 } },
		.port = { 179, 179 }, .family = 6,
	};
	struct tcphs_seg syn = { .flags = TCPHS_SYN };
	struct tcphs_tuple again;
	struct tcphs_flow flow;

	tcphs_flow_init(&flow, &tuple, &syn, 0, 1);
	tcphs_flow_tuple(&flow, &again);
	tap_ok(!memcmp(&again, &tuple, sizeof(tuple)),
	       "match: the addresses are as they were given");
	tap_ok(tcphs_flow_match(&flow, &tuple) == TCPHS_CLIENT &&
	       tcphs_flow_match(&flow, &reply) == TCPHS_SERVER &&
	       tcphs_flow_match(&flow, &other) == TCPHS_NOBODY,
	       "match: neighbours with equal ports are told apart");
}

int main(void)
{
	check_needs();
	check_counters();
	check_moments();
	check_match();
	return tap_done();
}
