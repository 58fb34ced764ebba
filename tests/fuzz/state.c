// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzes what the daemon reads back from disk, its place and the file of its
 * lines: any content first; then it writes, dies at any moment, and the next
 * run has to go on exactly behind the last line that is there.
 */
#include <stdlib.h>
#include <string.h>

#include "linefile.h"
#include "outside.h"
#include "output.h"
#include "place.h"
#include "prove.h"

#define LINE	"{\"v\":1,\"event\":\"fuzz\",\"n\":"

enum { FILE_PLACE, FILE_LINES, FILE_ROTATED };

#define EVENTS_MAX	16

#define HOW_WRITTEN	0x01	/* the place file is one that was written... */
#define HOW_BATCH	0x02	/* ...before a batch of lines was */
#define HOW_OTHER	0x04	/* the module was loaded anew since */

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

struct input {
	const u8 *data;
	size_t left;
};

/* One run and the next, as far as the claims need to know. */
struct run {
	struct tcphs_record events[EVENTS_MAX];
	unsigned int count;
	u64 place;		/* where the first run began */
	size_t size;		/* of the file of lines at that moment */
	bool is_rotated;
	bool is_lost;		/* it died between a rotation and its signal */
};

static const struct source_hello hello = {
	.uapi = TCPHS_UAPI_VERSION,
	.netns = 4026531840U,
	.instance = 7,
	.boot_id = "00000000-0000-4000-8000-000000000000",
};

static u8 take8(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->data++;
}

static u64 take64(struct input *in)
{
	u64 value = 0;
	int i;

	for (i = 0; i < 8; i++)
		value = value << 8 | take8(in);
	return value;
}

static struct place_mark take_mark(struct input *in)
{
	struct place_mark mark = { .place = take64(in) };

	mark.ts_ns = take8(in);
	mark.digest = take8(in);
	return mark;
}

static const u8 *take_bytes(struct input *in, size_t size)
{
	const u8 *bytes = in->data;

	in->data += size;
	in->left -= size;
	return bytes;
}

/* A place file as a run before this one left it, some bytes of it changed. */
static void write_place(struct input *in, u8 how)
{
	struct source_hello other = hello;
	struct place_mark before = take_mark(in), after = take_mark(in);
	struct place_mark mark;
	struct place *place;
	int fd, status;

	other.instance += !!(how & HOW_OTHER);
	outside_give(FILE_PLACE, "place", "", 0);
	place = place_open("place", &status);
	PROVE(place);
	fd = linefile_open("lines");
	PROVE(place_recall(place, &other, fd, &mark) == PLACE_NONE);
	if ((how & HOW_BATCH) && fd >= 0)
		place_intend(place, fd, take8(in), take64(in), &before, &after);
	else
		place_settle(place, &after);
	place_close(place);
	if (fd >= 0)
		close(fd);
}

static void change_place(struct input *in)
{
	unsigned int changes = take8(in) & 3;
	size_t size;
	u8 *bytes = outside_take(FILE_PLACE, &size);

	while (changes--)
		bytes[take8(in) % (size + 1)] = take8(in);
	outside_give(FILE_PLACE, "place", bytes, size);
	free(bytes);
}

static bool is_whole(const u8 *lines, size_t size)
{
	return !size || lines[size - 1] == '\n';
}

/* What is cut off is half a line of ours, or nothing. */
static void prove_mended(const u8 *old, size_t old_size, bool is_open)
{
	size_t size;
	u8 *now = outside_take(FILE_LINES, &size);

	PROVE(size <= old_size && !memcmp(now, old, size));
	PROVE(!is_open || is_whole(now, size));
	PROVE(is_open || size == old_size);
	PROVE(size == old_size || !memchr(old + size, '\n', old_size - size));
	PROVE(size == old_size || old[size] == '{');
	free(now);
}

