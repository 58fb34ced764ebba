/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /proc/tcphs, a row at a time, its columns found by name. Prints nothing but
 * complaints.
 */
#ifndef TCPHS_ROWS_H
#define TCPHS_ROWS_H

#include <stdio.h>

#include <linux/tcphs.h>

#include "env.h"

enum row_field {
	ROW_ID,
	ROW_CLIENT,		/* "address:port", IPv6 in brackets */
	ROW_SERVER,
	ROW_CLIENT_STATE,
	ROW_SERVER_STATE,
	ROW_CLIENT_FOR,		/* time in the present state */
	ROW_SERVER_FOR,
	ROW_HANDSHAKE,
	ROW_SYN_ACK,		/* SYN to SYN-ACK */
	ROW_ACK,		/* SYN-ACK to ACK */
	ROW_CLOSER,
	ROW_CLOSE,
	ROW_TIMEWAIT,		/* elapsed */
	ROW_TIMEWAIT_SOURCE,
	ROW_CLIENT_FLAGS,	/* of its latest segment */
	ROW_SERVER_FLAGS,
	ROW_CLIENT_RESENT,	/* SYNs, data and FINs that were sent again */
	ROW_SERVER_RESENT,
	ROW_LOCAL,
	ROW_CLIENT_SOCKET,	/* a state, or "none" */
	ROW_SERVER_SOCKET,
	ROW_UID,
	ROW_PID,
	ROW_CGROUP,
	ROW_COMM,		/* what is no plain letter as \ooo */
	ROW_CLIENT_LEFT,	/* of its TIME_WAIT, or orphaned FIN_WAIT2 */
	ROW_SERVER_LEFT,
	ROW_CLIENT_RESTARTS,	/* of its TIME_WAIT */
	ROW_SERVER_RESTARTS,
	ROW_CLIENT_ORPHAN,	/* for so long held in a small socket */
	ROW_SERVER_ORPHAN,
	ROW_FIELDS
};

struct row {
	const char *text[ROW_FIELDS];	/* "-": not known, or no such column */
	u64 ns[ROW_FIELDS];		/* of durations; TCPHS_NS_NONE: not known */
	/* who and whose it is, in the form that filters take; type is 0 */
	struct tcphs_record record;
	u8 state[2];			/* enum tcphs_state */
	u8 left_source[2];		/* enum tcphs_source, of ROW_*_LEFT */
};

struct rows;

/* Return: NULL, having complained; *status then is the exit status. */
struct rows *rows_open(int *status);

/* The file's first line without "# " and the line's end. */
const char *rows_facts(const struct rows *rows);

/* Return: whether there was one more; the row is good until the next call. */
bool rows_next(struct rows *rows, struct row *row);

/* Return: whether all of the file could be read; if not it has complained. */
bool rows_close(struct rows *rows);

/**
 * rows_path() - where a file of /proc is
 * @name: below /proc, "tcphs"
 * @buf: filled
 * @size: of @buf
 *
 * PROC_ROOT in the environment stands in for /proc, as with ss(8).
 */
const char *rows_path(const char *name, char *buf, size_t size);

#endif /* TCPHS_ROWS_H */
