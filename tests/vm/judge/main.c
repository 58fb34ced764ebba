// SPDX-License-Identifier: GPL-2.0
/*
 * Compares, connection by connection and in order, what the kernel's sockets
 * did with what tcphs showed. Reads what the scenario left in its folder:
 * raw.CPU, format, offset, plan.PATH, watch.PLACE, ss.PLACE.N. Status 0 only
 * if nothing differs.
 */
#include <err.h>
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge.h"

#define TOLD_MAX	200	/* differences told in full */

struct end *sockets[PORTS];
struct end *views[PORTS];
const char *places[PLACES_MAX];
unsigned int places_count;
uint64_t steps_traced, steps_shown;

static struct snapshots snapshots;
static unsigned int twins, misnamed, told;
static bool verbose;		/* tell the lags too */

/* ---- reading ---- */

static void for_each(const char *folder, const char *prefix,
		     void (*take)(const char *path, char *name))
{
	char pattern[512];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s/%s*", folder, prefix);
	if (glob(pattern, 0, NULL, &found))
		errx(1, "%s: nothing there", pattern);
	for (size_t i = 0; i < found.gl_pathc; i++)
		take(found.gl_pathv[i],
		     strdup(strrchr(found.gl_pathv[i], '/') + 1 + strlen(prefix)));
	globfree(&found);
}

/* Beside watch.PLACE stand watch.PLACE.err and the like. */
static void read_watch(const char *path, char *name)
{
	if (!strchr(name, '.'))
		watch_read(path, name);
}

/* ss.PLACE.N */
static void read_snapshot(const char *path, char *name)
{
	size_t len = strcspn(name, ".");

	for (unsigned int place = 0; place < places_count; place++)
		if (strlen(places[place]) == len &&
		    !strncmp(places[place], name, len))
			snapshot_compare(path, place, &snapshots);
}

/* ---- the two stories of an end ---- */

static uint64_t begin_of(const struct end *end)
{
	return end->story.steps[0].ns;
}

static uint64_t end_of(const struct end *end)
{
	const struct step *last = &end->story.steps[end->story.count - 1];

	return last->new == CLOSE ? last->ns : UINT64_MAX;
}

/* LISTEN > SYN_RECV > CLOSE, but for Fast Open's sockets, which live alone. */
static bool is_short(const struct end *end)
{
	return end->story.count == 2 && end->story.steps[0].old == LISTEN &&
	       end->story.steps[1].new == CLOSE;
}

/*
 * Two ACKs of one handshake on two CPUs at once make two children of the
 * listener; the one that comes late is closed and never was a connection
 * (inet_csk_complete_hashdance()).
 */
static bool is_twin(const struct end *end, unsigned int port)
{
	for (const struct end *other = sockets[port]; other; other = other->next)
		if (other->side == SERVER && other->story.count &&
		    is_short(end) && !is_short(other) &&
		    begin_of(end) < end_of(other) &&
		    begin_of(other) < end_of(end))
			return true;
	return false;
}

static struct story collect_sockets(unsigned int port, unsigned int side)
{
	struct story story = { 0 };

	for (const struct end *end = sockets[port]; end; end = end->next) {
		if (end->side != side)
			continue;
		if (is_twin(end, port))
			twins++;
		else
			story_append(&story, &end->story);
	}
	return story;
}

/* All that tcphs said of this end in this place. */
static struct story collect_views(unsigned int port, unsigned int place,
				  unsigned int side, bool *local)
{
	struct story story = { 0 };

	*local = false;
	for (const struct end *end = views[port]; end; end = end->next) {
		if (end->place != place || end->side != side)
			continue;
		story_append(&story, &end->story);
		*local |= end->local;
	}
	return story;
}

/* A v4-mapped address is the IPv4 address that it stands for. */
static const char *plain(const char *address)
{
	return strncmp(address, "::ffff:", 7) ? address : address + 7;
}

static bool has_names_of(const struct end *view, const struct end *socket)
{
	for (unsigned int i = 0; i < 2; i++)
		if (view->port[i] != socket->port[i] ||
		    strcmp(plain(view->address[i]), plain(socket->address[i])))
			return false;
	return true;
}

/*
 * A local end is told under its socket's own addresses and ports, also behind
 * NAT; of two ends on one host, under those of the first.
 */
static void judge_names(unsigned int port, unsigned int side)
{
	const struct end *socket = sockets[port];

	while (socket && (socket->side != side || !*socket->address[0]))
		socket = socket->next;
	if (!socket || (side == SERVER && plans[port].redirected))
		return;
	for (const struct end *view = views[port]; view; view = view->next)
		if (view->side == side && view->local &&
		    !has_names_of(view, socket) && misnamed++ < TOLD_MAX)
			printf("misnamed: %s:%u > %s:%u is %s:%u > %s:%u to its socket\n",
			       view->address[0], view->port[0], view->address[1],
			       view->port[1], socket->address[0], socket->port[0],
			       socket->address[1], socket->port[1]);
}

