// SPDX-License-Identifier: GPL-2.0
/*
 * A small TCP: RFC 9293 section 3.10 in its order, with Linux's test of
 * acceptability (what its latest segment acknowledged is the left edge), its
 * queue of out-of-order segments and RFC 5961's challenge ACKs.
 */
#include "endpoint.h"

static void send_seg(struct endpoint *e, u16 flags, u32 seq, u32 len)
{
	struct tcphs_seg seg = {
		.seq = seq,
		.len = len,
		.flags = flags,
		.win = (u16)e->win,
	};

	if (!(flags & TCPHS_SYN) && e->peer_offers)
		seg.win = (u16)(e->win >> e->wscale);
	if (flags & TCPHS_ACK) {
		seg.ack = e->rcv_nxt;
		e->rcv_acked = e->rcv_nxt;
		e->wants_ack = false;
	}
	if (flags & TCPHS_SYN && e->wscale && (e->peer_offers || !(flags & TCPHS_ACK))) {
		seg.options = TCPHS_OPT_WSCALE;
		seg.wscale = e->wscale;
	}
	e->send(e, &seg);
}

static void send_ack(struct endpoint *e)
{
	send_seg(e, TCPHS_ACK, e->snd_nxt, 0);
}

/* 3.10.7.1: the answer of no connection. */
static void send_stray_rst(struct endpoint *e, const struct tcphs_seg *in)
{
	struct tcphs_seg seg = { .flags = TCPHS_RST };

	if (in->flags & TCPHS_RST)
		return;
	if (in->flags & TCPHS_ACK) {
		seg.seq = in->ack;
	} else {
		seg.flags |= TCPHS_ACK;
		seg.ack = in->seq + in->len + !!(in->flags & TCPHS_SYN) +
			  !!(in->flags & TCPHS_FIN);
	}
	e->send(e, &seg);
}

static void send_fin_if_due(struct endpoint *e)
{
	if (!e->fin_queued || e->fin_sent)
		return;
	if (e->state == TCPHS_ESTABLISHED)
		e->state = TCPHS_FIN_WAIT1;
	else if (e->state == TCPHS_CLOSE_WAIT)
		e->state = TCPHS_LAST_ACK;
	else
		return;
	e->fin_sent = true;
	e->snd_nxt++;
	send_seg(e, TCPHS_FIN | TCPHS_ACK, e->snd_nxt - 1, 0);
}

void endpoint_listen(struct endpoint *e, u32 iss)
{
	e->state = TCPHS_LISTEN;
	e->iss = iss;
}

void endpoint_connect(struct endpoint *e, u32 iss)
{
	e->state = TCPHS_SYN_SENT;
	e->iss = iss;
	e->snd_una = iss;
	e->snd_nxt = iss + 1;
	send_seg(e, TCPHS_SYN, iss, 0);
}

void endpoint_write(struct endpoint *e, u32 len)
{
	u32 seq = e->snd_nxt;

	if (e->state != TCPHS_ESTABLISHED && e->state != TCPHS_CLOSE_WAIT)
		return;
	if (e->snd_nxt - e->iss + len > ENDPOINT_STREAM / 2 ||
	    e->snd_nxt - e->snd_una + len > 3000)
		return;
	e->snd_nxt += len;
	send_seg(e, TCPHS_PSH | TCPHS_ACK, seq, len);
}

void endpoint_close(struct endpoint *e)
{
	e->fin_queued = true;
	send_fin_if_due(e);
}

void endpoint_abort(struct endpoint *e)
{
	if (e->state == TCPHS_CLOSE || e->state == TCPHS_LISTEN ||
	    e->state == TCPHS_SYN_SENT || e->state == TCPHS_TIME_WAIT)
		return;
	e->state = TCPHS_CLOSE;
	send_seg(e, TCPHS_RST | TCPHS_ACK, e->snd_nxt, 0);
}

void endpoint_acknowledge(struct endpoint *e)
{
	if (e->wants_ack && e->state != TCPHS_CLOSE)
		send_ack(e);
}

