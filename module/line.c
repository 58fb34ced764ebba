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

#define ENDPOINT_TEXT	56	/* [8 groups]:port */
#define NUMBER_TEXT	24

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

static const char *endpoint_text(const struct tcphs_flow *flow,
				 unsigned int side, char *buf)
{
	struct tcphs_tuple tuple;

	tcphs_flow_tuple(flow, &tuple);
	if (tuple.family == 4)
		snprintf(buf, ENDPOINT_TEXT, "%pI4:%u", tuple.addr[side],
			 tuple.port[side]);
	else
		snprintf(buf, ENDPOINT_TEXT, "[%pI6c]:%u", tuple.addr[side],
			 tuple.port[side]);
	return buf;
}

/* A duration in units of @unit_ns with three decimals, "-" if not known. */
static const char *duration_text(u64 ns, u64 unit_ns, char *buf)
{
	u64 thousandths;

	if (ns == TCPHS_NS_NONE)
		return "-";
	thousandths = div64_u64(ns, unit_ns / 1000);
	snprintf(buf, NUMBER_TEXT, "%llu.%03llu",
		 div64_u64(thousandths, 1000), thousandths % 1000);
	return buf;
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

static void show_states(struct seq_file *seq, const struct tcphs_flow *flow,
			u64 now_ns)
{
	const struct tcphs_end *client = &flow->end[TCPHS_CLIENT];
	const struct tcphs_end *server = &flow->end[TCPHS_SERVER];
	char ctime[NUMBER_TEXT], stime[NUMBER_TEXT];

	seq_printf(seq, " %-11s %-11s %10s %10s",
		   tcphs_state_name(client->state),
		   tcphs_state_name(server->state),
		   duration_text(dwell_ns(flow, TCPHS_CLIENT, now_ns),
				 NSEC_PER_SEC, ctime),
		   duration_text(dwell_ns(flow, TCPHS_SERVER, now_ns),
				 NSEC_PER_SEC, stime));
}

static void show_handshake(struct seq_file *seq, const struct tcphs_flow *flow)
{
	u64 syn_ack_ns = tcphs_flow_moment_ns(flow, TCPHS_MOMENT_SYN_ACK);
	u64 ack_ns = tcphs_flow_moment_ns(flow, TCPHS_MOMENT_ACK);
	char syn_ack[NUMBER_TEXT], ack[NUMBER_TEXT];

	seq_printf(seq, " %-9s %13s %13s", tcphs_hs_name(flow->handshake),
		   duration_text(between_ns(tcphs_flow_syn_ns(flow), syn_ack_ns),
				 NSEC_PER_MSEC, syn_ack),
		   duration_text(between_ns(syn_ack_ns, ack_ns),
				 NSEC_PER_MSEC, ack));
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
static void show_span(struct seq_file *seq, u64 ns, bool is_modelled)
{
	char text[NUMBER_TEXT + 1] = "~";

	if (ns == TCPHS_NS_NONE)
		strscpy(text, "-", sizeof(text));
	else
		duration_text(ns, NSEC_PER_SEC, text + is_modelled);
	seq_printf(seq, " %9s", text);
}

static void show_time_wait(struct seq_file *seq, const struct tcphs_flow *flow,
			   u64 now_ns)
{
	u64 waited_ns = time_waited_ns(flow, now_ns);
	unsigned int source = waited_ns == TCPHS_NS_NONE ? TCPHS_SOURCE_NONE :
							   source_of(flow);

	show_span(seq, waited_ns, source == TCPHS_SOURCE_MODELLED);
	seq_printf(seq, " %-9s", tcphs_source_name(source));
}

static void show_close(struct seq_file *seq, const struct tcphs_flow *flow,
		       u64 now_ns)
{
	seq_printf(seq, " %-6s %-12s", tcphs_side_name(tcphs_flow_rest(flow)->closer),
		   tcphs_close_name(tcphs_flow_rest(flow)->close));
	show_time_wait(seq, flow, now_ns);
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

static void show_segments(struct seq_file *seq, const struct tcphs_flow *flow)
{
	char cflags[TCPHS_FLAGS_TEXT], sflags[TCPHS_FLAGS_TEXT];

	seq_printf(seq, " %-6s %-6s %4u %4u",
		   flags_text(flow, TCPHS_CLIENT, cflags),
		   flags_text(flow, TCPHS_SERVER, sflags),
		   count_again(flow, TCPHS_CLIENT),
		   count_again(flow, TCPHS_SERVER));
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
	state = tcphs_socket_state(net, &tuple, side,
				   row->dev_if[side]);
	return state == TCPHS_CLOSE ? "none" : tcphs_state_name(state);
}

static void show_number(struct seq_file *seq, const char *format, u64 number,
			bool is_known)
{
	char text[NUMBER_TEXT] = "-";

	if (is_known)
		snprintf(text, sizeof(text), "%llu", number);
	seq_printf(seq, format, text);
}

/* A command may hold anything: what is no plain letter is written as \ooo. */
static void show_owner(struct seq_file *seq, const struct tcphs_owner *owner)
{
	show_number(seq, " %10s", owner->uid, owner->uid != TCPHS_UID_NONE);
	show_number(seq, " %7s", owner->pid, owner->pid);
	show_number(seq, " %6s ", owner->cgroup, owner->cgroup);
	if (owner->comm[0])
		seq_escape_mem(seq, owner->comm, strnlen(owner->comm, sizeof(owner->comm)),
			       ESCAPE_OCTAL | ESCAPE_NAP | ESCAPE_APPEND, " \\");
	else
		seq_putc(seq, '-');
}

static bool is_held(const struct tcphs_end *end)
{
	return end->state == TCPHS_TIME_WAIT ||
	       (end->state == TCPHS_FIN_WAIT2 && end->bits & TCPHS_END_ORPHAN);
}

/* What is left of a TIME_WAIT, or of an orphan's FIN_WAIT2. */
static void show_left(struct seq_file *seq, const struct tcphs_flow *flow,
		      unsigned int side, u64 now_ns)
{
	u64 until_ns = tcphs_flow_rest(flow)->tw_until_ns[side];
	const struct tcphs_end *end = &flow->end[side];

	show_span(seq, is_held(end) ? between_ns(now_ns, until_ns) :
				      TCPHS_NS_NONE, !is_observed(end));
}

static void show_orphan(struct seq_file *seq, const struct tcphs_flow *flow,
			unsigned int side, u64 now_ns)
{
	const struct tcphs_end *end = &flow->end[side];
	bool is_orphan = is_held(end) && end->state != TCPHS_TIME_WAIT;

	show_span(seq, is_orphan ? between_ns(flow->rest->orphan_ns, now_ns) :
				   TCPHS_NS_NONE, false);
}

static void show_waits(struct seq_file *seq, const struct tcphs_flow *flow,
		       u64 now_ns)
{
	unsigned int side;

	for (side = TCPHS_CLIENT; side <= TCPHS_SERVER; side++)
		show_left(seq, flow, side, now_ns);
	for (side = TCPHS_CLIENT; side <= TCPHS_SERVER; side++)
		show_number(seq, " %9s", tcphs_flow_rest(flow)->tw_restarts[side],
			    flow->end[side].state == TCPHS_TIME_WAIT);
	for (side = TCPHS_CLIENT; side <= TCPHS_SERVER; side++)
		show_orphan(seq, flow, side, now_ns);
}

/**
 * tcphs_line_show() - a connection's line
 * @seq: where it goes
 * @net: its namespace
 * @row: the connection
 *
 * Context: may sleep.
 */
void tcphs_line_show(struct seq_file *seq, struct net *net,
		     const struct tcphs_row *row)
{
	const struct tcphs_flow *flow = &row->flow;
	char client[ENDPOINT_TEXT], server[ENDPOINT_TEXT];
	u64 now_ns = ktime_get_boottime_ns();

	seq_printf(seq, "%-8llu %-21s %-21s", flow->id,
		   endpoint_text(flow, TCPHS_CLIENT, client),
		   endpoint_text(flow, TCPHS_SERVER, server));
	show_states(seq, flow, now_ns);
	show_handshake(seq, flow);
	show_close(seq, flow, now_ns);
	show_segments(seq, flow);
	seq_printf(seq, " %-6s %-11s %-11s", tcphs_local_name(flow->local),
		   socket_text(net, row, TCPHS_CLIENT),
		   socket_text(net, row, TCPHS_SERVER));
	show_owner(seq, &row->owner);
	show_waits(seq, flow, now_ns);
	seq_putc(seq, '\n');
}
