// SPDX-License-Identifier: GPL-2.0
/*
 * Prints the Community ID of each line "SEED ADDRESS PORT ADDRESS PORT" of its
 * input, for seeds that no option of the reporter sets. Must compute nothing
 * itself.
 */
#include "community_id.h"

#include <arpa/inet.h>
#include <stdio.h>

static void read_addr(struct tcphs_record *record, unsigned int side,
		      const char *text)
{
	record->family = strchr(text, ':') ? 6 : 4;
	inet_pton(record->family == 6 ? AF_INET6 : AF_INET, text,
		  record->addr[side]);
}

int main(void)
{
	char buf[COMMUNITY_ID_TEXT], a[INET6_ADDRSTRLEN], b[INET6_ADDRSTRLEN];
	unsigned short seed, port[2];

	while (scanf("%hu %45s %hu %45s %hu", &seed, a, &port[0], b,
		     &port[1]) == 5) {
		struct tcphs_record record = { .port = { port[0], port[1] } };

		read_addr(&record, 0, a);
		read_addr(&record, 1, b);
		puts(community_id(buf, &record, seed));
	}
	return 0;
}
