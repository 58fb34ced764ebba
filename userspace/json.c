// SPDX-License-Identifier: GPL-2.0
/*
 * Events as JSON lines, version 1: one flat object each, its keys in one
 * order, null for what is not known. Must not print anything itself.
 */
#include "print.h"

#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>

#include "community_id.h"
#include "owner.h"
#include "rows.h"

#define JSON_LINE	(JSON_COMPACT | JSON_PRESERVE_ORDER)

/* A word of names.h: its "-" is null. */
static json_t *word(const char *name)
{
	return strcmp(name, "-") == 0 ? json_null() : json_string(name);
}

/* JSON's integers end at 2^63 - 1; no true number here comes near. */
static json_t *number(u64 value)
{
	return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

static json_t *span(u64 ns)
{
	return ns == TCPHS_NS_NONE ? json_null() : number(ns);
}

static json_t *text_or_null(const char *text)
{
	return *text ? json_string(text) : json_null();
}

static json_t *time_or_null(u64 wall_ns)
{
	char text[PRINT_TIME];

	return wall_ns == TCPHS_NS_NONE ? json_null() :
	       json_string(print_time(text, wall_ns));
}

/* All of @more behind @line; both are consumed. NULL if either is. */
static json_t *append(json_t *line, json_t *more)
{
	if (line && more && json_object_update(line, more) == 0) {
		json_decref(more);
		return line;
	}
	json_decref(line);
	json_decref(more);
	return NULL;
}

static json_t *pack_seg(const struct tcphs_seg_info *seg)
{
	char flags[TCPHS_FLAGS_TEXT];
	json_t *ack = seg->flags & TCPHS_ACK ? number(seg->ack) : json_null();

	return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o}",
			 "seg_from", word(tcphs_side_name(seg->from)),
			 "seg_flags", tcphs_flags_text(seg->flags, flags),
			 "seg_seq", number(seg->seq),
			 "seg_ack", ack,
			 "seg_len", number(seg->len),
			 "seg_win", number(seg->win));
}

static json_t *pack_transition(const struct tcphs_ev_transition *ev)
{
	json_t *line;

	line = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "side", word(tcphs_side_name(ev->side)),
			 "old_state", word(tcphs_state_name(ev->old_state)),
			 "new_state", word(tcphs_state_name(ev->new_state)),
			 "dwell_ns", span(ev->dwell_ns),
			 "cause", word(tcphs_cause_name(ev->cause)),
			 "orphan_end", word(tcphs_tw_end_name(ev->orphan_end)),
			 "orphan_cause",
			 word(tcphs_tw_cause_name(ev->orphan_cause)),
			 "orphan_ns", span(ev->orphan_ns));
	return ev->seg.present ? append(line, pack_seg(&ev->seg)) : line;
}

static json_t *pack_handshake(const struct tcphs_ev_handshake *ev)
{
	return json_pack("{s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "verified", ev->verified != 0,
			 "client_isn", number(ev->client_isn),
			 "server_isn", number(ev->server_isn),
			 "syn_ack_ns", span(ev->syn_ack_ns),
			 "ack_ns", span(ev->ack_ns),
			 "total_ns", span(ev->total_ns),
			 "client_syns", number(ev->client_syns),
			 "server_syns", number(ev->server_syns));
}

static json_t *pack_anomaly(const struct tcphs_ev_anomaly *ev)
{
	json_t *line;

	line = json_pack("{s:o, s:o, s:o}",
			 "kind", word(tcphs_anomaly_name(ev->kind)),
			 "expected", ev->has_expected ? number(ev->expected) :
			 json_null(),
			 "delay_ns", span(ev->delay_ns));
	return ev->seg.present ? append(line, pack_seg(&ev->seg)) : line;
}

static json_t *pack_timewait(const struct tcphs_ev_timewait *ev)
{
	bool is_over = ev->phase == TCPHS_TW_END;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "phase", word(tcphs_tw_phase_name(ev->phase)),
			 "side", word(tcphs_side_name(ev->side)),
			 "dur_ns", is_over ? span(ev->dur_ns) : json_null(),
			 "end", word(tcphs_tw_end_name(ev->end)),
			 "source", word(tcphs_source_name(ev->source)),
			 "restarts", number(ev->restarts),
			 "tw_cause", word(tcphs_tw_cause_name(ev->cause)),
			 "error_ns", is_over ? span(ev->error_ns) :
			 json_null());
}

