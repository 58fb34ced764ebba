// SPDX-License-Identifier: GPL-2.0
/*
 * The words of states, events, reasons and flags, written down once. Must not
 * know anything but the numbers of the UAPI and the core's own.
 */
#include "names.h"

static const char *name_of(const char *const *table, size_t count,
			   unsigned int index)
{
	if (index >= count || !table[index])
		return "-";
	return table[index];
}

static const char *const state_names[TCPHS_STATES] = {
	[TCPHS_STATE_UNKNOWN] = "-",
	[TCPHS_ESTABLISHED] = "ESTABLISHED",
	[TCPHS_SYN_SENT] = "SYN_SENT",
	[TCPHS_SYN_RECV] = "SYN_RECV",
	[TCPHS_FIN_WAIT1] = "FIN_WAIT1",
	[TCPHS_FIN_WAIT2] = "FIN_WAIT2",
	[TCPHS_TIME_WAIT] = "TIME_WAIT",
	[TCPHS_CLOSE] = "CLOSE",
	[TCPHS_CLOSE_WAIT] = "CLOSE_WAIT",
	[TCPHS_LAST_ACK] = "LAST_ACK",
	[TCPHS_LISTEN] = "LISTEN",
	[TCPHS_CLOSING] = "CLOSING",
};

/* Other spellings, letters and digits only: RFC 9293, ss, BSD, Windows. */
static const struct {
	const char *text;
	u8 state;
} other_spellings[] = {
	{ "ESTAB", TCPHS_ESTABLISHED },
	{ "SYNSEND", TCPHS_SYN_SENT },
	{ "SYNRECEIVED", TCPHS_SYN_RECV },
	{ "SYNRCVD", TCPHS_SYN_RECV },
	{ "CLOSED", TCPHS_CLOSE },
	{ "UNCONN", TCPHS_CLOSE },
	{ "LISTENING", TCPHS_LISTEN },
};

static const char *const side_names[] = {
	[TCPHS_CLIENT] = "client",
	[TCPHS_SERVER] = "server",
	[TCPHS_BOTH] = "both",
	[TCPHS_NOBODY] = "none",
};

static const char *const event_names[] = {
	[TCPHS_EV_LOST] = "lost",
	[TCPHS_EV_TRANSITION] = "transition",
	[TCPHS_EV_HANDSHAKE] = "handshake",
	[TCPHS_EV_ANOMALY] = "anomaly",
	[TCPHS_EV_TIMEWAIT] = "timewait",
	[TCPHS_EV_CONNECTION] = "connection",
};

static const char *const cause_names[] = {
	[TCPHS_CAUSE_SEGMENT] = "segment",
	[TCPHS_CAUSE_TIMER] = "timer",
	[TCPHS_CAUSE_SOCKET] = "socket",
	[TCPHS_CAUSE_CORRECTION] = "correction",
};

static const char *const anomaly_names[] = {
	[TCPHS_AN_BAD_ACK] = "bad_ack",
	[TCPHS_AN_RST_OUT_OF_WINDOW] = "rst_out_of_window",
	[TCPHS_AN_RST_SUSPECT] = "rst_suspect",
	[TCPHS_AN_SYN_IN_WINDOW] = "syn_in_window",
	[TCPHS_AN_CHALLENGE_ACK] = "challenge_ack",
	[TCPHS_AN_BAD_FLAGS] = "bad_flags",
	[TCPHS_AN_OUT_OF_WINDOW] = "out_of_window",
	[TCPHS_AN_SIMULTANEOUS_OPEN] = "simultaneous_open",
	[TCPHS_AN_MIDSTREAM] = "midstream",
	[TCPHS_AN_SYN_RETRANSMIT] = "syn_retransmit",
	[TCPHS_AN_SYN_ACK_RETRANSMIT] = "syn_ack_retransmit",
	[TCPHS_AN_FIN_RETRANSMIT] = "fin_retransmit",
	[TCPHS_AN_BAD_WSCALE] = "bad_wscale",
	[TCPHS_AN_SYN_DELAYED] = "syn_delayed",
};

static const char *const tw_phase_names[] = {
	[TCPHS_TW_START] = "start",
	[TCPHS_TW_RESTART] = "restart",
	[TCPHS_TW_END] = "end",
};

