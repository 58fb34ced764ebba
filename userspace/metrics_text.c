// SPDX-License-Identifier: GPL-2.0
/*
 * Writes the counts down, as OpenMetrics 1.0.0 or as Prometheus text 0.0.4;
 * the two differ in the head of a family alone. Must not count.
 */
#include "metrics.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"

#define NS_PER_S	1e9

struct writer {
	FILE *out;
	bool is_open;
};

static void put_head(const struct writer *writer, const char *name,
		     const char *type, const char *unit, const char *help)
{
	bool is_counter = type[0] == 'c';
	bool is_info = type[0] == 'i';
	const char *suffix = "";

	if (!writer->is_open && is_counter)
		suffix = "_total";
	if (!writer->is_open && is_info) {
		suffix = "_info";
		type = "gauge";
	}
	fprintf(writer->out, "# HELP %s%s %s\n# TYPE %s%s %s\n", name, suffix,
		help, name, suffix, type);
	if (writer->is_open && unit)
		fprintf(writer->out, "# UNIT %s %s\n", name, unit);
}

static void put_number(const struct writer *writer, const char *name,
		       const char *type, const char *help, u64 value)
{
	put_head(writer, name, type, NULL, help);
	fprintf(writer->out, "%s%s %llu\n", name,
		type[0] == 'c' ? "_total" : "", (unsigned long long)value);
}

#define LABEL_SIZE	16

/* node_exporter's spelling: the kernel's in lower case. */
static const char *label_of(unsigned int state, char *label)
{
	const char *name = tcphs_state_name(state);
	size_t i;

	if (state == TCPHS_STATE_UNKNOWN)
		name = "unknown";
	for (i = 0; name[i] && i + 1 < LABEL_SIZE; i++)
		label[i] = (char)tolower((unsigned char)name[i]);
	label[i] = '\0';
	return label;
}

static void put_info(const struct writer *writer, const struct metrics_now *now)
{
	put_head(writer, "tcphs_build", "info", NULL,
		 "This program; the value is always 1.");
	fprintf(writer->out, "tcphs_build_info{version=\"%s\"} 1\n",
		now->version);
	put_number(writer, "tcphs_module_up", "gauge",
		   "Whether the module is there.", now->module ? 1 : 0);
	if (!now->module)
		return;
	put_head(writer, "tcphs_module", "info", NULL,
		 "The module; the value is always 1.");
	fprintf(writer->out, "tcphs_module_info{version=\"%s\",uapi=\"%u\"} 1\n",
		now->module, now->uapi);
}

static void put_events(const struct writer *writer,
		       const struct metrics *metrics,
		       const struct metrics_now *now)
{
	size_t i;

	put_head(writer, "tcphs_events", "counter", NULL,
		 "Events read from the module.");
	for (i = TCPHS_EV_TRANSITION; i < METRICS_EVENTS; i++)
		fprintf(writer->out, "tcphs_events_total{event=\"%s\"} %llu\n",
			tcphs_event_name((unsigned int)i),
			(unsigned long long)metrics->events[i]);
	fprintf(writer->out, "tcphs_events_total{event=\"unknown\"} %llu\n",
		(unsigned long long)metrics->events[0]);
	put_head(writer, "tcphs_events_lost", "counter", NULL,
		 "Events that no line tells of: overwritten in the ring before they were read, between two runs of this program, or dropped because the output could not be written.");
	fprintf(writer->out,
		"tcphs_events_lost_total{where=\"ring\"} %llu\n"
		"tcphs_events_lost_total{where=\"restart\"} %llu\n"
		"tcphs_events_lost_total{where=\"output\"} %llu\n",
		(unsigned long long)metrics->lost,
		(unsigned long long)(now->has_gap ? now->gap : 0),
		(unsigned long long)now->output->dropped);
	if (now->has_produced)
		put_number(writer, "tcphs_events_produced", "counter",
			   "Events that the module has produced since it was loaded.",
			   now->produced);
	if (now->has_gap)
		put_number(writer, "tcphs_restart_gap_events", "gauge",
			   "Events missed between the run before and this one; absent where it cannot be known.",
			   now->gap);
}

