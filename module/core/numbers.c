// SPDX-License-Identifier: GPL-2.0
/*
 * The numbers of both streams: judges a segment's by RFC 9293 section 3.10.7
 * and keeps what it proves. Moves no end and tells nothing.
 */
#include "quick.h"
#include "walk.h"

/* The largest scale: used for windows whose scale was not seen. */
#define WSCALE_UNSEEN	14

bool tcphs_is_newer_timestamp(const struct tcphs_flow *flow, unsigned int from,
			      const struct tcphs_seg *seg)
{
	return has(&flow->end[from], TCPHS_END_TS) &&
	       seg->options & TCPHS_OPT_TS &&
	       seq_after(seg->tsval, flow->at[from].ts_recent);
}

/*
 * PAWS, RFC 7323 5.2. Where Linux lets ts_recent age (tcp_paws_check(): after
 * INT_MAX microseconds of silence) there is no clock here. But what is old is
 * so by a lifetime of segments at most: more than TCPHS_PAWS_BACK ticks back is a
 * clock that has gone round in the meantime. Nor does a 0 count, which some
 * stacks put into their SYN.
 */
bool tcphs_is_older_timestamp(const struct tcphs_flow *flow, unsigned int from,
			      const struct tcphs_seg *seg)
{
	return has(&flow->end[from], TCPHS_END_TS) &&
	       seg->options & TCPHS_OPT_TS &&
	       tcphs_is_back(flow->at[from].ts_recent, seg->tsval);
}

/*
 * Whether it echoes a timestamp that the peer cannot have sent: Linux in
 * SYN_SENT takes no answer with such a one (PAWSACTIVEREJECTED).
 */
bool tcphs_is_false_echo(const struct walk *w)
{
	u32 back = w->peer_at->ts_recent - w->seg->tsecr;

	return has(w->peer, TCPHS_END_TS) && w->seg->options & TCPHS_OPT_TS &&
	       w->seg->tsecr != 0 && back > TCPHS_PAWS_BACK;
}

/* By how much an end's windows are scaled: if both SYNs offered that. */
unsigned int tcphs_window_shift(const struct tcphs_flow *flow, unsigned int from)
{
	u32 bits = flow->end[0].bits & flow->end[1].bits;

	if (!(bits & TCPHS_END_ISN))
		return WSCALE_UNSEEN;
	return bits & TCPHS_END_WSCALE ? flow->end[from].wscale : 0;
}

/* The window in @seg as it is meant; a SYN's is not scaled. */
static u32 window(const struct walk *w)
{
	u32 win = w->seg->win;

	if (w->seg->flags & TCPHS_SYN)
		return win;
	return win << tcphs_window_shift(w->flow, w->from);
}

/* A FIN that came before what it follows is whole once that has come. */
static void reach_fin(struct tcphs_flow *flow, unsigned int side)
{
	struct tcphs_at *at = &flow->at[side];

	if (has(&flow->end[side], TCPHS_END_FIN | TCPHS_END_FIN_CAME) &&
	    at->whole == flow->rest->fin[side])
		at->whole++;
}

/*
 * The highest acknowledgment, and the right edge: never before it. Of a peer that is
 * not seen any number can be acknowledged: half of them are before, half after.
 */
static void note_edge(struct walk *w)
{
	struct tcphs_at *at = w->self_at;
	bool is_first = !has(w->self, TCPHS_END_ACKED);
	u32 ack = w->seg->ack;
	u32 win = window(w);

	if (is_first || seq_after(ack, at->ack))
		at->ack = ack;
	if (is_first || seq_after(at->ack, at->edge))
		at->edge = at->ack;
	if (win > at->ack - ack && seq_after(ack + win, at->edge))
		at->edge = ack + win;
	if (win > at->window)
		at->window = win;
	w->self->bits |= TCPHS_END_ACKED;
}

/* The sender acknowledges: of the peer's stream it has all before seg->ack. */
void tcphs_note_ack(struct walk *w)
{
	u32 ack = w->seg->ack;

	note_edge(w);
	if (seq_after(ack, w->peer_at->whole))
		w->peer_at->whole = ack;
	if (seq_after(ack, w->peer_at->nxt))	/* seen, but refused */
		w->peer_at->nxt = ack;
	reach_fin(w->flow, w->to);
}

/*
 * RFC 7323 4.3 (2), 5.3: only what the peer's last ACK had reached counts, and
 * nothing that the peer refuses since that ACK was behind all of it.
 */
static bool is_timestamp_taken(const struct walk *w)
{
	return !has(w->peer, TCPHS_END_ACKED) ||
	       (!seq_after(w->seg->seq, w->peer_at->ack) &&
		!seq_before(w->end, w->peer_at->ack));
}

void tcphs_note_timestamp(struct walk *w)
{
	const struct tcphs_seg *seg = w->seg;

	if (!(seg->options & TCPHS_OPT_TS))
		return;
	if (has(w->self, TCPHS_END_TS) &&
	    (seq_before(seg->tsval, w->self_at->ts_recent) || !is_timestamp_taken(w)))
		return;
	w->self_at->ts_recent = seg->tsval;
	w->self->bits |= TCPHS_END_TS;
}

/* A lone byte or nothing, one below SND.NXT: RFC 9293 3.8.4 (keep-alive). */
static bool is_keepalive(const struct walk *w)
{
	return w->seg->len <= 1 && w->seg->seq + 1 == w->self_at->nxt;
}

