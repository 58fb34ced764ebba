/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An event as a line: text for people, JSON version 1 for programs. Keeps
 * nothing between lines and opens nothing.
 */
#ifndef TCPHS_PRINT_H
#define TCPHS_PRINT_H

#include <stdio.h>

#include <linux/tcphs.h>

#include "env.h"
#include "source.h"

struct row;

/* print.c: text */

#define PRINT_VERBOSE	0x01	/* flag bits, ISNs, totals: a line beneath */
#define PRINT_COLOUR	0x02

/* The line that names the columns of print_text(). */
void print_text_head(FILE *out, unsigned int how);

/**
 * print_text() - an event for people, one line (two: PRINT_VERBOSE) and its '\n'
 * @out: where to
 * @record: any; unknown types get a line that says so
 * @how: PRINT_ bits
 */
void print_text(FILE *out, const struct tcphs_record *record, unsigned int how);

/*
 * The counters of a source, e.g. "12 events seen, 12 shown, 0 lost". @done:
 * "shown" or "written", which @count were.
 */
void print_summary(FILE *out, const struct source_totals *totals, u64 count,
		   const char *done);

/* json.c: one flat object a line, version 1, tcphs-event.schema.json */

/**
 * print_json_record() - an event as JSON
 * @record: any but SOURCE_EV_SEGMENT; the result is valid whatever it holds
 *
 * Return: the object as text without '\n', for free(); NULL: no memory, or a
 * type that this version does not know (skip it, as the UAPI says).
 */
char *print_json_record(const struct tcphs_record *record);

/**
 * print_json_hello() - the first line of every JSON stream
 * @hello: source_hello(); where nothing is known the keys are null
 * @wall_ns: when: @hello->wall_ns or, for a stream begun later, print_wall_ns();
 *	     TCPHS_NS_NONE prints null
 *
 * Return: as print_json_record().
 */
char *print_json_hello(const struct source_hello *hello, u64 wall_ns);

/**
 * print_json_row() - a connection as it is now, event "state"
 * @row: of /proc/tcphs
 * @netns: inode of its namespace, 0: not known
 * @wall_ns: when it was read
 *
 * Return: as print_json_record().
 */
char *print_json_row(const struct row *row, u32 netns, u64 wall_ns);

/* Events that no line tells of. @where: "ring", "output", "restart". */
char *print_json_lost(u64 count, const char *where, u64 wall_ns);

/* A line of these to standard output. Return: whether @line, freed, is one. */
bool print_line(char *line);

/* print_json_record() and print_line() in one. Return: whether there is a line. */
bool print_json_event(const struct tcphs_record *record);

/* CLOCK_REALTIME now. */
u64 print_wall_ns(void);

/* What both forms and the drawing share. */

#define PRINT_ADDR	48	/* an address */
#define PRINT_END	56	/* "[address]:port" */
#define PRINT_TIME	32	/* RFC 3339, UTC, nanoseconds */
#define PRINT_SPAN	32	/* a duration for people */
#define PRINT_HISTORY	33	/* Zeek's letters */
#define PRINT_COUNT	40	/* a number of things of up to 16 characters */

/* Each fills @buf, of the size above, and returns it. */
char *print_addr(char *buf, const struct tcphs_record *record, unsigned int side);
char *print_end(char *buf, const struct tcphs_record *record, unsigned int side);
char *print_time(char *buf, u64 wall_ns);
/* The same without a NUL. Return: behind it. */
char *print_put_time(char *at, u64 wall_ns);
/* The time of day here, to the microsecond, as tcpdump prints it. */
char *print_clock(char *buf, u64 wall_ns);
/* "0.655 ms", "60.240 s"; "-" for TCPHS_NS_NONE; a modelled one gets its "~". */
char *print_span(char *buf, u64 ns, bool modelled);
/* The same as one word, as columns are: "0.655ms". */
char *print_span_word(char *buf, u64 ns, bool modelled);
/* "1 segment", "2 segments" */
char *print_count(char *buf, u64 count, const char *what);

/* "ShADadFf"; "-" where nothing is known, or what stands there is no history. */
char *print_history(char *buf, const struct tcphs_ev_connection *ev);

/* The segment that an event carries, NULL if it carries none. */
const struct tcphs_seg_info *print_seg(const struct tcphs_record *record);

#endif /* TCPHS_PRINT_H */
