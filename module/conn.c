// SPDX-License-Identifier: GPL-2.0
/*
 * Where the entries lie: keyed hash, buckets, memory. Steps no flow and keeps no
 * limit.
 */
#include "conn.h"

#include <linux/mm.h>
#include <linux/slab.h>

#include "core/quick.h"

/* Entries for each bucket of a full table: more of the slots and few overflow. */
#define LOAD	5

struct tcphs_index tcphs_index __read_mostly;

static struct kmem_cache *cache __read_mostly;
static struct kmem_cache *bucket_cache __read_mostly;

/**
 * tcphs_conn_hash() - the same number for both directions of a connection
 * @table: of the namespace
 * @tuple: of a packet
 *
 * Keyed at random for each namespace, so that nobody can aim at a bucket.
 */
u32 tcphs_conn_hash(const struct tcphs_table *table,
		    const struct tcphs_tuple *tuple)
{
	u32 ports = tcphs_quick_ports(tuple->port[0], tuple->port[1]);
	u64 ends = tcphs_quick_ends4(tuple->addr[0][0], tuple->addr[1][0]);

	if (tuple->family == 4)
		return tcphs_hash4(&table->key, ends, ports);
	return tcphs_hash6(&table->key, (const u8 *)tuple->addr, ports);
}

/**
 * tcphs_conn_hash_of() - the hash under which an entry is kept
 * @conn: locked
 */
u32 tcphs_conn_hash_of(const struct tcphs_conn *conn)
{
	struct tcphs_tuple tuple;

	tcphs_flow_tuple(&conn->flow, &tuple);
	return tcphs_conn_hash(conn->table, &tuple);
}

/**
 * tcphs_place_next() - go on to the next entry
 * @place: in a bucket that is locked
 *
 * Return: NULL at the end.
 */
struct tcphs_conn *tcphs_place_next(struct tcphs_place *place)
{
	while (place->slot < TCPHS_SLOTS) {
		struct tcphs_bucket *bucket = place->bucket;
		unsigned int slot = place->slot++;

		if (bucket->tag[slot] == TCPHS_TAG_MORE)
			*place = (struct tcphs_place){ bucket->slot[slot].more };
		else if (bucket->tag[slot] != TCPHS_TAG_NONE)
			return bucket->slot[slot].conn;
	}
	return NULL;
}

/**
 * tcphs_bucket_may_have() - look for an entry without the lock
 * @bucket: of @hash
 * @hash: of a tuple
 *
 * Return: false if there is none, or it comes or goes just now.
 */
bool tcphs_bucket_may_have(const struct tcphs_bucket *bucket, u32 hash)
{
	u16 tag = tcphs_conn_tag(hash);
	unsigned int i;

#pragma GCC unroll 6
	for (i = 0; i < TCPHS_SLOTS; i++)
		if (READ_ONCE(bucket->tag[i]) == tag)
			return true;
	return READ_ONCE(bucket->tag[TCPHS_SLOTS - 1]) == TCPHS_TAG_MORE;
}

/**
 * tcphs_bucket_find() - the entry of a tuple
 * @bucket: of @hash, locked
 * @table: of the namespace
 * @hash: of @tuple
 * @tuple: of a packet, source first
 * @from: which end of it the source is
 *
 * Return: the entry, or NULL.
 */
struct tcphs_conn *tcphs_bucket_find(const struct tcphs_bucket *bucket,
				     const struct tcphs_table *table, u32 hash,
				     const struct tcphs_tuple *tuple,
				     unsigned int *from)
	__must_hold(&bucket->lock)
{
	u16 tag = tcphs_conn_tag(hash);
	struct tcphs_conn *conn;
	unsigned int i;

	lockdep_assert_held(&bucket->lock);
	for (; bucket; bucket = tcphs_bucket_more(bucket)) {
		for (i = tcphs_bucket_slot(bucket, tag); i < TCPHS_SLOTS; i++) {
			if (bucket->tag[i] != tag)
				continue;
			conn = bucket->slot[i].conn;
			if (conn->table != table)
				continue;
			*from = tcphs_quick_match(&conn->flow, tuple);
			if (*from != TCPHS_NOBODY)
				return conn;
		}
	}
	return NULL;
}

/**
 * tcphs_bucket_has() - whether an entry is still there
 * @bucket: locked
 * @conn: its name: not looked at
 */
bool tcphs_bucket_has(struct tcphs_bucket *bucket, const struct tcphs_conn *conn)
	__must_hold(&bucket->lock)
{
	const struct tcphs_conn *other;
	struct tcphs_place place = { bucket };

	lockdep_assert_held(&bucket->lock);
	while ((other = tcphs_place_next(&place)))
		if (other == conn)
			return true;
	return false;
}

static bool fill_slot(struct tcphs_bucket *bucket, u16 tag,
		      struct tcphs_conn *conn)
{
	unsigned int i = tcphs_bucket_slot(bucket, TCPHS_TAG_NONE);

	if (i == TCPHS_SLOTS)
		return false;
	bucket->slot[i].conn = conn;
	WRITE_ONCE(bucket->tag[i], tag);
	return true;
}

/* @more goes on where @bucket is full; who was in the last slot moves there. */
static void extend(struct tcphs_bucket *bucket, struct tcphs_bucket *more)
{
	const unsigned int last = TCPHS_SLOTS - 1;

	fill_slot(more, bucket->tag[last], bucket->slot[last].conn);
	bucket->slot[last].more = more;
	WRITE_ONCE(bucket->tag[last], TCPHS_TAG_MORE);
}

