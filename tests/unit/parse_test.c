// SPDX-License-Identifier: GPL-2.0
/*
 * Bytes to segments: every option, every fault of options and headers, every
 * length at which a packet can end. Each packet lies in memory of exactly its
 * size, so that the sanitizer sees a byte read too many.
 */
#include <stdlib.h>

#include "core/parse.h"
#include "core/usual.h"
#include "tap.h"

#define PACKET_MAX	2048

struct packet {
	u8 data[PACKET_MAX];
	u32 len;
};

static void put(struct packet *p, const void *bytes, size_t n)
{
	memcpy(p->data + p->len, bytes, n);
	p->len += (u32)n;
}

static void put8(struct packet *p, unsigned int value)
{
	p->data[p->len++] = (u8)value;
}

static void put16(struct packet *p, unsigned int value)
{
	put8(p, value >> 8);
	put8(p, value);
}

static void put32(struct packet *p, u32 value)
{
	put16(p, value >> 16);
	put16(p, value);
}

static void set16(struct packet *p, u32 at, unsigned int value)
{
	p->data[at] = (u8)(value >> 8);
	p->data[at + 1] = (u8)value;
}

/* 192.168.1.116 to 192.168.1.123; ip4_end() sets the length. */
static void put_ip4(struct packet *p, unsigned int proto)
{
	put16(p, 0x4500);
	put16(p, 0);
	put32(p, 0x12344000);	/* don't fragment */
	put16(p, 0x4000 | proto);
	put16(p, 0);
	put32(p, 0xc0a80174);
	put32(p, 0xc0a8017b);
}

static void put_ip6(struct packet *p, unsigned int next)
{
	int i;

	put32(p, 0x60000000);
	put16(p, 0);
	put16(p, next << 8 | 64);
	for (i = 0; i < 32; i++)
		put8(p, (unsigned int)i);
}

/* 3337 to 7788, with options padded to words; payload bytes follow. */
static void put_tcp(struct packet *p, unsigned int flags, const void *options, u32 n)
{
	u32 words = 5 + (n + 3) / 4;
	u32 i;

	put16(p, 3337);
	put16(p, 7788);
	put32(p, 3626544836u);
	put32(p, 1739326487u);
	put16(p, words << 12 | flags);
	put16(p, 4321);
	put32(p, 0);
	if (n)
		put(p, options, n);
	for (i = n; i & 3; i++)
		put8(p, 0);
}

static void set_length(struct packet *p)
{
	if (p->data[0] >> 4 == 4)
		set16(p, 2, p->len);
	else
		set16(p, 4, p->len - 40);
}

static unsigned long usual_seen;
static bool usual_differs;

static bool is_usual(const u8 *data, u32 avail, u32 wire, struct tcphs_usual *usual)
{
	return tcphs_usual_ip4(data, avail, wire, usual) ||
	       tcphs_usual_ip6(data, avail, wire, usual);
}

/* What is read in words is what is read byte by byte. */
static void compare_usual(const u8 *data, u32 avail, u32 wire,
			  enum tcphs_parsed parsed, const struct tcphs_packet *out)
{
	struct tcphs_usual usual;
	struct tcphs_seg seg;
	size_t size;

	if (!is_usual(data, avail, wire, &usual))
		return;
	usual_seen++;
	tcphs_usual_seg(&usual, &seg);
	size = usual.family == 4 ? 4 : 16;
	if (parsed != TCPHS_PARSE_OK || usual.family != out->tuple.family ||
	    usual.tcp != data + out->l4_offset ||
	    memcmp(&seg, &out->seg, sizeof(seg)) ||
	    memcmp(usual.ends, out->tuple.addr[0], size) ||
	    memcmp(usual.ends + size, out->tuple.addr[1], size))
		usual_differs = true;
}

/* Of the first avail bytes, alone in memory. */
static enum tcphs_parsed parse_part(const struct packet *p, u32 avail, u32 wire,
				    struct tcphs_packet *out)
{
	u8 *exact = malloc(avail ? avail : 1);
	enum tcphs_parsed parsed;

