// SPDX-License-Identifier: GPL-2.0
/*
 * Gives the same packets to tcphs and to conntrack, between marks: tcphs as netfilter
 * calls it, through the hook that it has registered; conntrack by the two functions that
 * its own hooks call for each packet. Judges neither.
 *
 * A line written to /proc/bench_packets is done at once; reading tells what was measured.
 *
 *	crowd NUMBER		what follows is of other connections, 0 to 7
 *	place forwarded|local	of a router, or of a server's own
 *	family 4|6
 *	to both|ours|peer	who is told of those that are opened next
 *	open COUNT		so many are established, and a hot one
 *	repeat COUNT		each measurement but of SYNs so often, and once before that;
 *				the best time is told (with the plugin: 1)
 *	ruler NAME		measure what is known: 400 instructions, 100 of them locked, on
 *				100 lines that nobody has touched
 *	syn NAME COUNT		measure: COUNT more connections are begun
 *	hot NAME COUNT		so many packets of one connection, data and ACKs by turns
 *	random NAME COUNT	of so many connections in random order: data of each, then
 *				the ACK of each
 */
#include <linux/etherdevice.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/kallsyms.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/prandom.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/uaccess.h>
#include <linux/unaligned.h>
#include <linux/vmalloc.h>
#include <net/net_namespace.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_core.h>
#include <net/tcp.h>

#include "mark.h"

#define PAYLOAD		1448	/* of an Ethernet frame, with timestamps */
#define ISN		1000
#define RESULTS		128
#define RULER		100
#define BATCH		1024	/* packets between two looks at the scheduler */
#define FLOWS_MAX	((1U << 20) + (1U << 17))

enum kind { SYN, SYN_ACK, ACK, DATA, TURNS };
enum place { FORWARDED, LOCAL };

/* Who is given the packets; nobody: what making them takes. */
enum who { NOBODY, OURS, PEER, WHO };

static const char *const who_names[WHO] = { "nobody", "ours", "peer" };

/* A connection, and how many rounds of data and ACK each has been given of it. */
struct conn {
	u32 flow;
	u32 round[WHO];
};

/* Connections to one server, numbered from 0 on; in random order. */
struct crowd {
	struct conn *conns;
	u32 count;			/* established, the hot one apart */
	bool is_shuffled;
	struct conn hot;
};

#define CROWDS	8
#define HOT	FLOWS_MAX		/* its number */

struct result {
	char name[24];
	enum who who;
	u32 calls;
	u64 ns;
};

static struct crowd crowds[CROWDS];
static unsigned int crowd_now;
static enum place place;
static unsigned int is_ipv6;
static bool is_left_out[WHO];
static unsigned int repeats = 1;
static struct result results[RESULTS];
static unsigned int n_results;
static u64 given[WHO];
static u64 refused;			/* by conntrack */

static struct sk_buff *skb;
static struct net_device *dev;
static struct nf_hook_entry ours[2][2];	/* by family; where packets arrive, where they leave */
static DEFINE_MUTEX(lock);

/* ---- packets ---- */

static bool opens(enum kind kind)
{
	return kind == SYN || kind == SYN_ACK;
}

/* From the server; the client's one ACK is the last of the handshake, round 0. */
static bool is_reply(enum kind kind, u32 round)
{
	return kind == SYN_ACK || (kind == ACK && round);
}

static void write_addresses_v4(u32 flow, bool reply, unsigned int len)
{
	struct iphdr *ip = ip_hdr(skb);
	__be32 client = htonl(0x0a000000 + (flow >> 8));
	__be32 server = htonl(0xc0000201 + crowd_now);

	memset(ip, 0, sizeof(*ip));
	ip->version = 4;
	ip->ihl = 5;
	ip->ttl = 64;
	ip->protocol = IPPROTO_TCP;
	ip->tot_len = htons(sizeof(*ip) + len);
	ip->saddr = reply ? server : client;
	ip->daddr = reply ? client : server;
}

static void write_addresses_v6(u32 flow, bool reply, unsigned int len)
{
	struct ipv6hdr *ip = ipv6_hdr(skb);
	struct in6_addr *client = reply ? &ip->daddr : &ip->saddr;
	struct in6_addr *server = reply ? &ip->saddr : &ip->daddr;

	memset(ip, 0, sizeof(*ip));
	ip->version = 6;
	ip->hop_limit = 64;
	ip->nexthdr = IPPROTO_TCP;
	ip->payload_len = htons(len);
	ipv6_addr_set(client, htonl(0xfd000000), 0, 0, htonl(1 + (flow >> 8)));
	ipv6_addr_set(server, htonl(0xfd010000), 0, 0, htonl(1 + crowd_now));
}

