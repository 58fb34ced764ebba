// SPDX-License-Identifier: GPL-2.0
/*
 * Draws a connection line by line. A segment is held until all events that it
 * caused are known; what only carries data is gathered into bursts. Must not
 * conclude anything that the events do not say.
 */
#include "diagram.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "print.h"
#include "source.h"
#include "tool.h"
#include "words.h"

/* time 10, state 11, line, MIDDLE, line, state 11, and spaces: 80 columns */
#define MIDDLE		43
#define NOTES_MAX	8
#define NOTE_SIZE	96
#define BURSTS_MAX	6	/* more of a run than these is told in sums */
#define SAME_NS		1000	/* events of one segment are so close */
#define SOON_NS		10000000	/* so soon its receiver has dealt with it */

struct glyphs {
	const char *bar, *dash, *right, *left, *double_dash, *good, *bad;
	const char *dots;
};

static const struct glyphs utf8_glyphs = {
	.bar = "│", .dash = "─", .right = "→", .left = "←",
	.double_dash = "═", .good = "✓", .bad = "✗", .dots = "⋮",
};

static const struct glyphs ascii_glyphs = {
	.bar = "|", .dash = "-", .right = ">", .left = "<",
	.double_dash = "=", .good = "(ok)", .bad = "(WRONG)", .dots = ":",
};

/* A segment, held until the next. */
struct arrow {
	bool is_held;
	bool has_effect;	/* it changed something: it is drawn for itself */
	struct tcphs_seg_info seg;
	u64 ts_ns;
	size_t notes;
	char note[NOTES_MAX][NOTE_SIZE];
};

/* Data that one side sent without being interrupted by the other's. */
struct burst {
	unsigned int from;
	u64 ts_ns;
	u64 bytes;
	u64 segments;
};

struct run {
	size_t bursts;		/* of all; the first and the last are kept */
	struct burst first[BURSTS_MAX];
	struct burst last;
	u64 bytes[2];
};

/* The SYN and the FIN that an end sent, until they are acknowledged. */
struct known {
	bool has_isn, has_fin;
	u32 isn, fin;
};

struct diagram {
	FILE *out;
	const struct glyphs *glyphs;
	bool colour;
	u64 zero_ns;
	u8 state[2];
	bool is_changed[2];
	bool has_end;		/* of the connection: its summary was drawn */
	struct known known[2];
	struct arrow arrow;
	struct run run;
};

/* Columns that a text takes: its characters. */
static int width_of(const char *text)
{
	int width = 0;

	for (; *text; text++)
		if (((unsigned char)*text & 0xc0) != 0x80)
			width++;
	return width;
}

static void repeat(FILE *out, const char *text, int times)
{
	while (times-- > 0)
		fputs(text, out);
}

static void print_state(const struct diagram *d, unsigned int side)
{
	const char *name = tcphs_state_name(d->state[side]);
	bool is_bold = d->colour && d->is_changed[side];

	if (side == TCPHS_CLIENT)
		repeat(d->out, " ", 11 - width_of(name));
	fprintf(d->out, "%s%s%s", is_bold ? "\033[1m" : "", name,
		is_bold ? "\033[0m" : "");
}

static void print_when(const struct diagram *d, u64 ts_ns)
{
	u64 ns = ts_ns > d->zero_ns ? ts_ns - d->zero_ns : 0;

	if (ns < 1000000000000ULL)
		fprintf(d->out, "%3llu.%06llu ", ns / 1000000000,
			ns / 1000 % 1000000);
	else
		fprintf(d->out, "%6llu.%03llu ", ns / 1000000000,
			ns / 1000000 % 1000);
}

/* Text in the middle between the two lines, without states or time. */
static void print_middle(const struct diagram *d, const char *text)
{
	int space = MIDDLE - width_of(text);
	int before = space > 0 ? space / 2 : 0;

	fprintf(d->out, "%23s%s", "", d->glyphs->bar);
	repeat(d->out, " ", before);
	fputs(text, d->out);
	repeat(d->out, " ", space - before);
	fprintf(d->out, "%s\n", d->glyphs->bar);
}

