// SPDX-License-Identifier: GPL-2.0
/*
 * A packet's walk, in five steps: its bytes, its segment, the addresses that
 * it bears before NAT, its checksum (of what is forwarded, only if the quick way
 * does not take it), the quick way or the slow one. What is usual in all of them goes
 * all of them at once: watch().
 * It ends in a counter and in NF_ACCEPT, whatever happens: no packet is
 * changed, held or dropped.
 */
#include "hook.h"

#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/skbuff.h>
#include <net/checksum.h>
#include <net/ip6_checksum.h>
#include <net/l3mdev.h>

#include "compat.h"
#include "nat.h"
#include "net.h"
#include "quick.h"

/* Headers that do not lie in the linear area; its own frame for the buffer. */
static noinline enum tcphs_parsed parse_copy(const struct sk_buff *skb,
					     u32 wire_len,
					     struct tcphs_packet *packet)
{
	u32 len = min_t(u32, wire_len, TCPHS_PARSE_MAX);
	u8 buf[TCPHS_PARSE_MAX];
	const u8 *data;

	data = skb_header_pointer(skb, skb_network_offset(skb), len, buf);
	if (!data)
		return TCPHS_PARSE_TRUNCATED;
	return tcphs_parse(data, len, wire_len, packet);
}

/* Lengths are the skb's: those of GSO and BIG TCP stand in no header. */
static enum tcphs_parsed parse_packet(const struct sk_buff *skb,
				      struct tcphs_packet *packet)
{
	u32 wire_len = skb->len - skb_network_offset(skb);
	enum tcphs_parsed parsed;

	parsed = tcphs_parse(skb_network_header(skb),
			     skb_headlen(skb) - skb_network_offset(skb),
			     wire_len, packet);
	if (unlikely(parsed == TCPHS_PARSE_MORE))
		parsed = parse_copy(skb, wire_len, packet);
	return parsed;
}

/* Leaving over loopback, it arrives in a moment and is counted there. */
static bool leaves_by_loopback(const struct nf_hook_state *state)
{
	return state->hook == NF_INET_POST_ROUTING &&
	       state->out->flags & IFF_LOOPBACK;
}

/*
 * Leaving by a VRF device, it arrives over that, or comes by once more with the
 * device behind it (vrf_ip_out(), vrf_ip6_out()).
 */
static bool leaves_by_vrf(const struct nf_hook_state *state)
{
	return state->hook == NF_INET_POST_ROUTING &&
	       netif_is_l3_master(state->out);
}

/*
 * Came in by a device: routed, bridged or sent on by IPVS. skb_iif is set by
 * __netif_receive_skb_core() for whatever is received and nowhere else on the
 * way to here; it is 0 in a newly allocated skb, thus in all that TCP, its
 * control sockets and raw sockets send, and skb_scrub_packet() clears it when
 * a packet changes its namespace. The flags of the control block will not do:
 * ip6_forward() sets none, and neither do bridges and IPVS.
 */
static bool is_forwarded(const struct sk_buff *skb)
{
	return skb->skb_iif;
}

/* Whose sockets are here: those of the source, of the destination. */
static u8 find_local_leaving(const struct sk_buff *skb)
{
	return is_forwarded(skb) ? 0 : TCPHS_LOCAL_SOURCE;
}

static u8 find_local_arriving(const struct nf_hook_state *state)
{
	if (state->in->flags & IFF_LOOPBACK)
		return TCPHS_LOCAL_SOURCE | TCPHS_LOCAL_DESTINATION;
	return TCPHS_LOCAL_DESTINATION;
}

static u8 find_local(const struct sk_buff *skb,
		     const struct nf_hook_state *state)
{
	if (leaves_by_loopback(state))
		return TCPHS_LOCAL_SOURCE | TCPHS_LOCAL_DESTINATION;
	if (state->hook == NF_INET_POST_ROUTING)
		return find_local_leaving(skb);
	return find_local_arriving(state);
}

