// SPDX-License-Identifier: GPL-2.0
/*
 * Follows the host's own TIME_WAIT sockets, by what the probes tell and by looks
 * at the sockets. Holds none of them, changes nothing of theirs, and looks at
 * none for a packet.
 */
#include "timewait.h"

#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/percpu.h>
#include <net/inet_timewait_sock.h>
#include <net/tcp.h>

#include "compat.h"
#include "socket.h"
#include "waits.h"

/*
 * SLACK: how long a probe's word is awaited. HELD: a SYN's own packet takes
 * TIME_WAIT's place, or none does.
 */
#define SLACK_NS	NSEC_PER_SEC
#define HELD_NS		(10 * NSEC_PER_MSEC)

/* A SYN at the door of a socket in TIME_WAIT, which may give way to it. */
struct held_syn {
	u64 id;
	u64 ns;
	struct tcphs_seg seg;
	struct tcphs_tuple tuple;
	struct tcphs_sight sight;
};

DEFINE_PER_CPU(const struct tcphs_conn *, tcphs_timewait_held);
static DEFINE_PER_CPU(struct held_syn, held_syns);
static bool has_probes;		/* all of them; do they tell? that is searched for else */

/**
 * tcphs_timewait_is_probed() - whether ends are told by probes, not by looks
 *
 * As far as is known: a look that finds what a probe should have told knows
 * better. Context: any.
 */
bool tcphs_timewait_is_probed(void)
{
	return !tcphs_waits_searches();
}

/**
 * tcphs_timewait_set_probes() - whether probes can be expected to tell
 * @are_there: all were registered; or they are about to go
 *
 * Context: any.
 */
void tcphs_timewait_set_probes(bool are_there)
{
	WRITE_ONCE(has_probes, are_there);
	tcphs_waits_search(!are_there);
}

static bool is_waiting(const struct tcphs_end *end)
{
	return end->state == TCPHS_TIME_WAIT;
}

static bool is_seen(const struct tcphs_end *end)
{
	return end->bits & (is_waiting(end) ? TCPHS_END_TW_SEEN :
					      TCPHS_END_ORPHAN);
}

/*
 * Whether a small socket is to be expected in the next round. A process that
 * leaves FIN_WAIT2 has mostly closed both ways at once; for those that take
 * longer, look.c's pace will do.
 */
static bool may_be_small(const struct tcphs_end *end, u64 now_ns)
{
	if (end->state == TCPHS_FIN_WAIT2)
		return !tcphs_timewait_is_probed() &&
		       now_ns < end->since_ns + SLACK_NS;
	return is_waiting(end);
}

/* When to look at this end's socket: TCPHS_NS_NONE for never. */
static u64 find_due(const struct tcphs_flow *flow, unsigned int side, u64 now_ns)
{
	const struct tcphs_end *end = &flow->end[side];
	u64 until_ns = tcphs_flow_rest(flow)->tw_until_ns[side];

	if (!is_seen(end))
		return may_be_small(end, now_ns) ? now_ns + NSEC_PER_MSEC :
						   TCPHS_NS_NONE;
	until_ns += tcphs_timewait_is_probed() ? SLACK_NS : TICK_NSEC;
	return max_t(u64, until_ns, now_ns + NSEC_PER_MSEC);
}

static void plan(struct tcphs_conn *conn, u64 now_ns)
{
	u64 due_ns = TCPHS_NS_NONE;
	unsigned int side;

	tcphs_conn_assert_locked(conn);
	for (side = TCPHS_CLIENT; side <= TCPHS_SERVER; side++)
		if (tcphs_conn_asked(conn) & 1U << side)
			due_ns = min(due_ns, find_due(&conn->flow, side, now_ns));
	if (due_ns == TCPHS_NS_NONE)
		tcphs_waits_forget(conn);
	else if (tcphs_conn_identity(conn))
		tcphs_waits_place(conn, due_ns);
}

/* Came to the state in this step. */
static bool has_come(const struct tcphs_end *end, unsigned int state, u64 now_ns)
{
	return end->state == state && end->since_ns == now_ns;
}

/**
 * tcphs_timewait_follow() - tcphs_timewait_stepped(), of ends that may wait
 * @conn: locked, with a rest; a segment stepped its flow
 * @now_ns: the step's time
 *
 * Where no probe tells, a look is due at once if a segment may have ended
 * TIME_WAIT, and soon if a process may have left its FIN_WAIT2.
 */
