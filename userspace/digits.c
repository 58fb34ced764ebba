// SPDX-License-Identifier: GPL-2.0
/*
 * Writes decimal digits from the last to the first. Must not know for what.
 */
#include "digits.h"

/* A division of 64 bits for two digits. */
char *digits_put_padded(char *at, u64 value, unsigned int width)
{
	char *end = at + width;
	char *digit = end;

	for (; digit - at > 1; value /= 100) {
		unsigned int pair = (unsigned int)(value % 100);
		unsigned int ten = pair * 205 >> 11;	/* a tenth of what is below 1029 */

		*--digit = (char)('0' + pair - 10 * ten);
		*--digit = (char)('0' + ten);
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