static json_t *pack_end(const struct tcphs_ev_end *end, bool is_client)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}",
			 is_client ? "client_state" : "server_state",
			 word(tcphs_state_name(end->state)),
			 is_client ? "client_segments" : "server_segments",
			 number(end->segments),
			 is_client ? "client_bytes" : "server_bytes",
			 number(end->bytes),
			 is_client ? "client_retransmits" : "server_retransmits",
			 number(end->retransmits),
			 is_client ? "client_fin_retransmits" :
			 "server_fin_retransmits",
			 number(end->fin_retransmits),
			 is_client ? "client_syns" : "server_syns",
			 number(end->syns));
}

static json_t *pack_connection(const struct tcphs_ev_connection *ev)
{
	char history[PRINT_HISTORY];
	json_t *line;

	line = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "closer", word(tcphs_side_name(ev->closer)),
			 "close", word(tcphs_close_name(ev->close)),
			 "handshake", word(tcphs_hs_name(ev->handshake)),
			 "duration_ns", span(ev->duration_ns),
			 "handshake_ns", span(ev->handshake_ns),
			 "half_close_ns", span(ev->half_close_ns),
			 "timewait_ns", span(ev->timewait_ns),
			 "timewait_end",
			 word(tcphs_tw_end_name(ev->timewait_end)),
			 "timewait_source",
			 word(tcphs_source_name(ev->timewait_source)));
	line = append(line, pack_end(&ev->end[TCPHS_CLIENT], true));
	line = append(line, pack_end(&ev->end[TCPHS_SERVER], false));
	return append(line, json_pack("{s:o, s:o}",
				      "history", word(print_history(history, ev)),
				      "conn_state",
				      word(tcphs_conn_state_name(ev->conn_state))));
}

static json_t *pack_community_id(const struct tcphs_record *record)
{
	char text[COMMUNITY_ID_TEXT];

	return json_pack("{s:s}", "community_id",
			 community_id(text, record, COMMUNITY_ID_SEED));
}

static json_t *pack_payload(const struct tcphs_record *record)
{
	switch (record->type) {
	case TCPHS_EV_TRANSITION:
		return pack_transition(&record->transition);
	case TCPHS_EV_HANDSHAKE:
		return pack_handshake(&record->handshake);
	case TCPHS_EV_ANOMALY:
		return pack_anomaly(&record->anomaly);
	case TCPHS_EV_TIMEWAIT:
		return pack_timewait(&record->timewait);
	case TCPHS_EV_CONNECTION:
		return pack_connection(&record->connection);
	default:
		return NULL;
	}
}

static json_t *pack_head(const char *event, u64 wall_ns)
{
	return json_pack("{s:i, s:s, s:o}", "v", 1, "event", event,
			 "ts", time_or_null(wall_ns));
}

static json_t *pack_owner(const struct tcphs_owner *owner)
{
	char comm[OWNER_COMM];

	return json_pack("{s:o, s:o, s:o, s:o}",
			 "uid", owner->uid == TCPHS_UID_NONE ? json_null() :
			 number(owner->uid),
			 "cgroup", owner->cgroup ? number(owner->cgroup) :
			 json_null(),
			 "pid", owner->pid ? number(owner->pid) : json_null(),
			 "comm", word(owner_comm(comm, owner)));
}

static json_t *pack_conn(const struct tcphs_record *record, json_t *seq,
			 json_t *local)
{
	char client[PRINT_ADDR], server[PRINT_ADDR];
	json_t *line;

	print_addr(client, record, TCPHS_CLIENT);
	print_addr(server, record, TCPHS_SERVER);
	line = json_pack("{s:o, s:o, s:o, s:s, s:s, s:i, s:s, s:i, s:o}",
			 "seq", seq,
			 "conn_id", number(record->conn_id),
			 "netns", record->netns ? number(record->netns) :
			 json_null(),
			 "family", record->family == 6 ? "ipv6" : "ipv4",
			 "client_addr", client,
			 "client_port", (int)record->port[TCPHS_CLIENT],
			 "server_addr", server,
			 "server_port", (int)record->port[TCPHS_SERVER],
			 "local", local);
	return append(line, pack_owner(&record->owner));
}

static char *dump(json_t *line)
{
	char *text = line ? json_dumps(line, JSON_LINE) : NULL;

	json_decref(line);
	return text;
}

char *print_json_lost(u64 count, const char *where, u64 wall_ns)
{
	json_t *line = pack_head(tcphs_event_name(TCPHS_EV_LOST), wall_ns);

	return dump(append(line, json_pack("{s:o, s:s}", "count",
					   number(count), "where", where)));
}

