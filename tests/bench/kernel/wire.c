// SPDX-License-Identifier: GPL-2.0
/*
 * Plays TCP connections as packets that are forwarded, through the netfilter
 * hooks of the writer's namespace, whatever stands there; counts what they
 * cost and how many are dropped. Has no sockets: two ends far away.
 */
#include <linux/delay.h>
#include <linux/ip.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/netfilter/nf_conntrack.h>

#include "command.h"

#define FILE		"bench_wire"
#define DATA		64
#define SERVER		0xc0a80001	/* 192.168.0.1 */
#define PORT		80
#define PORTS		16384		/* of a client */
#define FIRST_PORT	2000
#define TICK_US		1000		/* of what is paced */

enum { FIN = 0x01, SYN = 0x02, RST = 0x04, PSH = 0x08, ACK = 0x10 };
enum { CLIENT, SERVER_SIDE };

/* Who plays: his packet, his devices. One for each writer, as CPUs play at once. */
struct wire {
	struct net *net;
	struct net_device *dev[2];	/* of the client's side, of the server's */
	struct sk_buff *skb;
	unsigned long packets;
	unsigned long dropped;
};

static char *devices[2] = { "left", "right" };
module_param_array(devices, charp, NULL, 0444);
MODULE_PARM_DESC(devices, "where clients are and where servers are");

/* The headers, behind which DATA bytes may stand. */
static void make_skb(struct wire *wire)
{
	struct sk_buff *skb = wire->skb;
	struct iphdr *ip;
	struct tcphdr *tcp;

	skb_reserve(skb, 64);
	skb_reset_network_header(skb);
	ip = skb_put_zero(skb, sizeof(*ip));
	skb_set_transport_header(skb, sizeof(*ip));
	tcp = skb_put_zero(skb, sizeof(*tcp));
	skb->protocol = htons(ETH_P_IP);
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	ip->version = 4;
	ip->ihl = 5;
	ip->ttl = 64;
	ip->protocol = IPPROTO_TCP;
	tcp->doff = 5;
	tcp->window = htons(60000);
	/* What a hook drops it frees: that takes its own reference, not ours. */
	refcount_set(&skb->users, INT_MAX / 2);
}

static int open_wire(struct wire *wire)
{
	unsigned int side;

	memset(wire, 0, sizeof(*wire));
	wire->net = current->nsproxy->net_ns;
	for (side = 0; side < 2; side++) {
		wire->dev[side] = dev_get_by_name(wire->net, devices[side]);
		if (!wire->dev[side])
			goto dev;
	}
	wire->skb = alloc_skb(512, GFP_KERNEL);
	if (!wire->skb)
		goto dev;
	make_skb(wire);
	return 0;
dev:
	dev_put(wire->dev[0]);
	dev_put(wire->dev[1]);
	return -ENODEV;
}

static void close_wire(struct wire *wire)
{
	nf_reset_ct(wire->skb);
	refcount_set(&wire->skb->users, 1);
	kfree_skb(wire->skb);
	dev_put(wire->dev[0]);
	dev_put(wire->dev[1]);
}

/* Nothing lies behind the hooks: where they have accepted it, it has arrived. */
static int arrive(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	return 0;
}

static bool pass_hook(struct wire *wire, unsigned int hook, unsigned int from)
{
	return nf_hook(NFPROTO_IPV4, hook, wire->net, NULL, wire->skb,
		       hook == NF_INET_POST_ROUTING ? NULL : wire->dev[from],
		       hook == NF_INET_PRE_ROUTING ? NULL : wire->dev[!from],
		       arrive) == 1;
}

static void address(struct wire *wire, unsigned long conn, unsigned int from)
{
	struct iphdr *ip = ip_hdr(wire->skb);
	struct tcphdr *tcp = tcp_hdr(wire->skb);
	__be32 client = htonl(0x0a000001 + conn / PORTS);
	__be16 port = htons(FIRST_PORT + conn % PORTS);

	ip->saddr = from == CLIENT ? client : htonl(SERVER);
	ip->daddr = from == CLIENT ? htonl(SERVER) : client;
	tcp->source = from == CLIENT ? port : htons(PORT);
	tcp->dest = from == CLIENT ? htons(PORT) : port;
}

/* A segment of connection @conn, in one piece through all hooks, as in softirq. */
static void pass(struct wire *wire, unsigned long conn, unsigned int from,
		 u8 flags, u32 seq, u32 ack, unsigned int len)
{
	struct sk_buff *skb = wire->skb;
	struct tcphdr *tcp = tcp_hdr(skb);
	u32 isn = (u32)conn * 7919;

	skb_trim(skb, sizeof(struct iphdr) + sizeof(*tcp));
	skb_put(skb, len);
	ip_hdr(skb)->tot_len = htons(skb->len);
	address(wire, conn, from);
	((u8 *)tcp)[13] = flags;
	tcp->seq = htonl(isn + seq);
	tcp->ack_seq = flags & ACK ? htonl(isn + ack) : 0;
	skb->dev = wire->dev[from];
	skb->skb_iif = wire->dev[from]->ifindex;
	local_bh_disable();
	wire->packets++;
	if (!pass_hook(wire, NF_INET_PRE_ROUTING, from) ||
	    !pass_hook(wire, NF_INET_FORWARD, from) ||
	    !pass_hook(wire, NF_INET_POST_ROUTING, from))
		wire->dropped++;
	nf_reset_ct(skb);
	local_bh_enable();
}

