// SPDX-License-Identifier: GPL-2.0
/*
 * tcphs stats: the module's own account of itself, summed over CPUs, and how
 * long handshakes and TIME_WAITs took. Must not compute what the module did not
 * count.
 */
#include "command.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "jsonline.h"
#include "names.h"
#include "netns.h"
#include "print.h"
#include "rows.h"
#include "times.h"

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

static const struct {
	const char *name;
	const char *label;
	enum tcphs_source source;	/* of the end of a TIME_WAIT */
} distributions[] = {
	{ "syn_synack", "SYN to SYN-ACK", TCPHS_SOURCE_NONE },
	{ "synack_ack", "SYN-ACK to ACK", TCPHS_SOURCE_NONE },
	{ "handshake", "handshake", TCPHS_SOURCE_NONE },
	{ "timewait_observed", "TIME_WAIT, observed", TCPHS_SOURCE_OBSERVED },
	{ "timewait_modelled", "TIME_WAIT, modelled", TCPHS_SOURCE_MODELLED },
};

/* The quantiles that are printed; behind them stands the mean. */
static const struct {
	const char *name;
	unsigned int permille;
} quantiles[] = {
	{ "min", 0 }, { "p50", 500 }, { "p90", 900 }, { "p99", 990 },
	{ "max", 1000 },
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
		"What the module counted: connections and limit, every segment under the reason for which it was used or passed over, events produced and lost; and how long handshakes and TIME_WAITs took.",
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

/* 0: there is none. */
static u64 value_of(const struct counters *counters, const char *name)
{
	size_t i;

	for (i = 0; i < counters->count; i++)
		if (strcmp(counters->counter[i].name, name) == 0)
			return counters->counter[i].value;
	return 0;
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

/* One that only a later module knows has its own name. */
static const char *label_of(const struct times_one *one,
			    enum tcphs_source *source)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(distributions); i++)
		if (strcmp(distributions[i].name, one->name) == 0) {
			*source = distributions[i].source;
			return distributions[i].label;
		}
	*source = TCPHS_SOURCE_NONE;
	return one->name;
}

static void print_distribution(const struct times_one *one)
{
	enum tcphs_source source;
	const char *label = label_of(one, &source);
	bool is_modelled = source == TCPHS_SOURCE_MODELLED;
	char span[PRINT_SPAN];
	u64 ns, error_ns;
	size_t i;

	printf("%20llu  %-20s", one->count, label);
	for (i = 0; i < ARRAY_SIZE(quantiles); i++) {
		ns = times_quantile(one, quantiles[i].permille, &error_ns);
		printf(" %12s", print_span(span, ns, is_modelled));
	}
	printf(" %12s\n", print_span(span, one->mean_ns, is_modelled));
}

static void print_distributions(const struct times *times)
{
	size_t i;

	if (!times->count)
		return;
	printf("\n%20s  %-20s", "count", "time");
	for (i = 0; i < ARRAY_SIZE(quantiles); i++)
		printf(" %12s", quantiles[i].name);
	printf(" %12s\n", "mean");
	for (i = 0; i < times->count; i++)
		print_distribution(&times->one[i]);
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

/*
 * The names are a file's: what is no key, or one that the line has already, is
 * none of ours.
 */
static bool is_key(const struct counters *counters, size_t i)
{
	static const char *const taken[] = { "v", "event", "ts", "module" };
	const char *name = counters->counter[i].name;
	size_t k;

	if (name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")])
		return false;
	for (k = 0; k < ARRAY_SIZE(taken); k++)
		if (strcmp(taken[k], name) == 0)
			return false;
	for (k = 0; k < i; k++)
		if (strcmp(counters->counter[k].name, name) == 0)
			return false;
	return true;
}

static void print_json_stats(const struct counters *counters)
{
	struct jsonline line;
	size_t i;

	jsonline_begin(&line, "stats", print_wall_ns());
	jsonline_text(&line, "module", counters->module);
	for (i = 0; i < counters->count; i++)
		if (is_key(counters, i))
			jsonline_number(&line, counters->counter[i].name,
					counters->counter[i].value);
	jsonline_print(&line);
}

static void put_ns(struct jsonline *line, const char *what, const char *suffix,
		   u64 ns)
{
	char key[24];

	snprintf(key, sizeof(key), "%s_%s", what, suffix);
	jsonline_span(line, key, ns);
}

/* The two extremes are exact: no key says so. */
static void put_quantile(struct jsonline *line, const struct times_one *one,
			 size_t i)
{
	u64 error_ns;
	u64 ns = times_quantile(one, quantiles[i].permille, &error_ns);

	put_ns(line, quantiles[i].name, "ns", ns);
	if (quantiles[i].permille % 1000)
		put_ns(line, quantiles[i].name, "error_ns", error_ns);
}

static void print_json_distribution(const struct times_one *one, u64 netns)
{
	enum tcphs_source source;
	struct jsonline line;
	size_t i;

	label_of(one, &source);
	jsonline_begin(&line, "distribution", print_wall_ns());
	jsonline_number_if(&line, "netns", netns, netns);
	jsonline_text(&line, "name", one->name);
	jsonline_word(&line, "source", tcphs_source_name(source));
	jsonline_number(&line, "count", one->count);
	for (i = 0; i < ARRAY_SIZE(quantiles); i++)
		put_quantile(&line, one, i);
	jsonline_span(&line, "mean_ns", one->mean_ns);
	jsonline_print(&line);
}

static void print_json(const struct counters *counters,
		       const struct times *times)
{
	size_t i;

	print_json_stats(counters);
	for (i = 0; i < times->count; i++)
		print_json_distribution(&times->one[i],
					value_of(counters, "netns"));
}

static int stats_netns(const char *netns, void *arg)
{
	const struct common *common = arg;
	struct counters counters = { 0 };
	int status = STATUS_DONE;
	struct rows *rows = rows_open(&status);
	struct times *times;

	if (!rows)
		return status;
	read_facts(&counters, rows_facts(rows));
	rows_close(rows);
	if (!read_counters(&counters))
		return STATUS_FAILED;
	times = times_open(&status);
	if (common->json) {
		print_json(&counters, times);
	} else {
		print_text_stats(netns, &counters);
		print_distributions(times);
	}
	times_close(times);
	return status;
}

int stats_main(struct common *common, int argc, char **argv)
{
	argp_parse(&argp, argc, argv, 0, NULL, common);
	return netns_each(common->netns, stats_netns, common);
}
