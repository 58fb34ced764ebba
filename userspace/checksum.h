/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whether a captured segment's TCP checksum is right. Judges nothing else.
 */
#ifndef TCPHS_CHECKSUM_H
#define TCPHS_CHECKSUM_H

#include "parse.h"

/**
 * checksum_is_good() - verify a segment, RFC 9293 section 3.1
 * @packet: as parsed
 * @data: from the IP header, all of the segment
 *
 * A sum of the pseudo-header alone is good: it was to be completed by the
 * network card, after the capture.
 */
bool checksum_is_good(const struct tcphs_packet *packet, const u8 *data);

#endif /* TCPHS_CHECKSUM_H */
