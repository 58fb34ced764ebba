// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets in two namespaces: how they are made, accepted, looked up and
 * destroyed. Knows no script.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "traffic.h"

#define BACKLOG		4096
#define DOORS_STEP	16	/* ports from one worker's doors to the next's */

static const struct place *here;
static int netns[2], diag[2];
static struct sockaddr_storage own, target;
static socklen_t length;
static int listeners[DOORS];
static uint16_t doors;
static int queue;
static int entered = -1;

static void enter(unsigned int side)
{
	if (entered == (int)side)
		return;
	if (setns(netns[side], CLONE_NEWNET) < 0)
		err(1, "setns %s", here->netns[side]);
	entered = (int)side;
}

/* An address with a dot and a colon is IPv4 as an IPv6 socket sees it. */
static socklen_t read_address(const char *text, struct sockaddr_storage *addr)
{
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)addr;
	struct sockaddr_in *four = (struct sockaddr_in *)addr;

	memset(addr, 0, sizeof(*addr));
	if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
		addr->ss_family = AF_INET;
		return sizeof(*four);
	}
	if (inet_pton(AF_INET6, text, &six->sin6_addr) != 1)
		errx(2, "not an address: %s", text);
	addr->ss_family = AF_INET6;
	return sizeof(*six);
}

/* The port stands at the same place in both families. */
static void set_port(struct sockaddr_storage *addr, uint16_t port)
{
	((struct sockaddr_in *)addr)->sin_port = htons(port);
}

static uint16_t get_port(const struct sockaddr_storage *addr)
{
	return ntohs(((const struct sockaddr_in *)addr)->sin_port);
}

int net_socket(unsigned int side)
{
	int fd, one = 1;

	enter(side);
	fd = socket(own.ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (fd < 0)
		err(1, "socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_OOBINLINE, &one, sizeof(one));
	return fd;
}

static void set_option(int fd, int level, int option, int value)
{
	if (setsockopt(fd, level, option, &value, sizeof(value)) < 0)
		err(1, "setsockopt %d %d", level, option);
}

static void set_up_door(int fd, enum door door)
{
	switch (door) {
	case DOOR_DEFER:
		set_option(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, 1);
		break;
	case DOOR_EARLY:
		set_option(fd, IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE, 1);
		set_option(fd, IPPROTO_TCP, TCP_FASTOPEN, BACKLOG);
		break;
	case DOOR_FAST:
		set_option(fd, IPPROTO_TCP, TCP_FASTOPEN, BACKLOG);
		break;
	case DOOR_SMALL:
		set_option(fd, SOL_SOCKET, SO_RCVBUF, 4096);
		break;
	default:
		break;
	}
}

static void open_door(enum door door)
{
	struct sockaddr_storage any = { .ss_family = own.ss_family };
	int fd = net_socket(SERVER);

	set_up_door(fd, door);
	set_port(&any, (uint16_t)(doors + door));
	if (bind(fd, (struct sockaddr *)&any, length) < 0 ||
	    listen(fd, door == DOOR_FULL ? 1 : BACKLOG) < 0)
		err(1, "listen on %d", doors + door);
	listeners[door] = fd;
}

void net_open(const struct place *place, unsigned int worker)
{
	here = place;
	length = read_address(place->address[SERVER], &target);
	if (read_address(place->address[CLIENT], &own) != length)
		errx(2, "addresses of two families");
	doors = (uint16_t)(place->first_door + worker * DOORS_STEP);
	for (unsigned int side = CLIENT; side <= SERVER; side++) {
		char path[128];

		snprintf(path, sizeof(path), "/run/netns/%s", place->netns[side]);
		netns[side] = open(path, O_RDONLY);
		if (netns[side] < 0)
			err(1, "%s", path);
		enter(side);
		diag[side] = socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);
		if (diag[side] < 0)
			err(1, "sock_diag");
	}
	queue = 1 + (int)worker;
	enter(CLIENT);
	hold_open((uint16_t)queue);
	for (unsigned int door = 0; door < DOORS; door++)
		open_door(door);
}

void net_close(void)
{
	for (unsigned int door = 0; door < DOORS; door++)
		close(listeners[door]);
}

int net_listener(enum door door)
{
	return listeners[door];
}

int net_bind_client(struct conn *conn)
{
	struct sockaddr_storage from = own;
	int fd = net_socket(CLIENT);

	set_port(&from, conn->port);
	if (bind(fd, (struct sockaddr *)&from, length) < 0)
		err(1, "bind to port %d", conn->port);
	return fd;
}

socklen_t net_target(const struct conn *conn, struct sockaddr_storage *to)
{
	*to = target;
	set_port(to, (uint16_t)(doors + conn->door));
	return length;
}

/* Whose the port is tells whose connection it is, also behind NAT. */
int net_accept(enum door door, uint16_t *port)
{
	struct sockaddr_storage from;
	socklen_t size = sizeof(from);
	int fd = accept4(listeners[door], (struct sockaddr *)&from, &size,
			 SOCK_NONBLOCK);

	if (fd >= 0)
		*port = get_port(&from);
	return fd;
}

int net_set_tos(int fd, int tos)
{
	setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof(tos));
	return setsockopt(fd, IPPROTO_IP, IP_TOS, &tos, sizeof(tos));
}

