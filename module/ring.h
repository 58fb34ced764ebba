/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The event ring: where steps of connections become records. One writer for
 * each CPU, nobody ever waits. Knows flows, but neither table nor packet.
 *
 * ORDER, AND WHY A READER MAY TRUST IT
 * ====================================
 *
 * Records are merged by (ts_ns, cpu, index in that CPU's ring). A reader may
 * hand out a record only once none can appear any more that belongs before
 * it. Hence every step of a connection is a section:
 *
 *	writer (CPU c)				reader
 *	W1 busy = 1				R1 T = clock
 *	W2 a full barrier			R2 smp_mb()
 *	W3 now = max(clock, last ts of c)	R3 busy(c) == 0 ?  (acquire)
 *	W4 records, ts >= now; head (release)	R4 head(c)         (acquire)
 *	W5 busy = 0 (release)
 *
 * Claim: once R3 has seen 0 on c, every record of c with ts < T, past or
 * future, is among those that R4 counts. Take a section of c. Either its W1
 * comes before the 0 that R3 read, in the order of writes to busy(c): then
 * that 0 was written by its W5 or a later one, whose release R3 acquired, so
 * that R4 sees its W4. Or R3 read a 0 that is older than its W1: R3 comes
 * before W1, and with both full barriers (W2, R2) R1 comes before W3, so that
 * now >= T, the clock being one for all CPUs and never going back; no record
 * of this section has ts < T. Raising a ts later (W3's maximum, the flow's
 * own clock) only strengthens this.
 *
 * W2 is smp_mb(), or the taking of the bucket's lock made a full barrier: a
 * section that finds its segment quiet then ends with neither W3 nor W4.
 *
 * Where c stays busy for long (its virtual CPU was taken away), the reader
 * lowers T to the last ts that c has published: what c writes later is not
 * earlier, and what it wrote earlier is visible since W4 publishes the ts,
 * then the head, with release. A reader of the mapping follows the same
 * protocol: busy, head and last ts are in the page that it sees.
 *
 * Within a connection: its steps follow one another under its lock, each on
 * some CPU with that CPU's clock reading. The flow raises step->now_ns above
 * the time of its latest event, a Lamport clock: so the order of one
 * connection's records is that of its steps, whatever the CPUs.
 */
#ifndef TCPHS_RING_H
#define TCPHS_RING_H

#include <linux/bottom_half.h>
#include <linux/irq_work.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "core/flow.h"
#include "times.h"

/* One CPU's part. Only that CPU writes, with softirqs and preemption off. */
struct tcphs_ring_cpu {
	struct tcphs_ring_page *page;	/* the counts that readers see */
	struct tcphs_record *slots;	/* behind the page */
	u32 mask;			/* of numbers of slots */
	u32 netns;
	u64 wall_offset_ns;		/* CLOCK_REALTIME minus CLOCK_BOOTTIME */
	u64 wall_jiffies;		/* when it was found out */
};

struct tcphs_ring {
	struct tcphs_ring_cpu __percpu *cpu;
	u32 records;			/* in each CPU's part, a power of two */
	u32 netns;
	bool dead;			/* nothing will ever be added */
	/* What readers write lies in other lines than what writers read. */
	bool awaited ____cacheline_aligned_in_smp; /* somebody found nothing */
	refcount_t refs;		/* the namespace's, each open file's */
	wait_queue_head_t wait;
	struct irq_work waker;		/* wakes who is there, a moment later */
};

/* The events of one namespace. Its ring may not exist: then nobody reads. */
struct tcphs_stream {
	struct tcphs_ring __rcu *ring;
	struct tcphs_ring *closed;	/* between _close() and _exit() */
	struct tcphs_times *times;	/* counts whether anybody reads or not */
	u32 netns;
	u32 records;			/* for a ring to be made, all CPUs */
};

/* One step of a connection, from the clock to the last record. */
struct tcphs_section {
	struct tcphs_step step;
	struct tcphs_stream *stream;
	struct tcphs_ring *ring;
	struct tcphs_ring_cpu *cpu;
	const struct tcphs_owner *owner; /* of the connection that is stepped, or NULL */
	bool pushed;
	bool is_inside;			/* a function of TCP's: its locks are held */
	unsigned long flags;		/* of interrupts, then */
};

void tcphs_ring_begin(struct tcphs_section *section,
		      struct tcphs_stream *stream, u64 time_wait_ns);
void tcphs_ring_begin_inside(struct tcphs_section *section,
			     struct tcphs_stream *stream, u64 time_wait_ns);
tcphs_emit_t tcphs_ring_emit;
void tcphs_ring_end(struct tcphs_section *section);

void tcphs_stream_init(struct tcphs_stream *stream, struct tcphs_times *times,
		       u32 netns, u32 records);
void tcphs_stream_close(struct tcphs_stream *stream);
void tcphs_stream_exit(struct tcphs_stream *stream);
u64 tcphs_stream_produced(struct tcphs_stream *stream, unsigned int cpu);
u64 tcphs_stream_overwritten(struct tcphs_stream *stream, unsigned int cpu);

struct tcphs_ring *tcphs_ring_get(struct tcphs_stream *stream);
void tcphs_ring_put(struct tcphs_ring *ring);

struct vm_area_struct;

u64 tcphs_ring_map_bytes(const struct tcphs_ring *ring);
int tcphs_ring_map(const struct tcphs_ring *ring, struct vm_area_struct *vma);

static inline struct tcphs_record *
tcphs_ring_slot(const struct tcphs_ring_cpu *rc, u64 index)
{
	return &rc->slots[index & rc->mask];
}

/*
 * Asked for once a jiffy, as it changes when somebody sets the clock: wall_ns is
 * out by that much for the rest of that jiffy.
 */
static inline void tcphs_ring_find_wall(struct tcphs_ring_cpu *rc)
{
	u64 now = get_jiffies_64();

	if (likely(rc->wall_jiffies == now))
		return;
	rc->wall_jiffies = now;
	rc->wall_offset_ns = ktime_to_ns(ktime_mono_to_any(0, TK_OFFS_REAL)) -
			     ktime_to_ns(ktime_mono_to_any(0, TK_OFFS_BOOT));
}

/* W3, for this header and ring.c. */
static inline void tcphs_ring_read_clock(struct tcphs_section *section)
{
	u64 now_ns = ktime_get_boottime_ns();

	if (section->ring) {
		tcphs_ring_find_wall(section->cpu);
		now_ns = max(now_ns, section->cpu->page->last_ts_ns);
	}
	section->step.now_ns = now_ns;
}

/**
 * tcphs_ring_enter() - tcphs_ring_begin() for who may not need the time
 * @section: to be filled
 * @stream: where its events go
 * @time_wait_ns: 2 MSL
 * @is_inside: whether as tcphs_ring_begin_inside()
 *
 * W1. Nothing is stepped before tcphs_ring_clock(). Context: as for those.
 */
static inline void tcphs_ring_enter(struct tcphs_section *section,
				    struct tcphs_stream *stream,
				    u64 time_wait_ns, bool is_inside)
{
	struct tcphs_ring *ring;

	if (is_inside)
		local_irq_save(section->flags);
	else
		local_bh_disable();
	preempt_disable();
	ring = rcu_dereference(stream->ring);
	section->step.time_wait_ns = time_wait_ns;
	section->step.pass = TCPHS_PASS_WHOLE;
	section->step.is_linux = false;
	section->step.is_rfc1337 = false;
	section->step.watched = 0;
	section->step.told = 0;
	section->step.emit = tcphs_ring_emit;
	section->stream = stream;
	section->ring = ring;
	section->owner = NULL;
	section->pushed = false;
	section->is_inside = is_inside;
	if (!ring)
		return;
	section->cpu = this_cpu_ptr(ring->cpu);
	WRITE_ONCE(section->cpu->page->busy, 1);
}

/**
 * tcphs_ring_clock() - the time of a section that was entered
 * @section: from tcphs_ring_enter(); a lock has been taken since
 *
 * Context: that lock is held.
 */
static inline void tcphs_ring_clock(struct tcphs_section *section)
{
	/* W2, which most machines' locks are by themselves. */
	smp_mb__after_spinlock();
	tcphs_ring_read_clock(section);
}

#endif /* TCPHS_RING_H */
