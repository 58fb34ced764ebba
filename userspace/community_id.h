/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The Community ID of a connection: the word by which Zeek, Suricata and
 * others name the same flow. Knows addresses and ports, nothing else.
 */
#ifndef TCPHS_COMMUNITY_ID_H
#define TCPHS_COMMUNITY_ID_H

#include <linux/tcphs.h>

#include "env.h"

#define COMMUNITY_ID_SEED	0	/* what everybody uses who sets none */
#define COMMUNITY_ID_TEXT	31	/* "1:", 28 letters of base64 and the end */

/**
 * community_id() - the Community ID, version 1, of a record's connection
 * @buf: COMMUNITY_ID_TEXT bytes
 * @record: its family, addresses and ports; which end is which does not matter
 * @seed: IDs of different seeds have nothing in common
 *
 * Return: @buf.
 */
char *community_id(char *buf, const struct tcphs_record *record, u16 seed);

#endif /* TCPHS_COMMUNITY_ID_H */
