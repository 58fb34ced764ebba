// SPDX-License-Identifier: GPL-2.0
/*
 * The reporter's reader of a mapped ring against writers that do not wait: one
 * thread for each ring, as fast as it can, by the protocol of module/ring.h.
 * Prints what was read, lost and produced; status 1 if a record is torn, out of
 * order or counted wrong.
 */
#include "ringmap.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define RINGS	3
#define RECORDS	256		/* in each: soon overwritten */
#define EVENTS	300000		/* by each */
#define PART	(TCPHS_RING_PAGE + RECORDS * TCPHS_RECORD_SIZE)

static char *memory;
static int writing = RINGS;

static struct tcphs_ring_page *page_of(size_t ring)
{
	return (void *)(memory + ring * PART);
}

static __u64 now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (__u64)now.tv_sec * 1000000000 + (__u64)now.tv_nsec;
}

static void push(struct tcphs_ring_page *page, __u64 ts_ns)
{
	struct tcphs_record *slots = (void *)((char *)page + TCPHS_RING_PAGE);
	struct tcphs_record *record = &slots[page->head % RECORDS];

	__atomic_store_n(&page->reserved, page->head + 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	record->type = TCPHS_EV_TRANSITION;
	record->ts_ns = ts_ns;
	record->conn_id = page->head;
	record->cpu = (__u16)page->cpu;
	memset(record->bytes, (int)page->head, sizeof(record->bytes));
	__atomic_store_n(&page->last_ts_ns, ts_ns, __ATOMIC_RELEASE);
	__atomic_store_n(&page->head, page->head + 1, __ATOMIC_RELEASE);
}

static void *write_events(void *arg)
{
	struct tcphs_ring_page *page = arg;
	unsigned int seed = page->cpu + 1, n;
	__u64 ts_ns;

	while (page->head < EVENTS) {
		__atomic_store_n(&page->busy, 1, __ATOMIC_RELAXED);
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		ts_ns = now_ns();
		if (ts_ns < page->last_ts_ns)
			ts_ns = page->last_ts_ns;
		if (rand_r(&seed) % 1024 == 0)
			usleep(100);	/* its processor is taken away */
		for (n = (unsigned int)rand_r(&seed) % 4; n; n--)
			push(page, ts_ns);
		__atomic_store_n(&page->busy, 0, __ATOMIC_RELEASE);
		if (rand_r(&seed) % 64 == 0)
			usleep(50);
	}
	__atomic_fetch_sub(&writing, 1, __ATOMIC_RELEASE);
	return NULL;
}

static void wrong(const char *what, const struct tcphs_record *record)
{
	printf("%s: cpu %u, record %llu\n", what, record->cpu, record->conn_id);
	exit(1);
}

/* What follows what, ring by ring and as a whole. */
static void check(const struct tcphs_record *record)
{
	static __u64 next[RINGS], place, last_ns;
	static unsigned int last_cpu;

	if (record->seq != place)
		wrong("place", record);
	if (record->ts_ns < last_ns ||
	    (record->ts_ns == last_ns && record->cpu < last_cpu))
		wrong("order", record);
	last_ns = record->ts_ns;
	last_cpu = record->cpu;
	if (record->type == TCPHS_EV_LOST) {
		next[record->cpu] += record->lost.count;
		place += record->lost.count;
		return;
	}
	if (record->conn_id != next[record->cpu])
		wrong("not the next", record);
	if (record->bytes[0] != (__u8)record->conn_id ||
	    memcmp(record->bytes, record->bytes + 1, sizeof(record->bytes) - 1))
		wrong("torn", record);
	next[record->cpu]++;
	place++;
}

static __u64 count_produced(void)
{
	__u64 sum = 0;
	size_t i;

	for (i = 0; i < RINGS; i++)
		sum += __atomic_load_n(&page_of(i)->head, __ATOMIC_ACQUIRE);
	return sum;
}

static void read_events(struct ringmap *map)
{
	struct tcphs_record record;
	__u64 read = 0;

	while (__atomic_load_n(&writing, __ATOMIC_ACQUIRE) ||
	       ringmap_place(map) < count_produced()) {
		if (!ringmap_next(map, &record))
			continue;
		check(&record);
		read += record.type != TCPHS_EV_LOST;
		if (read % 50000 == 49999)
			usleep(2000);	/* falls behind */
	}
	printf("%llu %llu %llu\n", read, ringmap_lost(map), count_produced());
	if (ringmap_has_more(map) || ringmap_next(map, &record))
		wrong("more than all", &record);
}

int main(void)
{
	struct tcphs_info info = {
		.rings = RINGS,
		.ring_records = RECORDS,
		.map_bytes = RINGS * PART,
	};
	pthread_t threads[RINGS];
	int fd = memfd_create("rings", MFD_CLOEXEC);
	struct ringmap *map;
	size_t i;

	if (fd < 0 || ftruncate(fd, RINGS * PART) < 0)
		return 2;
	memory = mmap(NULL, RINGS * PART, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	map = ringmap_open(fd, &info, false);
	if (memory == MAP_FAILED || !map)
		return 2;
	for (i = 0; i < RINGS; i++) {
		page_of(i)->cpu = (__u32)i;
		pthread_create(&threads[i], NULL, write_events, page_of(i));
	}
	read_events(map);
	for (i = 0; i < RINGS; i++)
		pthread_join(threads[i], NULL);
	ringmap_close(map);
	return 0;
}
