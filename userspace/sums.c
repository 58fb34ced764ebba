// SPDX-License-Identifier: GPL-2.0
/*
 * A tally for each key. Keys come from the network: beyond so many all others
 * share one.
 */
#include "sums.h"

#include <stdlib.h>
#include <string.h>

#include "jsonline.h"
#include "names.h"
#include "owner.h"
#include "print.h"
#include "tool.h"
#include "words.h"

#define KEYS_MAX	8192	/* 3 MB */
#define SLOTS		(4 * KEYS_MAX)
#define KEY_SIZE	(OWNER_COMM + 16)

const char *const sums_by_names[SUMS_BYS] = {
	[SUMS_PEER] = "peer",
	[SUMS_PORT] = "port",
	[SUMS_OWNER] = "owner",
	[SUMS_CAUSE] = "cause",
};

struct sum {
	char key[KEY_SIZE];
	struct tally tally;
};

struct sums {
	enum sums_by by;
	bool has_now;
	bool has_over;
	size_t count;
	size_t room;
	struct sum *sums;
	u32 slot[SLOTS];	/* a sum's number + 1; 0: free */
};

struct sums *sums_alloc(enum sums_by by, bool has_now, bool has_over)
{
	struct sums *sums = tool_alloc(sizeof(*sums));

	sums->by = by;
	sums->has_now = has_now;
	sums->has_over = has_over;
	return sums;
}

static void name_owner(char *key, const struct tcphs_owner *owner)
{
	char comm[OWNER_COMM];

	owner_comm(comm, owner);
	if (owner->uid == TCPHS_UID_NONE)
		snprintf(key, KEY_SIZE, "- %s", comm);
	else
		snprintf(key, KEY_SIZE, "%u %s", owner->uid, comm);
}

static void name_cause(char *key, const struct wait *wait)
{
	const char *restart = words_restart(wait->cause);
	const char *words = words_end(wait->end, wait->cause);

	switch (wait->kind) {
	case WAIT_NOW:
	case WAIT_ORPHAN_NOW:
		snprintf(key, KEY_SIZE, "still waiting");
		break;
	case WAIT_BEGAN_AGAIN:
		snprintf(key, KEY_SIZE, "begun again: %s",
			 restart ? restart : "-");
		break;
	case WAIT_ORPHAN_ENDED:
		snprintf(key, KEY_SIZE, "orphaned FIN_WAIT2 %s", words);
		break;
	case WAIT_SYN_DELAYED:
		snprintf(key, KEY_SIZE, "SYN answered late");
		break;
	default:
		snprintf(key, KEY_SIZE, "%s", words);
	}
}

static void name_key(char *key, enum sums_by by, const struct wait *wait)
{
	switch (by) {
	case SUMS_PEER:
		wait_print_addr(key, wait, wait->side == TCPHS_CLIENT ?
				TCPHS_SERVER : TCPHS_CLIENT);
		break;
	case SUMS_PORT:
		snprintf(key, KEY_SIZE, "%u", wait->port[TCPHS_SERVER]);
		break;
	case SUMS_OWNER:
		name_owner(key, &wait->owner);
		break;
	default:
		name_cause(key, wait);
	}
}

/* FNV-1a; who sends keys that clash makes this table slow, not large. */
static size_t hash(const char *key)
{
	u32 value = 2166136261U;

	for (; *key; key++)
		value = (value ^ (unsigned char)*key) * 16777619U;
	return value % SLOTS;
}

static struct sum *add_sum(struct sums *sums, const char *key)
{
	struct sum *sum;

	if (sums->count == sums->room) {
		sums->room = sums->room ? sums->room * 2 : 64;
		sums->sums = tool_grow(sums->sums, sums->room,
				       sizeof(sums->sums[0]));
	}
	sum = &sums->sums[sums->count++];
	memset(sum, 0, sizeof(*sum));
	snprintf(sum->key, sizeof(sum->key), "%s", key);
	sum->tally.has_now = sums->has_now;
	sum->tally.has_over = sums->has_over;
	return sum;
}

static struct sum *find_sum(struct sums *sums, const char *key)
{
	size_t place = hash(key);

