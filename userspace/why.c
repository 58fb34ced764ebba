// SPDX-License-Identifier: GPL-2.0
/*
 * Weighs what was measured and says what follows. Must not claim what was not
 * measured, and must know each source file that it names.
 */
#include "why.h"

#include <stdlib.h>
#include <string.h>

#include "advice.h"
#include "names.h"
#include "portuse.h"
#include "print.h"
#include "tally.h"
#include "tunable.h"

/* Connections that ended with a FIN, by who sent the first. */
struct closers {
	u64 here[2];		/* this host, by enum tcphs_side */
	u64 there;
	u64 both;		/* the FINs crossed */
	u64 reset;		/* no FIN was taken: nobody waits */
};

struct why {
	struct portuse *use;
	struct tally tally;
	struct closers closers;
	struct portuse_worst worst;
	bool has_sockets;	/* .worst */
	bool has_client;	/* a port of the range is held */
	bool json;
};

struct why *why_alloc(const struct filter *filter)
{
	struct why *why = tool_alloc(sizeof(*why));

	why->use = portuse_alloc(filter);
	return why;
}

void why_free(struct why *why)
{
	portuse_free(why->use);
	free(why);
}

/* Who closed. */

static void count_closer(struct closers *closers, unsigned int closer,
			 unsigned int local, bool is_reset)
{
	if (!local || closer == TCPHS_NOBODY)
		return;
	if (is_reset)
		closers->reset++;
	else if (closer == TCPHS_BOTH)
		closers->both++;
	else if (closer <= TCPHS_SERVER && local & 1U << closer)
		closers->here[closer]++;
	else
		closers->there++;
}

static unsigned int parse_name(const char *text,
			       const char *(*name)(unsigned int number),
			       unsigned int last, unsigned int otherwise)
{
	unsigned int i;

	for (i = 0; i <= last; i++)
		if (strcmp(text, name(i)) == 0)
			return i;
	return otherwise;
}

void why_row(void *arg, const struct row *row)
{
	struct why *why = arg;
	struct wait waits[2];
	unsigned int i;

	for (i = wait_of_row(waits, row); i > 0; i--)
		tally_add(&why->tally, &waits[i - 1]);
	portuse_row(why->use, row);
	count_closer(&why->closers,
		     parse_name(row->text[ROW_CLOSER], tcphs_side_name,
				TCPHS_BOTH, TCPHS_NOBODY),
		     parse_name(row->text[ROW_LOCAL], tcphs_local_name,
				TCPHS_LOCAL_CLIENT | TCPHS_LOCAL_SERVER, 0),
		     strcmp(row->text[ROW_CLOSE], "reset") == 0);
}

void why_record(void *arg, const struct tcphs_record *record)
{
	const struct tcphs_ev_connection *ev = &record->connection;
	struct why *why = arg;
	struct wait wait;

	if (wait_of_record(&wait, record))
		tally_add(&why->tally, &wait);
	if (record->type == TCPHS_EV_CONNECTION)
		count_closer(&why->closers, ev->closer, record->local,
			     ev->close == TCPHS_CLOSE_RESET ||
			     ev->close == TCPHS_CLOSE_REFUSED);
}

/* The sentences, by topic. */

#define SAY(why, topic, rfc, kernel, ...)				\
do {									\
	const struct advice_basis basis = { rfc, kernel };		\
	advice_print(topic, &basis, (why)->json, __VA_ARGS__);		\
} while (0)

static double share(u64 part, u64 all)
{
	return all ? 100.0 * (double)part / (double)all : 0;
}

static void say_closers(const struct why *why)
{
	const struct closers *closers = &why->closers;
	u64 here = closers->here[TCPHS_CLIENT] + closers->here[TCPHS_SERVER];
	u64 all = here + closers->there + closers->both;

	if (!all) {
		SAY(why, "who closes first", "RFC 9293 3.6",
		    "net/ipv4/tcp.c:tcp_close_state",
		    "Not measured: no connection of this host's that tcphs knows has been closed with a FIN.");
		return;
	}
	SAY(why, "who closes first", "RFC 9293 3.6",
	    "net/ipv4/tcp.c:tcp_close_state",
	    "Of %llu connections closed with a FIN, this host closed %llu first (%.1f%%): %llu as their client, %llu as their server; the peer %llu, both at once %llu.",
	    all, here, share(here, all), closers->here[TCPHS_CLIENT],
	    closers->here[TCPHS_SERVER], closers->there, closers->both);
	SAY(why, "who closes first", "RFC 9293 3.6.1, MUST-13",
	    "net/ipv4/tcp_input.c:tcp_fin",
	    "Who closes first waits: to spare this host TIME_WAIT, let the peer close first, or close less often by keeping connections open for more than one request.");
	if (closers->reset)
		SAY(why, "who closes first", "RFC 9293 3.10.7.4",
		    "net/ipv4/tcp_input.c:tcp_reset",
		    "Reset instead: %llu. Nobody waits after a RST, but what was still on its way is lost: to close so on purpose is no remedy.",
		    closers->reset);
}

