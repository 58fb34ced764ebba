// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzes recordings. The first byte of the input chooses the command; its
 * highest bit, that the numbers by which a header is refused are right: with
 * them the corpus outlives the next version of the records.
 */
#include "recording.h"

#include <stdlib.h>
#include <string.h>

#include "reading.h"
#include "reporter.h"

#define HOW_MENDED	0x80

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	reporter_init();
	return 0;
}

static void mend_header(struct recording_header *header)
{
	memcpy(header->magic, RECORDING_MAGIC, sizeof(header->magic));
	header->byte_order = RECORDING_BYTE_ORDER;
	header->version = RECORDING_VERSION;
	header->header_size = RECORDING_HEADER_SIZE;
	header->record_size = TCPHS_RECORD_SIZE;
	header->uapi_version = TCPHS_UAPI_VERSION;
}

static void mend_records(u8 *file, size_t size)
{
	size_t at = RECORDING_HEADER_SIZE;

	for (; at + TCPHS_RECORD_SIZE <= size; at += TCPHS_RECORD_SIZE)
		((struct tcphs_record *)(file + at))->size = TCPHS_RECORD_SIZE;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	u8 *file;

	if (!size)
		return 0;
	file = malloc(size);
	memcpy(file, data + 1, --size);
	if ((data[0] & HOW_MENDED) && size >= RECORDING_HEADER_SIZE) {
		mend_header((struct recording_header *)file);
		mend_records(file, size);
	}
	reading_run(data[0], file, size, NULL);
	free(file);
	return 0;
}
