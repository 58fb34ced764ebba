/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The stream from the device to lines and metrics: opened, taken up where the
 * run before left it, read to its end. Knows neither signals nor HTTP.
 */
#ifndef TCPHS_FOLLOW_H
#define TCPHS_FOLLOW_H

#include "env.h"
#include "metrics.h"
#include "output.h"
#include "place.h"
#include "source.h"

struct follow_options {
	const char *output;	/* a path, or NULL: standard output */
	const char *state;	/* a path, or NULL: no place is kept */
	const char *user;	/* to become once the device is open, or NULL */
};

struct follow {
	struct source_options source_options;
	struct source *source;
	struct output *output;
	struct place *place;
	struct metrics *metrics;
	struct place_mark mark;	/* how far lines were made */
	struct place_resume resume;
	u64 held_place;		/* what was produced when it began */
	bool has_gap;
	u64 gap;
	u64 read;		/* events, without those skipped */
	u64 lost;		/* likewise */
};

/**
 * follow_open() - open all of it; the first lines come
 * @options: kept by reference
 * @metrics: counts what is read, kept by reference
 * @status: on failure enum status
 *
 * Return: NULL having complained.
 */
struct follow *follow_open(const struct follow_options *options,
			   struct metrics *metrics, int *status);

enum follow_got {
	FOLLOW_MORE,		/* there may be more at once */
	FOLLOW_NOTHING,		/* poll(source_fd()) first */
	FOLLOW_END,		/* the module or the namespace has gone */
	FOLLOW_FAILED,		/* complained */
};

/* Read for one turn, without waiting, and write. */
enum follow_got follow_turn(struct follow *follow);

/* How many events the module has produced; 0: it does not say. */
u64 follow_produced(const struct follow *follow);

/* Whether the first @place events were read, or lost. */
bool follow_has_read(const struct follow *follow, u64 place);

/**
 * follow_close() - write what waits, then close
 * @follow: freed
 * @timeout_ms: how long a reader of standard output may take
 *
 * Return: whether every line is written; if not it has complained.
 */
bool follow_close(struct follow *follow, int timeout_ms);

#endif /* TCPHS_FOLLOW_H */
