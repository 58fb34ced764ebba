// SPDX-License-Identifier: GPL-2.0
/*
 * tcphs timewait: who waits, what ended and how, whose ports it holds, and
 * what to do about it. Must not do more than choose among its rooms.
 */
#include "command.h"

#include <stdlib.h>
#include <string.h>

#include "capture_options.h"
#include "filter.h"
#include "jsonline.h"
#include "netns.h"
#include "portuse.h"
#include "print.h"
#include "privilege.h"
#include "sums.h"
#include "survey.h"
#include "tally.h"
#include "waithist.h"
#include "waitlist.h"
#include "why.h"

enum { KEY_SORT = 256, KEY_ONLY, KEY_HIST, KEY_BY, KEY_PORTS, KEY_WHY };

enum view { VIEW_LIST, VIEW_HIST, VIEW_SUMS, VIEW_PORTS, VIEW_WHY };

struct timewait {
	struct common *common;
	struct source_options file;	/* .path: -r */
	enum view view;
	enum waitlist_order order;
	unsigned int parts;		/* bits by enum waitlist_part; 0: all */
	bool has_owner;
	enum sums_by by;
	char *expression;
	struct filter *filter;
	bool has_head;
};

static const struct argp_option options[] = {
	{ "read", 'r', "FILE", 0,
	  "of a recording, pcap or pcapng file ('-': standard input): what ended there",
	  0 },
	{ "only", KEY_ONLY, "PART[,PART...]", 0,
	  "waiting, orphaned, ended, delayed", 0 },
	{ "process", 'p', NULL, 0, "whose they are: user, process, command", 0 },
	{ "sort", KEY_SORT, "KEY", 0,
	  "by id, time (longest first), left (soonest over first), client or server",
	  0 },
	{ "hist", KEY_HIST, NULL, 0, "how long they lasted, as a histogram", 1 },
	{ "by", KEY_BY, "KEY", 0, "sums by peer, port, owner or cause", 1 },
	{ "ports", KEY_PORTS, NULL, 0,
	  "how many ephemeral ports are held, toward whom, until when", 1 },
	{ "why", KEY_WHY, NULL, 0,
	  "which side closes first, what that costs, what each sysctl would change",
	  1 },
	{ 0 }
};

/* The place of a word in a table of them, @count if it is not there. */
static unsigned int find_word(const char *word, const char *const *words,
			      unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (*words[i] && strcmp(word, words[i]) == 0)
			return i;
	return count;
}

static unsigned int parse_parts(const char *list, struct argp_state *state)
{
	char *words = join_words(NULL, list);
	unsigned int parts = 0, part;
	char *rest = words;
	char *word;

	while ((word = strsep(&rest, ","))) {
		part = find_word(word, waitlist_part_names, WAITLIST_PARTS);
		if (part == WAITLIST_PARTS)
			argp_error(state, "PART is waiting, orphaned, ended or delayed, not '%s'",
				   word);
		parts |= 1U << part;
	}
	free(words);
	return parts;
}

static enum waitlist_order parse_order(const char *text,
				       struct argp_state *state)
{
	unsigned int order = find_word(text, waitlist_order_names,
				       WAITLIST_ORDERS);

	if (order == WAITLIST_ORDERS)
		argp_error(state, "KEY is id, time, left, client or server, not '%s'",
			   text);
	return order;
}

static enum sums_by parse_by(const char *text, struct argp_state *state)
{
	unsigned int by = find_word(text, sums_by_names, SUMS_BYS);

	if (by == SUMS_BYS)
		argp_error(state, "KEY is peer, port, owner or cause, not '%s'",
			   text);
	return by;
}

static void choose_view(struct timewait *timewait, enum view view,
			struct argp_state *state)
{
	if (timewait->view != VIEW_LIST && timewait->view != view)
		argp_error(state, "only one of --hist, --by, --ports and --why");
	timewait->view = view;
}

static void check_words(const struct timewait *timewait,
			struct argp_state *state)
{
	bool is_list = timewait->view == VIEW_LIST;

