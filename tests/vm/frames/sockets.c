// SPDX-License-Identifier: GPL-2.0
/*
 * Real sockets behind the wire: some listen, some call, all of them talk and close as they
 * like. Never waits for anything.
 */
#include "frames.h"

#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOCKETS	48

static int listener;
static int sockets[SOCKETS];

void begin_sockets(void)
{
	struct sockaddr_in6 here = {
		.sin6_family = AF_INET6, .sin6_port = htons(SERVED_PORT),
	};
	unsigned int i;

	listener = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)&here, sizeof(here)) ||
	    listen(listener, 16))
		err(1, "listen");
	for (i = 0; i < SOCKETS; i++)
		sockets[i] = -1;
}

/* By FIN, or at once: by RST. */
static void end_socket(int fd, bool at_once)
{
	const struct linger now = { 1, 0 };

	if (fd < 0)
		return;
	if (at_once)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

static void keep(int fd)
{
	unsigned int i = (unsigned int)pick(SOCKETS);

	if (fd < 0)
		return;
	end_socket(sockets[i], chance(20));
	sockets[i] = fd;
}

static void take_calls(void)
{
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return;
	counts.accepted++;
	keep(fd);
}

static int call(void)
{
	struct sockaddr_in far = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)(CALLED_PORT + pick(64))),
		.sin_addr.s_addr = htonl(0x0a010002),
	};
	struct sockaddr_in6 far6 = { .sin6_family = AF_INET6, .sin6_port = far.sin_port };
	bool is_four = chance(60);
	int fd = socket(is_four ? AF_INET : AF_INET6,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET6, "fd01::2", &far6.sin6_addr);
	if (fd < 0)
		return -1;
	if (is_four)
		connect(fd, (struct sockaddr *)&far, sizeof(far));
	else
		connect(fd, (struct sockaddr *)&far6, sizeof(far6));
	return fd;
}

/* One thing that a program might do. */
void use_sockets(void)
{
	unsigned int i = (unsigned int)pick(SOCKETS);
	char room[2048] = "";

	take_calls();
	switch (pick(8)) {
	case 0:
		keep(call());
		break;
	case 1:
		shutdown(sockets[i], SHUT_WR);
		break;
	case 2:
		end_socket(sockets[i], chance(30));
		sockets[i] = -1;
		break;
	case 3:
	case 4:
		if (send(sockets[i], room, 1 + pick(sizeof(room)), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			break;
		break;
	default:
		if (recv(sockets[i], room, sizeof(room), MSG_DONTWAIT) < 0)
			break;
	}
}

void end_sockets(void)
{
	unsigned int i;

	for (i = 0; i < SOCKETS; i++)
		end_socket(sockets[i], chance(50));
	close(listener);
}
