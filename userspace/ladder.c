// SPDX-License-Identifier: GPL-2.0
/*
 * tcphs ladder: choose one connection and have it drawn. Must not draw, nor
 * know what its events mean beyond which connection they are of.
 */
#include "command.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "capture_options.h"
#include "diagram.h"
#include "filter.h"
#include "json_stream.h"
#include "netns.h"
#include "print.h"
#include "privilege.h"
#include "source.h"

#define LIVE_WAIT_MS	1000	/* then what is there is drawn */
#define KEPT_MAX	16384	/* live, before one connection is chosen: 4 MiB */

enum { KEY_ASCII = 256 };

struct ladder {
	struct common *common;
	struct source_options source_options;
	char *expression;
	const char *no_file;	/* the first word, taken as the filter's, or NULL */
	u64 id;			/* the connection, 0: not chosen yet */
	bool is_ascii;
	bool is_over;
	bool is_found;		/* something of it was drawn or printed */
	bool is_evicting;	/* and has said so */
	struct filter *filter;
	struct source *source;
	struct diagram *diagram;
	struct tcphs_record *kept;	/* of all, then of the chosen one */
	size_t count;
	size_t room;
	int status;
};

static const struct argp_option options[] = {
	{ "id", 'i', "ID", 0, "the connection of this number", 0 },
	{ "ascii", KEY_ASCII, NULL, 0, "draw with ASCII characters alone", 0 },
	{ 0 }
};

static u64 parse_id(const char *text, struct argp_state *state)
{
	unsigned long long id;
	char *end;

	errno = 0;
	id = strtoull(text, &end, 10);
	if (errno || *end || end == text || *text == '-' || id == 0)
		argp_error(state, "ID has to be a connection's number, not '%s'",
			   text);
	return id;
}

/* The first word is a file if one of that name is there, or "-". */
static bool is_file(const char *word)
{
	struct stat st;

	return strcmp(word, "-") == 0 || strchr(word, '/') ||
	       stat(word, &st) == 0;
}

static void take_word(struct ladder *ladder, char *word)
{
	bool is_first = !ladder->expression && !ladder->source_options.path;

	if (is_first && is_file(word)) {
		ladder->source_options.path = word;
		return;
	}
	if (is_first)
		ladder->no_file = word;
	ladder->expression = join_words(ladder->expression, word);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct ladder *ladder = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &ladder->source_options;
		state->child_inputs[1] = ladder->common;
		return 0;
	case 'i':
		ladder->id = parse_id(arg, state);
		return 0;
	case KEY_ASCII:
		ladder->is_ascii = true;
		return 0;
	case ARGP_KEY_ARG:
		take_word(ladder, arg);
		return 0;
	case ARGP_KEY_END:
		if (ladder->source_options.path && ladder->common->netns)
			argp_error(state, "-N: a file has no namespace");
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
	.args_doc = "[FILE] [FILTER]",
	.doc =
		"The sequence diagram of one connection: of FILE (a recording, pcap or pcapng; '-': standard input) the first, or, live, the next that begins. FILTER, a tcpdump expression, or --id choose another.",
	.children = children,
};

/* Closes the gaps that forget() left, and leaves out the oldest few. */
static void compact(struct ladder *ladder, size_t oldest)
{
	size_t i, left = 0;

	for (i = 0; i < ladder->count; i++) {
		if (!ladder->kept[i].conn_id)
			continue;
		if (oldest)
			oldest--;
		else
			ladder->kept[left++] = ladder->kept[i];
	}
	ladder->count = left;
}

static void evict(struct ladder *ladder)
{
	if (!ladder->is_evicting)
		complain("more than %d events wait for one that is chosen: the oldest are left out",
			 KEPT_MAX);
	ladder->is_evicting = true;
	compact(ladder, KEPT_MAX / 4);
}

/* A file has an end; what comes live and is not chosen yet has not. */
static void make_room(struct ladder *ladder)
{
	if (!ladder->id)
		compact(ladder, 0);
	if (ladder->count < ladder->room / 2)
		return;
	if (!ladder->id && source_is_live(ladder->source) &&
	    ladder->room >= KEPT_MAX) {
		if (ladder->count > KEPT_MAX - KEPT_MAX / 4)
			evict(ladder);
		return;
	}
	ladder->room = ladder->room ? ladder->room * 2 : 64;
	ladder->kept = tool_grow(ladder->kept, ladder->room,
				 sizeof(ladder->kept[0]));
}

