// SPDX-License-Identifier: GPL-2.0
/*
 * Reads /proc/sys/net/ipv4. Must not assume a default where nothing is to be
 * read.
 */
#include "tunable.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rows.h"

static bool read_text(const char *name, char **text)
{
	char path[512], below[128];
	size_t room = 0;
	ssize_t length;
	FILE *file;

	snprintf(below, sizeof(below), "sys/net/ipv4/%s", name);
	file = fopen(rows_path(below, path, sizeof(path)), "re");
	*text = NULL;
	if (!file)
		return false;
	length = getline(text, &room, file);
	fclose(file);
	if (length < 0) {
		free(*text);
		*text = NULL;
	}
	return *text;
}

bool tunable_read(const char *name, u64 *value)
{
	char *text, *end;
	bool good;

	if (!read_text(name, &text))
		return false;
	*value = strtoull(text, &end, 10);
	good = end != text;
	free(text);
	return good;
}

/* "8080", "10000-10010" */
static void reserve(struct tunable_ports *ports, const char *word)
{
	unsigned long port, last;
	char *end;

	port = strtoul(word, &end, 10);
	if (end == word)
		return;
	last = *end == '-' ? strtoul(end + 1, NULL, 10) : port;
	for (; port <= last && port < 65536; port++)
		ports->is_reserved[port / 8] |= (u8)(1U << port % 8);
}

static void read_reserved(struct tunable_ports *ports)
{
	char *text, *rest, *word;

	if (!read_text("ip_local_reserved_ports", &text))
		return;
	for (rest = text; (word = strsep(&rest, ",\n")); )
		reserve(ports, word);
	free(text);
}

bool tunable_has_port(const struct tunable_ports *ports, u16 port)
{
	return port >= ports->low && port <= ports->high &&
	       !(ports->is_reserved[port / 8] & 1U << port % 8);
}

bool tunable_read_ports(struct tunable_ports *ports)
{
	unsigned int low = 0, high = 0, port;
	char *text;

	memset(ports, 0, sizeof(*ports));
	if (!read_text("ip_local_port_range", &text))
		return false;
	if (sscanf(text, "%5u %5u", &low, &high) != 2 || low > high ||
	    high > 65535)
		high = 0;
	free(text);
	if (!high)
		return false;
	ports->low = (u16)low;
	ports->high = (u16)high;
	read_reserved(ports);
	for (port = low; port <= high; port++)
		if (tunable_has_port(ports, (u16)port))
			ports->usable++;
	ports->reserved = high - low + 1 - ports->usable;
	return true;
}
