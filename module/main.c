// SPDX-License-Identifier: GPL-2.0
/*
 * The way up and the way down: parameters, what each namespace gets, in which
 * order the rooms are opened and shut. Does nothing else.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/log2.h>
#include <linux/module.h>
#include <linux/user_namespace.h>

#include "chardev.h"
#include "hook.h"
#include "net.h"
#include "probe.h"
#include "proc.h"
#include "retire.h"
#include "sysctl.h"

#define RING_MIN	256
#define RING_MAX	4194304

unsigned int tcphs_net_id __read_mostly;

static unsigned int max_conns = 262144;
module_param(max_conns, uint, 0444);
MODULE_PARM_DESC(max_conns, "connections traced at once in a network namespace, 16 to 16777216 (default 262144); later net.tcphs.max_conns");

static unsigned int max_total;
module_param(max_total, uint, 0444);
MODULE_PARM_DESC(max_total, "connections traced at once in all namespaces together, max_conns to 67108864 (default 0: four times max_conns)");

static unsigned int ring_records = 65536;
module_param(ring_records, uint, 0444);
MODULE_PARM_DESC(ring_records, "events held for readers in a namespace, over all CPUs, 256 to 4194304 (default 65536; 256 bytes each)");

static unsigned int msl = 30;
module_param(msl, uint, 0444);
MODULE_PARM_DESC(msl, "maximum segment lifetime in seconds, 1 to 3600 (default 30): a modelled TIME_WAIT ends after twice that; later net.tcphs.msl");

static bool probes = true;
module_param(probes, bool, 0444);
MODULE_PARM_DESC(probes, "be told by probes in TCP when its TIME_WAIT sockets end (default Y); without, they are looked for");

static int __net_init init_rooms(struct net *net, struct tcphs_net *tn)
{
	int err;

	tcphs_stream_init(&tn->stream, &tn->times, net->ns.inum, ring_records);
	err = tcphs_times_init(&tn->times, net_eq(net, &init_net));
	if (err)
		return err;
	tn->stats = tcphs_stats_alloc();
	if (!tn->stats)
		return -ENOMEM;
	tn->table.net = net;
	tn->table.stream = &tn->stream;
	tn->table.stats = tn->stats;
	tn->table.max_conns = max_conns;
	tn->table.guest = net->user_ns != &init_user_ns;
	tn->table.msl_s = msl;
	return tcphs_table_net_init(&tn->table);
}

static void exit_rooms(struct tcphs_net *tn)
{
	tcphs_stream_exit(&tn->stream);
	tcphs_table_net_exit(&tn->table);
	tcphs_stats_free(tn->stats);
	tcphs_times_exit(&tn->times);
}

static int __net_init init_net_ns(struct net *net)
{
	struct tcphs_net *tn = tcphs_net(net);
	int err;

	err = init_rooms(net, tn);
	if (err)
		goto rooms;
	err = tcphs_proc_net_init(net);
	if (err)
		goto rooms;
	err = tcphs_sysctl_register(net);
	if (err)
		goto proc;
	err = tcphs_hook_register(net);
	if (err)
		goto hooks;
	return 0;
hooks:
	/* Some were there for a while, and took packets. */
	tn->table.dying = true;
	synchronize_rcu();
	tcphs_retire_flush();
	tcphs_stream_close(&tn->stream);
	synchronize_rcu();
	tcphs_sysctl_unregister(net);
proc:
	tcphs_proc_net_exit(net);
rooms:
	exit_rooms(tn);
	return err;
}

/* The core waits for RCU after this: then no packet is on its way to us. */
static void __net_exit pre_exit_net_ns(struct net *net)
{
	tcphs_hook_unregister(net);
}

static bool close_net(struct net *net)
{
	struct tcphs_net *tn = tcphs_net(net);

	tcphs_sysctl_unregister(net);
	tcphs_proc_net_exit(net);
	tn->table.dying = true;
	return percpu_counter_sum(&tn->table.conns);
}

/*
 * All namespaces that go, at the cost of one: a walk through the table, and a
 * grace period for the expiry that may have met their entries before.
 */
static void __net_exit exit_net_ns(struct list_head *nets)
{
	bool has_conns = false;
	struct net *net;

	list_for_each_entry(net, nets, exit_list)
		has_conns |= close_net(net);
	if (has_conns)
		tcphs_retire_flush();
	list_for_each_entry(net, nets, exit_list)
		tcphs_stream_close(&tcphs_net(net)->stream);
	synchronize_rcu_expedited();
	list_for_each_entry(net, nets, exit_list)
		exit_rooms(tcphs_net(net));
}

static struct pernet_operations net_ops = {
	.init = init_net_ns,
	.pre_exit = pre_exit_net_ns,
	.exit_batch = exit_net_ns,
	.id = &tcphs_net_id,
	.size = sizeof(struct tcphs_net),
};

static int __init check_range(const char *name, unsigned int value,
			      unsigned int min, unsigned int max)
{
	if (value >= min && value <= max)
		return 0;
	pr_err("parameter %s=%u is out of range: %u to %u\n", name, value, min,
	       max);
	return -EINVAL;
}

static int __init check_parameters(void)
{
	int err;

	err = check_range("max_conns", max_conns, TCPHS_CONNS_MIN,
			  TCPHS_CONNS_MAX);
	if (err)
		return err;
	if (!max_total)
		max_total = 4 * max_conns;
	err = check_range("max_total", max_total, max_conns,
			  4 * TCPHS_CONNS_MAX);
	if (err)
		return err;
	err = check_range("ring_records", ring_records, RING_MIN, RING_MAX);
	if (err)
		return err;
	return check_range("msl", msl, TCPHS_MSL_MIN_S, TCPHS_MSL_MAX_S);
}

/*
 * The host's own ring is there from the beginning, so that a reader who comes
 * later finds what has happened.
 */
static int __init make_host_ring(void)
{
	struct tcphs_ring *ring = tcphs_ring_get(&tcphs_net(&init_net)->stream);

	if (!ring)
		return -ENOMEM;
	tcphs_ring_put(ring);
	return 0;
}

static int __init init_tcphs(void)
{
	int err;

	err = check_parameters();
	if (err)
		return err;
	/* Unprivileged users' namespaces leave the host's own its room. */
	err = tcphs_table_init(max(max_conns, max_total / 4),
			       max_total, max(max_total - max_conns, max_total / 2));
	if (err)
		return err;
	err = register_pernet_subsys(&net_ops);
	if (err)
		goto table;
	err = make_host_ring();
	if (err)
		goto pernet;
	err = tcphs_proc_init();
	if (err)
		goto pernet;
	err = tcphs_chardev_init();
	if (err)
		goto proc;
	if (probes)
		tcphs_probe_init();
	return 0;
proc:
	tcphs_proc_exit();
pernet:
	unregister_pernet_subsys(&net_ops);
table:
	tcphs_table_exit();
	return err;
}

static void __exit exit_tcphs(void)
{
	tcphs_probe_exit();
	tcphs_chardev_exit();
	tcphs_proc_exit();
	unregister_pernet_subsys(&net_ops);
	tcphs_table_exit();
}

module_init(init_tcphs);
module_exit(exit_tcphs);

MODULE_DESCRIPTION("Traces the RFC 9293 states of both ends of TCP connections");
MODULE_AUTHOR("The tcphs authors");
MODULE_VERSION(TCPHS_VERSION);
MODULE_LICENSE("GPL");
