// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the rings in place, by the protocol of the UAPI header: the kernel may
 * overwrite what is looked at, and does not wait. Must not give a torn record,
 * nor lose count.
 */
#include "ringmap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "tool.h"

#define NS_PER_S	1000000000ULL
#define SPIN_MAX	2000	/* then its CPU is away */

/* The place in one CPU's ring. */
struct part {
	const struct tcphs_ring_page *page;
	const struct tcphs_record *slots;
	u64 pos;		/* records given, or told as lost */
	u64 next;		/* the next that is held; pos..next are lost */
	u64 next_ts_ns;		/* its time; TCPHS_NS_NONE: there is none yet */
};

struct ringmap {
	void *memory;
	size_t bytes;
	u64 records;		/* in each part */
	u32 netns;
	u64 place;		/* the sum of all pos */
	u64 lost;
	u64 horizon_ns;		/* all before is published */
	struct part *current;	/* whose records come next, */
	u64 until_ns;		/* as long as they are before this */
	size_t count;
	struct part parts[];
};

static u64 read_head(const struct part *part)
{
	return __atomic_load_n(&part->page->head, __ATOMIC_ACQUIRE);
}

static u64 read_reserved(const struct part *part)
{
	return __atomic_load_n(&part->page->reserved, __ATOMIC_RELAXED);
}

static const struct tcphs_record *find_slot(const struct ringmap *map,
					    const struct part *part)
{
	return &part->slots[part->next & (map->records - 1)];
}

/* Whether what the slot of .next gave before was whole. */
static bool was_held(const struct ringmap *map, const struct part *part)
{
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return read_reserved(part) <= part->next + map->records;
}

/* Find the next record that is held, and its time. */
static void peek(const struct ringmap *map, struct part *part)
{
	u64 head, reserved;

	do {
		head = read_head(part);
		reserved = read_reserved(part);
		if (reserved > part->next + map->records)
			part->next = reserved - map->records;
		part->next_ts_ns = TCPHS_NS_NONE;
		if (part->next == head)
			return;
		part->next_ts_ns = __atomic_load_n(&find_slot(map, part)->ts_ns,
						   __ATOMIC_RELAXED);
	} while (!was_held(map, part));
}

static bool was_idle(const struct part *part)
{
	unsigned int spins;

	for (spins = 0; spins < SPIN_MAX; spins++)
		if (!__atomic_load_n(&part->page->busy, __ATOMIC_ACQUIRE))
			return true;
	return false;
}

static u64 clock_ns(clockid_t clock)
{
	struct timespec now = { 0 };

	clock_gettime(clock, &now);
	return (u64)now.tv_sec * NS_PER_S + (u64)now.tv_nsec;
}

/* The moment before which every record is published. */
static u64 find_horizon(const struct ringmap *map)
{
	u64 horizon_ns = clock_ns(CLOCK_BOOTTIME) - TCPHS_RING_MARGIN_NS;
	u64 last_ns;
	size_t i;

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	for (i = 0; i < map->count; i++) {
		if (was_idle(&map->parts[i]))
			continue;
		last_ns = __atomic_load_n(&map->parts[i].page->last_ts_ns,
					  __ATOMIC_ACQUIRE);
		if (last_ns < horizon_ns)
			horizon_ns = last_ns;
	}
	return horizon_ns;
}

static void look_anew(struct ringmap *map)
{
	size_t i;

	map->horizon_ns = find_horizon(map);
	for (i = 0; i < map->count; i++)
		peek(map, &map->parts[i]);
}

/*
 * Whose record is next: the smallest (time, part) before the horizon. It remains
 * that while the following ones are before the others'.
 */
static bool pick(struct ringmap *map)
{
	u64 best_ns = map->horizon_ns;
	struct part *part;

	map->current = NULL;
	map->until_ns = map->horizon_ns;
	for (part = map->parts; part < map->parts + map->count; part++) {
		if (part->next_ts_ns < best_ns) {
			if (map->current)
				map->until_ns = best_ns;
			best_ns = part->next_ts_ns;
			map->current = part;
		} else if (part->next_ts_ns < map->until_ns) {
			map->until_ns = part->next_ts_ns;
		}
	}
	return map->current;
}