/**
 * tcphs_bucket_add() - put an entry into its bucket
 * @bucket: of @hash, locked
 * @hash: of its tuple
 * @conn: in no bucket
 * @spare: a bucket that may be used up, or NULL
 *
 * Return: false if the bucket is full, and there is no spare one.
 */
bool tcphs_bucket_add(struct tcphs_bucket *bucket, u32 hash,
		      struct tcphs_conn *conn, struct tcphs_bucket **spare)
	__must_hold(&bucket->lock)
{
	u16 tag = tcphs_conn_tag(hash);

	lockdep_assert_held(&bucket->lock);
	for (;;) {
		if (fill_slot(bucket, tag, conn))
			return true;
		if (!tcphs_bucket_more(bucket))
			break;
		bucket = tcphs_bucket_more(bucket);
	}
	if (!*spare)
		return false;
	extend(bucket, *spare);
	fill_slot(*spare, tag, conn);
	*spare = NULL;
	return true;
}

/**
 * tcphs_bucket_drop() - take an entry out
 * @bucket: it is there; locked
 * @conn: the entry; free it once no lock is held
 */
void tcphs_bucket_drop(struct tcphs_bucket *bucket, struct tcphs_conn *conn)
	__must_hold(&bucket->lock)
{
	struct tcphs_place place = { bucket };

	lockdep_assert_held(&bucket->lock);
	while (tcphs_place_next(&place) != conn)
		;
	WRITE_ONCE(place.bucket->tag[place.slot - 1], TCPHS_TAG_NONE);
}

/**
 * tcphs_bucket_alloc() - a bucket for those that others have no room for
 *
 * Context: any but with preemption off. Return: NULL without memory.
 */
struct tcphs_bucket *tcphs_bucket_alloc(void)
{
	return kmem_cache_zalloc(bucket_cache, GFP_ATOMIC | __GFP_NOWARN);
}

/**
 * tcphs_bucket_free() - give it back
 * @bucket: unused, or NULL
 *
 * Context: any but with preemption off.
 */
void tcphs_bucket_free(struct tcphs_bucket *bucket)
{
	if (bucket)
		kmem_cache_free(bucket_cache, bucket);
}

/**
 * tcphs_conn_count() - tcphs_conn_account(), where it may have changed
 * @conn: locked; its flow was stepped
 */
void tcphs_conn_count(struct tcphs_conn *conn)
{
	bool half_open = tcphs_flow_is_half_open(&conn->flow);

	tcphs_conn_assert_locked(conn);
	if (half_open == !!(conn->flow.bits & TCPHS_FLOW_MARK))
		return;
	conn->flow.bits ^= TCPHS_FLOW_MARK;
	percpu_counter_add(&conn->table->half_open, half_open ? 1 : -1);
}

/**
 * tcphs_conn_alloc() - memory for an entry, in no bucket
 *
 * Context: any but with preemption off. Return: NULL without memory.
 */
struct tcphs_conn *tcphs_conn_alloc(void)
{
	struct tcphs_conn *conn;

	conn = kmem_cache_alloc(cache, GFP_ATOMIC | __GFP_NOWARN);
	if (conn)
		conn->flow.rest = NULL;
	return conn;
}

/**
 * tcphs_conn_free() - give it back
 * @conn: in no bucket
 *
 * Context: any but with preemption off.
 */
void tcphs_conn_free(struct tcphs_conn *conn)
{
	tcphs_owner_free(tcphs_conn_identity(conn));
	kmem_cache_free(cache, conn);
}

static int init_caches(void)
{
	/* So what the short way touches of IPv4 is never in more than two lines. */
	cache = kmem_cache_create("tcphs_conn", sizeof(struct tcphs_conn), 32, 0,
				  NULL);
	if (!cache)
		return -ENOMEM;
	bucket_cache = KMEM_CACHE(tcphs_bucket, SLAB_HWCACHE_ALIGN);
	if (bucket_cache)
		return 0;
	kmem_cache_destroy(cache);
	return -ENOMEM;
}

/**
 * tcphs_conn_init() - empty buckets
 * @entries: so many are expected at most
 *
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
int tcphs_conn_init(unsigned int entries)
{
	u32 i, buckets = max(DIV_ROUND_UP(entries, LOAD), 64U);
	int err;

	err = init_caches();
	if (err)
		return err;
	tcphs_index.bucket = kvcalloc(buckets, sizeof(struct tcphs_bucket),
				      GFP_KERNEL);
	if (!tcphs_index.bucket) {
		kmem_cache_destroy(bucket_cache);
		kmem_cache_destroy(cache);
		return -ENOMEM;
	}
	for (i = 0; i < buckets; i++)
		raw_spin_lock_init(&tcphs_index.bucket[i].lock);
	tcphs_index.buckets = buckets;
	return 0;
}

static void free_more(struct tcphs_bucket *bucket)
{
	struct tcphs_bucket *next;

	for (; bucket; bucket = next) {
		next = tcphs_bucket_more(bucket);
		tcphs_bucket_free(bucket);
	}
}

/**
 * tcphs_conn_exit() - the buckets, empty, go
 *
 * Context: may sleep; nobody looks at them any more.
 */
void tcphs_conn_exit(void)
{
	u32 i;

	for (i = 0; i < tcphs_index.buckets; i++)
		free_more(tcphs_bucket_more(&tcphs_index.bucket[i]));
	kvfree(tcphs_index.bucket);
	kmem_cache_destroy(bucket_cache);
	kmem_cache_destroy(cache);
}
