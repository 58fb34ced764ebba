// SPDX-License-Identifier: GPL-2.0
/*
 * tcphs' witness: the records of /dev/tcphs of several namespaces. Keeps those
 * that are about small sockets; stays in none of the namespaces, so that they
 * can go. Judges nothing.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/tcphs.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "timewaits.h"

#define NETNS_MAX	16
#define AT_ONCE		1024		/* records */

/* ---- saving, in the VM ---- */

static volatile sig_atomic_t is_ending;

static void end(int number)
{
	(void)number;
	is_ending = 1;
}

static int open_device(const char *netns)
{
	int home = open("/proc/self/ns/net", O_RDONLY);
	char path[128];
	int there, fd;

	snprintf(path, sizeof(path), "/run/netns/%s", netns);
	there = open(path, O_RDONLY);
	if (home < 0 || there < 0 || setns(there, CLONE_NEWNET) < 0)
		err(1, "%s", path);
	fd = open("/dev/tcphs", O_RDONLY | O_NONBLOCK);
	if (fd < 0)
		err(1, "/dev/tcphs in %s", netns);
	if (setns(home, CLONE_NEWNET) < 0)
		err(1, "setns");
	close(there);
	close(home);
	return fd;
}

static bool is_wanted(const struct tcphs_record *record)
{
	const struct tcphs_ev_transition *told = &record->transition;

	return record->type == TCPHS_EV_TIMEWAIT ||
	       record->type == TCPHS_EV_LOST ||
	       (record->type == TCPHS_EV_TRANSITION &&
		(told->orphan_end != TCPHS_TW_END_NONE ||
		 told->new_state == TCPHS_TIME_WAIT));
}

/* All that is there; returns false if the device has ended. */
static bool save_some(int fd, FILE *file)
{
	static struct tcphs_record records[AT_ONCE];
	ssize_t got;

	while ((got = read(fd, records, sizeof(records))) > 0)
		for (size_t i = 0; i < (size_t)got / sizeof(records[0]); i++)
			if (is_wanted(&records[i]) &&
			    fwrite(&records[i], sizeof(records[i]), 1, file) != 1)
				err(1, "write");
	if (got < 0 && errno != EAGAIN && errno != EINTR)
		err(1, "/dev/tcphs");
	return got != 0;
}

static void save_all(struct pollfd *entries, int count, FILE *file)
{
	for (int i = 0; i < count; i++)
		if (entries[i].fd >= 0 && !save_some(entries[i].fd, file))
			entries[i].fd = -1;
}

/* Says "ready" once nothing more can be missed. */
void device_save(const char *path, char **netns, int count)
{
	struct pollfd entries[NETNS_MAX];
	struct sigaction action = { .sa_handler = end };
	FILE *file = fopen(path, "w");

	if (!file)
		err(1, "%s", path);
	if (count > NETNS_MAX)
		errx(2, "more than %d namespaces", NETNS_MAX);
	for (int i = 0; i < count; i++)
		entries[i] = (struct pollfd){
			.fd = open_device(netns[i]), .events = POLLIN,
		};
	sigaction(SIGTERM, &action, NULL);
	printf("ready\n");
	fflush(stdout);
	while (!is_ending) {
		if (poll(entries, (nfds_t)count, 1000) < 0 && errno != EINTR)
			err(1, "poll");
		save_all(entries, count, file);
	}
	save_all(entries, count, file);
	if (fclose(file))
		err(1, "%s", path);
}

/* ---- reading ---- */

static const char *const ends[] = {
	[TCPHS_TW_EXPIRED] = "expired", [TCPHS_TW_REUSED] = "reused",
	[TCPHS_TW_RESET] = "reset", [TCPHS_TW_KILLED] = "killed",
	[TCPHS_TW_NEVER] = "never", [TCPHS_TW_EVICTED] = "evicted",
};

static const char *const causes[] = {
	[TCPHS_TW_BY_FIN] = "fin",
	[TCPHS_TW_BY_OUT_OF_WINDOW] = "out_of_window",
	[TCPHS_TW_BY_ACK] = "ack", [TCPHS_TW_BY_SYN] = "syn",
	[TCPHS_TW_BY_CONNECT] = "connect", [TCPHS_TW_BY_RST] = "rst",
	[TCPHS_TW_BY_ABORT] = "abort", [TCPHS_TW_BY_NETNS] = "netns",
};

