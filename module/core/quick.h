/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What each segment of an open connection costs: in line, for callers to whom a
 * call counts. Takes nothing that a step would tell of.
 */
#ifndef TCPHS_CORE_QUICK_H
#define TCPHS_CORE_QUICK_H

#include "flow.h"

/* 268 s of the fastest timestamp clock, one microsecond: two MSLs of 120 s. */
#define TCPHS_PAWS_BACK	0x10000000U

/* Whether PAWS refuses @tsval. A recent 0 does not count: some SYNs have that. */
static inline bool tcphs_is_back(u32 recent, u32 tsval)
{
	return recent - tsval - 1 < TCPHS_PAWS_BACK && recent != 0;
}

static inline bool tcphs_quick_is_addr(const struct tcphs_flow *flow,
				       unsigned int side, const u32 addr[4])
{
	return flow->head[side] == addr[0] &&
	       (flow->family == 4 ||
		!memcmp(flow->tail[side], addr + 1, sizeof(flow->tail[side])));
}

/* As tcphs_flow_match(). */
static inline unsigned int tcphs_quick_match(const struct tcphs_flow *flow,
					     const struct tcphs_tuple *tuple)
{
	if (flow->family != tuple->family)
		return TCPHS_NOBODY;
	if (flow->port[0] == tuple->port[0] && flow->port[1] == tuple->port[1] &&
	    tcphs_quick_is_addr(flow, 0, tuple->addr[0]) &&
	    tcphs_quick_is_addr(flow, 1, tuple->addr[1]))
		return TCPHS_CLIENT;
	if (flow->port[0] == tuple->port[1] && flow->port[1] == tuple->port[0] &&
	    tcphs_quick_is_addr(flow, 0, tuple->addr[1]) &&
	    tcphs_quick_is_addr(flow, 1, tuple->addr[0]))
		return TCPHS_SERVER;
	return TCPHS_NOBODY;
}

/* Whether a segment's flags and length are such that tcphs_flow_quick() may take it. */
static inline bool tcphs_quick_is_plain(const struct tcphs_seg *seg)
{
	return (seg->flags & ~(TCPHS_PSH | TCPHS_ECE | TCPHS_CWR)) == TCPHS_ACK;
}

/* @seg->ack is not before self->ack, nor @seg->seq other than self->nxt. */
static inline void tcphs_quick_note(struct tcphs_at *self,
				    const struct tcphs_at *peer,
				    const struct tcphs_seg *seg,
				    unsigned int shift)
{
	u32 win = (u32)seg->win << shift;
	u32 end = seg->seq + seg->len;

	self->segments++;
	if (seg->len) {
		self->bytes += seg->len;
		self->nxt = end;
		self->whole = end;
	}
	self->ack = seg->ack;
	if (seq_after(seg->ack + win, self->edge))
		self->edge = seg->ack + win;
	if (win > self->window)
		self->window = win;
	if (seg->options & TCPHS_OPT_TS &&
	    !seq_before(seg->tsval, self->ts_recent) &&
	    !seq_after(seg->seq, peer->ack) && !seq_before(end, peer->ack))
		self->ts_recent = seg->tsval;
}

/* As tcphs_flow_quick(); @seg is tcphs_quick_is_plain(). */
static inline bool tcphs_quick_take(struct tcphs_flow *flow, unsigned int from,
				    const struct tcphs_seg *seg)
{
	struct tcphs_at *self = &flow->at[from];
	const struct tcphs_at *peer = &flow->at[from ^ 1U];
	unsigned int wanted = seg->len ? TCPHS_QUICK_DATA : TCPHS_QUICK_ACK;
	unsigned int half = from * 4;

	if (seg->options & TCPHS_OPT_TS) {
		wanted |= TCPHS_QUICK_TS;
		if (tcphs_is_back(self->ts_recent, seg->tsval))
			return false;
	}
	if (wanted & ~((unsigned int)flow->quick >> half) || seg->win == 0 ||
	    seg->seq != self->nxt || seg->seq != self->whole ||
	    seq_before(seg->ack, self->ack) || seq_after(seg->ack, peer->whole) ||
	    seq_after(seg->seq, peer->edge) || tcphs_at_overflows(self, seg))
		return false;
	flow->last_flags[from] = seg->flags;
	tcphs_quick_note(self, peer, seg, flow->shift >> half & 0xf);
	return true;
}

#endif /* TCPHS_CORE_QUICK_H */
