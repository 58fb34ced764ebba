// SPDX-License-Identifier: GPL-2.0
/*
 * The slow twin: written from RFC 9293 and from the rule when a state
 * changes, not from the engine. What a side sends shows what it has done;
 * what is sent to it moves it at once if it is local, else when its own next
 * segment acknowledges it; pure ACKs and RSTs when they are seen.
 */
#include "oracle.h"

void oracle_init(struct oracle *o, bool client_local, bool server_local, u64 two_msl)
{
	memset(o, 0, sizeof(*o));
	o->end[TCPHS_CLIENT].local = client_local;
	o->end[TCPHS_SERVER].local = server_local;
	o->two_msl = two_msl;
	o->closer = TCPHS_NOBODY;
}

/* The facts that make a state, RFC 9293 figure 5. */
static unsigned int closing_state(const struct oracle_end *x)
{
	if (!x->sent_fin)
		return x->took_fin ? TCPHS_CLOSE_WAIT : TCPHS_ESTABLISHED;
	if (x->took_fin && x->took_fin_first)
		return x->got_ack_of_fin ? TCPHS_CLOSE : TCPHS_LAST_ACK;
	if (x->took_fin && x->got_ack_of_fin)
		return x->time_wait_over ? TCPHS_CLOSE : TCPHS_TIME_WAIT;
	if (x->took_fin)
		return TCPHS_CLOSING;
	return x->got_ack_of_fin ? TCPHS_FIN_WAIT2 : TCPHS_FIN_WAIT1;
}

unsigned int oracle_state(const struct oracle *o, unsigned int side)
{
	const struct oracle_end *x = &o->end[side];

	if (o->reset)
		return TCPHS_CLOSE;
	if (!x->sent_syn)
		return TCPHS_STATE_UNKNOWN;
	if (!x->took_syn)
		return TCPHS_SYN_SENT;
	if (!x->got_ack_of_syn && !x->sent_fin)	/* 3.10.4: CLOSE in SYN-RECEIVED */
		return TCPHS_SYN_RECV;
	return closing_state(x);
}

/* Both FINs were acknowledged. */
static bool is_over(const struct oracle *o)
{
	return o->end[0].sent_fin && o->end[1].sent_fin &&
	       o->end[0].took_fin && o->end[1].took_fin &&
	       o->end[0].got_ack_of_fin && o->end[1].got_ack_of_fin;
}

unsigned int oracle_close(const struct oracle *o)
{
	if (o->refused)
		return TCPHS_CLOSE_REFUSED;
	if (!o->over)
		return o->reset ? TCPHS_CLOSE_RESET : TCPHS_CLOSE_OPEN;
	if (o->second_fin == 2)
		return TCPHS_CLOSE_SIMULTANEOUS;
	return o->fin_acked_alone ? TCPHS_CLOSE_FIN4 : TCPHS_CLOSE_FIN3;
}

/* Where a number lies in a stream of which the SYN was seen. */
static long place(const struct oracle_end *x, u32 number)
{
	return (long)(s32)(number - x->isn);
}

bool oracle_may_lag(const struct oracle *o, unsigned int side)
{
	const struct oracle_end *x = &o->end[!side];
	const struct oracle_end *y = &o->end[side];

	return y->local && x->had_gap && y->took_fin && y->ack <= x->fin;
}

static bool passed_all_before(const struct oracle_end *x, long end)
{
	long i;

	for (i = 1; i < end; i++)
		if (!x->passed[i])
			return false;
	return true;
}

/* RFC 7323 2.2: scaled if both SYNs offered it, and never in a SYN. */
static void take_edge(struct oracle_end *x, const struct oracle_end *y,
		      const struct tcphs_seg *seg, long ack)
{
	bool is_scaled = x->offered_wscale && y->offered_wscale && !(seg->flags & TCPHS_SYN);
	unsigned int scale = is_scaled ? x->wscale : 0;
	long edge = ack + ((long)seg->win << scale);

	if (!x->acked || ack > x->ack)
		x->ack = ack;
	if (!x->acked || edge > x->edge)
		x->edge = edge;
	x->acked = true;
}

/* A SYN without ACK: it shows that its sender is in SYN-SENT. */
static void take_syn(struct oracle *o, struct oracle_end *x, struct oracle_end *y,
		     const struct tcphs_seg *seg)
{
	if (x->sent_syn && x->isn != seg->seq)
		return;		/* into a live connection */
	x->syns++;
	x->asked_again = y->sent_syn_ack;
	if (x->sent_syn_ack || x->sent_more)
		return;		/* an old one */
	x->sent_syn = true;
	x->isn = seg->seq;
	x->next = 1;
	x->offered_wscale = seg->options & TCPHS_OPT_WSCALE;
	x->wscale = seg->wscale;
	if (y->local && y->sent_syn)
		y->took_syn = true;
	(void)o;
}