/* The socket that it leaves from; what arrives may bear its receiver's. */
static const struct sock *find_sender(const struct sk_buff *skb,
				      const struct nf_hook_state *state,
				      u8 local)
{
	if (state->hook != NF_INET_POST_ROUTING || !local)
		return NULL;
	return skb->sk;
}

/* Over loopback it passes twice. */
static enum tcphs_pass find_pass(const struct nf_hook_state *state, u8 local)
{
	if (local != (TCPHS_LOCAL_SOURCE | TCPHS_LOCAL_DESTINATION))
		return TCPHS_PASS_WHOLE;
	return state->hook == NF_INET_POST_ROUTING ? TCPHS_PASS_OUT : TCPHS_PASS_IN;
}

/*
 * The addresses under which the connection is kept, the same for both of its
 * directions: those that its socket here knows. Coming in, NAT has been undone
 * already; going out, it has been done, and conntrack knows what the socket
 * wrote. Where there are two sockets, or none: the original direction's.
 */
static const struct tcphs_tuple *find_tuple(const struct sk_buff *skb, u8 local,
					    const struct tcphs_tuple *own,
					    struct tcphs_tuple *room)
{
	if (local == TCPHS_LOCAL_DESTINATION)
		return own;
	return tcphs_nat_tuple(skb, local != TCPHS_LOCAL_SOURCE, own, room);
}

/*
 * The sum over the segment. What the device has summed up (CHECKSUM_COMPLETE)
 * is good as it comes in, the IP header taken off; routing changes that.
 */
static __wsum sum_segment(const struct sk_buff *skb,
			  const struct nf_hook_state *state,
			  const struct tcphs_packet *packet)
{
	int offset = skb_network_offset(skb) + packet->l4_offset;

	if (skb->ip_summed == CHECKSUM_COMPLETE &&
	    state->hook == NF_INET_LOCAL_IN &&
	    offset + packet->l4_len == skb->len)
		return csum_sub(skb->csum, skb_checksum(skb, 0, offset, 0));
	return skb_checksum(skb, offset, packet->l4_len, 0);
}

/*
 * Nobody has verified it yet: TCP does after LOCAL_IN, the receiver behind us
 * does. The skb's own helpers would note the result in the skb; this only
 * reads.
 */
static bool has_good_checksum(const struct sk_buff *skb,
			      const struct nf_hook_state *state,
			      const struct tcphs_packet *packet)
{
	const struct tcphs_tuple *tuple = &packet->tuple;
	__wsum sum;

	if (skb_csum_unnecessary(skb))
		return true;
	sum = sum_segment(skb, state, packet);
	if (tuple->family == 4)
		return !csum_tcpudp_magic((__force __be32)tuple->addr[0][0],
					  (__force __be32)tuple->addr[1][0],
					  packet->l4_len, IPPROTO_TCP, sum);
	return !csum_ipv6_magic((const struct in6_addr *)tuple->addr[0],
				(const struct in6_addr *)tuple->addr[1],
				packet->l4_len, IPPROTO_TCP, sum);
}

static enum tcphs_reason take_segment(struct tcphs_table *table,
				      const struct sk_buff *skb,
				      const struct nf_hook_state *state,
				      const struct tcphs_packet *packet,
				      bool is_refused)
{
	u8 local = find_local(skb, state);
	struct tcphs_tuple room tcphs_unset;
	struct tcphs_sight sight = {
		.seg = &packet->seg,
		.tuple = find_tuple(skb, local, &packet->tuple, &room),
		.local = local,
		.pass = find_pass(state, local),
		.sk = find_sender(skb, state, local),
	};

	sight.hash = tcphs_conn_hash(table, sight.tuple);
	/* A router need not sum up what can change no state. */
	if (local && !has_good_checksum(skb, state, packet))
		goto damaged;
	if (!is_refused && tcphs_quick_is_plain(sight.seg) &&
	    tcphs_quick(table, &sight))
		return TCPHS_R_USED;
	if (!local && !has_good_checksum(skb, state, packet))
		goto damaged;
	return tcphs_table_step(table, &sight);
damaged:
	tcphs_table_damaged(table, &sight);
	return TCPHS_R_BAD_CHECKSUM;
}