/* A line with time, both states and an arrow, or nothing, between them. */
static void print_states(struct diagram *d, u64 ts_ns, unsigned int from,
			 const char *dash)
{
	print_when(d, ts_ns);
	print_state(d, TCPHS_CLIENT);
	fprintf(d->out, " %s", d->glyphs->bar);
	if (from == TCPHS_SERVER)
		fputs(d->glyphs->left, d->out);
	repeat(d->out, dash, from == TCPHS_NOBODY ? MIDDLE : MIDDLE - 1);
	if (from == TCPHS_CLIENT)
		fputs(d->glyphs->right, d->out);
	fprintf(d->out, "%s ", d->glyphs->bar);
	print_state(d, TCPHS_SERVER);
	fputc('\n', d->out);
	d->is_changed[TCPHS_CLIENT] = false;
	d->is_changed[TCPHS_SERVER] = false;
}

#define FLAGS_SIZE	64

/* "SYN, ACK": the textbooks' words. */
static char *flag_words(char *buf, u16 flags)
{
	static const struct {
		u16 flag;
		const char *word;
	} words[] = {
		{ TCPHS_SYN, "SYN" }, { TCPHS_FIN, "FIN" },
		{ TCPHS_RST, "RST" }, { TCPHS_PSH, "PSH" },
		{ TCPHS_ACK, "ACK" }, { TCPHS_URG, "URG" },
		{ TCPHS_ECE, "ECE" }, { TCPHS_CWR, "CWR" },
		{ TCPHS_AE, "AE" },
	};
	size_t i, used = 0;

	buf[0] = '\0';
	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (flags & words[i].flag)
			used += (size_t)snprintf(buf + used, FLAGS_SIZE - used,
						 "%s%s", used ? ", " : "",
						 words[i].word);
	return buf;
}

static void print_label(const struct diagram *d,
			const struct tcphs_seg_info *seg)
{
	char words[FLAGS_SIZE], ack[24] = "", len[24] = "";
	char numbers[80], label[FLAGS_SIZE + sizeof(numbers) + 2];

	if (seg->flags & TCPHS_ACK)
		snprintf(ack, sizeof(ack), " ack=%u", seg->ack);
	if (seg->len)
		snprintf(len, sizeof(len), " len=%u", seg->len);
	snprintf(numbers, sizeof(numbers), "seq=%u%s%s", seg->seq, ack, len);
	flag_words(words, seg->flags);
	snprintf(label, sizeof(label), "%s  %s", words, numbers);
	if (width_of(label) <= MIDDLE) {
		print_middle(d, label);
		return;
	}
	print_middle(d, words);
	print_middle(d, numbers);
}

/* What the number acknowledged stands for, if it is a SYN's or a FIN's. */
static void print_check(const struct diagram *d,
			const struct tcphs_seg_info *seg, struct known *peer)
{
	char text[NOTE_SIZE] = "";

	if (!(seg->flags & TCPHS_ACK))
		return;
	if (peer->has_isn && seg->ack == peer->isn + 1) {
		snprintf(text, sizeof(text), "ack = %u + 1 %s", peer->isn,
			 d->glyphs->good);
		peer->has_isn = false;
	} else if (peer->has_isn && (seg->flags & TCPHS_SYN)) {
		snprintf(text, sizeof(text), "ack is not %u + 1 %s", peer->isn,
			 d->glyphs->bad);
	} else if (peer->has_fin && seg->ack == peer->fin + 1) {
		snprintf(text, sizeof(text), "ack = %u + 1 %s", peer->fin,
			 d->glyphs->good);
		peer->has_fin = false;
	}
	if (*text)
		print_middle(d, text);
}

