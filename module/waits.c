// SPDX-License-Identifier: GPL-2.0
/*
 * A queue for each CPU, of the connections that began to wait there. One worker
 * goes through all of them and has those visited that are due. Looks at none
 * itself, and sleeps while there are none.
 */
#include "waits.h"

#include <linux/cpumask.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/percpu.h>
#include <linux/workqueue.h>

/*
 * PAUSE: between two rounds where nobody is searched for, and how long one who
 * was found due is put off if its visit does not say. SEARCH: how many are visited
 * in each round though they are not due, for what ends before its time: 2,500 in
 * a second, a small part of a CPU, however many wait.
 */
#define PAUSE_NS	NSEC_PER_SEC
#define SEARCH		25

struct tcphs_queue {
	raw_spinlock_t lock;		/* after a connection's */
	struct timerqueue_head head;
	u64 searched_ns;		/* the search goes on behind this */
};

static struct tcphs_queue __percpu *queues;
static tcphs_visit_t *visit_conn;
static atomic_t waiting;		/* connections in all queues */
static bool searches = true;
static unsigned int search_cpu;		/* the worker's own: whose queue is next */

static void go_round(struct work_struct *work);
static DECLARE_DELAYED_WORK(rounds, go_round);

static void plan_round(void)
{
	u64 pause_ns = READ_ONCE(searches) ? TCPHS_WAITS_TICK_NS : PAUSE_NS;

	queue_delayed_work(system_power_efficient_wq, &rounds,
			   nsecs_to_jiffies(pause_ns));
}

/**
 * tcphs_waits_search() - whether to visit others than those that are due
 * @for_others: what ends before its time is not told by anybody
 *
 * Context: any.
 */
void tcphs_waits_search(bool for_others)
{
	WRITE_ONCE(searches, for_others);
}

/**
 * tcphs_waits_searches() - as it was set last; true at first
 *
 * Context: any.
 */
bool tcphs_waits_searches(void)
{
	return READ_ONCE(searches);
}

/**
 * tcphs_waits_place() - a connection's next visit
 * @conn: locked, with an identity
 * @due_ns: when, CLOCK_BOOTTIME
 */
void tcphs_waits_place(struct tcphs_conn *conn, u64 due_ns)
{
	struct tcphs_identity *identity = tcphs_conn_identity(conn);
	struct tcphs_queue *queue = identity->queue;

	tcphs_conn_assert_locked(conn);
	if (!queue) {
		queue = this_cpu_ptr(queues);
		timerqueue_init(&identity->due);
		identity->conn = conn;
		identity->hash = tcphs_conn_hash_of(conn);
		if (atomic_inc_return(&waiting) == 1)
			plan_round();
	}
	raw_spin_lock(&queue->lock);
	if (identity->queue)
		timerqueue_del(&queue->head, &identity->due);
	identity->queue = queue;
	identity->due.expires = due_ns;
	timerqueue_add(&queue->head, &identity->due);
	raw_spin_unlock(&queue->lock);
}

/**
 * tcphs_waits_forget() - no more visits
 * @conn: locked; it waits for nothing, ends, or gives way to another
 */
void tcphs_waits_forget(struct tcphs_conn *conn)
{
	struct tcphs_identity *identity = tcphs_conn_identity(conn);

	tcphs_conn_assert_locked(conn);
	if (!identity || !identity->queue)
		return;
	raw_spin_lock(&identity->queue->lock);
	timerqueue_del(&identity->queue->head, &identity->due);
	raw_spin_unlock(&identity->queue->lock);
	identity->queue = NULL;
	atomic_dec(&waiting);
}

/* Whom to visit: the name of an entry, and where it is. */
struct visitee {
	struct tcphs_conn *conn;	/* NULL: nobody */
	u32 hash;
};

static struct visitee visitee_of(struct timerqueue_node *node)
{
	struct tcphs_identity *identity;

	identity = container_of(node, struct tcphs_identity, due);
	return (struct visitee){ identity->conn, identity->hash };
}