	memcpy(exact, p->data, avail);
	memset(out, 0x5a, sizeof(*out));
	parsed = tcphs_parse(exact, avail, wire, out);
	compare_usual(exact, avail, wire, parsed, out);
	free(exact);
	return parsed;
}

static enum tcphs_parsed parse(const struct packet *p, struct tcphs_packet *out)
{
	return parse_part(p, p->len, p->len, out);
}

/* A SYN with these options. */
static struct tcphs_seg parse_options(unsigned int flags, const void *options, u32 n)
{
	struct packet p = { .len = 0 };
	struct tcphs_packet out;

	put_ip4(&p, 6);
	put_tcp(&p, flags, options, n);
	set_length(&p);
	if (parse(&p, &out) != TCPHS_PARSE_OK)
		memset(&out, 0xff, sizeof(out));
	return out.seg;
}

#define OPTIONS(flags, text) parse_options(flags, text, sizeof(text) - 1)

static bool is_expected(const struct tcphs_packet *out, unsigned int family, u32 len)
{
	return out->tuple.family == family && out->tuple.port[0] == 3337 &&
	       out->tuple.port[1] == 7788 && out->seg.seq == 3626544836u &&
	       out->seg.ack == 1739326487u && out->seg.win == 4321 &&
	       out->seg.len == len;
}

static void check_plain(void)
{
	struct packet p = { .len = 0 };
	struct tcphs_packet out;
	bool good;

	put_ip4(&p, 6);
	put_tcp(&p, TCPHS_PSH | TCPHS_ACK, NULL, 0);
	put(&p, "hello", 5);
	set_length(&p);
	good = parse(&p, &out) == TCPHS_PARSE_OK && is_expected(&out, 4, 5);
	good &= !memcmp(&out.tuple.addr[0][0], p.data + 12, 4);
	good &= !memcmp(&out.tuple.addr[1][0], p.data + 16, 4);
	good &= !out.tuple.addr[0][1] && !out.tuple.addr[1][3];
	good &= out.seg.flags == (TCPHS_PSH | TCPHS_ACK) && !out.seg.options;
	good &= out.l4_offset == 20 && out.l4_len == 25;
	tap_ok(good, "parse: IPv4");
	put(&p, "padding of the Ethernet frame", 29);
	good = parse(&p, &out) == TCPHS_PARSE_OK && is_expected(&out, 4, 5);
	tap_ok(good, "parse: what follows the packet is not payload");
	p.data[9] = 17;
	tap_ok(parse(&p, &out) == TCPHS_PARSE_NOT_TCP, "parse: UDP is not TCP and no error");
}

static void check_plain6(void)
{
	struct packet p = { .len = 0 };
	struct tcphs_packet out;
	bool good;

	put_ip6(&p, 6);
	put_tcp(&p, TCPHS_SYN, "\x02\x04\x05\xa0", 4);
	set_length(&p);
	good = parse(&p, &out) == TCPHS_PARSE_OK && is_expected(&out, 6, 0);
	good &= !memcmp(out.tuple.addr[0], p.data + 8, 16);
	good &= !memcmp(out.tuple.addr[1], p.data + 24, 16);
	good &= out.seg.mss == 1440 && out.l4_offset == 40 && out.l4_len == 24;
	tap_ok(good, "parse: IPv6");
	p.data[6] = 58;
	tap_ok(parse(&p, &out) == TCPHS_PARSE_NOT_TCP, "parse: ICMPv6 is not TCP and no error");
}

static void check_ip4_options(void)
{
	struct packet p = { .len = 0 };
	struct tcphs_packet out;
	u32 words;
	bool good = true;

	for (words = 5; words <= 15; words++) {
		p.len = 0;
		put_ip4(&p, 6);
		while (p.len < words * 4)
			put8(&p, 1);
		p.data[0] = (u8)(0x40 | words);
		put_tcp(&p, TCPHS_ACK, NULL, 0);
		set_length(&p);
		good &= parse(&p, &out) == TCPHS_PARSE_OK && is_expected(&out, 4, 0);
		good &= out.l4_offset == words * 4;
	}
	tap_ok(good, "parse: IPv4 options of every length are stepped over (row M5)");
}

