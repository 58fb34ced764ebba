/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One connection: both ends stepped through the state machine, every number
 * verified, every moment kept. Pure: time comes as an argument, nothing is
 * allocated, what happened is handed to the caller's emit().
 */
#ifndef TCPHS_CORE_FLOW_H
#define TCPHS_CORE_FLOW_H

#include "fsm.h"
#include "parse.h"

/* tcphs_end.bits */
#define TCPHS_END_SEEN		0x00001	/* has sent a segment: nxt is known */
#define TCPHS_END_ISN		0x00002	/* isn is known: its SYN was seen */
#define TCPHS_END_ACKED		0x00004	/* has sent an ACK: ack and edge are known */
#define TCPHS_END_WSCALE	0x00008	/* wscale is known */
#define TCPHS_END_SYN_ACKED	0x00010	/* an ACK of its SYN was seen */
#define TCPHS_END_FIN		0x00020	/* has sent a FIN: fin is known */
#define TCPHS_END_FIN_TAKEN	0x00040	/* its FIN is known to have been taken */
#define TCPHS_END_FIN_ACKED	0x00080	/* an ACK of its FIN was seen */
#define TCPHS_END_SYNCED	0x00100	/* has sent something after its SYN */
#define TCPHS_END_DATA		0x00200	/* has sent new data */
#define TCPHS_END_FIN_AGAIN	0x00400	/* FIN came again; its own ACK restarts TIME_WAIT */
#define TCPHS_END_TS		0x00800	/* ts_recent is known */
#define TCPHS_END_SINCE		0x01000	/* since_ns is known: it began its state in sight */
#define TCPHS_END_SYN_ACK	0x02000	/* has sent a SYN-ACK */
#define TCPHS_END_PROVOKED	0x04000	/* got what is answered by a challenge ACK */
#define TCPHS_END_HELD		0x08000	/* nxt stands after data or a FIN, not a bare ACK */
#define TCPHS_END_FIN_CAME	0x10000	/* its FIN has passed, perhaps before what it follows */
#define TCPHS_END_DEAF		0x20000	/* its listener did not take an ACK at its door */
#define TCPHS_END_ORPHAN	0x40000	/* in FIN_WAIT2, its process gone: a small socket */
#define TCPHS_END_TW_SEEN	0x80000	/* its socket in TIME_WAIT was seen: that tells */
#define TCPHS_END_TW_TOLD	0x100000 /* the start of its TIME_WAIT was told */
#define TCPHS_END_TW_KEPT	0x200000 /* the caller goes on looking for that socket */

/* tcphs_end.bits, for history.c; HIST: such a segment has its letter. */
#define TCPHS_END_RESET		0x00400000	/* has sent a RST that counted */
#define TCPHS_END_PATCHED	0x00800000	/* a hole in its stream was filled in part */
#define TCPHS_END_HIST_SYN	0x01000000	/* or SYN-ACK */
#define TCPHS_END_HIST_ACK	0x02000000	/* alone */
#define TCPHS_END_HIST_DATA	0x04000000
#define TCPHS_END_HIST_FIN	0x08000000
#define TCPHS_END_HIST_RST	0x10000000
#define TCPHS_END_HIST_MULTI	0x20000000	/* SYN with FIN or RST */
#define TCPHS_END_HIST_FIN_RST	0x40000000

/* Where an end is. All numbers are of the stream that it sends, but ack. */
struct tcphs_at {
	u32 nxt;		/* after the highest number sent */
	u32 whole;		/* everything before this has passed the observer */
	u32 ack;		/* highest acknowledgment sent: of the peer's stream */
	u32 edge;		/* right edge of the window offered to the peer */
	u32 window;		/* the largest offered */
	u32 ts_recent;
	u32 segments;		/* the low halves: tcphs_flow_segments(), */
	u32 bytes;		/* tcphs_flow_bytes(); last: an ACK leaves it alone */
};

/* The rest of what is known of an end: no segment of an open connection's changes it. */
struct tcphs_end {
	u32 isn;
	u32 bits;
	u32 retransmits;
	u16 syns;
	u8 state;		/* enum tcphs_state */
	u8 wscale;
	u64 since_ns;		/* when it came to its state */
};

