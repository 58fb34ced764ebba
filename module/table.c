// SPDX-License-Identifier: GPL-2.0
/*
 * A segment meets its connection: one entry for both directions, found and
 * stepped under its bucket's lock. Never judges a segment: the core does; never
 * makes traffic wait: what finds no room is counted and passes.
 */
#include "table.h"

#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <net/net_namespace.h>

#include "compat.h"
#include "retire.h"
#include "socket.h"
#include "timewait.h"
#include "waits.h"

/* Put @identity beside @conn, if that has nothing there; it is left NULL then. */
static void attach_identity(struct tcphs_conn *conn,
			    struct tcphs_identity **identity)
{
	if (conn->flow.rest || !*identity)
		return;
	tcphs_conn_attach(conn, *identity);
	*identity = NULL;
}

/**
 * tcphs_table_damaged() - note a segment with a bad checksum, if of a connection
 * @table: of the namespace
 * @sight: the segment; what it says is not believed
 *
 * Context: process or softirq, under RCU. Allocates atomically.
 */
void tcphs_table_damaged(struct tcphs_table *table,
			 const struct tcphs_sight *sight)
{
	struct tcphs_bucket *bucket = tcphs_conn_bucket(sight->hash);
	struct tcphs_identity *identity;
	struct tcphs_conn *conn;
	unsigned int from;

	if (sight->pass == TCPHS_PASS_OUT ||	/* noted where it arrives */
	    !tcphs_bucket_may_have(bucket, sight->hash))
		return;
	identity = tcphs_owner_alloc();
	raw_spin_lock_bh(&bucket->lock);
	conn = tcphs_bucket_find(bucket, table, sight->hash, sight->tuple, &from);
	if (conn && !tcphs_conn_is_forged(conn, from, sight->local)) {
		attach_identity(conn, &identity);
		tcphs_flow_damaged(&conn->flow, from);
	}
	raw_spin_unlock_bh(&bucket->lock);
	tcphs_owner_free(identity);
}

/*
 * Unique in the namespace, and tells nothing of other namespaces or of
 * addresses in memory.
 */
static u64 next_id(struct tcphs_table *table)
{
	unsigned int cpu = get_cpu();
	u64 n = this_cpu_inc_return(*table->ids);

	put_cpu();
	return (n - 1) * nr_cpu_ids + cpu + 1;
}

/* Begin what @sight opens. Return: as tcphs_flow_init(). */
static enum tcphs_reason begin_flow(struct tcphs_conn *conn,
				    struct tcphs_table *table,
				    const struct tcphs_sight *sight)
{
	return tcphs_flow_init(&conn->flow, sight->tuple, sight->seg,
			       sight->local, next_id(table));
}

static bool is_syn(const struct tcphs_seg *seg)
{
	return (seg->flags & (TCPHS_SYN | TCPHS_ACK)) == TCPHS_SYN;
}

/* Whether the socket that it leaves from has something to tell that is not known. */
static bool can_tell(const struct tcphs_conn *conn, unsigned int from,
		     const struct tcphs_sight *sight)
{
	return sight->sk && !(tcphs_conn_asked(conn) & 1U << from) &&
	       tcphs_owner_can_tell(sight->sk);
}

/*
 * What the socket of @from tells: whose it is, if it is the client's or the
 * only one here; that it can be looked up, and how.
 */
static void note_sender(struct tcphs_conn *conn, unsigned int from,
			const struct tcphs_sight *sight)
{
	struct tcphs_identity *identity = tcphs_conn_identity(conn);
	u8 side = 1U << from;

	tcphs_conn_assert_locked(conn);
	if (!identity || !can_tell(conn, from, sight))
		return;
	if (tcphs_socket_has(sight->sk, sight->tuple))
		identity->asked |= side;
	identity->dev_if[from] = READ_ONCE(sight->sk->sk_bound_dev_if);
	if (identity->owner.uid == TCPHS_UID_NONE &&
	    (from == TCPHS_CLIENT || !(conn->flow.local & ~side)))
		tcphs_owner_ask(&identity->owner, conn->table->net, sight->sk,
				is_syn(sight->seg));
}