static void check_ip4_faults(void)
{
	struct packet p = { .len = 0 };
	struct tcphs_packet out;
	u32 words;
	bool good = true;

	put_ip4(&p, 6);
	put_tcp(&p, TCPHS_ACK, NULL, 0);
	put(&p, "hello", 5);
	set_length(&p);
	for (words = 0; words < 5; words++) {
		p.data[0] = (u8)(0x40 | words);
		good &= parse(&p, &out) == TCPHS_PARSE_BAD_IP;
	}
	tap_ok(good, "parse: an IPv4 header length below 5 is bad_ip (row M1)");
	p.data[0] = 0x45;
	set16(&p, 2, 19);
	tap_ok(parse(&p, &out) == TCPHS_PARSE_BAD_IP,
	       "parse: an IPv4 length below its header is bad_ip (row M1)");
	set16(&p, 2, p.len + 1);
	tap_ok(parse(&p, &out) == TCPHS_PARSE_TRUNCATED,
	       "parse: an IPv4 length beyond the packet is truncated (row M1)");
	set16(&p, 2, 0);
	tap_ok(parse(&p, &out) == TCPHS_PARSE_OK && is_expected(&out, 4, 5),
	       "parse: an IPv4 length of 0 (BIG TCP) takes the packet's (row M5)");
	good = parse_part(&p, p.len, 200000, &out) == TCPHS_PARSE_OK &&
	       out.seg.len == 200000 - 40;
	tap_ok(good, "parse: BIG TCP beyond 65535 bytes (row M5)");
	set_length(&p);
	p.data[0] = 0x55;
	good = parse(&p, &out) == TCPHS_PARSE_BAD_IP;
	p.data[0] = 0x05;
	good &= parse(&p, &out) == TCPHS_PARSE_BAD_IP;
	tap_ok(good, "parse: other versions of IP are bad_ip");
}

static void check_ip4_fragments(void)
{
	static const struct {
		unsigned int bits;
		enum tcphs_parsed parsed;
	} fragments[] = {
		{ 0x0000, TCPHS_PARSE_OK },		/* atomic */
		{ 0x4000, TCPHS_PARSE_OK },		/* don't fragment */
		{ 0x2000, TCPHS_PARSE_FRAGMENT },	/* first */
		{ 0x2001, TCPHS_PARSE_FRAGMENT },
		{ 0x0001, TCPHS_PARSE_FRAGMENT },	/* last */
		{ 0x1fff, TCPHS_PARSE_FRAGMENT },
	};
	struct packet p = { .len = 0 };
	struct tcphs_packet out;
	bool good = true;
	size_t i;

	put_ip4(&p, 6);
	put_tcp(&p, TCPHS_ACK, NULL, 0);
	set_length(&p);
	for (i = 0; i < sizeof(fragments) / sizeof(fragments[0]); i++) {
		set16(&p, 6, fragments[i].bits);
		good &= parse(&p, &out) == fragments[i].parsed;
	}
	tap_ok(good, "parse: IPv4 fragments are told, whole packets are not (row M5)");
}

/* One extension header of so many units, zero but for its first two bytes. */
static void put_extension(struct packet *p, unsigned int next, unsigned int size,
			  u32 bytes)
{
	u32 end = p->len + bytes;

	put8(p, next);
	put8(p, size);
	while (p->len < end)
		put8(p, 0);
}