void tcphs_timewait_follow(struct tcphs_conn *conn, u64 now_ns)
{
	const struct tcphs_rest *rest = conn->flow.rest;
	const struct tcphs_end *end = conn->flow.end;

	tcphs_conn_assert_locked(conn);
	if (has_come(&end[0], TCPHS_TIME_WAIT, now_ns) ||
	    has_come(&end[1], TCPHS_TIME_WAIT, now_ns))
		plan(conn, now_ns);
	else if (tcphs_timewait_is_probed())
		return;
	else if ((rest->tw_note[0] && rest->tw_note_ns[0] == now_ns) ||
		 (rest->tw_note[1] && rest->tw_note_ns[1] == now_ns))
		tcphs_waits_place(conn, now_ns);
	else if (has_come(&end[0], TCPHS_FIN_WAIT2, now_ns) ||
		 has_come(&end[1], TCPHS_FIN_WAIT2, now_ns))
		plan(conn, now_ns);
}

/**
 * tcphs_timewait_settle() - end a TIME_WAIT that a RST must have ended
 * @conn: locked
 * @from: side that sends a SYN
 * @step: the time, and where events go
 *
 * Before a look has missed its socket, the SYN has to know. What a RST does is no
 * secret; yet that it was seen to cannot be said.
 */
void tcphs_timewait_settle(struct tcphs_conn *conn, unsigned int from,
			   struct tcphs_step *step)
{
	struct tcphs_flow *flow = &conn->flow;
	unsigned int to = !from;
	struct tcphs_tw_gone gone = {
		.end = TCPHS_TW_RESET,
		.cause = TCPHS_TW_BY_RST,
		.when_ns = tcphs_flow_rest(flow)->tw_note_ns[to],
		.error_ns = TCPHS_NS_NONE,
	};

	tcphs_conn_assert_locked(conn);
	if (!tcphs_timewait_is_probed() && tcphs_flow_waits_for(flow, from) &&
	    flow->rest->tw_note[to] == TCPHS_TW_BY_RST)
		tcphs_flow_disarmed(flow, to, &gone, step);
}

/**
 * tcphs_timewait_hold() - let a socket in TIME_WAIT decide on a SYN
 * @conn: locked; tcphs_flow_succeeds() says that the SYN opens another
 * @from: side that sent it
 * @sight: the SYN
 * @now_ns: the time
 *
 * Return: true if the probes will tell whether that socket gives way to it:
 * the caller leaves the connection as it is.
 */
bool tcphs_timewait_hold(struct tcphs_conn *conn, unsigned int from,
			 const struct tcphs_sight *sight, u64 now_ns)
{
	struct held_syn *held;

	tcphs_conn_assert_locked(conn);
	if (!tcphs_timewait_is_probed() || sight->pass == TCPHS_PASS_OUT ||
	    !tcphs_flow_waits_for(&conn->flow, from))
		return false;
	held = this_cpu_ptr(&held_syns);
	this_cpu_write(tcphs_timewait_held, conn);
	held->id = conn->flow.id;
	held->ns = now_ns;
	held->seg = *sight->seg;
	held->sight = *sight;
	held->sight.seg = &held->seg;
	held->tuple = *sight->tuple;
	held->sight.tuple = &held->tuple;
	held->sight.sk = NULL;
	held->sight.is_held = true;
	return true;
}

/**
 * tcphs_timewait_release() - the SYN that this CPU holds for a connection
 * @conn: locked
 * @now_ns: the time
 *
 * TCP decides on it before anything else of the connection happens on this CPU.
 * Return: NULL if there is none; else it is the caller's until the next is held.
 */
const struct tcphs_sight *tcphs_timewait_release(const struct tcphs_conn *conn,
						 u64 now_ns)
{
	struct held_syn *held = this_cpu_ptr(&held_syns);

	tcphs_conn_assert_locked(conn);
	if (!tcphs_timewait_holds(conn))
		return NULL;
	this_cpu_write(tcphs_timewait_held, NULL);
	if (held->id != conn->flow.id || now_ns - held->ns > HELD_NS)
		return NULL;
	return &held->sight;
}

/*
 * The timer wheel's grain at that distance, in jiffies: kernel/time/timer.c has
 * 64 buckets in a level, each level's grain being 8 times that of the one before.
 */
static unsigned long find_grain(unsigned long distance)
{
	unsigned long grain = 1;

	while (distance >= 63 * grain)
		grain *= 8;
	return grain;
}

