// SPDX-License-Identifier: GPL-2.0
/*
 * Events as aligned lines of text, and the pieces of which all forms are
 * made. Must not print as known what a record does not know.
 */
#include "print.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "address.h"
#include "digits.h"
#include "kept.h"
#include "textline.h"
#include "tool.h"
#include "words.h"

#define NS_PER_S	1000000000ULL
#define CLOCK_TEXT	9	/* of the time of day, with the point */
#define SECOND_TEXT	20	/* of an RFC 3339 time, with the point */

#define COLOUR_OFF	"\033[0m"
#define COLOUR_DIM	"\033[2m"
#define COLOUR_GOOD	"\033[32m"
#define COLOUR_BAD	"\033[31m"
#define COLOUR_STATE	"\033[1m"

static_assert(ADDRESS_TEXT <= PRINT_ADDR, "room");

char *print_addr(char *buf, const struct tcphs_record *record, unsigned int side)
{
	return address_text(buf, record->addr[side], record->family == 6);
}

char *print_end(char *buf, const struct tcphs_record *record, unsigned int side)
{
	char *at = buf;

	if (record->family == 6)
		*at++ = '[';
	print_addr(at, record, side);
	at += strlen(at);
	if (record->family == 6)
		*at++ = ']';
	*at++ = ':';
	*digits_put(at, record->port[side]) = '\0';
	return buf;
}

/* @width digits and what stands behind them. */
static char *put_part(char *at, int value, unsigned int width, char behind)
{
	at = digits_put_padded(at, (u64)value, width);
	*at++ = behind;
	return at;
}

/* "2026-01-01T00:00:00." of the last second that was asked for. */
static const char *find_second(time_t seconds)
{
	static char text[PRINT_TIME];
	static time_t known = -1;
	char *at = text;
	struct tm tm;

	if (seconds == known)
		return text;
	gmtime_r(&seconds, &tm);
	at = put_part(at, tm.tm_year + 1900, 4, '-');
	at = put_part(at, tm.tm_mon + 1, 2, '-');
	at = put_part(at, tm.tm_mday, 2, 'T');
	at = put_part(at, tm.tm_hour, 2, ':');
	at = put_part(at, tm.tm_min, 2, ':');
	put_part(at, tm.tm_sec, 2, '.');
	known = seconds;
	return text;
}

char *print_put_time(char *at, u64 wall_ns)
{
	memcpy(at, find_second((time_t)(wall_ns / NS_PER_S)), SECOND_TEXT);
	return put_part(at + SECOND_TEXT, (int)(wall_ns % NS_PER_S), 9, 'Z');
}

char *print_time(char *buf, u64 wall_ns)
{
	*print_put_time(buf, wall_ns) = '\0';
	return buf;
}

/* "00:00:00." of the last second that was asked for. */
static const char *find_clock(time_t seconds)
{
	static char text[PRINT_TIME];
	static time_t known = -1;
	char *at = text;
	struct tm tm;

	if (seconds == known)
		return text;
	localtime_r(&seconds, &tm);
	at = put_part(at, tm.tm_hour, 2, ':');
	at = put_part(at, tm.tm_min, 2, ':');
	put_part(at, tm.tm_sec, 2, '.');
	known = seconds;
	return text;
}

char *print_clock(char *buf, u64 wall_ns)
{
	memcpy(buf, find_clock((time_t)(wall_ns / NS_PER_S)), CLOCK_TEXT);
	put_part(buf + CLOCK_TEXT, (int)(wall_ns % NS_PER_S / 1000), 6, '\0');
	return buf;
}

/* Thousandths of @unit, three digits of them, and its name. */
static void put_span(char *at, u64 ns, u64 unit, const char *name)
{
	at = digits_put(at, ns / unit);
	*at++ = '.';
	at = digits_put_padded(at, ns / (unit / 1000) % 1000, 3);
	memcpy(at, name, strlen(name) + 1);
}

char *print_span(char *buf, u64 ns, bool modelled)
{
	char *at = buf;

	if (ns == TCPHS_NS_NONE)
		return memcpy(buf, "-", 2);
	if (modelled)
		*at++ = '~';
	if (ns < NS_PER_S)
		put_span(at, ns, 1000000, " ms");
	else
		put_span(at, ns, NS_PER_S, " s");
	return buf;
}

