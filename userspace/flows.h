/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All connections of a capture: found by tuple in either direction, and by
 * who is due first. Steps none of them.
 */
#ifndef TCPHS_FLOWS_H
#define TCPHS_FLOWS_H

#include "flow.h"
#include "pool.h"

struct flows_entry {
	struct tcphs_flow flow;		/* its rest is this one, or none */
	u64 seen_ns;			/* its latest segment */
	u64 due_ns;			/* it wants its timer no earlier; the table's own */
	u64 hash;			/* the table's own, too; */
	u32 number;			/* and this */
	struct tcphs_rest rest;
};

struct flows_slot {
	u64 hash;
	struct flows_entry *entry;	/* NULL: none */
};

/* The order shows without a look at entries: most of them lie far away. */
struct flows_due {
	u64 ns;
	u32 id;				/* its low half */
	u32 number;			/* the entry's; behind the last of the heap: a free one */
};

struct flows_id {
	u64 id;
	struct flows_entry *entry;
};

struct flows {
	struct flows_slot *slots;	/* found by hash, then one after the other */
	size_t slot_count;		/* a power of two, twice as many as entries */
	struct flows_due *heap;		/* the first is due first */
	u32 *places;			/* there, by an entry's number */
	struct flows_entry **entries;	/* by number, too */
	size_t room;			/* of these three */
	size_t count;
	struct pool pool;		/* of entries */
	u64 key[2];			/* never changes */
};

void flows_init(struct flows *flows);

/* The same for both directions. Reads nothing but the key: for any thread. */
u64 flows_hash(const struct flows *flows, const struct tcphs_tuple *tuple);

/*
 * Whoever looks for many takes their memory into the cache before: first the slots
 * of all of them, then the entries that are there.
 */
void flows_ready_slot(const struct flows *flows, u64 hash);
void flows_ready_entry(const struct flows *flows, u64 hash);

/* The entry that a packet belongs to, NULL if none; *from is who sent it. */
struct flows_entry *flows_find(const struct flows *flows,
			       const struct tcphs_tuple *tuple, u64 hash,
			       unsigned int *from);

/* One that is not in the table, and holds anything; back it goes if it is not filled. */
struct flows_entry *flows_make(struct flows *flows);
void flows_unmake(struct flows *flows, struct flows_entry *entry);

/* @entry, made and filled but for the table's own and the rest, is put there. */
void flows_insert(struct flows *flows, struct flows_entry *entry, u64 hash,
		  u64 due_ns);

void flows_set_due(struct flows *flows, struct flows_entry *entry, u64 due_ns);

/* Who is due first, if no later than @ns; else NULL. */
struct flows_entry *flows_overdue(const struct flows *flows, u64 ns);

/* One of the first few to be due: @i < .count; 0 is the first. */
struct flows_entry *flows_soon(const struct flows *flows, size_t i);

/* Takes it out and frees it. */
void flows_remove(struct flows *flows, struct flows_entry *entry);

/* All entries in the order of their ids, for free(); the table still owns each. */
struct flows_id *flows_by_id(const struct flows *flows);

void flows_exit(struct flows *flows);

#endif /* TCPHS_FLOWS_H */
