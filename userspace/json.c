// SPDX-License-Identifier: GPL-2.0
/*
 * Events as JSON lines, version 1: one flat object each, its keys in one
 * order, null for what is not known. Must not print anything itself.
 */
#include "print.h"

#include <stdlib.h>
#include <string.h>

#include "community_id.h"
#include "jsonline.h"
#include "kept.h"
#include "owner.h"
#include "rows.h"

/*
 * Keys and values that are enumerations and flags alone: few are ever seen
 * together, and each such phrase is made once. What shares a place gives way.
 */
#define PHRASES		256
#define PHRASE_TEXT	112

enum phrase_kind { PHRASE_STATES = 1, PHRASE_CAUSE, PHRASE_SEG };

struct phrase {
	u64 key;		/* 0: none */
	size_t length;
	char text[PHRASE_TEXT];
};

static struct phrase *find_phrase(enum phrase_kind kind, u64 *key)
{
	static struct phrase all[PHRASES];

	*key |= (u64)kind << 56;
	return &all[*key * 0x9e3779b97f4a7c15ULL >> 56];
}

static void keep_phrase(struct phrase *phrase, u64 key,
			const struct jsonline *line, size_t begin)
{
	phrase->key = 0;
	phrase->length = line->length - begin;
	if (phrase->length > sizeof(phrase->text))
		return;
	memcpy(phrase->text, line->text + begin, phrase->length);
	phrase->key = key;
}

static void put_from(struct jsonline *line, const struct tcphs_seg_info *seg)
{
	u64 key = (u64)seg->from << 16 | seg->flags;
	struct phrase *phrase = find_phrase(PHRASE_SEG, &key);
	char flags[TCPHS_FLAGS_TEXT];
	size_t begin = line->length;

	if (phrase->key == key) {
		jsonline_put(line, phrase->text, phrase->length);
		return;
	}
	jsonline_name(line, "seg_from", tcphs_side_name(seg->from));
	jsonline_text(line, "seg_flags", tcphs_flags_text(seg->flags, flags));
	keep_phrase(phrase, key, line, begin);
}

static void put_seg(struct jsonline *line, const struct tcphs_seg_info *seg)
{
	if (!seg->present)
		return;
	put_from(line, seg);
	jsonline_number(line, "seg_seq", seg->seq);
	jsonline_number_if(line, "seg_ack", seg->flags & TCPHS_ACK, seg->ack);
	jsonline_number(line, "seg_len", seg->len);
	jsonline_number(line, "seg_win", seg->win);
}

static void put_states(struct jsonline *line,
		       const struct tcphs_ev_transition *ev)
{
	u64 key = (u64)ev->side << 16 | (u64)ev->old_state << 8 | ev->new_state;
	struct phrase *phrase = find_phrase(PHRASE_STATES, &key);
	size_t begin = line->length;

	if (phrase->key == key) {
		jsonline_put(line, phrase->text, phrase->length);
		return;
	}
	jsonline_name(line, "side", tcphs_side_name(ev->side));
	jsonline_name(line, "old_state", tcphs_state_name(ev->old_state));
	jsonline_name(line, "new_state", tcphs_state_name(ev->new_state));
	keep_phrase(phrase, key, line, begin);
}

static void put_cause(struct jsonline *line,
		      const struct tcphs_ev_transition *ev)
{
	u64 key = (u64)ev->cause << 16 | (u64)ev->orphan_end << 8 |
		  ev->orphan_cause;
	struct phrase *phrase = find_phrase(PHRASE_CAUSE, &key);
	size_t begin = line->length;

	if (phrase->key == key) {
		jsonline_put(line, phrase->text, phrase->length);
		return;
	}
	jsonline_name(line, "cause", tcphs_cause_name(ev->cause));
	jsonline_name(line, "orphan_end", tcphs_tw_end_name(ev->orphan_end));
	jsonline_name(line, "orphan_cause",
		      tcphs_tw_cause_name(ev->orphan_cause));
	keep_phrase(phrase, key, line, begin);
}