	if (timewait->file.path && timewait->common->netns)
		argp_error(state, "-N: a file has no namespace");
	if (timewait->file.path &&
	    (timewait->view == VIEW_PORTS || timewait->view == VIEW_WHY))
		argp_error(state, "--ports and --why are of this host, not of a file");
	if (!is_list && (timewait->parts || timewait->order ||
			 timewait->has_owner))
		argp_error(state, "--only, --sort and -p are of the lists alone");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct timewait *timewait = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &timewait->file;
		state->child_inputs[1] = timewait->common;
		return 0;
	case 'r':
		timewait->file.path = arg;
		return 0;
	case 'p':
		timewait->has_owner = true;
		return 0;
	case KEY_ONLY:
		timewait->parts |= parse_parts(arg, state);
		return 0;
	case KEY_SORT:
		timewait->order = parse_order(arg, state);
		return 0;
	case KEY_HIST:
		choose_view(timewait, VIEW_HIST, state);
		return 0;
	case KEY_BY:
		timewait->by = parse_by(arg, state);
		choose_view(timewait, VIEW_SUMS, state);
		return 0;
	case KEY_PORTS:
		choose_view(timewait, VIEW_PORTS, state);
		return 0;
	case KEY_WHY:
		choose_view(timewait, VIEW_WHY, state);
		return 0;
	case ARGP_KEY_ARG:
		timewait->expression = join_words(timewait->expression, arg);
		return 0;
	case ARGP_KEY_END:
		check_words(timewait, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {
	{ &capture_argp, 0, NULL, 0 },
	{ &common_argp, 0, NULL, 0 },
	{ 0 }
};

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "[FILTER]",
	.doc =
		"Who is in TIME_WAIT now, what ended and how as far as the module still holds the events, orphaned FIN_WAIT2s, and SYNs that were answered late because an older connection held their port. FILTER is a tcpdump expression.",
	.children = children,
};

/* What is over, and so an event of the ring; or not yet, and so a row. */
static bool is_rows_only(const struct timewait *timewait)
{
	const unsigned int over = 1U << WAITLIST_ENDED | 1U << WAITLIST_DELAYED;

	return timewait->view == VIEW_PORTS ||
	       (timewait->parts && !(timewait->parts & over));
}

static int run_survey(const struct timewait *timewait,
		      const struct survey_taker *taker, void *arg,
		      struct survey_totals *totals)
{
	const struct survey survey = {
		.filter = timewait->filter,
		.file = timewait->file.path ? &timewait->file : NULL,
		.rows_only = is_rows_only(timewait),
	};

