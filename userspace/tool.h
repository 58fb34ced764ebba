/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tool's ground floor: exit statuses, complaints, memory, the wish to
 * stop. Knows neither events nor commands.
 */
#ifndef TCPHS_TOOL_H
#define TCPHS_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Exit statuses, stated in tcphs(8). */
enum status {
	STATUS_DONE = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
	STATUS_ABSENT = 3,	/* module or device; the complaint says what mends it */
	STATUS_LOST = 4,	/* events were lost and --strict was given */
};

/* What mends STATUS_ABSENT. */
#define TOOL_INSMOD	"sudo modprobe tcphs (in the tree: sudo insmod tcphs.ko)"

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

#ifndef __printf
#define __printf(string, first) __attribute__((format(printf, string, first)))
#endif

/*
 * "tcphs: " and a line on standard error; the status is the caller's affair.
 * Names of files and words of users may be in it: control characters are not
 * printed.
 */
__printf(1, 2)
void complain(const char *format, ...);

/* A line that is drawn on the terminal now gives way to complaints. */
extern bool is_bar_drawn;
#define ERASE_LINE	"\r\033[K"

/* C0, DEL and C1 of a name, before it goes to a terminal: what that might obey. */
void hide_controls(char *text);

/*
 * A text that a file holds, before it goes anywhere: neither a terminal nor
 * JSON gets what is not printable ASCII. A tab becomes a space.
 */
void make_printable(char *text);

/* No memory ends the program, having complained; the result is zeroed. */
void *tool_alloc(size_t size);
void *tool_grow(void *array, size_t count, size_t size);

/*
 * Once stop_on_signals() was called, SIGINT and SIGTERM wait, readable, at
 * stop_fd (-1 before). Who finds them there sets stop_wanted.
 */
extern int stop_fd;
extern bool stop_wanted;

void stop_on_signals(void);
/* Look now, without waiting. Return: stop_wanted. */
bool stop_look(void);

/**
 * join_words() - the trailing words of a command as one text
 * @text: what was joined so far, freed; NULL at first
 * @word: to be added after a space
 *
 * Return: a text for free().
 */
char *join_words(char *text, const char *word);

/* Whether @out is a terminal and NO_COLOR (no-color.org) is not set. */
bool is_coloured(FILE *out);

/*
 * More room than stdio gives, for the one stream that a command's data goes to;
 * nothing was written to it yet. A terminal's stays as it is.
 */
void buffer_output(FILE *out);

/*
 * Of many small pieces a call of stdio's for each costs more than to make them. Who
 * has such keeps them together himself; this writes them, and is called whenever
 * something else is to go out. NULL: nobody keeps any.
 */
extern void (*output_kept)(void);

/* How much is worth to be written at once. */
#define OUTPUT_BLOCK	65536U

/* Without a copy, behind all that @out has; is_output_good() tells. */
void write_output(FILE *out, const void *bytes, size_t size);

/* Whether nothing has gone wrong so far; asked soon after each write. */
bool is_output_good(FILE *out);

/**
 * flush_output() - see whether output still goes out
 * @out: flushed; a reader that went away (EPIPE) is no failure
 * @status: set to STATUS_FAILED, having complained, on any other error
 *
 * Return: whether to go on writing.
 */
bool flush_output(FILE *out, int *status);

#endif /* TCPHS_TOOL_H */
