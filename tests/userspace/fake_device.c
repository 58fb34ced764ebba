// SPDX-License-Identifier: GPL-2.0
/*
 * Preloaded, lets FAKE_DEVICE (a FIFO of records) stand in for /dev/tcphs, so
 * that what reads it live can be tested without the module. Must not touch
 * any other file.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <linux/tcphs.h>

typedef int open_fn(const char *path, int flags, ...);
typedef int ioctl_fn(int fd, unsigned long request, ...);

static int device = -1;

int open(const char *path, int flags, ...)
{
	open_fn *real = dlsym(RTLD_NEXT, "open");
	va_list args;
	int mode;

	va_start(args, flags);
	mode = va_arg(args, int);
	va_end(args);
	if (strcmp(path, "/dev/tcphs") != 0)
		return real(path, flags, mode);
	device = real(getenv("FAKE_DEVICE"), flags, mode);
	return device;
}

static __u64 number_of(const char *name)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 10) : 0;
}

static int fill_info(struct tcphs_info *info)
{
	memset(info, 0, sizeof(*info));
	info->uapi_version = TCPHS_UAPI_VERSION;
	info->record_size = TCPHS_RECORD_SIZE;
	info->netns = 4026531840U;
	info->produced = number_of("FAKE_PRODUCED");
	info->place = number_of("FAKE_PLACE");
	memcpy(info->version, "0.0.fake", sizeof("0.0.fake"));
	return 0;
}

int ioctl(int fd, unsigned long request, ...)
{
	ioctl_fn *real = dlsym(RTLD_NEXT, "ioctl");
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	if (fd >= 0 && fd == device && request == TCPHS_IOC_INFO)
		return fill_info(arg);
	return real(fd, request, arg);
}
