// SPDX-License-Identifier: GPL-2.0
/*
 * The wire's end of each conversation: what it has been told, and what it would say next
 * if it were a TCP. Tells the truth; forge.c does not.
 */
#include "frames.h"

#include <netinet/in.h>
#include <string.h>

#define AGE_MAX	80

static struct flow flows[FLOWS];
static unsigned int generation;

static void renew(struct flow *flow)
{
	unsigned int index = (unsigned int)(flow - flows);

	*flow = (struct flow){
		.family = chance(60) ? 4 : 6,
		.is_forwarded = index % 4 == 3,
		.port = (uint16_t)(10000 + generation++ % 15000),
		.their_port = index % 4 == 3 ? 80 : SERVED_PORT,
		.next = (uint32_t)pick(0),
		.theirs = (uint32_t)pick(0),
		.has_time = chance(50),
		.time = (uint32_t)pick(0),
		.index = index,
	};
}

void begin_flows(void)
{
	unsigned int i;

	for (i = 0; i < FLOWS; i++)
		renew(&flows[i]);
}

struct flow *pick_flow(void)
{
	struct flow *flow = &flows[pick(FLOWS)];

	if (++flow->age > AGE_MAX || (flow->stage == CLOSING && chance(10)))
		renew(flow);
	return flow;
}

/* ---- what comes back ---- */

static struct flow *find_flow(uint8_t family, uint16_t theirs, uint16_t ours)
{
	unsigned int i;

	for (i = 0; i < FLOWS; i++)
		if (!flows[i].is_forwarded && flows[i].family == family &&
		    flows[i].their_port == theirs && flows[i].port == ours)
			return &flows[i];
	return NULL;
}

/* A socket of theirs calls: it gets the place of another conversation. */
static struct flow *adopt(uint8_t family, uint16_t theirs, uint16_t ours)
{
	struct flow *flow = &flows[pick(FLOWS / 4) * 4];

	renew(flow);
	flow->stage = CALLED;
	flow->family = family;
	flow->their_port = theirs;
	flow->port = ours;
	counts.connected++;
	return flow;
}

static void read_time(struct flow *flow, const uint8_t *options, size_t len)
{
	size_t i = 0;

	flow->has_time = false;
	while (i + 1 < len && options[i]) {
		if (options[i] == 1) {
			i++;
			continue;
		}
		if (options[i] == 8 && i + 10 <= len) {
			flow->has_time = true;
			flow->echo = get32(options + i + 2);
			return;
		}
		if (options[i + 1] < 2)
			return;
		i += options[i + 1];
	}
}

static void learn(struct flow *flow, const uint8_t *tcp, size_t len)
{
	size_t header = (tcp[12] >> 4) * 4U;
	uint8_t flags = tcp[13];

	if (flags & RST) {
		flow->stage = CLOSING;
		return;
	}
	flow->theirs = get32(tcp + 4) + (uint32_t)(len - header);
	flow->theirs += !!(flags & SYN) + !!(flags & FIN);
	if (flags & SYN)
		read_time(flow, tcp + 20, header - 20);
	else if (flow->has_time)
		read_time(flow, tcp + 20, header - 20);
	if ((flags & (SYN | ACK)) == (SYN | ACK) && flow->stage == CALLS)
		flow->stage = OPEN;
	if (flags & FIN && chance(50))
		flow->stage = CLOSING;
}

/* A packet that has come out of the wire's end. */
void take_answer(const uint8_t *frame, size_t len)
{
	uint8_t family = frame[0] >> 4;
	size_t header = family == 4 ? (frame[0] & 0xfU) * 4 : 40;
	struct flow *flow;
	const uint8_t *tcp = frame + header;

	if (len < header + 20 || frame[family == 4 ? 9 : 6] != IPPROTO_TCP ||
	    len < header + (tcp[12] >> 4) * 4U)
		return;
	counts.answers++;
	flow = find_flow(family, (uint16_t)get16(tcp), (uint16_t)get16(tcp + 2));
	if (!flow && (tcp[13] & (SYN | ACK)) == SYN && get16(tcp + 2) >= CALLED_PORT &&
	    get16(tcp + 2) < CALLED_PORT + 64)
		flow = adopt(family, (uint16_t)get16(tcp), (uint16_t)get16(tcp + 2));
	if (flow)
		learn(flow, tcp, len - header);
}

/* ---- what is said next ---- */

static void put_usual_options(struct flow *flow, struct segment *seg)
{
	uint8_t *at = seg->options;

	if (seg->flags & SYN) {
		memcpy(at, "\x02\x04\x05\xb4\x03\x03\x07\x01\x04\x02\x01\x01", 12);
		seg->option_len = chance(80) ? 12 : 4;
	}
	if (!flow->has_time || seg->flags & RST)
		return;
	at += seg->option_len;
	memcpy(at, "\x01\x01\x08\x0a", 4);
	put32(at + 4, flow->time);
	put32(at + 8, seg->flags & ACK ? flow->echo : 0);
	seg->option_len += 12;
	flow->time += (uint32_t)pick(3);
}

static void compose_open(struct flow *flow, struct segment *seg)
{
	seg->flags = ACK;
	switch (pick(12)) {
	case 0:
		seg->flags |= FIN;
		flow->stage = CLOSING;
		break;
	case 1:
		if (chance(20)) {
			seg->flags = RST;
			flow->stage = CLOSING;
		}
		break;
	case 2:
		seg->seq -= 1;	/* a keep-alive */
		break;
	case 3:
		seg->window = 0;
		break;
	case 4:
	case 5:
	case 6:
	case 7:
		seg->flags |= PSH;
		seg->data = 1 + pick(300);
	}
}

static void compose_end(struct segment *seg)
{
	seg->flags = ACK;
	if (chance(30))
		seg->flags |= FIN;
	if (chance(30))
		seg->seq -= 1;	/* the FIN again, or what acknowledges theirs */
}

static void compose_step(struct flow *flow, struct segment *seg)
{
	switch (flow->stage) {
	case NEW:
		seg->flags = SYN;
		flow->stage = flow->is_forwarded && chance(60) ? CALLED : CALLS;
		break;
	case CALLS:		/* a SYN again, or too early */
		seg->flags = chance(50) ? SYN : ACK;
		if (seg->flags & SYN)
			seg->seq -= 1;
		break;
	case CALLED:
		seg->flags = SYN | ACK;
		flow->stage = OPEN;
		break;
	case OPEN:
		compose_open(flow, seg);
		break;
	case CLOSING:
		compose_end(seg);
		break;
	}
}

/* Of what only passes each end may be next, and both are known. */
static void turn(struct flow *flow)
{
	uint32_t next = flow->next;

	flow->next = flow->theirs;
	flow->theirs = next;
}

/* What the wire's end would send: @flow goes on as if it had arrived. */
void compose(struct flow *flow, struct segment *seg)
{
	bool is_back = flow->is_forwarded &&
		       (flow->stage == CALLED || (flow->stage > CALLED && chance(50)));

	if (is_back)
		turn(flow);
	*seg = (struct segment){
		.flow = flow, .is_back = is_back, .window = 0xffff,
		.seq = flow->next, .ack = flow->theirs,
	};
	compose_step(flow, seg);
	if (!(seg->flags & ACK))
		seg->ack = 0;
	put_usual_options(flow, seg);
	if (seg->seq == flow->next)
		flow->next += (uint32_t)seg->data + !!(seg->flags & SYN) + !!(seg->flags & FIN);
	if (is_back)
		turn(flow);
}
