// SPDX-License-Identifier: GPL-2.0
/*
 * The states of one end and what moves them, as data. Nothing here looks at a
 * sequence number, a clock or the other end.
 *
 * What each state means to an observer, who sees segments and no socket:
 *
 *	-		nothing seen so far proves a state
 *	LISTEN		it answered a SYN, so it must have listened
 *	SYN_SENT	it sent a SYN and has not shown that it got an answer
 *	SYN_RECV	it sent a SYN-ACK whose ACK has not been seen
 *	ESTABLISHED	both SYNs are acknowledged, it has not sent a FIN
 *	FIN_WAIT1	it sent the first FIN, unacknowledged
 *	FIN_WAIT2	its FIN is acknowledged, the peer's is still to come
 *	CLOSING		both FINs crossed, its own is unacknowledged
 *	TIME_WAIT	both FINs are exchanged and it must remember for 2 MSL
 *	CLOSE_WAIT	it took the peer's FIN and has not sent its own
 *	LAST_ACK	it took the peer's FIN and sent its own, unacknowledged
 *	CLOSE		nothing is left of the connection at this end
 *
 * Section numbers without a name are RFC 9293's.
 */
#include "fsm.h"

/* Where a cell leads (the row's own state: nowhere), and why. */
#define GO(state, text)	{ .next = TCPHS_##state, .why = text }

static const char *const event_names[TCPHS_FSM_EVENTS] = {
	[TCPHS_SENT_SYN] = "sent SYN",
	[TCPHS_SENT_SYN_ACK] = "sent SYN-ACK",
	[TCPHS_SENT_DATA] = "sent data or FIN after the peer's data",
	[TCPHS_SENT_FIN] = "sent FIN",
	[TCPHS_CROSSING_FIN] = "sent FIN that crossed the peer's",
	[TCPHS_SENT_RST] = "sent RST",
	[TCPHS_GOT_SYN] = "got SYN",
	[TCPHS_GOT_SYN_ACK] = "got SYN-ACK",
	[TCPHS_GOT_ACK_OF_SYN] = "got ACK of its SYN",
	[TCPHS_GOT_FIN] = "got FIN",
	[TCPHS_GOT_ACK_OF_FIN] = "got ACK of its FIN",
	[TCPHS_GOT_RST] = "got RST",
	[TCPHS_REPEATED_SYN_ACK] = "repeated SYN-ACK",
	[TCPHS_REPEATED_FIN] = "repeated FIN",
	[TCPHS_2MSL_OVER] = "2 MSL over",
	[TCPHS_SOCKET_GONE] = "socket is gone",
	[TCPHS_SOCKET_WAITS] = "socket is a request",
	[TCPHS_SOCKET_OPEN] = "socket is open",
	[TCPHS_SOCKET_TIME_WAIT] = "socket is in TIME_WAIT",
};

