// SPDX-License-Identifier: GPL-2.0
/*
 * tcphs record: save the event stream to a file. Must not do more than read
 * its options.
 */
#include "command.h"

#include <stdlib.h>

#include "netns.h"
#include "stream.h"

struct record {
	struct common *common;
	struct stream_options stream;
	struct source_options source;
};

static const struct argp_option options[] = {
	{ "all", 'a', NULL, 0,
	  "begin with the oldest event that is still held, not with now", 0 },
	{ 0 }
};

static void take_word(struct record *record, char *word)
{
	if (!record->stream.write)
		record->stream.write = word;
	else
		record->stream.expression =
			join_words(record->stream.expression, word);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct record *record = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &record->stream;
		state->child_inputs[1] = record->common;
		return 0;
	case 'a':
		record->source.from_now = false;
		return 0;
	case ARGP_KEY_ARG:
		take_word(record, arg);
		return 0;
	case ARGP_KEY_END:
		if (!record->stream.write)
			argp_error(state, "which FILE is to be written?");
		if (record->stream.verbose || record->common->json)
			argp_error(state,
				   "record prints nothing: neither -v nor -j");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {
	{ &silent_stream_argp, 0, NULL, 0 },
	{ &silent_common_argp, 0, NULL, 0 },
	{ 0 }
};

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "FILE [FILTER]",
	.doc =
		"Save events to FILE, which is overwritten ('-': standard output), until SIGINT; 'tcphs replay FILE' reads them. FILTER is a tcpdump expression.",
	.children = children,
};

int record_main(struct common *common, int argc, char **argv)
{
	struct record record = { .common = common, .source.from_now = true };
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &record);
	status = netns_enter(common->netns);
	if (status == STATUS_DONE) {
		stop_on_signals();
		status = stream_run(&record.stream, &record.source);
	}
	free(record.stream.expression);
	return status;
}
