/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every sub-command shares: exit statuses, common options, complaints,
 * the wish to stop. Commands include this and the rooms below them, never one
 * another.
 */
#ifndef TCPHS_COMMAND_H
#define TCPHS_COMMAND_H

#include <argp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>

/* Exit statuses, stated in tcphs(8). */
enum status {
	STATUS_DONE = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
	STATUS_ABSENT = 3,	/* module or device; the complaint says what mends it */
	STATUS_LOST = 4,	/* events were lost and --strict was given */
};

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

/*
 * A command: argv[0] is "tcphs NAME", for argp. Options may be set in @common
 * by words before the name. Returns enum status.
 */
typedef int command_fn(struct common *common, int argc, char **argv);

command_fn show_main;
command_fn watch_main;
command_fn ladder_main;
command_fn stats_main;
command_fn record_main;
command_fn replay_main;

/* Another room's; the row is left out of the table where it is not linked. */
command_fn serve_main __attribute__((weak));

/* "tcphs: " and a line on standard error; colour and status are not its affair. */
__attribute__((format(printf, 1, 2)))
void complain(const char *format, ...);

/* Set by SIGINT and SIGTERM once stop_on_signals() was called. */
extern volatile sig_atomic_t stop_wanted;

/**
 * stop_on_signals() - let SIGINT and SIGTERM end the command politely
 *
 * Blocks both, but for source_next() while it waits: no signal is missed
 * between the test of stop_wanted and the wait.
 */
void stop_on_signals(void);

/**
 * join_words() - the trailing words of a command as one text
 * @text: what was joined so far, freed; NULL at first
 * @word: to be added after a space
 *
 * Return: a text for free(); ends the program when memory is out.
 */
char *join_words(char *text, const char *word);

/* Whether @out is a terminal and NO_COLOR (https://no-color.org) is not set. */
bool is_coloured(FILE *out);

/**
 * flush_output() - end the output of a command
 * @out: written to; a reader that went away (EPIPE) is no failure
 *
 * Return: STATUS_DONE or, having complained, STATUS_FAILED.
 */
int flush_output(FILE *out);

#endif /* TCPHS_COMMAND_H */