static void visit(const struct visitee *who)
{
	visit_conn(tcphs_conn_bucket(who->hash), who->conn);
}

/* Who is due first, put off so that it is not found again at once; or NULL. */
static struct visitee take_due(struct tcphs_queue *queue, u64 now_ns)
{
	struct visitee who = { NULL };
	struct timerqueue_node *node;

	raw_spin_lock_bh(&queue->lock);
	node = timerqueue_getnext(&queue->head);
	if (node && node->expires <= now_ns) {
		who = visitee_of(node);
		timerqueue_del(&queue->head, node);
		node->expires = now_ns + PAUSE_NS;
		timerqueue_add(&queue->head, node);
	}
	raw_spin_unlock_bh(&queue->lock);
	return who;
}

static void visit_due(struct tcphs_queue *queue, u64 now_ns)
{
	struct visitee who;

	do {
		rcu_read_lock();
		who = take_due(queue, now_ns);
		if (who.conn)
			visit(&who);
		rcu_read_unlock();
		cond_resched();
	} while (who.conn);
}

/* The first that is due after @due_ns, or NULL. */
static struct timerqueue_node *find_after(struct tcphs_queue *queue, u64 due_ns)
{
	struct rb_node *pos = queue->head.rb_root.rb_root.rb_node;
	struct timerqueue_node *node, *found = NULL;

	lockdep_assert_held(&queue->lock);
	while (pos) {
		node = rb_entry(pos, struct timerqueue_node, node);
		if ((u64)node->expires > due_ns)
			found = node;
		pos = (u64)node->expires > due_ns ? pos->rb_left : pos->rb_right;
	}
	return found;
}

/* The next of all; NULL at the end, then from the beginning again. */
static struct visitee take_next(struct tcphs_queue *queue)
{
	struct visitee who = { NULL };
	struct timerqueue_node *node;

	raw_spin_lock_bh(&queue->lock);
	node = find_after(queue, queue->searched_ns);
	queue->searched_ns = node ? node->expires : 0;
	if (node)
		who = visitee_of(node);
	raw_spin_unlock_bh(&queue->lock);
	return who;
}

/* One queue after another. */
static void search(void)
{
	struct visitee who;
	unsigned int cpus = num_possible_cpus(), n;

	for (n = 0; n < SEARCH && cpus; n++) {
		rcu_read_lock();
		who = take_next(per_cpu_ptr(queues, search_cpu));
		if (who.conn)
			visit(&who);
		rcu_read_unlock();
		if (who.conn)
			continue;
		search_cpu = cpumask_next(search_cpu, cpu_possible_mask);
		if (search_cpu >= nr_cpu_ids)
			search_cpu = cpumask_first(cpu_possible_mask);
		cpus--;
	}
}

static void go_round(struct work_struct *work)
{
	u64 now_ns = ktime_get_boottime_ns();
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		visit_due(per_cpu_ptr(queues, cpu), now_ns);
	if (tcphs_waits_searches())
		search();
	if (atomic_read(&waiting))
		plan_round();
}

/**
 * tcphs_waits_init() - empty queues
 * @visit: called for each that is due
 *
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
int tcphs_waits_init(tcphs_visit_t *visit)
{
	struct tcphs_queue *queue;
	unsigned int cpu;

	visit_conn = visit;
	search_cpu = cpumask_first(cpu_possible_mask);
	queues = alloc_percpu(struct tcphs_queue);
	if (!queues)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		queue = per_cpu_ptr(queues, cpu);
		raw_spin_lock_init(&queue->lock);
		timerqueue_init_head(&queue->head);
	}
	return 0;
}

/**
 * tcphs_waits_exit() - no more rounds
 *
 * Context: may sleep; no connection is left.
 */
void tcphs_waits_exit(void)
{
	WARN_ON_ONCE(atomic_read(&waiting));
	cancel_delayed_work_sync(&rounds);
	free_percpu(queues);
}
