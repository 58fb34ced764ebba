// SPDX-License-Identifier: GPL-2.0
/*
 * Writes a capture (pcap, nanoseconds, Ethernet) of many short connections, some
 * thousand of them at a time: the same each time. Must not know who reads it.
 *
 *	capture CONNECTIONS SEED >file.pcap
 *
 * Each is a handshake with the options of Linux, a request, an answer, and a
 * close; one in ten is IPv6, one in 16 is reset, one in 32 says something twice.
 * A million of them are a gigabyte.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT_ONCE		4096
#define GAP_NS		30000U		/* from packet to packet, on average */
#define BEGIN_S		1700000000U
#define PORTS		28000U		/* of a client */
#define FIRST_PORT	32768U
#define SERVERS		64U
#define PAYLOAD_MAX	512U
#define HEADERS		(14U + 40U + 40U)	/* Ethernet, IPv6, TCP with options */

enum { FIN = 0x01, SYN = 0x02, RST = 0x04, PSH = 0x08, ACK = 0x10 };
enum step { OPEN, ANSWER, OPENED, REQUEST, REPLY, TAKEN, CLOSE, CLOSE_TOO, CLOSED,
	    STEPS };

struct conn {
	uint32_t id;
	uint32_t next[2];	/* numbers of client and server */
	uint16_t said[2];	/* how much request and reply are */
	enum step step;
};

struct packet {
	unsigned char bytes[HEADERS + PAYLOAD_MAX];
	uint32_t length;
};

static uint64_t seed;
static uint64_t now_ns = BEGIN_S * 1000000000ULL;
static unsigned char text[PAYLOAD_MAX];

/* xorshift64*, which any machine computes alike. */
static uint32_t draw(uint32_t below)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (uint32_t)((seed * 0x2545f4914f6cdd1dULL >> 32) * below >> 32);
}

static unsigned char *put16(unsigned char *at, uint32_t value)
{
	*at++ = (unsigned char)(value >> 8);
	*at++ = (unsigned char)value;
	return at;
}

static unsigned char *put32(unsigned char *at, uint32_t value)
{
	return put16(put16(at, value >> 16), value);
}

/* RFC 1071 */
static uint64_t add(uint64_t sum, const unsigned char *bytes, uint32_t length)
{
	for (; length > 1; bytes += 2, length -= 2)
		sum += (uint32_t)bytes[0] << 8 | bytes[1];
	return length ? sum + ((uint32_t)bytes[0] << 8) : sum;
}

static uint32_t fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~(uint32_t)sum & 0xffff;
}

static int is_ipv6(const struct conn *conn)
{
	return conn->id % 10 == 9;
}

static uint32_t address_of(const struct conn *conn, unsigned int side)
{
	return side ? 0xc0a80001 + conn->id % SERVERS : 0x0a000001 + conn->id / PORTS;
}

static unsigned char *put_address(unsigned char *at, const struct conn *conn,
				  unsigned int side)
{
	if (is_ipv6(conn))
		at = put32(put32(put32(at, 0x20010db8), 0), 0);
	return put32(at, address_of(conn, side));
}

static unsigned char *put_ip(unsigned char *at, const struct conn *conn,
			     unsigned int from, uint32_t length)
{
	unsigned char *begin = at;

	if (is_ipv6(conn)) {
		at = put32(at, 0x60000000);
		at = put16(at, length);
		*at++ = 6;
		*at++ = 64;
	} else {
		at = put32(at, 0x45000000 | (length + 20));
		at = put32(at, (conn->id & 0xffff) << 16 | 0x4000);
		at = put32(at, 0x40060000);
	}
	at = put_address(at, conn, from);
	at = put_address(at, conn, !from);
	if (!is_ipv6(conn))
		put16(begin + 10, fold(add(0, begin, 20)));
	return at;
}

static unsigned char *put_options(unsigned char *at, uint32_t flags)
{
	uint32_t ms = (uint32_t)(now_ns / 1000000);

	if (flags & SYN) {
		at = put32(at, 0x020405b4);		/* MSS 1460 */
		at = put32(at, 0x0402080a);		/* SACK, timestamp */
		at = put32(put32(at, ms), flags & ACK ? ms - 1 : 0);
		return put32(at, 0x01030307);		/* window scale 7 */
	}
	if (flags & RST)
		return at;
	return put32(put32(put32(at, 0x0101080a), ms), ms - 1);
}

