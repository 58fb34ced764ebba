// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzes what show and stats read in /proc: the rows of the connections and,
 * each behind a byte 0x1e, the counters of the CPUs and the distributions. The
 * first byte of the input chooses the command.
 */
#include <string.h>

#include "outside.h"
#include "reporter.h"

#define SEPARATOR	0x1e

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static const struct form {
	const char *words[8];
	bool is_json;
} forms[] = {
	{ { "tcphs", "show" }, false },
	{ { "tcphs", "show", "-j" }, true },
	{ { "tcphs", "stats" }, false },
	{ { "tcphs", "stats", "-j" }, true },
	{ { "tcphs", "show", "--sort", "client", "--state", "time-wait,SYN_SEND" }, false },
	{ { "tcphs", "show", "--sort", "time", "port 80" }, false },
	{ { "tcphs", "show", "-j", "--sort", "state", "--closer", "client" }, true },
	{ { "tcphs", "show", "-N", "all", "--sort=server", "--stuck-for=1.5" }, false },
	{ { "tcphs", "show", "-p", "--disagree" }, false },
	{ { "tcphs", "show", "-p" }, false },
};

#define FORMS	(sizeof(forms) / sizeof(forms[0]))

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	reporter_init();
	return 0;
}

/* What comes before a separator, or all. Return: how much with that. */
static size_t give_file(unsigned int number, const char *path, const u8 *data,
			size_t size)
{
	const u8 *mark = memchr(data, SEPARATOR, size);
	size_t length = mark ? (size_t)(mark - data) : size;

	outside_give(number, path, data, length);
	return length + !!mark;
}

static void give_files(const u8 *data, size_t size)
{
	size_t taken = give_file(0, "/proc/tcphs", data, size);

	taken += give_file(1, "/proc/net/stat/tcphs", data + taken, size - taken);
	outside_give(2, "/proc/net/tcphs_times", data + taken, size - taken);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	const struct form *form;
	struct reporter reporter;

	if (!size)
		return 0;
	form = &forms[data[0] % FORMS];
	give_files(data + 1, size - 1);
	reporter_run(&reporter, form->words);
	if (form->is_json)
		reporter_prove_json(&reporter);
	else
		reporter_prove_text(&reporter);
	reporter_free(&reporter);
	return 0;
}
