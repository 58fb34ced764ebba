// SPDX-License-Identifier: GPL-2.0
/*
 * A hash table with open addressing, from connection to the states of its two
 * ends. Must not be asked about one connection: it only counts.
 */
#include "census.h"

#include <stdlib.h>
#include <string.h>

#include "tool.h"

#define SIZE_MIN	1024

void census_init(struct census *census, size_t max)
{
	memset(census, 0, sizeof(*census));
	census->max = max;
	census->size = SIZE_MIN;
	census->slot = tool_alloc(SIZE_MIN * sizeof(*census->slot));
}

void census_exit(struct census *census)
{
	free(census->slot);
}

/* Fibonacci hashing: ids may be consecutive numbers. */
static size_t home_of(const struct census *census, u64 conn_id)
{
	return (conn_id * 0x9e3779b97f4a7c15ULL >> 32) & (census->size - 1);
}

/* The slot of a connection, or the free one where it would stand. */
static size_t find(const struct census *census, u64 conn_id)
{
	size_t i = home_of(census, conn_id);

	while (census->slot[i].is_used && census->slot[i].conn_id != conn_id)
		i = (i + 1) & (census->size - 1);
	return i;
}

static void grow(struct census *census)
{
	struct census_slot *old = census->slot;
	size_t i, size = census->size;

	census->size = size * 2;
	census->slot = tool_alloc(census->size * sizeof(*old));
	for (i = 0; i < size; i++)
		if (old[i].is_used)
			census->slot[find(census, old[i].conn_id)] = old[i];
	free(old);
}

static struct census_slot *get(struct census *census, u64 conn_id)
{
	size_t i = find(census, conn_id);

	if (census->slot[i].is_used)
		return &census->slot[i];
	if (census->used == census->max) {
		census->refused++;
		return NULL;
	}
	if (census->used * 2 >= census->size) {
		grow(census);
		i = find(census, conn_id);
	}
	census->used++;
	census->slot[i].is_used = 1;
	census->slot[i].conn_id = conn_id;
	return &census->slot[i];
}

/* Those that were pushed on by the one that goes move up (Knuth 6.4, R). */
static void free_slot(struct census *census, size_t hole)
{
	size_t mask = census->size - 1;
	size_t i = hole, home;

	census->used--;
	for (;;) {
		i = (i + 1) & mask;
		if (!census->slot[i].is_used)
			break;
		home = home_of(census, census->slot[i].conn_id);
		if (((i - home) & mask) < ((i - hole) & mask))
			continue;
		census->slot[hole] = census->slot[i];
		hole = i;
	}
	memset(&census->slot[hole], 0, sizeof(census->slot[hole]));
}

static void set_state(struct census *census, struct census_slot *slot,
		      unsigned int side, unsigned int state)
{
	if (slot->state[side] != TCPHS_STATE_UNKNOWN)
		census->ends[side][slot->state[side]]--;
	if (state != TCPHS_STATE_UNKNOWN)
		census->ends[side][state]++;
	slot->state[side] = (u8)state;
}

static void take_transition(struct census *census,
			    const struct tcphs_record *record)
{
	unsigned int state = record->transition.new_state;
	unsigned int side = record->transition.side;
	struct census_slot *slot;

	if (side > TCPHS_SERVER || state >= TCPHS_STATES)
		return;
	slot = get(census, record->conn_id);
	if (slot)
		set_state(census, slot, side, state);
}

static void forget(struct census *census, u64 conn_id)
{
	size_t i = find(census, conn_id);

	if (!census->slot[i].is_used)
		return;
	set_state(census, &census->slot[i], TCPHS_CLIENT, TCPHS_STATE_UNKNOWN);
	set_state(census, &census->slot[i], TCPHS_SERVER, TCPHS_STATE_UNKNOWN);
	free_slot(census, i);
}

void census_take(struct census *census, const struct tcphs_record *record)
{
	if (record->type == TCPHS_EV_TRANSITION)
		take_transition(census, record);
	else if (record->type == TCPHS_EV_CONNECTION)
		forget(census, record->conn_id);
}
