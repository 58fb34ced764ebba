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
	u64 due_ns;			/* it wants its timer no earlier */
	size_t place;			/* in the heap; the table's own */
	struct flows_entry *next;	/* in the bucket; the table's own */
};

struct flows {
	struct flows_entry **buckets;
	size_t bucket_count;		/* a power of two */
	struct flows_entry **heap;	/* the first is due first */
	size_t heap_room;
	size_t count;
	u64 key[2];
};

void flows_init(struct flows *flows);

/* The entry that a packet belongs to, NULL if none; *from is who sent it. */
struct flows_entry *flows_find(const struct flows *flows,
			       const struct tcphs_tuple *tuple,
			       unsigned int *from);

/* @entry was filled but for the table's own; the table now owns it. */
void flows_insert(struct flows *flows, struct flows_entry *entry);

/* Its due_ns was changed to this. */
void flows_set_due(struct flows *flows, struct flows_entry *entry, u64 due_ns);

/* Who is due first, NULL if there is none. */
struct flows_entry *flows_first(const struct flows *flows);

/* Takes it out and frees it with its flow's rest. */
void flows_remove(struct flows *flows, struct flows_entry *entry);

/* All entries in the order of their ids, for free(); the table still owns each. */
struct flows_entry **flows_by_id(const struct flows *flows);

void flows_exit(struct flows *flows);

#endif /* TCPHS_FLOWS_H */
