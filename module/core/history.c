// SPDX-License-Identifier: GPL-2.0
/*
 * The connection as Zeek's conn.log tells it: history, a letter for what is
 * seen first, and conn_state, a word for what became of it. Moves no end:
 * what a letter says has been seen, whether or not it counted.
 */
#include "walk.h"

/*
 * Packed: five bits a letter, the fifth for the server's. There is room for
 * the flip and, of each side, the first of seven kinds of segments and four
 * kinds of losses; after many repetitions what comes last is left out.
 */
#define LETTER_BITS	5
#define LETTER_SERVER	0x10
#define WORD_LETTERS	12
#define COUNT_SHIFT	60	/* above the letters: how many there are */
#define STEP_LETTERS	4	/* what a segment adds at most, after the first */
#define LETTERS_MAX	(2 * WORD_LETTERS)

static_assert(LETTERS_MAX + 1 == TCPHS_HISTORY_TEXT, "longest history");

enum letter {
	LETTER_FLIP = 1,	/* the first segment was the server's */
	LETTER_SYN,
	LETTER_SYN_ACK,
	LETTER_ACK,
	LETTER_DATA,
	LETTER_FIN,
	LETTER_RST,
	LETTER_MULTI,
	LETTER_FIN_RST,
	LETTER_ZERO_WINDOW,
	LETTER_AGAIN,
	LETTER_GAP,
	LETTER_DAMAGED,
};

static const char letters[] = {
	[LETTER_FLIP] = '^',
	[LETTER_SYN] = 'S',
	[LETTER_SYN_ACK] = 'H',
	[LETTER_ACK] = 'A',
	[LETTER_DATA] = 'D',
	[LETTER_FIN] = 'F',
	[LETTER_RST] = 'R',
	[LETTER_MULTI] = 'Q',
	[LETTER_FIN_RST] = 'I',
	[LETTER_ZERO_WINDOW] = 'W',
	[LETTER_AGAIN] = 'T',
	[LETTER_GAP] = 'G',
	[LETTER_DAMAGED] = 'C',
};

static_assert(ARRAY_SIZE(letters) <= LETTER_SERVER, "four bits are enough");

static unsigned int count_letters(u64 word)
{
	return (unsigned int)(word >> COUNT_SHIFT);
}

bool tcphs_history_is_full(const struct tcphs_flow *flow)
{
	return count_letters(flow->history) > WORD_LETTERS - STEP_LETTERS;
}

static void add_letter(struct tcphs_flow *flow, unsigned int side,
		       enum letter letter)
{
	u64 code = (u64)letter | (side == TCPHS_SERVER ? LETTER_SERVER : 0);
	u64 *word = &flow->history;

	if (count_letters(*word) == WORD_LETTERS && flow->rest)
		word = &flow->rest->history;
	if (count_letters(*word) == WORD_LETTERS)
		return;
	*word |= code << count_letters(*word) * LETTER_BITS;
	*word += 1ULL << COUNT_SHIFT;
}

static void add_once(struct walk *w, u32 kind, enum letter letter)
{
	if (has(w->self, kind))
		return;
	w->self->bits |= kind;
	add_letter(w->flow, w->from, letter);
}

/* The first, the 10th, the 100th of its kind. */
static void add_scaled(struct tcphs_flow *flow, unsigned int side,
		       enum letter letter, u32 count)
{
	while (count >= 10 && count % 10 == 0)
		count /= 10;
	if (count == 1)
		add_letter(flow, side, letter);
}

static void count_scaled(struct tcphs_flow *flow, unsigned int side,
			 enum letter letter, u8 *counter)
{
	if (*counter != 0xff)
		add_scaled(flow, side, letter, ++*counter);
}

