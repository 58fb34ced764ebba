// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/tcphs for a program that is started with this preloaded: a FIFO gives
 * the records, a file what TCPHS_IOC_INFO says. Two more break what is around it as
 * long as they are there: one the disk, the other sets the clock. Must not change what
 * other files do otherwise.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <linux/tcphs.h>

#define DEVICE	"/dev/tcphs"

static int device = -1;
static __u64 place;
static __u64 lost;

static void *next(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

static int read_info(struct tcphs_info *info)
{
	int (*real_open)(const char *path, int flags, ...) = next("open");
	int fd = real_open(getenv("TCPHS_TEST_INFO"), O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : pread(fd, info, sizeof(*info), 0);

	if (fd >= 0)
		close(fd);
	return got == (ssize_t)sizeof(*info) ? 0 : -1;
}

static int open_device(int flags)
{
	int (*real_open)(const char *path, int flags, ...) = next("open");
	struct tcphs_info info;

	if (read_info(&info) < 0) {
		errno = ENOENT;
		return -1;
	}
	place = info.place;
	device = real_open(getenv("TCPHS_TEST_FIFO"), flags);
	return device;
}

int open(const char *path, int flags, ...)
{
	int (*real_open)(const char *path, int flags, ...) = next("open");
	mode_t mode = 0;
	va_list args;

	if (strcmp(path, DEVICE) == 0)
		return open_device(flags);
	va_start(args, flags);
	if (flags & O_CREAT)
		mode = va_arg(args, mode_t);
	va_end(args);
	return real_open(path, flags, mode);
}

int access(const char *path, int mode)
{
	int (*real_access)(const char *path, int mode) = next("access");
	struct tcphs_info info;

	if (strcmp(path, DEVICE) == 0)
		return read_info(&info);
	return real_access(path, mode);
}

int ioctl(int fd, unsigned long request, ...)
{
	int (*real_ioctl)(int fd, unsigned long request, void *arg);
	struct tcphs_info *info;
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	if (fd != device || request != TCPHS_IOC_INFO) {
		real_ioctl = next("ioctl");
		return real_ioctl(fd, request, arg);
	}
	info = arg;
	if (read_info(info) < 0)
		return -1;
	info->place = place;
	info->lost = lost;
	if (info->produced < place)
		info->produced = place;
	return 0;
}

/* As the module keeps count: an event is one, a lost one so many. */
static void count_records(const struct tcphs_record *records, size_t count)
{
	for (; count > 0; records++, count--) {
		place = records->seq + 1;
		if (records->type != TCPHS_EV_LOST)
			continue;
		place = records->seq + records->lost.count;
		lost += records->lost.count;
	}
}

ssize_t read(int fd, void *buf, size_t size)
{
	ssize_t (*real_read)(int fd, void *buf, size_t size) = next("read");
	ssize_t got = real_read(fd, buf, size);

	if (fd == device && got > 0)
		count_records(buf, (size_t)got / sizeof(struct tcphs_record));
	return got;
}

/* The disk answers EIO to whoever writes, as long as this file is there. */
static int is_broken(int fd)
{
	const char *flag = getenv("TCPHS_TEST_BROKEN");
	struct stat st;

	return flag && stat(flag, &st) == 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

ssize_t write(int fd, const void *buf, size_t size)
{
	ssize_t (*real_write)(int fd, const void *buf, size_t size) = next("write");

	if (is_broken(fd)) {
		errno = EIO;
		return -1;
	}
	return real_write(fd, buf, size);
}

ssize_t pwrite(int fd, const void *buf, size_t size, off_t at)
{
	ssize_t (*real_pwrite)(int fd, const void *buf, size_t size, off_t at) = next("pwrite");

	if (is_broken(fd)) {
		errno = EIO;
		return -1;
	}
	return real_pwrite(fd, buf, size, at);
}

/* By how many seconds the clock was set. */
static long long read_step(void)
{
	int (*real_open)(const char *path, int flags, ...) = next("open");
	ssize_t (*real_read)(int fd, void *buf, size_t size) = next("read");
	const char *path = getenv("TCPHS_TEST_CLOCK");
	char text[32] = "";
	int fd = path ? real_open(path, O_RDONLY | O_CLOEXEC) : -1;

	if (fd < 0)
		return 0;
	if (real_read(fd, text, sizeof(text) - 1) < 0)
		text[0] = 0;
	close(fd);
	return atoll(text);
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
	int (*real_gettime)(clockid_t clock, struct timespec *now) = next("clock_gettime");
	int status = real_gettime(clock, now);

	if (status == 0 && clock == CLOCK_REALTIME)
		now->tv_sec += read_step();
	return status;
}
