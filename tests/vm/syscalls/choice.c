// SPDX-License-Identifier: GPL-2.0
/* Chance, what it chooses among, and what is said of an answer. Makes no call itself. */
#include "fuzz.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The generator splitmix64: each worker's own. */
static uint64_t draw(struct worker *w)
{
	uint64_t z = w->random += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

uint64_t pick(struct worker *w, uint64_t below)
{
	return below ? draw(w) % below : draw(w);
}

bool chance(struct worker *w, unsigned int percent)
{
	return pick(w, 100) < percent;
}

int pick_fd(struct worker *w, enum kind kind)
{
	if (kind == DEVICE)
		return FIRST_DEVICE + (int)pick(w, 8);
	return FIRST_TEXT + (int)pick(w, 8);
}

size_t pick_size(struct worker *w)
{
	static const size_t sizes[] = {
		0, 1, 255, 256, 257, 511, 512, 4096, 4097, ROOM - 1, ROOM, ROOM + 1,
		1 << 20, INT_MAX, (size_t)INT_MAX + 1, LONG_MAX, (size_t)LONG_MAX + 1, ~0UL,
	};

	if (chance(w, 30))
		return pick(w, ROOM);
	return sizes[pick(w, COUNT_OF(sizes))];
}

long long pick_offset(struct worker *w)
{
	static const long long offsets[] = {
		0, 1, -1, 256, -256, 4095, 4096, INT_MAX, LLONG_MAX, LLONG_MIN, LLONG_MAX - 4095,
	};

	switch (pick(w, 4)) {
	case 0:
		return 0;
	case 1:
		return (long long)pick(w, 65536);
	case 2:
		return (long long)pick(w, 0);
	}
	return offsets[pick(w, COUNT_OF(offsets))];
}

/* Somewhere to write to; @room: so many bytes may be written there. */
char *pick_buffer(struct worker *w, size_t *room)
{
	size_t left;

	*room = 0;
	switch (pick(w, 16)) {
	case 0:
		return NULL;
	case 1:
		return (char *)0xffffffff81000000UL;
	case 2:
		return (char *)~0UL;
	case 3:
		return w->only_read;
	case 4:
		return w->place[pick(w, PLACES)];
	case 5:
		left = pick(w, 1024);
		*room = left;
		return w->room + ROOM - left;
	}
	*room = ROOM;
	return w->room;
}

void wrong(struct worker *w, const char *what, long result)
{
	char line[256];
	int error = errno, len;

	__atomic_add_fetch(&tally->wrong, 1, __ATOMIC_RELAXED);
	len = snprintf(line, sizeof(line),
		       "FAIL: seed %llu, worker %u, call %lu, %s: %s (result %ld, errno %d, %s)\n",
		       (unsigned long long)seed, w->index, w->step, ops[w->op].name, what,
		       result, error, strerrorname_np(error));
	if (write(STDOUT_FILENO, line, (size_t)len) != len)
		_exit(1);
}

/* Return: whether the call did something. Else it failed, as it may. */
bool judge(struct worker *w, long result, const int *errors)
{
	__atomic_add_fetch(&tally->calls[w->op], 1, __ATOMIC_RELAXED);
	if (result != -1) {
		__atomic_add_fetch(&tally->good[w->op], 1, __ATOMIC_RELAXED);
		return true;
	}
	if (errno < ERRNO_MAX)
		__atomic_add_fetch(&tally->errors[errno], 1, __ATOMIC_RELAXED);
	while (*errors && *errors != errno)
		errors++;
	if (!*errors)
		wrong(w, "no error of this call's", result);
	return false;
}

void refuse(struct worker *w, long result, const int *errors)
{
	if (judge(w, result, errors))
		wrong(w, "it should have been refused", result);
}

static unsigned int pick_op(struct worker *w, unsigned int limit)
{
	unsigned int i, sum = 0;
	uint64_t at;

	for (i = 0; i < limit; i++)
		sum += ops[i].weight;
	at = pick(w, sum);
	for (i = 0; at >= ops[i].weight; i++)
		at -= ops[i].weight;
	return i;
}

/* @limit: only the first so many kinds of calls. */
void make_calls(struct worker *w, unsigned long count, unsigned int limit)
{
	while (count-- && !__atomic_load_n(&tally->is_over, __ATOMIC_RELAXED)) {
		w->op = pick_op(w, limit);
		w->step++;
		ops[w->op].call(w);
	}
}