/* As Linux writes them: in a SYN all that can be agreed on, then timestamps. */
static unsigned int write_options(u8 *option, enum kind kind, u32 now, u32 echo)
{
	static const u8 opening[] = { TCPOPT_MSS, 4, 5, 180, TCPOPT_SACK_PERM, 2 };
	static const u8 padding[] = { TCPOPT_NOP, TCPOPT_NOP };
	static const u8 scale[] = { TCPOPT_NOP, TCPOPT_WINDOW, 3, 7 };
	u8 *at = option;

	if (opens(kind)) {
		memcpy(at, opening, sizeof(opening));
		at += sizeof(opening);
	} else {
		memcpy(at, padding, sizeof(padding));
		at += sizeof(padding);
	}
	*at++ = TCPOPT_TIMESTAMP;
	*at++ = TCPOLEN_TIMESTAMP;
	put_unaligned_be32(now, at);
	put_unaligned_be32(echo, at + 4);
	at += 8;
	if (opens(kind)) {
		memcpy(at, scale, sizeof(scale));
		at += sizeof(scale);
	}
	return at - option;
}

static unsigned int write_tcp(struct tcphdr *th, u32 flow, enum kind kind, u32 round)
{
	__be16 client = htons(32768 + (flow & 255)), server = htons(443);
	u32 sent = round ? (round - 1) * PAYLOAD : 0;
	bool reply = is_reply(kind, round);
	unsigned int options;

	memset(th, 0, sizeof(*th));
	th->source = reply ? server : client;
	th->dest = reply ? client : server;
	th->syn = opens(kind);
	th->ack = kind != SYN;
	th->psh = kind == DATA;
	th->seq = htonl(ISN + !opens(kind) + (kind == DATA ? sent : 0));
	if (th->ack)
		th->ack_seq = htonl(ISN + 1);
	if (kind == ACK && reply)
		th->ack_seq = htonl(ISN + 1 + sent + PAYLOAD);
	th->window = htons(opens(kind) ? 64240 : 502);
	options = write_options((u8 *)(th + 1), kind, 7000 + round,
				kind == SYN ? 0 : 7000 + round - (kind == DATA));
	th->doff = (sizeof(*th) + options) / 4;
	return sizeof(*th) + options;
}

/*
 * The packet of a kind in a connection's @round, from 1 on: the client sends data, the
 * server acknowledges it. Round 0 is the handshake.
 */
static void write_packet(u32 flow, enum kind kind, u32 round)
{
	unsigned int header = is_ipv6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);
	unsigned int len;

	len = write_tcp((struct tcphdr *)(skb->data + header), flow, kind, round);
	if (kind == DATA)
		len += PAYLOAD;
	if (is_ipv6)
		write_addresses_v6(flow, is_reply(kind, round), len);
	else
		write_addresses_v4(flow, is_reply(kind, round), len);
	skb->protocol = is_ipv6 ? htons(ETH_P_IPV6) : htons(ETH_P_IP);
	skb->len = header + len;
	skb_set_tail_pointer(skb, skb->len);
	skb_set_transport_header(skb, header);
	skb->skb_iif = place == LOCAL && is_reply(kind, round) ? 0 : 1;
}

/* ---- who takes them ---- */

/* Data and SYNs are counted apart from ACKs. */
static __always_inline void mark_begin(enum kind kind)
{
	if (kind == ACK)
		mark(MARK_BEGIN_OTHER);
	else
		mark(MARK_BEGIN);
}

static void give_ours(enum kind kind, bool is_reply)
{
	bool leaves = place == FORWARDED || is_reply;
	const struct nf_hook_entry *entry = &ours[is_ipv6][leaves];
	struct nf_hook_state state = {
		.hook = leaves ? NF_INET_POST_ROUTING : NF_INET_LOCAL_IN,
		.pf = is_ipv6 ? NFPROTO_IPV6 : NFPROTO_IPV4,
		.in = place == LOCAL && is_reply ? NULL : dev,
		.out = leaves ? dev : NULL,
		.net = &init_net,
	};

	local_irq_disable();
	mark_begin(kind);
	entry->hook(entry->priv, skb, &state);
	mark(MARK_END);
	local_irq_enable();
}