static void keep(struct ladder *ladder, const struct tcphs_record *record)
{
	if (ladder->count == ladder->room)
		make_room(ladder);
	ladder->kept[ladder->count++] = *record;
}

static bool is_of(const struct ladder *ladder, const struct tcphs_record *record)
{
	return record->type == TCPHS_EV_LOST || record->conn_id == ladder->id;
}

/* What was kept of other connections goes. */
static void forget_others(struct ladder *ladder)
{
	size_t i, left = 0;

	for (i = 0; i < ladder->count; i++)
		if (is_of(ladder, &ladder->kept[i]) &&
		    ladder->kept[i].type != TCPHS_EV_LOST)
			ladder->kept[left++] = ladder->kept[i];
	ladder->count = left;
}

/* Live, a connection that had begun before cannot be drawn whole. */
static bool is_whole(const struct ladder *ladder, u64 id)
{
	const struct tcphs_record *record = ladder->kept;

	if (!source_is_live(ladder->source))
		return true;
	while (record->conn_id != id)
		record++;
	return record->type == TCPHS_EV_TRANSITION &&
	       (record->transition.seg.flags & TCPHS_SYN);
}

/* It is over and was not chosen. */
static void forget(struct ladder *ladder, u64 id)
{
	size_t i;

	for (i = 0; i < ladder->count; i++)
		if (ladder->kept[i].conn_id == id)
			ladder->kept[i].conn_id = 0;
}

static void choose(struct ladder *ladder, const struct tcphs_record *record)
{
	if (record->type == TCPHS_EV_LOST || !record->conn_id)
		return;
	keep(ladder, record);
	if (!filter_match(ladder->filter, record) ||
	    !is_whole(ladder, record->conn_id)) {
		if (record->type == TCPHS_EV_CONNECTION)
			forget(ladder, record->conn_id);
		return;
	}
	ladder->id = record->conn_id;
	forget_others(ladder);
}

static const struct tcphs_ev_transition *
first_transition(const struct ladder *ladder, unsigned int side)
{
	size_t i;

	for (i = 0; i < ladder->count; i++)
		if (ladder->kept[i].type == TCPHS_EV_TRANSITION &&
		    ladder->kept[i].transition.side == side)
			return &ladder->kept[i].transition;
	return NULL;
}

static const struct tcphs_seg_info *first_segment(const struct ladder *ladder,
						  unsigned int side)
{
	const struct tcphs_seg_info *seg;
	size_t i;

	for (i = 0; i < ladder->count; i++) {
		seg = print_seg(&ladder->kept[i]);
		if (seg && seg->from == side)
			return seg;
	}
	return NULL;
}

/*
 * The state that an end was in before its first transition. What that proves
 * of the time before holds only if the end had sent nothing else until then.
 */
static u8 initial_state(const struct ladder *ladder, unsigned int side)
{
	const struct tcphs_ev_transition *ev = first_transition(ladder, side);
	const struct tcphs_seg_info *first = first_segment(ladder, side);

	if (!ev)
		return TCPHS_STATE_UNKNOWN;
	if (first && ev->seg.present && ev->seg.from == side &&
	    (first->seq != ev->seg.seq || first->flags != ev->seg.flags))
		return TCPHS_STATE_UNKNOWN;
	return ev->old_state;
}

