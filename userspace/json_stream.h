/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The events of a source as JSON lines on standard output. Knows what is told
 * of a live source and what of a file, and no event.
 */
#ifndef TCPHS_JSON_STREAM_H
#define TCPHS_JSON_STREAM_H

#include "source.h"

/* The first line: for each stream once, before any record. */
void json_stream_begin(const struct source *source);

/* Return: whether @record got a line; a type that is not known gets none. */
bool json_stream_record(const struct source *source,
			const struct tcphs_record *record);

#endif /* TCPHS_JSON_STREAM_H */