char *print_span_word(char *buf, u64 ns, bool modelled)
{
	char *space = strchr(print_span(buf, ns, modelled), ' ');

	if (space)
		memmove(space, space + 1, strlen(space));
	return buf;
}

char *print_count(char *buf, u64 count, const char *what)
{
	snprintf(buf, PRINT_COUNT, "%llu %.16s%s", count, what,
		 count == 1 ? "" : "s");
	return buf;
}

const struct tcphs_seg_info *print_seg(const struct tcphs_record *record)
{
	const struct tcphs_seg_info *seg;

	switch (record->type) {
	case TCPHS_EV_TRANSITION:
	case SOURCE_EV_SEGMENT:
		seg = &record->transition.seg;
		break;
	case TCPHS_EV_ANOMALY:
		seg = &record->anomaly.seg;
		break;
	default:
		return NULL;
	}
	return seg->present ? seg : NULL;
}

bool print_line(char *line)
{
	if (!line)
		return false;
	fputs_unlocked(line, stdout);
	putchar_unlocked('\n');
	free(line);
	return true;
}

u64 print_wall_ns(void)
{
	struct timespec now = { 0 };

	clock_gettime(CLOCK_REALTIME, &now);
	return (u64)now.tv_sec * NS_PER_S + (u64)now.tv_nsec;
}

/* "client [S.] seq 1 ack 2 win 3 len 0" */
static void put_segment(struct textline *line, const struct tcphs_seg_info *seg)
{
	char flags[TCPHS_FLAGS_TEXT];

	textline_put(line, tcphs_side_name(seg->from));
	textline_put(line, " [");
	textline_put(line, tcphs_flags_text(seg->flags, flags));
	textline_put(line, "] seq ");
	textline_number(line, seg->seq, 0);
	if (seg->flags & TCPHS_ACK) {
		textline_put(line, " ack ");
		textline_number(line, seg->ack, 0);
	}
	textline_put(line, " win ");
	textline_number(line, seg->win, 0);
	textline_put(line, " len ");
	textline_number(line, seg->len, 0);
}

/* The six bits of RFC 793 in the order of its figure 3. */
static void print_bits(FILE *out, const struct tcphs_seg_info *seg)
{
	static const struct {
		u16 flag;
		const char *name;
	} bits[] = {
		{ TCPHS_URG, "URG" }, { TCPHS_ACK, "ACK" },
		{ TCPHS_PSH, "PSH" }, { TCPHS_RST, "RST" },
		{ TCPHS_SYN, "SYN" }, { TCPHS_FIN, "FIN" },
	};
	size_t i;

	fprintf(out, "\n%21s from %s: ", "", tcphs_side_name(seg->from));
	for (i = 0; i < ARRAY_SIZE(bits); i++)
		fprintf(out, " %s=%d", bits[i].name,
			(seg->flags & bits[i].flag) != 0);
	fprintf(out, "  seq=%u", seg->seq);
	if (seg->flags & TCPHS_ACK)
		fprintf(out, " ack=%u", seg->ack);
	else
		fprintf(out, " ack=-");
	fprintf(out, " win=%u len=%u", seg->win, seg->len);
}

static void put_span_column(struct textline *line, u64 ns, bool modelled)
{
	char span[PRINT_SPAN];

	textline_right(line, print_span(span, ns, modelled), 14);
	textline_put(line, "  ");
}

/* Nothing, where it is not known. */
static void put_span_after(struct textline *line, const char *words, u64 ns,
			   bool modelled)
{
	char span[PRINT_SPAN];

	if (ns == TCPHS_NS_NONE)
		return;
	textline_put(line, words);
	textline_put(line, print_span(span, ns, modelled));
}

/* It was held in a small socket, but that was no TIME_WAIT: no FIN had come. */
static void put_orphan(struct textline *line, const struct tcphs_ev_transition *ev)
{
	char span[PRINT_SPAN];

	textline_format(line, "%sorphaned FIN_WAIT2 ended: %s after %s, no TIME_WAIT",
			ev->seg.present ? "; " : "",
			words_end(ev->orphan_end, ev->orphan_cause),
			print_span(span, ev->orphan_ns, false));
}

