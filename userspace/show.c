// SPDX-License-Identifier: GPL-2.0
/*
 * tcphs show: the connections now, in columns as ss(8) prints them. Must not
 * hold rows that it need neither sort nor align.
 */
#include "command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "filter.h"
#include "names.h"
#include "netns.h"
#include "owner.h"
#include "print.h"
#include "rows.h"

enum { KEY_STATE = 256, KEY_CLOSER, KEY_STUCK, KEY_SORT, KEY_DISAGREE };

enum order { ORDER_NONE, ORDER_ID, ORDER_TIME, ORDER_STATE, ORDER_CLIENT,
	     ORDER_SERVER };

static const char *const order_names[] = {
	[ORDER_ID] = "id", [ORDER_TIME] = "time", [ORDER_STATE] = "state",
	[ORDER_CLIENT] = "client", [ORDER_SERVER] = "server",
};

#define ORDERS	ARRAY_SIZE(order_names)

struct show {
	struct common *common;
	unsigned int states;	/* bits by enum tcphs_state; 0: all */
	const char *closer;
	bool has_stuck;
	u64 stuck_ns;
	bool has_owner;		/* columns of who has the socket */
	bool disagree;		/* only what its socket denies, with its word */
	enum order order;
	char *expression;
	struct filter *filter;
	bool has_head;
};

/* A row that is kept to be sorted or aligned. */
struct kept {
	char *line;		/* ready; text: what follows the two ends */
	char id[24];
	char end[2][PRINT_END];
	struct tcphs_record record;
	u64 for_ns;
	u8 state[2];
};

struct table {
	struct kept *rows;
	size_t count;
	size_t room;
	int width[2];		/* of the ends */
};

static const struct argp_option options[] = {
	{ "state", KEY_STATE, "STATE[,STATE...]", 0,
	  "where either end is in such a state, in any usual spelling", 0 },
	{ "closer", KEY_CLOSER, "SIDE", 0,
	  "closed first by client, server, both or none", 0 },
	{ "stuck-for", KEY_STUCK, "SECONDS", 0,
	  "where an end has been so long in a state that should pass", 0 },
	{ "process", 'p', NULL, 0,
	  "who has the socket: user, process, cgroup, command", 0 },
	{ "disagree", KEY_DISAGREE, NULL, 0,
	  "where a socket of this host says another state than the segments, with its word",
	  0 },
	{ "sort", KEY_SORT, "KEY", 0,
	  "by id, time (longest in its state first), state, client or server",
	  0 },
	{ 0 }
};

static unsigned int parse_states(const char *list, struct argp_state *state)
{
	char *words = join_words(NULL, list);
	unsigned int states = 0;
	char *rest = words;
	char *word;

	while ((word = strsep(&rest, ","))) {
		unsigned int one = tcphs_state_parse(word);

		if (one == TCPHS_STATE_UNKNOWN)
			argp_error(state, "'%s' is not a state of TCP", word);
		states |= 1U << one;
	}
	free(words);
	return states;
}

static const char *parse_closer(const char *text, struct argp_state *state)
{
	unsigned int side;

	for (side = TCPHS_CLIENT; side <= TCPHS_NOBODY; side++)
		if (strcmp(text, tcphs_side_name(side)) == 0)
			return tcphs_side_name(side);
	argp_error(state, "SIDE is client, server, both or none, not '%s'",
		   text);
	return NULL;
}

static u64 parse_seconds(const char *text, struct argp_state *state)
{
	double seconds;
	char *end;

	errno = 0;
	seconds = strtod(text, &end);
	if (errno || *end || end == text || !(seconds >= 0 && seconds < 1e9))
		argp_error(state, "SECONDS has to be a number, not '%s'", text);
	return (u64)(seconds * 1e9);
}

static enum order parse_order(const char *text, struct argp_state *state)
{
	size_t i;