static void begin_drawing(struct ladder *ladder)
{
	const u8 initial[2] = {
		initial_state(ladder, TCPHS_CLIENT),
		initial_state(ladder, TCPHS_SERVER),
	};
	unsigned int how = 0;

	if (ladder->is_ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		how |= DIAGRAM_ASCII;
	if (is_coloured(stdout))
		how |= DIAGRAM_COLOUR;
	ladder->diagram = diagram_alloc(stdout, how, &ladder->kept[0], initial);
}

static void draw_kept(struct ladder *ladder)
{
	size_t i;

	if (ladder->count == 0)
		return;
	ladder->is_found = true;
	if (ladder->common->json) {
		for (i = 0; i < ladder->count; i++)
			json_stream_record(ladder->source, &ladder->kept[i]);
	} else {
		if (!ladder->diagram)
			begin_drawing(ladder);
		for (i = 0; i < ladder->count; i++)
			diagram_add(ladder->diagram, &ladder->kept[i]);
	}
	ladder->count = 0;
}

static void take(struct ladder *ladder, const struct tcphs_record *record)
{
	if (!ladder->id) {
		choose(ladder, record);
	} else if (is_of(ladder, record)) {
		if (ladder->count || ladder->diagram ||
		    record->type != TCPHS_EV_LOST)
			keep(ladder, record);
	}
	ladder->is_over = ladder->id && record->conn_id == ladder->id &&
			  record->type == TCPHS_EV_CONNECTION;
}

/* Live: draw as it happens, at the latest when nothing came for a while. */
static void draw_live(struct ladder *ladder, enum source_got got)
{
	if (!ladder->id || !source_is_live(ladder->source))
		return;
	if (got == SOURCE_NOTHING || ladder->diagram ||
	    first_transition(ladder, TCPHS_SERVER))
		draw_kept(ladder);
	if (got == SOURCE_NOTHING && ladder->diagram) {
		diagram_flush(ladder->diagram);
		flush_output(stdout, &ladder->status);
	}
}

static void follow(struct ladder *ladder)
{
	const struct tcphs_record *record;
	enum source_got got;

	do {
		got = source_next(ladder->source, LIVE_WAIT_MS, &record);
		if (got == SOURCE_RECORD)
			take(ladder, record);
		draw_live(ladder, got);
		if (got == SOURCE_FAILED)
			ladder->status = STATUS_FAILED;
	} while (got != SOURCE_END && got != SOURCE_FAILED &&
		 !ladder->is_over && is_output_good(stdout) &&
		 !(stop_wanted && source_is_live(ladder->source)));
}

static void complain_absent(struct ladder *ladder)
{
	const char *path = ladder->source_options.path;

	if (ladder->id)
		complain("no connection %llu", ladder->id);
	else if (ladder->expression)
		complain("no connection matches '%s'", ladder->expression);
	else
		complain("%s: holds no connection", !path ? SOURCE_DEVICE :
			 strcmp(path, "-") == 0 ? "standard input" : path);
	ladder->status = STATUS_FAILED;
}

static void finish(struct ladder *ladder)
{
	if (ladder->id)
		draw_kept(ladder);
	if (ladder->diagram)
		diagram_free(ladder->diagram);
	if (!ladder->is_found && ladder->status == STATUS_DONE && !stop_wanted)
		complain_absent(ladder);
	flush_output(stdout, &ladder->status);
}

static int source_opened(void *arg)
{
	(void)arg;
	return privilege_lower();
}

static int run(struct ladder *ladder)
{
	/* a connection that is named by its number may have begun already */
	ladder->source_options.from_now = !ladder->id;
	ladder->source_options.segments = !ladder->common->json;
	ladder->source_options.opened = source_opened;
	ladder->filter = filter_compile(ladder->expression, &ladder->status);
	if (!ladder->filter) {
		if (ladder->no_file)
			complain("there is no file '%s' either",
				 ladder->no_file);
		return ladder->status;
	}
	stop_on_signals();
	ladder->source = source_open(&ladder->source_options, &ladder->status);
	if (ladder->source) {
		if (ladder->common->json)
			json_stream_begin(ladder->source);
		follow(ladder);
		finish(ladder);
		source_close(ladder->source);
	}
	filter_free(ladder->filter);
	return ladder->status;
}

int ladder_main(struct common *common, int argc, char **argv)
{
	struct ladder ladder = { .common = common };

	setlocale(LC_CTYPE, "");
	argp_parse(&argp, argc, argv, 0, NULL, &ladder);
	ladder.status = netns_enter(common->netns);
	if (ladder.status == STATUS_DONE)
		run(&ladder);
	free(ladder.expression);
	free(ladder.kept);
	return ladder.status;
}