/* A SYN-ACK: it shows that its sender took the SYN. */
static void take_syn_ack(struct oracle *o, struct oracle_end *x, struct oracle_end *y,
			 const struct tcphs_seg *seg)
{
	if (x->sent_syn && x->isn != seg->seq) {
		o->bad_acks = true;
		return;
	}
	if (x->answered)
		x->syns++;
	if (!y->sent_syn || seg->ack != y->isn + 1) {
		o->bad_acks = true;
		return;
	}
	if (!x->sent_syn)
		x->syns++;
	if (x->sent_syn_ack && !x->sent_more && !x->local)
		x->got_ack_of_syn = false;	/* so the ACK was lost */
	if (!x->sent_more) {
		x->sent_syn = true;
		x->isn = seg->seq;
		x->next = 1;
		x->sent_syn_ack = true;
		x->offered_wscale = seg->options & TCPHS_OPT_WSCALE;
		x->wscale = seg->wscale;
		take_edge(x, y, seg, 1);
	}
	x->took_syn = true;
	x->answered = true;
	y->asked_again = false;
	y->got_ack_of_syn = true;
	if (y->local)
		y->took_syn = true;
	(void)o;
}

static void kill_both(struct oracle *o, unsigned int from)
{
	if (o->closer == TCPHS_NOBODY)
		o->closer = from;
	o->reset = true;
}

/*
 * RFC 5961 3.2: where the receiver stands. At a local side's door that is known
 * (its first gap; Linux takes the end of its SACK block too, and after a FIN the
 * FIN's own number); of a remote one it may be what it acknowledged, or all that
 * was sent.
 */
static bool is_exact(const struct oracle *o, unsigned int from, long at)
{
	const struct oracle_end *x = &o->end[from];
	const struct oracle_end *y = &o->end[!from];
	unsigned int state = oracle_state(o, !from);
	long gap = 1;
	long highest = ORACLE_STREAM;

	while (gap < ORACLE_STREAM && x->passed[gap])
		gap++;
	if (!y->local)
		return at == gap || at == x->next || (y->acked && at == y->ack) ||
		       (x->sent_fin && at == x->fin && state != TCPHS_TIME_WAIT);
	while (highest > 1 && !x->passed[highest - 1])
		highest--;
	if (state == TCPHS_CLOSE_WAIT || state == TCPHS_LAST_ACK || state == TCPHS_CLOSING)
		return at == gap || at == gap - 1;
	return at == gap || at == highest;
}

/* 3.10.7.3 second, 3.10.7.4 second */
static void take_rst(struct oracle *o, unsigned int from, const struct tcphs_seg *seg)
{
	struct oracle_end *x = &o->end[from];
	struct oracle_end *y = &o->end[!from];
	bool answers_syn = seg->flags & TCPHS_ACK && y->sent_syn && seg->ack == y->isn + 1;

	bool is_open = answers_syn && oracle_state(o, !from) == TCPHS_SYN_SENT;

	if (x->sent_syn_ack && is_exact(o, from, place(x, seg->seq))) {
		kill_both(o, from);
	} else if (is_open && (!x->sent_syn_ack || y->asked_again)) {
		o->refused = true;
		kill_both(o, from);
	} else if (x->sent_syn && is_exact(o, from, place(x, seg->seq))) {
		kill_both(o, from);
	}
}

static void take_text(struct oracle_end *x, const struct tcphs_seg *seg, long first)
{
	unsigned int old = 0;
	long i;

	if (!passed_all_before(x, first))
		x->had_gap = true;
	for (i = first; i < first + (long)seg->len; i++) {
		if (i < 1 || i >= ORACLE_STREAM)
			continue;
		if (x->passed[i])
			old++;
		else
			x->bytes++;
		x->passed[i] = true;
	}
	if (seg->len == 1 && first == x->next - 1)
		return;		/* a keepalive with its byte */
	if (seg->len && old == seg->len)
		x->retransmits++;
}

static void take_fin(struct oracle *o, unsigned int from, long fin, long ack)
{
	struct oracle_end *x = &o->end[from];
	struct oracle_end *y = &o->end[!from];

	x->fins++;
	if (x->sent_fin) {
		/*
		 * So the ACK was lost; unless x has taken the FIN that answered its
		 * own and brought the ACK along: then this is an old copy.
		 */
		if (!x->local && x->got_ack_of_fin && !(x->took_fin && y->took_fin_first)) {
			x->got_ack_of_fin = false;
			x->ack_of_fin_waits = false;
			if (!y->sent_fin)
				o->fin_acked_alone = false;
		}
		y->fin_came_again = true;
		return;
	}
	x->sent_fin = true;
	x->fin = fin;
	x->passed[fin] = true;
	x->took_fin_first = x->took_fin && ack > y->fin;
	if (o->closer == TCPHS_NOBODY)
		o->closer = from;
	if (!y->sent_fin)
		return;
	o->second_fin = ack > y->fin ? 1 : 2;
	if (ack <= y->fin)
		o->closer = TCPHS_BOTH;
}

