// SPDX-License-Identifier: GPL-2.0
/*
 * Calls to /dev/tcphs and /proc/tcphs that nobody sane makes: a line for each
 * claim, status 1 if one does not hold. Needs events and connections to be there.
 *
 *	calls odd		lengths, offsets, commands, pointers
 *	calls whole		that no record has a byte that means nothing
 *	calls shared [NS]	children, descriptors passed on, other namespaces
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/tcphs.h>

#define DEVICE		"/dev/tcphs"
#define TEXT		"/proc/tcphs"
#define RECORD		((ssize_t)sizeof(struct tcphs_record))
#define TEXT_MAX	1048576

static int status;

static void claim(const char *what, bool holds)
{
	printf("%s: %s\n", holds ? "ok" : "FAIL", what);
	if (!holds) {
		printf("# errno %d, %s\n", errno, strerror(errno));
		status = 1;
	}
}

/* That a call failed, and why. */
static void refused(const char *what, long result, int error)
{
	claim(what, result == -1 && errno == error);
}

static int open_at(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0) {
		perror(path);
		_exit(1);
	}
	return fd;
}

static int open_device(void)
{
	return open_at(DEVICE, O_RDONLY | O_NONBLOCK);
}

static struct tcphs_info info_of(int fd)
{
	struct tcphs_info info = { 0 };

	if (ioctl(fd, TCPHS_IOC_INFO, &info))
		perror("TCPHS_IOC_INFO");
	return info;
}

/* ---- lengths and offsets of the device ---- */

