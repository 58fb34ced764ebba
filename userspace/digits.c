// SPDX-License-Identifier: GPL-2.0
/*
 * Writes decimal digits from the last to the first. Must not know for what.
 */
#include "digits.h"

#include <string.h>

/* A division for two digits. */
char *digits_put_padded(char *at, u64 value, unsigned int width)
{
	static const char pairs[] =
		"00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";
	char *end = at + width;
	char *digit = end;

	for (; digit - at > 1; value /= 100) {
		digit -= 2;
		memcpy(digit, pairs + 2 * (value % 100), 2);
	}
	if (digit > at)
		*at = (char)('0' + value % 10);
	return end;
}

static unsigned int count_digits(u64 value)
{
	static const u64 powers[] = {
		0, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000,
		1000000000, 10000000000, 100000000000, 1000000000000,
		10000000000000, 100000000000000, 1000000000000000,
		10000000000000000, 100000000000000000, 1000000000000000000,
		10000000000000000000U,
	};
	unsigned int bits = 64 - (unsigned int)__builtin_clzll(value | 1);
	unsigned int digits = bits * 1233 >> 12;	/* log10(2) */

	return digits + (value >= powers[digits]);
}

char *digits_put(char *at, u64 value)
{
	return digits_put_padded(at, value, value ? count_digits(value) : 1);
}
