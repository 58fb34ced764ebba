// SPDX-License-Identifier: GPL-2.0
/*
 * Distributions as text: a line for each, a line for each bucket that counts
 * something. Formats copies; computes nothing from them.
 */
#include "proc_times.h"

#include "net.h"

#define NUMBER_TEXT	24

/* *pos: 0 for the head, then the distribution's number + 1. */
static void *find_times(loff_t *pos)
{
	return *pos <= TCPHS_TIMES ? pos : NULL;
}

static void *start_times(struct seq_file *seq, loff_t *pos)
{
	return *pos ? find_times(pos) : SEQ_START_TOKEN;
}

static void *next_times(struct seq_file *seq, void *v, loff_t *pos)
{
	++*pos;
	return find_times(pos);
}

static void stop_times(struct seq_file *seq, void *v)
{
}

static int show_head(struct seq_file *seq, const struct tcphs_net *tn)
{
	seq_printf(seq, "# tcphs %s netns=%u\n", TCPHS_VERSION,
		   tn->stream.netns);
	seq_printf(seq, "# %-5s %-17s %13s %13s %13s %20s\n", "times", "name",
		   "count", "min_ns", "max_ns", "sum_s");
	seq_printf(seq, "# %-5s %-17s %13s %13s %13s\n", "bucket", "name",
		   "lower_ns", "upper_ns", "count");
	return 0;
}

static void show_sum(struct seq_file *seq, const char *name,
		     const struct tcphs_times_copy *copy)
{
	char min[NUMBER_TEXT] = "-", max[NUMBER_TEXT] = "-";

	if (copy->count) {
		snprintf(min, sizeof(min), "%llu", copy->min_ns);
		snprintf(max, sizeof(max), "%llu", copy->max_ns);
	}
	seq_printf(seq, "%-7s %-17s %13llu %13s %13s %10llu.%09u\n", "times",
		   name, copy->count, min, max, copy->sum_s, copy->sum_ns);
}

/* The last bucket has no upper bound. */
static void show_bucket(struct seq_file *seq, const char *name,
			const struct tcphs_spread *spread, unsigned int bucket,
			u64 count)
{
	u64 upper_ns = tcphs_spread_upper(spread, bucket);
	char upper[NUMBER_TEXT] = "-";

	if (upper_ns != TCPHS_NS_NONE)
		snprintf(upper, sizeof(upper), "%llu", upper_ns);
	seq_printf(seq, "%-7s %-17s %13llu %13s %13llu\n", "bucket", name,
		   tcphs_spread_lower(spread, bucket), upper, count);
}

static int show_times(struct seq_file *seq, void *v)
{
	struct tcphs_proc_times *file = seq->private;
	struct tcphs_net *tn = tcphs_net(seq_file_net(seq));
	const struct tcphs_spread *spread;
	enum tcphs_time which;
	unsigned int i;

	if (v == SEQ_START_TOKEN)
		return show_head(seq, tn);
	which = *(loff_t *)v - 1;
	spread = tcphs_times_spread(which);
	tcphs_times_read(&tn->times, which, &file->copy);
	show_sum(seq, tcphs_times_name(which), &file->copy);
	for (i = 0; i < tcphs_spread_buckets(spread); i++)
		if (file->copy.bucket[i])
			show_bucket(seq, tcphs_times_name(which), spread, i,
				    file->copy.bucket[i]);
	return 0;
}

const struct seq_operations tcphs_proc_times_ops = {
	.start = start_times,
	.next = next_times,
	.stop = stop_times,
	.show = show_times,
};
