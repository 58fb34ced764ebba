// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the IPv4, IPv6 and TCP headers of one packet. Trusts no length that
 * stands in the packet, reads nothing beyond what it was given, and does not
 * judge what a segment means.
 */
#include "parse.h"

#define IP4_HEADER	20U
#define IP6_HEADER	40U
#define TCP_HEADER	20U
#define WSCALE_MAX	14	/* RFC 7323 section 2.3 */

#define PROTO_HOPOPTS	0
#define PROTO_TCP	6
#define PROTO_ROUTING	43
#define PROTO_FRAGMENT	44
#define PROTO_DSTOPTS	60
#define PROTO_MOBILITY	135

#define OPT_EOL		0
#define OPT_NOP		1
#define OPT_MSS		2
#define OPT_WSCALE	3
#define OPT_SACK_OK	4
#define OPT_SACK	5
#define OPT_TS		8
#define OPT_TFO		34
#define OPT_EXP		254	/* RFC 6994; Fast Open before RFC 7413 */
#define EXP_TFO_MAGIC	0xf989

/* What is left of a packet: avail bytes at data, of no fewer wire bytes that there were. */
struct cursor {
	const u8 *data;
	u32 avail;
	u32 wire;
	u32 offset;		/* of data from the IP header */
};

/* As it lies in the packet. */
static inline u32 get_address(const u8 *p)
{
	u32 address;

	memcpy(&address, p, sizeof(address));
	return address;
}

/* Whether @n bytes are here; if not, whether they can still be had. */
static enum tcphs_parsed need(const struct cursor *c, u32 n)
{
	if (n <= c->avail)
		return TCPHS_PARSE_OK;
	if (n > c->wire)
		return TCPHS_PARSE_TRUNCATED;
	if (c->offset + n > TCPHS_PARSE_MAX)
		return TCPHS_PARSE_BAD_IP;
	return TCPHS_PARSE_MORE;
}

static void advance(struct cursor *c, u32 n)
{
	c->data += n;
	c->avail -= n;
	c->wire -= n;
	c->offset += n;
}

/* The packet is no longer than its IP header says; padding is not ours. */
static void limit(struct cursor *c, u32 wire)
{
	c->wire = wire;
	if (c->avail > wire)
		c->avail = wire;
}

static enum tcphs_parsed parse_ip4(struct cursor *c, struct tcphs_tuple *tuple)
{
	u32 header, total;
	enum tcphs_parsed parsed = need(c, IP4_HEADER);

	if (parsed != TCPHS_PARSE_OK)
		return parsed;
	header = (c->data[0] & 0xfU) * 4;
	total = get_be16(c->data + 2);
	if (header < IP4_HEADER)
		return TCPHS_PARSE_BAD_IP;
	if (total == 0)		/* BIG TCP, or captured before segmentation */
		total = c->wire;
	if (total < header)
		return TCPHS_PARSE_BAD_IP;
	if (c->data[9] != PROTO_TCP)
		return TCPHS_PARSE_NOT_TCP;
	if (total > c->wire)
		return TCPHS_PARSE_TRUNCATED;
	if (get_be16(c->data + 6) & 0x3fff)	/* more fragments, or an offset */
		return TCPHS_PARSE_FRAGMENT;
	limit(c, total);
	parsed = need(c, header);
	if (parsed != TCPHS_PARSE_OK)
		return parsed;
	*tuple = (struct tcphs_tuple){
		.addr = { { get_address(c->data + 12) },
			  { get_address(c->data + 16) } },
		.family = 4,
	};
	advance(c, header);
	return TCPHS_PARSE_OK;
}

/* One extension header: its length, and @next is moved on. */
static enum tcphs_parsed skip_extension(struct cursor *c, u8 *next)
{
	u32 length;
	enum tcphs_parsed parsed = need(c, 8);

	if (parsed != TCPHS_PARSE_OK)
		return parsed;
	switch (*next) {
	case PROTO_FRAGMENT:
		if (get_be16(c->data + 2) & 0xfff9)	/* not atomic, RFC 6946 */
			return TCPHS_PARSE_FRAGMENT;
		length = 8;
		break;
	case PROTO_ROUTING:
		if (c->data[3] != 0)	/* for another host first, RFC 8200 4.4 */
			return TCPHS_PARSE_NOT_TCP;
		length = (c->data[1] + 1U) * 8;
		break;
	default:
		length = (c->data[1] + 1U) * 8;
		break;
	}
	*next = c->data[0];
	parsed = need(c, length);
	if (parsed != TCPHS_PARSE_OK)
		return parsed;
	advance(c, length);
	return TCPHS_PARSE_OK;
}

/* Not AH: before it is verified anybody can have written what follows. */
static bool is_extension(u8 next)
{
	return next == PROTO_HOPOPTS || next == PROTO_ROUTING ||
	       next == PROTO_FRAGMENT || next == PROTO_DSTOPTS ||
	       next == PROTO_MOBILITY;
}