static void say_length(const struct why *why)
{
	const struct tally *tally = &why->tally;
	char from[PRINT_SPAN], to[PRINT_SPAN];

	if (tally->held[TCPHS_SOURCE_OBSERVED])
		SAY(why, "how long", "RFC 9293 3.6.1",
		    "net/ipv4/inet_timewait_sock.c:tw_timer_handler",
		    "Observed from beginning to end: %llu, from %s to %s. Of all that ended %llu expired; reused: %llu, reset: %llu, killed: %llu.",
		    tally->held[TCPHS_SOURCE_OBSERVED],
		    print_span(from, tally->shortest_ns[TCPHS_SOURCE_OBSERVED], false),
		    print_span(to, tally->longest_ns[TCPHS_SOURCE_OBSERVED], false),
		    tally->ends[TCPHS_TW_EXPIRED], tally->ends[TCPHS_TW_REUSED],
		    tally->ends[TCPHS_TW_RESET], tally->ends[TCPHS_TW_KILLED]);
	SAY(why, "how long", "RFC 9293 3.4.2",
	    "include/net/tcp.h:TCP_TIMEWAIT_LEN, net/ipv4/tcp_minisocks.c:tcp_time_wait",
	    "TIME_WAIT is a constant of the kernel, 60 s, which no sysctl changes; the RFC's 2 MSL would be 4 minutes.");
	SAY(why, "how long", NULL, "kernel/time/timer.c:calc_index",
	    "The timer wheel adds up to its grain at that distance, 2.048 s with HZ=250 and 4.096 s with HZ=1000.");
	if (tally->restarts || tally->again)
		SAY(why, "how long", "RFC 9293 3.10.7.4",
		    "net/ipv4/tcp_minisocks.c:tcp_timewait_state_process",
		    "Begun again: %llu times, because a last ACK was lost or an old segment came late. That is what it waits for.",
		    tally->restarts ? tally->restarts : tally->again);
}

/* Bytes of a TIME_WAIT socket, of this kernel; 0: not to be read. */
static u64 read_slab(void)
{
	unsigned long long bytes = 0;
	char path[512], line[512];
	FILE *file = fopen(rows_path("slabinfo", path, sizeof(path)), "re");

	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "tw_sock_TCP %*u %*u %llu", &bytes) == 1)
			break;
	fclose(file);
	return bytes;
}

static void say_memory(const struct why *why)
{
	u64 bytes = read_slab();

	if (!why->has_sockets)
		return;
	if (bytes)
		SAY(why, "what it costs: memory", NULL,
		    "include/linux/tcp.h:tcp_timewait_sock, net/core/sock.c:tw_prot_init",
		    "In TIME_WAIT now: %llu. Each takes %llu bytes (slab tw_sock_TCP), %.1f KB in all, and neither a file descriptor nor a process.",
		    why->worst.sockets, bytes,
		    (double)(why->worst.sockets * bytes) / 1024);
	else
		SAY(why, "what it costs: memory", NULL,
		    "include/linux/tcp.h:tcp_timewait_sock, net/core/sock.c:tw_prot_init",
		    "In TIME_WAIT now: %llu. What each takes stands in /proc/slabinfo (tw_sock_TCP), which root may read.",
		    why->worst.sockets);
}

static void say_ports(const struct why *why)
{
	const struct portuse_worst *worst = &why->worst;
	char local[PRINT_ADDR], remote[PRINT_END];

	if (!why->has_sockets)
		return;
	if (!why->has_client) {
		SAY(why, "what it costs: ports", "RFC 9293 3.4.1",
		    "net/ipv4/inet_hashtables.c:__inet_hash_connect",
		    "No ephemeral port is held by a TIME_WAIT: no connect() is in want of one. A server's TIME_WAIT holds the port that it serves, toward one port of one peer.");
		return;
	}
	SAY(why, "what it costs: ports", "RFC 9293 3.4.1",
	    "net/ipv4/inet_hashtables.c:__inet_hash_connect",
	    "Worst: from %s to %s %llu of %llu ephemeral ports are in TIME_WAIT (%.1f%%), %llu are free; when none is, connect() fails with EADDRNOTAVAIL. --ports has all.",
	    print_addr(local, &worst->ends, 0), print_end(remote, &worst->ends, 1),
	    worst->time_wait, worst->ports,
	    share(worst->time_wait, worst->ports), worst->free);
}

