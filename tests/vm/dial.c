// SPDX-License-Identifier: GPL-2.0
/*
 * One connect() with just the port and the first number that are wanted, then a
 * close: dial [-b PORT] [-i ISN] ADDRESS PORT prints "connected" or the error's
 * name. Or the other end: dial -l PORT [-s] takes one connection and keeps it until
 * SIGTERM, then closes it, or with -s sends to it. Has no opinion.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void set(int fd, int level, int option, int value)
{
	if (setsockopt(fd, level, option, &value, sizeof(value)) < 0)
		err(1, "setsockopt %d %d", level, option);
}

static void bind_port(int fd, const char *port)
{
	struct sockaddr_in own = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)),
	};

	set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (bind(fd, (struct sockaddr *)&own, sizeof(own)) < 0)
		err(1, "bind to port %s", port);
}

/* A socket that was under repair takes its first number from its queue. */
static void set_isn(int fd, const char *isn)
{
	set(fd, IPPROTO_TCP, TCP_REPAIR, TCP_REPAIR_ON);
	set(fd, IPPROTO_TCP, TCP_REPAIR_QUEUE, TCP_SEND_QUEUE);
	set(fd, IPPROTO_TCP, TCP_QUEUE_SEQ, (int)strtoul(isn, NULL, 0));
	set(fd, IPPROTO_TCP, TCP_REPAIR, TCP_REPAIR_OFF_NO_WP);
}

static int refuse(void)
{
	errx(2, "usage: dial [-b PORT] [-i ISN] ADDRESS PORT | -l PORT [-s]");
}

static int call(int fd, const char *address, const char *port)
{
	struct sockaddr_in peer = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)),
	};

	if (inet_pton(AF_INET, address, &peer.sin_addr) != 1)
		return refuse();
	if (connect(fd, (struct sockaddr *)&peer, sizeof(peer)) < 0)
		puts(strerrorname_np(errno));
	else
		puts("connected");
	return 0;
}

static int answer(int listener, bool sends)
{
	sigset_t set;
	int fd, number;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (listen(listener, 1) < 0)
		err(1, "listen");
	fd = accept(listener, NULL, NULL);
	if (fd < 0)
		err(1, "accept");
	sigwait(&set, &number);
	if (sends && send(fd, "!", 1, MSG_NOSIGNAL) < 0)
		err(1, "send");
	return 0;
}

int main(int argc, char **argv)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool listens = false, sends = false;
	int option;

	if (fd < 0)
		err(1, "socket");
	while ((option = getopt(argc, argv, "b:i:l:s")) != -1)
		switch (option) {
		case 'b':
			bind_port(fd, optarg);
			break;
		case 'i':
			set_isn(fd, optarg);
			break;
		case 'l':
			bind_port(fd, optarg);
			listens = true;
			break;
		case 's':
			sends = true;
			break;
		default:
			return refuse();
		}
	if (listens)
		return answer(fd, sends);
	if (argc - optind != 2)
		return refuse();
	return call(fd, argv[optind], argv[optind + 1]);
}
