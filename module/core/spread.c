// SPDX-License-Identifier: GPL-2.0
/*
 * The buckets' arithmetic. Must not divide: 64 bits by 64 are a library's
 * affair on some machines.
 */
#include "spread.h"

unsigned int tcphs_spread_bucket(const struct tcphs_spread *spread, u64 value)
{
	unsigned int octave, part;

	if (value >> spread->last)
		return tcphs_spread_buckets(spread) - 1;
	if (!(value >> spread->first))
		return 0;
	octave = (unsigned int)fls64(value) - 1;
	/* The bits behind the highest, which stands for the octave. */
	part = (unsigned int)(value >> (octave - spread->cut)) ^ 1U << spread->cut;
	return 1 + ((octave - spread->first) << spread->cut) + part;
}

u64 tcphs_spread_lower(const struct tcphs_spread *spread, unsigned int bucket)
{
	u64 parts = (u64)1 << spread->cut;
	unsigned int octave;

	if (!bucket--)
		return 0;
	octave = spread->first + (bucket >> spread->cut);
	return (parts | (bucket & (parts - 1))) << (octave - spread->cut);
}

u64 tcphs_spread_upper(const struct tcphs_spread *spread, unsigned int bucket)
{
	if (bucket + 1 == tcphs_spread_buckets(spread))
		return ~(u64)0;
	return tcphs_spread_lower(spread, bucket + 1);
}

/* The middle of what a bar can hold, as no value lies beyond the two. */
static u64 middle_of(const struct tcphs_bar *bar, u64 min, u64 max)
{
	u64 low = bar->lower > min ? bar->lower : min;
	u64 high = bar->upper - 1 < max ? bar->upper - 1 : max;

	return low < high ? low + (high - low) / 2 : low;
}

u64 tcphs_spread_quantile(const struct tcphs_bar *bars, size_t n, u64 min,
			  u64 max, unsigned int permille)
{
	u64 all = 0, seen = 0;
	size_t i;

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
			return middle_of(&bars[i], min, max);
	}
	return max;
}
