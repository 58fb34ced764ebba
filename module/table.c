// SPDX-License-Identifier: GPL-2.0
/*
 * A segment meets its connection: one entry for both directions, found without
 * a lock, its flow stepped under its own. Never judges a segment: the core
 * does; never makes traffic wait: what finds no room is counted and passes.
 */
#include "table.h"

#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <net/net_namespace.h>

#include "retire.h"
#include "socket.h"
#include "timewait.h"
#include "waits.h"

/*
 * A local socket's segments are born here. One that is forwarded in its name
 * is somebody else's: ip6_forward() lets it pass.
 */
static bool is_forged(const struct tcphs_conn *conn, unsigned int from,
		      u8 local)
{
	return !local && conn->flow.local & (1U << from);
}

/**
 * tcphs_table_quick() - take a segment that changes nothing but numbers
 * @table: of the namespace
 * @sight: the segment
 *
 * Context: process or softirq, under RCU. One lock, no clock but the coarse.
 * Return: whether it was taken; else it is tcphs_table_step()'s.
 */
bool tcphs_table_quick(struct tcphs_table *table,
		       const struct tcphs_sight *sight)
{
	struct tcphs_conn *conn;
	unsigned int from;
	bool taken;

	conn = tcphs_conn_find(table, sight->hash, &sight->tuple);
	if (!conn)
		return false;
	raw_spin_lock_bh(&conn->lock);
	from = tcphs_conn_side(conn, table, &sight->tuple);
	taken = from != TCPHS_NOBODY && !is_forged(conn, from, sight->local) &&
		tcphs_flow_quick(&conn->flow, from, sight->seg);
	if (taken)
		conn->seen_ns = ktime_get_coarse_boottime_ns();
	raw_spin_unlock_bh(&conn->lock);
	return taken;
}

/**
 * tcphs_table_damaged() - note a segment with a bad checksum, if of a connection
 * @table: of the namespace
 * @sight: the segment; what it says is not believed
 *
 * Context: process or softirq, under RCU.
 */
void tcphs_table_damaged(struct tcphs_table *table,
			 const struct tcphs_sight *sight)
{
	struct tcphs_conn *conn;
	unsigned int from;

	conn = tcphs_conn_find(table, sight->hash, &sight->tuple);
	if (!conn || sight->pass == TCPHS_PASS_OUT)	/* noted where it arrives */
		return;
	raw_spin_lock_bh(&conn->lock);
	from = tcphs_conn_side(conn, table, &sight->tuple);
	if (from != TCPHS_NOBODY && !is_forged(conn, from, sight->local))
		tcphs_flow_damaged(&conn->flow, from);
	raw_spin_unlock_bh(&conn->lock);
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
	return tcphs_flow_init(&conn->flow, &sight->tuple, sight->seg,
			       sight->local, next_id(table));
}

/* The connection ends here, a new one begins on its tuple: in its place. */
static void succeed_conn(struct tcphs_conn *conn, unsigned int from,
			 const struct tcphs_sight *sight,
			 struct tcphs_section *section)
{
	struct tcphs_table *table = conn->table;
	struct tcphs_flow before;

	lockdep_assert_held(&conn->lock);
	tcphs_waits_forget(conn);
	tcphs_flow_yield(&conn->flow, from, conn->seen_ns, &section->step);
	tcphs_stats_count(table->stats, TCPHS_C_REMOVED);
	before = conn->flow;
	begin_flow(conn, table, sight);
	tcphs_flow_inherit(&conn->flow, &before, sight->seg);
	tcphs_stats_count(table->stats, TCPHS_C_CREATED);
}

/*
 * What the socket of @from tells: whose it is, if it is the client's or the
 * only one here; that it can be looked up, and how. @identity is left with
 * what is to be freed.
 */
static void note_identity(struct tcphs_conn *conn, unsigned int from,
			  const struct tcphs_sight *sight,
			  struct tcphs_identity **identity)
{
	struct tcphs_identity *news = *identity;
	u8 side = 1U << from;

	lockdep_assert_held(&conn->lock);
	if (!news || conn->asked & side)
		return;
	if (tcphs_socket_has(sight->sk, &sight->tuple))
		WRITE_ONCE(conn->asked, conn->asked | side);
	if (!conn->identity) {
		if (conn->flow.local & ~side && from == TCPHS_SERVER)
			news->owner = tcphs_nobody;	/* until the client's is seen */
		conn->identity = news;
		*identity = NULL;
		return;
	}
	conn->identity->dev_if[from] = news->dev_if[from];
	if (from == TCPHS_CLIENT && conn->identity->owner.uid == TCPHS_UID_NONE)
		conn->identity->owner = news->owner;
}

