// SPDX-License-Identifier: GPL-2.0
/*
 * Reads /proc/tcphs. Columns may be appended and moved: each is found by the
 * name that the second line gives it, never by its place.
 */
#include "rows.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "tool.h"

#define COLUMNS_MAX	64

/* A duration's column ends in its unit. */
static const struct {
	const char *suffix;
	u64 ns;
} units[] = {
	{ "_ns", 1 }, { "_us", 1000 }, { "_ms", 1000000 },
	{ "_s", 1000000000 },
};

static const char *const field_names[ROW_FIELDS] = {
	[ROW_ID] = "id",
	[ROW_CLIENT] = "client",
	[ROW_SERVER] = "server",
	[ROW_CLIENT_STATE] = "cstate",
	[ROW_SERVER_STATE] = "sstate",
	[ROW_CLIENT_FOR] = "ctime",
	[ROW_SERVER_FOR] = "stime",
	[ROW_HANDSHAKE] = "hs",
	[ROW_SYN_ACK] = "syn_synack",
	[ROW_ACK] = "synack_ack",
	[ROW_CLOSER] = "closer",
	[ROW_CLOSE] = "close",
	[ROW_TIMEWAIT] = "tw",
	[ROW_TIMEWAIT_SOURCE] = "tw_source",
	[ROW_CLIENT_FLAGS] = "cflags",
	[ROW_SERVER_FLAGS] = "sflags",
	[ROW_CLIENT_RESENT] = "crtx",
	[ROW_SERVER_RESENT] = "srtx",
	[ROW_LOCAL] = "local",
	[ROW_CLIENT_SOCKET] = "csocket",
	[ROW_SERVER_SOCKET] = "ssocket",
	[ROW_UID] = "uid",
	[ROW_PID] = "pid",
	[ROW_CGROUP] = "cgroup",
	[ROW_COMM] = "comm",
	[ROW_CLIENT_LEFT] = "cleft",
	[ROW_SERVER_LEFT] = "sleft",
	[ROW_CLIENT_RESTARTS] = "crestarts",
	[ROW_SERVER_RESTARTS] = "srestarts",
	[ROW_CLIENT_ORPHAN] = "corphan",
	[ROW_SERVER_ORPHAN] = "sorphan",
};

struct column {
	int field;		/* enum row_field, -1: one that we do not know */
	u64 unit_ns;		/* 0: no duration */
};

struct rows {
	FILE *file;
	char *facts;
	char *line;
	size_t room;
	size_t count;
	struct column columns[COLUMNS_MAX];
};

const char *rows_path(const char *name, char *buf, size_t size)
{
	const char *root = getenv("PROC_ROOT");

	snprintf(buf, size, "%s/%s", root && *root ? root : "/proc", name);
	return buf;
}

/* "ctime_s": its field and its unit. */
static struct column find_column(const char *name)
{
	struct column column = { .field = -1 };
	size_t i, length = strlen(name);

	for (i = 0; i < ARRAY_SIZE(units); i++) {
		size_t suffix = strlen(units[i].suffix);

		if (length > suffix &&
		    strcmp(name + length - suffix, units[i].suffix) == 0) {
			length -= suffix;
			column.unit_ns = units[i].ns;
			break;
		}
	}
	for (i = 0; i < ROW_FIELDS; i++)
		if (strlen(field_names[i]) == length &&
		    memcmp(field_names[i], name, length) == 0)
			column.field = (int)i;
	return column;
}

static bool read_line(struct rows *rows)
{
	ssize_t length = getline(&rows->line, &rows->room, rows->file);

	if (length < 0)
		return false;
	rows->line[strcspn(rows->line, "\n")] = '\0';
	make_printable(rows->line);
	return true;
}

static bool read_head(struct rows *rows)
{
	char *rest, *word;

	if (!read_line(rows) || rows->line[0] != '#')
		return false;
	rows->facts = join_words(NULL, rows->line + 1 +
				 strspn(rows->line + 1, " "));
	if (!read_line(rows) || rows->line[0] != '#')
		return false;
	for (rest = rows->line + 1; (word = strsep(&rest, " ")); )
		if (*word && rows->count < COLUMNS_MAX)
			rows->columns[rows->count++] = find_column(word);
	return rows->count > 0;
}

static int complain_open(const char *path)
{
	if (errno == ENOENT || errno == ENOTDIR) {
		complain("%s is absent: the module is not loaded; try: %s",
			 path, TOOL_INSMOD);
		return STATUS_ABSENT;
	}
	if (errno == EACCES || errno == EPERM) {
		complain("%s: permission denied; it takes root", path);
		return STATUS_FAILED;
	}
	complain("%s: %s", path, strerror(errno));
	return STATUS_FAILED;
}

struct rows *rows_open(int *status)
{
	struct rows *rows;
	char path[512];
	FILE *file = fopen(rows_path("tcphs", path, sizeof(path)), "re");

	if (!file) {
		*status = complain_open(path);
		return NULL;
	}
	rows = tool_alloc(sizeof(*rows));
	rows->file = file;
	if (read_head(rows))
		return rows;
	complain("%s: does not begin with two lines of '#'", path);
	*status = STATUS_FAILED;
	rows_close(rows);
	return NULL;
}

