/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How far the stream has reached its output, kept in a small file, so that
 * the next process goes on there: no event twice, the gap as a number. Knows
 * neither lines nor the device.
 *
 * The file is overwritten with one pwrite(), without fsync(): it outlives
 * kill -9; after a crash of the machine the stream is another one anyway.
 * Before lines go to a regular file the place before and after them is noted
 * together with where they will stand: what really stands there then tells
 * the next process which of both is true.
 */
#ifndef TCPHS_PLACE_H
#define TCPHS_PLACE_H

#include <linux/tcphs.h>

#include "env.h"
#include "source.h"

/* A moment of a stream: after an event, or after a loss that was told. */
struct place_mark {
	u64 place;		/* events before it, as of lseek(SEEK_CUR) */
	u64 ts_ns;		/* of the last event that was seen */
	u64 digest;		/* of that event's content; 0: none was seen */
	u32 cpu;		/* of that event */
	u32 reserved;
};

/**
 * place_step() - step over a record
 * @mark: the moment before it; becomes the one after it
 * @record: events and lost ones alike
 */
void place_step(struct place_mark *mark, const struct tcphs_record *record);

/* Skips what was written before this process began. */
struct place_resume {
	bool is_active;
	bool was_met;		/* the last event that was written */
	struct place_mark mark;
};

/**
 * place_skips() - whether a record was written, or told as lost, before
 * @resume: where the one before ended; inactive from the first new event on
 * @record: the stream's next, from the oldest that is held
 *
 * Records come in the order of (ts_ns, cpu); within one such pair the last
 * one written is known by its digest. Should it be gone while others of its
 * pair are held, these count into the gap. A TCPHS_EV_LOST before the first
 * new event is in the gap, too: seq has grown by it.
 */
bool place_skips(struct place_resume *resume,
		 const struct tcphs_record *record);

struct place;

/* What the file says of the stream that is being read now. */
enum place_known {
	PLACE_NONE,		/* nothing: no file, or an empty one */
	PLACE_OTHER,		/* another boot, load of the module or namespace */
	PLACE_SAME,		/* where this stream was left */
};

/**
 * place_open() - open or make the file, and lock it
 * @path: NULL: none is kept; all other functions then do nothing
 * @status: on failure enum status
 *
 * Return: NULL having complained.
 */
struct place *place_open(const char *path, int *status);

/**
 * place_recall() - where the process before left
 * @place: from place_open()
 * @hello: of the stream; later place_ calls speak of it
 * @fd: the output. A batch that did not reach it in full is cut off
 * @mark: where to; only for PLACE_SAME
 */
enum place_known place_recall(struct place *place,
			      const struct source_hello *hello, int fd,
			      struct place_mark *mark);

/* Lines of @length bytes are about to be written to @fd at @offset. */
void place_intend(struct place *place, int fd, u64 offset, u64 length,
		  const struct place_mark *before,
		  const struct place_mark *after);

/* All up to @mark is written. */
void place_settle(struct place *place, const struct place_mark *mark);

void place_close(struct place *place);

#endif /* TCPHS_PLACE_H */