static const char *find_word(const char *const *words, size_t count, size_t number)
{
	return number < count ? words[number] : "?";
}

static const char *end_word(uint8_t number)
{
	return find_word(ends, sizeof(ends) / sizeof(ends[0]), number);
}

static const char *cause_word(uint8_t number)
{
	return find_word(causes, sizeof(causes) / sizeof(causes[0]), number);
}

static struct tuple tuple_of(const struct tcphs_record *record, unsigned int side)
{
	struct tuple tuple;

	memset(&tuple, 0, sizeof(tuple));
	for (unsigned int i = 0; i < 2; i++) {
		unsigned int who = side ^ i;

		tuple.port[i] = record->port[who];
		if (record->family == 4)
			tuple_set4(tuple.addr[i], record->addr[who]);
		else
			memcpy(tuple.addr[i], record->addr[who], 16);
	}
	return tuple;
}

static void take_orphan(const struct tcphs_record *record)
{
	const struct tcphs_ev_transition *told = &record->transition;
	struct tuple tuple = tuple_of(record, told->side);
	struct wait wait = {
		.is_orphan = true,
		.start_ns = record->ts_ns - told->orphan_ns,
		.end_ns = record->ts_ns,
		.dur_ns = told->orphan_ns,
		.end = end_word(told->orphan_end),
		.cause = cause_word(told->orphan_cause),
	};

	wait_add(&tuple, TCPHS, &wait);
}

/* What cannot be told in order is shown as an end of its own. */
static struct wait *open_wait(const struct tuple *tuple)
{
	struct wait *last = place_of(tuple)->last[TCPHS];

	return last && !wait_is_over(last) ? last : NULL;
}

static void take_end(struct wait *wait, const struct tcphs_record *record)
{
	const struct tcphs_ev_timewait *told = &record->timewait;

	wait->is_modelled = told->source != TCPHS_SOURCE_OBSERVED;
	wait->dur_ns = told->dur_ns;
	wait->error_ns = told->error_ns;
	/* What was looked for is counted from the transition, wherever it was found. */
	if (wait->error_ns || wait->is_modelled)
		wait->start_ns = wait->entered_ns;
	wait->end_ns = wait->start_ns + told->dur_ns;
	wait->end = end_word(told->end);
	wait->cause = cause_word(told->cause);
}

static bool is_local(const struct tcphs_record *record, unsigned int side)
{
	return record->local & 1U << side;
}

/*
 * A TIME_WAIT without a start is one that the host could not hold: its moment is
 * that of the transition.
 */
static void take_transition(const struct tcphs_record *record)
{
	unsigned int side = record->transition.side;
	struct tuple tuple = tuple_of(record, side);

	if (record->transition.orphan_end != TCPHS_TW_END_NONE)
		take_orphan(record);
	else if (is_local(record, side))
		place_of(&tuple)->entered_ns = record->ts_ns;
}

static void take_timewait(const struct tcphs_record *record)
{
	const struct tcphs_ev_timewait *told = &record->timewait;
	struct tuple tuple = tuple_of(record, told->side);
	struct wait *wait = open_wait(&tuple);
	uint64_t entered_ns = place_of(&tuple)->entered_ns;
	struct wait fresh = {
		.start_ns = told->end == TCPHS_TW_NEVER ? entered_ns : record->ts_ns,
		.entered_ns = entered_ns,
		.end_ns = NEVER_ENDED,
	};

	if (!is_local(record, told->side))
		return;
	if (!wait)
		wait = wait_add(&tuple, TCPHS, &fresh);
	if (told->phase == TCPHS_TW_RESTART)
		wait_restart(wait, record->ts_ns, cause_word(told->cause));
	else if (told->phase == TCPHS_TW_END)
		take_end(wait, record);
}

void device_read(const char *path)
{
	struct tcphs_record record;
	FILE *file = fopen(path, "r");

	if (!file)
		err(1, "%s", path);
	while (fread(&record, sizeof(record), 1, file) == 1) {
		if (record.type == TCPHS_EV_LOST)
			errx(1, "%s: %llu records were lost", path,
			     (unsigned long long)record.lost.count);
		if (record.type == TCPHS_EV_TIMEWAIT)
			take_timewait(&record);
		else
			take_transition(&record);
	}
	fclose(file);
}
