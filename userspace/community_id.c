// SPDX-License-Identifier: GPL-2.0
/*
 * The Community ID: base64 of the SHA-1 of seed, addresses, protocol and
 * ports, the lower end first. Must not depend on who opened the connection.
 */
#include "community_id.h"

#include <nettle/base64.h>
#include <nettle/sha1.h>

#define TCP_PROTOCOL	6

static_assert(COMMUNITY_ID_TEXT ==
	      2 + BASE64_ENCODE_RAW_LENGTH(SHA1_DIGEST_SIZE) + 1, "text");

static size_t addr_size(const struct tcphs_record *record)
{
	return record->family == 6 ? 16 : 4;
}

/* By address, then by port, as unsigned numbers. */
static unsigned int lower_end(const struct tcphs_record *record)
{
	int order = memcmp(record->addr[0], record->addr[1], addr_size(record));

	if (order == 0)
		return record->port[0] > record->port[1];
	return order > 0;
}

static void add16(struct sha1_ctx *sha1, u16 value)
{
	const u8 bytes[] = { (u8)(value >> 8), (u8)value };

	sha1_update(sha1, sizeof(bytes), bytes);
}

char *community_id(char *buf, const struct tcphs_record *record, u16 seed)
{
	unsigned int first = lower_end(record);
	u8 digest[SHA1_DIGEST_SIZE];
	struct sha1_ctx sha1;

	sha1_init(&sha1);
	add16(&sha1, seed);
	sha1_update(&sha1, addr_size(record), record->addr[first]);
	sha1_update(&sha1, addr_size(record), record->addr[!first]);
	add16(&sha1, TCP_PROTOCOL << 8);
	add16(&sha1, record->port[first]);
	add16(&sha1, record->port[!first]);
	sha1_digest(&sha1, sizeof(digest), digest);
	memcpy(buf, "1:", 2);
	base64_encode_raw(buf + 2, sizeof(digest), digest);
	buf[COMMUNITY_ID_TEXT - 1] = '\0';
	return buf;
}