/* tcphs_flow.bits */
#define TCPHS_FLOW_HS_TOLD	0x01	/* the handshake event was emitted */
#define TCPHS_FLOW_HS_BAD	0x02	/* a handshake ACK had a wrong number */
#define TCPHS_FLOW_BEGUN	0x04	/* the first segment was stepped */
#define TCPHS_FLOW_RESET	0x08	/* a RST counted: no FIN is repeated after it */
#define TCPHS_FLOW_CROSSED	0x10	/* both ends sent a SYN */
#define TCPHS_FLOW_ASKED_AGAIN	0x20	/* the client repeated its SYN after a SYN-ACK */
#define TCPHS_FLOW_MARK		0x80	/* the caller's; the core only clears it, in _init() */
#define TCPHS_FLOW_SYN_FIRST	0x40	/* the client's SYN came at first_ns */

/* tcphs_flow.quick: what tcphs_flow_quick() may take of an end; above, a shift */
#define TCPHS_QUICK_ACK		0x1
#define TCPHS_QUICK_DATA	0x2
#define TCPHS_QUICK_TS		0x4	/* with a timestamp, too */
#define TCPHS_QUICK_SHIFT	4	/* what is shifted by is 0 to 14 */

/*
 * What hardly any connection needs before it closes: it lies beside, in the
 * caller's memory; tcphs_flow_lacks_rest() says when.
 */
struct tcphs_rest {
	u64 syn_ns;		/* first SYN, if it was not the first segment */
	u64 fin_ns[2];		/* first and second FIN */
	u64 done_ns;		/* neither end had anything left to send */
	u64 held_ns;		/* first SYN that an older connection kept from its answer */
	u64 orphan_ns;		/* since when an end is TCPHS_END_ORPHAN */
	u64 tw_until_ns[2];	/* by side: when its TIME_WAIT should end; an orphan's FIN_WAIT2 */
	u64 tw_note_ns[2];	/* by side: when its tw_note was taken */
	u64 tw_dur_ns;		/* of the longest TIME_WAIT that is over */
	u64 history;		/* goes on where the flow's is full */
	u32 fin[2];		/* by side: the number that its FIN takes */
	u32 segments[2];	/* by side: the high halves */
	u32 bytes[2];
	u32 held_seq;		/* of the SYN of held_ns */
	u16 fin_retransmits[2];	/* by side, as all that follow but one */
	u16 tw_restarts[2];
	u8 tw_note[2];		/* enum tcphs_tw_cause, of the latest segment */
	u8 zero_windows[2];	/* offered; this and the next two stop at 255 */
	u8 damaged[2];		/* segments with a bad checksum */
	u8 gaps[2];		/* acknowledged but never seen */
	u8 tw_source;		/* enum tcphs_source, of tw_dur_ns */
	u8 tw_end;		/* enum tcphs_tw_end, likewise */
	u8 closer;		/* enum tcphs_side */
	u8 close;		/* enum tcphs_close, once decided */
	u8 fins;		/* enum tcphs_close: how the FINs were exchanged */
};

/* tcphs_flow.span: moments after the first, by their distance from it */
enum tcphs_moment {
	TCPHS_MOMENT_SYN_ACK,
	TCPHS_MOMENT_ACK,	/* handshake complete */
	TCPHS_MOMENTS
};

/*
 * A connection. First what each segment of an open one touches: of IPv4 84
 * bytes, as the address is one word.
 */
struct tcphs_flow {
	u32 head[2];		/* by side: the address's first word */
	u16 port[2];		/* by side */
	u8 family;		/* 4 or 6 */
	u8 local;		/* TCPHS_LOCAL_CLIENT | TCPHS_LOCAL_SERVER */
	u8 quick[2];		/* by side: TCPHS_QUICK_ bits, its windows' shift above */
	u16 last_flags[2];	/* by side, of its latest segment */
	struct tcphs_at at[2];	/* by side */

	u8 handshake;		/* enum tcphs_hs */
	u8 bits;
	u8 span_high[TCPHS_MOMENTS];
	u32 tail[2][3];		/* by side: the address's other words */
	u32 span_low[TCPHS_MOMENTS];
	struct tcphs_end end[2];	/* by side */
	u64 id;
	u64 first_ns;
	u64 stamp_ns;		/* of the latest event; the next is later */
	u64 history;		/* Zeek's letters, packed: history.c */
	struct tcphs_rest *rest;	/* NULL: not needed so far */
};