	for (i = ORDER_ID; i < ORDERS; i++)
		if (strcmp(text, order_names[i]) == 0)
			return (enum order)i;
	argp_error(state, "KEY is id, time, state, client or server, not '%s'",
		   text);
	return ORDER_NONE;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct show *show = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = show->common;
		return 0;
	case KEY_STATE:
		show->states |= parse_states(arg, state);
		return 0;
	case KEY_CLOSER:
		show->closer = parse_closer(arg, state);
		return 0;
	case KEY_STUCK:
		show->has_stuck = true;
		show->stuck_ns = parse_seconds(arg, state);
		return 0;
	case 'p':
		show->has_owner = true;
		return 0;
	case KEY_DISAGREE:
		show->disagree = true;
		return 0;
	case KEY_SORT:
		show->order = parse_order(arg, state);
		return 0;
	case ARGP_KEY_ARG:
		show->expression = join_words(show->expression, arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {
	{ &common_argp, 0, NULL, 0 },
	{ 0 }
};

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "[FILTER]",
	.doc =
		"The connections now, one a line, with the state of both ends. FILTER is a tcpdump expression.",
	.children = children,
};

/* States in which no healthy connection stays; TIME_WAIT has its own time. */
static bool is_passing(unsigned int state)
{
	return state == TCPHS_SYN_SENT || state == TCPHS_SYN_RECV ||
	       state == TCPHS_FIN_WAIT1 || state == TCPHS_FIN_WAIT2 ||
	       state == TCPHS_CLOSE_WAIT || state == TCPHS_CLOSING ||
	       state == TCPHS_LAST_ACK;
}

static bool is_stuck(const struct row *row, unsigned int side, u64 limit_ns)
{
	u64 ns = row->ns[side == TCPHS_CLIENT ? ROW_CLIENT_FOR : ROW_SERVER_FOR];

	return is_passing(row->state[side]) && ns != TCPHS_NS_NONE &&
	       ns >= limit_ns;
}

/*
 * Whether the socket of a local end is in another state. Where nothing has
 * proved a state there is nothing to deny, and neither a listener nor a SYN
 * cookie has a socket for one connection.
 */
static bool is_denied(const struct row *row, unsigned int side)
{
	const char *word = row->text[side == TCPHS_CLIENT ? ROW_CLIENT_SOCKET :
							    ROW_SERVER_SOCKET];
	unsigned int shown = row->state[side];
	unsigned int state = tcphs_state_parse(word);

	if (strcmp(word, "none") == 0) {
		if (shown == TCPHS_LISTEN || shown == TCPHS_SYN_RECV)
			return false;
		state = TCPHS_CLOSE;
	}
	return state != TCPHS_STATE_UNKNOWN && shown != TCPHS_STATE_UNKNOWN &&
	       shown != state;
}

static bool is_wanted(const struct show *show, const struct row *row)
{
	unsigned int states = 1U << row->state[0] | 1U << row->state[1];

	if (show->states && !(show->states & states))
		return false;
	if (show->closer && strcmp(show->closer, row->text[ROW_CLOSER]) != 0)
		return false;
	if (show->disagree && !is_denied(row, TCPHS_CLIENT) &&
	    !is_denied(row, TCPHS_SERVER))
		return false;
	if (show->has_stuck && !is_stuck(row, TCPHS_CLIENT, show->stuck_ns) &&
	    !is_stuck(row, TCPHS_SERVER, show->stuck_ns))
		return false;
	return filter_match(show->filter, &row->record);
}

/* Of S-SOCKET: a line's last column is not filled with blanks. */
static int last_width(const struct show *show)
{
	return show->has_owner ? 12 : 0;
}

static void print_head(const struct show *show, const struct table *table)
{
	printf("%-6s %-*s %-*s %-12s %-12s %10s %10s ", "ID", table->width[0],
	       "CLIENT", table->width[1], "SERVER", "CLIENT-STATE",
	       "SERVER-STATE", "C-FOR", "S-FOR");
	printf("%-9s %10s %10s %-6s %-12s %11s %7s %7s", "HANDSHAKE",
	       "SYN-ACK", "ACK", "CLOSER", "CLOSE", "TIME_WAIT", "C-AGAIN",
	       "S-AGAIN");
	if (show->disagree)
		printf(" %-12s %-*s", "C-SOCKET", last_width(show), "S-SOCKET");
	if (show->has_owner)
		printf(" %6s %7s %-24s %s", "UID", "PID", "CGROUP", "COMMAND");
	putchar('\n');
}

static void print_column(FILE *out, int width, u64 ns, bool modelled)
{
	char text[PRINT_SPAN];

	fprintf(out, "%*s ", width, print_span_word(text, ns, modelled));
}

static void print_owner(FILE *out, const struct row *row)
{
	const struct tcphs_owner *owner = &row->record.owner;
	char comm[OWNER_COMM];

	fprintf(out, " %6s %7s %-24s %s", row->text[ROW_UID],
		row->text[ROW_PID], owner_cgroup(owner->cgroup),
		owner_comm(comm, owner));
}

static void print_row(FILE *out, const struct show *show, const struct row *row)
{
	bool modelled = strcmp(row->text[ROW_TIMEWAIT_SOURCE], "modelled") == 0;

	fprintf(out, "%-12s %-12s ", row->text[ROW_CLIENT_STATE],
		row->text[ROW_SERVER_STATE]);
	print_column(out, 10, row->ns[ROW_CLIENT_FOR], false);
	print_column(out, 10, row->ns[ROW_SERVER_FOR], false);
	fprintf(out, "%-9s ", row->text[ROW_HANDSHAKE]);
	print_column(out, 10, row->ns[ROW_SYN_ACK], false);
	print_column(out, 10, row->ns[ROW_ACK], false);
	fprintf(out, "%-6s %-12s ", row->text[ROW_CLOSER],
		row->text[ROW_CLOSE]);
	print_column(out, 11, row->ns[ROW_TIMEWAIT], modelled);
	fprintf(out, "%7s %7s", row->text[ROW_CLIENT_RESENT],
		row->text[ROW_SERVER_RESENT]);
	if (show->disagree)
		fprintf(out, " %-12s %-*s", row->text[ROW_CLIENT_SOCKET],
			last_width(show), row->text[ROW_SERVER_SOCKET]);
	if (show->has_owner)
		print_owner(out, row);
}

static char *format_row(const struct show *show, const struct row *row)
{
	char *line = NULL;
	size_t size;
	FILE *out;

	if (show->common->json)
		return print_json_row(row, netns_inode(), print_wall_ns());
	out = open_memstream(&line, &size);
	if (!out)
		return NULL;
	print_row(out, show, row);
	fclose(out);
	return line;
}

static u64 longest(const struct row *row)
{
	u64 a = row->ns[ROW_CLIENT_FOR], b = row->ns[ROW_SERVER_FOR];

	if (a == TCPHS_NS_NONE || b == TCPHS_NS_NONE)
		return a == TCPHS_NS_NONE ? b : a;
	return a > b ? a : b;
}

static void keep_end(struct table *table, struct kept *kept, unsigned int side,
		     const char *text)
{
	int width = snprintf(kept->end[side], PRINT_END, "%s", text);

	if (width >= PRINT_END)
		width = PRINT_END - 1;
	if (width > table->width[side])
		table->width[side] = width;
}

static void keep(struct table *table, const struct row *row, char *line)
{
	struct kept *kept;

	if (table->count == table->room) {
		table->room = table->room ? table->room * 2 : 256;
		table->rows = tool_grow(table->rows, table->room,
					sizeof(table->rows[0]));
	}
	kept = &table->rows[table->count++];
	kept->line = line;
	snprintf(kept->id, sizeof(kept->id), "%s", row->text[ROW_ID]);
	keep_end(table, kept, TCPHS_CLIENT, row->text[ROW_CLIENT]);
	keep_end(table, kept, TCPHS_SERVER, row->text[ROW_SERVER]);
	kept->record = row->record;
	kept->for_ns = longest(row);
	memcpy(kept->state, row->state, sizeof(kept->state));
}

static int compare_u64(u64 a, u64 b)
{
	return (a > b) - (a < b);
}

static int compare_ends(const struct kept *a, const struct kept *b,
			unsigned int side)
{
	int order = compare_u64(a->record.family, b->record.family);

	if (order == 0)
		order = memcmp(a->record.addr[side], b->record.addr[side], 16);
	if (order == 0)
		order = compare_u64(a->record.port[side], b->record.port[side]);
	return order;
}

static int compare(const void *x, const void *y, void *arg)
{
	const struct show *show = arg;
	const struct kept *a = x, *b = y;
	int order = 0;

	switch (show->order) {
	case ORDER_TIME:	/* TCPHS_NS_NONE, not known, comes last */
		order = compare_u64(b->for_ns + 1, a->for_ns + 1);
		break;
	case ORDER_STATE:
		order = memcmp(a->state, b->state, sizeof(a->state));
		break;
	case ORDER_CLIENT:
		order = compare_ends(a, b, TCPHS_CLIENT);
		break;
	case ORDER_SERVER:
		order = compare_ends(a, b, TCPHS_SERVER);
		break;
	default:
		break;
	}
	return order ? order : compare_u64(a->record.conn_id, b->record.conn_id);
}

static void print_kept(struct show *show, struct table *table)
{
	const struct kept *kept = table->rows;
	size_t i;

	if (show->order != ORDER_NONE && table->count)
		qsort_r(table->rows, table->count, sizeof(table->rows[0]),
			compare, show);
	if (!show->common->json)
		print_head(show, table);
	for (i = 0; i < table->count; i++, kept++) {
		if (!show->common->json)
			printf("%-6s %-*s %-*s ", kept->id, table->width[0],
			       kept->end[0], table->width[1], kept->end[1]);
		print_line(kept->line);
	}
	free(table->rows);
}

static void print_rows(struct show *show, struct rows *rows)
{
	bool is_kept = show->order != ORDER_NONE || !show->common->json;
	struct table table = { .width = { strlen("CLIENT"), strlen("SERVER") } };
	struct row row;

	while (is_output_good(stdout) && rows_next(rows, &row)) {
		char *line;

		if (!is_wanted(show, &row))
			continue;
		line = format_row(show, &row);
		if (is_kept)
			keep(&table, &row, line);
		else
			print_line(line);
	}
	if (is_kept)
		print_kept(show, &table);
}

static void print_netns(struct show *show, const char *netns)
{
	if (show->common->json || !show->common->netns ||
	    strcmp(show->common->netns, "all") != 0)
		return;
	printf("%snetns %s\n", show->has_head ? "\n" : "",
	       netns ? netns : "(own)");
	show->has_head = true;
}

static int show_netns(const char *netns, void *arg)
{
	struct show *show = arg;
	int status = STATUS_DONE;
	struct rows *rows = rows_open(&status);

	if (!rows)
		return status;
	print_netns(show, netns);
	print_rows(show, rows);
	if (!rows_close(rows))
		status = STATUS_FAILED;
	return status;
}

int show_main(struct common *common, int argc, char **argv)
{
	struct show show = { .common = common };
	int status = STATUS_DONE;

	argp_parse(&argp, argc, argv, 0, NULL, &show);
	show.filter = filter_compile(show.expression, &status);
	if (show.filter) {
		status = netns_each(common->netns, show_netns, &show);
		filter_free(show.filter);
	}
	free(show.expression);
	return status;
}
