// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzes what show, stats and timewait read: the rows of the connections and,
 * each behind a byte 0x1e, the counters of the CPUs, the distributions, the
 * range of the ephemeral ports, and the kernel's answer when it is asked for its
 * sockets. The first byte of the input chooses the command.
 */
#include <stdlib.h>
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
	{ { "tcphs", "timewait", "--only", "waiting,orphaned" }, false },
	{ { "tcphs", "timewait", "--only=waiting", "--sort=left", "-p", "port 80" }, false },
	{ { "tcphs", "timewait", "-j", "--only=orphaned,waiting" }, true },
	{ { "tcphs", "timewait", "--ports" }, false },
	{ { "tcphs", "timewait", "--ports", "-j" }, true },
};

#define FORMS	(sizeof(forms) / sizeof(forms[0]))

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	setenv("TCPDIAG_FILE", "/sockets", 1);
	reporter_init();
	return 0;
}

/* The last takes all that is left. */
static void give_files(const u8 *data, size_t size)
{
	static const char *const paths[OUTSIDE_FILES] = {
		"/proc/tcphs", "/proc/net/stat/tcphs", "/proc/net/tcphs_times",
		"/proc/sys/net/ipv4/ip_local_port_range", "/sockets",
	};
	unsigned int number;

	for (number = 0; number < OUTSIDE_FILES; number++) {
		const u8 *mark = memchr(data, SEPARATOR, size);
		size_t part = mark && number + 1 < OUTSIDE_FILES ?
			      (size_t)(mark - data) : size;

		outside_give(number, paths[number], data, part);
		part += part < size;
		data += part;
		size -= part;
	}
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