/* The reference that nf_conntrack_in() takes goes when the packet does. */
static void give_peer(enum kind kind, bool is_reply)
{
	bool begins = place == LOCAL && is_reply;
	struct nf_hook_state state = {
		.hook = begins ? NF_INET_LOCAL_OUT : NF_INET_PRE_ROUTING,
		.pf = is_ipv6 ? NFPROTO_IPV6 : NFPROTO_IPV4,
		.in = begins ? NULL : dev,
		.out = begins ? dev : NULL,
		.net = &init_net,
	};
	unsigned int verdict;

	local_irq_disable();
	mark_begin(kind);
	verdict = nf_conntrack_in(skb, &state);
	if (verdict == NF_ACCEPT)
		verdict = nf_conntrack_confirm(skb);
	nf_reset_ct(skb);
	mark(MARK_END);
	local_irq_enable();
	refused += verdict != NF_ACCEPT;
}

static void give(enum who who, u32 flow, enum kind kind, u32 round)
{
	bool reply = is_reply(kind, round);

	write_packet(flow, kind, round);
	given[who]++;
	if (who == OURS)
		give_ours(kind, reply);
	else if (who == PEER)
		give_peer(kind, reply);
}

/* ---- passes ---- */

/* As in a softirq: netfilter holds RCU. */
static void begin_batch(void)
{
	local_bh_disable();
	rcu_read_lock();
}

static void end_batch(void)
{
	rcu_read_unlock();
	local_bh_enable();
	cond_resched();
}

/*
 * A packet of each connection, or by turns data and ACKs of the first of them. Return:
 * what that took, ns.
 */
static u64 take_pass(enum who who, struct conn *conns, u32 count, enum kind kind)
{
	u64 start = ktime_get_ns();
	u32 i;

	for (i = 0; i < count; i++) {
		struct conn *conn = kind == TURNS ? conns : &conns[i];
		enum kind now = kind != TURNS ? kind : i % 2 ? ACK : DATA;

		if (i % BATCH == 0)
			begin_batch();
		if (now == DATA)
			conn->round[who]++;
		give(who, conn->flow, now, conn->round[who]);
		if (i % BATCH == BATCH - 1 || i + 1 == count)
			end_batch();
	}
	return ktime_get_ns() - start;
}

static void establish(struct conn *conns, u32 count)
{
	enum who who;

	for (who = OURS; who < WHO; who++) {
		if (is_left_out[who])
			continue;
		take_pass(who, conns, count, SYN);
		take_pass(who, conns, count, SYN_ACK);
		take_pass(who, conns, count, ACK);
	}
}

/* Fisher and Yates, the same each time. */
static void shuffle(struct crowd *crowd)
{
	struct rnd_state state;
	u32 i, j;

	if (crowd->is_shuffled)
		return;
	prandom_seed_state(&state, 1);
	for (i = crowd->count - 1; i > 0; i--) {
		j = prandom_u32_state(&state) % (i + 1);
		swap(crowd->conns[i], crowd->conns[j]);
	}
	crowd->is_shuffled = true;
}

static void add_result(const char *name, enum who who, u32 calls, u64 ns)
{
	struct result *result;

	if (WARN_ON_ONCE(n_results == RESULTS))
		return;
	result = &results[n_results++];
	strscpy(result->name, name, sizeof(result->name));
	result->who = who;
	result->calls = calls;
	result->ns = ns;
}

/* ---- what is done ---- */

static struct crowd *find_crowd(void)
{
	return &crowds[crowd_now];
}

/* New ones, not yet begun. */
static struct conn *add_conns(struct crowd *crowd, u32 count)
{
	struct conn *conns = crowd->conns + crowd->count;
	u32 i;

	if (count > FLOWS_MAX - crowd->count)
		return NULL;
	for (i = 0; i < count; i++)
		conns[i] = (struct conn){ .flow = crowd->count + i };
	crowd->count += count;
	crowd->is_shuffled = false;
	return conns;
}

static int alloc_crowd(struct crowd *crowd)
{
	if (!crowd->conns)
		crowd->conns = vmalloc_array(FLOWS_MAX, sizeof(*crowd->conns));
	return crowd->conns ? 0 : -ENOMEM;
}

