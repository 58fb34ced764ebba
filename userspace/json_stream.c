// SPDX-License-Identifier: GPL-2.0
/*
 * JSON of a file tells of the traffic alone: where it was recorded is for
 * people, on standard error. Must not tell a place that is not the reader's.
 */
#include "json_stream.h"

#include "print.h"
#include "tool.h"

void json_stream_begin(const struct source *source)
{
	const struct source_hello *hello = source_hello(source);
	struct source_hello nothing = { .wall_ns = hello->wall_ns };

	if (source_is_live(source)) {
		print_line(print_json_hello(hello, hello->wall_ns));
		return;
	}
	if (*hello->host)
		complain("recorded on %s, Linux %s, by tcphs %s", hello->host,
			 hello->kernel, hello->module);
	print_line(print_json_hello(&nothing, hello->wall_ns));
}

bool json_stream_record(const struct source *source,
			const struct tcphs_record *record)
{
	struct tcphs_record placeless;

	if (!source_is_live(source)) {
		placeless = *record;
		placeless.netns = 0;
		record = &placeless;
	}
	return print_json_event(record);
}
