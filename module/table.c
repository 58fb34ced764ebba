// SPDX-License-Identifier: GPL-2.0
/*
 * A segment meets its connection: one entry for both directions, found and
 * stepped under its bucket's lock. Never judges a segment: the core does; never
 * makes traffic wait: what finds no room is counted and passes.
 */
#include "table.h"

#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/random.h>
#include <net/net_namespace.h>

#include "retire.h"
#include "socket.h"
#include "timewait.h"
#include "waits.h"

/* Put @identity beside @conn, which has nothing there; it is left NULL then. */
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
	identity = tcphs_owner_alloc_unknown();
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

/*
 * What the socket of @from tells: whose it is, if it is the client's or the
 * only one here; that it can be looked up, and how. @identity, of that socket or
 * of none, is left with what is to be freed.
 */
static void note_identity(struct tcphs_conn *conn, unsigned int from,
			  const struct tcphs_sight *sight,
			  struct tcphs_identity **identity)
{
	struct tcphs_identity *own, *news = *identity;
	u8 side = 1U << from;
	bool is_whose = from == TCPHS_CLIENT || !(conn->flow.local & ~side);

	if (!news)
		return;
	attach_identity(conn, identity);
	own = tcphs_conn_identity(conn);
	if (!news->is_told || own->asked & side)
		return;
	if (tcphs_socket_has(sight->sk, sight->tuple))
		own->asked |= side;
	own->dev_if[from] = news->dev_if[from];
	if (!is_whose && own == news)
		own->owner = tcphs_nobody;	/* until the client's is seen */
	else if (is_whose && own->owner.uid == TCPHS_UID_NONE)
		own->owner = news->owner;
}

/*
 * The connection ends here, a new one begins on its tuple: in its place, and by
 * other sockets. @identity, NULL if the SYN had none to tell of, is left with
 * what is to be freed.
 */
static void succeed_conn(struct tcphs_conn *conn, unsigned int from,
			 const struct tcphs_sight *sight,
			 struct tcphs_identity **identity,
			 struct tcphs_section *section)
{
	struct tcphs_identity *old = tcphs_conn_identity(conn);
	struct tcphs_rest rest = *tcphs_flow_rest(&conn->flow);
	struct tcphs_flow before;

	tcphs_waits_forget(conn);
	tcphs_flow_yield(&conn->flow, from, conn->seen_ns, &section->step);
	tcphs_stats_count(conn->table->stats, TCPHS_C_REMOVED);
	before = conn->flow;
	before.rest = &rest;
	begin_flow(conn, conn->table, sight);
	conn->flow.bits |= before.bits & TCPHS_FLOW_MARK;
	tcphs_stats_count(conn->table->stats, TCPHS_C_CREATED);
	if (identity) {
		from = tcphs_flow_match(&conn->flow, sight->tuple);
		note_identity(conn, from, sight, identity);
	}
	if (old && !conn->flow.rest) {
		tcphs_owner_forget(old);
		tcphs_conn_attach(conn, old);
	} else if (old) {
		*identity = old;
	}
	tcphs_flow_inherit(&conn->flow, &before, sight->seg);
}

/* Step a connection by a segment that is known to be its own. */
static enum tcphs_reason step_conn(struct tcphs_conn *conn,
				   const struct tcphs_sight *sight,
				   struct tcphs_section *section)
{
	unsigned int from = tcphs_flow_match(&conn->flow, sight->tuple);
	enum tcphs_reason reason;

	section->step.pass = sight->pass;
	section->step.is_linux = true;
	section->step.is_rfc1337 =
		READ_ONCE(conn->table->net->ipv4.sysctl_tcp_rfc1337);
	section->step.watched = tcphs_conn_asked(conn);
	section->step.told = tcphs_timewait_is_probed() ?
			     section->step.watched : 0;
	reason = tcphs_flow_step(&conn->flow, from, sight->seg, &section->step);
	/* What the core passes over must not keep an entry alive. */
	if (reason == TCPHS_R_USED)
		conn->seen_ns = section->step.now_ns;
	tcphs_conn_account(conn);
	tcphs_timewait_stepped(conn, section->step.now_ns);
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
		succeed_conn(conn, from, held, NULL, section);
	step_conn(conn, held, section);
}

