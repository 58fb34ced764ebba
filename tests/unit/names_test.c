// SPDX-License-Identifier: GPL-2.0
/*
 * Words there and back: each number has one word of its own, each usual
 * spelling of a state is read, flags read as tcpdump writes them.
 */
#include "core/names.h"
#include "tap.h"

typedef const char *name_fn(unsigned int number);

/* Numbers first to last have different words; those around them are "-". */
static void check_words(const char *what, name_fn *name, unsigned int first,
			unsigned int last)
{
	unsigned int i, j;
	bool good = true;

	for (i = first; i <= last; i++) {
		good &= name(i) && name(i)[0] && strcmp(name(i), "-");
		for (j = first; j < i; j++)
			good &= strcmp(name(i), name(j)) != 0;
		good &= !strpbrk(name(i), " \t\n");	/* a column stays one */
	}
	good &= !strcmp(name(last + 1), "-") && !strcmp(name(~0u), "-");
	good &= first == 0 || !strcmp(name(0), "-");
	tap_ok(good, "names: each %s has one word, others are '-'", what);
}

static void check_spellings(void)
{
	static const struct {
		unsigned int state;
		const char *text[8];
	} spellings[] = {
		{ TCPHS_CLOSE, { "CLOSE", "close", "CLOSED", "Closed" } },
		{ TCPHS_LISTEN, { "LISTEN", "listen", "listening" } },
		{ TCPHS_SYN_SENT, { "SYN_SENT", "syn-sent", "SYN-SENT", "SYN_SEND",
				    "syn_send", "SynSent", "syn sent" } },
		{ TCPHS_SYN_RECV, { "SYN_RECV", "syn-recv", "SYN-RECEIVED", "syn_rcvd",
				    "SYN_RECEIVED", "SynReceived", "SYN-RCVD" } },
		{ TCPHS_ESTABLISHED, { "ESTABLISHED", "established", "ESTAB", "estab" } },
		{ TCPHS_FIN_WAIT1, { "FIN_WAIT1", "fin-wait-1", "FIN-WAIT-1", "fin_wait_1",
				     "finwait1", "FIN_WAIT_1" } },
		{ TCPHS_FIN_WAIT2, { "FIN_WAIT2", "fin-wait-2", "fin_wait_2", "FIN-WAIT2" } },
		{ TCPHS_CLOSE_WAIT, { "CLOSE_WAIT", "close-wait", "CLOSE-WAIT", "closewait" } },
		{ TCPHS_CLOSING, { "CLOSING", "closing" } },
		{ TCPHS_LAST_ACK, { "LAST_ACK", "last-ack", "LAST-ACK", "lastack" } },
		{ TCPHS_TIME_WAIT, { "TIME_WAIT", "time-wait", "TIME-WAIT", "timewait",
				     "Time_Wait", "TIMEWAIT" } },
	};
	size_t i, j;

	for (i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
		bool good = true;

		for (j = 0; j < 8 && spellings[i].text[j]; j++) {
			if (tcphs_state_parse(spellings[i].text[j]) == spellings[i].state)
				continue;
			tap_note("'%s' is not read", spellings[i].text[j]);
			good = false;
		}
		tap_ok(good, "names: every usual spelling of %s is read",
		       tcphs_state_name(spellings[i].state));
	}
}

static void check_no_states(void)
{
	static const char *const wrong[] = {
		"", "-", "_", "ESTABLISHEDX", "TIME", "WAIT", "FIN_WAIT", "FIN_WAIT3",
		"SYN", "0", "\xff\xff", "TIME_WAIT\n", "TIME.WAIT",
		"a very long word that is no state of any protocol whatsoever",
	};
	bool good = true;
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (tcphs_state_parse(wrong[i]) == TCPHS_STATE_UNKNOWN)
			continue;
		tap_note("'%s' is read as %s", wrong[i],
			 tcphs_state_name(tcphs_state_parse(wrong[i])));
		good = false;
	}
	tap_ok(good, "names: what is no state is not taken for one");
}

static void check_round_trip(void)
{
	unsigned int state;
	bool good = true;

	for (state = 1; state < TCPHS_STATES; state++)
		good &= tcphs_state_parse(tcphs_state_name(state)) == state;
	tap_ok(good, "names: each state's own word is read back");
}

static void check_flags(void)
{
	static const struct {
		u16 flags;
		const char *text;
	} known[] = {
		{ TCPHS_SYN, "S" }, { TCPHS_SYN | TCPHS_ACK, "S." }, { TCPHS_ACK, "." },
		{ TCPHS_PSH | TCPHS_ACK, "P." }, { TCPHS_FIN | TCPHS_ACK, "F." },
		{ TCPHS_FIN | TCPHS_PSH | TCPHS_ACK, "FP." }, { TCPHS_RST, "R" },
		{ TCPHS_RST | TCPHS_ACK, "R." }, { 0, "none" },
		{ TCPHS_SYN | TCPHS_ECE | TCPHS_CWR, "SEW" },
		{ TCPHS_ACK | TCPHS_URG, ".U" }, { 0x1ff, "FSRP.UEWe" },
	};
	char buf[TCPHS_FLAGS_TEXT + 1];
	bool good = true;
	bool fits = true;
	unsigned int flags;
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		good &= !strcmp(tcphs_flags_text(known[i].flags, buf), known[i].text);
	tap_ok(good, "names: flags read as in tcpdump");
	for (flags = 0; flags <= 0xffff; flags++) {
		buf[TCPHS_FLAGS_TEXT] = '#';
		fits &= tcphs_flags_text((u16)flags, buf) == buf;
		fits &= strlen(buf) < TCPHS_FLAGS_TEXT && buf[TCPHS_FLAGS_TEXT] == '#';
	}
	tap_ok(fits, "names: flags of all 2^16 combinations fit");
}

int main(void)
{
	check_words("state", tcphs_state_name, 1, TCPHS_CLOSING);
	check_words("side", tcphs_side_name, 0, TCPHS_NOBODY);
	check_words("event", tcphs_event_name, 1, TCPHS_EV_CONNECTION);
	check_words("cause", tcphs_cause_name, 1, TCPHS_CAUSE_CORRECTION);
	check_words("anomaly", tcphs_anomaly_name, 1, TCPHS_AN_SYN_DELAYED);
	check_words("phase of TIME_WAIT", tcphs_tw_phase_name, 1, TCPHS_TW_END);
	check_words("end of TIME_WAIT", tcphs_tw_end_name, 1, TCPHS_TW_EVICTED);
	check_words("cause in TIME_WAIT", tcphs_tw_cause_name, 1,
		    TCPHS_TW_BY_NETNS);
	check_words("source", tcphs_source_name, 1, TCPHS_SOURCE_MODELLED);
	check_words("close", tcphs_close_name, 0, TCPHS_CLOSE_EVICTED);
	check_words("handshake", tcphs_hs_name, 0, TCPHS_HS_MIDSTREAM);
	check_words("conn_state", tcphs_conn_state_name, 1, TCPHS_CS_OTH);
	check_words("reason", tcphs_reason_name, 0, TCPHS_R_COUNT - 1);
	check_words("place", tcphs_local_name, 0, 3);
	check_spellings();
	check_no_states();
	check_round_trip();
	check_flags();
	return tap_done();
}
