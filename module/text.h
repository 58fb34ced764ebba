/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Columns of text, put one behind the other into memory that somebody else
 * gives: a tenth of what formats cost. Knows nothing of what they say.
 */
#ifndef TCPHS_TEXT_H
#define TCPHS_TEXT_H

#include <linux/types.h>

#define TCPHS_TEXT_NUMBER	24	/* the longest number, its point and its end */

/* What does not fit is left out. */
struct tcphs_text {
	char *at;
	char *end;
};

void tcphs_text_put(struct tcphs_text *text, const char *word, size_t len);
void tcphs_text_left(struct tcphs_text *text, const char *word, size_t width);
void tcphs_text_right(struct tcphs_text *text, const char *word, size_t width);

char *tcphs_text_number(char *buf, u64 number);
char *tcphs_text_thousandths(char *buf, u64 thousandths);

#endif /* TCPHS_TEXT_H */