static const char *const tw_end_names[] = {
	[TCPHS_TW_EXPIRED] = "expired",
	[TCPHS_TW_REUSED] = "reused",
	[TCPHS_TW_RESET] = "reset",
	[TCPHS_TW_KILLED] = "killed",
	[TCPHS_TW_NEVER] = "never",
	[TCPHS_TW_EVICTED] = "evicted",
};

static const char *const tw_cause_names[] = {
	[TCPHS_TW_BY_FIN] = "fin",
	[TCPHS_TW_BY_OUT_OF_WINDOW] = "out_of_window",
	[TCPHS_TW_BY_ACK] = "ack",
	[TCPHS_TW_BY_SYN] = "syn",
	[TCPHS_TW_BY_CONNECT] = "connect",
	[TCPHS_TW_BY_RST] = "rst",
	[TCPHS_TW_BY_ABORT] = "abort",
	[TCPHS_TW_BY_NETNS] = "netns",
};

static const char *const source_names[] = {
	[TCPHS_SOURCE_OBSERVED] = "observed",
	[TCPHS_SOURCE_MODELLED] = "modelled",
};

static const char *const close_names[] = {
	[TCPHS_CLOSE_OPEN] = "open",
	[TCPHS_CLOSE_FIN4] = "fin4",
	[TCPHS_CLOSE_FIN3] = "fin3",
	[TCPHS_CLOSE_SIMULTANEOUS] = "simultaneous",
	[TCPHS_CLOSE_RESET] = "reset",
	[TCPHS_CLOSE_REFUSED] = "refused",
	[TCPHS_CLOSE_UNANSWERED] = "unanswered",
	[TCPHS_CLOSE_TIMEOUT] = "timeout",
	[TCPHS_CLOSE_EVICTED] = "evicted",
};

static const char *const hs_names[] = {
	[TCPHS_HS_PENDING] = "pending",
	[TCPHS_HS_OK] = "ok",
	[TCPHS_HS_BAD] = "bad",
	[TCPHS_HS_MIDSTREAM] = "midstream",
};

static const char *const conn_state_names[] = {
	[TCPHS_CS_S0] = "S0",
	[TCPHS_CS_S1] = "S1",
	[TCPHS_CS_SF] = "SF",
	[TCPHS_CS_REJ] = "REJ",
	[TCPHS_CS_S2] = "S2",
	[TCPHS_CS_S3] = "S3",
	[TCPHS_CS_RSTO] = "RSTO",
	[TCPHS_CS_RSTR] = "RSTR",
	[TCPHS_CS_RSTOS0] = "RSTOS0",
	[TCPHS_CS_RSTRH] = "RSTRH",
	[TCPHS_CS_SH] = "SH",
	[TCPHS_CS_SHR] = "SHR",
	[TCPHS_CS_OTH] = "OTH",
};

static const char *const reason_names[TCPHS_R_COUNT] = {
	[TCPHS_R_USED] = "used",
	[TCPHS_R_LOOPBACK] = "loopback",
	[TCPHS_R_FRAGMENT] = "fragment",
	[TCPHS_R_TRUNCATED] = "truncated",
	[TCPHS_R_BAD_IP] = "bad_ip",
	[TCPHS_R_BAD_TCP] = "bad_tcp",
	[TCPHS_R_BAD_CHECKSUM] = "bad_checksum",
	[TCPHS_R_BAD_FLAGS] = "bad_flags",
	[TCPHS_R_BAD_ACK] = "bad_ack",
	[TCPHS_R_OUT_OF_WINDOW] = "out_of_window",
	[TCPHS_R_BAD_RST] = "bad_rst",
	[TCPHS_R_BAD_SYN] = "bad_syn",
	[TCPHS_R_STRAY] = "stray",
	[TCPHS_R_TABLE_FULL] = "table_full",
	[TCPHS_R_NO_MEMORY] = "no_memory",
	[TCPHS_R_FORGED] = "forged",
};

static const char *const local_names[] = {
	[0] = "none",
	[TCPHS_LOCAL_CLIENT] = "client",
	[TCPHS_LOCAL_SERVER] = "server",
	[TCPHS_LOCAL_CLIENT | TCPHS_LOCAL_SERVER] = "both",
};

