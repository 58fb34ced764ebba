// SPDX-License-Identifier: GPL-2.0
/*
 * Reads recordings, which anybody can have made. Must not trust more of one
 * than its size.
 */
#include "recording.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

#define LOOK	1024	/* records, then for signals */

struct recording {
	struct source source;
	FILE *file;
	const char *name;
	u32 uapi;		/* of the records */
	u64 number;		/* of the record, from 1 */
	struct tcphs_record record;
};

static enum source_got complain_cut(struct recording *recording, size_t count)
{
	if (ferror(recording->file))
		complain("%s: %s", recording->name, strerror(errno));
	else
		complain("%s: cut off: %zu bytes of a record of %u; those before were used",
			 recording->name, count, TCPHS_RECORD_SIZE);
	return SOURCE_FAILED;
}

/* A type that is not known may come from a newer module; 0 and ours cannot. */
static bool is_record(const struct tcphs_record *record)
{
	return record->size == TCPHS_RECORD_SIZE &&
	       record->type >= TCPHS_EV_LOST &&
	       record->type < SOURCE_EV_SEGMENT;
}

/*
 * What an older interface had no field for is 0 in its records: there 0 is not
 * a value but means that nobody knows. Version 2 told whose a connection is, 3
 * how exactly an end is known, and how long an orphan and a SYN had to wait.
 */
static void complete(struct tcphs_record *record, u32 uapi)
{
	if (uapi < 2 && record->type != TCPHS_EV_LOST)
		record->owner = (struct tcphs_owner){ .uid = TCPHS_UID_NONE };
	if (uapi >= 3)
		return;
	if (record->type == TCPHS_EV_TRANSITION)
		record->transition.orphan_ns = TCPHS_NS_NONE;
	else if (record->type == TCPHS_EV_ANOMALY)
		record->anomaly.delay_ns = TCPHS_NS_NONE;
	else if (record->type == TCPHS_EV_TIMEWAIT)
		record->timewait.error_ns = TCPHS_NS_NONE;
}

static enum source_got next(struct source *source, int timeout_ms,
			    const struct tcphs_record **record)
{
	struct recording *recording = (struct recording *)source;
	size_t count;

	(void)timeout_ms;
	if (recording->number % LOOK == 0 && stop_look())
		return SOURCE_END;
	count = fread_unlocked(&recording->record, 1, sizeof(recording->record),
			       recording->file);
	if (count < sizeof(recording->record)) {
		if (stop_wanted || (count == 0 && feof(recording->file)))
			return SOURCE_END;
		return complain_cut(recording, count);
	}
	recording->number++;
	if (!is_record(&recording->record)) {
		complain("%s: record %llu is not one of tcphs; those before were used",
			 recording->name, recording->number);
		return SOURCE_FAILED;
	}
	complete(&recording->record, recording->uapi);
	*record = &recording->record;
	return SOURCE_RECORD;
}

static void close_recording(struct source *source)
{
	struct recording *recording = (struct recording *)source;

	fclose(recording->file);
	free(recording);
}

static const struct source_ops recording_ops = {
	.next = next,
	.close = close_recording,
};

/* Return: why the header is not one that can be read, NULL if it can. */
static const char *find_fault(const struct recording_header *header)
{
	if (memcmp(header->magic, RECORDING_MAGIC, sizeof(header->magic)) != 0)
		return "not a tcphs recording";
	if (header->byte_order != RECORDING_BYTE_ORDER)
		return "recorded on a machine of the other byte order";
	if (header->version != RECORDING_VERSION ||
	    header->header_size != RECORDING_HEADER_SIZE ||
	    header->record_size != TCPHS_RECORD_SIZE || !header->uapi_version)
		return "recorded in a format of another version of tcphs";
	if (header->uapi_version > TCPHS_UAPI_VERSION)
		return "recorded in a format of a newer version of tcphs";
	return NULL;
}

/* NUL-ends what a file can have left open. */
static void copy_text(char *text, size_t size, const char *from)
{
	memcpy(text, from, size - 1);
	text[size - 1] = '\0';
	make_printable(text);
}

static void fill_hello(struct source_hello *hello,
		       const struct recording_header *header)
{
	hello->uapi = header->uapi_module;
	hello->netns = header->netns;
	hello->instance = header->instance;
	hello->wall_ns = header->wall_ns;
	copy_text(hello->module, sizeof(hello->module), header->module);
	copy_text(hello->kernel, sizeof(hello->kernel), header->kernel);
	copy_text(hello->host, sizeof(hello->host), header->host);
	copy_text(hello->boot_id, sizeof(hello->boot_id), header->boot_id);
}

struct source *source_recording_open(FILE *file, const char *name, int *status)
{
	struct recording_header header = { 0 };
	struct recording *recording;
	const char *fault;

	if (fread(&header, sizeof(header), 1, file) != 1)
		fault = "cut off inside its header";
	else
		fault = find_fault(&header);
	if (fault) {
		complain("%s: %s", name, fault);
		*status = STATUS_FAILED;
		fclose(file);
		return NULL;
	}
	recording = tool_alloc(sizeof(*recording));
	recording->source.ops = &recording_ops;
	recording->file = file;
	recording->name = name;
	recording->uapi = header.uapi_version;
	fill_hello(&recording->source.hello, &header);
	return &recording->source;
}
