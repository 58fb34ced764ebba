/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How connections leave the table: limits kept, half-open ones evicted, old
 * ones expired in slices, a namespace's flushed.
 */
#ifndef TCPHS_RETIRE_H
#define TCPHS_RETIRE_H

#include "conn.h"

int tcphs_retire_init(unsigned int max_total, unsigned int max_guests);
void tcphs_retire_exit(void);

bool tcphs_retire_admit(struct tcphs_table *table);
void tcphs_retire_uncount(struct tcphs_table *table);
void tcphs_retire_flush(void);

#endif /* TCPHS_RETIRE_H */
