// SPDX-License-Identifier: GPL-2.0
/*
 * Wants to run each millisecond until SIGTERM, then prints by how many microseconds it was
 * late at most. Has no opinion of that.
 */
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

#define NS_PER_S	1000000000LL

static volatile sig_atomic_t is_over;

static void end(int number)
{
	(void)number;
	is_over = 1;
}

static long long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

int main(void)
{
	struct sigaction action = { .sa_handler = end };
	long long next = now_ns(), late = 0, worst = 0;

	sigaction(SIGTERM, &action, NULL);
	while (!is_over) {
		struct timespec until;

		next += 1000000;
		until = (struct timespec){ next / NS_PER_S, next % NS_PER_S };
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
		late = now_ns() - next;
		worst = late > worst ? late : worst;
		if (late > 1000000)
			next = now_ns();
	}
	printf("%lld\n", worst / 1000);
	return 0;
}