static void learn(struct diagram *d, const struct tcphs_seg_info *seg)
{
	struct known *own = &d->known[seg->from == TCPHS_SERVER];

	if (seg->flags & TCPHS_SYN) {
		own->has_isn = true;
		own->isn = seg->seq;
	}
	if (seg->flags & TCPHS_FIN) {
		own->has_fin = true;
		own->fin = seg->seq + seg->len;
	}
}

static void print_arrow(struct diagram *d)
{
	const struct arrow *arrow = &d->arrow;
	size_t i;

	print_label(d, &arrow->seg);
	print_states(d, arrow->ts_ns, arrow->seg.from == TCPHS_SERVER,
		     d->glyphs->dash);
	print_check(d, &arrow->seg, &d->known[arrow->seg.from != TCPHS_SERVER]);
	for (i = 0; i < arrow->notes; i++)
		print_middle(d, arrow->note[i]);
	print_middle(d, "");
	learn(d, &arrow->seg);
}

static void print_burst(struct diagram *d, const struct burst *burst)
{
	char bytes[PRINT_COUNT], segments[PRINT_COUNT];
	char text[NOTE_SIZE];

	snprintf(text, sizeof(text), "data: %s in %s",
		 print_count(bytes, burst->bytes, "byte"),
		 print_count(segments, burst->segments, "segment"));
	print_middle(d, text);
	print_states(d, burst->ts_ns, burst->from, d->glyphs->double_dash);
}

static void print_run(struct diagram *d)
{
	struct run *run = &d->run;
	size_t i, whole = run->bursts > BURSTS_MAX ? 1 : run->bursts;
	char text[NOTE_SIZE];

	/* bursts are drawn with the states before the held segment */
	for (i = 0; i < whole; i++)
		print_burst(d, &run->first[i]);
	if (whole < run->bursts) {
		print_middle(d, d->glyphs->dots);
		snprintf(text, sizeof(text), "%zu bursts: %llu bytes %s, %llu %s",
			 run->bursts, run->bytes[0], d->glyphs->right,
			 run->bytes[1], d->glyphs->left);
		print_middle(d, text);
		print_middle(d, d->glyphs->dots);
		print_burst(d, &run->last);
	}
	if (run->bursts)
		print_middle(d, "");
	memset(run, 0, sizeof(*run));
}

static void add_to_run(struct diagram *d)
{
	const struct tcphs_seg_info *seg = &d->arrow.seg;
	unsigned int from = seg->from == TCPHS_SERVER;
	struct run *run = &d->run;
	struct burst *last = &run->last;

	if (seg->len == 0)
		return;
	if (run->bursts == 0 || last->from != from) {
		memset(last, 0, sizeof(*last));
		last->from = from;
		last->ts_ns = d->arrow.ts_ns;
		run->bursts++;
	}
	last->bytes += seg->len;
	last->segments++;
	run->bytes[from] += seg->len;
	if (run->bursts <= BURSTS_MAX)
		run->first[run->bursts - 1] = *last;
}

static bool is_plain(const struct arrow *arrow)
{
	return !arrow->has_effect &&
	       !(arrow->seg.flags & (TCPHS_SYN | TCPHS_FIN | TCPHS_RST));
}

/* The held segment is complete: draw it, or count it among the data. */
static void release(struct diagram *d)
{
	if (!d->arrow.is_held)
		return;
	if (is_plain(&d->arrow))
		add_to_run(d);
	else
		print_arrow(d);
	d->arrow.is_held = false;
}

void diagram_flush(struct diagram *d)
{
	release(d);
	print_run(d);
}

static bool is_same(const struct arrow *arrow, const struct tcphs_seg_info *seg,
		    u64 ts_ns)
{
	return arrow->is_held && ts_ns - arrow->ts_ns < SAME_NS &&
	       arrow->seg.from == seg->from && arrow->seg.seq == seg->seq &&
	       arrow->seg.ack == seg->ack && arrow->seg.len == seg->len &&
	       arrow->seg.flags == seg->flags;
}

