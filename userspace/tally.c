// SPDX-License-Identifier: GPL-2.0
/*
 * Counts TIME_WAITs and tells the sums. Must not mix what was observed with
 * what was modelled into one duration.
 */
#include "tally.h"

#include "jsonline.h"
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

static json_t *count_if(bool is_known, u64 count)
{
	return is_known ? jsonline_number(count) : json_null();
}

static json_t *pack_durations(const struct tally *tally)
{
	unsigned int source = tally_source(tally);

	if (source == TCPHS_SOURCE_NONE)
		return json_pack("{s:n, s:n, s:n}", "source", "shortest_ns",
				 "longest_ns");
	return json_pack("{s:s, s:o, s:o}", "source", tcphs_source_name(source),
			 "shortest_ns",
			 jsonline_number(tally->shortest_ns[source]),
			 "longest_ns",
			 jsonline_number(tally->longest_ns[source]));
}

static json_t *pack_ends(const struct tally *tally)
{
	json_t *line = json_object();
	unsigned int i;

	for (i = 1; i < TALLY_ENDS; i++)
		json_object_set_new(line, tcphs_tw_end_name(i),
				    count_if(tally->has_over, tally->ends[i]));
	return line;
}

static json_t *pack_over(const struct tally *tally)
{
	bool known = tally->has_over;

	return json_pack("{s:o, s:o, s:o, s:o}",
			 "orphans_ended", count_if(known, tally->orphans_ended),
			 "restarts",
			 jsonline_number(tally->restarts + tally->again),
			 "syns_delayed", count_if(known, tally->delayed),
			 "syns_delay_ns", count_if(known, tally->delay_ns));
}

json_t *tally_pack(const struct tally *tally)
{
	bool known = tally->has_now;
	json_t *line;

	line = json_pack("{s:o, s:o, s:o, s:o}",
			 "waiting", count_if(known, tally_waiting(tally)),
			 "waiting_observed",
			 count_if(known, tally->now[TCPHS_SOURCE_OBSERVED]),
			 "orphaned", count_if(known, tally->orphans_now),
			 "ended", count_if(tally->has_over, tally->ended));
	jsonline_append(line, pack_ends(tally));
	jsonline_append(line, pack_durations(tally));
	jsonline_append(line, pack_over(tally));
	return line;
}
