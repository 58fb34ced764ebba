/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The records of a plain pcap, read many at a time and given where they lie. Knows
 * what nearly all captures are, and leaves the rest to libpcap, its complaints too.
 */
#ifndef TCPHS_PLAIN_H
#define TCPHS_PLAIN_H

#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdio.h>

#include "env.h"
#include "link.h"

struct plain;

/**
 * plain_open() - see whether a capture is plain
 * @pcap: begun, none of its packets read
 * @file: what it reads, a regular file
 *
 * Return: NULL if it is not.
 */
struct plain *plain_open(pcap_t *pcap, FILE *file);

struct plain_packet {
	u64 ns;				/* when it was captured */
	struct link_packet bytes;	/* valid until the next call */
};

/**
 * plain_next() - the next packet
 * @plain: not at its end
 * @packet: filled
 *
 * Return: false at the end, and before a record that is not plain: the file then
 * stands there, for pcap_next_ex() to say what it is; not called again.
 */
bool plain_next(struct plain *plain, struct plain_packet *packet);

void plain_close(struct plain *plain);

#endif /* TCPHS_PLAIN_H */
