/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the entries lie: buckets, a cache line each, with a lock, a tag and a
 * pointer for every entry. For the rooms of the table (table, retire, rows);
 * decides nothing.
 *
 * One kind of lock, raw, softirqs off: the bucket's. Who holds it may look at the
 * entries in it and step them; nobody ever else does. A pointer to an entry that
 * was kept while the lock was not held is but a name: tcphs_bucket_has() tells
 * whether it is still good.
 */
#ifndef TCPHS_CONN_H
#define TCPHS_CONN_H

#include <linux/cache.h>
#include <linux/lockdep.h>
#include <linux/math.h>
#include <linux/percpu_counter.h>
#include <linux/prefetch.h>
#include <linux/spinlock.h>
#include <linux/time64.h>

#include "hash.h"
#include "owner.h"
#include "ring.h"
#include "stats.h"

#define TCPHS_SLOTS	6		/* of a bucket: it fills a line of 64 bytes */
#define TCPHS_TAG_NONE	0
#define TCPHS_TAG_MORE	1		/* in the last slot: another bucket goes on */
#define TCPHS_TAG_ENTRY	0x8000		/* in each that is a connection's */

/* One namespace's share of the table. */
struct tcphs_table {
	struct net *net;
	struct tcphs_stream *stream;
	struct tcphs_stats __percpu *stats;
	u64 __percpu *ids;		/* connections begun, by CPU */
	struct tcphs_hash_key key;	/* known to nobody */
	unsigned int max_conns;		/* sysctl */
	unsigned int msl_s;		/* sysctl; seconds */
	struct percpu_counter conns;
	struct percpu_counter half_open; /* of them; they may be evicted */
	unsigned long full_jiffies;	/* when nothing could be evicted */
	u32 evict_hand;			/* bucket to look on from */
	bool guest;			/* an unprivileged user's namespace */
	bool dying;
};

/* TCPHS_FLOW_MARK: it is counted in table->half_open. */
struct tcphs_conn {
	u64 seen_ns;			/* its latest segment; CLOCK_BOOTTIME */
	struct tcphs_table *table;
	struct tcphs_flow flow;
};

static_assert(sizeof(struct tcphs_conn) == 224);

struct tcphs_bucket {
	raw_spinlock_t lock;
	u16 tag[TCPHS_SLOTS];		/* of the entry's hash */
	union {
		struct tcphs_conn *conn;
		struct tcphs_bucket *more;
	} slot[TCPHS_SLOTS];
} ____cacheline_aligned;

/* Those of all namespaces; fixed while the module is loaded. */
struct tcphs_index {
	struct tcphs_bucket *bucket;
	u32 buckets;
};

extern struct tcphs_index tcphs_index;

static inline struct tcphs_bucket *tcphs_conn_bucket(u32 hash)
{
	return &tcphs_index.bucket[mul_u32_u32(hash, tcphs_index.buckets) >> 32];
}

static inline u16 tcphs_conn_tag(u32 hash)
{
	return hash | TCPHS_TAG_ENTRY;
}

/* The first slot with that tag of a bucket that is locked; TCPHS_SLOTS: none has. */
static __always_inline unsigned int
tcphs_bucket_slot(const struct tcphs_bucket *bucket, u16 tag)
{
	unsigned int i;

#pragma GCC unroll 6
	for (i = 0; i < TCPHS_SLOTS; i++)
		if (bucket->tag[i] == tag)
			break;
	return i;
}

/* What goes on where @bucket, locked, is full; or NULL. */
static inline struct tcphs_bucket *
tcphs_bucket_more(const struct tcphs_bucket *bucket)
{
	if (bucket->tag[TCPHS_SLOTS - 1] != TCPHS_TAG_MORE)
		return NULL;
	return bucket->slot[TCPHS_SLOTS - 1].more;
}

/* A walk through a bucket: at the next slot to be looked at; { bucket } at first. */
struct tcphs_place {
	struct tcphs_bucket *bucket;
	unsigned int slot;
};