char *print_json_record(const struct tcphs_record *record)
{
	json_t *line;

	if (record->type < TCPHS_EV_LOST || record->type > TCPHS_EV_CONNECTION)
		return NULL;
	if (record->type == TCPHS_EV_LOST)
		return print_json_lost(record->lost.count, "ring",
				       record->wall_ns);
	line = pack_head(tcphs_event_name(record->type), record->wall_ns);
	line = append(line, pack_conn(record, number(record->seq),
				      word(tcphs_local_name(record->local))));
	line = append(line, pack_payload(record));
	if (record->type == TCPHS_EV_CONNECTION)
		line = append(line, pack_community_id(record));
	return dump(line);
}

char *print_json_hello(const struct source_hello *hello, u64 wall_ns)
{
	json_t *line = pack_head("hello", wall_ns);

	return dump(append(line, json_pack("{s:o, s:o, s:o, s:o, s:o}",
					   "module",
					   text_or_null(hello->module),
					   "uapi", hello->uapi ?
					   number(hello->uapi) : json_null(),
					   "kernel",
					   text_or_null(hello->kernel),
					   "host", text_or_null(hello->host),
					   "boot_id",
					   text_or_null(hello->boot_id))));
}

static json_t *count_or_null(const char *text)
{
	return *text >= '0' && *text <= '9' ?
	       number(strtoull(text, NULL, 10)) : json_null();
}

/* What is left of a TIME_WAIT, or of an orphaned FIN_WAIT2. */
static json_t *pack_left(const struct row *row)
{
	json_t *line;

	line = json_pack("{s:o, s:o, s:o, s:o}",
			 "client_left_ns", span(row->ns[ROW_CLIENT_LEFT]),
			 "server_left_ns", span(row->ns[ROW_SERVER_LEFT]),
			 "client_left_source",
			 word(tcphs_source_name(row->left_source[TCPHS_CLIENT])),
			 "server_left_source",
			 word(tcphs_source_name(row->left_source[TCPHS_SERVER])));
	return append(line, json_pack("{s:o, s:o, s:o, s:o}",
				      "client_restarts",
				      count_or_null(row->text[ROW_CLIENT_RESTARTS]),
				      "server_restarts",
				      count_or_null(row->text[ROW_SERVER_RESTARTS]),
				      "client_orphan_ns",
				      span(row->ns[ROW_CLIENT_ORPHAN]),
				      "server_orphan_ns",
				      span(row->ns[ROW_SERVER_ORPHAN])));
}

char *print_json_row(const struct row *row, u32 netns, u64 wall_ns)
{
	struct tcphs_record record = row->record;
	json_t *line = pack_head("state", wall_ns);

	record.netns = netns;
	line = append(line, pack_conn(&record, json_null(),
				      word(row->text[ROW_LOCAL])));
	line = append(line, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
				      "client_state",
				      word(tcphs_state_name(row->state[0])),
				      "server_state",
				      word(tcphs_state_name(row->state[1])),
				      "client_for_ns",
				      span(row->ns[ROW_CLIENT_FOR]),
				      "server_for_ns",
				      span(row->ns[ROW_SERVER_FOR]),
				      "handshake",
				      word(row->text[ROW_HANDSHAKE]),
				      "syn_ack_ns", span(row->ns[ROW_SYN_ACK]),
				      "ack_ns", span(row->ns[ROW_ACK])));
	line = append(line, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}",
				      "closer", word(row->text[ROW_CLOSER]),
				      "close", word(row->text[ROW_CLOSE]),
				      "timewait_ns",
				      span(row->ns[ROW_TIMEWAIT]),
				      "timewait_source",
				      word(row->text[ROW_TIMEWAIT_SOURCE]),
				      "client_flags",
				      word(row->text[ROW_CLIENT_FLAGS]),
				      "server_flags",
				      word(row->text[ROW_SERVER_FLAGS])));
	line = append(line, json_pack("{s:o, s:o, s:o, s:o}",
				      "client_resent",
				      count_or_null(row->text[ROW_CLIENT_RESENT]),
				      "server_resent",
				      count_or_null(row->text[ROW_SERVER_RESENT]),
				      "client_socket",
				      word(row->text[ROW_CLIENT_SOCKET]),
				      "server_socket",
				      word(row->text[ROW_SERVER_SOCKET])));
	line = append(line, pack_left(row));
	return dump(append(line, pack_community_id(&record)));
}
