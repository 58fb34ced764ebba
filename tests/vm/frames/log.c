// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the events meanwhile: each connection's states follow one another, its moments do
 * not go back, and what was read and what was lost is all. Knows nothing of frames.
 */
#include "frames.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/tcphs.h>

#define SLOTS	65536	/* by the end of the id: an older one gives way */

static struct known {
	__u64 id, ts_ns;
	__u8 state[2];
} known[SLOTS];

static unsigned long long taken, lost, followed, ends, wrong;

static void blame(const struct tcphs_record *rec, const char *what, unsigned int was)
{
	printf("FAIL: event %llu of connection %llu: %s (%u, %u>%u, side %u)\n",
	       (unsigned long long)rec->seq, (unsigned long long)rec->conn_id, what, was,
	       rec->transition.old_state, rec->transition.new_state, rec->transition.side);
	wrong++;
}

static void follow(struct known *conn, const struct tcphs_record *rec)
{
	const struct tcphs_ev_transition *ev = &rec->transition;
	__u8 *state = &conn->state[ev->side & 1];

	if (ev->side > TCPHS_SERVER || ev->new_state > TCPHS_CLOSING)
		blame(rec, "no such side, or state", ev->side);
	else if (*state != 0xff && *state != ev->old_state)
		blame(rec, "it was in another state", *state);
	*state = ev->new_state;
	followed++;
}

static void note(const struct tcphs_record *rec)
{
	struct known *conn = &known[rec->conn_id % SLOTS];

	if (conn->id != rec->conn_id)
		*conn = (struct known){ rec->conn_id, 0, { 0xff, 0xff } };
	if (rec->ts_ns < conn->ts_ns)
		blame(rec, "before its last", 0);
	conn->ts_ns = rec->ts_ns;
	if (rec->type == TCPHS_EV_TRANSITION)
		follow(conn, rec);
	if (rec->type == TCPHS_EV_CONNECTION) {
		conn->id = 0;
		ends++;
	}
}

static void take(const struct tcphs_record *rec, long n)
{
	for (; n; n--, rec++) {
		if (rec->seq != taken + lost)
			blame(rec, "a number is missing", 0);
		if (rec->type == TCPHS_EV_LOST) {
			lost += rec->lost.count;
			memset(known, 0, sizeof(known));
			continue;
		}
		taken++;
		note(rec);
	}
}

int read_log(const bool *is_over)
{
	int fd = open("/dev/tcphs", O_RDONLY | O_NONBLOCK);
	struct pollfd wait = { fd, POLLIN, 0 };
	struct tcphs_record records[64];
	struct tcphs_info info;
	long got;

	if (fd < 0)
		err(1, "/dev/tcphs");
	do {
		poll(&wait, 1, 100);
		while ((got = read(fd, records, sizeof(records))) > 0)
			take(records, got / (long)sizeof(*records));
		if (!got || errno != EAGAIN || ioctl(fd, TCPHS_IOC_INFO, &info))
			err(1, "FAIL: read");
	} while (!__atomic_load_n(is_over, __ATOMIC_ACQUIRE) || info.place != info.produced);
	printf("%llu events read, %llu lost, %llu produced; ", taken, lost,
	       (unsigned long long)info.produced);
	printf("%llu transitions in order, %llu connections over\n", followed, ends);
	return wrong || taken + lost != info.produced;
}