const char *rows_facts(const struct rows *rows)
{
	return rows->facts;
}

/* "1234.5" in a unit; a "~" before it: modelled. */
static u64 parse_span(const char *text, u64 unit_ns)
{
	u64 ns, scale = unit_ns;
	char *end;

	text += *text == '~';
	if (*text < '0' || *text > '9')
		return TCPHS_NS_NONE;
	ns = strtoull(text, &end, 10) * unit_ns;
	if (*end == '.')
		for (end++; *end >= '0' && *end <= '9'; end++) {
			scale /= 10;
			ns += (u64)(*end - '0') * scale;
		}
	return ns;
}

/* "192.0.2.1:80", "[2001:db8::1]:80" */
static void parse_end(struct tcphs_record *record, unsigned int side,
		      const char *text)
{
	const char *colon = strrchr(text, ':');
	char addr[64] = "";
	bool is_ip6 = *text == '[';

	if (!colon || (size_t)(colon - text) >= sizeof(addr))
		return;
	if (is_ip6 && colon[-1] == ']')
		memcpy(addr, text + 1, (size_t)(colon - text) - 2);
	else
		memcpy(addr, text, (size_t)(colon - text));
	record->family = is_ip6 ? 6 : 4;
	inet_pton(is_ip6 ? AF_INET6 : AF_INET, addr, record->addr[side]);
	record->port[side] = (u16)strtoul(colon + 1, NULL, 10);
}

/* "tmux:\040client" */
static void parse_comm(char *comm, size_t size, const char *text)
{
	size_t n = 0;

	while (*text && n + 1 < size) {
		unsigned int byte = (unsigned char)*text++;
		int length = 0;

		if (byte == '\\')
			sscanf(text, "%3o%n", &byte, &length);
		text += length;
		comm[n++] = (char)byte;
	}
	comm[n] = '\0';
}

static u64 parse_number(const char *text, u64 otherwise)
{
	return *text >= '0' && *text <= '9' ? strtoull(text, NULL, 10) :
	       otherwise;
}

static void parse_owner(struct tcphs_owner *owner, const struct row *row)
{
	owner->uid = (u32)parse_number(row->text[ROW_UID], TCPHS_UID_NONE);
	owner->pid = (u32)parse_number(row->text[ROW_PID], 0);
	owner->cgroup = parse_number(row->text[ROW_CGROUP], 0);
	if (strcmp(row->text[ROW_COMM], "-") != 0)
		parse_comm(owner->comm, sizeof(owner->comm),
			   row->text[ROW_COMM]);
}

/* What is left has no column for its source: its "~" says it. */
static u8 find_source(const struct row *row, enum row_field field)
{
	if (row->ns[field] == TCPHS_NS_NONE)
		return TCPHS_SOURCE_NONE;
	return *row->text[field] == '~' ? TCPHS_SOURCE_MODELLED :
					  TCPHS_SOURCE_OBSERVED;
}

static void interpret(struct row *row)
{
	row->record.conn_id = strtoull(row->text[ROW_ID], NULL, 10);
	parse_end(&row->record, TCPHS_CLIENT, row->text[ROW_CLIENT]);
	parse_end(&row->record, TCPHS_SERVER, row->text[ROW_SERVER]);
	row->state[TCPHS_CLIENT] =
		(u8)tcphs_state_parse(row->text[ROW_CLIENT_STATE]);
	row->state[TCPHS_SERVER] =
		(u8)tcphs_state_parse(row->text[ROW_SERVER_STATE]);
	row->left_source[TCPHS_CLIENT] = find_source(row, ROW_CLIENT_LEFT);
	row->left_source[TCPHS_SERVER] = find_source(row, ROW_SERVER_LEFT);
	parse_owner(&row->record.owner, row);
}

static void set_field(struct row *row, const struct column *column,
		      const char *word)
{
	if (column->field < 0)
		return;
	row->text[column->field] = word;
	if (column->unit_ns)
		row->ns[column->field] = parse_span(word, column->unit_ns);
}

bool rows_next(struct rows *rows, struct row *row)
{
	char *rest, *word;
	size_t i, place = 0;

	do {
		if (!read_line(rows))
			return false;
	} while (rows->line[0] == '#' || rows->line[0] == '\0');
	memset(row, 0, sizeof(*row));
	for (i = 0; i < ROW_FIELDS; i++) {
		row->text[i] = "-";
		row->ns[i] = TCPHS_NS_NONE;
	}
	for (rest = rows->line; (word = strsep(&rest, " ")); )
		if (*word && place < rows->count)
			set_field(row, &rows->columns[place++], word);
	interpret(row);
	return true;
}

bool rows_close(struct rows *rows)
{
	bool good = !ferror(rows->file);

	if (!good)
		complain("/proc/tcphs: %s", strerror(errno));
	fclose(rows->file);
	free(rows->facts);
	free(rows->line);
	free(rows);
	return good;
}