static void check_ip6_extensions(void)
{
	struct packet p = { .len = 0 };
	struct tcphs_packet out;
	bool good;

	put_ip6(&p, 0);
	put_extension(&p, 60, 0, 8);		/* hop by hop */
	put_extension(&p, 43, 1, 16);		/* destination options */
	put_extension(&p, 44, 2, 24);		/* routing */
	put_extension(&p, 135, 0, 8);		/* atomic fragment, RFC 6946 */
	put_extension(&p, 6, 0, 8);		/* mobility */
	put_tcp(&p, TCPHS_ACK, NULL, 0);
	set_length(&p);
	good = parse(&p, &out) == TCPHS_PARSE_OK && is_expected(&out, 6, 0);
	good &= out.l4_offset == 40 + 8 + 16 + 24 + 8 + 8;
	tap_ok(good, "parse: a chain of every IPv6 extension header (row M5)");
	p.data[40 + 8 + 16 + 24 + 3] = 1;	/* more fragments */
	tap_ok(parse(&p, &out) == TCPHS_PARSE_FRAGMENT, "parse: an IPv6 fragment, first (row M5)");
	set16(&p, 40 + 8 + 16 + 24 + 2, 8);
	tap_ok(parse(&p, &out) == TCPHS_PARSE_FRAGMENT, "parse: an IPv6 fragment, last (row M5)");
	p.data[40 + 8 + 16 + 3] = 1;		/* segments left */
	tap_ok(parse(&p, &out) == TCPHS_PARSE_NOT_TCP,
	       "parse: a routing header that leads to another host first (row M5)");
	p.data[40 + 8] = 51;			/* after the options: AH */
	tap_ok(parse(&p, &out) == TCPHS_PARSE_NOT_TCP,
	       "parse: what an authentication header only claims (row M5)");
}

/* RFC 2675: the length stands in an option, and not in the header. */
static void check_jumbogram(void)
{
	struct packet p = { .len = 0 };
	struct tcphs_packet out;
	bool good;

	put_ip6(&p, 0);
	put16(&p, 6 << 8);
	put16(&p, 0xc204);
	put32(&p, 100000 - 40);
	put_tcp(&p, TCPHS_ACK, NULL, 0);
	good = parse_part(&p, p.len, 100000, &out) == TCPHS_PARSE_OK &&
	       is_expected(&out, 6, 100000 - 40 - 8 - 20);
	tap_ok(good, "parse: a jumbogram is as long as the packet (row M5)");
}

static void check_ip6_faults(void)
{
	struct packet p = { .len = 0 };
	struct tcphs_packet out;
	bool good;
	int i;

	put_ip6(&p, 0);
	put_extension(&p, 59, 0, 8);
	set_length(&p);
	tap_ok(parse(&p, &out) == TCPHS_PARSE_NOT_TCP, "parse: IPv6 with no next header");
	p.len = 0;
	put_ip6(&p, 0);
	put_extension(&p, 6, 255, 8);
	put_tcp(&p, TCPHS_ACK, NULL, 0);
	set_length(&p);
	tap_ok(parse(&p, &out) == TCPHS_PARSE_TRUNCATED,
	       "parse: an extension header beyond the packet is truncated (rows M1 M5)");
	p.len = 0;
	put_ip6(&p, 60);
	for (i = 0; i < 100; i++)
		put_extension(&p, 60, 0, 8);
	put_extension(&p, 6, 0, 8);
	put_tcp(&p, TCPHS_ACK, NULL, 0);
	set_length(&p);
	good = parse(&p, &out) == TCPHS_PARSE_OK;
	good &= parse_part(&p, TCPHS_PARSE_MAX, p.len, &out) == TCPHS_PARSE_BAD_IP;
	tap_ok(good, "parse: a chain without end is given up, not asked for more (row M5)");
	p.len = 0;
	put_ip6(&p, 6);
	put_tcp(&p, TCPHS_ACK, NULL, 0);
	put(&p, "hello", 5);
	tap_ok(parse(&p, &out) == TCPHS_PARSE_OK && is_expected(&out, 6, 5),
	       "parse: an IPv6 length of 0 (BIG TCP) takes the packet's (row M5)");
	set16(&p, 4, p.len - 39);
	tap_ok(parse(&p, &out) == TCPHS_PARSE_TRUNCATED,
	       "parse: an IPv6 length beyond the packet is truncated (row M1)");
}