	return survey_run(&survey, taker, arg, totals);
}

/* The lists. */

struct list {
	const struct timewait *timewait;
	struct waitlist *waits;
	struct tally tally;
	u32 netns;
	u64 wall_ns;
};

static bool is_wanted(const struct list *list, const struct wait *wait)
{
	enum waitlist_part part = waitlist_part(wait);
	unsigned int parts = list->timewait->parts;

	return part != WAITLIST_PARTS && (!parts || parts & 1U << part);
}

static void list_row(void *arg, const struct row *row)
{
	struct list *list = arg;
	unsigned int i, wanted = 0;
	struct wait waits[2];

	for (i = wait_of_row(waits, row); i > 0; i--) {
		const struct wait *wait = &waits[i - 1];

		if (!is_wanted(list, wait))
			continue;
		wanted++;
		tally_add(&list->tally, wait);
		if (list->waits)
			waitlist_add(list->waits, wait);
	}
	if (wanted && !list->waits)
		print_line(print_json_row(row, list->netns, list->wall_ns));
}

static void list_record(void *arg, const struct tcphs_record *record)
{
	struct tcphs_record placeless = *record;
	struct list *list = arg;
	struct wait wait;

	if (!wait_of_record(&wait, record))
		return;
	if (wait.kind == WAIT_BEGAN)
		tally_add(&list->tally, &wait);
	if (!is_wanted(list, &wait))
		return;
	tally_add(&list->tally, &wait);
	if (list->waits) {
		waitlist_add(list->waits, &wait);
		return;
	}
	placeless.netns = list->netns;
	print_line(print_json_record(&placeless));
}

/* A namespace's ring is made when its device is opened for the first time. */
static void print_held(const struct survey_totals *totals)
{
	if (!totals->events && !totals->gone && totals->is_live)
		puts("no events are held yet: they are from now on");
	if (totals->gone || totals->lost)
		printf("of the latest %llu events; %llu older ones are no longer held\n",
		       totals->events, totals->gone + totals->lost);
}

static void print_total(const struct tally *tally)
{
	struct jsonline line;

	jsonline_begin(&line, "timewait_sum", print_wall_ns());
	jsonline_text(&line, "by", "all");
	jsonline_null(&line, "key");
	tally_put(&line, tally);
	jsonline_print(&line);
}

static void print_list(struct list *list, const struct survey_totals *totals)
{
	if (!list->waits) {
		print_total(&list->tally);
		return;
	}
	waitlist_print(list->waits);
	tally_print(stdout, &list->tally);
	print_held(totals);
}

static int run_list(const struct timewait *timewait)
{
	static const struct survey_taker taker = { list_row, list_record };
	struct list list = { .timewait = timewait, .wall_ns = print_wall_ns() };
	struct survey_totals totals;
	int status;

	list.tally.has_now = !timewait->file.path;
	list.tally.has_over = !is_rows_only(timewait);
	list.netns = timewait->file.path ? 0 : netns_inode();
	if (!timewait->common->json)
		list.waits = waitlist_alloc(timewait->order,
					    timewait->has_owner);
	status = run_survey(timewait, &taker, &list, &totals);
	if (status != STATUS_ABSENT)
		print_list(&list, &totals);
	if (list.waits)
		waitlist_free(list.waits);
	return status;
}

/* The histogram. */

static void hist_record(void *arg, const struct tcphs_record *record)
{
	struct wait wait;

	if (wait_of_record(&wait, record))
		waithist_add(arg, &wait);
}

static int run_hist(const struct timewait *timewait)
{
	static const struct survey_taker taker = { NULL, hist_record };
	struct waithist hist = { 0 };
	struct survey_totals totals;
	int status = run_survey(timewait, &taker, &hist, &totals);

	if (timewait->common->json) {
		waithist_print_json(&hist);
	} else if (status != STATUS_ABSENT) {
		waithist_print(&hist);
		print_held(&totals);
	}
	waithist_exit(&hist);
	return status;
}

/* The sums. */

static void sums_row(void *arg, const struct row *row)
{
	struct wait waits[2];
	unsigned int i;

	for (i = wait_of_row(waits, row); i > 0; i--)
		sums_add(arg, &waits[i - 1]);
}

static void sums_record(void *arg, const struct tcphs_record *record)
{
	struct wait wait;

	if (wait_of_record(&wait, record))
		sums_add(arg, &wait);
}

static int run_sums(const struct timewait *timewait)
{
	static const struct survey_taker taker = { sums_row, sums_record };
	struct sums *sums = sums_alloc(timewait->by, !timewait->file.path,
				       true);
	struct survey_totals totals;
	int status = run_survey(timewait, &taker, sums, &totals);

	if (timewait->common->json) {
		sums_print_json(sums);
	} else if (status != STATUS_ABSENT) {
		sums_print(sums);
		print_held(&totals);
	}
	sums_free(sums);
	return status;
}

/* Ports and advice gather for themselves what else they need. */

static int run_ports(const struct timewait *timewait)
{
	static const struct survey_taker taker = { portuse_row, NULL };
	struct portuse *use = portuse_alloc(timewait->filter);
	struct survey_totals totals;
	int status, asked;

	status = run_survey(timewait, &taker, use, &totals);
	asked = portuse_ask(use, status == STATUS_DONE);
	if (asked == STATUS_DONE)
		portuse_print(use, timewait->common->json);
	portuse_free(use);
	return status == STATUS_DONE ? asked : status;
}

static int run_why(const struct timewait *timewait)
{
	static const struct survey_taker taker = { why_row, why_record };
	struct why *why = why_alloc(timewait->filter);
	struct survey_totals totals;
	int status = run_survey(timewait, &taker, why, &totals);
	int told = STATUS_DONE;

	if (status != STATUS_ABSENT)
		told = why_print(why, status == STATUS_DONE,
				 timewait->common->json);
	why_free(why);
	return status == STATUS_DONE ? told : status;
}

static void print_netns(struct timewait *timewait, const char *netns)
{
	if (timewait->common->json || !timewait->common->netns ||
	    strcmp(timewait->common->netns, "all") != 0)
		return;
	printf("%snetns %s\n", timewait->has_head ? "\n" : "",
	       netns ? netns : "(own)");
	timewait->has_head = true;
}

static int timewait_netns(const char *netns, void *arg)
{
	struct timewait *timewait = arg;

	print_netns(timewait, netns);
	switch (timewait->view) {
	case VIEW_HIST:
		return run_hist(timewait);
	case VIEW_SUMS:
		return run_sums(timewait);
	case VIEW_PORTS:
		return run_ports(timewait);
	case VIEW_WHY:
		return run_why(timewait);
	default:
		return run_list(timewait);
	}
}

static int file_opened(void *arg)
{
	(void)arg;
	return privilege_lower();
}

int timewait_main(struct common *common, int argc, char **argv)
{
	struct timewait timewait = { .common = common,
				     .file.opened = file_opened };
	int status = STATUS_DONE;

	argp_parse(&argp, argc, argv, 0, NULL, &timewait);
	timewait.filter = filter_compile(timewait.expression, &status);
	if (timewait.filter) {
		if (timewait.file.path)	/* what was read until then counts */
			stop_on_signals();
		status = netns_each(common->netns, timewait_netns, &timewait);
		filter_free(timewait.filter);
	}
	free(timewait.expression);
	return status;
}
