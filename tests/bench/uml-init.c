// SPDX-License-Identifier: GPL-2.0
/*
 * The one program in User-Mode Linux: does what the lines of /play say, and ends the
 * machine. Without a C library, whose start-up uses registers that UML loses.
 *
 *	put FILE WORDS	the words go to the file, as one line
 *	load FILE WORDS	a module, with these parameters
 *	show FILE
 */
#include <nolibc.h>

static void end(const char *line, const char *why)
{
	printf("%s: %s (%d)\n", line, why, errno);
	reboot(LINUX_REBOOT_CMD_POWER_OFF);
	exit(1);
}

static int open_file(const char *path, int flags, const char *verb)
{
	int fd = open(path, flags);

	if (fd < 0)
		end(path, verb);
	return fd;
}

static void put(const char *path, const char *words)
{
	int fd = open_file(path, O_WRONLY, "put");

	if (write(fd, words, strlen(words)) < 0)
		end(words, path);
	close(fd);
}

static void load(const char *path, const char *words)
{
	int fd = open_file(path, O_RDONLY, "load");

	if (syscall(__NR_finit_module, fd, words, 0) < 0)
		end(path, "load");
	close(fd);
}

static void show(const char *path)
{
	int fd = open_file(path, O_RDONLY, "show");
	static char text[4096];
	ssize_t n;

	while ((n = read(fd, text, sizeof(text))) > 0)
		write(1, text, n);
	close(fd);
}

/* Cut off the first word of @at; @at goes to what follows. */
static char *cut_word(char **at)
{
	char *word = *at, *space = strchr(word, ' ');

	*at = space ? space + 1 : word + strlen(word);
	if (space)
		*space = 0;
	return word;
}

static void run_line(char *line)
{
	char *verb = cut_word(&line), *path = cut_word(&line);

	if (!strcmp(verb, "put"))
		put(path, line);
	else if (!strcmp(verb, "load"))
		load(path, line);
	else if (!strcmp(verb, "show"))
		show(path);
	else
		end(verb, "unknown");
}

int main(void)
{
	int fd = open_file("/play", O_RDONLY, "play");
	static char text[4096];
	char *line = text, *next;

	if (mount("proc", "/proc", "proc", 0, NULL) < 0)
		end("/proc", "mount");
	read(fd, text, sizeof(text) - 1);
	for (; *line; line = next) {
		next = strchr(line, '\n');
		if (!next)
			break;
		*next++ = 0;
		run_line(line);
	}
	reboot(LINUX_REBOOT_CMD_POWER_OFF);
	return 0;
}