/*
 * When a timer of @expires, armed for @timeout, will run out: its bucket's time
 * is a multiple of the grain, and later than @expires.
 */
static u64 run_out_ns(unsigned long expires, unsigned long timeout, u64 now_ns)
{
	unsigned long grain = find_grain(timeout);
	unsigned long at = (expires / grain + 1) * grain;
	unsigned long now = jiffies;

	return time_after(at, now) ? now_ns + (u64)(at - now) * TICK_NSEC : now_ns;
}

static void fill_tuple(struct tcphs_tuple *tuple,
		       const struct inet_timewait_sock *tw)
{
	const struct sock *sk = (const struct sock *)tw;

	memset(tuple, 0, sizeof(*tuple));
	tuple->port[0] = tw->tw_num;
	tuple->port[1] = ntohs(tw->tw_dport);
	if (tw->tw_family == AF_INET6 &&
	    !ipv6_addr_v4mapped(tcphs_there_v6(sk))) {
		tuple->family = 6;
		memcpy(tuple->addr[0], tcphs_here_v6(sk), sizeof(tuple->addr[0]));
		memcpy(tuple->addr[1], tcphs_there_v6(sk), sizeof(tuple->addr[1]));
		return;
	}
	tuple->family = 4;
	tuple->addr[0][0] = (__force u32)tw->tw_rcv_saddr;
	tuple->addr[1][0] = (__force u32)tw->tw_daddr;
}

/* Something was heard of a small socket: what a look found before is void. */
static void note_word(struct tcphs_conn *conn)
{
	struct tcphs_identity *identity = tcphs_conn_identity(conn);

	tcphs_conn_assert_locked(conn);
	if (identity)
		identity->words++;
}

/* A small socket's timer was set. */
static void note_armed(struct tcphs_conn *conn, unsigned int side,
		       const struct tcphs_socket *socket, unsigned long timeout,
		       u64 when_ns, struct tcphs_step *step)
{
	struct tcphs_identity *identity = tcphs_conn_identity(conn);

	if (identity)
		identity->expires[side] = (u32)socket->expires;
	note_word(conn);
	step->watched = tcphs_conn_asked(conn);
	tcphs_flow_armed(&conn->flow, side, socket->state, when_ns,
			 run_out_ns(socket->expires, timeout, step->now_ns), step);
}

/**
 * tcphs_timewait_armed() - a probe's word: a small socket's timer is being set
 * @table: of its namespace
 * @tw: the socket
 * @timeout: jiffies
 *
 * Context: softirqs off, any locks of TCP's held.
 */
void tcphs_timewait_armed(struct tcphs_table *table,
			  const struct inet_timewait_sock *tw, int timeout)
{
	struct tcphs_socket socket = {
		.state = READ_ONCE(tw->tw_substate),
		.expires = jiffies + timeout,
	};
	struct tcphs_section section;
	struct tcphs_bucket *bucket;
	struct tcphs_tuple tuple;
	struct tcphs_conn *conn;
	unsigned int side;
	u32 hash;

	if (READ_ONCE(has_probes) && !tcphs_timewait_is_probed())
		tcphs_waits_search(false);
	fill_tuple(&tuple, tw);
	rcu_read_lock();
	hash = tcphs_conn_hash(table, &tuple);
	bucket = tcphs_conn_bucket(hash);
	if (!tcphs_bucket_may_have(bucket, hash))
		goto out;
	tcphs_ring_begin_inside(&section, table->stream,
				tcphs_table_time_wait_ns(table));
	raw_spin_lock(&bucket->lock);
	conn = tcphs_bucket_find(bucket, table, hash, &tuple, &side);
	if (conn) {
		tcphs_conn_sign(conn, &section);
		note_armed(conn, side, &socket, timeout, section.step.now_ns,
			   &section.step);
		plan(conn, section.step.now_ns);
	}
	raw_spin_unlock(&bucket->lock);
	tcphs_ring_end(&section);
out:
	rcu_read_unlock();
}

/**
 * tcphs_timewait_ended() - a probe's word: a small socket is going
 * @table: of its namespace
 * @tw: the socket
 * @end: enum tcphs_tw_end, and
 * @cause: enum tcphs_tw_cause, unless a segment in hand says more
 *
 * Context: as tcphs_timewait_armed(). Return: a SYN that has waited for it, to
 * be taken now by tcphs_table_resume(), or NULL.
 */
