/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The file format of a recording: a header, then records as the device gives
 * them. Knows no event.
 *
 * All numbers are in the byte order of the machine that wrote them, which
 * byte_order tells; a file of the other order is refused.
 */
#ifndef TCPHS_RECORDING_H
#define TCPHS_RECORDING_H

#include <stdio.h>

#include "env.h"
#include "source.h"

#define RECORDING_MAGIC		"tcphsrec"
#define RECORDING_BYTE_ORDER	0x01020304U
#define RECORDING_VERSION	1
#define RECORDING_HEADER_SIZE	512

struct recording_header {
	char magic[8];		/* RECORDING_MAGIC, without a NUL */
	u32 byte_order;
	u32 version;		/* of this header */
	u32 header_size;	/* the first record stands here */
	u32 record_size;	/* TCPHS_RECORD_SIZE */
	u32 uapi_version;	/* of the records */
	u32 uapi_module;	/* of the module that made them; 0: a capture */
	u32 netns;		/* inode; 0: a capture */
	u32 reserved;
	u64 instance;		/* of the module's loading */
	u64 wall_ns;		/* CLOCK_REALTIME when the recording began */
	u64 boot_ns;		/* CLOCK_BOOTTIME at that moment; as ts_ns */
	char module[32];	/* its version; this and the others NUL-padded */
	char kernel[72];
	char host[72];
	char boot_id[40];
	u8 unused[232];		/* 0 */
};

static_assert(sizeof(struct recording_header) == RECORDING_HEADER_SIZE,
	      "the header has no padding");

/**
 * recording_open() - open what is to be written, and leave it as it is
 * @path: "-": standard output
 *
 * Return: for recording_create(), or -1 having complained.
 */
int recording_open(const char *path);

/**
 * recording_create() - begin a file
 * @fd: of recording_open(), taken over
 * @path: overwritten if it exists, as tcpdump -w does; "-": standard output
 * @source: where the records will come from; it cannot be its own target
 * @status: on failure the exit status, enum status
 *
 * Return: where records are to be written with recording_write(), or NULL
 * having complained.
 */
FILE *recording_create(int fd, const char *path, const struct source *source,
		       int *status);

/* Return: whether it was written; if not it has complained. */
bool recording_write(FILE *file, const struct tcphs_record *record);

/* Return: whether all of it reached the file; if not it has complained. */
bool recording_finish(FILE *file);

#endif /* TCPHS_RECORDING_H */