static void hold(struct diagram *d, const struct tcphs_seg_info *seg, u64 ts_ns)
{
	release(d);
	memset(&d->arrow, 0, sizeof(d->arrow));
	d->arrow.is_held = true;
	d->arrow.seg = *seg;
	d->arrow.ts_ns = ts_ns;
}

/* The run before a segment that changes something is drawn before it does. */
static void effect(struct diagram *d)
{
	d->arrow.has_effect = true;
	print_run(d);
}

__printf(2, 3)
static void add_note(struct diagram *d, const char *format, ...)
{
	struct arrow *arrow = &d->arrow;
	va_list args;

	effect(d);
	if (arrow->notes == NOTES_MAX)
		return;
	va_start(args, format);
	vsnprintf(arrow->note[arrow->notes++], NOTE_SIZE, format, args);
	va_end(args);
}

static void move(struct diagram *d, const struct tcphs_ev_transition *ev)
{
	unsigned int side = ev->side == TCPHS_SERVER;

	if (ev->cause == TCPHS_CAUSE_CORRECTION)
		add_note(d, "ACK lost: %s is back in %s",
			 tcphs_side_name(side), tcphs_state_name(ev->new_state));
	d->state[side] = ev->new_state;
	d->is_changed[side] = true;
}

/* What its socket said of an end, where no segment shows it. */
static void print_socket(const struct diagram *d,
			 const struct tcphs_ev_transition *ev)
{
	const char *side = tcphs_side_name(ev->side == TCPHS_SERVER);
	char text[NOTE_SIZE];

	snprintf(text, sizeof(text), "%s's socket %s", side,
		 ev->new_state == TCPHS_CLOSE ? "is gone" :
		 ev->new_state == TCPHS_SYN_RECV ? "has not taken the ACK" :
						   "has taken the ACK");
	print_middle(d, text);
}

/* "TIME_WAIT expired after 61.140 s", in two lines where it has to be. */
static void print_wait_end(const struct diagram *d, const char *what,
			   unsigned int end, unsigned int cause, const char *span)
{
	const char *words = words_end(end, cause);
	char text[NOTE_SIZE];
	int width;

	width = snprintf(text, sizeof(text), "%s %s after %s", what, words,
			 span);
	if (end == TCPHS_TW_NEVER || width > MIDDLE)
		snprintf(text, sizeof(text), "%s %s", what, words);
	print_middle(d, text);
	if (end == TCPHS_TW_NEVER || width <= MIDDLE)
		return;
	snprintf(text, sizeof(text), "after %s", span);
	print_middle(d, text);
}

static void print_orphan(const struct diagram *d,
			 const struct tcphs_ev_transition *ev)
{
	char span[PRINT_SPAN];

	print_wait_end(d, "orphaned FIN_WAIT2", ev->orphan_end,
		       ev->orphan_cause, print_span(span, ev->orphan_ns, false));
}

static void add_transition(struct diagram *d, const struct tcphs_record *record)
{
	const struct tcphs_ev_transition *ev = &record->transition;

	if (ev->seg.present) {
		effect(d);
		move(d, ev);
		return;
	}
	diagram_flush(d);
	if (ev->orphan_end != TCPHS_TW_END_NONE)
		print_orphan(d, ev);
	else if (ev->cause == TCPHS_CAUSE_SOCKET &&
		 ev->old_state != TCPHS_TIME_WAIT)	/* its end was told */
		print_socket(d, ev);
	move(d, ev);
	print_states(d, record->ts_ns, TCPHS_NOBODY, " ");
}

static void add_handshake(struct diagram *d,
			  const struct tcphs_ev_handshake *ev)
{
	char span[PRINT_SPAN];

	add_note(d, "handshake %s %s, %s",
		 ev->verified ? "verified" : "NOT VERIFIED",
		 ev->verified ? d->glyphs->good : d->glyphs->bad,
		 print_span(span, ev->total_ns, false));
}

/* "syn in window": the word of names.h as a phrase. */
static char *phrase(char *buf, unsigned int kind)
{
	char *p;

	snprintf(buf, NOTE_SIZE, "%s", tcphs_anomaly_name(kind));
	for (p = buf; *p; p++)
		if (*p == '_')
			*p = ' ';
	return buf;
}

