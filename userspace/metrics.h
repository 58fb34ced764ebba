/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What events add up to, as OpenMetrics or in Prometheus' own text format.
 * Every label comes from a closed list: neither addresses nor ports nor
 * connections. Opens nothing and reads no clock.
 */
#ifndef TCPHS_METRICS_H
#define TCPHS_METRICS_H

#include <linux/tcphs.h>

#include "census.h"
#include "env.h"
#include "output.h"

#define METRICS_BUCKETS	20

/* One more than the last word of each enumeration of the UAPI. */
#define METRICS_EVENTS		(TCPHS_EV_CONNECTION + 1)
#define METRICS_ANOMALIES	(TCPHS_AN_BAD_WSCALE + 1)
#define METRICS_CLOSES		(TCPHS_CLOSE_EVICTED + 1)
#define METRICS_SIDES		(TCPHS_NOBODY + 1)
#define METRICS_TW_ENDS		(TCPHS_TW_EVICTED + 1)
#define METRICS_SOURCES		(TCPHS_SOURCE_MODELLED + 1)

struct metrics_histogram {
	const double *bounds;	/* seconds, ascending */
	size_t count;		/* of the bounds */
	u64 bucket[METRICS_BUCKETS + 1];	/* not cumulative; the last: above all */
	u64 sum_ns;
};

struct metrics {
	struct census census;
	u64 events[METRICS_EVENTS];	/* [0]: of types that are not known */
	u64 lost;
	u64 transitions[2][TCPHS_STATES][TCPHS_STATES];
	u64 handshakes[2];	/* not verified, verified */
	u64 anomalies[METRICS_ANOMALIES];
	u64 closed[METRICS_CLOSES][METRICS_SIDES];
	u64 timewaits[METRICS_TW_ENDS][METRICS_SOURCES];
	struct metrics_histogram handshake;
	struct metrics_histogram timewait[METRICS_SOURCES];
};

/* What is known at the moment of a scrape. */
struct metrics_now {
	const char *version;	/* of this program */
	const char *module;	/* its version, NULL: it is not there */
	u32 uapi;
	bool has_produced;
	u64 produced;		/* by the module, in this namespace */
	bool has_gap;
	u64 gap;		/* missed between two processes */
	const struct output_totals *output;
	size_t waiting;		/* lines */
};

struct metrics *metrics_alloc(void);
void metrics_free(struct metrics *metrics);

/* Count a record. */
void metrics_count(struct metrics *metrics, const struct tcphs_record *record);

/* One that an earlier process counted: only who is in which state. */
void metrics_recall(struct metrics *metrics, const struct tcphs_record *record);

/* metrics_text.c */

/**
 * metrics_text() - all of them
 * @metrics: counted so far
 * @now: what else there is to say
 * @is_open: OpenMetrics 1.0.0; false: Prometheus text format 0.0.4
 * @size: where its length goes
 *
 * Return: the text for free(); NULL: no memory.
 */
char *metrics_text(const struct metrics *metrics,
		   const struct metrics_now *now, bool is_open, size_t *size);

#endif /* TCPHS_METRICS_H */
