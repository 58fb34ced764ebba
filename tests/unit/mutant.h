/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A state table with one cell altered, for tests of the tests. Programs that
 * use it are linked with -Wl,--wrap=tcphs_fsm_cell: the engine is not touched.
 */
#ifndef TCPHS_UNIT_MUTANT_H
#define TCPHS_UNIT_MUTANT_H

#include "core/fsm.h"

/* Which cells were looked up so far. */
struct mutant_use {
	bool cell[TCPHS_STATES][TCPHS_FSM_EVENTS];
};

/* From now on @event leads from @state to @next. */
void mutant_set(unsigned int state, unsigned int event, unsigned int next);

/* Where to note what is looked up. */
void mutant_note_use(struct mutant_use *use);

/* The tests' main(), by another name: see the Makefile. */
int seg_main(int argc, char **argv);
int random_main(int argc, char **argv);
int fsm_test_main(int argc, char **argv);

#endif /* TCPHS_UNIT_MUTANT_H */
