// SPDX-License-Identifier: GPL-2.0
/*
 * Makes TCP connections of every kind between two namespaces, several workers
 * on several CPUs, each with hundreds at once: one process holds both ends of
 * a connection, so that a script can wait for what either of them sees. Prints
 * a line for each connection: the client's port, its kind, what the judge has to
 * know of that. Judges nothing.
 */
#include <err.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "traffic.h"

#define TICK_MS		5	/* between looks at what poll() cannot tell */
#define WORKERS_MAX	16

static struct {
	uint64_t seed;
	unsigned int count, workers, at_once, patience_ms;
	uint16_t first_port;
	const char *only;
	struct place place;
} options = {
	.seed = 1,
	.count = 100,
	.workers = 2,
	.at_once = 1000,
	.patience_ms = 30000,
	.first_port = 4000,
	.place = { .first_door = 1000 },
};

static struct conn *conns;
static unsigned int conns_count;
static unsigned int impatient;

/* splitmix64: small, and the same everywhere. */
static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15ULL;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return x ^ (x >> 31);
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ---- two things at once ---- */

static struct {
	pthread_mutex_t lock;
	pthread_cond_t turn;
	struct conn *conn;
	const struct step *step;
} second = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.turn = PTHREAD_COND_INITIALIZER,
};

static bool run_word(struct conn *conn, const struct step *step)
{
	struct end *self = &conn->end[step->side];

	return step->word(conn, self, &conn->end[step->side ^ 1]);
}

static void *do_second(void *unused)
{
	pthread_mutex_lock(&second.lock);
	for (;;) {
		while (!second.step)
			pthread_cond_wait(&second.turn, &second.lock);
		run_word(second.conn, second.step);
		second.step = NULL;
		pthread_cond_signal(&second.turn);
	}
	return unused;
}

/* The first word runs here, the second in the other thread; both are quick. */
static void run_both(struct conn *conn, const struct step *steps)
{
	pthread_mutex_lock(&second.lock);
	second.conn = conn;
	second.step = &steps[1];
	pthread_cond_signal(&second.turn);
	pthread_mutex_unlock(&second.lock);
	run_word(conn, &steps[0]);
	pthread_mutex_lock(&second.lock);
	while (second.step)
		pthread_cond_wait(&second.turn, &second.lock);
	pthread_mutex_unlock(&second.lock);
}

/* ---- one connection ---- */

static bool is_over(const struct conn *conn)
{
	return conn->at == conn->kind->count;
}

static void end_conn(struct conn *conn)
{
	conn->at = conn->kind->count;
	for (unsigned int side = CLIENT; side <= SERVER; side++) {
		if (conn->end[side].fd >= 0)
			close(conn->end[side].fd);
		conn->end[side].fd = -1;
		conn->end[side].over = true;
	}
}

/* As far as its script goes without waiting. */
static void run_conn(struct conn *conn)
{
	while (!is_over(conn)) {
		const struct step *step = &conn->kind->steps[conn->at];

		if (step->together) {
			run_both(conn, step);
			conn->at++;
		} else if (!run_word(conn, step)) {
			return;
		}
		conn->at++;
		conn->end[CLIENT].marked = false;
		conn->end[SERVER].marked = false;
	}
	end_conn(conn);
}

static void accept_at(enum door door)
{
	uint16_t port;
	int fd;

	while ((fd = net_accept(door, &port)) >= 0) {
		struct conn *conn = &conns[port - conns[0].port];

		if (port < conns[0].port || conn >= conns + conns_count)
			errx(1, "a connection from port %d, which is nobody's", port);
		if (is_over(conn) || conn->end[SERVER].over)
			close(fd);
		else
			conn->end[SERVER].fd = fd;
		if (conn->end[SERVER].fd == fd)
			net_set_tos(fd, conn->end[SERVER].tos);
		if (door == DOOR_FULL)
			return;
	}
}

/* ---- a worker ---- */

static struct kind *choose_kind(uint64_t random)
{
	unsigned int total = 0, i;

	for (i = 0; i < kinds_count; i++)
		total += kinds[i].weight;
	random %= total;
	for (i = 0; ; i++) {
		if (random < kinds[i].weight)
			return &kinds[i];
		random -= kinds[i].weight;
	}
}

