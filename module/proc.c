// SPDX-License-Identifier: GPL-2.0
/*
 * The text files: connections as rows, counters as lnstat wants them. Formats
 * copies; holds no lock while it does and nothing between two reads.
 */
#include "proc.h"

#include <linux/cred.h>
#include <linux/in6.h>
#include <linux/ktime.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>
#include <linux/string_helpers.h>

#include "net.h"
#include "rows.h"
#include "socket.h"

#define ENDPOINT_TEXT	56	/* [8 groups]:port */
#define NUMBER_TEXT	24

/* One pass through the rows; *pos is 0 for the head, then the row's number. */
struct rows {
	struct seq_net_private p;	/* first, for seq_file_net() */
	struct tcphs_cursor cursor;	/* after the row before this one */
	struct tcphs_row row;
	loff_t pos;			/* of that row */
	bool at_end;
};

static struct tcphs_net *seq_tcphs(struct seq_file *seq)
{
	return tcphs_net(seq_file_net(seq));
}

static void *find_row(struct seq_file *seq)
{
	struct rows *rows = seq->private;

	rows->at_end = !tcphs_rows_next(&seq_tcphs(seq)->table, &rows->cursor,
					&rows->row);
	return rows->at_end ? NULL : &rows->row;
}

/*
 * A read goes on where the one before it stopped, at the row that did not fit
 * any more, found again (or the next, if it has gone). seq_file never asks for
 * another place: to seek, it goes back to 0 and counts.
 */
static void *start_rows(struct seq_file *seq, loff_t *pos)
{
	struct rows *rows = seq->private;

	if (!*pos) {
		memset(&rows->cursor, 0, sizeof(rows->cursor));
		rows->pos = 0;
		rows->at_end = false;
		return SEQ_START_TOKEN;
	}
	if (*pos != rows->pos || rows->at_end)
		return NULL;
	return find_row(seq);
}

static void *next_row(struct seq_file *seq, void *v, loff_t *pos)
{
	struct rows *rows = seq->private;

	rows->pos = ++*pos;
	if (v != SEQ_START_TOKEN)
		rows->cursor.id = rows->row.flow.id;
	return find_row(seq);
}

static void stop_rows(struct seq_file *seq, void *v)
{
}

static void show_head(struct seq_file *seq)
{
	struct tcphs_net *tn = seq_tcphs(seq);
	u64 produced = 0, overwritten = 0;
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		produced += tcphs_stream_produced(&tn->stream, cpu);
		overwritten += tcphs_stream_overwritten(&tn->stream, cpu);
	}
	seq_printf(seq, "# tcphs %s netns=%u entries=%d half_open=%d limit=%u events=%llu overwritten=%llu\n",
		   TCPHS_VERSION, tn->stream.netns,
		   atomic_read(&tn->table.conns),
		   atomic_read(&tn->table.half_open),
		   READ_ONCE(tn->table.max_conns), produced, overwritten);
	seq_printf(seq, "# %-6s %-21s %-21s %-11s %-11s %10s %10s %-9s",
		   "id", "client", "server", "cstate", "sstate", "ctime_s",
		   "stime_s", "hs");
	seq_printf(seq, " %13s %13s %-6s %-12s %9s %-9s %-6s %-6s %4s %4s %-6s",
		   "syn_synack_ms", "synack_ack_ms", "closer", "close", "tw_s",
		   "tw_source", "cflags", "sflags", "crtx", "srtx", "local");
	seq_printf(seq, " %-11s %-11s %10s %7s %6s %s\n", "csocket", "ssocket",
		   "uid", "pid", "cgroup", "comm");
}