	while (sums->slot[place]) {
		struct sum *sum = &sums->sums[sums->slot[place] - 1];

		if (strcmp(sum->key, key) == 0)
			return sum;
		place = (place + 1) % SLOTS;
	}
	if (sums->count > KEYS_MAX)
		return &sums->sums[KEYS_MAX];
	if (sums->count == KEYS_MAX)
		return add_sum(sums, "(others)");
	sums->slot[place] = (u32)sums->count + 1;
	return add_sum(sums, key);
}

void sums_add(struct sums *sums, const struct wait *wait)
{
	char key[KEY_SIZE];

	if (wait->kind == WAIT_BEGAN ||
	    (wait->kind == WAIT_BEGAN_AGAIN && sums->by != SUMS_CAUSE))
		return;
	name_key(key, sums->by, wait);
	tally_add(&find_sum(sums, key)->tally, wait);
}

static u64 weight(const struct sum *sum)
{
	const struct tally *tally = &sum->tally;

	return tally_waiting(tally) + tally->orphans_now + tally->ended +
	       tally->orphans_ended + tally->again + tally->delayed;
}

static int compare(const void *x, const void *y)
{
	u64 a = weight(x), b = weight(y);

	return a == b ? strcmp(((const struct sum *)x)->key,
			       ((const struct sum *)y)->key) : a < b ? 1 : -1;
}

static void sort(struct sums *sums)
{
	if (sums->count)
		qsort(sums->sums, sums->count, sizeof(sums->sums[0]), compare);
}

void sums_free(struct sums *sums)
{
	free(sums->sums);
	free(sums);
}

static int find_width(const struct sums *sums)
{
	int width = (int)strlen(sums_by_names[sums->by]);
	size_t i;

	for (i = 0; i < sums->count; i++)
		if ((int)strlen(sums->sums[i].key) > width)
			width = (int)strlen(sums->sums[i].key);
	return width;
}

static const char *const heads[SUMS_BYS] = {
	[SUMS_PEER] = "PEER",
	[SUMS_PORT] = "PORT",
	[SUMS_OWNER] = "OWNER",
	[SUMS_CAUSE] = "CAUSE",
};

static void print_sum(const struct sum *sum, int width)
{
	const struct tally *tally = &sum->tally;
	unsigned int source = tally_source(tally);
	bool modelled = source == TCPHS_SOURCE_MODELLED;
	char span[PRINT_SPAN];
	u64 early = tally->ended - tally->ends[TCPHS_TW_EXPIRED] -
		    tally->ends[TCPHS_TW_NEVER];

	printf("%-*s %8llu %8llu %8llu %8llu %8llu %8llu", width, sum->key,
	       tally_waiting(tally), tally->orphans_now + tally->orphans_ended,
	       tally->ended, early, tally->ends[TCPHS_TW_NEVER],
	       tally->restarts + tally->again);
	printf(" %6llu %10s", tally->delayed,
	       print_span_word(span, source ? tally->shortest_ns[source] :
					      TCPHS_NS_NONE, modelled));
	printf(" %10s\n",
	       print_span_word(span, source ? tally->longest_ns[source] :
					      TCPHS_NS_NONE, modelled));
}

void sums_print(struct sums *sums)
{
	int width = find_width(sums);
	size_t i;

	sort(sums);
	printf("%-*s %8s %8s %8s %8s %8s %8s %6s %10s %10s\n", width,
	       heads[sums->by], "WAITING", "ORPHANED", "ENDED", "EARLY",
	       "NEVER", "RESTARTS", "LATE", "SHORTEST", "LONGEST");
	for (i = 0; i < sums->count; i++)
		print_sum(&sums->sums[i], width);
}

void sums_print_json(struct sums *sums)
{
	const struct sum *sum;
	struct jsonline line;
	size_t i;

	sort(sums);
	for (i = 0; i < sums->count; i++) {
		sum = &sums->sums[i];
		jsonline_begin(&line, "timewait_sum", print_wall_ns());
		jsonline_text(&line, "by", sums_by_names[sums->by]);
		jsonline_text(&line, "key", sum->key);
		tally_put(&line, &sum->tally);
		jsonline_print(&line);
	}
}
