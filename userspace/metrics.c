// SPDX-License-Identifier: GPL-2.0
/*
 * Counts events. Must not keep anything that grows with the traffic but the
 * census, which is bounded.
 */
#include "metrics.h"

#include <stdlib.h>

#include "tool.h"

#define CENSUS_MAX	1048576U	/* connections, 32 MiB at the most */
#define NS_PER_S	1e9

/* From a loopback to a SYN that was repeated five times. */
static const double handshake_bounds[] = {
	0.00001, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
	0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60,
};

/* Around the 60 s of Linux; what is reused or killed ends before. */
static const double timewait_bounds[] = {
	0.001, 0.01, 0.1, 1, 2, 5, 10, 20, 30, 45, 59, 60, 61, 65, 90, 120, 240,
};

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

static_assert(COUNT(handshake_bounds) <= METRICS_BUCKETS, "room for the buckets");
static_assert(COUNT(timewait_bounds) <= METRICS_BUCKETS, "room for the buckets");

struct metrics *metrics_alloc(void)
{
	struct metrics *metrics = tool_alloc(sizeof(*metrics));
	size_t i;

	census_init(&metrics->census, CENSUS_MAX);
	metrics->handshake.bounds = handshake_bounds;
	metrics->handshake.count = COUNT(handshake_bounds);
	for (i = 0; i < METRICS_SOURCES; i++) {
		metrics->timewait[i].bounds = timewait_bounds;
		metrics->timewait[i].count = COUNT(timewait_bounds);
	}
	return metrics;
}

void metrics_free(struct metrics *metrics)
{
	census_exit(&metrics->census);
	free(metrics);
}

static void observe(struct metrics_histogram *histogram, u64 ns)
{
	double seconds = (double)ns / NS_PER_S;
	size_t i = 0;

	if (ns == TCPHS_NS_NONE)
		return;
	while (i < histogram->count && seconds > histogram->bounds[i])
		i++;
	histogram->bucket[i]++;
	histogram->sum_ns += ns;
}

static void count_transition(struct metrics *metrics,
			     const struct tcphs_ev_transition *ev)
{
	if (ev->side <= TCPHS_SERVER && ev->old_state < TCPHS_STATES &&
	    ev->new_state < TCPHS_STATES)
		metrics->transitions[ev->side][ev->old_state][ev->new_state]++;
}

static void count_handshake(struct metrics *metrics,
			    const struct tcphs_ev_handshake *ev)
{
	metrics->handshakes[ev->verified != 0]++;
	observe(&metrics->handshake, ev->total_ns);
}

static void count_timewait(struct metrics *metrics,
			   const struct tcphs_ev_timewait *ev)
{
	if (ev->phase != TCPHS_TW_END || ev->end >= METRICS_TW_ENDS ||
	    ev->source >= METRICS_SOURCES)
		return;
	metrics->timewaits[ev->end][ev->source]++;
	observe(&metrics->timewait[ev->source], ev->dur_ns);
}

static void count_event(struct metrics *metrics,
			const struct tcphs_record *record)
{
	switch (record->type) {
	case TCPHS_EV_TRANSITION:
		count_transition(metrics, &record->transition);
		break;
	case TCPHS_EV_HANDSHAKE:
		count_handshake(metrics, &record->handshake);
		break;
	case TCPHS_EV_ANOMALY:
		if (record->anomaly.kind < METRICS_ANOMALIES)
			metrics->anomalies[record->anomaly.kind]++;
		break;
	case TCPHS_EV_TIMEWAIT:
		count_timewait(metrics, &record->timewait);
		break;
	case TCPHS_EV_CONNECTION:
		if (record->connection.close < METRICS_CLOSES &&
		    record->connection.closer < METRICS_SIDES)
			metrics->closed[record->connection.close]
				       [record->connection.closer]++;
		break;
	}
}

void metrics_count(struct metrics *metrics, const struct tcphs_record *record)
{
	if (record->type == TCPHS_EV_LOST) {
		metrics->lost += record->lost.count;
		return;
	}
	/* [0]: types that this version does not know */
	metrics->events[record->type < METRICS_EVENTS ? record->type : 0]++;
	census_take(&metrics->census, record);
	count_event(metrics, record);
}

void metrics_recall(struct metrics *metrics, const struct tcphs_record *record)
{
	census_take(&metrics->census, record);
}
