// SPDX-License-Identifier: GPL-2.0
/*
 * Holds the reporter's text of addresses against inet_ntop(): all patterns of
 * zero and other words, and random ones. Prints what differs, then how many it
 * has compared.
 */
#include "address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned int compared, different;

static void compare(const u8 *addr, bool is_ipv6)
{
	char ours[ADDRESS_TEXT], libc[ADDRESS_TEXT];

	inet_ntop(is_ipv6 ? AF_INET6 : AF_INET, addr, libc, sizeof(libc));
	address_text(ours, addr, is_ipv6);
	compared++;
	if (strcmp(ours, libc) == 0)
		return;
	different++;
	printf("%s is not %s\n", ours, libc);
}

static void draw(u8 *addr)
{
	unsigned int i;

	for (i = 0; i < 16; i++)
		addr[i] = (u8)(random() >> 8 & (random() & 1 ? 0xff : 0x0f));
}

/* A bit of @zeros for each word that is zero; @mapped: ffff in the sixth. */
static void compare_pattern(unsigned int zeros, bool is_mapped)
{
	unsigned int i;
	u8 addr[16];

	draw(addr);
	for (i = 0; i < 8; i++)
		if (zeros >> i & 1)
			memset(addr + 2 * i, 0, 2);
	if (is_mapped)
		memset(addr + 10, 0xff, 2);
	compare(addr, true);
	compare(addr, false);
}

int main(void)
{
	unsigned int i;

	srandom(1);
	for (i = 0; i < 256 * 64; i++)
		compare_pattern(i & 0xff, i >> 8 & 1);
	printf("%u compared\n", compared);
	return different != 0;
}
