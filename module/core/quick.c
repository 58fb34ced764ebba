// SPDX-License-Identifier: GPL-2.0
/*
 * The short way of quick.h, as calls; and what may go it, noted whenever a step has
 * ended. Takes no step itself.
 */
#include "quick.h"

#include "walk.h"

unsigned int tcphs_flow_match(const struct tcphs_flow *flow,
			      const struct tcphs_tuple *tuple)
{
	return tcphs_quick_match(flow, tuple);
}

bool tcphs_flow_quick(struct tcphs_flow *flow, unsigned int from,
		      const struct tcphs_seg *seg)
{
	return tcphs_quick_is_plain(seg) && tcphs_quick_take(flow, from, seg);
}

/* What does not change while both ends are ESTABLISHED and in good order. */
static unsigned int find_quick(const struct tcphs_flow *flow, unsigned int from)
{
	const struct tcphs_end *self = &flow->end[from];
	const struct tcphs_end *peer = &flow->end[other(from)];
	unsigned int quick = 0;

	if (self->state != TCPHS_ESTABLISHED || peer->state != TCPHS_ESTABLISHED ||
	    !has(self, TCPHS_END_SYNCED | TCPHS_END_ACKED) ||
	    !has(peer, TCPHS_END_ACKED) ||
	    self->bits & (TCPHS_END_PROVOKED | TCPHS_END_FIN) ||
	    has(peer, TCPHS_END_FIN) ||
	    (has(peer, TCPHS_END_ISN) && !has(peer, TCPHS_END_SYN_ACKED)) ||
	    !(flow->handshake == TCPHS_HS_MIDSTREAM ||
	      flow->bits & TCPHS_FLOW_HS_TOLD) ||
	    flow->at[from].nxt != flow->at[from].whole)
		return 0;
	if (has(self, TCPHS_END_HIST_ACK))
		quick |= TCPHS_QUICK_ACK;
	if (has(self, TCPHS_END_HIST_DATA | TCPHS_END_DATA | TCPHS_END_HELD))
		quick |= TCPHS_QUICK_DATA;
	if (has(self, TCPHS_END_TS))
		quick |= TCPHS_QUICK_TS;
	return quick;
}

void tcphs_note_quick(struct tcphs_flow *flow)
{
	unsigned int side;

	for (side = TCPHS_CLIENT; side <= TCPHS_SERVER; side++)
		flow->quick[side] = (u8)(find_quick(flow, side) |
					 tcphs_window_shift(flow, side) << TCPHS_QUICK_SHIFT);
}