const char *tcphs_state_name(unsigned int state)
{
	return name_of(state_names, ARRAY_SIZE(state_names), state);
}

const char *tcphs_side_name(unsigned int side)
{
	return name_of(side_names, ARRAY_SIZE(side_names), side);
}

const char *tcphs_event_name(unsigned int type)
{
	return name_of(event_names, ARRAY_SIZE(event_names), type);
}

const char *tcphs_cause_name(unsigned int cause)
{
	return name_of(cause_names, ARRAY_SIZE(cause_names), cause);
}

const char *tcphs_anomaly_name(unsigned int kind)
{
	return name_of(anomaly_names, ARRAY_SIZE(anomaly_names), kind);
}

const char *tcphs_tw_phase_name(unsigned int phase)
{
	return name_of(tw_phase_names, ARRAY_SIZE(tw_phase_names), phase);
}

const char *tcphs_tw_end_name(unsigned int end)
{
	return name_of(tw_end_names, ARRAY_SIZE(tw_end_names), end);
}

const char *tcphs_tw_cause_name(unsigned int cause)
{
	return name_of(tw_cause_names, ARRAY_SIZE(tw_cause_names), cause);
}

const char *tcphs_source_name(unsigned int source)
{
	return name_of(source_names, ARRAY_SIZE(source_names), source);
}

const char *tcphs_close_name(unsigned int close)
{
	return name_of(close_names, ARRAY_SIZE(close_names), close);
}

const char *tcphs_hs_name(unsigned int hs)
{
	return name_of(hs_names, ARRAY_SIZE(hs_names), hs);
}

const char *tcphs_conn_state_name(unsigned int state)
{
	return name_of(conn_state_names, ARRAY_SIZE(conn_state_names), state);
}

const char *tcphs_reason_name(unsigned int reason)
{
	return name_of(reason_names, ARRAY_SIZE(reason_names), reason);
}

const char *tcphs_local_name(unsigned int local)
{
	return name_of(local_names, ARRAY_SIZE(local_names), local);
}

/* The next letter or digit of *text as a capital, 0 at the end. */
static char next_letter(const char **text)
{
	char c;

	while ((c = *(*text)++) != '\0') {
		if (c >= 'a' && c <= 'z')
			return (char)(c - 'a' + 'A');
		if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
			return c;
		if (c != '_' && c != '-' && c != ' ')
			return c;
	}
	return '\0';
}

/* Equal but for case, '-', '_' and spaces. */
static bool is_spelling(const char *a, const char *b)
{
	char x, y;

	do {
		x = next_letter(&a);
		y = next_letter(&b);
	} while (x == y && x != '\0');
	return x == y;
}

unsigned int tcphs_state_parse(const char *text)
{
	size_t i;

	for (i = TCPHS_ESTABLISHED; i < TCPHS_STATES; i++)
		if (is_spelling(text, state_names[i]))
			return (unsigned int)i;
	for (i = 0; i < ARRAY_SIZE(other_spellings); i++)
		if (is_spelling(text, other_spellings[i].text))
			return other_spellings[i].state;
	return TCPHS_STATE_UNKNOWN;
}

char *tcphs_flags_text(u16 flags, char *buf)
{
	/* tcpdump's order, print-tcp.c: tcp_flag_values. */
	static const struct {
		u16 flag;
		char letter;
	} letters[] = {
		{ TCPHS_FIN, 'F' }, { TCPHS_SYN, 'S' }, { TCPHS_RST, 'R' },
		{ TCPHS_PSH, 'P' }, { TCPHS_ACK, '.' }, { TCPHS_URG, 'U' },
		{ TCPHS_ECE, 'E' }, { TCPHS_CWR, 'W' }, { TCPHS_AE, 'e' },
	};
	size_t i, n = 0;

	for (i = 0; i < ARRAY_SIZE(letters); i++)
		if (flags & letters[i].flag)
			buf[n++] = letters[i].letter;
	if (n == 0) {
		memcpy(buf, "none", 5);
		return buf;
	}
	buf[n] = '\0';
	return buf;
}
