// SPDX-License-Identifier: GPL-2.0
/*
 * The numbers of both streams: judges a segment's by RFC 9293 section 3.10.7
 * and keeps what it proves. Moves no end and tells nothing.
 */
#include "walk.h"

/* The largest scale: used for windows whose scale was not seen. */
#define WSCALE_UNSEEN	14

/* 268 s of the fastest timestamp clock, one microsecond: two MSLs of 120 s. */
#define PAWS_BACK	0x10000000U

bool tcphs_is_newer_timestamp(const struct tcphs_end *end,
			      const struct tcphs_seg *seg)
{
	return has(end, TCPHS_END_TS) && seg->options & TCPHS_OPT_TS &&
	       seq_after(seg->tsval, end->ts_recent);
}

/*
 * PAWS, RFC 7323 5.2. Where Linux lets ts_recent age (tcp_paws_check(): after
 * INT_MAX microseconds of silence) there is no clock here. But what is old is
 * so by a lifetime of segments at most: more than PAWS_BACK ticks back is a
 * clock that has gone round in the meantime. Nor does a 0 count, which some
 * stacks put into their SYN.
 */
bool tcphs_is_older_timestamp(const struct tcphs_end *end,
			      const struct tcphs_seg *seg)
{
	u32 back = end->ts_recent - seg->tsval;

	return has(end, TCPHS_END_TS) && seg->options & TCPHS_OPT_TS &&
	       end->ts_recent != 0 && back != 0 && back <= PAWS_BACK;
}

/*
 * Whether it echoes a timestamp that the peer cannot have sent: Linux in
 * SYN_SENT takes no answer with such a one (PAWSACTIVEREJECTED).
 */
bool tcphs_is_false_echo(const struct walk *w)
{
	u32 back = w->peer->ts_recent - w->seg->tsecr;

	return has(w->peer, TCPHS_END_TS) && w->seg->options & TCPHS_OPT_TS &&
	       w->seg->tsecr != 0 && back > PAWS_BACK;
}

/* The window in @seg as it is meant: scaled if both SYNs offered scaling. */
static u32 window(const struct walk *w)
{
	u32 win = w->seg->win;

	if (w->seg->flags & TCPHS_SYN)
		return win;
	if (!has(w->self, TCPHS_END_ISN) || !has(w->peer, TCPHS_END_ISN))
		return win << WSCALE_UNSEEN;
	if (!has(w->self, TCPHS_END_WSCALE) || !has(w->peer, TCPHS_END_WSCALE))
		return win;
	return win << w->self->wscale;
}

/* A FIN that came before what it follows is whole once that has come. */
static void reach_fin(struct tcphs_end *end)
{
	if (has(end, TCPHS_END_FIN | TCPHS_END_FIN_CAME) &&
	    end->whole == end->fin)
		end->whole++;
}

/* The sender acknowledges: of the peer's stream it has all before seg->ack. */
void tcphs_note_ack(struct walk *w)
{
	u32 ack = w->seg->ack;
	u32 win = window(w);
	u32 edge = ack + win;

	if (!has(w->self, TCPHS_END_ACKED) || seq_after(ack, w->self->ack))
		w->self->ack = ack;
	if (!has(w->self, TCPHS_END_ACKED) || seq_after(edge, w->self->edge))
		w->self->edge = edge;
	if (win > w->self->window)
		w->self->window = win;
	w->self->bits |= TCPHS_END_ACKED;
	if (seq_after(ack, w->peer->whole))
		w->peer->whole = ack;
	if (seq_after(ack, w->peer->nxt))	/* seen, but refused */
		w->peer->nxt = ack;
	reach_fin(w->peer);
}

/*
 * RFC 7323 4.3 (2), 5.3: only what the peer's last ACK had reached counts, and
 * nothing that the peer refuses since that ACK was behind all of it.
 */
static bool is_timestamp_taken(const struct walk *w)
{
	return !has(w->peer, TCPHS_END_ACKED) ||
	       (!seq_after(w->seg->seq, w->peer->ack) &&
		!seq_before(w->end, w->peer->ack));
}

void tcphs_note_timestamp(struct walk *w)
{
	const struct tcphs_seg *seg = w->seg;

	if (!(seg->options & TCPHS_OPT_TS))
		return;
	if (has(w->self, TCPHS_END_TS) &&
	    (seq_before(seg->tsval, w->self->ts_recent) || !is_timestamp_taken(w)))
		return;
	w->self->ts_recent = seg->tsval;
	w->self->bits |= TCPHS_END_TS;
}

/* A lone byte or nothing, one below SND.NXT: RFC 9293 3.8.4 (keep-alive). */
static bool is_keepalive(const struct walk *w)
{
	return w->seg->len <= 1 && w->seg->seq + 1 == w->self->nxt;
}

/* Late, not sent twice: it fills the gap; or it was seen to leave. */
static bool is_late(const struct walk *w)
{
	u32 whole = w->self->whole;

	return w->seg->seq != w->self->nxt &&
	       (w->seg->seq == whole ||
		(!w->leaves && seq_after(w->seg->seq, whole)));
}

/*
 * The payload, where it arrives: what of it is new, what was sent before. What
 * leaves in one piece may arrive in several.
 */
