// SPDX-License-Identifier: GPL-2.0
/*
 * Writes decimal digits from the last to the first. Must not know for what.
 */
#include "digits.h"

#include <string.h>

/* 00 to 99: a division gives two digits. */
static const char pairs[] =
	"00010203040506070809"
	"10111213141516171819"
	"20212223242526272829"
	"30313233343536373839"
	"40414243444546474849"
	"50515253545556575859"
	"60616263646566676869"
	"70717273747576777879"
	"80818283848586878889"
	"90919293949596979899";

char *digits_put_padded(char *at, u64 value, unsigned int width)
{
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
