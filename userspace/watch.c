// SPDX-License-Identifier: GPL-2.0
/*
 * tcphs watch: a line for each event as it happens. Must not do more than
 * read its options.
 */
#include "command.h"

#include <stdlib.h>

#include "netns.h"
#include "stream.h"

struct watch {
	struct common *common;
	struct stream_options stream;
	struct source_options source;
};

static const struct argp_option options[] = {
	{ "all", 'a', NULL, 0,
	  "begin with the oldest event that is still held, not with now", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct watch *watch = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &watch->stream;
		state->child_inputs[1] = watch->common;
		return 0;
	case 'a':
		watch->source.from_now = false;
		return 0;
	case ARGP_KEY_ARG:
		watch->stream.expression = join_words(watch->stream.expression,
						      arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {
	{ &stream_argp, 0, NULL, 0 },
	{ &common_argp, 0, NULL, 0 },
	{ 0 }
};

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "[FILTER]",
	.doc =
		"A line for each transition, handshake, anomaly, TIME_WAIT and end of a connection, as it happens. FILTER is a tcpdump expression.",
	.children = children,
};

int watch_main(struct common *common, int argc, char **argv)
{
	struct watch watch = { .common = common, .source.from_now = true };
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &watch);
	status = netns_enter(common->netns);
	if (status == STATUS_DONE) {
		stop_on_signals();
		watch.stream.json = common->json;
		status = stream_run(&watch.stream, &watch.source);
	}
	free(watch.stream.expression);
	return status;
}