/*
 * The connection ends here, a new one begins on its tuple: in its place, and by
 * other sockets.
 */
static void succeed_conn(struct tcphs_conn *conn, unsigned int from,
			 const struct tcphs_sight *sight,
			 struct tcphs_section *section)
{
	struct tcphs_identity *identity = tcphs_conn_identity(conn);
	struct tcphs_rest rest = *tcphs_flow_rest(&conn->flow);
	struct tcphs_flow before;

	tcphs_conn_assert_locked(conn);
	tcphs_conn_sign(conn, section);
	tcphs_waits_forget(conn);
	tcphs_flow_yield(&conn->flow, from, conn->seen_ns, &section->step);
	tcphs_stats_count(conn->table->stats, TCPHS_C_REMOVED);
	before = conn->flow;
	before.rest = &rest;
	begin_flow(conn, conn->table, sight);
	conn->flow.bits |= before.bits & TCPHS_FLOW_MARK;
	tcphs_stats_count(conn->table->stats, TCPHS_C_CREATED);
	if (identity) {
		tcphs_owner_forget(identity);
		tcphs_conn_attach(conn, identity);
	}
	tcphs_flow_inherit(&conn->flow, &before, sight->seg);
}

/* Step a connection by a segment that is known to be its own, and @from's. */
static enum tcphs_reason step_conn(struct tcphs_conn *conn, unsigned int from,
				   const struct tcphs_sight *sight,
				   struct tcphs_section *section)
{
	struct tcphs_step *step = &section->step;
	enum tcphs_reason reason;

	tcphs_conn_assert_locked(conn);
	tcphs_conn_sign(conn, section);
	step->pass = sight->pass;
	step->is_linux = true;
	step->is_rfc1337 =
		READ_ONCE(conn->table->net->ipv4.sysctl_tcp_rfc1337);
	step->watched = tcphs_conn_asked(conn);
	step->told = step->watched && tcphs_timewait_is_probed() ?
		     step->watched : 0;
	reason = tcphs_flow_step(&conn->flow, from, sight->seg, step);
	/* What the core passes over must not keep an entry alive. */
	if (reason == TCPHS_R_USED)
		conn->seen_ns = step->now_ns;
	tcphs_conn_account(conn);
	tcphs_timewait_stepped(conn, step->now_ns);
	return reason;
}

/*
 * A SYN was held for the end of a TIME_WAIT, and another segment comes first. If
 * that is its SYN-ACK, TIME_WAIT's end was missed; else it was refused.
 */
static void settle_held(struct tcphs_conn *conn, const struct tcphs_sight *sight,
			struct tcphs_section *section)
{
	const struct tcphs_sight *held;
	unsigned int from;

	held = tcphs_timewait_release(conn, section->step.now_ns);
	if (!held)
		return;
	from = tcphs_flow_match(&conn->flow, held->tuple);
	if ((sight->seg->flags & (TCPHS_SYN | TCPHS_ACK)) == (TCPHS_SYN | TCPHS_ACK) &&
	    sight->seg->ack == held->seg->seq + 1)
		succeed_conn(conn, from, held, section);
	from = tcphs_flow_match(&conn->flow, held->tuple);
	step_conn(conn, from, held, section);
}

/* A SYN; with an ACK, only where its receiver's TIME_WAIT is in its way. */
static bool may_begin_anew(const struct tcphs_conn *conn, unsigned int from,
			   const struct tcphs_seg *seg)
{
	return is_syn(seg) || (seg->flags & TCPHS_SYN &&
			       conn->flow.end[!from].state == TCPHS_TIME_WAIT);
}

/*
 * What a SYN may do that no other segment does. Return: whether it waits for its
 * receiver's socket.
 */
static bool begin_anew(struct tcphs_conn *conn, unsigned int from,
		       const struct tcphs_sight *sight,
		       struct tcphs_section *section)
{
	tcphs_conn_sign(conn, section);
	tcphs_timewait_settle(conn, from, &section->step);
	if (!tcphs_flow_succeeds(&conn->flow, from, sight->seg))
		return false;
	if (tcphs_timewait_hold(conn, from, sight, section->step.now_ns))
		return true;
	succeed_conn(conn, from, sight, section);
	return false;
}

