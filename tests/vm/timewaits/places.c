// SPDX-License-Identifier: GPL-2.0
/*
 * Lives of small sockets by their addresses and ports, for each witness. Judges
 * nothing.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "timewaits.h"

#define BUCKETS		131072

struct place *places;
static struct place *buckets[BUCKETS];
static struct place **tail = &places;

void *must_alloc(size_t size)
{
	void *p = calloc(1, size);

	if (!p)
		err(1, "calloc");
	return p;
}

void tuple_set4(uint8_t *addr, const void *four)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	memcpy(addr, mapped, sizeof(mapped));
	memcpy(addr + sizeof(mapped), four, 4);
}

/* FNV-1a */
static unsigned int hash(const struct tuple *tuple)
{
	const uint8_t *p = (const uint8_t *)tuple;
	uint32_t sum = 2166136261U;

	for (size_t i = 0; i < sizeof(*tuple); i++)
		sum = (sum ^ p[i]) * 16777619U;
	return (sum ^ sum >> 15) % BUCKETS;
}

struct place *place_of(const struct tuple *tuple)
{
	struct place **at = &buckets[hash(tuple)];

	for (; *at; at = &(*at)->next)
		if (!memcmp(&(*at)->tuple, tuple, sizeof(*tuple)))
			return *at;
	*at = must_alloc(sizeof(**at));
	(*at)->tuple = *tuple;
	*tail = *at;
	tail = &(*at)->next_all;
	return *at;
}

struct wait *wait_add(const struct tuple *tuple, enum witness witness,
		      const struct wait *wait)
{
	struct place *place = place_of(tuple);
	struct wait *copy = must_alloc(sizeof(*copy));

	*copy = *wait;
	copy->next = NULL;
	if (place->last[witness])
		place->last[witness]->next = copy;
	else
		place->first[witness] = copy;
	place->last[witness] = copy;
	return copy;
}

bool wait_is_over(const struct wait *wait)
{
	return wait->end_ns != NEVER_ENDED;
}

void wait_restart(struct wait *wait, uint64_t ns, const char *cause)
{
	if (wait->restarts == RESTARTS_MAX)
		errx(1, "more than %d restarts of one TIME_WAIT", RESTARTS_MAX);
	wait->restart_ns[wait->restarts] = ns;
	wait->restart[wait->restarts++] = cause;
}
