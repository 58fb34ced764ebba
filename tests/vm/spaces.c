// SPDX-License-Identifier: GPL-2.0
/*
 * Namespaces that come and go: in each a connection over loopback and a reader that
 * has opened and mapped the device; the namespace is left, and the reader has to
 * come to the end of its stream, as nothing else keeps it.
 *
 *	spaces COUNT [WORKERS]
 *
 * prints how many there were and what was read; status 1 and why, if a stream did
 * not end, or did not add up.
 */
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/tcphs.h>

#define PATIENCE_MS	60000	/* of the guest's time, for a namespace to go */

struct reader {
	int fd;
	const struct tcphs_ring_page *map;
	size_t map_bytes;
};

static void raise_loopback(int fd)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };

	if (ioctl(fd, SIOCSIFFLAGS, &lo))
		err(1, "lo");
}

/* Both ends close, so that a TIME_WAIT is left behind. */
static void connect_once(void)
{
	struct sockaddr_in here = {
		.sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) },
	};
	socklen_t len = sizeof(here);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	int client = socket(AF_INET, SOCK_STREAM, 0), server;
	char byte;

	raise_loopback(listener);
	if (bind(listener, (struct sockaddr *)&here, len) || listen(listener, 1) ||
	    getsockname(listener, (struct sockaddr *)&here, &len) ||
	    connect(client, (struct sockaddr *)&here, len))
		err(1, "connection");
	server = accept(listener, NULL, NULL);
	close(client);
	if (read(server, &byte, 1))
		errx(1, "no end of the connection");
	close(server);
	close(listener);
}

static struct tcphs_info info_of(int fd)
{
	struct tcphs_info info;

	if (ioctl(fd, TCPHS_IOC_INFO, &info))
		err(1, "TCPHS_IOC_INFO");
	return info;
}

static struct reader begin_reading(void)
{
	struct reader reader = { .fd = open("/dev/tcphs", O_RDONLY) };

	if (reader.fd < 0)
		err(1, "/dev/tcphs");
	reader.map_bytes = info_of(reader.fd).map_bytes;
	reader.map = mmap(NULL, reader.map_bytes, PROT_READ, MAP_SHARED, reader.fd, 0);
	if (reader.map == MAP_FAILED)
		err(1, "mmap");
	return reader;
}

/* Until nothing will come any more: so many events, of which one was a record's end. */
static unsigned long long read_to_end(struct reader *reader)
{
	struct pollfd wait = { reader->fd, POLLIN, 0 };
	unsigned long long n = 0, ended = 0;
	struct tcphs_record record;
	ssize_t got;

	do {
		if (poll(&wait, 1, PATIENCE_MS) != 1)
			errx(1, "the namespace did not go");
		got = read(reader->fd, &record, sizeof(record));
		if (got < 0)
			err(1, "read");
		n += got ? record.type == TCPHS_EV_LOST ? record.lost.count : 1 : 0;
		ended += got && record.type == TCPHS_EV_CONNECTION;
	} while (got);
	if (n != info_of(reader->fd).produced || ended != 1)
		errx(1, "%llu events read, %llu ends", n, ended);
	return n;
}

/* The mapping outlives all of it. */
static unsigned long long end_reading(struct reader *reader)
{
	unsigned long long n = read_to_end(reader);

	close(reader->fd);
	if (!reader->map->head && n && reader->map->cpu)
		errx(1, "the mapping is not what it was");
	munmap((void *)reader->map, reader->map_bytes);
	return n;
}

static void work(unsigned int count, int result)
{
	unsigned long long events = 0;
	struct reader reader;
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (unshare(CLONE_NEWNET))
			err(1, "unshare");
		reader = begin_reading();
		connect_once();
		if (unshare(CLONE_NEWNET))
			err(1, "unshare");
		events += end_reading(&reader);
	}
	if (write(result, &events, sizeof(events)) != sizeof(events))
		err(1, "pipe");
}

int main(int argc, char **argv)
{
	unsigned int count = argc > 1 ? (unsigned int)atoi(argv[1]) : 0;
	unsigned int workers = argc > 2 ? (unsigned int)atoi(argv[2]) : 1, i;
	unsigned long long events, sum = 0;
	int result[2], status, failed = 0;

	if (!count || !workers || pipe(result))
		errx(2, "usage: spaces COUNT [WORKERS]");
	for (i = 0; i < workers; i++) {
		if (fork() == 0) {
			work(count / workers, result[1]);
			return 0;
		}
	}
	close(result[1]);
	while (wait(&status) > 0)
		failed |= status;
	while (read(result[0], &events, sizeof(events)) == sizeof(events))
		sum += events;
	printf("%u namespaces came and went, %llu events read from them\n",
	       2 * (count / workers) * workers, sum);
	return !!failed;
}
