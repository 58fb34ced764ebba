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
#define EVICT_MIN	128	/* buckets; and at most, where a table is small */
#define EVICT_MAX	4096
#define EVICT_TRIES	4	/* where another CPU was faster */
#define EXPIRE_MAX	64	/* entries of a bucket in one visit */

static s64 total_max __read_mostly;
static s64 guests_max __read_mostly;
static struct percpu_counter total;	/* entries of all namespaces */
static struct percpu_counter guests;	/* of them, unprivileged users' */

static void expire_slice(struct work_struct *work);
static DECLARE_DELAYED_WORK(expiry, expire_slice);
static u32 expire_hand;		/* the worker's own, as the next */
static bool is_empty;

/**
 * tcphs_retire_uncount() - count an entry out
 * @table: where tcphs_retire_admit() counted it in
 */
void tcphs_retire_uncount(struct tcphs_table *table)
{
	percpu_counter_dec(&table->conns);
	if (table->guest)
		percpu_counter_dec(&guests);
	percpu_counter_dec(&total);
}

/* Whom to let go: found under the lock, which is taken again. */
struct candidate {
	struct tcphs_bucket *bucket;
	struct tcphs_conn *conn;	/* its name; NULL: nobody */
	struct tcphs_table *table;
};

/* Let an entry go if @verdict, under the lock, says so. */
static bool retire_conn(const struct candidate *who,
			bool (*verdict)(struct tcphs_conn *conn,
					struct tcphs_section *section))
{
	struct tcphs_table *table = who->table;
	struct tcphs_conn *conn = who->conn;
	struct tcphs_section section;
	bool gone;

	tcphs_ring_begin(&section, table->stream, tcphs_table_time_wait_ns(table));
	raw_spin_lock(&who->bucket->lock);
	gone = tcphs_bucket_has(who->bucket, conn) && conn->table == table;
	if (gone) {
		tcphs_conn_sign(conn, &section);
		gone = verdict(conn, &section);
	}
	if (gone) {
		tcphs_waits_forget(conn);
		tcphs_bucket_drop(who->bucket, conn);
		if (conn->flow.bits & TCPHS_FLOW_MARK)
			percpu_counter_dec(&table->half_open);
		tcphs_stats_count(table->stats, TCPHS_C_REMOVED);
		tcphs_retire_uncount(table);
	}
	raw_spin_unlock(&who->bucket->lock);
	tcphs_ring_end(&section);
	if (gone)
		tcphs_conn_free(conn);
	return gone;
}

static bool is_half_open(const struct tcphs_conn *conn)
{
	return conn->flow.bits & TCPHS_FLOW_MARK;
}

static bool evict_verdict(struct tcphs_conn *conn, struct tcphs_section *section)
{
	tcphs_conn_assert_locked(conn);
	if (!is_half_open(conn) && !tcphs_flow_is_done(&conn->flow))
		return false;
	tcphs_flow_end(&conn->flow, TCPHS_CLOSE_EVICTED, TCPHS_TW_EVICTED,
		       conn->seen_ns, &section->step);
	tcphs_stats_count(conn->table->stats, TCPHS_C_EVICTED);
	return true;
}

/* A half-open entry of @table; else note in @done one whose ends are both done. */
static bool find_half_open(const struct tcphs_table *table,
			   struct tcphs_bucket *bucket, struct candidate *who,
			   struct candidate *done)
{
	struct candidate *found = NULL;
	struct tcphs_place place = { bucket };
	struct tcphs_conn *conn;

	if (tcphs_bucket_is_empty(bucket))
		return false;
	raw_spin_lock_bh(&bucket->lock);
	while ((conn = tcphs_place_next(&place))) {
		if (conn->table != table)
			continue;
		if (is_half_open(conn))
			found = who;
		else if (tcphs_flow_is_done(&conn->flow))
			found = done;
		else
			continue;
		*found = (struct candidate){ bucket, conn, conn->table };
		if (found == who)
			break;
	}
	raw_spin_unlock_bh(&bucket->lock);
	return found == who;
}

static u32 next_bucket(u32 bucket)
{
	return bucket + 1 < tcphs_index.buckets ? bucket + 1 : 0;
}

