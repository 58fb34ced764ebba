// SPDX-License-Identifier: GPL-2.0
/*
 * How connections leave the table: limits, eviction, expiry, the end of a
 * namespace. Never takes out what is established to make room.
 */
#include "retire.h"

#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/workqueue.h>

#include "look.h"
#include "waits.h"

#define SLICES		10	/* of the table, one after another in a second */
#define EVICT_SHARE	16	/* entries of a full table passed for one that may go */
#define EVICT_MIN	512	/* buckets; and at most, where a table is small */
#define EVICT_MAX	16384
#define EVICT_TRIES	4	/* where another CPU was faster */
#define EXPIRE_MAX	64	/* entries of a bucket in one visit */

static int total_max __read_mostly;
static int guests_max __read_mostly;
static atomic_t total;		/* entries of all namespaces */
static atomic_t guests;		/* of them, unprivileged users' */

static void expire_slice(struct work_struct *work);
static DECLARE_DELAYED_WORK(expiry, expire_slice);
static u32 expire_hand;		/* the worker's own */

/**
 * tcphs_retire_uncount() - count an entry out
 * @table: where tcphs_retire_admit() counted it in
 */
void tcphs_retire_uncount(struct tcphs_table *table)
{
	atomic_dec(&table->conns);
	if (table->guest)
		atomic_dec(&guests);
	atomic_dec(&total);
}

/*
 * Let an entry go if @verdict, under its locks, says so. @conn is a hint: it
 * may be gone, or another's.
 */
static bool retire_conn(struct tcphs_conn *conn, struct tcphs_table *table,
			bool (*verdict)(struct tcphs_conn *conn,
					struct tcphs_section *section))
{
	u32 hash = READ_ONCE(conn->hash);
	struct tcphs_section section;
	bool gone;

	tcphs_ring_begin(&section, table->stream, tcphs_table_time_wait_ns(table));
	raw_spin_lock(tcphs_conn_lock(hash));
	raw_spin_lock(&conn->lock);
	gone = conn->alive && conn->table == table && conn->hash == hash;
	if (gone) {
		tcphs_conn_sign(conn, &section);
		gone = verdict(conn, &section);
	}
	if (gone) {
		tcphs_waits_forget(conn);
		tcphs_conn_unlink(conn);
		tcphs_retire_uncount(table);
	}
	raw_spin_unlock(&conn->lock);
	raw_spin_unlock(tcphs_conn_lock(hash));
	tcphs_ring_end(&section);
	if (gone)
		tcphs_conn_free(conn);
	return gone;
}

static bool evict_verdict(struct tcphs_conn *conn, struct tcphs_section *section)
{
	if (!conn->half_open && !tcphs_flow_is_done(&conn->flow))
		return false;
	tcphs_flow_end(&conn->flow, TCPHS_CLOSE_EVICTED, TCPHS_TW_EVICTED,
		       conn->seen_ns, &section->step);
	tcphs_stats_count(conn->table->stats, TCPHS_C_EVICTED);
	return true;
}

/*
 * In a chain, an entry of @table that is half open; else note one whose ends
 * are both done. No lock: hints.
 */
static struct tcphs_conn *find_half_open(const struct tcphs_table *table,
					 u32 bucket, struct tcphs_conn **done)
{
	const struct hlist_nulls_node *pos;
	struct tcphs_conn *conn;

	hlist_nulls_for_each_entry_rcu(conn, pos, tcphs_conn_bucket(bucket), node) {
		if (READ_ONCE(conn->table) != table)
			continue;
		if (READ_ONCE(conn->half_open))
			return conn;
		/* data_race: asked again under the lock. */
		if (data_race(tcphs_flow_is_done(&conn->flow)))
			*done = conn;
	}
	return NULL;
}

/* The fewer a namespace may have, the farther apart they lie in the chains. */
static unsigned int search_length(const struct tcphs_table *table)
{
	u64 buckets = (u64)EVICT_SHARE * (tcphs_chains.mask + 1);

	return clamp_t(u64, div_u64(buckets, READ_ONCE(table->max_conns)),
		       EVICT_MIN, EVICT_MAX);
}

static struct tcphs_conn *find_victim(struct tcphs_table *table)
{
	struct tcphs_conn *conn = NULL, *done = NULL;
	u32 bucket = READ_ONCE(table->evict_hand);
	unsigned int n, most = search_length(table);

	for (n = 0; n < most && !conn; n++) {
		bucket = (bucket + 1) & tcphs_chains.mask;
		conn = find_half_open(table, bucket, &done);
	}
	/* Two CPUs at the same buckets are no harm. */
	WRITE_ONCE(table->evict_hand, bucket);
	return conn ?: done;
}

/*
 * Make room for one. A search that found nothing is not repeated within the
 * same jiffy, so that a flood on a table full of established connections does
 * not walk it for each segment.
 */
static bool evict_one(struct tcphs_table *table)
{
	unsigned int tries;
	struct tcphs_conn *victim;

	if (!time_after(jiffies, READ_ONCE(table->full_jiffies)))
		return false;
	for (tries = 0; tries < EVICT_TRIES; tries++) {
		victim = find_victim(table);
		if (!victim) {
			WRITE_ONCE(table->full_jiffies, jiffies);
			return false;
		}
		if (retire_conn(victim, table, evict_verdict))
			return true;
	}
	return false;
}

/*
 * Whoever may make network namespaces can fill their tables: all such
 * namespaces together leave the host's own its room.
 */
