// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's witness: the probes that tests/vm/timewait.sh sets on the small
 * sockets' own functions, as tracefs wrote them down. Judges nothing.
 */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "timewaits.h"

/* include/net/tcp_states.h */
#define TCP_FIN_WAIT2	5
#define TCP_TIME_WAIT	6

#define TH_FIN		0x01

/* A small socket that is there now, by its address in memory. */
struct life {
	struct life *next;
	uint64_t tw;
	struct tuple tuple;
	struct wait wait;
	const char *put;	/* who ended it early */
	const char *put_cause;
	bool by_fin;		/* the segment that it is looking at bears FIN */
};

#define BUCKETS	131072

static struct life *lives[BUCKETS];

static struct life **find_life(uint64_t tw)
{
	struct life **at = &lives[(tw * 0x9e3779b97f4a7c15ULL) >> 47];

	while (*at && (*at)->tw != tw)
		at = &(*at)->next;
	return at;
}

/* ---- when the module was there ---- */

#define MARKS_MAX	16

static struct {
	uint64_t ns;
	bool is_loaded;
} marks[MARKS_MAX];

static unsigned int marks_count;

static void add_mark(uint64_t ns, const char *text)
{
	bool is_loaded = !strncmp(text, "loaded", 6);

	if (!is_loaded && strncmp(text, "unloaded", 8))
		return;
	if (marks_count == MARKS_MAX)
		errx(1, "the module was loaded too often");
	marks[marks_count].ns = ns;
	marks[marks_count++].is_loaded = is_loaded;
}

bool kernel_has_module(uint64_t ns)
{
	bool is_loaded = false;

	for (unsigned int i = 0; i < marks_count && marks[i].ns <= ns; i++)
		is_loaded = marks[i].is_loaded;
	return is_loaded;
}

/* It was there all the time, from one moment to the other. */
bool kernel_keeps_module(uint64_t from_ns, uint64_t to_ns)
{
	for (unsigned int i = 0; i < marks_count; i++)
		if (!marks[i].is_loaded && marks[i].ns > from_ns && marks[i].ns < to_ns)
			return false;
	return kernel_has_module(from_ns);
}

/* ---- a line ---- */

/* The value of " name=", as text. */
static const char *find_value(const char *line, const char *name)
{
	char key[32];
	const char *at;

	snprintf(key, sizeof(key), " %s=", name);
	at = strstr(line, key);
	if (!at)
		errx(1, "no %s in %s", name, line);
	return at + strlen(key);
}

static uint64_t get(const char *line, const char *name)
{
	return strtoull(find_value(line, name), NULL, 0);
}

static bool comes_from(const char *line, const char *function)
{
	size_t len = strlen(function);
	const char *from = find_value(line, "from");

	return !strncmp(from, function, len) && from[len] == '+';
}

static void get_address(const char *line, const char *four,
			const char *first, const char *second, uint8_t *addr)
{
	uint32_t v4 = (uint32_t)get(line, four);
	uint64_t v6[2];

	if (get(line, "family") == AF_INET) {
		tuple_set4(addr, &v4);
		return;
	}
	v6[0] = get(line, first);
	v6[1] = get(line, second);
	memcpy(addr, v6, sizeof(v6));
}

static struct tuple get_tuple(const char *line)
{
	struct tuple tuple;

	memset(&tuple, 0, sizeof(tuple));
	get_address(line, "saddr", "s0", "s1", tuple.addr[0]);
	get_address(line, "daddr", "d0", "d1", tuple.addr[1]);
	tuple.port[0] = (uint16_t)get(line, "num");
	tuple.port[1] = __builtin_bswap16((uint16_t)get(line, "dport"));
	return tuple;
}

/* ---- the probes ---- */

/*
 * tcp_time_wait(): a socket wants to wait. If no small socket is armed for it
 * before this CPU's next wish, there was none to be had.
 */
#define CPUS_MAX	64

static struct wish {
	bool is_open;
	uint64_t ns;
	struct tuple tuple;
	bool is_orphan;
} wishes[CPUS_MAX];

static struct wish *wish = wishes;	/* of the CPU that has the word */

static void settle_wish(void)
{
	struct wait never = {
		.start_ns = wish->ns,
		.end_ns = wish->ns,
		.end = "never",
		.is_orphan = wish->is_orphan,
	};

	if (wish->is_open)
		wait_add(&wish->tuple, KERNEL, &never);
	wish->is_open = false;
}

static void take_wish(const char *line, uint64_t ns)
{
	settle_wish();
	wish->is_open = true;
	wish->ns = ns;
	wish->tuple = get_tuple(line);
	wish->is_orphan = get(line, "state") == TCP_FIN_WAIT2;
}

static void begin_life(const char *line, uint64_t tw, uint64_t ns)
{
	struct life **at = find_life(tw);

	if (*at)
		errx(1, "a small socket begins twice: %s", line);
	*at = must_alloc(sizeof(**at));
	(*at)->tw = tw;
	(*at)->tuple = get_tuple(line);
	(*at)->wait.start_ns = ns;
	(*at)->wait.end_ns = NEVER_ENDED;
	(*at)->wait.is_orphan = get(line, "sub") == TCP_FIN_WAIT2;
	wish->is_open = false;
}

