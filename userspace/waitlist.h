/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tables of tcphs timewait: who waits, who is an orphan in FIN_WAIT2, what
 * ended, whose SYN was answered late. Reads nothing.
 */
#ifndef TCPHS_WAITLIST_H
#define TCPHS_WAITLIST_H

#include "wait.h"

enum waitlist_order {
	WAITLIST_DEFAULT,	/* who waits: by time; what is over: oldest first */
	WAITLIST_ID,
	WAITLIST_TIME,		/* longest first */
	WAITLIST_LEFT,		/* first to be over first */
	WAITLIST_CLIENT,
	WAITLIST_SERVER,
	WAITLIST_ORDERS
};

enum waitlist_part {
	WAITLIST_WAITING,
	WAITLIST_ORPHANED,
	WAITLIST_ENDED,		/* orphans among them */
	WAITLIST_DELAYED,
	WAITLIST_PARTS
};

/* "waiting", ...; "id", ... for options. */
extern const char *const waitlist_part_names[WAITLIST_PARTS];
extern const char *const waitlist_order_names[WAITLIST_ORDERS];

struct waitlist;

/**
 * waitlist_alloc() - begin
 * @order: of each table
 * @has_owner: with columns of whose they are
 */
struct waitlist *waitlist_alloc(enum waitlist_order order, bool has_owner);

/* Where it belongs; WAITLIST_PARTS: nowhere. */
enum waitlist_part waitlist_part(const struct wait *wait);

/*
 * Kept where it belongs. All who wait are kept; of what is over so many of the
 * newest as will be read, and how many more there were.
 */
void waitlist_add(struct waitlist *list, const struct wait *wait);

/* Each table that is not empty. */
void waitlist_print(struct waitlist *list);

void waitlist_free(struct waitlist *list);

#endif /* TCPHS_WAITLIST_H */