const struct tcphs_sight *
tcphs_timewait_ended(struct tcphs_table *table,
		     const struct inet_timewait_sock *tw, unsigned int end,
		     unsigned int cause)
{
	struct tcphs_tw_gone gone = { .end = (u8)end, .cause = (u8)cause };
	const struct tcphs_sight *held = NULL;
	struct tcphs_section section;
	struct tcphs_bucket *bucket;
	struct tcphs_tuple tuple;
	struct tcphs_conn *conn;
	unsigned int side;
	u32 hash;

	fill_tuple(&tuple, tw);
	rcu_read_lock();
	hash = tcphs_conn_hash(table, &tuple);
	bucket = tcphs_conn_bucket(hash);
	if (!tcphs_bucket_may_have(bucket, hash))
		goto out;
	tcphs_ring_begin_inside(&section, table->stream,
				tcphs_table_time_wait_ns(table));
	raw_spin_lock(&bucket->lock);
	conn = tcphs_bucket_find(bucket, table, hash, &tuple, &side);
	if (conn) {
		tcphs_conn_sign(conn, &section);
		if (end == TCPHS_TW_REUSED)
			held = tcphs_timewait_release(conn, section.step.now_ns);
		if (held)
			gone.cause = TCPHS_TW_BY_SYN;
		note_word(conn);
		gone.when_ns = section.step.now_ns;
		tcphs_flow_disarmed(&conn->flow, side, &gone, &section.step);
		plan(conn, section.step.now_ns);
	}
	raw_spin_unlock(&bucket->lock);
	tcphs_ring_end(&section);
out:
	rcu_read_unlock();
	return held;
}

/*
 * Whether its timer is the one that was known. A probe reads the clock a moment
 * before the timer is set.
 */
static bool is_known(const struct tcphs_conn *conn, unsigned int side,
		     const struct tcphs_socket *socket)
{
	const struct tcphs_identity *identity = tcphs_conn_identity(conn);
	s32 later = (u32)socket->expires - identity->expires[side];

	return is_seen(&conn->flow.end[side]) && later >= 0 && later <= HZ / 10;
}

/*
 * The look has found the small socket waiting. What is known of its timer is
 * reckoned anew: jiffies stand still while the host is suspended.
 */
static void take_sight(struct tcphs_conn *conn, unsigned int side,
		       const struct tcphs_socket *socket, struct tcphs_step *step)
{
	struct tcphs_identity *identity = tcphs_conn_identity(conn);
	const struct tcphs_end *end = &conn->flow.end[side];
	unsigned long timeout = TCP_TIMEWAIT_LEN;
	u64 when_ns = end->since_ns;

	if (socket->state != end->state)
		return;			/* its FIN has passed us, not TCP */
	if (socket->state == TCPHS_FIN_WAIT2) {
		timeout = max_t(long, socket->expires - jiffies, 0);
		when_ns = step->now_ns;
	}
	identity->visited_ns = step->now_ns;
	identity->missed &= ~(1U << side);
	if (is_known(conn, side, socket)) {
		identity->expires[side] = (u32)socket->expires;
		identity->rest.tw_until_ns[side] =
			run_out_ns(socket->expires, timeout, step->now_ns);
		return;
	}
	tcphs_waits_search(true);	/* a probe would have told */
	note_armed(conn, side, socket, timeout, when_ns, step);
}

/*
 * How one that was seen has ended since the look before; not before its timer ran
 * out, if that was in between.
 */
static void find_end(const struct tcphs_conn *conn, unsigned int side,
		     const struct tcphs_socket *socket, u64 now_ns,
		     struct tcphs_tw_gone *gone)
{
	const struct tcphs_identity *identity = tcphs_conn_identity(conn);
	u64 before_ns = max(identity->visited_ns, conn->flow.end[side].since_ns);
	u64 until_ns = identity->rest.tw_until_ns[side];

	gone->when_ns = now_ns;
	gone->error_ns = now_ns - before_ns;
	if (socket->state != TCPHS_CLOSE) {
		gone->end = TCPHS_TW_REUSED;
		gone->cause = TCPHS_TW_BY_CONNECT;
	} else if (until_ns > now_ns + TICK_NSEC) {	/* it is known to the jiffy */
		gone->end = TCPHS_TW_KILLED;
		gone->cause = TCPHS_TW_BY_ABORT;
	} else {
		gone->end = TCPHS_TW_EXPIRED;
		gone->when_ns = clamp(until_ns, before_ns, now_ns);
		gone->error_ns = now_ns - gone->when_ns + TICK_NSEC;
	}
}

