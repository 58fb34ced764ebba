// SPDX-License-Identifier: GPL-2.0
/*
 * The readers' side of the event ring. Reads what writers publish and writes
 * nothing that they look at; ring.h has the proof of the order.
 */
#include "reader.h"

#include <linux/cpumask.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

/* A section lasts about a microsecond; more than this, and its CPU is away. */
#define SPIN_MAX	2000

#define NO_CPU		UINT_MAX

/* The place in one CPU's ring. */
struct cursor {
	u64 pos;		/* records read or reported lost */
	u64 next;		/* the next that is held; pos..next are lost */
	u64 next_ts_ns;		/* its time; TCPHS_NS_NONE: there is none yet */
};

struct tcphs_reader {
	struct tcphs_ring *ring;
	u64 place;		/* the sum of all pos */
	u64 lost;
	unsigned int cpu;	/* whose record is in .record */
	struct tcphs_record record;
	struct cursor cursor[];	/* by CPU */
};

static struct tcphs_ring_cpu *ring_cpu(const struct tcphs_reader *reader,
				       unsigned int cpu)
{
	return per_cpu_ptr(reader->ring->cpu, cpu);
}

static u64 read_head(const struct tcphs_reader *reader, unsigned int cpu)
{
	/* Pairs with push_record(): what head counts is whole. */
	return smp_load_acquire(&ring_cpu(reader, cpu)->page->head);
}

/* Of @reserved records begun, those before this are overwritten, or about to be. */
static u64 oldest_held(const struct tcphs_reader *reader, u64 reserved)
{
	return reserved - min_t(u64, reserved, reader->ring->records);
}

/**
 * tcphs_reader_alloc() - a reader at the oldest record held
 * @stream: of a namespace that the caller keeps from going meanwhile
 *
 * It holds the ring, not the namespace.
 *
 * Context: may sleep. Return: NULL without memory.
 */
struct tcphs_reader *tcphs_reader_alloc(struct tcphs_stream *stream)
{
	struct tcphs_reader *reader;

	reader = kvzalloc(struct_size(reader, cursor, nr_cpu_ids),
			  GFP_KERNEL_ACCOUNT);
	if (!reader)
		return NULL;
	reader->ring = tcphs_ring_get(stream);
	if (!reader->ring) {
		kvfree(reader);
		return NULL;
	}
	tcphs_reader_rewind(reader);
	return reader;
}

/**
 * tcphs_reader_free() - the reader goes
 * @reader: from tcphs_reader_alloc()
 */
void tcphs_reader_free(struct tcphs_reader *reader)
{
	tcphs_ring_put(reader->ring);
	kvfree(reader);
}

static void move_to(struct tcphs_reader *reader, unsigned int cpu, u64 pos)
{
	struct cursor *cursor = &reader->cursor[cpu];

	WRITE_ONCE(cursor->pos, pos);
	cursor->next = pos;
	cursor->next_ts_ns = TCPHS_NS_NONE;
	reader->place += pos;
}

/**
 * tcphs_reader_rewind() - back to the oldest record held
 * @reader: serialised by the caller
 */
void tcphs_reader_rewind(struct tcphs_reader *reader)
{
	unsigned int cpu;

	reader->place = 0;
	for_each_possible_cpu(cpu)
		move_to(reader, cpu,
			oldest_held(reader, read_head(reader, cpu)));
}

/**
 * tcphs_reader_skip() - on to what is produced from now on
 * @reader: serialised by the caller
 */
void tcphs_reader_skip(struct tcphs_reader *reader)
{
	unsigned int cpu;

	reader->place = 0;
	for_each_possible_cpu(cpu)
		move_to(reader, cpu, read_head(reader, cpu));
}

/**
 * tcphs_reader_place() - how many events lie before the reader
 * @reader: serialised by the caller
 */
u64 tcphs_reader_place(const struct tcphs_reader *reader)
{
	return reader->place;
}

wait_queue_head_t *tcphs_reader_queue(const struct tcphs_reader *reader)
{
	return &reader->ring->wait;
}

/**
 * tcphs_reader_is_dead() - whether nothing will be produced any more
 * @reader: a reader
 *
 * If so, tcphs_reader_has_more() called afterwards is final.
 */
bool tcphs_reader_is_dead(const struct tcphs_reader *reader)
{
	/* Pairs with tcphs_stream_exit(). */
	return smp_load_acquire(&reader->ring->dead);
}

