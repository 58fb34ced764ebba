// SPDX-License-Identifier: GPL-2.0
/*
 * Writes recordings. Must not lose an error: a full disk is told when it
 * happens and again by the exit status.
 */
#include "recording.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tool.h"

static u64 clock_ns(clockid_t clock)
{
	struct timespec now = { 0 };

	clock_gettime(clock, &now);
	return (u64)now.tv_sec * 1000000000ULL + (u64)now.tv_nsec;
}

static void fill_header(struct recording_header *header,
			const struct source_hello *hello)
{
	memset(header, 0, sizeof(*header));
	memcpy(header->magic, RECORDING_MAGIC, sizeof(header->magic));
	header->byte_order = RECORDING_BYTE_ORDER;
	header->version = RECORDING_VERSION;
	header->header_size = RECORDING_HEADER_SIZE;
	header->record_size = TCPHS_RECORD_SIZE;
	header->uapi_version = TCPHS_UAPI_VERSION;
	header->uapi_module = hello->uapi;
	header->netns = hello->netns;
	header->instance = hello->instance;
	header->wall_ns = hello->wall_ns;
	header->boot_ns = hello->uapi ? clock_ns(CLOCK_BOOTTIME) -
			  (clock_ns(CLOCK_REALTIME) - hello->wall_ns) :
			  hello->wall_ns;
	memcpy(header->module, hello->module, sizeof(hello->module));
	memcpy(header->kernel, hello->kernel, sizeof(hello->kernel));
	memcpy(header->host, hello->host, sizeof(hello->host));
	memcpy(header->boot_id, hello->boot_id, sizeof(hello->boot_id));
}

/* Return: false. */
static bool complain_write(void)
{
	if (errno != EPIPE)
		complain("cannot write the recording: %s", strerror(errno));
	return false;
}

/* Not emptied yet: it may turn out to be the file that is read. */
int recording_open(const char *path)
{
	int fd = strcmp(path, "-") == 0 ? STDOUT_FILENO :
		 open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

	if (fd < 0)
		complain("%s: %s", path, strerror(errno));
	return fd;
}

/* Return: STATUS_DONE if a recording may be written there. */
static int check_target(int fd, const char *path, const struct source *source)
{
	if (fd == STDOUT_FILENO && isatty(fd)) {
		complain("a recording is not for a terminal; name a file");
		return STATUS_FAILED;
	}
	if (source_is_file(source, fd)) {
		complain("%s: is the file that is read",
			 fd == STDOUT_FILENO ? "standard output" : path);
		return STATUS_USAGE;
	}
	return STATUS_DONE;
}

static FILE *empty_target(int fd, const char *path)
{
	struct stat st;
	FILE *file;

	if (fd == STDOUT_FILENO)
		return stdout;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    ftruncate(fd, 0) < 0) {
		complain("%s: %s", path, strerror(errno));
		return NULL;
	}
	file = fdopen(fd, "w");
	if (!file)
		complain("%s: %s", path, strerror(errno));
	return file;
}

FILE *recording_create(int fd, const char *path, const struct source *source,
		       int *status)
{
	struct recording_header header;
	FILE *file;
	int failed;

	*status = STATUS_FAILED;
	failed = check_target(fd, path, source);
	file = failed ? NULL : empty_target(fd, path);
	if (!file) {
		if (failed)
			*status = failed;
		if (fd != STDOUT_FILENO)
			close(fd);
		return NULL;
	}
	*status = STATUS_DONE;
	buffer_output(file);
	fill_header(&header, source_hello(source));
	if (fwrite(&header, sizeof(header), 1, file) == 1)
		return file;
	complain_write();
	*status = STATUS_FAILED;
	fclose(file);
	return NULL;
}

/* Records on their way to their file. */
static struct {
	FILE *file;
	size_t count;
	struct tcphs_record records[OUTPUT_BLOCK / TCPHS_RECORD_SIZE];
} kept;

static void write_records(void)
{
	size_t count = kept.count;

	kept.count = 0;
	if (count)
		write_output(kept.file, kept.records,
			     count * sizeof(kept.records[0]));
}

bool recording_write(FILE *file, const struct tcphs_record *record)
{
	output_kept = write_records;
	kept.file = file;
	kept.records[kept.count++] = *record;
	if (kept.count < ARRAY_SIZE(kept.records))
		return true;
	write_records();
	return is_output_good(file) || complain_write();
}

bool recording_finish(FILE *file)
{
	bool good;

	write_records();
	good = fflush(file) == 0 && is_output_good(file);
	if (!good)
		complain("the recording is not complete: %s", strerror(errno));
	if (file != stdout && fclose(file) != 0 && good) {
		complain("the recording is not complete: %s", strerror(errno));
		good = false;
	}
	return good;
}
