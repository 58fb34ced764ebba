/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two TCP endpoints written from RFC 9293 section 3.10, a network that loses,
 * doubles and reorders what it carries, and the engine itself looking on.
 * Must not know how the engine comes to what it shows.
 *
 * The engine is module/core as the kernel has it, linked into the verifier:
 * observer.c hands it each segment that passes. All bounds are macros, given
 * by tests/model/run; what is left out there is left out here.
 *
 * What is proved, in every state that can be reached:
 *
 * P1	The observer never shows both ends closed (CLOSE or TIME_WAIT) while
 *	both can still exchange data.
 *
 * P2	Within one record a state never goes back: from TIME_WAIT not to
 *	ESTABLISHED, nor any other to one that comes before it. The exceptions
 *	are the corrections of Documentation/states.md, never on a local side.
 *
 * P3	The observer is never further behind, or ahead, than the segments that
 *	are still under way:
 *	- a local side is shown as it is, always (over loopback: once all that
 *	  it has sent has arrived; where several pieces came out of turn, until it
 *	  has acknowledged them);
 *	- another is shown in an earlier state than it is in only while an ACK
 *	  that it owes, or a segment of its own, has not reached the observer;
 *	- or, once it was corrected because it repeated something whose ACK was
 *	  late rather than lost, while the answer to the repetition has not
 *	  reached the observer;
 *	- or while the peer's FIN, or what stands before it, is on its way to it
 *	  (or was lost there), and the ACK of its own FIN stands behind that;
 *	- and in a later one only while a segment that the observer has seen is
 *	  still on its way to it, or was lost there.
 *
 * P4	Once nothing is under way and nobody has anything left to repeat, both
 *	sides are shown as they are, whatever was lost before. Left out are a RST,
 *	which nobody acknowledges, and a correction whose answer was lost.
 *
 * What passes the observer and tells it nothing counts as lost before it:
 *	- data that its receiver has acknowledged before, all of it: what it
 *	  acknowledges is not believed of its sender either;
 *	- a FIN that overtook the SYN-ACK: its receiver drops it too;
 *	- a RST that is not exact (RFC 5961 3);
 *	- a RST that refuses a remote end's SYN after a SYN-ACK has passed, unless
 *	  that end has repeated its SYN since: which of both it got is not known.
 *
 * What arrives and is not taken counts as lost behind it: in SYN_SENT all but SYN
 * and RST, a RST that is not exact, the ACK in data that was acknowledged before.
 *
 * A FIN that was sent before its sender took the peer's, and of which only copies
 * that acknowledge that one passed, may be shown as sent afterwards (IS_UNCLEAR).
 */

#include "states.h"		/* enum tcphs_state, made by tests/model/run */

#ifndef HERE
#define HERE		0	/* bit 0: the client's host has the observer, bit 1: the server's */
#endif
#ifndef ROOM
#define ROOM		2	/* segments that a leg of the way can hold */
#endif
#ifndef DATA
#define DATA		1	/* segments of data that each end may send */
#endif
#ifndef LOSS
#define LOSS		0	/* on which legs, bit 0: before the observer, bit 1: behind */
#endif
#ifndef DOUBLE
#define DOUBLE		0
#endif
#ifndef MIX
#define MIX		0
#endif

#define UNIT		4	/* bytes of a segment of data: more than a keep-alive's */

/* A segment in one number, 0: none. */
#define FIN		1
#define SYN		2
#define RST		4
#define ACK		8
#define PACK(f, s, a, l)	((f) | (s) << 4 | (a) << 8 | (l) << 12)

/*
 * The way from x to the other end has two legs: before the observer and behind
 * it. Where an end is local, the leg between it and the observer has no length.
 */
#define BEFORE(x)	(2 * (x))
#define BEHIND(x)	(2 * (x) + 1)
#define IS_LOCAL(x)	((HERE >> (x)) & 1)
#define LOOPBACK	(HERE == 3)
#define LEGS(set, h)	(((set) >> ((h) & 1)) & 1)
#define AT(h, i)	way[(h) * ROOM + (i)]
#define IS_CLEAR(h)	(AT(h, 0) == 0)
#define IS_FULL(h)	(!LEGS(LOSS, h) && AT(h, ROOM - 1) != 0)
#define ALL_CLEAR	(IS_CLEAR(0) && IS_CLEAR(1) && IS_CLEAR(2) && IS_CLEAR(3))

