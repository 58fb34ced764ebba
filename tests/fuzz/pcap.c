// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzes captures: pcap and pcapng files of any link layer, through the whole
 * way of replay and ladder. The first byte of the input chooses the command.
 */
#include <stddef.h>

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

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	if (size)
		reading_run(data[0], data + 1, size - 1);
	return 0;
}
