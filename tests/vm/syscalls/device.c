// SPDX-License-Identifier: GPL-2.0
/* Calls that /dev/tcphs answers itself, but for mmap(). */
#include "fuzz.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#define RECORD	TCPHS_RECORD_SIZE

/* Flags of open(), and what each of them has to fail with; 0: nothing. */
static const struct {
	int flag, error;
} flags[] = {
	{ 0, 0 }, { O_NONBLOCK, 0 }, { O_APPEND, 0 }, { O_CLOEXEC, 0 }, { O_ASYNC, 0 },
	{ O_TRUNC, 0 }, { O_CREAT, 0 }, { O_PATH, 0 }, { O_NOFOLLOW, 0 }, { O_NOATIME, 0 },
	{ O_SYNC, 0 }, { O_DIRECT, EINVAL }, { O_DIRECTORY, ENOTDIR },
	{ O_CREAT | O_EXCL, EEXIST },
};

/* Where the number lies, whatever was there. */
static void put_down(struct worker *w, int fd, int number)
{
	if (dup3(fd, number, 0) < 0 && errno != EBUSY)
		wrong(w, "dup3()", fd);
	close(fd);
}

void open_device(struct worker *w)
{
	static const int modes[] = { O_RDONLY, O_RDONLY, O_RDONLY, O_RDWR, O_WRONLY };
	unsigned int i = (unsigned int)pick(w, COUNT_OF(flags));
	int flag = modes[pick(w, COUNT_OF(modes))] | flags[i].flag, fd;

	if (chance(w, 60))
		flag |= O_NONBLOCK;
	fd = open("/dev/tcphs", flag, 0600);
	if (flags[i].error) {
		refuse(w, fd, MAY_FAIL(flags[i].error));
		return;
	}
	if (judge(w, fd, MAY_FAIL(0)))
		put_down(w, fd, pick_fd(w, DEVICE));
}

static void check_records(struct worker *w, const char *buf, long len)
{
	const struct tcphs_record *rec = (const void *)buf;

	for (; len; len -= RECORD, rec++)
		if (rec->type < TCPHS_EV_LOST || rec->type > TCPHS_EV_CONNECTION ||
		    rec->size != RECORD || !rec->netns)
			wrong(w, "what was read is no record", rec->type);
}

/* Of a CPU's ring, and there is an end of it only when its namespace goes. */
static void check_length(struct worker *w, long n, size_t size)
{
	if (n % RECORD || (size_t)n > size)
		wrong(w, "not whole records", n);
	if (!n && size)
		wrong(w, "the end, though the namespace lives", n);
}

void read_device(struct worker *w)
{
	size_t room, size = pick_size(w);
	char *buf = pick_buffer(w, &room);
	long n = read(pick_fd(w, DEVICE), buf, size);

	if (!judge(w, n, MAY_FAIL(EAGAIN, EINTR,
				  fits(size, room) ? EAGAIN : EFAULT,
				  size < RECORD || size > LONG_MAX ? EINVAL : EAGAIN)))
		return;
	check_length(w, n, size);
	if (fits(size, room))
		check_records(w, buf, n);
}

void readv_device(struct worker *w)
{
	struct iovec part[4];
	size_t all = 0, i;
	long n;

	for (i = 0; i < COUNT_OF(part); i++) {
		part[i].iov_base = w->room + i * (ROOM / 4);
		part[i].iov_len = pick(w, ROOM / 4);
		all += part[i].iov_len;
	}
	n = readv(pick_fd(w, DEVICE), part, (int)pick(w, COUNT_OF(part) + 1));
	if (judge(w, n, MAY_FAIL(EAGAIN, EINTR, EINVAL)) &&
	    (n % RECORD || (size_t)n > all))
		wrong(w, "not whole records", n);
}

void pread_device(struct worker *w)
{
	int fd = pick_fd(w, DEVICE);
	long long at = pick_offset(w);
	long n;

	if (chance(w, 50))
		n = pread(fd, w->room, ROOM, at);
	else
		n = pwrite(fd, w->room, ROOM, at);
	refuse(w, n, MAY_FAIL(ESPIPE, at < 0 ? EINVAL : ESPIPE));
}

