// SPDX-License-Identifier: GPL-2.0
/*
 * Keeps waits, sorts and aligns them. Must not grow with what is over: of that
 * the oldest gives way.
 */
#include "waitlist.h"

#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "owner.h"
#include "print.h"
#include "tool.h"
#include "words.h"

#define OVER_MAX	65536	/* 9 MB */

const char *const waitlist_part_names[WAITLIST_PARTS] = {
	[WAITLIST_WAITING] = "waiting",
	[WAITLIST_ORPHANED] = "orphaned",
	[WAITLIST_ENDED] = "ended",
	[WAITLIST_DELAYED] = "delayed",
};

const char *const waitlist_order_names[WAITLIST_ORDERS] = {
	[WAITLIST_DEFAULT] = "",
	[WAITLIST_ID] = "id",
	[WAITLIST_TIME] = "time",
	[WAITLIST_LEFT] = "left",
	[WAITLIST_CLIENT] = "client",
	[WAITLIST_SERVER] = "server",
};

struct part {
	struct wait *waits;
	size_t count;
	size_t room;
	size_t oldest;		/* where the ring of what is over begins */
	u64 left_out;
};

struct waitlist {
	enum waitlist_order order;
	bool has_owner;
	bool has_table;
	struct part part[WAITLIST_PARTS];
	int width[2];		/* of the ends, in all tables */
};

struct waitlist *waitlist_alloc(enum waitlist_order order, bool has_owner)
{
	struct waitlist *list = tool_alloc(sizeof(*list));

	list->order = order;
	list->has_owner = has_owner;
	list->width[TCPHS_CLIENT] = (int)strlen("CLIENT");
	list->width[TCPHS_SERVER] = (int)strlen("SERVER");
	return list;
}

enum waitlist_part waitlist_part(const struct wait *wait)
{
	switch (wait->kind) {
	case WAIT_NOW:
		return WAITLIST_WAITING;
	case WAIT_ORPHAN_NOW:
		return WAITLIST_ORPHANED;
	case WAIT_ENDED:
	case WAIT_ORPHAN_ENDED:
		return WAITLIST_ENDED;
	case WAIT_SYN_DELAYED:
		return WAITLIST_DELAYED;
	default:
		return WAITLIST_PARTS;
	}
}

static bool is_over(enum waitlist_part part)
{
	return part == WAITLIST_ENDED || part == WAITLIST_DELAYED;
}

static struct wait *find_room(struct part *part, bool is_bounded)
{
	struct wait *place;

	if (is_bounded && part->count == OVER_MAX) {
		place = &part->waits[part->oldest];
		part->oldest = (part->oldest + 1) % OVER_MAX;
		part->left_out++;
		return place;
	}
	if (part->count == part->room) {
		part->room = part->room ? part->room * 2 : 256;
		part->waits = tool_grow(part->waits, part->room,
					sizeof(part->waits[0]));
	}
	return &part->waits[part->count++];
}

static void widen(struct waitlist *list, const struct wait *wait)
{
	char text[PRINT_END];
	unsigned int side;
	int width;

	for (side = TCPHS_CLIENT; side <= TCPHS_SERVER; side++) {
		width = (int)strlen(wait_print_end(text, wait, side));
		if (width > list->width[side])
			list->width[side] = width;
	}
}

void waitlist_add(struct waitlist *list, const struct wait *wait)
{
	enum waitlist_part where = waitlist_part(wait);

	if (where == WAITLIST_PARTS)
		return;
	*find_room(&list->part[where], is_over(where)) = *wait;
	widen(list, wait);
}

/* Order. */

static int compare_u64(u64 a, u64 b)
{
	return (a > b) - (a < b);
}

static int compare_ends(const struct wait *a, const struct wait *b,
			unsigned int side)
{
	int order = compare_u64(a->family, b->family);

	if (order == 0)
		order = memcmp(a->addr[side], b->addr[side], 16);
	if (order == 0)
		order = compare_u64(a->port[side], b->port[side]);
	return order;
}

static int compare(const void *x, const void *y, void *arg)
{
	const struct waitlist *list = arg;
	const struct wait *a = x, *b = y;
	int order = 0;

	switch (list->order) {
	case WAITLIST_DEFAULT:
	case WAITLIST_TIME:	/* TCPHS_NS_NONE, not known, comes last */
		order = compare_u64(b->for_ns + 1, a->for_ns + 1);
		break;
	case WAITLIST_LEFT:
		order = compare_u64(a->left_ns, b->left_ns);
		break;
	case WAITLIST_CLIENT:
		order = compare_ends(a, b, TCPHS_CLIENT);
		break;
	case WAITLIST_SERVER:
		order = compare_ends(a, b, TCPHS_SERVER);
		break;
	default:
		break;
	}
	if (order == 0)
		order = compare_u64(a->conn_id, b->conn_id);
	return order ? order : compare_u64(a->side, b->side);
}

/* Lines. */

