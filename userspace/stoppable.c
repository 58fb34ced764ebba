// SPDX-License-Identifier: GPL-2.0
/*
 * Waits for a file and for signals at once. Must not give a part of what was
 * read up.
 */
#include "stoppable.h"

#include <errno.h>
#include <poll.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool.h"

#define BUFFER_SIZE	65536
#define REGULAR_SIZE	262144

struct stoppable {
	int fd;
	char buffer[BUFFER_SIZE];	/* the stream's */
};

/* Return: whether there is something to read, before any signal. */
static bool wait_for_bytes(int fd)
{
	struct pollfd polls[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = stop_fd, .events = POLLIN },
	};

	while (poll(polls, 2, -1) < 0)
		if (errno != EINTR)
			return true;	/* read() tells what is wrong */
	if (polls[1].revents)
		stop_wanted = true;
	return !stop_wanted;
}

static ssize_t read_bytes(void *cookie, char *bytes, size_t size)
{
	const struct stoppable *stoppable = cookie;
	ssize_t count;

	do {
		if (stop_wanted || !wait_for_bytes(stoppable->fd))
			return 0;
		count = read(stoppable->fd, bytes, size);
	} while (count < 0 && (errno == EINTR || errno == EAGAIN));
	return count;
}

static int close_fd(void *cookie)
{
	struct stoppable *stoppable = cookie;
	int result = close(stoppable->fd);

	free(stoppable);
	return result;
}

static FILE *open_waiting(int fd)
{
	static const cookie_io_functions_t functions = {
		.read = read_bytes,
		.close = close_fd,
	};
	struct stoppable *stoppable = tool_alloc(sizeof(*stoppable));
	FILE *file;

	stoppable->fd = fd;
	file = fopencookie(stoppable, "r", functions);
	if (file)
		setvbuf(file, stoppable->buffer, _IOFBF, BUFFER_SIZE);
	return file;
}

/* Of a regular file nobody waits long; who reads it looks for signals himself. */
static FILE *open_regular(int fd)
{
	FILE *file = fdopen(fd, "r");

	if (file)
		setvbuf(file, NULL, _IOFBF, REGULAR_SIZE);
	return file;
}

FILE *stoppable_open(int fd)
{
	struct stat st;
	bool is_regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	FILE *file = is_regular ? open_regular(fd) : open_waiting(fd);

	if (!file) {
		complain("out of memory");
		exit(STATUS_FAILED);
	}
	__fsetlocking(file, FSETLOCKING_BYCALLER);
	return file;
}
