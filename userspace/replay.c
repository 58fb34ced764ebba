// SPDX-License-Identifier: GPL-2.0
/*
 * tcphs replay: the events of a recording, or of a capture that is run
 * through the engine. Must not need module, device or privilege.
 */
#include "command.h"

#include <stdlib.h>

#include "capture_options.h"
#include "stream.h"

struct replay {
	struct common *common;
	struct stream_options stream;
	struct source_options source;
};

static const struct argp_option options[] = {
	{ "write", 'w', "FILE", 0,
	  "write the events as a recording, print none", 0 },
	{ 0 }
};

static void take_word(struct replay *replay, char *word)
{
	if (!replay->source.path)
		replay->source.path = word;
	else
		replay->stream.expression =
			join_words(replay->stream.expression, word);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct replay *replay = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &replay->source;
		state->child_inputs[1] = &replay->stream;
		state->child_inputs[2] = replay->common;
		return 0;
	case 'w':
		replay->stream.write = arg;
		return 0;
	case ARGP_KEY_ARG:
		take_word(replay, arg);
		return 0;
	case ARGP_KEY_END:
		if (!replay->source.path)
			argp_error(state, "which FILE is to be read?");
		if (replay->common->netns)
			argp_error(state, "-N: a file has no namespace");
		if (replay->stream.write &&
		    (replay->stream.verbose || replay->common->json))
			argp_error(state, "-w prints nothing: neither -v nor -j");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {
	{ &capture_argp, 0, NULL, 0 },
	{ &stream_argp, 0, NULL, 0 },
	{ &common_argp, 0, NULL, 0 },
	{ 0 }
};

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "FILE [FILTER]",
	.doc =
		"The events of FILE ('-': standard input): a recording, or a pcap or pcapng capture, which is run through the same engine as the module's. FILTER is a tcpdump expression.",
	.children = children,
};

int replay_main(struct common *common, int argc, char **argv)
{
	struct replay replay = { .common = common };
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &replay);
	replay.stream.json = common->json;
	stop_on_signals();
	status = stream_run(&replay.stream, &replay.source);
	free(replay.stream.expression);
	return status;
}
