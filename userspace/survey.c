// SPDX-License-Identifier: GPL-2.0
/*
 * Opens the ring before it reads the rows, and reads it no further than it
 * went then. Must not print anything but complaints.
 */
#include "survey.h"

#include "tool.h"

static int read_rows(const struct survey *survey,
		     const struct survey_taker *taker, void *arg)
{
	int status = STATUS_DONE;
	struct rows *rows = rows_open(&status);
	struct row row;

	if (!rows)
		return status;
	while (is_output_good(stdout) && rows_next(rows, &row))
		if (taker->row && filter_match(survey->filter, &row.record))
			taker->row(arg, &row);
	return rows_close(rows) ? STATUS_DONE : STATUS_FAILED;
}

/* @end: the place of the stream's end; a file has its own. */
static int read_events(const struct survey *survey, struct source *source,
		       u64 end, const struct survey_taker *taker, void *arg,
		       struct survey_totals *totals)
{
	bool is_live = source_is_live(source);
	const struct tcphs_record *record;
	enum source_got got;

	while (is_output_good(stdout)) {
		got = source_next(source, 0, &record);
		if (got == SOURCE_FAILED)
			return STATUS_FAILED;
		if (got != SOURCE_RECORD || (is_live && record->seq >= end))
			break;
		if (record->type == TCPHS_EV_LOST) {
			totals->lost += record->lost.count;
			continue;
		}
		totals->events++;
		if (taker->record &&
		    filter_match(survey->filter, record))
			taker->record(arg, record);
	}
	return STATUS_DONE;
}

static int run_live(const struct survey *survey,
		    const struct survey_taker *taker, void *arg,
		    struct survey_totals *totals)
{
	const struct source_options options = { .path = NULL };
	struct tcphs_info info = { 0 };
	struct source *source = NULL;
	int ring = STATUS_DONE;
	int status;

	if (!survey->rows_only)
		source = source_open(&options, &ring);
	if (ring == STATUS_ABSENT)	/* as the rows are, then */
		return ring;
	if (source && source_info(source, &info))
		totals->gone = info.place;
	totals->is_live = source;
	status = read_rows(survey, taker, arg);
	if (!source)
		return status == STATUS_DONE ? ring : status;
	if (status == STATUS_DONE)
		status = read_events(survey, source, info.produced, taker, arg,
				     totals);
	source_close(source);
	return status;
}

int survey_run(const struct survey *survey, const struct survey_taker *taker,
	       void *arg, struct survey_totals *totals)
{
	struct source *source;
	int status = STATUS_DONE;

	*totals = (struct survey_totals){ 0 };
	if (!survey->file)
		return run_live(survey, taker, arg, totals);
	source = source_open(survey->file, &status);
	if (!source)
		return status;
	status = read_events(survey, source, 0, taker, arg, totals);
	source_close(source);
	return status;
}
