/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pieces of lines that are said again and again, and made once: what they are made
 * from is a number. What shares a place gives way. Knows no format.
 */
#ifndef TCPHS_PHRASE_H
#define TCPHS_PHRASE_H

#include <string.h>

#include "env.h"

#define PHRASES		256U	/* a power of two */
#define PHRASE_BITS	8
#define PHRASE_TEXT	128	/* what is longer is made anew each time */

struct phrase {
	u64 key;		/* 0: none */
	size_t length;
	char text[PHRASE_TEXT];
};

/* The place of @key, which is not 0, in @all, PHRASES of them, zeroed at first. */
static inline struct phrase *phrase_find(struct phrase *all, u64 key)
{
	return &all[key * 0x9e3779b97f4a7c15ULL >> (64 - PHRASE_BITS)];
}

/*
 * Return: behind the text of @key at @at, where PHRASE_TEXT bytes are; @at itself if
 * it is not there: then it is to be made, and kept.
 */
static inline char *phrase_put(const struct phrase *phrase, u64 key, char *at)
{
	if (phrase->key != key)
		return at;
	memcpy(at, phrase->text, PHRASE_TEXT);
	return at + phrase->length;
}

/* What was made, from @begin to @end. */
static inline void phrase_keep(struct phrase *phrase, u64 key,
			       const char *begin, const char *end)
{
	size_t length = (size_t)(end - begin);

	phrase->key = 0;
	if (length > PHRASE_TEXT)
		return;
	phrase->key = key;
	phrase->length = length;
	memcpy(phrase->text, begin, length);
}

#endif /* TCPHS_PHRASE_H */
