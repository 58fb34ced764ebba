/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An HTTP server for one page, /metrics, without a thread of its own: who
 * polls calls it. Knows no metric.
 */
#ifndef TCPHS_EXPORTER_H
#define TCPHS_EXPORTER_H

#include "env.h"

#define EXPORTER_LISTEN	"127.0.0.1:9471"

/* Return: the page for free(), its length in *@size; NULL: no memory. */
typedef char *exporter_fn(void *arg, bool is_open, size_t *size);

struct exporter;

/**
 * exporter_open() - listen
 * @listen: "ADDRESS:PORT", "[ADDRESS]:PORT", "PORT"; port 0: any that is free
 * @page: makes the page; asked for OpenMetrics or not, as the client accepts
 * @arg: for @page
 * @status: on failure enum status
 *
 * Return: NULL having complained.
 */
struct exporter *exporter_open(const char *listen, exporter_fn *page,
			       void *arg, int *status);

/* On standard error: where the metrics are. */
void exporter_tell(const struct exporter *exporter);

/* For poll(POLLIN), then exporter_run(). */
int exporter_fd(const struct exporter *exporter);
/* Call exporter_run() then at the latest; -1: no need. */
int exporter_timeout_ms(const struct exporter *exporter);
/* Does what can be done without waiting. */
void exporter_run(struct exporter *exporter);

void exporter_close(struct exporter *exporter);

#endif /* TCPHS_EXPORTER_H */
