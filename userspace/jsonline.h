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
#include <stdio.h>
#include <string.h>

#include <linux/tcphs.h>

#include "digits.h"
#include "env.h"

struct jsonline {
	char *text;
	size_t length;
	size_t room;
};

/* "v", "event" and "ts"; TCPHS_NS_NONE: that is null. */
void jsonline_begin(struct jsonline *line, const char *event, u64 wall_ns);

/* Values alone; those below bring their key. */
void jsonline_put_text(struct jsonline *line, const char *text);
void jsonline_put_word(struct jsonline *line, const char *word);
void jsonline_put_name(struct jsonline *line, const char *name);

/* Of a line that was made before, keys and values. */
void jsonline_put(struct jsonline *line, const char *text, size_t size);

/* There is room for so many bytes more. */
void jsonline_grow(struct jsonline *line, size_t size);

#define JSONLINE_VALUE	40	/* room for any number, literal or time */

/* Return: where @room bytes may be put. */
static inline char *jsonline_reserve(struct jsonline *line, size_t room)
{
	if (line->room - line->length < room)
		jsonline_grow(line, room);
	return line->text + line->length;
}

/* So far it is put. */
static inline void jsonline_take(struct jsonline *line, const char *end)
{
	line->length = (size_t)(end - line->text);
}

/*
 * In line: most keys are literals, whose length the compiler knows. Return: where
 * the value goes, JSONLINE_VALUE bytes.
 */
static inline char *jsonline_open(struct jsonline *line, const char *key)
{
	size_t length = strlen(key);
	char *at = jsonline_reserve(line, length + 4 + JSONLINE_VALUE);

	*at++ = ',';
	*at++ = '"';
	memcpy(at, key, length);
	at += length;
	*at++ = '"';
	*at++ = ':';
	return at;
}

static inline void jsonline_key(struct jsonline *line, const char *key)
{
	jsonline_take(line, jsonline_open(line, key));
}

/* JSON's integers end at 2^63 - 1; no true number here comes near. */
static inline char *jsonline_digits(char *at, u64 value)
{
	return digits_put(at, value >> 63 ? ~0ULL >> 1 : value);
}

static inline char *jsonline_nothing(char *at)
{
	memcpy(at, "null", 4);
	return at + 4;
}

/*
 * Keys are put as they are, letters and digits. Each once: that is the caller's.
 */
static inline void jsonline_null(struct jsonline *line, const char *key)
{
	jsonline_take(line, jsonline_nothing(jsonline_open(line, key)));
}

static inline void jsonline_bool(struct jsonline *line, const char *key,
				 bool value)
{
	char *at = jsonline_open(line, key);

	memcpy(at, value ? "true" : "false", 5);
	jsonline_take(line, at + (value ? 4 : 5));
}

static inline void jsonline_number(struct jsonline *line, const char *key,
				   u64 value)
{
	char *at = jsonline_open(line, key);

	jsonline_take(line, jsonline_digits(at, value));
}

/* null where it is not known. */
static inline void jsonline_number_if(struct jsonline *line, const char *key,
				      bool is_known, u64 value)
{
	char *at = jsonline_open(line, key);

	jsonline_take(line, is_known ? jsonline_digits(at, value) :
		      jsonline_nothing(at));
}

/* TCPHS_NS_NONE is null. */
static inline void jsonline_span(struct jsonline *line, const char *key, u64 ns)
{
	jsonline_number_if(line, key, ns != TCPHS_NS_NONE, ns);
}

/* Any bytes; what is no character that can be printed is escaped or replaced. */
static inline void jsonline_text(struct jsonline *line, const char *key,
				 const char *text)
{
	jsonline_key(line, key);
	jsonline_put_text(line, text);
}

/* The same; "" and "-" are null. */
static inline void jsonline_word(struct jsonline *line, const char *key,
				 const char *word)
{
	jsonline_key(line, key);
	jsonline_put_word(line, word);
}

/* One of names.h, which needs no escape; "-" is null. */
static inline void jsonline_name(struct jsonline *line, const char *key,
				 const char *name)
{
	jsonline_key(line, key);
	jsonline_put_name(line, name);
}

/* Return: the object as text without '\n', for free(). */
char *jsonline_end(struct jsonline *line);
/* jsonline_end() to standard output, with '\n'. */
void jsonline_print(struct jsonline *line);

#endif /* TCPHS_JSONLINE_H */
