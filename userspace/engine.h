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
#include "source.h"

struct engine;

/* 2 MSL with the MSL of 30 s that Linux and the module use. */
#define ENGINE_TIME_WAIT_NS	60000000000ULL

struct engine_options {
	bool segments;		/* SOURCE_EV_SEGMENT records too */
	bool no_checksum;	/* take segments whose checksum is bad */
	const char *local;	/* "ADDR[,ADDR...]" or NULL */
};

/* Return: NULL, having complained, if an address of @options is none. */
struct engine *engine_alloc(const struct engine_options *options);

/**
 * engine_packet() - take one packet
 * @engine: takes it
 * @ns: when it was captured; timers that are due before run first
 * @data: from the IP header
 * @avail: bytes at @data
 * @wire: bytes that the packet had
 * @totals: counts it under its reason
 */
void engine_packet(struct engine *engine, u64 ns, const u8 *data, u32 avail,
		   u32 wire, struct source_totals *totals);

/* A packet without TCP: time passes. */
void engine_tick(struct engine *engine, u64 ns);

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
