/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tcphs timewait --ports: how many of the ephemeral ports are held toward each
 * remote end. All sockets of the host are asked for, also those that were in
 * TIME_WAIT before the module came.
 *
 * connect() without bind() needs a port of the range that makes a new (local
 * address, local port, remote address, remote port): it is exhausted for one
 * remote end while thousands are free for another, so that no sum over all of
 * them says anything.
 */
#ifndef TCPHS_PORTUSE_H
#define TCPHS_PORTUSE_H

#include "filter.h"
#include "rows.h"

struct portuse;

/* @filter: which connections are meant, kept by reference. */
struct portuse *portuse_alloc(const struct filter *filter);

/* A row: tcphs has seen this one. @arg: the struct portuse. */
void portuse_row(void *arg, const struct row *row);

/**
 * portuse_ask() - ask the host for its sockets and its range of ports
 * @has_rows: all rows came; else nobody knows which of the sockets were seen
 *
 * Return: enum status.
 */
int portuse_ask(struct portuse *use, bool has_rows);

/* What stands first there, and what --why tells of it. */
struct portuse_worst {
	struct tcphs_record ends;	/* family, addr, port: [0] here, [1] there */
	u64 ports;
	u64 time_wait;
	u64 free;
	u64 sockets;			/* in TIME_WAIT, on the host */
	u64 unseen;			/* of these */
	u64 holding;			/* of these: an ephemeral port */
};

/* Return: whether any port is held by a TIME_WAIT; .sockets is good anyhow. */
bool portuse_worst(struct portuse *use, struct portuse_worst *worst);

/* The fullest first, then what the host has in all. */
void portuse_print(struct portuse *use, bool json);

void portuse_free(struct portuse *use);

#endif /* TCPHS_PORTUSE_H */
