// SPDX-License-Identifier: GPL-2.0
/*
 * Has conntrack follow the IPv4 packets of the namespace of who loads this, as a
 * rule with "ct state" would, but without the cost of a rule.
 */
#include <linux/module.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <net/net_namespace.h>
#include <net/netfilter/nf_conntrack.h>

static struct net *net;

static int __init init_track(void)
{
	int err;

	net = get_net(current->nsproxy->net_ns);
	err = nf_ct_netns_get(net, NFPROTO_IPV4);
	if (err)
		put_net(net);
	return err;
}

static void __exit exit_track(void)
{
	nf_ct_netns_put(net, NFPROTO_IPV4);
	put_net(net);
}

module_init(init_track);
module_exit(exit_track);

MODULE_DESCRIPTION("Turns conntrack on");
MODULE_LICENSE("GPL");
