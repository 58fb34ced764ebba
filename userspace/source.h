/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where events come from: /dev/tcphs, a recording, or a capture that is run
 * through the engine here; one struct tcphs_record at a time, alike for all.
 * Prints nothing but complaints and knows no output format.
 *
 *	struct source_options options = { .path = NULL };
 *	struct source *source = source_open(&options, &status);
 *
 *	while ((got = source_next(source, -1, &record)) == SOURCE_RECORD)
 *		...
 *	source_close(source);
 */
#ifndef TCPHS_SOURCE_H
#define TCPHS_SOURCE_H

#include <stdio.h>
#include <sys/types.h>

#include <linux/tcphs.h>

#include "env.h"
#include "names.h"

#define SOURCE_DEVICE	"/dev/tcphs"

/*
 * A private kind of record, only with source_options.segments and only from a
 * capture: a segment that was taken, .transition.seg; the events that it
 * caused follow. seq is that of the next event. Never written or printed.
 */
#define SOURCE_EV_SEGMENT	0xff00

struct source_options {
	const char *path;	/* recording, pcap or pcapng; "-": standard input; */
				/* NULL: the device */
	bool from_now;		/* device: skip what it still holds */
	bool segments;		/* capture: SOURCE_EV_SEGMENT records too */
	bool no_checksum;	/* capture: take segments whose checksum is bad */
	const char *local;	/* capture: "ADDR[,ADDR...]" of local ends, or NULL */
	u64 limit;		/* capture: of connections at once; 0: a million */
	/*
	 * Called with @arg once it is open, before a byte of a file is read: to open
	 * what else is needed, and give up what is not. Returns enum status. A file is
	 * then read in the sandbox. NULL: nothing to do.
	 */
	int (*opened)(void *arg);
	void *arg;
};

/* The machine that traced; nothing is known of a capture's. */
struct source_hello {
	u32 uapi;		/* 0: nothing is known, the texts are empty */
	u32 netns;		/* inode; 0: not known */
	u64 instance;		/* of the module's loading */
	u64 wall_ns;		/* when the stream began; TCPHS_NS_NONE: not known */
	char module[32];	/* its version */
	char kernel[65];
	char host[65];
	char boot_id[37];
};

struct source_totals {
	u64 seen;		/* events that source_next() gave, but "lost" ones */
	u64 lost;		/* the sum of all TCPHS_EV_LOST */
	bool has_segments;	/* capture: what follows is counted */
	u64 other;		/* packets that are not TCP over IP */
	u64 reasons[TCPHS_R_COUNT];	/* each segment under one */
};

enum source_got {
	SOURCE_RECORD,		/* here it is */
	SOURCE_NOTHING,		/* device: time is over, or a signal came */
	SOURCE_END,		/* the file is read, or module or namespace went */
	SOURCE_FAILED,		/* complained; what was given before is good */
};

struct source;

/**
 * source_open() - begin to read
 * @options: kept by reference until source_close()
 * @status: on failure the exit status, enum status
 *
 * The device is opened in the present network namespace (netns_enter()).
 * What a file is, its first bytes tell.
 *
 * Return: the source, or NULL having complained.
 */
struct source *source_open(const struct source_options *options, int *status);

/**
 * source_next() - one event
 * @source: to be read
 * @timeout_ms: how long to wait for one, device only; -1: until a signal comes,
 *		0: do not wait. A signal that stop_on_signals() awaits ends
 *		the wait, stop_wanted is then set
 * @record: where its address goes; valid until the next call
 *
 * Records may come from a file that anybody made: every enumeration in them
 * can hold any number (the functions of names.h answer "-").
 *
 * Return: what came.
 */
enum source_got source_next(struct source *source, int timeout_ms,
			    const struct tcphs_record **record);

/* Bytes of a file, and where it is read just now; 0 of what is no regular file. */
u64 source_size(const struct source *source);
u64 source_offset(const struct source *source);

/*
 * For poll(), after source_next() said SOURCE_NOTHING: readable means that
 * source_next(source, 0, ..) may give some. -1: not the device.
 */
int source_fd(const struct source *source);

/* What the device says now; false: not the device, or it has gone. */
bool source_info(const struct source *source, struct tcphs_info *info);

bool source_is_live(const struct source *source);
/* Whether @fd is open on the very file that is read. */
bool source_is_file(const struct source *source, int fd);
const struct source_hello *source_hello(const struct source *source);
const struct source_totals *source_totals(const struct source *source);

void source_close(struct source *source);

/* One kind of source; each of source_*.c defines one. */
struct source_ops {
	enum source_got (*next)(struct source *source, int timeout_ms,
				const struct tcphs_record **record);
	int (*fd)(const struct source *source);
	bool (*info)(const struct source *source, struct tcphs_info *info);
	void (*close)(struct source *source);
};

/* The first member of each kind's own struct. */
struct source {
	const struct source_ops *ops;
	struct source_hello hello;
	struct source_totals totals;
	bool is_regular;		/* what is read: the next two name it */
	dev_t device;
	ino_t inode;
	u64 size;			/* of it; and its descriptor, to ask for the offset */
	int file_fd;
};

struct source *source_device_open(const struct source_options *options,
				  int *status);
/* These take over @file, of stoppable_open(); its first bytes were put back. */
struct source *source_recording_open(FILE *file, const char *name, int *status);
struct source *source_pcap_open(const struct source_options *options,
				FILE *file, const char *name, int *status);

#endif /* TCPHS_SOURCE_H */
