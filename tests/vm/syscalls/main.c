// SPDX-License-Identifier: GPL-2.0
/*
 * System calls on tcphs' files, at random: by two threads of a process in each of two
 * network namespaces, while connections come and go in both and a sane reader reads.
 *
 *	syscalls SEED COUNT NAMESPACE NAMESPACE
 *
 * COUNT calls of each thread. Says what was tried, and a line beginning with FAIL for each
 * answer that no reader should get; its status is 1 then. Does not look at what the
 * kernel says of itself: whoever starts it does.
 */
#include "fuzz.h"

#include <err.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct tally *tally;
uint64_t seed;
static unsigned long count;
static pthread_barrier_t ready;

/* The last has children, which do not. */
const struct op ops[] = {
	{ "open", open_device, 6 },
	{ "read", read_device, 12 },
	{ "readv", readv_device, 3 },
	{ "pread", pread_device, 1 },
	{ "write", write_device, 1 },
	{ "lseek", seek_device, 6 },
	{ "ioctl", ask_device, 6 },
	{ "poll", poll_device, 4 },
	{ "epoll", epoll_device, 5 },
	{ "open text", open_text, 4 },
	{ "read text", read_text, 8 },
	{ "lseek text", seek_text, 4 },
	{ "ioctl text", ask_text, 1 },
	{ "mmap text", map_text, 1 },
	{ "mmap", map_ring, 10 },
	{ "munmap", unmap_ring, 4 },
	{ "mprotect", protect_ring, 4 },
	{ "mremap", remap_ring, 4 },
	{ "madvise", advise_ring, 4 },
	{ "memory", peep_ring, 4 },
	{ "fcntl", control_any, 4 },
	{ "close", close_any, 4 },
	{ "dup3", dup_any, 4 },
	{ "sendmsg", pass_any, 3 },
	{ "recvmsg", take_any, 3 },
	{ "misfits", move_any, 4 },
	{ "setns", enter_any, 2 },
	{ "fork", fork_any, 1 },
};

const unsigned int op_count = COUNT_OF(ops);

static void move_to(int fd, int number)
{
	if (fd < 0 || dup3(fd, number, O_CLOEXEC) < 0)
		err(1, "descriptor %d", number);
	close(fd);
}

static void open_common(char *const *namespaces)
{
	int pair[2], i;

	for (i = 0; i < KINDS; i++) {
		if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair))
			err(1, "socketpair");
		move_to(pair[0], FD_PASS + 2 * i);
		move_to(pair[1], FD_PASS + 2 * i + 1);
	}
	for (i = 0; i < NAMESPACES; i++)
		move_to(open(namespaces[i], O_RDONLY), FD_NS + i);
	move_to(open("/dev/null", O_WRONLY), FD_SINK);
	if (pipe(pair))
		err(1, "pipe");
	move_to(pair[0], FD_PIPE);
	move_to(pair[1], FD_PIPE + 1);
	tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (tally == MAP_FAILED)
		err(1, "mmap");
}

static pid_t start(int namespace, int (*run)(void))
{
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (pid)
		return pid;
	if (setns(FD_NS + namespace, CLONE_NEWNET))
		err(1, "setns");
	exit(run());
}

/* ---- a process that calls ---- */

static void ignore(int signal)
{
	(void)signal;
}

/* Nobody waits for ever: what blocks is interrupted, and nothing is begun anew. */
static void interrupt_often(void)
{
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGALRM,
	};
	struct itimerspec often = { { 0, 20000000 }, { 0, 20000000 } };
	timer_t timer;

	event._sigev_un._tid = (int)syscall(SYS_gettid);
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) || timer_settime(timer, 0, &often, NULL))
		err(1, "timer");
}

static void *work(void *arg)
{
	struct worker *w = arg;

	pthread_barrier_wait(&ready);
	interrupt_often();
	make_calls(w, count, op_count);
	return NULL;
}

