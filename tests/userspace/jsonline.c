// SPDX-License-Identifier: GPL-2.0
/*
 * Puts each line of its input, hexadecimal bytes and a number, into an object
 * of the reporter's writer, beside its other values. Must escape nothing
 * itself.
 */
#include "jsonline.h"

#include <stdio.h>
#include <stdlib.h>

static void read_bytes(char *text, const char *digits)
{
	unsigned int byte;

	for (; sscanf(digits, "%2x", &byte) == 1; digits += 2)
		*text++ = (char)byte;
	*text = '\0';
}

int main(void)
{
	static char digits[20001], text[10001];
	unsigned long long value;
	struct jsonline line;

	while (scanf("%20000s %llu", digits, &value) == 2) {
		read_bytes(text, digits + 1);
		jsonline_begin(&line, text, value);
		jsonline_text(&line, "text", text);
		jsonline_word(&line, "word", text);
		jsonline_number(&line, "number", value);
		jsonline_span(&line, "span", value);
		jsonline_number_if(&line, "known", value & 1, value);
		jsonline_bool(&line, "odd", value & 1);
		jsonline_null(&line, "nothing");
		jsonline_print(&line);
	}
	return 0;
}