/*
 * Of what leaves over loopback only that is looked at which shows something of
 * its sender. Most does not, and its flags say so at once.
 */
static bool is_for_later(const struct sk_buff *skb)
{
	u32 flags = tcphs_parse_flags(skb_network_header(skb),
				      skb_headlen(skb) - skb_network_offset(skb));

	return !(flags & (TCPHS_SYN | TCPHS_FIN | TCPHS_RST));
}

/*
 * What shows something of its sender is looked at; what becomes of it is
 * counted where it arrives.
 */
static enum tcphs_reason take_leaving(struct tcphs_table *table,
				      const struct sk_buff *skb,
				      const struct nf_hook_state *state,
				      const struct tcphs_packet *packet)
{
	if (tcphs_seg_is_split(&packet->seg))
		take_segment(table, skb, state, packet, true);
	return TCPHS_R_LOOPBACK;
}

/* Whatever is not usual. What the quick way has refused already it does not see again. */
static noinline unsigned int watch_any(struct tcphs_net *tn,
				       const struct sk_buff *skb,
				       const struct nf_hook_state *state,
				       bool is_refused)
{
	bool is_leaving = leaves_by_loopback(state);
	struct tcphs_packet packet tcphs_unset;
	enum tcphs_parsed parsed;
	enum tcphs_reason reason = TCPHS_R_LOOPBACK;

	if (is_leaving && is_for_later(skb))
		goto count;
	parsed = parse_packet(skb, &packet);
	if (parsed == TCPHS_PARSE_NOT_TCP)
		return NF_ACCEPT;
	if (leaves_by_vrf(state))
		goto count;
	if (parsed != TCPHS_PARSE_OK)
		reason = is_leaving ? TCPHS_R_LOOPBACK :
				      tcphs_parse_reason(parsed);
	else if (is_leaving)
		reason = take_leaving(&tn->table, skb, state, &packet);
	else
		reason = take_segment(&tn->table, skb, state, &packet,
				      is_refused);
count:
	tcphs_stats_count(tn->stats, reason);
	return NF_ACCEPT;
}

static __always_inline bool read_usual(const struct sk_buff *skb, u8 family,
				       struct tcphs_usual *usual)
{
	const u8 *data = skb->data;

	if (data != skb_network_header(skb))
		return false;
	if (family == 4)
		return tcphs_usual_ip4(data, skb_headlen(skb), skb->len, usual);
	return tcphs_usual_ip6(data, skb_headlen(skb), skb->len, usual);
}

/* All that is needed is at hand: good bytes, under the addresses that they bear. */
static __always_inline bool is_plain(const struct sk_buff *skb, u8 local)
{
	if (local && !skb_csum_unnecessary(skb))
		return false;
	return local == TCPHS_LOCAL_DESTINATION || !tcphs_nat_has(skb);
}

/* What leaves over loopback: of the usual no more than that it is. */
static noinline unsigned int watch_looped(struct tcphs_net *tn,
					  const struct sk_buff *skb,
					  const struct nf_hook_state *state,
					  u8 family)
{
	struct tcphs_usual usual tcphs_unset;

	if (unlikely(!read_usual(skb, family, &usual)))
		return watch_any(tn, skb, state, false);
	tcphs_stats_count(tn->stats, TCPHS_R_LOOPBACK);
	return NF_ACCEPT;
}