static const struct tcphs_cell cells[TCPHS_STATES][TCPHS_FSM_EVENTS] = {
[TCPHS_STATE_UNKNOWN] = {
	[TCPHS_SENT_SYN] = GO(SYN_SENT, "active open, from CLOSE: 3.10.1"),
	[TCPHS_SENT_SYN_ACK] = GO(SYN_RECV, "answers a SYN, so it listened: 3.10.7.2"),
	[TCPHS_SENT_DATA] = GO(ESTABLISHED, "both ends send, so neither has closed: 3.3.2"),
	[TCPHS_SENT_FIN] = GO(STATE_UNKNOWN, "FIN_WAIT1 or LAST_ACK: not seen who closed first"),
	[TCPHS_CROSSING_FIN] = GO(STATE_UNKNOWN, "it was not seen to take the peer's FIN"),
	[TCPHS_SENT_RST] = GO(CLOSE, "aborts, or has no such connection: 3.5.2"),
	[TCPHS_GOT_SYN] = GO(STATE_UNKNOWN, "only its answer shows whether a socket listens"),
	[TCPHS_GOT_SYN_ACK] = GO(ESTABLISHED, "acknowledges the SYN-ACK: 3.10.7.3"),
	[TCPHS_GOT_ACK_OF_SYN] = GO(STATE_UNKNOWN, "its SYN was not seen"),
	[TCPHS_GOT_FIN] = GO(STATE_UNKNOWN, "CLOSE_WAIT, CLOSING or TIME_WAIT: own FIN not seen"),
	[TCPHS_GOT_ACK_OF_FIN] = GO(STATE_UNKNOWN, "FIN_WAIT2, TIME_WAIT or CLOSE: not seen which"),
	[TCPHS_GOT_RST] = GO(CLOSE, "reset in whatever state it was: 3.10.7.4"),
	[TCPHS_REPEATED_SYN_ACK] = GO(STATE_UNKNOWN, "its first was not seen"),
	[TCPHS_REPEATED_FIN] = GO(STATE_UNKNOWN, "what it had reached was not seen"),
	[TCPHS_2MSL_OVER] = GO(STATE_UNKNOWN, "no timer runs"),
	[TCPHS_SOCKET_GONE] = GO(CLOSE, "the host knows nothing of it any more: 3.3.2"),
	[TCPHS_SOCKET_WAITS] = GO(STATE_UNKNOWN, "only its own segments show more"),
	[TCPHS_SOCKET_OPEN] = GO(STATE_UNKNOWN, "only its own segments show more"),
	[TCPHS_SOCKET_TIME_WAIT] = GO(TIME_WAIT, "the host holds it there"),
},
[TCPHS_LISTEN] = {
	[TCPHS_SENT_SYN] = GO(SYN_SENT, "passive open turned active: 3.10.1"),
	[TCPHS_SENT_SYN_ACK] = GO(SYN_RECV, "answers a SYN: 3.10.7.2"),
	[TCPHS_SENT_DATA] = GO(LISTEN, "a listener sends no data"),
	[TCPHS_SENT_FIN] = GO(LISTEN, "a listener has no connection to close"),
	[TCPHS_CROSSING_FIN] = GO(LISTEN, "it was not seen to take the peer's FIN"),
	[TCPHS_SENT_RST] = GO(LISTEN, "answers a stray ACK and goes on listening: 3.10.7.2"),
	[TCPHS_GOT_SYN] = GO(SYN_RECV, "passive open: 3.10.7.2"),
	[TCPHS_GOT_SYN_ACK] = GO(LISTEN, "an ACK is answered by RST: 3.10.7.2"),
	[TCPHS_GOT_ACK_OF_SYN] = GO(LISTEN, "an ACK is answered by RST: 3.10.7.2"),
	[TCPHS_GOT_FIN] = GO(LISTEN, "dropped: 3.10.7.4, eighth"),
	[TCPHS_GOT_ACK_OF_FIN] = GO(LISTEN, "it sent no FIN"),
	[TCPHS_GOT_RST] = GO(LISTEN, "ignored: 3.10.7.2, first"),
	[TCPHS_REPEATED_SYN_ACK] = GO(SYN_RECV, "answers a SYN: 3.10.7.2"),
	[TCPHS_REPEATED_FIN] = GO(LISTEN, "it sent no FIN"),
	[TCPHS_2MSL_OVER] = GO(LISTEN, "no timer runs"),
	[TCPHS_SOCKET_GONE] = GO(LISTEN, "a listener needs no socket for each peer"),
	[TCPHS_SOCKET_WAITS] = GO(LISTEN, "its SYN-ACK is still to come"),
	[TCPHS_SOCKET_OPEN] = GO(LISTEN, "its SYN-ACK is still to come"),
	[TCPHS_SOCKET_TIME_WAIT] = GO(LISTEN, "it sent no FIN"),
},
[TCPHS_SYN_SENT] = {
	[TCPHS_SENT_SYN] = GO(SYN_SENT, "retransmission: 3.8.1"),
	[TCPHS_SENT_SYN_ACK] = GO(SYN_RECV, "simultaneous open: 3.10.7.3, fourth"),
	[TCPHS_SENT_DATA] = GO(SYN_SENT, "data before the SYN-ACK proves no more: RFC 7413"),
	[TCPHS_SENT_FIN] = GO(SYN_SENT, "CLOSE deletes it without a FIN: 3.10.4"),
	[TCPHS_CROSSING_FIN] = GO(SYN_SENT, "it was not seen to take the peer's FIN"),
	[TCPHS_SENT_RST] = GO(CLOSE, "gives up, at its own SND.NXT: 3.10.5"),
	[TCPHS_GOT_SYN] = GO(SYN_RECV, "simultaneous open: 3.10.7.3, fourth"),
	[TCPHS_GOT_SYN_ACK] = GO(ESTABLISHED, "its SYN is acknowledged: 3.10.7.3, fourth"),
	[TCPHS_GOT_ACK_OF_SYN] = GO(SYN_SENT, "neither SYN nor RST: dropped: 3.10.7.3, fifth"),
	[TCPHS_GOT_FIN] = GO(SYN_SENT, "dropped before the peer's SYN: 3.10.7.4, eighth"),
	[TCPHS_GOT_ACK_OF_FIN] = GO(SYN_SENT, "it sent no FIN"),
	[TCPHS_GOT_RST] = GO(CLOSE, "connection refused: 3.10.7.3, second"),
	[TCPHS_REPEATED_SYN_ACK] = GO(SYN_RECV, "simultaneous open: 3.10.7.3, fourth"),
	[TCPHS_REPEATED_FIN] = GO(SYN_SENT, "it sent no FIN"),
	[TCPHS_2MSL_OVER] = GO(SYN_SENT, "no timer runs"),
	[TCPHS_SOCKET_GONE] = GO(CLOSE, "gave up, or timed out: 3.10.4, 3.10.8"),
	[TCPHS_SOCKET_WAITS] = GO(SYN_SENT, "it has gone on since"),
	[TCPHS_SOCKET_OPEN] = GO(SYN_SENT, "its segments have shown more"),
	[TCPHS_SOCKET_TIME_WAIT] = GO(SYN_SENT, "it sent no FIN"),
},
[TCPHS_SYN_RECV] = {
	[TCPHS_SENT_SYN] = GO(SYN_RECV, "retransmission in a simultaneous open: 3.8.1"),
	[TCPHS_SENT_SYN_ACK] = GO(SYN_RECV, "its SYN is still unacknowledged"),
	[TCPHS_SENT_DATA] = GO(SYN_RECV, "Fast Open sends before the ACK: RFC 7413 4.2.2"),
	[TCPHS_SENT_FIN] = GO(FIN_WAIT1, "CLOSE before the ACK came: 3.10.4"),
	[TCPHS_CROSSING_FIN] = GO(SYN_RECV, "it was not seen to take the peer's FIN"),
	[TCPHS_SENT_RST] = GO(CLOSE, "aborts: 3.10.5"),
	[TCPHS_GOT_SYN] = GO(SYN_RECV, "the peer repeats its SYN"),
	[TCPHS_GOT_SYN_ACK] = GO(ESTABLISHED, "simultaneous open complete: 3.5, figure 7"),
	[TCPHS_GOT_ACK_OF_SYN] = GO(ESTABLISHED, "handshake complete: 3.10.7.4, fifth"),
	[TCPHS_GOT_FIN] = GO(CLOSE_WAIT, "the peer closes: 3.10.7.4, eighth"),
	[TCPHS_GOT_ACK_OF_FIN] = GO(SYN_RECV, "it sent no FIN"),
	[TCPHS_GOT_RST] = GO(CLOSE, "the attempt is reset: 3.10.7.4, second"),
	[TCPHS_REPEATED_SYN_ACK] = GO(SYN_RECV, "its SYN is still unacknowledged"),
	[TCPHS_REPEATED_FIN] = GO(SYN_RECV, "it sent no FIN"),
	[TCPHS_2MSL_OVER] = GO(SYN_RECV, "no timer runs"),
	[TCPHS_SOCKET_GONE] = GO(SYN_RECV, "a SYN cookie needs no socket: RFC 4987 3.6"),
	[TCPHS_SOCKET_WAITS] = GO(SYN_RECV, "the ACK is still to come"),
	[TCPHS_SOCKET_OPEN] = GO(ESTABLISHED, "its listener has taken the ACK in the end"),
	[TCPHS_SOCKET_TIME_WAIT] = GO(SYN_RECV, "it sent no FIN"),
},
[TCPHS_ESTABLISHED] = {
	[TCPHS_SENT_SYN] = GO(ESTABLISHED, "an old or forged SYN: RFC 5961 4"),
	[TCPHS_SENT_SYN_ACK] = GO(ESTABLISHED, "an old SYN-ACK"),
	[TCPHS_SENT_DATA] = GO(ESTABLISHED, "data transfer: 3.8"),
	[TCPHS_SENT_FIN] = GO(FIN_WAIT1, "active close: 3.10.4"),
	[TCPHS_CROSSING_FIN] = GO(ESTABLISHED, "it was not seen to take the peer's FIN"),
	[TCPHS_SENT_RST] = GO(CLOSE, "aborts: 3.10.5"),
	[TCPHS_GOT_SYN] = GO(ESTABLISHED, "answered by a challenge ACK: RFC 5961 4"),
	[TCPHS_GOT_SYN_ACK] = GO(ESTABLISHED, "repeated SYN-ACK: acknowledged again"),
	[TCPHS_GOT_ACK_OF_SYN] = GO(ESTABLISHED, "acknowledged already"),
	[TCPHS_GOT_FIN] = GO(CLOSE_WAIT, "passive close: 3.10.7.4, eighth"),
	[TCPHS_GOT_ACK_OF_FIN] = GO(ESTABLISHED, "it sent no FIN"),
	[TCPHS_GOT_RST] = GO(CLOSE, "connection reset: 3.10.7.4, second"),
	[TCPHS_REPEATED_SYN_ACK] = GO(SYN_RECV, "the ACK of its SYN was lost after it was seen"),
	[TCPHS_REPEATED_FIN] = GO(ESTABLISHED, "it sent no FIN"),
	[TCPHS_2MSL_OVER] = GO(ESTABLISHED, "no timer runs"),
	[TCPHS_SOCKET_GONE] = GO(CLOSE, "timed out, or was taken down: 3.10.8"),
	[TCPHS_SOCKET_WAITS] = GO(SYN_RECV, "its listener did not take the ACK at its door"),
	[TCPHS_SOCKET_OPEN] = GO(ESTABLISHED, "as its segments have shown"),
	[TCPHS_SOCKET_TIME_WAIT] = GO(ESTABLISHED, "it sent no FIN"),
},
[TCPHS_FIN_WAIT1] = {
	[TCPHS_SENT_SYN] = GO(FIN_WAIT1, "an old or forged SYN: RFC 5961 4"),
	[TCPHS_SENT_SYN_ACK] = GO(FIN_WAIT1, "an old SYN-ACK"),
	[TCPHS_SENT_DATA] = GO(FIN_WAIT1, "nothing new can follow its FIN"),
	[TCPHS_SENT_FIN] = GO(FIN_WAIT1, "it sent its FIN already"),
	[TCPHS_CROSSING_FIN] = GO(FIN_WAIT1, "it was not seen to take the peer's FIN"),
	[TCPHS_SENT_RST] = GO(CLOSE, "aborts: 3.10.5"),
	[TCPHS_GOT_SYN] = GO(FIN_WAIT1, "answered by a challenge ACK: RFC 5961 4"),
	[TCPHS_GOT_SYN_ACK] = GO(FIN_WAIT1, "repeated SYN-ACK: acknowledged again"),
	[TCPHS_GOT_ACK_OF_SYN] = GO(FIN_WAIT1, "acknowledges its SYN, not its FIN"),
	[TCPHS_GOT_FIN] = GO(CLOSING, "the FINs crossed: 3.6, figure 13"),
	[TCPHS_GOT_ACK_OF_FIN] = GO(FIN_WAIT2, "its FIN is acknowledged: 3.10.7.4, fifth"),
	[TCPHS_GOT_RST] = GO(CLOSE, "connection reset: 3.10.7.4, second"),
	[TCPHS_REPEATED_SYN_ACK] = GO(FIN_WAIT1, "it has gone on since"),
	[TCPHS_REPEATED_FIN] = GO(FIN_WAIT1, "its FIN is still unacknowledged"),
	[TCPHS_2MSL_OVER] = GO(FIN_WAIT1, "no timer runs"),
	[TCPHS_SOCKET_GONE] = GO(CLOSE, "an orphan whose FIN was never acknowledged: 3.10.8"),
	[TCPHS_SOCKET_WAITS] = GO(FIN_WAIT1, "it has gone on since"),
	[TCPHS_SOCKET_OPEN] = GO(FIN_WAIT1, "its segments have shown more"),
	[TCPHS_SOCKET_TIME_WAIT] = GO(TIME_WAIT, "it took what no hook has seen: 3.6"),
},
[TCPHS_FIN_WAIT2] = {
	[TCPHS_SENT_SYN] = GO(FIN_WAIT2, "an old or forged SYN: RFC 5961 4"),
	[TCPHS_SENT_SYN_ACK] = GO(FIN_WAIT2, "an old SYN-ACK"),
	[TCPHS_SENT_DATA] = GO(FIN_WAIT2, "nothing new can follow its FIN"),
	[TCPHS_SENT_FIN] = GO(FIN_WAIT2, "it sent its FIN already"),
	[TCPHS_CROSSING_FIN] = GO(FIN_WAIT2, "it was not seen to take the peer's FIN"),
	[TCPHS_SENT_RST] = GO(CLOSE, "does not want what still comes: 3.6.1, RFC 2525 2.17"),
	[TCPHS_GOT_SYN] = GO(FIN_WAIT2, "answered by a challenge ACK: RFC 5961 4"),
	[TCPHS_GOT_SYN_ACK] = GO(FIN_WAIT2, "repeated SYN-ACK: acknowledged again"),
	[TCPHS_GOT_ACK_OF_SYN] = GO(FIN_WAIT2, "acknowledged already"),
	[TCPHS_GOT_FIN] = GO(TIME_WAIT, "the peer closes too: 3.10.7.4, eighth"),
	[TCPHS_GOT_ACK_OF_FIN] = GO(FIN_WAIT2, "acknowledged already"),
	[TCPHS_GOT_RST] = GO(CLOSE, "connection reset: 3.10.7.4, second"),
	[TCPHS_REPEATED_SYN_ACK] = GO(FIN_WAIT2, "it has gone on since"),
	[TCPHS_REPEATED_FIN] = GO(FIN_WAIT1, "the ACK of its FIN was lost after it was seen"),
	[TCPHS_2MSL_OVER] = GO(FIN_WAIT2, "no timer runs"),
	[TCPHS_SOCKET_GONE] = GO(CLOSE, "an orphan that waited in vain for the FIN: 3.6.1"),
	[TCPHS_SOCKET_WAITS] = GO(FIN_WAIT2, "it has gone on since"),
	[TCPHS_SOCKET_OPEN] = GO(FIN_WAIT2, "its segments have shown more"),
	[TCPHS_SOCKET_TIME_WAIT] = GO(TIME_WAIT, "it took a FIN that no hook has seen: 3.6"),
},
[TCPHS_CLOSING] = {
	[TCPHS_SENT_SYN] = GO(CLOSING, "an old or forged SYN: RFC 5961 4"),
	[TCPHS_SENT_SYN_ACK] = GO(CLOSING, "an old SYN-ACK"),
	[TCPHS_SENT_DATA] = GO(CLOSING, "nothing new can follow its FIN"),
	[TCPHS_SENT_FIN] = GO(CLOSING, "it sent its FIN already"),
	[TCPHS_CROSSING_FIN] = GO(CLOSING, "it was not seen to take the peer's FIN"),
	[TCPHS_SENT_RST] = GO(CLOSE, "aborts: 3.10.5"),
	[TCPHS_GOT_SYN] = GO(CLOSING, "answered by a challenge ACK: RFC 5961 4"),
	[TCPHS_GOT_SYN_ACK] = GO(CLOSING, "repeated SYN-ACK: acknowledged again"),
	[TCPHS_GOT_ACK_OF_SYN] = GO(CLOSING, "acknowledges its SYN, not its FIN"),
	[TCPHS_GOT_FIN] = GO(CLOSING, "the peer repeats its FIN: 3.10.7.4, eighth"),
	[TCPHS_GOT_ACK_OF_FIN] = GO(TIME_WAIT, "its FIN is acknowledged: 3.10.7.4, fifth"),
	[TCPHS_GOT_RST] = GO(CLOSE, "connection reset: 3.10.7.4, second"),
	[TCPHS_REPEATED_SYN_ACK] = GO(CLOSING, "it has gone on since"),
	[TCPHS_REPEATED_FIN] = GO(CLOSING, "its FIN is still unacknowledged"),
	[TCPHS_2MSL_OVER] = GO(CLOSING, "no timer runs"),
	[TCPHS_SOCKET_GONE] = GO(CLOSE, "an orphan whose FIN was never acknowledged: 3.10.8"),
	[TCPHS_SOCKET_WAITS] = GO(CLOSING, "it has gone on since"),
	[TCPHS_SOCKET_OPEN] = GO(CLOSING, "its segments have shown more"),
	[TCPHS_SOCKET_TIME_WAIT] = GO(TIME_WAIT, "it took an ACK that no hook has seen: 3.6"),
},
[TCPHS_TIME_WAIT] = {
	[TCPHS_SENT_SYN] = GO(TIME_WAIT, "an old SYN; a new one opens another connection: 3.6.1"),
	[TCPHS_SENT_SYN_ACK] = GO(TIME_WAIT, "an old SYN-ACK"),
	[TCPHS_SENT_DATA] = GO(TIME_WAIT, "nothing new can follow its FIN"),
	[TCPHS_SENT_FIN] = GO(TIME_WAIT, "it sent its FIN already"),
	[TCPHS_CROSSING_FIN] = GO(TIME_WAIT, "it was not seen to take the peer's FIN"),
	[TCPHS_SENT_RST] = GO(CLOSE, "no longer remembers the connection: 3.5.2"),
	[TCPHS_GOT_SYN] = GO(TIME_WAIT, "an old SYN; a new one opens another connection: 3.6.1"),
	[TCPHS_GOT_SYN_ACK] = GO(TIME_WAIT, "an old SYN-ACK"),
	[TCPHS_GOT_ACK_OF_SYN] = GO(TIME_WAIT, "acknowledged already"),
	[TCPHS_GOT_FIN] = GO(TIME_WAIT, "the timer is restarted: 3.10.7.4, eighth"),
	[TCPHS_GOT_ACK_OF_FIN] = GO(TIME_WAIT, "acknowledged already"),
	[TCPHS_GOT_RST] = GO(CLOSE, "assassinated, RFC 1337, as RFC 9293 3.10.7.4 allows"),
	[TCPHS_REPEATED_SYN_ACK] = GO(TIME_WAIT, "it has gone on since"),
	[TCPHS_REPEATED_FIN] = GO(CLOSING, "the ACK of its FIN was lost after it was seen"),
	[TCPHS_2MSL_OVER] = GO(CLOSE, "the time-wait timeout: 3.10.8"),
	[TCPHS_SOCKET_GONE] = GO(TIME_WAIT, "its end is told by the time-wait timeout"),
	[TCPHS_SOCKET_WAITS] = GO(TIME_WAIT, "it has gone on since"),
	[TCPHS_SOCKET_OPEN] = GO(TIME_WAIT, "its segments have shown more"),
	[TCPHS_SOCKET_TIME_WAIT] = GO(TIME_WAIT, "as its segments have shown"),
},
[TCPHS_CLOSE_WAIT] = {
	[TCPHS_SENT_SYN] = GO(CLOSE_WAIT, "an old or forged SYN: RFC 5961 4"),
	[TCPHS_SENT_SYN_ACK] = GO(CLOSE_WAIT, "an old SYN-ACK"),
	[TCPHS_SENT_DATA] = GO(CLOSE_WAIT, "half-closed: it may still send: 3.6"),
	[TCPHS_SENT_FIN] = GO(LAST_ACK, "closes too: 3.10.4"),
	[TCPHS_CROSSING_FIN] = GO(CLOSING, "its FIN went before the peer's came: figure 13"),
	[TCPHS_SENT_RST] = GO(CLOSE, "aborts: 3.10.5"),
	[TCPHS_GOT_SYN] = GO(CLOSE_WAIT, "answered by a challenge ACK: RFC 5961 4"),
	[TCPHS_GOT_SYN_ACK] = GO(CLOSE_WAIT, "repeated SYN-ACK: acknowledged again"),
	[TCPHS_GOT_ACK_OF_SYN] = GO(CLOSE_WAIT, "acknowledged already"),
	[TCPHS_GOT_FIN] = GO(CLOSE_WAIT, "the peer repeats its FIN: 3.10.7.4, eighth"),
	[TCPHS_GOT_ACK_OF_FIN] = GO(CLOSE_WAIT, "it sent no FIN"),
	[TCPHS_GOT_RST] = GO(CLOSE, "connection reset: 3.10.7.4, second"),
	[TCPHS_REPEATED_SYN_ACK] = GO(CLOSE_WAIT, "it has gone on since"),
	[TCPHS_REPEATED_FIN] = GO(CLOSE_WAIT, "it sent no FIN"),
	[TCPHS_2MSL_OVER] = GO(CLOSE_WAIT, "no timer runs"),
	[TCPHS_SOCKET_GONE] = GO(CLOSE, "timed out, or was taken down: 3.10.8"),
	[TCPHS_SOCKET_WAITS] = GO(CLOSE_WAIT, "it has gone on since"),
	[TCPHS_SOCKET_OPEN] = GO(CLOSE_WAIT, "its segments have shown more"),
	[TCPHS_SOCKET_TIME_WAIT] = GO(CLOSE_WAIT, "it sent no FIN"),
},
[TCPHS_LAST_ACK] = {
	[TCPHS_SENT_SYN] = GO(LAST_ACK, "an old or forged SYN: RFC 5961 4"),
	[TCPHS_SENT_SYN_ACK] = GO(LAST_ACK, "an old SYN-ACK"),
	[TCPHS_SENT_DATA] = GO(LAST_ACK, "nothing new can follow its FIN"),
	[TCPHS_SENT_FIN] = GO(LAST_ACK, "it sent its FIN already"),
	[TCPHS_CROSSING_FIN] = GO(LAST_ACK, "it was not seen to take the peer's FIN"),
	[TCPHS_SENT_RST] = GO(CLOSE, "aborts: 3.10.5"),
	[TCPHS_GOT_SYN] = GO(LAST_ACK, "answered by a challenge ACK: RFC 5961 4"),
	[TCPHS_GOT_SYN_ACK] = GO(LAST_ACK, "an old SYN-ACK"),
	[TCPHS_GOT_ACK_OF_SYN] = GO(LAST_ACK, "acknowledges its SYN, not its FIN"),
	[TCPHS_GOT_FIN] = GO(LAST_ACK, "the peer repeats its FIN: 3.10.7.4, eighth"),
	[TCPHS_GOT_ACK_OF_FIN] = GO(CLOSE, "its FIN is acknowledged: 3.10.7.4, fifth"),
	[TCPHS_GOT_RST] = GO(CLOSE, "connection reset: 3.10.7.4, second"),
	[TCPHS_REPEATED_SYN_ACK] = GO(LAST_ACK, "it has gone on since"),
	[TCPHS_REPEATED_FIN] = GO(LAST_ACK, "its FIN is still unacknowledged"),
	[TCPHS_2MSL_OVER] = GO(LAST_ACK, "no timer runs"),
	[TCPHS_SOCKET_GONE] = GO(CLOSE, "an orphan whose FIN was never acknowledged: 3.10.8"),
	[TCPHS_SOCKET_WAITS] = GO(LAST_ACK, "it has gone on since"),
	[TCPHS_SOCKET_OPEN] = GO(LAST_ACK, "its segments have shown more"),
	[TCPHS_SOCKET_TIME_WAIT] = GO(TIME_WAIT, "its FIN was kept until after the peer's: 3.6"),
},
[TCPHS_CLOSE] = {
	[TCPHS_SENT_SYN] = GO(SYN_SENT, "active open: 3.10.1"),
	[TCPHS_SENT_SYN_ACK] = GO(CLOSE, "an old SYN-ACK: only a SYN opens a connection"),
	[TCPHS_SENT_DATA] = GO(CLOSE, "a straggler"),
	[TCPHS_SENT_FIN] = GO(CLOSE, "a straggler"),
	[TCPHS_CROSSING_FIN] = GO(CLOSE, "it was not seen to take the peer's FIN"),
	[TCPHS_SENT_RST] = GO(CLOSE, "answers a segment that has no connection: 3.10.7.1"),
	[TCPHS_GOT_SYN] = GO(CLOSE, "only its answer shows whether a socket listens"),
	[TCPHS_GOT_SYN_ACK] = GO(CLOSE, "answered by RST: 3.10.7.1"),
	[TCPHS_GOT_ACK_OF_SYN] = GO(CLOSE, "answered by RST: 3.10.7.1"),
	[TCPHS_GOT_FIN] = GO(CLOSE, "answered by RST: 3.10.7.1"),
	[TCPHS_GOT_ACK_OF_FIN] = GO(CLOSE, "acknowledged already"),
	[TCPHS_GOT_RST] = GO(CLOSE, "dropped: 3.10.7.1"),
	[TCPHS_REPEATED_SYN_ACK] = GO(CLOSE, "a straggler"),
	[TCPHS_REPEATED_FIN] = GO(LAST_ACK, "the ACK of its FIN was lost after it was seen"),
	[TCPHS_2MSL_OVER] = GO(CLOSE, "no timer runs"),
	[TCPHS_SOCKET_GONE] = GO(CLOSE, "it is gone already"),
	[TCPHS_SOCKET_WAITS] = GO(CLOSE, "it has gone on since"),
	[TCPHS_SOCKET_OPEN] = GO(CLOSE, "its segments have shown more"),
	[TCPHS_SOCKET_TIME_WAIT] = GO(TIME_WAIT, "its FIN was kept until after the peer's: 3.6"),
},
};

static_assert(ARRAY_SIZE(cells) == TCPHS_STATES, "a row for each state");

const struct tcphs_cell *tcphs_fsm_cell(unsigned int state, unsigned int event)
{
	static const struct tcphs_cell none = { .why = "no such state or event" };

	if (state >= TCPHS_STATES || event >= TCPHS_FSM_EVENTS)
		return &none;
	return &cells[state][event];
}

unsigned int tcphs_fsm_origin(unsigned int event)
{
	switch (event) {
	case TCPHS_SENT_SYN:
		return TCPHS_CLOSE;
	case TCPHS_SENT_SYN_ACK:
		return TCPHS_LISTEN;
	default:
		return TCPHS_STATE_UNKNOWN;
	}
}

const char *tcphs_fsm_event_name(unsigned int event)
{
	return event < TCPHS_FSM_EVENTS ? event_names[event] : "-";
}
