// SPDX-License-Identifier: GPL-2.0
/*
 * A ring of batches between two threads: one fills a batch, the other uses it.
 * Must not look into a packet.
 */
#include "ahead.h"

#include <pthread.h>
#include <stdlib.h>

#include "tool.h"

#define BATCHES		16U	/* a power of two */
#define BATCH		256U

struct batch {
	unsigned int count;	/* less than BATCH: the last */
	struct glance glances[BATCH];
};

struct ahead {
	ahead_fill_t *fill;
	void *who;
	bool has_thread;
	pthread_t thread;
	pthread_mutex_t lock;	/* of the three below */
	pthread_cond_t moved;
	unsigned int filled;	/* batches, ever; */
	unsigned int used;
	bool is_over;		/* nobody wants more */
	struct batch *batch;	/* the user's, NULL: none yet */
	unsigned int next;	/* in it */
	struct batch batches[BATCHES];
};

static bool fill_batch(struct ahead *ahead, struct batch *batch,
		       unsigned int room)
{
	for (batch->count = 0; batch->count < room; batch->count++)
		if (!ahead->fill(ahead->who, &batch->glances[batch->count]))
			return false;
	return true;
}

/* Return: whether there is a free batch; false: nobody wants more. */
static bool wait_for_room(struct ahead *ahead)
{
	bool is_wanted;

	pthread_mutex_lock(&ahead->lock);
	while (ahead->filled - ahead->used == BATCHES && !ahead->is_over)
		pthread_cond_wait(&ahead->moved, &ahead->lock);
	is_wanted = !ahead->is_over;
	pthread_mutex_unlock(&ahead->lock);
	return is_wanted;
}

static void move(struct ahead *ahead, unsigned int *what)
{
	pthread_mutex_lock(&ahead->lock);
	(*what)++;
	pthread_cond_signal(&ahead->moved);
	pthread_mutex_unlock(&ahead->lock);
}

static void *fill_all(void *arg)
{
	struct ahead *ahead = arg;
	bool has_more = true;

	while (has_more && wait_for_room(ahead)) {
		has_more = fill_batch(ahead,
				      &ahead->batches[ahead->filled % BATCHES],
				      BATCH);
		move(ahead, &ahead->filled);
	}
	return NULL;
}

struct ahead *ahead_begin(ahead_fill_t *fill, void *who, bool has_thread)
{
	struct ahead *ahead = tool_alloc(sizeof(*ahead));

	ahead->fill = fill;
	ahead->who = who;
	pthread_mutex_init(&ahead->lock, NULL);
	pthread_cond_init(&ahead->moved, NULL);
	ahead->has_thread = has_thread &&
			    !pthread_create(&ahead->thread, NULL, fill_all, ahead);
	return ahead;
}

static struct batch *wait_for_batch(struct ahead *ahead)
{
	pthread_mutex_lock(&ahead->lock);
	while (ahead->filled == ahead->used)
		pthread_cond_wait(&ahead->moved, &ahead->lock);
	pthread_mutex_unlock(&ahead->lock);
	return &ahead->batches[ahead->used % BATCHES];
}

/* Without a thread, one after the other; the last has none. */
static const struct glance *fill_one(struct ahead *ahead)
{
	struct batch *batch = &ahead->batches[0];

	if (ahead->is_over)
		return NULL;
	ahead->is_over = !fill_batch(ahead, batch, 1);
	return batch->count ? &batch->glances[0] : NULL;
}

const struct glance *ahead_next(struct ahead *ahead)
{
	if (!ahead->has_thread)
		return fill_one(ahead);
	if (ahead->batch && ahead->next == BATCH) {
		move(ahead, &ahead->used);
		ahead->batch = NULL;
	}
	if (!ahead->batch) {
		ahead->batch = wait_for_batch(ahead);
		ahead->next = 0;
	}
	if (ahead->next == ahead->batch->count)
		return NULL;
	return &ahead->batch->glances[ahead->next++];
}

unsigned int ahead_behind(const struct ahead *ahead)
{
	return ahead->batch ? ahead->batch->count - ahead->next : 0;
}

void ahead_end(struct ahead *ahead)
{
	if (ahead->has_thread) {
		pthread_mutex_lock(&ahead->lock);
		ahead->is_over = true;
		pthread_cond_signal(&ahead->moved);
		pthread_mutex_unlock(&ahead->lock);
		pthread_join(ahead->thread, NULL);
	}
	pthread_mutex_destroy(&ahead->lock);
	pthread_cond_destroy(&ahead->moved);
	free(ahead);
}
