// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzes the command line: words, each ended by a NUL, as they stand behind
 * "tcphs". There are a capture "book", an empty file "out" and what /proc has; there
 * is no device.
 */
#include <stdlib.h>
#include <string.h>

#include "outside.h"
#include "prove.h"
#include "recording.h"
#include "reporter.h"

#define BOOK	"corpus/pcap/textbook"	/* behind its first byte */

/* Some of the columns: each is found by its name. */
static const char rows[] =
	"# tcphs 0.1.0 netns=4026531840 entries=2 limit=65536 events=17 lost=0\n"
	"# id client server cstate sstate ctime_s closer tw_s tw_source csocket uid cgroup comm\n"
	"1 192.0.2.1:40000 192.0.2.2:80 TIME_WAIT CLOSE 2.25 client 1.5 modelled none 0 1 a\\040b\n"
	"2 [2001:db8::1]:41 [2001:db8::2]:80 FIN_WAIT2 CLOSE_WAIT 9 client - - - - - -\n";

static const char counters[] =
	"entries produced overwritten used stray\n"
	"00000002 00000011 00000000 0000001f 00000001\n"
	"00000002 00000004 00000000 00000008 00000000\n";

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	FILE *file = fopen(BOOK, "r");
	u8 book[4096];
	size_t size;

	(void)argc;
	(void)argv;
	PROVE(file);
	size = fread(book, 1, sizeof(book), file);
	fclose(file);
	PROVE(size > 1);
	outside_give(0, "book", book + 1, size - 1);
	outside_give(1, "/proc/tcphs", rows, strlen(rows));
	outside_give(2, "/proc/net/stat/tcphs", counters, strlen(counters));
	reporter_init();
	return 0;
}

static void split(char *text, size_t size, const char **words)
{
	size_t at, count = 1;

	words[0] = "tcphs";
	for (at = 0; at < size && count < REPORTER_WORDS; at += strlen(text + at) + 1)
		words[count++] = text + at;
	words[count] = NULL;
}

static bool is_recording(const struct reporter *reporter)
{
	return reporter->out_size >= strlen(RECORDING_MAGIC) &&
	       !memcmp(reporter->out, RECORDING_MAGIC, strlen(RECORDING_MAGIC));
}

/* What stands in a complaint are the caller's own words: they may be anything. */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	const char *words[REPORTER_WORDS + 1];
	struct reporter reporter;
	char *text = malloc(size + 1);

	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	split(text, size, words);
	outside_give(3, "out", "", 0);
	reporter_run(&reporter, words);
	reporter.err_size = 0;
	if (!is_recording(&reporter))
		reporter_prove_text(&reporter);
	reporter_free(&reporter);
	free(text);
	return 0;
}