static void check_tcp_faults(void)
{
	struct packet p = { .len = 0 };
	struct tcphs_packet out;
	u32 words;
	bool low = true, high = true;

	put_ip4(&p, 6);
	put_tcp(&p, TCPHS_ACK, NULL, 0);
	set_length(&p);
	for (words = 0; words < 16; words++) {
		p.data[20 + 12] = (u8)(words << 4);
		if (words < 5)
			low &= parse(&p, &out) == TCPHS_PARSE_BAD_TCP;
		else if (words > 5)
			high &= parse(&p, &out) == TCPHS_PARSE_BAD_TCP;
	}
	tap_ok(low, "parse: a data offset below 5 is bad_tcp (row M1)");
	tap_ok(high, "parse: a data offset beyond the packet is bad_tcp (row M1)");
}

/* Cut short: more is asked for until the headers are there, or it ends. */
static void check_cut(const char *what, const struct packet *p, u32 headers)
{
	struct tcphs_packet whole, part;
	bool more = true, ends = true;
	u32 n;

	ends &= parse(p, &whole) == TCPHS_PARSE_OK;
	for (n = 0; n <= p->len; n++) {
		enum tcphs_parsed parsed = parse_part(p, n, p->len, &part);

		if (n < headers)
			more &= parsed == TCPHS_PARSE_MORE;
		else
			more &= parsed == TCPHS_PARSE_OK &&
				!memcmp(&whole, &part, sizeof(whole));
	}
	tap_ok(more, "parse: %s cut at every byte asks for more until it can be read (row M1)",
	       what);
	for (n = 0; n < p->len; n++) {
		enum tcphs_parsed parsed = parse_part(p, n, n, &part);

		ends &= parsed == TCPHS_PARSE_TRUNCATED || parsed == TCPHS_PARSE_BAD_TCP;
		ends &= tcphs_parse_reason(parsed) != TCPHS_R_USED;
	}
	tap_ok(ends, "parse: %s that ends at every byte is told as truncated (row M1)", what);
}

static void check_cuts(void)
{
	static const char options[] = "\x02\x04\x05\xb4\x04\x02\x08\x0a" "12345678\x01\x03\x03\x07";
	struct packet p = { .len = 0 };

	put_ip4(&p, 6);
	put_tcp(&p, TCPHS_SYN, options, 20);
	put(&p, "data in a SYN", 13);
	set_length(&p);
	check_cut("IPv4", &p, 60);
	p.len = 0;
	put_ip6(&p, 0);
	put_extension(&p, 60, 0, 8);
	put_extension(&p, 6, 1, 16);
	put_tcp(&p, TCPHS_SYN, options, 20);
	put(&p, "data in a SYN", 13);
	set_length(&p);
	check_cut("IPv6", &p, 40 + 24 + 40);
}

