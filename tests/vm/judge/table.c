// SPDX-License-Identifier: GPL-2.0
/*
 * Counts opinions and prints them: by path with the named cases, and kind by
 * path. Has no opinion of its own.
 */
#include <err.h>
#include <stdio.h>
#include <string.h>

#include "judge.h"

#define CASES_MAX	16

static const char *const scope_names[SCOPES] = {
	[LOCAL] = "Each end, as its own host sees it",
	[FAR] = "The other end, as this end's host sees it",
	[OUTSIDE] = "Both ends, as a router sees them",
};

struct cell {
	unsigned int count[VERDICTS];
};

static struct cell cells[SCOPES][KINDS_MAX][PATHS_MAX];

static struct {
	const char *name;
	unsigned int count[SCOPES][PATHS_MAX];
} cases[CASES_MAX];
static unsigned int cases_count;

static unsigned int find_case(const char *name)
{
	unsigned int i;

	for (i = 0; i < cases_count; i++)
		if (!strcmp(cases[i].name, name))
			return i;
	if (i == CASES_MAX)
		errx(1, "too many cases");
	cases[cases_count++].name = name;
	return i;
}

void table_count(enum scope scope, const struct plan *plan,
		 struct opinion opinion)
{
	cells[scope][plan->kind][plan->path].count[opinion.verdict]++;
	if (opinion.verdict == LAG)
		cases[find_case(opinion.name)].count[scope][plan->path]++;
}

static struct cell sum_path(enum scope scope, unsigned int path)
{
	struct cell sum = { 0 };

	for (unsigned int kind = 0; kind < kinds_count; kind++)
		for (unsigned int v = 0; v < VERDICTS; v++)
			sum.count[v] += cells[scope][kind][path].count[v];
	return sum;
}

unsigned int table_sum(enum verdict verdict)
{
	unsigned int sum = 0;

	for (enum scope scope = LOCAL; scope < SCOPES; scope++)
		for (unsigned int path = 0; path < paths_count; path++)
			sum += sum_path(scope, path).count[verdict];
	return sum;
}

static bool is_empty(const struct cell *cell)
{
	return !cell->count[AGREE] && !cell->count[LAG] && !cell->count[DIFFER];
}

static void print_row(const char *name, const struct cell *cell)
{
	printf("%-12s %7u %7u %7u ", name, cell->count[AGREE],
	       cell->count[LAG], cell->count[DIFFER]);
}

static void print_paths(enum scope scope)
{
	struct cell all = { 0 };

	printf("\n%s\n%-12s %7s %7s %7s  %s\n", scope_names[scope], "path",
	       "agree", "lag", "differ", "the lag's named cases");
	for (unsigned int path = 0; path < paths_count; path++) {
		struct cell sum = sum_path(scope, path);

		if (is_empty(&sum))
			continue;
		print_row(path_names[path], &sum);
		for (unsigned int i = 0; i < cases_count; i++)
			if (cases[i].count[scope][path])
				printf(" %s %u", cases[i].name,
				       cases[i].count[scope][path]);
		printf("\n");
		for (unsigned int v = 0; v < VERDICTS; v++)
			all.count[v] += sum.count[v];
	}
	print_row("all", &all);
	printf("\n");
}

/* 12: all agree; 10+2: two lag; 10+1!1: one differs. */
static void print_cell(const struct cell *cell)
{
	char text[40] = "", lag[12] = "", differ[12] = "";

	if (cell->count[LAG])
		snprintf(lag, sizeof(lag), "+%u", cell->count[LAG]);
	if (cell->count[DIFFER])
		snprintf(differ, sizeof(differ), "!%u", cell->count[DIFFER]);
	if (!is_empty(cell))
		snprintf(text, sizeof(text), "%u%s%s", cell->count[AGREE], lag,
			 differ);
	printf(" %9s", text);
}

static bool is_path_of(enum scope scope, unsigned int path)
{
	struct cell sum = sum_path(scope, path);

	return !is_empty(&sum);
}

static void print_kinds(enum scope scope)
{
	printf("\n%s: agree+lag!differ\n%-22s", scope_names[scope], "kind");
	for (unsigned int path = 0; path < paths_count; path++)
		if (is_path_of(scope, path))
			printf(" %9.9s", path_names[path]);
	printf("\n");
	for (unsigned int kind = 0; kind < kinds_count; kind++) {
		printf("%-22s", kind_names[kind]);
		for (unsigned int path = 0; path < paths_count; path++)
			if (is_path_of(scope, path))
				print_cell(&cells[scope][kind][path]);
		printf("\n");
	}
}

void table_print(void)
{
	print_kinds(LOCAL);
	print_kinds(OUTSIDE);
	for (enum scope scope = LOCAL; scope < SCOPES; scope++)
		print_paths(scope);
}