/* By the rules of the scenario, what bears a mark goes to the queue of its number. */
void net_set_held(int fd, bool held)
{
	set_option(fd, SOL_SOCKET, SO_MARK, held ? queue : 0);
}

struct question {
	struct nlmsghdr head;
	struct inet_diag_req_v2 req;
};

static void put_address(uint32_t *to, const struct sockaddr_storage *addr)
{
	if (addr->ss_family == AF_INET)
		memcpy(to, &((const struct sockaddr_in *)addr)->sin_addr, 4);
	else
		memcpy(to, &((const struct sockaddr_in6 *)addr)->sin6_addr, 16);
}

/* The end's tuple, as its own namespace knows it. */
static void name_end(const struct conn *conn, unsigned int side,
		     struct inet_diag_sockid *id)
{
	struct sockaddr_storage local, remote;
	socklen_t size = sizeof(local);
	int fd = conn->end[side].fd;

	id->idiag_cookie[0] = INET_DIAG_NOCOOKIE;
	id->idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	if (side == CLIENT) {
		local = own;
		set_port(&local, conn->port);
		net_target(conn, &remote);
	} else if (getsockname(fd, (struct sockaddr *)&local, &size) < 0 ||
		   getpeername(fd, (struct sockaddr *)&remote, &size) < 0) {
		return;
	}
	put_address(id->idiag_src, &local);
	put_address(id->idiag_dst, &remote);
	id->idiag_sport = htons(get_port(&local));
	id->idiag_dport = htons(get_port(&remote));
}

/* Asks sock_diag; returns 0, or what it says is wrong. */
static int ask(const struct conn *conn, unsigned int side, uint16_t type,
	       uint16_t flags)
{
	struct question question = {
		.head = {
			.nlmsg_len = sizeof(question),
			.nlmsg_type = type,
			.nlmsg_flags = NLM_F_REQUEST | flags,
		},
		.req = {
			.sdiag_family = (uint8_t)own.ss_family,
			.sdiag_protocol = IPPROTO_TCP,
			.idiag_states = ~0U,
		},
	};
	char buf[8192];
	struct nlmsghdr *answer = (struct nlmsghdr *)buf;

	name_end(conn, side, &question.req.id);
	if (send(diag[side], &question, sizeof(question), 0) < 0 ||
	    recv(diag[side], buf, sizeof(buf), 0) < 0)
		err(1, "sock_diag");
	if (answer->nlmsg_type != NLMSG_ERROR)
		return 0;
	return -((struct nlmsgerr *)NLMSG_DATA(answer))->error;
}

/* Whether a socket, or what TIME_WAIT left of it, is still there. */
bool net_has_socket(const struct conn *conn, unsigned int side)
{
	return ask(conn, side, SOCK_DIAG_BY_FAMILY, 0) != ENOENT;
}

/* As ss -K does it. */
bool net_kill(const struct conn *conn, unsigned int side)
{
	int wrong = ask(conn, side, SOCK_DESTROY, NLM_F_ACK);

	if (wrong && wrong != ENOENT)
		errx(1, "SOCK_DESTROY: %s", strerror(wrong));
	return !wrong;
}
