/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One reader of a ring: its place, the merge of all CPUs' records into one
 * stream, the exact count of what it lost. Never touches what writers use.
 */
#ifndef TCPHS_READER_H
#define TCPHS_READER_H

#include "ring.h"

struct tcphs_reader;

struct tcphs_reader *tcphs_reader_alloc(struct tcphs_stream *stream);
void tcphs_reader_free(struct tcphs_reader *reader);

ssize_t tcphs_reader_read(struct tcphs_reader *reader, char __user *buf,
			  size_t records);
bool tcphs_reader_has_more(const struct tcphs_reader *reader);
bool tcphs_reader_wants_more(const struct tcphs_reader *reader);
bool tcphs_reader_is_dead(const struct tcphs_reader *reader);
wait_queue_head_t *tcphs_reader_queue(const struct tcphs_reader *reader);

u64 tcphs_reader_place(const struct tcphs_reader *reader);
void tcphs_reader_rewind(struct tcphs_reader *reader);
void tcphs_reader_skip(struct tcphs_reader *reader);
int tcphs_reader_map(const struct tcphs_reader *reader,
		     struct vm_area_struct *vma);
void tcphs_reader_info(const struct tcphs_reader *reader,
		       struct tcphs_info *info);

#endif /* TCPHS_READER_H */