short way[4 * ROOM];

/* All numbers count from the ISN: the SYN is 0, data begins at 1. */
typedef End {
	byte state;
	byte una;		/* SND.UNA */
	byte nxt;		/* SND.NXT; 0: has not opened */
	byte sent;		/* segments of data */
	byte rcv;		/* RCV.NXT; 0: has no SYN */
	byte acked;		/* what its latest segment acknowledged */
	byte held;		/* bit n: segment n of data came before its turn */
	byte fin_at;		/* where the peer's FIN stands, came it early; 0: not */
	bool owes;		/* an ACK */
};

End end[2];			/* client, server */

byte shown[2];			/* what the observer says of them */
bool missed_before[2];		/* something that x sent was lost before the observer */
bool missed_behind[2];		/* something on its way to x was lost behind it */
bool is_corrected[2];		/* and has not got the answer since */
bool is_late_fin[2];		/* see IS_UNCLEAR */
bool is_answered[2];		/* a SYN-ACK to x, remote, has passed, and no SYN of x's since */
bool is_reset;			/* a RST was sent */
bool is_over;			/* the record has ended: a new one is not followed */

/* The segment at hand and the answer to it: they live for one step. */
hidden byte from, to;
hidden byte s_flags, s_seq, s_ack, s_data;
hidden byte a_flags, a_seq, a_ack;
hidden byte after;
hidden byte is_leaving;		/* at its sender's door */
hidden byte rank[2], shown_rank[2];	/* how far in its life */
hidden short n, carried;

#define S_END	(s_seq + s_data * UNIT + ((s_flags & SYN) -> 1 : 0) + ((s_flags & FIN) -> 1 : 0))
#define HAS_SENT_FIN(x)	(end[x].nxt > 1 + end[x].sent * UNIT)

/*
 * x has sent its FIN before it took the peer's, but of the copies that say so none
 * reached the observer: the first one that did acknowledges the peer's. Nothing
 * tells that from a FIN that was sent afterwards.
 */
#define IS_CROSSING(x)	(end[x].state == CLOSING || end[x].state == TIME_WAIT)
#define IS_SHOWN_CLOSING(x)	(shown[x] != STATE_UNKNOWN && shown[x] != SYN_SENT && \
				 shown[x] != SYN_RECV && shown[x] != ESTABLISHED && \
				 shown[x] != CLOSE_WAIT)
#define IS_UNCLEAR(x)	(is_late_fin[x] && \
			 ((shown[x] == LAST_ACK && IS_CROSSING(x)) || \
			  (shown[x] == CLOSE && end[x].state == TIME_WAIT)))

c_decl {
	\#include "observer.h"
}
c_track "&observer_flow" "sizeof(observer_flow)"
c_track "&observer_rest" "sizeof(observer_rest)"
c_track "observer_corrected" "sizeof(observer_corrected)"

/* The ways */

inline put(h)
{
	carried = PACK(s_flags, s_seq, s_ack, s_data);
	if
	:: AT(h, ROOM - 1) != 0 ->	/* only where segments can be lost */
		assert(LEGS(LOSS, h));
		lose_on(h)
	:: else ->
		n = ROOM - 1;
		do
		:: n > 0 && (AT(h, n - 1) == 0 || (LEGS(MIX, h) && AT(h, n - 1) > carried)) ->
			AT(h, n) = AT(h, n - 1);
			n--
		:: else -> break
		od;
		AT(h, n) = carried
	fi;
	n = 0;
	carried = 0
}

inline lose_on(h)
{
	if
	:: ((h) & 1) == 0 -> missed_before[(h) / 2] = 1
	:: else -> missed_behind[1 - (h) / 2] = 1
	fi
}

/* The segment at h, i into the registers. */
inline look_at(h, i)
{
	from = (h) / 2;
	to = 1 - from;
	s_flags = AT(h, i) & 15;
	s_seq = (AT(h, i) >> 4) & 15;
	s_ack = (AT(h, i) >> 8) & 15;
	s_data = AT(h, i) >> 12
}

inline take_off(h, i)
{
	n = i;
	do
	:: n < ROOM - 1 -> AT(h, n) = AT(h, n + 1); n++
	:: else -> break
	od;
	AT(h, ROOM - 1) = 0;
	n = 0
}

