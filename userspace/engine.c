// SPDX-License-Identifier: GPL-2.0
/*
 * Runs captured packets through the core as the module does, with the
 * capture's times as the clock. Must not know files or formats.
 */
#include "engine.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "checksum.h"
#include "flow.h"
#include "flows.h"
#include "quick.h"
#include "record.h"
#include "tool.h"

#define EVICT_TRIES	64

/* First in, first out; grows. */
struct queue {
	struct tcphs_record *records;
	size_t room;		/* a power of two */
	size_t head;		/* how many were taken out */
	size_t tail;		/* how many were put in */
};

struct local_addr {
	u32 addr[4];
	u8 family;
};

struct engine {
	struct tcphs_step step;		/* first: emit() finds us by it */
	struct flows flows;
	struct queue queue;
	struct engine_options options;
	struct local_addr *locals;
	size_t local_count;
	u64 now_ns;
	u64 next_id;
	u64 next_seq;
	struct flows_id *ending;	/* from engine_end_one() on */
	size_t ended;
};

/* What an event does not fill is the same in all of them: see tcphs_record_fill(). */
static void clear_records(struct tcphs_record *records, size_t count)
{
	memset(records, 0, count * sizeof(*records));
	for (; count; count--)
		records++->owner.uid = TCPHS_UID_NONE;
}

static void grow_queue(struct queue *queue)
{
	size_t i, had = queue->room;

	queue->room = had ? had * 2 : 64;
	queue->records = tool_grow(queue->records, queue->room,
				   sizeof(queue->records[0]));
	clear_records(queue->records + had, queue->room - had);
	/* what had wrapped around moves behind the rest */
	for (i = 0; i < had; i++)
		if ((queue->head + i) % queue->room >= had)
			queue->records[(queue->head + i) % queue->room] =
				queue->records[(queue->head + i) % had];
}

static struct tcphs_record *queue_push(struct queue *queue)
{
	if (queue->tail - queue->head == queue->room)
		grow_queue(queue);
	return &queue->records[queue->tail++ & (queue->room - 1)];
}

static void emit(struct tcphs_step *step, const struct tcphs_flow *flow,
		 unsigned int type, const void *payload, size_t size)
{
	struct engine *engine = (struct engine *)step;
	struct tcphs_record *record = queue_push(&engine->queue);

	tcphs_record_fill(record, flow, step->now_ns, type, payload, size);
	record->wall_ns = step->now_ns;
	record->seq = engine->next_seq;
	if (type != SOURCE_EV_SEGMENT)
		engine->next_seq++;
	/* as on one CPU of the module: no event is earlier than the one before */
	if (step->now_ns > engine->now_ns)
		engine->now_ns = step->now_ns;
}

static bool add_local(struct engine *engine, const char *text)
{
	struct local_addr *local;

	engine->locals = tool_grow(engine->locals, engine->local_count + 1,
				   sizeof(*local));
	local = &engine->locals[engine->local_count++];
	memset(local, 0, sizeof(*local));
	local->family = strchr(text, ':') ? 6 : 4;
	return inet_pton(local->family == 6 ? AF_INET6 : AF_INET, text,
			 local->addr) == 1;
}

static bool add_locals(struct engine *engine, const char *list)
{
	char *words = join_words(NULL, list ? list : "");
	char *rest = words;
	char *word;
	bool good = true;

	while (good && (word = strsep(&rest, ",")))
		good = *word == '\0' || add_local(engine, word);
	if (!good)
		complain("--local: '%s' is not an address", word);
	free(words);
	return good;
}

struct engine *engine_alloc(const struct engine_options *options)
{
	struct engine *engine = tool_alloc(sizeof(*engine));

	engine->step.time_wait_ns = ENGINE_TIME_WAIT_NS;
	engine->step.emit = emit;
	engine->options = *options;
	if (!engine->options.limit)
		engine->options.limit = ENGINE_LIMIT;
	engine->next_id = 1;
	flows_init(&engine->flows);
	if (add_locals(engine, options->local))
		return engine;
	engine_free(engine);
	return NULL;
}

static bool is_local(const struct engine *engine,
		     const struct tcphs_tuple *tuple, unsigned int end)
{
	size_t i;

	for (i = 0; i < engine->local_count; i++)
		if (engine->locals[i].family == tuple->family &&
		    memcmp(engine->locals[i].addr, tuple->addr[end], 16) == 0)
			return true;
	return false;
}

/*
 * A deadline that comes nearer is noted at once, one that goes further away only
 * when the old one has come: most segments put it off, and few connections are
 * ever silent for so long.
 */
static void note_deadline(struct engine *engine, struct flows_entry *entry)
{
	u64 due = tcphs_flow_deadline(&entry->flow, entry->seen_ns);

	if (due < engine->now_ns)
		due = engine->now_ns;
	if (due < entry->due_ns)
		flows_set_due(&engine->flows, entry, due);
}

