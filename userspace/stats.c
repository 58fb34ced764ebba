// SPDX-License-Identifier: GPL-2.0
/*
 * tcphs stats: the module's own account of itself, summed over CPUs. Must not
 * compute what the module did not count.
 */
#include "command.h"

#include <errno.h>
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "netns.h"
#include "print.h"
#include "rows.h"

#define COUNTERS_MAX	64

struct counter {
	char name[32];
	u64 value;
};

struct counters {
	char module[32];	/* its version */
	size_t count;
	struct counter counter[COUNTERS_MAX];
};

static const struct {
	const char *name;
	const char *meaning;
} meanings[] = {
	{ "netns", "inode of the network namespace" },
	{ "entries", "connections in the table now" },
	{ "half_open", "of these, with no handshake complete" },
	{ "limit", "connections that the table may hold" },
	{ "events", "events produced" },
	{ "produced", "events produced" },
	{ "overwritten", "events no longer held: newer ones took their place" },
	{ "used", "segments that stepped a connection" },
	{ "loopback", "left over loopback: counted where they arrived" },
	{ "fragment", "IP fragments: no whole segment to see" },
	{ "truncated", "packets that ended inside their headers" },
	{ "bad_ip", "IP headers that contradict themselves" },
	{ "bad_tcp", "TCP headers that contradict themselves" },
	{ "bad_checksum", "segments with a bad checksum" },
	{ "bad_flags", "flags that no TCP sends together" },
	{ "bad_ack", "acknowledged what was not sent" },
	{ "out_of_window", "sequence number outside the window" },
	{ "bad_rst", "RST not at the exact number" },
	{ "bad_syn", "SYN inside a live connection" },
	{ "stray", "segments of no connection" },
	{ "table_full", "no room for a new connection" },
	{ "no_memory", "no memory for a new connection" },
	{ "forged", "forwarded in the name of a local socket" },
	{ "created", "connections entered" },
	{ "removed", "connections gone" },
	{ "evicted", "of these, to make room for others" },
	{ "clash", "two first segments of one connection at once" },
	{ "no_identity", "no memory to keep whose connection it is" },
};

static const char *meaning_of(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(meanings); i++)
		if (strcmp(meanings[i].name, name) == 0)
			return meanings[i].meaning;
	return "";
}

