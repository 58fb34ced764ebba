// SPDX-License-Identifier: GPL-2.0
/*
 * Segments made wrong, and packed: options, extension headers, fragments, lengths that are
 * not so. Remembers nothing.
 */
#include "frames.h"
#include "../wire.h"

#include <string.h>

/* ---- a segment that is not as it should be ---- */

static uint32_t shift(uint32_t number)
{
	static const uint32_t by[] = {
		1, 2, 100, 536, 1460, 0x7fff, 0xffff, 0x10000, 0x100000, 0x3fffffff, 0x40000000,
		0x7fffffff, 0x80000000,
	};
	uint32_t n = by[pick(COUNT_OF(by))];

	return chance(10) ? (uint32_t)pick(0) : chance(50) ? number + n : number - n;
}

/* Kinds that are known, of right length or not, and any other, to the end or beyond. */
static void put_wild_options(struct segment *seg)
{
	static const uint8_t kinds[] = { 0, 1, 2, 3, 4, 5, 8, 14, 19, 28, 29, 30, 34, 253, 254 };
	static const uint8_t lengths[] = { 1, 1, 4, 3, 2, 10, 10, 3, 18, 4, 16, 12, 6, 4, 4 };
	size_t len = 4 * pick(11), at = 0;
	unsigned int i;

	fill(seg->options, sizeof(seg->options));
	while (at < len) {
		i = (unsigned int)pick(COUNT_OF(kinds));
		seg->options[at] = chance(90) ? kinds[i] : (uint8_t)pick(256);
		if (at + 1 < len && seg->options[at] > 1)
			seg->options[at + 1] = chance(70) ? lengths[i] : (uint8_t)pick(48);
		at += lengths[i];
	}
	seg->option_len = len;
}

void twist(struct segment *seg)
{
	unsigned int times = 1 + (unsigned int)pick(3);

	while (times--) {
		switch (pick(10)) {
		case 0:
		case 1:
			seg->seq = shift(seg->seq);
			break;
		case 2:
		case 3:
			seg->ack = shift(seg->ack);
			break;
		case 4:
			seg->flags = (uint16_t)pick(512);
			break;
		case 5:
			seg->flags ^= (uint16_t)(1U << pick(9));
			break;
		case 6:
			put_wild_options(seg);
			break;
		case 7:
			seg->window = (uint16_t)pick(65536);
			seg->urgent = (uint16_t)pick(65536);
			break;
		case 8:
			seg->data = pick(1500);
			break;
		case 9:
			if (chance(50))
				seg->offset = (uint8_t)pick(16);
			else
				seg->is_damaged = true;
			break;
		}
	}
}

/* ---- packing ---- */

/* Behind each header: where the next one begins, and its number in the one before. */
struct packet {
	uint8_t bytes[FRAME_MAX];
	size_t len, header;
};

static size_t put_tcp(const struct segment *seg, uint8_t *at)
{
	const struct flow *flow = seg->flow;
	uint8_t words = seg->offset ? seg->offset : (uint8_t)(5 + seg->option_len / 4);

	put16(at, seg->is_back ? flow->their_port : flow->port);
	put16(at + 2, seg->is_back ? flow->port : flow->their_port);
	put32(at + 4, seg->seq);
	put32(at + 8, seg->ack);
	put16(at + 12, (uint32_t)words << 12 | seg->flags);
	put16(at + 14, seg->window);
	put16(at + 16, 0);
	put16(at + 18, seg->urgent);
	memcpy(at + 20, seg->options, seg->option_len);
	memset(at + 20 + seg->option_len, 'x', seg->data);
	return 20 + seg->option_len + seg->data;
}

/* Strangers' networks are 10.2 and 10.3, the sockets' own host is 10.1.0.1. */
static void put_addresses4(const struct segment *seg, uint8_t *at)
{
	uint32_t far = seg->flow->is_forwarded ? 0x0a020000 + seg->flow->index : 0x0a010002;
	uint32_t near = seg->flow->is_forwarded ? 0x0a030001 : 0x0a010001;

	put32(at, seg->is_back ? near : far);
	put32(at + 4, seg->is_back ? far : near);
}

