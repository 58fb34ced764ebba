// SPDX-License-Identifier: GPL-2.0
/*
 * The writers' side of the event ring, and its life. Nothing here waits for a
 * reader: the oldest record gives way to the newest. ring.h has the proof of
 * the order.
 */
#include "ring.h"

#include <linux/jiffies.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "compat.h"
#include "core/record.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

#define RECORDS_MIN	256	/* for each CPU */

static_assert(sizeof(struct tcphs_record) == TCPHS_RECORD_SIZE);
static_assert(sizeof(struct tcphs_ring_page) == TCPHS_RING_PAGE);

static const struct tcphs_owner nobody = { .uid = TCPHS_UID_NONE };

static DEFINE_MUTEX(making);	/* of a namespace's ring: only one */

/* An assignment becomes a "rep movs", which takes longer to begin. */
static __always_inline void copy_owner(struct tcphs_owner *to,
				       const struct tcphs_owner *from)
{
	to->cgroup = from->cgroup;
	to->uid = from->uid;
	to->pid = from->pid;
	memcpy(to->comm, from->comm, sizeof(to->comm));
}

/* Inline, so that a transition's is made for its type, and calls nothing. */
static __always_inline void
push_record(struct tcphs_section *section, const struct tcphs_flow *flow,
	    unsigned int type, const void *payload, size_t size)
{
	struct tcphs_ring_cpu *rc = section->cpu;
	struct tcphs_ring_page *page = rc->page;
	u64 ts_ns = section->step.now_ns;
	u64 head = page->head;
	struct tcphs_record *rec = tcphs_ring_slot(rc, head);

	WRITE_ONCE(page->reserved, head + 1);
	/*
	 * Pairs with smp_rmb() in was_held(): a reader that copies this slot
	 * now finds reserved advanced and throws the copy away.
	 */
	smp_wmb();
	tcphs_record_fill(rec, flow, ts_ns, type, payload, size);
	rec->cpu = page->cpu;
	rec->netns = rc->netns;
	copy_owner(&rec->owner, section->owner ?: &nobody);
	rec->wall_ns = ts_ns + rc->wall_offset_ns;

	/* Pairs with find_horizon(): what is earlier is counted by head. */
	smp_store_release(&page->last_ts_ns, ts_ns);
	/* Pairs with read_head() of readers: the slot is whole. */
	smp_store_release(&page->head, head + 1);
	section->pushed = true;
}

static noinline void emit_other(struct tcphs_section *section,
				const struct tcphs_flow *flow,
				unsigned int type, const void *payload,
				size_t size)
{
	tcphs_times_count(section->stream->times, type, payload);
	if (section->ring)
		push_record(section, flow, type, payload, size);
}

/* Apart, so that who does not trace does not pay for the call either. */
static noinline void trace_transition(const struct tcphs_section *section,
				      const struct tcphs_flow *flow,
				      const void *payload)
{
	trace_tcphs_transition(flow, section->stream->netns, payload);
}

/* Most of a connection's events are transitions. */
void tcphs_ring_emit(struct tcphs_step *step, const struct tcphs_flow *flow,
		     unsigned int type, const void *payload, size_t size)
{
	struct tcphs_section *section =
		container_of(step, struct tcphs_section, step);

	if (type != TCPHS_EV_TRANSITION) {
		emit_other(section, flow, type, payload, size);
		return;
	}
	if (section->ring)
		push_record(section, flow, TCPHS_EV_TRANSITION, payload,
			    sizeof(struct tcphs_ev_transition));
	if (trace_tcphs_transition_enabled())
		trace_transition(section, flow, payload);
}

static void begin_section(struct tcphs_section *section,
			  struct tcphs_stream *stream, u64 time_wait_ns,
			  bool is_inside)
{
	tcphs_ring_enter(section, stream, time_wait_ns, is_inside);
	smp_mb();			/* W2 */
	tcphs_ring_read_clock(section);
}

/**
 * tcphs_ring_begin() - before a connection is locked to be stepped
 * @section: to be filled; give &@section->step to the core
 * @stream: where its events go
 * @time_wait_ns: 2 MSL
 *
 * From here to tcphs_ring_end() softirqs and preemption are off: keep it
 * short, take raw locks only, allocate and free nothing. Sections do not nest.
 *
 * Context: process or softirq, under RCU.
 */
void tcphs_ring_begin(struct tcphs_section *section,
		      struct tcphs_stream *stream, u64 time_wait_ns)
{
	begin_section(section, stream, time_wait_ns, false);
}

/**
 * tcphs_ring_begin_inside() - the same, from within a function of TCP's
 * @section: to be filled
 * @stream: where its events go
 * @time_wait_ns: 2 MSL
 *
 * Interrupts are off until tcphs_ring_end(), so that no softirq is run at its
 * end; who waits for events is woken a moment later.
 *
 * Context: any but an interrupt's, any locks of TCP's held, under RCU.
 */
