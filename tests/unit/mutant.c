// SPDX-License-Identifier: GPL-2.0
/*
 * Stands between the engine and its table, which it does not change. Without
 * a word it hands on what the table says; MUTANT="STATE EVENT NEXT" in the
 * environment, as numbers, sets a mutant at the start.
 */
#include "mutant.h"

#include <stdio.h>
#include <stdlib.h>

/* The names that the linker's --wrap makes. */
const struct tcphs_cell *__real_tcphs_fsm_cell(unsigned int state,
					       unsigned int event);
const struct tcphs_cell *__wrap_tcphs_fsm_cell(unsigned int state,
					       unsigned int event);

static unsigned int altered_state = TCPHS_STATES;
static unsigned int altered_event;
static struct tcphs_cell altered;
static struct mutant_use *noted;

const struct tcphs_cell *__wrap_tcphs_fsm_cell(unsigned int state,
					       unsigned int event)
{
	if (noted && state < TCPHS_STATES && event < TCPHS_FSM_EVENTS)
		noted->cell[state][event] = true;
	if (state == altered_state && event == altered_event)
		return &altered;
	return __real_tcphs_fsm_cell(state, event);
}

void mutant_set(unsigned int state, unsigned int event, unsigned int next)
{
	altered = *__real_tcphs_fsm_cell(state, event);
	altered.next = (u8)next;
	altered_state = state;
	altered_event = event;
}

void mutant_note_use(struct mutant_use *use)
{
	noted = use;
}

__attribute__((constructor))
static void read_environment(void)
{
	const char *text = getenv("MUTANT");
	unsigned int state, event, next;

	if (text && sscanf(text, "%u %u %u", &state, &event, &next) == 3)
		mutant_set(state, event, next);
}