void endpoint_retransmit(struct endpoint *e)
{
	u32 end = e->snd_nxt - (e->fin_sent ? 1 : 0);
	u32 len = seq_before(e->snd_una, end) ? end - e->snd_una : 0;

	if (e->state == TCPHS_SYN_SENT)
		send_seg(e, TCPHS_SYN, e->iss, 0);
	else if (e->state == TCPHS_SYN_RECV)
		send_seg(e, TCPHS_SYN | TCPHS_ACK, e->iss, 0);
	else if (e->state == TCPHS_CLOSE || e->state == TCPHS_LISTEN ||
		 e->snd_una == e->snd_nxt)
		return;
	else if (len > 700)
		send_seg(e, TCPHS_ACK, e->snd_una, 700);
	else
		send_seg(e, TCPHS_ACK | (e->fin_sent ? TCPHS_FIN : 0), e->snd_una, len);
}

static void take_syn(struct endpoint *e, const struct tcphs_seg *seg)
{
	e->irs = seg->seq;
	e->rcv_nxt = seg->seq + 1;
	e->peer_offers = seg->options & TCPHS_OPT_WSCALE;
}

/* 3.10.7.2 */
static void receive_in_listen(struct endpoint *e, const struct tcphs_seg *seg)
{
	if (seg->flags & TCPHS_RST)
		return;
	if (seg->flags & TCPHS_ACK) {
		send_stray_rst(e, seg);
	} else if (seg->flags & TCPHS_SYN && !(seg->flags & TCPHS_FIN)) {
		take_syn(e, seg);
		e->snd_una = e->iss;
		e->snd_nxt = e->iss + 1;
		e->state = TCPHS_SYN_RECV;
		send_seg(e, TCPHS_SYN | TCPHS_ACK, e->iss, 0);
	}
}

/* 3.10.7.3 */
static void receive_in_syn_sent(struct endpoint *e, const struct tcphs_seg *seg)
{
	bool has_ack = seg->flags & TCPHS_ACK;

	if (has_ack && seg->ack != e->iss + 1) {
		send_stray_rst(e, seg);
		return;
	}
	if (seg->flags & TCPHS_RST) {
		if (has_ack)
			e->state = TCPHS_CLOSE;
		return;
	}
	if (!(seg->flags & TCPHS_SYN) || seg->flags & TCPHS_FIN)
		return;
	take_syn(e, seg);
	if (has_ack) {
		e->snd_una = seg->ack;
		e->state = TCPHS_ESTABLISHED;
		send_ack(e);
		send_fin_if_due(e);
	} else {
		e->state = TCPHS_SYN_RECV;
		send_seg(e, TCPHS_SYN | TCPHS_ACK, e->iss, 0);
	}
}

/* 3.10.7.4, first: by what was acknowledged, as Linux's tcp_sequence(). */
static bool is_acceptable(const struct endpoint *e, const struct tcphs_seg *seg)
{
	u32 end = seg->seq + seg->len + !!(seg->flags & TCPHS_SYN) +
		  !!(seg->flags & TCPHS_FIN);

	return !seq_before(end, e->rcv_acked) &&
	       !seq_after(seg->seq, e->rcv_nxt + e->win);
}

/* Figure 7: the crossing SYN-ACK of a simultaneous open counts for its ACK. */
static bool is_crossing_syn_ack(const struct endpoint *e, const struct tcphs_seg *seg)
{
	return e->state == TCPHS_SYN_RECV && seg->flags & TCPHS_ACK &&
	       seg->seq == e->irs && seg->ack == e->iss + 1;
}

/* 3.10.7.4, fifth. Returns whether the segment goes on. */
static bool take_ack(struct endpoint *e, u32 ack)
{
	if (e->state == TCPHS_SYN_RECV) {
		if (!seq_after(ack, e->snd_una) || seq_after(ack, e->snd_nxt)) {
			struct tcphs_seg rst = { .flags = TCPHS_RST, .seq = ack };

			e->send(e, &rst);
			return false;
		}
		e->state = TCPHS_ESTABLISHED;
	}
	/* RFC 5961 5: too old is as bad as too new */
	if (seq_after(ack, e->snd_nxt) || seq_before(ack, e->snd_una - 0x100000)) {
		send_ack(e);
		return false;
	}
	if (seq_after(ack, e->snd_una))
		e->snd_una = ack;
	if (!e->fin_sent || e->snd_una != e->snd_nxt)
		return true;
	if (e->state == TCPHS_FIN_WAIT1)
		e->state = TCPHS_FIN_WAIT2;
	else if (e->state == TCPHS_CLOSING)
		e->state = TCPHS_TIME_WAIT;
	else if (e->state == TCPHS_LAST_ACK)
		e->state = TCPHS_CLOSE;
	return e->state != TCPHS_CLOSE;
}