/*
 * A segment of the connection, from @from: what it was before ends, if this
 * opens another.
 */
static enum tcphs_reason step_locked(struct tcphs_conn *conn, unsigned int from,
				     const struct tcphs_sight *sight,
				     struct tcphs_section *section)
{
	tcphs_conn_assert_locked(conn);
	if (tcphs_timewait_holds(conn)) {
		tcphs_conn_sign(conn, section);
		settle_held(conn, sight, section);
		from = tcphs_flow_match(&conn->flow, sight->tuple);
	}
	if (may_begin_anew(conn, from, sight->seg)) {
		if (begin_anew(conn, from, sight, section))
			return TCPHS_R_USED;
		from = tcphs_flow_match(&conn->flow, sight->tuple);
	}
	note_sender(conn, from, sight);
	return step_conn(conn, from, sight, section);
}

static void free_identity(struct tcphs_identity *identity,
			  const struct tcphs_sight *sight)
{
	if (sight->is_held)
		tcphs_owner_free_later(identity);
	else
		tcphs_owner_free(identity);
}

/* What became of a segment at the table. */
enum step {
	STEP_DONE,
	STEP_UNKNOWN,	/* no entry is its connection's */
	STEP_ROOM,	/* it needs room beside the entry */
};

/* What a segment needs beyond its entry, and the answer. */
struct visit {
	struct tcphs_identity *identity;	/* what is left is to be freed */
	bool is_last;				/* no room will be found */
	enum tcphs_reason reason;
};

/* Whether @conn can take @sight with what is at hand. */
static bool lacks_room(const struct tcphs_conn *conn, unsigned int from,
		       const struct tcphs_sight *sight,
		       const struct visit *visit)
{
	if (conn->flow.rest || visit->identity)
		return false;
	return tcphs_flow_lacks_rest(&conn->flow, from, sight->seg) ||
	       (!visit->is_last && can_tell(conn, from, sight));
}

static bool take_quietly(struct tcphs_conn *conn, unsigned int from,
			 const struct tcphs_sight *sight)
{
	if (tcphs_timewait_holds(conn) || can_tell(conn, from, sight) ||
	    !tcphs_flow_quiet(&conn->flow, from, sight->seg, sight->pass))
		return false;
	conn->seen_ns = ktime_get_coarse_boottime_ns();
	return true;
}

/* Its connection is known. */
static enum step take_found(struct tcphs_conn *conn, unsigned int from,
			    const struct tcphs_sight *sight,
			    struct visit *visit, struct tcphs_section *section)
{
	if (tcphs_conn_is_forged(conn, from, sight->local)) {
		visit->reason = TCPHS_R_FORGED;
		return STEP_DONE;
	}
	visit->reason = TCPHS_R_USED;
	if (take_quietly(conn, from, sight))
		return STEP_DONE;
	if (lacks_room(conn, from, sight, visit)) {
		visit->reason = TCPHS_R_NO_MEMORY;
		return STEP_ROOM;
	}
	tcphs_ring_clock(section);
	attach_identity(conn, &visit->identity);
	visit->reason = step_locked(conn, from, sight, section);
	return STEP_DONE;
}

static void enter_section(struct tcphs_section *section,
			  struct tcphs_table *table,
			  const struct tcphs_sight *sight)
{
	tcphs_ring_enter(section, table->stream, tcphs_table_time_wait_ns(table),
			 sight->is_held);
}

static enum step step_found(struct tcphs_table *table,
			    const struct tcphs_sight *sight,
			    struct visit *visit)
{
	struct tcphs_bucket *bucket = tcphs_conn_bucket(sight->hash);
	struct tcphs_section section tcphs_unset;
	enum step step = STEP_UNKNOWN;
	struct tcphs_conn *conn;
	unsigned int from;

