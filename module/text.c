// SPDX-License-Identifier: GPL-2.0
/*
 * Columns of text, put one behind the other. Allocates nothing, and writes
 * nothing beyond its end.
 */
#include "text.h"

#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/string.h>

static void put_blanks(struct tcphs_text *text, size_t n)
{
	n = min_t(size_t, n, text->end - text->at);
	while (n--)
		*text->at++ = ' ';
}

/**
 * tcphs_text_put() - put text as it is
 * @text: where
 * @word: the text
 * @len: its bytes
 */
void tcphs_text_put(struct tcphs_text *text, const char *word, size_t len)
{
	len = min_t(size_t, len, text->end - text->at);
	memcpy(text->at, word, len);
	text->at += len;
}

/**
 * tcphs_text_left() - put a column, its word at the left
 * @text: where
 * @word: the word
 * @width: of the column, without the blank that is put before it; a longer word
 *	   makes it wider
 */
void tcphs_text_left(struct tcphs_text *text, const char *word, size_t width)
{
	size_t len = strlen(word);

	put_blanks(text, 1);
	tcphs_text_put(text, word, len);
	put_blanks(text, width > len ? width - len : 0);
}

/**
 * tcphs_text_right() - put a column, its word at the right
 * @text: where
 * @word: the word
 * @width: as in tcphs_text_left()
 */
void tcphs_text_right(struct tcphs_text *text, const char *word, size_t width)
{
	size_t len = strlen(word);

	put_blanks(text, 1 + (width > len ? width - len : 0));
	tcphs_text_put(text, word, len);
}

/* Write backwards, at least one digit. Return: the first. */
static char *put_digits(char *at, u64 number)
{
	u32 small, rest;

	while (number > U32_MAX) {
		number = div_u64_rem(number, 10, &rest);
		*--at = '0' + rest;
	}
	for (small = number; small > 9; small /= 10)
		*--at = '0' + small % 10;
	*--at = '0' + small;
	return at;
}

/**
 * tcphs_text_number() - a number in decimal
 * @buf: TCPHS_TEXT_NUMBER bytes
 * @number: the number
 *
 * Return: where in @buf it begins; it ends with a 0.
 */
char *tcphs_text_number(char *buf, u64 number)
{
	char *at = buf + TCPHS_TEXT_NUMBER - 1;

	*at = '\0';
	return put_digits(at, number);
}

/**
 * tcphs_text_thousandths() - a number with three decimals
 * @buf: TCPHS_TEXT_NUMBER bytes
 * @thousandths: a thousand times the number
 *
 * Return: as tcphs_text_number().
 */
char *tcphs_text_thousandths(char *buf, u64 thousandths)
{
	char *at = buf + TCPHS_TEXT_NUMBER - 1;
	u32 rest;

	thousandths = div_u64_rem(thousandths, 1000, &rest);
	*at = '\0';
	*--at = '0' + rest % 10;
	*--at = '0' + rest / 10 % 10;
	*--at = '0' + rest / 100;
	*--at = '.';
	return put_digits(at, thousandths);
}
