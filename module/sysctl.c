// SPDX-License-Identifier: GPL-2.0
/*
 * net.tcphs.*: the settings of one namespace, as files. They take effect with
 * the next segment; nothing is done here.
 */
#include "sysctl.h"

#include <linux/slab.h>
#include <linux/sysctl.h>

#include "compat.h"
#include "net.h"

static unsigned int conns_min = TCPHS_CONNS_MIN;
static unsigned int conns_max = TCPHS_CONNS_MAX;
static unsigned int msl_min = TCPHS_MSL_MIN_S;
static unsigned int msl_max = TCPHS_MSL_MAX_S;

enum { MAX_CONNS, MSL, SETTINGS };

static const struct ctl_table settings[SETTINGS + 1] = {
	[MAX_CONNS] = {
		.procname = "max_conns",
		.maxlen = sizeof(unsigned int),
		.mode = 0644,
		.proc_handler = proc_douintvec_minmax,
		.extra1 = &conns_min,
		.extra2 = &conns_max,
	},
	[MSL] = {
		.procname = "msl",
		.maxlen = sizeof(unsigned int),
		.mode = 0644,
		.proc_handler = proc_douintvec_minmax,
		.extra1 = &msl_min,
		.extra2 = &msl_max,
	},
	/* An empty one ends it, for kernels that look for that. */
};

/**
 * tcphs_sysctl_register() - make net.tcphs.* of a namespace
 * @net: its struct tcphs_net holds the values
 *
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
int tcphs_sysctl_register(struct net *net)
{
	struct tcphs_net *tn = tcphs_net(net);
	struct ctl_table *table;

	table = kmemdup(settings, sizeof(settings), GFP_KERNEL_ACCOUNT);
	if (!table)
		return -ENOMEM;
	table[MAX_CONNS].data = &tn->table.max_conns;
	table[MSL].data = &tn->table.msl_s;
	/* How much of the host's memory it may take is the host's to say. */
	if (net->user_ns != &init_user_ns)
		table[MAX_CONNS].mode = 0444;
	tn->sysctl = tcphs_register_net_sysctl(net, "net/tcphs", table, SETTINGS);
	if (!tn->sysctl) {
		kfree(table);
		return -ENOMEM;
	}
	return 0;
}

/**
 * tcphs_sysctl_unregister() - take them away
 * @net: a namespace that goes
 *
 * Context: may sleep: waits for those who read or write them.
 */
void tcphs_sysctl_unregister(struct net *net)
{
	struct tcphs_net *tn = tcphs_net(net);
	const struct ctl_table *table = tn->sysctl->ctl_table_arg;

	unregister_net_sysctl_table(tn->sysctl);
	kfree(table);
}