	/* A flood's have no entry: then the lock is taken once. */
	if (is_syn(sight->seg) && !tcphs_bucket_may_have(bucket, sight->hash))
		return STEP_UNKNOWN;
	enter_section(&section, table, sight);
	raw_spin_lock(&bucket->lock);
	conn = tcphs_bucket_find(bucket, table, sight->hash, sight->tuple, &from);
	if (conn)
		step = take_found(conn, from, sight, visit, &section);
	raw_spin_unlock(&bucket->lock);
	tcphs_ring_end(&section);
	return step;
}

/* Room for a flow's rest, and for what its socket tells. */
static struct tcphs_identity *find_room(struct tcphs_table *table,
					const struct tcphs_sight *sight)
{
	struct tcphs_identity *identity = tcphs_owner_alloc();

	if (!identity && tcphs_owner_can_tell(sight->sk))
		tcphs_stats_count(table->stats, TCPHS_C_NO_IDENTITY);
	return identity;
}

/* False if no entry is its connection's. */
static bool step_old(struct tcphs_table *table, const struct tcphs_sight *sight,
		     enum tcphs_reason *reason)
{
	struct visit visit = { NULL };
	enum step step = step_found(table, sight, &visit);

	if (step == STEP_ROOM) {
		visit.identity = find_room(table, sight);
		visit.is_last = true;
		step = step_found(table, sight, &visit);
		free_identity(visit.identity, sight);
	}
	*reason = visit.reason;
	return step != STEP_UNKNOWN;
}

/* What a new entry begins with. */
struct birth {
	struct tcphs_conn *conn;
	struct tcphs_bucket *spare;	/* NULL: the bucket needs none */
	enum tcphs_reason reason;
};

/*
 * Enter the entry, begun and counted in, and step it. STEP_UNKNOWN if it is not
 * new: another CPU has entered it; STEP_ROOM if the bucket is full.
 */
static enum step enter_conn(struct birth *birth, unsigned int from,
			    struct tcphs_table *table,
			    const struct tcphs_sight *sight)
{
	struct tcphs_bucket *bucket = tcphs_conn_bucket(sight->hash);
	struct tcphs_section section tcphs_unset;
	struct tcphs_conn *conn = birth->conn;
	enum step step = STEP_DONE;
	unsigned int other;

	enter_section(&section, table, sight);
	raw_spin_lock(&bucket->lock);
	if (tcphs_bucket_find(bucket, table, sight->hash, sight->tuple, &other))
		step = STEP_UNKNOWN;
	else if (!tcphs_bucket_add(bucket, sight->hash, conn, &birth->spare))
		step = STEP_ROOM;
	if (step == STEP_DONE) {
		tcphs_ring_clock(&section);
		conn->table = table;
		conn->seen_ns = section.step.now_ns;
		tcphs_stats_count(table->stats, TCPHS_C_CREATED);
		birth->reason = TCPHS_R_FORGED;
		if (!tcphs_conn_is_forged(conn, from, sight->local)) {
			note_sender(conn, from, sight);
			birth->reason = step_conn(conn, from, sight, &section);
		}
	}
	raw_spin_unlock(&bucket->lock);
	tcphs_ring_end(&section);
	return step;
}

static enum step bear_conn(struct birth *birth, struct tcphs_table *table,
			   const struct tcphs_sight *sight)
{
	struct tcphs_conn *conn = birth->conn;
	unsigned int from = tcphs_flow_match(&conn->flow, sight->tuple);
	bool lacks_rest = tcphs_flow_lacks_rest(&conn->flow, from, sight->seg);
	struct tcphs_identity *identity = NULL;
	enum step step;

	if (lacks_rest || tcphs_owner_can_tell(sight->sk))
		identity = find_room(table, sight);
	if (lacks_rest && !identity)
		return STEP_ROOM;
	if (identity)
		tcphs_conn_attach(conn, identity);
	step = enter_conn(birth, from, table, sight);
	if (step == STEP_ROOM) {
		birth->spare = tcphs_bucket_alloc();
		if (birth->spare)
			step = enter_conn(birth, from, table, sight);
	}
	tcphs_bucket_free(birth->spare);
	return step;
}

/* False if it is not new. */
static bool step_new(struct tcphs_table *table, const struct tcphs_sight *sight,
		     enum tcphs_reason *reason)
{
	struct birth birth = {
		.conn = tcphs_conn_alloc(),
		.reason = TCPHS_R_NO_MEMORY,
	};
	enum step step = STEP_ROOM;