/* A counter's low half has no room for @seg. */
static inline bool tcphs_at_overflows(const struct tcphs_at *at,
				      const struct tcphs_seg *seg)
{
	return at->segments + 1 == 0 ||
	       (seg->len && at->bytes + seg->len < seg->len);
}

/* What is known where there is no rest. */
extern const struct tcphs_rest tcphs_no_rest;

/* For who reads: @flow's rest, or that of one which has none. */
static inline const struct tcphs_rest *
tcphs_flow_rest(const struct tcphs_flow *flow)
{
	return flow->rest ? flow->rest : &tcphs_no_rest;
}

/**
 * tcphs_flow_attach() - give a connection the memory for its rest
 * @flow: that has none, or is begun anew with the rest of the one before
 * @rest: for as long as @flow is used; to be filled
 */
void tcphs_flow_attach(struct tcphs_flow *flow, struct tcphs_rest *rest);

/**
 * tcphs_flow_lacks_rest() - whether a segment cannot be taken without a rest
 * @flow: the connection
 * @from: side that sent @seg
 * @seg: to be given to tcphs_flow_step()
 *
 * What closes, repeats itself too often, or is otherwise out of the ordinary.
 * No SYN that begins a connection, nor its answer.
 *
 * Return: false if @flow has one already.
 */
bool tcphs_flow_lacks_rest(const struct tcphs_flow *flow, unsigned int from,
			   const struct tcphs_seg *seg);

/**
 * tcphs_flow_tuple() - both ends' addresses as one reads them elsewhere
 * @flow: the connection
 * @tuple: filled, by side
 */
void tcphs_flow_tuple(const struct tcphs_flow *flow, struct tcphs_tuple *tuple);

/* How many segments @side has sent. */
static inline u64 tcphs_flow_segments(const struct tcphs_flow *flow,
				      unsigned int side)
{
	return (u64)tcphs_flow_rest(flow)->segments[side] << 32 |
	       flow->at[side].segments;
}

/* How much payload, what was sent again not counted. */
static inline u64 tcphs_flow_bytes(const struct tcphs_flow *flow,
				   unsigned int side)
{
	return (u64)tcphs_flow_rest(flow)->bytes[side] << 32 |
	       flow->at[side].bytes;
}

/* When the client's first SYN came, TCPHS_NS_NONE if it was not seen. */
static inline u64 tcphs_flow_syn_ns(const struct tcphs_flow *flow)
{
	if (flow->bits & TCPHS_FLOW_SYN_FIRST)
		return flow->first_ns;
	return tcphs_flow_rest(flow)->syn_ns;
}

/*
 * When it came, TCPHS_NS_NONE if it was not seen; or came later than 18 minutes
 * (2^40 ns) after the first segment: so long nobody waits for a handshake.
 */
static inline u64 tcphs_flow_moment_ns(const struct tcphs_flow *flow,
				       enum tcphs_moment moment)
{
	u64 span = (u64)flow->span_high[moment] << 32 | flow->span_low[moment];

	return span ? flow->first_ns + span - 1 : TCPHS_NS_NONE;
}

struct tcphs_step;

/**
 * typedef tcphs_emit_t - takes an event
 * @step: the step in which it happened; @step->now_ns is its time
 * @flow: of which connection, as it is after the event
 * @type: enum tcphs_event
 * @payload: the struct tcphs_ev_... of that type
 * @size: of @payload, bytes
 */
typedef void tcphs_emit_t(struct tcphs_step *step, const struct tcphs_flow *flow,
			  unsigned int type, const void *payload, size_t size);

/*
 * Where a segment is seen. Between two sockets of one host it passes the
 * observer twice, and can be lost in between: it shows what its sender has
 * done as it leaves, and moves its receiver where it arrives.
 */
enum tcphs_pass {
	TCPHS_PASS_WHOLE,	/* once: both at the same time */
	TCPHS_PASS_OUT,		/* it leaves; tcphs_seg_is_split() */
	TCPHS_PASS_IN,		/* it arrives, and may have been seen to leave */
};