static void play_open(struct wire *wire, unsigned long conn)
{
	pass(wire, conn, CLIENT, SYN, 0, 0, 0);
	pass(wire, conn, SERVER_SIDE, SYN | ACK, 0, 1, 0);
	pass(wire, conn, CLIENT, ACK, 1, 1, 0);
}

/* A request and its answer, acknowledged; the @nth. */
static void play_talk(struct wire *wire, unsigned long conn, unsigned int nth)
{
	u32 at = 1 + nth * DATA;

	pass(wire, conn, CLIENT, PSH | ACK, at, at, DATA);
	pass(wire, conn, SERVER_SIDE, PSH | ACK, at, at + DATA, DATA);
	pass(wire, conn, CLIENT, ACK, at + DATA, at + DATA, 0);
}

static void play_close(struct wire *wire, unsigned long conn, unsigned int talks)
{
	u32 at = 1 + talks * DATA;

	pass(wire, conn, CLIENT, FIN | ACK, at, at, 0);
	pass(wire, conn, SERVER_SIDE, FIN | ACK, at, at + 1, 0);
	pass(wire, conn, CLIENT, ACK, at + 1, at + 1, 0);
}

static void play_whole(struct wire *wire, unsigned long conn)
{
	play_open(wire, conn);
	play_talk(wire, conn, 0);
	play_close(wire, conn, 1);
}

static void play_syn(struct wire *wire, unsigned long conn)
{
	pass(wire, conn, CLIENT, SYN, 0, 0, 0);
}

static void play_reset(struct wire *wire, unsigned long conn)
{
	pass(wire, conn, CLIENT, RST, 1, 0, 0);
}

static void play_first_talk(struct wire *wire, unsigned long conn)
{
	play_talk(wire, conn, 0);
}

static void play_close_silent(struct wire *wire, unsigned long conn)
{
	play_close(wire, conn, 0);
}

static void play_close_talked(struct wire *wire, unsigned long conn)
{
	play_close(wire, conn, 1);
}

/* FIRST COUNT: each of these connections does so; instructions, packets, dropped. */
static int play_all(const unsigned long *arg, struct seq_buf *answer,
		    void (*play)(struct wire *wire, unsigned long conn))
{
	struct wire wire;
	unsigned long n;
	u64 start, used = 0;
	int err;

	err = open_wire(&wire);
	if (err)
		return err;
	for (n = 0; n < arg[1]; n++) {
		start = bench_now();
		play(&wire, arg[0] + n);
		used += bench_now() - start;
		cond_resched();
	}
	seq_buf_printf(answer, "%llu %lu %lu\n", used, wire.packets, wire.dropped);
	close_wire(&wire);
	return 0;
}

static int run_open(const unsigned long *arg, struct seq_buf *answer)
{
	return play_all(arg, answer, play_open);
}

static int run_talk(const unsigned long *arg, struct seq_buf *answer)
{
	return play_all(arg, answer, play_first_talk);
}

static int run_close(const unsigned long *arg, struct seq_buf *answer)
{
	return play_all(arg, answer, arg[2] ? play_close_talked : play_close_silent);
}

static int run_whole(const unsigned long *arg, struct seq_buf *answer)
{
	return play_all(arg, answer, play_whole);
}

static int run_syn(const unsigned long *arg, struct seq_buf *answer)
{
	return play_all(arg, answer, play_syn);
}

static int run_reset(const unsigned long *arg, struct seq_buf *answer)
{
	return play_all(arg, answer, play_reset);
}

/*
 * pace FIRST COUNT RATE: whole connections, so many a second, in bunches of a
 * millisecond; how many ns it took, packets, dropped.
 */
static int run_pace(const unsigned long *arg, struct seq_buf *answer)
{
	unsigned long n = 0, due;
	struct wire wire;
	u64 start, late;
	int err;

	err = open_wire(&wire);
	if (err)
		return err;
	start = ktime_get_ns();
	while (n < arg[1] && !signal_pending(current)) {
		late = ktime_get_ns() - start;
		due = min_t(u64, div64_u64(late * arg[2], NSEC_PER_SEC), arg[1]);
		for (; n < due; n++)
			play_whole(&wire, arg[0] + n);
		usleep_range(TICK_US, TICK_US + TICK_US / 8);
	}
	seq_buf_printf(answer, "%llu %lu %lu\n", ktime_get_ns() - start,
		       wire.packets, wire.dropped);
	close_wire(&wire);
	return 0;
}

static const struct bench_word words[] = {
	{ "open", run_open },
	{ "talk", run_talk },
	{ "close", run_close },
	{ "whole", run_whole },
	{ "syn", run_syn },
	{ "reset", run_reset },
	{ "pace", run_pace },
	{ }
};

static int __init init_wire(void)
{
	return bench_open(FILE, words);
}

static void __exit exit_wire(void)
{
	bench_close(FILE);
}

module_init(init_wire);
module_exit(exit_wire);

MODULE_DESCRIPTION("Plays TCP connections through the netfilter hooks");
MODULE_LICENSE("GPL");
