/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What model.pml sees of the engine: give it a segment, ask what it shows.
 * Ends are named as in the model: 0 is who calls connect() there.
 */
#ifndef TCPHS_MODEL_OBSERVER_H
#define TCPHS_MODEL_OBSERVER_H

#include "core/flow.h"

/* All that the engine remembers, and nothing else: the verifier's state. */
extern struct tcphs_flow observer_flow;
extern struct tcphs_rest observer_rest;

/* A state went back where no correction is documented; the search ends there. */
extern int observer_went_back;

/* By side: it was corrected, and has not got the answer since. */
extern unsigned char observer_corrected[2];

/*
 * At the door of its sender's host (@leaves) or elsewhere. Returns whether the
 * record ended: the segment would open a new one.
 */
int observer_see(unsigned int leaves, unsigned int from, unsigned int flags,
		 unsigned int seq, unsigned int ack, unsigned int data);
void observer_wait(void);			/* 2 MSL go by */
unsigned int observer_shown(unsigned int end);	/* enum tcphs_state */
unsigned int observer_is_corrected(unsigned int end);

/* How far an end in that state is in its life. */
unsigned char observer_rank(unsigned int state);

/* Once; and after each step, for the summary: the states that the ends are in. */
void observer_begin(unsigned int here);
void observer_note(unsigned int client, unsigned int server);

#endif /* TCPHS_MODEL_OBSERVER_H */
