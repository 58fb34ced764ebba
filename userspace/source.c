// SPDX-License-Identifier: GPL-2.0
/*
 * Tells what kind of source is meant, a file by its first bytes, and counts
 * what comes of it. Must not read records itself.
 */
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recording.h"
#include "sandbox.h"
#include "stoppable.h"
#include "tool.h"

#define MAGIC_BYTES	4
#define EXPECTED	"expected a tcphs recording, pcap or pcapng"

static bool is_pcap(const u8 *magic)
{
	static const u8 magics[][MAGIC_BYTES] = {
		{ 0xa1, 0xb2, 0xc3, 0xd4 }, { 0xd4, 0xc3, 0xb2, 0xa1 },
		{ 0xa1, 0xb2, 0x3c, 0x4d }, { 0x4d, 0x3c, 0xb2, 0xa1 },
		{ 0xa1, 0xb2, 0xcd, 0x34 }, { 0x34, 0xcd, 0xb2, 0xa1 },
		{ 0x0a, 0x0d, 0x0d, 0x0a },	/* pcapng */
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(magics); i++)
		if (memcmp(magic, magics[i], MAGIC_BYTES) == 0)
			return true;
	return false;
}

static void complain_foreign(const char *name, const u8 *magic, size_t count)
{
	char bytes[3 * MAGIC_BYTES + 1] = "";
	const char *hint = "";
	size_t i;

	if (count == 0) {
		complain("%s: empty; " EXPECTED, name);
		return;
	}
	if (magic[0] == 0x1f && magic[1] == 0x8b)
		hint = " (gzip: unpack it first)";
	else if (memcmp(magic, "\x28\xb5\x2f\xfd", MAGIC_BYTES) == 0)
		hint = " (zstd: unpack it first)";
	for (i = 0; i < count; i++)
		snprintf(bytes + 3 * i, sizeof(bytes) - 3 * i, " %02x",
			 magic[i]);
	complain("%s: begins with%s%s; " EXPECTED, name, bytes, hint);
}

static size_t peek(FILE *file, u8 *magic)
{
	size_t count = fread(magic, 1, MAGIC_BYTES, file);
	size_t i;

	for (i = count; i > 0; i--)
		ungetc(magic[i - 1], file);
	return count;
}

static struct source *open_by_magic(const struct source_options *options,
				    FILE *file, const char *name, int *status)
{
	u8 magic[MAGIC_BYTES] = { 0 };
	size_t count = peek(file, magic);

	if (count == MAGIC_BYTES && is_pcap(magic))
		return source_pcap_open(options, file, name, status);
	if (memcmp(magic, RECORDING_MAGIC, MAGIC_BYTES) == 0)
		return source_recording_open(file, name, status);
	if (stop_look())
		complain("%s: interrupted before it told what it is", name);
	else if (count == 0 && ferror(file))
		complain("%s: %s", name, strerror(errno));
	else
		complain_foreign(name, magic, count);
	fclose(file);
	return NULL;
}

static int open_file(const char *path, struct stat *st)
{
	int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) :
		 open(path, O_RDONLY | O_CLOEXEC);
	int error = 0;

	if (fd < 0 || fstat(fd, st) < 0)
		error = errno;
	else if (S_ISDIR(st->st_mode))
		error = EISDIR;
	if (!error)
		return fd;
	complain("%s: %s", path, strerror(error));
	if (fd >= 0)
		close(fd);
	return -1;
}

static int call_opened(const struct source_options *options)
{
	return options->opened ? options->opened(options->arg) : STATUS_DONE;
}

/* It is open, and none of it was read: what it holds may be a stranger's. */
static int enter_sandbox(const struct source_options *options)
{
	int status = call_opened(options);

	return status == STATUS_DONE ? sandbox_enter() : status;
}

static struct source *open_path(const struct source_options *options,
				int *status)
{
	bool is_stdin = strcmp(options->path, "-") == 0;
	struct source *source;
	struct stat st;
	int fd = open_file(options->path, &st);
	FILE *file;

	*status = STATUS_FAILED;
	if (fd < 0)
		return NULL;
	*status = enter_sandbox(options);
	if (*status != STATUS_DONE) {
		close(fd);
		return NULL;
	}
	*status = STATUS_FAILED;
	file = stoppable_open(fd);
	source = open_by_magic(options, file, is_stdin ? "standard input" :
			       options->path, status);
	if (source) {
		source->is_regular = S_ISREG(st.st_mode);
		source->device = st.st_dev;
		source->inode = st.st_ino;
		source->size = (u64)st.st_size;
		source->file_fd = fd;
	}
	return source;
}

static struct source *open_device(const struct source_options *options,
				  int *status)
{
	struct source *source = source_device_open(options, status);

	if (!source)
		return NULL;
	*status = call_opened(options);
	if (*status == STATUS_DONE)
		return source;
	source_close(source);
	return NULL;
}

struct source *source_open(const struct source_options *options, int *status)
{
	struct source *source;
	int failed;

	if (options->path)
		source = open_path(options, &failed);
	else
		source = open_device(options, &failed);
	if (!source)
		*status = failed;
	return source;
}

enum source_got source_next(struct source *source, int timeout_ms,
			    const struct tcphs_record **record)
{
	enum source_got got = source->ops->next(source, timeout_ms, record);

	if (got != SOURCE_RECORD)
		return got;
	if ((*record)->type == TCPHS_EV_LOST)
		source->totals.lost += (*record)->lost.count;
	else if ((*record)->type != SOURCE_EV_SEGMENT)
		source->totals.seen++;
	return got;
}

int source_fd(const struct source *source)
{
	return source->ops->fd ? source->ops->fd(source) : -1;
}

bool source_info(const struct source *source, struct tcphs_info *info)
{
	return source->ops->info && source->ops->info(source, info);
}

bool source_is_file(const struct source *source, int fd)
{
	struct stat st;

	return source->is_regular && fstat(fd, &st) == 0 &&
	       st.st_dev == source->device && st.st_ino == source->inode;
}

u64 source_size(const struct source *source)
{
	return source->is_regular ? source->size : 0;
}

u64 source_offset(const struct source *source)
{
	off_t offset = source->is_regular ?
		       lseek(source->file_fd, 0, SEEK_CUR) : 0;

	return offset > 0 ? (u64)offset : 0;
}

bool source_is_live(const struct source *source)
{
	return source->ops->fd;
}

const struct source_hello *source_hello(const struct source *source)
{
	return &source->hello;
}

const struct source_totals *source_totals(const struct source *source)
{
	return &source->totals;
}

void source_close(struct source *source)
{
	source->ops->close(source);
}
