// SPDX-License-Identifier: GPL-2.0
/*
 * The ring mapped, at places that only one thread changes: it knows what is there. All
 * threads look at all of them, by calls that tell when there is nothing.
 */
#include "fuzz.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#define PAGE	4096

/* One of a ring's length, or about it. */
static size_t pick_length(struct worker *w)
{
	const size_t whole = w->map_bytes;
	const size_t lengths[] = {
		whole, whole, whole, whole, whole - 1, whole - PAGE, whole + 1, whole + PAGE,
		2 * whole, PAGE, 1, 0,
	};

	return lengths[pick(w, COUNT_OF(lengths))];
}

static long long pick_page(struct worker *w)
{
	switch (pick(w, 8)) {
	case 0:
		return PAGE;
	case 1:
		return (long long)w->map_bytes;
	case 2:
		return (pick_offset(w) & LLONG_MAX) & ~(PAGE - 1LL);
	case 3:
		return 1;
	case 4:
		return -PAGE;
	}
	return 0;
}

static bool is_good(const struct worker *w, size_t length, int prot, int type, long long at)
{
	return length > w->map_bytes - PAGE && length <= w->map_bytes && !at &&
	       !(prot & PROT_WRITE) && type != 0;
}

void map_ring(struct worker *w)
{
	static const int types[] = {
		MAP_SHARED, MAP_SHARED, MAP_PRIVATE, MAP_SHARED_VALIDATE, 0,
	};
	static const int more[] = { 0, 0, MAP_POPULATE, MAP_NORESERVE, MAP_LOCKED, MAP_NONBLOCK };
	unsigned int i = (unsigned int)pick(w, PLACES);
	int prot = (int)pick(w, 4), type = types[pick(w, COUNT_OF(types))];
	size_t length = pick_length(w);
	long long offset = pick_page(w);
	void *at;

	at = mmap(w->place[i], length, prot, MAP_FIXED | type | more[pick(w, COUNT_OF(more))],
		  pick_fd(w, DEVICE), offset);
	if (!is_good(w, length, prot, type, offset)) {
		refuse(w, at == MAP_FAILED ? -1 : 0,
		       MAY_FAIL(EINVAL, EACCES, EPERM, EOVERFLOW, ENOMEM));
		/* What was there before may have made room already. */
		w->is_whole[i] = false;
		return;
	}
	w->is_whole[i] = judge(w, at == MAP_FAILED ? -1 : 0,
			       MAY_FAIL(EACCES, EAGAIN)) && (prot & PROT_READ);
}

void unmap_ring(struct worker *w)
{
	unsigned int i = (unsigned int)pick(w, PLACES);
	size_t from = chance(w, 50) ? 0 : pick(w, w->map_bytes) & ~(PAGE - 1UL);
	size_t length = chance(w, 50) ? w->map_bytes : PAGE;

	if (chance(w, 10)) {
		refuse(w, munmap(w->place[i] + 1, length), MAY_FAIL(EINVAL));
		return;
	}
	judge(w, munmap(w->place[i] + from, length), MAY_FAIL(0));
	w->is_whole[i] = false;
}

/* It is for reading, and stays so. */
void protect_ring(struct worker *w)
{
	unsigned int i = (unsigned int)pick(w, PLACES);
	int prot = (int)pick(w, 4);

	if (w->is_whole[i] && prot & PROT_WRITE)
		refuse(w, mprotect(w->place[i], w->map_bytes, prot), MAY_FAIL(EACCES));
	else
		judge(w, mprotect(w->place[i], w->map_bytes, prot & ~PROT_WRITE), MAY_FAIL(ENOMEM));
}

void remap_ring(struct worker *w)
{
	unsigned int i = (unsigned int)pick(w, PLACES), j = (unsigned int)pick(w, PLACES);
	size_t whole = w->map_bytes;
	void *at;

	if (!w->is_whole[i])
		return;
	if (chance(w, 50)) {	/* no growth, neither here nor elsewhere, and no second one */
		at = mremap(w->place[i], chance(w, 20) ? 0 : whole, 2 * whole,
			    chance(w, 50) ? MREMAP_MAYMOVE : 0);
		refuse(w, at == MAP_FAILED ? -1 : 0, MAY_FAIL(EFAULT, EINVAL));
		return;
	}
	at = mremap(w->place[i], whole, whole, MREMAP_MAYMOVE | MREMAP_FIXED, w->place[j]);
	if (i == j) {
		refuse(w, at == MAP_FAILED ? -1 : 0, MAY_FAIL(EINVAL));
	} else if (judge(w, at == MAP_FAILED ? -1 : 0, MAY_FAIL(0))) {
		w->is_whole[i] = false;
		w->is_whole[j] = true;
	}
}

void advise_ring(struct worker *w)
{
	static const int advice[] = {
		MADV_NORMAL, MADV_DONTNEED, MADV_WILLNEED, MADV_REMOVE, MADV_DONTFORK, MADV_DOFORK,
		MADV_MERGEABLE, MADV_HUGEPAGE, MADV_DONTDUMP, MADV_FREE, MADV_COLD, MADV_PAGEOUT,
		MADV_WIPEONFORK, MADV_POPULATE_READ,
	};
	unsigned int i = (unsigned int)pick(w, PLACES);
	unsigned char in[1024];

	switch (pick(w, 4)) {
	case 0:
		judge(w, msync(w->place[i], w->map_bytes, MS_ASYNC), MAY_FAIL(ENOMEM));
		break;
	case 1:
		judge(w, mincore(w->place[i], PAGE, in), MAY_FAIL(ENOMEM));
		break;
	case 2:
		judge(w, mlock(w->place[i], w->map_bytes), MAY_FAIL(ENOMEM, EAGAIN));
		judge(w, munlock(w->place[i], w->map_bytes), MAY_FAIL(ENOMEM));
		break;
	case 3:
		/* Pages that are not: away they go, and do not come back. */
		judge(w, madvise(w->place[i], w->map_bytes, advice[pick(w, COUNT_OF(advice))]),
		      MAY_FAIL(ENOMEM, EINVAL, EFAULT, EACCES, EIO, EHWPOISON));
		break;
	}
}

/* Any thread's, which may be changing it; and nobody writes there, in no way. */
void peep_ring(struct worker *w)
{
	char *there = w->place[0] - w->index % THREADS * 2 * PLACES * w->map_bytes +
		      pick(w, THREADS * PLACES) * 2 * w->map_bytes;
	struct iovec own = { w->room, w->map_bytes < ROOM ? w->map_bytes : ROOM };
	struct iovec other = { there, own.iov_len };
	int fd;

	switch (pick(w, 3)) {
	case 0:
		judge(w, process_vm_readv(getpid(), &own, 1, &other, 1, 0),
		      MAY_FAIL(EFAULT, ENOSYS));
		break;
	case 1:
		refuse(w, process_vm_writev(getpid(), &own, 1, &other, 1, 0),
		       MAY_FAIL(EFAULT, ENOSYS));
		break;
	case 2:
		fd = open("/proc/self/mem", O_RDWR);
		refuse(w, pwrite(fd, w->room, PAGE, (off_t)(unsigned long)there), MAY_FAIL(EIO));
		close(fd);
		break;
	}
}
