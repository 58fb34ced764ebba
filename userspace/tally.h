/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sums over TIME_WAITs: how many wait, how many ended, how. Knows of no single
 * one after it was counted.
 */
#ifndef TCPHS_TALLY_H
#define TCPHS_TALLY_H

#include <stdio.h>

#include "env.h"
#include "jsonline.h"
#include "wait.h"

#define TALLY_ENDS	(TCPHS_TW_EVICTED + 1)
#define TALLY_SOURCES	(TCPHS_SOURCE_MODELLED + 1)

struct tally {
	bool has_now;			/* who waits was looked at */
	bool has_over;			/* and what is over */
	u64 now[TALLY_SOURCES];		/* that wait, by enum tcphs_source */
	u64 orphans_now;
	u64 began;
	u64 ended;			/* the sum of .ends */
	u64 ends[TALLY_ENDS];		/* by enum tcphs_tw_end; 0: not known */
	u64 orphans_ended;
	u64 restarts;			/* of those that wait or ended */
	u64 again;			/* restarts that were told as they were */
	u64 delayed;
	u64 delay_ns;			/* their sum */
	/* of those that were held at all; count 0: no figure */
	u64 held[TALLY_SOURCES];
	u64 shortest_ns[TALLY_SOURCES];
	u64 longest_ns[TALLY_SOURCES];
};

void tally_add(struct tally *tally, const struct wait *wait);

u64 tally_waiting(const struct tally *tally);
/* Modelled only where nothing was observed: the two are never mixed. */
unsigned int tally_source(const struct tally *tally);

/* Lines of text: who waits, what ended and how, what it cost. */
void tally_print(FILE *out, const struct tally *tally);

/* The same as keys of JSON. */
void tally_put(struct jsonline *line, const struct tally *tally);

#endif /* TCPHS_TALLY_H */