static void say_delays(const struct why *why)
{
	const struct tally *tally = &why->tally;
	char span[PRINT_SPAN];

	if (!tally->delayed)
		return;
	SAY(why, "what it costs: delay", "RFC 9293 3.10.7.4, RFC 6191 2",
	    "net/ipv4/tcp_minisocks.c:tcp_timewait_state_process",
	    "SYNs answered late: %llu, by %s in all. An older connection held the port and answered the SYN with its own ACK; TIME_WAIT yields to a SYN at once if its timestamp or its number is newer.",
	    tally->delayed, print_span(span, tally->delay_ns, false));
}

static void say_reuse_value(const struct why *why, u64 reuse)
{
	static const char *const words[] = {
		"connect() takes no port in TIME_WAIT by itself",
		"connect() may take a port in TIME_WAIT when it finds it",
		"connect() may take a port in TIME_WAIT, over loopback alone",
	};

	SAY(why, "net.ipv4.tcp_tw_reuse", "RFC 7323 5.8",
	    "net/ipv4/tcp_ipv4.c:tcp_twsk_unique",
	    "It is %llu: %s. Where it may, the old connection must have had timestamps, the latest in an earlier second, so that PAWS tells old segments from new.",
	    reuse, reuse < ARRAY_SIZE(words) ? words[reuse] : "not a value that is known here");
	if (reuse != 1 && why->has_client)
		SAY(why, "net.ipv4.tcp_tw_reuse", "RFC 7323 5.8, RFC 9293 3.10.7.4",
		    "net/ipv4/tcp_ipv4.c:tcp_twsk_unique",
		    "1 would let connect() take such ports from TIME_WAIT. Where the peer is still in LAST_ACK, because the last ACK was lost, it answers the SYN by an ACK, and the SYN has to come again.");
	if (!why->has_client)
		SAY(why, "net.ipv4.tcp_tw_reuse", NULL,
		    "net/ipv4/inet_hashtables.c:__inet_hash_connect",
		    "Another value would change nothing now: no ephemeral port is held, and it does nothing for the TIME_WAITs of a server.");
}

static void say_reuse(const struct why *why)
{
	u64 reuse, delay;

	if (!tunable_read("tcp_tw_reuse", &reuse))
		return;
	say_reuse_value(why, reuse);
	if (tunable_read("tcp_tw_reuse_delay", &delay))
		SAY(why, "net.ipv4.tcp_tw_reuse", "RFC 7323 5.4",
		    "net/ipv4/tcp_ipv4.c:tcp_twsk_unique",
		    "How long ago that must be is tcp_tw_reuse_delay: %llu ms here; never less than a tick of the peer's timestamps.",
		    delay);
	SAY(why, "net.ipv4.tcp_tw_reuse", "RFC 7323 5.8",
	    "net/ipv4/inet_hashtables.c:__inet_hash_connect, net/ipv4/tcp_ipv4.c:tcp_twsk_unique",
	    "A program that chooses its port by bind() before connect() (SO_REUSEADDR on both sockets) takes it over whatever tcp_tw_reuse says, if the old connection had timestamps.");
}

static void say_timestamps(const struct why *why)
{
	u64 timestamps;

	if (!tunable_read("tcp_timestamps", &timestamps))
		return;
	if (timestamps)
		SAY(why, "net.ipv4.tcp_timestamps", "RFC 7323 5.8, RFC 6191 2",
		    "net/ipv4/tcp_minisocks.c:tcp_timewait_state_process",
		    "It is %llu, leave it so: with timestamps a TIME_WAIT tells a new SYN from an old one, and yields to it at once.",
		    timestamps);
	else
		SAY(why, "net.ipv4.tcp_timestamps", "RFC 7323 5.8, RFC 6191 2",
		    "net/ipv4/tcp_minisocks.c:tcp_timewait_state_process",
		    "It is 0: no port in TIME_WAIT can be taken by connect(), and a peer's new SYN is taken only if its number is higher. 1 mends both.");
}

