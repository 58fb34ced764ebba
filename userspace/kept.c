// SPDX-License-Identifier: GPL-2.0
/*
 * Compares all of a record that does not differ from event to event. Must not
 * take one connection for another, whatever the records of a file hold.
 */
#include "kept.h"

#include <stddef.h>
#include <string.h>

static bool is_same_conn(const struct tcphs_record *a,
			 const struct tcphs_record *b)
{
	return memcmp(&a->conn_id, &b->conn_id,
		      offsetof(struct tcphs_record, bytes) -
		      offsetof(struct tcphs_record, conn_id)) == 0 &&
	       memcmp(&a->owner, &b->owner, sizeof(a->owner)) == 0 &&
	       a->family == b->family && a->local == b->local;
}

struct kept *kept_find(struct kept *all, const struct tcphs_record *record,
		       bool *is_same)
{
	struct kept *kept = &all[record->conn_id % KEPT_CONNS];

	*is_same = kept->length && is_same_conn(&kept->record, record);
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