static void add_anomaly(struct diagram *d, const struct tcphs_ev_anomaly *ev)
{
	char text[NOTE_SIZE], span[PRINT_SPAN];

	switch (ev->kind) {
	case TCPHS_AN_SYN_RETRANSMIT:
	case TCPHS_AN_SYN_ACK_RETRANSMIT:
	case TCPHS_AN_FIN_RETRANSMIT:
		add_note(d, "sent again");
		return;
	case TCPHS_AN_SYN_DELAYED:
		add_note(d, "SYN answered %s late:",
			 print_span(span, ev->delay_ns, false));
		add_note(d, "an older connection held the port");
		return;
	default:
		phrase(text, ev->kind);
	}
	if (ev->has_expected)
		add_note(d, "%.24s: expected %u", text, ev->expected);
	else
		add_note(d, "%.40s", text);
}

/* Where nothing tells of the segment that began it again. */
static void print_restart(struct diagram *d, u64 ts_ns,
			  const struct tcphs_ev_timewait *ev, const char *why)
{
	char text[NOTE_SIZE];

	diagram_flush(d);
	print_middle(d, d->glyphs->dots);
	snprintf(text, sizeof(text), "TIME_WAIT %ss at the %s",
		 tcphs_tw_phase_name(ev->phase), tcphs_side_name(ev->side));
	print_middle(d, text);
	if (why) {
		snprintf(text, sizeof(text), "(%s)", why);
		print_middle(d, text);
	}
	print_states(d, ts_ns, TCPHS_NOBODY, " ");
}

static void print_tw_end(struct diagram *d, const struct tcphs_ev_timewait *ev)
{
	bool modelled = ev->source == TCPHS_SOURCE_MODELLED;
	char span[PRINT_SPAN];

	diagram_flush(d);
	print_middle(d, d->glyphs->dots);
	print_wait_end(d, "TIME_WAIT", ev->end, ev->cause,
		       print_span(span, ev->dur_ns, modelled));
}

static void add_timewait(struct diagram *d, const struct tcphs_record *record)
{
	const struct tcphs_ev_timewait *ev = &record->timewait;
	const char *why = words_restart(ev->cause);

	if (ev->phase == TCPHS_TW_END) {
		print_tw_end(d, ev);
		return;
	}
	if (!d->arrow.is_held || record->ts_ns - d->arrow.ts_ns > SOON_NS) {
		print_restart(d, record->ts_ns, ev, why);
		return;
	}
	add_note(d, "TIME_WAIT %ss at the %s", tcphs_tw_phase_name(ev->phase),
		 tcphs_side_name(ev->side));
	/* a FIN is drawn, and bears its note: it was sent again */
	if (why && ev->cause != TCPHS_TW_BY_FIN)
		add_note(d, "(%s)", why);
}

static void print_end_totals(const struct diagram *d, const char *name,
			     const struct tcphs_ev_end *end)
{
	char count[PRINT_COUNT];

	fprintf(d->out, "%s: %s", name,
		print_count(count, end->segments, "segment"));
	fprintf(d->out, ", %s, %u retransmitted",
		print_count(count, end->bytes, "byte"), end->retransmits);
	if (end->fin_retransmits)
		fprintf(d->out, ", %s sent again",
			print_count(count, end->fin_retransmits, "FIN"));
	fputc('\n', d->out);
}