static void put_transition(struct jsonline *line,
			   const struct tcphs_ev_transition *ev)
{
	put_states(line, ev);
	jsonline_span(line, "dwell_ns", ev->dwell_ns);
	put_cause(line, ev);
	jsonline_span(line, "orphan_ns", ev->orphan_ns);
	put_seg(line, &ev->seg);
}

static void put_handshake(struct jsonline *line,
			  const struct tcphs_ev_handshake *ev)
{
	jsonline_bool(line, "verified", ev->verified);
	jsonline_number(line, "client_isn", ev->client_isn);
	jsonline_number(line, "server_isn", ev->server_isn);
	jsonline_span(line, "syn_ack_ns", ev->syn_ack_ns);
	jsonline_span(line, "ack_ns", ev->ack_ns);
	jsonline_span(line, "total_ns", ev->total_ns);
	jsonline_number(line, "client_syns", ev->client_syns);
	jsonline_number(line, "server_syns", ev->server_syns);
}

static void put_anomaly(struct jsonline *line,
			const struct tcphs_ev_anomaly *ev)
{
	jsonline_name(line, "kind", tcphs_anomaly_name(ev->kind));
	jsonline_number_if(line, "expected", ev->has_expected, ev->expected);
	jsonline_span(line, "delay_ns", ev->delay_ns);
	put_seg(line, &ev->seg);
}

static void put_timewait(struct jsonline *line,
			 const struct tcphs_ev_timewait *ev)
{
	bool is_over = ev->phase == TCPHS_TW_END;

	jsonline_name(line, "phase", tcphs_tw_phase_name(ev->phase));
	jsonline_name(line, "side", tcphs_side_name(ev->side));
	jsonline_span(line, "dur_ns", is_over ? ev->dur_ns : TCPHS_NS_NONE);
	jsonline_name(line, "end", tcphs_tw_end_name(ev->end));
	jsonline_name(line, "source", tcphs_source_name(ev->source));
	jsonline_number(line, "restarts", ev->restarts);
	jsonline_name(line, "tw_cause", tcphs_tw_cause_name(ev->cause));
	jsonline_span(line, "error_ns", is_over ? ev->error_ns : TCPHS_NS_NONE);
}

static void put_end(struct jsonline *line, const struct tcphs_ev_end *end,
		    bool is_client)
{
	jsonline_name(line, is_client ? "client_state" : "server_state",
		      tcphs_state_name(end->state));
	jsonline_number(line, is_client ? "client_segments" : "server_segments",
			end->segments);
	jsonline_number(line, is_client ? "client_bytes" : "server_bytes",
			end->bytes);
	jsonline_number(line,
			is_client ? "client_retransmits" : "server_retransmits",
			end->retransmits);
	jsonline_number(line, is_client ? "client_fin_retransmits" :
			"server_fin_retransmits", end->fin_retransmits);
	jsonline_number(line, is_client ? "client_syns" : "server_syns",
			end->syns);
}

static void put_community_id(struct jsonline *line,
			     const struct tcphs_record *record)
{
	char text[COMMUNITY_ID_TEXT];

	jsonline_text(line, "community_id",
		      community_id(text, record, COMMUNITY_ID_SEED));
}

static void put_connection(struct jsonline *line,
			   const struct tcphs_record *record)
{
	const struct tcphs_ev_connection *ev = &record->connection;
	char history[PRINT_HISTORY];

	jsonline_name(line, "closer", tcphs_side_name(ev->closer));
	jsonline_name(line, "close", tcphs_close_name(ev->close));
	jsonline_name(line, "handshake", tcphs_hs_name(ev->handshake));
	jsonline_span(line, "duration_ns", ev->duration_ns);
	jsonline_span(line, "handshake_ns", ev->handshake_ns);
	jsonline_span(line, "half_close_ns", ev->half_close_ns);
	jsonline_span(line, "timewait_ns", ev->timewait_ns);
	jsonline_name(line, "timewait_end",
		      tcphs_tw_end_name(ev->timewait_end));
	jsonline_name(line, "timewait_source",
		      tcphs_source_name(ev->timewait_source));
	put_end(line, &ev->end[TCPHS_CLIENT], true);
	put_end(line, &ev->end[TCPHS_SERVER], false);
	jsonline_word(line, "history", print_history(history, ev));
	jsonline_name(line, "conn_state",
		      tcphs_conn_state_name(ev->conn_state));
	put_community_id(line, record);
}