inline observe(leaves)
{
	is_leaving = leaves;
	if
	:: (s_flags & FIN) && HAS_SENT_FIN(to) && s_ack == end[to].nxt && IS_CROSSING(from) &&
	   !IS_SHOWN_CLOSING(from) ->
		is_late_fin[from] = 1
	:: else
	fi;
	if	/* all acknowledged before: the engine looks no further, nor does its receiver */
	:: s_data && S_END < end[to].acked -> missed_before[from] = 1
	:: else
	fi;
	if	/* it overtook the SYN-ACK: its receiver drops it too */
	:: (s_flags & FIN) && shown[from] == STATE_UNKNOWN -> missed_before[from] = 1
	:: else
	fi;
	if
	:: !is_over ->
		c_code {
			now.is_over = observer_see(is_leaving, from, s_flags, s_seq, s_ack, s_data);
			now.shown[0] = observer_shown(0);
			now.shown[1] = observer_shown(1);
			now.is_corrected[0] = observer_is_corrected(0);
			now.is_corrected[1] = observer_is_corrected(1);
		}
	:: else
	fi;
	if	/* the SYN was answered, and is refused: which came first is not known */
	:: (s_flags & RST) && s_seq == 0 && is_answered[to] && shown[to] == SYN_SENT ->
		missed_before[to] = 1
	:: else
	fi;
	if
	:: (s_flags & SYN) && (s_flags & ACK) && !IS_LOCAL(to) -> is_answered[to] = 1
	:: (s_flags & SYN) && !(s_flags & ACK) -> is_answered[from] = 0
	:: else
	fi;
	if	/* a RST that is not exact counts for nobody: RFC 5961 3 */
	:: (s_flags & RST) && shown[from] != CLOSE -> missed_before[from] = 1
	:: else
	fi
}

/* x sends what is in the registers. */
inline send_from(x)
{
	from = x;
	to = 1 - (x);
	if
	:: s_flags & ACK -> end[x].acked = s_ack; end[x].owes = 0
	:: else
	fi;
	if
	:: s_flags & RST -> is_reset = 1
	:: else
	fi;
	if
	:: IS_LOCAL(x) && !LOOPBACK -> observe(1); put(BEHIND(x))
	:: LOOPBACK -> observe(1); put(BEFORE(x))
	:: else -> put(BEFORE(x))
	fi
}

inline fill(flags, seq, ack, data)
{
	s_flags = flags;
	s_seq = seq;
	s_ack = ack;
	s_data = data
}

/* The endpoints: 3.10.7 */

inline answer(flags, seq, ack)
{
	a_flags = flags;
	a_seq = seq;
	a_ack = ack
}

inline answer_ack()
{
	answer(ACK, end[to].nxt, end[to].rcv)
}

/* Nothing is left: neither to repeat, nor to acknowledge. */
inline close_down(x)
{
	end[x].state = CLOSE;
	end[x].una = end[x].nxt;
	end[x].held = 0;
	end[x].fin_at = 0;
	end[x].owes = 0
}

/* 3.10.7.1: the answer of no connection */
inline refuse()
{
	if
	:: s_flags & RST -> skip
	:: else ->
		if
		:: s_flags & ACK -> answer(RST, s_ack, 0)
		:: else -> answer(RST | ACK, 0, S_END)
		fi
	fi
}

/* 3.10.7.2 */
inline receive_in_listen()
{
	if
	:: s_flags & RST -> skip
	:: !(s_flags & RST) && (s_flags & ACK) -> refuse()
	:: !(s_flags & RST) && !(s_flags & ACK) && (s_flags & SYN) ->
		end[to].state = SYN_RECV;
		end[to].rcv = 1;
		end[to].nxt = 1;
		answer(SYN | ACK, 0, 1)
	:: else
	fi
}