/* The peer's FIN has been reached. */
static void take_fin(struct endpoint *e)
{
	if (e->state == TCPHS_ESTABLISHED)
		e->state = TCPHS_CLOSE_WAIT;
	else if (e->state == TCPHS_FIN_WAIT1)
		e->state = TCPHS_CLOSING;
	else if (e->state == TCPHS_FIN_WAIT2)
		e->state = TCPHS_TIME_WAIT;
}

/* 3.10.7.4, seventh and eighth: byte by byte. */
static void take_text(struct endpoint *e, const struct tcphs_seg *seg)
{
	bool has_fin = seg->flags & TCPHS_FIN;
	u32 first = seg->seq - e->irs;
	u32 i;

	if (!seg->len && !has_fin)
		return;
	e->wants_ack = true;
	for (i = 0; i < seg->len + has_fin; i++)
		if (first + i < ENDPOINT_STREAM)
			e->got[first + i] = true;
	if (has_fin)
		e->peer_fin = first + seg->len;
	while (e->rcv_nxt - e->irs < ENDPOINT_STREAM && e->got[e->rcv_nxt - e->irs]) {
		e->rcv_nxt++;
		if (e->peer_fin && e->rcv_nxt - e->irs == e->peer_fin + 1)
			take_fin(e);
	}
}

/* After the highest that came, in order or not: the end of its first SACK block. */
static u32 highest_got(const struct endpoint *e)
{
	u32 i = ENDPOINT_STREAM;

	while (i > 1 && !e->got[i - 1])
		i--;
	return e->irs + i;
}

/* Linux's tcp_reset_check(): some systems reset with the number of their FIN. */
static bool is_rst_at_fin(const struct endpoint *e, const struct tcphs_seg *seg)
{
	return seg->flags & TCPHS_RST && seg->seq == e->rcv_nxt - 1 &&
	       (e->state == TCPHS_CLOSE_WAIT || e->state == TCPHS_LAST_ACK ||
		e->state == TCPHS_CLOSING);
}

/* 3.10.7.4; a RST at the end of a SACK block counts, as in Linux */
static void receive_synchronized(struct endpoint *e, const struct tcphs_seg *seg)
{
	if (is_rst_at_fin(e, seg)) {
		e->state = TCPHS_CLOSE;
		return;
	}
	if (!is_acceptable(e, seg)) {
		if (!(seg->flags & TCPHS_RST))
			send_ack(e);
		return;
	}
	if (seg->flags & TCPHS_RST) {
		if (seg->seq == e->rcv_nxt || seg->seq == highest_got(e))
			e->state = TCPHS_CLOSE;
		else
			send_ack(e);
		return;
	}
	if (seg->flags & TCPHS_SYN && !is_crossing_syn_ack(e, seg)) {
		send_ack(e);
		return;
	}
	if (!(seg->flags & TCPHS_ACK) || !take_ack(e, seg->ack))
		return;
	if (!(seg->flags & TCPHS_SYN))
		take_text(e, seg);
	send_fin_if_due(e);
}

void endpoint_receive(struct endpoint *e, const struct tcphs_seg *seg)
{
	if (!tcphs_flags_valid(seg->flags))
		return;
	if (e->state == TCPHS_CLOSE)
		send_stray_rst(e, seg);
	else if (e->state == TCPHS_LISTEN)
		receive_in_listen(e, seg);
	else if (e->state == TCPHS_SYN_SENT)
		receive_in_syn_sent(e, seg);
	else
		receive_synchronized(e, seg);
}