static void print_close(struct diagram *d, const struct tcphs_record *record)
{
	const struct tcphs_ev_connection *ev = &record->connection;
	bool modelled = ev->timewait_source == TCPHS_SOURCE_MODELLED;
	char span[PRINT_SPAN];

	diagram_flush(d);
	fprintf(d->out, "\nclosed first: %s; close: %s",
		tcphs_side_name(ev->closer), tcphs_close_name(ev->close));
	if (ev->half_close_ns != TCPHS_NS_NONE)
		fprintf(d->out, "; half-closed %s",
			print_span(span, ev->half_close_ns, false));
	if (ev->timewait_ns != TCPHS_NS_NONE)
		fprintf(d->out, "; TIME_WAIT %s",
			print_span(span, ev->timewait_ns, modelled));
	fputc('\n', d->out);
	print_end_totals(d, "client", &ev->end[TCPHS_CLIENT]);
	print_end_totals(d, "server", &ev->end[TCPHS_SERVER]);
	d->has_end = true;
}

/* The events stop before the connection does: a recording was ended. */
static void print_open(const struct diagram *d)
{
	bool is_waiting = d->state[TCPHS_CLIENT] == TCPHS_TIME_WAIT ||
			  d->state[TCPHS_SERVER] == TCPHS_TIME_WAIT;

	fprintf(d->out, "\n%s is not over where the events end\n",
		is_waiting ? "TIME_WAIT" : "the connection");
}

void diagram_add(struct diagram *d, const struct tcphs_record *record)
{
	const struct tcphs_seg_info *seg = print_seg(record);
	char text[NOTE_SIZE], count[PRINT_COUNT];

	if (seg && (record->type == SOURCE_EV_SEGMENT ||
		    !is_same(&d->arrow, seg, record->ts_ns)))
		hold(d, seg, record->ts_ns);
	switch (record->type) {
	case TCPHS_EV_TRANSITION:
		add_transition(d, record);
		break;
	case TCPHS_EV_HANDSHAKE:
		add_handshake(d, &record->handshake);
		break;
	case TCPHS_EV_ANOMALY:
		add_anomaly(d, &record->anomaly);
		break;
	case TCPHS_EV_TIMEWAIT:
		add_timewait(d, record);
		break;
	case TCPHS_EV_CONNECTION:
		print_close(d, record);
		break;
	case TCPHS_EV_LOST:
		diagram_flush(d);
		snprintf(text, sizeof(text), "%s lost here",
			 print_count(count, record->lost.count, "event"));
		print_middle(d, text);
		break;
	default:
		break;
	}
}

static void print_title(const struct diagram *d,
			const struct tcphs_record *first)
{
	char client[PRINT_END], server[PRINT_END], when[PRINT_TIME];
	int space;

	print_end(client, first, TCPHS_CLIENT);
	print_end(server, first, TCPHS_SERVER);
	fprintf(d->out, "connection %llu, %s\n\n", first->conn_id,
		print_time(when, first->wall_ns));
	space = 80 - width_of(client) - width_of(server);
	if (space > 0)
		fprintf(d->out, "%s%*s%s\n", client, space, "", server);
	else
		fprintf(d->out, "%s\n%80s\n", client, server);
	fprintf(d->out, "%22s %s%*s%s %s\n", "client", d->glyphs->bar, MIDDLE,
		"", d->glyphs->bar, "server");
	fprintf(d->out, "%22s %s%*s%s %s\n",
		tcphs_state_name(d->state[TCPHS_CLIENT]), d->glyphs->bar,
		MIDDLE, "", d->glyphs->bar,
		tcphs_state_name(d->state[TCPHS_SERVER]));
}

struct diagram *diagram_alloc(FILE *out, unsigned int how,
			      const struct tcphs_record *first,
			      const u8 initial[2])
{
	struct diagram *d = tool_alloc(sizeof(*d));

	d->out = out;
	d->glyphs = how & DIAGRAM_ASCII ? &ascii_glyphs : &utf8_glyphs;
	d->colour = how & DIAGRAM_COLOUR;
	d->zero_ns = first->ts_ns;
	d->state[TCPHS_CLIENT] = initial[TCPHS_CLIENT];
	d->state[TCPHS_SERVER] = initial[TCPHS_SERVER];
	print_title(d, first);
	return d;
}

void diagram_free(struct diagram *d)
{
	diagram_flush(d);
	if (!d->has_end)
		print_open(d);
	free(d);
}
