// SPDX-License-Identifier: GPL-2.0
/*
 * Maps /dev/tcphs in every way that must not work, and the one that must.
 *
 *	mapped refuse	a line for each claim, status 1 if one does not hold
 *	mapped hold	maps it, closes it, says so; reads all of it when its
 *			input ends, and tells the records that it saw
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/tcphs.h>

static int status;
static size_t bytes;

static void claim(const char *what, bool holds)
{
	printf("%s: %s\n", holds ? "ok" : "FAIL", what);
	if (!holds)
		status = 1;
}

static int open_device(struct tcphs_info *info)
{
	int fd = open("/dev/tcphs", O_RDONLY);

	if (fd < 0 || ioctl(fd, TCPHS_IOC_INFO, info) < 0) {
		perror("/dev/tcphs");
		_exit(1);
	}
	bytes = info->map_bytes;
	return fd;
}

static void refuse_map(int fd, const char *what, size_t size, int prot,
		       int flags, off_t offset, int error)
{
	void *at = mmap(NULL, size, prot, flags, fd, offset);

	claim(what, at == MAP_FAILED && errno == error);
	if (at != MAP_FAILED)
		munmap(at, size);
}

static void refuse_maps(int fd)
{
	const int rw = PROT_READ | PROT_WRITE;
	long page = sysconf(_SC_PAGESIZE);

	refuse_map(fd, "no length", 0, PROT_READ, MAP_SHARED, 0, EINVAL);
	refuse_map(fd, "a page less", bytes - page, PROT_READ, MAP_SHARED, 0, EINVAL);
	refuse_map(fd, "a page more", bytes + page, PROT_READ, MAP_SHARED, 0, EINVAL);
	refuse_map(fd, "twice as long", 2 * bytes, PROT_READ, MAP_SHARED, 0, EINVAL);
	refuse_map(fd, "behind the first page", bytes - page, PROT_READ, MAP_SHARED, page, EINVAL);
	refuse_map(fd, "behind all of it", bytes, PROT_READ, MAP_SHARED, (off_t)bytes, EINVAL);
	refuse_map(fd, "at the last offset", bytes, PROT_READ, MAP_SHARED,
		   (off_t)((~0ULL >> 1) & ~(page - 1ULL)), EINVAL);
	refuse_map(fd, "an offset that overflows", bytes, PROT_READ, MAP_SHARED,
		   (off_t)-page, EOVERFLOW);
	refuse_map(fd, "for writing", bytes, rw, MAP_SHARED, 0, EACCES);
	refuse_map(fd, "for writing a copy", bytes, rw, MAP_PRIVATE, 0, EPERM);
}

/*
 * Nobody writes what the kernel looks at: there is no page of a reader's, and its own
 * are not to be written in the ways that get around a page's protection either.
 */
static void refuse_writers(char *at)
{
	char one[8] = { 1 };
	struct iovec own = { one, sizeof(one) }, there = { at, sizeof(one) };
	int fd = open("/proc/self/mem", O_RDWR);
	__u64 before = *(volatile __u64 *)at;

	claim("nothing is written through /proc/self/mem",
	      pwrite(fd, one, sizeof(one), (off_t)(unsigned long)at) < 0 && errno == EIO);
	claim("nor by process_vm_writev()",
	      process_vm_writev(getpid(), &own, 1, &there, 1, 0) < 0);
	claim("what stands there is what stood there", *(volatile __u64 *)at == before);
	close(fd);
}

static void refuse_more(int fd, int flags, const char *kind)
{
	char *at = mmap(NULL, bytes, PROT_READ, flags, fd, 0);
	long page = sysconf(_SC_PAGESIZE);
	int fds[2];

	printf("# %s\n", kind);
	claim("it can be mapped", at != MAP_FAILED);
	if (at == MAP_FAILED || pipe(fds) < 0)
		return;
	claim("mprotect() does not make it writable",
	      mprotect(at, bytes, PROT_READ | PROT_WRITE) < 0 && errno == EACCES);
	claim("mremap() does not make it longer",
	      mremap(at, bytes, bytes + page, MREMAP_MAYMOVE) == MAP_FAILED);
	claim("read() into it fails", write(fds[1], "", 1) == 1 &&
	      read(fds[0], at, 1) < 0 && errno == EFAULT);
	refuse_writers(at);
	claim("a part can be unmapped", munmap(at, page) == 0);
	claim("the rest remains", write(fds[1], at + page, page) == page);
	munmap(at + page, bytes - page);
	close(fds[0]);
	close(fds[1]);
}

static __u64 count_records(const char *at, const struct tcphs_info *info)
{
	size_t i, part = bytes / info->rings;
	const struct tcphs_ring_page *head;
	const struct tcphs_record *slot;
	__u64 n, held, good = 0;

	for (i = 0; i < info->rings; i++) {
		head = (const void *)(at + i * part);
		slot = (const void *)(at + i * part + TCPHS_RING_PAGE);
		held = head->head < info->ring_records ? head->head : info->ring_records;
		for (n = head->head - held; n < head->head; n++)
			good += slot[n % info->ring_records].size == TCPHS_RECORD_SIZE &&
				slot[n % info->ring_records].cpu == head->cpu;
	}
	return good;
}

/* Two at once, a child, and what is left when the file is closed: all the same. */
static void use_it(int fd, const struct tcphs_info *info)
{
	char *one = mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, 0);
	char *two = mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, 0);
	int child_status = -1;
	__u64 count;

	close(fd);
	claim("two mappings", one != MAP_FAILED && two != MAP_FAILED);
	count = count_records(one, info);
	claim("all records are there, and whole", count == info->produced);
	claim("the same in both", count_records(two, info) == count);
	munmap(two, bytes);
	if (fork() == 0)
		_exit(count_records(one, info) != count);
	wait(&child_status);
	claim("the same in a child", child_status == 0);
	munmap(one, bytes);
}

static int refuse(void)
{
	struct tcphs_info info;
	int fd = open_device(&info);

	refuse_maps(fd);
	refuse_more(fd, MAP_SHARED, "shared");
	refuse_more(fd, MAP_PRIVATE, "private");
	use_it(fd, &info);
	return status;
}

static int hold(void)
{
	struct tcphs_info info;
	int fd = open_device(&info);
	char *at = mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, 0);
	char byte;

	if (at == MAP_FAILED)
		return 1;
	close(fd);
	puts("mapped");
	fflush(stdout);
	while (read(0, &byte, 1) > 0)
		;
	printf("records %llu\n", count_records(at, &info));
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "hold") == 0)
		return hold();
	return refuse();
}
