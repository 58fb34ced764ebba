// SPDX-License-Identifier: GPL-2.0
/*
 * Opens what lines are appended to. Must not cut off what tcphs has not
 * written.
 */
#include "linefile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool.h"

#define LINE_BEGIN	"{\"v\":1,"
#define LINE_MAX_BYTES	4096		/* no line comes near */

/*
 * How many bytes of half a line stand at the end, 0 if it is whole; -1: they
 * are not a line of ours.
 */
static ssize_t find_half(int fd, off_t size)
{
	char tail[LINE_MAX_BYTES];
	size_t want = size < LINE_MAX_BYTES ? (size_t)size : LINE_MAX_BYTES;
	const char *end, *begin;
	size_t half, common;

	if (pread(fd, tail, want, size - (off_t)want) != (ssize_t)want)
		return -1;
	end = memrchr(tail, '\n', want);
	if (!end && want == LINE_MAX_BYTES)
		return -1;
	begin = end ? end + 1 : tail;
	half = (size_t)(tail + want - begin);
	common = half < strlen(LINE_BEGIN) ? half : strlen(LINE_BEGIN);
	return memcmp(begin, LINE_BEGIN, common) == 0 ? (ssize_t)half : -1;
}

static bool mend_half(const char *path, int fd, off_t size)
{
	ssize_t half = size ? find_half(fd, size) : 0;

	if (half == 0)
		return true;
	if (half < 0) {
		complain("%s: ends with half a line, not of tcphs; nothing is appended",
			 path);
		return false;
	}
	if (ftruncate(fd, size - half) < 0) {
		complain("%s: cannot cut off half a line: %s", path,
			 strerror(errno));
		return false;
	}
	complain("%s: half a line at its end, left by a crash, is cut off",
		 path);
	return true;
}

static bool prepare(const char *path, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0) {
		complain("%s: %s", path, strerror(errno));
		return false;
	}
	if (!S_ISREG(st.st_mode))
		return true;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		complain("%s: another tcphs serve writes to it", path);
		return false;
	}
	return mend_half(path, fd, st.st_size);
}

int linefile_open(const char *path)
{
	int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_NONBLOCK |
		      O_NOCTTY | O_CLOEXEC, 0640);

	if (fd < 0) {
		complain("%s: %s", path, strerror(errno));
		return -1;
	}
	if (prepare(path, fd))
		return fd;
	close(fd);
	return -1;
}
