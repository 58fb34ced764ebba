/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How durations are distributed, in columns as bcc's tools draw them. Linear,
 * because the powers of two would put all of 33 to 65 seconds into one.
 */
#ifndef TCPHS_HISTOGRAM_H
#define TCPHS_HISTOGRAM_H

#include <stdio.h>

#include "env.h"

#define HISTOGRAM_GRAIN_NS	10000000ULL	/* 10 ms: narrower is no column */
#define HISTOGRAM_GRAINS	60000		/* up to ten minutes; then one more */

struct histogram {
	u64 total;
	u32 *grain;		/* NULL as long as .total is 0 */
};

/* A column: from .from_ns on, below .to_ns. */
struct histogram_column {
	u64 from_ns;
	u64 to_ns;		/* TCPHS_NS_NONE: without an end */
	u64 count;
};

void histogram_exit(struct histogram *histogram);

void histogram_add(struct histogram *histogram, u64 ns);

/**
 * histogram_columns() - columns of one width, from the first that counts to
 * the last
 * @histogram: of which
 * @column: filled
 * @max: room in @column, 4 or more; the width is the least of 10, 20, 50, 100 ...
 *	 milliseconds with which they fit
 *
 * Return: how many columns there are.
 */
size_t histogram_columns(const struct histogram *histogram,
			 struct histogram_column *column, size_t max);

/* Draws it, head and all. */
void histogram_print(FILE *out, const struct histogram *histogram);

#endif /* TCPHS_HISTOGRAM_H */