static void make_lost(const struct ringmap *map, const struct part *part,
		      struct tcphs_record *record)
{
	memset(record, 0, sizeof(*record));
	record->type = TCPHS_EV_LOST;
	record->size = sizeof(*record);
	record->cpu = (u16)part->page->cpu;
	record->netns = map->netns;
	record->ts_ns = part->next_ts_ns;
	record->wall_ns = clock_ns(CLOCK_REALTIME) -
			  (clock_ns(CLOCK_BOOTTIME) - record->ts_ns);
	record->lost.count = part->next - part->pos;
}

/* What was lost first; false: it was overwritten meanwhile. */
static bool fetch(const struct ringmap *map, const struct part *part,
		  struct tcphs_record *record)
{
	if (part->next != part->pos) {
		make_lost(map, part, record);
	} else {
		memcpy(record, find_slot(map, part), sizeof(*record));
		if (!was_held(map, part))
			return false;
	}
	record->seq = map->place;
	return true;
}

static void advance(struct ringmap *map, struct part *part,
		    const struct tcphs_record *record)
{
	u64 events = 1;

	if (record->type == TCPHS_EV_LOST) {
		events = record->lost.count;
		map->lost += events;
	}
	part->pos += events;
	map->place += events;
	part->next = part->pos;
	peek(map, part);
}

static bool has_current(const struct ringmap *map)
{
	return map->current && map->current->next_ts_ns < map->until_ns;
}

bool ringmap_next(struct ringmap *map, struct tcphs_record *record)
{
	for (;;) {
		if (!has_current(map) && !pick(map)) {
			look_anew(map);
			if (!pick(map))
				return false;
		}
		if (fetch(map, map->current, record))
			break;
		peek(map, map->current);
	}
	advance(map, map->current, record);
	return true;
}

bool ringmap_has_more(const struct ringmap *map)
{
	size_t i;

	for (i = 0; i < map->count; i++)
		if (read_head(&map->parts[i]) != map->parts[i].pos)
			return true;
	return false;
}

u64 ringmap_place(const struct ringmap *map)
{
	return map->place;
}

u64 ringmap_lost(const struct ringmap *map)
{
	return map->lost;
}

/* CLOCK_BOOTTIME is the kernel's own, but in some time namespaces. */
static bool has_own_clock(void)
{
	FILE *file = fopen("/proc/self/timens_offsets", "re");
	long long seconds, ns;
	bool is_moved = false;
	char clock[16];

	if (!file)
		return true;
	while (fscanf(file, "%15s %lld %lld", clock, &seconds, &ns) == 3)
		is_moved |= strcmp(clock, "boottime") == 0 && (seconds || ns);
	fclose(file);
	return !is_moved;
}

static void begin_part(struct ringmap *map, struct part *part, const char *at,
		       bool from_now)
{
	part->page = (const void *)at;
	part->slots = (const void *)(at + TCPHS_RING_PAGE);
	if (from_now)
		part->pos = read_head(part);
	else if (read_reserved(part) > map->records)
		part->pos = read_reserved(part) - map->records;
	part->next = part->pos;
	part->next_ts_ns = TCPHS_NS_NONE;
	map->place += part->pos;
}

struct ringmap *ringmap_open(int fd, const struct tcphs_info *info,
			     bool from_now)
{
	size_t i, bytes = (size_t)info->map_bytes;
	struct ringmap *map;
	void *memory;

	if (!bytes || !info->rings || !has_own_clock())
		return NULL;
	memory = mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		return NULL;
	map = tool_alloc(sizeof(*map) + info->rings * sizeof(map->parts[0]));
	map->memory = memory;
	map->bytes = bytes;
	map->records = info->ring_records;
	map->netns = info->netns;
	map->count = info->rings;
	for (i = 0; i < map->count; i++)
		begin_part(map, &map->parts[i],
			   (const char *)memory + i * (bytes / map->count),
			   from_now);
	return map;
}

void ringmap_close(struct ringmap *map)
{
	if (!map)
		return;
	munmap(map->memory, map->bytes);
	free(map);
}
