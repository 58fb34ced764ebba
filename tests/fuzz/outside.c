// SPDX-License-Identifier: GPL-2.0
/*
 * Stands in for the system calls by which the reporter's code would reach the
 * machine. Must not let a path, address or process that an input names out.
 */
#include "outside.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "prove.h"

static struct file {
	const char *path;
	int fd;			/* of memory; 0: none yet */
} files[OUTSIDE_FILES];

/* What becomes of writes. */
static struct {
	u64 pattern;
	bool is_mortal;
	bool is_dead;
	unsigned int writes;
	size_t bytes;
} plan;

void outside_give(unsigned int number, const char *path, const void *data,
		  size_t size)
{
	struct file *file = &files[number];

	if (!file->fd)
		file->fd = memfd_create(path, MFD_CLOEXEC);
	PROVE(file->fd > 0);
	file->path = path;
	PROVE(ftruncate(file->fd, 0) == 0);
	PROVE(!size || pwrite(file->fd, data, size, 0) == (ssize_t)size);
}

u8 *outside_take(unsigned int number, size_t *size)
{
	struct stat st;
	u8 *data;

	PROVE(fstat(files[number].fd, &st) == 0);
	*size = (size_t)st.st_size;
	data = malloc(*size + 1);
	PROVE(data && pread(files[number].fd, data, *size, 0) == st.st_size);
	data[*size] = '\0';
	return data;
}

static const struct file *find_file(const char *path)
{
	size_t i;

	for (i = 0; i < OUTSIDE_FILES; i++)
		if (files[i].path && strcmp(files[i].path, path) == 0)
			return &files[i];
	errno = ENOENT;
	return NULL;
}

int outside_open(const char *path, int flags, ...)
{
	const struct file *file = find_file(path);
	char link[32];

	if (!file)
		return -1;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", file->fd);
	return open(link, flags & ~(O_NOFOLLOW | O_CREAT));
}

FILE *outside_fopen(const char *path, const char *mode)
{
	int fd = outside_open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? NULL : fdopen(fd, mode);
}

int outside_stat(const char *path, struct stat *st)
{
	const struct file *file = find_file(path);

	return file ? fstat(file->fd, st) : -1;
}

/* Whatever is waited for is there: nothing waits for ever. */
int outside_access(const char *path, int mode)
{
	(void)path;
	(void)mode;
	return 0;
}

static int refuse(void)
{
	errno = EPERM;
	return -1;
}

int outside_socket(int domain, int type, int protocol)
{
	(void)domain;
	(void)type;
	(void)protocol;
	return refuse();
}

int outside_setns(int fd, int type)
{
	(void)fd;
	(void)type;
	return refuse();
}

int outside_scandir(const char *path, struct dirent ***names,
		    outside_filter_fn *is_wanted, outside_compare_fn *compare)
{
	(void)path;
	(void)names;
	(void)is_wanted;
	(void)compare;
	return refuse();
}

int outside_signalfd(int fd, const sigset_t *signals, int flags)
{
	(void)fd;
	(void)signals;
	(void)flags;
	return refuse();
}

/* Signals are the fuzzer's. */
int outside_sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
	(void)how;
	(void)set;
	(void)old;
	return 0;
}

/* Nobody, who has nothing to give up: the fuzzer goes on as it is. */
uid_t outside_geteuid(void)
{
	return 65534;
}

long outside_syscall(long number, ...)
{
	(void)number;
	return 0;
}

int outside_prctl(int option, ...)
{
	(void)option;
	return 0;
}

int outside_seccomp_load(const void *filter)
{
	(void)filter;
	return 0;
}

/* The same each time, so that an input does the same each time. */
ssize_t outside_getrandom(void *bytes, size_t size, unsigned int flags)
{
	(void)flags;
	memset(bytes, 0x5a, size);
	return (ssize_t)size;
}

/*
 * libpcap asks for the hosts and ports that an expression names: no name
 * server is. This name is the system's own, for libpcap is not ours to change.
 */
