// SPDX-License-Identifier: GPL-2.0
/*
 * Writes decimal digits, eight of them by arithmetic in one word. Must not know
 * for what.
 */
#include "digits.h"

#include <endian.h>
#include <string.h>

#define EIGHT		100000000U		/* what has no more than eight digits */
#define SIXTEEN		10000000000000000ULL
#define ASCII		0x3030303030303030ULL	/* eight times '0' */
#define LAST		0x0100000000000000ULL	/* in the byte of the last digit */

/*
 * The digits of @value < EIGHT, a byte each, the first in the lowest: the number is
 * cut into two of four digits, these into two each, and these again. Divided is by
 * multiplying with 2^n / divisor, rounded up, which is exact for numbers so small.
 */
static u64 spread(u32 value)
{
	u64 fours = value / 10000 | (u64)(value % 10000) << 32;
	u64 highs = fours * 5243 >> 19 & 0x0000007f0000007fULL;
	u64 twos = highs | (fours - highs * 100) << 16;
	u64 tens = twos * 103 >> 10 & 0x000f000f000f000fULL;

	return tens | (twos - tens * 10) << 8;
}

static_assert(sizeof(u64) == DIGITS_LEAST, "a word is what is stored");

static void store(char *at, u64 digits)
{
	digits = htole64(digits);
	memcpy(at, &digits, sizeof(digits));
}

/* @value < EIGHT. Return: behind the last of eight digits. */
static char *put_eight(char *at, u64 value)
{
	store(at, spread((u32)value) + ASCII);
	return at + 8;
}

/* @value < EIGHT, without leading zeros; DIGITS_LEAST bytes are written all the same. */
static char *put_few(char *at, u64 value)
{
	u64 digits = spread((u32)value);
	unsigned int zeros = (unsigned int)__builtin_ctzll(digits | LAST) / 8;

	store(at, (digits + ASCII) >> 8 * zeros);
	return at + 8 - zeros;
}

/* @value < 100 */
static char *put_two(char *at, u64 value)
{
	u64 tens = value * 103 >> 10;

	*at = (char)('0' + tens);
	at += !!tens;
	*at++ = (char)('0' + value - tens * 10);
	return at;
}

char *digits_put(char *at, u64 value)
{
	if (value < 100)
		return put_two(at, value);
	if (value < EIGHT)
		return put_few(at, value);
	if (value < 100ULL * EIGHT)
		return put_eight(put_two(at, value / EIGHT), value % EIGHT);
	if (value < SIXTEEN)
		return put_eight(put_few(at, value / EIGHT), value % EIGHT);
	at = put_few(at, value / SIXTEEN);
	at = put_eight(at, value / EIGHT % EIGHT);
	return put_eight(at, value % EIGHT);
}

char *digits_put_padded(char *at, u64 value, unsigned int width)
{
	char *end = at + width;
	char *digit = end;

	if (width >= 8) {
		digit -= 8;
		put_eight(digit, value % EIGHT);
		value /= EIGHT;
	}
	for (; digit > at; value /= 10)
		*--digit = (char)('0' + value % 10);
	return end;
}