void tcphs_history_note(struct walk *w)
{
	u16 flags = w->seg->flags;

	switch (flags & (TCPHS_SYN | TCPHS_FIN | TCPHS_RST)) {
	case 0:
		if (w->seg->len)
			add_once(w, TCPHS_END_HIST_DATA, LETTER_DATA);
		else if (flags & TCPHS_ACK)
			add_once(w, TCPHS_END_HIST_ACK, LETTER_ACK);
		break;
	case TCPHS_SYN:
		add_once(w, TCPHS_END_HIST_SYN,
			 flags & TCPHS_ACK ? LETTER_SYN_ACK : LETTER_SYN);
		break;
	case TCPHS_FIN:
		add_once(w, TCPHS_END_HIST_FIN, LETTER_FIN);
		break;
	case TCPHS_RST:
		add_once(w, TCPHS_END_HIST_RST, LETTER_RST);
		break;
	case TCPHS_SYN | TCPHS_FIN:
	case TCPHS_SYN | TCPHS_RST:
		add_once(w, TCPHS_END_HIST_MULTI, LETTER_MULTI);
		break;
	default:
		add_once(w, TCPHS_END_HIST_FIN_RST, LETTER_FIN_RST);
	}
}

/* A window means nothing to a peer that has nothing left to send. */
static void note_window(struct walk *w)
{
	if (w->seg->win == 0 && w->arrives && !(w->seg->flags & TCPHS_RST) &&
	    !has(w->peer, TCPHS_END_FIN) && !has(w->self, TCPHS_END_RESET))
		count_scaled(w->flow, w->from, LETTER_ZERO_WINDOW,
			     &w->flow->rest->zero_windows[w->from]);
}

/*
 * What lies between whole and nxt is not kept. A hole is known to begin at
 * whole if nothing was put there since all had passed, up to nxt; once it was
 * filled in part, what follows may have passed before: that is no new hole.
 */
static void note_hole(struct walk *w)
{
	struct tcphs_end *self = w->self;

	if (w->self_at->whole == w->self_at->nxt) {
		if (seq_after(w->seg->seq, w->self_at->nxt))
			drop(self, TCPHS_END_PATCHED);
	} else if (!seq_after(w->seg->seq, w->self_at->whole) &&
		   seq_after(w->end, w->self_at->whole)) {
		self->bits |= TCPHS_END_PATCHED;
	}
}

/* The sender has acknowledged what did not pass, or not in sight of whole. */
static void note_gap(struct walk *w)
{
	if (!has(w->peer, TCPHS_END_PATCHED) && has(w->peer, TCPHS_END_ISN) &&
	    has(w->self, TCPHS_END_ISN))
		count_scaled(w->flow, w->to, LETTER_GAP, &w->flow->rest->gaps[w->to]);
	w->peer->bits |= TCPHS_END_PATCHED;
}

void tcphs_history_begin(struct walk *w)
{
	if (!w->flow->history && w->from == TCPHS_SERVER)
		add_letter(w->flow, TCPHS_CLIENT, LETTER_FLIP);
	tcphs_history_note(w);
	note_window(w);
	note_hole(w);
	w->retransmits = w->self->retransmits;
	w->peer_whole = w->peer_at->whole;
}

/* Nothing but an ACK moves the peer's whole. */
void tcphs_history_end(struct walk *w)
{
	if (w->self->retransmits != w->retransmits)
		add_scaled(w->flow, w->from, LETTER_AGAIN, w->self->retransmits);
	if (w->peer_at->whole != w->peer_whole)
		note_gap(w);
}

void tcphs_flow_damaged(struct tcphs_flow *flow, unsigned int from)
{
	if (flow->rest)
		count_scaled(flow, from, LETTER_DAMAGED,
			     &flow->rest->damaged[from]);
}

/* Returns where the next letter goes. */
static char *spell(u64 word, char *buf)
{
	unsigned int left = count_letters(word);

	for (; left; left--, word >>= LETTER_BITS) {
		char letter = letters[word & (LETTER_SERVER - 1)];

		if (word & LETTER_SERVER)
			letter = (char)(letter - 'A' + 'a');
		*buf++ = letter;
	}
	return buf;
}

