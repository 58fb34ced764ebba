/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the entries lie: their chains, their locks, their memory. For the
 * rooms of the table (table, retire, rows); decides nothing.
 *
 * Locks, in this order, all raw, softirqs off: that of the bucket's stripe
 * (who is in the chain), that of the entry (its flow, and whether it lives).
 * Entries are recycled without a grace period (SLAB_TYPESAFE_BY_RCU): who
 * found one without a lock asks again, under the lock, whether it is still
 * the one; chains end in their bucket's number, so that a walk that was
 * carried off to another chain is noticed.
 */
#ifndef TCPHS_CONN_H
#define TCPHS_CONN_H

#include <linux/atomic.h>
#include <linux/rculist.h>
#include <linux/rculist_nulls.h>
#include <linux/spinlock.h>
#include <linux/time64.h>

#include "owner.h"
#include "ring.h"
#include "stats.h"

#define TCPHS_CONN_LOCKS	1024	/* stripes, a power of two */

/* One namespace's share of the table. */
struct tcphs_table {
	struct net *net;
	struct tcphs_stream *stream;
	struct tcphs_stats __percpu *stats;
	u64 __percpu *ids;		/* connections begun, by CPU */
	u32 mix;			/* sets its hashes apart from others' */
	unsigned int max_conns;		/* sysctl */
	unsigned int msl_s;		/* sysctl; seconds */
	atomic_t conns;
	atomic_t half_open;		/* of them; they may be evicted */
	unsigned long full_jiffies;	/* when nothing could be evicted */
	u32 evict_hand;			/* bucket to look on from */
	bool guest;			/* an unprivileged user's namespace */
	bool dying;
};

struct tcphs_conn {
	struct hlist_nulls_node node;
	struct tcphs_table *table;
	u32 hash;
	raw_spinlock_t lock;
	bool alive;			/* in its chain */
	bool half_open;			/* counted in table->half_open */
	u8 asked;			/* ends whose socket can be looked up, as flow.local */
	bool queued;			/* waits.c has it visited: it does not expire */
	u64 seen_ns;			/* its latest segment; CLOCK_BOOTTIME */
	u64 looked_ns;			/* when its sockets were looked up last */
	struct tcphs_flow flow;
};

/* The chains of all namespaces; fixed while the module is loaded. */
struct tcphs_chains {
	struct hlist_nulls_head *bucket;
	u32 mask;			/* of bucket numbers */
};

extern struct tcphs_chains tcphs_chains;
extern raw_spinlock_t tcphs_conn_locks[TCPHS_CONN_LOCKS];

static inline struct hlist_nulls_head *tcphs_conn_bucket(u32 hash)
{
	return &tcphs_chains.bucket[hash & tcphs_chains.mask];
}

static inline raw_spinlock_t *tcphs_conn_lock(u32 hash)
{
	return &tcphs_conn_locks[hash & tcphs_chains.mask &
				 (TCPHS_CONN_LOCKS - 1)];
}

/* For the sections in which connections of a namespace are stepped. */
static inline u64 tcphs_table_time_wait_ns(const struct tcphs_table *table)
{
	return 2 * NSEC_PER_SEC * READ_ONCE(table->msl_s);
}

/* What lies beside @conn, locked; NULL: nothing. */
static inline struct tcphs_identity *
tcphs_conn_identity(const struct tcphs_conn *conn)
{
	if (!conn->flow.rest)
		return NULL;
	return container_of(conn->flow.rest, struct tcphs_identity, rest);
}

/* @conn, locked, has nothing beside it: from now on @identity. */
static inline void tcphs_conn_attach(struct tcphs_conn *conn,
				     struct tcphs_identity *identity)
{
	lockdep_assert_held(&conn->lock);
	tcphs_flow_attach(&conn->flow, &identity->rest);
}

/**
 * tcphs_conn_sign() - let the records of a section tell whose connection it is
 * @conn: locked, and kept so until the last of them
 * @section: begun
 */
static inline void tcphs_conn_sign(const struct tcphs_conn *conn,
				   struct tcphs_section *section)
{
	const struct tcphs_identity *identity = tcphs_conn_identity(conn);

	lockdep_assert_held(&conn->lock);
	section->owner = identity ? &identity->owner : NULL;
}

/**
 * tcphs_conn_side() - which end of a connection a tuple's source is
 * @conn: locked, found by a hint
 * @table: of the namespace
 * @tuple: of a packet, source first
 *
 * Return: the side, TCPHS_NOBODY if it is another connection now, or none.
 */
static inline unsigned int tcphs_conn_side(const struct tcphs_conn *conn,
					   const struct tcphs_table *table,
					   const struct tcphs_tuple *tuple)
{
	lockdep_assert_held(&conn->lock);
	if (!conn->alive || conn->table != table)
		return TCPHS_NOBODY;
	return tcphs_flow_match(&conn->flow, tuple);
}

int tcphs_conn_init(unsigned int buckets);
void tcphs_conn_exit(void);

u32 tcphs_conn_hash(const struct tcphs_table *table,
		    const struct tcphs_tuple *tuple);
struct tcphs_conn *tcphs_conn_find(const struct tcphs_table *table, u32 hash,
				   const struct tcphs_tuple *tuple);

struct tcphs_conn *tcphs_conn_alloc(void);
void tcphs_conn_free(struct tcphs_conn *conn);

void tcphs_conn_link(struct tcphs_conn *conn, struct tcphs_table *table,
		     u32 hash, u64 now_ns);
void tcphs_conn_unlink(struct tcphs_conn *conn);
void tcphs_conn_account(struct tcphs_conn *conn);

#endif /* TCPHS_CONN_H */
