// SPDX-License-Identifier: GPL-2.0
/*
 * Reads --local, --limit and --no-checksum into source_options. Must not check an
 * address: the engine does.
 */
#include "capture_options.h"

#include <errno.h>
#include <stdlib.h>

enum { KEY_LOCAL = 512, KEY_LIMIT };

static const struct argp_option options[] = {
	{ "local", KEY_LOCAL, "ADDR[,ADDR...]", 0,
	  "a capture's ends whose sockets were on the capturing machine", 2 },
	{ "limit", KEY_LIMIT, "COUNT", 0,
	  "follow so many of a capture's connections at once (1048576)", 2 },
	{ "no-checksum", 'C', NULL, 0,
	  "take a capture's segments with a bad checksum too", 2 },
	{ 0 }
};

static u64 parse_limit(const char *text, struct argp_state *state)
{
	unsigned long long limit;
	char *end;

	errno = 0;
	limit = strtoull(text, &end, 10);
	if (errno || *end || end == text || *text == '-' || limit == 0)
		argp_error(state, "--limit has to be a positive number, not '%s'",
			   text);
	return limit;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct source_options *source = state->input;

	switch (key) {
	case KEY_LOCAL:
		source->local = arg;
		return 0;
	case KEY_LIMIT:
		source->limit = parse_limit(arg, state);
		return 0;
	case 'C':
		source->no_checksum = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp capture_argp = {
	.options = options,
	.parser = parse,
};
