// SPDX-License-Identifier: GPL-2.0
/*
 * Writes lines, survives full disks and readers that do not read, and counts
 * exactly what it could not write. Must not wait but in output_finish().
 */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "linefile.h"
#include "lines.h"
#include "print.h"
#include "tool.h"

#define BATCH		1048576U	/* bytes for one write() */

struct output {
	const char *path;	/* NULL: standard output */
	const char *name;	/* for complaints */
	int fd;
	mode_t type;		/* S_IFREG, ... */
	int error;		/* of the last write, until one succeeds */
	bool is_gone;
	bool is_dropping;	/* and it was told */
	size_t partial;		/* bytes of the first line that are out */
	struct lines lines;
	u64 untold;		/* dropped since the last "lost" line */
	struct place_mark untold_mark;	/* after the last of them */
	struct place_mark written;	/* all up to here is */
	struct place *place;
	const struct source_hello *hello;
	struct output_totals totals;
};

static bool is_regular(const struct output *output)
{
	return S_ISREG(output->type);
}

static mode_t find_type(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 ? st.st_mode & S_IFMT : 0;
}

struct output *output_open(const char *path, int *status)
{
	struct output *output = tool_alloc(sizeof(*output));

	output->path = path;
	output->name = path ? path : "standard output";
	output->fd = path ? linefile_open(path) : STDOUT_FILENO;
	output->type = find_type(output->fd);
	if (output->fd < 0) {
		*status = STATUS_FAILED;
		free(output);
		return NULL;
	}
	lines_init(&output->lines);
	return output;
}

int output_fd(const struct output *output)
{
	return output->fd;
}

static char *make_hello(const struct output *output)
{
	return print_json_hello(output->hello, print_wall_ns());
}

void output_begin(struct output *output, struct place *place,
		  const struct source_hello *hello,
		  const struct place_mark *mark)
{
	char *line;

	output->place = place;
	output->hello = hello;
	output->written = *mark;
	line = make_hello(output);
	if (line)
		lines_push(&output->lines, line, mark);
	free(line);
}

static void tell_lost(struct output *output)
{
	char *line = print_json_lost(output->untold, "output", print_wall_ns());

	if (line && lines_push(&output->lines, line, &output->untold_mark)) {
		complain("%s: %llu lines were dropped", output->name,
			 (unsigned long long)output->untold);
		output->untold = 0;
		output->is_dropping = false;
	}
	free(line);
}

static void drop(struct output *output, const struct place_mark *mark)
{
	if (!output->is_dropping)
		complain("%s: %zu lines wait, no more fit: dropping",
			 output->name, lines_waiting(&output->lines));
	output->is_dropping = true;
	output->untold++;
	output->untold_mark = *mark;
	output->totals.dropped++;
}

void output_add(struct output *output, const char *line,
		const struct place_mark *mark)
{
	if (output->untold && lines_has_room(&output->lines))
		tell_lost(output);
	if (output->untold || !lines_push(&output->lines, line, mark))
		drop(output, mark);
}

/*
 * A write that cannot block: poll() promises PIPE_BUF bytes to a pipe, and a
 * socket is asked not to wait. O_NONBLOCK would also be set for whoever else
 * has standard output.
 */
static ssize_t write_some(const struct output *output, const char *text,
			  size_t size)
{
	struct pollfd ready = { .fd = output->fd, .events = POLLOUT };

	if (is_regular(output))
		return write(output->fd, text, size);
	if (S_ISSOCK(output->type))
		return send(output->fd, text, size,
			    MSG_DONTWAIT | MSG_NOSIGNAL);
	if (poll(&ready, 1, 0) == 0) {
		errno = EAGAIN;
		return -1;
	}
	return write(output->fd, text, size < PIPE_BUF ? size : PIPE_BUF);
}

/* Return: 0 if all is written, else why not; *done has grown. */
static int write_all(const struct output *output, const char *text,
		     size_t size, size_t *done)
{
	ssize_t put;

	while (*done < size) {
		put = write_some(output, text + *done, size - *done);
		if (put > 0)
			*done += (size_t)put;
		else if (put == 0 || errno != EINTR)
			return put ? errno : EIO;
	}
	return 0;
}

/* Where the first line that waits begins, or will. */
static off_t find_offset(const struct output *output)
{
	int flags = fcntl(output->fd, F_GETFL);
	bool appends = flags >= 0 && (flags & O_APPEND);
	off_t offset = lseek(output->fd, 0, appends ? SEEK_END : SEEK_CUR);

	return offset < 0 ? 0 : offset - (off_t)output->partial;
}