static const char *endpoint_text(const struct tcphs_flow *flow,
				 unsigned int side, char *buf)
{
	const struct tcphs_tuple *tuple = &flow->tuple;

	if (tuple->family == 4)
		snprintf(buf, ENDPOINT_TEXT, "%pI4:%u", tuple->addr[side],
			 tuple->port[side]);
	else
		snprintf(buf, ENDPOINT_TEXT, "[%pI6c]:%u", tuple->addr[side],
			 tuple->port[side]);
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
	char syn_ack[NUMBER_TEXT], ack[NUMBER_TEXT];

	seq_printf(seq, " %-9s %13s %13s", tcphs_hs_name(flow->handshake),
		   duration_text(between_ns(flow->syn_ns, flow->syn_ack_ns),
				 NSEC_PER_MSEC, syn_ack),
		   duration_text(between_ns(flow->syn_ack_ns, flow->ack_ns),
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
	if (waited_ns == TCPHS_NS_NONE && flow->tw_end != TCPHS_TW_END_NONE)
		waited_ns = flow->tw_dur_ns;
	return waited_ns;
}

/* Its end sends no segment: what it lasts is a model's word, hence the "~". */
static void show_time_wait(struct seq_file *seq, const struct tcphs_flow *flow,
			   u64 now_ns)
{
	u64 waited_ns = time_waited_ns(flow, now_ns);
	char text[NUMBER_TEXT + 1] = "~";

	if (waited_ns == TCPHS_NS_NONE) {
		seq_printf(seq, " %9s %-9s", "-", "-");
		return;
	}
	duration_text(waited_ns, NSEC_PER_SEC, text + 1);
	seq_printf(seq, " %9s %-9s", text,
		   tcphs_source_name(TCPHS_SOURCE_MODELLED));
}

static void show_close(struct seq_file *seq, const struct tcphs_flow *flow,
		       u64 now_ns)
{
	seq_printf(seq, " %-6s %-12s", tcphs_side_name(flow->closer),
		   tcphs_close_name(flow->close));
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
static u32 count_again(const struct tcphs_end *end)
{
	return end->retransmits + end->fin_retransmits +
	       (end->syns ? end->syns - 1 : 0);
}

static void show_segments(struct seq_file *seq, const struct tcphs_flow *flow)
{
	char cflags[TCPHS_FLAGS_TEXT], sflags[TCPHS_FLAGS_TEXT];

	seq_printf(seq, " %-6s %-6s %4u %4u",
		   flags_text(flow, TCPHS_CLIENT, cflags),
		   flags_text(flow, TCPHS_SERVER, sflags),
		   count_again(&flow->end[TCPHS_CLIENT]),
		   count_again(&flow->end[TCPHS_SERVER]));
}

/*
 * What the socket of a local end says of itself, now: it may be a moment older
 * or younger than the row. "none" where there is none for this connection.
 */
static const char *socket_text(struct seq_file *seq, const struct tcphs_row *row,
			       unsigned int side)
{
	unsigned int state;

	if (!(row->asked & 1U << side))
		return "-";
	state = tcphs_socket_state(seq_file_net(seq), &row->flow.tuple, side,
				   row->identity.dev_if[side]);
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

static int show_row(struct seq_file *seq, void *v)
{
	const struct tcphs_row *row = v;
	const struct tcphs_flow *flow = &row->flow;
	char client[ENDPOINT_TEXT], server[ENDPOINT_TEXT];
	u64 now_ns = ktime_get_boottime_ns();

	if (v == SEQ_START_TOKEN) {
		show_head(seq);
		return 0;
	}
	seq_printf(seq, "%-8llu %-21s %-21s", flow->id,
		   endpoint_text(flow, TCPHS_CLIENT, client),
		   endpoint_text(flow, TCPHS_SERVER, server));
	show_states(seq, flow, now_ns);
	show_handshake(seq, flow);
	show_close(seq, flow, now_ns);
	show_segments(seq, flow);
	seq_printf(seq, " %-6s %-11s %-11s", tcphs_local_name(flow->local),
		   socket_text(seq, row, TCPHS_CLIENT),
		   socket_text(seq, row, TCPHS_SERVER));
	show_owner(seq, &row->identity.owner);
	seq_putc(seq, '\n');
	return 0;
}

static const struct seq_operations row_ops = {
	.start = start_rows,
	.next = next_row,
	.stop = stop_rows,
	.show = show_row,
};

/* *pos: 0 for the head, then the CPU's number + 1. */
static void *find_cpu(loff_t *pos)
{
	unsigned int cpu = cpumask_next(*pos - 2, cpu_possible_mask);

	if (cpu >= nr_cpu_ids)
		return NULL;
	*pos = cpu + 1;
	return pos;
}

static void *start_stat(struct seq_file *seq, loff_t *pos)
{
	if (*pos > nr_cpu_ids)
		return NULL;
	return *pos ? find_cpu(pos) : SEQ_START_TOKEN;
}

static void *next_stat(struct seq_file *seq, void *v, loff_t *pos)
{
	++*pos;
	return find_cpu(pos);
}

static void stop_stat(struct seq_file *seq, void *v)
{
}

static int show_stat_head(struct seq_file *seq)
{
	unsigned int i;

	seq_puts(seq, "entries");
	for (i = 0; i < TCPHS_COUNTERS; i++)
		seq_printf(seq, " %s", tcphs_stats_name(i));
	seq_puts(seq, " produced overwritten\n");
	return 0;
}

/* The first column is the same for all CPUs: lnstat does not add it up. */
static int show_stat(struct seq_file *seq, void *v)
{
	struct tcphs_net *tn = seq_tcphs(seq);
	unsigned int i, cpu;

	if (v == SEQ_START_TOKEN)
		return show_stat_head(seq);
	cpu = *(loff_t *)v - 1;
	seq_printf(seq, "%08x", atomic_read(&tn->table.conns));
	for (i = 0; i < TCPHS_COUNTERS; i++)
		seq_printf(seq, " %08llx", tcphs_stats_read(tn->stats, cpu, i));
	seq_printf(seq, " %08llx %08llx\n",
		   tcphs_stream_produced(&tn->stream, cpu),
		   tcphs_stream_overwritten(&tn->stream, cpu));
	return 0;
}

static const struct seq_operations stat_ops = {
	.start = start_stat,
	.next = next_stat,
	.stop = stop_stat,
	.show = show_stat,
};

/* Whose connections they are may read them: root of the namespace's users. */
static void set_owner(struct proc_dir_entry *entry, const struct net *net)
{
	kuid_t uid = make_kuid(net->user_ns, 0);
	kgid_t gid = make_kgid(net->user_ns, 0);

	if (uid_valid(uid) && gid_valid(gid))
		proc_set_user(entry, uid, gid);
}

/**
 * tcphs_proc_net_init() - make a namespace's files
 * @net: a new namespace, its table and counters ready
 *
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
int tcphs_proc_net_init(struct net *net)
{
	struct proc_dir_entry *entry;

	entry = proc_create_net("tcphs", 0440, net->proc_net, &row_ops,
				sizeof(struct rows));
	if (!entry)
		return -ENOMEM;
	set_owner(entry, net);
	if (!proc_create_net("tcphs", 0444, net->proc_net_stat, &stat_ops,
			     sizeof(struct seq_net_private))) {
		remove_proc_entry("tcphs", net->proc_net);
		return -ENOMEM;
	}
	return 0;
}

/**
 * tcphs_proc_net_exit() - take them away
 * @net: a namespace that goes
 *
 * Context: may sleep: waits for those who read.
 */
void tcphs_proc_net_exit(struct net *net)
{
	remove_proc_entry("tcphs", net->proc_net_stat);
	remove_proc_entry("tcphs", net->proc_net);
}

/**
 * tcphs_proc_init() - make /proc/tcphs, each reader's own namespace's
 *
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
int __init tcphs_proc_init(void)
{
	return proc_symlink("tcphs", NULL, "self/net/tcphs") ? 0 : -ENOMEM;
}

/**
 * tcphs_proc_exit() - take it away
 */
void tcphs_proc_exit(void)
{
	remove_proc_entry("tcphs", NULL);
}
