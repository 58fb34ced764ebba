// SPDX-License-Identifier: GPL-2.0
/*
 * Writes decimal digits from the last to the first. Must not know for what.
 */
#include "digits.h"

#include <string.h>

char *digits_put_padded(char *at, u64 value, unsigned int width)
{
	char *end = at + width;
	char *digit = end;

	while (digit > at) {
		*--digit = (char)('0' + value % 10);
		value /= 10;
	}
	return end;
}

char *digits_put(char *at, u64 value)
{
	char digits[DIGITS_MAX];
	char *digit = digits + DIGITS_MAX;

	do {
		*--digit = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	return mempcpy(at, digit, (size_t)(digits + DIGITS_MAX - digit));
}
