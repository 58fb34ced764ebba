/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One TIME_WAIT, or what is told beside them: made of a row of /proc/tcphs or
 * of an event. Small, so that many can be kept; prints nothing.
 */
#ifndef TCPHS_WAIT_H
#define TCPHS_WAIT_H

#include <linux/tcphs.h>

#include "env.h"
#include "rows.h"

enum wait_kind {
	WAIT_NOW,		/* a side is in TIME_WAIT */
	WAIT_ORPHAN_NOW,	/* orphaned FIN_WAIT2 in a small socket: none yet */
	WAIT_BEGAN,
	WAIT_BEGAN_AGAIN,
	WAIT_ENDED,
	WAIT_ORPHAN_ENDED,
	WAIT_SYN_DELAYED,	/* an older connection held the port */
};

struct wait {
	u8 kind;		/* enum wait_kind */
	u8 side;		/* enum tcphs_side */
	u8 source;		/* enum tcphs_source */
	u8 end;			/* enum tcphs_tw_end */
	u8 cause;		/* enum tcphs_tw_cause */
	u8 closer;		/* enum tcphs_side; of a row alone */
	u8 family;		/* as in struct tcphs_record, like all below */
	u8 local;
	u16 port[2];
	u32 restarts;
	u64 conn_id;
	u64 wall_ns;		/* of an event */
	u64 for_ns;		/* so far, or in all; or how late */
	u64 left_ns;		/* TCPHS_NS_NONE: not known; of a row alone */
	u64 error_ns;
	u8 addr[2][16];
	struct tcphs_owner owner;
};

/* Both sides may wait. Return: how many of @waits were filled, 0 to 2. */
unsigned int wait_of_row(struct wait waits[2], const struct row *row);

/* Return: whether @record tells of one; @wait was filled. */
bool wait_of_record(struct wait *wait, const struct tcphs_record *record);

/* "address:port" of a side; @buf of PRINT_END bytes is returned. */
char *wait_print_end(char *buf, const struct wait *wait, unsigned int side);
/* Its address alone; @buf of PRINT_ADDR bytes. */
char *wait_print_addr(char *buf, const struct wait *wait, unsigned int side);

#endif /* TCPHS_WAIT_H */