static void put_payload(struct jsonline *line,
			const struct tcphs_record *record)
{
	switch (record->type) {
	case TCPHS_EV_TRANSITION:
		put_transition(line, &record->transition);
		break;
	case TCPHS_EV_HANDSHAKE:
		put_handshake(line, &record->handshake);
		break;
	case TCPHS_EV_ANOMALY:
		put_anomaly(line, &record->anomaly);
		break;
	case TCPHS_EV_TIMEWAIT:
		put_timewait(line, &record->timewait);
		break;
	case TCPHS_EV_CONNECTION:
		put_connection(line, record);
		break;
	}
}

static void put_owner(struct jsonline *line, const struct tcphs_owner *owner)
{
	char comm[OWNER_COMM];

	jsonline_number_if(line, "uid", owner->uid != TCPHS_UID_NONE,
			   owner->uid);
	jsonline_number_if(line, "cgroup", owner->cgroup, owner->cgroup);
	jsonline_number_if(line, "pid", owner->pid, owner->pid);
	jsonline_word(line, "comm", owner_comm(comm, owner));
}

static void put_conn(struct jsonline *line, const struct tcphs_record *record,
		     const char *local)
{
	char addr[PRINT_ADDR];

	jsonline_number(line, "conn_id", record->conn_id);
	jsonline_number_if(line, "netns", record->netns, record->netns);
	jsonline_text(line, "family", record->family == 6 ? "ipv6" : "ipv4");
	jsonline_text(line, "client_addr",
		      print_addr(addr, record, TCPHS_CLIENT));
	jsonline_number(line, "client_port", record->port[TCPHS_CLIENT]);
	jsonline_text(line, "server_addr",
		      print_addr(addr, record, TCPHS_SERVER));
	jsonline_number(line, "server_port", record->port[TCPHS_SERVER]);
	jsonline_word(line, "local", local);
	put_owner(line, &record->owner);
}

static void put_kept_conn(struct jsonline *line,
			  const struct tcphs_record *record)
{
	static struct kept all[KEPT_CONNS];
	size_t begin = line->length;
	bool is_same;
	struct kept *kept = kept_find(all, record, &is_same);

	if (is_same) {
		jsonline_put(line, kept->text, kept->length);
		return;
	}
	put_conn(line, record, tcphs_local_name(record->local));
	kept_set(kept, record, line->text + begin, line->length - begin);
}

char *print_json_lost(u64 count, const char *where, u64 wall_ns)
{
	struct jsonline line;

	jsonline_begin(&line, tcphs_event_name(TCPHS_EV_LOST), wall_ns);
	jsonline_number(&line, "count", count);
	jsonline_text(&line, "where", where);
	return jsonline_end(&line);
}

static bool is_event(const struct tcphs_record *record)
{
	return record->type >= TCPHS_EV_LOST &&
	       record->type <= TCPHS_EV_CONNECTION;
}

static void put_event(struct jsonline *line, const struct tcphs_record *record)
{
	if (record->type == TCPHS_EV_LOST) {
		jsonline_number(line, "count", record->lost.count);
		jsonline_text(line, "where", "ring");
		return;
	}
	jsonline_number(line, "seq", record->seq);
	put_kept_conn(line, record);
	put_payload(line, record);
}

char *print_json_record(const struct tcphs_record *record)
{
	struct jsonline line;

	if (!is_event(record))
		return NULL;
	jsonline_begin(&line, tcphs_event_name(record->type), record->wall_ns);
	put_event(&line, record);
	return jsonline_end(&line);
}