/* What was due at the moment that is noted, or is later in truth. */
static void run_timer(struct engine *engine, struct flows_entry *entry)
{
	u64 noted = entry->due_ns;
	u64 due = tcphs_flow_deadline(&entry->flow, entry->seen_ns);

	if (due <= noted) {
		engine->step.now_ns = noted > engine->now_ns ? noted :
				      engine->now_ns;
		if (tcphs_flow_timer(&entry->flow, entry->seen_ns,
				     &engine->step)) {
			flows_remove(&engine->flows, entry);
			return;
		}
		due = tcphs_flow_deadline(&entry->flow, entry->seen_ns);
	}
	flows_set_due(&engine->flows, entry, due > noted ? due : noted + 1);
}

/* All timers up to ns, each at its own moment. */
static void run_timers(struct engine *engine, u64 ns)
{
	struct flows_entry *entry;

	while ((entry = flows_overdue(&engine->flows, ns)))
		run_timer(engine, entry);
	if (ns > engine->now_ns)	/* a capture's clock may go back */
		engine->now_ns = ns;
}

/*
 * As in the module: half-open connections and those whose ends are both done
 * give way; an open one never does.
 */
static bool evict(struct engine *engine, struct flows_entry *entry)
{
	if (!tcphs_flow_is_half_open(&entry->flow) &&
	    !tcphs_flow_is_done(&entry->flow))
		return false;
	engine->step.now_ns = engine->now_ns;
	tcphs_flow_end(&entry->flow, TCPHS_CLOSE_EVICTED, TCPHS_TW_EVICTED,
		       entry->seen_ns, &engine->step);
	flows_remove(&engine->flows, entry);
	return true;
}

/* Those that would end soonest are asked first, and no more than a few. */
static bool has_room(struct engine *engine)
{
	size_t i;

	if (engine->flows.count < engine->options.limit)
		return true;
	for (i = 0; i < EVICT_TRIES && i < engine->flows.count; i++)
		if (evict(engine, flows_soon(&engine->flows, i)))
			return true;
	return false;
}

static struct flows_entry *begin_flow(struct engine *engine,
				      const struct glance *glance,
				      enum tcphs_reason *reason)
{
	const struct tcphs_packet *packet = &glance->packet;
	struct flows_entry *entry = flows_make(&engine->flows);
	u8 local = (u8)(is_local(engine, &packet->tuple, 0) |
			is_local(engine, &packet->tuple, 1) << 1);

	*reason = tcphs_flow_init(&entry->flow, &packet->tuple, &packet->seg,
				  local, engine->next_id);
	if (*reason == TCPHS_R_USED && !has_room(engine))
		*reason = TCPHS_R_TABLE_FULL;
	if (*reason != TCPHS_R_USED) {
		flows_unmake(&engine->flows, entry);
		return NULL;
	}
	engine->next_id++;
	entry->seen_ns = engine->now_ns;
	flows_insert(&engine->flows, entry, glance->hash, TCPHS_NS_NONE);
	return entry;
}

static void attach_rest(struct flows_entry *entry)
{
	tcphs_flow_attach(&entry->flow, &entry->rest);
}

/* The connection ends here, a new one begins on its tuple. */
static struct flows_entry *succeed_flow(struct engine *engine,
					struct flows_entry *entry,
					unsigned int from,
					const struct glance *glance,
					enum tcphs_reason *reason)
{
	struct flows_entry before;

	engine->step.now_ns = engine->now_ns;
	tcphs_flow_yield(&entry->flow, from, entry->seen_ns, &engine->step);
	before = *entry;
	flows_remove(&engine->flows, entry);
	entry = begin_flow(engine, glance, reason);
	if (entry && before.flow.rest) {
		before.flow.rest = &before.rest;
		attach_rest(entry);
		tcphs_flow_inherit(&entry->flow, &before.flow,
				   &glance->packet.seg);
	}
	return entry;
}

/* The connection that a segment is of, after a new one on the same tuple began. */
static struct flows_entry *find_flow(struct engine *engine,
				     const struct glance *glance,
				     unsigned int *from,
				     enum tcphs_reason *reason)
{
	const struct tcphs_packet *packet = &glance->packet;
	struct flows_entry *entry = flows_find(&engine->flows, &packet->tuple,
					       glance->hash, from);

	if (entry && !tcphs_flow_succeeds(&entry->flow, *from, &packet->seg))
		return entry;
	entry = entry ? succeed_flow(engine, entry, *from, glance, reason) :
		begin_flow(engine, glance, reason);
	if (entry)
		*from = tcphs_flow_match(&entry->flow, &packet->tuple);
	return entry;
}

static void emit_segment(struct engine *engine, const struct flows_entry *entry,
			 unsigned int from, const struct tcphs_seg *seg)
{
	struct tcphs_ev_transition payload = {
		.seg = {
			.seq = seg->seq,
			.ack = seg->ack,
			.len = seg->len,
			.flags = seg->flags,
			.win = seg->win,
			.from = (u8)from,
			.present = 1,
		},
	};

	emit(&engine->step, &entry->flow, SOURCE_EV_SEGMENT, &payload,
	     sizeof(payload));
}

