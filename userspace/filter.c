// SPDX-License-Identifier: GPL-2.0
/*
 * Shows events to a compiled tcpdump expression as IP and TCP headers. Must
 * not interpret an expression itself.
 */
#include "filter.h"

#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "print.h"
#include "tool.h"

struct filter {
	bool is_empty;
	struct bpf_program program;
};

/* The headers of a packet, with no payload behind them. */
union headers {
	struct {
		struct iphdr ip;
		struct tcphdr tcp;
	} v4;
	struct {
		struct ip6_hdr ip;
		struct tcphdr tcp;
	} v6;
	u_char bytes[sizeof(struct ip6_hdr) + sizeof(struct tcphdr)];
};

struct filter *filter_compile(const char *expression, int *status)
{
	struct filter *filter = tool_alloc(sizeof(*filter));
	pcap_t *dead;
	int failed;

	filter->is_empty = !expression || !*expression;
	if (filter->is_empty)
		return filter;
	dead = pcap_open_dead(DLT_RAW, 65535);
	if (!dead) {
		complain("out of memory");
		*status = STATUS_FAILED;
		free(filter);
		return NULL;
	}
	failed = pcap_compile(dead, &filter->program, expression, 1,
			      PCAP_NETMASK_UNKNOWN);
	if (failed) {
		complain("filter '%s': %s%s", expression, pcap_geterr(dead),
			 *expression == '-' ? "; options stand before '--'" :
					      "");
		*status = STATUS_USAGE;
		free(filter);
		filter = NULL;
	}
	pcap_close(dead);
	return filter;
}

static void fill_tcp(struct tcphdr *tcp, const struct tcphs_record *record,
		     const struct tcphs_seg_info *seg, unsigned int from)
{
	tcp->source = htons(record->port[from]);
	tcp->dest = htons(record->port[!from]);
	tcp->doff = sizeof(*tcp) / 4;
	if (!seg)
		return;
	tcp->seq = htonl(seg->seq);
	tcp->ack_seq = htonl(seg->ack);
	tcp->window = htons(seg->win);
	((u_char *)tcp)[12] |= (seg->flags >> 8) & 0xf;
	((u_char *)tcp)[13] = seg->flags & 0xff;
}

/* Return: the length of the headers; *wire is that of the whole packet. */
static size_t fill_headers(union headers *h, const struct tcphs_record *record,
			   const struct tcphs_seg_info *seg, unsigned int from,
			   size_t *wire)
{
	size_t payload = seg ? seg->len : 0;

	memset(h, 0, sizeof(*h));
	if (record->family == 6) {
		h->v6.ip.ip6_flow = htonl(6u << 28);
		h->v6.ip.ip6_plen = htons((u16)(payload + sizeof(h->v6.tcp)));
		h->v6.ip.ip6_nxt = IPPROTO_TCP;
		h->v6.ip.ip6_hlim = 64;
		memcpy(&h->v6.ip.ip6_src, record->addr[from], 16);
		memcpy(&h->v6.ip.ip6_dst, record->addr[!from], 16);
		fill_tcp(&h->v6.tcp, record, seg, from);
		*wire = sizeof(h->v6) + payload;
		return sizeof(h->v6);
	}
	h->v4.ip.version = 4;
	h->v4.ip.ihl = sizeof(h->v4.ip) / 4;
	h->v4.ip.tot_len = htons((u16)(payload + sizeof(h->v4)));
	h->v4.ip.ttl = 64;
	h->v4.ip.protocol = IPPROTO_TCP;
	memcpy(&h->v4.ip.saddr, record->addr[from], 4);
	memcpy(&h->v4.ip.daddr, record->addr[!from], 4);
	fill_tcp(&h->v4.tcp, record, seg, from);
	*wire = sizeof(h->v4) + payload;
	return sizeof(h->v4);
}

static bool match_direction(const struct filter *filter,
			    const struct tcphs_record *record,
			    const struct tcphs_seg_info *seg, unsigned int from)
{
	struct pcap_pkthdr header = { 0 };
	union headers packet;
	size_t wire;

	header.caplen = (u32)fill_headers(&packet, record, seg, from, &wire);
	header.len = (u32)wire;
	return pcap_offline_filter(&filter->program, &header, packet.bytes);
}

bool filter_match(const struct filter *filter, const struct tcphs_record *record)
{
	const struct tcphs_seg_info *seg;

	if (filter->is_empty || record->type == TCPHS_EV_LOST)
		return true;
	seg = print_seg(record);
	if (seg)
		return match_direction(filter, record, seg,
				       seg->from == TCPHS_SERVER);
	return match_direction(filter, record, NULL, TCPHS_CLIENT) ||
	       match_direction(filter, record, NULL, TCPHS_SERVER);
}

void filter_free(struct filter *filter)
{
	if (!filter->is_empty)
		pcap_freecode(&filter->program);
	free(filter);
}
