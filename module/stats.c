// SPDX-License-Identifier: GPL-2.0
/*
 * The counters' life and their names. Adds nothing up: who shows them does.
 */
#include "stats.h"

static const char * const extra_names[] = {
	[TCPHS_C_CREATED - TCPHS_R_COUNT] = "created",
	[TCPHS_C_REMOVED - TCPHS_R_COUNT] = "removed",
	[TCPHS_C_EVICTED - TCPHS_R_COUNT] = "evicted",
	[TCPHS_C_CLASH - TCPHS_R_COUNT] = "clash",
	[TCPHS_C_NO_IDENTITY - TCPHS_R_COUNT] = "no_identity",
};

static_assert(ARRAY_SIZE(extra_names) == TCPHS_COUNTERS - TCPHS_R_COUNT);

/**
 * tcphs_stats_alloc() - counters for a namespace, all zero
 *
 * Context: may sleep. Return: NULL without memory.
 */
struct tcphs_stats __percpu *tcphs_stats_alloc(void)
{
	return alloc_percpu(struct tcphs_stats);
}

/**
 * tcphs_stats_free() - give them back
 * @stats: no longer used by anybody; may be NULL
 */
void tcphs_stats_free(struct tcphs_stats __percpu *stats)
{
	free_percpu(stats);
}

/**
 * tcphs_stats_name() - the word for a counter
 * @counter: below TCPHS_COUNTERS
 *
 * Return: the column's name, one word.
 */
const char *tcphs_stats_name(unsigned int counter)
{
	if (counter < TCPHS_R_COUNT)
		return tcphs_reason_name(counter);
	return extra_names[counter - TCPHS_R_COUNT];
}

/**
 * tcphs_stats_read() - one CPU's counter
 * @stats: of the namespace
 * @cpu: possible, not necessarily online
 * @counter: below TCPHS_COUNTERS
 *
 * Return: how many so far.
 */
u64 tcphs_stats_read(const struct tcphs_stats __percpu *stats,
		     unsigned int cpu, unsigned int counter)
{
	return READ_ONCE(per_cpu_ptr(stats, cpu)->count[counter]);
}
