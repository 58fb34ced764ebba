/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tcphs timewait --hist: how long they lasted, what was observed apart from
 * what was modelled, what nothing disturbed apart from the rest.
 */
#ifndef TCPHS_WAITHIST_H
#define TCPHS_WAITHIST_H

#include "histogram.h"
#include "wait.h"

enum waithist_kind {
	WAITHIST_UNDISTURBED,	/* expired, never begun again */
	WAITHIST_RESTARTED,	/* expired later */
	WAITHIST_EARLY,		/* reused, reset, killed, evicted */
	WAITHIST_KINDS
};

struct waithist {
	struct histogram histogram[TCPHS_SOURCE_MODELLED + 1][WAITHIST_KINDS];
};

void waithist_exit(struct waithist *hist);

/* Takes those that ended, and were there to end. */
void waithist_add(struct waithist *hist, const struct wait *wait);

void waithist_print(const struct waithist *hist);
void waithist_print_json(const struct waithist *hist);

#endif /* TCPHS_WAITHIST_H */
