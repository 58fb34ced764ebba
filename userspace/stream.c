// SPDX-License-Identifier: GPL-2.0
/*
 * Takes event after event from a source, passes it by the filter and hands it
 * to a printer or a recording. Must not know what is in an event.
 */
#include "stream.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "json_stream.h"
#include "print.h"
#include "privilege.h"
#include "progress.h"
#include "recording.h"
#include "tool.h"

enum { KEY_STRICT = 256 };

static const struct argp_option stream_options[] = {
	{ "count", 'c', "COUNT", 0, "stop after COUNT events", 1 },
	{ "verbose", 'v', NULL, 0,
	  "a second line: flag bits, sequence numbers, totals", 1 },
	{ "strict", KEY_STRICT, NULL, 0,
	  "exit status 4 if any event was lost", 1 },
	{ 0 }
};

/* -v is read, so that what prints nothing can say that. */
static const struct argp_option silent_options[] = {
	{ "count", 'c', "COUNT", 0, "stop after COUNT events", 1 },
	{ "verbose", 'v', NULL, OPTION_HIDDEN, NULL, 1 },
	{ "strict", KEY_STRICT, NULL, 0,
	  "exit status 4 if any event was lost", 1 },
	{ 0 }
};

static u64 parse_count(const char *text, struct argp_state *state)
{
	unsigned long long count;
	char *end;

	errno = 0;
	count = strtoull(text, &end, 10);
	if (errno || *end || end == text || *text == '-' || count == 0)
		argp_error(state, "COUNT has to be a positive number, not '%s'",
			   text);
	return count;
}

static error_t parse_stream(int key, char *arg, struct argp_state *state)
{
	struct stream_options *options = state->input;

	switch (key) {
	case 'c':
		options->count = parse_count(arg, state);
		return 0;
	case 'v':
		options->verbose = true;
		return 0;
	case KEY_STRICT:
		options->strict = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp stream_argp = {
	.options = stream_options,
	.parser = parse_stream,
};

const struct argp silent_stream_argp = {
	.options = silent_options,
	.parser = parse_stream,
};

struct stream {
	const struct stream_options *options;
	struct source *source;
	struct filter *filter;
	int target;		/* of a recording, before it is begun, or -1 */
	FILE *recording;	/* or NULL: lines to standard output */
	unsigned int how;
	u64 shown;
	int status;
};

static bool begin_output(struct stream *stream)
{
	if (stream->options->verbose)
		stream->how |= PRINT_VERBOSE;
	if (is_coloured(stdout))
		stream->how |= PRINT_COLOUR;
	if (stream->options->write) {
		stream->recording = recording_create(stream->target,
						     stream->options->write,
						     stream->source,
						     &stream->status);
		stream->target = -1;
		return stream->recording;
	}
	buffer_output(stdout);
	if (stream->options->json)
		json_stream_begin(stream->source);
	else
		print_text_head(stdout, stream->how);
	return flush_output(stdout, &stream->status);
}

/* Return: whether to go on. */
static bool show(struct stream *stream, const struct tcphs_record *record)
{
	bool is_shown = true;

	if (!filter_match(stream->filter, record))
		return true;
	if (stream->recording) {
		if (!recording_write(stream->recording, record))
			return false;
	} else if (stream->options->json) {
		is_shown = json_stream_record(stream->source, record);
	} else {
		print_text(stdout, record, stream->how);
	}
	if (is_shown && record->type != TCPHS_EV_LOST)
		stream->shown++;
	return !stream->options->count ||
	       stream->shown < stream->options->count;
}

/* What has been written goes out before a wait, so that who reads sees it now. */
static enum source_got next(struct stream *stream,
			    const struct tcphs_record **record)
{
	enum source_got got = source_next(stream->source, 0, record);

	if (got != SOURCE_NOTHING || stop_wanted)
		return got;
	if (!flush_output(stream->recording ? stream->recording : stdout,
			  &stream->status))
		return SOURCE_END;
	return source_next(stream->source, -1, record);
}

static void follow(struct stream *stream)
{
	const struct tcphs_record *record;
	enum source_got got;

	do {
		got = next(stream, &record);
		if (got == SOURCE_RECORD && !show(stream, record))
			return;
		if (got == SOURCE_FAILED)
			stream->status = STATUS_FAILED;
	} while (got != SOURCE_END && got != SOURCE_FAILED &&
		 !(stop_wanted && source_is_live(stream->source)) &&
		 is_output_good(stdout));
}

static void end_output(struct stream *stream)
{
	const struct source_totals *totals = source_totals(stream->source);

	if (stream->recording) {
		if (!recording_finish(stream->recording))
			stream->status = STATUS_FAILED;
	} else {
		flush_output(stdout, &stream->status);
	}
	print_summary(stderr, totals, stream->shown,
		      stream->recording ? "written" : "shown");
	if (stream->status == STATUS_DONE && stream->options->strict &&
	    totals->lost)
		stream->status = STATUS_LOST;
}

/* The target is opened by who may, before that is given up. */
static int source_opened(void *arg)
{
	struct stream *stream = arg;

	if (stream->options->write) {
		stream->target = recording_open(stream->options->write);
		if (stream->target < 0)
			return STATUS_FAILED;
	}
	return privilege_lower();
}

static void close_target(const struct stream *stream)
{
	if (stream->target >= 0 && stream->target != STDOUT_FILENO)
		close(stream->target);
}

int stream_run(const struct stream_options *options,
	       const struct source_options *source_options)
{
	struct stream stream = { .options = options, .target = -1 };
	struct source_options with = *source_options;
	struct progress *progress;

	with.opened = source_opened;
	with.arg = &stream;
	stream.filter = filter_compile(options->expression, &stream.status);
	if (!stream.filter)
		return stream.status;
	stream.source = source_open(&with, &stream.status);
	if (stream.source) {
		if (begin_output(&stream)) {
			progress = progress_begin(stream.source, stream.recording);
			follow(&stream);
			progress_end(progress);
			end_output(&stream);
		}
		source_close(stream.source);
	}
	close_target(&stream);
	filter_free(stream.filter);
	return stream.status;
}
