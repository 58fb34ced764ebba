/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module's work on captured packets: the same core, a table of flows, the
 * capture's own clock. Reads no file and knows no link layer.
 */
#ifndef TCPHS_ENGINE_H
#define TCPHS_ENGINE_H

#include <linux/tcphs.h>

#include "env.h"
#include "names.h"
#include "parse.h"
#include "source.h"

struct engine;

/* 2 MSL with the MSL of 30 s that Linux and the module use. */
#define ENGINE_TIME_WAIT_NS	60000000000ULL

/* Of connections at once, and no more memory than they take: 600 MB. */
#define ENGINE_LIMIT		1048576ULL

struct engine_options {
	bool segments;		/* SOURCE_EV_SEGMENT records too */
	bool no_checksum;	/* take segments whose checksum is bad */
	const char *local;	/* "ADDR[,ADDR...]" or NULL */
	u64 limit;		/* of connections at once; 0: ENGINE_LIMIT */
};

/* Return: NULL, having complained, if an address of @options is none. */
struct engine *engine_alloc(const struct engine_options *options);

/* What a packet shows before any connection is known. */
struct glance {
	u64 ns;			/* when it was captured */
	u64 hash;		/* of a segment's ends */
	enum glance_kind {
		GLANCE_OTHER,	/* without TCP: time passes */
		GLANCE_REFUSED,	/* for .reason */
		GLANCE_DAMAGED,	/* a segment with a bad checksum */
		GLANCE_SEGMENT,
	} kind;
	enum tcphs_reason reason;
	struct tcphs_packet packet;
};

/**
 * engine_glance() - look at one packet
 * @engine: is not changed: another thread may give it packets meanwhile
 * @data: from the IP header
 * @avail: bytes at @data
 * @wire: bytes that the packet had
 * @glance: filled, but for .ns
 */
void engine_glance(const struct engine *engine, const u8 *data, u32 avail,
		   u32 wire, struct glance *glance);

/**
 * engine_take() - take one packet
 * @engine: takes it
 * @glance: the packet; timers that are due before run first
 * @totals: counts it under its reason
 */
void engine_take(struct engine *engine, const struct glance *glance,
		 struct source_totals *totals);

/* The next @count packets: their connections are taken into the cache. */
void engine_ready(const struct engine *engine, const struct glance *glances,
		  unsigned int count);

/* The next event, NULL: give it more packets. Valid until the next call of any. */
const struct tcphs_record *engine_pop(struct engine *engine);

/**
 * engine_end_one() - the input is over: end one connection more
 * @engine: takes no more packets
 *
 * In the order of their ids; no time passes. Return: whether there was one.
 */
bool engine_end_one(struct engine *engine);

void engine_free(struct engine *engine);

#endif /* TCPHS_ENGINE_H */
