// SPDX-License-Identifier: GPL-2.0
/*
 * Descriptors that are copied, closed, passed from process to process and inherited, and
 * calls that know no tcphs.
 */
#include "fuzz.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static enum kind pick_kind(struct worker *w)
{
	return chance(w, 70) ? DEVICE : TEXT;
}

void control_any(struct worker *w)
{
	static const int set[] = { 0, O_NONBLOCK, O_APPEND, O_ASYNC, O_NOATIME, O_DIRECT };
	struct flock lock = { .l_type = (short)pick(w, 3), .l_whence = SEEK_SET, .l_len = 1 };
	int fd = pick_fd(w, pick_kind(w)), flags;

	switch (pick(w, 8)) {
	case 0:
		judge(w, fcntl(fd, F_GETFL), MAY_FAIL(0));
		break;
	case 1:
		judge(w, fcntl(fd, F_SETLK, &lock), MAY_FAIL(EAGAIN, EACCES));
		break;
	case 2:
		judge(w, flock(fd, (chance(w, 50) ? LOCK_SH : LOCK_EX) | LOCK_NB),
		      MAY_FAIL(EAGAIN));
		break;
	case 3:
		refuse(w, fcntl(fd, F_SETPIPE_SZ, 65536), MAY_FAIL(0));
		break;
	case 4:
		refuse(w, fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), MAY_FAIL(EINVAL, EPERM));
		break;
	default:
		flags = set[pick(w, COUNT_OF(set))] | (chance(w, 70) ? O_NONBLOCK : 0);
		if (flags & O_DIRECT)
			refuse(w, fcntl(fd, F_SETFL, flags), MAY_FAIL(EINVAL));
		else
			judge(w, fcntl(fd, F_SETFL, flags), MAY_FAIL(0));
	}
}

void close_any(struct worker *w)
{
	judge(w, close(pick_fd(w, pick_kind(w))), MAY_FAIL(0));
}

void dup_any(struct worker *w)
{
	enum kind kind = pick_kind(w);
	int from = pick_fd(w, kind), to = pick_fd(w, kind);

	judge(w, dup3(from, to, 0), MAY_FAIL(EBUSY, from == to ? EINVAL : EBUSY));
}

/* One descriptor in each message. */
union control {
	char room[CMSG_SPACE(sizeof(int))];
	struct cmsghdr header;
};

/* To whoever takes it: this process or another, in this namespace or the other. */
void pass_any(struct worker *w)
{
	enum kind kind = pick_kind(w);
	int fd = pick_fd(w, kind);
	union control control = { .header = {
		.cmsg_len = CMSG_LEN(sizeof(int)),
		.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS } };
	struct iovec byte = { "", 1 };
	struct msghdr message = { .msg_iov = &byte, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control) };

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	judge(w, sendmsg(FD_PASS + 2 * (int)kind, &message, MSG_DONTWAIT),
	      MAY_FAIL(EAGAIN, ETOOMANYREFS));
}

void take_any(struct worker *w)
{
	enum kind kind = pick_kind(w);
	union control control;
	char byte;
	struct iovec part = { &byte, 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control) };
	int fd;

	if (!judge(w, recvmsg(FD_PASS + 2 * (int)kind + 1, &message, MSG_DONTWAIT),
		   MAY_FAIL(EAGAIN)))
		return;
	memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	if (dup3(fd, pick_fd(w, kind), 0) < 0 && errno != EBUSY)
		wrong(w, "dup3()", fd);
	close(fd);
}

/* What does not go with such files at all. */
void move_any(struct worker *w)
{
	int fd = pick_fd(w, pick_kind(w));
	loff_t at = (loff_t)pick(w, 4096);
	long n;

	switch (pick(w, 9)) {
	case 0:
		refuse(w, splice(fd, NULL, FD_PIPE + 1, NULL, 4096, SPLICE_F_NONBLOCK),
		       MAY_FAIL(EINVAL));
		break;
	case 1:
		refuse(w, sendfile(FD_SINK, fd, chance(w, 50) ? &at : NULL, 4096),
		       MAY_FAIL(EINVAL, ESPIPE));
		break;
	case 2:
		refuse(w, ftruncate(fd, 0), MAY_FAIL(EINVAL));
		break;
	case 3:
		refuse(w, fallocate(fd, 0, 0, 4096), MAY_FAIL(ENODEV, EINVAL));
		break;
	case 4:
		/* Of a file without a size there is nothing to copy. */
		n = copy_file_range(fd, NULL, FD_SINK, NULL, 4096, 0);
		if (judge(w, n, MAY_FAIL(EINVAL)) && n)
			wrong(w, "it copies", n);
		break;
	case 5:
		refuse(w, fsync(fd), MAY_FAIL(EINVAL));
		break;
	case 6:
		refuse(w, syscall(SYS_getdents64, fd, w->room, ROOM), MAY_FAIL(ENOTDIR));
		break;
	case 7:
		judge(w, readahead(fd, 0, 4096), MAY_FAIL(EINVAL));	/* no promise */
		break;
	case 8:
		refuse(w, write(fd, w->room, 256), MAY_FAIL(EINVAL));
		break;
	}
}

void enter_any(struct worker *w)
{
	judge(w, setns(FD_NS + (int)pick(w, NAMESPACES), CLONE_NEWNET), MAY_FAIL(0));
}

/* A child has all that its process had, and goes with it; it calls, but has no child. */
void fork_any(struct worker *w)
{
	struct itimerval often = { { 0, 20000 }, { 0, 20000 } };
	int status = 0;
	pid_t pid = fork();

	if (!pid) {
		setitimer(ITIMER_REAL, &often, NULL);
		make_calls(w, 1 + pick(w, 8), op_count - 1);
		_exit(0);
	}
	if (!judge(w, pid, MAY_FAIL(EAGAIN)))
		return;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status)
		wrong(w, "a child", status);
}
