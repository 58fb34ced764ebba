// SPDX-License-Identifier: GPL-2.0
/*
 * Counts TIME_WAITs and tells the sums. Must not mix what was observed with
 * what was modelled into one duration.
 */
#include "tally.h"

#include "names.h"
#include "print.h"

static void add_end(struct tally *tally, const struct wait *wait)
{
	unsigned int source = wait->source < TALLY_SOURCES ? wait->source : 0;

	tally->ended++;
	tally->ends[wait->end < TALLY_ENDS ? wait->end : 0]++;
	tally->restarts += wait->restarts;
	if (wait->end == TCPHS_TW_NEVER || wait->for_ns == TCPHS_NS_NONE)
		return;
	if (!tally->held[source] || wait->for_ns < tally->shortest_ns[source])
		tally->shortest_ns[source] = wait->for_ns;
	if (!tally->held[source] || wait->for_ns > tally->longest_ns[source])
		tally->longest_ns[source] = wait->for_ns;
	tally->held[source]++;
}

void tally_add(struct tally *tally, const struct wait *wait)
{
	switch (wait->kind) {
	case WAIT_NOW:
		tally->now[wait->source < TALLY_SOURCES ? wait->source : 0]++;
		tally->restarts += wait->restarts;
		break;
	case WAIT_ORPHAN_NOW:
		tally->orphans_now++;
		break;
	case WAIT_BEGAN:
		tally->began++;
		break;
	case WAIT_BEGAN_AGAIN:
		tally->again++;
		break;
	case WAIT_ENDED:
		add_end(tally, wait);
		break;
	case WAIT_ORPHAN_ENDED:
		tally->orphans_ended++;
		break;
	case WAIT_SYN_DELAYED:
		tally->delayed++;
		if (wait->for_ns != TCPHS_NS_NONE)
			tally->delay_ns += wait->for_ns;
		break;
	default:
		break;
	}
}

u64 tally_waiting(const struct tally *tally)
{
	u64 sum = 0;
	size_t i;

	for (i = 0; i < TALLY_SOURCES; i++)
		sum += tally->now[i];
	return sum;
}

unsigned int tally_source(const struct tally *tally)
{
	if (tally->held[TCPHS_SOURCE_OBSERVED])
		return TCPHS_SOURCE_OBSERVED;
	return tally->held[TCPHS_SOURCE_MODELLED] ? TCPHS_SOURCE_MODELLED :
						    TCPHS_SOURCE_NONE;
}

/* " (3 observed, 1 modelled)" */
static void print_sources(FILE *out, const struct tally *tally)
{
	const char *before = " (";
	unsigned int i;

	for (i = TCPHS_SOURCE_OBSERVED; i < TALLY_SOURCES; i++)
		if (tally->now[i]) {
			fprintf(out, "%s%llu %s", before, tally->now[i],
				tcphs_source_name(i));
			before = ", ";
		}
	if (*before == ',')
		fputc(')', out);
}

/* ": 9 expired, 2 reused" */
static void print_ends(FILE *out, const struct tally *tally)
{
	const char *before = ": ";
	unsigned int i;

	for (i = 1; i < TALLY_ENDS; i++)
		if (tally->ends[i]) {
			fprintf(out, "%s%llu %s", before, tally->ends[i],
				tcphs_tw_end_name(i));
			before = ", ";
		}
}

static void print_now(FILE *out, const struct tally *tally)
{
	char count[PRINT_COUNT];

	fprintf(out, "%llu in TIME_WAIT", tally_waiting(tally));
	print_sources(out, tally);
	if (tally->orphans_now)
		fprintf(out, ", %s in FIN_WAIT2",
			print_count(count, tally->orphans_now, "orphan"));
}

static void print_over(FILE *out, const struct tally *tally)
{
	char count[PRINT_COUNT];

	if (!tally->has_now)
		fprintf(out, "%llu began, ", tally->began);
	fprintf(out, "%llu ended", tally->ended);
	print_ends(out, tally);
	if (tally->orphans_ended)
		fprintf(out, "; %s in FIN_WAIT2 ended",
			print_count(count, tally->orphans_ended, "orphan"));
}

void tally_print(FILE *out, const struct tally *tally)
{
	char count[PRINT_COUNT], span[PRINT_SPAN];

	if (tally->has_now)
		print_now(out, tally);
	if (tally->has_now && tally->has_over)
		fputs("; ", out);
	if (tally->has_over)
		print_over(out, tally);
	if (tally->restarts)
		fprintf(out, "; %s", print_count(count, tally->restarts,
						 "restart"));
	fputc('\n', out);
	if (tally->delayed)
		fprintf(out, "%s answered late, by %s in all\n",
			print_count(count, tally->delayed, "SYN"),
			print_span(span, tally->delay_ns, false));
}

static void put_ends(struct jsonline *line, const struct tally *tally)
{
	unsigned int i;

	for (i = 1; i < TALLY_ENDS; i++)
		jsonline_number_if(line, tcphs_tw_end_name(i), tally->has_over,
				   tally->ends[i]);
}

static void put_durations(struct jsonline *line, const struct tally *tally)
{
	unsigned int source = tally_source(tally);
	bool is_known = source != TCPHS_SOURCE_NONE;

	jsonline_word(line, "source", tcphs_source_name(source));
	jsonline_span(line, "shortest_ns", is_known ?
		      tally->shortest_ns[source] : TCPHS_NS_NONE);
	jsonline_span(line, "longest_ns", is_known ?
		      tally->longest_ns[source] : TCPHS_NS_NONE);
}

void tally_put(struct jsonline *line, const struct tally *tally)
{
	bool has_now = tally->has_now, has_over = tally->has_over;

	jsonline_number_if(line, "waiting", has_now, tally_waiting(tally));
	jsonline_number_if(line, "waiting_observed", has_now,
			   tally->now[TCPHS_SOURCE_OBSERVED]);
	jsonline_number_if(line, "orphaned", has_now, tally->orphans_now);
	jsonline_number_if(line, "ended", has_over, tally->ended);
	put_ends(line, tally);
	put_durations(line, tally);
	jsonline_number_if(line, "orphans_ended", has_over,
			   tally->orphans_ended);
	jsonline_number(line, "restarts", tally->restarts + tally->again);
	jsonline_number_if(line, "syns_delayed", has_over, tally->delayed);
	jsonline_number_if(line, "syns_delay_ns", has_over, tally->delay_ns);
}
