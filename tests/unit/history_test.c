// SPDX-License-Identifier: GPL-2.0
/*
 * The history where a script would be too long: letters that come at powers
 * of ten, and what does not fit. What each letter means is told by
 * cases/zeek-*.seg.
 */
#include "core/flow.h"
#include "tap.h"

static void ignore(struct tcphs_step *step, const struct tcphs_flow *flow,
		   unsigned int type, const void *payload, size_t size)
{
	(void)step, (void)flow, (void)type, (void)payload, (void)size;
}

static struct tcphs_rest rest;		/* of the one flow that there is */

static void give(struct tcphs_flow *flow, unsigned int from, u16 flags, u32 seq,
		 u32 ack, u32 len, u16 win)
{
	struct tcphs_seg seg = {
		.flags = flags, .seq = seq, .ack = ack, .len = len, .win = win,
	};
	struct tcphs_step step = { .time_wait_ns = 60, .emit = ignore };

	if (tcphs_flow_lacks_rest(flow, from, &seg))
		tcphs_flow_attach(flow, &rest);
	tcphs_flow_step(flow, from, &seg, &step);
}

static struct tcphs_flow make_flow(void)
{
	struct tcphs_tuple tuple = { .port = { 3337, 7788 }, .family = 4 };
	struct tcphs_seg syn = { .flags = TCPHS_SYN, .seq = 100 };
	struct tcphs_flow flow;

	memset(&flow, 0, sizeof(flow));
	tcphs_flow_init(&flow, &tuple, &syn, 0, 1);
	give(&flow, 0, TCPHS_SYN, 100, 0, 0, 1000);
	give(&flow, 1, TCPHS_SYN | TCPHS_ACK, 300, 101, 0, 1000);
	give(&flow, 0, TCPHS_ACK, 101, 301, 0, 1000);
	return flow;
}

static void check_text(const struct tcphs_flow *flow, const char *expected,
		       const char *claim)
{
	char text[TCPHS_HISTORY_TEXT + 1];
	bool good;

	memset(text, '#', sizeof(text));
	good = tcphs_flow_history(flow, text) == text &&
	       !strcmp(text, expected) && text[TCPHS_HISTORY_TEXT] == '#';
	if (!good)
		tap_note("%.*s, expected %s", TCPHS_HISTORY_TEXT, text, expected);
	tap_ok(good, "history: %s", claim);
}

static void damage(struct tcphs_flow *flow, unsigned int from, int count)
{
	if (!flow->rest)
		tcphs_flow_attach(flow, &rest);
	while (count--)
		tcphs_flow_damaged(flow, from);
}

static void check_damaged(void)
{
	struct tcphs_flow flow = make_flow();
	struct tcphs_rest before;

	damage(&flow, 0, 9);
	check_text(&flow, "ShAC", "the first bad checksum has a letter");
	damage(&flow, 1, 1);
	damage(&flow, 0, 1);
	check_text(&flow, "ShACcC", "and the tenth; the server's has another");
	damage(&flow, 0, 89);
	check_text(&flow, "ShACcC", "none has the 99th");
	damage(&flow, 0, 1);
	check_text(&flow, "ShACcCC", "but the hundredth");
	damage(&flow, 0, 155);
	before = rest;
	damage(&flow, 0, 100000);
	tap_ok(!memcmp(&rest, &before, sizeof(rest)),
	       "history: beyond 255 nothing is counted, and no counter wraps");
}

/* A count of four bytes goes on where the others stop. */
static void check_again(void)
{
	struct tcphs_flow flow = make_flow();
	int i;

	give(&flow, 0, TCPHS_ACK, 101, 301, 10, 1000);
	for (i = 0; i < 10000; i++)
		give(&flow, 0, TCPHS_ACK, 101, 301, 10, 1000);
	check_text(&flow, "ShADTTTTT", "repetitions 1, 10, 100, 1000 and 10000");
}

static void check_full(void)
{
	struct tcphs_flow flow = make_flow();
	unsigned int side;
	int i;

	for (side = 0; side < 2; side++) {
		damage(&flow, side, 100);
		for (i = 0; i < 100; i++)
			give(&flow, side, TCPHS_ACK, side ? 301 : 101,
			     side ? 101 : 301, 0, 0);
	}
	give(&flow, 0, TCPHS_ACK, 101, 301, 10, 1000);
	for (i = 0; i < 1000; i++)
		give(&flow, 0, TCPHS_ACK, 101, 301, 10, 1000);
	check_text(&flow, "ShACCCWWWcccawwwDTTTT", "side by side, all of it");
	give(&flow, 1, TCPHS_ACK, 301, 111, 10, 1000);
	give(&flow, 1, TCPHS_SYN | TCPHS_FIN, 311, 111, 0, 1000);
	give(&flow, 1, TCPHS_RST | TCPHS_FIN, 311, 111, 0, 1000);
	check_text(&flow, "ShACCCWWWcccawwwDTTTTdqi", "24 letters fit");
	give(&flow, 1, TCPHS_FIN | TCPHS_ACK, 311, 111, 0, 1000);
	check_text(&flow, "ShACCCWWWcccawwwDTTTTdqi", "the 25th is left out");
	tap_ok(tcphs_flow_conn_state(&flow) == TCPHS_CS_S3,
	       "history: conn_state knows of the FIN all the same");
}

/*
 * Two holes at once: the first is known not to have passed; the second, of
 * which no more was kept, is not counted. Ten would have a second letter.
 */
static void check_gaps(void)
{
	struct tcphs_flow flow = make_flow();
	u32 seq = 101;
	int i;

	for (i = 0; i < 9; i++, seq += 40) {
		give(&flow, 0, TCPHS_ACK, seq + 10, 301, 10, 1000);
		give(&flow, 0, TCPHS_ACK, seq + 30, 301, 10, 1000);
		give(&flow, 1, TCPHS_ACK, 301, seq + 20, 0, 1000);
		give(&flow, 1, TCPHS_ACK, 301, seq + 40, 0, 1000);
	}
	check_text(&flow, "ShADaG", "of two holes at once one is counted");
	give(&flow, 0, TCPHS_ACK, seq + 10, 301, 10, 1000);
	give(&flow, 1, TCPHS_ACK, 301, seq + 20, 0, 1000);
	check_text(&flow, "ShADaGG", "the tenth gap has its letter");
}

int main(void)
{
	check_gaps();
	check_damaged();
	check_again();
	check_full();
	return tap_done();
}
