// SPDX-License-Identifier: GPL-2.0
/*
 * A connection as a line of text: columns without white space in them, only ever
 * appended to. Formats a copy; holds no lock.
 */
#include "line.h"

#include <linux/in6.h>
#include <linux/ktime.h>
#include <linux/seq_file.h>
#include <linux/string_helpers.h>

#include "rows.h"
#include "socket.h"
#include "text.h"

/* The longest line: all columns as wide as they can become are 545 bytes. */
#define LINE_TEXT	560
#define ADDRESS_TEXT	42	/* [8 groups] */
#define ENDPOINT_TEXT	52	/* and :port */
#define COMM_TEXT	64

/**
 * tcphs_line_head() - the names of the columns
 * @seq: where they go
 */
void tcphs_line_head(struct seq_file *seq)
{
	seq_printf(seq, "# %-6s %-21s %-21s %-11s %-11s %10s %10s %-9s",
		   "id", "client", "server", "cstate", "sstate", "ctime_s",
		   "stime_s", "hs");
	seq_printf(seq, " %13s %13s %-6s %-12s %9s %-9s %-6s %-6s %4s %4s %-6s",
		   "syn_synack_ms", "synack_ack_ms", "closer", "close", "tw_s",
		   "tw_source", "cflags", "sflags", "crtx", "srtx", "local");
	seq_printf(seq, " %-11s %-11s %10s %7s %6s %s", "csocket", "ssocket",
		   "uid", "pid", "cgroup", "comm");
	seq_printf(seq, " %9s %9s %9s %9s %9s %9s\n", "cleft_s", "sleft_s",
		   "crestarts", "srestarts", "corphan_s", "sorphan_s");
}

/* Backwards, as tcphs_text_number() does. */
static char *put_ipv4(char *at, const u8 *address)
{
	unsigned int i;

	for (i = 4; i--;) {
		u8 octet = address[i];

		do {
			*--at = '0' + octet % 10;
			octet /= 10;
		} while (octet);
		if (i)
			*--at = '.';
	}
	return at;
}

static char *put_ipv6(char *at, const u8 *address)
{
	char text[ADDRESS_TEXT];
	int len = scnprintf(text, sizeof(text), "[%pI6c]", address);

	return memcpy(at - len, text, len);
}

/* Return: where in @buf, of ENDPOINT_TEXT bytes, it begins. */
static const char *endpoint_text(const struct tcphs_flow *flow,
				 unsigned int side, char *buf)
{
	struct tcphs_tuple tuple;
	char port[TCPHS_TEXT_NUMBER], *digits;
	char *at = buf + ENDPOINT_TEXT;
	size_t len;

	tcphs_flow_tuple(flow, &tuple);
	digits = tcphs_text_number(port, tuple.port[side]);
	len = strlen(digits) + 1;
	at = memcpy(at - len, digits, len);
	*--at = ':';
	if (tuple.family == 4)
		return put_ipv4(at, (const u8 *)tuple.addr[side]);
	return put_ipv6(at, (const u8 *)tuple.addr[side]);
}

/* With three decimals, "-" if not known. */
static void show_duration(struct tcphs_text *text, u64 ns, u32 thousandth_ns,
			  size_t width)
{
	char buf[TCPHS_TEXT_NUMBER];
	const char *word = "-";

	if (ns != TCPHS_NS_NONE)
		word = tcphs_text_thousandths(buf, div_u64(ns, thousandth_ns));
	tcphs_text_right(text, word, width);
}

static void show_seconds(struct tcphs_text *text, u64 ns)
{
	show_duration(text, ns, NSEC_PER_MSEC, 10);
}

static void show_milliseconds(struct tcphs_text *text, u64 ns)
{
	show_duration(text, ns, NSEC_PER_USEC, 13);
}

static u64 between_ns(u64 from_ns, u64 to_ns)
{
	if (from_ns == TCPHS_NS_NONE || to_ns == TCPHS_NS_NONE)
		return TCPHS_NS_NONE;
	/* A flow's own clock may be a little ahead of ours. */
	return to_ns > from_ns ? to_ns - from_ns : 0;
}

static u64 dwell_ns(const struct tcphs_flow *flow, unsigned int side, u64 now_ns)
{
	const struct tcphs_end *end = &flow->end[side];

	if (!(end->bits & TCPHS_END_SINCE))
		return TCPHS_NS_NONE;
	return between_ns(end->since_ns, now_ns);
}

static void show_states(struct tcphs_text *text, const struct tcphs_flow *flow,
			u64 now_ns)
{
	unsigned int side;

	for (side = TCPHS_CLIENT; side <= TCPHS_SERVER; side++)
		tcphs_text_left(text, tcphs_state_name(flow->end[side].state), 11);
	for (side = TCPHS_CLIENT; side <= TCPHS_SERVER; side++)
		show_seconds(text, dwell_ns(flow, side, now_ns));
}