static enum tcphs_parsed parse_ip6(struct cursor *c, struct tcphs_tuple *tuple)
{
	u32 payload;
	u8 next;
	enum tcphs_parsed parsed = need(c, IP6_HEADER);

	if (parsed != TCPHS_PARSE_OK)
		return parsed;
	payload = get_be16(c->data + 4);
	next = c->data[6];
	if (next != PROTO_TCP && !is_extension(next))
		return TCPHS_PARSE_NOT_TCP;
	if (payload == 0)	/* jumbogram, BIG TCP or captured before segmentation */
		payload = c->wire - IP6_HEADER;
	if (payload > c->wire - IP6_HEADER)
		return TCPHS_PARSE_TRUNCATED;
	limit(c, IP6_HEADER + payload);
	*tuple = (struct tcphs_tuple){ .family = 6 };
	memcpy(tuple->addr[0], c->data + 8, 16);
	memcpy(tuple->addr[1], c->data + 24, 16);
	advance(c, IP6_HEADER);
	while (is_extension(next)) {
		parsed = skip_extension(c, &next);
		if (parsed != TCPHS_PARSE_OK)
			return parsed;
	}
	return next == PROTO_TCP ? TCPHS_PARSE_OK : TCPHS_PARSE_NOT_TCP;
}

static void parse_wscale(u8 shift, struct tcphs_seg *seg)
{
	seg->options |= TCPHS_OPT_WSCALE;
	seg->wscale = shift;
	if (shift > WSCALE_MAX) {
		seg->options |= TCPHS_OPT_BAD_WSCALE;
		seg->wscale = WSCALE_MAX;
	}
}

static inline void parse_timestamp(const u8 *opt, struct tcphs_seg *seg)
{
	seg->options |= TCPHS_OPT_TS;
	seg->tsval = get_be32(opt + 2);
	seg->tsecr = get_be32(opt + 6);
}

/* RFC 7413, and what was there before it: RFC 6994's experiment of that number. */
static bool is_fast_open(const u8 *opt, u32 length)
{
	return opt[0] == OPT_TFO ||
	       (length >= 4 && get_be16(opt + 2) == EXP_TFO_MAGIC);
}

/* RFC 7323 1.3, RFC 2018 2: only a SYN sets these. */
static void parse_syn_option(const u8 *opt, u32 length, struct tcphs_seg *seg)
{
	switch (opt[0]) {
	case OPT_MSS:
		if (length == 4) {
			seg->options |= TCPHS_OPT_MSS;
			seg->mss = get_be16(opt + 2);
		}
		break;
	case OPT_WSCALE:
		if (length == 3)
			parse_wscale(opt[2], seg);
		break;
	case OPT_SACK_OK:
		if (length == 2)
			seg->options |= TCPHS_OPT_SACK_OK;
		break;
	case OPT_TFO:
	case OPT_EXP:
		if (is_fast_open(opt, length))
			seg->options |= TCPHS_OPT_TFO;
		break;
	}
}

/* One option of @length bytes, kind and length included. */
static void parse_option(const u8 *opt, u32 length, struct tcphs_seg *seg)
{
	if (opt[0] == OPT_TS) {
		if (length == 10)
			parse_timestamp(opt, seg);
	} else if (opt[0] == OPT_SACK) {
		if (length >= 10) {
			seg->options |= TCPHS_OPT_SACK;
			seg->sack_start = get_be32(opt + 2);
			seg->sack_end = get_be32(opt + 6);
		}
	} else if (seg->flags & TCPHS_SYN) {
		parse_syn_option(opt, length, seg);
	}
}

/* Two NOPs and a timestamp, nothing else: RFC 7323 appendix A. Most segments have it. */
static bool is_usual(const u8 *opt, u32 left)
{
	return left == 12 && get_be32(opt) == (OPT_NOP << 24 | OPT_NOP << 16 |
					    OPT_TS << 8 | 10);
}

static void parse_options(const u8 *opt, u32 left, struct tcphs_seg *seg)
{
	if (is_usual(opt, left)) {
		parse_timestamp(opt + 2, seg);
		return;
	}
	while (left > 0 && opt[0] != OPT_EOL) {
		u32 length = 1;

		if (opt[0] != OPT_NOP) {
			if (left < 2)
				return;
			length = opt[1];
			if (length < 2 || length > left)
				return;
			parse_option(opt, length, seg);
		}
		opt += length;
		left -= length;
	}
}

/* The TCP header at @p, all of it at hand; @l4_len bytes with what follows. */
static inline void read_tcp(const u8 *p, u32 header, u32 l4_len,
			    struct tcphs_packet *out)
{
	out->l4_len = l4_len;
	out->tuple.port[0] = get_be16(p);
	out->tuple.port[1] = get_be16(p + 2);
	out->seg = (struct tcphs_seg){
		.seq = get_be32(p + 4),
		.ack = get_be32(p + 8),
		.len = l4_len - header,
		.flags = get_be16(p + 12) & 0x1ff,
		.win = get_be16(p + 14),
	};
	parse_options(p + TCP_HEADER, header - TCP_HEADER, &out->seg);
}