static void put_census(const struct writer *writer,
		       const struct census *census)
{
	unsigned int side, state;
	char label[LABEL_SIZE];

	put_head(writer, "tcphs_connections", "gauge", NULL,
		 "Ends of connections by state, of the connections of which this run has seen an event.");
	for (side = TCPHS_CLIENT; side <= TCPHS_SERVER; side++)
		for (state = TCPHS_ESTABLISHED; state < TCPHS_STATES; state++)
			fprintf(writer->out,
				"tcphs_connections{side=\"%s\",state=\"%s\"} %llu\n",
				tcphs_side_name(side), label_of(state, label),
				(unsigned long long)census->ends[side][state]);
	put_number(writer, "tcphs_connections_refused", "counter",
		   "Transitions of connections that were too many to be counted by state.",
		   census->refused);
}

static void put_transition(const struct writer *writer, unsigned int side,
			   unsigned int old_state, unsigned int new_state,
			   u64 value)
{
	char from[LABEL_SIZE], to[LABEL_SIZE];

	if (value)
		fprintf(writer->out,
			"tcphs_transitions_total{side=\"%s\",from=\"%s\",to=\"%s\"} %llu\n",
			tcphs_side_name(side), label_of(old_state, from),
			label_of(new_state, to), (unsigned long long)value);
}

/* Only the cells that have occurred: most of the square cannot. */
static void put_transitions(const struct writer *writer,
			    const struct metrics *metrics)
{
	unsigned int side, from, to;

	put_head(writer, "tcphs_transitions", "counter", NULL,
		 "Changes of state, RFC 9293 section 3.3.2.");
	for (side = TCPHS_CLIENT; side <= TCPHS_SERVER; side++)
		for (from = 0; from < TCPHS_STATES; from++)
			for (to = 0; to < TCPHS_STATES; to++)
				put_transition(writer, side, from, to,
					       metrics->transitions[side][from][to]);
}

static void put_handshakes(const struct writer *writer,
			   const struct metrics *metrics)
{
	put_head(writer, "tcphs_handshakes", "counter", NULL,
		 "Handshakes completed; verified: each ACK was the peer's initial sequence number + 1.");
	fprintf(writer->out,
		"tcphs_handshakes_total{verified=\"true\"} %llu\n"
		"tcphs_handshakes_total{verified=\"false\"} %llu\n",
		(unsigned long long)metrics->handshakes[1],
		(unsigned long long)metrics->handshakes[0]);
}

static void put_anomalies(const struct writer *writer,
			  const struct metrics *metrics)
{
	unsigned int kind;

	put_head(writer, "tcphs_anomalies", "counter", NULL,
		 "Segments that should not have been, by kind.");
	for (kind = TCPHS_AN_BAD_ACK; kind < METRICS_ANOMALIES; kind++)
		fprintf(writer->out,
			"tcphs_anomalies_total{kind=\"%s\"} %llu\n",
			tcphs_anomaly_name(kind),
			(unsigned long long)metrics->anomalies[kind]);
}

static void put_closed(const struct writer *writer,
		       const struct metrics *metrics)
{
	unsigned int close, closer;

	put_head(writer, "tcphs_connections_closed", "counter", NULL,
		 "Connections whose record has ended, by how, and by whose FIN or RST was first.");
	for (close = 0; close < METRICS_CLOSES; close++)
		for (closer = 0; closer < METRICS_SIDES; closer++)
			if (metrics->closed[close][closer])
				fprintf(writer->out,
					"tcphs_connections_closed_total{close=\"%s\",closer=\"%s\"} %llu\n",
					tcphs_close_name(close),
					tcphs_side_name(closer),
					(unsigned long long)
					metrics->closed[close][closer]);
}

static void put_timewaits(const struct writer *writer,
			  const struct metrics *metrics)
{
	unsigned int end, source;

	put_head(writer, "tcphs_timewait_ends", "counter", NULL,
		 "TIME_WAITs that have ended, by cause; modelled ones are computed from 2 MSL.");
	for (end = TCPHS_TW_EXPIRED; end < METRICS_TW_ENDS; end++)
		for (source = TCPHS_SOURCE_OBSERVED; source < METRICS_SOURCES; source++)
			fprintf(writer->out,
				"tcphs_timewait_ends_total{end=\"%s\",source=\"%s\"} %llu\n",
				tcphs_tw_end_name(end),
				tcphs_source_name(source),
				(unsigned long long)
				metrics->timewaits[end][source]);
}

