// SPDX-License-Identifier: GPL-2.0
/*
 * Events as JSON lines, version 1: one flat object each, its keys in one
 * order, null for what is not known. Must not print anything itself.
 */
#include "print.h"

#include <stdlib.h>
#include <string.h>

#include "community_id.h"
#include "json_conn.h"
#include "jsonline.h"
#include "phrase.h"
#include "rows.h"
#include "tool.h"

#define NS_PER_S	1000000000ULL
#define FRACTION_TEXT	10	/* of a time: nanoseconds and 'Z' */

/*
 * Of an event but for its connection: the longest, the end of a connection, has not
 * half of that. There is room before it is made, so nobody looks for it again.
 */
#define EVENT_ROOM	4096
#define SEG_TEXT	144	/* holds what there is of a segment */

#define KEY(name)	",\"" name "\":"

/* A literal, whose length the compiler knows. */
static inline char *put(char *at, const char *text)
{
	size_t length = strlen(text);

	memcpy(at, text, length);
	return at + length;
}

static inline char *put_number(char *at, const char *key, u64 value)
{
	return jsonline_digits(put(at, key), value);
}

static inline char *put_number_if(char *at, const char *key, bool is_known,
				  u64 value)
{
	at = put(at, key);
	return is_known ? jsonline_digits(at, value) : jsonline_nothing(at);
}

static inline char *put_span(char *at, const char *key, u64 ns)
{
	return put_number_if(at, key, ns != TCPHS_NS_NONE, ns);
}

/* Letters and digits, which need no escape; "-" is null. */
static inline char *put_name(char *at, const char *key, const char *name)
{
	at = put(at, key);
	if (name[0] == '-')
		return jsonline_nothing(at);
	*at++ = '"';
	at = stpcpy(at, name);
	*at++ = '"';
	return at;
}

/*
 * Keys and values that are enumerations and flags alone: few are ever seen
 * together, and each such phrase is made once.
 */
enum phrase_kind { PHRASE_HEAD = 1, PHRASE_STATES, PHRASE_CAUSE, PHRASE_SEG };

static struct phrase phrases[PHRASES];

static u64 phrase_key(enum phrase_kind kind, u64 key)
{
	return (u64)kind << 56 | key;
}

static char *make_head(char *at, unsigned int type, u64 seconds)
{
	at = put(at, "{\"v\":1");
	at = put_name(at, KEY("event"), tcphs_event_name(type));
	at = put(at, KEY("ts") "\"");
	return print_put_time(at, seconds * NS_PER_S) - FRACTION_TEXT;
}

/* Up to the time: a second's events begin alike. */
static char *put_head(char *at, const struct tcphs_record *record)
{
	u64 seconds = record->wall_ns / NS_PER_S;
	u64 key = phrase_key(PHRASE_HEAD, (u64)record->type << 40 | seconds);
	struct phrase *phrase = phrase_find(phrases, key);
	char *begin = at;

	at = phrase_put(phrase, key, begin);
	if (at == begin) {
		at = make_head(begin, record->type, seconds);
		phrase_keep(phrase, key, begin, at);
	}
	at = digits_put_padded(at, record->wall_ns % NS_PER_S, 9);
	return put(at, "Z\"");
}

static char *put_flags(char *at, u16 flags)
{
	char text[TCPHS_FLAGS_TEXT];

	at = put(at, KEY("seg_flags") "\"");
	at = stpcpy(at, tcphs_flags_text(flags, text));
	*at++ = '"';
	return at;
}

static char *put_from(char *begin, const struct tcphs_seg_info *seg)
{
	u64 key = phrase_key(PHRASE_SEG, (u64)seg->from << 16 | seg->flags);
	struct phrase *phrase = phrase_find(phrases, key);
	char *at = phrase_put(phrase, key, begin);

	if (at != begin)
		return at;
	at = put_name(at, KEY("seg_from"), tcphs_side_name(seg->from));
	at = put_flags(at, seg->flags);
	phrase_keep(phrase, key, begin, at);
	return at;
}