static void show_handshake(struct tcphs_text *text, const struct tcphs_flow *flow)
{
	u64 syn_ack_ns = tcphs_flow_moment_ns(flow, TCPHS_MOMENT_SYN_ACK);
	u64 ack_ns = tcphs_flow_moment_ns(flow, TCPHS_MOMENT_ACK);

	tcphs_text_left(text, tcphs_hs_name(flow->handshake), 9);
	show_milliseconds(text, between_ns(tcphs_flow_syn_ns(flow), syn_ack_ns));
	show_milliseconds(text, between_ns(syn_ack_ns, ack_ns));
}

/* Of the end that waits, the longer if both do; else of what is over. */
static u64 time_waited_ns(const struct tcphs_flow *flow, u64 now_ns)
{
	u64 waited_ns = TCPHS_NS_NONE, ns;
	unsigned int side;

	for (side = TCPHS_CLIENT; side <= TCPHS_SERVER; side++) {
		if (flow->end[side].state != TCPHS_TIME_WAIT)
			continue;
		ns = dwell_ns(flow, side, now_ns);
		if (waited_ns == TCPHS_NS_NONE || ns > waited_ns)
			waited_ns = ns;
	}
	if (waited_ns == TCPHS_NS_NONE)
		waited_ns = tcphs_flow_rest(flow)->tw_dur_ns;
	return waited_ns;
}

static bool is_observed(const struct tcphs_end *end)
{
	return end->bits & (TCPHS_END_TW_SEEN | TCPHS_END_ORPHAN);
}

static unsigned int source_of(const struct tcphs_flow *flow)
{
	const struct tcphs_end *end = flow->end;

	if (end[0].state != TCPHS_TIME_WAIT && end[1].state != TCPHS_TIME_WAIT)
		return tcphs_flow_rest(flow)->tw_source;
	if (end[0].state == TCPHS_TIME_WAIT && !is_observed(&end[0]))
		return TCPHS_SOURCE_MODELLED;
	if (end[1].state == TCPHS_TIME_WAIT && !is_observed(&end[1]))
		return TCPHS_SOURCE_MODELLED;
	return TCPHS_SOURCE_OBSERVED;
}

/* In seconds; what is a model's word bears a "~". */
static void show_span(struct tcphs_text *text, u64 ns, bool is_modelled)
{
	char buf[1 + TCPHS_TEXT_NUMBER];
	char *word;

	if (ns == TCPHS_NS_NONE) {
		tcphs_text_right(text, "-", 9);
		return;
	}
	word = tcphs_text_thousandths(buf + 1, div_u64(ns, NSEC_PER_MSEC));
	if (is_modelled)
		*--word = '~';
	tcphs_text_right(text, word, 9);
}

static void show_time_wait(struct tcphs_text *text, const struct tcphs_flow *flow,
			   u64 now_ns)
{
	u64 waited_ns = time_waited_ns(flow, now_ns);
	unsigned int source = waited_ns == TCPHS_NS_NONE ? TCPHS_SOURCE_NONE :
							   source_of(flow);

	show_span(text, waited_ns, source == TCPHS_SOURCE_MODELLED);
	tcphs_text_left(text, tcphs_source_name(source), 9);
}

static void show_close(struct tcphs_text *text, const struct tcphs_flow *flow,
		       u64 now_ns)
{
	tcphs_text_left(text, tcphs_side_name(tcphs_flow_rest(flow)->closer), 6);
	tcphs_text_left(text, tcphs_close_name(tcphs_flow_rest(flow)->close), 12);
	show_time_wait(text, flow, now_ns);
}

static const char *flags_text(const struct tcphs_flow *flow, unsigned int side,
			      char *buf)
{
	if (!(flow->end[side].bits & TCPHS_END_SEEN))
		return "-";
	return tcphs_flags_text(flow->last_flags[side], buf);
}

/* All that was sent again: SYNs, data, FINs. */
static u32 count_again(const struct tcphs_flow *flow, unsigned int side)
{
	const struct tcphs_end *end = &flow->end[side];

	return end->retransmits + tcphs_flow_rest(flow)->fin_retransmits[side] +
	       (end->syns ? end->syns - 1 : 0);
}

/* A number, "-" if it is not known. */
static void show_number(struct tcphs_text *text, u64 number, bool is_known,
			size_t width)
{
	char buf[TCPHS_TEXT_NUMBER];

	tcphs_text_right(text, is_known ? tcphs_text_number(buf, number) : "-", width);
}

static void show_segments(struct tcphs_text *text, const struct tcphs_flow *flow)
{
	char flags[TCPHS_FLAGS_TEXT];
	unsigned int side;

	for (side = TCPHS_CLIENT; side <= TCPHS_SERVER; side++)
		tcphs_text_left(text, flags_text(flow, side, flags), 6);
	for (side = TCPHS_CLIENT; side <= TCPHS_SERVER; side++)
		show_number(text, count_again(flow, side), true, 4);
}

/*
 * What the socket of a local end says of itself, now: it may be a moment older
 * or younger than the row. "none" where there is none for this connection.
 */