struct tcphs_conn *tcphs_place_next(struct tcphs_place *place);

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

	section->owner = identity ? &identity->owner : NULL;
}

/*
 * A local socket's segments are born here. One from @from that is forwarded in its
 * name is somebody else's: ip6_forward() lets it pass. @local as of a sight.
 */
static inline bool tcphs_conn_is_forged(const struct tcphs_conn *conn,
					unsigned int from, u8 local)
{
	return !local && conn->flow.local & (1U << from);
}

/* Ends whose socket can be looked up, as flow.local. */
static inline u8 tcphs_conn_asked(const struct tcphs_conn *conn)
{
	return conn->flow.rest ? tcphs_conn_identity(conn)->asked : 0;
}

/* Whether waits.c has it visited: it does not expire then. */
static inline bool tcphs_conn_is_queued(const struct tcphs_conn *conn)
{
	return conn->flow.rest && tcphs_conn_identity(conn)->queue;
}

int tcphs_conn_init(unsigned int entries);
void tcphs_conn_exit(void);

u32 tcphs_conn_hash(const struct tcphs_table *table,
		    const struct tcphs_tuple *tuple);
u32 tcphs_conn_hash_of(const struct tcphs_conn *conn);

/* Without the lock: what comes or goes just now may be overlooked. */
static inline bool tcphs_bucket_is_empty(const struct tcphs_bucket *bucket)
{
	u16 tags = 0;
	unsigned int i;

	for (i = 0; i < TCPHS_SLOTS; i++)
		tags |= READ_ONCE(bucket->tag[i]);
	return tags == TCPHS_TAG_NONE;
}

/*
 * @conn, in its bucket, is locked. The hash is reckoned where lockdep listens alone.
 */
static inline void tcphs_conn_assert_locked(const struct tcphs_conn *conn)
{
	if (IS_ENABLED(CONFIG_LOCKDEP))
		lockdep_assert_held(&tcphs_conn_bucket(tcphs_conn_hash_of(conn))->lock);
}

bool tcphs_bucket_may_have(const struct tcphs_bucket *bucket, u32 hash);
struct tcphs_conn *tcphs_bucket_find(const struct tcphs_bucket *bucket,
				     const struct tcphs_table *table, u32 hash,
				     const struct tcphs_tuple *tuple,
				     unsigned int *from);
bool tcphs_bucket_has(struct tcphs_bucket *bucket,
		      const struct tcphs_conn *conn);
struct tcphs_bucket *tcphs_bucket_alloc(void);
void tcphs_bucket_free(struct tcphs_bucket *bucket);
bool tcphs_bucket_add(struct tcphs_bucket *bucket, u32 hash,
		      struct tcphs_conn *conn, struct tcphs_bucket **spare);
void tcphs_bucket_drop(struct tcphs_bucket *bucket, struct tcphs_conn *conn);

struct tcphs_conn *tcphs_conn_alloc(void);
void tcphs_conn_free(struct tcphs_conn *conn);
void tcphs_conn_count(struct tcphs_conn *conn);

/* Neither end is where it was before the handshake, or can seem to be. */
static inline bool tcphs_conn_is_past(const struct tcphs_conn *conn)
{
	const struct tcphs_flow *flow = &conn->flow;
	const u32 opening = 1U << TCPHS_STATE_UNKNOWN | 1U << TCPHS_SYN_SENT |
			    1U << TCPHS_SYN_RECV;

	return !(flow->bits & TCPHS_FLOW_MARK) &&
	       flow->handshake != TCPHS_HS_MIDSTREAM &&
	       !((1U << flow->end[0].state | 1U << flow->end[1].state) & opening);
}

/**
 * tcphs_conn_account() - keep the count of half-open connections
 * @conn: locked; its flow was stepped
 */
static inline void tcphs_conn_account(struct tcphs_conn *conn)
{
	if (!tcphs_conn_is_past(conn))
		tcphs_conn_count(conn);
}

#endif /* TCPHS_CONN_H */