static void put_transition(struct textline *line,
			   const struct tcphs_ev_transition *ev,
			   unsigned int how)
{
	bool colour = how & PRINT_COLOUR;

	textline_left(line, tcphs_side_name(ev->side), 7);
	textline_left(line, tcphs_state_name(ev->old_state), 11);
	textline_put(line, colour ? " -> " COLOUR_STATE : " -> ");
	textline_left(line, tcphs_state_name(ev->new_state), 11);
	textline_put(line, colour ? COLOUR_OFF " " : " ");
	put_span_column(line, ev->dwell_ns, ev->cause == TCPHS_CAUSE_TIMER);
	if (ev->cause != TCPHS_CAUSE_SEGMENT)
		textline_format(line, "%s ", tcphs_cause_name(ev->cause));
	if (ev->seg.present)
		put_segment(line, &ev->seg);
	if (ev->orphan_end != TCPHS_TW_END_NONE)
		put_orphan(line, ev);
}

/* The events that are no transition have a word in place of the states. */
static void put_word(struct textline *line, unsigned int side, const char *word)
{
	textline_left(line, side == TCPHS_NOBODY ? "-" : tcphs_side_name(side), 7);
	textline_left(line, word, 27);
}

static void put_words(struct textline *line, unsigned int side,
		      const char *word, const char *more)
{
	size_t length = strlen(word);

	textline_left(line, side == TCPHS_NOBODY ? "-" : tcphs_side_name(side), 7);
	textline_put(line, word);
	textline_left(line, more, length < 27 ? 27 - length : 0);
}

static void put_handshake(struct textline *line,
			  const struct tcphs_ev_handshake *ev,
			  unsigned int how)
{
	const char *good = how & PRINT_COLOUR ? COLOUR_GOOD : "";
	const char *bad = how & PRINT_COLOUR ? COLOUR_BAD : "";
	const char *off = how & PRINT_COLOUR ? COLOUR_OFF : "";
	char times[PRINT_COUNT];

	put_word(line, TCPHS_BOTH, "handshake");
	put_span_column(line, ev->total_ns, false);
	if (ev->verified) {
		textline_put(line, good);
		textline_put(line, "verified");
		textline_put(line, off);
	} else {
		textline_format(line, "%snot verified%s (see bad_ack)", bad, off);
		textline_format(line, ": client seq %u, server seq %u",
				ev->client_isn, ev->server_isn);
	}
	put_span_after(line, "; SYN-ACK after ", ev->syn_ack_ns, false);
	put_span_after(line, "; ACK after ", ev->ack_ns, false);
	if (ev->client_syns > 1 || ev->server_syns > 1) {
		textline_format(line, "; SYN sent %s",
				print_count(times, ev->client_syns, "time"));
		textline_format(line, ", SYN-ACK %s",
				print_count(times, ev->server_syns, "time"));
	}
}

/* What each initial sequence number was answered with. */
static void print_isns(FILE *out, const struct tcphs_ev_handshake *ev)
{
	if (ev->verified)
		fprintf(out, "\n%21s client seq %u -> ack %u, server seq %u -> ack %u",
			"", ev->client_isn, ev->client_isn + 1, ev->server_isn,
			ev->server_isn + 1);
}

static void put_delay(struct textline *line, const struct tcphs_ev_anomaly *ev)
{
	char span[PRINT_SPAN];

	textline_put(line, ev->seg.present ? "; SYN answered " :
		     "SYN answered ");
	if (ev->delay_ns != TCPHS_NS_NONE)
		textline_format(line, "%s ", print_span(span, ev->delay_ns, false));
	textline_put(line, "late: an older connection held the port");
}

static void put_anomaly(struct textline *line,
			const struct tcphs_ev_anomaly *ev,
			unsigned int how)
{
	char span[PRINT_SPAN];

	put_word(line, ev->seg.present ? ev->seg.from : TCPHS_NOBODY,
		 tcphs_anomaly_name(ev->kind));
	textline_format(line, "%14s  ", ev->kind == TCPHS_AN_SYN_DELAYED ?
			print_span(span, ev->delay_ns, false) : "");
	if (how & PRINT_COLOUR)
		textline_put(line, COLOUR_BAD);
	if (ev->seg.present)
		put_segment(line, &ev->seg);
	if (ev->has_expected)
		textline_format(line, " expected %u", ev->expected);
	if (ev->kind == TCPHS_AN_SYN_DELAYED)
		put_delay(line, ev);
	if (how & PRINT_COLOUR)
		textline_put(line, COLOUR_OFF);
}

