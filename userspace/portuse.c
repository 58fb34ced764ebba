// SPDX-License-Identifier: GPL-2.0
/*
 * Counts sockets by what connect() has to tell apart. Must not count a port
 * that connect() would not choose.
 */
#include "portuse.h"

#include <stdlib.h>
#include <string.h>

#include "jsonline.h"
#include "print.h"
#include "sockdiag.h"
#include "tool.h"
#include "tunable.h"
#include "wait.h"

/* One connection, from here. */
struct pair {
	u8 family;
	u8 addr[2][16];		/* [0]: here, [1]: there */
	u16 port[2];
};

struct pairs {
	struct pair *pair;
	size_t count;
	size_t room;
};

/* A socket whose local port is one of the range. */
struct holder {
	struct pair pair;
	u8 state;
	bool is_small;
	bool is_unseen;
	u64 left_ns;
};

struct holders {
	struct holder *holder;
	size_t count;
	size_t room;
};

/* All that hold ports toward one remote end from one local address. */
struct group {
	struct pair pair;	/* .port[0] means nothing */
	u64 time_wait;
	u64 orphaned;
	u64 open;
	u64 unseen;		/* of .time_wait */
	u64 first_ns;		/* the first that is free again */
};

struct portuse {
	const struct filter *filter;
	bool has_rows;
	struct pairs seen;	/* in TIME_WAIT here, as tcphs has it */
	struct holders holders;
	struct tunable_ports ports;
	u8 is_listening[65536 / 8];
	u32 listening;		/* of the range: connect() passes over them */
	u64 sockets;		/* in TIME_WAIT */
	u64 unseen;
};

struct portuse *portuse_alloc(const struct filter *filter)
{
	struct portuse *use = tool_alloc(sizeof(*use));

	use->filter = filter;
	return use;
}

void portuse_free(struct portuse *use)
{
	free(use->seen.pair);
	free(use->holders.holder);
	free(use);
}

/* Who was seen. */

static void see(struct portuse *use, const struct wait *wait)
{
	unsigned int here = wait->side, there = !here;
	struct pairs *seen = &use->seen;
	struct pair *pair;

	if (seen->count == seen->room) {
		seen->room = seen->room ? seen->room * 2 : 256;
		seen->pair = tool_grow(seen->pair, seen->room,
				       sizeof(seen->pair[0]));
	}
	pair = &seen->pair[seen->count++];
	memset(pair, 0, sizeof(*pair));
	pair->family = wait->family;
	memcpy(pair->addr[0], wait->addr[here], 16);
	memcpy(pair->addr[1], wait->addr[there], 16);
	pair->port[0] = wait->port[here];
	pair->port[1] = wait->port[there];
}

void portuse_row(void *arg, const struct row *row)
{
	struct portuse *use = arg;
	struct wait waits[2];
	unsigned int i;

	for (i = wait_of_row(waits, row); i > 0; i--)
		if (waits[i - 1].kind == WAIT_NOW &&
		    waits[i - 1].local & 1U << waits[i - 1].side)
			see(use, &waits[i - 1]);
}

static int compare_pairs(const void *x, const void *y)
{
	const struct pair *a = x, *b = y;
	int order = a->family - b->family;

	if (order == 0)
		order = memcmp(a->addr, b->addr, sizeof(a->addr));
	if (order == 0)
		order = a->port[1] - b->port[1];
	return order ? order : a->port[0] - b->port[0];
}

static bool is_seen(const struct portuse *use, const struct pair *pair)
{
	return use->seen.count &&
	       bsearch(pair, use->seen.pair, use->seen.count, sizeof(*pair),
		       compare_pairs);
}

/* The host's sockets. */

static bool is_chosen(const struct portuse *use,
		      const struct sockdiag_socket *socket)
{
	struct tcphs_record record = { .family = socket->family };

	memcpy(record.addr, socket->addr, sizeof(record.addr));
	memcpy(record.port, socket->port, sizeof(record.port));
	return filter_match(use->filter, &record);
}