char *tcphs_flow_history(const struct tcphs_flow *flow, char *buf)
{
	char *end = spell(flow->history, buf);

	*spell(tcphs_flow_rest(flow)->history, end) = '\0';
	return buf;
}

/* How far Zeek sees an end: fewer states than TCP has. */
enum phase {
	PHASE_INACTIVE,		/* sent nothing */
	PHASE_PARTIAL,		/* its SYN was not seen */
	PHASE_SYN_SENT,		/* and not answered */
	PHASE_ESTABLISHED,
	PHASE_CLOSED,		/* by its FIN */
	PHASE_RESET,		/* by its RST */
};

/* A SYN-ACK with a wrong number is no answer and has moved no end. */
static bool has_answered(const struct tcphs_end *server)
{
	return has(server, TCPHS_END_ISN) &&
	       server->state != TCPHS_STATE_UNKNOWN;
}

static enum phase opening_phase(const struct tcphs_flow *flow,
				unsigned int side)
{
	const struct tcphs_end *end = &flow->end[side];

	if (!has(end, TCPHS_END_SEEN))
		return PHASE_INACTIVE;
	if (has_answered(&flow->end[TCPHS_SERVER]))
		return PHASE_ESTABLISHED;
	if (!has(end, TCPHS_END_ISN))
		return PHASE_PARTIAL;
	return side == TCPHS_CLIENT ? PHASE_SYN_SENT : PHASE_INACTIVE;
}

/* After a RST no FIN counts any more, but it may have been on its way. */
static bool has_finished(const struct tcphs_flow *flow, unsigned int side)
{
	const struct tcphs_end *end = &flow->end[side];

	return has(end, TCPHS_END_FIN) ||
	       (flow->bits & TCPHS_FLOW_RESET && has(end, TCPHS_END_HIST_FIN));
}

static enum phase find_phase(const struct tcphs_flow *flow, unsigned int side)
{
	bool finished = has_finished(flow, side);

	if (has(&flow->end[side], TCPHS_END_RESET) &&
	    !(finished && has_finished(flow, other(side))))
		return PHASE_RESET;
	return finished ? PHASE_CLOSED : opening_phase(flow, side);
}

/* The client gave up: had it sent but its SYN? */
static bool is_syn_alone(const struct tcphs_end *client)
{
	return has(client, TCPHS_END_ISN) &&
	       !(client->bits & (TCPHS_END_HIST_ACK | TCPHS_END_HIST_FIN |
				 TCPHS_END_HIST_MULTI | TCPHS_END_HIST_FIN_RST));
}

enum tcphs_conn_state tcphs_flow_conn_state(const struct tcphs_flow *flow)
{
	enum phase client = find_phase(flow, TCPHS_CLIENT);
	enum phase server = find_phase(flow, TCPHS_SERVER);

	if (server == PHASE_RESET) {
		if (client == PHASE_SYN_SENT)
			return TCPHS_CS_REJ;
		return client <= PHASE_PARTIAL ? TCPHS_CS_RSTRH : TCPHS_CS_RSTR;
	}
	if (client == PHASE_RESET) {
		if (server > PHASE_PARTIAL)
			return TCPHS_CS_RSTO;
		return is_syn_alone(&flow->end[TCPHS_CLIENT]) ?
		       TCPHS_CS_RSTOS0 : TCPHS_CS_OTH;
	}
	if (client == PHASE_CLOSED && server == PHASE_CLOSED)
		return TCPHS_CS_SF;
	if (client == PHASE_CLOSED)
		return server <= PHASE_PARTIAL ? TCPHS_CS_SH : TCPHS_CS_S2;
	if (server == PHASE_CLOSED)
		return client <= PHASE_PARTIAL ? TCPHS_CS_SHR : TCPHS_CS_S3;
	if (client == PHASE_SYN_SENT && server == PHASE_INACTIVE)
		return TCPHS_CS_S0;
	if (client == PHASE_ESTABLISHED && server == PHASE_ESTABLISHED)
		return TCPHS_CS_S1;
	return TCPHS_CS_OTH;
}