/* What a step needs from outside; the caller embeds it to find its own. */
struct tcphs_step {
	u64 now_ns;		/* any clock that does not go back; flow may raise it */
	u64 time_wait_ns;	/* 2 MSL, for modelled ends */
	enum tcphs_pass pass;
	bool is_linux;		/* whose sockets the local ends are */
	bool is_rfc1337;	/* their TIME_WAIT ignores RSTs: RFC 1337 4 (F1) */
	u8 watched;		/* ends whose TIME_WAIT the caller sees begin: as .local */
	u8 told;		/* of them, those where it is told so at once */
	tcphs_emit_t *emit;
};

/*
 * Whether a segment that leaves and arrives has to be given to
 * tcphs_flow_step() at both places. Data and ACKs change no state of their
 * sender's: where they arrive is soon enough.
 */
static inline bool tcphs_seg_is_split(const struct tcphs_seg *seg)
{
	return seg->flags & (TCPHS_SYN | TCPHS_FIN | TCPHS_RST);
}

/**
 * tcphs_flow_init() - begin a connection with its first segment
 * @flow: to be filled; the segment still has to be given to tcphs_flow_step()
 * @tuple: of that packet, source first
 * @seg: that segment
 * @local: bit 0: the source's socket is here; bit 1: the destination's
 * @id: its number
 *
 * Roles: who sends a SYN is the client, who sends a SYN-ACK the server; of
 * neither, the end with the higher port is the client.
 *
 * Context: any. Return: TCPHS_R_USED, or TCPHS_R_STRAY, TCPHS_R_BAD_FLAGS if
 * no connection begins with such a segment: @flow is then untouched.
 */
enum tcphs_reason tcphs_flow_init(struct tcphs_flow *flow,
				  const struct tcphs_tuple *tuple,
				  const struct tcphs_seg *seg, u8 local, u64 id);

/**
 * tcphs_flow_match() - whose segment a packet is
 * @flow: a connection
 * @tuple: of a packet, source first
 *
 * Context: any. Return: the side that sent it, TCPHS_NOBODY if it is not of
 * this connection.
 */
unsigned int tcphs_flow_match(const struct tcphs_flow *flow,
			      const struct tcphs_tuple *tuple);

/**
 * tcphs_flow_succeeds() - whether a segment opens a new connection on the tuple
 * @flow: the connection so far
 * @from: side that sent @seg
 * @seg: the segment
 *
 * A SYN after both ends closed, after a reset, or one that a TIME_WAIT yields
 * to (RFC 9293 3.10.7.4, RFC 6191: newer by number or timestamp). If so the
 * caller ends this flow with tcphs_flow_yield(), begins another that takes over
 * by tcphs_flow_inherit(), and steps that.
 */
bool tcphs_flow_succeeds(const struct tcphs_flow *flow, unsigned int from,
			 const struct tcphs_seg *seg);

/**
 * tcphs_flow_waits_for() - whether only the host's own socket can let it succeed
 * @flow: the connection, of which tcphs_flow_succeeds() is true
 * @from: side that sent the SYN
 *
 * Return: true if the other end's socket was seen in TIME_WAIT: it will be seen
 * to go, by tcphs_flow_disarmed(), if the SYN takes its place.
 */
bool tcphs_flow_waits_for(const struct tcphs_flow *flow, unsigned int from);

/**
 * tcphs_flow_yield() - end the record for another on the same tuple
 * @flow: the connection
 * @from: side whose SYN opens the other
 * @seen_ns: when its latest segment came
 * @step: as for tcphs_flow_end()
 */
void tcphs_flow_yield(struct tcphs_flow *flow, unsigned int from, u64 seen_ns,
		      struct tcphs_step *step);

/**
 * tcphs_flow_inherit() - take over what the connection before knows of a SYN
 * @flow: begun by tcphs_flow_init(), with a rest if @before had one
 * @before: the connection that yielded to it
 * @seg: the SYN
 *
 * If it came in vain before, its sender has waited since: it will be told.
 */
void tcphs_flow_inherit(struct tcphs_flow *flow, const struct tcphs_flow *before,
			const struct tcphs_seg *seg);

/**
 * tcphs_flow_quick() - take a segment that changes nothing but numbers
 * @flow: the connection
 * @from: side that sent @seg
 * @seg: the segment
 *
 * In-order data and ACKs while both ends are ESTABLISHED: the same effect as
 * tcphs_flow_step(), which emits nothing then, without a clock.
 *
 * Context: any; the caller serialises access to @flow.
 * Return: whether it was taken; if not, nothing was changed.
 */