static void fill_pair(struct pair *pair, const struct sockdiag_socket *socket)
{
	memset(pair, 0, sizeof(*pair));
	pair->family = socket->family;
	memcpy(pair->addr, socket->addr, sizeof(pair->addr));
	memcpy(pair->port, socket->port, sizeof(pair->port));
}

static struct holder *add_holder(struct holders *holders)
{
	if (holders->count == holders->room) {
		holders->room = holders->room ? holders->room * 2 : 256;
		holders->holder = tool_grow(holders->holder, holders->room,
					    sizeof(holders->holder[0]));
	}
	return &holders->holder[holders->count++];
}

static void take_socket(const struct sockdiag_socket *socket, void *arg)
{
	struct portuse *use = arg;
	struct holder holder = {
		.state = socket->state,
		.is_small = socket->is_small,
		.left_ns = socket->left_ns,
	};

	if (socket->state == TCPHS_LISTEN) {
		use->is_listening[socket->port[0] / 8] |=
			(u8)(1U << socket->port[0] % 8);
		return;
	}
	if (!is_chosen(use, socket))
		return;
	fill_pair(&holder.pair, socket);
	if (socket->state == TCPHS_TIME_WAIT) {
		holder.is_unseen = use->has_rows && !is_seen(use, &holder.pair);
		use->sockets++;
		use->unseen += holder.is_unseen;
	}
	if (tunable_has_port(&use->ports, socket->port[0]))
		*add_holder(&use->holders) = holder;
}

static bool is_listening(const struct portuse *use, u16 port)
{
	return use->is_listening[port / 8] & 1U << port % 8;
}

/* Whoever listens or has accepted there is in nobody's way: it is passed over. */
static void leave_listening(struct portuse *use)
{
	struct holders *holders = &use->holders;
	unsigned int port;
	size_t i, left = 0;

	for (port = use->ports.low; port <= use->ports.high; port++)
		if (is_listening(use, (u16)port) &&
		    tunable_has_port(&use->ports, (u16)port))
			use->listening++;
	for (i = 0; i < holders->count; i++)
		if (!is_listening(use, holders->holder[i].pair.port[0]))
			holders->holder[left++] = holders->holder[i];
	holders->count = left;
}

int portuse_ask(struct portuse *use, bool has_rows)
{
	int status;

	use->has_rows = has_rows;
	if (use->seen.count)
		qsort(use->seen.pair, use->seen.count,
		      sizeof(use->seen.pair[0]), compare_pairs);
	if (!tunable_read_ports(&use->ports)) {
		complain("cannot read net.ipv4.ip_local_port_range");
		return STATUS_FAILED;
	}
	status = sockdiag_each(take_socket, use);
	leave_listening(use);
	return status;
}

/* Sums. */

static bool is_same(const struct pair *a, const struct pair *b)
{
	return a->family == b->family && a->port[1] == b->port[1] &&
	       memcmp(a->addr, b->addr, sizeof(a->addr)) == 0;
}

static void add_to_group(struct group *group, const struct holder *holder)
{
	if (holder->state == TCPHS_TIME_WAIT) {
		group->time_wait++;
		group->unseen += holder->is_unseen;
		if (holder->left_ns < group->first_ns)
			group->first_ns = holder->left_ns;
	} else if (holder->state == TCPHS_FIN_WAIT2 && holder->is_small) {
		group->orphaned++;
	} else {
		group->open++;
	}
}

static int compare_holders(const void *x, const void *y)
{
	return compare_pairs(&((const struct holder *)x)->pair,
			     &((const struct holder *)y)->pair);
}

/* Those with a port in TIME_WAIT. */
static struct group *make_groups(struct portuse *use, size_t *count)
{
	const struct holders *holders = &use->holders;
	struct group *groups, *group;
	size_t i;

	*count = 0;
	if (!holders->count)
		return NULL;
	qsort(holders->holder, holders->count, sizeof(holders->holder[0]),
	      compare_holders);
	groups = tool_alloc(holders->count * sizeof(groups[0]));
	group = groups;
	for (i = 0; i < holders->count; i++) {
		const struct pair *pair = &holders->holder[i].pair;

		if (i == 0 || !is_same(&group->pair, pair)) {
			group += group->time_wait != 0;
			*group = (struct group){ .pair = *pair,
						 .first_ns = TCPHS_NS_NONE };
		}
		add_to_group(group, &holders->holder[i]);
	}
	*count = (size_t)(group - groups) + (group->time_wait != 0);
	return groups;
}

