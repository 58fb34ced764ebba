// SPDX-License-Identifier: GPL-2.0
/*
 * Begins and prints JSON lines. Must not print half of one.
 */
#include "jsonline.h"

#include <stdint.h>

#include <linux/tcphs.h>

#include "print.h"

json_t *jsonline_begin(const char *event)
{
	char when[PRINT_TIME];

	return json_pack("{s:i, s:s, s:s}", "v", 1, "event", event,
			 "ts", print_time(when, print_wall_ns()));
}

void jsonline_append(json_t *line, json_t *more)
{
	json_object_update(line, more);
	json_decref(more);
}

json_t *jsonline_number(u64 value)
{
	if (value == TCPHS_NS_NONE)
		return json_null();
	return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

void jsonline_print(json_t *line)
{
	print_line(json_dumps(line, JSON_COMPACT | JSON_PRESERVE_ORDER));
	json_decref(line);
}
