// SPDX-License-Identifier: GPL-2.0
/*
 * Asks the kernel for its TCP sockets over netlink. Must not take a message at
 * its word about its own length.
 */
#include "sockdiag.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/tcphs.h>

#include "tool.h"

#define BATCH		65536		/* bytes of messages at once */
#define TIMER_SMALL	3		/* inet_diag_msg.idiag_timer: TIME_WAIT's */

/* All but half-open ones, of which there may be many. */
#define STATES	(((1U << (TCPHS_CLOSING + 1)) - 1) & ~1U & \
		 ~(1U << TCPHS_SYN_RECV))

struct asking {
	sockdiag_fn *fn;
	void *arg;
	bool is_over;		/* the kernel said so */
	int error;
};

static const u8 mapped[12] = { [10] = 0xff, [11] = 0xff };

static void fill_socket(struct sockdiag_socket *socket,
			const struct inet_diag_msg *msg)
{
	const struct inet_diag_sockid *id = &msg->id;
	bool is_ip6 = msg->idiag_family == AF_INET6;

	memset(socket, 0, sizeof(*socket));
	socket->state = msg->idiag_state;
	socket->is_small = msg->idiag_timer == TIMER_SMALL;
	socket->left_ns = msg->idiag_expires * 1000000ULL;
	socket->port[0] = ntohs(id->idiag_sport);
	socket->port[1] = ntohs(id->idiag_dport);
	socket->family = is_ip6 ? 6 : 4;
	memcpy(socket->addr[0], id->idiag_src, is_ip6 ? 16 : 4);
	memcpy(socket->addr[1], id->idiag_dst, is_ip6 ? 16 : 4);
	if (!is_ip6 || memcmp(socket->addr[0], mapped, sizeof(mapped)) != 0)
		return;
	socket->family = 4;
	memset(socket->addr, 0, sizeof(socket->addr));
	memcpy(socket->addr[0], &id->idiag_src[3], 4);
	memcpy(socket->addr[1], &id->idiag_dst[3], 4);
}

static void take_message(struct asking *asking, const struct nlmsghdr *head)
{
	const struct inet_diag_msg *msg = (const void *)(head + 1);
	struct sockdiag_socket socket;

	if (head->nlmsg_type == NLMSG_DONE) {
		asking->is_over = true;
	} else if (head->nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *error = (const void *)(head + 1);

		asking->is_over = true;
		asking->error = head->nlmsg_len < NLMSG_LENGTH(sizeof(*error)) ?
				EPROTO : -error->error;
	} else if (head->nlmsg_type == SOCK_DIAG_BY_FAMILY &&
		   head->nlmsg_len >= NLMSG_LENGTH(sizeof(*msg)) &&
		   (msg->idiag_family == AF_INET ||
		    msg->idiag_family == AF_INET6)) {
		fill_socket(&socket, msg);
		asking->fn(&socket, asking->arg);
	}
}

/* Return: how many bytes were whole messages. */
static size_t take_messages(struct asking *asking, const char *bytes,
			    size_t size)
{
	size_t at = 0;

	while (!asking->is_over && size - at >= sizeof(struct nlmsghdr)) {
		const struct nlmsghdr *head = (const void *)(bytes + at);
		size_t length = head->nlmsg_len;

		if (length < sizeof(*head) || length > size - at)
			break;
		take_message(asking, head);
		at += NLMSG_ALIGN(length) < size - at ? NLMSG_ALIGN(length) :
							size - at;
	}
	return at;
}

static bool send_request(int fd, u8 family)
{
	struct {
		struct nlmsghdr head;
		struct inet_diag_req_v2 request;
	} message = {
		.head = {
			.nlmsg_len = sizeof(message),
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		},
		.request = {
			.sdiag_family = family,
			.sdiag_protocol = IPPROTO_TCP,
			.idiag_states = STATES,
		},
	};

	return send(fd, &message, sizeof(message), 0) == sizeof(message);
}

/* Return: 0, or why there is no answer. */
static int ask_family(struct asking *asking, int fd, u8 family, char *bytes)
{
	ssize_t got;

	if (!send_request(fd, family))
		return errno;
	asking->is_over = false;
	while (!asking->is_over) {
		got = recv(fd, bytes, BATCH, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno;
		if (take_messages(asking, bytes, (size_t)got) == 0) {
			asking->is_over = true;
			asking->error = EPROTO;
		}
	}
	return asking->error;
}

static int ask_kernel(struct asking *asking)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	char *bytes;
	int error;

	if (fd < 0)
		return errno;
	bytes = tool_alloc(BATCH);
	error = ask_family(asking, fd, AF_INET, bytes);
	if (!error)
		error = ask_family(asking, fd, AF_INET6, bytes);
	free(bytes);
	close(fd);
	return error;
}

/* Each family's messages end with one that says so. */
static int read_file(struct asking *asking, FILE *file)
{
	char *bytes = tool_alloc(BATCH);
	size_t had = 0, done, got;

	while ((got = fread(bytes + had, 1, BATCH - had, file)) > 0) {
		had += got;
		do {
			asking->is_over = false;
			done = take_messages(asking, bytes, had);
			had -= done;
			memmove(bytes, bytes + done, had);
		} while (done);
	}
	free(bytes);
	return ferror(file) ? EIO : had ? EPROTO : asking->error;
}

static int ask_file(struct asking *asking, const char *path)
{
	FILE *file = fopen(path, "re");
	int error;

	if (!file)
		return errno;
	error = read_file(asking, file);
	fclose(file);
	return error;
}

static const char *explain(int error, bool is_kernel)
{
	if (error == EPROTO)
		return "the answer is cut off";
	if (error == ENOENT && is_kernel)
		return "the kernel has no tcp_diag; try: sudo modprobe tcp_diag";
	return strerror(error);
}

int sockdiag_each(sockdiag_fn *fn, void *arg)
{
	struct asking asking = { .fn = fn, .arg = arg };
	const char *path = getenv("TCPDIAG_FILE");
	bool is_kernel = !path || !*path;
	int error;

	error = is_kernel ? ask_kernel(&asking) : ask_file(&asking, path);
	if (!error)
		return STATUS_DONE;
	complain("cannot ask for the sockets%s%s: %s", is_kernel ? "" : " in ",
		 is_kernel ? "" : path, explain(error, is_kernel));
	return STATUS_FAILED;
}