static void read_oddly(int fd)
{
	const size_t huge = (size_t)INT_MAX + 4096;
	char *room = mmap(NULL, huge, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	struct iovec parts[2] = { { room, 256 }, { room + 256, 100 } };

	if (room == MAP_FAILED) {
		perror("mmap");
		_exit(1);
	}
	claim("read() of nothing", read(fd, room, 0) == 0);
	refused("read() of a byte", read(fd, room, 1), EINVAL);
	refused("read() of a byte less than a record", read(fd, room, 255), EINVAL);
	claim("read() of a record and a half", read(fd, room, 384) == RECORD);
	claim("readv() of a record and less", readv(fd, parts, 2) == RECORD);
	refused("pread() at 0", pread(fd, room, 4096, 0), ESPIPE);
	refused("pread() at the last offset", pread(fd, room, 4096, LONG_MAX), ESPIPE);
	claim("read() of 2 GB", read(fd, room, huge) ==
	      (ssize_t)(info_of(fd).produced - 2) * RECORD);
	refused("and nothing is left", read(fd, room, 4096), EAGAIN);
	munmap(room, huge);
}

static void seek_oddly(int fd)
{
	refused("lseek() to 1", lseek(fd, 1, SEEK_SET), EINVAL);
	refused("lseek() to -1", lseek(fd, -1, SEEK_SET), EINVAL);
	refused("lseek() by a record", lseek(fd, RECORD, SEEK_CUR), EINVAL);
	refused("lseek() to the last offset", lseek(fd, LONG_MAX, SEEK_SET), EINVAL);
	refused("lseek() to the first one from the end", lseek(fd, LONG_MIN, SEEK_END), EINVAL);
	refused("SEEK_DATA", lseek(fd, 0, SEEK_DATA), EINVAL);
	refused("SEEK_HOLE", lseek(fd, 0, SEEK_HOLE), EINVAL);
	claim("SEEK_END is all that was produced",
	      lseek(fd, 0, SEEK_END) == (off_t)info_of(fd).produced);
	claim("and the way back works", lseek(fd, 0, SEEK_SET) == 0);
}

static void move_oddly(int fd)
{
	int fds[2], sink = open_at("/dev/null", O_WRONLY);

	if (pipe(fds))
		return;
	refused("splice()", splice(fd, NULL, fds[1], NULL, 4096, 0), EINVAL);
	refused("sendfile()", sendfile(sink, fd, NULL, 4096), EINVAL);
	refused("write() to what is open for reading", write(fd, "", 1), EBADF);
	refused("O_DIRECT", open(DEVICE, O_RDONLY | O_DIRECT), EINVAL);
	refused("ftruncate()", ftruncate(fd, 0), EINVAL);
	refused("fallocate()", fallocate(fd, 0, 0, 1), EBADF);
	close(fds[0]);
	close(fds[1]);
	close(sink);
}

static void write_oddly(void)
{
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	void *at;

	claim("root may open it for both", fd >= 0);
	refused("but not write", write(fd, "", 1), EINVAL);
	refused("nor pwrite()", pwrite(fd, "", 1, 0), ESPIPE);
	at = mmap(NULL, info_of(fd).map_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	refused("nor map it for that", at == MAP_FAILED ? -1 : 0, EPERM);
	close(fd);
}

/* ---- commands and pointers ---- */

/* Whether a command is none, or a pointer bad. */
static void refuse_command(int fd, const char *what, unsigned long command)
{
	char room[sizeof(struct tcphs_info)];

	refused(what, ioctl(fd, command, room), ENOTTY);
}

static void refuse_pointer(int fd, const char *what, unsigned long at)
{
	refused(what, ioctl(fd, TCPHS_IOC_INFO, (void *)at), EFAULT);
}

static void control_oddly(int fd)
{
	long page = sysconf(_SC_PAGESIZE);
	char *room = mmap(NULL, 2 * (size_t)page, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned long n;
	bool all = true;

	for (n = 0; n < 256; n++)
		if (_IOC_NR(TCPHS_IOC_INFO) != n)
			all &= ioctl(fd, (TCPHS_IOC_INFO & ~0xffUL) | n, room) == -1 &&
			       errno == ENOTTY;
	claim("255 other numbers are no commands", all);
	refuse_command(fd, "its number with another size", TCPHS_IOC_INFO ^ 0x10000);
	refuse_command(fd, "its number, written", TCPHS_IOC_INFO ^ 0xc0000000);
	refuse_command(fd, "no command at all", 0);
	refuse_pointer(fd, "the null pointer", 0);
	refuse_pointer(fd, "the last address", ~0UL);
	refuse_pointer(fd, "an address of the kernel's", 0xffffffff81000000UL);
	mprotect(room + page, (size_t)page, PROT_NONE);
	refuse_pointer(fd, "across the end of what is ours", (unsigned long)room + page - 8);
	mprotect(room, (size_t)page, PROT_READ);
	refuse_pointer(fd, "what is for reading", (unsigned long)room);
	refused("read() there", read(fd, room, 4096), EFAULT);
	claim("passes nothing over", lseek(fd, 0, SEEK_CUR) == 0);
	munmap(room, 2 * (size_t)page);
}

/* ---- the text ---- */

static ssize_t read_all(int fd, char *text, size_t step)
{
	ssize_t n, len = 0;

	while (len < TEXT_MAX && (n = read(fd, text + len, step)) > 0)
		len += n;
	return len;
}

/* The times in it pass: its lines are counted. */
static size_t lines_in(const char *text, ssize_t len)
{
	size_t lines = 0;

	for (; len--; text++)
		lines += *text == '\n';
	return lines;
}

static void read_text_oddly(void)
{
	char *text = malloc(TEXT_MAX + 4096), byte;
	int fd = open_at(TEXT, O_RDONLY), sink = open_at("/dev/null", O_WRONLY);
	size_t lines = lines_in(text, read_all(fd, text, 4096));

	claim("the text has rows", lines > 2);
	lseek(fd, 0, SEEK_SET);
	claim("byte for byte it has as many", lines_in(text, read_all(fd, text, 1)) == lines);
	claim("far behind its end is nothing", pread(fd, &byte, 1, LONG_MAX - 4096) == 0);
	claim("nor at the last offset", pread(fd, &byte, 1, LONG_MAX) <= 0);
	refused("before its beginning", pread(fd, &byte, 1, -1), EINVAL);
	refused("lseek() before its beginning", lseek(fd, -1, SEEK_SET), EINVAL);
	refused("SEEK_END", lseek(fd, 0, SEEK_END), EINVAL);
	claim("at 2 stands the program's name", pread(fd, text, 5, 2) == 5 &&
	      !memcmp(text, "tcphs", 5));
	lseek(fd, 0, SEEK_SET);
	refused("sendfile()", sendfile(sink, fd, NULL, 4096), EINVAL);
	refused("opened for writing", open(TEXT, O_WRONLY), EACCES);
	refused("write()", write(fd, "", 1), EBADF);
	close(fd);
	close(sink);
	free(text);
}

static int try_oddly(void)
{
	int fd = open_device();

	claim("there are events", info_of(fd).produced > 8);
	control_oddly(fd);
	read_oddly(fd);
	seek_oddly(fd);
	move_oddly(fd);
	write_oddly();
	read_text_oddly();
	close(fd);
	return status;
}

/* ---- what stands in a record ---- */

static size_t payload_of(const struct tcphs_record *record)
{
	switch (record->type) {
	case TCPHS_EV_LOST: return sizeof(record->lost);
	case TCPHS_EV_TRANSITION: return sizeof(record->transition);
	case TCPHS_EV_HANDSHAKE: return sizeof(record->handshake);
	case TCPHS_EV_ANOMALY: return sizeof(record->anomaly);
	case TCPHS_EV_TIMEWAIT: return sizeof(record->timewait);
	case TCPHS_EV_CONNECTION: return sizeof(record->connection);
	}
	return 0;
}

static bool are_zero(const void *at, size_t len)
{
	const unsigned char *p = at;

	while (len--)
		if (*p++)
			return false;
	return true;
}

static bool ends_clean(const char *text, size_t size)
{
	size_t len = strnlen(text, size);

	return are_zero(text + len, size - len);
}

static bool is_clean_seg(const struct tcphs_seg_info *seg)
{
	return are_zero(seg->reserved, sizeof(seg->reserved));
}

static bool is_clean_connection(const struct tcphs_ev_connection *ev)
{
	return are_zero(ev->reserved, sizeof(ev->reserved)) &&
	       are_zero(ev->end[0].reserved, sizeof(ev->end[0].reserved)) &&
	       are_zero(ev->end[1].reserved, sizeof(ev->end[1].reserved)) &&
	       ends_clean(ev->history, sizeof(ev->history));
}

/* What is reserved in an event. */
static bool is_clean_event(const struct tcphs_record *r)
{
	switch (r->type) {
	case TCPHS_EV_TRANSITION:
		return is_clean_seg(&r->transition.seg) &&
		       are_zero(r->transition.reserved, sizeof(r->transition.reserved));
	case TCPHS_EV_HANDSHAKE:
		return !r->handshake.reserved2 &&
		       are_zero(r->handshake.reserved, sizeof(r->handshake.reserved));
	case TCPHS_EV_ANOMALY:
		return is_clean_seg(&r->anomaly.seg) &&
		       are_zero(r->anomaly.reserved, sizeof(r->anomaly.reserved));
	case TCPHS_EV_TIMEWAIT:
		return are_zero(r->timewait.reserved, sizeof(r->timewait.reserved));
	case TCPHS_EV_CONNECTION:
		return is_clean_connection(&r->connection);
	}
	return true;
}

/* That, of an address of IPv4 the rest, and what is behind a name. */
static bool is_clean(const struct tcphs_record *r)
{
	if (r->family != 6 && !(are_zero(r->addr[0] + 4, 12) && are_zero(r->addr[1] + 4, 12)))
		return false;
	return is_clean_event(r) && ends_clean(r->owner.comm, sizeof(r->owner.comm));
}

static int look_whole(void)
{
	struct tcphs_record record;
	size_t payload, records = 0, bytes = 0, dirty = 0;
	int fd = open_device();
	struct tcphs_info info = info_of(fd);

	while (read(fd, &record, sizeof(record)) == RECORD) {
		payload = payload_of(&record);
		records++;
		bytes += sizeof(record.bytes) - payload;
		dirty += !payload || !is_clean(&record) ||
			 !are_zero(record.bytes + payload, sizeof(record.bytes) - payload);
	}
	claim("there are records", records > 0);
	claim("what the module says of itself is clean", !info.reserved &&
	      are_zero(info.version + strlen(info.version),
		       sizeof(info.version) - strlen(info.version)));
	claim("no byte behind an event, or reserved, is anything but 0", !dirty);
	printf("figure: %zu records, %zu bytes behind their events looked at\n", records, bytes);
	return status;
}

/* ---- shared, passed on, taken elsewhere ---- */

/* in_child(what, fd): does it hold there? */
static bool in_child(bool (*holds)(int fd), int fd)
{
	int child_status = -1;
	pid_t pid = fork();

	if (!pid)
		_exit(!holds(fd));
	waitpid(pid, &child_status, 0);
	return child_status == 0;
}

static bool reads_the_second(int fd)
{
	struct tcphs_record record;

	return read(fd, &record, sizeof(record)) == RECORD && record.seq == 1;
}

static void share_with_child(int fd)
{
	struct tcphs_record record;

	claim("the first record", read(fd, &record, sizeof(record)) == RECORD && record.seq == 0);
	claim("a child has the same place", in_child(reads_the_second, fd));
	claim("and moves it", read(fd, &record, sizeof(record)) == RECORD && record.seq == 2);
}

/* One descriptor in each message. */
union control {
	char room[CMSG_SPACE(sizeof(int))];
	struct cmsghdr header;
};

static void pass(int socket, int fd)
{
	union control control = { .header = {
		.cmsg_len = CMSG_LEN(sizeof(int)),
		.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS } };
	struct iovec byte = { "", 1 };
	struct msghdr message = { .msg_iov = &byte, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control) };

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	if (sendmsg(socket, &message, 0) != 1)
		perror("sendmsg");
}

static int take(int socket)
{
	union control control;
	char byte;
	struct iovec part = { &byte, 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control) };
	int fd = -1;

	if (recvmsg(socket, &message, 0) == 1)
		memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	return fd;
}

static void pass_on(void)
{
	struct tcphs_record record;
	int sockets[2], fd = open_device();

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sockets))
		return;
	pass(sockets[0], fd);
	close(fd);
	fd = take(sockets[1]);
	claim("passed on and closed, it is read", read(fd, &record, sizeof(record)) == RECORD);
	pass(sockets[0], fd);
	close(fd);
	close(sockets[0]);
	close(sockets[1]);	/* nobody has taken it */
}

