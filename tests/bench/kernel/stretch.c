// SPDX-License-Identifier: GPL-2.0
/*
 * How long softirqs are kept waiting by what a process does: a timer interrupt
 * comes by again and again, and where it finds them off asks for one and sees how
 * long that takes. A stretch longer than its period cannot be overlooked, and is
 * at most one period longer than what is seen. Knows nothing of who it watches.
 */
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/preempt.h>

#include "command.h"

#define FILE		"bench_stretch"

static struct hrtimer timer;
static ktime_t period;
static u64 since;		/* when softirqs were found off; 0: not waiting */
static u64 longest;
static unsigned long visits, found;

static void softirqs_run(struct tasklet_struct *tasklet)
{
	longest = max(longest, bench_now() - since);
	since = 0;
}

static DECLARE_TASKLET(probe, softirqs_run);

static bool is_kept_waiting(void)
{
	return softirq_count() && !in_serving_softirq();
}

/* As late as it comes interrupts were off, and softirqs with them. */
static enum hrtimer_restart visit(struct hrtimer *timer)
{
	u64 late = ktime_to_ns(ktime_sub(ktime_get(), hrtimer_get_expires(timer)));

	visits++;
	if (!since && is_kept_waiting()) {
		since = bench_now() - late;
		found++;
		tasklet_hi_schedule(&probe);
	}
	hrtimer_forward_now(timer, period);
	return HRTIMER_RESTART;
}

/* start PERIOD: a visit each so many ns; in virtual time instructions. */
static int run_start(const unsigned long *arg, struct seq_buf *answer)
{
	if (!arg[0] || hrtimer_active(&timer))
		return -EINVAL;
	period = ns_to_ktime(arg[0]);
	longest = 0;
	visits = 0;
	found = 0;
	hrtimer_start(&timer, period, HRTIMER_MODE_REL_PINNED_HARD);
	return 0;
}

/* stop: the longest wait, how many visits, in how many softirqs were off. */
static int run_stop(const unsigned long *arg, struct seq_buf *answer)
{
	hrtimer_cancel(&timer);
	tasklet_kill(&probe);
	seq_buf_printf(answer, "%llu %lu %lu\n", longest, visits, found);
	return 0;
}

/* hold COUNT: keep softirqs off for so many turns: what this has to find. */
static int run_hold(const unsigned long *arg, struct seq_buf *answer)
{
	unsigned long n;
	u64 start;

	local_bh_disable();
	start = bench_now();
	for (n = 0; n < arg[0]; n++)
		cpu_relax();
	seq_buf_printf(answer, "%llu\n", bench_now() - start);
	local_bh_enable();
	return 0;
}

static const struct bench_word words[] = {
	{ "start", run_start },
	{ "stop", run_stop },
	{ "hold", run_hold },
	{ }
};

static int __init init_stretch(void)
{
	hrtimer_init(&timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	timer.function = visit;
	return bench_open(FILE, words);
}

static void __exit exit_stretch(void)
{
	bench_close(FILE);
	hrtimer_cancel(&timer);
	tasklet_kill(&probe);
}

module_init(init_stretch);
module_exit(exit_stretch);

MODULE_DESCRIPTION("Measures how long softirqs are kept waiting");
MODULE_LICENSE("GPL");