/*
 * A segment of the connection, from @from: what it was before ends, if this
 * opens another. @identity is left with what is to be freed.
 */
static enum tcphs_reason step_locked(struct tcphs_conn *conn, unsigned int from,
				     const struct tcphs_sight *sight,
				     struct tcphs_identity **identity,
				     struct tcphs_section *section)
{
	bool succeeds;

	if (tcphs_conn_is_forged(conn, from, sight->local))
		return TCPHS_R_FORGED;
	tcphs_conn_sign(conn, section);
	settle_held(conn, sight, section);
	from = tcphs_flow_match(&conn->flow, sight->tuple);
	if (sight->seg->flags & TCPHS_SYN)
		tcphs_timewait_settle(conn, from, &section->step);
	succeeds = tcphs_flow_succeeds(&conn->flow, from, sight->seg);
	if (succeeds &&
	    tcphs_timewait_hold(conn, from, sight, section->step.now_ns))
		return TCPHS_R_USED;
	if (succeeds)
		succeed_conn(conn, from, sight, identity, section);
	else
		note_identity(conn, from, sight, identity);
	tcphs_conn_sign(conn, section);
	return step_conn(conn, sight, section);
}

/*
 * What the socket that a segment leaves from tells. Before the locks: under them
 * nothing is allocated.
 */
static struct tcphs_identity *find_identity(struct tcphs_table *table,
					    const struct tcphs_sight *sight)
{
	u16 syn = sight->seg->flags & (TCPHS_SYN | TCPHS_ACK);
	struct tcphs_identity *identity;

	if (!sight->sk)
		return NULL;
	identity = tcphs_owner_alloc(table->net, sight->sk, syn == TCPHS_SYN);
	if (!IS_ERR(identity))
		return identity;
	tcphs_stats_count(table->stats, TCPHS_C_NO_IDENTITY);
	return NULL;
}

static void free_identity(struct tcphs_identity *identity,
			  const struct tcphs_sight *sight)
{
	if (sight->is_held)
		tcphs_owner_free_later(identity);
	else
		tcphs_owner_free(identity);
}

static void begin_section(struct tcphs_section *section,
			  struct tcphs_table *table,
			  const struct tcphs_sight *sight)
{
	u64 time_wait_ns = tcphs_table_time_wait_ns(table);

	if (sight->is_held)
		tcphs_ring_begin_inside(section, table->stream, time_wait_ns);
	else
		tcphs_ring_begin(section, table->stream, time_wait_ns);
}

/* What became of a segment at the table. */
enum step {
	STEP_DONE,
	STEP_UNKNOWN,	/* no entry is its connection's */
	STEP_SOCKET,	/* its sender's socket is to be asked first */
	STEP_ROOM,	/* it needs room beside the entry */
};

/* Whether @conn can take @sight with what is at hand: asked is once. */
static enum step judge_needs(const struct tcphs_conn *conn, unsigned int from,
			     const struct tcphs_sight *sight,
			     const struct tcphs_identity *identity, bool is_asked)
{
	if (identity)
		return STEP_DONE;
	if (sight->sk && !is_asked && !(tcphs_conn_asked(conn) & 1U << from))
		return STEP_SOCKET;
	if (tcphs_flow_lacks_rest(&conn->flow, from, sight->seg))
		return STEP_ROOM;
	return STEP_DONE;
}

static enum step step_found(struct tcphs_table *table,
			    const struct tcphs_sight *sight,
			    struct tcphs_identity **identity, bool is_asked,
			    enum tcphs_reason *reason)
{
	struct tcphs_bucket *bucket = tcphs_conn_bucket(sight->hash);
	enum step step = STEP_UNKNOWN;
	struct tcphs_section section;
	struct tcphs_conn *conn;
	unsigned int from;

