// SPDX-License-Identifier: GPL-2.0
/*
 * What the traffic maker said it would do: a file for each path, in it the
 * client's port, the kind and the marks of each connection. Sees no state.
 */
#include <err.h>
#include <stdio.h>
#include <string.h>

#include "judge.h"

struct plan plans[PORTS];
const char *kind_names[KINDS_MAX], *path_names[PATHS_MAX];
unsigned int kinds_count, paths_count, planned;

static unsigned int intern(const char **names, unsigned int *count,
			   unsigned int max, const char *name)
{
	unsigned int i;

	for (i = 0; i < *count; i++)
		if (!strcmp(names[i], name))
			return i;
	if (i == max)
		errx(1, "too many names: %s", name);
	names[(*count)++] = strdup(name);
	return i;
}

/* PATH.MARKS: what the scenario did to a whole path. */
static const char *split_marks(char *name)
{
	char *dot = strchr(name, '.');

	if (!dot)
		return "";
	*dot = '\0';
	return dot + 1;
}

static void set_marks(struct plan *plan, const char *marks)
{
	plan->deaf |= !!strchr(marks, 'd');
	plan->choosy |= !!strchr(marks, 'q');
	plan->lossy |= !!strchr(marks, 'l');
	plan->stalled |= !!strchr(marks, 's');
	plan->together |= !!strchr(marks, 'b');
	plan->redirected |= !!strchr(marks, 'r');
	plan->cookies |= !!strchr(marks, 'c');
}

static void make_plan(struct plan *plan, const char *kind, const char *marks,
		      const char *path)
{
	plan->made = true;
	plan->kind = intern(kind_names, &kinds_count, KINDS_MAX, kind);
	plan->path = intern(path_names, &paths_count, PATHS_MAX, path);
	set_marks(plan, marks);
	planned++;
}

void plan_read(const char *path, char *name)
{
	const char *path_marks = split_marks(name);
	FILE *file = fopen(path, "r");
	unsigned int port;
	char kind[64], marks[16];

	if (!file)
		err(1, "%s", path);
	while (fscanf(file, "%u %63s %15s", &port, kind, marks) == 3) {
		if (port >= PORTS || plans[port].made)
			errx(1, "%s: port %u is no port, or planned twice", path,
			     port);
		make_plan(&plans[port], kind, marks, name);
		set_marks(&plans[port], path_marks);
	}
	fclose(file);
}

bool plan_has(uint16_t port)
{
	return plans[port].made;
}
