/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Once through what is known now: the rows of /proc/tcphs, then the events
 * that the device's ring still holds; or a file's events. Waits for nothing
 * and keeps nothing.
 */
#ifndef TCPHS_SURVEY_H
#define TCPHS_SURVEY_H

#include "filter.h"
#include "rows.h"
#include "source.h"

struct survey {
	const struct filter *filter;
	const struct source_options *file;	/* .path; NULL: this host */
	bool rows_only;
};

/* Either may be NULL. */
struct survey_taker {
	void (*row)(void *arg, const struct row *row);
	void (*record)(void *arg, const struct tcphs_record *record);
};

struct survey_totals {
	bool is_live;		/* the device was read */
	u64 events;		/* that were read, of all connections */
	u64 gone;		/* live: older ones, no longer held */
	u64 lost;		/* that a file, or the ring meanwhile, does not hold */
};

/**
 * survey_run() - give all of it to who takes it
 * @survey: what is wanted
 * @taker: is given what the filter lets through
 * @arg: for @taker
 * @totals: filled
 *
 * What happens meanwhile is left out, so that nothing is both a row that
 * waits and an event that ended it.
 *
 * Return: enum status; having complained, what was given is good all the same.
 */
int survey_run(const struct survey *survey, const struct survey_taker *taker,
	       void *arg, struct survey_totals *totals);

#endif /* TCPHS_SURVEY_H */
