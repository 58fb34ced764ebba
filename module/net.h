/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The roof: what one network namespace has of tcphs. For the rooms that begin
 * with a namespace (hook, chardev, proc, proc_times, sysctl, main); those below never
 * include this.
 */
#ifndef TCPHS_NET_H
#define TCPHS_NET_H

#include <linux/netfilter.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "ring.h"
#include "stats.h"
#include "table.h"
#include "times.h"

#define TCPHS_VERSION	"0.1.0"

#define TCPHS_HOOKS	4

struct ctl_table_header;

struct tcphs_net {
	struct tcphs_table table;
	struct tcphs_stream stream;
	struct tcphs_stats __percpu *stats;
	struct tcphs_times times;
	struct nf_hook_ops hooks[TCPHS_HOOKS];
	struct ctl_table_header *sysctl;
};

extern unsigned int tcphs_net_id;

static inline struct tcphs_net *tcphs_net(const struct net *net)
{
	return net_generic(net, tcphs_net_id);
}

#endif /* TCPHS_NET_H */
