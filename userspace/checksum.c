// SPDX-License-Identifier: GPL-2.0
/*
 * The Internet checksum (RFC 1071) over a TCP segment and its pseudo-header.
 * Must not read beyond the segment.
 */
#include "checksum.h"

#include <arpa/inet.h>
#include <string.h>

#define TCP_PROTOCOL		6
#define TCP_CHECKSUM_OFFSET	16

/*
 * The sum in 64 bits, carries added again at its low end: it does not depend on
 * how wide the words are, nor on their byte order (RFC 1071 section 2).
 */
static u64 add_word(u64 sum, u64 word)
{
	sum += word;
	return sum + (sum < word);
}

static u64 add_bytes(u64 sum, const void *data, u32 length)
{
	const u8 *at = data;
	u64 word;

	for (; length >= sizeof(word); length -= (u32)sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		sum = add_word(sum, word);
		at += sizeof(word);
	}
	word = 0;
	memcpy(&word, at, length);
	return add_word(sum, word);
}

static u16 fold(u64 sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (u16)sum;
}

/* IPv4: RFC 9293 section 3.1; IPv6: RFC 8200 section 8.1: the sums are alike. */
static u64 add_pseudo_header(const struct tcphs_packet *packet)
{
	u32 length = packet->tuple.family == 6 ? 16 : 4;
	u64 sum = 0;

	sum = add_bytes(sum, packet->tuple.addr[0], length);
	sum = add_bytes(sum, packet->tuple.addr[1], length);
	sum = add_word(sum, htons(TCP_PROTOCOL));
	return add_word(sum, htonl(packet->l4_len));
}

bool checksum_is_good(const struct tcphs_packet *packet, const u8 *data)
{
	const u8 *tcp = data + packet->l4_offset;
	u64 pseudo = add_pseudo_header(packet);
	u16 sent;

	memcpy(&sent, tcp + TCP_CHECKSUM_OFFSET, sizeof(sent));
	if (sent == fold(pseudo))
		return true;
	return fold(add_bytes(pseudo, tcp, packet->l4_len)) == 0xffff;
}
