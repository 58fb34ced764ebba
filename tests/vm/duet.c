// SPDX-License-Identifier: GPL-2.0
/*
 * Both ends of conversations that a router forwards, between 10.1/16 and 10.2.0.1:80, as a
 * TUN device brings them; by two threads, on two CPUs, where the point is that they meet.
 *
 *	duet clash COUNT	the same SYNs, from both at once
 *	duet cross COUNT	one thread is all clients, the other all servers
 *	duet hold COUNT		that many are opened
 *	duet close COUNT	opened and closed, but for the last ACKs: these once a
 *				line comes in
 *	duet flood		SYNs of strangers until it is killed
 *
 * Has no opinion.
 */
#include "wire.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define BLOCK	32	/* conversations at a time: small, so that the threads meet */
#define DATA	100
#define PIECES	4

#define FIN	0x01
#define SYN	0x02
#define ACK	0x10

#define SERVER	0x0a020001
#define CLIENTS	0x0a010000
#define SPREAD	60000	/* addresses of clients */

enum side { CLIENT, SERVING };

static int queue[2];
static unsigned long count;
static pthread_barrier_t barrier;

static void put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

/* The first number of each end. */
static uint32_t first(unsigned long n, enum side side)
{
	return (uint32_t)n * (side ? 104729 : 7919);
}

static void put_ip(uint8_t *at, unsigned long n, enum side from, size_t len)
{
	uint32_t client = CLIENTS + (uint32_t)(n % SPREAD) + 2;

	memset(at, 0, 20);
	at[0] = 0x45;
	put16(at + 2, (uint32_t)len);
	put16(at + 6, 0x4000);
	at[8] = 64;
	at[9] = IPPROTO_TCP;
	put32(at + 12, from ? SERVER : client);
	put32(at + 16, from ? client : SERVER);
	put_ip_checksum(at, len);
}

/* @sent, @got: bytes and flags that count, behind the first numbers. */
static void say(enum side from, unsigned long n, uint8_t flags, uint32_t sent, uint32_t got,
		size_t data)
{
	uint8_t packet[40 + DATA] = { 0 }, *tcp = packet + 20;
	uint32_t port = 1024 + (uint32_t)(n / SPREAD);

	put_ip(packet, n, from, 40 + data);
	put16(tcp, from ? 80 : port);
	put16(tcp + 2, from ? port : 80);
	put32(tcp + 4, first(n, from) + sent);
	put32(tcp + 8, flags & ACK ? first(n, !from) + got : 0);
	put16(tcp + 12, 0x5000 | flags);
	put16(tcp + 14, 0xffff);
	put_checksum_behind(packet, 40 + data, 20, IPPROTO_TCP);
	if (write(queue[from], packet, 40 + data) < 0)
		err(1, "write");
}

/* ---- two at once ---- */

static void pin(enum side side)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(side, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(1, "CPU %u", side);
}

/* In each block both threads say the same, each over its own queue. */
static void clash(enum side side, unsigned long from, unsigned long to)
{
	uint8_t packet[40], *tcp = packet + 20;
	unsigned long n;

	for (n = from; n < to; n++) {
		memset(packet, 0, sizeof(packet));
		put_ip(packet, n, CLIENT, 40);
		put16(tcp, 1024 + (uint32_t)(n / SPREAD));
		put16(tcp + 2, 80);
		put32(tcp + 4, first(n, CLIENT));
		put16(tcp + 12, 0x5000 | SYN);
		put16(tcp + 14, 0xffff);
		put_checksum_behind(packet, 40, 20, IPPROTO_TCP);
		if (write(queue[side], packet, 40) < 0)
			err(1, "write");
	}
}

/* Its own part of a step of the conversation: see cross(). */
static void cross_step(enum side side, unsigned long n, unsigned int step)
{
	const uint32_t all = 1 + PIECES * DATA;
	unsigned int i;

	switch (step) {
	case 0:
		if (side == CLIENT)
			say(side, n, SYN, 0, 0, 0);
		break;
	case 1:
		if (side == SERVING)
			say(side, n, SYN | ACK, 0, 1, 0);
		break;
	case 2:
		if (side == CLIENT)
			say(side, n, ACK, 1, 1, 0);
		break;
	case 3:
		for (i = 0; i < PIECES; i++)
			say(side, n, ACK, 1 + i * DATA, 1, DATA);
		break;
	case 4:
		say(side, n, FIN | ACK, all, 1, 0);
		break;
	case 5:
		say(side, n, ACK, all + 1, all + 1, 0);
		break;
	}
}

/* A handshake in turn; then both at once: data, FINs that cross, and their ACKs. */
static void cross(enum side side, unsigned long from, unsigned long to)
{
	unsigned long n;
	unsigned int step;

	for (step = 0; step < 6; step++) {
		for (n = from; n < to; n++)
			cross_step(side, n, step);
		pthread_barrier_wait(&barrier);
	}
}

static void (*play)(enum side side, unsigned long from, unsigned long to);

static void *take_side(void *arg)
{
	enum side side = arg ? SERVING : CLIENT;
	unsigned long n;

	pin(side);
	for (n = 0; n < count; n += BLOCK) {
		pthread_barrier_wait(&barrier);
		play(side, n, n + BLOCK < count ? n + BLOCK : count);
	}
	return NULL;
}

static void play_both(void)
{
	static const bool is_other = true;
	pthread_t other;

	pthread_barrier_init(&barrier, NULL, 2);
	if (pthread_create(&other, NULL, take_side, (void *)&is_other))
		errx(1, "no thread");
	take_side(NULL);
	pthread_join(other, NULL);
}

/* ---- many ---- */

static void open_one(unsigned long n)
{
	say(CLIENT, n, SYN, 0, 0, 0);
	say(SERVING, n, SYN | ACK, 0, 1, 0);
	say(CLIENT, n, ACK, 1, 1, 0);
}

static void hold(void)
{
	unsigned long n;

	for (n = 0; n < count; n++)
		open_one(n);
}

static void close_all(void)
{
	unsigned long n;

	for (n = 0; n < count; n++) {
		open_one(n);
		say(CLIENT, n, FIN | ACK, 1, 1, 0);
		say(SERVING, n, FIN | ACK, 1, 2, 0);
	}
	puts("ready");
	fflush(stdout);
	if (getchar() == EOF)
		errx(1, "nobody says when");
	for (n = 0; n < count; n++)
		say(CLIENT, n, ACK, 2, 2, 0);
}

static void flood(void)
{
	unsigned long n;

	for (n = SPREAD * 100UL;; n++) {
		say(CLIENT, n % (SPREAD * 60000UL), SYN, 0, 0, 0);
		if (n % BLOCK == 0)
			usleep(1000);	/* others have something to do as well */
	}
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	bool is_double = strcmp(what, "clash") == 0 || strcmp(what, "cross") == 0;

	count = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
	queue[0] = open_tun("tun0", is_double ? IFF_MULTI_QUEUE : 0);
	queue[1] = is_double ? open_tun("tun0", IFF_MULTI_QUEUE) : queue[0];
	play = strcmp(what, "clash") == 0 ? clash : cross;
	if (is_double)
		play_both();
	else if (strcmp(what, "hold") == 0)
		hold();
	else if (strcmp(what, "close") == 0)
		close_all();
	else if (strcmp(what, "flood") == 0)
		flood();
	else
		errx(2, "usage: duet clash|cross|hold|close COUNT | flood");
	return 0;
}
