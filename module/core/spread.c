// SPDX-License-Identifier: GPL-2.0
/*
 * The buckets' arithmetic. Must not divide: 64 bits by 64 are a library's
 * affair on some machines.
 */
#include "spread.h"

/* Of a zone that is not the end. */
static unsigned int buckets_of(const struct tcphs_zone *zone)
{
	return (unsigned int)(zone[1].first - zone->first) << zone->cut;
}

unsigned int tcphs_spread_buckets(const struct tcphs_spread *spread)
{
	unsigned int i, buckets = 2;

	for (i = 0; i + 1 < spread->zones; i++)
		buckets += buckets_of(&spread->zone[i]);
	return buckets;
}

unsigned int tcphs_spread_bucket(const struct tcphs_spread *spread, u64 value)
{
	const struct tcphs_zone *zone = spread->zone;
	const struct tcphs_zone *end = zone + spread->zones - 1;
	unsigned int octave, part, bucket = 1;

	if (!(value >> zone->first))
		return 0;
	for (; zone < end && value >> zone[1].first; zone++)
		bucket += buckets_of(zone);
	if (zone == end)
		return bucket;
	octave = (unsigned int)fls64(value) - 1;
	/* The bits behind the highest, which stands for the octave. */
	part = (unsigned int)(value >> (octave - zone->cut)) ^ 1U << zone->cut;
	return bucket + ((octave - zone->first) << zone->cut) + part;
}

u64 tcphs_spread_lower(const struct tcphs_spread *spread, unsigned int bucket)
{
	const struct tcphs_zone *zone = spread->zone;
	const struct tcphs_zone *end = zone + spread->zones - 1;
	unsigned int octave;
	u64 parts;

	if (!bucket--)
		return 0;
	for (; zone < end && bucket >= buckets_of(zone); zone++)
		bucket -= buckets_of(zone);
	parts = (u64)1 << zone->cut;
	octave = zone->first + (bucket >> zone->cut);
	return (parts | (bucket & (parts - 1))) << (octave - zone->cut);
}

u64 tcphs_spread_upper(const struct tcphs_spread *spread, unsigned int bucket)
{
	if (bucket + 1 == tcphs_spread_buckets(spread))
		return ~(u64)0;
	return tcphs_spread_lower(spread, bucket + 1);
}

/* The middle of what a bar can hold, as no value lies beyond the two. */
static u64 middle_of(const struct tcphs_bar *bar, u64 min, u64 max, u64 *error)
{
	u64 low = bar->lower > min ? bar->lower : min;
	u64 high = bar->upper - 1 < max ? bar->upper - 1 : max;
	u64 half = low < high ? (high - low) / 2 : 0;

	*error = low < high ? high - low - half : 0;
	return low + half;
}

u64 tcphs_spread_quantile(const struct tcphs_bar *bars, size_t n, u64 min,
			  u64 max, unsigned int permille, u64 *error)
{
	u64 all = 0, seen = 0, none;
	size_t i;

	if (!error)
		error = &none;
	*error = 0;
	for (i = 0; i < n; i++)
		all += bars[i].count;
	/* The last of all, whichever its bucket; then the first. */
	if (!all || (all - 1) * 1000 < all * permille)
		return max;
	if (all * permille <= 1000)
		return min;
	for (i = 0; i < n; i++) {
		seen += bars[i].count;
		if (seen * 1000 >= all * permille)
			return middle_of(&bars[i], min, max, error);
	}
	return max;
}