int getaddrinfo(const char *host, const char *service,
		const struct addrinfo *hints, struct addrinfo **result)
{
	int (*real)(const char *host, const char *service,
		    const struct addrinfo *hints, struct addrinfo **result) =
		dlsym(RTLD_NEXT, "getaddrinfo");
	struct addrinfo numeric = { 0 };

	if (hints)
		numeric = *hints;
	numeric.ai_flags |= AI_NUMERICHOST;
	return real(host, service, &numeric, result);
}

void outside_rotate(unsigned int number, unsigned int to)
{
	int fd = files[number].fd;

	files[number].fd = files[to].fd;
	files[to].fd = fd;
	outside_give(number, files[number].path, "", 0);
}

void outside_plan(u64 pattern)
{
	plan.pattern = pattern;
}

void outside_kill(unsigned int writes, size_t bytes)
{
	plan.is_mortal = true;
	plan.writes = writes;
	plan.bytes = bytes;
}

bool outside_is_dead(void)
{
	return plan.is_dead;
}

void outside_mend(void)
{
	memset(&plan, 0, sizeof(plan));
}

/* Return: how many of so many bytes reach the file before the end. */
static size_t reach(size_t size)
{
	if (plan.is_dead)
		return 0;
	if (!plan.is_mortal || plan.writes--)
		return size;
	plan.is_dead = true;
	return size < plan.bytes ? size : plan.bytes;
}

/* What the dead believe to have written does not matter. */
ssize_t outside_write(int fd, const void *bytes, size_t size)
{
	unsigned int fate = plan.pattern & 3;
	size_t whole;

	plan.pattern >>= 2;
	if (fate == 3) {
		errno = ENOSPC;
		return -1;
	}
	if (fate == 2)
		size = (size + 1) / 2;
	whole = reach(size);
	if (whole && write(fd, bytes, whole) != (ssize_t)whole)
		return -1;
	return (ssize_t)size;
}

/* So few bytes that no signal ends it half way: all or nothing. */
ssize_t outside_pwrite(int fd, const void *bytes, size_t size, off_t at)
{
	if (reach(size) == size)
		return pwrite(fd, bytes, size, at);
	return (ssize_t)size;
}

int outside_ftruncate(int fd, off_t size)
{
	return reach(1) ? ftruncate(fd, size) : 0;
}

/* A buffer is as long as many packets; alone in memory each has its end. */
static const u8 *set_apart(const u8 *data, size_t size)
{
	static u8 *packet;

	free(packet);
	packet = malloc(size + !size);
	PROVE(packet);
	memcpy(packet, data, size);
	return packet;
}

int outside_pcap_next_ex(pcap_t *pcap, struct pcap_pkthdr **header,
			 const u_char **data)
{
	int result = pcap_next_ex(pcap, header, data);

	if (result == 1)
		*data = set_apart(*data, (*header)->caplen);
	return result;
}

bool __wrap_plain_next(struct plain *plain, struct plain_packet *packet)
{
	bool is_plain = __real_plain_next(plain, packet);

	if (is_plain)
		packet->bytes.data = set_apart(packet->bytes.data,
					       packet->bytes.avail);
	return is_plain;
}

/*
 * Large pieces are kept: to map and to poison them anew took most of the time. They
 * are zeroed, as promised: what a run left of the thread that reads ahead told the
 * next that it was over.
 */
#define LARGE		262144
#define PIECES		4

static struct piece {
	void *memory;
	size_t size;
	bool is_used;
} pieces[PIECES];

void *outside_calloc(size_t count, size_t size)
{
	struct piece *piece;

	if (count > 1 || size < LARGE)
		return calloc(count, size);
	for (piece = pieces; piece < pieces + PIECES; piece++) {
		if (!piece->memory) {
			piece->memory = calloc(1, size);
			piece->size = size;
		}
		if (!piece->is_used && piece->size == size) {
			piece->is_used = true;
			return memset(piece->memory, 0, size);
		}
	}
	return calloc(1, size);
}

void outside_free(void *memory)
{
	struct piece *piece;

	for (piece = pieces; piece < pieces + PIECES; piece++)
		if (memory && piece->memory == memory) {
			piece->is_used = false;
			return;
		}
	free(memory);
}
