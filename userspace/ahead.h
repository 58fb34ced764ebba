/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets on their way from who reads them to the engine: read ahead by a thread
 * of its own where that is wanted, some thousand of them. Knows no file.
 */
#ifndef TCPHS_AHEAD_H
#define TCPHS_AHEAD_H

#include "engine.h"

struct ahead;

/* The next packet. Return: false: there is none, and it is not called again. */
typedef bool ahead_fill_t(void *who, struct glance *glance);

/**
 * ahead_begin() - begin to read
 * @fill: called by another thread, from now on until it says false; or,
 *	  without @has_thread, by ahead_next(), not before it is needed
 * @who: for @fill
 * @has_thread: wait for nobody; else no packet is read before the one before it
 *		was used
 */
struct ahead *ahead_begin(ahead_fill_t *fill, void *who, bool has_thread);

/* The next packet, valid until the next call; NULL: that was all. */
const struct glance *ahead_next(struct ahead *ahead);

/* How many are known already that lie behind it, one beside the other. */
unsigned int ahead_behind(const struct ahead *ahead);

/* @fill is not called any more. */
void ahead_end(struct ahead *ahead);

#endif /* TCPHS_AHEAD_H */
