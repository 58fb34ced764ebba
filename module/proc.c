// SPDX-License-Identifier: GPL-2.0
/*
 * The text files: connections as rows, counters as lnstat wants them, and where
 * all of them stand. Formats copies; holds no lock while it does and nothing
 * between two reads.
 */
#include "proc.h"

#include <linux/cred.h>
#include <linux/in6.h>
#include <linux/ktime.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>
#include <linux/string_helpers.h>
#include <linux/user_namespace.h>

#include "line.h"
#include "net.h"
#include "proc_times.h"
#include "rows.h"
#include "timewait.h"

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
	seq_printf(seq, "# tcphs %s netns=%u entries=%lld half_open=%lld limit=%u events=%llu overwritten=%llu timewait=%s\n",
		   TCPHS_VERSION, tn->stream.netns,
		   percpu_counter_sum_positive(&tn->table.conns),
		   percpu_counter_sum_positive(&tn->table.half_open),
		   READ_ONCE(tn->table.max_conns), produced, overwritten,
		   tcphs_timewait_is_probed() ? "kprobe" : "lookup");
	tcphs_line_head(seq);
}

static int show_row(struct seq_file *seq, void *v)
{
	if (v == SEQ_START_TOKEN)
		show_head(seq);
	else
		tcphs_line_show(seq, seq_file_net(seq), v);
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
	seq_printf(seq, "%08x",
		   (u32)percpu_counter_sum_positive(&tn->table.conns));
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

/*
 * Whose connections they are may read them: root of the namespace's users. Where
 * it is made together with its user namespace (unshare -Urn), nobody is mapped
 * yet: then it is who made that, and has each capability in it.
 */
static void set_owner(struct proc_dir_entry *entry, const struct net *net)
{
	kuid_t uid = make_kuid(net->user_ns, 0);
	kgid_t gid = make_kgid(net->user_ns, 0);

	if (!uid_valid(uid) || !gid_valid(gid)) {
		uid = net->user_ns->owner;
		gid = net->user_ns->group;
	}
	proc_set_user(entry, uid, gid);
}

static bool make_file(struct net *net, const char *name,
		      const struct seq_operations *ops, unsigned int size)
{
	struct proc_dir_entry *entry;

	entry = proc_create_net(name, 0440, net->proc_net, ops, size);
	if (entry)
		set_owner(entry, net);
	return entry;
}

/**
 * tcphs_proc_net_init() - make a namespace's files
 * @net: a new namespace, its table and counters ready
 *
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
int tcphs_proc_net_init(struct net *net)
{
	if (!make_file(net, "tcphs", &row_ops, sizeof(struct rows)))
		return -ENOMEM;
	if (!make_file(net, "tcphs_times", &tcphs_proc_times_ops,
		       sizeof(struct tcphs_proc_times)))
		goto rows;
	if (!proc_create_net("tcphs", 0444, net->proc_net_stat, &stat_ops,
			     sizeof(struct seq_net_private)))
		goto times;
	return 0;
times:
	remove_proc_entry("tcphs_times", net->proc_net);
rows:
	remove_proc_entry("tcphs", net->proc_net);
	return -ENOMEM;
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
	remove_proc_entry("tcphs_times", net->proc_net);
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