void write_device(struct worker *w)
{
	refuse(w, write(pick_fd(w, DEVICE), w->room, pick(w, ROOM)), MAY_FAIL(EINVAL));
}

void seek_device(struct worker *w)
{
	static const int whences[] = {
		SEEK_SET, SEEK_CUR, SEEK_END, SEEK_DATA, SEEK_HOLE, -1, 77,
	};
	long long at = chance(w, 60) ? 0 : pick_offset(w);
	int whence = whences[pick(w, COUNT_OF(whences))];
	long n = lseek(pick_fd(w, DEVICE), at, whence);

	if (at || whence < SEEK_SET || whence > SEEK_END)
		refuse(w, n, MAY_FAIL(EINVAL, EINTR));
	else if (judge(w, n, MAY_FAIL(EINTR)) && n < 0)
		wrong(w, "a place before the first", n);
}

/* ---- commands ---- */

static void ask_info(struct worker *w, int fd)
{
	size_t room;
	char *at = pick_buffer(w, &room);
	bool fits = room >= sizeof(struct tcphs_info);
	const struct tcphs_info *info = (const void *)at;

	if (!judge(w, ioctl(fd, TCPHS_IOC_INFO, at), MAY_FAIL(EINTR, fits ? EINTR : EFAULT)))
		return;
	if (!fits)
		wrong(w, "there is no room for an answer", 0);
	else if (info->uapi_version != TCPHS_UAPI_VERSION || info->record_size != RECORD ||
		 info->map_bytes != w->map_bytes || info->lost > info->place)
		wrong(w, "what it says of itself", 0);
}

void ask_device(struct worker *w)
{
	/* Those that the kernel answers for every file, and whether it can. */
	static const struct {
		unsigned long command;
		bool works;
	} general[] = {
		{ FIONBIO, true }, { FIOCLEX, true }, { FIONCLEX, true }, { FIOASYNC, true },
		{ FIONREAD, false }, { TCGETS, false }, { 0, false }, { ~0UL, false },
	};
	int fd = pick_fd(w, DEVICE), one = (int)pick(w, 2);
	unsigned long command;
	unsigned int i;

	if (chance(w, 50)) {
		ask_info(w, fd);
	} else if (chance(w, 50)) {
		i = (unsigned int)pick(w, COUNT_OF(general));
		if (general[i].works)
			judge(w, ioctl(fd, general[i].command, &one), MAY_FAIL(ENOTTY));
		else
			refuse(w, ioctl(fd, general[i].command, &one), MAY_FAIL(ENOTTY));
	} else {
		command = (pick(w, 0) & 0xffff00ff) | TCPHS_IOC_MAGIC << 8;
		if (command != TCPHS_IOC_INFO)
			refuse(w, ioctl(fd, command, w->room), MAY_FAIL(ENOTTY));
	}
}

/* ---- waiting ---- */

void poll_device(struct worker *w)
{
	const short may = POLLIN | POLLRDNORM | POLLNVAL;
	struct pollfd fds[8];
	unsigned int i, count = 1 + (unsigned int)pick(w, COUNT_OF(fds));
	int n;

	for (i = 0; i < count; i++)
		fds[i] = (struct pollfd){ pick_fd(w, DEVICE), (short)pick(w, 65536), 0 };
	n = poll(fds, count, (int)pick(w, 3));
	if (!judge(w, n, MAY_FAIL(EINTR)))
		return;
	for (i = 0; i < count; i++)
		if (fds[i].revents & ~may)
			wrong(w, "what poll() says", fds[i].revents);
}

void epoll_device(struct worker *w)
{
	struct epoll_event event = {
		.events = (uint32_t)pick(w, 0) & (EPOLLIN | EPOLLOUT | EPOLLET | EPOLLONESHOT |
						  EPOLLRDNORM | EPOLLEXCLUSIVE),
	};
	int command = (int)pick(w, 4);	/* 0 is none */

	if (chance(w, 50))
		judge(w, epoll_ctl(FD_EPOLL, command, pick_fd(w, DEVICE), &event),
		      MAY_FAIL(EEXIST, ENOENT, EINVAL));
	else
		judge(w, epoll_wait(FD_EPOLL, &event, 1, (int)pick(w, 3)), MAY_FAIL(EINTR));
}
