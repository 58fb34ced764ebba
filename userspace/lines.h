/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lines that wait to be written, in order, each with its moment of the
 * stream; bounded. Writes nothing.
 */
#ifndef TCPHS_LINES_H
#define TCPHS_LINES_H

#include "env.h"
#include "place.h"

#define LINES_BYTES	(4U << 20)
#define LINES_COUNT	8192U

struct lines_entry {
	size_t size;		/* with its '\n' */
	struct place_mark mark;
};

struct lines {
	char *text;		/* LINES_BYTES, those of begin..end wait */
	size_t begin;
	size_t end;
	struct lines_entry *entry;	/* LINES_COUNT, those of first..last */
	size_t first;
	size_t last;
};

void lines_init(struct lines *lines);
void lines_exit(struct lines *lines);

size_t lines_waiting(const struct lines *lines);
/* Half empty: after a drop, taking one line at each write would drop again. */
bool lines_has_room(const struct lines *lines);

/* @text is without '\n'. Return: whether there was room. */
bool lines_push(struct lines *lines, const char *text,
		const struct place_mark *mark);
/* The same, before all others. */
bool lines_push_first(struct lines *lines, const char *text,
		      const struct place_mark *mark);

/**
 * lines_peek() - the oldest lines
 * @lines: at least one
 * @size: in: at most so many bytes, unless the first line is longer; out: how
 *	  many bytes, whole lines
 * @after: the moment after them
 *
 * Return: their text.
 */
const char *lines_peek(const struct lines *lines, size_t *size,
		       const struct place_mark **after);

/**
 * lines_take() - the oldest lines are written
 * @lines: at least @bytes
 * @bytes: of the text; what is not a whole line stays, whole
 * @mark: becomes the moment after the last line taken; stays if none was
 *
 * Return: the bytes taken.
 */
size_t lines_take(struct lines *lines, size_t bytes, struct place_mark *mark);

#endif /* TCPHS_LINES_H */