/* What an ACK shows of its sender, and what it tells the other. */
static void take_ack(struct oracle *o, unsigned int from, const struct tcphs_seg *seg,
		     long first, bool is_old)
{
	struct oracle_end *x = &o->end[from];
	struct oracle_end *y = &o->end[!from];
	long ack = place(y, seg->ack);

	x->took_syn = true;
	if (ack > 1)	/* it took text, and so the ACK that came with it */
		x->got_ack_of_syn = true;
	if (y->sent_fin && ack > y->fin) {
		x->took_fin = true;
		/* sent after it had taken x's FIN, that FIN brings its ACK along */
		x->got_ack_of_fin |= x->ack_of_fin_waits || y->took_fin_first;
		x->ack_of_fin_waits = false;
	}
	if (is_old)
		return;		/* the other drops it: it is told nothing */
	y->got_ack_of_syn = true;
	if (!y->sent_fin || ack <= y->fin)
		return;
	if (y->ack_of_fin_waits || (!y->local && x->sent_fin && first > x->fin && !y->took_fin))
		y->ack_of_fin_waits = true;	/* it comes after a FIN */
	else
		y->got_ack_of_fin = true;
	if (!x->sent_fin && !(seg->flags & TCPHS_FIN))
		o->fin_acked_alone = true;
}

/* Everything else has an ACK. 3.10.7.4 */
static void take_segment(struct oracle *o, unsigned int from, const struct tcphs_seg *seg)
{
	struct oracle_end *x = &o->end[from];
	struct oracle_end *y = &o->end[!from];
	long first, end, ack;
	bool has_fin = seg->flags & TCPHS_FIN;

	if (!x->sent_syn || !y->sent_syn)
		return;
	first = place(x, seg->seq);
	end = first + (long)seg->len + has_fin;
	ack = place(y, seg->ack);
	if (ack > y->next || ack < 1) {
		o->bad_acks = true;
		return;		/* acknowledges what was not sent */
	}
	if (first < 0 || end >= ORACLE_STREAM || (y->acked && first > y->edge))
		return;		/* out of the window */
	if (x->sent_fin && end > x->fin + 1)
		return;		/* after the FIN */
	if (y->acked && end + 1 < y->ack) {
		take_text(x, seg, first);	/* too old to be believed */
		return;
	}
	x->sent_more = true;
	/* Linux looks at no ACK of a segment that has nothing new, BSD at one below. */
	take_ack(o, from, seg, first, y->acked && end < y->ack && y->local);
	take_edge(x, y, seg, ack);
	take_text(x, seg, first);
	if (has_fin)
		take_fin(o, from, end - 1, ack);
	if (end > x->next)
		x->next = end;
	if (y->local && x->sent_fin && passed_all_before(x, x->fin))
		y->took_fin = true;
}

/* TIME_WAIT begins, begins again, or was left for CLOSING by a correction. */
static void follow_time_wait(struct oracle *o, unsigned int side, bool sent, u64 now_ns)
{
	struct oracle_end *x = &o->end[side];
	bool now_in = oracle_state(o, side) == TCPHS_TIME_WAIT;

	if (now_in && (!x->in_time_wait || (x->fin_came_again && (x->local || sent))))
		x->time_wait_until = now_ns + o->two_msl;
	if (!now_in || x->local || sent)
		x->fin_came_again = false;
	x->in_time_wait = now_in;
}

void oracle_step(struct oracle *o, unsigned int from, const struct tcphs_seg *seg,
		 u64 now_ns)
{
	struct oracle_end *x = &o->end[from];
	struct oracle_end *y = &o->end[!from];
	unsigned int kind = seg->flags & (TCPHS_SYN | TCPHS_ACK | TCPHS_RST | TCPHS_FIN);

	if (o->reset)
		return;
	if (kind == TCPHS_SYN)
		take_syn(o, x, y, seg);
	else if (kind == (TCPHS_SYN | TCPHS_ACK))
		take_syn_ack(o, x, y, seg);
	else if (kind == TCPHS_RST || kind == (TCPHS_RST | TCPHS_ACK))
		take_rst(o, from, seg);
	else if (kind == TCPHS_ACK || kind == (TCPHS_FIN | TCPHS_ACK))
		take_segment(o, from, seg);
	if (x->took_syn && x->got_ack_of_syn && y->took_syn && y->got_ack_of_syn)
		o->verified = true;
	o->over |= is_over(o);
	follow_time_wait(o, from, true, now_ns);
	follow_time_wait(o, !from, false, now_ns);
}

void oracle_timer(struct oracle *o, u64 now_ns)
{
	int side;

	for (side = 0; side < 2; side++)
		if (o->end[side].in_time_wait && now_ns >= o->end[side].time_wait_until)
			o->end[side].time_wait_over = true;
}