bool tcphs_flow_quick(struct tcphs_flow *flow, unsigned int from,
		      const struct tcphs_seg *seg);

/**
 * tcphs_flow_step() - take a segment
 * @flow: the connection
 * @from: side that sent @seg
 * @seg: the segment
 * @step: time, place and where events go; @step->now_ns is raised where it is
 *	  not after the connection's latest event
 *
 * Context: any; the caller serialises access to @flow.
 * Return: TCPHS_R_USED, or the reason for which it moved nothing:
 * TCPHS_R_NO_MEMORY if tcphs_flow_lacks_rest().
 */
enum tcphs_reason tcphs_flow_step(struct tcphs_flow *flow, unsigned int from,
				  const struct tcphs_seg *seg,
				  struct tcphs_step *step);

/**
 * tcphs_flow_walk() - the same, by all the rules one after the other
 * @flow: as for tcphs_flow_step(), and all the others
 *
 * What that takes in a straight line because everybody expects it has the same
 * effect here: for who compares the two.
 */
tcphs_apart enum tcphs_reason tcphs_flow_walk(struct tcphs_flow *flow,
					      unsigned int from,
					      const struct tcphs_seg *seg,
					      struct tcphs_step *step);

/**
 * tcphs_flow_quiet() - take a segment that is expected and tells nothing
 * @flow: the connection
 * @from: side that sent @seg
 * @seg: the segment
 * @pass: where it is seen
 *
 * What tcphs_flow_quick() leaves: each end's first data and ACK, all that moves
 * no end while they close, a SYN that arrives as it was seen to leave. The same
 * effect as tcphs_flow_step(), without a clock.
 *
 * Context: any; the caller serialises access to @flow.
 * Return: whether it was taken; if not, nothing was changed.
 */
bool tcphs_flow_quiet(struct tcphs_flow *flow, unsigned int from,
		      const struct tcphs_seg *seg, enum tcphs_pass pass);

/**
 * tcphs_flow_damaged() - note a segment whose checksum is bad
 * @flow: the connection that it names
 * @from: side whose addresses it bears
 *
 * For the history alone: nothing else of such a segment is to be believed. Not
 * noted of a connection without a rest.
 *
 * Context: any; the caller serialises access to @flow.
 */
void tcphs_flow_damaged(struct tcphs_flow *flow, unsigned int from);

/* Room for the letters of the longest history and its end. */
#define TCPHS_HISTORY_TEXT	25

/**
 * tcphs_flow_history() - the connection in letters, as Zeek writes them
 * @flow: the connection
 * @buf: TCPHS_HISTORY_TEXT bytes
 *
 * Context: any; the caller serialises access to @flow. Return: @buf.
 */
char *tcphs_flow_history(const struct tcphs_flow *flow, char *buf);

/**
 * tcphs_flow_conn_state() - the connection in a word, as Zeek defines them
 * @flow: the connection; at its end, as later segments may still change it
 *
 * Context: any; the caller serialises access to @flow.
 * Return: not TCPHS_CS_NONE.
 */
enum tcphs_conn_state tcphs_flow_conn_state(const struct tcphs_flow *flow);

/**
 * tcphs_flow_deadline() - when the flow next wants tcphs_flow_timer()
 * @flow: the connection
 * @seen_ns: when its latest segment came
 *
 * Return: that moment, on the clock of @seen_ns.
 */
u64 tcphs_flow_deadline(const struct tcphs_flow *flow, u64 seen_ns);

/**
 * tcphs_flow_timer() - let time pass
 * @flow: the connection
 * @seen_ns: when its latest segment came
 * @step: its now_ns is the time
 *
 * Ends modelled TIME_WAITs that are over. Return: true if the record is to be
 * removed; its TCPHS_EV_CONNECTION has then been emitted.
 */
bool tcphs_flow_timer(struct tcphs_flow *flow, u64 seen_ns,
		      struct tcphs_step *step);

/**
 * tcphs_flow_socket() - take a look at a local end's socket for its word
 * @flow: the connection, with a rest
 * @side: the end whose socket it is
 * @state: the socket's, TCPHS_CLOSE where there is none
 * @step: its now_ns is the time
 *
 * What a socket does without a segment shows itself only so: it was given up,
 * or timed out; or it did not take the ACK that passed its door, and its
 * listener still waits for one (a full accept queue, TCP_DEFER_ACCEPT).
 *
 * Context: any; the caller serialises access to @flow. The flow has not been
 * stepped since the look.
 */
