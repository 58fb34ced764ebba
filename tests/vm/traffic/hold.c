// SPDX-License-Identifier: GPL-2.0
/*
 * Holds the client's segments in its own host, between its socket and the
 * hook (nfnetlink_queue in the output chain), and lets them go: so that what
 * the peer sends meanwhile crosses them. Changes no segment.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>
#include <string.h>
#include <unistd.h>

#include "traffic.h"

#define HELD_MAX	1024
#define HEADERS_MAX	64

static int queue_fd = -1;
static uint16_t queue_num;
static struct {
	uint32_t id;		/* network order */
	uint16_t port;
} held[HELD_MAX];
static unsigned int held_count;

struct request {
	struct nlmsghdr head;
	struct nfgenmsg family;
	struct nlattr attr;
	union {
		struct nfqnl_msg_config_cmd command;
		struct nfqnl_msg_config_params params;
		struct nfqnl_msg_verdict_hdr verdict;
	};
} __attribute__((packed));

static void tell(uint16_t type, uint16_t attr, const void *data, size_t size)
{
	struct request request = {
		.head.nlmsg_type = (uint16_t)(NFNL_SUBSYS_QUEUE << 8 | type),
		.head.nlmsg_flags = NLM_F_REQUEST,
		.family.nfgen_family = AF_UNSPEC,
		.family.version = NFNETLINK_V0,
		.family.res_id = htons(queue_num),
		.attr.nla_type = attr,
		.attr.nla_len = (uint16_t)(NLA_HDRLEN + size),
	};
	size_t length = offsetof(struct request, command) + size;

	memcpy(&request.command, data, size);
	request.head.nlmsg_len = (uint32_t)NLMSG_ALIGN(length);
	if (send(queue_fd, &request, NLMSG_ALIGN(length), 0) < 0)
		err(1, "nfnetlink_queue");
}

/* In the namespace of the caller. */
void hold_open(uint16_t number)
{
	struct nfqnl_msg_config_cmd bind = { .command = NFQNL_CFG_CMD_BIND };
	struct nfqnl_msg_config_params params = {
		.copy_range = htonl(HEADERS_MAX),
		.copy_mode = NFQNL_COPY_PACKET,
	};

	queue_num = number;
	queue_fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK, NETLINK_NETFILTER);
	if (queue_fd < 0)
		err(1, "nfnetlink_queue");
	tell(NFQNL_MSG_CONFIG, NFQA_CFG_CMD, &bind, sizeof(bind));
	tell(NFQNL_MSG_CONFIG, NFQA_CFG_PARAMS, &params, sizeof(params));
}

static uint16_t port_of(const uint8_t *packet)
{
	size_t at = packet[0] >> 4 == 4 ? (packet[0] & 15) * 4U : 40;

	return (uint16_t)(packet[at] << 8 | packet[at + 1]);
}

static void note_packet(const struct nlmsghdr *message)
{
	const uint8_t *at = (const uint8_t *)message + NLMSG_LENGTH(sizeof(struct nfgenmsg));
	const uint8_t *end = (const uint8_t *)message + message->nlmsg_len;

	if (held_count == HELD_MAX)
		errx(1, "too many segments are held");
	while (at < end) {
		struct nlattr attr;

		memcpy(&attr, at, sizeof(attr));
		if (attr.nla_type == NFQA_PACKET_HDR)
			memcpy(&held[held_count].id, at + NLA_HDRLEN, 4);
		else if (attr.nla_type == NFQA_PAYLOAD)
			held[held_count].port = port_of(at + NLA_HDRLEN);
		at += NLA_ALIGN(attr.nla_len);
	}
	held_count++;
}

static void read_queue(void)
{
	char buf[8192] __attribute__((aligned(8)));
	ssize_t size;

	while ((size = recv(queue_fd, buf, sizeof(buf), 0)) > 0) {
		const struct nlmsghdr *message = (const struct nlmsghdr *)buf;

		if (message->nlmsg_type == (NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET))
			note_packet(message);
		else if (message->nlmsg_type == NLMSG_ERROR)
			errx(1, "nfnetlink_queue refuses");
	}
	if (size < 0 && errno != EAGAIN)
		err(1, "nfnetlink_queue");
}

static unsigned int count_held(uint16_t port)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < held_count; i++)
		count += held[i].port == port;
	return count;
}

bool hold_has(uint16_t port)
{
	read_queue();
	return count_held(port);
}

void hold_release(uint16_t port)
{
	unsigned int kept = 0;

	read_queue();
	for (unsigned int i = 0; i < held_count; i++) {
		struct nfqnl_msg_verdict_hdr verdict = {
			.verdict = htonl(NF_ACCEPT),
			.id = held[i].id,
		};

		if (held[i].port == port)
			tell(NFQNL_MSG_VERDICT, NFQA_VERDICT_HDR, &verdict,
			     sizeof(verdict));
		else
			held[kept++] = held[i];
	}
	held_count = kept;
}
