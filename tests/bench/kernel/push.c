// SPDX-License-Identifier: GPL-2.0
/*
 * Publishes events with their time, ours through the module's own section of its
 * ring, the peer's by the helpers that a BPF program calls. Reads nothing back.
 */
#include <linux/bpf.h>
#include <linux/module.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>
#include <net/netns/generic.h>

#include "command.h"
#include "lines.h"
#include "names.h"
#include "ring.h"
#include "net.h"

#define FILE		"bench_push"

typedef u64 reserve_t(u64 map, u64 size, u64 flags, u64 unused, u64 unused2);
typedef u64 submit_t(u64 sample, u64 flags, u64 unused, u64 unused2, u64 unused3);

static void (*begin)(struct tcphs_section *section, struct tcphs_stream *stream,
		     u64 time_wait_ns);
static void (*end)(struct tcphs_section *section);
static unsigned int *net_id;
static reserve_t *reserve;
static submit_t *submit;
static struct bpf_map *(*map_get)(u32 fd);
static void (*map_put)(struct bpf_map *map);

static enum tcphs_reason (*flow_init)(struct tcphs_flow *flow,
				      const struct tcphs_tuple *tuple,
				      const struct tcphs_seg *seg, u8 local, u64 id);

static struct tcphs_flow flow;
static const u8 sample_bytes[256];	/* what a BPF program would tell */

/* What each type of event brings along. */
union payload {
	struct tcphs_ev_transition transition;
	struct tcphs_ev_handshake handshake;
	struct tcphs_ev_anomaly anomaly;
	struct tcphs_ev_timewait timewait;
	struct tcphs_ev_connection connection;
};

/* Of the kinds that are counted beside the ring, too. */
static const union payload payloads[] = {
	[TCPHS_EV_TRANSITION] = { .transition = { .new_state = TCPHS_SYN_SENT } },
	[TCPHS_EV_HANDSHAKE] = { .handshake = { .verified = 1, .total_ns = 1000 } },
	[TCPHS_EV_ANOMALY] = { .anomaly = { .kind = TCPHS_AN_MIDSTREAM } },
	[TCPHS_EV_TIMEWAIT] = { .timewait = {
		.phase = TCPHS_TW_END,
		.end = TCPHS_TW_EXPIRED,
		.source = TCPHS_SOURCE_OBSERVED,
		.dur_ns = 1000,
	} },
	[TCPHS_EV_CONNECTION] = { .connection = { .closer = TCPHS_CLIENT } },
};

static const size_t payload_size[] = {
	[TCPHS_EV_TRANSITION] = sizeof(struct tcphs_ev_transition),
	[TCPHS_EV_HANDSHAKE] = sizeof(struct tcphs_ev_handshake),
	[TCPHS_EV_ANOMALY] = sizeof(struct tcphs_ev_anomaly),
	[TCPHS_EV_TIMEWAIT] = sizeof(struct tcphs_ev_timewait),
	[TCPHS_EV_CONNECTION] = sizeof(struct tcphs_ev_connection),
};

static struct tcphs_stream *current_stream(void)
{
	struct tcphs_net *tn = net_generic(current->nsproxy->net_ns, *net_id);

	return &tn->stream;
}

static int set_up_flow(void)
{
	struct tcphs_tuple tuple = { .family = 4, .port = { 40000, 80 } };
	struct tcphs_seg seg = { .flags = TCPHS_SYN };

	tuple.addr[0][0] = (__force u32)htonl(0x0a000001);
	tuple.addr[1][0] = (__force u32)htonl(0x0a000002);
	return flow_init(&flow, &tuple, &seg, TCPHS_LOCAL_SERVER, 1) == TCPHS_R_USED ?
	       0 : -EINVAL;
}

/* A section as a segment makes one, with @each events in it. */
static void push_section(struct tcphs_stream *stream, unsigned int type,
			 unsigned int each)
{
	struct tcphs_section section;

	rcu_read_lock();
	begin(&section, stream, 60 * NSEC_PER_SEC);
	while (each--)
		section.step.emit(&section.step, &flow, type, &payloads[type],
				  payload_size[type]);
	end(&section);
	rcu_read_unlock();
}

