/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A line of text in columns, put together without printf(): a capture has
 * millions of them. What does not fit is cut off. Knows no event.
 */
#ifndef TCPHS_TEXTLINE_H
#define TCPHS_TEXTLINE_H

#include <stdio.h>
#include <string.h>

#include "env.h"
#include "tool.h"

#define TEXTLINE_ROOM	1024

struct textline {
	size_t length;
	char text[TEXTLINE_ROOM];
};

static inline void textline_begin(struct textline *line)
{
	line->length = 0;
}

void textline_put_bytes(struct textline *line, const char *text, size_t length);

/* Of a literal the compiler knows the length. */
static inline void textline_put(struct textline *line, const char *text)
{
	size_t length = strlen(text);

	if (length > TEXTLINE_ROOM - line->length) {
		textline_put_bytes(line, text, length);
		return;
	}
	memcpy(line->text + line->length, text, length);
	line->length += length;
}

/* At least @width wide, blanks behind it, or before it. */
void textline_left(struct textline *line, const char *text, size_t width);
void textline_right(struct textline *line, const char *text, size_t width);
void textline_number(struct textline *line, u64 value, size_t width);

/* For what is rare. */
__printf(2, 3)
void textline_format(struct textline *line, const char *format, ...);

/* The line without blanks at its end, and no '\n'. */
void textline_print(struct textline *line, FILE *out);

#endif /* TCPHS_TEXTLINE_H */
