// SPDX-License-Identifier: GPL-2.0
/*
 * Walks every cell of the state table. What it should hold was written here
 * from RFC 9293 section 3.10 and figure 5, without looking at the table.
 */
#include <stdlib.h>

#include "core/fsm.h"
#include "tap.h"

#define ANY	TCPHS_STATES	/* every state that has no line of its own */

struct move {
	unsigned int event;
	unsigned int state;
	unsigned int next;
};

/* What is not listed stays where it is. */
static const struct move moves[] = {
	/* 3.10.1 OPEN: active, from CLOSED or LISTEN; 3.10.7.2 */
	{ TCPHS_SENT_SYN, TCPHS_STATE_UNKNOWN, TCPHS_SYN_SENT },
	{ TCPHS_SENT_SYN, TCPHS_CLOSE, TCPHS_SYN_SENT },
	{ TCPHS_SENT_SYN, TCPHS_LISTEN, TCPHS_SYN_SENT },
	/* 3.10.7.2 a listener answers; 3.10.7.3 simultaneous open */
	{ TCPHS_SENT_SYN_ACK, TCPHS_STATE_UNKNOWN, TCPHS_SYN_RECV },
	{ TCPHS_SENT_SYN_ACK, TCPHS_LISTEN, TCPHS_SYN_RECV },
	{ TCPHS_SENT_SYN_ACK, TCPHS_SYN_SENT, TCPHS_SYN_RECV },
	/* both ends' data seen: neither has closed */
	{ TCPHS_SENT_DATA, TCPHS_STATE_UNKNOWN, TCPHS_ESTABLISHED },
	/* 3.10.4 CLOSE */
	{ TCPHS_SENT_FIN, TCPHS_SYN_RECV, TCPHS_FIN_WAIT1 },
	{ TCPHS_SENT_FIN, TCPHS_ESTABLISHED, TCPHS_FIN_WAIT1 },
	{ TCPHS_SENT_FIN, TCPHS_CLOSE_WAIT, TCPHS_LAST_ACK },
	/* 3.10.5 ABORT: whatever it was; a listener goes on listening */
	{ TCPHS_SENT_RST, TCPHS_LISTEN, TCPHS_LISTEN },
	{ TCPHS_SENT_RST, ANY, TCPHS_CLOSE },
	/* 3.10.7.2 second, 3.10.7.3 fourth */
	{ TCPHS_GOT_SYN, TCPHS_LISTEN, TCPHS_SYN_RECV },
	{ TCPHS_GOT_SYN, TCPHS_SYN_SENT, TCPHS_SYN_RECV },
	/* 3.10.7.3 fourth, figure 7 */
	{ TCPHS_GOT_SYN_ACK, TCPHS_STATE_UNKNOWN, TCPHS_ESTABLISHED },
	{ TCPHS_GOT_SYN_ACK, TCPHS_SYN_SENT, TCPHS_ESTABLISHED },
	{ TCPHS_GOT_SYN_ACK, TCPHS_SYN_RECV, TCPHS_ESTABLISHED },
	/* 3.10.7.4 fifth, SYN-RECEIVED */
	{ TCPHS_GOT_ACK_OF_SYN, TCPHS_SYN_RECV, TCPHS_ESTABLISHED },
	/* 3.10.7.4 eighth */
	{ TCPHS_GOT_FIN, TCPHS_SYN_RECV, TCPHS_CLOSE_WAIT },
	{ TCPHS_GOT_FIN, TCPHS_ESTABLISHED, TCPHS_CLOSE_WAIT },
	{ TCPHS_GOT_FIN, TCPHS_FIN_WAIT1, TCPHS_CLOSING },
	{ TCPHS_GOT_FIN, TCPHS_FIN_WAIT2, TCPHS_TIME_WAIT },
	/* 3.10.7.4 fifth */
	{ TCPHS_GOT_ACK_OF_FIN, TCPHS_FIN_WAIT1, TCPHS_FIN_WAIT2 },
	{ TCPHS_GOT_ACK_OF_FIN, TCPHS_CLOSING, TCPHS_TIME_WAIT },
	{ TCPHS_GOT_ACK_OF_FIN, TCPHS_LAST_ACK, TCPHS_CLOSE },
	/* 3.10.7.2 first: LISTEN ignores it; else 3.10.7.3, 3.10.7.4 second */
	{ TCPHS_GOT_RST, TCPHS_LISTEN, TCPHS_LISTEN },
	{ TCPHS_GOT_RST, ANY, TCPHS_CLOSE },
	/* what repeats its SYN-ACK or FIN has not got the ACK of it */
	{ TCPHS_REPEATED_SYN_ACK, TCPHS_ESTABLISHED, TCPHS_SYN_RECV },
	/* where it cannot be a repetition it is a first one */
	{ TCPHS_REPEATED_SYN_ACK, TCPHS_LISTEN, TCPHS_SYN_RECV },
	{ TCPHS_REPEATED_SYN_ACK, TCPHS_SYN_SENT, TCPHS_SYN_RECV },
	{ TCPHS_REPEATED_FIN, TCPHS_FIN_WAIT2, TCPHS_FIN_WAIT1 },
	{ TCPHS_REPEATED_FIN, TCPHS_TIME_WAIT, TCPHS_CLOSING },
	{ TCPHS_REPEATED_FIN, TCPHS_CLOSE, TCPHS_LAST_ACK },
	/* figure 13: whoever took the peer's FIN first would acknowledge it */
	{ TCPHS_CROSSING_FIN, TCPHS_CLOSE_WAIT, TCPHS_CLOSING },
	/* 3.10.8 */
	{ TCPHS_2MSL_OVER, TCPHS_TIME_WAIT, TCPHS_CLOSE },
	/* no socket: nothing is left but what needs none, or tells its own end */
	{ TCPHS_SOCKET_GONE, TCPHS_LISTEN, TCPHS_LISTEN },
	{ TCPHS_SOCKET_GONE, TCPHS_SYN_RECV, TCPHS_SYN_RECV },
	{ TCPHS_SOCKET_GONE, TCPHS_TIME_WAIT, TCPHS_TIME_WAIT },
	{ TCPHS_SOCKET_GONE, ANY, TCPHS_CLOSE },
	/* a full accept queue drops the ACK: tcp_v4_syn_recv_sock() */
	{ TCPHS_SOCKET_WAITS, TCPHS_ESTABLISHED, TCPHS_SYN_RECV },
	{ TCPHS_SOCKET_OPEN, TCPHS_SYN_RECV, TCPHS_ESTABLISHED },
	/* who has sent its FIN may be there, whatever the segments have shown */
	{ TCPHS_SOCKET_TIME_WAIT, TCPHS_STATE_UNKNOWN, TCPHS_TIME_WAIT },
	{ TCPHS_SOCKET_TIME_WAIT, TCPHS_FIN_WAIT1, TCPHS_TIME_WAIT },
	{ TCPHS_SOCKET_TIME_WAIT, TCPHS_FIN_WAIT2, TCPHS_TIME_WAIT },
	{ TCPHS_SOCKET_TIME_WAIT, TCPHS_CLOSING, TCPHS_TIME_WAIT },
	{ TCPHS_SOCKET_TIME_WAIT, TCPHS_LAST_ACK, TCPHS_TIME_WAIT },
	{ TCPHS_SOCKET_TIME_WAIT, TCPHS_CLOSE, TCPHS_TIME_WAIT },
};

