// SPDX-License-Identifier: GPL-2.0
/*
 * The binary record: its sizes and places never move, and what a payload does
 * not fill is zero, whatever lay in memory before.
 */
#include "core/record.h"
#include "tap.h"

#define PLACE(field, at)	static_assert(offsetof(struct tcphs_record, field) == (at), #field)

static_assert(sizeof(struct tcphs_record) == TCPHS_RECORD_SIZE, "record");
static_assert(sizeof(struct tcphs_seg_info) == 24, "segment");
static_assert(sizeof(struct tcphs_ev_lost) == 8, "lost");
static_assert(sizeof(struct tcphs_ev_transition) == 48, "transition");
static_assert(sizeof(struct tcphs_ev_handshake) == 48, "handshake");
static_assert(sizeof(struct tcphs_ev_anomaly) == 40, "anomaly");
static_assert(sizeof(struct tcphs_ev_timewait) == 32, "timewait");
static_assert(sizeof(struct tcphs_ev_end) == 32, "end");
static_assert(sizeof(struct tcphs_ev_connection) == 136, "connection");
static_assert(sizeof(struct tcphs_ring_page) == TCPHS_RING_PAGE, "ring page");
PLACE(type, 0);
PLACE(size, 2);
PLACE(cpu, 4);
PLACE(family, 6);
PLACE(local, 7);
PLACE(seq, 8);
PLACE(ts_ns, 16);
PLACE(wall_ns, 24);
PLACE(conn_id, 32);
PLACE(netns, 40);
PLACE(port, 44);
PLACE(addr, 48);
PLACE(bytes, 80);
PLACE(owner, 224);
static_assert(sizeof(struct tcphs_owner) == 32, "owner");

/* What counts without end, and never wraps (row X10). */
#define WIDE(what)	static_assert(sizeof(what) == 8, "64 bits")
#define OF(type)	((const struct type *)0)

WIDE(OF(tcphs_record)->seq);
WIDE(OF(tcphs_record)->conn_id);
WIDE(OF(tcphs_ev_lost)->count);
WIDE(OF(tcphs_ev_end)->segments);
WIDE(OF(tcphs_ev_end)->bytes);
WIDE(OF(tcphs_info)->produced);
WIDE(OF(tcphs_info)->place);
WIDE(OF(tcphs_info)->lost);
WIDE(OF(tcphs_ring_page)->reserved);
WIDE(OF(tcphs_ring_page)->head);

static const struct {
	unsigned int type;
	size_t size;
} types[] = {
	{ TCPHS_EV_TRANSITION, sizeof(struct tcphs_ev_transition) },
	{ TCPHS_EV_HANDSHAKE, sizeof(struct tcphs_ev_handshake) },
	{ TCPHS_EV_ANOMALY, sizeof(struct tcphs_ev_anomaly) },
	{ TCPHS_EV_TIMEWAIT, sizeof(struct tcphs_ev_timewait) },
	{ TCPHS_EV_CONNECTION, sizeof(struct tcphs_ev_connection) },
};

static struct tcphs_flow make_flow(u8 family)
{
	struct tcphs_tuple tuple = { .port = { 3337, 7788 }, .family = family };
	struct tcphs_seg syn = { .flags = TCPHS_SYN, .seq = 1 };
	struct tcphs_flow flow;

	memset(&flow, 0xa5, sizeof(flow));
	memset(tuple.addr[0], 1, family == 4 ? 4 : 16);
	memset(tuple.addr[1], 2, family == 4 ? 4 : 16);
	if (tcphs_flow_init(&flow, &tuple, &syn, 1, 77) != TCPHS_R_USED)
		memset(&flow, 0, sizeof(flow));
	return flow;
}

static bool is_filled(const void *at, int value, size_t size)
{
	const unsigned char *byte = at;

	while (size--)
		if (*byte++ != value)
			return false;
	return true;
}

static void check_type(unsigned int type, size_t size, u8 family)
{
	struct tcphs_flow flow = make_flow(family);
	struct tcphs_record one, two;
	unsigned char payload[sizeof(one.bytes)];
	bool good;

	memset(payload, 0xee, sizeof(payload));
	memset(&one, 0x11, sizeof(one));
	memset(&two, 0x22, sizeof(two));
	tcphs_record_make(&one, &flow, 123456789, type, payload, size);
	tcphs_record_make(&two, &flow, 123456789, type, payload, size);
	good = !memcmp(&one, &two, sizeof(one));
	good &= one.type == type && one.size == TCPHS_RECORD_SIZE;
	good &= one.family == family && one.conn_id == 77 && one.ts_ns == 123456789;
	good &= one.port[0] == 3337 && one.port[1] == 7788 && one.local == TCPHS_LOCAL_CLIENT;
	good &= !one.cpu && !one.seq && !one.wall_ns && !one.netns;
	good &= is_filled(one.addr[0], 1, family == 4 ? 4 : 16);
	good &= is_filled(one.addr[1], 2, family == 4 ? 4 : 16);
	if (family == 4)
		good &= is_filled(one.addr[0] + 4, 0, 12) && is_filled(one.addr[1] + 4, 0, 12);
	good &= is_filled(one.bytes, 0xee, size);
	good &= is_filled(one.bytes + size, 0, sizeof(one.bytes) - size);
	good &= one.owner.uid == TCPHS_UID_NONE && !one.owner.pid && !one.owner.cgroup;
	good &= is_filled(one.owner.comm, 0, sizeof(one.owner.comm));
	tap_ok(good, "record: %s of IPv%u is whole, and zero beyond its payload",
	       tcphs_event_name(type), family);
}