static char *make_seg(char *at, const struct tcphs_seg_info *seg)
{
	at = put_from(at, seg);
	at = put_number(at, KEY("seg_seq"), seg->seq);
	at = put_number_if(at, KEY("seg_ack"), seg->flags & TCPHS_ACK, seg->ack);
	at = put_number(at, KEY("seg_len"), seg->len);
	return put_number(at, KEY("seg_win"), seg->win);
}

/* A segment often causes several events: the latest is kept as it was made. */
static char *put_seg(char *at, const struct tcphs_seg_info *seg)
{
	static struct {
		struct tcphs_seg_info seg;
		size_t length;
		char text[SEG_TEXT];
	} kept;
	const char *begin = at;

	if (!seg->present)
		return at;
	if (memcmp(&kept.seg, seg, sizeof(*seg)) == 0) {
		memcpy(at, kept.text, SEG_TEXT);
		return at + kept.length;
	}
	at = make_seg(at, seg);
	kept.seg = *seg;
	kept.length = (size_t)(at - begin);
	memcpy(kept.text, begin, SEG_TEXT);
	return at;
}

static char *put_states(char *begin, const struct tcphs_ev_transition *ev)
{
	u64 key = phrase_key(PHRASE_STATES, (u64)ev->side << 16 |
			     (u64)ev->old_state << 8 | ev->new_state);
	struct phrase *phrase = phrase_find(phrases, key);
	char *at = phrase_put(phrase, key, begin);

	if (at != begin)
		return at;
	at = put_name(at, KEY("side"), tcphs_side_name(ev->side));
	at = put_name(at, KEY("old_state"), tcphs_state_name(ev->old_state));
	at = put_name(at, KEY("new_state"), tcphs_state_name(ev->new_state));
	phrase_keep(phrase, key, begin, at);
	return at;
}

static char *put_cause(char *begin, const struct tcphs_ev_transition *ev)
{
	u64 key = phrase_key(PHRASE_CAUSE, (u64)ev->cause << 16 |
			     (u64)ev->orphan_end << 8 | ev->orphan_cause);
	struct phrase *phrase = phrase_find(phrases, key);
	char *at = phrase_put(phrase, key, begin);

	if (at != begin)
		return at;
	at = put_name(at, KEY("cause"), tcphs_cause_name(ev->cause));
	at = put_name(at, KEY("orphan_end"), tcphs_tw_end_name(ev->orphan_end));
	at = put_name(at, KEY("orphan_cause"),
		      tcphs_tw_cause_name(ev->orphan_cause));
	phrase_keep(phrase, key, begin, at);
	return at;
}

static char *put_transition(char *at, const struct tcphs_ev_transition *ev)
{
	at = put_states(at, ev);
	at = put_span(at, KEY("dwell_ns"), ev->dwell_ns);
	at = put_cause(at, ev);
	at = put_span(at, KEY("orphan_ns"), ev->orphan_ns);
	return put_seg(at, &ev->seg);
}

static char *put_handshake(char *at, const struct tcphs_ev_handshake *ev)
{
	at = put(at, KEY("verified"));
	at = ev->verified ? put(at, "true") : put(at, "false");
	at = put_number(at, KEY("client_isn"), ev->client_isn);
	at = put_number(at, KEY("server_isn"), ev->server_isn);
	at = put_span(at, KEY("syn_ack_ns"), ev->syn_ack_ns);
	at = put_span(at, KEY("ack_ns"), ev->ack_ns);
	at = put_span(at, KEY("total_ns"), ev->total_ns);
	at = put_number(at, KEY("client_syns"), ev->client_syns);
	return put_number(at, KEY("server_syns"), ev->server_syns);
}