/* Half a line at the end of a regular file goes; it is written again later. */
static void cut_half(struct output *output, off_t whole)
{
	if (!output->partial || !is_regular(output))
		return;
	if (ftruncate(output->fd, whole) == 0 &&
	    lseek(output->fd, whole, SEEK_SET) == whole)
		output->partial = 0;
}

/* Return: how many lines were in *taken bytes of @done. */
static u64 take_lines(struct output *output, size_t done, size_t *taken)
{
	size_t before = lines_waiting(&output->lines);

	*taken = lines_take(&output->lines, done, &output->written);
	return before - lines_waiting(&output->lines);
}

static void set_error(struct output *output, int error)
{
	if (error == EAGAIN)
		return;
	output->totals.errors++;
	if (error == EPIPE && !output->path) {
		output->is_gone = true;
		return;
	}
	if (output->error != error)
		complain("%s: %s; lines wait for up to %u, then are dropped",
			 output->name, strerror(error), LINES_COUNT);
	output->error = error;
}

static void clear_error(struct output *output)
{
	if (output->error)
		complain("%s: written to again", output->name);
	output->error = 0;
}

/* Return: whether it is all written, and more may follow. */
static bool write_batch(struct output *output)
{
	const struct place_mark *after;
	size_t size = BATCH, taken, done;
	off_t offset = find_offset(output);
	const char *text = lines_peek(&output->lines, &size, &after);
	int error;

	if (is_regular(output))
		place_intend(output->place, output->fd, (u64)offset, size,
			     &output->written, after);
	done = output->partial;
	error = write_all(output, text, size, &done);
	output->totals.lines += take_lines(output, done, &taken);
	output->totals.bytes += taken;
	output->partial = done - taken;
	cut_half(output, offset + (off_t)taken);
	if (error || !is_regular(output))
		place_settle(output->place, &output->written);
	if (error)
		set_error(output, error);
	else
		clear_error(output);
	return !error;
}

static void write_waiting(struct output *output)
{
	do {
		if (output->untold && lines_has_room(&output->lines))
			tell_lost(output);
	} while (lines_waiting(&output->lines) && write_batch(output));
}

void output_flush(struct output *output)
{
	if (!output->error && !output->is_gone)
		write_waiting(output);
}

void output_retry(struct output *output)
{
	if (!output->is_gone)
		write_waiting(output);
}

int output_poll_fd(const struct output *output)
{
	bool waits = lines_waiting(&output->lines) && !output->error &&
		     !output->is_gone && !is_regular(output);

	return waits ? output->fd : -1;
}

/* The path leads to the file that is open: it was not rotated. */
static bool has_same_file(const struct output *output)
{
	struct stat open_one, named;

	return fstat(output->fd, &open_one) == 0 &&
	       stat(output->path, &named) == 0 &&
	       open_one.st_dev == named.st_dev &&
	       open_one.st_ino == named.st_ino;
}

void output_reopen(struct output *output)
{
	char *line;
	int fd;

	output_retry(output);
	if (!output->path || has_same_file(output))
		return;
	fd = linefile_open(output->path);
	if (fd < 0) {
		complain("%s: the file that was open is kept", output->name);
		return;
	}
	close(output->fd);
	output->fd = fd;
	output->type = find_type(fd);
	output->error = 0;
	output->partial = 0;
	line = make_hello(output);
	if (line)
		lines_push_first(&output->lines, line, &output->written);
	free(line);
	output_flush(output);
}

bool output_is_gone(const struct output *output)
{
	return output->is_gone;
}

const struct output_totals *output_totals(const struct output *output)
{
	return &output->totals;
}

size_t output_waiting(const struct output *output)
{
	return lines_waiting(&output->lines);
}

static long long clock_ms(void)
{
	struct timespec now = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void wait_for_reader(struct output *output, int timeout_ms)
{
	struct pollfd ready = { .events = POLLOUT };
	long long left, end = clock_ms() + timeout_ms;

	while ((ready.fd = output_poll_fd(output)) >= 0) {
		left = end - clock_ms();
		if (left <= 0 || poll(&ready, 1, (int)left) <= 0)
			return;
		output_flush(output);
	}
}

bool output_finish(struct output *output, int timeout_ms)
{
	u64 left;

	output_retry(output);
	wait_for_reader(output, timeout_ms);
	left = lines_waiting(&output->lines) + output->untold;
	if (left)
		complain("%s: %llu lines could not be written", output->name,
			 (unsigned long long)left);
	place_settle(output->place, &output->written);
	if (output->path)
		close(output->fd);
	lines_exit(&output->lines);
	free(output);
	return left == 0;
}