	if (!tcphs_bucket_may_have(bucket, sight->hash))
		return STEP_UNKNOWN;
	begin_section(&section, table, sight);
	raw_spin_lock(&bucket->lock);
	conn = tcphs_bucket_find(bucket, table, sight->hash, sight->tuple, &from);
	if (conn)
		step = judge_needs(conn, from, sight, *identity, is_asked);
	if (step == STEP_DONE)
		*reason = step_locked(conn, from, sight, identity, &section);
	raw_spin_unlock(&bucket->lock);
	tcphs_ring_end(&section);
	return step;
}

/* False if no entry is its connection's. */
static bool step_old(struct tcphs_table *table, const struct tcphs_sight *sight,
		     enum tcphs_reason *reason)
{
	bool is_asked = sight->seg->flags & TCPHS_SYN;
	struct tcphs_identity *identity = NULL;
	enum step step;

	if (is_asked)
		identity = find_identity(table, sight);
	step = step_found(table, sight, &identity, is_asked, reason);
	if (step == STEP_SOCKET) {
		identity = find_identity(table, sight);
		step = step_found(table, sight, &identity, true, reason);
	}
	if (step == STEP_ROOM) {
		identity = tcphs_owner_alloc_unknown();
		*reason = TCPHS_R_NO_MEMORY;
		if (identity)
			step = step_found(table, sight, &identity, true, reason);
	}
	free_identity(identity, sight);
	return step != STEP_UNKNOWN;
}

/* What a new entry begins with. */
struct birth {
	struct tcphs_conn *conn;
	struct tcphs_identity *identity;	/* NULL: nothing lies beside it */
	struct tcphs_bucket *spare;		/* NULL: the bucket needs none */
	enum tcphs_reason reason;
};

/*
 * Enter the entry, begun and counted in, and step it. STEP_UNKNOWN if it is not
 * new: another CPU has entered it; STEP_ROOM if the bucket is full.
 */
static enum step enter_conn(struct birth *birth, struct tcphs_table *table,
			    const struct tcphs_sight *sight)
{
	struct tcphs_bucket *bucket = tcphs_conn_bucket(sight->hash);
	struct tcphs_conn *conn = birth->conn;
	struct tcphs_section section;
	enum step step = STEP_DONE;
	unsigned int from;

	begin_section(&section, table, sight);
	raw_spin_lock(&bucket->lock);
	if (tcphs_bucket_find(bucket, table, sight->hash, sight->tuple, &from))
		step = STEP_UNKNOWN;
	else if (!tcphs_bucket_add(bucket, sight->hash, conn, &birth->spare))
		step = STEP_ROOM;
	if (step == STEP_DONE) {
		conn->table = table;
		conn->seen_ns = section.step.now_ns;
		tcphs_stats_count(table->stats, TCPHS_C_CREATED);
		from = tcphs_flow_match(&conn->flow, sight->tuple);
		birth->reason = step_locked(conn, from, sight,
					    &birth->identity, &section);
	}
	raw_spin_unlock(&bucket->lock);
	tcphs_ring_end(&section);
	return step;
}

static enum step bear_conn(struct birth *birth, struct tcphs_table *table,
			   const struct tcphs_sight *sight)
{
	unsigned int from = tcphs_flow_match(&birth->conn->flow, sight->tuple);
	enum step step;

	birth->identity = find_identity(table, sight);
	if (!birth->identity &&
	    tcphs_flow_lacks_rest(&birth->conn->flow, from, sight->seg)) {
		birth->identity = tcphs_owner_alloc_unknown();
		if (!birth->identity)
			return STEP_ROOM;
	}
	step = enter_conn(birth, table, sight);
	if (step == STEP_ROOM) {
		birth->spare = tcphs_bucket_alloc();
		if (birth->spare)
			step = enter_conn(birth, table, sight);
	}
	tcphs_bucket_free(birth->spare);
	tcphs_owner_free(birth->identity);
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
	get_random_bytes(&table->key, sizeof(table->key));
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
