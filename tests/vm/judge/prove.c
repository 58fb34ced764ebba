// SPDX-License-Identifier: GPL-2.0
/*
 * Proof that the judge is awake: of one pair of stories of each kind that
 * agree, every step is left out, and every two neighbours are swapped, on
 * either side in turn; none of that may agree any more.
 */
#include <stdio.h>
#include <stdlib.h>

#include "judge.h"

static bool proved[KINDS_MAX][2];
static unsigned int spoiled, excused, unseen;

static void judge_spoiled(const struct plan *plan, const struct story *kernel,
			  const struct story *tcphs)
{
	struct opinion opinion = judge_local(kernel, tcphs, plan);

	spoiled++;
	if (opinion.verdict == LAG)
		excused++;
	if (opinion.verdict != AGREE)
		return;
	unseen++;
	printf("unseen: %s\n", kind_names[plan->kind]);
	story_print("kernel", kernel);
	story_print("tcphs", tcphs);
}

static struct story without(const struct story *story, unsigned int which)
{
	struct story rest = { 0 };

	for (unsigned int i = 0; i < story->count; i++)
		if (i != which)
			story_add(&rest, story->steps[i]);
	return rest;
}

static struct story swapped(const struct story *story, unsigned int which)
{
	struct story other = { 0 };

	story_append(&other, story);
	other.steps[which] = story->steps[which + 1];
	other.steps[which + 1] = story->steps[which];
	return other;
}

/* A step out of TIME_WAIT has no counterpart: ss is its judge. */
static bool counts(const struct story *story, unsigned int which)
{
	return which < story->count && story->steps[which].old != TIME_WAIT;
}

static void spoil(const struct plan *plan, const struct story *kernel,
		  const struct story *tcphs, const struct story *victim)
{
	for (unsigned int i = 0; counts(victim, i); i++) {
		struct story cut = without(victim, i);

		judge_spoiled(plan, victim == kernel ? &cut : kernel,
			      victim == tcphs ? &cut : tcphs);
		free(cut.steps);
		if (!counts(victim, i + 1))
			continue;
		cut = swapped(victim, i);
		judge_spoiled(plan, victim == kernel ? &cut : kernel,
			      victim == tcphs ? &cut : tcphs);
		free(cut.steps);
	}
}

void prove_add(const struct plan *plan, const struct story *kernel,
	       const struct story *tcphs)
{
	unsigned int side = kernel->steps[0].old == LISTEN;

	if (proved[plan->kind][side])
		return;
	proved[plan->kind][side] = true;
	spoil(plan, kernel, tcphs, kernel);
	spoil(plan, kernel, tcphs, tcphs);
}

unsigned int prove_print(void)
{
	printf("%u stories spoiled: %u differ, %u lag, %u still agree\n", spoiled,
	       spoiled - excused - unseen, excused, unseen);
	return unseen + !spoiled;
}
