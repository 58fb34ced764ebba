// SPDX-License-Identifier: GPL-2.0
/*
 * The words of a script: what one end does, or waits for. Each returns at
 * once; none sleeps. An end that is gone has done whatever is asked of it: in
 * lossy places a script runs on to its end as well as it can.
 */
#include <err.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "traffic.h"

/* Its packets are dropped on their way, by the rules of the scenario. */
#define TOS_LOST	0xb8

#define SMALL_BYTES	2048
#define FILL_BYTES	65536

static bool wait_for(struct conn *conn, int fd, short events)
{
	conn->wait_fd = fd;
	conn->wait_events = events;
	return false;
}

static bool look_again(struct conn *conn)
{
	return wait_for(conn, -1, 0);
}

static void set(int fd, int level, int option, int value)
{
	if (setsockopt(fd, level, option, &value, sizeof(value)) < 0 &&
	    errno != EINVAL)
		err(1, "setsockopt %d %d", level, option);
}

static struct tcp_info get_info(const struct end *end)
{
	struct tcp_info info = { 0 };
	socklen_t size = sizeof(info);

	if (getsockopt(end->fd, IPPROTO_TCP, TCP_INFO, &info, &size) < 0)
		err(1, "TCP_INFO");
	return info;
}

static bool is_open(const struct end *end)
{
	return end->fd >= 0;
}

/* ---- options: of a socket that is there, or of the one to be made ---- */

static void apply(const struct end *self)
{
	if (!is_open(self))
		return;
	net_set_tos(self->fd, self->tos);
	if (self->impatience_ms)
		set(self->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, self->impatience_ms);
	if (self->small)
		set(self->fd, SOL_SOCKET, SO_SNDBUF, self->small);
}

static bool lost(struct conn *conn, struct end *self, struct end *peer)
{
	(void)conn;
	(void)peer;
	self->tos = TOS_LOST;
	apply(self);
	return true;
}

static bool found(struct conn *conn, struct end *self, struct end *peer)
{
	(void)conn;
	(void)peer;
	self->tos = 0;
	apply(self);
	return true;
}

/* Its segments do not leave the host; the first has come as far as that. */
static bool hold(struct conn *conn, struct end *self, struct end *peer)
{
	(void)conn;
	(void)peer;
	if (is_open(self))
		net_set_held(self->fd, true);
	return true;
}

static bool held(struct conn *conn, struct end *self, struct end *peer)
{
	(void)self;
	(void)peer;
	if (conn->failed || hold_has(conn->port))
		return true;
	return look_again(conn);
}

static bool release(struct conn *conn, struct end *self, struct end *peer)
{
	(void)peer;
	if (is_open(self))
		net_set_held(self->fd, false);
	hold_release(conn->port);
	return true;
}

static bool hurry(struct conn *conn, struct end *self, struct end *peer)
{
	(void)conn;
	(void)peer;
	self->impatience_ms = 700;
	apply(self);
	return true;
}

static bool make_small(struct conn *conn, struct end *self, struct end *peer)
{
	(void)conn;
	(void)peer;
	self->small = SMALL_BYTES;
	apply(self);
	return true;
}

