/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The test anything protocol, as little of it as the tests here need: one
 * line for each claim. tests/unit/check numbers the lines of all programs.
 */
#ifndef TCPHS_UNIT_TAP_H
#define TCPHS_UNIT_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

static int tap_failures;

/* A line of explanation. */
__attribute__((format(printf, 1, 2)))
static inline void tap_note(const char *format, ...)
{
	va_list args;

	printf("# ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
}

__attribute__((format(printf, 2, 3)))
static inline bool tap_ok(bool good, const char *format, ...)
{
	va_list args;

	printf("%s - ", good ? "ok" : "not ok");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
	tap_failures += !good;
	return good;
}

/* The exit status of a program. */
static inline int tap_done(void)
{
	return tap_failures ? 1 : 0;
}

#endif /* TCPHS_UNIT_TAP_H */