/* The fewer a namespace may have, the farther apart they lie in the buckets. */
static unsigned int search_length(const struct tcphs_table *table)
{
	u64 buckets = (u64)EVICT_SHARE * tcphs_index.buckets;

	return clamp_t(u64, div_u64(buckets, READ_ONCE(table->max_conns)),
		       EVICT_MIN, EVICT_MAX);
}

static struct candidate find_victim(struct tcphs_table *table)
{
	struct candidate who = { NULL }, done = { NULL };
	u32 bucket = READ_ONCE(table->evict_hand);
	unsigned int n, most = search_length(table);

	for (n = 0; n < most && !who.conn; n++) {
		bucket = next_bucket(bucket);
		find_half_open(table, &tcphs_index.bucket[bucket], &who, &done);
	}
	/* Two CPUs at the same buckets are no harm. */
	WRITE_ONCE(table->evict_hand, bucket);
	return who.conn ? who : done;
}

/*
 * Make room for one. A search that found nothing is not repeated within the
 * same jiffy, so that a flood on a table full of established connections does
 * not walk it for each segment.
 */
static bool evict_one(struct tcphs_table *table)
{
	struct candidate victim;
	unsigned int tries;

	if (!time_after(jiffies, READ_ONCE(table->full_jiffies)))
		return false;
	for (tries = 0; tries < EVICT_TRIES; tries++) {
		victim = find_victim(table);
		if (!victim.conn) {
			WRITE_ONCE(table->full_jiffies, jiffies);
			return false;
		}
		if (retire_conn(&victim, evict_verdict))
			return true;
	}
	return false;
}

/*
 * Counted by CPU, in batches: exactly only near the limit, which many CPUs at
 * once may pass by one each.
 */
static bool count_one(struct percpu_counter *counter, s64 max)
{
	percpu_counter_inc(counter);
	return percpu_counter_compare(counter, max) <= 0;
}

/*
 * Whoever may make network namespaces can fill their tables: all such
 * namespaces together leave the host's own its room.
 */
static bool count_conn(struct tcphs_table *table)
{
	bool fits = count_one(&total, total_max);

	if (!delayed_work_pending(&expiry))
		queue_delayed_work(system_power_efficient_wq, &expiry,
				   HZ / SLICES);
	if (table->guest)
		fits &= count_one(&guests, guests_max);
	fits &= count_one(&table->conns, READ_ONCE(table->max_conns));
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
	if (percpu_counter_compare(&table->half_open,
				   READ_ONCE(table->max_conns) / 2) >= 0 &&
	    !evict_one(table))
		return false;
	if (count_conn(table))
		return true;
	return evict_one(table) && count_conn(table);
}

static bool is_due(const struct tcphs_conn *conn, u64 now_ns)
{
	return !tcphs_conn_is_queued(conn) &&
	       tcphs_flow_deadline(&conn->flow, conn->seen_ns) <= now_ns;
}

static bool expire_verdict(struct tcphs_conn *conn,
			   struct tcphs_section *section)
{
	bool gone;

	tcphs_conn_assert_locked(conn);
	if (!is_due(conn, section->step.now_ns))
		return false;
	gone = tcphs_flow_timer(&conn->flow, conn->seen_ns, &section->step);
	if (!gone)
		tcphs_conn_account(conn);
	return gone;
}

/* What a bucket is to be visited for; of most nothing, as one walk shows. */
#define NEEDS_EXPIRY	0x1U
#define NEEDS_LOOK	0x2U

static unsigned int find_needs(struct tcphs_bucket *bucket, u64 now_ns)
{
	struct tcphs_place place = { bucket };
	unsigned int needs = 0;
	struct tcphs_conn *conn;

	raw_spin_lock_bh(&bucket->lock);
	while ((conn = tcphs_place_next(&place))) {
		if (is_due(conn, now_ns))
			needs |= NEEDS_EXPIRY;
		if (tcphs_look_is_due(conn, now_ns))
			needs |= NEEDS_LOOK;
	}
	raw_spin_unlock_bh(&bucket->lock);
	return needs;
}

static struct candidate find_due(struct tcphs_bucket *bucket, u64 now_ns)
{
	struct candidate due = { bucket };
	struct tcphs_place place = { bucket };
	struct tcphs_conn *conn;

