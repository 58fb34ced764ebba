// SPDX-License-Identifier: GPL-2.0
/*
 * What goes on beside the fuzzer: connections over loopback, and one reader who does what
 * the UAPI header says. Nothing here is left to chance.
 */
#include "fuzz.h"

#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static bool is_over(void)
{
	return __atomic_load_n(&tally->is_over, __ATOMIC_ACQUIRE);
}

static int new_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		err(1, "socket");
	return fd;
}

/* Every other one is reset. Each has an address of its own: ports last. */
static void connect_once(int listener, const struct sockaddr_in *there, uint32_t n)
{
	struct sockaddr_in own = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f010001 + n % 0x10000),
	};
	const struct linger now = { 1, 0 };
	int client = new_socket(), server;

	if (bind(client, (struct sockaddr *)&own, sizeof(own)) ||
	    connect(client, (const struct sockaddr *)there, sizeof(*there)))
		err(1, "connect");
	server = accept(listener, NULL, NULL);
	if (server < 0)
		err(1, "accept");
	if (n % 2)
		setsockopt(client, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(client);
	close(server);
}

int make_traffic(void)
{
	struct sockaddr_in there = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(there);
	int listener = new_socket();
	uint32_t n = 0;

	if (bind(listener, (struct sockaddr *)&there, len) || listen(listener, 16) ||
	    getsockname(listener, (struct sockaddr *)&there, &len))
		err(1, "listen");
	while (!is_over()) {
		connect_once(listener, &there, n++);
		usleep(10000);
	}
	return 0;
}

static struct tcphs_info info_of(int fd)
{
	struct tcphs_info info;

	if (ioctl(fd, TCPHS_IOC_INFO, &info))
		err(1, "TCPHS_IOC_INFO");
	return info;
}

struct count {
	unsigned long long read, lost;
};

/* Records in order, and none left out but what is told. */
static void count_records(struct count *count, const struct tcphs_record *rec, long n)
{
	for (; n; n--, rec++) {
		if (rec->seq != count->read + count->lost)
			errx(1, "FAIL: event %llu has number %llu", count->read + count->lost,
			     (unsigned long long)rec->seq);
		if (rec->type == TCPHS_EV_LOST)
			count->lost += rec->lost.count;
		else
			count->read++;
	}
}

/* To the end of what there is: which is all, when nothing is left of what was produced. */
int read_sanely(void)
{
	int fd = open("/dev/tcphs", O_RDONLY | O_NONBLOCK);
	struct pollfd wait = { fd, POLLIN, 0 };
	struct tcphs_record records[64];
	struct count count = { 0, 0 };
	struct tcphs_info info;
	long got;

	if (fd < 0)
		err(1, "/dev/tcphs");
	do {
		poll(&wait, 1, 100);
		while ((got = read(fd, records, sizeof(records))) > 0)
			count_records(&count, records, got / (long)sizeof(*records));
		if (!got || errno != EAGAIN)
			err(1, "FAIL: read");
		info = info_of(fd);
	} while (!is_over() || info.place != info.produced);
	if (count.read + count.lost != info.produced || count.lost != info.lost)
		errx(1, "FAIL: %llu read, %llu lost, %llu produced", count.read, count.lost,
		     (unsigned long long)info.produced);
	printf("beside it %llu events read, %llu lost, %llu produced\n", count.read, count.lost,
	       (unsigned long long)info.produced);
	return 0;
}
