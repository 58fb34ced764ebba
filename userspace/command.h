/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every sub-command shares: its entry, its common options. Commands
 * include this and the rooms below them, never one another.
 */
#ifndef TCPHS_COMMAND_H
#define TCPHS_COMMAND_H

#include <argp.h>

#include "tool.h"

#define TCPHS_VERSION	"0.1.0"

/* Options that stand before or after the name of any command. */
struct common {
	const char *netns;	/* -N, NULL: the caller's own */
	bool json;		/* -j */
};

/*
 * A child for a command's own argp: { &common_argp, 0, NULL, 0 }. Its input
 * is the struct common: state->child_inputs[0] = common at ARGP_KEY_INIT.
 */
extern const struct argp common_argp;
/* The same of a command that prints nothing: --help does not name -j. */
extern const struct argp silent_common_argp;

/*
 * A command: argv[0] is "tcphs NAME", for argp. Options may be set in @common
 * by words before the name. Returns enum status.
 */
typedef int command_fn(struct common *common, int argc, char **argv);

command_fn show_main;
command_fn watch_main;
command_fn ladder_main;
command_fn timewait_main;
command_fn stats_main;
command_fn record_main;
command_fn replay_main;
command_fn serve_main;

#endif /* TCPHS_COMMAND_H */
