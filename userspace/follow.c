// SPDX-License-Identifier: GPL-2.0
/*
 * Reads events, skips what the run before has written, makes lines of the
 * rest and tells the gap between the two as a number. Must not wait.
 */
#include "follow.h"

#include <stdlib.h>

#include "print.h"
#include "privilege.h"
#include "tool.h"

#define TURN_RECORDS	4096	/* then signals and scrapes get their turn */

/* The gap between two runs. */

static void tell_gap(struct follow *follow, u64 place)
{
	char *line;

	follow->has_gap = true;
	if (place > follow->resume.mark.place)
		follow->gap = place - follow->resume.mark.place;
	follow->mark.place = place;
	complain("goes on where it was left, %llu events were missed",
		 (unsigned long long)follow->gap);
	line = print_json_lost(follow->gap, "restart", print_wall_ns());
	if (line)
		output_add(follow->output, line, &follow->mark);
	free(line);
}

/* The stream may be read to its end, and nothing in it was new. */
static void end_resume(struct follow *follow)
{
	struct tcphs_info info;

	if (!follow->resume.is_active ||
	    !source_info(follow->source, &info) ||
	    info.place < follow->held_place)
		return;
	follow->resume.is_active = false;
	tell_gap(follow, info.place);
}

static bool skip_old(struct follow *follow, const struct tcphs_record *record)
{
	if (!follow->resume.is_active)
		return false;
	if (place_skips(&follow->resume, record)) {
		metrics_recall(follow->metrics, record);
		return true;
	}
	tell_gap(follow, record->seq);
	return false;
}

/* Records to lines. */

static void take_record(struct follow *follow,
			const struct tcphs_record *record)
{
	char *line;

	if (skip_old(follow, record))
		return;
	if (record->type == TCPHS_EV_LOST)
		follow->lost += record->lost.count;
	else
		follow->read++;
	metrics_count(follow->metrics, record);
	place_step(&follow->mark, record);
	line = print_json_record(record);
	if (line)
		output_add(follow->output, line, &follow->mark);
	free(line);
}

enum follow_got follow_turn(struct follow *follow)
{
	const struct tcphs_record *record;
	enum source_got got = SOURCE_RECORD;
	unsigned int n;

	for (n = 0; n < TURN_RECORDS && got == SOURCE_RECORD; n++) {
		got = source_next(follow->source, 0, &record);
		if (got == SOURCE_RECORD)
			take_record(follow, record);
	}
	if (got == SOURCE_NOTHING)
		end_resume(follow);
	output_flush(follow->output);
	switch (got) {
	case SOURCE_RECORD:
		return FOLLOW_MORE;
	case SOURCE_NOTHING:
		return FOLLOW_NOTHING;
	case SOURCE_END:
		return FOLLOW_END;
	default:
		return FOLLOW_FAILED;
	}
}

u64 follow_produced(const struct follow *follow)
{
	struct tcphs_info info;

	return source_info(follow->source, &info) ? info.produced : 0;
}

bool follow_has_read(const struct follow *follow, u64 place)
{
	struct tcphs_info info;

	if (!follow->resume.is_active)
		return follow->mark.place >= place;
	return !source_info(follow->source, &info) || info.place >= place;
}

/* Opening. */

static void tell_start(const struct follow *follow, enum place_known known)
{
	if (known == PLACE_OTHER)
		complain("the module was loaded anew since the last run: the gap is not known");
	if (follow->mark.place)
		complain("%llu older events are no longer held by the module",
			 (unsigned long long)follow->mark.place);
}

static void begin(struct follow *follow)
{
	const struct source_hello *hello = source_hello(follow->source);
	struct tcphs_info info = { 0 };
	enum place_known known;

	source_info(follow->source, &info);
	follow->mark.place = info.place;
	follow->held_place = info.produced;
	known = place_recall(follow->place, hello, output_fd(follow->output),
			     &follow->resume.mark);
	if (known == PLACE_SAME) {
		follow->resume.is_active = true;
		follow->mark = follow->resume.mark;
	} else {
		tell_start(follow, known);
	}
	output_begin(follow->output, follow->place, hello, &follow->mark);
}

static int open_files(struct follow *follow,
		      const struct follow_options *options)
{
	int status;

	follow->place = place_open(options->state, &status);
	if (!follow->place)
		return status;
	follow->output = output_open(options->output, &status);
	if (follow->output)
		return STATUS_DONE;
	place_close(follow->place);
	return status;
}

/* The files after the device: they are the other user's. */
static int open_all(struct follow *follow,
		    const struct follow_options *options)
{
	int status;

	follow->source = source_open(&follow->source_options, &status);
	if (!follow->source)
		return status;
	status = privilege_drop(options->user);
	if (status == STATUS_DONE)
		status = open_files(follow, options);
	if (status != STATUS_DONE)
		source_close(follow->source);
	return status;
}

struct follow *follow_open(const struct follow_options *options,
			   struct metrics *metrics, int *status)
{
	struct follow *follow = tool_alloc(sizeof(*follow));

	follow->metrics = metrics;
	*status = open_all(follow, options);
	if (*status != STATUS_DONE) {
		free(follow);
		return NULL;
	}
	begin(follow);
	return follow;
}

bool follow_close(struct follow *follow, int timeout_ms)
{
	bool is_written = output_finish(follow->output, timeout_ms);

	place_close(follow->place);
	source_close(follow->source);
	free(follow);
	return is_written;
}