bool print_json_event(const struct tcphs_record *record)
{
	static struct jsonline line;

	if (!is_event(record))
		return false;
	jsonline_begin_again(&line, tcphs_event_name(record->type),
			     record->wall_ns);
	put_event(&line, record);
	jsonline_write(&line, stdout);
	return true;
}

char *print_json_hello(const struct source_hello *hello, u64 wall_ns)
{
	struct jsonline line;

	jsonline_begin(&line, "hello", wall_ns);
	jsonline_word(&line, "module", hello->module);
	jsonline_number_if(&line, "uapi", hello->uapi, hello->uapi);
	jsonline_word(&line, "kernel", hello->kernel);
	jsonline_word(&line, "host", hello->host);
	jsonline_word(&line, "boot_id", hello->boot_id);
	return jsonline_end(&line);
}

static void put_count(struct jsonline *line, const char *key, const char *text)
{
	jsonline_number_if(line, key, *text >= '0' && *text <= '9',
			   strtoull(text, NULL, 10));
}

/* What is left of a TIME_WAIT, or of an orphaned FIN_WAIT2. */
static void put_left(struct jsonline *line, const struct row *row)
{
	jsonline_span(line, "client_left_ns", row->ns[ROW_CLIENT_LEFT]);
	jsonline_span(line, "server_left_ns", row->ns[ROW_SERVER_LEFT]);
	jsonline_name(line, "client_left_source",
		      tcphs_source_name(row->left_source[TCPHS_CLIENT]));
	jsonline_name(line, "server_left_source",
		      tcphs_source_name(row->left_source[TCPHS_SERVER]));
	put_count(line, "client_restarts", row->text[ROW_CLIENT_RESTARTS]);
	put_count(line, "server_restarts", row->text[ROW_SERVER_RESTARTS]);
	jsonline_span(line, "client_orphan_ns", row->ns[ROW_CLIENT_ORPHAN]);
	jsonline_span(line, "server_orphan_ns", row->ns[ROW_SERVER_ORPHAN]);
}

static void put_opening(struct jsonline *line, const struct row *row)
{
	jsonline_name(line, "client_state", tcphs_state_name(row->state[0]));
	jsonline_name(line, "server_state", tcphs_state_name(row->state[1]));
	jsonline_span(line, "client_for_ns", row->ns[ROW_CLIENT_FOR]);
	jsonline_span(line, "server_for_ns", row->ns[ROW_SERVER_FOR]);
	jsonline_word(line, "handshake", row->text[ROW_HANDSHAKE]);
	jsonline_span(line, "syn_ack_ns", row->ns[ROW_SYN_ACK]);
	jsonline_span(line, "ack_ns", row->ns[ROW_ACK]);
}

static void put_closing(struct jsonline *line, const struct row *row)
{
	jsonline_word(line, "closer", row->text[ROW_CLOSER]);
	jsonline_word(line, "close", row->text[ROW_CLOSE]);
	jsonline_span(line, "timewait_ns", row->ns[ROW_TIMEWAIT]);
	jsonline_word(line, "timewait_source", row->text[ROW_TIMEWAIT_SOURCE]);
	jsonline_word(line, "client_flags", row->text[ROW_CLIENT_FLAGS]);
	jsonline_word(line, "server_flags", row->text[ROW_SERVER_FLAGS]);
	put_count(line, "client_resent", row->text[ROW_CLIENT_RESENT]);
	put_count(line, "server_resent", row->text[ROW_SERVER_RESENT]);
	jsonline_word(line, "client_socket", row->text[ROW_CLIENT_SOCKET]);
	jsonline_word(line, "server_socket", row->text[ROW_SERVER_SOCKET]);
}

char *print_json_row(const struct row *row, u32 netns, u64 wall_ns)
{
	struct tcphs_record record = row->record;
	struct jsonline line;

	record.netns = netns;
	jsonline_begin(&line, "state", wall_ns);
	jsonline_null(&line, "seq");
	put_conn(&line, &record, row->text[ROW_LOCAL]);
	put_opening(&line, row);
	put_closing(&line, row);
	put_left(&line, row);
	put_community_id(&line, &record);
	return jsonline_end(&line);
}