static void say_buckets(const struct why *why)
{
	u64 buckets, never = why->tally.ends[TCPHS_TW_NEVER];

	if (!tunable_read("tcp_max_tw_buckets", &buckets))
		return;
	if (never)
		SAY(why, "net.ipv4.tcp_max_tw_buckets", "RFC 1337 2",
		    "net/ipv4/inet_timewait_sock.c:inet_twsk_alloc",
		    "Connections that were never held in TIME_WAIT, because %2$llu were already: %1$llu. Nothing protected their successors from old segments, and a FIN that came again was answered by a RST. Raise it.",
		    never, buckets);
	SAY(why, "net.ipv4.tcp_max_tw_buckets", "RFC 9293 3.6.1, MUST-13",
	    "net/ipv4/inet_timewait_sock.c:inet_twsk_alloc, net/ipv4/tcp_minisocks.c:tcp_time_wait",
	    "It is %llu. It bounds memory and nothing else: beyond it sockets are closed at once, without TIME_WAIT. To lower it frees ports by giving up what TIME_WAIT is for: do not.",
	    buckets);
}

static void say_fin_timeout(const struct why *why)
{
	const struct tally *tally = &why->tally;
	u64 seconds;

	if (!tunable_read("tcp_fin_timeout", &seconds))
		return;
	SAY(why, "net.ipv4.tcp_fin_timeout", "RFC 9293 3.6.1",
	    "net/ipv4/tcp.c:__tcp_close, include/net/tcp.h:tcp_fin_time",
	    "It is %llu s and does not set TIME_WAIT: it bounds how long FIN_WAIT2 waits for the peer's FIN when the process has gone (%llu now, %llu have ended).",
	    seconds, tally->orphans_now, tally->orphans_ended);
}

static void say_rfc1337(const struct why *why)
{
	u64 value, reset = why->tally.ends[TCPHS_TW_RESET];

	if (!tunable_read("tcp_rfc1337", &value))
		return;
	if (value)
		SAY(why, "net.ipv4.tcp_rfc1337", "RFC 1337 2, 3",
		    "net/ipv4/tcp_minisocks.c:tcp_timewait_state_process",
		    "It is %llu: a RST does not end TIME_WAIT, so that none is assassinated (reset: %llu).",
		    value, reset);
	else
		SAY(why, "net.ipv4.tcp_rfc1337", "RFC 1337 2, 3",
		    "net/ipv4/tcp_minisocks.c:tcp_timewait_state_process",
		    "It is 0: a RST at the exact number ends TIME_WAIT early (reset: %llu); 1 ignores it, which is the RFC's own remedy.",
		    reset);
}

static void say_range(const struct why *why)
{
	struct tunable_ports ports;

	if (!why->has_client || !tunable_read_ports(&ports))
		return;
	SAY(why, "net.ipv4.ip_local_port_range", "RFC 6056 3.2",
	    "net/ipv4/inet_connection_sock.c:inet_sk_get_local_port_range",
	    "It is %u to %u, %u ports without those reserved. 1024 to 65535 are the most there can be; put the ports that services will bind to into ip_local_reserved_ports first.",
	    ports.low, ports.high, ports.usable);
	SAY(why, "net.ipv4.ip_local_port_range", "RFC 9293 3.4.1",
	    "net/ipv4/inet_hashtables.c:__inet_hash_connect",
	    "The range counts anew for each (local address, remote address, remote port): one more address or port on either side is as many ports again.");
}

static void say_recycle(const struct why *why)
{
	SAY(why, "net.ipv4.tcp_tw_recycle", "RFC 7323 B.2",
	    "net/ipv4/tcp_ipv4.c (removed by commit 4396e46187ca)",
	    "It is gone since Linux 4.12, and nothing takes its place: it took the timestamps of all hosts behind one address for one clock, and dropped the SYNs of most.");
}

int why_print(struct why *why, bool has_rows, bool json)
{
	int status = portuse_ask(why->use, has_rows);

	why->json = json;
	why->has_sockets = status == STATUS_DONE;
	if (why->has_sockets)
		why->has_client = portuse_worst(why->use, &why->worst);
	say_closers(why);
	say_length(why);
	say_memory(why);
	say_ports(why);
	say_delays(why);
	say_reuse(why);
	say_timestamps(why);
	say_buckets(why);
	say_fin_timeout(why);
	say_rfc1337(why);
	say_range(why);
	say_recycle(why);
	return status;
}