void tcphs_flow_socket(struct tcphs_flow *flow, unsigned int side,
		       unsigned int state, struct tcphs_step *step);

/**
 * tcphs_flow_armed() - a local end's small socket was seen to wait, or to wait anew
 * @flow: the connection
 * @side: the end
 * @substate: TCPHS_TIME_WAIT, or TCPHS_FIN_WAIT2 if its process has gone and the
 *	      peer's FIN has not come: Linux holds both in the same kind of socket
 * @when_ns: when it began to wait; of a socket that is known: not used
 * @until_ns: when its timer should run out
 * @step: its now_ns is the time
 *
 * From now on the host's socket tells when TIME_WAIT begins again and ends, not
 * segments and not 2 MSL; of an end in @step->watched for as long as it takes.
 * Context: any; the caller serialises access to @flow.
 */
void tcphs_flow_armed(struct tcphs_flow *flow, unsigned int side,
		      unsigned int substate, u64 when_ns, u64 until_ns,
		      struct tcphs_step *step);

/* How a small socket ended. */
struct tcphs_tw_gone {
	u8 end;			/* enum tcphs_tw_end, and cause, if no segment says more */
	u8 cause;		/* enum tcphs_tw_cause */
	u64 when_ns;
	u64 error_ns;		/* as in struct tcphs_ev_timewait; TCPHS_NS_NONE: modelled */
};

/**
 * tcphs_flow_disarmed() - a local end's small socket was seen to go
 * @flow: the connection; ignored if no socket of its was seen
 * @side: the end
 * @gone: how. TCPHS_TW_NEVER: there was none in TIME_WAIT. One that ended early
 *	  was ended by a segment, if that came just before
 * @step: its now_ns is the time
 *
 * Context: any; the caller serialises access to @flow.
 */
void tcphs_flow_disarmed(struct tcphs_flow *flow, unsigned int side,
			 const struct tcphs_tw_gone *gone,
			 struct tcphs_step *step);

/**
 * tcphs_flow_end() - end the record
 * @flow: the connection; it takes no more segments
 * @why: what to say where the segments did not tell the close:
 *	 TCPHS_CLOSE_OPEN (the input ended, the namespace went),
 *	 TCPHS_CLOSE_EVICTED, TCPHS_CLOSE_TIMEOUT
 * @seen_ns: when its latest segment came
 * @tw_end: how a TIME_WAIT that still runs has ended, enum tcphs_tw_end;
 *	    TCPHS_TW_END_NONE leaves it running
 * @step: where TCPHS_EV_CONNECTION goes; once in a flow's life
 */
void tcphs_flow_end(struct tcphs_flow *flow, unsigned int why,
		    unsigned int tw_end, u64 seen_ns, struct tcphs_step *step);

/**
 * tcphs_flow_is_half_open() - whether only one end is known to take part
 * @flow: the connection
 *
 * Anybody can make such a connection with forged segments: it gives way to
 * others when the table is full. Return: true until both ends have sent a
 * segment that answers one of the other's.
 */
bool tcphs_flow_is_half_open(const struct tcphs_flow *flow);

/* Whether both ends are done: only stragglers can come. */
static inline bool tcphs_flow_is_closed(const struct tcphs_flow *flow)
{
	return flow->end[TCPHS_CLIENT].state == TCPHS_CLOSE &&
	       flow->end[TCPHS_SERVER].state == TCPHS_CLOSE;
}

/* An end that never sent anything has nothing left to send. */
static inline bool tcphs_end_is_done(const struct tcphs_end *end)
{
	return end->state == TCPHS_CLOSE || end->state == TCPHS_TIME_WAIT ||
	       !(end->bits & TCPHS_END_SEEN);
}

/* Whether neither end has anything left to send; one may be in TIME_WAIT. */
static inline bool tcphs_flow_is_done(const struct tcphs_flow *flow)
{
	return tcphs_end_is_done(&flow->end[TCPHS_CLIENT]) &&
	       tcphs_end_is_done(&flow->end[TCPHS_SERVER]);
}

#endif /* TCPHS_CORE_FLOW_H */
