// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the distributions that the module keeps. Takes the bounds of buckets
 * from the file: where they lie is the module's affair.
 */
#include "times.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/tcphs.h>

#include "rows.h"
#include "tool.h"

#define NS_PER_S	1000000000ULL

/* The next column; "-" beyond the last. */
static const char *next_word(char **line)
{
	char *word;

	while ((word = strsep(line, " ")))
		if (*word)
			return word;
	return "-";
}

static u64 next_ns(char **line)
{
	const char *word = next_word(line);

	return *word >= '0' && *word <= '9' ? strtoull(word, NULL, 10) :
	       TCPHS_NS_NONE;
}

static u64 next_number(char **line)
{
	return strtoull(next_word(line), NULL, 10);
}

static struct times_one *find_one(struct times *times, const char *name)
{
	size_t i;

	for (i = 0; i < times->count; i++)
		if (strcmp(times->one[i].name, name) == 0)
			return &times->one[i];
	return NULL;
}

/* "12.345678901", seconds, by @count; they may be more ns than 64 bits hold. */
static u64 mean_of(const char *sum, u64 count)
{
	char *rest;
	u64 seconds = strtoull(sum, &rest, 10);
	u64 ns = *rest == '.' ? strtoull(rest + 1, NULL, 10) % NS_PER_S : 0;
	double left = (double)(seconds % count) * NS_PER_S + (double)ns;

	return seconds / count * NS_PER_S + (u64)(left / (double)count);
}

static void add_one(struct times *times, char *line)
{
	const char *name = next_word(&line);
	struct times_one *one = find_one(times, name);
	const char *sum;

	if (one || times->count == TIMES_MAX)
		return;
	one = &times->one[times->count++];
	snprintf(one->name, sizeof(one->name), "%s", name);
	one->count = next_number(&line);
	one->min_ns = next_ns(&line);
	one->max_ns = next_ns(&line);
	sum = next_word(&line);
	one->mean_ns = one->count ? mean_of(sum, one->count) : TCPHS_NS_NONE;
}

static void add_bar(struct times *times, char *line)
{
	struct times_one *one = find_one(times, next_word(&line));
	struct tcphs_bar *bar;

	if (!one)
		return;
	one->bar = tool_grow(one->bar, one->bars + 1, sizeof(*bar));
	bar = &one->bar[one->bars++];
	bar->lower = next_number(&line);
	bar->upper = next_ns(&line);
	bar->count = next_number(&line);
}

static void read_line(struct times *times, char *line)
{
	const char *kind;

	line[strcspn(line, "\n")] = '\0';
	make_printable(line);
	kind = next_word(&line);
	if (strcmp(kind, "times") == 0)
		add_one(times, line);
	else if (strcmp(kind, "bucket") == 0)
		add_bar(times, line);
}

/* Return: whether all of it could be read; errno tells why not. */
static bool read_file(struct times *times, const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	bool good;

	if (!file)
		return false;
	while (getline(&line, &room, file) > 0)
		read_line(times, line);
	good = !ferror(file);
	free(line);
	fclose(file);
	return good;
}

struct times *times_open(int *status)
{
	struct times *times = tool_alloc(sizeof(*times));
	char path[512];

	rows_path("net/tcphs_times", path, sizeof(path));
	if (read_file(times, path))
		return times;
	if (errno == ENOENT) {
		complain("%s is absent: this module is older and keeps no distributions",
			 path);
	} else {
		complain("%s: %s", path, strerror(errno));
		*status = STATUS_FAILED;
	}
	return times;
}

void times_close(struct times *times)
{
	size_t i;

	for (i = 0; i < times->count; i++)
		free(times->one[i].bar);
	free(times);
}

u64 times_quantile(const struct times_one *one, unsigned int permille,
		   u64 *error_ns)
{
	*error_ns = TCPHS_NS_NONE;
	if (!one->count)
		return TCPHS_NS_NONE;
	return tcphs_spread_quantile(one->bar, one->bars, one->min_ns,
				     one->max_ns, permille, error_ns);
}