static enum tcphs_parsed parse_tcp(struct cursor *c, struct tcphs_packet *out)
{
	const u8 *p = c->data;
	u32 header;
	enum tcphs_parsed parsed = need(c, TCP_HEADER);

	if (parsed != TCPHS_PARSE_OK)
		return parsed;
	header = (p[12] >> 4) * 4U;
	if (header < TCP_HEADER || header > c->wire)
		return TCPHS_PARSE_BAD_TCP;
	parsed = need(c, header);
	if (parsed != TCPHS_PARSE_OK)
		return parsed;
	out->l4_offset = c->offset;
	read_tcp(p, header, c->wire, out);
	return TCPHS_PARSE_OK;
}

/*
 * What nearly all packets of IPv4 are: no options, no fragment, both headers at
 * hand. False, and nothing read, where the long way has to look.
 */
static bool parse_usual(const u8 *data, u32 avail, u32 wire_len,
			struct tcphs_packet *out)
{
	u32 total, header;

	if (avail < IP4_HEADER + TCP_HEADER || data[0] != 0x45 ||
	    data[9] != PROTO_TCP || get_be16(data + 6) & 0x3fff)
		return false;
	total = get_be16(data + 2);
	header = (data[IP4_HEADER + 12] >> 4) * 4U;
	if (total > wire_len || header < TCP_HEADER ||
	    IP4_HEADER + header > total || IP4_HEADER + header > avail)
		return false;
	out->tuple = (struct tcphs_tuple){
		.addr = { { get_address(data + 12) },
			  { get_address(data + 16) } },
		.family = 4,
	};
	out->l4_offset = IP4_HEADER;
	read_tcp(data + IP4_HEADER, header, total - IP4_HEADER, out);
	return true;
}

enum tcphs_parsed tcphs_parse(const u8 *data, u32 avail, u32 wire_len,
			      struct tcphs_packet *out)
{
	struct cursor c = { data, avail, wire_len, 0 };
	enum tcphs_parsed parsed;

	if (parse_usual(data, avail, wire_len, out))
		return TCPHS_PARSE_OK;
	parsed = need(&c, 1);
	if (parsed != TCPHS_PARSE_OK)
		return parsed;
	switch (data[0] >> 4) {
	case 4:
		parsed = parse_ip4(&c, &out->tuple);
		break;
	case 6:
		parsed = parse_ip6(&c, &out->tuple);
		break;
	default:
		return TCPHS_PARSE_BAD_IP;
	}
	if (parsed != TCPHS_PARSE_OK)
		return parsed;
	return parse_tcp(&c, out);
}

u32 tcphs_parse_flags(const u8 *data, u32 avail)
{
	u32 offset;

	if (avail < IP4_HEADER + TCP_HEADER)
		return TCPHS_FLAGS_UNKNOWN;
	if (data[0] >> 4 == 4 && data[9] == PROTO_TCP &&
	    !(get_be16(data + 6) & 0x3fff))
		offset = (data[0] & 0xfU) * 4;
	else if (data[0] >> 4 == 6 && data[6] == PROTO_TCP)
		offset = IP6_HEADER;
	else
		return TCPHS_FLAGS_UNKNOWN;
	if (avail - TCP_HEADER < offset)
		return TCPHS_FLAGS_UNKNOWN;
	return get_be16(data + offset + 12) & 0x1ff;
}

enum tcphs_reason tcphs_parse_reason(enum tcphs_parsed parsed)
{
	switch (parsed) {
	case TCPHS_PARSE_FRAGMENT:
		return TCPHS_R_FRAGMENT;
	case TCPHS_PARSE_BAD_IP:
		return TCPHS_R_BAD_IP;
	case TCPHS_PARSE_BAD_TCP:
		return TCPHS_R_BAD_TCP;
	default:
		return TCPHS_R_TRUNCATED;
	}
}

bool tcphs_flags_valid(u16 flags)
{
	switch (flags & (TCPHS_FIN | TCPHS_SYN | TCPHS_RST | TCPHS_ACK | TCPHS_URG)) {
	case TCPHS_SYN:
	case TCPHS_SYN | TCPHS_URG:
	case TCPHS_SYN | TCPHS_ACK:
	case TCPHS_SYN | TCPHS_ACK | TCPHS_URG:
	case TCPHS_RST:
	case TCPHS_RST | TCPHS_ACK:
	case TCPHS_FIN | TCPHS_ACK:
	case TCPHS_FIN | TCPHS_ACK | TCPHS_URG:
	case TCPHS_ACK:
	case TCPHS_ACK | TCPHS_URG:
		return true;
	default:
		return false;
	}
}