static int compare_groups(const void *x, const void *y)
{
	const struct group *a = x, *b = y;
	u64 held_a = a->time_wait + a->orphaned + a->open;
	u64 held_b = b->time_wait + b->orphaned + b->open;

	if (held_a != held_b)
		return held_a < held_b ? 1 : -1;
	if (a->time_wait != b->time_wait)
		return a->time_wait < b->time_wait ? 1 : -1;
	return compare_pairs(&a->pair, &b->pair);
}

static u64 count_ports(const struct portuse *use)
{
	return use->ports.usable - use->listening;
}

/* Sockets that bind() to one port may be more than there are ports. */
static u64 count_free(const struct portuse *use, const struct group *group)
{
	u64 held = group->time_wait + group->orphaned + group->open;
	u64 ports = count_ports(use);

	return held < ports ? ports - held : 0;
}

static void fill_record(struct tcphs_record *record, const struct pair *pair)
{
	memset(record, 0, sizeof(*record));
	record->family = pair->family;
	memcpy(record->addr, pair->addr, sizeof(record->addr));
	memcpy(record->port, pair->port, sizeof(record->port));
}

/* Text. */

static void find_widths(const struct group *groups, size_t count, int width[2])
{
	struct tcphs_record record;
	char text[PRINT_END];
	size_t i;

	width[0] = (int)strlen("LOCAL");
	width[1] = (int)strlen("REMOTE");
	for (i = 0; i < count; i++) {
		int local, remote;

		fill_record(&record, &groups[i].pair);
		local = (int)strlen(print_addr(text, &record, 0));
		remote = (int)strlen(print_end(text, &record, 1));
		width[0] = local > width[0] ? local : width[0];
		width[1] = remote > width[1] ? remote : width[1];
	}
}

static void print_group(const struct portuse *use, const struct group *group,
			const int width[2])
{
	double share = count_ports(use) ? 100.0 * (double)group->time_wait /
		       (double)count_ports(use) : 0;
	char local[PRINT_ADDR], remote[PRINT_END], span[PRINT_SPAN];
	struct tcphs_record record;

	fill_record(&record, &group->pair);
	printf("%-*s %-*s %9llu %6.1f%% %8llu %7llu %7llu %10s", width[0],
	       print_addr(local, &record, 0), width[1],
	       print_end(remote, &record, 1), group->time_wait, share,
	       group->orphaned, group->open, count_free(use, group),
	       group->first_ns ? print_span_word(span, group->first_ns, false) :
				 "due");
	if (use->has_rows)
		printf(" %7llu\n", group->unseen);
	else
		printf(" %7s\n", "-");
}

static void print_range(const struct portuse *use)
{
	printf("ephemeral ports %u to %u: ", use->ports.low, use->ports.high);
	printf("%llu for each (local address, remote address, remote port)",
	       count_ports(use));
	if (use->ports.reserved)
		printf("; %u reserved", use->ports.reserved);
	if (use->listening)
		printf("; on %u somebody listens", use->listening);
	putchar('\n');
}

static void print_sockets(const struct portuse *use, u64 holding)
{
	char count[PRINT_COUNT];

	printf("%s in TIME_WAIT, %llu of them hold an ephemeral port",
	       print_count(count, use->sockets, "socket"), holding);
	if (use->has_rows && use->unseen)
		printf("; %llu began unseen by tcphs", use->unseen);
	else if (use->has_rows && use->sockets)
		printf("; tcphs saw all of them begin");
	putchar('\n');
}

static void print_reuse(void)
{
	static const char *const words[] = {
		"connect() takes none of these before it is over",
		"connect() may take one from the next second on, where timestamps were in use",
		"connect() may take one from the next second on, over loopback alone",
	};
	u64 reuse;

	if (tunable_read("tcp_tw_reuse", &reuse) && reuse < ARRAY_SIZE(words))
		printf("tcp_tw_reuse %llu: %s\n", reuse, words[reuse]);
}