/* Step a connection by a segment that is known to be its own. */
static enum tcphs_reason step_conn(struct tcphs_conn *conn,
				   const struct tcphs_sight *sight,
				   struct tcphs_section *section)
{
	unsigned int from = tcphs_flow_match(&conn->flow, &sight->tuple);
	enum tcphs_reason reason;

	lockdep_assert_held(&conn->lock);
	section->step.pass = sight->pass;
	section->step.is_linux = true;
	section->step.is_rfc1337 =
		READ_ONCE(conn->table->net->ipv4.sysctl_tcp_rfc1337);
	section->step.watched = conn->asked;
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
	from = tcphs_flow_match(&conn->flow, &held->tuple);
	if ((sight->seg->flags & (TCPHS_SYN | TCPHS_ACK)) == (TCPHS_SYN | TCPHS_ACK) &&
	    sight->seg->ack == held->seg->seq + 1)
		succeed_conn(conn, from, held, section);
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
	struct tcphs_identity *old = NULL;
	enum tcphs_reason reason;

	lockdep_assert_held(&conn->lock);
	if (is_forged(conn, from, sight->local))
		return TCPHS_R_FORGED;
	tcphs_conn_sign(conn, section);
	settle_held(conn, sight, section);
	from = tcphs_flow_match(&conn->flow, &sight->tuple);
	if (sight->seg->flags & TCPHS_SYN)
		tcphs_timewait_settle(conn, from, &section->step);
	if (tcphs_flow_succeeds(&conn->flow, from, sight->seg)) {
		if (tcphs_timewait_hold(conn, from, sight, section->step.now_ns))
			return TCPHS_R_USED;
		succeed_conn(conn, from, sight, section);
		old = conn->identity;
		conn->identity = NULL;
		WRITE_ONCE(conn->asked, 0);
		from = tcphs_flow_match(&conn->flow, &sight->tuple);
	}
	note_identity(conn, from, sight, identity);
	tcphs_conn_sign(conn, section);
	reason = step_conn(conn, sight, section);
	if (old) {
		WARN_ON_ONCE(*identity);
		*identity = old;
	}
	return reason;
}

/*
 * What the socket that a segment leaves from tells, where that is not known
 * yet, or where another connection may begin. Before the locks: under them
 * nothing is allocated.
 */
static struct tcphs_identity *find_identity(struct tcphs_table *table,
					    const struct tcphs_conn *conn,
					    const struct tcphs_sight *sight)
{
	u16 syn = sight->seg->flags & (TCPHS_SYN | TCPHS_ACK);
	struct tcphs_identity *identity;

	if (!sight->sk)
		return NULL;
	if (conn && syn != TCPHS_SYN &&
	    /* data_race: a hint, asked again under the lock. */
	    data_race(conn->asked == conn->flow.local))
		return NULL;
	identity = tcphs_owner_alloc(table->net, sight->sk, syn == TCPHS_SYN);
	if (!IS_ERR(identity))
		return identity;
	tcphs_stats_count(table->stats, TCPHS_C_NO_IDENTITY);
	return NULL;
}

/* False if @conn is no longer the connection of @sight. */
static bool step_found(struct tcphs_conn *conn, struct tcphs_table *table,
		       const struct tcphs_sight *sight,
		       enum tcphs_reason *reason)
{
	struct tcphs_identity *identity = find_identity(table, conn, sight);
	u64 time_wait_ns = tcphs_table_time_wait_ns(table);
	struct tcphs_section section;
	unsigned int from;

	if (sight->is_held)
		tcphs_ring_begin_inside(&section, table->stream, time_wait_ns);
	else
		tcphs_ring_begin(&section, table->stream, time_wait_ns);
	raw_spin_lock(&conn->lock);
	from = tcphs_conn_side(conn, table, &sight->tuple);
	if (from != TCPHS_NOBODY)
		*reason = step_locked(conn, from, sight, &identity, &section);
	raw_spin_unlock(&conn->lock);
	tcphs_ring_end(&section);
	if (sight->is_held)
		tcphs_owner_free_later(identity);
	else
		tcphs_owner_free(identity);
	return from != TCPHS_NOBODY;
}

