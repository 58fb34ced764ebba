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

#define LINE_ROOM	1024	/* most lines fit; so much malloc() has at hand */
#define BEGIN		"{\"v\":1"
#define ESCAPE		6	/* \u0000: the most that a byte can become */

void jsonline_grow(struct jsonline *line, size_t size)
{
	line->room = line->room * 2 + size;
	line->text = tool_grow(line->text, line->room, 1);
}

static void put(struct jsonline *line, const char *text, size_t size)
{
	memcpy(jsonline_reserve(line, size), text, size);
	line->length += size;
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

#define ONES	0x0101010101010101ULL
#define TOPS	0x8080808080808080ULL

/* A top bit for each byte of @word that is zero, and some above such a one. */
static u64 find_zeros(u64 word)
{
	return (word - ONES) & ~word & TOPS;
}

/* Whether eight bytes are of ASCII, none a control, quote or backslash. */
static bool is_plain(const char *text)
{
	u64 word, odd;

	memcpy(&word, text, sizeof(word));
	odd = word | (word - ONES * ' ') | (word + ONES);
	return !((odd | find_zeros(word ^ ONES * '"') |
		  find_zeros(word ^ ONES * '\\')) & TOPS);
}

static void put_escaped(struct jsonline *line, const char *text)
{
	char *at = line->text + line->length;

	while (*text)
		text = put_character(&at, text);
	*at++ = '"';
	line->length = (size_t)(at - line->text);
}

/* Copied first and looked at then, eight bytes at a time: few texts are odd. */
void jsonline_put_text(struct jsonline *line, const char *text)
{
	size_t i, length = strlen(text);
	char *at = jsonline_reserve(line, ESCAPE * length + 2 + sizeof(u64));

	*at++ = '"';
	line->length++;
	memcpy(at, text, length);
	memset(at + length, ' ', sizeof(u64));
	for (i = 0; i < length; i += sizeof(u64))
		if (!is_plain(at + i)) {
			put_escaped(line, text);
			return;
		}
	at[length] = '"';
	line->length += length + 1;
}

void jsonline_put_name(struct jsonline *line, const char *name)
{
	size_t length = strlen(name);
	char *at = jsonline_reserve(line, length + JSONLINE_VALUE);

	if (name[0] == '-') {
		jsonline_take(line, jsonline_nothing(at));
		return;
	}
	*at++ = '"';
	memcpy(at, name, length);
	at[length] = '"';
	line->length += length + 2;
}

void jsonline_put_word(struct jsonline *line, const char *word)
{
	char *at = jsonline_reserve(line, JSONLINE_VALUE);

	if (!*word || (word[0] == '-' && !word[1]))
		jsonline_take(line, jsonline_nothing(at));
	else
		jsonline_put_text(line, word);
}

static_assert(JSONLINE_VALUE >= PRINT_TIME + 2 && JSONLINE_VALUE >= DIGITS_MAX,
	      "room");

static void put_ts(struct jsonline *line, u64 wall_ns)
{
	char *at = jsonline_open(line, "ts");

	if (wall_ns == TCPHS_NS_NONE) {
		at = jsonline_nothing(at);
	} else {
		*at++ = '"';
		at = print_put_time(at, wall_ns);
		*at++ = '"';
	}
	jsonline_take(line, at);
}

void jsonline_begin(struct jsonline *line, const char *event, u64 wall_ns)
{
	line->room = LINE_ROOM;
	line->text = tool_grow(NULL, LINE_ROOM, 1);
	line->length = 0;
	put(line, BEGIN, sizeof(BEGIN) - 1);
	jsonline_text(line, "event", event);
	put_ts(line, wall_ns);
}

void jsonline_put(struct jsonline *line, const char *text, size_t size)
{
	put(line, text, size);
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