static void count_payload(struct walk *w)
{
	struct tcphs_end *self = w->self;
	u32 len = w->seg->len;
	u32 after = w->seg->seq + len;

	if (seq_after(after, self->nxt)) {
		u32 fresh = after - self->nxt;

		self->bytes += fresh < len ? fresh : len;
		if (fresh < len)
			self->retransmits++;
	} else if (len > 0 && is_late(w)) {
		self->bytes += len;
	} else if (len > 0 && !is_keepalive(w)) {
		self->retransmits++;
	}
}

static void advance(struct walk *w)
{
	struct tcphs_end *self = w->self;

	if (!seq_after(w->end, self->nxt))
		return;
	if (w->seg->len && seq_after(w->seg->seq + w->seg->len, self->nxt))
		self->bits |= TCPHS_END_DATA;
	self->nxt = w->end;
	drop(self, TCPHS_END_HELD);
}

/* The sender's stream goes on to the end of this segment. */
void tcphs_note_data(struct walk *w)
{
	struct tcphs_end *self = w->self;

	if (w->arrives)
		count_payload(w);
	if (w->leaves)
		advance(w);
	/* In SYN_SENT all but a SYN-ACK is dropped: 3.10.7.3, fifth. */
	if (!w->arrives || (is_local(w->flow, w->to) &&
			    w->peer->state == TCPHS_SYN_SENT))
		return;
	if (w->end == self->nxt && w->end != w->seg->seq)
		self->bits |= TCPHS_END_HELD;
	if (w->seg->flags & TCPHS_FIN)
		self->bits |= TCPHS_END_FIN_CAME;
	if (!seq_after(w->seg->seq, self->whole) &&
	    seq_after(w->end, self->whole))
		self->whole = w->end;
	reach_fin(self);
}

/* Of a peer that was not seen to send, the ACKs tell how far it is. */
void tcphs_note_peer(struct walk *w)
{
	struct tcphs_end *peer = w->peer;

	if (has(peer, TCPHS_END_SEEN))
		return;
	if (!has(w->self, TCPHS_END_ACKED) || seq_after(w->seg->ack, peer->nxt)) {
		peer->nxt = w->seg->ack;
		peer->whole = w->seg->ack;
	}
}

/*
 * Whether the segment begins beyond the window that the peer has offered; by
 * its SYN, as long as it has sent no ACK.
 */
bool tcphs_is_beyond_window(const struct walk *w)
{
	const struct tcphs_end *self = w->self;
	const struct tcphs_end *peer = w->peer;

	if (has(peer, TCPHS_END_ACKED))
		return seq_after(w->seg->seq, peer->edge);
	return has(self, TCPHS_END_ISN) && has(peer, TCPHS_END_ISN) &&
	       seq_after(w->seg->seq, self->isn + 1 + peer->window);
}

/* Below what its sender has ever used; told only while that is not half of all. */
bool tcphs_is_before_isn(const struct walk *w)
{
	const struct tcphs_end *self = w->self;

	if (!has(self, TCPHS_END_ISN) || self->bytes >= 1U << 31)
		return false;
	return seq_before(w->seg->seq, self->isn) ||
	       (w->peer->state == TCPHS_SYN_RECV &&
		!seq_after(w->seg->seq + w->seg->len, self->isn));
}

/*
 * An ACK from further back than any window, or than the beginning: RFC 5961
 * section 5, with the bound of tcp_ack().
 */
bool tcphs_is_old_ack(const struct walk *w)
{
	const struct tcphs_end *self = w->self;
	const struct tcphs_end *peer = w->peer;
	u32 back = self->window;

	if (has(peer, TCPHS_END_ISN) && peer->bytes < 1U << 30 &&
	    self->ack - peer->isn < back)
		back = self->ack - peer->isn;

	return has(self, TCPHS_END_ACKED) &&
	       seq_before(w->seg->ack, self->ack - back);
}

/* Whether seg->ack covers the peer's SYN and nothing that it did not send. */
bool tcphs_acks_syn(const struct walk *w)
{
	const struct tcphs_end *peer = w->peer;

	return has(peer, TCPHS_END_ISN) && seq_after(w->seg->ack, peer->isn) &&
	       !seq_after(w->seg->ack, peer->nxt);
}

/*
 * Whether the RST stands at the number that its receiver waits for: RFC 9293
 * 3.10.7.4, second. A local receiver waits for what has not passed its door,
 * or takes a RST behind what it holds out of order (tcp_validate_incoming());
 * another is at what it acknowledged last, or at what has passed since. After
 * a FIN, either side of it will do: tcp_reset_check(); but not in TIME_WAIT:
 * tcp_timewait_state_process().
 */
bool tcphs_is_exact(const struct walk *w)
{
	const struct tcphs_end *self = w->self;
	const struct tcphs_end *peer = w->peer;
	u32 seq = w->seg->seq;

	if (!has(self, TCPHS_END_SEEN) && !has(peer, TCPHS_END_ACKED))
		return false;
	if (seq == self->whole ||
	    (seq == self->nxt && has(self, TCPHS_END_HELD)))
		return true;
	if (has(self, TCPHS_END_FIN) && seq == self->fin &&
	    seq_after(self->whole, self->fin))
		return peer->state != TCPHS_TIME_WAIT;
	if (is_local(w->flow, w->from))	/* its own stack's, whatever is missing */
		return w->leaves && has(peer, TCPHS_END_ACKED) &&
		       seq_between(peer->ack, seq, self->nxt);
	return !is_local(w->flow, w->to) &&
	       ((has(self, TCPHS_END_SEEN) && seq == self->nxt) ||
		(has(peer, TCPHS_END_ACKED) && seq == peer->ack));
}
