// SPDX-License-Identifier: GPL-2.0
/*
 * Stories of ends: how they are kept and printed. Compares nothing.
 */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge.h"

void *must_alloc(size_t size)
{
	void *p = calloc(1, size);

	if (!p)
		err(1, "calloc");
	return p;
}

/* The room is the power of two that holds them. */
void story_add(struct story *story, struct step step)
{
	if ((story->count & (story->count - 1)) == 0) {
		size_t room = story->count ? 2 * story->count : 1;

		story->steps = realloc(story->steps, room * sizeof(step));
		if (!story->steps)
			err(1, "realloc");
	}
	story->steps[story->count++] = step;
}

void story_append(struct story *to, const struct story *from)
{
	unsigned int first = to->count;

	for (unsigned int i = 0; i < from->count; i++)
		story_add(to, from->steps[i]);
	if (from->count)
		to->steps[first].begins = true;
}

bool story_has_cause(const struct story *story, enum cause cause)
{
	for (unsigned int i = 0; i < story->count; i++)
		if (story->steps[i].cause == cause)
			return true;
	return false;
}

void story_print(const char *who, const struct story *story)
{
	static const char marks[] = {
		[SEGMENT] = ' ', [TIMER] = 't', [SOCKET] = 's', [CORRECTION] = 'c',
	};

	printf("    %-8s", who);
	if (!story->count)
		printf(" nothing");
	for (unsigned int i = 0; i < story->count; i++) {
		const struct step *step = &story->steps[i];

		if (i == 0 || step->old != story->steps[i - 1].new)
			printf(" %s", state_name(step->old));
		printf(" >%c%s@%" PRIu64 ".%06" PRIu64, marks[step->cause],
		       state_name(step->new), step->ns / 1000000000 % 1000,
		       step->ns % 1000000000 / 1000);
	}
	printf("\n");
}

void end_append(struct end **list, struct end *end)
{
	while (*list)
		list = &(*list)->next;
	*list = end;
}

static const struct {
	char letter;
	const char *name;
} states[] = {
	{ CLOSE, "CLOSE" }, { LISTEN, "LISTEN" }, { SYN_SENT, "SYN_SENT" },
	{ SYN_RECV, "SYN_RECV" }, { ESTABLISHED, "ESTABLISHED" },
	{ FIN_WAIT1, "FIN_WAIT1" }, { FIN_WAIT2, "FIN_WAIT2" },
	{ CLOSING, "CLOSING" }, { TIME_WAIT, "TIME_WAIT" },
	{ CLOSE_WAIT, "CLOSE_WAIT" }, { LAST_ACK, "LAST_ACK" },
};

#define STATES	(sizeof(states) / sizeof(states[0]))

char state_letter(const char *name)
{
	for (size_t i = 0; i < STATES; i++)
		if (!strcmp(states[i].name, name))
			return states[i].letter;
	return UNKNOWN;
}

const char *state_name(char letter)
{
	for (size_t i = 0; i < STATES; i++)
		if (states[i].letter == letter)
			return states[i].name;
	return "-";
}
