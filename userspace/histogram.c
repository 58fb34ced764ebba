// SPDX-License-Identifier: GPL-2.0
/*
 * Counts durations in grains and joins these to columns of a width that shows
 * something. Must not know what they are durations of.
 */
#include "histogram.h"

#include <stdlib.h>
#include <string.h>

#include <linux/tcphs.h>

#include "tool.h"

#define COLUMNS_MIN	6
#define COLUMNS_MAX	25
#define STARS		40

void histogram_exit(struct histogram *histogram)
{
	free(histogram->grain);
}

void histogram_add(struct histogram *histogram, u64 ns)
{
	u64 place = ns / HISTOGRAM_GRAIN_NS;

	if (!histogram->grain)
		histogram->grain = tool_alloc((HISTOGRAM_GRAINS + 1) *
					      sizeof(histogram->grain[0]));
	histogram->grain[place < HISTOGRAM_GRAINS ? place : HISTOGRAM_GRAINS]++;
	histogram->total++;
}

/* 1, 2, 5, 10, 20 ...: the least with which @first to @last take @max columns. */
static size_t find_width(size_t first, size_t last, size_t max)
{
	static const size_t steps[] = { 1, 2, 5 };
	size_t i, width, ten = 1;

	for (;; ten *= 10)
		for (i = 0; i < ARRAY_SIZE(steps); i++) {
			width = steps[i] * ten;
			if (last / width - first / width < max)
				return width;
		}
}

static u64 sum_up(const struct histogram *histogram, size_t from, size_t to)
{
	u64 sum = 0;

	for (; from < to && from < HISTOGRAM_GRAINS; from++)
		sum += histogram->grain[from];
	return sum;
}

size_t histogram_columns(const struct histogram *histogram,
			 struct histogram_column *column, size_t max)
{
	size_t first = 0, last = HISTOGRAM_GRAINS, at, width, count = 0;

	if (!histogram->total)
		return 0;
	while (first < last && !histogram->grain[first])
		first++;
	while (last > first && !histogram->grain[last - 1])
		last--;
	if (first < last) {
		width = find_width(first, last - 1, max - 1);
		for (at = first / width * width; at < last; at += width) {
			column[count] = (struct histogram_column){
				.from_ns = at * HISTOGRAM_GRAIN_NS,
				.to_ns = (at + width) * HISTOGRAM_GRAIN_NS,
				.count = sum_up(histogram, at, at + width),
			};
			count++;
		}
	}
	if (histogram->grain[HISTOGRAM_GRAINS]) {
		column[count] = (struct histogram_column){
			.from_ns = HISTOGRAM_GRAINS * HISTOGRAM_GRAIN_NS,
			.to_ns = TCPHS_NS_NONE,
			.count = histogram->grain[HISTOGRAM_GRAINS],
		};
		count++;
	}
	return count;
}

static void print_seconds(char *text, size_t size, u64 ns)
{
	if (ns == TCPHS_NS_NONE)
		snprintf(text, size, "...");
	else
		snprintf(text, size, "%llu.%02llu", ns / 1000000000,
			 ns / 10000000 % 100);
}

static void print_column(FILE *out, const struct histogram_column *column,
			 u64 most)
{
	int stars = (int)(column->count * STARS / most);
	char from[24], to[24], bar[STARS + 1];

	memset(bar, '*', sizeof(bar));
	print_seconds(from, sizeof(from), column->from_ns);
	print_seconds(to, sizeof(to), column->to_ns);
	fprintf(out, "%10s -> %-10s : %-8llu |%-*.*s|\n", from, to,
		column->count, STARS, stars, bar);
}

void histogram_print(FILE *out, const struct histogram *histogram)
{
	struct histogram_column column[COLUMNS_MAX];
	size_t few = COLUMNS_MIN + histogram->total / 8;	/* few values, few columns */
	size_t count = histogram_columns(histogram, column, few < COLUMNS_MAX ?
					 few : COLUMNS_MAX);
	u64 most = 1;
	size_t i;

	if (!count)
		return;
	for (i = 0; i < count; i++)
		if (column[i].count > most)
			most = column[i].count;
	fprintf(out, "%15s%-9s : %-8s %s\n", "seconds", "", "count",
		"distribution");
	for (i = 0; i < count; i++)
		print_column(out, &column[i], most);
}