/**
 * tcphs_reader_has_more() - whether there are records that it has not read
 * @reader: need not be serialised: the answer is as old as it is
 */
bool tcphs_reader_has_more(const struct tcphs_reader *reader)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		if (READ_ONCE(reader->cursor[cpu].pos) != read_head(reader, cpu))
			return true;
	return false;
}

/**
 * tcphs_reader_wants_more() - the same of a reader that would wait otherwise
 * @reader: as above
 *
 * Return: true if it has read all: then the next record wakes who waits.
 */
bool tcphs_reader_wants_more(const struct tcphs_reader *reader)
{
	if (tcphs_reader_has_more(reader))
		return false;
	WRITE_ONCE(reader->ring->awaited, true);
	/* Pairs with is_awaited(): the mark first, then the heads. */
	smp_mb();
	return !tcphs_reader_has_more(reader);
}

/*
 * Whether what a slot gave before was whole: true if record @index was not
 * being overwritten then.
 */
static bool was_held(const struct tcphs_reader *reader, unsigned int cpu,
		     u64 index)
{
	/* Pairs with smp_wmb() in push_record(). */
	smp_rmb();
	return READ_ONCE(ring_cpu(reader, cpu)->page->reserved) <=
	       index + reader->ring->records;
}

/* Find the next record that is held of a CPU, and its time. */
static void peek(struct tcphs_reader *reader, unsigned int cpu)
{
	struct tcphs_ring_cpu *rc = ring_cpu(reader, cpu);
	struct cursor *cursor = &reader->cursor[cpu];
	u64 head, oldest;

	do {
		head = read_head(reader, cpu);
		/* By what is begun, not by head: each turn gets on. */
		oldest = oldest_held(reader, READ_ONCE(rc->page->reserved));
		cursor->next = max(cursor->next, oldest);
		cursor->next_ts_ns = TCPHS_NS_NONE;
		if (cursor->next == head)
			return;
		cursor->next_ts_ns =
			READ_ONCE(tcphs_ring_slot(rc, cursor->next)->ts_ns);
	} while (!was_held(reader, cpu, cursor->next));
}

static bool was_idle(const struct tcphs_ring_cpu *rc)
{
	unsigned int spins;

	for (spins = 0; spins < SPIN_MAX; spins++) {
		/* R3 of ring.h. */
		if (!smp_load_acquire(&rc->page->busy))
			return true;
		cpu_relax();
	}
	return false;
}

/* The moment before which every record is published: ring.h has the proof. */
static u64 find_horizon(const struct tcphs_reader *reader)
{
	u64 horizon_ns = ktime_get_boottime_ns();
	struct tcphs_ring_cpu *rc;
	unsigned int cpu;
	u64 last_ns;

	/* R2 of ring.h: the clock is read before any mark. */
	smp_mb();
	for_each_possible_cpu(cpu) {
		rc = ring_cpu(reader, cpu);
		if (was_idle(rc))
			continue;
		/* Pairs with push_record(). */
		last_ns = smp_load_acquire(&rc->page->last_ts_ns);
		horizon_ns = min(horizon_ns, last_ns);
	}
	return horizon_ns;
}

/*
 * Whose record is next: the smallest (time, CPU), before the horizon. While a
 * CPU's following ones are before *@until_ns it remains the one, so that not
 * every record costs a look at every CPU.
 */
static unsigned int pick_cpu(const struct tcphs_reader *reader, u64 *until_ns)
{
	u64 best_ns = *until_ns, ts_ns;
	unsigned int cpu, best = NO_CPU;

	for_each_possible_cpu(cpu) {
		ts_ns = reader->cursor[cpu].next_ts_ns;
		if (ts_ns < best_ns) {
			if (best != NO_CPU)
				*until_ns = best_ns;
			best_ns = ts_ns;
			best = cpu;
		} else if (ts_ns < *until_ns) {
			*until_ns = ts_ns;
		}
	}
	return best;
}

static void make_lost(struct tcphs_reader *reader, unsigned int cpu)
{
	const struct cursor *cursor = &reader->cursor[cpu];
	struct tcphs_record *rec = &reader->record;

	memset(rec, 0, sizeof(*rec));
	rec->type = TCPHS_EV_LOST;
	rec->size = sizeof(*rec);
	rec->cpu = cpu;
	rec->netns = reader->ring->netns;
	rec->ts_ns = cursor->next_ts_ns;
	rec->wall_ns = ktime_to_ns(ktime_get_real()) -
		       (ktime_get_boottime_ns() - rec->ts_ns);
	rec->lost.count = cursor->next - cursor->pos;
}

