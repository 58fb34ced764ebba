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

/* Both of @flow's ends as tcphs_quick_ends4(), tcphs_quick_ports() have them. */
static inline u64 tcphs_quick_own4(const struct tcphs_flow *flow)
{
	return (u64)flow->head[1] << 32 | flow->head[0];
}

static inline u32 tcphs_quick_own_ports(const struct tcphs_flow *flow)
{
	return (u32)flow->port[1] << 16 | flow->port[0];
}

/* Of two IPv4 addresses, as in memory; of two ports; the same for the other direction. */
static inline u64 tcphs_quick_ends4(u32 source, u32 destination)
{
	return (u64)destination << 32 | source;
}

static inline u64 tcphs_quick_turn4(u64 ends)
{
	return ends << 32 | ends >> 32;
}

static inline u32 tcphs_quick_ports(u16 source, u16 destination)
{
	return (u32)destination << 16 | source;
}

static inline u32 tcphs_quick_turn(u32 ports)
{
	return ports << 16 | ports >> 16;
}

static __always_inline bool tcphs_quick_is_addr(const struct tcphs_flow *flow,
						unsigned int side, const u8 *addr)
{
	return !memcmp(&flow->head[side], addr, 4) &&
	       !memcmp(flow->tail[side], addr + 4, 12);
}

/* As tcphs_flow_match(), of IPv4. */
static __always_inline unsigned int tcphs_quick_match4(const struct tcphs_flow *flow,
						       u64 ends, u32 ports)
{
	u64 own = tcphs_quick_own4(flow);
	u32 own_ports = tcphs_quick_own_ports(flow);

	if (flow->family != 4)
		return TCPHS_NOBODY;
	if (own == ends && own_ports == ports)
		return TCPHS_CLIENT;
	if (own == tcphs_quick_turn4(ends) && own_ports == tcphs_quick_turn(ports))
		return TCPHS_SERVER;
	return TCPHS_NOBODY;
}

/* As tcphs_flow_match(), of IPv6; @ends: both addresses, source first. */
static __always_inline unsigned int tcphs_quick_match6(const struct tcphs_flow *flow,
						       const u8 *ends, u32 ports)
{
	u32 own_ports = tcphs_quick_own_ports(flow);

	if (flow->family != 6)
		return TCPHS_NOBODY;
	if (own_ports == ports && tcphs_quick_is_addr(flow, 0, ends) &&
	    tcphs_quick_is_addr(flow, 1, ends + 16))
		return TCPHS_CLIENT;
	if (own_ports == tcphs_quick_turn(ports) &&
	    tcphs_quick_is_addr(flow, 0, ends + 16) &&
	    tcphs_quick_is_addr(flow, 1, ends))
		return TCPHS_SERVER;
	return TCPHS_NOBODY;
}

/* As tcphs_flow_match(). */
static inline unsigned int tcphs_quick_match(const struct tcphs_flow *flow,
					     const struct tcphs_tuple *tuple)
{
	u32 ports = tcphs_quick_ports(tuple->port[0], tuple->port[1]);

	if (tuple->family == 4)
		return tcphs_quick_match4(flow, tcphs_quick_ends4(tuple->addr[0][0],
								  tuple->addr[1][0]),
					  ports);
	return tcphs_quick_match6(flow, (const u8 *)tuple->addr, ports);
}

/* Whether a segment's flags and length are such that tcphs_flow_quick() may take it. */
static inline bool tcphs_quick_is_plain(const struct tcphs_seg *seg)
{
	return (seg->flags & ~(TCPHS_PSH | TCPHS_ECE | TCPHS_CWR)) == TCPHS_ACK;
}

/* @seg->ack is not before self->ack, @seg->seq is self->nxt; @newer: its timestamp is. */
static __always_inline void tcphs_quick_note(struct tcphs_at *self,
					     const struct tcphs_at *peer,
					     const struct tcphs_seg *seg,
					     unsigned int shift, bool newer)
{
	u32 win = (u32)seg->win << shift;

	self->ack = seg->ack;
	if (seq_after(seg->ack + win, self->edge))
		self->edge = seg->ack + win;
	if (win > self->window)
		self->window = win;
	if (newer && seq_between(seg->seq, peer->ack, seg->seq + seg->len))
		self->ts_recent = seg->tsval;
}

/* False, and nothing is changed, where a counter's low half has no room for them. */
static __always_inline bool tcphs_quick_count(struct tcphs_at *self,
					      const struct tcphs_seg *seg)
{
	u32 bytes;

	if (self->segments + 1 == 0)
		return false;
	if (seg->len) {		/* of an ACK, nothing so far down is touched */
		bytes = self->bytes + seg->len;
		if (bytes < seg->len)
			return false;
		self->bytes = bytes;
		self->nxt = seg->seq + seg->len;
		self->whole = self->nxt;
	}
	self->segments++;
	return true;
}

/* As tcphs_flow_quick(); @seg is tcphs_quick_is_plain(). */
static __always_inline bool tcphs_quick_take(struct tcphs_flow *flow, unsigned int from,
					     const struct tcphs_seg *seg)
{
	struct tcphs_at *self = &flow->at[from];
	const struct tcphs_at *peer = &flow->at[from ^ 1U];
	unsigned int quick = flow->quick[from];
	bool newer = false;

	if (seg->options & TCPHS_OPT_TS) {
		newer = seq_after(seg->tsval, self->ts_recent);
		if (!(quick & TCPHS_QUICK_TS) ||
		    tcphs_is_back(self->ts_recent, seg->tsval))
			return false;
	}
	if (!(quick & (seg->len ? TCPHS_QUICK_DATA : TCPHS_QUICK_ACK)) ||
	    seg->win == 0 || seg->seq != self->nxt ||
	    seq_before(seg->ack, self->ack) || seq_after(seg->ack, peer->whole) ||
	    seq_after(seg->seq, peer->edge) || !tcphs_quick_count(self, seg))
		return false;
	flow->last_flags[from] = seg->flags;
	tcphs_quick_note(self, peer, seg, quick >> TCPHS_QUICK_SHIFT, newer);
	return true;
}

#endif /* TCPHS_CORE_QUICK_H */