/* "expired, observed", "reset by a RST, observed to 25.000 ms" */
static void put_tw_end(struct textline *line, const struct tcphs_ev_timewait *ev)
{
	char span[PRINT_SPAN], times[PRINT_COUNT];

	textline_put(line, words_end(ev->end, ev->cause));
	textline_put(line, ", ");
	textline_put(line, tcphs_source_name(ev->source));
	if (ev->error_ns != TCPHS_NS_NONE && ev->error_ns != 0)
		textline_format(line, " to %s", print_span(span, ev->error_ns, false));
	if (ev->restarts)
		textline_format(line, ", restarted %s",
				print_count(times, ev->restarts, "time"));
}

static void put_timewait(struct textline *line, const struct tcphs_ev_timewait *ev)
{
	bool modelled = ev->source == TCPHS_SOURCE_MODELLED;
	const char *why = words_restart(ev->cause);
	char span[PRINT_SPAN];

	put_words(line, ev->side, "timewait ", tcphs_tw_phase_name(ev->phase));
	textline_right(line, ev->phase == TCPHS_TW_END &&
		       ev->end != TCPHS_TW_NEVER ?
		       print_span(span, ev->dur_ns, modelled) : "", 14);
	textline_put(line, "  ");
	if (ev->phase == TCPHS_TW_END)
		put_tw_end(line, ev);
	else if (ev->restarts)
		textline_format(line, "restart %u%s%s", ev->restarts, why ? ": " : "",
				why ? why : "");
}

char *print_history(char *buf, const struct tcphs_ev_connection *ev)
{
	snprintf(buf, PRINT_HISTORY, "%.*s", (int)sizeof(ev->history),
		 ev->history);
	if (!*buf || buf[strspn(buf, "^SHADFRQIWTGCshadfrqiwtgc")])
		memcpy(buf, "-", sizeof("-"));
	return buf;
}

static void print_end_totals(FILE *out, const char *name,
			     const struct tcphs_ev_end *end)
{
	char count[PRINT_COUNT];

	fprintf(out, "%s %s, %s", name, tcphs_state_name(end->state),
		print_count(count, end->segments, "segment"));
	fprintf(out, ", %s", print_count(count, end->bytes, "byte"));
	if (end->retransmits)
		fprintf(out, ", %u retransmitted", end->retransmits);
	if (end->fin_retransmits)
		fprintf(out, ", %s sent again",
			print_count(count, end->fin_retransmits, "FIN"));
}

static void print_totals(FILE *out, const struct tcphs_ev_connection *ev)
{
	char history[PRINT_HISTORY];

	fprintf(out, "\n%21s ", "");
	print_end_totals(out, "client", &ev->end[TCPHS_CLIENT]);
	print_end_totals(out, "; server", &ev->end[TCPHS_SERVER]);
	fprintf(out, "\n%21s %s, history %s", "",
		tcphs_conn_state_name(ev->conn_state),
		print_history(history, ev));
}

static void put_connection(struct textline *line,
			   const struct tcphs_ev_connection *ev)
{
	put_words(line, ev->closer, "connection ", tcphs_close_name(ev->close));
	put_span_column(line, ev->duration_ns, false);
	textline_put(line, "handshake ");
	textline_put(line, tcphs_hs_name(ev->handshake));
	put_span_after(line, " in ", ev->handshake_ns, false);
	put_span_after(line, ", half-closed ", ev->half_close_ns, false);
	put_span_after(line, ", TIME_WAIT ", ev->timewait_ns,
		       ev->timewait_source == TCPHS_SOURCE_MODELLED);
}