/* The walk, short as it is for nearly all; @family is a constant. */
static __always_inline unsigned int watch(struct tcphs_net *tn,
					  const struct sk_buff *skb,
					  const struct nf_hook_state *state,
					  u8 family, u8 local)
{
	struct tcphs_usual usual tcphs_unset;

	if (unlikely(!read_usual(skb, family, &usual)))
		return watch_any(tn, skb, state, false);
	if (unlikely(!is_plain(skb, local)))
		return watch_any(tn, skb, state, false);
	if (unlikely(!tcphs_quick_usual(&tn->table, &usual, local)))
		return watch_any(tn, skb, state, true);
	tcphs_stats_count(tn->stats, TCPHS_R_USED);
	return NF_ACCEPT;
}

static __always_inline unsigned int watch_sent(struct tcphs_net *tn,
					       const struct sk_buff *skb,
					       const struct nf_hook_state *state,
					       u8 family)
{
	if (unlikely(netif_is_l3_master(state->out)))
		return watch_any(tn, skb, state, false);
	return watch(tn, skb, state, family, find_local_leaving(skb));
}

/* Functions of their own, so that what is looped need not save their registers. */
static noinline unsigned int watch_sent4(struct tcphs_net *tn,
					 const struct sk_buff *skb,
					 const struct nf_hook_state *state)
{
	return watch_sent(tn, skb, state, 4);
}

static noinline unsigned int watch_sent6(struct tcphs_net *tn,
					 const struct sk_buff *skb,
					 const struct nf_hook_state *state)
{
	return watch_sent(tn, skb, state, 6);
}

static unsigned int watch_leaving4(void *tn, struct sk_buff *skb,
				   const struct nf_hook_state *state)
{
	if (state->out->flags & IFF_LOOPBACK)
		return watch_looped(tn, skb, state, 4);
	return watch_sent4(tn, skb, state);
}

static unsigned int watch_leaving6(void *tn, struct sk_buff *skb,
				   const struct nf_hook_state *state)
{
	if (state->out->flags & IFF_LOOPBACK)
		return watch_looped(tn, skb, state, 6);
	return watch_sent6(tn, skb, state);
}

static unsigned int watch_arriving4(void *tn, struct sk_buff *skb,
				    const struct nf_hook_state *state)
{
	return watch(tn, skb, state, 4, find_local_arriving(state));
}

static unsigned int watch_arriving6(void *tn, struct sk_buff *skb,
				    const struct nf_hook_state *state)
{
	return watch(tn, skb, state, 6, find_local_arriving(state));
}

/* Last in their rows: what arrives here has passed every rule. */
static const struct nf_hook_ops hooks[] = {
	{
		.hook = watch_arriving4,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_LOCAL_IN,
		.priority = NF_IP_PRI_LAST,
	},
	{
		.hook = watch_leaving4,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_POST_ROUTING,
		.priority = NF_IP_PRI_LAST,
	},
	{
		.hook = watch_arriving6,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_LOCAL_IN,
		.priority = NF_IP6_PRI_LAST,
	},
	{
		.hook = watch_leaving6,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_POST_ROUTING,
		.priority = NF_IP6_PRI_LAST,
	},
};

static_assert(ARRAY_SIZE(hooks) == TCPHS_HOOKS);

/**
 * tcphs_hook_register() - begin to watch a namespace
 * @net: all else of it is ready
 *
 * Context: may sleep. Return: 0 or an error of netfilter's.
 */
int tcphs_hook_register(struct net *net)
{
	struct tcphs_net *tn = tcphs_net(net);
	unsigned int i;

	memcpy(tn->hooks, hooks, sizeof(hooks));
	for (i = 0; i < TCPHS_HOOKS; i++)
		tn->hooks[i].priv = tn;	/* a packet need not look for it */
	return nf_register_net_hooks(net, tn->hooks, TCPHS_HOOKS);
}

/**
 * tcphs_hook_unregister() - no longer watch it
 * @net: a namespace; until RCU has been waited for, packets may still be here
 */
void tcphs_hook_unregister(struct net *net)
{
	nf_unregister_net_hooks(net, tcphs_net(net)->hooks, TCPHS_HOOKS);
}