static const struct argp_child children[] = {
	{ &common_argp, 0, NULL, 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct common *common = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = common;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "'%s': stats takes no argument", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.parser = parse,
	.doc =
		"What the module counted: connections and limit, every segment under the reason for which it was used or passed over, events produced and lost.",
	.children = children,
};

static bool has_counter(const struct counters *counters, const char *name)
{
	size_t i;

	for (i = 0; i < counters->count; i++)
		if (strcmp(counters->counter[i].name, name) == 0)
			return true;
	return false;
}

/* Added if it is not there; NULL: there is no room. */
static struct counter *find_counter(struct counters *counters, const char *name)
{
	struct counter *counter;
	size_t i;

	for (i = 0; i < counters->count; i++)
		if (strcmp(counters->counter[i].name, name) == 0)
			return &counters->counter[i];
	if (counters->count == COUNTERS_MAX)
		return NULL;
	counter = &counters->counter[counters->count++];
	snprintf(counter->name, sizeof(counter->name), "%s", name);
	return counter;
}

/* "tcphs 1.0 netns=1 entries=5": its numbers; the version stands after "tcphs". */
static void read_facts(struct counters *counters, const char *facts)
{
	char *words = join_words(NULL, facts);
	char *rest = words;
	char *word;

	while ((word = strsep(&rest, " "))) {
		char *value = strchr(word, '=');
		struct counter *counter;

		if (value && (value[1] < '0' || value[1] > '9'))
			continue;	/* a word: no counter */
		if (value) {
			*value++ = '\0';
			counter = find_counter(counters, word);
			if (counter)
				counter->value = strtoull(value, NULL, 10);
		} else if (strcmp(word, "tcphs") != 0 && !*counters->module) {
			snprintf(counters->module, sizeof(counters->module),
				 "%s", word);
		}
	}
	free(words);
}

/* The first line of a file in lnstat's form: a name for each column. */
static size_t read_names(struct counters *counters, char *line,
			 struct counter **columns)
{
	size_t count = 0;
	char *word;

	while ((word = strsep(&line, " ")))
		if (*word && count < COUNTERS_MAX) {
			columns[count] = find_counter(counters, word);
			if (columns[count])
				columns[count]->value = 0;
			count++;
		}
	return count;
}

/* A line for each CPU, hexadecimal; "entries" is the same in all of them. */
static void add_line(char *line, struct counter **columns, size_t count)
{
	size_t place = 0;
	char *word;

	while ((word = strsep(&line, " "))) {
		struct counter *counter;
		u64 value;

		if (!*word || place == count)
			continue;
		counter = columns[place++];
		value = strtoull(word, NULL, 16);
		if (!counter)
			continue;
		if (strcmp(counter->name, "entries") == 0)
			counter->value = value;
		else
			counter->value += value;
	}
}

static bool read_counters(struct counters *counters)
{
	struct counter *columns[COUNTERS_MAX];
	char path[512];
	char *line = NULL;
	size_t room = 0, count = 0;
	FILE *file = fopen(rows_path("net/stat/tcphs", path, sizeof(path)),
			   "re");

	if (!file) {
		complain("%s: %s", path, strerror(errno));
		return false;
	}
	while (getline(&line, &room, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		make_printable(line);
		if (count == 0)
			count = read_names(counters, line, columns);
		else
			add_line(line, columns, count);
	}
	free(line);
	fclose(file);
	return true;
}

/* "events" of /proc/tcphs is what its counter calls "produced". */
static bool is_repeated(const struct counters *counters, const char *name)
{
	return strcmp(name, "events") == 0 && has_counter(counters, "produced");
}

static void print_counter(const struct counter *counter)
{
	const char *meaning = meaning_of(counter->name);

	if (*meaning)
		printf("%20llu  %-14s %s\n", counter->value, counter->name,
		       meaning);
	else
		printf("%20llu  %s\n", counter->value, counter->name);
}

static void print_text_stats(const char *netns, const struct counters *counters)
{
	size_t i;

	printf("tcphs %s%s%s\n", counters->module, netns ? ", netns " : "",
	       netns ? netns : "");
	for (i = 0; i < counters->count; i++)
		if (!is_repeated(counters, counters->counter[i].name))
			print_counter(&counters->counter[i]);
}

/* The keys that every line has are not a counter's. JSON ends at 2^63 - 1. */
static void set_counter(json_t *line, const struct counter *counter)
{
	u64 value = counter->value;

	if (json_object_get(line, counter->name))
		return;
	json_object_set_new(line, counter->name,
			    json_integer(value > INT64_MAX ? INT64_MAX :
					 (json_int_t)value));
}

static void print_json_stats(const struct counters *counters)
{
	char when[PRINT_TIME];
	json_t *line;
	size_t i;

	line = json_pack("{s:i, s:s, s:s, s:s}", "v", 1, "event", "stats",
			 "ts", print_time(when, print_wall_ns()),
			 "module", counters->module);
	for (i = 0; line && i < counters->count; i++)
		set_counter(line, &counters->counter[i]);
	json_dumpf(line, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(line);
}

static int stats_netns(const char *netns, void *arg)
{
	const struct common *common = arg;
	struct counters counters = { 0 };
	int status = STATUS_DONE;
	struct rows *rows = rows_open(&status);

	if (!rows)
		return status;
	read_facts(&counters, rows_facts(rows));
	if (!read_counters(&counters))
		status = STATUS_FAILED;
	else if (common->json)
		print_json_stats(&counters);
	else
		print_text_stats(netns, &counters);
	rows_close(rows);
	return status;
}

int stats_main(struct common *common, int argc, char **argv)
{
	argp_parse(&argp, argc, argv, 0, NULL, common);
	return netns_each(common->netns, stats_netns, common);
}
