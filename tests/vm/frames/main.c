// SPDX-License-Identifier: GPL-2.0
/*
 * Frames at random, put into a TUN device behind which real sockets listen and call: half
 * of them what a TCP would answer, by the numbers that the sockets sent, half of them not
 * quite that, or anything. The events are read and followed meanwhile.
 *
 *	frames SEED COUNT DEVICE
 *
 * Says what was sent; its status is 1, and there are lines that begin with FAIL, where
 * events contradict each other. Does not look at what the kernel says of itself.
 */
#include "frames.h"
#include "../wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct counts counts;
static uint64_t state;
static int tun;

/* The generator splitmix64. */
uint64_t pick(uint64_t below)
{
	uint64_t z = state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	z ^= z >> 31;
	return below ? z % below : z;
}

bool chance(unsigned int percent)
{
	return pick(100) < percent;
}

void fill(uint8_t *at, size_t len)
{
	while (len--)
		*at++ = (uint8_t)pick(256);
}

void put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

uint32_t get16(const uint8_t *at)
{
	return (uint32_t)at[0] << 8 | at[1];
}

uint32_t get32(const uint8_t *at)
{
	return get16(at) << 16 | get16(at + 2);
}

void send_frame(const uint8_t *frame, size_t len)
{
	counts.frames++;
	if (write(tun, frame, len) != (ssize_t)len)
		counts.refused++;
}

static void take_answers(void)
{
	uint8_t frame[FRAME_MAX * 16];
	ssize_t len;

	while ((len = read(tun, frame, sizeof(frame))) > 0)
		take_answer(frame, (size_t)len);
}

static void step(void)
{
	struct flow *flow = pick_flow();
	struct segment seg;

	if (chance(3)) {
		send_noise(flow);
		return;
	}
	if (chance(25)) {	/* the conversation does not go on by it */
		struct flow aside = *flow;

		compose(&aside, &seg);
		seg.flow = flow;
		twist(&seg);
		counts.twisted++;
		pack(&seg, false);
		return;
	}
	compose(flow, &seg);
	counts.right++;
	pack(&seg, chance(80));
}

static pid_t start_log(bool *is_over)
{
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (!pid)
		exit(read_log(is_over));
	return pid;
}

int main(int argc, char **argv)
{
	unsigned long count;
	bool *is_over = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status = 1;
	pid_t log;

	if (argc != 4)
		errx(2, "usage: frames SEED COUNT DEVICE");
	state = strtoull(argv[1], NULL, 10);
	count = strtoul(argv[2], NULL, 10);
	tun = open_tun(argv[3], 0);
	fcntl(tun, F_SETFL, O_NONBLOCK);
	log = start_log(is_over);
	begin_flows();
	begin_sockets();
	while (counts.frames < count) {
		step();
		take_answers();
		if (chance(20))
			use_sockets();
	}
	end_sockets();
	__atomic_store_n(is_over, true, __ATOMIC_RELEASE);
	printf("seed %s: %lu frames, %lu in order, %lu twisted, %lu parts, ", argv[1],
	       counts.frames, counts.right, counts.twisted, counts.fragments);
	printf("%lu refused by the device; %lu answers, %lu accepted, %lu called\n",
	       counts.refused, counts.answers, counts.accepted, counts.connected);
	if (waitpid(log, &status, 0) != log)
		err(1, "wait");
	return status != 0;
}