/* Under the bucket's lock: it can neither come nor go, and is looked at whole. */
static struct tcphs_conn *find_clash(const struct tcphs_table *table,
				     const struct tcphs_sight *sight)
{
	const struct hlist_nulls_node *pos;
	struct tcphs_conn *conn;
	unsigned int from;

	lockdep_assert_held(tcphs_conn_lock(sight->hash));
	hlist_nulls_for_each_entry_rcu(conn, pos,
				       tcphs_conn_bucket(sight->hash), node) {
		if (conn->hash != sight->hash || conn->table != table)
			continue;
		raw_spin_lock(&conn->lock);
		from = tcphs_flow_match(&conn->flow, &sight->tuple);
		raw_spin_unlock(&conn->lock);
		if (from != TCPHS_NOBODY)
			return conn;
	}
	return NULL;
}

/*
 * Enter @conn, begun and counted in, and step it. If another CPU entered the
 * same connection first, that one is stepped.
 */
static struct tcphs_conn *enter_conn(struct tcphs_conn *conn,
				     struct tcphs_table *table,
				     const struct tcphs_sight *sight,
				     enum tcphs_reason *reason)
{
	struct tcphs_identity *identity = find_identity(table, NULL, sight);
	struct tcphs_section section;
	struct tcphs_conn *found;

	tcphs_ring_begin(&section, table->stream, tcphs_table_time_wait_ns(table));
	raw_spin_lock(tcphs_conn_lock(sight->hash));
	found = find_clash(table, sight) ?: conn;
	/* Locked before anybody can find it: its first step is this one. */
	raw_spin_lock(&found->lock);
	if (found == conn)
		tcphs_conn_link(conn, table, sight->hash, section.step.now_ns);
	raw_spin_unlock(tcphs_conn_lock(sight->hash));
	*reason = step_locked(found, tcphs_flow_match(&found->flow, &sight->tuple),
			      sight, &identity, &section);
	raw_spin_unlock(&found->lock);
	tcphs_ring_end(&section);
	tcphs_owner_free(identity);
	return found;
}

static enum tcphs_reason step_new(struct tcphs_table *table,
				  const struct tcphs_sight *sight)
{
	enum tcphs_reason reason;
	struct tcphs_conn *conn;

	conn = tcphs_conn_alloc();
	if (!conn)
		return TCPHS_R_NO_MEMORY;
	reason = begin_flow(conn, table, sight);
	if (reason == TCPHS_R_USED && !tcphs_retire_admit(table))
		reason = TCPHS_R_TABLE_FULL;
	if (reason != TCPHS_R_USED)
		goto free;
	if (enter_conn(conn, table, sight, &reason) == conn)
		return reason;
	tcphs_retire_uncount(table);
	tcphs_stats_count(table->stats, TCPHS_C_CLASH);
free:
	tcphs_conn_free(conn);
	return reason;
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
	struct tcphs_conn *conn;

	conn = tcphs_conn_find(table, sight->hash, &sight->tuple);
	if (conn && step_found(conn, table, sight, &reason))
		return reason;
	return step_new(table, sight);
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
	struct tcphs_conn *conn;

	conn = tcphs_conn_find(table, sight->hash, &sight->tuple);
	if (conn)
		step_found(conn, table, sight, &reason);
}

/**
 * tcphs_table_net_init() - an empty share for a namespace
 * @table: .stream, .stats, .mix, .max_conns, .msl_s are set, the rest is zero
 *
 * Return: 0 or -ENOMEM.
 */
int tcphs_table_net_init(struct tcphs_table *table)
{
	table->full_jiffies = jiffies - 1;
	table->ids = alloc_percpu(u64);
	return table->ids ? 0 : -ENOMEM;
}

/**
 * tcphs_table_net_exit() - the share goes
 * @table: flushed, and a grace period has passed
 */
void tcphs_table_net_exit(struct tcphs_table *table)
{
	WARN_ON_ONCE(atomic_read(&table->conns));
	WARN_ON_ONCE(atomic_read(&table->half_open));
	free_percpu(table->ids);
}

/**
 * tcphs_table_init() - make the table of all namespaces
 * @buckets: how many chains, a power of two
 * @max_total: entries, all namespaces together
 * @max_guests: of them, in namespaces of unprivileged users
 *
 * Return: 0 or -ENOMEM.
 */
int tcphs_table_init(unsigned int buckets, unsigned int max_total,
		     unsigned int max_guests)
{
	int err;

	err = tcphs_owner_init();
	if (err)
		return err;
	err = tcphs_conn_init(buckets);
	if (err)
		goto owner;
	err = tcphs_timewait_init();
	if (err)
		goto conn;
	tcphs_retire_init(max_total, max_guests);
	return 0;
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