/* 3.10.7.3 */
inline receive_in_syn_sent()
{
	if
	:: (s_flags & ACK) && s_ack != 1 -> refuse()
	:: (!(s_flags & ACK) || s_ack == 1) && (s_flags & RST) ->
		if
		:: s_flags & ACK -> close_down(to)
		:: else
		fi
	:: (!(s_flags & ACK) || s_ack == 1) && !(s_flags & RST) && (s_flags & SYN) ->
		end[to].rcv = 1;
		if
		:: s_flags & ACK ->
			end[to].una = 1;
			end[to].state = ESTABLISHED;
			answer_ack()
		:: else ->
			end[to].state = SYN_RECV;
			answer(SYN | ACK, 0, 1)
		fi
	:: else ->
		missed_behind[to] = 1	/* dropped: fifth */
	fi
}

/* After the highest that came early: the end of its last SACK block. */
#define HELD_END	((end[to].fin_at -> end[to].fin_at + 1 : \
			 1 + UNIT + ((end[to].held & 2) -> UNIT : 0)))

/* 3.10.7.4, second, with RFC 5961; behind what is held: tcp_validate_incoming() */
inline receive_rst()
{
	if
	:: s_seq == end[to].rcv ||
	   ((end[to].held || end[to].fin_at) && s_seq == HELD_END) ->
		close_down(to)
	:: else ->
		missed_behind[to] = 1;	/* not taken: as good as lost */
		if
		:: s_seq >= end[to].acked -> answer_ack()
		:: else
		fi
	fi
}

/* 3.10.7.4, fifth */
inline take_ack()
{
	if
	:: s_ack > end[to].una && s_ack <= end[to].nxt -> end[to].una = s_ack
	:: else
	fi;
	if
	:: end[to].state == SYN_RECV && end[to].una > 0 -> end[to].state = ESTABLISHED
	:: else
	fi;
	if
	:: HAS_SENT_FIN(to) && end[to].una == end[to].nxt ->
		if
		:: end[to].state == FIN_WAIT1 -> end[to].state = FIN_WAIT2
		:: end[to].state == CLOSING -> end[to].state = TIME_WAIT
		:: end[to].state == LAST_ACK -> close_down(to)
		:: else
		fi
	:: else
	fi
}

/* 3.10.7.4, eighth: the FIN has been reached. */
inline take_fin()
{
	if
	:: end[to].state == SYN_RECV || end[to].state == ESTABLISHED ->
		end[to].state = CLOSE_WAIT
	:: end[to].state == FIN_WAIT1 -> end[to].state = CLOSING
	:: end[to].state == FIN_WAIT2 -> end[to].state = TIME_WAIT
	:: else
	fi
}

/* 3.10.7.4, seventh and eighth; what comes early is held */
inline take_text()
{
	if
	:: s_data && s_seq >= end[to].rcv ->
		end[to].held = end[to].held | (1 << ((s_seq - 1) / UNIT))
	:: else
	fi;
	if
	:: (s_flags & FIN) && s_seq + s_data * UNIT >= end[to].rcv ->
		end[to].fin_at = s_seq + s_data * UNIT
	:: else
	fi;
	if
	:: s_data || (s_flags & FIN) -> end[to].owes = 1
	:: else
	fi;
	do
	:: end[to].held & (1 << ((end[to].rcv - 1) / UNIT)) ->
		end[to].held = end[to].held & ~(1 << ((end[to].rcv - 1) / UNIT));
		end[to].rcv = end[to].rcv + UNIT
	:: else -> break
	od;
	if
	:: end[to].fin_at && end[to].fin_at == end[to].rcv ->
		end[to].rcv++;
		end[to].fin_at = 0;
		take_fin()
	:: else
	fi
}

/* 3.10.7.4; acceptable as in Linux: what was acknowledged is the left edge */
inline receive_synchronized()
{
	if
	:: (s_flags & RST) && s_seq + 1 == end[to].rcv &&
	   (end[to].state == CLOSE_WAIT || end[to].state == LAST_ACK ||
	    end[to].state == CLOSING) ->
		close_down(to)		/* at its FIN: tcp_reset_check() */
	:: else ->
	if
	:: S_END < end[to].acked ->
		if
		:: s_flags & RST -> missed_behind[to] = 1
		:: else ->
			answer_ack();
			if	/* not looked at further: as good as lost */
			:: s_ack > end[to].una -> missed_behind[to] = 1
			:: else
			fi
		fi
	:: S_END >= end[to].acked && (s_flags & RST) -> receive_rst()
	:: S_END >= end[to].acked && !(s_flags & RST) && (s_flags & SYN) &&
	   !(end[to].state == SYN_RECV && (s_flags & ACK) && s_ack == 1) ->
		answer_ack()		/* challenge, RFC 5961 4 */
	:: else ->
		if
		:: end[to].state == SYN_RECV && s_ack == 0 -> answer(RST, s_ack, 0)
		:: else ->
			take_ack();
			if
			:: end[to].state != CLOSE && !(s_flags & SYN) -> take_text()
			:: end[to].state != CLOSE && (s_flags & SYN) -> end[to].owes = 1
			:: else
			fi
		fi
	fi
	fi
}

