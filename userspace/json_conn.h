/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which connection a line of JSON is about: ends, namespace and owner. Knows nothing
 * of what happened to it.
 */
#ifndef TCPHS_JSON_CONN_H
#define TCPHS_JSON_CONN_H

#include <linux/tcphs.h>

#include "jsonline.h"

/* @local: in words. */
void json_conn(struct jsonline *line, const struct tcphs_record *record,
	       const char *local);

/* The same of an event, as it was made for the one before of that connection. */
void json_conn_kept(struct jsonline *line, const struct tcphs_record *record);

#endif /* TCPHS_JSON_CONN_H */