static enum tcphs_reason take_segment(struct engine *engine,
				      const struct glance *glance)
{
	const struct tcphs_seg *seg = &glance->packet.seg;
	enum tcphs_reason reason;
	unsigned int from;
	struct flows_entry *entry = find_flow(engine, glance, &from, &reason);

	if (!entry)
		return reason;
	engine->step.now_ns = engine->now_ns;
	if (engine->options.segments)
		emit_segment(engine, entry, from, seg);
	if (tcphs_quick_is_plain(seg) &&
	    tcphs_quick_take(&entry->flow, from, seg)) {
		entry->seen_ns = engine->now_ns;
		return TCPHS_R_USED;
	}
	if (tcphs_flow_lacks_rest(&entry->flow, from, seg))
		attach_rest(entry);
	reason = tcphs_flow_step(&entry->flow, from, seg, &engine->step);
	/* As in the module: what is passed over keeps no record alive. */
	if (reason == TCPHS_R_USED)
		entry->seen_ns = engine->now_ns;
	note_deadline(engine, entry);
	return reason;
}

static bool is_damaged(const struct engine *engine,
		       const struct tcphs_packet *packet, const u8 *data,
		       u32 avail)
{
	if (engine->options.no_checksum ||
	    avail < packet->l4_offset + packet->l4_len)
		return false;
	return !checksum_is_good(packet, data);
}

/* Its addresses may be damaged too: nothing else of it is looked at. */
static enum tcphs_reason pass_damaged(struct engine *engine,
				      const struct glance *glance)
{
	unsigned int from;
	struct flows_entry *entry = flows_find(&engine->flows,
					       &glance->packet.tuple,
					       glance->hash, &from);

	if (!entry)
		return TCPHS_R_BAD_CHECKSUM;
	if (!entry->flow.rest)
		attach_rest(entry);
	tcphs_flow_damaged(&entry->flow, from);
	return TCPHS_R_BAD_CHECKSUM;
}

void engine_glance(const struct engine *engine, const u8 *data, u32 avail,
		   u32 wire, struct glance *glance)
{
	enum tcphs_parsed parsed = tcphs_parse(data, avail, wire, &glance->packet);

	if (parsed == TCPHS_PARSE_NOT_TCP) {
		glance->kind = GLANCE_OTHER;
	} else if (parsed != TCPHS_PARSE_OK) {
		glance->kind = GLANCE_REFUSED;
		glance->reason = parsed == TCPHS_PARSE_MORE ?	/* the capture cut it short */
				 TCPHS_R_TRUNCATED : tcphs_parse_reason(parsed);
	} else {
		glance->kind = is_damaged(engine, &glance->packet, data, avail) ?
			       GLANCE_DAMAGED : GLANCE_SEGMENT;
		glance->hash = flows_hash(&engine->flows, &glance->packet.tuple);
	}
}

void engine_take(struct engine *engine, const struct glance *glance,
		 struct source_totals *totals)
{
	run_timers(engine, glance->ns);
	switch (glance->kind) {
	case GLANCE_OTHER:
		totals->other++;
		break;
	case GLANCE_REFUSED:
		totals->reasons[glance->reason]++;
		break;
	case GLANCE_DAMAGED:
		totals->reasons[pass_damaged(engine, glance)]++;
		break;
	case GLANCE_SEGMENT:
		totals->reasons[take_segment(engine, glance)]++;
		break;
	}
}

void engine_ready(const struct engine *engine, const struct glance *glances,
		  unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (glances[i].kind == GLANCE_SEGMENT)
			flows_ready_slot(&engine->flows, glances[i].hash);
	for (i = 0; i < count; i++)
		if (glances[i].kind == GLANCE_SEGMENT)
			flows_ready_entry(&engine->flows, glances[i].hash);
}

const struct tcphs_record *engine_pop(struct engine *engine)
{
	struct queue *queue = &engine->queue;

	if (queue->head == queue->tail)
		return NULL;
	return &queue->records[queue->head++ & (queue->room - 1)];
}

bool engine_end_one(struct engine *engine)
{
	struct flows_entry *entry;

	if (!engine->ending)
		engine->ending = flows_by_id(&engine->flows);
	if (engine->ended == engine->flows.count)
		return false;
	entry = engine->ending[engine->ended++].entry;
	engine->step.now_ns = engine->now_ns;
	tcphs_flow_end(&entry->flow, TCPHS_CLOSE_OPEN, TCPHS_TW_END_NONE,
		       entry->seen_ns, &engine->step);
	return true;
}

void engine_free(struct engine *engine)
{
	flows_exit(&engine->flows);
	free(engine->queue.records);
	free(engine->locals);
	free(engine->ending);
	free(engine);
}
