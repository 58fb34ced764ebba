// SPDX-License-Identifier: GPL-2.0
/*
 * Reads /dev/tcphs and counts, for each CPU, the events read and those reported
 * lost: tally FILE [PAUSE [ADDRESS]]. FILE is mapped and holds the counts at every moment,
 * whatever becomes of the process; PAUSE is how many microseconds it sleeps after
 * each read. Behind the CPUs' counts stand its place at the start, and how many
 * events were of a client with this IPv4 address. At SIGINT it reads what is left
 * and ends.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/tcphs.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define CPUS	8
#define BATCH	64

enum { START = CPUS, OF_CLIENT, COUNTS };

struct counts {
	uint64_t read;
	uint64_t lost;
};

static volatile sig_atomic_t stopped;
static struct in_addr client;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

static struct counts *map_counts(const char *path)
{
	size_t size = COUNTS * sizeof(struct counts);
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
	void *counts;

	if (fd < 0 || ftruncate(fd, (off_t)size))
		err(1, "%s", path);
	counts = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (counts == MAP_FAILED)
		err(1, "mmap");
	return counts;
}

static void count(struct counts *counts, const struct tcphs_record *rec)
{
	if (rec->cpu >= CPUS)
		errx(1, "a record of CPU %u", rec->cpu);
	if (rec->type == TCPHS_EV_LOST)
		counts[rec->cpu].lost += rec->lost.count;
	else
		counts[rec->cpu].read++;
	if (rec->type != TCPHS_EV_LOST &&
	    !memcmp(rec->addr[0], &client, sizeof(client)))
		counts[OF_CLIENT].read++;
}

/* Until it is stopped, then what is left. */
static void tally(int fd, struct counts *counts, useconds_t pause)
{
	static struct tcphs_record batch[BATCH];
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	ssize_t n;

	for (;;) {
		n = read(fd, batch, sizeof(batch));
		if (n < 0 && errno != EAGAIN)
			err(1, "read");
		for (ssize_t i = 0; i < n / (ssize_t)sizeof(batch[0]); i++)
			count(counts, &batch[i]);
		if (n > 0 && pause && !stopped)
			usleep(pause);
		if (n > 0)
			continue;
		if (stopped)
			return;
		poll(&ready, 1, 100);
	}
}

int main(int argc, char **argv)
{
	struct counts *counts;
	int fd = open("/dev/tcphs", O_RDONLY | O_NONBLOCK);

	if (argc < 2)
		errx(2, "usage: tally FILE [PAUSE]");
	if (fd < 0)
		err(1, "/dev/tcphs");
	if (argc > 3 && !inet_aton(argv[3], &client))
		errx(2, "no address: %s", argv[3]);
	signal(SIGINT, stop);
	counts = map_counts(argv[1]);
	counts[START].read = (uint64_t)lseek(fd, 0, SEEK_CUR);
	tally(fd, counts, argc > 2 ? (useconds_t)strtoul(argv[2], NULL, 10) : 0);
	return 0;
}
