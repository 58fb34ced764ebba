/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How durations spread: counts in buckets that grow with what they hold, and
 * quantiles of them. Pure arithmetic; keeps no count and knows no connection.
 *
 * Each octave [2^n, 2^(n+1)) is cut into equal parts, as HdrHistogram does it:
 * a bucket is no wider than 1/parts of what is in it. Hence its middle, taken
 * for any value in it, is wrong by 1/(2 parts) of that value at the most. How
 * many parts there are may differ from zone to zone: more where values are
 * near one another.
 */
#ifndef TCPHS_CORE_SPREAD_H
#define TCPHS_CORE_SPREAD_H

#include "env.h"

/* From 2^first on, as far as the next zone, each octave has 2^cut parts. */
struct tcphs_zone {
	u8 first;
	u8 cut;
};

#define TCPHS_ZONES	4

/*
 * Ascending zones, cut <= first. All that is shorter is in the first bucket;
 * the last zone is but the end: all from there on is in the last bucket.
 */
struct tcphs_spread {
	struct tcphs_zone zone[TCPHS_ZONES];
	u8 zones;		/* with the end; at least 2 */
};

/* A bucket by itself: lower <= value < upper. */
struct tcphs_bar {
	u64 lower;
	u64 upper;		/* ~0: there is none */
	u64 count;
};

/**
 * tcphs_spread_buckets() - how many there are
 * @spread: how they lie
 */
unsigned int tcphs_spread_buckets(const struct tcphs_spread *spread);

/**
 * tcphs_spread_bucket() - where a value is counted
 * @spread: how the buckets lie
 * @value: any
 *
 * Return: the bucket's number, below tcphs_spread_buckets().
 */
unsigned int tcphs_spread_bucket(const struct tcphs_spread *spread, u64 value);

/**
 * tcphs_spread_lower() - the smallest value of a bucket
 * @spread: how the buckets lie
 * @bucket: below tcphs_spread_buckets()
 *
 * Return: that value, 0 for the first bucket.
 */
u64 tcphs_spread_lower(const struct tcphs_spread *spread, unsigned int bucket);

/**
 * tcphs_spread_upper() - the smallest value that is above a bucket
 * @spread: how the buckets lie
 * @bucket: below tcphs_spread_buckets()
 *
 * Return: that value, ~0 for the last bucket.
 */
u64 tcphs_spread_upper(const struct tcphs_spread *spread, unsigned int bucket);

/**
 * tcphs_spread_quantile() - below which value so many of all values are
 * @bars: those that count something, ascending
 * @n: how many
 * @min: the smallest value that was counted
 * @max: the largest
 * @permille: 500: the median; 0: the smallest; 1000: the largest
 *
 * @error: by how much it may be wrong; NULL is fine
 *
 * The nearest rank: the k-th of N values in their order, k the smallest with
 * k / N >= @permille / 1000. The first and the last are told exactly, others
 * as the middle of what their bucket leaves between @min and @max.
 *
 * Return: that value; @max if nothing was counted.
 */
u64 tcphs_spread_quantile(const struct tcphs_bar *bars, size_t n, u64 min,
			  u64 max, unsigned int permille, u64 *error);

#endif /* TCPHS_CORE_SPREAD_H */