	raw_spin_lock_bh(&bucket->lock);
	while ((conn = tcphs_place_next(&place)))
		if (is_due(conn, now_ns))
			break;
	due.conn = conn;
	if (conn)
		due.table = conn->table;
	raw_spin_unlock_bh(&bucket->lock);
	return due;
}

static void expire_bucket(struct tcphs_bucket *bucket, u64 now_ns)
{
	struct candidate due;
	unsigned int needs, n;

	if (tcphs_bucket_is_empty(bucket))
		return;
	/*
	 * An entry in a bucket keeps its namespace's table for this read side:
	 * the namespace waits for RCU after it has taken its entries out.
	 */
	rcu_read_lock();
	needs = find_needs(bucket, now_ns);
	for (n = 0; n < EXPIRE_MAX && needs & NEEDS_EXPIRY; n++) {
		due = find_due(bucket, now_ns);
		if (!due.conn)
			break;
		retire_conn(&due, expire_verdict);
	}
	if (needs & NEEDS_LOOK)
		tcphs_look_in_bucket(bucket, now_ns);
	rcu_read_unlock();
}

/*
 * Idle once the table was empty twice: the first entry starts it again. Who comes
 * while this begins is seen by the second pass.
 */
static void expire_slice(struct work_struct *work)
{
	u32 n, slice = DIV_ROUND_UP(tcphs_index.buckets, SLICES);
	bool was_empty = is_empty;
	u64 now_ns = ktime_get_boottime_ns();

	for (n = 0; n < slice; n++) {
		expire_bucket(&tcphs_index.bucket[expire_hand], now_ns);
		expire_hand = next_bucket(expire_hand);
		cond_resched();
	}
	is_empty = !percpu_counter_sum(&total);
	if (!is_empty || !was_empty)
		queue_delayed_work(system_power_efficient_wq, &expiry,
				   HZ / SLICES);
}

static bool dying_verdict(struct tcphs_conn *conn,
			  struct tcphs_section *section)
{
	tcphs_conn_assert_locked(conn);
	tcphs_flow_end(&conn->flow, TCPHS_CLOSE_OPEN, TCPHS_TW_KILLED,
		       conn->seen_ns, &section->step);
	return true;
}

static struct candidate find_dying(struct tcphs_bucket *bucket)
{
	struct candidate who = { bucket };
	struct tcphs_place place = { bucket };
	struct tcphs_conn *conn;

	raw_spin_lock_bh(&bucket->lock);
	while ((conn = tcphs_place_next(&place)))
		if (conn->table->dying)
			break;
	who.conn = conn;
	if (conn)
		who.table = conn->table;
	raw_spin_unlock_bh(&bucket->lock);
	return who;
}

/* Take one entry of a dying namespace out of a bucket: false if there is none. */
static bool retire_dying(struct tcphs_bucket *bucket)
{
	struct candidate who;

	rcu_read_lock();
	who = find_dying(bucket);
	if (who.conn)
		retire_conn(&who, dying_verdict);
	rcu_read_unlock();
	return who.conn;
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

	for (bucket = 0; bucket < tcphs_index.buckets; bucket++) {
		while (retire_dying(&tcphs_index.bucket[bucket]))
			cond_resched();
		cond_resched();
	}
}

/**
 * tcphs_retire_init() - set the limits of many namespaces together
 * @max_total: entries of all
 * @max_guests: entries of those that belong to unprivileged users
 *
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
int tcphs_retire_init(unsigned int max_total, unsigned int max_guests)
{
	int err;

	total_max = max_total;
	guests_max = max_guests;
	err = percpu_counter_init(&total, 0, GFP_KERNEL);
	if (err)
		return err;
	err = percpu_counter_init(&guests, 0, GFP_KERNEL);
	if (err)
		percpu_counter_destroy(&total);
	return err;
}

/**
 * tcphs_retire_exit() - stop the expiry
 *
 * Context: may sleep; all namespaces are flushed, no hook runs.
 */
void tcphs_retire_exit(void)
{
	cancel_delayed_work_sync(&expiry);
	percpu_counter_destroy(&guests);
	percpu_counter_destroy(&total);
}