static const char *socket_text(struct net *net, const struct tcphs_row *row,
			       unsigned int side)
{
	struct tcphs_tuple tuple;
	unsigned int state;

	if (!(row->asked & 1U << side))
		return "-";
	tcphs_flow_tuple(&row->flow, &tuple);
	state = tcphs_socket_state(net, &tuple, side, row->dev_if[side]);
	return state == TCPHS_CLOSE ? "none" : tcphs_state_name(state);
}

static void show_sockets(struct tcphs_text *text, struct net *net,
			 const struct tcphs_row *row)
{
	unsigned int side;

	tcphs_text_left(text, tcphs_local_name(row->flow.local), 6);
	for (side = TCPHS_CLIENT; side <= TCPHS_SERVER; side++)
		tcphs_text_left(text, socket_text(net, row, side), 11);
}

/* A command may hold anything: what is no plain letter is written as \ooo. */
static void show_owner(struct tcphs_text *text, const struct tcphs_owner *owner)
{
	char comm[COMM_TEXT + 1] = "-";
	int len;

	show_number(text, owner->uid, owner->uid != TCPHS_UID_NONE, 10);
	show_number(text, owner->pid, owner->pid, 7);
	show_number(text, owner->cgroup, owner->cgroup, 6);
	if (owner->comm[0]) {
		len = string_escape_mem(owner->comm,
					strnlen(owner->comm, sizeof(owner->comm)),
					comm, COMM_TEXT,
					ESCAPE_OCTAL | ESCAPE_NAP | ESCAPE_APPEND,
					" \\");
		comm[min(len, COMM_TEXT)] = '\0';
	}
	tcphs_text_left(text, comm, 0);
}

static bool is_held(const struct tcphs_end *end)
{
	return end->state == TCPHS_TIME_WAIT ||
	       (end->state == TCPHS_FIN_WAIT2 && end->bits & TCPHS_END_ORPHAN);
}

/* What is left of a TIME_WAIT, or of an orphan's FIN_WAIT2. */
static void show_left(struct tcphs_text *text, const struct tcphs_flow *flow,
		      unsigned int side, u64 now_ns)
{
	u64 until_ns = tcphs_flow_rest(flow)->tw_until_ns[side];
	const struct tcphs_end *end = &flow->end[side];

	show_span(text, is_held(end) ? between_ns(now_ns, until_ns) :
				      TCPHS_NS_NONE, !is_observed(end));
}

static void show_orphan(struct tcphs_text *text, const struct tcphs_flow *flow,
			unsigned int side, u64 now_ns)
{
	const struct tcphs_end *end = &flow->end[side];
	bool is_orphan = is_held(end) && end->state != TCPHS_TIME_WAIT;

	show_span(text, is_orphan ? between_ns(flow->rest->orphan_ns, now_ns) :
				   TCPHS_NS_NONE, false);
}

static void show_waits(struct tcphs_text *text, const struct tcphs_flow *flow,
		       u64 now_ns)
{
	unsigned int side;

	for (side = TCPHS_CLIENT; side <= TCPHS_SERVER; side++)
		show_left(text, flow, side, now_ns);
	for (side = TCPHS_CLIENT; side <= TCPHS_SERVER; side++)
		show_number(text, tcphs_flow_rest(flow)->tw_restarts[side],
			    flow->end[side].state == TCPHS_TIME_WAIT, 9);
	for (side = TCPHS_CLIENT; side <= TCPHS_SERVER; side++)
		show_orphan(text, flow, side, now_ns);
}

/* The first column has no blank before it. */
static void show_names(struct tcphs_text *text, const struct tcphs_flow *flow)
{
	char id[TCPHS_TEXT_NUMBER], endpoint[ENDPOINT_TEXT];
	char *digits = tcphs_text_number(id, flow->id);
	size_t len = strlen(digits);

	tcphs_text_put(text, digits, len);
	if (len < 8)
		tcphs_text_left(text, "", 7 - len);
	tcphs_text_left(text, endpoint_text(flow, TCPHS_CLIENT, endpoint), 21);
	tcphs_text_left(text, endpoint_text(flow, TCPHS_SERVER, endpoint), 21);
}

/**
 * tcphs_line_show() - a connection's line
 * @seq: where it goes; if its buffer has no room for the longest one, it goes
 *	 into the next
 * @net: its namespace
 * @row: the connection
 *
 * Context: may sleep.
 */
void tcphs_line_show(struct seq_file *seq, struct net *net,
		     const struct tcphs_row *row)
{
	const struct tcphs_flow *flow = &row->flow;
	u64 now_ns = ktime_get_boottime_ns();
	struct tcphs_text text;
	char *buf;

	if (seq_get_buf(seq, &buf) < LINE_TEXT) {
		seq_commit(seq, -1);
		return;
	}
	text = (struct tcphs_text){ .at = buf, .end = buf + LINE_TEXT - 1 };
	show_names(&text, flow);
	show_states(&text, flow, now_ns);
	show_handshake(&text, flow);
	show_close(&text, flow, now_ns);
	show_segments(&text, flow);
	show_sockets(&text, net, row);
	show_owner(&text, &row->owner);
	show_waits(&text, flow, now_ns);
	*text.at++ = '\n';
	seq_commit(seq, text.at - buf);
}
