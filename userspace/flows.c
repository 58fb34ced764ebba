// SPDX-License-Identifier: GPL-2.0
/*
 * An open hash table keyed by both ends in either order, and a binary heap by
 * deadline over the same entries. Must not decide when one ends.
 */
#include "flows.h"

#include <stdlib.h>
#include <sys/random.h>

#include "tool.h"

#define FIRST_SLOTS	1024
#define FIRST_HEAP	512
#define CACHE_LINE	64

static inline u64 rotate(u64 x, int n)
{
	return x << n | x >> (64 - n);
}

static inline void sip_round(u64 v[4])
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
static inline u64 hash_words(const u64 key[2], const u64 *words, size_t count)
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
static unsigned int lower_end(const struct tcphs_tuple *tuple, unsigned int words)
{
	unsigned int i;

	for (i = 0; i < words; i++)
		if (tuple->addr[0][i] != tuple->addr[1][i])
			return tuple->addr[1][i] < tuple->addr[0][i];
	return tuple->port[1] < tuple->port[0];
}

static u64 join_ports(const struct tcphs_tuple *tuple, unsigned int low)
{
	return (u64)tuple->port[low] << 32 | (u64)tuple->port[!low] << 8 |
	       tuple->family;
}

u64 flows_hash(const struct flows *flows, const struct tcphs_tuple *tuple)
{
	unsigned int low;
	u64 words[5];

	if (tuple->family == 4) {
		low = lower_end(tuple, 1);
		words[0] = (u64)tuple->addr[low][0] << 32 | tuple->addr[!low][0];
		words[1] = join_ports(tuple, low);
		return hash_words(flows->key, words, 2);
	}
	low = lower_end(tuple, 4);
	memcpy(&words[0], tuple->addr[low], 16);
	memcpy(&words[2], tuple->addr[!low], 16);
	words[4] = join_ports(tuple, low);
	return hash_words(flows->key, words, 5);
}

void flows_init(struct flows *flows)
{
	memset(flows, 0, sizeof(*flows));
	flows->slot_count = FIRST_SLOTS;
	flows->slots = tool_alloc(sizeof(flows->slots[0]) * FIRST_SLOTS);
	if (getrandom(flows->key, sizeof(flows->key), 0) < 0)
		flows->key[0] = (u64)(size_t)flows->slots;
}

/* Where the search for a hash begins, and goes on. */
static size_t first_slot(const struct flows *flows, u64 hash)
{
	return hash & (flows->slot_count - 1);
}

static size_t next_slot(const struct flows *flows, size_t slot)
{
	return (slot + 1) & (flows->slot_count - 1);
}

void flows_ready_slot(const struct flows *flows, u64 hash)
{
	__builtin_prefetch(&flows->slots[first_slot(flows, hash)]);
}

void flows_ready_entry(const struct flows *flows, u64 hash)
{
	const struct flows_slot *slot = &flows->slots[first_slot(flows, hash)];
	const char *entry = (const char *)slot->entry;
	size_t line;

	for (line = 0; line < sizeof(*slot->entry); line += CACHE_LINE)
		__builtin_prefetch(entry + line, 1);
}

struct flows_entry *flows_find(const struct flows *flows,
			       const struct tcphs_tuple *tuple, u64 hash,
			       unsigned int *from)
{
	size_t slot = first_slot(flows, hash);
	struct flows_entry *entry;

	for (; (entry = flows->slots[slot].entry); slot = next_slot(flows, slot)) {
		if (flows->slots[slot].hash != hash)
			continue;
		*from = tcphs_flow_match(&entry->flow, tuple);
		if (*from != TCPHS_NOBODY)
			return entry;
	}
	return NULL;
}

static void put_slot(struct flows *flows, struct flows_entry *entry)
{
	size_t slot = first_slot(flows, entry->hash);

	while (flows->slots[slot].entry)
		slot = next_slot(flows, slot);
	flows->slots[slot] = (struct flows_slot){ entry->hash, entry };
}

static void grow_slots(struct flows *flows)
{
	struct flows_slot *old = flows->slots;
	size_t i;

	flows->slot_count *= 2;
	flows->slots = tool_alloc(sizeof(old[0]) * flows->slot_count);
	free(old);
	for (i = 0; i < flows->count; i++)
		put_slot(flows, flows->heap[i].entry);
}

