/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The connections of all namespaces, as those who bring segments see them.
 * Knows no packet and no file.
 */
#ifndef TCPHS_TABLE_H
#define TCPHS_TABLE_H

#include "conn.h"
#include "sight.h"

#define TCPHS_CONNS_MIN		16
#define TCPHS_CONNS_MAX		16777216

int tcphs_table_init(unsigned int entries, unsigned int max_total,
		     unsigned int max_guests);
void tcphs_table_exit(void);

int tcphs_table_net_init(struct tcphs_table *table);
void tcphs_table_net_exit(struct tcphs_table *table);

void tcphs_table_damaged(struct tcphs_table *table,
			 const struct tcphs_sight *sight);
enum tcphs_reason tcphs_table_step(struct tcphs_table *table,
				   const struct tcphs_sight *sight);
void tcphs_table_resume(struct tcphs_table *table,
			const struct tcphs_sight *sight);

#endif /* TCPHS_TABLE_H */
