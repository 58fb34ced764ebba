// SPDX-License-Identifier: GPL-2.0
/*
 * Takes the records of a pcap that has this machine's byte order from one large
 * read after another. Must not judge what is not whole, nor what is too long.
 */
#include "plain.h"

#include <stdlib.h>
#include <string.h>

#include "tool.h"

#define BUFFER_SIZE	1048576
#define NS_PER_S	1000000000ULL
#define MAGIC_US	0xa1b2c3d4U
#define MAGIC_NS	0xa1b23c4dU
#define MAJOR		2
#define MINOR		4

struct head {
	u32 magic;
	u32 unused[5];
};

struct record {
	u32 seconds;
	u32 fraction;
	u32 avail;
	u32 wire;
};

struct plain {
	FILE *file;
	u32 unit_ns;		/* of a fraction */
	u32 avail_max;
	off_t offset;		/* of the buffer's end, in the file */
	size_t begin;		/* what of it was not given yet */
	size_t end;
	u8 buffer[BUFFER_SIZE];
};

/* It was read; it is read again. */
static u32 read_magic(FILE *file)
{
	struct head head = { 0 };

	if (fseeko(file, -(off_t)sizeof(head), SEEK_CUR) < 0 ||
	    fread_unlocked(&head, sizeof(head), 1, file) != 1)
		return 0;
	return head.magic;
}

/* A pcapng is of version 1; what other magics there are has other heads. */
static bool is_plain(pcap_t *pcap, u32 magic)
{
	return (magic == MAGIC_US || magic == MAGIC_NS) &&
	       pcap_major_version(pcap) == MAJOR &&
	       pcap_minor_version(pcap) == MINOR;
}

struct plain *plain_open(pcap_t *pcap, FILE *file)
{
	u32 magic = read_magic(file), snapshot = (u32)pcap_snapshot(pcap);
	struct plain *plain;

	if (!is_plain(pcap, magic))
		return NULL;
	plain = tool_alloc(sizeof(*plain));
	plain->file = file;
	plain->unit_ns = magic == MAGIC_NS ? 1 : 1000;
	plain->avail_max = BUFFER_SIZE - sizeof(struct record);
	if (snapshot < plain->avail_max)
		plain->avail_max = snapshot;
	plain->offset = ftello(file);
	return plain;
}

static void refill(struct plain *plain)
{
	size_t left = plain->end - plain->begin, more;

	memmove(plain->buffer, plain->buffer + plain->begin, left);
	more = fread_unlocked(plain->buffer + left, 1, BUFFER_SIZE - left,
			      plain->file);
	plain->offset += (off_t)more;
	plain->begin = 0;
	plain->end = left + more;
}

/* Whether a record lies whole in the buffer. */
static bool look(const struct plain *plain, struct record *record)
{
	size_t left = plain->end - plain->begin;

	if (left < sizeof(*record))
		return false;
	memcpy(record, plain->buffer + plain->begin, sizeof(*record));
	return record->avail <= plain->avail_max &&
	       record->avail <= left - sizeof(*record);
}

/* Of a regular file this does not fail. */
static void stand_before(struct plain *plain)
{
	off_t left = (off_t)(plain->end - plain->begin);

	fseeko(plain->file, plain->offset - left, SEEK_SET);
	plain->begin = plain->end;
}

static u64 record_ns(const struct plain *plain, const struct record *record)
{
	u64 ns = (u64)record->fraction * plain->unit_ns;

	if (ns >= NS_PER_S)
		ns = NS_PER_S - 1;
	return record->seconds * NS_PER_S + ns;
}

bool plain_next(struct plain *plain, struct plain_packet *packet)
{
	struct record record;

	if (!look(plain, &record)) {
		refill(plain);
		if (!look(plain, &record)) {
			stand_before(plain);
			return false;
		}
	}
	packet->ns = record_ns(plain, &record);
	packet->bytes.avail = record.avail;
	packet->bytes.wire = record.wire > record.avail ? record.wire :
			     record.avail;
	packet->bytes.data = plain->buffer + plain->begin + sizeof(record);
	plain->begin += sizeof(record) + record.avail;
	return true;
}

void plain_close(struct plain *plain)
{
	free(plain);
}
