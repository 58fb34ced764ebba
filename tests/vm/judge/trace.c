// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's witness: sock:inet_sock_set_state out of the raw ring buffers
 * of tracefs, where, unlike in the text, the socket's address stands: it ties
 * together what is told before a port is known. Judges nothing.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "judge.h"

#define TRACING		"/sys/kernel/tracing/"
#define EVENT		TRACING "events/sock/inet_sock_set_state/format"
#define PAGE		4096

/* include/linux/ring_buffer.h */
#define TYPE_PADDING	29
#define TYPE_EXTEND	30
#define TYPE_STAMP	31
#define MISSED_EVENTS	0x80000000U

enum field {
	F_SKADDR, F_OLD, F_NEW, F_SPORT, F_DPORT, F_FAMILY, F_PROTOCOL,
	F_SADDR, F_DADDR, F_SADDR6, F_DADDR6, FIELDS
};

static const char *const field_names[FIELDS] = {
	"skaddr", "oldstate", "newstate", "sport", "dport", "family",
	"protocol", "saddr[4]", "daddr[4]", "saddr_v6[16]", "daddr_v6[16]",
};

struct event {
	uint64_t ns;
	uint64_t order;		/* of two at the same moment, the first read */
	uint64_t skaddr;
	char old, new;
	uint16_t sport, dport, family;
	uint8_t addr[2][16];
};

static unsigned int offsets[FIELDS], type;
static int64_t wall_offset;
static struct event *events;
static size_t events_count, events_room;

/* ---- saving, in the VM ---- */

static void save_file(const char *from, const char *folder, const char *name)
{
	char path[512], page[PAGE];
	ssize_t got;
	int in, out;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	in = open(from, O_RDONLY | O_NONBLOCK);
	out = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
	if (in < 0 || out < 0)
		err(1, "%s, %s", from, path);
	while ((got = read(in, page, sizeof(page))) > 0)
		if (write(out, page, (size_t)got) != got)
			err(1, "%s", path);
	if (got < 0 && errno != EAGAIN)
		err(1, "%s", from);
	close(in);
	close(out);
}

static void save_offset(const char *folder)
{
	struct timespec wall, mono;
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/offset", folder);
	file = fopen(path, "w");
	if (!file)
		err(1, "%s", path);
	clock_gettime(CLOCK_MONOTONIC, &mono);
	clock_gettime(CLOCK_REALTIME, &wall);
	fprintf(file, "%" PRId64 "\n",
		(int64_t)(wall.tv_sec - mono.tv_sec) * 1000000000 +
		wall.tv_nsec - mono.tv_nsec);
	fclose(file);
}

/* What is there now, behind what was saved before. */
void trace_save(const char *folder)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF);
	char path[512];

	for (long cpu = 0; cpu < cpus; cpu++) {
		char from[128], name[32];

		snprintf(from, sizeof(from),
			 TRACING "per_cpu/cpu%ld/trace_pipe_raw", cpu);
		snprintf(name, sizeof(name), "raw.%ld", cpu);
		save_file(from, folder, name);
	}
	snprintf(path, sizeof(path), "%s/format", folder);
	unlink(path);
	save_file(EVENT, folder, "format");
	save_offset(folder);
}

/* ---- reading ---- */

static void read_format(const char *folder)
{
	char path[512], line[512];
	unsigned int found = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/format", folder);
	file = fopen(path, "r");
	if (!file)
		err(1, "%s", path);
	while (fgets(line, sizeof(line), file)) {
		char *semicolon = strchr(line, ';');
		char *offset = strstr(line, "offset:");

		if (sscanf(line, "ID: %u", &type) == 1)
			continue;
		if (!semicolon || !offset)
			continue;
		*semicolon = '\0';
		for (unsigned int i = 0; i < FIELDS; i++)
			if (!strcmp(strrchr(line, ' ') + 1, field_names[i])) {
				offsets[i] = (unsigned int)atoi(offset + 7);
				found++;
			}
	}
	fclose(file);
	if (found != FIELDS || !type)
		errx(1, "%s: a field is missing", path);
}

static void read_offset(const char *folder)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/offset", folder);
	file = fopen(path, "r");
	if (!file || fscanf(file, "%" SCNd64, &wall_offset) != 1)
		err(1, "%s", path);
	fclose(file);
}

/* enum in include/net/tcp_states.h */
static char letter_of(uint32_t state)
{
	static const char letters[] = "-ESR12TCWALGR";

	return state < sizeof(letters) - 1 ? letters[state] : UNKNOWN;
}

#define GET(data, field, into)	memcpy(&(into), (data) + offsets[field], sizeof(into))

static void add_event(const uint8_t *data, uint64_t ns)
{
	struct event event = { .ns = ns + (uint64_t)wall_offset };
	uint32_t old, new;
	uint16_t common, protocol;

	memcpy(&common, data, sizeof(common));
	GET(data, F_PROTOCOL, protocol);
	if (common != type || protocol != IPPROTO_TCP)
		return;
	GET(data, F_SKADDR, event.skaddr);
	GET(data, F_OLD, old);
	GET(data, F_NEW, new);
	GET(data, F_SPORT, event.sport);
	GET(data, F_DPORT, event.dport);
	GET(data, F_FAMILY, event.family);
	event.old = letter_of(old);
	event.new = letter_of(new);
	memcpy(event.addr[0], data + offsets[F_SADDR6], 16);
	memcpy(event.addr[1], data + offsets[F_DADDR6], 16);
	if (event.family == AF_INET) {
		memcpy(event.addr[0], data + offsets[F_SADDR], 4);
		memcpy(event.addr[1], data + offsets[F_DADDR], 4);
	}
	if (events_count == events_room) {
		events_room = events_room ? 2 * events_room : 65536;
		events = realloc(events, events_room * sizeof(*events));
		if (!events)
			err(1, "realloc");
	}
	event.order = events_count;
	events[events_count++] = event;
}