inline receive()
{
	if
	:: end[to].state == CLOSE -> refuse()
	:: end[to].state == LISTEN -> receive_in_listen()
	:: end[to].state == SYN_SENT -> receive_in_syn_sent()
	:: else -> receive_synchronized()
	fi;
	if
	:: a_flags ->
		after = to;
		fill(a_flags, a_seq, a_ack, 0);
		send_from(after)
	:: else
	fi
}

/* A segment gets to the end of its leg. */
inline arrive(h)
{
	if
	:: ((h) & 1) == 0 ->
		observe(0);
		if
		:: IS_LOCAL(1 - (h) / 2) -> receive()
		:: else -> put(BEHIND((h) / 2))
		fi
	:: else -> receive()
	fi
}

/* The user's calls, 3.10.1 to 3.10.5, and the timer */

/* Where nothing is lost, who finds no room waits. */
#define CAN_SEND(x)	((IS_LOCAL(x) && !LOOPBACK && !IS_FULL(BEHIND(x))) || \
			 (!(IS_LOCAL(x) && !LOOPBACK) && !IS_FULL(BEFORE(x))))
/* It gets to the other end, which may answer, or to the leg behind. */
#define CAN_ARRIVE(h)	((((h) & 1 || IS_LOCAL(1 - (h) / 2)) && CAN_SEND(1 - (h) / 2)) || \
			 (!((h) & 1 || IS_LOCAL(1 - (h) / 2)) && !IS_FULL((h) | 1)))
#define CAN_MOVE(h)	(!IS_CLEAR(h) && (LEGS(LOSS, h) || CAN_ARRIVE(h)))
#define IS_OPEN(x)	(end[x].state == ESTABLISHED || end[x].state == CLOSE_WAIT)
#ifdef EARLY_CLOSE		/* 3.10.4: also before the ACK of its SYN */
#define CAN_CLOSE(x)	(IS_OPEN(x) || end[x].state == SYN_RECV)
#else
#define CAN_CLOSE(x)	IS_OPEN(x)
#endif
#define CAN_WRITE(x)	(IS_OPEN(x) && end[x].sent < DATA)
#ifdef ABORT
#define CAN_ABORT(x)	(IS_OPEN(x) || end[x].state == SYN_RECV || \
			 end[x].state == FIN_WAIT1 || end[x].state == FIN_WAIT2)
#else
#define CAN_ABORT(x)	false
#endif
#define HAS_UNACKED(x)	(end[x].una < end[x].nxt && end[x].state != CLOSE && end[x].state != LISTEN)
#define IS_WAITING(x)	(end[x].state == TIME_WAIT || shown[x] == TIME_WAIT)
#define IS_QUIET	(ALL_CLEAR && !end[0].owes && !end[1].owes)
#define IS_SETTLED	(IS_QUIET && !HAS_UNACKED(0) && !HAS_UNACKED(1))

inline open(x)
{
	end[x].state = SYN_SENT;
	end[x].nxt = 1;
	fill(SYN, 0, 0, 0);
	send_from(x)
}

inline write(x)
{
	fill(ACK, end[x].nxt, end[x].rcv, 1);
	end[x].nxt = end[x].nxt + UNIT;
	end[x].sent++;
	send_from(x)
}

/* FIN, alone or with data. */
inline close(x, data)
{
	fill(FIN | ACK, end[x].nxt, end[x].rcv, data);
	end[x].sent = end[x].sent + data;
	end[x].nxt = end[x].nxt + data * UNIT + 1;
	if
	:: end[x].state == CLOSE_WAIT -> end[x].state = LAST_ACK
	:: else -> end[x].state = FIN_WAIT1
	fi;
	send_from(x)
}

