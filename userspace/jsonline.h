/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one writer of JSON lines: flat objects, their keys in the order in which
 * they are put. Knows no event.
 *
 *	struct jsonline line;
 *
 *	jsonline_begin(&line, "lost", wall_ns);
 *	jsonline_number(&line, "count", count);
 *	jsonline_print(&line);
 *
 * A library that builds a tree of every object first takes 12 us for an event's
 * line, ten times as long: the module makes events faster.
 */
#ifndef TCPHS_JSONLINE_H
#define TCPHS_JSONLINE_H

#include <stddef.h>

#include "env.h"

struct jsonline {
	char *text;
	size_t length;
	size_t room;
};

/* "v", "event" and "ts"; TCPHS_NS_NONE: that is null. */
void jsonline_begin(struct jsonline *line, const char *event, u64 wall_ns);

/*
 * Keys are put as they are, letters and digits, JSONLINE_KEY at most. Each once:
 * that is the caller's.
 */
#define JSONLINE_KEY	48

void jsonline_null(struct jsonline *line, const char *key);
void jsonline_bool(struct jsonline *line, const char *key, bool value);
/* JSON's integers end at 2^63 - 1; no true number here comes near. */
void jsonline_number(struct jsonline *line, const char *key, u64 value);
/* null where it is not known. */
void jsonline_number_if(struct jsonline *line, const char *key, bool is_known,
			u64 value);
/* TCPHS_NS_NONE is null. */
void jsonline_span(struct jsonline *line, const char *key, u64 ns);
/* Any bytes; what is no character that can be printed is escaped or replaced. */
void jsonline_text(struct jsonline *line, const char *key, const char *text);
/* "", and names.h's word for nothing, "-", are null. */
void jsonline_word(struct jsonline *line, const char *key, const char *word);

/* Return: the object as text without '\n', for free(). */
char *jsonline_end(struct jsonline *line);
/* The same to standard output, with '\n'. */
void jsonline_print(struct jsonline *line);

#endif /* TCPHS_JSONLINE_H */
