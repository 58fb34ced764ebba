// SPDX-License-Identifier: GPL-2.0
/*
 * Puts keys and values behind each other, RFC 8259. Must not print half a line.
 */
#include "jsonline.h"

#include <stdint.h>
#include <string.h>

#include <linux/tcphs.h>

#include "digits.h"
#include "print.h"
#include "tool.h"
#include "utf8.h"

#define LINE_ROOM	1536	/* a connection's, which is the longest, fits */
#define ESCAPE		6	/* \u0000: the most that a byte can become */

/* Return: where @size bytes may be put. */
static char *reserve(struct jsonline *line, size_t size)
{
	if (line->room - line->length < size) {
		line->room = line->room * 2 + size;
		line->text = tool_grow(line->text, line->room, 1);
	}
	return line->text + line->length;
}

static void put(struct jsonline *line, const char *text, size_t size)
{
	memcpy(reserve(line, size), text, size);
	line->length += size;
}

/* Keys are short: a loop takes less than two calls. */
static void put_key(struct jsonline *line, const char *key)
{
	char *at = reserve(line, JSONLINE_KEY + 4);
	unsigned int i;

	*at++ = ',';
	*at++ = '"';
	for (i = 0; i < JSONLINE_KEY && key[i]; i++)
		*at++ = key[i];
	*at++ = '"';
	*at++ = ':';
	line->length = (size_t)(at - line->text);
}

void jsonline_null(struct jsonline *line, const char *key)
{
	put_key(line, key);
	put(line, "null", 4);
}

void jsonline_bool(struct jsonline *line, const char *key, bool value)
{
	put_key(line, key);
	put(line, value ? "true" : "false", value ? 4 : 5);
}

void jsonline_number(struct jsonline *line, const char *key, u64 value)
{
	char *at;

	put_key(line, key);
	at = reserve(line, DIGITS_MAX);
	at = digits_put(at, value > INT64_MAX ? INT64_MAX : value);
	line->length = (size_t)(at - line->text);
}

void jsonline_number_if(struct jsonline *line, const char *key, bool is_known,
			u64 value)
{
	if (is_known)
		jsonline_number(line, key, value);
	else
		jsonline_null(line, key);
}

void jsonline_span(struct jsonline *line, const char *key, u64 ns)
{
	jsonline_number_if(line, key, ns != TCPHS_NS_NONE, ns);
}

static char *put_escape(char *at, unsigned char byte)
{
	static const char digits[] = "0123456789abcdef";

	if (byte >= 0x80)
		return mempcpy(at, "\\ufffd", ESCAPE);
	at = mempcpy(at, "\\u00", 4);
	*at++ = digits[byte >> 4];
	*at++ = digits[byte & 0xf];
	return at;
}

/* Return: behind the character, or the byte, that @text begins with. */
static const char *put_character(char **at, const char *text)
{
	size_t length = utf8_measure(text);

	if (!length) {
		*at = put_escape(*at, (unsigned char)*text);
		return text + 1;
	}
	if (*text == '"' || *text == '\\')
		*(*at)++ = '\\';
	*at = mempcpy(*at, text, length);
	return text + length;
}

static bool is_plain(char c)
{
	return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

void jsonline_text(struct jsonline *line, const char *key, const char *text)
{
	char *at;

	put_key(line, key);
	at = reserve(line, ESCAPE * strlen(text) + 2);
	*at++ = '"';
	while (*text) {
		if (is_plain(*text))
			*at++ = *text++;
		else
			text = put_character(&at, text);
	}
	*at++ = '"';
	line->length = (size_t)(at - line->text);
}

void jsonline_word(struct jsonline *line, const char *key, const char *word)
{
	if (!*word || strcmp(word, "-") == 0)
		jsonline_null(line, key);
	else
		jsonline_text(line, key, word);
}

void jsonline_begin(struct jsonline *line, const char *event, u64 wall_ns)
{
	char when[PRINT_TIME];

	line->length = 0;
	line->room = LINE_ROOM;
	line->text = tool_grow(NULL, LINE_ROOM, 1);
	put(line, "{\"v\":1", 6);
	jsonline_text(line, "event", event);
	if (wall_ns == TCPHS_NS_NONE)
		jsonline_null(line, "ts");
	else
		jsonline_text(line, "ts", print_time(when, wall_ns));
}

char *jsonline_end(struct jsonline *line)
{
	put(line, "}", 2);
	return line->text;
}

void jsonline_print(struct jsonline *line)
{
	print_line(jsonline_end(line));
}
