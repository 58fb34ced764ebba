// SPDX-License-Identifier: GPL-2.0
/*
 * Complaints, memory, signals and output errors, handled once for the whole
 * tool. Must not know what is read or printed.
 */
#include "tool.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

int stop_fd = -1;
bool stop_wanted;
bool is_bar_drawn;
void (*output_kept)(void);

void hide_controls(char *text)
{
	unsigned char *p = (unsigned char *)text;

	for (; *p; p++) {
		if (*p < 0x20 || *p == 0x7f)
			*p = '?';
		else if (p[0] == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0)
			memset(p, '?', 2);
	}
}

static void write_kept(void)
{
	if (output_kept)
		output_kept();
}

void complain(const char *format, ...)
{
	char *text = NULL;
	va_list args;

	write_kept();
	fflush(stdout);
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	if (text)
		hide_controls(text);
	fprintf(stderr, "%stcphs: %s\n", is_bar_drawn ? ERASE_LINE : "",
		text ? text : format);
	free(text);
}

void make_printable(char *text)
{
	for (; *text; text++) {
		if (*text == '\t')
			*text = ' ';
		else if (*text < ' ' || *text > '~')
			*text = '?';
	}
}

static void __attribute__((noreturn)) no_memory(void)
{
	complain("out of memory");
	exit(STATUS_FAILED);
}

void *tool_alloc(size_t size)
{
	void *memory = calloc(1, size);

	if (!memory)
		no_memory();
	return memory;
}

void *tool_grow(void *array, size_t count, size_t size)
{
	void *memory = reallocarray(array, count, size);

	if (!memory)
		no_memory();
	return memory;
}

void stop_on_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	stop_fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
	if (stop_fd >= 0)
		sigprocmask(SIG_BLOCK, &signals, NULL);
}

bool stop_look(void)
{
	struct pollfd poll_stop = { .fd = stop_fd, .events = POLLIN };

	if (!stop_wanted && poll(&poll_stop, 1, 0) > 0)
		stop_wanted = true;
	return stop_wanted;
}

char *join_words(char *text, const char *word)
{
	size_t had = text ? strlen(text) + 1 : 0;
	size_t more = strlen(word) + 1;

	text = tool_grow(text, had + more, 1);
	if (had)
		text[had - 1] = ' ';
	memcpy(text + had, word, more);
	return text;
}

bool is_coloured(FILE *out)
{
	const char *no = getenv("NO_COLOR");

	return (!no || !*no) && isatty(fileno(out));
}

void buffer_output(FILE *out)
{
	static char buffer[OUTPUT_BLOCK];
	int fd = fileno(out);

	if (fd >= 0 && !isatty(fd))
		setvbuf(out, buffer, _IOFBF, sizeof(buffer));
	__fsetlocking(out, FSETLOCKING_BYCALLER);	/* one thread writes there */
}

/* The first error: a FILE remembers that there was one, but not which. */
static int output_error;

bool is_output_good(FILE *out)
{
	if (!ferror_unlocked(out) && !output_error)
		return true;
	if (!output_error)
		output_error = errno ? errno : EIO;
	return false;
}

void write_output(FILE *out, const void *bytes, size_t size)
{
	int fd = fileno(out);
	ssize_t count;

	if (fd < 0) {		/* in memory */
		fwrite_unlocked(bytes, 1, size, out);
		return;
	}
	if (fflush(out) != 0)
		return;
	while (size && !output_error) {
		count = write(fd, bytes, size);
		if (count < 0 && errno != EINTR)
			output_error = errno;
		if (count <= 0)
			continue;
		bytes = (const char *)bytes + count;
		size -= (size_t)count;
	}
}

bool flush_output(FILE *out, int *status)
{
	write_kept();
	if (fflush(out) != 0 && !output_error)
		output_error = errno;
	if (is_output_good(out))
		return true;
	if (output_error != EPIPE && *status == STATUS_DONE) {
		complain("cannot write: %s", strerror(output_error));
		*status = STATUS_FAILED;
	}
	return false;
}
