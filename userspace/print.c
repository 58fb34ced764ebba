// SPDX-License-Identifier: GPL-2.0
/*
 * Events as aligned lines of text, and the pieces of which all forms are
 * made. Must not print as known what a record does not know.
 */
#include "print.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "digits.h"
#include "tool.h"
#include "words.h"

#define NS_PER_S	1000000000ULL
#define SECOND_TEXT	20	/* of an RFC 3339 time, with the point */

#define COLOUR_OFF	"\033[0m"
#define COLOUR_DIM	"\033[2m"
#define COLOUR_GOOD	"\033[32m"
#define COLOUR_BAD	"\033[31m"
#define COLOUR_STATE	"\033[1m"

static void put_ipv4(char *at, const u8 *addr)
{
	unsigned int i;

	for (i = 0; i < 4; i++) {
		at = digits_put(at, addr[i]);
		*at++ = i < 3 ? '.' : '\0';
	}
}

char *print_addr(char *buf, const struct tcphs_record *record, unsigned int side)
{
	const u8 *addr = record->addr[side];

	if (record->family != 6)
		put_ipv4(buf, addr);
	else if (!inet_ntop(AF_INET6, addr, buf, PRINT_ADDR))
		memcpy(buf, "-", 2);
	return buf;
}

char *print_end(char *buf, const struct tcphs_record *record, unsigned int side)
{
	char addr[PRINT_ADDR];

	snprintf(buf, PRINT_END, record->family == 6 ? "[%s]:%u" : "%s:%u",
		 print_addr(addr, record, side), record->port[side]);
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

char *print_time(char *buf, u64 wall_ns)
{
	memcpy(buf, find_second((time_t)(wall_ns / NS_PER_S)), SECOND_TEXT);
	memcpy(put_part(buf + SECOND_TEXT, (int)(wall_ns % NS_PER_S), 9, 'Z'), "", 1);
	return buf;
}

char *print_clock(char *buf, u64 wall_ns)
{
	time_t seconds = (time_t)(wall_ns / NS_PER_S);
	struct tm tm;

	localtime_r(&seconds, &tm);
	snprintf(buf, PRINT_TIME, "%02d:%02d:%02d.%06u", tm.tm_hour % 100,
		 tm.tm_min % 100, tm.tm_sec % 100,
		 (unsigned int)(wall_ns % NS_PER_S / 1000));
	return buf;
}

char *print_span(char *buf, u64 ns, bool modelled)
{
	const char *mark = modelled ? "~" : "";

	if (ns == TCPHS_NS_NONE)
		snprintf(buf, PRINT_SPAN, "-");
	else if (ns < NS_PER_S)
		snprintf(buf, PRINT_SPAN, "%s%llu.%03llu ms", mark,
			 ns / 1000000, ns / 1000 % 1000);
	else
		snprintf(buf, PRINT_SPAN, "%s%llu.%03llu s", mark,
			 ns / NS_PER_S, ns / 1000000 % 1000);
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
static void print_segment(FILE *out, const struct tcphs_seg_info *seg)
{
	char flags[TCPHS_FLAGS_TEXT];

	fprintf(out, "%s [%s] seq %u", tcphs_side_name(seg->from),
		tcphs_flags_text(seg->flags, flags), seg->seq);
	if (seg->flags & TCPHS_ACK)
		fprintf(out, " ack %u", seg->ack);
	fprintf(out, " win %u len %u", seg->win, seg->len);
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

/* It was held in a small socket, but that was no TIME_WAIT: no FIN had come. */
static void print_orphan(FILE *out, const struct tcphs_ev_transition *ev)
{
	char span[PRINT_SPAN];

	fprintf(out, "%sorphaned FIN_WAIT2 ended: %s after %s, no TIME_WAIT",
		ev->seg.present ? "; " : "",
		words_end(ev->orphan_end, ev->orphan_cause),
		print_span(span, ev->orphan_ns, false));
}

static void print_transition(FILE *out, const struct tcphs_ev_transition *ev,
			     unsigned int how)
{
	bool colour = how & PRINT_COLOUR;
	char span[PRINT_SPAN];

	fprintf(out, "%-6s %-11s -> %s%-11s%s %14s  ",
		tcphs_side_name(ev->side), tcphs_state_name(ev->old_state),
		colour ? COLOUR_STATE : "", tcphs_state_name(ev->new_state),
		colour ? COLOUR_OFF : "",
		print_span(span, ev->dwell_ns,
			   ev->cause == TCPHS_CAUSE_TIMER));
	if (ev->cause != TCPHS_CAUSE_SEGMENT)
		fprintf(out, "%s ", tcphs_cause_name(ev->cause));
	if (ev->seg.present)
		print_segment(out, &ev->seg);
	if (ev->orphan_end != TCPHS_TW_END_NONE)
		print_orphan(out, ev);
}

/* The events that are no transition have a word in place of the states. */
static void print_word(FILE *out, unsigned int side, const char *word)
{
	fprintf(out, "%-6s %-26s ", side == TCPHS_NOBODY ? "-" :
		tcphs_side_name(side), word);
}

static void print_handshake(FILE *out, const struct tcphs_ev_handshake *ev,
			    unsigned int how)
{
	const char *good = how & PRINT_COLOUR ? COLOUR_GOOD : "";
	const char *bad = how & PRINT_COLOUR ? COLOUR_BAD : "";
	const char *off = how & PRINT_COLOUR ? COLOUR_OFF : "";
	char span[PRINT_SPAN], times[PRINT_COUNT];

	print_word(out, TCPHS_BOTH, "handshake");
	fprintf(out, "%14s  ", print_span(span, ev->total_ns, false));
	if (ev->verified)
		fprintf(out, "%sverified%s", good, off);
	else
		fprintf(out, "%snot verified%s (see bad_ack): client seq %u, server seq %u",
			bad, off, ev->client_isn, ev->server_isn);
	if (ev->syn_ack_ns != TCPHS_NS_NONE)
		fprintf(out, "; SYN-ACK after %s",
			print_span(span, ev->syn_ack_ns, false));
	if (ev->ack_ns != TCPHS_NS_NONE)
		fprintf(out, "; ACK after %s",
			print_span(span, ev->ack_ns, false));
	if (ev->client_syns > 1 || ev->server_syns > 1) {
		fprintf(out, "; SYN sent %s",
			print_count(times, ev->client_syns, "time"));
		fprintf(out, ", SYN-ACK %s",
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

static void print_delay(FILE *out, const struct tcphs_ev_anomaly *ev)
{
	char span[PRINT_SPAN];

	fputs(ev->seg.present ? "; SYN answered " : "SYN answered ", out);
	if (ev->delay_ns != TCPHS_NS_NONE)
		fprintf(out, "%s ", print_span(span, ev->delay_ns, false));
	fputs("late: an older connection held the port", out);
}

static void print_anomaly(FILE *out, const struct tcphs_ev_anomaly *ev,
			  unsigned int how)
{
	char span[PRINT_SPAN];

	print_word(out, ev->seg.present ? ev->seg.from : TCPHS_NOBODY,
		   tcphs_anomaly_name(ev->kind));
	fprintf(out, "%14s  ", ev->kind == TCPHS_AN_SYN_DELAYED ?
		print_span(span, ev->delay_ns, false) : "");
	if (how & PRINT_COLOUR)
		fputs(COLOUR_BAD, out);
	if (ev->seg.present)
		print_segment(out, &ev->seg);
	if (ev->has_expected)
		fprintf(out, " expected %u", ev->expected);
	if (ev->kind == TCPHS_AN_SYN_DELAYED)
		print_delay(out, ev);
	if (how & PRINT_COLOUR)
		fputs(COLOUR_OFF, out);
}

/* "expired, observed", "reset by a RST, observed to 25.000 ms" */
static void print_tw_end(FILE *out, const struct tcphs_ev_timewait *ev)
{
	char span[PRINT_SPAN], times[PRINT_COUNT];

	fprintf(out, "%s, %s", words_end(ev->end, ev->cause),
		tcphs_source_name(ev->source));
	if (ev->error_ns != TCPHS_NS_NONE && ev->error_ns != 0)
		fprintf(out, " to %s", print_span(span, ev->error_ns, false));
	if (ev->restarts)
		fprintf(out, ", restarted %s",
			print_count(times, ev->restarts, "time"));
}

static void print_timewait(FILE *out, const struct tcphs_ev_timewait *ev)
{
	bool modelled = ev->source == TCPHS_SOURCE_MODELLED;
	const char *why = words_restart(ev->cause);
	char span[PRINT_SPAN];
	char word[32];

	snprintf(word, sizeof(word), "timewait %s",
		 tcphs_tw_phase_name(ev->phase));
	print_word(out, ev->side, word);
	fprintf(out, "%14s  ", ev->phase == TCPHS_TW_END &&
		ev->end != TCPHS_TW_NEVER ?
		print_span(span, ev->dur_ns, modelled) : "");
	if (ev->phase == TCPHS_TW_END)
		print_tw_end(out, ev);
	else if (ev->restarts)
		fprintf(out, "restart %u%s%s", ev->restarts, why ? ": " : "",
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

static void print_connection(FILE *out, const struct tcphs_ev_connection *ev)
{
	bool modelled = ev->timewait_source == TCPHS_SOURCE_MODELLED;
	char span[PRINT_SPAN];
	char word[48];

	snprintf(word, sizeof(word), "connection %s",
		 tcphs_close_name(ev->close));
	print_word(out, ev->closer, word);
	fprintf(out, "%14s  handshake %s",
		print_span(span, ev->duration_ns, false),
		tcphs_hs_name(ev->handshake));
	if (ev->handshake_ns != TCPHS_NS_NONE)
		fprintf(out, " in %s",
			print_span(span, ev->handshake_ns, false));
	if (ev->half_close_ns != TCPHS_NS_NONE)
		fprintf(out, ", half-closed %s",
			print_span(span, ev->half_close_ns, false));
	if (ev->timewait_ns != TCPHS_NS_NONE)
		fprintf(out, ", TIME_WAIT %s",
			print_span(span, ev->timewait_ns, modelled));
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

static void print_head(FILE *out, const struct tcphs_record *record)
{
	char client[PRINT_END], server[PRINT_END], clock[PRINT_TIME];

	fputs(print_clock(clock, record->wall_ns), out);
	if (record->type == TCPHS_EV_LOST) {
		fprintf(out, " %5s %-21s   %-21s ", "-", "-", "-");
		return;
	}
	fprintf(out, " %5llu %-21s > %-21s ",
		record->conn_id,
		print_end(client, record, TCPHS_CLIENT),
		print_end(server, record, TCPHS_SERVER));
}

static void print_body(FILE *out, const struct tcphs_record *record,
		       unsigned int how)
{
	char count[PRINT_COUNT];

	switch (record->type) {
	case TCPHS_EV_LOST:
		print_word(out, TCPHS_NOBODY, "lost");
		fprintf(out, "%14s  %s", "",
			print_count(count, record->lost.count, "event"));
		break;
	case TCPHS_EV_TRANSITION:
		print_transition(out, &record->transition, how);
		break;
	case TCPHS_EV_HANDSHAKE:
		print_handshake(out, &record->handshake, how);
		break;
	case TCPHS_EV_ANOMALY:
		print_anomaly(out, &record->anomaly, how);
		break;
	case TCPHS_EV_TIMEWAIT:
		print_timewait(out, &record->timewait);
		break;
	case TCPHS_EV_CONNECTION:
		print_connection(out, &record->connection);
		break;
	default:
		fprintf(out, "unknown event %u", record->type);
	}
}

/* The line without the blanks of columns that are empty at its end. */
static void print_line_of(FILE *out, const struct tcphs_record *record,
			  unsigned int how)
{
	char *line = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&line, &size);

	if (!memory)
		return;
	print_head(memory, record);
	print_body(memory, record, how);
	fclose(memory);
	while (size && line[size - 1] == ' ')
		size--;
	fwrite(line, 1, size, out);
	free(line);
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
	print_line_of(out, record, how);
	if (how & PRINT_VERBOSE)
		print_beneath(out, record);
	fputc('\n', out);
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
