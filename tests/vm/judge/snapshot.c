// SPDX-License-Identifier: GPL-2.0
/*
 * ss as the judge of what the tracepoint cannot tell: TIME_WAIT, and the
 * FIN_WAIT2 of a socket that nobody holds any more. Compares each picture that
 * ss took of a namespace with what tcphs showed there at that moment.
 */
#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "judge.h"

/* ---- taking one, in the VM ---- */

static void run_ss(const char *place)
{
	char path[128];
	int netns;

	snprintf(path, sizeof(path), "/run/netns/%s", place);
	netns = open(path, O_RDONLY);
	if (netns < 0 || setns(netns, CLONE_NEWNET) < 0)
		err(1, "%s", path);
	execlp("ss", "ss", "-tanH", NULL);
	err(1, "ss");
}

static void print_now(int fd)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	dprintf(fd, "# %" PRIu64 "\n", (uint64_t)now.tv_sec * 1000000000 +
					(uint64_t)now.tv_nsec);
}

/* The number-th picture of a place, between two lines that tell when. */
void snapshot_take(const char *folder, const char *number, const char *place)
{
	char path[512];
	int fd, status = 0;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/ss.%s.%s", folder, place, number);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0644);
	if (fd < 0)
		err(1, "%s", path);
	print_now(fd);
	pid = fork();
	if (pid == 0) {
		dup2(fd, STDOUT_FILENO);
		run_ss(place);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || status)
		errx(1, "ss in %s failed", place);
	print_now(fd);
	close(fd);
}

/* ---- comparing ---- */

/* Who moves while the picture is taken is left out of it. */
#define MARGIN_NS	500000000ULL

/* Less than 2 MSL, at whose end the kernel's timer is the later one. */
#define TIME_WAIT_NS	55000000000ULL

static char seen[PORTS][2];	/* by the client's port and side */

static uint16_t port_of(const char *address)
{
	return (uint16_t)atoi(strrchr(address, ':') + 1);
}

static char letter_of(const char *word)
{
	if (!strcmp(word, "TIME-WAIT"))
		return TIME_WAIT;
	if (!strcmp(word, "FIN-WAIT-2"))
		return FIN_WAIT2;
	return UNKNOWN;
}

static bool take_line(const char *line, uint64_t *from_ns, uint64_t *to_ns)
{
	char state[32], own[128], peer[128];
	uint64_t ns;

	if (sscanf(line, "# %" SCNu64, &ns) == 1) {
		*from_ns = *from_ns ? *from_ns : ns;
		*to_ns = ns;
		return true;
	}
	if (sscanf(line, "%31s %*s %*s %127s %127s", state, own, peer) != 3)
		return false;
	if (plan_has(port_of(own)))
		seen[port_of(own)][CLIENT] = letter_of(state);
	else if (plan_has(port_of(peer)))
		seen[port_of(peer)][SERVER] = letter_of(state);
	return true;
}

/* What tcphs showed from before the picture until after it, or UNKNOWN. */
static char shown_at(const struct story *story, uint64_t from_ns, uint64_t to_ns)
{
	const struct step *last = NULL;

	for (unsigned int i = 0; i < story->count; i++) {
		const struct step *step = &story->steps[i];

		if (step->ns > to_ns + MARGIN_NS)
			break;
		if (step->ns + MARGIN_NS > from_ns)
			return UNKNOWN;
		last = step;
	}
	if (!last || last->cause == TIMER ||
	    (last->new == TIME_WAIT && last->ns + TIME_WAIT_NS < to_ns))
		return UNKNOWN;
	return last->new;
}

/* It went in silence, which is told later. */
static bool is_told_later(const struct story *story, uint64_t from_ns)
{
	for (unsigned int i = 0; i < story->count; i++)
		if (story->steps[i].ns > from_ns &&
		    story->steps[i].cause == SOCKET)
			return true;
	return false;
}

/*
 * A FIN that was queued before the peer's came and left behind it looks like
 * that of a passive close: tcphs sees LAST_ACK and CLOSE where the socket goes
 * through CLOSING to TIME_WAIT. A socket that dropped what passed its door is
 * anywhere.
 */
static bool is_excused(const struct end *end, char shown, char there,
		       uint64_t from_ns)
{
	if (!end->lag)
		return false;
	if (!strcmp(end->lag, "dropped"))
		return true;
	if (!strcmp(end->lag, "unseen"))
		return shown == CLOSE && there == TIME_WAIT;
	return shown == FIN_WAIT2 &&
	       (!strcmp(end->lag, "redirected") ||
		(!strcmp(end->lag, "silent") &&
		 is_told_later(&end->story, from_ns)));
}

static bool is_waiting(char state)
{
	return state == TIME_WAIT || state == FIN_WAIT2;
}

static void compare(struct end *end, unsigned int port, uint64_t from_ns,
		    uint64_t to_ns, struct snapshots *sum)
{
	char shown = shown_at(&end->story, from_ns, to_ns);
	char there = seen[port][end->side];

	if (shown == UNKNOWN || (!is_waiting(shown) && !is_waiting(there)))
		return;
	if (shown == there)
		sum->agree++;
	else if (is_excused(end, shown, there, from_ns))
		sum->lag++;
	else if (sum->differ++ < 20)
		printf("differs: port %u, %s in %s: tcphs %s, ss %s\n", port,
		       end->side ? "server" : "client", places[end->place],
		       state_name(shown), state_name(there));
}

void snapshot_compare(const char *path, unsigned int place,
		      struct snapshots *sum)
{
	uint64_t from_ns = 0, to_ns = 0;
	FILE *file = fopen(path, "r");
	char line[512];

	if (!file)
		err(1, "%s", path);
	memset(seen, UNKNOWN, sizeof(seen));
	while (fgets(line, sizeof(line), file))
		if (!take_line(line, &from_ns, &to_ns))
			errx(1, "%s: %s", path, line);
	fclose(file);
	for (unsigned int port = 0; port < PORTS; port++)
		for (struct end *end = views[port]; end; end = end->next)
			if (end->place == place && end->local)
				compare(end, port, from_ns, to_ns, sum);
	sum->taken++;
}