void print_text_head(FILE *out, unsigned int how)
{
	if (how & PRINT_COLOUR)
		fputs(COLOUR_DIM, out);
	fprintf(out, "%-15s %5s %-21s   %-21s %-6s %-11s    %-11s %14s  %s",
		"TIME", "ID", "CLIENT", "SERVER", "SIDE", "OLD", "NEW",
		"FOR", "SEGMENT");
	if (how & PRINT_COLOUR)
		fputs(COLOUR_OFF, out);
	fputc('\n', out);
}

static void put_ends(struct textline *line, const struct tcphs_record *record)
{
	char text[PRINT_END];

	textline_put(line, " ");
	textline_number(line, record->conn_id, 5);
	textline_put(line, " ");
	textline_left(line, print_end(text, record, TCPHS_CLIENT), 21);
	textline_put(line, " > ");
	textline_left(line, print_end(text, record, TCPHS_SERVER), 21);
	textline_put(line, " ");
}

static void put_head(struct textline *line, const struct tcphs_record *record)
{
	static struct kept all[KEPT_CONNS];
	char clock[PRINT_TIME];
	struct kept *kept;
	bool is_same;
	size_t begin;

	textline_put(line, print_clock(clock, record->wall_ns));
	if (record->type == TCPHS_EV_LOST) {
		textline_format(line, " %5s %-21s   %-21s ", "-", "-", "-");
		return;
	}
	begin = line->length;
	kept = kept_find(all, record, &is_same);
	if (is_same) {
		textline_put_bytes(line, kept->text, kept->length);
		return;
	}
	put_ends(line, record);
	kept_set(kept, record, line->text + begin, line->length - begin);
}

static void put_body(struct textline *line, const struct tcphs_record *record,
		     unsigned int how)
{
	char count[PRINT_COUNT];

	switch (record->type) {
	case TCPHS_EV_LOST:
		put_word(line, TCPHS_NOBODY, "lost");
		textline_format(line, "%14s  %s", "",
				print_count(count, record->lost.count, "event"));
		break;
	case TCPHS_EV_TRANSITION:
		put_transition(line, &record->transition, how);
		break;
	case TCPHS_EV_HANDSHAKE:
		put_handshake(line, &record->handshake, how);
		break;
	case TCPHS_EV_ANOMALY:
		put_anomaly(line, &record->anomaly, how);
		break;
	case TCPHS_EV_TIMEWAIT:
		put_timewait(line, &record->timewait);
		break;
	case TCPHS_EV_CONNECTION:
		put_connection(line, &record->connection);
		break;
	default:
		textline_format(line, "unknown event %u", record->type);
	}
}

static void print_beneath(FILE *out, const struct tcphs_record *record)
{
	const struct tcphs_seg_info *seg = print_seg(record);

	if (seg)
		print_bits(out, seg);
	else if (record->type == TCPHS_EV_HANDSHAKE)
		print_isns(out, &record->handshake);
	else if (record->type == TCPHS_EV_CONNECTION)
		print_totals(out, &record->connection);
}

void print_text(FILE *out, const struct tcphs_record *record, unsigned int how)
{
	struct textline line;

	textline_begin(&line);
	put_head(&line, record);
	put_body(&line, record, how);
	textline_print(&line, out);
	if (how & PRINT_VERBOSE)
		print_beneath(out, record);
	putc_unlocked('\n', out);
}

static void print_reasons(FILE *out, const struct source_totals *totals)
{
	char count[PRINT_COUNT];
	u64 sum = 0;
	size_t i;

	for (i = 0; i < TCPHS_R_COUNT; i++)
		sum += totals->reasons[i];
	fputs(print_count(count, sum, "segment"), out);
	for (i = 0; i < TCPHS_R_COUNT; i++)
		if (totals->reasons[i])
			fprintf(out, ", %s %llu",
				tcphs_reason_name((unsigned int)i),
				totals->reasons[i]);
	fprintf(out, "; %s\n", print_count(count, totals->other,
					   "other packet"));
}

void print_summary(FILE *out, const struct source_totals *totals, u64 count,
		   const char *done)
{
	char seen[PRINT_COUNT];

	fprintf(out, "%s seen, %llu %s, %llu lost\n",
		print_count(seen, totals->seen, "event"), count, done,
		totals->lost);
	if (totals->has_segments)
		print_reasons(out, totals);
}