static void put_address6(uint8_t *at, uint32_t net, uint32_t host)
{
	memset(at, 0, 16);
	put16(at, net);
	put32(at + 12, host);
}

static void put_addresses6(const struct segment *seg, uint8_t *at)
{
	bool passes = seg->flow->is_forwarded;
	uint8_t *far = at + (seg->is_back ? 16 : 0), *near = at + (seg->is_back ? 0 : 16);

	put_address6(far, passes ? 0xfd02 : 0xfd01, passes ? seg->flow->index : 2);
	put_address6(near, passes ? 0xfd03 : 0xfd01, 1);
}

static size_t put_ip4_options(uint8_t *at)
{
	static const uint8_t kinds[] = { 0, 1, 7, 68, 130, 131, 137, 148 };
	size_t len = 4 * pick(11);

	fill(at, len);
	if (len && chance(70))
		at[0] = kinds[pick(COUNT_OF(kinds))];
	if (len && chance(50))
		memset(at, 1, len);
	return len;
}

static void pack4(const struct segment *seg, struct packet *packet, bool is_plain)
{
	uint8_t *at = packet->bytes;

	memset(at, 0, 20);
	packet->header = 20 + (is_plain ? 0 : put_ip4_options(at + 20));
	at[0] = (uint8_t)(0x40 | packet->header / 4);
	at[1] = is_plain ? 0 : (uint8_t)pick(256);
	put16(at + 4, (uint32_t)pick(65536));
	at[8] = is_plain ? 64 : (uint8_t)pick(256);
	at[9] = IPPROTO_TCP;
	put_addresses4(seg, at + 12);
	packet->len = packet->header + put_tcp(seg, at + packet->header);
	put16(at + 2, (uint32_t)packet->len);
}

/* RFC 8200 section 4: in its order or another, whole or not. */
static size_t put_extension(uint8_t *at, uint8_t kind)
{
	size_t len = kind == IPPROTO_FRAGMENT ? 8 : 8 * (1 + pick(4));

	memset(at, 0, len);
	at[1] = (uint8_t)(kind == IPPROTO_FRAGMENT ? 0 :
			  kind == IPPROTO_AH ? len / 4 - 2 : len / 8 - 1);
	if (kind == IPPROTO_ROUTING) {
		at[2] = (uint8_t)pick(5);
		at[3] = (uint8_t)(chance(60) ? 0 : pick(4));
	} else if (kind == IPPROTO_FRAGMENT) {
		put16(at + 2, chance(60) ? 0 : (uint32_t)pick(65536));
		put32(at + 4, (uint32_t)pick(0));
	} else if (chance(50)) {
		at[2] = 1;	/* padding, as many as there is room for */
		at[3] = (uint8_t)(len - 4);
	} else if (chance(30)) {
		fill(at + 2, len - 2);
	}
	if (chance(5))
		at[1] = (uint8_t)pick(256);
	return len;
}

static void pack6(const struct segment *seg, struct packet *packet, bool is_plain)
{
	static const uint8_t kinds[] = {
		IPPROTO_HOPOPTS, IPPROTO_DSTOPTS, IPPROTO_ROUTING, IPPROTO_FRAGMENT, IPPROTO_AH,
		IPPROTO_DSTOPTS, 135, 59,
	};
	unsigned int headers = is_plain ? 0 : (unsigned int)pick(5);
	uint8_t *at = packet->bytes, *next = at + 6, kind;

	memset(at, 0, 40);
	at[0] = 0x60;
	at[7] = is_plain ? 64 : (uint8_t)pick(256);
	put_addresses6(seg, at + 8);
	packet->header = 40;
	while (headers--) {
		kind = kinds[pick(COUNT_OF(kinds))];
		*next = kind;
		next = at + packet->header;
		packet->header += put_extension(next, kind);
	}
	*next = IPPROTO_TCP;
	packet->len = packet->header + put_tcp(seg, at + packet->header);
	put16(at + 4, (uint32_t)(packet->len - 40));
}

