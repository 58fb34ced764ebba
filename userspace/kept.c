// SPDX-License-Identifier: GPL-2.0
/*
 * Compares all of a record that does not differ from event to event. Must not
 * take one connection for another, whatever the records of a file hold.
 */
#include "kept.h"

#include <stddef.h>
#include <string.h>

/* In words: a call for each would take longer. */
static inline bool is_same(const void *a, const void *b, size_t size)
{
	const char *left = a, *right = b;
	u64 x, y, different = 0;

	for (; size; size -= sizeof(x)) {
		memcpy(&x, left, sizeof(x));
		memcpy(&y, right, sizeof(y));
		different |= x ^ y;
		left += sizeof(x);
		right += sizeof(y);
	}
	return !different;
}

#define CONN_SIZE	(offsetof(struct tcphs_record, bytes) - \
			 offsetof(struct tcphs_record, conn_id))

static_assert(CONN_SIZE % 8 == 0 && sizeof(struct tcphs_owner) % 8 == 0,
	      "whole words");

static bool is_same_conn(const struct tcphs_record *a,
			 const struct tcphs_record *b)
{
	return is_same(&a->conn_id, &b->conn_id, CONN_SIZE) &&
	       is_same(&a->owner, &b->owner, sizeof(a->owner)) &&
	       a->family == b->family && a->local == b->local;
}

struct kept *kept_find(struct kept *all, const struct tcphs_record *record,
		       bool *is_known)
{
	struct kept *kept = &all[record->conn_id % KEPT_CONNS];

	*is_known = kept->length && is_same_conn(&kept->record, record);
	return kept;
}

void kept_set(struct kept *kept, const struct tcphs_record *record,
	      const char *text, size_t length)
{
	kept->length = 0;
	if (length > sizeof(kept->text))
		return;
	kept->record = *record;
	kept->length = length;
	memcpy(kept->text, text, length);
}