static void check_options(void)
{
	static const char all_of_a_syn[] = {
		2, 4, 5, 100, 4, 2, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 3, 3, 10, 34, 2, 0,
	};
	static const char foreign[] = {	/* MD5, MPTCP, TCP-AO, then an MSS */
		19, 18, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
		30, 4, 0, 0, 29, 4, 0, 0, 2, 4, 5, 100, 0,
	};
	struct tcphs_seg seg;

	seg = OPTIONS(TCPHS_SYN, "\x02\x04\x05\xb4");
	tap_ok(seg.options == TCPHS_OPT_MSS && seg.mss == 1460, "options: maximum segment size");
	seg = OPTIONS(TCPHS_SYN, "\x03\x03\x07");
	tap_ok(seg.options == TCPHS_OPT_WSCALE && seg.wscale == 7, "options: window scale");
	seg = OPTIONS(TCPHS_SYN, "\x04\x02");
	tap_ok(seg.options == TCPHS_OPT_SACK_OK, "options: SACK permitted");
	seg = OPTIONS(TCPHS_ACK, "\x01\x01\x05\x12\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4");
	tap_ok(seg.options == TCPHS_OPT_SACK && seg.sack_start == 1 && seg.sack_end == 2,
	       "options: SACK, its first block");
	seg = OPTIONS(TCPHS_ACK, "\x01\x01\x08\x0a\xff\xff\xff\xff\x12\x34\x56\x78");
	tap_ok(seg.options == TCPHS_OPT_TS && seg.tsval == 0xffffffff && seg.tsecr == 0x12345678,
	       "options: timestamps");
	seg = OPTIONS(TCPHS_SYN, "\x22\x02");
	tap_ok(seg.options == TCPHS_OPT_TFO, "options: Fast Open, asking for a cookie");
	seg = OPTIONS(TCPHS_SYN, "\x22\x0a" "8 bytes!");
	tap_ok(seg.options == TCPHS_OPT_TFO, "options: Fast Open, with a cookie");
	seg = OPTIONS(TCPHS_SYN, "\xfe\x04\xf9\x89");
	tap_ok(seg.options == TCPHS_OPT_TFO, "options: Fast Open, experimental");
	seg = OPTIONS(TCPHS_SYN, all_of_a_syn);
	tap_ok(seg.options == (TCPHS_OPT_MSS | TCPHS_OPT_SACK_OK | TCPHS_OPT_TS |
			       TCPHS_OPT_WSCALE | TCPHS_OPT_TFO), "options: all of a SYN");
	seg = OPTIONS(TCPHS_ACK, "\x02\x04\x05\xb4\x04\x02\x01\x03\x03\x0a");
	tap_ok(!seg.options, "options: those of a SYN count in no other segment");
	seg = OPTIONS(TCPHS_SYN, foreign);
	tap_ok(seg.options == TCPHS_OPT_MSS, "options: MD5, MPTCP, AO are stepped over (row M2)");
}

static void check_option_faults(void)
{
	struct tcphs_seg seg;
	u8 wscale[] = { 3, 3, 0, 0 };
	unsigned int shift, kind, length;
	bool good = true;

	seg = OPTIONS(TCPHS_SYN, "\x02\x04\x05\xb4\x08\x00\x03\x03\x07\x00");
	tap_ok(seg.options == TCPHS_OPT_MSS,
	       "option faults: length 0 ends the list, what was read counts (row M2)");
	seg = OPTIONS(TCPHS_SYN, "\x02\x04\x05\xb4\x08\x01\x03\x03\x07\x00");
	tap_ok(seg.options == TCPHS_OPT_MSS, "option faults: length 1 ends the list (row M2)");
	seg = OPTIONS(TCPHS_SYN, "\x02\x04\x05\xb4\x03\x03\x07\x08");
	tap_ok(seg.options == (TCPHS_OPT_MSS | TCPHS_OPT_WSCALE),
	       "option faults: a kind as the last byte (row M2)");
	seg = OPTIONS(TCPHS_SYN, "\x02\x04\x05\xb4\x08\x0a\x01\x02");
	tap_ok(seg.options == TCPHS_OPT_MSS, "option faults: a length beyond the end (row M2)");
	seg = OPTIONS(TCPHS_SYN, "\x00\x02\x04\x05\xb4\x00\x00\x00");
	tap_ok(!seg.options, "option faults: nothing counts after the end of the list (row M2)");
	seg = OPTIONS(TCPHS_SYN, "\x02\x03\x05\x03\x02\x04\x03\x00\x08\x09" "1234567\x05\x02");
	tap_ok(!seg.options, "option faults: kinds of wrong length are stepped over (row M2)");
	for (shift = 0; shift < 256; shift++) {
		wscale[2] = (u8)shift;
		seg = parse_options(TCPHS_SYN, wscale, 4);
		good &= seg.wscale == (shift > 14 ? 14 : shift);
		good &= !(seg.options & TCPHS_OPT_BAD_WSCALE) == (shift <= 14);
		good &= !!(seg.options & TCPHS_OPT_WSCALE);
	}
	tap_ok(good, "option faults: window scales above 14 are taken as 14 and told (row M3)");
	good = true;
	for (kind = 0; kind < 256; kind++) {
		for (length = 0; length < 256; length++) {
			u8 option[40] = { (u8)kind, (u8)length };

			seg = parse_options(TCPHS_SYN, option, 40);
			good &= seg.seq == 3626544836u;
			seg = parse_options(TCPHS_SYN, option, 4);
			good &= seg.seq == 3626544836u;
		}
	}
	tap_ok(good, "option faults: every kind with every length is survived (row M2)");
}