static void take_elsewhere(int fd, const char *ns)
{
	struct tcphs_info before = info_of(fd), after;
	struct tcphs_record record;
	int other = open_at(ns, O_RDONLY), own;

	if (setns(other, CLONE_NEWNET))
		perror(ns);
	own = open_device();
	lseek(fd, 0, SEEK_SET);
	after = info_of(fd);
	claim("another namespace is another ring", info_of(own).netns != before.netns);
	claim("what was opened before stays with its own", after.netns == before.netns &&
	      read(fd, &record, sizeof(record)) == RECORD && record.netns == before.netns);
	close(own);
	close(other);
}

static void crowd(int fd)
{
	struct pollfd readers[200];
	unsigned int i, ready = 0;
	struct tcphs_record record;

	for (i = 0; i < 200; i++)
		readers[i] = (struct pollfd){ open_device(), POLLIN, 0 };
	claim("200 readers have something to read", poll(readers, 200, 0) == 200);
	for (i = 0; i < 200; i++)
		ready += read(readers[i].fd, &record, sizeof(record)) == RECORD && record.seq == 0;
	claim("each the first", ready == 200);
	lseek(fd, 0, SEEK_END);
	readers[0].fd = fd;
	claim("who has read all has not", poll(readers, 1, 0) == 0);
}

static int share(const char *ns)
{
	int fd = open_device();

	share_with_child(fd);
	pass_on();
	crowd(fd);
	if (ns)
		take_elsewhere(fd, ns);
	return status;
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "odd") == 0)
		return try_oddly();
	if (argc > 1 && strcmp(argv[1], "whole") == 0)
		return look_whole();
	if (argc > 1 && strcmp(argv[1], "shared") == 0)
		return share(argv[2]);
	fputs("usage: calls odd | whole | shared [NAMESPACE]\n", stderr);
	return 2;
}
