// SPDX-License-Identifier: GPL-2.0
/*
 * Does one thing that is named, in the sandbox of who reads a stranger's file, or
 * outside of it. Judges nothing: the status tells whether it lived.
 *
 *	sandbox in|out NAME FILE	FILE may be overwritten
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sandbox.h"

static const char *file;

static void open_to_write(void)
{
	open(file, O_WRONLY);
}

static void open_to_create(void)
{
	open(file, O_RDWR | O_CREAT | O_TRUNC, 0600);
}

static void open_to_read(void)
{
	open(file, O_RDONLY);
}

static void remove_file(void)
{
	unlink(file);
}

static void change_mode(void)
{
	chmod(file, 04755);
}

static void begin_socket(void)
{
	socket(AF_INET, SOCK_STREAM, 0);
}

static void begin_process(void)
{
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	waitpid(child, NULL, 0);
}

static void begin_program(void)
{
	execl("/bin/true", "true", (char *)NULL);
}

static void signal_other(void)
{
	kill(getppid(), 0);
}

static void trace_process(void)
{
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

/* What a terminal's user would find typed. */
static void type_word(void)
{
	ioctl(STDIN_FILENO, TIOCSTI, "x");
}

static void map_to_execute(void)
{
	mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void make_executable(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	mprotect(page, 4096, PROT_READ | PROT_EXEC);
}

/* What the reporter itself does there: memory, the clock, what is open. */
static void work(void)
{
	char *room = malloc(1 << 24);
	time_t now = time(NULL);
	struct stat st;
	struct tm tm;

	memset(room, 1, 1 << 24);
	room = realloc(room, 1 << 26);
	localtime_r(&now, &tm);
	fstat(STDOUT_FILENO, &st);
	printf("%d %d %d\n", room[1 << 23], isatty(STDOUT_FILENO), tm.tm_year);
	free(room);
	fflush(stdout);
}

static const struct {
	const char *name;
	void (*act)(void);
} acts[] = {
	{ "open-to-write", open_to_write },
	{ "open-to-create", open_to_create },
	{ "open-to-read", open_to_read },
	{ "remove-file", remove_file },
	{ "change-mode", change_mode },
	{ "begin-socket", begin_socket },
	{ "begin-process", begin_process },
	{ "begin-program", begin_program },
	{ "signal-other", signal_other },
	{ "trace-process", trace_process },
	{ "type-word", type_word },
	{ "map-to-execute", map_to_execute },
	{ "make-executable", make_executable },
	{ "work", work },
};

int main(int argc, char **argv)
{
	size_t i;

	if (argc < 4) {
		for (i = 0; i < ARRAY_SIZE(acts); i++)
			puts(acts[i].name);
		return 0;
	}
	file = argv[3];
	if (strcmp(argv[1], "in") == 0 && sandbox_enter() != STATUS_DONE)
		return 1;
	for (i = 0; i < ARRAY_SIZE(acts); i++)
		if (strcmp(acts[i].name, argv[2]) == 0) {
			acts[i].act();
			return 0;
		}
	return 2;
}