/* All that matter but PSH, ECE, CWR and AE, which are allowed everywhere. */
static bool may_be_sent(unsigned int flags)
{
	static const unsigned int valid[] = {
		TCPHS_SYN, TCPHS_SYN | TCPHS_URG, TCPHS_SYN | TCPHS_ACK,
		TCPHS_SYN | TCPHS_ACK | TCPHS_URG, TCPHS_RST, TCPHS_RST | TCPHS_ACK,
		TCPHS_FIN | TCPHS_ACK, TCPHS_FIN | TCPHS_ACK | TCPHS_URG,
		TCPHS_ACK, TCPHS_ACK | TCPHS_URG,
	};
	size_t i;

	flags &= ~(unsigned int)(TCPHS_PSH | TCPHS_ECE | TCPHS_CWR | TCPHS_AE);
	for (i = 0; i < sizeof(valid) / sizeof(valid[0]); i++)
		if (flags == valid[i])
			return true;
	return false;
}

static void check_flags(void)
{
	unsigned int flags;
	bool read = true;
	bool judged = true;

	for (flags = 0; flags < 512; flags++) {
		read &= parse_options(flags, NULL, 0).flags == flags;
		judged &= tcphs_flags_valid((u16)flags) == may_be_sent(flags);
	}
	tap_ok(read, "flags: all 512 sets are read as sent (row M4)");
	tap_ok(judged, "flags: of all 512 sets those that a TCP sends are valid (row M4)");
}

static u32 flags_of(const struct packet *p, u32 avail)
{
	u8 *exact = malloc(avail ? avail : 1);
	u32 flags;

	memcpy(exact, p->data, avail);
	flags = tcphs_parse_flags(exact, avail);
	free(exact);
	return flags;
}

static void check_flags_at_hand(void)
{
	struct packet four = { .len = 0 }, six = { .len = 0 }, cut, other;
	bool plain, known;

	put_ip4(&four, 6);
	put_tcp(&four, TCPHS_SYN | TCPHS_AE, NULL, 0);
	put_ip6(&six, 6);
	put_tcp(&six, TCPHS_FIN | TCPHS_ACK, NULL, 0);
	plain = flags_of(&four, four.len) == (TCPHS_SYN | TCPHS_AE) &&
		flags_of(&six, six.len) == (TCPHS_FIN | TCPHS_ACK);
	tap_ok(plain, "flags at hand: of IPv4 and IPv6");
	known = false;
	for (u32 avail = 0; avail < four.len; avail++)
		known |= flags_of(&four, avail) != TCPHS_FLAGS_UNKNOWN;
	for (u32 avail = 0; avail < six.len; avail++)
		known |= flags_of(&six, avail) != TCPHS_FLAGS_UNKNOWN;
	tap_ok(!known, "flags at hand: not without the whole header (row M1)");
	cut = four;
	set16(&cut, 6, 0x2000);
	other = six;
	other.data[6] = 0;
	tap_ok(flags_of(&cut, cut.len) == TCPHS_FLAGS_UNKNOWN &&
	       flags_of(&other, other.len) == TCPHS_FLAGS_UNKNOWN,
	       "flags at hand: not of a fragment, nor behind an extension");
}