#define BOUND_SIZE	16

/* A float that shows that it is one, as OpenMetrics wants it. */
static const char *bound_of(double seconds, char *bound)
{
	int size = snprintf(bound, BOUND_SIZE, "%g", seconds);

	if (!strpbrk(bound, ".e"))
		snprintf(bound + size, BOUND_SIZE - (size_t)size, ".0");
	return bound;
}

/* @label: "", or one that comes before le, with its comma. */
static void put_histogram(const struct writer *writer, const char *name,
			  const char *label, const struct metrics_histogram *histogram)
{
	int length = (int)strlen(label);
	char bound[BOUND_SIZE];
	u64 sum = 0;
	size_t i;

	for (i = 0; i < histogram->count; i++) {
		sum += histogram->bucket[i];
		fprintf(writer->out, "%s_bucket{%sle=\"%s\"} %llu\n", name,
			label, bound_of(histogram->bounds[i], bound),
			(unsigned long long)sum);
	}
	sum += histogram->bucket[i];
	fprintf(writer->out, "%s_bucket{%sle=\"+Inf\"} %llu\n", name, label,
		(unsigned long long)sum);
	if (length)
		length--;
	fprintf(writer->out, "%s_sum%s%.*s%s %.9f\n", name, length ? "{" : "",
		length, label, length ? "}" : "",
		(double)histogram->sum_ns / NS_PER_S);
	fprintf(writer->out, "%s_count%s%.*s%s %llu\n", name, length ? "{" : "",
		length, label, length ? "}" : "", (unsigned long long)sum);
}

static void put_histograms(const struct writer *writer,
			   const struct metrics *metrics)
{
	put_head(writer, "tcphs_handshake_seconds", "histogram", "seconds",
		 "From the first SYN to the ACK that completed the handshake.");
	put_histogram(writer, "tcphs_handshake_seconds", "",
		      &metrics->handshake);
	put_head(writer, "tcphs_timewait_seconds", "histogram", "seconds",
		 "How long TIME_WAIT lasted; modelled ones are computed from 2 MSL.");
	put_histogram(writer, "tcphs_timewait_seconds", "source=\"observed\",",
		      &metrics->timewait[TCPHS_SOURCE_OBSERVED]);
	put_histogram(writer, "tcphs_timewait_seconds", "source=\"modelled\",",
		      &metrics->timewait[TCPHS_SOURCE_MODELLED]);
}

static void put_output(const struct writer *writer,
		       const struct metrics_now *now)
{
	put_number(writer, "tcphs_output_lines", "counter",
		   "Lines written.", now->output->lines);
	put_number(writer, "tcphs_output_bytes", "counter",
		   "Bytes of the lines written.", now->output->bytes);
	put_number(writer, "tcphs_output_dropped_lines", "counter",
		   "Lines that could not be written, as after a full disk.",
		   now->output->dropped);
	put_number(writer, "tcphs_output_errors", "counter",
		   "Writes that failed.", now->output->errors);
	put_number(writer, "tcphs_output_waiting_lines", "gauge",
		   "Lines that wait to be written.", now->waiting);
}

char *metrics_text(const struct metrics *metrics,
		   const struct metrics_now *now, bool is_open, size_t *size)
{
	char *text = NULL;
	struct writer writer = { .is_open = is_open };

	writer.out = open_memstream(&text, size);
	if (!writer.out)
		return NULL;
	put_info(&writer, now);
	put_events(&writer, metrics, now);
	put_census(&writer, &metrics->census);
	put_transitions(&writer, metrics);
	put_handshakes(&writer, metrics);
	put_anomalies(&writer, metrics);
	put_closed(&writer, metrics);
	put_timewaits(&writer, metrics);
	put_histograms(&writer, metrics);
	put_output(&writer, now);
	fputs("# EOF\n", writer.out);
	if (fclose(writer.out) == 0)
		return text;
	free(text);
	return NULL;
}
