// SPDX-License-Identifier: GPL-2.0
/*
 * The buckets of durations: every value in its own, bounds that leave no gap,
 * the error that the header promises, quantiles beside those of the sorted
 * values themselves.
 */
#include "core/spread.h"
#include "tap.h"

#include <stdlib.h>

#define VALUES	3000

/* The module's two; the smallest that there is; all of 64 bits, but the top. */
static const struct {
	const char *name;
	struct tcphs_spread spread;
} spreads[] = {
	{ "handshakes", { { { 9, 3 }, { 40, 0 } }, 2 } },
	{ "TIME_WAITs", { { { 25, 3 }, { 35, 6 }, { 37, 3 }, { 40, 0 } }, 4 } },
	{ "smallest", { { { 0, 0 }, { 1, 0 } }, 2 } },
	{ "finest", { { { 6, 6 }, { 63, 0 } }, 2 } },
};

static u64 random_state = 9293;

/* SplitMix64: every run sees the same numbers. */
static u64 draw(void)
{
	u64 z = random_state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* As many of each length in bits. */
static u64 draw_value(void)
{
	return draw() >> (draw() & 63);
}

static unsigned int first_of(const struct tcphs_spread *spread)
{
	return spread->zone[0].first;
}

static unsigned int last_of(const struct tcphs_spread *spread)
{
	return spread->zone[spread->zones - 1].first;
}

/* Into how many parts the octave of a value is cut, as a power of two. */
static unsigned int cut_of(const struct tcphs_spread *spread, u64 value)
{
	unsigned int cut = 0, i;

	for (i = 0; i < spread->zones; i++)
		if (value >> spread->zone[i].first)
			cut = spread->zone[i].cut;
	return cut;
}

static bool is_inside(const struct tcphs_spread *spread, u64 value)
{
	unsigned int bucket = tcphs_spread_bucket(spread, value);

	if (bucket < tcphs_spread_buckets(spread) &&
	    tcphs_spread_lower(spread, bucket) <= value &&
	    (value < tcphs_spread_upper(spread, bucket) || value == ~(u64)0))
		return true;
	tap_note("%llu is in bucket %u", (unsigned long long)value, bucket);
	return false;
}

static void check_values(const char *name, const struct tcphs_spread *spread)
{
	bool good = is_inside(spread, 0) && is_inside(spread, ~(u64)0);
	unsigned int i;

	for (i = 0; i < 64; i++)
		good &= is_inside(spread, (u64)1 << i) &&
			is_inside(spread, ((u64)1 << i) - 1) &&
			is_inside(spread, ((u64)1 << i) + 1);
	for (i = 0; i < 1000000; i++)
		good &= is_inside(spread, draw_value());
	tap_ok(good, "spread: %s: every value is in its bucket", name);
}

/* A value on either side of each bound is in the one or the other bucket. */
static void check_bounds(const char *name, const struct tcphs_spread *spread)
{
	unsigned int last = tcphs_spread_buckets(spread) - 1;
	bool good = tcphs_spread_lower(spread, 0) == 0 &&
		    tcphs_spread_lower(spread, 1) == (u64)1 << first_of(spread) &&
		    tcphs_spread_lower(spread, last) == (u64)1 << last_of(spread) &&
		    tcphs_spread_upper(spread, last) == ~(u64)0;
	unsigned int i;

	for (i = 0; i < last; i++) {
		u64 lower = tcphs_spread_lower(spread, i);
		u64 upper = tcphs_spread_upper(spread, i);

		good &= lower < upper &&
			upper == tcphs_spread_lower(spread, i + 1) &&
			tcphs_spread_bucket(spread, lower) == i &&
			tcphs_spread_bucket(spread, upper - 1) == i &&
			tcphs_spread_bucket(spread, upper) == i + 1;
	}
	tap_ok(good, "spread: %s: %u buckets, neither gap nor overlap", name,
	       last + 1);
}

/* Parts are equal, so the first of an octave is the widest for its values. */
static void check_width(const char *name, const struct tcphs_spread *spread)
{
	unsigned int last = tcphs_spread_buckets(spread) - 1;
	bool good = true;
	unsigned int i;

	for (i = 1; i < last; i++) {
		u64 lower = tcphs_spread_lower(spread, i);

		good &= tcphs_spread_upper(spread, i) - lower <=
			lower >> cut_of(spread, lower);
	}
	tap_ok(good, "spread: %s: no bucket is wider than its share of its values",
	       name);
}

static int compare(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

/* Ascending values into bars, as the module's file has them. */
static size_t make_bars(const struct tcphs_spread *spread, const u64 *values,
			size_t n, struct tcphs_bar *bars)
{
	size_t i, count = 0;

	for (i = 0; i < n; i++) {
		unsigned int bucket = tcphs_spread_bucket(spread, values[i]);
		u64 lower = tcphs_spread_lower(spread, bucket);

		if (!count || bars[count - 1].lower != lower)
			bars[count++] = (struct tcphs_bar) {
				.lower = lower,
				.upper = tcphs_spread_upper(spread, bucket),
			};
		bars[count - 1].count++;
	}
	return count;
}

/* As close as it says, which is as close as was promised; but for rounding. */
static bool is_close(const struct tcphs_spread *spread, u64 got, u64 right,
		     u64 error)
{
	u64 off = got > right ? got - right : right - got;

	return off <= error &&
	       error <= (right >> (cut_of(spread, right) + 1)) + 1;
}

/* @values: ascending, within the octaves of @spread. */
static bool check_sample(const struct tcphs_spread *spread, const u64 *values,
			 size_t n)
{
	static struct tcphs_bar bars[VALUES];
	size_t count = make_bars(spread, values, n, bars);
	bool good = true;
	u64 permille;

	for (permille = 1; permille <= 1000; permille++) {
		size_t rank = (size_t)((n * permille + 999) / 1000);
		u64 right = values[rank - 1];
		u64 error;
		u64 got = tcphs_spread_quantile(bars, count, values[0],
						values[n - 1],
						(unsigned int)permille, &error);

		if (is_close(spread, got, right, error) &&
		    ((rank > 1 && rank < n) || !error))
			continue;
		tap_note("%llu/1000 of %zu: %llu, not %llu",
			 (unsigned long long)permille, n,
			 (unsigned long long)got, (unsigned long long)right);
		good = false;
	}
	return good;
}

/* A value between 2^first and 2^last, as many of each octave. */
static u64 draw_inside(const struct tcphs_spread *spread)
{
	u64 octave = first_of(spread) +
		     draw() % (last_of(spread) - first_of(spread));

	return (u64)1 << octave | (draw() & (((u64)1 << octave) - 1));
}

static void check_quantiles(const char *name,
			    const struct tcphs_spread *spread)
{
	static u64 values[VALUES];
	bool good = true;
	size_t run, i;

	for (run = 0; run < 200; run++) {
		size_t n = run < 20 ? run + 1 : 1 + draw() % VALUES;
		u64 base = draw_inside(spread);

		/* Every other run all values are near one another. */
		for (i = 0; i < n; i++)
			values[i] = run % 2 ? base + draw() % (base / 64 + 1) :
					      draw_inside(spread);
		qsort(values, n, sizeof(values[0]), compare);
		if (values[n - 1] < (u64)1 << last_of(spread))
			good &= check_sample(spread, values, n);
	}
	tap_ok(good, "spread: %s: quantiles are as near those of the sorted values as promised",
	       name);
}

static void check_edges(void)
{
	const struct tcphs_bar bars[] = {
		{ .lower = 0, .upper = 512, .count = 3 },
		{ .lower = (u64)1 << 40, .upper = ~(u64)0, .count = 3 },
	};
	u64 min = 100, max = ((u64)1 << 40) + 1000;

	tap_ok(tcphs_spread_quantile(NULL, 0, 5, 9, 500, NULL) == 9,
	       "spread: nothing counted has the largest value as quantile");
	tap_ok(tcphs_spread_quantile(bars, 2, min, max, 500, NULL) == (100 + 511) / 2,
	       "spread: what is below the octaves lies between the smallest and them");
	tap_ok(tcphs_spread_quantile(bars, 2, min, max, 800, NULL) ==
	       ((u64)1 << 40) + 500,
	       "spread: what is above them lies between them and the largest");
}

int main(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(spreads); i++) {
		check_values(spreads[i].name, &spreads[i].spread);
		check_bounds(spreads[i].name, &spreads[i].spread);
		check_width(spreads[i].name, &spreads[i].spread);
		check_quantiles(spreads[i].name, &spreads[i].spread);
	}
	check_edges();
	return tap_done();
}
