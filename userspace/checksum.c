// SPDX-License-Identifier: GPL-2.0
/*
 * The Internet checksum (RFC 1071) over a TCP segment and its pseudo-header.
 * Must not read beyond the segment.
 */
#include "checksum.h"

#define TCP_PROTOCOL		6
#define TCP_CHECKSUM_OFFSET	16

static u16 get16(const u8 *p)
{
	return (u16)(p[0] << 8 | p[1]);
}

static u64 add_bytes(u64 sum, const u8 *data, u32 length)
{
	for (; length > 1; data += 2, length -= 2)
		sum += get16(data);
	if (length)
		sum += (u64)data[0] << 8;
	return sum;
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

	sum = add_bytes(sum, (const u8 *)packet->tuple.addr[0], length);
	sum = add_bytes(sum, (const u8 *)packet->tuple.addr[1], length);
	return sum + TCP_PROTOCOL + packet->l4_len;
}

bool checksum_is_good(const struct tcphs_packet *packet, const u8 *data)
{
	const u8 *tcp = data + packet->l4_offset;
	u64 pseudo = add_pseudo_header(packet);

	if (get16(tcp + TCP_CHECKSUM_OFFSET) == fold(pseudo))
		return true;
	return fold(add_bytes(pseudo, tcp, packet->l4_len)) == 0xffff;
}