static char *put_anomaly(char *at, const struct tcphs_ev_anomaly *ev)
{
	at = put_name(at, KEY("kind"), tcphs_anomaly_name(ev->kind));
	at = put_number_if(at, KEY("expected"), ev->has_expected, ev->expected);
	at = put_span(at, KEY("delay_ns"), ev->delay_ns);
	return put_seg(at, &ev->seg);
}

static char *put_timewait(char *at, const struct tcphs_ev_timewait *ev)
{
	bool is_over = ev->phase == TCPHS_TW_END;

	at = put_name(at, KEY("phase"), tcphs_tw_phase_name(ev->phase));
	at = put_name(at, KEY("side"), tcphs_side_name(ev->side));
	at = put_span(at, KEY("dur_ns"), is_over ? ev->dur_ns : TCPHS_NS_NONE);
	at = put_name(at, KEY("end"), tcphs_tw_end_name(ev->end));
	at = put_name(at, KEY("source"), tcphs_source_name(ev->source));
	at = put_number(at, KEY("restarts"), ev->restarts);
	at = put_name(at, KEY("tw_cause"), tcphs_tw_cause_name(ev->cause));
	return put_span(at, KEY("error_ns"),
			is_over ? ev->error_ns : TCPHS_NS_NONE);
}

/* In line: the keys are then literals. */
static inline char *put_end(char *at, const struct tcphs_ev_end *end,
			    const char *state, const char *segments,
			    const char *bytes, const char *retransmits,
			    const char *fin_retransmits, const char *syns)
{
	at = put_name(at, state, tcphs_state_name(end->state));
	at = put_number(at, segments, end->segments);
	at = put_number(at, bytes, end->bytes);
	at = put_number(at, retransmits, end->retransmits);
	at = put_number(at, fin_retransmits, end->fin_retransmits);
	return put_number(at, syns, end->syns);
}

static char *put_ends(char *at, const struct tcphs_ev_end end[2])
{
	at = put_end(at, &end[TCPHS_CLIENT], KEY("client_state"),
		     KEY("client_segments"), KEY("client_bytes"),
		     KEY("client_retransmits"), KEY("client_fin_retransmits"),
		     KEY("client_syns"));
	return put_end(at, &end[TCPHS_SERVER], KEY("server_state"),
		       KEY("server_segments"), KEY("server_bytes"),
		       KEY("server_retransmits"), KEY("server_fin_retransmits"),
		       KEY("server_syns"));
}

static char *put_spans(char *at, const struct tcphs_ev_connection *ev)
{
	at = put_span(at, KEY("duration_ns"), ev->duration_ns);
	at = put_span(at, KEY("handshake_ns"), ev->handshake_ns);
	at = put_span(at, KEY("half_close_ns"), ev->half_close_ns);
	return put_span(at, KEY("timewait_ns"), ev->timewait_ns);
}

static char *put_connection(char *at, const struct tcphs_record *record)
{
	const struct tcphs_ev_connection *ev = &record->connection;
	char history[PRINT_HISTORY], id[COMMUNITY_ID_TEXT];

	at = put_name(at, KEY("closer"), tcphs_side_name(ev->closer));
	at = put_name(at, KEY("close"), tcphs_close_name(ev->close));
	at = put_name(at, KEY("handshake"), tcphs_hs_name(ev->handshake));
	at = put_spans(at, ev);
	at = put_name(at, KEY("timewait_end"),
		      tcphs_tw_end_name(ev->timewait_end));
	at = put_name(at, KEY("timewait_source"),
		      tcphs_source_name(ev->timewait_source));
	at = put_ends(at, ev->end);
	at = put_name(at, KEY("history"), print_history(history, ev));
	at = put_name(at, KEY("conn_state"),
		      tcphs_conn_state_name(ev->conn_state));
	return put_name(at, KEY("community_id"),
			community_id(id, record, COMMUNITY_ID_SEED));
}

