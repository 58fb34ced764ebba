// SPDX-License-Identifier: GPL-2.0
/*
 * Probes in the functions by which TCP sets and ends the timers of its small
 * sockets. They read their arguments and nothing else; where the kernel has no
 * probes, or forbids them, there are none.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "probe.h"

#include <linux/kprobes.h>
#include <linux/printk.h>
#include <net/inet_timewait_sock.h>
#include <net/tcp.h>

#include "compat.h"
#include "net.h"
#include "timewait.h"

/* Of a namespace that lives, and of TCP: others may use such sockets, too. */
static struct tcphs_table *find_table(const struct inet_timewait_sock *tw)
{
	struct net *net = twsk_net(tw);
	struct tcphs_table *table = &tcphs_net(net)->table;

	if (tw->tw_dr != &net->ipv4.tcp_death_row || READ_ONCE(table->dying))
		return NULL;
	return table;
}

static void tell_end(const struct inet_timewait_sock *tw, unsigned int end,
		     unsigned int cause)
{
	struct tcphs_table *table = find_table(tw);
	const struct tcphs_sight *held;

	if (!table)
		return;
	rcu_read_lock();
	held = tcphs_timewait_ended(table, tw, end, cause);
	if (held)
		tcphs_table_resume(table, held);
	rcu_read_unlock();
}

/* __inet_twsk_schedule(tw, timeo, rearm) */
static int see_schedule(struct kprobe *probe, struct pt_regs *regs)
{
	const struct inet_timewait_sock *tw = tcphs_argument(regs, 0);
	struct tcphs_table *table = find_table(tw);
	bool is_anew = (bool)tcphs_argument(regs, 2);

	/* What has run out, or was taken out, is not set anew. */
	if (table && (!is_anew || timer_pending(&tw->tw_timer)))
		tcphs_timewait_armed(table, tw, (int)(long)tcphs_argument(regs, 1));
	return 0;
}

NOKPROBE_SYMBOL(see_schedule);

/* tw_timer_handler(timer) */
static int see_timer(struct kprobe *probe, struct pt_regs *regs)
{
	struct timer_list *timer = tcphs_argument(regs, 0);

	tell_end(container_of(timer, struct inet_timewait_sock, tw_timer),
		 TCPHS_TW_EXPIRED, TCPHS_TW_BY_NOTHING);
	return 0;
}

NOKPROBE_SYMBOL(see_timer);

/*
 * inet_twsk_deschedule_put(tw): TCP takes it out, for a segment that it has in
 * hand or for a connect(). Not if the timer was faster.
 */
static int see_deschedule(struct kprobe *probe, struct pt_regs *regs)
{
	const struct inet_timewait_sock *tw = tcphs_argument(regs, 0);

	if (timer_pending(&tw->tw_timer))
		tell_end(tw, TCPHS_TW_REUSED, TCPHS_TW_BY_CONNECT);
	return 0;
}

NOKPROBE_SYMBOL(see_deschedule);

/* tcp_abort(sk, err): ss -K, and BPF's bpf_sock_destroy() */
static int see_abort(struct kprobe *probe, struct pt_regs *regs)
{
	const struct sock *sk = tcphs_argument(regs, 0);

	if (READ_ONCE(sk->sk_state) == TCP_TIME_WAIT)
		tell_end(inet_twsk(sk), TCPHS_TW_KILLED, TCPHS_TW_BY_ABORT);
	return 0;
}

NOKPROBE_SYMBOL(see_abort);

static struct kprobe probes[] = {
	{ .symbol_name = "__inet_twsk_schedule", .pre_handler = see_schedule },
	{ .symbol_name = "tw_timer_handler", .pre_handler = see_timer },
	{ .symbol_name = "inet_twsk_deschedule_put", .pre_handler = see_deschedule },
	{ .symbol_name = "tcp_abort", .pre_handler = see_abort },
};

static unsigned int registered;

/**
 * tcphs_probe_init() - begin to be told
 *
 * All of them or none. Without, TIME_WAIT's ends are looked for.
 *
 * Context: may sleep; namespaces are traced already.
 */
void tcphs_probe_init(void)
{
	int err = tcphs_has_arguments() ? 0 : -EOPNOTSUPP;

	while (!err && registered < ARRAY_SIZE(probes)) {
		err = register_kprobe(&probes[registered]);
		if (!err)
			registered++;
	}
	tcphs_timewait_set_probes(!err);
	if (!err)
		return;
	pr_notice("no probe at %s (error %d): the ends of TIME_WAIT are looked for, and known some 50 ms late\n",
		  probes[registered].symbol_name, err);
	tcphs_probe_exit();
}

/**
 * tcphs_probe_exit() - be told no more
 *
 * Context: may sleep.
 */
void tcphs_probe_exit(void)
{
	tcphs_timewait_set_probes(false);
	while (registered)
		unregister_kprobe(&probes[--registered]);
}
