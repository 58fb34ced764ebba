// SPDX-License-Identifier: GPL-2.0
/*
 * Draws a bar by a thread of its own, which looks now and then how far the
 * file's offset has come. Must not touch what others read or print.
 */
#include "progress.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tool.h"

#define NS_PER_S	1000000000LL
#define PERIOD_NS	100000000LL
#define QUIET_NS	500000000LL	/* what is over by then needs no bar */
#define CELLS		30
#define CELL_BYTES	3		/* of a character of the bar, in UTF-8 */
#define MEGA		1000000.0
#define COLOUR_DONE	"\033[36m"
#define COLOUR_LEFT	"\033[2m"
#define COLOUR_OFF	"\033[0m"

struct progress {
	const struct source *source;
	u64 size;
	bool is_coloured;
	long long begin_ns;
	pthread_t thread;
	pthread_mutex_t lock;	/* of is_over */
	pthread_cond_t moved;
	bool is_over;
};

static long long now_ns(void)
{
	struct timespec now = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void repeat(char *at, const char *cell, unsigned int count)
{
	for (; count; count--)
		at = mempcpy(at, cell, CELL_BYTES);
	*at = '\0';
}

/* "━━━━━━────" */
static void draw_bar(const struct progress *progress, double share)
{
	unsigned int cells = (unsigned int)(share * CELLS + 0.5);
	char done[CELLS * CELL_BYTES + 1], left[CELLS * CELL_BYTES + 1];
	bool colour = progress->is_coloured;

	repeat(done, "━", cells);
	repeat(left, "─", CELLS - cells);
	fprintf(stderr, "%s%s%s%s%s", colour ? COLOUR_DONE : "", done,
		colour ? COLOUR_OFF COLOUR_LEFT : "", left,
		colour ? COLOUR_OFF : "");
}

static void draw(const struct progress *progress, u64 done, long long ns)
{
	double share = (double)done / (double)progress->size;
	double seconds = (double)ns / (double)NS_PER_S;
	unsigned int left;

	if (share > 1 || done == 0)
		return;
	left = (unsigned int)(seconds * (1 - share) / share + 0.5);
	fputs(ERASE_LINE, stderr);
	draw_bar(progress, share);
	fprintf(stderr, " %3.0f %%  %.0f of %.0f MB  %.0f MB/s  %u:%02u left",
		share * 100, (double)done / MEGA,
		(double)progress->size / MEGA, (double)done / MEGA / seconds,
		left / 60, left % 60);
}

static struct timespec after(long long ns)
{
	struct timespec when;

	clock_gettime(CLOCK_REALTIME, &when);
	ns += when.tv_nsec;
	when.tv_sec += ns / NS_PER_S;
	when.tv_nsec = ns % NS_PER_S;
	return when;
}

/* Return: whether it is time to draw; false: it is over. */
static bool wait_for(struct progress *progress, long long ns)
{
	struct timespec until = after(ns);
	int error = 0;

	while (!progress->is_over && error != ETIMEDOUT)
		error = pthread_cond_timedwait(&progress->moved,
					       &progress->lock, &until);
	return !progress->is_over;
}

static void *draw_all(void *arg)
{
	struct progress *progress = arg;
	u64 done;

	pthread_mutex_lock(&progress->lock);
	while (wait_for(progress, is_bar_drawn ? PERIOD_NS : QUIET_NS)) {
		done = source_offset(progress->source);
		draw(progress, done, now_ns() - progress->begin_ns);
		is_bar_drawn = true;
	}
	pthread_mutex_unlock(&progress->lock);
	if (is_bar_drawn)
		fputs(ERASE_LINE, stderr);
	is_bar_drawn = false;
	return NULL;
}

struct progress *progress_begin(const struct source *source, bool is_quiet)
{
	struct progress *progress;
	u64 size = source_size(source);

	if (!size || !isatty(STDERR_FILENO) ||
	    (!is_quiet && isatty(STDOUT_FILENO)))
		return NULL;
	progress = tool_alloc(sizeof(*progress));
	progress->source = source;
	progress->size = size;
	progress->is_coloured = is_coloured(stderr);
	progress->begin_ns = now_ns();
	pthread_mutex_init(&progress->lock, NULL);
	pthread_cond_init(&progress->moved, NULL);
	if (!pthread_create(&progress->thread, NULL, draw_all, progress))
		return progress;
	free(progress);
	return NULL;
}

void progress_end(struct progress *progress)
{
	if (!progress)
		return;
	pthread_mutex_lock(&progress->lock);
	progress->is_over = true;
	pthread_cond_signal(&progress->moved);
	pthread_mutex_unlock(&progress->lock);
	pthread_join(progress->thread, NULL);
	pthread_mutex_destroy(&progress->lock);
	pthread_cond_destroy(&progress->moved);
	free(progress);
}
