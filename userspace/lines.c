// SPDX-License-Identifier: GPL-2.0
/*
 * A bounded queue of lines as one text, so that many go out by one write().
 * Must not grow.
 */
#include "lines.h"

#include <stdlib.h>
#include <string.h>

#include "tool.h"

void lines_init(struct lines *lines)
{
	memset(lines, 0, sizeof(*lines));
	lines->text = tool_alloc(LINES_BYTES);
	lines->entry = tool_alloc(LINES_COUNT * sizeof(*lines->entry));
}

void lines_exit(struct lines *lines)
{
	free(lines->text);
	free(lines->entry);
}

size_t lines_waiting(const struct lines *lines)
{
	return lines->last - lines->first;
}

bool lines_has_room(const struct lines *lines)
{
	return lines->end - lines->begin <= LINES_BYTES / 2 &&
	       lines_waiting(lines) <= LINES_COUNT / 2;
}

/* To the front, or behind @gap bytes and entries. */
static void move_text(struct lines *lines, size_t gap)
{
	size_t size = lines->end - lines->begin;

	memmove(lines->text + gap, lines->text + lines->begin, size);
	lines->begin = gap;
	lines->end = gap + size;
}

static void move_entries(struct lines *lines, size_t gap)
{
	size_t count = lines_waiting(lines);

	memmove(lines->entry + gap, lines->entry + lines->first,
		count * sizeof(*lines->entry));
	lines->first = gap;
	lines->last = gap + count;
}

static bool fits(const struct lines *lines, size_t size)
{
	return lines->end - lines->begin + size <= LINES_BYTES &&
	       lines_waiting(lines) < LINES_COUNT;
}

static void put(struct lines *lines, size_t text_at, size_t entry_at,
		const char *text, size_t size, const struct place_mark *mark)
{
	memcpy(lines->text + text_at, text, size - 1);
	lines->text[text_at + size - 1] = '\n';
	lines->entry[entry_at].size = size;
	lines->entry[entry_at].mark = *mark;
}

bool lines_push(struct lines *lines, const char *text,
		const struct place_mark *mark)
{
	size_t size = strlen(text) + 1;

	if (!fits(lines, size))
		return false;
	if (lines->end + size > LINES_BYTES)
		move_text(lines, 0);
	if (lines->last == LINES_COUNT)
		move_entries(lines, 0);
	put(lines, lines->end, lines->last, text, size, mark);
	lines->end += size;
	lines->last++;
	return true;
}

bool lines_push_first(struct lines *lines, const char *text,
		      const struct place_mark *mark)
{
	size_t size = strlen(text) + 1;

	if (!fits(lines, size))
		return false;
	move_text(lines, size);
	move_entries(lines, 1);
	lines->begin = 0;
	lines->first = 0;
	put(lines, 0, 0, text, size, mark);
	return true;
}

const char *lines_peek(const struct lines *lines, size_t *size,
		       const struct place_mark **after)
{
	size_t i = lines->first, sum = lines->entry[i].size;

	while (i + 1 < lines->last && sum + lines->entry[i + 1].size <= *size)
		sum += lines->entry[++i].size;
	*size = sum;
	*after = &lines->entry[i].mark;
	return lines->text + lines->begin;
}

size_t lines_take(struct lines *lines, size_t bytes, struct place_mark *mark)
{
	size_t taken = 0;

	while (lines->first < lines->last &&
	       taken + lines->entry[lines->first].size <= bytes) {
		taken += lines->entry[lines->first].size;
		*mark = lines->entry[lines->first++].mark;
	}
	lines->begin += taken;
	if (lines->first == lines->last) {
		move_text(lines, 0);
		move_entries(lines, 0);
	}
	return taken;
}
