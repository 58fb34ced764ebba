// SPDX-License-Identifier: GPL-2.0
/*
 * Finds characters in bytes that anybody can have made: RFC 3629, section 4.
 * Must not look behind a NUL.
 */
#include "utf8.h"

#include <stdbool.h>

static size_t find_length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first < 0xe0)
		return 2;
	if (first >= 0xe0 && first < 0xf0)
		return 3;
	return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

/* Overlong, a surrogate, beyond U+10FFFF; and C1. */
static bool is_refused(const unsigned char *byte)
{
	return (byte[0] == 0xc2 && byte[1] < 0xa0) ||
	       (byte[0] == 0xe0 && byte[1] < 0xa0) ||
	       (byte[0] == 0xed && byte[1] >= 0xa0) ||
	       (byte[0] == 0xf0 && byte[1] < 0x90) ||
	       (byte[0] == 0xf4 && byte[1] >= 0x90);
}

size_t utf8_measure(const char *text)
{
	const unsigned char *byte = (const unsigned char *)text;
	size_t i, length = find_length(byte[0]);

	if (length == 1)
		return byte[0] >= ' ' && byte[0] != 0x7f;
	for (i = 1; i < length; i++)
		if ((byte[i] & 0xc0) != 0x80)
			return 0;
	return is_refused(byte) ? 0 : length;
}