static void print_head(const struct waitlist *list, enum waitlist_part where)
{
	static const char *const titles[WAITLIST_PARTS] = {
		[WAITLIST_WAITING] = "in TIME_WAIT",
		[WAITLIST_ORPHANED] =
			"orphaned FIN_WAIT2: the process has gone, no FIN has come, no TIME_WAIT",
		[WAITLIST_ENDED] = "ended",
		[WAITLIST_DELAYED] =
			"SYN answered late: an older connection held the port",
	};

	printf("%s%s\n", list->has_table ? "\n" : "", titles[where]);
	if (is_over(where))
		printf("%-15s ", "TIME");
	printf("%-6s %-*s %-*s ", "ID", list->width[0], "CLIENT",
	       list->width[1], "SERVER");
	if (where != WAITLIST_DELAYED)
		printf("%-6s ", "SIDE");
	printf("%10s", where == WAITLIST_DELAYED ? "LATE" : "FOR");
	if (!is_over(where))
		printf(" %10s", "LEFT");
	if (where == WAITLIST_WAITING)
		printf(" %8s %-*s", "RESTARTS", list->has_owner ? 6 : 0,
		       "CLOSER");
	else if (where == WAITLIST_ENDED)
		printf(" %8s %-*s", "RESTARTS", list->has_owner ? 32 : 0,
		       "HOW");
	if (list->has_owner)
		printf(" %6s %7s %s", "UID", "PID", "COMMAND");
	putchar('\n');
}

static void print_owner(const struct wait *wait)
{
	char uid[12] = "-", pid[12] = "-", comm[OWNER_COMM];

	if (wait->owner.uid != TCPHS_UID_NONE)
		snprintf(uid, sizeof(uid), "%u", wait->owner.uid);
	if (wait->owner.pid)
		snprintf(pid, sizeof(pid), "%u", wait->owner.pid);
	printf(" %6s %7s %s", uid, pid, owner_comm(comm, &wait->owner));
}

static void print_ends(const struct waitlist *list, const struct wait *wait)
{
	char end[PRINT_END];

	printf("%-6llu %-*s ", wait->conn_id, list->width[0],
	       wait_print_end(end, wait, TCPHS_CLIENT));
	printf("%-*s", list->width[1], wait_print_end(end, wait, TCPHS_SERVER));
}

static void print_now(const struct waitlist *list, const struct wait *wait)
{
	bool modelled = wait->source == TCPHS_SOURCE_MODELLED;
	char span[PRINT_SPAN];

	print_ends(list, wait);
	printf(" %-6s %10s", tcphs_side_name(wait->side),
	       print_span_word(span, wait->for_ns, modelled));
	printf(" %10s", print_span_word(span, wait->left_ns, modelled));
	if (wait->kind == WAIT_NOW)
		printf(" %8u %-*s", wait->restarts, list->has_owner ? 6 : 0,
		       tcphs_side_name(wait->closer));
	if (list->has_owner)
		print_owner(wait);
	putchar('\n');
}

static char *describe_end(char *text, size_t size, const struct wait *wait)
{
	char span[PRINT_SPAN] = "";
	bool is_bounded = wait->error_ns != TCPHS_NS_NONE && wait->error_ns;

	if (is_bounded)
		print_span(span, wait->error_ns, false);
	snprintf(text, size, "%s%s%s%s%s",
		 wait->kind == WAIT_ORPHAN_ENDED ? "orphaned FIN_WAIT2 " : "",
		 words_end(wait->end, wait->cause),
		 is_bounded ? ", to " : "", span,
		 wait->source == TCPHS_SOURCE_MODELLED ? ", modelled" : "");
	return text;
}

static void print_over(const struct waitlist *list, const struct wait *wait)
{
	bool modelled = wait->source == TCPHS_SOURCE_MODELLED;
	char clock[PRINT_TIME], span[PRINT_SPAN], how[128];

	printf("%-15s ", print_clock(clock, wait->wall_ns));
	print_ends(list, wait);
	if (wait->kind != WAIT_SYN_DELAYED)
		printf(" %-6s", tcphs_side_name(wait->side));
	printf(" %10s", wait->end == TCPHS_TW_NEVER ? "-" :
	       print_span_word(span, wait->for_ns, modelled));
	if (wait->kind != WAIT_SYN_DELAYED)
		printf(" %8u %-*s", wait->restarts, list->has_owner ? 32 : 0,
		       describe_end(how, sizeof(how), wait));
	if (list->has_owner)
		print_owner(wait);
	putchar('\n');
}

static void print_part(struct waitlist *list, enum waitlist_part where)
{
	struct part *part = &list->part[where];
	size_t i;

	if (part->count == 0)
		return;
	if (list->order != WAITLIST_DEFAULT || !is_over(where)) {
		qsort_r(part->waits, part->count, sizeof(part->waits[0]),
			compare, list);
		part->oldest = 0;
	}
	print_head(list, where);
	for (i = 0; i < part->count && is_output_good(stdout); i++) {
		const struct wait *wait;

		wait = &part->waits[(part->oldest + i) % part->count];
		if (is_over(where))
			print_over(list, wait);
		else
			print_now(list, wait);
	}
	if (part->left_out)
		printf("%llu older ones are in the sums alone\n",
		       part->left_out);
	list->has_table = true;
}

void waitlist_print(struct waitlist *list)
{
	unsigned int where;

	for (where = 0; where < WAITLIST_PARTS; where++)
		print_part(list, where);
	if (list->has_table)
		putchar('\n');
}

void waitlist_free(struct waitlist *list)
{
	unsigned int where;

	for (where = 0; where < WAITLIST_PARTS; where++)
		free(list->part[where].waits);
	free(list);
}
