/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A walk through a namespace's connections that holds nothing between steps.
 */
#ifndef TCPHS_ROWS_H
#define TCPHS_ROWS_H

#include "conn.h"

/* A copy of a connection. */
struct tcphs_row {
	struct tcphs_flow flow;
	struct tcphs_rest rest;	/* the flow's, if it has one */
	struct tcphs_owner owner;
	int dev_if[2];		/* by side, as in its identity */
	u8 asked;		/* ends whose socket can be looked up */
	u64 seen_ns;
};

/* Where a walk stands: after this one. All zero at the beginning. */
struct tcphs_cursor {
	u32 bucket;
	u64 id;
};

bool tcphs_rows_next(const struct tcphs_table *table,
		     struct tcphs_cursor *cursor, struct tcphs_row *row);

#endif /* TCPHS_ROWS_H */
