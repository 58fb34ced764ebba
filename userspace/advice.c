// SPDX-License-Identifier: GPL-2.0
/*
 * Prints sentences and what they rest on. Must not decide which are true here.
 */
#include "advice.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "jsonline.h"
#include "print.h"

#define WIDTH	80
#define INDENT	2

/* Words are not broken; the first line begins at @column already. */
static void print_wrapped(const char *text, int indent)
{
	int column = printf("%*s", indent, "");
	const char *before = "";
	size_t length;

	while (*text) {
		length = strcspn(text, " ");
		if (*before && column + 1 + (int)length > WIDTH) {
			column = printf("\n%*s", indent, "") - 1;
			before = "";
		}
		column += printf("%s%.*s", before, (int)length, text);
		before = " ";
		text += length + strspn(text + length, " ");
	}
	putchar('\n');
}

static void print_basis(const struct advice_basis *basis)
{
	char text[192];

	snprintf(text, sizeof(text), "[%s%s%s]", basis->rfc ? basis->rfc : "",
		 basis->rfc && basis->kernel ? "; " : "",
		 basis->kernel ? basis->kernel : "");
	print_wrapped(text, 3 * INDENT);
}

static void print_text_advice(const char *topic,
			      const struct advice_basis *basis,
			      const char *sentence)
{
	static char last[64];

	if (strcmp(last, topic) != 0)
		printf("%s%s\n", *last ? "\n" : "", topic);
	snprintf(last, sizeof(last), "%s", topic);
	print_wrapped(sentence, INDENT);
	print_basis(basis);
}

static void print_json_advice(const char *topic,
			      const struct advice_basis *basis,
			      const char *sentence)
{
	struct jsonline line;

	jsonline_begin(&line, "timewait_advice", print_wall_ns());
	jsonline_text(&line, "topic", topic);
	jsonline_text(&line, "text", sentence);
	jsonline_word(&line, "rfc", basis->rfc ? basis->rfc : "");
	jsonline_word(&line, "kernel", basis->kernel ? basis->kernel : "");
	jsonline_print(&line);
}

void advice_print(const char *topic, const struct advice_basis *basis,
		  bool json, const char *format, ...)
{
	char *sentence = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&sentence, format, args) < 0)
		sentence = NULL;
	va_end(args);
	if (!sentence)
		return;
	if (json)
		print_json_advice(topic, basis, sentence);
	else
		print_text_advice(topic, basis, sentence);
	free(sentence);
}