/* Late, not sent twice: it fills the gap; or it was seen to leave. */
static bool is_late(const struct walk *w)
{
	u32 whole = w->self_at->whole;

	return w->seg->seq != w->self_at->nxt &&
	       (w->seg->seq == whole ||
		(!w->leaves && seq_after(w->seg->seq, whole)));
}

void tcphs_count_bytes(struct walk *w, u32 bytes)
{
	w->self_at->bytes += bytes;
	if (w->self_at->bytes < bytes)
		w->flow->rest->bytes[w->from]++;
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

	if (seq_after(after, w->self_at->nxt)) {
		u32 fresh = after - w->self_at->nxt;

		tcphs_count_bytes(w, fresh < len ? fresh : len);
		if (fresh < len)
			self->retransmits++;
	} else if (len > 0 && is_late(w)) {
		tcphs_count_bytes(w, len);
	} else if (len > 0 && !is_keepalive(w)) {
		self->retransmits++;
	}
}

/*
 * What lies more than a window before what is sent was taken, even if neither it
 * nor an ACK of it has passed. Else whole would come to lie half of all numbers back,
 * that is ahead, where the peer is not seen and no window is known.
 */
static void bound_hole(struct walk *w)
{
	u32 most = w->end - w->seg->seq + WINDOW_MAX;

	if (w->end - w->self_at->whole > most)
		w->self_at->whole = w->end - most;
}

static void advance(struct walk *w)
{
	struct tcphs_end *self = w->self;

	if (!seq_after(w->end, w->self_at->nxt))
		return;
	bound_hole(w);
	if (w->seg->len && seq_after(w->seg->seq + w->seg->len, w->self_at->nxt))
		self->bits |= TCPHS_END_DATA;
	w->self_at->nxt = w->end;
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
	if (w->end == w->self_at->nxt && w->end != w->seg->seq)
		self->bits |= TCPHS_END_HELD;
	if (w->seg->flags & TCPHS_FIN)
		self->bits |= TCPHS_END_FIN_CAME;
	if (!seq_after(w->seg->seq, w->self_at->whole) &&
	    seq_after(w->end, w->self_at->whole))
		w->self_at->whole = w->end;
	reach_fin(w->flow, w->from);
}

/* Of a peer that was not seen to send, the ACKs tell how far it is. */
void tcphs_note_peer(struct walk *w)
{
	struct tcphs_end *peer = w->peer;

	if (has(peer, TCPHS_END_SEEN))
		return;
	if (!has(w->self, TCPHS_END_ACKED) || seq_after(w->seg->ack, w->peer_at->nxt)) {
		w->peer_at->nxt = w->seg->ack;
		w->peer_at->whole = w->seg->ack;
	}
}

/*
 * Whether the segment begins beyond the window that the peer has offered; by
 * its SYN, as long as it has sent no ACK. From what lies far behind the edge, but
 * was sent before the peer was seen, more than half of all numbers may be ahead.
 */
bool tcphs_is_beyond_window(const struct walk *w)
{
	const struct tcphs_end *self = w->self;
	const struct tcphs_end *peer = w->peer;

	if (has(peer, TCPHS_END_ACKED))
		return seq_after(w->seg->seq, w->peer_at->edge) ||
		       (seq_after(w->seg->seq, w->self_at->nxt) &&
			!seq_after(w->peer_at->edge, w->self_at->nxt));
	return has(self, TCPHS_END_ISN) && has(peer, TCPHS_END_ISN) &&
	       seq_after(w->seg->seq, self->isn + 1 + w->peer_at->window);
}

/* Below what its sender has ever used; told only while that is not half of all. */
bool tcphs_is_before_isn(const struct walk *w)
{
	const struct tcphs_end *self = w->self;

	if (!has(self, TCPHS_END_ISN) || w->self_at->nxt - self->isn >= 1U << 31 ||
	    tcphs_flow_bytes(w->flow, w->from) >= 1U << 31)
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
	u32 back = w->self_at->window;

	if (has(peer, TCPHS_END_ISN) &&
	    tcphs_flow_bytes(w->flow, w->to) < 1U << 30 &&
	    w->self_at->ack - peer->isn < back)
		back = w->self_at->ack - peer->isn;

	return has(self, TCPHS_END_ACKED) &&
	       seq_before(w->seg->ack, w->self_at->ack) &&
	       w->self_at->ack - w->seg->ack > back;
}

/* Whether seg->ack covers the peer's SYN and nothing that it did not send. */
bool tcphs_acks_syn(const struct walk *w)
{
	const struct tcphs_end *peer = w->peer;

	return has(peer, TCPHS_END_ISN) && seq_after(w->seg->ack, peer->isn) &&
	       !seq_after(w->seg->ack, w->peer_at->nxt);
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
	if (seq == w->self_at->whole ||
	    (seq == w->self_at->nxt && has(self, TCPHS_END_HELD)))
		return true;
	if (has(self, TCPHS_END_FIN) && seq == self_fin(w) &&
	    seq_after(w->self_at->whole, self_fin(w)))
		return peer->state != TCPHS_TIME_WAIT;
	if (is_local(w->flow, w->from))	/* its own stack's, whatever is missing */
		return w->leaves && has(peer, TCPHS_END_ACKED) &&
		       seq_between(w->peer_at->ack, seq, w->self_at->nxt);
	return !is_local(w->flow, w->to) &&
	       ((has(self, TCPHS_END_SEEN) && seq == w->self_at->nxt) ||
		(has(peer, TCPHS_END_ACKED) && seq == w->peer_at->ack));
}