void tcphs_ring_begin_inside(struct tcphs_section *section,
			     struct tcphs_stream *stream, u64 time_wait_ns)
{
	begin_section(section, stream, time_wait_ns, true);
}

/*
 * Once, until a reader has found nothing again: who is still busy with what
 * there is need not be told of more.
 */
static void wake_readers(struct irq_work *waker)
{
	struct tcphs_ring *ring = container_of(waker, struct tcphs_ring, waker);

	/* First the mark: who sets it again meanwhile is woken for nothing. */
	WRITE_ONCE(ring->awaited, false);
	wake_up_interruptible_poll(&ring->wait, EPOLLIN | EPOLLRDNORM);
}

static bool is_awaited(const struct tcphs_ring *ring)
{
	/* Pairs with tcphs_reader_wants_more(): either the mark, or the head. */
	smp_mb();
	return READ_ONCE(ring->awaited);
}

/**
 * tcphs_ring_end() - after the connection is unlocked
 * @section: begun by tcphs_ring_begin()
 *
 * Context: as for tcphs_ring_begin(), in the same read side of RCU.
 */
void tcphs_ring_end(struct tcphs_section *section)
{
	struct tcphs_ring *ring = section->ring;

	if (ring) {
		/* W5 of ring.h: after the records. */
		smp_store_release(&section->cpu->page->busy, 0);
	}
	preempt_enable();
	if (section->pushed && is_awaited(ring)) {
		if (section->is_inside)
			irq_work_queue(&ring->waker);
		else
			wake_readers(&ring->waker);
	}
	if (section->is_inside)
		local_irq_restore(section->flags);
	else
		local_bh_enable();
}

static void free_ring(struct tcphs_ring *ring)
{
	unsigned int cpu;

	irq_work_sync(&ring->waker);
	if (ring->cpu)
		for_each_possible_cpu(cpu)
			vfree(per_cpu_ptr(ring->cpu, cpu)->page);
	free_percpu(ring->cpu);
	kfree(ring);
}

/* A part as it is allocated and mapped: page and slots, in whole pages. */
static size_t part_bytes(const struct tcphs_ring *ring)
{
	return PAGE_ALIGN(TCPHS_RING_PAGE +
			  (size_t)ring->records * TCPHS_RECORD_SIZE);
}

/*
 * Charged to who opens the device: a namespace's ring is its user's memory. Who
 * asks for it is told that there is none, not the kernel's log.
 */
static int alloc_cpu(struct tcphs_ring *ring, unsigned int cpu)
{
	struct tcphs_ring_cpu *rc = per_cpu_ptr(ring->cpu, cpu);

	rc->page = __vmalloc(part_bytes(ring),
			     GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_NOWARN);
	if (!rc->page)
		return -ENOMEM;
	rc->slots = (void *)rc->page + TCPHS_RING_PAGE;
	rc->mask = ring->records - 1;
	rc->netns = ring->netns;
	rc->wall_jiffies = get_jiffies_64() - 1;
	rc->page->cpu = cpu;
	return 0;
}

static struct tcphs_ring *alloc_ring(const struct tcphs_stream *stream)
{
	struct tcphs_ring *ring;
	unsigned int cpu;

	ring = kzalloc(sizeof(*ring), GFP_KERNEL_ACCOUNT);
	if (!ring)
		return NULL;
	refcount_set(&ring->refs, 1);
	init_waitqueue_head(&ring->wait);
	init_irq_work(&ring->waker, wake_readers);
	ring->netns = stream->netns;
	ring->records = max_t(u32, stream->records / num_possible_cpus(),
			      RECORDS_MIN);
	ring->records = rounddown_pow_of_two(ring->records);
	ring->cpu = alloc_percpu_gfp(struct tcphs_ring_cpu,
				     GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!ring->cpu)
		goto free;
	for_each_possible_cpu(cpu)
		if (alloc_cpu(ring, cpu))
			goto free;
	return ring;
free:
	free_ring(ring);
	return NULL;
}

/**
 * tcphs_ring_get() - the stream's ring, made if it has none
 * @stream: of a namespace that the caller keeps from going
 *
 * Context: may sleep. Return: a reference for tcphs_ring_put(), or NULL
 * without memory.
 */
struct tcphs_ring *tcphs_ring_get(struct tcphs_stream *stream)
{
	struct tcphs_ring *ring;

	mutex_lock(&making);
	ring = rcu_dereference_protected(stream->ring, lockdep_is_held(&making));
	if (!ring) {
		ring = alloc_ring(stream);
		rcu_assign_pointer(stream->ring, ring);
	}
	if (ring)
		refcount_inc(&ring->refs);
	mutex_unlock(&making);
	return ring;
}

