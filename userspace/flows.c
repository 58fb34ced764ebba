// SPDX-License-Identifier: GPL-2.0
/*
 * An open hash table keyed by both ends in either order, and a heap by deadline
 * over the same entries, each with four others below it. Must not decide when one ends.
 */
#include "flows.h"

#include <stdlib.h>
#include <sys/random.h>

#include "tool.h"

#define FIRST_SLOTS	1024
#define FIRST_ROOM	512
#define WAYS		4	/* of the heap; so many lie in a line of the cache */

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
	pool_init(&flows->pool, sizeof(struct flows_entry));
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

static void ready(const struct flows_entry *entry)
{
	const char *at = (const char *)entry;
	size_t line;

	for (line = 0; line < sizeof(*entry); line += POOL_LINE)
		__builtin_prefetch(at + line, 1);
}

void flows_ready_entry(const struct flows *flows, u64 hash)
{
	size_t slot = first_slot(flows, hash);

	while (flows->slots[slot].entry && flows->slots[slot].hash != hash)
		slot = next_slot(flows, slot);
	if (flows->slots[slot].entry)
		ready(flows->slots[slot].entry);
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

static void put_slot(struct flows *flows, struct flows_slot filled)
{
	size_t slot = first_slot(flows, filled.hash);

	while (flows->slots[slot].entry)
		slot = next_slot(flows, slot);
	flows->slots[slot] = filled;
}

static void grow_slots(struct flows *flows)
{
	struct flows_slot *old = flows->slots;
	size_t i, count = flows->slot_count;

	flows->slot_count *= 2;
	flows->slots = pool_alloc_large(sizeof(old[0]) * flows->slot_count);
	for (i = 0; i < count; i++)
		if (old[i].entry)
			put_slot(flows, old[i]);
	free(old);
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

/* Who may be the first after this one is wanted soon. */
static void put(struct flows *flows, size_t place, struct flows_due due)
{
	flows->heap[place] = due;
	flows->places[due.number] = (u32)place;
	if (place - 1 < WAYS)
		ready(flows->entries[due.number]);
}

/* Of equal deadlines the lower id is first: the order is the same each time. */
static bool is_earlier(const struct flows_due *a, const struct flows_due *b)
{
	if (a->ns != b->ns)
		return a->ns < b->ns;
	return seq_before(a->id, b->id);
}

static size_t find_parent(size_t place)
{
	return (place - 1) / WAYS;
}

static void sift_up(struct flows *flows, size_t place, struct flows_due due)
{
	while (place > 0) {
		const struct flows_due *parent =
			&flows->heap[find_parent(place)];

		if (!is_earlier(&due, parent))
			break;
		put(flows, place, *parent);
		place = find_parent(place);
	}
	put(flows, place, due);
}

/* The earliest of those below, which begin with @child; it is there. */
static size_t find_earliest(const struct flows *flows, size_t child)
{
	size_t end = child + WAYS < flows->count ? child + WAYS : flows->count;
	size_t best = child;

	while (++child < end)
		if (is_earlier(&flows->heap[child], &flows->heap[best]))
			best = child;
	return best;
}

static void sift_down(struct flows *flows, size_t place, struct flows_due due)
{
	size_t child;

	while ((child = WAYS * place + 1) < flows->count) {
		child = find_earliest(flows, child);
		if (!is_earlier(&flows->heap[child], &due))
			break;
		put(flows, place, flows->heap[child]);
		place = child;
	}
	put(flows, place, due);
}

static void set_place(struct flows *flows, size_t place, struct flows_due due)
{
	if (place > 0 && is_earlier(&due, &flows->heap[find_parent(place)]))
		sift_up(flows, place, due);
	else
		sift_down(flows, place, due);
}

/* Moved, not grown in place: so it can lie in huge pages. */
static void *grow(void *old, size_t size)
{
	void *memory = pool_alloc_large(2 * size);

	if (old)
		memcpy(memory, old, size);
	free(old);
	return memory;
}

/* Each number is in the heap, or behind its end. */
static void grow_heap(struct flows *flows)
{
	size_t i, had = flows->room;
	size_t half = had ? had : FIRST_ROOM / 2;

	flows->heap = grow(flows->heap, half * sizeof(flows->heap[0]));
	flows->places = grow(flows->places, half * sizeof(flows->places[0]));
	flows->entries = grow(flows->entries, half * sizeof(flows->entries[0]));
	flows->room = 2 * half;
	for (i = had; i < flows->room; i++)
		flows->heap[i].number = (u32)i;
}

struct flows_entry *flows_make(struct flows *flows)
{
	return pool_take(&flows->pool);
}

void flows_unmake(struct flows *flows, struct flows_entry *entry)
{
	pool_give(&flows->pool, entry);
}

static struct flows_due make_due(const struct flows_entry *entry)
{
	return (struct flows_due){
		.ns = entry->due_ns,
		.id = (u32)entry->flow.id,
		.number = entry->number,
	};
}

void flows_insert(struct flows *flows, struct flows_entry *entry, u64 hash,
		  u64 due_ns)
{
	if (flows->count == flows->room)
		grow_heap(flows);
	if (2 * flows->count >= flows->slot_count)
		grow_slots(flows);
	entry->hash = hash;
	entry->due_ns = due_ns;
	entry->number = flows->heap[flows->count].number;
	flows->entries[entry->number] = entry;
	put_slot(flows, (struct flows_slot){ hash, entry });
	sift_up(flows, flows->count++, make_due(entry));
}

void flows_set_due(struct flows *flows, struct flows_entry *entry, u64 due_ns)
{
	entry->due_ns = due_ns;
	set_place(flows, flows->places[entry->number], make_due(entry));
}

struct flows_entry *flows_soon(const struct flows *flows, size_t i)
{
	return flows->entries[flows->heap[i].number];
}

struct flows_entry *flows_overdue(const struct flows *flows, u64 ns)
{
	bool is_due = flows->count && flows->heap[0].ns <= ns;

	return is_due ? flows_soon(flows, 0) : NULL;
}

static void remove_from_heap(struct flows *flows, struct flows_entry *entry)
{
	struct flows_due last = flows->heap[--flows->count];

	flows->heap[flows->count].number = entry->number;
	if (last.number != entry->number)
		set_place(flows, flows->places[entry->number], last);
}

void flows_remove(struct flows *flows, struct flows_entry *entry)
{
	clear_slot(flows, entry);
	remove_from_heap(flows, entry);
	flows_unmake(flows, entry);
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
		all[i].entry = flows_soon(flows, i);
		all[i].id = all[i].entry->flow.id;
	}
	qsort(all, flows->count, sizeof(*all), compare_ids);
	return all;
}

void flows_exit(struct flows *flows)
{
	pool_exit(&flows->pool);
	free(flows->heap);
	free(flows->places);
	free(flows->entries);
	free(flows->slots);
}