/* ---- the comparison ---- */

static void take_opinion(enum scope scope, unsigned int port, unsigned int side,
			 const char *place, struct opinion opinion,
			 const struct story *kernel, const struct story *tcphs)
{
	const struct plan *plan = &plans[port];

	table_count(scope, plan, opinion);
	if (opinion.verdict == AGREE || (opinion.verdict == LAG && !verbose))
		return;
	if (opinion.verdict == DIFFER && told++ >= TOLD_MAX)
		return;
	printf("%s: port %u %s %s, %s in %s%s%s\n",
	       opinion.verdict == LAG ? "lags" : "differs", port,
	       kind_names[plan->kind], path_names[plan->path],
	       side ? "server" : "client", place, opinion.name ? ": " : "",
	       opinion.name ? opinion.name : "");
	story_print("kernel", kernel);
	story_print("tcphs", tcphs);
}

/* A host of one end of the connection, or a router between them. */
static enum scope scope_of(unsigned int port, unsigned int place)
{
	for (const struct end *end = views[port]; end; end = end->next)
		if (end->place == place && end->hosted)
			return FAR;
	return OUTSIDE;
}

/* Its own host's view; without one, all that the socket did is missing. */
static struct opinion judge_at_home(unsigned int port, unsigned int side,
				    const struct story *kernel)
{
	struct opinion opinion = { DIFFER, NULL };
	struct story tcphs = { 0 };
	unsigned int place;
	bool local = false;

	for (place = 0; place < places_count && !local; place++)
		tcphs = collect_views(port, place, side, &local);
	if (!local && !kernel->count)
		return (struct opinion){ AGREE, "" };
	if (local)
		opinion = judge_local(kernel, &tcphs, &plans[port]);
	else
		tcphs.count = 0;
	take_opinion(LOCAL, port, side, local ? places[place - 1] : "any place",
		     opinion, kernel, &tcphs);
	for (struct end *end = views[port]; end; end = end->next)
		if (end->local && end->side == side)
			end->lag = opinion.verdict == LAG ? opinion.name : NULL;
	if (opinion.verdict == AGREE)
		prove_add(&plans[port], kernel, &tcphs);
	return opinion;
}

static void judge_end(unsigned int port, unsigned int side)
{
	struct story kernel = collect_sockets(port, side);
	struct opinion home = judge_at_home(port, side, &kernel);

	for (unsigned int place = 0; place < places_count; place++) {
		bool local;
		struct story tcphs = collect_views(port, place, side, &local);

		if (!local && tcphs.count)
			take_opinion(scope_of(port, place), port, side,
				     places[place],
				     judge_outside(&kernel, &tcphs, &plans[port],
						   home),
				     &kernel, &tcphs);
		free(tcphs.steps);
	}
	free(kernel.steps);
}

/* Ends that nobody planned. */
static unsigned int count_strangers(void)
{
	unsigned int strangers = 0;

	for (unsigned int port = 0; port < PORTS; port++) {
		if (plans[port].made)
			continue;
		for (const struct end *end = sockets[port]; end; end = end->next)
			strangers++;
		for (const struct end *end = views[port]; end; end = end->next)
			strangers++;
	}
	return strangers;
}

static int judge(const char *folder)
{
	unsigned int strangers, unproved;

	for_each(folder, "plan.", plan_read);
	trace_read(folder);
	for_each(folder, "watch.", read_watch);
	for (unsigned int port = 0; port < PORTS; port++)
		if (plans[port].made) {
			judge_end(port, CLIENT);
			judge_end(port, SERVER);
			judge_names(port, CLIENT);
			judge_names(port, SERVER);
		}
	for_each(folder, "ss.", read_snapshot);
	strangers = count_strangers();
	table_print();
	printf("\n%u connections, %" PRIu64 " steps of the sockets, %" PRIu64
	       " of tcphs; %u twins, %u strangers, %u misnamed\n", planned,
	       steps_traced, steps_shown, twins, strangers, misnamed);
	printf("ss in %u pictures: TIME_WAIT and FIN_WAIT2 agree %u times, lag %u, differ %u\n",
	       snapshots.taken, snapshots.agree, snapshots.lag,
	       snapshots.differ);
	unproved = prove_print();
	return table_sum(DIFFER) || strangers || misnamed || snapshots.differ || unproved;
}

static int print_usage(void)
{
	fprintf(stderr, "usage: judge [-v] FOLDER\n"
		"       judge save FOLDER\n"
		"       judge look FOLDER NUMBER NETNS...\n");
	return 2;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "save")) {
		trace_save(argv[2]);
		return 0;
	}
	if (argc > 4 && !strcmp(argv[1], "look")) {
		for (int i = 4; i < argc; i++)
			snapshot_take(argv[2], argv[3], argv[i]);
		return 0;
	}
	verbose = argc == 3 && !strcmp(argv[1], "-v");
	if (argc != 2 + verbose)
		return print_usage();
	return judge(argv[1 + verbose]);
}
