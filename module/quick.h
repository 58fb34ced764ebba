/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The short way of a segment that changes nothing but numbers. Begins no
 * connection, ends none, tells nothing.
 */
#ifndef TCPHS_QUICK_H
#define TCPHS_QUICK_H

#include <linux/bottom_half.h>
#include <linux/jiffies.h>
#include <linux/percpu.h>
#include <linux/preempt.h>

#include "compat.h"
#include "conn.h"
#include "core/quick.h"
#include "core/usual.h"
#include "sight.h"

/* The coarse clock as it was asked in a jiffy: it stands still until the next. */
struct tcphs_quick_clock {
	unsigned long jiffies;
	u64 now_ns;
};

DECLARE_PER_CPU(struct tcphs_quick_clock, tcphs_quick_clock);

u64 tcphs_quick_ask_clock(void);

/* CLOCK_BOOTTIME, a tick late at most. Context: preemption is off. */
static __always_inline u64 tcphs_quick_now_ns(void)
{
	unsigned long now = jiffies;

	if (unlikely(__this_cpu_read(tcphs_quick_clock.jiffies) != now))
		return tcphs_quick_ask_clock();
	return __this_cpu_read(tcphs_quick_clock.now_ns);
}

/*
 * The first entry with that tag: the one that is looked for, but once in 10,000 times.
 * Where there is none @slot is TCPHS_SLOTS.
 */
static __always_inline struct tcphs_place
tcphs_quick_first(struct tcphs_bucket *bucket, u16 tag)
{
	struct tcphs_place place = { bucket };

	for (;;) {
		place.slot = tcphs_bucket_slot(place.bucket, tag);
		if (likely(place.slot < TCPHS_SLOTS))
			break;
		bucket = tcphs_bucket_more(place.bucket);
		if (!bucket)
			break;
		place.bucket = bucket;
	}
	return place;
}

/* In line twice, as it takes fewer instructions where the side is known. */
static __always_inline bool tcphs_quick_take_from(struct tcphs_flow *flow,
						  unsigned int from,
						  const struct tcphs_seg *seg)
{
	if (from == TCPHS_CLIENT)
		return tcphs_quick_take(flow, TCPHS_CLIENT, seg);
	return tcphs_quick_take(flow, TCPHS_SERVER, seg);
}

static __always_inline bool
tcphs_quick_take_usual(struct tcphs_conn *conn, unsigned int from,
		       const struct tcphs_usual *usual, u8 local)
{
	struct tcphs_seg seg tcphs_unset;

	if (from == TCPHS_NOBODY || tcphs_conn_is_forged(conn, from, local))
		return false;
	tcphs_usual_seg(usual, &seg);
	if (!tcphs_quick_take_from(&conn->flow, from, &seg))
		return false;
	conn->seen_ns = tcphs_quick_now_ns();
	return true;
}

/* The two ends as words: of IPv4 both addresses are one. */
struct tcphs_quick_name {
	u64 ends;
	u32 ports;
};

static __always_inline struct tcphs_quick_name
tcphs_quick_name(const struct tcphs_usual *usual)
{
	struct tcphs_quick_name name = {
		.ports = tcphs_quick_turn(get_be32(usual->tcp)),
	};
	u32 addr[2];

	if (usual->family == 4) {
		memcpy(addr, usual->ends, sizeof(addr));
		name.ends = tcphs_quick_ends4(addr[0], addr[1]);
	}
	return name;
}

static __always_inline u32 tcphs_quick_hash(const struct tcphs_table *table,
					    const struct tcphs_usual *usual,
					    const struct tcphs_quick_name *name)
{
	if (usual->family == 4)
		return tcphs_hash4(&table->key, name->ends, name->ports);
	return tcphs_hash6(&table->key, usual->ends, name->ports);
}

static __always_inline unsigned int
tcphs_quick_from(const struct tcphs_conn *conn, const struct tcphs_usual *usual,
		 const struct tcphs_quick_name *name)
{
	if (usual->family == 4)
		return tcphs_quick_match4(&conn->flow, name->ends, name->ports);
	return tcphs_quick_match6(&conn->flow, usual->ends, name->ports);
}

/**
 * tcphs_quick_usual() - take a segment that changes nothing but numbers
 * @table: of the namespace
 * @usual: the segment, under the addresses of its packet
 * @local: whose sockets are here, TCPHS_LOCAL_ bits
 *
 * In line: it is what nearly all packets cost. Names it once more under the lock, as
 * that is cheaper than to keep the name. Context: process or softirq, under RCU.
 * Return: whether it was taken; else the long way knows more.
 */
static __always_inline bool tcphs_quick_usual(struct tcphs_table *table,
					      const struct tcphs_usual *usual,
					      u8 local)
{
	struct tcphs_quick_name name = tcphs_quick_name(usual);
	u32 hash = tcphs_quick_hash(table, usual, &name);
	struct tcphs_bucket *bucket = tcphs_conn_bucket(hash);
	struct tcphs_place place tcphs_unset;
	bool is_process = !softirq_count();
	struct tcphs_conn *conn;
	bool taken = false;

	if (is_process)
		local_bh_disable();
	raw_spin_lock(&bucket->lock);
	name = tcphs_quick_name(usual);
	place = tcphs_quick_first(bucket, tcphs_conn_tag(hash));
	if (unlikely(place.slot == TCPHS_SLOTS))
		goto unlock;
	conn = place.bucket->slot[place.slot].conn;
	if (likely(conn->table == table))
		taken = tcphs_quick_take_usual(conn,
					       tcphs_quick_from(conn, usual, &name),
					       usual, local);
unlock:
	raw_spin_unlock(&bucket->lock);
	if (is_process)
		local_bh_enable();
	return taken;
}

bool tcphs_quick(struct tcphs_table *table, const struct tcphs_sight *sight);

#endif /* TCPHS_QUICK_H */
