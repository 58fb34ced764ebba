// SPDX-License-Identifier: GPL-2.0
/*
 * Where the entries lie: keyed hash, chains walked without a lock, the slab
 * that they are recycled in. Steps no flow and keeps no limit.
 */
#include "conn.h"

#include <linux/mm.h>
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/slab.h>

struct tcphs_chains tcphs_chains __read_mostly;
raw_spinlock_t tcphs_conn_locks[TCPHS_CONN_LOCKS];

static struct kmem_cache *cache __read_mostly;
static hsiphash_key_t hash_key __read_mostly;

static u32 hash_ipv4(const struct tcphs_table *table,
		     const struct tcphs_tuple *tuple)
{
	u64 a = (u64)tuple->addr[0][0] << 32 | tuple->port[0];
	u64 b = (u64)tuple->addr[1][0] << 32 | tuple->port[1];

	if (a > b)
		swap(a, b);
	return hsiphash_4u32(a >> 32, b >> 32, (u32)a << 16 | (u32)b,
			     table->mix, &hash_key);
}

static u32 hash_ipv6(const struct tcphs_table *table,
		     const struct tcphs_tuple *tuple)
{
	u32 words[10] __aligned(HSIPHASH_ALIGNMENT);
	int first = memcmp(tuple->addr[0], tuple->addr[1], 16);

	if (!first)
		first = tuple->port[0] - tuple->port[1];
	first = first > 0;
	memcpy(words, tuple->addr[first], 16);
	memcpy(words + 4, tuple->addr[!first], 16);
	words[8] = (u32)tuple->port[first] << 16 | tuple->port[!first];
	words[9] = table->mix;
	return hsiphash(words, sizeof(words), &hash_key);
}

/**
 * tcphs_conn_hash() - the same number for both directions of a connection
 * @table: of the namespace
 * @tuple: of a packet
 *
 * Keyed at random at each load, so that nobody can aim at a bucket. HalfSipHash
 * or SipHash-1-3 is what <linux/siphash.h> offers for tables on a fast path.
 */
u32 tcphs_conn_hash(const struct tcphs_table *table,
		    const struct tcphs_tuple *tuple)
{
	if (tuple->family == 4)
		return hash_ipv4(table, tuple);
	return hash_ipv6(table, tuple);
}

/**
 * tcphs_conn_find() - the entry of a tuple, found without a lock
 * @table: of the namespace
 * @hash: of @tuple
 * @tuple: of a packet
 *
 * A hint: it may be recycled at any moment, and one whose tuple is just being
 * written anew may be overlooked. Who needs certainty asks under the locks.
 *
 * Context: under RCU. Return: the entry, or NULL.
 */
struct tcphs_conn *tcphs_conn_find(const struct tcphs_table *table, u32 hash,
				   const struct tcphs_tuple *tuple)
{
	struct hlist_nulls_head *head = tcphs_conn_bucket(hash);
	const struct hlist_nulls_node *pos;
	struct tcphs_conn *conn;
	unsigned int from;

	do {
		hlist_nulls_for_each_entry_rcu(conn, pos, head, node) {
			if (READ_ONCE(conn->hash) != hash ||
			    READ_ONCE(conn->table) != table)
				continue;
			/* data_race: if it is just changing, it is no match. */
			from = data_race(tcphs_flow_match(&conn->flow, tuple));
			if (from != TCPHS_NOBODY)
				return conn;
		}
	} while (get_nulls_value(pos) != (hash & tcphs_chains.mask));
	return NULL;
}

/**
 * tcphs_conn_account() - keep the count of half-open connections
 * @conn: locked; its flow was stepped
 */
void tcphs_conn_account(struct tcphs_conn *conn)
{
	bool half_open = tcphs_flow_is_half_open(&conn->flow);

	lockdep_assert_held(&conn->lock);
	if (half_open == conn->half_open)
		return;
	WRITE_ONCE(conn->half_open, half_open);
	if (half_open)
		atomic_inc(&conn->table->half_open);
	else
		atomic_dec(&conn->table->half_open);
}

/**
 * tcphs_conn_link() - put an entry into its chain
 * @conn: not in any; its flow is begun
 * @table: of the namespace
 * @hash: of its tuple
 * @now_ns: the time
 *
 * Context: the locks of the bucket and of @conn are held.
 */
