// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzes the parser: any bytes, given in part and in whole, each time alone in
 * memory. The first two bytes of the input say how much longer the packet was
 * on the wire (rows M1 M2 M3).
 */
#include <stdlib.h>

#include "core/parse.h"
#include "core/usual.h"
#include "prove.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void prove_whole(const struct tcphs_packet *p, u32 wire)
{
	PROVE(p->tuple.family == 4 || p->tuple.family == 6);
	PROVE(p->l4_offset >= (p->tuple.family == 4 ? 20U : 40U));
	PROVE(p->l4_len >= 20 && p->l4_len <= wire && p->l4_offset <= wire - p->l4_len);
	PROVE(p->seg.len <= p->l4_len - 20);
	PROVE(p->seg.flags <= 0x1ff);
	PROVE(p->seg.wscale <= 14);
	PROVE(p->seg.flags & TCPHS_SYN ||
	      !(p->seg.options & (TCPHS_OPT_MSS | TCPHS_OPT_WSCALE | TCPHS_OPT_SACK_OK)));
}

/* What is read in words is what is read byte by byte. */
static void prove_usual(const u8 *data, u32 avail, u32 wire,
			enum tcphs_parsed parsed, const struct tcphs_packet *p)
{
	struct tcphs_usual usual;
	struct tcphs_seg seg;
	size_t size;

	if (!tcphs_usual_ip4(data, avail, wire, &usual) &&
	    !tcphs_usual_ip6(data, avail, wire, &usual))
		return;
	PROVE(parsed == TCPHS_PARSE_OK && usual.family == p->tuple.family);
	PROVE(usual.tcp == data + p->l4_offset);
	tcphs_usual_seg(&usual, &seg);
	PROVE(!memcmp(&seg, &p->seg, sizeof(seg)));
	size = usual.family == 4 ? 4 : 16;
	PROVE(!memcmp(usual.ends, p->tuple.addr[0], size));
	PROVE(!memcmp(usual.ends + size, p->tuple.addr[1], size));
}

static enum tcphs_parsed parse_part(const u8 *data, u32 avail, u32 wire,
				    struct tcphs_packet *out)
{
	u8 *exact = malloc(avail ? avail : 1);
	enum tcphs_parsed parsed;
	u32 flags;

	if (avail)
		memcpy(exact, data, avail);
	parsed = tcphs_parse(exact, avail, wire, out);
	flags = tcphs_parse_flags(exact, avail);
	prove_usual(exact, avail, wire, parsed, out);
	free(exact);
	if (parsed == TCPHS_PARSE_OK)
		prove_whole(out, wire);
	if (parsed == TCPHS_PARSE_OK && flags != TCPHS_FLAGS_UNKNOWN)
		PROVE(flags == out->seg.flags);
	if (parsed == TCPHS_PARSE_NOT_TCP || parsed == TCPHS_PARSE_FRAGMENT)
		PROVE(flags == TCPHS_FLAGS_UNKNOWN);
	else if (parsed == TCPHS_PARSE_MORE)
		PROVE(avail < wire && avail < TCPHS_PARSE_MAX);
	else if (parsed != TCPHS_PARSE_NOT_TCP)
		PROVE(tcphs_parse_reason(parsed) != TCPHS_R_USED);
	return parsed;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct tcphs_packet before, now;
	enum tcphs_parsed last = TCPHS_PARSE_MORE;
	u32 wire, avail;

	if (size < 2 || size > 4096)
		return 0;
	wire = (u32)(size - 2) + (u32)data[0] * (data[1] + 1U);
	memset(&before, 0, sizeof(before));
	for (avail = 0; avail <= size - 2; avail += avail < 160 ? 1 : 97) {
		enum tcphs_parsed parsed = parse_part(data + 2, avail, wire, &now);

		/* once it is told, more bytes tell nothing else */
		if (last == TCPHS_PARSE_OK)
			PROVE(parsed == last && !memcmp(&before, &now, sizeof(now)));
		last = parsed;
		before = now;
	}
	tcphs_flags_valid((u16)(data[0] << 8 | data[1]));
	return 0;
}