/* The look has not found it. Never there is what two looks have not found. */
static void miss_socket(struct tcphs_conn *conn, unsigned int side,
			const struct tcphs_socket *socket, struct tcphs_step *step)
{
	struct tcphs_identity *identity = tcphs_conn_identity(conn);
	struct tcphs_tw_gone gone = { .end = TCPHS_TW_NEVER };

	if (is_seen(&conn->flow.end[side])) {
		find_end(conn, side, socket, step->now_ns, &gone);
		if (gone.end != TCPHS_TW_REUSED)
			tcphs_waits_search(true);	/* a probe would have told */
	} else if (!(identity->missed & 1U << side)) {
		identity->missed |= 1U << side;
		return;
	}
	identity->missed &= ~(1U << side);
	note_word(conn);
	tcphs_flow_disarmed(&conn->flow, side, &gone, step);
}

static void take_look(struct tcphs_conn *conn, unsigned int side,
		      const struct tcphs_socket *socket, struct tcphs_step *step)
{
	const struct tcphs_end *end = &conn->flow.end[side];

	tcphs_conn_assert_locked(conn);
	if (!is_waiting(end) && end->state != TCPHS_FIN_WAIT2)
		return;
	if (socket->is_small) {
		if (socket->is_armed)	/* else not yet, or no more */
			take_sight(conn, side, socket, step);
	} else if (is_seen(end) ||
		   (is_waiting(end) && socket->state == TCPHS_CLOSE)) {
		miss_socket(conn, side, socket, step);
	}
}

static bool begin_visit(struct tcphs_bucket *bucket, struct tcphs_conn *conn,
			struct tcphs_look *look, u32 *words)
{
	bool is_due;

	raw_spin_lock_bh(&bucket->lock);
	is_due = tcphs_bucket_has(bucket, conn) && tcphs_conn_is_queued(conn);
	if (is_due) {
		tcphs_socket_begin(conn, look);
		*words = tcphs_conn_identity(conn)->words;
	}
	raw_spin_unlock_bh(&bucket->lock);
	return is_due;
}

/* Void, if something was heard of the sockets in the meantime. */
static void end_visit(struct tcphs_bucket *bucket, struct tcphs_conn *conn,
		      const struct tcphs_look *look, u32 words)
{
	struct tcphs_table *table = look->table;
	struct tcphs_section section;
	unsigned int side;
	bool is_void;

	tcphs_ring_begin(&section, table->stream, tcphs_table_time_wait_ns(table));
	raw_spin_lock(&bucket->lock);
	if (tcphs_socket_is_of(look, bucket, conn) && conn->flow.rest) {
		tcphs_conn_sign(conn, &section);
		is_void = tcphs_conn_identity(conn)->words != words;
		for (side = TCPHS_CLIENT; side <= TCPHS_SERVER; side++)
			if (look->asked & 1U << side && !is_void)
				take_look(conn, side, &look->socket[side],
					  &section.step);
		plan(conn, section.step.now_ns);
	}
	raw_spin_unlock(&bucket->lock);
	tcphs_ring_end(&section);
}

static void visit_conn(struct tcphs_bucket *bucket, struct tcphs_conn *conn)
{
	struct tcphs_look look = { 0 };
	u32 words;

	if (!begin_visit(bucket, conn, &look, &words))
		return;
	tcphs_socket_ask(&look);
	end_visit(bucket, conn, &look, words);
}

/**
 * tcphs_timewait_looked() - another look has found a small socket
 * @conn: locked
 * @side: whose it is
 * @socket: as it was found, since when no segment came
 * @step: the time, and where events go
 *
 * A process that closes what it had shut down long ago sends no segment.
 */
void tcphs_timewait_looked(struct tcphs_conn *conn, unsigned int side,
			   const struct tcphs_socket *socket,
			   struct tcphs_step *step)
{
	if (!conn->flow.rest || !socket->is_small)
		return;
	take_look(conn, side, socket, step);
	plan(conn, step->now_ns);
}

/**
 * tcphs_timewait_init() - get ready to wait
 *
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
int tcphs_timewait_init(void)
{
	return tcphs_waits_init(visit_conn);
}

/**
 * tcphs_timewait_exit() - no longer look
 *
 * Context: may sleep; all connections have gone, no probe is left.
 */
void tcphs_timewait_exit(void)
{
	tcphs_waits_exit();
}