/*
 * A ring's slot, filled again and again, is as if it had been empty; what the
 * caller sets is let alone.
 */
static void check_slot(void)
{
	struct tcphs_record slot = { 0 }, fresh;
	unsigned char payload[sizeof(slot.bytes)];
	unsigned int i, j, k = 0, bad = 0;
	struct tcphs_flow flow;

	memset(payload, 0xee, sizeof(payload));
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		for (j = 0; j < sizeof(types) / sizeof(types[0]); j++, k++) {
			flow = make_flow(k % 3 ? 4 : 6);
			slot.cpu = (u16)k;
			slot.seq = k;
			slot.wall_ns = k;
			slot.netns = k;
			tcphs_record_fill(&slot, &flow, k, types[i].type, payload, types[i].size);
			tcphs_record_fill(&slot, &flow, k, types[j].type, payload, types[j].size);
			tcphs_record_make(&fresh, &flow, k, types[j].type, payload, types[j].size);
			fresh.cpu = (u16)k;
			fresh.seq = k;
			fresh.wall_ns = k;
			fresh.netns = k;
			memset(&fresh.owner, 0, sizeof(fresh.owner));
			bad += memcmp(&slot, &fresh, sizeof(slot)) != 0;
		}
	}
	tap_ok(!bad, "record: of any two events in one slot, nothing of the first is left");
}

/* What the engine itself emits: no byte comes from memory that was not set. */
static unsigned char first_run[64][TCPHS_RECORD_SIZE];
static int emitted;
static bool is_first_run;
static int different;

static void emit(struct tcphs_step *step, const struct tcphs_flow *flow,
		 unsigned int type, const void *payload, size_t size)
{
	struct tcphs_record rec;

	tcphs_record_make(&rec, flow, step->now_ns, type, payload, size);
	if (is_first_run)
		memcpy(first_run[emitted], &rec, sizeof(rec));
	else
		different += memcmp(first_run[emitted], &rec, sizeof(rec)) != 0;
	emitted++;
}

/* Leaves other bytes on the stack for the next call to trip over. */
__attribute__((noinline))
static void soil_stack(int value)
{
	volatile unsigned char dirt[4096];
	size_t i;

	for (i = 0; i < sizeof(dirt); i++)
		dirt[i] = (unsigned char)value;
}

static void run_conversation(int dirt)
{
	static const struct {
		unsigned int from;
		struct tcphs_seg seg;
	} segs[] = {
		{ 0, { .flags = TCPHS_SYN, .seq = 1, .win = 1000 } },
		{ 1, { .flags = TCPHS_SYN | TCPHS_ACK, .seq = 5, .ack = 9, .win = 1000 } },
		{ 1, { .flags = TCPHS_SYN | TCPHS_ACK, .seq = 5, .ack = 2, .win = 1000 } },
		{ 0, { .flags = TCPHS_ACK, .seq = 2, .ack = 6, .win = 1000 } },
		{ 0, { .flags = TCPHS_ACK | TCPHS_FIN, .seq = 2, .ack = 6, .win = 1000 } },
		{ 1, { .flags = TCPHS_ACK | TCPHS_FIN, .seq = 6, .ack = 3, .win = 1000 } },
		{ 0, { .flags = TCPHS_ACK, .seq = 3, .ack = 7, .win = 1000 } },
	};
	struct tcphs_step step = { .time_wait_ns = 60, .emit = emit };
	struct tcphs_flow flow = make_flow(4);
	struct tcphs_rest rest;
	size_t i;

	emitted = 0;
	for (i = 0; i < sizeof(segs) / sizeof(segs[0]); i++) {
		soil_stack(dirt);
		step.now_ns = i + 1;
		if (tcphs_flow_lacks_rest(&flow, segs[i].from, &segs[i].seg))
			tcphs_flow_attach(&flow, &rest);
		tcphs_flow_step(&flow, segs[i].from, &segs[i].seg, &step);
	}
	soil_stack(dirt);
	step.now_ns = 1000000000000ULL;
	if (!tcphs_flow_timer(&flow, 7, &step))
		tcphs_flow_end(&flow, TCPHS_CLOSE_OPEN, TCPHS_TW_EXPIRED, 7, &step);
}

static void check_emitted(void)
{
	int first;

	is_first_run = true;
	run_conversation(0xaa);
	first = emitted;
	is_first_run = false;
	run_conversation(0x55);
	tap_ok(first > 10 && first == emitted && !different,
	       "record: what the engine emits holds nothing that it has not set");
}

int main(void)
{
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		check_type(types[i].type, types[i].size, 4);
		check_type(types[i].type, types[i].size, 6);
	}
	check_slot();
	check_emitted();
	return tap_done();
}
