/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How far a file is read, as a bar on standard error; on a terminal alone, and
 * only where nothing else is printed there. Reads nothing of the file itself.
 */
#ifndef TCPHS_PROGRESS_H
#define TCPHS_PROGRESS_H

#include "source.h"

struct progress;

/**
 * progress_begin() - show it, from half a second on
 * @source: which file is read; of others nothing is shown
 * @is_quiet: whether nothing is printed to standard output meanwhile
 *
 * Return: for progress_end(); NULL: nothing will be shown.
 */
struct progress *progress_begin(const struct source *source, bool is_quiet);

/* Takes it away. @progress may be NULL. */
void progress_end(struct progress *progress);

#endif /* TCPHS_PROGRESS_H */
