// SPDX-License-Identifier: GPL-2.0
/*
 * Counts durations into buckets, and copies the counts. Takes no lock, and
 * computes no quantile: who reads the counts does.
 */
#include "times.h"

#include <linux/cpumask.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <linux/topology.h>

#include <linux/tcphs.h>

/*
 * Handshakes take from a microsecond over loopback to the 127 s for which Linux
 * repeats a SYN (tcp_syn_retries = 6): octaves from 512 ns, in eighths.
 */
#define HANDSHAKES	{ .zone = { { 9, 3 }, { 40, 0 } }, .zones = 2 }

/*
 * TIME_WAITs are near one another, around 60 s, or 120 s as RFC 793 has it:
 * from 2^35 to 2^37 ns, 34 to 137 s, octaves are in parts of a 64th. One that
 * is reused or reset may end at any time: from 2^25 ns, 34 ms, in eighths.
 */
#define TIME_WAITS	\
	{ .zone = { { 25, 3 }, { 35, 6 }, { 37, 3 }, { 40, 0 } }, .zones = 4 }

static const struct {
	const char *name;
	struct tcphs_spread spread;
} kinds[] = {
	[TCPHS_TIME_SYN_ACK] = { "syn_synack", HANDSHAKES },
	[TCPHS_TIME_ACK] = { "synack_ack", HANDSHAKES },
	[TCPHS_TIME_HANDSHAKE] = { "handshake", HANDSHAKES },
	[TCPHS_TIME_TW_OBSERVED] = { "timewait_observed", TIME_WAITS },
	[TCPHS_TIME_TW_MODELLED] = { "timewait_modelled", TIME_WAITS },
};

static_assert(ARRAY_SIZE(kinds) == TCPHS_TIMES);
static_assert(((40 - 9) << 3) + 2 <= TCPHS_TIMES_BUCKETS);
static_assert(((35 - 25) << 3) + ((37 - 35) << 6) + ((40 - 37) << 3) + 2 <=
	      TCPHS_TIMES_BUCKETS);
static_assert(sizeof(struct tcphs_times_dist) <= 2048);

static void free_part(struct tcphs_times_part *part)
{
	unsigned int i;

	for (i = 0; i < TCPHS_TIMES; i++)
		kfree(part->dist[i]);
}

static int alloc_part(struct tcphs_times_part *part, int node)
{
	struct tcphs_times_dist *dist;
	unsigned int i;

	for (i = 0; i < TCPHS_TIMES; i++) {
		dist = kzalloc_node(sizeof(*dist), GFP_KERNEL_ACCOUNT, node);
		if (!dist)
			return -ENOMEM;
		atomic64_set(&dist->min_ns, S64_MAX);
		part->dist[i] = dist;
	}
	return 0;
}

/* For CPUs that there may be; a number that none of them has gets nothing. */
static int alloc_by_cpu(struct tcphs_times *times)
{
	unsigned int cpu;
	int err;

	for_each_possible_cpu(cpu) {
		err = alloc_part(&times->part[cpu], cpu_to_node(cpu));
		if (err)
			return err;
	}
	return 0;
}

/**
 * tcphs_times_init() - begin with nothing counted
 * @times: of a new namespace, all zero
 * @by_cpu: whether each CPU counts by itself
 *
 * Charged to who makes the namespace.
 *
 * Context: may sleep. Return: 0, or -ENOMEM: tcphs_times_exit() frees what
 * there is.
 */
int tcphs_times_init(struct tcphs_times *times, bool by_cpu)
{
	unsigned int parts = by_cpu ? nr_cpu_ids : 1;

	times->part = kcalloc(parts, sizeof(*times->part), GFP_KERNEL_ACCOUNT);
	if (!times->part)
		return -ENOMEM;
	times->parts = parts;
	if (by_cpu)
		return alloc_by_cpu(times);
	return alloc_part(times->part, NUMA_NO_NODE);
}

/**
 * tcphs_times_exit() - give the counts back
 * @times: nobody counts or reads any more
 */
void tcphs_times_exit(struct tcphs_times *times)
{
	unsigned int i;

	for (i = 0; i < times->parts; i++)
		free_part(&times->part[i]);
	kfree(times->part);
}

/* Rarely writes: a new extreme becomes ever less likely. */
static void lower_to(atomic64_t *min, s64 ns)
{
	s64 old = atomic64_read(min);

	while (ns < old && !atomic64_try_cmpxchg_relaxed(min, &old, ns))
		;
}

static void raise_to(atomic64_t *max, s64 ns)
{
	s64 old = atomic64_read(max);

	while (ns > old && !atomic64_try_cmpxchg_relaxed(max, &old, ns))
		;
}

/*
 * Of all who add, just one takes the sum across 2^63. It notes that before it
 * takes them out: meanwhile read_sum() sees the sign, and looks again.
 */
static void add_to(struct tcphs_times_dist *dist, u64 ns)
{
	u64 sum = atomic64_add_return_relaxed(ns, &dist->sum_ns);

	if (sum <= S64_MAX || sum - ns > S64_MAX)
		return;
	smp_mb__before_atomic();	/* its sum is to be seen first */
	atomic64_inc(&dist->carried);
	/* Pairs with read_sum(): a sum without the sign is one carried. */
	smp_mb__after_atomic();
	atomic64_andnot(S64_MIN, &dist->sum_ns);
}

