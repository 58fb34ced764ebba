/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What nearly all packets of open connections are: nothing between IP and TCP, no option
 * but a timestamp, no flag that opens, closes or is urgent. Read in words and in line, for
 * callers to whom a call counts; refuses what it does not know, and judges nothing:
 * that is tcphs_parse()'s.
 */
#ifndef TCPHS_CORE_USUAL_H
#define TCPHS_CORE_USUAL_H

#include "parse.h"

/* Of an IPv4 header, of an IPv6 header, of TCP's; and of TCP's with a timestamp. */
#define TCPHS_USUAL_IP4		20U
#define TCPHS_USUAL_IP6		40U
#define TCPHS_USUAL_TCP		20U
#define TCPHS_USUAL_TS		32U

/* NOP, NOP, then the kind and length of a timestamp: RFC 7323 appendix A. */
#define TCPHS_USUAL_OPTIONS	0x0101080aU

/* A packet that is usual, where it lies. */
struct tcphs_usual {
	const u8 *ends;		/* its addresses, source first */
	const u8 *tcp;		/* its TCP header */
	u32 len;		/* payload bytes */
	u8 family;		/* 4 or 6 */
};

/* Whether flags and options are usual; @avail bytes of @wire_len are at @tcp. */
static __always_inline bool tcphs_usual_tcp(const u8 *tcp, u32 avail, s32 wire_len,
					    struct tcphs_usual *out)
{
	u32 word = get_be16(tcp + 12) & ~(u32)(TCPHS_PSH | TCPHS_ECE | TCPHS_CWR);
	s32 header = TCPHS_USUAL_TCP;

	if (word == (TCPHS_USUAL_TS << 10 | TCPHS_ACK)) {
		header = TCPHS_USUAL_TS;
		if (avail < TCPHS_USUAL_TS || get_be32(tcp + 20) != TCPHS_USUAL_OPTIONS)
			return false;
	} else if (word != (TCPHS_USUAL_TCP << 10 | TCPHS_ACK)) {
		return false;
	}
	out->tcp = tcp;
	out->len = (u32)(wire_len - header);
	return wire_len >= header;
}

/**
 * tcphs_usual_ip4() - recognise what is usual, of IPv4
 * @data: its bytes, from the IP header
 * @avail: how many are at @data
 * @wire_len: how many the packet had, below 2^31, >= @avail
 * @out: filled
 *
 * Return: false where only tcphs_parse() knows what it is.
 */
static __always_inline bool tcphs_usual_ip4(const u8 *data, u32 avail, u32 wire_len,
					    struct tcphs_usual *out)
{
	u32 total;

	if (avail < TCPHS_USUAL_IP4 + TCPHS_USUAL_TCP || data[0] != 0x45 ||
	    data[9] != 6 || has_be16(data + 6, 0x3fff))	/* a fragment */
		return false;
	total = get_be16(data + 2);
	if (total > wire_len)
		return false;
	out->family = 4;
	out->ends = data + 12;
	return tcphs_usual_tcp(data + TCPHS_USUAL_IP4, avail - TCPHS_USUAL_IP4,
			       (s32)(total - TCPHS_USUAL_IP4), out);
}

/**
 * tcphs_usual_ip6() - recognise what is usual, of IPv6
 *
 * As tcphs_usual_ip4().
 */
static __always_inline bool tcphs_usual_ip6(const u8 *data, u32 avail, u32 wire_len,
					    struct tcphs_usual *out)
{
	u32 payload;

	if (avail < TCPHS_USUAL_IP6 + TCPHS_USUAL_TCP || data[0] >> 4 != 6 ||
	    data[6] != 6)
		return false;
	payload = get_be16(data + 4);
	if (payload > wire_len - TCPHS_USUAL_IP6)
		return false;
	out->family = 6;
	out->ends = data + 8;
	return tcphs_usual_tcp(data + TCPHS_USUAL_IP6, avail - TCPHS_USUAL_IP6,
			       (s32)payload, out);
}

/**
 * tcphs_usual_seg() - what tcphs_parse() makes of its TCP header
 * @usual: recognised
 * @seg: filled
 */
static __always_inline void tcphs_usual_seg(const struct tcphs_usual *usual,
					    struct tcphs_seg *seg)
{
	const u8 *tcp = usual->tcp;

	*seg = (struct tcphs_seg){
		.seq = get_be32(tcp + 4),
		.ack = get_be32(tcp + 8),
		.len = usual->len,
		.flags = get_be16(tcp + 12) & 0x1ff,
		.win = get_be16(tcp + 14),
	};
	if (tcp[12] & TCPHS_USUAL_TS << 2) {	/* in words, in the upper half */
		seg->options = TCPHS_OPT_TS;
		seg->tsval = get_be32(tcp + 24);
		seg->tsecr = get_be32(tcp + 28);
	}
}

#endif /* TCPHS_CORE_USUAL_H */