/* Part of a packet of IPv4, from @from on, of what is behind its header. */
static void send_part4(const struct packet *packet, size_t from, size_t len, bool is_last)
{
	uint8_t part[FRAME_MAX];

	memcpy(part, packet->bytes, packet->header);
	memcpy(part + packet->header, packet->bytes + packet->header + from, len);
	put16(part + 2, (uint32_t)(packet->header + len));
	put16(part + 6, (uint32_t)from / 8 | (is_last ? 0 : 0x2000));
	put_ip_checksum(part, packet->header + len);
	counts.fragments++;
	send_frame(part, packet->header + len);
}

/* Two parts, or three: in turn or not, one missing, one over another. */
static void send_parts4(const struct packet *packet)
{
	size_t all = packet->len - packet->header, from, len, step;
	bool is_backward = chance(30);
	unsigned int i, parts;

	step = 8 * (1 + pick(4));
	parts = (unsigned int)((all + step - 1) / step);
	parts = parts > 3 ? 3 : parts;
	for (i = 0; i < parts; i++) {
		from = (is_backward ? parts - 1 - i : i) * step;
		len = from / step + 1 == parts ? all - from : step;
		if (chance(10) && from + len + 8 <= all)
			len += 8;
		if (!chance(10))
			send_part4(packet, from, len, from + len == all);
	}
}

/* What is behind says another length than there is. */
static void cut(struct packet *packet)
{
	if (chance(50))
		packet->len = pick(packet->len + 1);
	else
		put16(packet->bytes + (packet->bytes[0] >> 4 == 4 ? 2 : 4), (uint32_t)pick(2048));
	put_ip_checksum(packet->bytes, packet->len);
}

/* @is_plain: in an envelope as it should be. */
void pack(const struct segment *seg, bool is_plain)
{
	struct packet packet;

	if (seg->flow->family == 4)
		pack4(seg, &packet, is_plain || chance(70));
	else
		pack6(seg, &packet, is_plain || chance(60));
	put_ip_checksum(packet.bytes, packet.len);
	put_checksum_behind(packet.bytes, packet.len, packet.header, IPPROTO_TCP);
	if (seg->is_damaged)
		packet.bytes[packet.header + 4 + pick(8)] ^= 1;
	if (!is_plain && seg->flow->family == 4 && chance(10)) {
		send_parts4(&packet);
		return;
	}
	if (!is_plain && chance(5))
		cut(&packet);
	send_frame(packet.bytes, packet.len);
}

/* ---- what is no segment ---- */

/* An error about a segment of theirs, RFC 792, RFC 4443. */
static size_t put_error(const struct flow *flow, uint8_t *at)
{
	static const uint8_t kinds[] = { 3, 3, 3, 4, 5, 11, 12 };
	struct segment quoted = { .flow = flow, .is_back = true, .seq = flow->theirs };
	size_t len = 28;

	memset(at, 0, 20);
	at[0] = 0x45;
	at[8] = 64;
	at[9] = IPPROTO_ICMP;
	put32(at + 12, 0x0a010002);
	put32(at + 16, 0x0a010001);
	memset(at + 20, 0, 8);
	at[20] = kinds[pick(COUNT_OF(kinds))];
	at[21] = (uint8_t)pick(16);
	memcpy(at + 28, at, 20);
	at[37] = IPPROTO_TCP;
	put_addresses4(&quoted, at + 40);
	put16(at + 30, 40);
	len += 20 + put_tcp(&quoted, at + 48);
	put16(at + 2, (uint32_t)len);
	put_ip_checksum(at + 28, 20);
	put_ip_checksum(at, 20);
	put_checksum_behind(at, len, 20, IPPROTO_ICMP);
	return len;
}

void send_noise(const struct flow *flow)
{
	uint8_t frame[FRAME_MAX];
	size_t len = 1 + pick(200);

	if (chance(50) && flow->family == 4 && !flow->is_forwarded) {
		len = put_error(flow, frame);
	} else {
		fill(frame, sizeof(frame));
		frame[0] = (uint8_t)(chance(50) ? 0x45 : 0x60);
		frame[frame[0] == 0x45 ? 9 : 6] = IPPROTO_TCP;
		if (frame[0] == 0x45)
			put32(frame + 16, 0x0a010001);
		put16(frame + (frame[0] == 0x45 ? 2 : 4),
		      (uint32_t)(frame[0] == 0x45 ? len : len - 40));
		put_ip_checksum(frame, len);
	}
	send_frame(frame, len);
}
