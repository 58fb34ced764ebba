/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What conntrack knows of a packet whose addresses it translates. Inline
 * accessors only: no symbol of conntrack's is needed, nor is conntrack.
 */
#ifndef TCPHS_NAT_H
#define TCPHS_NAT_H

#include <linux/skbuff.h>

#include "core/parse.h"

#if IS_ENABLED(CONFIG_NF_CONNTRACK)

#include <net/netfilter/nf_conntrack.h>

/* Whether conntrack translates it: only then tcphs_nat_tuple() has others. */
static inline bool tcphs_nat_has(const struct sk_buff *skb)
{
	enum ip_conntrack_info info;
	const struct nf_conn *ct = nf_ct_get(skb, &info);

	return ct && READ_ONCE(ct->status) & IPS_NAT_MASK;
}

static inline void tcphs_nat_end(struct tcphs_tuple *out, unsigned int end,
				 const union nf_inet_addr *addr, __be16 port)
{
	memset(out->addr[end], 0, sizeof(out->addr[end]));
	if (out->family == 4)
		memcpy(out->addr[end], &addr->ip, sizeof(addr->ip));
	else
		memcpy(out->addr[end], addr->in6.s6_addr32,
		       sizeof(out->addr[end]));
	out->port[end] = ntohs(port);
}

/**
 * tcphs_nat_tuple() - a packet's addresses as an end of it knows them
 * @skb: the packet
 * @original: as the one who opened the connection sees it, whichever way the
 *	      packet goes; else as its own sender does
 * @own: the packet's
 * @out: room for others
 *
 * Context: a hook behind conntrack's. Return: @own; @out if it is under NAT.
 */
static inline const struct tcphs_tuple *
tcphs_nat_tuple(const struct sk_buff *skb, bool original,
		const struct tcphs_tuple *own, struct tcphs_tuple *out)
{
	const struct nf_conntrack_tuple *tuple;
	enum ip_conntrack_info info;
	const struct nf_conn *ct;
	unsigned int dir, source;

	ct = nf_ct_get(skb, &info);
	if (likely(!ct) || nf_ct_is_template(ct) ||
	    !(READ_ONCE(ct->status) & IPS_NAT_MASK))
		return own;
	*out = *own;
	dir = CTINFO2DIR(info);
	/* A reply's source is the destination of the original direction. */
	source = original && dir == IP_CT_DIR_REPLY;
	if (original)
		dir = IP_CT_DIR_ORIGINAL;
	tuple = &ct->tuplehash[dir].tuple;
	tcphs_nat_end(out, source, &tuple->src.u3, tuple->src.u.tcp.port);
	tcphs_nat_end(out, !source, &tuple->dst.u3, tuple->dst.u.tcp.port);
	return out;
}

#else

static inline bool tcphs_nat_has(const struct sk_buff *skb)
{
	return false;
}

static inline const struct tcphs_tuple *
tcphs_nat_tuple(const struct sk_buff *skb, bool original,
		const struct tcphs_tuple *own, struct tcphs_tuple *out)
{
	return own;
}

#endif

#endif /* TCPHS_NAT_H */