static int do_open(const char *name, u32 count)
{
	struct crowd *crowd = find_crowd();
	struct conn *conns;
	u32 some;

	if (alloc_crowd(crowd))
		return -ENOMEM;
	mark(MARK_SCRAP);
	if (!crowd->hot.flow) {
		crowd->hot.flow = HOT;
		establish(&crowd->hot, 1);
	}
	while (crowd->count < count) {
		/* Few are half open at a time: there is a limit for them. */
		some = min(count - crowd->count, 4096U);
		conns = add_conns(crowd, some);
		if (!conns)
			return -ENOSPC;
		establish(conns, some);
	}
	return 0;
}

static int do_ruler(const char *name, u32 unused)
{
	u8 *lines = vmalloc(RULER * 64), *at = lines;
	u32 n = RULER;

	if (!lines)
		return -ENOMEM;
	mark(MARK_ARM);
	cond_resched();
	mark(MARK_NEXT);
	local_irq_disable();
	mark(MARK_BEGIN);
	asm volatile("1: lock incl (%1)\n\t"
		     "add $64, %1\n\t"
		     "dec %0\n\t"
		     "jnz 1b"
		     : "+r" (n), "+r" (at) : : "memory", "cc");
	mark(MARK_END);
	local_irq_enable();
	mark(MARK_DISARM);
	add_result(name, OURS, 1, 0);
	vfree(lines);
	return 0;
}

static int do_syn(const char *name, u32 count)
{
	struct conn *conns = add_conns(find_crowd(), count);
	enum who who;
	u64 ns;

	if (!conns)
		return -ENOSPC;
	mark(MARK_ARM);
	for (who = NOBODY; who < WHO; who++) {
		mark(MARK_NEXT);
		ns = take_pass(who, conns, count, SYN);
		add_result(name, who, count, ns);
	}
	mark(MARK_SCRAP);
	mark(MARK_DISARM);
	for (who = OURS; who < WHO; who++) {
		take_pass(who, conns, count, SYN_ACK);
		take_pass(who, conns, count, ACK);
	}
	return 0;
}

/* Each of @conns gets data, then each its ACK; or the first of them both by turns. */
static u64 take_round(enum who who, struct conn *conns, u32 count, bool is_hot)
{
	u64 ns;

	if (is_hot)
		return take_pass(who, conns, count, TURNS);
	ns = take_pass(who, conns, count, DATA);
	return ns + take_pass(who, conns, count, ACK);
}

/* By turns, so that what else the machine does hits all. The first time all is cold. */
static int measure(const char *name, struct conn *conns, u32 count, bool is_hot)
{
	u64 best[WHO] = { U64_MAX, U64_MAX, U64_MAX }, ns;
	unsigned int i;
	enum who who;

	mark(MARK_ARM);
	for (i = 0; i <= repeats; i++)
		for (who = NOBODY; who < WHO; who++) {
			if (i)
				mark(MARK_NEXT);
			else
				mark(MARK_SCRAP);
			ns = take_round(who, conns, count, is_hot);
			if (i)
				best[who] = min(best[who], ns);
		}
	mark(MARK_SCRAP);
	mark(MARK_DISARM);
	for (who = NOBODY; who < WHO; who++)
		add_result(name, who, is_hot ? count : 2 * count, best[who]);
	return 0;
}

static int do_hot(const char *name, u32 count)
{
	return measure(name, &find_crowd()->hot, count, true);
}

static int do_random(const char *name, u32 count)
{
	struct crowd *crowd = find_crowd();

	if (count > crowd->count)
		return -EINVAL;
	shuffle(crowd);
	return measure(name, crowd->conns, count, false);
}

static int do_crowd(const char *name, u32 count)
{
	crowd_now = count % CROWDS;
	return alloc_crowd(find_crowd());
}

static int do_place(const char *name, u32 count)
{
	place = !strcmp(name, "local") ? LOCAL : FORWARDED;
	return 0;
}

static int do_family(const char *name, u32 count)
{
	is_ipv6 = count == 6;
	return 0;
}

static int do_to(const char *name, u32 count)
{
	is_left_out[OURS] = !strcmp(name, "peer");
	is_left_out[PEER] = !strcmp(name, "ours");
	return 0;
}

static int do_repeat(const char *name, u32 count)
{
	repeats = count;
	return 0;
}

/* ---- /proc/bench_packets ---- */

static const struct {
	const char *name;
	int (*run)(const char *name, u32 count);
} verbs[] = {
	{ "crowd", do_crowd },
	{ "place", do_place },
	{ "family", do_family },
	{ "to", do_to },
	{ "open", do_open },
	{ "repeat", do_repeat },
	{ "ruler", do_ruler },
	{ "syn", do_syn },
	{ "hot", do_hot },
	{ "random", do_random },
};

