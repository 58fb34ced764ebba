/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tcphs timewait --by: sums by peer, port, owner or cause, bounded whatever
 * comes. Reads nothing.
 */
#ifndef TCPHS_SUMS_H
#define TCPHS_SUMS_H

#include "tally.h"
#include "wait.h"

enum sums_by {
	SUMS_PEER,		/* the address at the other end of who waits */
	SUMS_PORT,		/* the server's */
	SUMS_OWNER,		/* user and command */
	SUMS_CAUSE,
	SUMS_BYS
};

extern const char *const sums_by_names[SUMS_BYS];

struct sums;

/* @has_now, @has_over: as in struct tally. */
struct sums *sums_alloc(enum sums_by by, bool has_now, bool has_over);
void sums_add(struct sums *sums, const struct wait *wait);

/* The largest first. */
void sums_print(struct sums *sums);
void sums_print_json(struct sums *sums);

void sums_free(struct sums *sums);

#endif /* TCPHS_SUMS_H */