static bool beat(struct conn *conn, struct end *self, struct end *peer)
{
	(void)conn;
	(void)peer;
	if (!is_open(self))
		return true;
	set(self->fd, IPPROTO_TCP, TCP_KEEPIDLE, 1);
	set(self->fd, IPPROTO_TCP, TCP_KEEPINTVL, 1);
	set(self->fd, IPPROTO_TCP, TCP_KEEPCNT, 2);
	set(self->fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	return true;
}

/* The socket takes nothing that has come to its door. */
static bool deaf(struct conn *conn, struct end *self, struct end *peer)
{
	struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = { .len = 1, .filter = &nothing };

	(void)conn;
	(void)peer;
	if (is_open(self) &&
	    setsockopt(self->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
		       sizeof(program)) < 0)
		err(1, "SO_ATTACH_FILTER");
	return true;
}

static bool hear(struct conn *conn, struct end *self, struct end *peer)
{
	int unused = 0;

	(void)conn;
	(void)peer;
	if (is_open(self))
		setsockopt(self->fd, SOL_SOCKET, SO_DETACH_FILTER, &unused,
			   sizeof(unused));
	return true;
}

/* ---- opening ---- */

static bool dial(struct conn *conn, struct end *self, struct end *peer)
{
	struct sockaddr_storage to;
	socklen_t size = net_target(conn, &to);

	(void)peer;
	self->fd = net_bind_client(conn);
	apply(self);
	if (connect(self->fd, (struct sockaddr *)&to, size) < 0 &&
	    errno != EINPROGRESS)
		conn->failed = true;
	return true;
}

/* Fast Open: data, and the SYN that takes them along if it may. */
static bool call(struct conn *conn, struct end *self, struct end *peer)
{
	static const char data[400];
	struct sockaddr_storage to;
	socklen_t size = net_target(conn, &to);
	ssize_t sent;

	(void)peer;
	self->fd = net_bind_client(conn);
	apply(self);
	if (conn->door == DOOR_EARLY)
		set(self->fd, IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE, 1);
	sent = sendto(self->fd, data, sizeof(data), MSG_FASTOPEN | MSG_NOSIGNAL,
		      (struct sockaddr *)&to, size);
	if (sent > 0)
		self->sent += (uint32_t)sent;
	else if (errno != EINPROGRESS)
		conn->failed = true;
	return true;
}

static bool up(struct conn *conn, struct end *self, struct end *peer)
{
	struct pollfd entry = { .fd = self->fd, .events = POLLOUT };

	(void)peer;
	if (!is_open(self) || conn->failed)
		return true;
	if (poll(&entry, 1, 0) != 1)
		return wait_for(conn, self->fd, POLLOUT);
	conn->failed = entry.revents & POLLERR;
	return true;
}

/* The server's end was accepted, or never will be. */
static bool met(struct conn *conn, struct end *self, struct end *peer)
{
	struct pollfd entry = { .fd = peer->fd, .events = 0 };

	if (is_open(self) || self->over || conn->failed)
		return true;
	if (is_open(peer) && poll(&entry, 1, 0) == 1 && entry.revents & POLLERR)
		return true;
	return look_again(conn);
}

/* ---- data ---- */

static bool send_some(struct conn *conn, struct end *self, struct end *peer)
{
	static const char data[2048];
	size_t len = 1 + (conn->random >> 8) % sizeof(data);
	ssize_t sent;

	(void)peer;
	if (!is_open(self))
		return true;
	sent = send(self->fd, data, len, MSG_NOSIGNAL);
	if (sent < 0 && errno == EAGAIN)
		return wait_for(conn, self->fd, POLLOUT);
	if (sent > 0)
		self->sent += (uint32_t)sent;
	return true;
}

static bool urge(struct conn *conn, struct end *self, struct end *peer)
{
	(void)conn;
	(void)peer;
	if (is_open(self) && send(self->fd, "!", 1, MSG_OOB | MSG_NOSIGNAL) == 1)
		self->sent++;
	return true;
}

/* Takes what is there; returns what recv() said last. */
static ssize_t drain(struct end *self)
{
	char data[16384];
	ssize_t got;

	while ((got = recv(self->fd, data, sizeof(data), 0)) > 0)
		self->got += (uint32_t)got;
	return got < 0 && errno == EAGAIN ? 1 : got;
}

/* Until it has all that the peer has sent so far. */
static bool take(struct conn *conn, struct end *self, struct end *peer)
{
	if (!is_open(self) || drain(self) <= 0 || self->got >= peer->sent)
		return true;
	return wait_for(conn, self->fd, POLLIN);
}

static bool eof(struct conn *conn, struct end *self, struct end *peer)
{
	(void)peer;
	if (!is_open(self) || drain(self) <= 0)
		return true;
	return wait_for(conn, self->fd, POLLIN);
}

/* Data has come and is left unread. */
static bool poke(struct conn *conn, struct end *self, struct end *peer)
{
	struct pollfd entry = { .fd = self->fd, .events = POLLIN };

	(void)peer;
	if (!is_open(self) || poll(&entry, 1, 0) == 1)
		return true;
	return wait_for(conn, self->fd, POLLIN);
}

/* The peer's FIN has come, whatever is unread before it. */
static bool seen(struct conn *conn, struct end *self, struct end *peer)
{
	struct pollfd entry = { .fd = self->fd, .events = POLLRDHUP };

	(void)peer;
	if (!is_open(self) || poll(&entry, 1, 0) == 1)
		return true;
	return wait_for(conn, self->fd, POLLRDHUP);
}

/* It was told that the connection is broken. */
static bool down(struct conn *conn, struct end *self, struct end *peer)
{
	struct pollfd entry = { .fd = self->fd, .events = 0 };

	(void)peer;
	if (!is_open(self) || poll(&entry, 1, 0) == 1)
		return true;
	return wait_for(conn, self->fd, POLLERR);
}

static bool fill(struct conn *conn, struct end *self, struct end *peer)
{
	static const char data[1024];
	ssize_t sent = 0;

	(void)conn;
	(void)peer;
	if (!is_open(self))
		return true;
	while (self->sent < FILL_BYTES &&
	       (sent = send(self->fd, data, sizeof(data), MSG_NOSIGNAL)) > 0)
		self->sent += (uint32_t)sent;
	return true;
}

/* ---- what its TCP has done meanwhile ---- */

/* It has data that the peer's window does not let it send. */
static bool stalled(struct conn *conn, struct end *self, struct end *peer)
{
	struct tcp_info info;

	(void)peer;
	if (!is_open(self))
		return true;
	info = get_info(self);
	if (info.tcpi_state == BPF_TCP_CLOSE || info.tcpi_probes ||
	    (info.tcpi_unacked == 0 && info.tcpi_notsent_bytes))
		return true;
	fill(conn, self, peer);
	return look_again(conn);
}

/* Its FIN is acknowledged. */
static bool acked(struct conn *conn, struct end *self, struct end *peer)
{
	(void)peer;
	if (!is_open(self))
		return true;
	switch (get_info(self).tcpi_state) {
	case BPF_TCP_FIN_WAIT1:
	case BPF_TCP_CLOSING:
	case BPF_TCP_LAST_ACK:
		return look_again(conn);
	default:
		return true;
	}
}

static bool grows(struct conn *conn, struct end *self, uint32_t now, uint32_t by)
{
	if (!self->marked)
		self->mark = now;
	self->marked = now - self->mark < by;
	return self->marked ? look_again(conn) : true;
}

/* It has repeated something. */
static bool again(struct conn *conn, struct end *self, struct end *peer)
{
	struct tcp_info info;

	(void)peer;
	if (!is_open(self))
		return true;
	info = get_info(self);
	if (info.tcpi_state == BPF_TCP_CLOSE)
		return true;
	return grows(conn, self, info.tcpi_total_retrans, 1);
}

/* It has sent a keep-alive in its silence. */
static bool probed(struct conn *conn, struct end *self, struct end *peer)
{
	struct tcp_info info;

	(void)peer;
	if (!is_open(self))
		return true;
	info = get_info(self);
	if (info.tcpi_state == BPF_TCP_CLOSE)
		return true;
	return grows(conn, self, info.tcpi_segs_out, 2);
}

/* Nothing is left of it, neither socket nor what stands for it. */
static bool gone(struct conn *conn, struct end *self, struct end *peer)
{
	(void)peer;
	if (is_open(self) ||
	    net_has_socket(conn, (unsigned int)(self - conn->end)))
		return look_again(conn);
	return true;
}

/* ---- closing ---- */

static bool fin(struct conn *conn, struct end *self, struct end *peer)
{
	(void)conn;
	(void)peer;
	if (is_open(self))
		shutdown(self->fd, SHUT_WR);
	return true;
}

static bool close_end(struct conn *conn, struct end *self, struct end *peer)
{
	(void)conn;
	(void)peer;
	if (is_open(self))
		close(self->fd);
	self->fd = -1;
	self->over = true;
	return true;
}

static bool abort_end(struct conn *conn, struct end *self, struct end *peer)
{
	struct linger now = { .l_onoff = 1 };

	if (is_open(self))
		setsockopt(self->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	return close_end(conn, self, peer);
}

static bool kill_end(struct conn *conn, struct end *self, struct end *peer)
{
	(void)peer;
	if (is_open(self))
		net_kill(conn, (unsigned int)(self - conn->end));
	return true;
}

static const struct {
	const char *name;
	word_fn *word;
} words[] = {
	{ "lost", lost }, { "found", found }, { "hurry", hurry },
	{ "tiny", make_small }, { "beat", beat }, { "deaf", deaf }, { "hear", hear },
	{ "hold", hold }, { "held", held }, { "free", release },
	{ "dial", dial }, { "call", call }, { "up", up }, { "met", met },
	{ "send", send_some }, { "urge", urge }, { "take", take },
	{ "eof", eof }, { "poke", poke }, { "seen", seen }, { "down", down },
	{ "fill", fill }, { "stalled", stalled }, { "acked", acked },
	{ "again", again }, { "probed", probed }, { "gone", gone },
	{ "fin", fin }, { "close", close_end }, { "abort", abort_end },
	{ "kill", kill_end },
};

word_fn *word_find(const char *name)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(words[i].name, name))
			return words[i].word;
	return NULL;
}