/**
 * tcphs_ring_put() - give a reference back
 * @ring: from tcphs_ring_get(); NULL is fine
 *
 * Context: may sleep.
 */
void tcphs_ring_put(struct tcphs_ring *ring)
{
	if (ring && refcount_dec_and_test(&ring->refs))
		free_ring(ring);
}

/**
 * tcphs_ring_map_bytes() - how long its mapping is
 * @ring: a ring
 */
u64 tcphs_ring_map_bytes(const struct tcphs_ring *ring)
{
	return (u64)part_bytes(ring) * num_possible_cpus();
}

static int map_part(struct vm_area_struct *vma, unsigned long at, void *part,
		    size_t size)
{
	int err = 0;

	for (; size && !err; size -= PAGE_SIZE) {
		err = vm_insert_page(vma, at, vmalloc_to_page(part));
		at += PAGE_SIZE;
		part += PAGE_SIZE;
		cond_resched();
	}
	return err;
}

/**
 * tcphs_ring_map() - let a process read it in place
 * @ring: kept by the file of @vma
 * @vma: the whole ring, for reading only; it will not become writable or grow
 *
 * Context: mmap()'s. Return: 0; -EPERM for writing, -EINVAL for a part, -ENOMEM.
 */
int tcphs_ring_map(const struct tcphs_ring *ring, struct vm_area_struct *vma)
{
	unsigned long at = vma->vm_start;
	unsigned int cpu;
	int err;

	if (vma->vm_flags & VM_WRITE)
		return -EPERM;
	if (vma->vm_pgoff ||
	    vma->vm_end - vma->vm_start != tcphs_ring_map_bytes(ring))
		return -EINVAL;
	tcphs_vm_flags_mod(vma, VM_DONTEXPAND | VM_DONTDUMP, VM_MAYWRITE);
	for_each_possible_cpu(cpu) {
		err = map_part(vma, at, per_cpu_ptr(ring->cpu, cpu)->page,
			       part_bytes(ring));
		if (err)
			return err;
		at += part_bytes(ring);
	}
	return 0;
}

/**
 * tcphs_stream_init() - begin without a ring
 * @stream: of a new namespace
 * @times: where durations are counted, ring or not
 * @netns: its inode number
 * @records: for all CPUs together, should a ring be wanted
 */
void tcphs_stream_init(struct tcphs_stream *stream, struct tcphs_times *times,
		       u32 netns, u32 records)
{
	RCU_INIT_POINTER(stream->ring, NULL);
	stream->closed = NULL;
	stream->times = times;
	stream->netns = netns;
	stream->records = records;
}

/**
 * tcphs_stream_close() - let no new section find the ring
 * @stream: of a namespace that goes; wait for RCU, then tcphs_stream_exit()
 */
void tcphs_stream_close(struct tcphs_stream *stream)
{
	stream->closed = rcu_replace_pointer(stream->ring, NULL, true);
}

/**
 * tcphs_stream_exit() - tell the readers that nothing will come
 * @stream: closed, and a grace period has passed
 *
 * They keep the ring until they have read what is left.
 */
void tcphs_stream_exit(struct tcphs_stream *stream)
{
	struct tcphs_ring *ring = stream->closed;

	if (!ring)
		return;
	/* Pairs with the acquire in reader.c: all heads are final. */
	smp_store_release(&ring->dead, true);
	wake_up_interruptible_all(&ring->wait);
	tcphs_ring_put(ring);
}

static u64 read_head(const struct tcphs_ring *ring, unsigned int cpu)
{
	return READ_ONCE(per_cpu_ptr(ring->cpu, cpu)->page->head);
}

/**
 * tcphs_stream_produced() - how many events a CPU has published
 * @stream: of the namespace
 * @cpu: possible
 */
u64 tcphs_stream_produced(struct tcphs_stream *stream, unsigned int cpu)
{
	struct tcphs_ring *ring;
	u64 n = 0;

	rcu_read_lock();
	ring = rcu_dereference(stream->ring);
	if (ring)
		n = read_head(ring, cpu);
	rcu_read_unlock();
	return n;
}

/**
 * tcphs_stream_overwritten() - how many of them are no longer held
 * @stream: of the namespace
 * @cpu: possible
 */
u64 tcphs_stream_overwritten(struct tcphs_stream *stream, unsigned int cpu)
{
	struct tcphs_ring *ring;
	u64 n = 0;

	rcu_read_lock();
	ring = rcu_dereference(stream->ring);
	if (ring)
		n = read_head(ring, cpu);
	if (ring)
		n -= min_t(u64, n, ring->records);
	rcu_read_unlock();
	return n;
}
