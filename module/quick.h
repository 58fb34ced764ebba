/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The short way of a segment that changes nothing but numbers. Begins no
 * connection, ends none, tells nothing.
 */
#ifndef TCPHS_QUICK_H
#define TCPHS_QUICK_H

#include "conn.h"
#include "sight.h"

bool tcphs_quick(struct tcphs_table *table, const struct tcphs_sight *sight);

#endif /* TCPHS_QUICK_H */
