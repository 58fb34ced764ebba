/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The link layer of a capture: where the IP packet begins. Looks no further.
 */
#ifndef TCPHS_LINK_H
#define TCPHS_LINK_H

#include "env.h"

/* What was captured of a packet, and how long it was on the wire. */
struct link_packet {
	const u8 *data;
	u32 avail;
	u32 wire;
};

/* In words. */
#define LINK_KNOWN "Ethernet, Linux cooked, raw IP, loopback, PPP and NFLOG are"

/* Whether link_strip() can read it; @type is one of pcap's DLT_ numbers. */
bool link_is_known(int type);

/**
 * link_strip() - take the link layer off
 * @type: a known one
 * @packet: from the link layer's first byte; on success from the IP header's
 *
 * Return: whether an IP packet follows; @packet is as it was if not.
 */
bool link_strip(int type, struct link_packet *packet);

#endif /* TCPHS_LINK_H */