static struct kind *find_kind(const char *name)
{
	for (unsigned int i = 0; i < kinds_count; i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	errx(2, "no such kind: %s", name);
}

/* Each kind in turn first, so that none is missing; then by chance. */
static void init_conns(unsigned int first, unsigned int count)
{
	conns_count = count;
	conns = calloc(count, sizeof(*conns));
	if (!conns)
		err(1, "calloc");
	for (unsigned int i = 0; i < count; i++) {
		struct conn *conn = &conns[i];
		unsigned int n = first + i;

		conn->port = (uint16_t)(options.first_port + n);
		conn->random = mix(options.seed << 20 ^ conn->port);
		if (options.only)
			conn->kind = find_kind(options.only);
		else if (n < kinds_count)
			conn->kind = &kinds[conn->port % kinds_count];
		else
			conn->kind = choose_kind(conn->random >> 32);
		conn->door = conn->kind->door;
		conn->end[CLIENT].fd = -1;
		conn->end[SERVER].fd = -1;
		printf("%d %s %s\n", conn->port, conn->kind->name,
		       conn->kind->marks);
	}
	fflush(stdout);
}

/* The worker wanders from CPU to CPU, as a scheduler might send it. */
static void move(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu % (unsigned int)sysconf(_SC_NPROCESSORS_ONLN), &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* One look at everybody; returns how many are not over. */
static unsigned int run_all(struct pollfd *entries, unsigned int *waiting)
{
	unsigned int open = 0;

	for (unsigned int i = 0; i < conns_count && open < options.at_once; i++) {
		struct conn *conn = &conns[i];

		if (is_over(conn))
			continue;
		if (!conn->since_ms)
			conn->since_ms = now_ms();
		if (now_ms() - conn->since_ms > options.patience_ms) {
			impatient++;
			end_conn(conn);
			continue;
		}
		run_conn(conn);
		if (is_over(conn))
			continue;
		open++;
		if (conn->wait_fd >= 0)
			entries[(*waiting)++] = (struct pollfd){
				.fd = conn->wait_fd,
				.events = conn->wait_events,
			};
	}
	return open;
}

static void work(unsigned int worker, unsigned int first, unsigned int count)
{
	struct pollfd *entries = calloc(count + DOORS, sizeof(*entries));
	uint64_t random = mix(options.seed + worker);
	pthread_t thread;
	unsigned int waiting;

	net_open(&options.place, worker);
	init_conns(first, count);
	if (!entries || pthread_create(&thread, NULL, do_second, NULL))
		errx(1, "no memory, or no thread");
	for (;;) {
		random = mix(random);
		move((unsigned int)(random >> 32));
		for (unsigned int door = 0; door < DOORS; door++) {
			accept_at(door);
			entries[door] = (struct pollfd){
				.fd = net_listener(door),
				.events = door == DOOR_FULL ? 0 : POLLIN,
			};
		}
		waiting = DOORS;
		if (!run_all(entries, &waiting))
			break;
		poll(entries, waiting, TICK_MS);
	}
	net_close();
	if (impatient)
		fprintf(stderr, "worker %u: %u of %u not at their script's end\n",
			worker, impatient, count);
	exit(0);
}

static void print_usage(void)
{
	fprintf(stderr, "usage: traffic [-s SEED] [-n COUNT] [-w WORKERS] [-a AT_ONCE]\n"
		"               [-p FIRST_PORT] [-d FIRST_DOOR] [-t PATIENCE_MS] [-k KIND]\n"
		"               CLIENT_NS SERVER_NS CLIENT_ADDRESS SERVER_ADDRESS\n");
	exit(2);
}

static void read_options(int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "s:n:w:a:p:d:t:k:")) != -1)
		switch (option) {
		case 's':
			options.seed = strtoull(optarg, NULL, 0);
			break;
		case 'n':
			options.count = (unsigned int)atoi(optarg);
			break;
		case 'w':
			options.workers = (unsigned int)atoi(optarg);
			break;
		case 'a':
			options.at_once = (unsigned int)atoi(optarg);
			break;
		case 'p':
			options.first_port = (uint16_t)atoi(optarg);
			break;
		case 'd':
			options.place.first_door = (uint16_t)atoi(optarg);
			break;
		case 't':
			options.patience_ms = (unsigned int)atoi(optarg);
			break;
		case 'k':
			options.only = optarg;
			break;
		default:
			print_usage();
		}
	if (argc - optind != 4 || !options.workers || !options.count ||
	    options.workers > options.count || options.workers > WORKERS_MAX)
		print_usage();
	options.place.netns[CLIENT] = argv[optind];
	options.place.netns[SERVER] = argv[optind + 1];
	options.place.address[CLIENT] = argv[optind + 2];
	options.place.address[SERVER] = argv[optind + 3];
}

int main(int argc, char **argv)
{
	struct rlimit files = { 65536, 65536 };
	unsigned int first = 0;
	int status, failed = 0;

	read_options(argc, argv);
	setrlimit(RLIMIT_NOFILE, &files);	/* if not, socket() will say so */
	signal(SIGPIPE, SIG_IGN);
	setlinebuf(stdout);	/* the workers share it */
	kinds_parse();
	for (unsigned int i = 0; i < options.workers; i++) {
		unsigned int count = (options.count - first) / (options.workers - i);
		pid_t pid = fork();

		if (pid < 0)
			err(1, "fork");
		if (pid == 0)
			work(i, first, count);
		first += count;
	}
	while (wait(&status) > 0)
		failed |= status;
	return failed != 0;
}
