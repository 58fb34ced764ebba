// SPDX-License-Identifier: GPL-2.0
/*
 * Reads --local and --no-checksum into source_options. Must not check an
 * address: the engine does.
 */
#include "capture_options.h"

enum { KEY_LOCAL = 512 };

static const struct argp_option options[] = {
	{ "local", KEY_LOCAL, "ADDR[,ADDR...]", 0,
	  "a capture's ends whose sockets were on the capturing machine", 2 },
	{ "no-checksum", 'C', NULL, 0,
	  "take a capture's segments with a bad checksum too", 2 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct source_options *source = state->input;

	switch (key) {
	case KEY_LOCAL:
		source->local = arg;
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
