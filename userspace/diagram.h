/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One connection drawn as the textbooks do: client left, server right, an
 * arrow for each segment, both states beside it. 80 columns. Chooses and
 * reads nothing.
 */
#ifndef TCPHS_DIAGRAM_H
#define TCPHS_DIAGRAM_H

#include <stdio.h>

#include <linux/tcphs.h>

#include "env.h"

#define DIAGRAM_ASCII	0x01	/* no character beyond ASCII */
#define DIAGRAM_COLOUR	0x02

struct diagram;

/**
 * diagram_alloc() - begin a drawing
 * @out: where to
 * @how: DIAGRAM_ bits
 * @first: the connection's first record: names and time zero
 * @initial: both ends' states before it, enum tcphs_state, by side
 */
struct diagram *diagram_alloc(FILE *out, unsigned int how,
			      const struct tcphs_record *first,
			      const u8 initial[2]);

/**
 * diagram_add() - draw an event, or a segment (SOURCE_EV_SEGMENT)
 * @diagram: draws what came before as soon as this is not of the same segment
 * @record: of the connection, or TCPHS_EV_LOST
 */
void diagram_add(struct diagram *diagram, const struct tcphs_record *record);

/* Draw what is held back: nothing more of its segment will come. */
void diagram_flush(struct diagram *diagram);

/* Draw what is held back, and tell if the connection's end was not among it. */
void diagram_free(struct diagram *diagram);

#endif /* TCPHS_DIAGRAM_H */