static bool open_lines(void)
{
	size_t size;
	u8 *old = outside_take(FILE_LINES, &size);
	int fd = linefile_open("lines");

	prove_mended(old, size, fd >= 0);
	free(old);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Of the file, whose last line is whole. */
static size_t size_of_lines(void)
{
	size_t size;
	u8 *lines = outside_take(FILE_LINES, &size);

	PROVE(is_whole(lines, size));
	free(lines);
	return size;
}

/* Lines of events behind so many bytes of a file: numbered on from @count. */
static unsigned int count_lines(unsigned int number, size_t from,
				unsigned int count)
{
	size_t size;
	u8 *lines = outside_take(number, &size);
	const char *line = (const char *)lines;

	PROVE(size >= from && is_whole(lines, size));
	line += from;
	while ((line = strstr(line, LINE))) {
		PROVE(strtoul(line + strlen(LINE), NULL, 10) == count);
		count++;
		line++;
	}
	free(lines);
	return count;
}

static unsigned int count_written(const struct run *run)
{
	unsigned int count = 0;

	if (run->is_rotated)
		count = count_lines(FILE_ROTATED, run->size, 0);
	return count_lines(FILE_LINES, run->is_rotated ? 0 : run->size, count);
}

/* Opens in the daemon's order. Return: its output, or NULL. */
static struct output *begin(struct place **place, struct place_mark *mark,
			    enum place_known *known)
{
	struct output *output;
	int status;

	*place = place_open("place", &status);
	if (!*place)
		return NULL;
	output = output_open("lines", &status);
	if (!output) {
		place_close(*place);
		return NULL;
	}
	*known = place_recall(*place, &hello, output_fd(output), mark);
	return output;
}

/* Later than what was seen before, often several at one moment. */
static void make_events(struct run *run, const struct place_mark *mark,
			struct input *in)
{
	u64 ts_ns = mark->ts_ns + 1;
	unsigned int i;
	u8 how;

	run->count = take8(in) % (EVENTS_MAX + 1);
	for (i = 0; i < run->count; i++) {
		how = take8(in);
		ts_ns += how & 1;
		run->events[i].type = TCPHS_EV_TRANSITION;
		run->events[i].size = TCPHS_RECORD_SIZE;
		run->events[i].seq = mark->place + i;
		run->events[i].ts_ns = ts_ns;
		run->events[i].cpu = how & 1 ? how >> 6 : i ? run->events[i - 1].cpu : 0;
		run->events[i].conn_id = i;
	}
}

static void rotate(struct run *run, struct output *output)
{
	if (run->is_rotated)
		return;
	run->is_rotated = true;
	outside_rotate(FILE_LINES, FILE_ROTATED);
	output_reopen(output);
	run->is_lost = outside_is_dead();
}

static void write_events(struct run *run, struct output *output,
			 struct place_mark mark, struct input *in)
{
	char line[128];
	unsigned int i;

	for (i = 0; i < run->count && !outside_is_dead(); i++) {
		u8 how = take8(in);

		snprintf(line, sizeof(line), LINE "%u}", i);
		place_step(&mark, &run->events[i]);
		output_add(output, line, &mark);
		if (how & 1)
			output_flush(output);
		if (how & 2)
			output_retry(output);
		if (how == 0xff)
			rotate(run, output);
	}
}

/* Return: whether it could begin. */
static bool run_and_die(struct run *run, struct input *in)
{
	struct place_mark mark = { 0 };
	enum place_known known;
	struct place *place;
	struct output *output = begin(&place, &mark, &known);

	if (!output)
		return false;
	run->place = mark.place;
	run->size = size_of_lines();
	make_events(run, &mark, in);
	output_begin(output, place, &hello, &mark);
	output_flush(output);
	outside_plan(take64(in));
	outside_kill(take8(in) & 31, take8(in));
	write_events(run, output, mark, in);
	output_finish(output, 0);
	place_close(place);
	outside_mend();
	return true;
}

/*
 * The next run reads the stream from some event on that is still held. None
 * is written twice; none is skipped unnoticed, unless the last one written is
 * not held any more: then those of its very moment are in the gap.
 */
static void prove_skipped(const struct run *run, const struct place_mark *mark,
			  unsigned int written, unsigned int held)
{
	struct place_resume resume = { .is_active = true, .mark = *mark };
	unsigned int i = held;

	while (i < run->count && place_skips(&resume, &run->events[i]))
		i++;
	PROVE(i >= written);
	if (!written)
		PROVE(i == held);
	else if (held < written)
		PROVE(i == written);
	PROVE(i == run->count || !resume.is_active);
}

static void prove_resumed(const struct run *run, unsigned int held)
{
	struct place_mark mark = { 0 };
	enum place_known known;
	unsigned int written;
	struct place *place;
	struct output *output = begin(&place, &mark, &known);

	PROVE(output);
	PROVE(known == PLACE_SAME);
	if (!run->is_lost) {
		written = count_written(run);
		PROVE(mark.place - run->place == written);
		prove_skipped(run, &mark, written, held);
	}
	output_begin(output, place, &hello, &mark);
	PROVE(output_finish(output, 0));
	place_close(place);
}

static void give_files(struct input *in, u8 how)
{
	size_t size = take8(in);

	if (how & HOW_WRITTEN)
		size = 0;
	else if (size > in->left)
		size = in->left;
	outside_give(FILE_PLACE, "place", take_bytes(in, size), size);
}

static void fuzz(struct input *in)
{
	struct run run = { .count = 0 };
	u8 how = take8(in);
	size_t lines = take8(in);

	give_files(in, how);
	if (lines > in->left)
		lines = in->left;
	outside_give(FILE_LINES, "lines", take_bytes(in, lines), lines);
	outside_give(FILE_ROTATED, "lines.1", "", 0);
	if (!open_lines())
		return;
	if (how & HOW_WRITTEN) {
		write_place(in, how);
		change_place(in);
	}
	if (run_and_die(&run, in))
		prove_resumed(&run, take8(in) % (run.count + 1));
}

/* Complaints are many, and of no interest. */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	FILE *err = stderr;

	stderr = fopen("/dev/null", "w");
	PROVE(stderr);
	fuzz(&in);
	fclose(stderr);
	stderr = err;
	return 0;
}