static unsigned char *put_tcp(unsigned char *at, const struct conn *conn,
			      unsigned int from, uint32_t flags, uint32_t seq,
			      uint32_t said)
{
	uint32_t port = FIRST_PORT + conn->id % PORTS;
	uint32_t ack = conn->next[!from];
	unsigned char *begin = at, *end;
	uint64_t sum;

	at = put16(at, from ? 443 : port);
	at = put16(at, from ? port : 443);
	at = put32(at, seq);
	at = put32(at, flags & ACK ? ack : 0);
	at = put32(at, flags << 16 | (flags & SYN ? 64240 : 502));
	at = put32(at, 0);
	at = put_options(at, flags);
	begin[12] = (unsigned char)((at - begin) / 4 << 4);
	memcpy(at, text, said);
	end = at + said;
	sum = add(6 + (uint64_t)(end - begin), begin, (uint32_t)(end - begin));
	/* Of addresses that begin with zeros only what is not zero counts. */
	sum += (uint64_t)(address_of(conn, 0) >> 16) + (address_of(conn, 0) & 0xffff);
	sum += (uint64_t)(address_of(conn, 1) >> 16) + (address_of(conn, 1) & 0xffff);
	if (is_ipv6(conn))
		sum += 2 * (0x2001 + 0x0db8);
	put16(begin + 16, fold(sum));
	return end;
}

static void write_packet(const struct packet *packet)
{
	uint32_t head[4] = {
		(uint32_t)(now_ns / 1000000000), (uint32_t)(now_ns % 1000000000),
		packet->length, packet->length,
	};

	fwrite(head, sizeof(head), 1, stdout);
	fwrite(packet->bytes, packet->length, 1, stdout);
	now_ns += draw(2 * GAP_NS) + 1;
}

/* A segment that begins at @seq. */
static void tell(const struct conn *conn, unsigned int from, uint32_t flags,
		 uint32_t seq, uint32_t said)
{
	uint32_t header = flags & SYN ? 40 : flags & RST ? 20 : 32;
	struct packet packet;
	unsigned char *at = packet.bytes;

	memset(at, 0x02, 12);
	at[11] = (unsigned char)from;
	at = put16(at + 12, is_ipv6(conn) ? 0x86dd : 0x0800);
	at = put_ip(at, conn, from, header + said);
	at = put_tcp(at, conn, from, flags, seq, said);
	packet.length = (uint32_t)(at - packet.bytes);
	write_packet(&packet);
}

/* The next of its numbers go out. */
static void say(struct conn *conn, unsigned int from, uint32_t flags, uint32_t said)
{
	uint32_t seq = conn->next[from];

	tell(conn, from, flags, seq, said);
	conn->next[from] += said + !!(flags & (SYN | FIN));
	if (draw(32 * STEPS) == 0 && !(flags & RST) && (said || flags & (SYN | FIN)))
		tell(conn, from, flags, seq, said);
}

static void begin(struct conn *conn, uint32_t id)
{
	conn->id = id;
	conn->next[0] = draw(~0U);
	conn->next[1] = draw(~0U);
	conn->said[0] = (uint16_t)(40 + draw(160));
	conn->said[1] = (uint16_t)(20 + draw(250));
	conn->step = OPEN;
}

static void go_on(struct conn *conn)
{
	switch (conn->step++) {
	case OPEN:
		say(conn, 0, SYN, 0);
		break;
	case ANSWER:
		say(conn, 1, SYN | ACK, 0);
		break;
	case OPENED:
	case TAKEN:
	case CLOSED:
		say(conn, 0, ACK, 0);
		break;
	case REQUEST:
		say(conn, 0, PSH | ACK, conn->said[0]);
		break;
	case REPLY:
		say(conn, 1, PSH | ACK, conn->said[1]);
		break;
	case CLOSE:
		if (draw(16) == 0) {
			say(conn, 0, RST | ACK, 0);
			conn->step = STEPS;
			break;
		}
		say(conn, 0, FIN | ACK, 0);
		break;
	case CLOSE_TOO:
		say(conn, 1, FIN | ACK, 0);
		break;
	case STEPS:
		break;
	}
}

/* So many at a time: any of them goes on, and who has ended gives its place. */
static void write_all(uint32_t count)
{
	static struct conn conns[AT_ONCE];
	uint32_t open = 0, begun = 0, i;

	while (open < AT_ONCE && begun < count)
		begin(&conns[open++], begun++);
	while (open) {
		i = draw(open);
		go_on(&conns[i]);
		if (conns[i].step < STEPS)
			continue;
		if (begun < count)
			begin(&conns[i], begun++);
		else
			conns[i] = conns[--open];
	}
}

int main(int argc, char **argv)
{
	static const uint32_t head[] = { 0xa1b23c4d, 4 << 16 | 2, 0, 0, 262144, 1 };
	uint32_t i;

	if (argc != 3) {
		fputs("usage: capture CONNECTIONS SEED >file.pcap\n", stderr);
		return 2;
	}
	seed = strtoull(argv[2], NULL, 0) * 2 + 1;
	for (i = 0; i < PAYLOAD_MAX; i++)
		text[i] = (unsigned char)('a' + draw(26));
	fwrite(head, sizeof(head), 1, stdout);
	write_all((uint32_t)strtoul(argv[1], NULL, 0));
	return fflush(stdout) || ferror(stdout);
}
