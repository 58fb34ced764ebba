/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lines on their way to a file or to standard output. What cannot be written
 * now waits; what does not fit any more is dropped, counted, and told by a
 * "lost" line in its place. Never waits itself, and never leaves half a line
 * in a regular file. Knows no event.
 */
#ifndef TCPHS_OUTPUT_H
#define TCPHS_OUTPUT_H

#include "env.h"
#include "place.h"
#include "source.h"

struct output_totals {
	u64 lines;		/* written */
	u64 bytes;		/* of these */
	u64 dropped;		/* events whose line was */
	u64 errors;		/* of write(), but "try again" */
};

struct output;

/**
 * output_open() - begin
 * @path: appended to; half a line that a crash left at its end is cut off.
 *	  NULL: standard output
 * @status: on failure enum status
 *
 * Return: NULL having complained.
 */
struct output *output_open(const char *path, int *status);

/* What place_recall() needs to know. */
int output_fd(const struct output *output);

/**
 * output_begin() - the first lines may come
 * @output: from output_open()
 * @place: is told what is written, kept by reference
 * @hello: made into each file's first line, kept by reference
 * @mark: where the stream begins
 */
void output_begin(struct output *output, struct place *place,
		  const struct source_hello *hello,
		  const struct place_mark *mark);

/**
 * output_add() - a line to be written
 * @output: begun
 * @line: without '\n'
 * @mark: the moment of the stream after it
 */
void output_add(struct output *output, const char *line,
		const struct place_mark *mark);

/* Write what can be written at once. After an error: only output_retry() does. */
void output_flush(struct output *output);
void output_retry(struct output *output);

/* For poll(POLLOUT), then output_flush(); -1: there is nothing to wait for. */
int output_poll_fd(const struct output *output);

/* Write what waits, then open the path anew; stays with the old file if it cannot. */
void output_reopen(struct output *output);

/* Nobody reads standard output any more. */
bool output_is_gone(const struct output *output);

const struct output_totals *output_totals(const struct output *output);
/* Lines. */
size_t output_waiting(const struct output *output);

/**
 * output_finish() - write what waits, then close
 * @output: freed
 * @timeout_ms: how long a reader may take
 *
 * Return: whether every line is written; if not it has complained.
 */
bool output_finish(struct output *output, int timeout_ms);

#endif /* TCPHS_OUTPUT_H */
