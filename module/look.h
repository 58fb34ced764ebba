/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A look at sockets that were silent, now and then.
 */
#ifndef TCPHS_LOOK_H
#define TCPHS_LOOK_H

#include <linux/types.h>

struct tcphs_bucket;
struct tcphs_conn;

bool tcphs_look_is_due(const struct tcphs_conn *conn, u64 now_ns);
void tcphs_look_in_bucket(struct tcphs_bucket *bucket, u64 now_ns);

#endif /* TCPHS_LOOK_H */
