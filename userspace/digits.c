// SPDX-License-Identifier: GPL-2.0
/*
 * Writes decimal digits from the last to the first. Must not know for what.
 */
#include "digits.h"

#include <string.h>

/* 00 to 99, without a NUL: a division gives two digits. */
static const char pairs[100][2] = {
	"00", "01", "02", "03", "04", "05", "06", "07", "08", "09",
	"10", "11", "12", "13", "14", "15", "16", "17", "18", "19",
	"20", "21", "22", "23", "24", "25", "26", "27", "28", "29",
	"30", "31", "32", "33", "34", "35", "36", "37", "38", "39",
	"40", "41", "42", "43", "44", "45", "46", "47", "48", "49",
	"50", "51", "52", "53", "54", "55", "56", "57", "58", "59",
	"60", "61", "62", "63", "64", "65", "66", "67", "68", "69",
	"70", "71", "72", "73", "74", "75", "76", "77", "78", "79",
	"80", "81", "82", "83", "84", "85", "86", "87", "88", "89",
	"90", "91", "92", "93", "94", "95", "96", "97", "98", "99",
};

char *digits_put_padded(char *at, u64 value, unsigned int width)
{
	char *end = at + width;
	char *digit = end;

	for (; digit - at > 1; value /= 100) {
		digit -= 2;
		memcpy(digit, pairs[value % 100], 2);
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