/* __inet_twsk_schedule(): its timer is set, for the first time or again. */
static void take_arm(const char *line, uint64_t ns)
{
	uint64_t tw = get(line, "tw");
	struct life *life;

	if (!get(line, "rearm")) {
		begin_life(line, tw, ns);
		return;
	}
	life = *find_life(tw);
	if (!life)		/* it was there before us */
		return;
	if (life->wait.is_orphan && get(line, "sub") == TCP_TIME_WAIT) {
		life->wait.is_orphan = false;
		life->wait.start_ns = ns;
	} else if (!life->wait.is_orphan) {
		wait_restart(&life->wait, ns, life->by_fin ? "fin" : "other");
	}
}

/* tcp_timewait_state_process(): it looks at a segment. */
static void take_segment(const char *line)
{
	struct life *life = *find_life(get(line, "tw"));

	if (life)
		life->by_fin = get(line, "flags") & TH_FIN;
}

/* inet_twsk_deschedule_put(): it has to go, and who called says why. */
static void take_put(const char *line)
{
	static const struct {
		const char *function, *end, *cause;
	} callers[] = {
		{ "tcp_v4_rcv", "reused", "syn" },
		{ "tcp_v6_rcv", "reused", "syn" },
		{ "tcp_timewait_state_process", "reset", "rst" },
		{ "__inet_check_established", "reused", "connect" },
		{ "__inet6_check_established", "reused", "connect" },
		{ "__inet_hash_connect", "reused", "connect" },
		{ "tcp_abort", "killed", "abort" },
		{ "inet_twsk_purge", "killed", "netns" },
	};
	struct life *life = *find_life(get(line, "tw"));

	if (!life)
		return;
	for (size_t i = 0; i < sizeof(callers) / sizeof(callers[0]); i++)
		if (comes_from(line, callers[i].function)) {
			life->put = callers[i].end;
			life->put_cause = callers[i].cause;
		}
	if (!life->put)
		errx(1, "who ends a small socket here? %s", line);
	/* Of an orphan the same place says that its RST was sent. */
	if (life->wait.is_orphan && !strcmp(life->put, "reused")) {
		life->put = "reset";
		life->put_cause = "rst";
	}
}

/* inet_twsk_kill(): it is taken out of the tables; nobody finds it any more. */
static void take_kill(const char *line, uint64_t ns)
{
	struct life **at = find_life(get(line, "tw"));
	struct life *life = *at;

	if (!life)
		return;
	if (comes_from(line, "inet_twsk_purge")) {	/* the put is in there */
		life->put = "killed";
		life->put_cause = "netns";
	}
	life->wait.end_ns = ns;
	life->wait.end = life->put ? life->put : "expired";
	life->wait.cause = life->put_cause;
	wait_add(&life->tuple, KERNEL, &life->wait);
	*at = life->next;
	free(life);
}

/* ---- the file ---- */

/* "COMM-PID [CPU] FLAGS SECONDS.MICROSECONDS: EVENT: ..." */
static void take_line(const char *line)
{
	const char *cpu = strstr(line, " [0");
	const char *colon = cpu ? strstr(cpu, ": ") : NULL;
	const char *time = colon;
	uint64_t seconds, us;
	unsigned int number;

	if (!colon || sscanf(cpu, " [%u]", &number) != 1 || number >= CPUS_MAX)
		errx(1, "not a line of a trace: %s", line);
	while (time > line && time[-1] != ' ')
		time--;
	if (sscanf(time, "%" SCNu64 ".%" SCNu64 ":", &seconds, &us) != 2)
		errx(1, "no time in %s", line);
	us = seconds * 1000000 + us;
	wish = &wishes[number];
	line = colon + 2;
	if (!strncmp(line, "tracing_mark_write: ", 20))
		add_mark(us * 1000, line + 20);
	else if (!strncmp(line, "wait: ", 6))
		take_wish(line, us * 1000);
	else if (!strncmp(line, "arm: ", 5))
		take_arm(line, us * 1000);
	else if (!strncmp(line, "segment: ", 9))
		take_segment(line);
	else if (!strncmp(line, "put: ", 5))
		take_put(line);
	else if (!strncmp(line, "kill: ", 6))
		take_kill(line, us * 1000);
}

/* "# entries-in-buffer/entries-written: 11/12   #P:2" */
static void check_loss(const char *line)
{
	uint64_t in_buffer, written;

	if (sscanf(line, "# entries-in-buffer/entries-written: %" SCNu64 "/%" SCNu64,
		   &in_buffer, &written) == 2 && in_buffer != written)
		errx(1, "the kernel's buffer was too small: %s", line);
}

void kernel_read(const char *path)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;

	if (!file)
		err(1, "%s", path);
	while (getline(&line, &room, file) > 0) {
		if (line[0] == '#')
			check_loss(line);
		else
			take_line(line);
	}
	free(line);
	fclose(file);
	for (wish = wishes; wish < wishes + CPUS_MAX; wish++)
		settle_wish();
	for (unsigned int i = 0; i < BUCKETS; i++)
		for (struct life *life = lives[i]; life; life = life->next)
			wait_add(&life->tuple, KERNEL, &life->wait);
}
