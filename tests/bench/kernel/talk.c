// SPDX-License-Identifier: GPL-2.0
/*
 * Connects, asks, answers and closes over loopback by kernel sockets, in the
 * writer's namespace, one connection after the other: what all of that takes,
 * whatever watches it. Never sleeps on the way: what is sent has arrived.
 */
#include <linux/in.h>
#include <linux/module.h>
#include <linux/net.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <linux/tcp.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "command.h"

#define FILE		"bench_talk"
#define PORT		8080
#define FIRST_ADDRESS	0x7f010001	/* 127.1.0.1; each has so many ports */
#define FIRST_PORT	2000
#define PORTS		16384
#define PASSES		3		/* the cheapest of them counts */

static unsigned int connections;	/* so far: no port is used twice */

struct pair {
	struct socket *client;
	struct socket *server;
};

static int make_socket(struct socket **sock, u32 address, u16 port)
{
	struct sockaddr_in here = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(address),
		.sin_port = htons(port),
	};
	int err;

	err = sock_create_kern(current->nsproxy->net_ns, AF_INET, SOCK_STREAM,
			       IPPROTO_TCP, sock);
	if (err)
		return err;
	sock_set_reuseaddr((*sock)->sk);
	tcp_sock_set_nodelay((*sock)->sk);
	err = kernel_bind(*sock, (struct sockaddr *)&here, sizeof(here));
	if (err)
		sock_release(*sock);
	return err;
}

static int make_listener(struct socket **listener)
{
	int err = make_socket(listener, INADDR_LOOPBACK, PORT);

	if (err)
		return err;
	err = kernel_listen(*listener, 128);
	if (err)
		sock_release(*listener);
	return err;
}

static int meet(struct socket *listener, struct pair *pair)
{
	struct sockaddr_in there = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons(PORT),
	};
	unsigned int n = connections++;
	int err;

	err = make_socket(&pair->client, FIRST_ADDRESS + n / PORTS,
			  FIRST_PORT + n % PORTS);
	if (err)
		return err;
	err = kernel_connect(pair->client, (struct sockaddr *)&there,
			     sizeof(there), O_NONBLOCK);
	if (!err || err == -EINPROGRESS)
		err = kernel_accept(listener, &pair->server, O_NONBLOCK);
	if (err)
		sock_release(pair->client);
	return err;
}

/* @len bytes from one end to the other. */
static int say(struct socket *from, struct socket *to, size_t len)
{
	static char text[64];
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL };
	struct kvec vec = { text, len };

	if (kernel_sendmsg(from, &msg, &vec, 1, len) != len)
		return -EIO;
	vec = (struct kvec){ text, len };
	if (kernel_recvmsg(to, &msg, &vec, 1, len, MSG_DONTWAIT) != len)
		return -EIO;
	return 0;
}

static void part(struct pair *pair)
{
	kernel_sock_shutdown(pair->client, SHUT_RDWR);
	kernel_sock_shutdown(pair->server, SHUT_RDWR);
	sock_release(pair->client);
	sock_release(pair->server);
}

/* Connect, request, response, close. */
static int talk_once(struct socket *listener)
{
	struct pair pair;
	int err;

	err = meet(listener, &pair);
	if (err)
		return err;
	err = say(pair.client, pair.server, 1);
	err = err ?: say(pair.server, pair.client, 1);
	part(&pair);
	return err;
}

static int talk_pass(struct socket *listener, unsigned long count, u64 *best)
{
	u64 start = bench_now();
	unsigned long n;
	int err = 0;

	for (n = 0; n < count && !err; n++)
		err = talk_once(listener);
	*best = min(*best, bench_now() - start);
	cond_resched();
	return err;
}

static int send_pass(struct pair *pair, unsigned long count, u64 *best)
{
	u64 start = bench_now();
	unsigned long n;
	int err = 0;

	for (n = 0; n < count && !err; n++)
		err = say(pair->client, pair->server, 64);
	*best = min(*best, bench_now() - start);
	cond_resched();
	return err;
}

/* talk COUNT [PASSES]: instructions for so many connections. */
static int run_talk(const unsigned long *arg, struct seq_buf *answer)
{
	unsigned long pass, passes = arg[1] ?: PASSES;
	struct socket *listener;
	u64 best = U64_MAX;
	int err;

	err = make_listener(&listener);
	if (err)
		return err;
	for (pass = 0; pass < passes && !err; pass++)
		err = talk_pass(listener, arg[0], &best);
	sock_release(listener);
	seq_buf_printf(answer, "%llu\n", best);
	return err;
}

/* send COUNT: instructions for so many times 64 bytes on one connection. */
static int run_send(const unsigned long *arg, struct seq_buf *answer)
{
	struct socket *listener;
	u64 best = U64_MAX;
	unsigned int pass;
	struct pair pair;
	int err;

	err = make_listener(&listener);
	if (err)
		return err;
	err = meet(listener, &pair);
	if (err)
		goto listener;
	for (pass = 0; pass < PASSES && !err; pass++)
		err = send_pass(&pair, arg[0], &best);
	part(&pair);
	seq_buf_printf(answer, "%llu\n", best);
listener:
	sock_release(listener);
	return err;
}

static const struct bench_word words[] = {
	{ "talk", run_talk },
	{ "send", run_send },
	{ }
};

static int __init init_talk(void)
{
	return bench_open(FILE, words);
}

static void __exit exit_talk(void)
{
	bench_close(FILE);
}

module_init(init_talk);
module_exit(exit_talk);

MODULE_DESCRIPTION("Talks to itself by kernel sockets");
MODULE_LICENSE("GPL");
