/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events from a source through a filter to where they are wanted: text, JSON
 * lines or a recording. What watch, replay and record have in common.
 */
#ifndef TCPHS_STREAM_H
#define TCPHS_STREAM_H

#include <argp.h>

#include "env.h"
#include "filter.h"
#include "source.h"

struct stream_options {
	bool json;
	bool verbose;
	bool strict;		/* lost events are STATUS_LOST */
	u64 count;		/* stop after so many events shown; 0: never */
	const char *write;	/* a recording instead of lines, or NULL */
	char *expression;	/* the filter's words, or NULL; for free() */
};

/* -c, -v and --strict: a child for a command's argp, its input the struct. */
extern const struct argp stream_argp;
/* The same of what prints nothing: --help does not name -v. */
extern const struct argp silent_stream_argp;

/**
 * stream_run() - all events of a source
 * @options: what to make of them
 * @source_options: where they come from
 *
 * A live source ends by a signal, see stop_on_signals(); standard error then
 * gets the summary, as at the end of a file.
 *
 * Return: enum status.
 */
int stream_run(const struct stream_options *options,
	       const struct source_options *source_options);

#endif /* TCPHS_STREAM_H */
