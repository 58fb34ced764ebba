/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bytes to a segment: IPv4, IPv6 with its extension headers, TCP with its
 * options. Every byte that a stranger controls is read here and nowhere else.
 * Knows no connection and keeps nothing.
 */
#ifndef TCPHS_CORE_PARSE_H
#define TCPHS_CORE_PARSE_H

#include <linux/tcphs.h>

#include "env.h"
#include "names.h"

/*
 * Two ends of a packet or a connection. Addresses are as in memory on the
 * wire (IPv4 in word 0, the others zero), ports in host byte order. Of a
 * packet: [0] source, [1] destination. Of a flow: by enum tcphs_side.
 */
struct tcphs_tuple {
	u32 addr[2][4];
	u16 port[2];
	u8 family;		/* 4 or 6 */
	u8 reserved[3];
};

/* tcphs_seg.options */
#define TCPHS_OPT_MSS		0x01
#define TCPHS_OPT_WSCALE	0x02
#define TCPHS_OPT_SACK_OK	0x04
#define TCPHS_OPT_SACK		0x08
#define TCPHS_OPT_TS		0x10
#define TCPHS_OPT_TFO		0x20
#define TCPHS_OPT_BAD_WSCALE	0x40	/* above 14, taken as 14 */

/* A segment in host byte order: all that the engine needs to know of one. */
struct tcphs_seg {
	u32 seq;
	u32 ack;
	u32 len;		/* payload bytes, by the IP length */
	u16 flags;		/* TCPHS_FIN ... TCPHS_AE */
	u16 win;		/* as sent, not scaled */
	u32 tsval;		/* with TCPHS_OPT_TS */
	u32 tsecr;
	u32 sack_start;		/* first block, with TCPHS_OPT_SACK */
	u32 sack_end;
	u16 mss;		/* with TCPHS_OPT_MSS */
	u8 wscale;		/* with TCPHS_OPT_WSCALE: 0 to 14 */
	u8 options;		/* TCPHS_OPT_ bits */
};

struct tcphs_packet {
	struct tcphs_tuple tuple;	/* [0] source, [1] destination */
	struct tcphs_seg seg;
	u32 l4_offset;			/* of the TCP header from the IP header */
	u32 l4_len;			/* TCP header and payload */
};

enum tcphs_parsed {
	TCPHS_PARSE_OK,
	TCPHS_PARSE_NOT_TCP,	/* another protocol: not ours, not an error */
	TCPHS_PARSE_MORE,	/* call again with more of the packet's bytes */
	TCPHS_PARSE_FRAGMENT,
	TCPHS_PARSE_TRUNCATED,	/* the packet itself ends inside the headers */
	TCPHS_PARSE_BAD_IP,
	TCPHS_PARSE_BAD_TCP,
};

/* So many bytes always suffice for a packet whose headers are all TCPHS_PARSE_OK. */
#define TCPHS_PARSE_MAX		512

/**
 * tcphs_parse() - read the headers of one IP packet
 * @data: its bytes, from the IP header
 * @avail: how many are at @data
 * @wire_len: how many the packet had, >= @avail; where the IP header tells no
 *	      length (0: BIG TCP, segmentation offload) this is its length
 * @out: filled on TCPHS_PARSE_OK
 *
 * Option lists that do not parse end at the fault; what was read before
 * counts, as in RFC 9293 section 3.1 and the kernel's tcp_parse_options().
 *
 * Context: any; reads @avail bytes at most, keeps nothing.
 * Return: TCPHS_PARSE_OK or why not. TCPHS_PARSE_MORE only if @avail < @wire_len
 * and @avail < TCPHS_PARSE_MAX.
 */
enum tcphs_parsed tcphs_parse(const u8 *data, u32 avail, u32 wire_len,
			      struct tcphs_packet *out);

#define TCPHS_FLAGS_UNKNOWN	0xffffU

/**
 * tcphs_parse_flags() - the flags of a segment, where they are at hand
 * @data: its bytes, from the IP header
 * @avail: how many are at @data
 *
 * For who need not know more of most segments. Context: as for tcphs_parse().
 * Return: as tcphs_seg.flags; TCPHS_FLAGS_UNKNOWN if it is not TCP, or a fragment, if
 * anything stands between IP and TCP, or if they are not among the @avail bytes.
 */
u32 tcphs_parse_flags(const u8 *data, u32 avail);

/**
 * tcphs_parse_reason() - the counter of a packet that was not parsed
 * @parsed: anything but TCPHS_PARSE_OK and TCPHS_PARSE_NOT_TCP
 */
enum tcphs_reason tcphs_parse_reason(enum tcphs_parsed parsed);

/**
 * tcphs_flags_valid() - whether any TCP sends this combination
 * @flags: of a segment; PSH, ECE, CWR and AE are allowed everywhere
 *
 * The valid ones: SYN, SYN+ACK, RST, RST+ACK, FIN+ACK, ACK; URG with any of
 * those but RST. (RFC 9293 section 3.10.7: a segment without ACK is dropped
 * in every state, but for SYN and RST.)
 */
bool tcphs_flags_valid(u16 flags);

#endif /* TCPHS_CORE_PARSE_H */
