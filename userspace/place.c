// SPDX-License-Identifier: GPL-2.0
/*
 * The place file and the marks in it. Must not lose its place for want of
 * disk space: the file never grows once it is made.
 */
#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool.h"

#define MAGIC		"tcphsplc"
#define VERSION		1
#define RECORD_WORDS	(sizeof(struct tcphs_record) / sizeof(u64))

struct content {
	char magic[8];
	u32 version;
	u32 size;
	u64 instance;
	u32 netns;
	u32 reserved;
	char boot_id[40];
	struct place_mark before;
	struct place_mark after;
	u64 dev;		/* of the file that gets the batch */
	u64 ino;
	u64 offset;		/* where the batch stands in it */
	u64 length;		/* 0: no batch, all up to .after is written */
};

static_assert(sizeof(struct content) == 168, "no padding");

struct place {
	const char *path;
	int fd;			/* -1: none is kept */
	bool has_failed;	/* and was told */
	struct content content;
};

/* FNV-1a, by words. */
static u64 digest_record(const struct tcphs_record *record)
{
	u64 words[RECORD_WORDS];
	u64 digest = 0xcbf29ce484222325ULL;
	size_t i;

	memcpy(words, record, sizeof(words));
	for (i = 0; i < RECORD_WORDS; i++)
		if (i != offsetof(struct tcphs_record, seq) / sizeof(u64))
			digest = (digest ^ words[i]) * 0x100000001b3ULL;
	return digest ? digest : 1;
}

void place_step(struct place_mark *mark, const struct tcphs_record *record)
{
	if (record->type == TCPHS_EV_LOST) {
		mark->place = record->seq + record->lost.count;
		return;
	}
	mark->place = record->seq + 1;
	mark->ts_ns = record->ts_ns;
	mark->cpu = record->cpu;
	mark->digest = digest_record(record);
}

static int compare_order(const struct tcphs_record *record,
			 const struct place_mark *mark)
{
	if (record->ts_ns != mark->ts_ns)
		return record->ts_ns < mark->ts_ns ? -1 : 1;
	return (record->cpu > mark->cpu) - (record->cpu < mark->cpu);
}

bool place_skips(struct place_resume *resume,
		 const struct tcphs_record *record)
{
	int order;

	if (!resume->is_active)
		return false;
	if (record->type == TCPHS_EV_LOST)
		return true;
	order = resume->mark.digest ? compare_order(record, &resume->mark) : 1;
	if (order < 0)
		return true;
	if (order == 0 && !resume->was_met) {
		resume->was_met = digest_record(record) == resume->mark.digest;
		return true;
	}
	resume->is_active = false;
	return false;
}

/* Return: whether the file may be written over. */
static bool read_content(struct place *place)
{
	struct content *content = &place->content;
	ssize_t got = pread(place->fd, content, sizeof(*content), 0);

	if (got == (ssize_t)sizeof(*content) &&
	    memcmp(content->magic, MAGIC, sizeof(content->magic)) == 0 &&
	    content->version == VERSION && content->size == sizeof(*content))
		return true;
	memset(content, 0, sizeof(*content));
	if (got < 0)
		complain("%s: %s", place->path, strerror(errno));
	else if (got > 0)
		complain("%s: was not written by this version of tcphs; remove it to begin anew",
			 place->path);
	return got == 0;
}

static bool open_file(struct place *place)
{
	place->fd = open(place->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
			 0600);
	if (place->fd < 0) {
		complain("%s: %s", place->path, strerror(errno));
		return false;
	}
	if (flock(place->fd, LOCK_EX | LOCK_NB) < 0) {
		complain("%s: another tcphs serve keeps its place there",
			 place->path);
		return false;
	}
	return read_content(place);
}

struct place *place_open(const char *path, int *status)
{
	struct place *place = tool_alloc(sizeof(*place));

	place->path = path;
	place->fd = -1;
	if (!path || open_file(place))
		return place;
	*status = STATUS_FAILED;
	place_close(place);
	return NULL;
}

static bool is_same_stream(const struct content *content,
			   const struct source_hello *hello)
{
	return content->instance == hello->instance &&
	       content->netns == hello->netns &&
	       strncmp(content->boot_id, hello->boot_id,
		       sizeof(content->boot_id)) == 0;
}

/* What a descriptor does not let us read is believed to be as it was left. */
static bool begins_line(int fd, u64 offset)
{
	char before = '\n';

	if (offset)
		(void)!pread(fd, &before, 1, (off_t)(offset - 1));
	return before == '\n';
}

/*
 * Whether the batch that was last begun is in its file. If the file is
 * another one by now (rotated), it was: the batch is made before the name. So
 * it is where no line begins: the file is not as it was left, and a cut would
 * leave half a line of it.
 */
static bool is_batch_whole(const struct content *content, int fd)
{
	struct stat st;

	if (content->length == 0 || fstat(fd, &st) < 0 ||
	    st.st_dev != content->dev || st.st_ino != content->ino)
		return true;
	if ((u64)st.st_size < content->offset ||
	    (u64)st.st_size >= content->offset + content->length ||
	    !begins_line(fd, content->offset))
		return true;
	if (ftruncate(fd, (off_t)content->offset) < 0)
		complain("cannot cut off what was not written in full: %s",
			 strerror(errno));
	return false;
}

static void begin_content(struct content *content,
			  const struct source_hello *hello)
{
	memset(content, 0, sizeof(*content));
	memcpy(content->magic, MAGIC, sizeof(content->magic));
	content->version = VERSION;
	content->size = sizeof(*content);
	content->instance = hello->instance;
	content->netns = hello->netns;
	memcpy(content->boot_id, hello->boot_id, sizeof(hello->boot_id));
}

static_assert(sizeof(((struct content *)0)->boot_id) >=
	      sizeof(((struct source_hello *)0)->boot_id), "room for boot_id");

enum place_known place_recall(struct place *place,
			      const struct source_hello *hello, int fd,
			      struct place_mark *mark)
{
	struct content *content = &place->content;
	enum place_known known = PLACE_NONE;

	if (content->version) {
		known = PLACE_OTHER;
		*mark = is_batch_whole(content, fd) ? content->after :
						      content->before;
		if (is_same_stream(content, hello))
			known = PLACE_SAME;
	}
	begin_content(content, hello);
	return known;
}

static void write_content(struct place *place)
{
	const struct content *content = &place->content;
	ssize_t put;

	if (place->fd < 0)
		return;
	put = pwrite(place->fd, content, sizeof(*content), 0);
	if (put == (ssize_t)sizeof(*content)) {
		place->has_failed = false;
		return;
	}
	if (!place->has_failed)
		complain("%s: cannot keep the place: %s", place->path,
			 put < 0 ? strerror(errno) : "written in part");
	place->has_failed = true;
}

void place_intend(struct place *place, int fd, u64 offset, u64 length,
		  const struct place_mark *before,
		  const struct place_mark *after)
{
	struct content *content = &place->content;
	struct stat st;

	if (place->fd < 0 || fstat(fd, &st) < 0)
		return;
	content->before = *before;
	content->after = *after;
	content->dev = st.st_dev;
	content->ino = st.st_ino;
	content->offset = offset;
	content->length = length;
	write_content(place);
}

void place_settle(struct place *place, const struct place_mark *mark)
{
	struct content *content = &place->content;

	content->before = *mark;
	content->after = *mark;
	content->dev = 0;
	content->ino = 0;
	content->offset = 0;
	content->length = 0;
	write_content(place);
}

void place_close(struct place *place)
{
	if (place->fd >= 0)
		close(place->fd);
	free(place);
}
