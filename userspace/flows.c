// SPDX-License-Identifier: GPL-2.0
/*
 * A chained hash table keyed by both ends in either order, and a binary heap
 * by deadline over the same entries. Must not decide when one ends.
 */
#include "flows.h"

#include <stdlib.h>
#include <sys/random.h>

#include "tool.h"

#define FIRST_BUCKETS	1024

static u64 rotate(u64 x, int n)
{
	return x << n | x >> (64 - n);
}

static void sip_round(u64 v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

/* SipHash-1-3: a capture is a stranger's, its tuples may be chosen to collide. */
static u64 hash_words(const u64 key[2], const u64 *words, size_t count)
{
	u64 v[4] = {
		key[0] ^ 0x736f6d6570736575ULL, key[1] ^ 0x646f72616e646f6dULL,
		key[0] ^ 0x6c7967656e657261ULL, key[1] ^ 0x7465646279746573ULL,
	};
	size_t i;

	for (i = 0; i < count; i++) {
		v[3] ^= words[i];
		sip_round(v);
		v[0] ^= words[i];
	}
	v[2] ^= 0xff;
	sip_round(v);
	sip_round(v);
	sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* Which end comes first, so that both directions hash alike. */
static unsigned int lower_end(const struct tcphs_tuple *tuple)
{
	int order = memcmp(tuple->addr[0], tuple->addr[1],
			   sizeof(tuple->addr[0]));

	if (order == 0)
		return tuple->port[1] < tuple->port[0];
	return order > 0;
}

static size_t bucket_of_tuple(const struct flows *flows,
			      const struct tcphs_tuple *tuple)
{
	unsigned int low = lower_end(tuple);
	u64 words[5];

	memcpy(&words[0], tuple->addr[low], 16);
	memcpy(&words[2], tuple->addr[!low], 16);
	words[4] = (u64)tuple->port[low] << 32 | (u64)tuple->port[!low] << 8 |
		   tuple->family;
	return hash_words(flows->key, words, 5) & (flows->bucket_count - 1);
}

static size_t bucket_of(const struct flows *flows,
			const struct flows_entry *entry)
{
	struct tcphs_tuple tuple;

	tcphs_flow_tuple(&entry->flow, &tuple);
	return bucket_of_tuple(flows, &tuple);
}

void flows_init(struct flows *flows)
{
	memset(flows, 0, sizeof(*flows));
	flows->bucket_count = FIRST_BUCKETS;
	flows->buckets = tool_alloc(sizeof(flows->buckets[0]) * FIRST_BUCKETS);
	if (getrandom(flows->key, sizeof(flows->key), 0) < 0)
		flows->key[0] = (u64)(size_t)flows->buckets;
}

struct flows_entry *flows_find(const struct flows *flows,
			       const struct tcphs_tuple *tuple,
			       unsigned int *from)
{
	struct flows_entry *entry = flows->buckets[bucket_of_tuple(flows, tuple)];

	for (; entry; entry = entry->next) {
		*from = tcphs_flow_match(&entry->flow, tuple);
		if (*from != TCPHS_NOBODY)
			return entry;
	}
	return NULL;
}

static void grow_buckets(struct flows *flows)
{
	struct flows_entry **old = flows->buckets;
	size_t i;

	flows->bucket_count *= 2;
	flows->buckets = tool_alloc(sizeof(old[0]) * flows->bucket_count);
	free(old);
	for (i = 0; i < flows->count; i++) {
		struct flows_entry *entry = flows->heap[i];
		size_t bucket = bucket_of(flows, entry);

		entry->next = flows->buckets[bucket];
		flows->buckets[bucket] = entry;
	}
}

static void put(struct flows *flows, size_t place, struct flows_entry *entry)
{
	flows->heap[place] = entry;
	entry->place = place;
}

/* Of equal deadlines the lower id is first: the order is the same each time. */
static bool is_earlier(const struct flows_entry *a, const struct flows_entry *b)
{
	if (a->due_ns != b->due_ns)
		return a->due_ns < b->due_ns;
	return a->flow.id < b->flow.id;
}

static void sift_up(struct flows *flows, struct flows_entry *entry)
{
	size_t place = entry->place;

	while (place > 0) {
		struct flows_entry *parent = flows->heap[(place - 1) / 2];

		if (!is_earlier(entry, parent))
			break;
		put(flows, place, parent);
		place = (place - 1) / 2;
	}
	put(flows, place, entry);
}

static void sift_down(struct flows *flows, struct flows_entry *entry)
{
	size_t place = entry->place;
	size_t child;

	while ((child = 2 * place + 1) < flows->count) {
		if (child + 1 < flows->count &&
		    is_earlier(flows->heap[child + 1], flows->heap[child]))
			child++;
		if (!is_earlier(flows->heap[child], entry))
			break;
		put(flows, place, flows->heap[child]);
		place = child;
	}
	put(flows, place, entry);
}

void flows_insert(struct flows *flows, struct flows_entry *entry)
{
	size_t bucket;

	if (flows->count == flows->heap_room) {
		flows->heap_room = flows->heap_room ? flows->heap_room * 2 :
				   FIRST_BUCKETS;
		flows->heap = tool_grow(flows->heap, flows->heap_room,
					sizeof(flows->heap[0]));
	}
	if (flows->count >= flows->bucket_count)
		grow_buckets(flows);
	bucket = bucket_of(flows, entry);
	entry->next = flows->buckets[bucket];
	flows->buckets[bucket] = entry;
	put(flows, flows->count++, entry);
	sift_up(flows, entry);
}

void flows_set_due(struct flows *flows, struct flows_entry *entry, u64 due_ns)
{
	bool is_sooner = due_ns < entry->due_ns;

	entry->due_ns = due_ns;
	if (is_sooner)
		sift_up(flows, entry);
	else
		sift_down(flows, entry);
}

struct flows_entry *flows_first(const struct flows *flows)
{
	return flows->count ? flows->heap[0] : NULL;
}

static void remove_from_heap(struct flows *flows, struct flows_entry *entry)
{
	struct flows_entry *last = flows->heap[--flows->count];

	if (last == entry)
		return;
	put(flows, entry->place, last);
	sift_up(flows, last);
	sift_down(flows, last);
}

static void free_entry(struct flows_entry *entry)
{
	free(entry->flow.rest);
	free(entry);
}

void flows_remove(struct flows *flows, struct flows_entry *entry)
{
	struct flows_entry **link;

	link = &flows->buckets[bucket_of(flows, entry)];
	while (*link != entry)
		link = &(*link)->next;
	*link = entry->next;
	remove_from_heap(flows, entry);
	free_entry(entry);
}

static int compare_ids(const void *a, const void *b)
{
	const struct flows_entry *const *x = a;
	const struct flows_entry *const *y = b;

	return ((*x)->flow.id > (*y)->flow.id) - ((*x)->flow.id < (*y)->flow.id);
}

struct flows_entry **flows_by_id(const struct flows *flows)
{
	struct flows_entry **all = tool_alloc(sizeof(*all) * (flows->count + 1));

	if (flows->count)
		memcpy(all, flows->heap, sizeof(*all) * flows->count);
	qsort(all, flows->count, sizeof(*all), compare_ids);
	return all;
}

void flows_exit(struct flows *flows)
{
	while (flows->count)
		free_entry(flows->heap[--flows->count]);
	free(flows->heap);
	free(flows->buckets);
}