/* This CPU's, if each has its own; it stays, as events are told in a section. */
static struct tcphs_times_dist *find_dist(const struct tcphs_times *times,
					  enum tcphs_time which)
{
	unsigned int part = times->parts == 1 ? 0 : smp_processor_id();

	return times->part[part].dist[which];
}

static void count_one(struct tcphs_times *times, enum tcphs_time which, u64 ns)
{
	struct tcphs_times_dist *dist = find_dist(times, which);
	unsigned int bucket;

	if (ns > S64_MAX)	/* TCPHS_NS_NONE */
		return;
	bucket = tcphs_spread_bucket(&kinds[which].spread, ns);
	lower_to(&dist->min_ns, ns);
	raise_to(&dist->max_ns, ns);
	add_to(dist, ns);
	/* Pairs with smp_rmb() in tcphs_times_read(): first all of the above. */
	smp_mb__before_atomic();
	atomic64_inc(&dist->bucket[bucket]);
}

/*
 * A handshake that was not verified was completed by nobody: its times are
 * those of whoever sent the wrong number.
 */
static void count_handshake(struct tcphs_times *times,
			    const struct tcphs_ev_handshake *ev)
{
	if (!ev->verified)
		return;
	count_one(times, TCPHS_TIME_SYN_ACK, ev->syn_ack_ns);
	count_one(times, TCPHS_TIME_ACK, ev->ack_ns);
	count_one(times, TCPHS_TIME_HANDSHAKE, ev->total_ns);
}

/* One that never was, or of which the end was not awaited, lasted no time. */
static void count_timewait(struct tcphs_times *times,
			   const struct tcphs_ev_timewait *ev)
{
	if (ev->phase != TCPHS_TW_END || ev->end == TCPHS_TW_NEVER ||
	    ev->end == TCPHS_TW_EVICTED)
		return;
	count_one(times, ev->source == TCPHS_SOURCE_OBSERVED ?
		  TCPHS_TIME_TW_OBSERVED : TCPHS_TIME_TW_MODELLED, ev->dur_ns);
}

/**
 * tcphs_times_count() - take an event, count what it says of durations
 * @times: of the namespace
 * @type: enum tcphs_event, any
 * @payload: of that type
 *
 * Context: preemption off. A few locked operations for a handshake or the end of
 * a TIME_WAIT, none for other events.
 */
void tcphs_times_count(struct tcphs_times *times, unsigned int type,
		       const void *payload)
{
	if (type == TCPHS_EV_HANDSHAKE)
		count_handshake(times, payload);
	else if (type == TCPHS_EV_TIMEWAIT)
		count_timewait(times, payload);
}

/**
 * tcphs_times_name() - the word for a distribution
 * @which: below TCPHS_TIMES
 */
const char *tcphs_times_name(enum tcphs_time which)
{
	return kinds[which].name;
}

/**
 * tcphs_times_spread() - how its buckets lie
 * @which: below TCPHS_TIMES
 */
const struct tcphs_spread *tcphs_times_spread(enum tcphs_time which)
{
	return &kinds[which].spread;
}

/* 2^63 ns are 9223372036.854775808 s. */
static void add_sum(struct tcphs_times_copy *copy, u64 carried, u64 ns)
{
	u32 rest;

	copy->sum_s += carried * 9223372036ULL +
		       div_u64_rem(ns, NSEC_PER_SEC, &rest);
	copy->sum_s += div_u64_rem(carried * 854775808 + rest + copy->sum_ns,
				   NSEC_PER_SEC, &copy->sum_ns);
}

/* Neither within the steps of add_to() nor on either side of them. */
static void read_sum(const struct tcphs_times_dist *dist,
		     struct tcphs_times_copy *copy)
{
	s64 carried, sum;

	for (;;) {
		carried = atomic64_read(&dist->carried);
		/* Both pair with the barrier in add_to(). */
		smp_rmb();
		sum = atomic64_read(&dist->sum_ns);
		/* As above. */
		smp_rmb();
		if (sum >= 0 && carried == atomic64_read(&dist->carried))
			break;
		cpu_relax();
	}
	add_sum(copy, carried, sum);
}

static void read_dist(const struct tcphs_times_dist *dist,
		      struct tcphs_times_copy *copy)
{
	unsigned int i;
	u64 n;

	for (i = 0; i < TCPHS_TIMES_BUCKETS; i++) {
		n = atomic64_read(&dist->bucket[i]);
		copy->bucket[i] += n;
		copy->count += n;
	}
	/* Pairs with the barrier in count_one(). */
	smp_rmb();
	copy->min_ns = min_t(u64, copy->min_ns, atomic64_read(&dist->min_ns));
	copy->max_ns = max_t(u64, copy->max_ns, atomic64_read(&dist->max_ns));
	read_sum(dist, copy);
}

/**
 * tcphs_times_read() - copy a distribution while it is counted
 * @times: of the namespace
 * @which: below TCPHS_TIMES
 * @copy: filled
 *
 * Context: any.
 */
void tcphs_times_read(const struct tcphs_times *times, enum tcphs_time which,
		      struct tcphs_times_copy *copy)
{
	unsigned int part;

	memset(copy, 0, sizeof(*copy));
	copy->min_ns = S64_MAX;
	for (part = 0; part < times->parts; part++)
		if (times->part[part].dist[which])
			read_dist(times->part[part].dist[which], copy);
}