void tcphs_conn_link(struct tcphs_conn *conn, struct tcphs_table *table,
		     u32 hash, u64 now_ns)
{
	lockdep_assert_held(tcphs_conn_lock(hash));
	lockdep_assert_held(&conn->lock);
	WRITE_ONCE(conn->table, table);
	WRITE_ONCE(conn->hash, hash);
	WRITE_ONCE(conn->half_open, false);
	WRITE_ONCE(conn->queued, false);
	conn->seen_ns = now_ns;
	conn->looked_ns = now_ns;
	conn->alive = true;
	hlist_nulls_add_head_rcu(&conn->node, tcphs_conn_bucket(hash));
	tcphs_stats_count(table->stats, TCPHS_C_CREATED);
}

/**
 * tcphs_conn_unlink() - take an entry out of its chain
 * @conn: alive
 *
 * Context: the locks of its bucket and of @conn are held. The caller counts
 * it out, and frees it once it holds no lock.
 */
void tcphs_conn_unlink(struct tcphs_conn *conn)
{
	struct tcphs_table *table = conn->table;

	lockdep_assert_held(tcphs_conn_lock(conn->hash));
	lockdep_assert_held(&conn->lock);
	conn->alive = false;
	hlist_nulls_del_rcu(&conn->node);
	if (conn->half_open)
		atomic_dec(&table->half_open);
	tcphs_stats_count(table->stats, TCPHS_C_REMOVED);
}

/**
 * tcphs_conn_alloc() - memory for an entry, in no chain
 *
 * Those who still look at what it was before find it not alive.
 *
 * Context: any but with preemption off. Return: NULL without memory.
 */
struct tcphs_conn *tcphs_conn_alloc(void)
{
	struct tcphs_conn *conn;

	conn = kmem_cache_alloc(cache, GFP_ATOMIC | __GFP_NOWARN);
	if (conn) {
		conn->flow.rest = NULL;
		WRITE_ONCE(conn->asked, 0);
	}
	return conn;
}

/**
 * tcphs_conn_free() - give it back
 * @conn: in no chain; others may still be looking at it, under RCU
 *
 * Context: any but with preemption off.
 */
void tcphs_conn_free(struct tcphs_conn *conn)
{
	tcphs_owner_free(tcphs_conn_identity(conn));
	kmem_cache_free(cache, conn);
}

/* Once for each object's memory: its lock outlives the entries in it. */
static void init_object(void *object)
{
	struct tcphs_conn *conn = object;

	raw_spin_lock_init(&conn->lock);
	conn->alive = false;
}

static void init_chains(unsigned int buckets)
{
	unsigned int i;

	for (i = 0; i < buckets; i++)
		INIT_HLIST_NULLS_HEAD(&tcphs_chains.bucket[i], i);
	for (i = 0; i < TCPHS_CONN_LOCKS; i++)
		raw_spin_lock_init(&tcphs_conn_locks[i]);
	tcphs_chains.mask = buckets - 1;
}

/**
 * tcphs_conn_init() - empty chains
 * @buckets: how many, a power of two
 *
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
int tcphs_conn_init(unsigned int buckets)
{
	tcphs_chains.bucket = kvmalloc_array(buckets,
					     sizeof(*tcphs_chains.bucket),
					     GFP_KERNEL);
	if (!tcphs_chains.bucket)
		return -ENOMEM;
	cache = kmem_cache_create("tcphs_conn", sizeof(struct tcphs_conn), 0,
				  SLAB_TYPESAFE_BY_RCU, init_object);
	if (!cache) {
		kvfree(tcphs_chains.bucket);
		return -ENOMEM;
	}
	init_chains(buckets);
	get_random_bytes(&hash_key, sizeof(hash_key));
	return 0;
}

/**
 * tcphs_conn_exit() - the chains, empty, go
 *
 * Context: may sleep; nobody looks at them any more.
 */
void tcphs_conn_exit(void)
{
	/* Objects freed a moment ago are still waiting for their pages' turn. */
	rcu_barrier();
	kmem_cache_destroy(cache);
	kvfree(tcphs_chains.bucket);
}