/* ring COUNT TYPE EACH: instructions for COUNT sections. */
static int run_ring(const unsigned long *arg, struct seq_buf *answer)
{
	struct tcphs_stream *stream = current_stream();
	unsigned int type = arg[1] ?: TCPHS_EV_TRANSITION;
	unsigned long n;
	u64 start;

	if (type >= ARRAY_SIZE(payload_size) || !payload_size[type])
		return -EINVAL;
	start = bench_now();
	for (n = 0; n < arg[0]; n++)
		push_section(stream, type, arg[2] ?: 1);
	seq_buf_printf(answer, "%llu\n", bench_now() - start);
	return 0;
}

static unsigned long push_bpf(struct bpf_map *map, unsigned long count,
			      size_t size)
{
	unsigned long n, done = 0;
	u64 *sample;

	for (n = 0; n < count; n++) {
		preempt_disable();
		sample = (u64 *)reserve((u64)map, size, 0, 0, 0);
		if (sample) {
			memcpy(sample, sample_bytes, size);
			*sample = ktime_get_boot_fast_ns(); /* bpf_ktime_get_boot_ns() */
			submit((u64)sample, 0, 0, 0, 0);
			done++;
		}
		preempt_enable();
	}
	return done;
}

/* bpf COUNT SIZE FD: instructions for COUNT records, and how many found room. */
static int run_bpf(const unsigned long *arg, struct seq_buf *answer)
{
	struct bpf_map *map = map_get(arg[2]);
	unsigned long done;
	u64 start;

	if (IS_ERR(map))
		return PTR_ERR(map);
	if (arg[1] > sizeof(sample_bytes)) {
		map_put(map);
		return -EINVAL;
	}
	start = bench_now();
	done = push_bpf(map, arg[0], arg[1]);
	seq_buf_printf(answer, "%llu %lu\n", bench_now() - start, done);
	map_put(map);
	return 0;
}

/*
 * The marks are constants in the code. Interrupts and softirqs are off: what they
 * write is no event's.
 */
#define marked(slot, work) do {						\
	unsigned long flags;						\
									\
	local_bh_disable();						\
	local_irq_save(flags);						\
	lines_mark(slot);						\
	work;								\
	lines_mark(0);							\
	local_irq_restore(flags);					\
	local_bh_enable();						\
} while (0)

/* lines COUNT FD: events of each type in the slot of its number, BPF's in 1. */
static int run_lines(const unsigned long *arg, struct seq_buf *answer)
{
	struct tcphs_stream *stream = current_stream();
	struct bpf_map *map = map_get(arg[1]);
	unsigned long n;

	if (IS_ERR(map))
		return PTR_ERR(map);
	for (n = 0; n < arg[0]; n++) {
		marked(1, push_bpf(map, 1, 256));
		marked(2, push_section(stream, TCPHS_EV_TRANSITION, 1));
		marked(3, push_section(stream, TCPHS_EV_HANDSHAKE, 1));
		marked(4, push_section(stream, TCPHS_EV_ANOMALY, 1));
		marked(5, push_section(stream, TCPHS_EV_TIMEWAIT, 1));
		marked(6, push_section(stream, TCPHS_EV_CONNECTION, 1));
	}
	map_put(map);
	return 0;
}

static const struct bench_word words[] = {
	{ "lines", run_lines },
	{ "ring", run_ring },
	{ "bpf", run_bpf },
	{ }
};

static int __init init_push(void)
{
	int err = bench_names_init();

	err = err ?: bench_find("tcphs_ring_begin", &begin);
	err = err ?: bench_find("tcphs_ring_end", &end);
	err = err ?: bench_find("tcphs_flow_init", &flow_init);
	err = err ?: bench_find("tcphs_net_id", &net_id);
	err = err ?: bench_find("bpf_ringbuf_reserve", &reserve);
	err = err ?: bench_find("bpf_ringbuf_submit", &submit);
	err = err ?: bench_find("bpf_map_get", &map_get);
	err = err ?: bench_find("bpf_map_put", &map_put);
	err = err ?: set_up_flow();
	return err ?: bench_open(FILE, words);
}

static void __exit exit_push(void)
{
	bench_close(FILE);
}

module_init(init_push);
module_exit(exit_push);

MODULE_DESCRIPTION("Measures what it costs to publish an event");
MODULE_LICENSE("GPL");