static void *map_room(size_t bytes)
{
	char *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		err(1, "mmap");
	return at;
}

static size_t map_bytes(void)
{
	int fd = open("/dev/tcphs", O_RDONLY);
	struct tcphs_info info;

	if (fd < 0 || ioctl(fd, TCPHS_IOC_INFO, &info))
		err(1, "/dev/tcphs");
	close(fd);
	return info.map_bytes;
}

static void make_worker(struct worker *w, unsigned int index, char *places)
{
	unsigned int i;

	w->index = index;
	w->random = seed * WORKERS + index;
	w->room = map_room(ROOM + 4096);
	mprotect(w->room + ROOM, 4096, PROT_NONE);
	w->only_read = map_room(4096);
	mprotect(w->only_read, 4096, PROT_READ);
	for (i = 0; i < PLACES; i++)
		w->place[i] = places + (index % THREADS * PLACES + i) * 2 * w->map_bytes;
}

static int call_in(unsigned int namespace)
{
	struct sigaction action = { .sa_handler = ignore };
	struct worker w[THREADS] = { { 0 } };
	pthread_t thread[THREADS];
	size_t bytes = map_bytes();
	char *places = map_room(2 * THREADS * PLACES * bytes);
	unsigned int i;

	sigaction(SIGALRM, &action, NULL);
	pthread_barrier_init(&ready, NULL, THREADS + 1);
	move_to(epoll_create1(0), FD_EPOLL);
	for (i = 0; i < THREADS; i++) {
		w[i].map_bytes = bytes;
		make_worker(&w[i], namespace * THREADS + i, places);
	}
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&thread[i], NULL, work, &w[i]))
			errx(1, "no thread");
	/* From here on nobody maps anything but by number. */
	munmap(places, 2 * THREADS * PLACES * bytes);
	pthread_barrier_wait(&ready);
	for (i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	return 0;
}

static int call_in_first(void)
{
	return call_in(0);
}

static int call_in_second(void)
{
	return call_in(1);
}

/* ---- what came of it ---- */

static bool ended_well(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && status == 0;
}

static bool report(void)
{
	unsigned long all = 0, good = 0, kinds = 0;
	unsigned int i;

	for (i = 0; i < op_count; i++) {
		printf("# %-10s %8lu calls, %8lu did something\n", ops[i].name, tally->calls[i],
		       tally->good[i]);
		all += tally->calls[i];
		good += tally->good[i];
	}
	for (i = 1; i < ERRNO_MAX; i++) {
		kinds += !!tally->errors[i];
		if (tally->errors[i])
			printf("# %-10s %8lu times\n", strerrorname_np((int)i), tally->errors[i]);
	}
	printf("seed %llu: %lu calls of %u kinds, %lu did something, ",
	       (unsigned long long)seed, all, op_count, good);
	printf("%lu kinds of errors, %lu wrong\n", kinds, tally->wrong);
	return !tally->wrong;
}

int main(int argc, char **argv)
{
	pid_t reader, traffic[2], calls[2];
	bool good;

	if (argc != 5)
		errx(2, "usage: syscalls SEED COUNT NAMESPACE NAMESPACE");
	setvbuf(stdout, NULL, _IOLBF, 0);
	seed = strtoull(argv[1], NULL, 10);
	count = strtoul(argv[2], NULL, 10);
	open_common(argv + 3);
	reader = start(0, read_sanely);
	traffic[0] = start(0, make_traffic);
	traffic[1] = start(1, make_traffic);
	calls[0] = start(0, call_in_first);
	calls[1] = start(1, call_in_second);
	good = ended_well(calls[0]) & ended_well(calls[1]);
	__atomic_store_n(&tally->is_over, true, __ATOMIC_RELEASE);
	good &= ended_well(traffic[0]) & ended_well(traffic[1]);
	good &= ended_well(reader);
	good &= report();
	return !good;
}
