// SPDX-License-Identifier: GPL-2.0
/*
 * tcphs: the table of sub-commands and the options that all of them share.
 * Must do nothing itself: what a command does stands in the file of its name.
 */
#include "command.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	command_fn *run;
	const char *summary;
} commands[] = {
	{ "show", show_main, "the connections now, both ends of each" },
	{ "watch", watch_main, "a line for each event as it happens" },
	{ "ladder", ladder_main, "the sequence diagram of one connection" },
	{ "timewait", timewait_main, "who waits, how it ended, what it holds" },
	{ "stats", stats_main, "counters, limits and losses" },
	{ "record", record_main, "save the event stream to a file" },
	{ "replay", replay_main, "events of a recording, pcap or pcapng file" },
	{ "serve", serve_main, "the daemon: JSON lines and OpenMetrics" },
};

#define COMMANDS	ARRAY_SIZE(commands)

static const struct argp_option common_options[] = {
	{ "netns", 'N', "NAME|PID|all", 0,
	  "look into another network namespace, named by ip-netns(8) or by a process",
	  10 },
	{ "json", 'j', NULL, 0, "one JSON object a line", 10 },
	{ 0 }
};

/* -j is read, so that what prints nothing can say that. */
static const struct argp_option silent_options[] = {
	{ "netns", 'N', "NAME|PID|all", 0,
	  "look into another network namespace, named by ip-netns(8) or by a process",
	  10 },
	{ "json", 'j', NULL, OPTION_HIDDEN, NULL, 10 },
	{ 0 }
};

static error_t parse_common(int key, char *arg, struct argp_state *state)
{
	struct common *common = state->input;

	switch (key) {
	case 'N':
		common->netns = arg;
		return 0;
	case 'j':
		common->json = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp common_argp = {
	.options = common_options,
	.parser = parse_common,
};

const struct argp silent_common_argp = {
	.options = silent_options,
	.parser = parse_common,
};

struct words {
	struct common common;
	int command;		/* its index in argv, 0: none */
};

static error_t parse_main(int key, char *arg, struct argp_state *state)
{
	struct words *words = state->input;

	(void)arg;
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &words->common;
		return 0;
	case ARGP_KEY_ARG:
		words->command = state->next - 1;
		state->next = state->argc;	/* the rest is the command's */
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* The table as part of --help. */
static char *list_commands(int key, const char *text, void *input)
{
	char *list = NULL;
	size_t size, i;
	FILE *out;

	(void)input;
	if (key != ARGP_KEY_HELP_POST_DOC)
		return (char *)text;
	out = open_memstream(&list, &size);
	if (!out)
		return NULL;
	fputs("Commands (show if none is given):\n\n", out);
	for (i = 0; i < COMMANDS; i++)
		fprintf(out, "  %-8s %s\n", commands[i].name,
			commands[i].summary);
	fputs("\n'tcphs COMMAND --help' tells more, tcphs(8) all.\n"
	      "Exit status: 0 done, 1 failed, 2 wrong usage, 3 module or device absent,\n"
	      "4 events were lost and --strict was given.\n", out);
	fclose(out);
	return list;
}

static const struct argp_child main_children[] = {
	{ &common_argp, 0, NULL, 0 },
	{ 0 }
};

static const struct argp main_argp = {
	.parser = parse_main,
	.args_doc = "[COMMAND [ARGUMENT...]]",
	.doc = "Trace the RFC 9293 states of both ends of every TCP connection.\v ",
	.children = main_children,
	.help_filter = list_commands,
};

static void print_version(FILE *out, struct argp_state *state)
{
	(void)state;
	fprintf(out, "tcphs %s\n", TCPHS_VERSION);
}

static int run_command(struct common *common, const char *name, int argc,
		       char **argv)
{
	static char title[32];
	size_t i;

	for (i = 0; i < COMMANDS; i++) {
		if (strcmp(commands[i].name, name) != 0)
			continue;
		snprintf(title, sizeof(title), "tcphs %s", name);
		argv[0] = title;
		return commands[i].run(common, argc, argv);
	}
	complain("'%s' is not a command; see 'tcphs --help'", name);
	return STATUS_USAGE;
}

int main(int argc, char **argv)
{
	struct words words = { 0 };
	int status = STATUS_DONE;

	argp_err_exit_status = STATUS_USAGE;
	argp_program_version_hook = print_version;
	signal(SIGPIPE, SIG_IGN);
	argp_parse(&main_argp, argc, argv, ARGP_IN_ORDER, NULL, &words);
	if (words.command)
		status = run_command(&words.common, argv[words.command],
				     argc - words.command, argv + words.command);
	else
		status = run_command(&words.common, "show", 1, argv);
	flush_output(stdout, &status);
	return status;
}
