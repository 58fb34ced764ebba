/* SPDX-License-Identifier: GPL-2.0 */
/*
 * JSON lines that are no event's: sums and figures, under the same head. Knows
 * none of them.
 */
#ifndef TCPHS_JSONLINE_H
#define TCPHS_JSONLINE_H

#include <jansson.h>

#include "env.h"

/* "v", "event" and "ts", which is now. */
json_t *jsonline_begin(const char *event);

/* All of @more behind @line; @more is consumed. */
void jsonline_append(json_t *line, json_t *more);

/* JSON's integers end at 2^63 - 1; TCPHS_NS_NONE is null. */
json_t *jsonline_number(u64 value);

/* To standard output; @line is consumed. */
void jsonline_print(json_t *line);

#endif /* TCPHS_JSONLINE_H */
