// SPDX-License-Identifier: GPL-2.0
/*
 * Puts texts and blanks behind each other. Must not write behind its room.
 */
#include "textline.h"

#include <stdarg.h>

#include "digits.h"

/* Return: how many of so many bytes fit. */
static size_t fit(const struct textline *line, size_t length)
{
	size_t room = TEXTLINE_ROOM - line->length;

	return length < room ? length : room;
}

void textline_put_bytes(struct textline *line, const char *text, size_t length)
{
	length = fit(line, length);
	memcpy(line->text + line->length, text, length);
	line->length += length;
}

static void put_blanks(struct textline *line, size_t length, size_t width)
{
	if (length >= width)
		return;
	width = fit(line, width - length);
	memset(line->text + line->length, ' ', width);
	line->length += width;
}

void textline_left(struct textline *line, const char *text, size_t width)
{
	size_t length = strlen(text);

	textline_put_bytes(line, text, length);
	put_blanks(line, length, width);
}

void textline_right(struct textline *line, const char *text, size_t width)
{
	size_t length = strlen(text);

	put_blanks(line, length, width);
	textline_put_bytes(line, text, length);
}

void textline_number(struct textline *line, u64 value, size_t width)
{
	char digits[DIGITS_MAX];
	size_t length = (size_t)(digits_put(digits, value) - digits);

	put_blanks(line, length, width);
	textline_put_bytes(line, digits, length);
}

void textline_format(struct textline *line, const char *format, ...)
{
	size_t room = fit(line, TEXTLINE_ROOM);
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(line->text + line->length, room, format, args);
	va_end(args);
	if (length > 0)
		line->length += (size_t)length < room ? (size_t)length : room - 1;
}

void textline_print(struct textline *line, FILE *out)
{
	while (line->length && line->text[line->length - 1] == ' ')
		line->length--;
	fwrite_unlocked(line->text, 1, line->length, out);
}
