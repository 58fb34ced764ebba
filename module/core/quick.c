// SPDX-License-Identifier: GPL-2.0
/*
 * The short way of quick.h, as calls. Decides nothing more.
 */
#include "quick.h"

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