/*
 * Put the next event of a CPU into reader->record, without moving on: what it
 * lost first. False if the record was overwritten meanwhile.
 */
static bool fetch(struct tcphs_reader *reader, unsigned int cpu)
{
	const struct cursor *cursor = &reader->cursor[cpu];
	const struct tcphs_record *slot;

	if (cursor->next != cursor->pos) {
		make_lost(reader, cpu);
	} else {
		slot = tcphs_ring_slot(ring_cpu(reader, cpu), cursor->next);
		/* A torn copy is found out and thrown away. */
		data_race(memcpy(&reader->record, slot, sizeof(*slot)));
		if (!was_held(reader, cpu, cursor->next))
			return false;
	}
	reader->record.seq = reader->place;
	return true;
}

/* What fetch() found was handed over. */
static void advance(struct tcphs_reader *reader, unsigned int cpu)
{
	struct cursor *cursor = &reader->cursor[cpu];
	u64 events = 1;

	if (reader->record.type == TCPHS_EV_LOST) {
		events = reader->record.lost.count;
		reader->lost += events;
	}
	WRITE_ONCE(cursor->pos, cursor->pos + events);
	reader->place += events;
	cursor->next = cursor->pos;
	peek(reader, cpu);
}

/* Hand over records of one CPU that are before @until_ns. */
static ssize_t read_cpu(struct tcphs_reader *reader, unsigned int cpu,
			u64 until_ns, char __user *buf, size_t records)
{
	const struct cursor *cursor = &reader->cursor[cpu];
	size_t n = 0;

	do {
		if (!fetch(reader, cpu)) {
			peek(reader, cpu);
			continue;
		}
		if (copy_to_user(buf + n * TCPHS_RECORD_SIZE, &reader->record,
				 TCPHS_RECORD_SIZE))
			return n ?: -EFAULT;
		advance(reader, cpu);
		n++;
		cond_resched();
	} while (n < records && cursor->next_ts_ns < until_ns);
	return n;
}

/**
 * tcphs_reader_read() - hand over what is there, in order
 * @reader: serialised by the caller
 * @buf: of the user's
 * @records: how many fit
 *
 * Context: may sleep, but waits for nothing. What could not be copied is not
 * passed over.
 * Return: how many records; 0 if none is ready, which may be a moment before
 * it is though tcphs_reader_has_more(); -EFAULT.
 */
ssize_t tcphs_reader_read(struct tcphs_reader *reader, char __user *buf,
			  size_t records)
{
	u64 horizon_ns = find_horizon(reader);
	unsigned int cpu;
	size_t done = 0;
	u64 until_ns;
	ssize_t n;

	for_each_possible_cpu(cpu)
		peek(reader, cpu);
	while (done < records) {
		until_ns = horizon_ns;
		cpu = pick_cpu(reader, &until_ns);
		if (cpu == NO_CPU)
			break;
		n = read_cpu(reader, cpu, until_ns,
			     buf + done * TCPHS_RECORD_SIZE, records - done);
		if (n < 0)
			return done ?: n;
		done += n;
	}
	return done;
}

/**
 * tcphs_reader_map() - let its ring be read in place
 * @reader: kept by the file of @vma
 * @vma: as for tcphs_ring_map()
 */
int tcphs_reader_map(const struct tcphs_reader *reader,
		     struct vm_area_struct *vma)
{
	return tcphs_ring_map(reader->ring, vma);
}

/**
 * tcphs_reader_info() - fill in what the reader and its ring know
 * @reader: serialised by the caller
 * @info: zeroed by the caller
 */
void tcphs_reader_info(const struct tcphs_reader *reader,
		       struct tcphs_info *info)
{
	unsigned int cpu;

	info->netns = reader->ring->netns;
	info->rings = num_possible_cpus();
	info->ring_records = reader->ring->records;
	info->map_bytes = tcphs_ring_map_bytes(reader->ring);
	info->place = reader->place;
	info->lost = reader->lost;
	for_each_possible_cpu(cpu)
		info->produced += read_head(reader, cpu);
}
