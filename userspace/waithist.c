// SPDX-License-Identifier: GPL-2.0
/*
 * Sorts durations into histograms and prints those. Must not add up what has
 * different reasons to last so long.
 */
#include "waithist.h"

#include "jsonline.h"
#include "names.h"
#include "print.h"

#define COLUMNS_MAX	1000	/* of JSON: not many, for it is a duration */

static const char *const kind_names[WAITHIST_KINDS] = {
	[WAITHIST_UNDISTURBED] = "undisturbed",
	[WAITHIST_RESTARTED] = "restarted",
	[WAITHIST_EARLY] = "early",
};

static const char *const kind_titles[WAITHIST_KINDS] = {
	[WAITHIST_UNDISTURBED] = "expired, undisturbed",
	[WAITHIST_RESTARTED] = "expired, begun again meanwhile",
	[WAITHIST_EARLY] = "ended before its time",
};

void waithist_exit(struct waithist *hist)
{
	unsigned int source, kind;

	for (source = 0; source <= TCPHS_SOURCE_MODELLED; source++)
		for (kind = 0; kind < WAITHIST_KINDS; kind++)
			histogram_exit(&hist->histogram[source][kind]);
}

void waithist_add(struct waithist *hist, const struct wait *wait)
{
	enum waithist_kind kind = WAITHIST_EARLY;

	if (wait->kind != WAIT_ENDED || wait->end == TCPHS_TW_NEVER ||
	    wait->for_ns == TCPHS_NS_NONE ||
	    wait->source > TCPHS_SOURCE_MODELLED)
		return;
	if (wait->end == TCPHS_TW_EXPIRED)
		kind = wait->restarts ? WAITHIST_RESTARTED :
					WAITHIST_UNDISTURBED;
	histogram_add(&hist->histogram[wait->source][kind], wait->for_ns);
}

void waithist_print(const struct waithist *hist)
{
	const struct histogram *histogram;
	unsigned int source, kind;
	bool has_one = false;

	for (source = 0; source <= TCPHS_SOURCE_MODELLED; source++)
		for (kind = 0; kind < WAITHIST_KINDS; kind++) {
			histogram = &hist->histogram[source][kind];
			if (!histogram->total)
				continue;
			printf("%sTIME_WAIT %s: %llu %s\n", has_one ? "\n" : "",
			       kind_titles[kind], histogram->total,
			       tcphs_source_name(source));
			histogram_print(stdout, histogram);
			has_one = true;
		}
	if (!has_one)
		puts("no TIME_WAIT has ended");
}

static void print_json(const struct histogram *histogram, unsigned int source,
		       unsigned int kind)
{
	static struct histogram_column column[COLUMNS_MAX];
	size_t i, count = histogram_columns(histogram, column, COLUMNS_MAX);
	struct jsonline line;

	for (i = 0; i < count; i++) {
		jsonline_begin(&line, "timewait_column", print_wall_ns());
		jsonline_word(&line, "source", tcphs_source_name(source));
		jsonline_text(&line, "how", kind_names[kind]);
		jsonline_span(&line, "from_ns", column[i].from_ns);
		jsonline_span(&line, "to_ns", column[i].to_ns);
		jsonline_number(&line, "count", column[i].count);
		jsonline_print(&line);
	}
}

void waithist_print_json(const struct waithist *hist)
{
	unsigned int source, kind;

	for (source = TCPHS_SOURCE_OBSERVED; source <= TCPHS_SOURCE_MODELLED;
	     source++)
		for (kind = 0; kind < WAITHIST_KINDS; kind++)
			print_json(&hist->histogram[source][kind], source, kind);
}