/* A page: its time, how much of it is used, then the entries. */
static void read_page(const uint8_t *page, const char *path)
{
	uint64_t ns, used;
	const uint8_t *at = page + 16, *end;

	memcpy(&ns, page, 8);
	memcpy(&used, page + 8, 8);
	if (used & MISSED_EVENTS)
		errx(1, "%s: the kernel's buffer was too small", path);
	end = at + (used & 0xfffff);
	while (at + 4 <= end) {
		uint32_t head, more = 0;
		unsigned int kind, size;

		memcpy(&head, at, 4);
		if (at + 8 <= end)
			memcpy(&more, at + 4, 4);
		kind = head & 0x1f;
		ns += head >> 5;
		if (kind == TYPE_EXTEND || kind == TYPE_STAMP) {
			ns = kind == TYPE_EXTEND ? ns + ((uint64_t)more << 27) :
			     ((ns >> 59) << 59) + ((uint64_t)more << 27) + (head >> 5);
			at += 8;
			continue;
		}
		if (kind == TYPE_PADDING && head >> 5 == 0)
			return;
		size = kind && kind != TYPE_PADDING ? kind * 4 : more;
		if (kind && kind != TYPE_PADDING)
			add_event(at + 4, ns);
		else if (!kind)
			add_event(at + 8, ns);
		at += 4 + size;
	}
}

static void read_buffer(const char *path)
{
	FILE *file = fopen(path, "r");
	uint8_t page[PAGE];

	if (!file)
		err(1, "%s", path);
	while (fread(page, sizeof(page), 1, file) == 1)
		read_page(page, path);
	fclose(file);
}

static int by_time(const void *left, const void *right)
{
	const struct event *a = left, *b = right;

	if (a->ns != b->ns)
		return a->ns < b->ns ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

/* ---- from events to sockets ---- */

/* The sockets that are alive, by their address. */
#define BUCKETS	65536

struct life {
	struct life *next;
	struct end *end;
};

static struct life *lives[BUCKETS];

static struct life **find_life(uint64_t skaddr)
{
	struct life **at = &lives[(skaddr * 0x9e3779b97f4a7c15ULL) >> 48];

	while (*at && (*at)->end->id != skaddr)
		at = &(*at)->next;
	return at;
}

static void end_life(struct life **at)
{
	struct life *life = *at;
	struct end *end = life->end;

	*at = life->next;
	free(life);
	end_append(&sockets[end->port[end->side]], end);
}

static struct life **begin_life(const struct event *event, unsigned int side)
{
	struct life **at = find_life(event->skaddr);

	if (*at)
		errx(1, "socket %" PRIx64 " begins twice", event->skaddr);
	*at = must_alloc(sizeof(**at));
	(*at)->end = must_alloc(sizeof(struct end));
	(*at)->end->id = event->skaddr;
	(*at)->end->side = side;
	(*at)->end->local = true;
	return at;
}

static void note_names(struct end *end, const struct event *event)
{
	if (!event->sport || !event->dport)
		return;
	end->port[0] = event->sport;
	end->port[1] = event->dport;
	for (unsigned int i = 0; i < 2; i++)
		inet_ntop(event->family, event->addr[i], end->address[i],
			  sizeof(end->address[i]));
}

static void take_event(const struct event *event)
{
	struct life **at = find_life(event->skaddr);

	if (event->old == event->new)	/* close() in FIN_WAIT2, for one */
		return;
	if (event->new == LISTEN || (event->old == LISTEN && event->new == CLOSE))
		return;
	if (event->old == CLOSE && event->new == SYN_SENT)
		at = begin_life(event, CLIENT);
	else if (event->old == LISTEN && event->new == SYN_RECV)
		at = begin_life(event, SERVER);
	if (!*at)		/* it was there before us */
		return;
	steps_traced++;
	note_names((*at)->end, event);
	story_add(&(*at)->end->story, (struct step){
		.old = event->old,
		.new = event->new,
		.ns = event->ns,
	});
	if (event->new == CLOSE)
		end_life(at);
}

void trace_read(const char *folder)
{
	char pattern[512];
	glob_t found;

	read_format(folder);
	read_offset(folder);
	snprintf(pattern, sizeof(pattern), "%s/raw.*", folder);
	if (glob(pattern, 0, NULL, &found))
		errx(1, "%s: nothing there", pattern);
	for (size_t i = 0; i < found.gl_pathc; i++)
		read_buffer(found.gl_pathv[i]);
	globfree(&found);
	qsort(events, events_count, sizeof(*events), by_time);
	for (size_t i = 0; i < events_count; i++)
		take_event(&events[i]);
	for (unsigned int i = 0; i < BUCKETS; i++)
		while (lives[i])
			end_life(&lives[i]);
}
