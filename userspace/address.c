// SPDX-License-Identifier: GPL-2.0
/*
 * Digits of addresses: dotted, and RFC 5952. Must not write more than
 * ADDRESS_TEXT bytes.
 */
#include "address.h"

#include "digits.h"

#define WORDS	8

static char *put_ipv4(char *at, const u8 *addr)
{
	unsigned int i;

	for (i = 0; i < 4; i++) {
		at = digits_put(at, addr[i]);
		*at++ = '.';
	}
	return at - 1;
}

static unsigned int get_word(const u8 *addr, unsigned int i)
{
	return (unsigned int)addr[2 * i] << 8 | addr[2 * i + 1];
}

static char *put_word(char *at, unsigned int word)
{
	static const char digits[] = "0123456789abcdef";
	int shift = 12;

	while (shift > 0 && !(word >> shift))
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		*at++ = digits[word >> shift & 0xf];
	return at;
}

/* How many words from @i on are zero. */
static unsigned int count_zeros(const u8 *addr, unsigned int i)
{
	unsigned int first = i;

	while (i < WORDS && !get_word(addr, i))
		i++;
	return i - first;
}

/* The longest run of zeros, the first of several: section 4.2.3. */
static unsigned int find_zeros(const u8 *addr, unsigned int *count)
{
	unsigned int i = 0, first = WORDS, zeros;

	*count = 1;	/* one alone is not shortened: section 4.2.2 */
	while (i < WORDS) {
		zeros = count_zeros(addr, i);
		if (zeros > *count) {
			*count = zeros;
			first = i;
		}
		i += zeros + 1;
	}
	return first;
}

/* IPv4-mapped and IPv4-compatible addresses end as IPv4: section 5. */
static bool ends_as_ipv4(const u8 *addr, unsigned int first, unsigned int count)
{
	return first == 0 && (count == 6 ||
			      (count == 5 && get_word(addr, 5) == 0xffff));
}

static char *put_ipv6(char *at, const u8 *addr)
{
	unsigned int i = 0, count, first = find_zeros(addr, &count);
	unsigned int words = ends_as_ipv4(addr, first, count) ? 6 : WORDS;

	while (i < words) {
		if (i == first) {
			*at++ = ':';
			i += count;
			if (i == WORDS)
				*at++ = ':';
			continue;
		}
		if (i)
			*at++ = ':';
		at = put_word(at, get_word(addr, i++));
	}
	if (words == WORDS)
		return at;
	*at++ = ':';
	return put_ipv4(at, addr + 12);
}

char *address_text(char *at, const u8 *addr, bool is_ipv6)
{
	*(is_ipv6 ? put_ipv6(at, addr) : put_ipv4(at, addr)) = '\0';
	return at;
}
