/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Inside of the flow: one segment on its way through a connection, and the
 * verbs of the files that share the work. For the core's own files only.
 */
#ifndef TCPHS_CORE_WALK_H
#define TCPHS_CORE_WALK_H

#include "flow.h"

struct walk {
	struct tcphs_flow *flow;
	struct tcphs_step *step;
	const struct tcphs_seg *seg;	/* NULL: time passed, no segment came */
	unsigned int from;		/* side that sent seg */
	unsigned int to;
	struct tcphs_end *self;		/* the end at from */
	struct tcphs_end *peer;
	struct tcphs_at *self_at;	/* where they are */
	struct tcphs_at *peer_at;
	u32 end;			/* seq after data and FIN */
	bool leaves;			/* its sender's half is to be taken */
	bool arrives;			/* its receiver's half is */
	u32 retransmits;		/* the sender's, before this one */
	u32 peer_whole;			/* likewise; both for history.c */
	const struct tcphs_tw_gone *gone;	/* a small socket went, or NULL */
};

/* No window is larger than 2^30: RFC 7323 2.3. */
#define WINDOW_MAX	0x40000000U

static inline bool has(const struct tcphs_end *end, u32 bits)
{
	return (end->bits & bits) == bits;
}

static inline void drop(struct tcphs_end *end, u32 bits)
{
	end->bits &= ~bits;
}

/* What anybody can make happen ever again does not wrap. */
static inline void count_one(u16 *counter)
{
	if (*counter != 0xffff)
		++*counter;
}

static inline bool is_local(const struct tcphs_flow *flow, unsigned int side)
{
	return flow->local & (1U << side);
}

static inline unsigned int other(unsigned int side)
{
	return side ^ 1U;
}

static inline bool is_synchronized(const struct tcphs_end *end)
{
	return end->state != TCPHS_STATE_UNKNOWN &&
	       end->state != TCPHS_SYN_SENT && end->state != TCPHS_SYN_RECV;
}

/* The numbers of FINs that were seen: of an end that is TCPHS_END_FIN. */
static inline u32 self_fin(const struct walk *w)
{
	return w->flow->rest->fin[w->from];
}

static inline u32 peer_fin(const struct walk *w)
{
	return w->flow->rest->fin[w->to];
}

/* flow.c shares a segment out to one of these: syn.c, data.c, rst.c. */
enum tcphs_reason tcphs_take_syn(struct walk *w);
enum tcphs_reason tcphs_take_syn_ack(struct walk *w);
enum tcphs_reason tcphs_take_plain(struct walk *w);
enum tcphs_reason tcphs_take_rst(struct walk *w);

/*
 * expect.c: what flow.c shares out if this has not taken it, and returned false. The
 * rest are steps of the walk that both take.
 */
bool tcphs_expect(struct tcphs_flow *flow, unsigned int from,
		  const struct tcphs_seg *seg, struct tcphs_step *step);
tcphs_apart void tcphs_complete_handshake(struct walk *w);
void tcphs_begin_numbers(struct walk *w);
void tcphs_history_note(struct walk *w);
void tcphs_show_fin(struct walk *w);
void tcphs_deliver_plain(struct walk *w);

/* syn.c: @side's SYN of @when_ns was answered for an older connection. */
void tcphs_note_held(struct walk *w, unsigned int side, u64 when_ns);

/* numbers.c: what the segment's numbers are, and what they prove. */
bool tcphs_is_newer_timestamp(const struct tcphs_flow *flow, unsigned int from,
			      const struct tcphs_seg *seg);
bool tcphs_is_older_timestamp(const struct tcphs_flow *flow, unsigned int from,
			      const struct tcphs_seg *seg);
bool tcphs_is_false_echo(const struct walk *w);
bool tcphs_acks_syn(const struct walk *w);
bool tcphs_is_old_ack(const struct walk *w);
bool tcphs_is_beyond_window(const struct walk *w);
bool tcphs_is_before_isn(const struct walk *w);
bool tcphs_is_exact(const struct walk *w);
void tcphs_count_bytes(struct walk *w, u32 bytes);
void tcphs_note_ack(struct walk *w);
void tcphs_note_timestamp(struct walk *w);
void tcphs_note_data(struct walk *w);
void tcphs_note_peer(struct walk *w);

unsigned int tcphs_window_shift(const struct tcphs_flow *flow, unsigned int from);

/* life.c: a walk of time, or of anything else that is no segment. */
void tcphs_begin_time(struct walk *w, struct tcphs_flow *flow,
		      struct tcphs_step *step);

/* history.c: around every segment, before it is judged and after. */
void tcphs_history_begin(struct walk *w);
void tcphs_history_end(struct walk *w);

/* Whether the flow's own word may have no room for a segment's letters. */
bool tcphs_history_is_full(const struct tcphs_flow *flow);

/*
 * tell.c from here on.
 *
 * Let @event happen to the end at @side at the moment @when_ns. Tells the
 * transition, and what follows from it for TIME_WAIT. Returns whether the
 * state changed.
 */
tcphs_apart bool tcphs_tell_event(struct walk *w, unsigned int side,
				  enum tcphs_fsm_event event,
				  enum tcphs_cause cause, u64 when_ns);

/* The same, now, by the segment; by one that shows that another was lost. */
bool tcphs_tell_shown(struct walk *w, unsigned int side,
		      enum tcphs_fsm_event event);
bool tcphs_tell_corrected(struct walk *w, unsigned int side,
			  enum tcphs_fsm_event event);

void tcphs_tell_anomaly(struct walk *w, enum tcphs_anomaly kind);
void tcphs_tell_expected(struct walk *w, enum tcphs_anomaly kind, u32 expected);
void tcphs_tell_handshake(struct walk *w);

/* Tell that a number is wrong; these return the reason to give. */
enum tcphs_reason tcphs_refuse_ack(struct walk *w, u32 expected);
enum tcphs_reason tcphs_refuse_seq(struct walk *w, u32 expected);

void tcphs_tell_delay(struct walk *w, u64 delay_ns);

/* The record is over. */
void tcphs_tell_connection(struct walk *w, enum tcphs_close close, u64 seen_ns);

/* quick.c: what may be quick from now on. */
void tcphs_note_quick(struct tcphs_flow *flow);

/* flow.c: @moment is now. */
void tcphs_note_moment(struct walk *w, enum tcphs_moment moment);

/* Any event. */
void tcphs_tell(struct walk *w, unsigned int type, const void *payload,
		size_t size);

/*
 * timewait.c: TIME_WAIT at @side, that of no socket which was seen: begun, and
 * begun again. Over, however it is known.
 */
void tcphs_tw_begin(struct walk *w, unsigned int side);
void tcphs_tw_restart(struct walk *w, unsigned int side);
void tcphs_tw_end(struct walk *w, unsigned int side,
		  const struct tcphs_tw_gone *gone);

/* Keep what a segment may do to the receiver's socket in TIME_WAIT. */
tcphs_apart void tcphs_tw_note(struct walk *w);

/* When tcphs_tw_timer() has something to do, TCPHS_NS_NONE if never. */
u64 tcphs_tw_deadline(const struct tcphs_flow *flow, unsigned int side);
void tcphs_tw_timer(struct walk *w, unsigned int side);

#endif /* TCPHS_CORE_WALK_H */