static bool count_conn(struct tcphs_table *table)
{
	int now = atomic_inc_return(&total);
	bool fits = now <= total_max;

	if (now == 1)
		queue_delayed_work(system_power_efficient_wq, &expiry,
				   HZ / SLICES);
	if (table->guest)
		fits &= atomic_inc_return(&guests) <= guests_max;
	fits &= atomic_inc_return(&table->conns) <=
		(int)READ_ONCE(table->max_conns);
	if (!fits)
		tcphs_retire_uncount(table);
	return fits;
}

/**
 * tcphs_retire_admit() - count a new entry in, within the limits
 * @table: of its namespace
 *
 * Those that nobody has completed may take half of the room, and give way
 * first: a flood of SYNs drives out its own, never what is established.
 *
 * Context: under RCU, no lock held, preemption on. Return: false if there is
 * no room and nothing that may go.
 */
bool tcphs_retire_admit(struct tcphs_table *table)
{
	if (atomic_read(&table->half_open) >=
	    (int)READ_ONCE(table->max_conns) / 2 && !evict_one(table))
		return false;
	if (count_conn(table))
		return true;
	return evict_one(table) && count_conn(table);
}

static bool expire_verdict(struct tcphs_conn *conn,
			   struct tcphs_section *section)
{
	bool gone;

	if (conn->queued ||
	    tcphs_flow_deadline(&conn->flow, conn->seen_ns) >
	    section->step.now_ns)
		return false;
	gone = tcphs_flow_timer(&conn->flow, conn->seen_ns, &section->step);
	if (!gone)
		tcphs_conn_account(conn);
	return gone;
}

static bool is_due(struct tcphs_conn *conn, u64 now_ns)
{
	bool due;

	raw_spin_lock_bh(&conn->lock);
	due = conn->alive && !conn->queued &&
	      tcphs_flow_deadline(&conn->flow, conn->seen_ns) <= now_ns;
	raw_spin_unlock_bh(&conn->lock);
	return due;
}

static struct tcphs_conn *find_due(u32 bucket, u64 now_ns)
{
	const struct hlist_nulls_node *pos;
	struct tcphs_conn *conn;

	hlist_nulls_for_each_entry_rcu(conn, pos, tcphs_conn_bucket(bucket), node) {
		if (!READ_ONCE(conn->queued) && is_due(conn, now_ns))
			return conn;
	}
	return NULL;
}

static void expire_bucket(u32 bucket, u64 now_ns)
{
	struct tcphs_conn *conn;
	unsigned int n;

	if (hlist_nulls_empty(tcphs_conn_bucket(bucket)))
		return;
	/*
	 * An entry in a chain keeps its namespace's table for this read side:
	 * the namespace waits for RCU after it has taken its entries out.
	 */
	rcu_read_lock();
	for (n = 0; n < EXPIRE_MAX; n++) {
		conn = find_due(bucket, now_ns);
		if (!conn)
			break;
		retire_conn(conn, READ_ONCE(conn->table), expire_verdict);
	}
	tcphs_look_in_bucket(bucket, now_ns);
	rcu_read_unlock();
}

/* Idle while the table is empty: the first entry starts it again. */
static void expire_slice(struct work_struct *work)
{
	u32 n, slice = DIV_ROUND_UP(tcphs_chains.mask + 1, SLICES);
	u64 now_ns = ktime_get_boottime_ns();

	for (n = 0; n < slice; n++) {
		expire_bucket(expire_hand, now_ns);
		expire_hand = (expire_hand + 1) & tcphs_chains.mask;
		cond_resched();
	}
	if (atomic_read(&total))
		queue_delayed_work(system_power_efficient_wq, &expiry,
				   HZ / SLICES);
}

static bool dying_verdict(struct tcphs_conn *conn,
			  struct tcphs_section *section)
{
	tcphs_flow_end(&conn->flow, TCPHS_CLOSE_OPEN, TCPHS_TW_KILLED,
		       conn->seen_ns, &section->step);
	return true;
}

/* Take one entry of a dying namespace out of a bucket: false if there is none. */
static bool retire_dying(u32 bucket)
{
	const struct hlist_nulls_node *pos;
	struct tcphs_table *table;
	struct tcphs_conn *conn;
	bool found = false;

	rcu_read_lock();
	hlist_nulls_for_each_entry_rcu(conn, pos, tcphs_conn_bucket(bucket), node) {
		table = READ_ONCE(conn->table);
		found = table->dying;
		if (found) {
			retire_conn(conn, table, dying_verdict);
			break;
		}
	}
	/* Carried off to another chain: look again. */
	if (!found)
		found = get_nulls_value(pos) != bucket;
	rcu_read_unlock();
	return found;
}

/**
 * tcphs_retire_flush() - take out all entries of dying namespaces
 *
 * Their hooks are gone, nothing is added; their streams are told the end of
 * each. Wait for RCU before they are freed.
 *
 * Context: process, may sleep.
 */
void tcphs_retire_flush(void)
{
	u32 bucket;

	for (bucket = 0; bucket <= tcphs_chains.mask; bucket++) {
		while (retire_dying(bucket))
			cond_resched();
		cond_resched();
	}
}

/**
 * tcphs_retire_init() - set the limits of many namespaces together
 * @max_total: entries of all
 * @max_guests: entries of those that belong to unprivileged users
 */
void tcphs_retire_init(unsigned int max_total, unsigned int max_guests)
{
	total_max = max_total;
	guests_max = max_guests;
}

/**
 * tcphs_retire_exit() - stop the expiry
 *
 * Context: may sleep; all namespaces are flushed, no hook runs.
 */
void tcphs_retire_exit(void)
{
	cancel_delayed_work_sync(&expiry);
}