/* VERB [NAME] [COUNT] */
static int run_line(char *line)
{
	char *verb = strsep(&line, " "), *word, *name = "";
	unsigned int count = 0, i;

	while ((word = strsep(&line, " ")))
		if (kstrtouint(word, 0, &count))
			name = word;
	for (i = 0; i < ARRAY_SIZE(verbs); i++)
		if (!strcmp(verbs[i].name, verb))
			return verbs[i].run(name, count);
	return -EINVAL;
}

static int show_results(struct seq_file *seq, void *unused)
{
	const struct result *result;

	seq_puts(seq, "#name who calls ns\n");
	for (result = results; result < results + n_results; result++)
		seq_printf(seq, "%s %s %u %llu\n", result->name,
			   who_names[result->who], result->calls, result->ns);
	seq_printf(seq, "#given %llu %llu\n#refused %llu\n", given[OURS], given[PEER],
		   refused);
	return 0;
}

static int open_results(struct inode *inode, struct file *file)
{
	return single_open(file, show_results, NULL);
}

static ssize_t write_line(struct file *file, const char __user *from, size_t size,
			  loff_t *pos)
{
	char *line;
	int err;

	line = memdup_user_nul(from, min_t(size_t, size, PAGE_SIZE));
	if (IS_ERR(line))
		return PTR_ERR(line);
	mutex_lock(&lock);
	err = run_line(strim(line));
	mutex_unlock(&lock);
	kfree(line);
	return err ?: size;
}

static const struct proc_ops file_ops = {
	.proc_open = open_results,
	.proc_read = seq_read,
	.proc_write = write_line,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};

/* ---- coming and going ---- */

static bool is_of_tcphs(void *function)
{
	char name[KSYM_SYMBOL_LEN];

	sprint_symbol(name, (unsigned long)function);
	return strstr(name, "[tcphs]");
}

static int find_hook(struct nf_hook_entries __rcu *row, struct nf_hook_entry *found)
{
	const struct nf_hook_entries *entries;
	int err = -ENOENT;
	unsigned int i;

	rcu_read_lock();
	entries = rcu_dereference(row);
	for (i = 0; entries && i < entries->num_hook_entries; i++) {
		if (!is_of_tcphs(entries->hooks[i].hook))
			continue;
		*found = entries->hooks[i];
		err = 0;
	}
	rcu_read_unlock();
	return err;
}

static int find_hooks(void)
{
	return find_hook(init_net.nf.hooks_ipv4[NF_INET_LOCAL_IN], &ours[0][0]) ?:
	       find_hook(init_net.nf.hooks_ipv4[NF_INET_POST_ROUTING], &ours[0][1]) ?:
	       find_hook(init_net.nf.hooks_ipv6[NF_INET_LOCAL_IN], &ours[1][0]) ?:
	       find_hook(init_net.nf.hooks_ipv6[NF_INET_POST_ROUTING], &ours[1][1]);
}

/* As it comes from a device that has verified the checksum. */
static struct sk_buff *make_skb(void)
{
	struct sk_buff *made = alloc_skb(2048, GFP_KERNEL);

	if (!made)
		return NULL;
	skb_reset_network_header(made);
	memset(skb_put(made, 2000), 0, 2000);
	made->ip_summed = CHECKSUM_UNNECESSARY;
	made->pkt_type = PACKET_HOST;
	made->dev = dev;
	return made;
}

static void free_all(void)
{
	unsigned int i;

	for (i = 0; i < CROWDS; i++)
		vfree(crowds[i].conns);
	kfree_skb(skb);
	free_netdev(dev);
}

static int __init begin(void)
{
	int err;

	err = find_hooks();
	if (err) {
		pr_err("the hooks of tcphs were not found: is it loaded?\n");
		return err;
	}
	/* Never registered: nothing is sent by it. */
	dev = alloc_netdev(0, "bench%d", NET_NAME_ENUM, ether_setup);
	if (!dev)
		return -ENOMEM;
	skb = make_skb();
	if (!skb || !proc_create("bench_packets", 0600, NULL, &file_ops)) {
		free_all();
		return -ENOMEM;
	}
	return 0;
}

static void __exit end(void)
{
	remove_proc_entry("bench_packets", NULL);
	free_all();
}

module_init(begin);
module_exit(end);

MODULE_DESCRIPTION("Gives the same packets to tcphs and to conntrack");
MODULE_LICENSE("GPL");