static char *put_payload(char *at, const struct tcphs_record *record)
{
	switch (record->type) {
	case TCPHS_EV_TRANSITION:
		return put_transition(at, &record->transition);
	case TCPHS_EV_HANDSHAKE:
		return put_handshake(at, &record->handshake);
	case TCPHS_EV_ANOMALY:
		return put_anomaly(at, &record->anomaly);
	case TCPHS_EV_TIMEWAIT:
		return put_timewait(at, &record->timewait);
	case TCPHS_EV_CONNECTION:
		return put_connection(at, record);
	default:
		return at;
	}
}

static bool is_event(const struct tcphs_record *record)
{
	return record->type >= TCPHS_EV_LOST &&
	       record->type <= TCPHS_EV_CONNECTION;
}

static void put_lost(struct jsonline *line, u64 count, const char *where)
{
	jsonline_number(line, "count", count);
	jsonline_text(line, "where", where);
}

static void put_usual(struct jsonline *line, const struct tcphs_record *record)
{
	char *at = jsonline_reserve(line, EVENT_ROOM);

	at = put_head(at, record);
	at = put_number(at, KEY("seq"), record->seq);
	jsonline_take(line, at);
	json_conn_kept(line, record);
	at = jsonline_reserve(line, EVENT_ROOM);
	jsonline_take(line, put_payload(at, record));
}

/* Of no time, or of no connection. */
static void put_unusual(struct jsonline *lines, const struct tcphs_record *record)
{
	struct jsonline line;

	jsonline_begin(&line, tcphs_event_name(record->type), record->wall_ns);
	if (record->type == TCPHS_EV_LOST) {
		put_lost(&line, record->lost.count, "ring");
	} else {
		jsonline_number(&line, "seq", record->seq);
		json_conn_kept(&line, record);
		jsonline_take(&line, put_payload(jsonline_reserve(&line,
								  EVENT_ROOM),
						 record));
	}
	jsonline_put(lines, line.text, line.length);
	free(line.text);
}

static void put_event(struct jsonline *line, const struct tcphs_record *record)
{
	if (record->wall_ns != TCPHS_NS_NONE && record->type != TCPHS_EV_LOST)
		put_usual(line, record);
	else
		put_unusual(line, record);
}

char *print_json_lost(u64 count, const char *where, u64 wall_ns)
{
	struct jsonline line;

	jsonline_begin(&line, tcphs_event_name(TCPHS_EV_LOST), wall_ns);
	put_lost(&line, count, where);
	return jsonline_end(&line);
}

char *print_json_record(const struct tcphs_record *record)
{
	struct jsonline line = { 0 };

	if (!is_event(record))
		return NULL;
	put_event(&line, record);
	return jsonline_end(&line);
}

/* Lines of events, on their way to standard output. */
static struct jsonline lines;

static void write_lines(void)
{
	if (lines.length)
		write_output(stdout, lines.text, lines.length);
	lines.length = 0;
}

static void write_block(void)
{
	write_output(stdout, lines.text, OUTPUT_BLOCK);
	lines.length -= OUTPUT_BLOCK;
	memmove(lines.text, lines.text + OUTPUT_BLOCK, lines.length);
}

bool print_json_event(const struct tcphs_record *record)
{
	if (!is_event(record))
		return false;
	output_kept = write_lines;
	put_event(&lines, record);
	jsonline_put(&lines, "}\n", 2);
	if (lines.length >= OUTPUT_BLOCK)
		write_block();
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
	char id[COMMUNITY_ID_TEXT];
	struct jsonline line;

	record.netns = netns;
	jsonline_begin(&line, "state", wall_ns);
	jsonline_null(&line, "seq");
	json_conn(&line, &record, row->text[ROW_LOCAL]);
	put_opening(&line, row);
	put_closing(&line, row);
	put_left(&line, row);
	jsonline_text(&line, "community_id",
		      community_id(id, &record, COMMUNITY_ID_SEED));
	return jsonline_end(&line);
}