inline abort(x)
{
	fill(RST | ACK, end[x].nxt, end[x].rcv, 0);
	close_down(x);
	send_from(x)
}

/* 3.8.1: the first that is unacknowledged, with the FIN if it stands behind it */
inline repeat(x)
{
	if
	:: end[x].una == 0 && end[x].rcv == 0 -> fill(SYN, 0, 0, 0)
	:: end[x].una == 0 && end[x].rcv > 0 -> fill(SYN | ACK, 0, end[x].rcv, 0)
	:: else ->
		fill(ACK, end[x].una, end[x].rcv, 0);
		if
		:: end[x].una < 1 + end[x].sent * UNIT -> s_data = 1
		:: else
		fi;
		if
		:: HAS_SENT_FIN(x) && end[x].una + s_data * UNIT + 1 == end[x].nxt ->
			s_flags = FIN | ACK
		:: else
		fi
	fi;
	send_from(x)
}

/* 2 MSL are over: longer than anything is under way or waits to be repeated. */
inline wait_over()
{
	if
	:: end[0].state == TIME_WAIT -> close_down(0)
	:: else
	fi;
	if
	:: end[1].state == TIME_WAIT -> close_down(1)
	:: else
	fi;
	if
	:: !is_over ->
		c_code {
			observer_wait();
			now.shown[0] = observer_shown(0);
			now.shown[1] = observer_shown(1);
		}
	:: else
	fi
}

/* The properties */

/* Nothing of the connection that is shown is at x: nothing, or not yet. */
#define IS_RIGHT(x)	(shown[x] == end[x].state || \
			 (shown[x] == STATE_UNKNOWN && end[x].nxt == 0) || \
			 (shown[x] == CLOSE && end[x].state == LISTEN) || \
			 IS_UNCLEAR(x))
#define IS_BEHIND(x)	(shown_rank[x] <= rank[x])
#define IS_AHEAD(x)	(shown_rank[x] >= rank[x])
#define IS_EXCHANGING(x)	(end[x].state == ESTABLISHED || end[x].state == FIN_WAIT1 || \
				 end[x].state == FIN_WAIT2 || end[x].state == CLOSE_WAIT)
#define IS_SHOWN_CLOSED(x)	(shown[x] == CLOSE || shown[x] == TIME_WAIT)

/* What may still tell the observer of x's state; what may still move x to it. */
#define IS_UNTOLD(x)	(!IS_CLEAR(BEFORE(x)) || missed_before[x] || end[x].owes)
#define IS_UNMOVED(x)	(!IS_CLEAR(BEHIND(1 - (x))) || missed_behind[x])
/* What may still answer the repetition. */
#define IS_LOST_ANSWER(x)	(missed_behind[1 - (x)] || missed_before[1 - (x)])
#define IS_UNANSWERED(x)	(is_corrected[x] && \
				 (!IS_CLEAR(BEHIND(x)) || !IS_CLEAR(BEFORE(1 - (x))) || \
				  end[1 - (x)].owes || IS_LOST_ANSWER(x)))

/* An ACK from behind a FIN counts when that FIN is taken: which is under way. */
#define IS_BEHIND_FIN(x)	(HAS_SENT_FIN(1 - (x)) && end[x].state == FIN_WAIT2 && \
				 shown[x] == FIN_WAIT1 && \
				 (IS_UNMOVED(x) || missed_before[1 - (x)]))

#define P1	(!(IS_SHOWN_CLOSED(0) && IS_SHOWN_CLOSED(1) && \
		   IS_EXCHANGING(0) && IS_EXCHANGING(1)))
#define P2	c_expr { !observer_went_back }
/* Of several pieces that come out of turn the engine keeps no list: its ACK tells. */
#define IS_PIECED(x)	(DATA > 1 && IS_BEHIND(x) && end[x].owes)
#define P3_LOCAL(x)	(IS_RIGHT(x) || IS_PIECED(x) || (LOOPBACK && !IS_CLEAR(BEFORE(x))))
/* Where neither state comes before the other, either will do. */
#define P3_REMOTE(x)	(IS_RIGHT(x) || (IS_AHEAD(x) && IS_UNMOVED(x)) || \
			 (IS_BEHIND(x) && (IS_UNTOLD(x) || IS_UNANSWERED(x) || \
					    IS_BEHIND_FIN(x))))
