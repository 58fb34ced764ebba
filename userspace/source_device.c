// SPDX-License-Identifier: GPL-2.0
/*
 * Reads /dev/tcphs of the present network namespace: in place, or, where it
 * cannot be mapped, many records at a time. Must not lose a record or a signal
 * between two waits.
 */
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "ringmap.h"
#include "tool.h"

#define BATCH	4096		/* records, 1 MiB */
#define MOMENT_US	20

struct device {
	struct source source;
	int fd;
	struct ringmap *map;	/* or NULL: read() */
	struct tcphs_record record;	/* copied from there */
	size_t count;		/* in records */
	size_t next;		/* of them; in place: how often it was asked for */
	struct tcphs_record records[BATCH];
};

/* Return: what poll() said of the device; 0: nothing yet, or a signal came. */
static int wait_for_events(const struct device *device, int timeout_ms)
{
	struct pollfd polls[] = {
		{ .fd = device->fd, .events = POLLIN },
		{ .fd = stop_fd, .events = POLLIN },
	};

	if (poll(polls, 2, timeout_ms) <= 0)
		return 0;
	if (polls[1].revents) {
		stop_wanted = true;
		return 0;
	}
	return polls[0].revents;
}

static enum source_got refill(struct device *device)
{
	ssize_t bytes = read(device->fd, device->records,
			     sizeof(device->records));

	if (bytes < 0 && (errno == EAGAIN || errno == EINTR))
		return SOURCE_NOTHING;
	if (bytes < 0) {
		complain("%s: %s", SOURCE_DEVICE, strerror(errno));
		return SOURCE_FAILED;
	}
	device->next = 0;
	device->count = (size_t)bytes / sizeof(device->records[0]);
	return device->count ? SOURCE_RECORD : SOURCE_END;
}

static enum source_got next_read(struct device *device, int timeout_ms,
				 const struct tcphs_record **record)
{
	enum source_got got;

	if (device->next == device->count) {
		if (!wait_for_events(device, timeout_ms))
			return SOURCE_NOTHING;
		got = refill(device);
		if (got != SOURCE_RECORD)
			return got;
	}
	*record = &device->records[device->next++];
	return SOURCE_RECORD;
}

/*
 * The device does not know what was read in place: it is told that it is all,
 * and looked at once more; only then may anybody poll() it. What is there, but
 * not yet ready, is so in a moment.
 */
static bool next_mapped(struct device *device)
{
	for (;;) {
		if (ringmap_next(device->map, &device->record))
			return true;
		lseek(device->fd, 0, SEEK_END);
		if (!ringmap_has_more(device->map))
			return false;
		usleep(MOMENT_US);
	}
}

static enum source_got next_in_place(struct device *device, int timeout_ms,
				     const struct tcphs_record **record)
{
	int events;

	*record = &device->record;
	/* Who never catches up never waits: signals get their turn all the same. */
	if (++device->next % BATCH == 0 && stop_look())
		return SOURCE_NOTHING;
	if (next_mapped(device))
		return SOURCE_RECORD;
	events = wait_for_events(device, timeout_ms);
	if (events && next_mapped(device))
		return SOURCE_RECORD;
	return events & POLLHUP ? SOURCE_END : SOURCE_NOTHING;
}

static enum source_got next(struct source *source, int timeout_ms,
			    const struct tcphs_record **record)
{
	struct device *device = (struct device *)source;

	if (device->map)
		return next_in_place(device, timeout_ms, record);
	return next_read(device, timeout_ms, record);
}

static int fd(const struct source *source)
{
	return ((const struct device *)source)->fd;
}

static bool info(const struct source *source, struct tcphs_info *info)
{
	const struct device *device = (const struct device *)source;

	if (ioctl(device->fd, TCPHS_IOC_INFO, info) < 0)
		return false;
	if (device->map) {
		info->place = ringmap_place(device->map);
		info->lost = ringmap_lost(device->map);
	}
	return true;
}

static void close_device(struct source *source)
{
	struct device *device = (struct device *)source;

	ringmap_close(device->map);
	close(device->fd);
	free(device);
}

static const struct source_ops device_ops = {
	.next = next,
	.fd = fd,
	.info = info,
	.close = close_device,
};

static int complain_open(int error)
{
	switch (error) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
		complain("%s is absent: the module is not loaded; try: %s",
			 SOURCE_DEVICE, TOOL_INSMOD);
		return STATUS_ABSENT;
	case EACCES:
	case EPERM:
		complain("%s: permission denied; it takes root, CAP_NET_ADMIN or its group",
			 SOURCE_DEVICE);
		return STATUS_FAILED;
	default:
		complain("%s: %s", SOURCE_DEVICE, strerror(error));
		return STATUS_FAILED;
	}
}

static void read_boot_id(char *boot_id, int size)
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (!file)
		return;
	if (fgets(boot_id, size, file))
		boot_id[strcspn(boot_id, "\n")] = '\0';
	fclose(file);
}

static void fill_hello(struct source_hello *hello,
		       const struct tcphs_info *info)
{
	struct timespec now = { 0 };
	struct utsname names;

	clock_gettime(CLOCK_REALTIME, &now);
	hello->wall_ns = (u64)now.tv_sec * 1000000000ULL + (u64)now.tv_nsec;
	hello->uapi = info->uapi_version;
	hello->netns = info->netns;
	hello->instance = info->instance;
	memcpy(hello->module, info->version, sizeof(hello->module) - 1);
	if (uname(&names) == 0) {
		memcpy(hello->kernel, names.release, sizeof(names.release));
		memcpy(hello->host, names.nodename, sizeof(names.nodename));
	}
	read_boot_id(hello->boot_id, sizeof(hello->boot_id));
}

static_assert(sizeof(((struct utsname *)0)->release) <=
	      sizeof(((struct source_hello *)0)->kernel), "room for uname()");

static bool ask_info(int fd, struct tcphs_info *info)
{
	if (ioctl(fd, TCPHS_IOC_INFO, info) < 0) {
		complain("%s: does not answer as tcphs does: %s",
			 SOURCE_DEVICE, strerror(errno));
		return false;
	}
	if (info->uapi_version != TCPHS_UAPI_VERSION ||
	    info->record_size != TCPHS_RECORD_SIZE) {
		complain("the module speaks version %u of the interface, tcphs %u",
			 info->uapi_version, TCPHS_UAPI_VERSION);
		return false;
	}
	return true;
}

struct source *source_device_open(const struct source_options *options,
				  int *status)
{
	struct tcphs_info info = { 0 };
	struct device *device;
	int fd = open(SOURCE_DEVICE, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0) {
		*status = complain_open(errno);
		return NULL;
	}
	if (!ask_info(fd, &info)) {
		close(fd);
		*status = STATUS_FAILED;
		return NULL;
	}
	if (options->from_now)
		lseek(fd, 0, SEEK_END);
	device = tool_alloc(sizeof(*device));
	device->source.ops = &device_ops;
	device->fd = fd;
	device->map = ringmap_open(fd, &info, options->from_now);
	fill_hello(&device->source.hello, &info);
	return &device->source;
}
