// SPDX-License-Identifier: GPL-2.0
/*
 * Hooks that do nothing, where tcphs has its own over IPv4, in the namespace of
 * who loads this: what passing a hook costs.
 */
#include <linux/module.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <net/net_namespace.h>

static struct net *net;

static unsigned int accept_packet(void *priv, struct sk_buff *skb,
				  const struct nf_hook_state *state)
{
	return NF_ACCEPT;
}

static const struct nf_hook_ops hooks[] = {
	{
		.hook = accept_packet,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_LOCAL_IN,
		.priority = NF_IP_PRI_LAST,
	},
	{
		.hook = accept_packet,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_POST_ROUTING,
		.priority = NF_IP_PRI_LAST,
	},
};

static int __init init_nop(void)
{
	int err;

	net = get_net(current->nsproxy->net_ns);
	err = nf_register_net_hooks(net, hooks, ARRAY_SIZE(hooks));
	if (err)
		put_net(net);
	return err;
}

static void __exit exit_nop(void)
{
	nf_unregister_net_hooks(net, hooks, ARRAY_SIZE(hooks));
	put_net(net);
}

module_init(init_nop);
module_exit(exit_nop);

MODULE_DESCRIPTION("Hooks that do nothing");
MODULE_LICENSE("GPL");