static u64 sum_time_wait(const struct group *groups, size_t count)
{
	u64 sum = 0;

	while (count > 0)
		sum += groups[--count].time_wait;
	return sum;
}

static void print_tables(const struct portuse *use,
			 const struct group *groups, size_t count)
{
	int width[2];
	size_t i;

	print_range(use);
	find_widths(groups, count, width);
	if (count)
		printf("%-*s %-*s %9s %7s %8s %7s %7s %10s %7s\n", width[0],
		       "LOCAL", width[1], "REMOTE", "TIME_WAIT", "OF-ALL",
		       "ORPHANED", "OPEN", "FREE", "FIRST-FREE", "UNSEEN");
	for (i = 0; i < count && is_output_good(stdout); i++)
		print_group(use, &groups[i], width);
	print_sockets(use, sum_time_wait(groups, count));
	print_reuse();
}

/* JSON. */

static void put_unseen(struct jsonline *line, const struct portuse *use,
		       u64 unseen)
{
	jsonline_number_if(line, "unseen", use->has_rows, unseen);
}

static void print_json_group(const struct portuse *use,
			     const struct group *group)
{
	struct tcphs_record record;
	struct jsonline line;
	char addr[PRINT_ADDR];

	fill_record(&record, &group->pair);
	jsonline_begin(&line, "timewait_ports", print_wall_ns());
	jsonline_text(&line, "family", record.family == 6 ? "ipv6" : "ipv4");
	jsonline_text(&line, "local_addr", print_addr(addr, &record, 0));
	jsonline_text(&line, "remote_addr", print_addr(addr, &record, 1));
	jsonline_number(&line, "remote_port", record.port[1]);
	jsonline_number(&line, "ports", count_ports(use));
	jsonline_number(&line, "time_wait", group->time_wait);
	jsonline_number(&line, "orphaned", group->orphaned);
	jsonline_number(&line, "open", group->open);
	jsonline_number(&line, "free", count_free(use, group));
	jsonline_span(&line, "first_free_ns", group->first_ns);
	put_unseen(&line, use, group->unseen);
	jsonline_print(&line);
}

static void print_json(const struct portuse *use, const struct group *groups,
		       size_t count)
{
	struct jsonline line;
	size_t i;

	for (i = 0; i < count && is_output_good(stdout); i++)
		print_json_group(use, &groups[i]);
	jsonline_begin(&line, "timewait_sockets", print_wall_ns());
	jsonline_number(&line, "port_low", use->ports.low);
	jsonline_number(&line, "port_high", use->ports.high);
	jsonline_number(&line, "reserved", use->ports.reserved);
	jsonline_number(&line, "listening", use->listening);
	jsonline_number(&line, "ports", count_ports(use));
	jsonline_number(&line, "time_wait", use->sockets);
	jsonline_number(&line, "holding", sum_time_wait(groups, count));
	put_unseen(&line, use, use->unseen);
	jsonline_print(&line);
}

/* For free(). */
static struct group *sort_groups(struct portuse *use, size_t *count)
{
	struct group *groups = make_groups(use, count);

	if (*count)
		qsort(groups, *count, sizeof(groups[0]), compare_groups);
	return groups;
}

bool portuse_worst(struct portuse *use, struct portuse_worst *worst)
{
	struct group *groups;
	size_t count;

	groups = sort_groups(use, &count);
	memset(worst, 0, sizeof(*worst));
	worst->sockets = use->sockets;
	worst->unseen = use->unseen;
	worst->ports = count_ports(use);
	worst->holding = sum_time_wait(groups, count);
	if (count) {
		fill_record(&worst->ends, &groups[0].pair);
		worst->time_wait = groups[0].time_wait;
		worst->free = count_free(use, &groups[0]);
	}
	free(groups);
	return count;
}

void portuse_print(struct portuse *use, bool json)
{
	struct group *groups;
	size_t count;

	groups = sort_groups(use, &count);
	if (json)
		print_json(use, groups, count);
	else
		print_tables(use, groups, count);
	free(groups);
}
