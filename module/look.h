/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A look at sockets that were silent, now and then.
 */
#ifndef TCPHS_LOOK_H
#define TCPHS_LOOK_H

#include <linux/types.h>

struct tcphs_bucket;

void tcphs_look_in_bucket(struct tcphs_bucket *bucket, u64 now_ns);

#endif /* TCPHS_LOOK_H */