#define TIMESTAMP	"\x01\x01\x08\x0a\x01\x02\x03\x04\x05\x06\x07\x08"

/* Whether a segment with these is usual, of both families; all of it is at hand. */
static bool takes(unsigned int flags, const void *options, u32 n)
{
	bool taken[2];
	unsigned int i;

	for (i = 0; i < 2; i++) {
		struct packet p = { .len = 0 };
		struct tcphs_packet out;
		unsigned long before = usual_seen;

		if (i)
			put_ip6(&p, 6);
		else
			put_ip4(&p, 6);
		put_tcp(&p, flags, options, n);
		put(&p, "hello", 5);
		set_length(&p);
		parse(&p, &out);
		taken[i] = usual_seen > before;
	}
	return taken[0] && taken[1];
}

/* Each alone: all that can be seen of it. */
static bool takes_cut(u32 avail, u32 wire, bool is_six)
{
	struct packet p = { .len = 0 };
	struct tcphs_packet out;
	unsigned long before = usual_seen;

	if (is_six)
		put_ip6(&p, 6);
	else
		put_ip4(&p, 6);
	put_tcp(&p, TCPHS_ACK, TIMESTAMP, 12);
	put(&p, "hello", 5);
	set_length(&p);
	parse_part(&p, avail, wire, &out);
	return usual_seen > before;
}

/* Behind check_cuts() and all else that parses. */
static void check_usual(void)
{
	unsigned int flags, takes_flags = 0;
	u32 cut;
	bool good;

	good = takes(TCPHS_ACK, NULL, 0) && takes(TCPHS_ACK | TCPHS_PSH, TIMESTAMP, 12);
	tap_ok(good, "usual: ACKs and data, with a timestamp or without any option");
	for (flags = 0; flags < 4096; flags++)
		takes_flags += takes(flags, TIMESTAMP, 12);
	tap_ok(takes_flags == 8, "usual: PSH, ECE and CWR may be set, no other bit");
	good = !takes(TCPHS_ACK, "\x08\x0a\x01\x02\x03\x04\x05\x06\x07\x08\x01\x01", 12) &&
	       !takes(TCPHS_ACK, TIMESTAMP "\x01\x01\x01\x01", 16) &&
	       !takes(TCPHS_ACK, "\x01\x01\x05\x0a\x01\x02\x03\x04\x05\x06\x07\x08", 12);
	tap_ok(good, "usual: no other option, and at no other place");
	good = takes_cut(52, 57, false) && takes_cut(72, 77, true);
	for (cut = 0; cut < 52; cut++)
		good &= !takes_cut(cut, 57, false);
	for (cut = 0; cut < 72; cut++)
		good &= !takes_cut(cut, 77, true);
	tap_ok(good, "usual: both headers are at hand");
	good = !takes_cut(52, 56, false) && !takes_cut(72, 76, true);
	tap_ok(good, "usual: no more than there was");
	tap_ok(!usual_differs, "usual: of all packets here it is what the parser makes of them");
}

static void check_reasons(void)
{
	tap_ok(tcphs_parse_reason(TCPHS_PARSE_FRAGMENT) == TCPHS_R_FRAGMENT &&
	       tcphs_parse_reason(TCPHS_PARSE_TRUNCATED) == TCPHS_R_TRUNCATED &&
	       tcphs_parse_reason(TCPHS_PARSE_BAD_IP) == TCPHS_R_BAD_IP &&
	       tcphs_parse_reason(TCPHS_PARSE_BAD_TCP) == TCPHS_R_BAD_TCP,
	       "parse: each refusal has its own counter");
}

int main(void)
{
	check_plain();
	check_plain6();
	check_ip4_options();
	check_ip4_faults();
	check_ip4_fragments();
	check_ip6_extensions();
	check_jumbogram();
	check_ip6_faults();
	check_tcp_faults();
	check_cuts();
	check_options();
	check_option_faults();
	check_flags();
	check_flags_at_hand();
	check_reasons();
	check_usual();
	return tap_done();
}