/* Whether @slot is passed by who looks for @hash and goes on to behind @end. */
static bool is_between(const struct flows *flows, u64 hash, size_t slot,
		       size_t end)
{
	size_t mask = flows->slot_count - 1, first = first_slot(flows, hash);

	return ((end - first) & mask) >= ((end - slot) & mask);
}

/* Those behind that would be found here move up: no search ends too early. */
static void clear_slot(struct flows *flows, const struct flows_entry *entry)
{
	size_t slot = first_slot(flows, entry->hash), i;

	while (flows->slots[slot].entry != entry)
		slot = next_slot(flows, slot);
	for (i = next_slot(flows, slot); flows->slots[i].entry;
	     i = next_slot(flows, i)) {
		if (!is_between(flows, flows->slots[i].hash, slot, i))
			continue;
		flows->slots[slot] = flows->slots[i];
		slot = i;
	}
	flows->slots[slot].entry = NULL;
}

static void put(struct flows *flows, size_t place, struct flows_due due)
{
	flows->heap[place] = due;
	due.entry->place = place;
}

/* Of equal deadlines the lower id is first: the order is the same each time. */
static bool is_earlier(const struct flows_due *a, const struct flows_due *b)
{
	if (a->ns != b->ns)
		return a->ns < b->ns;
	return a->entry->flow.id < b->entry->flow.id;
}

static void sift_up(struct flows *flows, size_t place, struct flows_due due)
{
	while (place > 0) {
		const struct flows_due *parent = &flows->heap[(place - 1) / 2];

		if (!is_earlier(&due, parent))
			break;
		put(flows, place, *parent);
		place = (place - 1) / 2;
	}
	put(flows, place, due);
}

static void sift_down(struct flows *flows, size_t place, struct flows_due due)
{
	const struct flows_due *heap = flows->heap;
	size_t child;

	while ((child = 2 * place + 1) < flows->count) {
		if (child + 1 < flows->count &&
		    is_earlier(&heap[child + 1], &heap[child]))
			child++;
		if (!is_earlier(&heap[child], &due))
			break;
		put(flows, place, heap[child]);
		place = child;
	}
	put(flows, place, due);
}

static void set_place(struct flows *flows, size_t place, struct flows_due due)
{
	if (place > 0 && is_earlier(&due, &flows->heap[(place - 1) / 2]))
		sift_up(flows, place, due);
	else
		sift_down(flows, place, due);
}

void flows_insert(struct flows *flows, struct flows_entry *entry, u64 hash,
		  u64 due_ns)
{
	if (flows->count == flows->heap_room) {
		flows->heap_room = flows->heap_room ? flows->heap_room * 2 :
				   FIRST_HEAP;
		flows->heap = tool_grow(flows->heap, flows->heap_room,
					sizeof(flows->heap[0]));
	}
	if (2 * flows->count >= flows->slot_count)
		grow_slots(flows);
	entry->hash = hash;
	entry->due_ns = due_ns;
	put_slot(flows, entry);
	sift_up(flows, flows->count++, (struct flows_due){ due_ns, entry });
}

void flows_set_due(struct flows *flows, struct flows_entry *entry, u64 due_ns)
{
	entry->due_ns = due_ns;
	set_place(flows, entry->place, (struct flows_due){ due_ns, entry });
}

struct flows_entry *flows_first(const struct flows *flows)
{
	return flows->count ? flows->heap[0].entry : NULL;
}

static void remove_from_heap(struct flows *flows, struct flows_entry *entry)
{
	struct flows_due last = flows->heap[--flows->count];

	if (last.entry != entry)
		set_place(flows, entry->place, last);
}

static void free_entry(struct flows_entry *entry)
{
	free(entry->flow.rest);
	free(entry);
}

void flows_remove(struct flows *flows, struct flows_entry *entry)
{
	clear_slot(flows, entry);
	remove_from_heap(flows, entry);
	free_entry(entry);
}

static int compare_ids(const void *a, const void *b)
{
	const struct flows_id *x = a;
	const struct flows_id *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

struct flows_id *flows_by_id(const struct flows *flows)
{
	struct flows_id *all = tool_alloc(sizeof(*all) * (flows->count + 1));
	size_t i;

	for (i = 0; i < flows->count; i++) {
		all[i].entry = flows->heap[i].entry;
		all[i].id = all[i].entry->flow.id;
	}
	qsort(all, flows->count, sizeof(*all), compare_ids);
	return all;
}

void flows_exit(struct flows *flows)
{
	while (flows->count)
		free_entry(flows->heap[--flows->count].entry);
	free(flows->heap);
	free(flows->slots);
}
