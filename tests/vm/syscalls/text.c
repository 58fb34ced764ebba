// SPDX-License-Identifier: GPL-2.0
/* Calls to the text files below /proc. */
#include "fuzz.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

static const char * const names[] = {
	"/proc/tcphs", "/proc/net/tcphs", "/proc/net/tcphs_times", "/proc/net/stat/tcphs",
};

void open_text(struct worker *w)
{
	static const int modes[] = { O_RDONLY, O_RDONLY, O_RDONLY, O_RDWR, O_WRONLY };
	int mode = modes[pick(w, COUNT_OF(modes))];
	int fd = open(names[pick(w, COUNT_OF(names))], mode | (chance(w, 20) ? O_NONBLOCK : 0));

	if (mode != O_RDONLY) {
		refuse(w, fd, MAY_FAIL(EACCES));
		return;
	}
	if (!judge(w, fd, MAY_FAIL(0)))
		return;
	if (dup3(fd, pick_fd(w, TEXT), 0) < 0 && errno != EBUSY)
		wrong(w, "dup3()", fd);
	close(fd);
}

static void check_text(struct worker *w, const char *text, long len)
{
	for (; len; len--, text++)
		if (*text != '\n' && (*text < ' ' || *text > '~'))
			wrong(w, "what was read is no text", *text);
}

void read_text(struct worker *w)
{
	size_t room, size = pick_size(w);
	char *buf = pick_buffer(w, &room);
	long long at = chance(w, 50) ? 0 : pick_offset(w);
	bool jumps = chance(w, 30);
	int fd = pick_fd(w, TEXT);
	long n = jumps ? pread(fd, buf, size, at) : read(fd, buf, size);

	/* Where it stands is not known, and may be too far for any length. */
	if (!judge(w, n, MAY_FAIL(EINTR, fits(size, room) ? EINTR : EFAULT,
				  !jumps || at < 0 || size > (size_t)(LLONG_MAX - at) ?
				  EINVAL : EINTR)))
		return;
	if ((size_t)n > size)
		wrong(w, "more than was asked for", n);
	else if (fits(size, room))
		check_text(w, buf, n);
}

void seek_text(struct worker *w)
{
	static const int whences[] = { SEEK_SET, SEEK_SET, SEEK_CUR, SEEK_END, SEEK_DATA, 77 };
	long long at = pick_offset(w);
	int whence = whences[pick(w, COUNT_OF(whences))];
	long n = lseek(pick_fd(w, TEXT), at, whence);

	if (whence > SEEK_CUR)
		refuse(w, n, MAY_FAIL(EINVAL));
	else
		judge(w, n, MAY_FAIL(EINVAL, EINTR));
}

void ask_text(struct worker *w)
{
	unsigned long command = (pick(w, 0) & 0xffff00ff) | TCPHS_IOC_MAGIC << 8;

	refuse(w, ioctl(pick_fd(w, TEXT), command, w->room), MAY_FAIL(ENOTTY));
}

void map_text(struct worker *w)
{
	unsigned int i = (unsigned int)pick(w, PLACES);
	void *at;

	if (w->is_whole[i])
		return;
	at = mmap(w->place[i], 4096, PROT_READ,
		  MAP_FIXED | (chance(w, 50) ? MAP_SHARED : MAP_PRIVATE), pick_fd(w, TEXT), 0);
	refuse(w, at == MAP_FAILED ? -1 : 0, MAY_FAIL(EIO, ENODEV));
}
