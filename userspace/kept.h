/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the events of a connection have in common, as it was printed for the one
 * before: of some connections, the latest of those that would stand in the same
 * place. Knows no format.
 */
#ifndef TCPHS_KEPT_H
#define TCPHS_KEPT_H

#include <linux/tcphs.h>

#include "env.h"

#define KEPT_CONNS	256	/* a power of two */
#define KEPT_TEXT	504	/* what is longer is made anew each time */

struct kept {
	struct tcphs_record record;	/* for which it was made */
	size_t length;			/* 0: nothing is kept */
	char text[KEPT_TEXT];
};

/*
 * The place of a record's connection in @all, KEPT_CONNS zeroed ones or what they
 * became. Its text may be used if @is_known is then true.
 */
struct kept *kept_find(struct kept *all, const struct tcphs_record *record,
		       bool *is_known);

void kept_set(struct kept *kept, const struct tcphs_record *record,
	      const char *text, size_t length);

#endif /* TCPHS_KEPT_H */