static unsigned int expected_next(unsigned int state, unsigned int event)
{
	size_t i;

	for (i = 0; i < sizeof(moves) / sizeof(moves[0]); i++)
		if (moves[i].event == event &&
		    (moves[i].state == state || moves[i].state == ANY))
			return moves[i].next;
	return state;
}

/* A reason says something: a sentence's worth of words. */
static bool is_reason(const char *why)
{
	return why && strlen(why) >= 10 && strchr(why, ' ');
}

static void check_event(unsigned int event)
{
	const struct tcphs_cell *cell;
	unsigned int state, next;
	bool good = true;
	bool has_reasons = true;

	for (state = 0; state < TCPHS_STATES; state++) {
		cell = tcphs_fsm_cell(state, event);
		next = expected_next(state, event);
		if (cell->next != next) {
			tap_note("%s, %s: %s, expected %s (the table says: %s)",
				 tcphs_state_name(state), tcphs_fsm_event_name(event),
				 tcphs_state_name(cell->next), tcphs_state_name(next),
				 cell->why ? cell->why : "nothing");
			good = false;
		}
		if (!is_reason(cell->why)) {
			tap_note("%s, %s: no reason", tcphs_state_name(state),
				 tcphs_fsm_event_name(event));
			has_reasons = false;
		}
	}
	tap_ok(good, "table: %s leads from each state where RFC 9293 says",
	       tcphs_fsm_event_name(event));
	tap_ok(has_reasons, "table: %s has a reason in each cell",
	       tcphs_fsm_event_name(event));
}

/* Figure 5's arrows as pairs: the table must know each, and no state is a trap. */
static void check_states_left(void)
{
	unsigned int state, event;

	for (state = 1; state < TCPHS_STATES; state++) {
		bool entered = false, left = false;
		unsigned int from;

		for (event = 0; event < TCPHS_FSM_EVENTS; event++) {
			left |= tcphs_fsm_cell(state, event)->next != state;
			for (from = 0; from < TCPHS_STATES; from++)
				entered |= from != state &&
					   tcphs_fsm_cell(from, event)->next == state;
		}
		/* a LISTEN is never seen to begin: no segment shows it */
		tap_ok(left && (entered || state == TCPHS_LISTEN),
		       "table: %s can be entered and left", tcphs_state_name(state));
	}
}

static void check_out_of_range(void)
{
	static const unsigned int wild[] = { TCPHS_STATES, 200, 0x80000000u, ~0u };
	bool good = true;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		good &= !!tcphs_fsm_cell(wild[i], TCPHS_GOT_FIN);
		good &= !!tcphs_fsm_cell(TCPHS_LISTEN, wild[i]);
		good &= !!tcphs_fsm_cell(wild[i], wild[3 - i]);
		good &= tcphs_fsm_origin(wild[i]) == TCPHS_STATE_UNKNOWN;
		good &= !!tcphs_fsm_event_name(wild[i]);
	}
	tap_ok(good, "table: numbers out of range are survived");
}

static void check_origins(void)
{
	unsigned int event;
	bool good = true;

	for (event = 0; event < TCPHS_FSM_EVENTS; event++) {
		unsigned int origin = tcphs_fsm_origin(event);
		unsigned int want = event == TCPHS_SENT_SYN ? TCPHS_CLOSE :
				    event == TCPHS_SENT_SYN_ACK ? TCPHS_LISTEN :
				    TCPHS_STATE_UNKNOWN;

		if (origin == want)
			continue;
		tap_note("%s: %s", tcphs_fsm_event_name(event), tcphs_state_name(origin));
		good = false;
	}
	tap_ok(good, "table: a first SYN proves a CLOSE before it, a first SYN-ACK a LISTEN");
}

int main(void)
{
	unsigned int event;

	for (event = 0; event < TCPHS_FSM_EVENTS; event++)
		check_event(event);
	check_states_left();
	check_origins();
	check_out_of_range();
	return tap_done();
}
