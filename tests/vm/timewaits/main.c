// SPDX-License-Identifier: GPL-2.0
/*
 * Compares each TIME_WAIT's start, restarts, end and cause as tcphs tells them with
 * the life of the small socket itself. "save FILE NETNS..." keeps what tcphs tells;
 * "judge FOLDER LABEL MS" reads what is there: trace.*, told.*, and expect, a line
 * "name|client's port|side|words" for each claim. Status 0 only if all is right.
 */
#include <err.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "timewaits.h"

static void for_each(const char *folder, const char *prefix,
		     void (*take)(const char *path))
{
	char pattern[512];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s/%s.*", folder, prefix);
	if (glob(pattern, 0, NULL, &found))
		errx(1, "%s: nothing there", pattern);
	for (size_t i = 0; i < found.gl_pathc; i++)
		take(found.gl_pathv[i]);
	globfree(&found);
}

static int judge_folder(const char *folder, const char *label, const char *ms)
{
	struct limits limits = {
		.label = label,
		.error_ns = (uint64_t)(strtod(ms, NULL) * 1e6),
	};
	char path[512];
	unsigned int wrong;

	for_each(folder, "trace", kernel_read);
	for_each(folder, "told", device_read);
	snprintf(path, sizeof(path), "%s/expect", folder);
	wrong = judge(&limits, path);
	printf("%u wrong\n", wrong);
	return wrong != 0;
}

int main(int argc, char **argv)
{
	if (argc >= 4 && !strcmp(argv[1], "save")) {
		device_save(argv[2], argv + 3, argc - 3);
		return 0;
	}
	if (argc == 5 && !strcmp(argv[1], "judge"))
		return judge_folder(argv[2], argv[3], argv[4]);
	errx(2, "usage: timewaits save FILE NETNS... | judge FOLDER LABEL MS");
}