	*reason = birth.reason;
	if (!birth.conn)
		return true;
	*reason = begin_flow(birth.conn, table, sight);
	if (*reason == TCPHS_R_USED && !tcphs_retire_admit(table))
		*reason = TCPHS_R_TABLE_FULL;
	if (*reason != TCPHS_R_USED)
		goto free;
	step = bear_conn(&birth, table, sight);
	*reason = birth.reason;
	if (step == STEP_DONE)
		return true;
	tcphs_retire_uncount(table);
	if (step == STEP_UNKNOWN)
		tcphs_stats_count(table->stats, TCPHS_C_CLASH);
free:
	tcphs_conn_free(birth.conn);
	return step != STEP_UNKNOWN;
}

/**
 * tcphs_table_step() - take any segment
 * @table: of the namespace
 * @sight: the segment, its checksum verified
 *
 * Context: process or softirq, under RCU. Allocates atomically.
 * Return: what became of it.
 */
enum tcphs_reason tcphs_table_step(struct tcphs_table *table,
				   const struct tcphs_sight *sight)
{
	enum tcphs_reason reason;

	while (!step_old(table, sight, &reason))
		if (step_new(table, sight, &reason))
			break;
	return reason;
}

/**
 * tcphs_table_resume() - take a SYN whose place a TIME_WAIT has made free
 * @table: of the namespace
 * @sight: it was held, and found its connection then
 *
 * Context: any but an interrupt's, any locks of TCP's held, under RCU. Allocates
 * nothing.
 */
void tcphs_table_resume(struct tcphs_table *table,
			const struct tcphs_sight *sight)
{
	enum tcphs_reason reason;

	step_old(table, sight, &reason);
}

/**
 * tcphs_table_net_init() - an empty share for a namespace
 * @table: .stream, .stats, .max_conns, .msl_s are set, the rest is zero
 *
 * Return: 0 or -ENOMEM.
 */
int tcphs_table_net_init(struct tcphs_table *table)
{
	table->full_jiffies = jiffies - 1;
	tcphs_hash_seed(&table->key);
	if (percpu_counter_init(&table->conns, 0, GFP_KERNEL_ACCOUNT) ||
	    percpu_counter_init(&table->half_open, 0, GFP_KERNEL_ACCOUNT))
		return -ENOMEM;
	table->ids = alloc_percpu(u64);
	return table->ids ? 0 : -ENOMEM;
}

/**
 * tcphs_table_net_exit() - the share goes
 * @table: flushed, and a grace period has passed; or half made
 */
void tcphs_table_net_exit(struct tcphs_table *table)
{
	WARN_ON_ONCE(percpu_counter_initialized(&table->half_open) &&
		     (percpu_counter_sum(&table->conns) ||
		      percpu_counter_sum(&table->half_open)));
	free_percpu(table->ids);
	percpu_counter_destroy(&table->half_open);
	percpu_counter_destroy(&table->conns);
}

/**
 * tcphs_table_init() - make the table of all namespaces
 * @entries: so many are expected at most
 * @max_total: entries, all namespaces together
 * @max_guests: of them, in namespaces of unprivileged users
 *
 * Return: 0 or -ENOMEM.
 */
int tcphs_table_init(unsigned int entries, unsigned int max_total,
		     unsigned int max_guests)
{
	int err;

	err = tcphs_owner_init();
	if (err)
		return err;
	err = tcphs_conn_init(entries);
	if (err)
		goto owner;
	err = tcphs_timewait_init();
	if (err)
		goto conn;
	err = tcphs_retire_init(max_total, max_guests);
	if (err)
		goto timewait;
	return 0;
timewait:
	tcphs_timewait_exit();
conn:
	tcphs_conn_exit();
owner:
	tcphs_owner_exit();
	return err;
}

/**
 * tcphs_table_exit() - the table goes; all namespaces have
 */
void tcphs_table_exit(void)
{
	tcphs_retire_exit();
	tcphs_timewait_exit();
	tcphs_conn_exit();
	tcphs_owner_exit();
}
