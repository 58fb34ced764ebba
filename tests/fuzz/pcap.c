// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzes captures: pcap and pcapng files of any link layer, through the whole
 * way of replay and ladder. The first byte of the input chooses the command.
 */
#include <stdlib.h>
#include <string.h>

#include "prove.h"
#include "reading.h"
#include "reporter.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	reporter_init();
	return 0;
}

#define SEQ		",\"seq\":"
#define TS		"\"ts\":\""
#define TS_SIZE		strlen("2023-11-14T22:13:20.000000000Z")

/* Events are numbered; time is known and does not go back. */
static void prove_order(const char *lines)
{
	const char *line = strchr(lines, '\n'), *before = "";
	unsigned long long count = 0;

	/* behind hello, and behind the line before */
	for (; line && line[1]; line = strchr(line + 1, '\n')) {
		const char *seq = strstr(line, SEQ), *ts = strstr(line, TS);

		PROVE(seq && ts && ts < seq);
		PROVE(strtoull(seq + strlen(SEQ), NULL, 10) >= count);
		count = strtoull(seq + strlen(SEQ), NULL, 10) + 1;
		ts += strlen(TS);
		PROVE(strncmp(before, ts, TS_SIZE) <= 0);
		before = ts;
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	if (size)
		reading_run(data[0], data + 1, size - 1, prove_order);
	return 0;
}
