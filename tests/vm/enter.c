// SPDX-License-Identifier: GPL-2.0
/*
 * enter NAME COMMAND...: runs it in the network namespace that ip(8) calls NAME.
 * As nsenter(1) does it; that one brings three libraries along each time, which the
 * emulated CPU takes longer to link than the command takes to run.
 */
#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char path[PATH_MAX];
	int fd;

	if (argc < 3)
		errx(2, "usage: enter NAME COMMAND...");
	snprintf(path, sizeof(path), "/run/netns/%s", argv[1]);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(1, "%s", path);
	execvp(argv[2], argv + 2);
	err(127, "%s", argv[2]);
}