#define P3(x)	((IS_LOCAL(x) && P3_LOCAL(x)) || (!IS_LOCAL(x) && P3_REMOTE(x)))
#define P4(x)	(!IS_SETTLED || is_reset || IS_RIGHT(x) || \
		 (is_corrected[x] && IS_LOST_ANSWER(x)))

#ifndef ONLY
#define ONLY 15
#endif

/* At the end of each step. */
inline judge()
{
	c_code {
		rank[0] = observer_rank(now.end[0].state);
		rank[1] = observer_rank(now.end[1].state);
		shown_rank[0] = observer_rank(now.shown[0]);
		shown_rank[1] = observer_rank(now.shown[1]);
		observer_note(now.end[0].state, now.end[1].state);
	}
	if
	:: !is_over ->
		if
		:: ONLY & 1 -> assert(P1)
		:: else
		fi;
		if
		:: ONLY & 2 -> assert(P2)
		:: else
		fi;
		if
		:: ONLY & 4 -> assert(P3(0)); assert(P3(1))
		:: else
		fi;
		if
		:: ONLY & 8 -> assert(P4(0)); assert(P4(1))
		:: else
		fi
	:: else
	fi;
	if
	:: IS_SETTLED && IS_RIGHT(0) && IS_RIGHT(1) && !is_corrected[0] && !is_corrected[1] ->
		/* all that was lost has come again */
		missed_before[0] = 0;
		missed_before[1] = 0;
		missed_behind[0] = 0;
		missed_behind[1] = 0
	:: else
	fi;
	from = 0; to = 0; after = 0;
	fill(0, 0, 0, 0);
	answer(0, 0, 0)
}

#define OWES(x)		end[x].owes
#define EITHER(can)	if \
			:: can(0) && CAN_SEND(0) -> x = 0 \
			:: can(1) && CAN_SEND(1) -> x = 1 \
			fi

active proctype world()
{
	byte x, h, i;

	d_step {
		c_code { observer_begin(HERE); }
		end[0].state = CLOSE;
		end[1].state = CLOSE;
#if defined(SIMULTANEOUS)
		open(0);
		open(1);
#elif defined(REFUSED)
		open(0);
#else
		end[1].state = LISTEN;
		open(0);
#endif
		judge()
	}
end_world:
	do
	:: atomic {
		if	/* any segment that is next, or any at all */
		:: CAN_MOVE(0) -> h = 0
		:: CAN_MOVE(1) -> h = 1
		:: CAN_MOVE(2) -> h = 2
		:: CAN_MOVE(3) -> h = 3
		fi;
		do
		:: LEGS(MIX, h) && i + 1 < ROOM && AT(h, i + 1) != 0 -> i++
		:: break
		od;
		if
		:: CAN_ARRIVE(h) ->
		   d_step { look_at(h, i); take_off(h, i); arrive(h); judge(); h = 0; i = 0 }
		:: LEGS(DOUBLE, h) && CAN_ARRIVE(h) ->
			d_step { look_at(h, i); arrive(h); judge(); h = 0; i = 0 }
		:: LEGS(LOSS, h) ->
			d_step { take_off(h, i); lose_on(h); judge(); h = 0; i = 0 }
		fi
	}
	:: atomic { EITHER(CAN_WRITE); d_step { write(x); judge(); x = 0 } }
	:: atomic { EITHER(CAN_CLOSE); d_step { close(x, 0); judge(); x = 0 } }
#ifdef DATA_WITH_FIN
	:: atomic { EITHER(CAN_WRITE); d_step { close(x, 1); judge(); x = 0 } }
#endif
#ifdef ABORT
	:: atomic { EITHER(CAN_ABORT); d_step { abort(x); judge(); x = 0 } }
#endif
	:: atomic { EITHER(HAS_UNACKED); d_step { repeat(x); judge(); x = 0 } }
	:: atomic {
		EITHER(OWES);
		d_step { fill(ACK, end[x].nxt, end[x].rcv, 0); send_from(x); judge(); x = 0 }
	}
	:: d_step { IS_SETTLED && (IS_WAITING(0) || IS_WAITING(1)) -> wait_over(); judge() }
	:: IS_SETTLED && end[0].state == CLOSE && end[1].state == CLOSE -> break
	od
}
