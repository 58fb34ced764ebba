/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one table of words: states, events, reasons and flags to text and back,
 * for the module, the reporter and the tests. Knows nothing but the UAPI.
 */
#ifndef TCPHS_CORE_NAMES_H
#define TCPHS_CORE_NAMES_H

#include <linux/tcphs.h>

#include "env.h"

#define TCPHS_STATES	(TCPHS_CLOSING + 1)	/* with TCPHS_STATE_UNKNOWN */

/*
 * What became of a segment: each is counted under exactly one of these.
 * The order is that of the columns of /proc/net/stat/tcphs; new ones are
 * only ever appended.
 */
enum tcphs_reason {
	TCPHS_R_USED,		/* stepped a connection */
	TCPHS_R_LOOPBACK,	/* leaves over loopback: counted where it arrives */
	TCPHS_R_FRAGMENT,	/* an IP fragment: no whole TCP segment to see */
	TCPHS_R_TRUNCATED,	/* the packet ends inside the headers */
	TCPHS_R_BAD_IP,		/* IP header that contradicts itself */
	TCPHS_R_BAD_TCP,	/* data offset below 5 or beyond the packet */
	TCPHS_R_BAD_CHECKSUM,
	TCPHS_R_BAD_FLAGS,	/* a combination that no TCP sends */
	TCPHS_R_BAD_ACK,	/* acknowledges what was not sent */
	TCPHS_R_OUT_OF_WINDOW,	/* sequence number outside the window */
	TCPHS_R_BAD_RST,	/* RST not at the exact number */
	TCPHS_R_BAD_SYN,	/* SYN inside a live connection */
	TCPHS_R_STRAY,		/* RST, or segment after the end: no connection */
	TCPHS_R_TABLE_FULL,	/* no room for a new connection */
	TCPHS_R_NO_MEMORY,	/* no memory for a new connection */
	TCPHS_R_FORGED,		/* forwarded in the name of a local socket */
	TCPHS_R_COUNT
};

/**
 * tcphs_state_name() - the kernel's spelling of a state
 * @state: enum tcphs_state
 *
 * Return: "ESTABLISHED", ...; "-" for TCPHS_STATE_UNKNOWN or a number out of
 * range. Never NULL. These functions may be called in any context.
 */
const char *tcphs_state_name(unsigned int state);

/**
 * tcphs_state_parse() - read a state in any usual spelling
 * @text: "TIME_WAIT", "time-wait", "fin_wait_1", "SYN-RECEIVED", "closed", ...
 *
 * Return: enum tcphs_state, or TCPHS_STATE_UNKNOWN if it is none.
 */
unsigned int tcphs_state_parse(const char *text);

/* Words of the UAPI's enumerations, "-" if out of range; reasons likewise. */
const char *tcphs_side_name(unsigned int side);		/* client server both none */
const char *tcphs_event_name(unsigned int type);
const char *tcphs_cause_name(unsigned int cause);
const char *tcphs_anomaly_name(unsigned int kind);
const char *tcphs_tw_phase_name(unsigned int phase);
const char *tcphs_tw_end_name(unsigned int end);
const char *tcphs_tw_cause_name(unsigned int cause);
const char *tcphs_source_name(unsigned int source);
const char *tcphs_close_name(unsigned int close);
const char *tcphs_hs_name(unsigned int hs);		/* pending ok bad midstream */
const char *tcphs_conn_state_name(unsigned int state);	/* Zeek's: S0 SF RSTO ... */
const char *tcphs_reason_name(unsigned int reason);
const char *tcphs_local_name(unsigned int local);	/* none client server both */

#define TCPHS_FLAGS_TEXT	12

/**
 * tcphs_flags_text() - a segment's flags as tcpdump writes them
 * @flags: TCPHS_FIN, ...
 * @buf: TCPHS_FLAGS_TEXT bytes, filled with "S", "S.", ".", "P.", "F.", "R", ...
 *	 and "none" where no flag is set
 *
 * Return: @buf.
 */
char *tcphs_flags_text(u16 flags, char *buf);

#endif /* TCPHS_CORE_NAMES_H */
