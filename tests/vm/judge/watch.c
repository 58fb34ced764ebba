// SPDX-License-Identifier: GPL-2.0
/*
 * tcphs' witness: the transitions among the JSON lines of tcphs watch -j in
 * one namespace. Judges nothing.
 */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "judge.h"

/* The value of a key in a flat object, without quotes; "" if it has none. */
static const char *get(const char *line, const char *key, char *value, size_t size)
{
	char quoted[64];
	const char *at;
	size_t len;

	snprintf(quoted, sizeof(quoted), "\"%s\":", key);
	at = strstr(line, quoted);
	value[0] = '\0';
	if (!at)
		return value;
	at += strlen(quoted);
	at += *at == '"';
	len = strcspn(at, "\",}");
	snprintf(value, size, "%.*s", (int)len, at);
	return value;
}

static uint64_t get_number(const char *line, const char *key)
{
	char value[32];

	return strtoull(get(line, key, value, sizeof(value)), NULL, 10);
}

/* 2026-11-22T09:18:29.123456789Z */
static uint64_t get_time(const char *line)
{
	char value[64];
	struct tm tm = { 0 };
	unsigned long ns = 0;

	get(line, "ts", value, sizeof(value));
	if (sscanf(value, "%d-%d-%dT%d:%d:%d.%luZ", &tm.tm_year, &tm.tm_mon,
		   &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &ns) != 7)
		errx(1, "no time in %s", line);
	tm.tm_year -= 1900;
	tm.tm_mon--;
	return (uint64_t)timegm(&tm) * 1000000000 + ns;
}

static enum cause get_cause(const char *line)
{
	char value[32];

	get(line, "cause", value, sizeof(value));
	if (!strcmp(value, "segment"))
		return SEGMENT;
	if (!strcmp(value, "timer"))
		return TIMER;
	if (!strcmp(value, "socket"))
		return SOCKET;
	if (!strcmp(value, "correction"))
		return CORRECTION;
	errx(1, "no such cause: %s", value);
}

static struct end *find_end(unsigned int place, uint64_t id, unsigned int side,
			    uint16_t port)
{
	struct end *end;

	for (end = views[port]; end; end = end->next)
		if (end->place == place && end->id == id && end->side == side)
			return end;
	end = must_alloc(sizeof(*end));
	end->place = place;
	end->id = id;
	end->side = side;
	end_append(&views[port], end);
	return end;
}

static void name_end(struct end *end, const char *line)
{
	static const char *const addresses[] = { "client_addr", "server_addr" };
	static const char *const ports[] = { "client_port", "server_port" };

	for (unsigned int i = 0; i < 2; i++) {
		unsigned int who = end->side ^ i;

		get(line, addresses[who], end->address[i],
		    sizeof(end->address[i]));
		end->port[i] = (uint16_t)get_number(line, ports[who]);
	}
}

/* What the wire said, whatever tcphs made of it. */
static void note_segment(struct step *step, const char *line)
{
	char flags[16];

	get(line, "seg_flags", flags, sizeof(flags));
	step->fin = strchr(flags, 'F');
	step->ack = (uint32_t)get_number(line, "seg_ack");
	step->end = (uint32_t)(get_number(line, "seg_seq") +
			       get_number(line, "seg_len") + step->fin);
}

static void take_transition(const char *line, unsigned int place)
{
	char value[32], local[32];
	unsigned int side;
	struct end *end;
	struct step step = { .cause = get_cause(line), .ns = get_time(line) };

	get(line, "side", value, sizeof(value));
	side = strcmp(value, "client") ? SERVER : CLIENT;
	end = find_end(place, get_number(line, "conn_id"), side,
		       (uint16_t)get_number(line, "client_port"));
	get(line, "local", local, sizeof(local));
	end->local = !strcmp(local, "both") || !strcmp(local, value);
	end->hosted = strcmp(local, "none");
	name_end(end, line);
	note_segment(&step, line);
	step.old = state_letter(get(line, "old_state", value, sizeof(value)));
	step.new = state_letter(get(line, "new_state", value, sizeof(value)));
	story_add(&end->story, step);
	steps_shown++;
}

void watch_read(const char *path, const char *place)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;

	if (!file)
		err(1, "%s", path);
	places[places_count] = place;
	while (getline(&line, &room, file) > 0) {
		if (strstr(line, "\"event\":\"lost\""))
			errx(1, "%s: events were lost: %s", path, line);
		if (strstr(line, "\"event\":\"transition\""))
			take_transition(line, places_count);
	}
	places_count++;
	free(line);
	fclose(file);
}
