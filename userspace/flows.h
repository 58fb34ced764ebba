/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All connections of a capture: found by tuple in either direction, and by
 * who is due first. Steps none of them.
 */
#ifndef TCPHS_FLOWS_H
#define TCPHS_FLOWS_H

#include "flow.h"

struct flows_entry {
	struct tcphs_flow flow;		/* its rest is from malloc(), too */
	u64 seen_ns;			/* its latest segment */
	u64 due_ns;			/* it wants its timer no earlier; the table's own */
	u64 hash;			/* the table's own, too */
	size_t place;			/* in the heap; likewise */
};

struct flows_slot {
	u64 hash;
	struct flows_entry *entry;	/* NULL: none */
};

/* Beside each other, so that most of the order shows without a look at entries. */
struct flows_due {
	u64 ns;
	struct flows_entry *entry;
};

struct flows_id {
	u64 id;
	struct flows_entry *entry;
};

struct flows {
	struct flows_slot *slots;	/* found by hash, then one after the other */
	size_t slot_count;		/* a power of two, twice as many as entries */
	struct flows_due *heap;		/* the first is due first */
	size_t heap_room;
	size_t count;
	u64 key[2];			/* never changes */
};

void flows_init(struct flows *flows);

/* The same for both directions. Reads nothing but the key: for any thread. */
u64 flows_hash(const struct flows *flows, const struct tcphs_tuple *tuple);

/*
 * Whoever looks for many takes their memory into the cache meanwhile: first the
 * slot, then, some packets later, the entry that is in it.
 */
void flows_ready_slot(const struct flows *flows, u64 hash);
void flows_ready_entry(const struct flows *flows, u64 hash);

/* The entry that a packet belongs to, NULL if none; *from is who sent it. */
struct flows_entry *flows_find(const struct flows *flows,
			       const struct tcphs_tuple *tuple, u64 hash,
			       unsigned int *from);

/* @entry was filled but for the table's own; the table now owns it. */
void flows_insert(struct flows *flows, struct flows_entry *entry, u64 hash,
		  u64 due_ns);

void flows_set_due(struct flows *flows, struct flows_entry *entry, u64 due_ns);

/* Who is due first, NULL if there is none. */
struct flows_entry *flows_first(const struct flows *flows);

/* Takes it out and frees it with its flow's rest. */
void flows_remove(struct flows *flows, struct flows_entry *entry);

/* All entries in the order of their ids, for free(); the table still owns each. */
struct flows_id *flows_by_id(const struct flows *flows);

void flows_exit(struct flows *flows);

#endif /* TCPHS_FLOWS_H */
