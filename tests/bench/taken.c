// SPDX-License-Identifier: GPL-2.0
/*
 * Runs a command, its output thrown away, and prints how many milliseconds that
 * took, of the clock and of CPUs, and how many KB of memory at most. Must add
 * nothing to any of them.
 *
 *	taken COMMAND [ARGUMENT...]
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static long long time_ms(struct timeval time)
{
	return time.tv_sec * 1000LL + time.tv_usec / 1000;
}

/* What it says of itself remains: standard error. */
static void run(char **argv)
{
	int null = open("/dev/null", O_WRONLY);

	if (null >= 0 && dup2(null, STDOUT_FILENO) >= 0)
		execvp(argv[0], argv);
	perror(argv[0]);
	_exit(127);
}

int main(int argc, char **argv)
{
	struct rusage usage;
	long long begin;
	int status;
	pid_t pid;

	if (argc < 2)
		return 2;
	begin = clock_ms();
	pid = fork();
	if (pid == 0)
		run(argv + 1);
	if (pid < 0 || wait4(pid, &status, 0, &usage) < 0) {
		perror(argv[1]);
		return 1;
	}
	printf("%lld %lld %ld\n", clock_ms() - begin,
	       time_ms(usage.ru_utime) + time_ms(usage.ru_stime), usage.ru_maxrss);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
