// SPDX-License-Identifier: GPL-2.0
/*
 * The words for ends of TIME_WAIT, written down once. Must not know where they
 * are printed.
 */
#include "words.h"

#include <stddef.h>

#include "tool.h"

static const struct {
	unsigned int end;
	unsigned int cause;
	const char *words;
} ends[] = {
	{ TCPHS_TW_EXPIRED, TCPHS_TW_BY_NOTHING, "expired" },
	{ TCPHS_TW_REUSED, TCPHS_TW_BY_SYN, "reused by the peer's newer SYN" },
	{ TCPHS_TW_REUSED, TCPHS_TW_BY_CONNECT, "reused by this host's connect()" },
	{ TCPHS_TW_REUSED, TCPHS_TW_BY_NOTHING, "reused by a new SYN" },
	{ TCPHS_TW_RESET, TCPHS_TW_BY_NOTHING, "reset by a RST" },
	{ TCPHS_TW_KILLED, TCPHS_TW_BY_ABORT, "killed (ss -K)" },
	{ TCPHS_TW_KILLED, TCPHS_TW_BY_NETNS, "killed: its namespace went" },
	{ TCPHS_TW_KILLED, TCPHS_TW_BY_NOTHING, "killed" },
	{ TCPHS_TW_NEVER, TCPHS_TW_BY_NOTHING, "never: tcp_max_tw_buckets full" },
	{ TCPHS_TW_EVICTED, TCPHS_TW_BY_NOTHING, "evicted from the table of tcphs" },
};

const char *words_end(unsigned int end, unsigned int cause)
{
	const char *words = "-";
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		if (ends[i].end != end)
			continue;
		words = ends[i].words;
		if (ends[i].cause == cause)
			break;
	}
	return words;
}

const char *words_restart(unsigned int cause)
{
	switch (cause) {
	case TCPHS_TW_BY_FIN:
		return "FIN again";
	case TCPHS_TW_BY_OUT_OF_WINDOW:
		return "segment out of the window";
	case TCPHS_TW_BY_ACK:
		return "bare ACK";
	default:
		return NULL;
	}
}
