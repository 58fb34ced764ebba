// SPDX-License-Identifier: GPL-2.0
/*
 * Finds the IP packet behind Ethernet, VLAN tags, Linux cooked headers, BSD
 * loopback and PPP. Must not read beyond what was captured.
 */
#include "link.h"

#include <pcap/dlt.h>

#define ETHERTYPE_IP	0x0800
#define ETHERTYPE_IPV6	0x86dd
#define ETHERTYPE_VLAN	0x8100
#define ETHERTYPE_QINQ	0x88a8
#define ETHERTYPE_QINQ1	0x9100
#define PPP_IP		0x0021
#define PPP_IPV6	0x0057

static u16 get16(const u8 *p)
{
	return (u16)(p[0] << 8 | p[1]);
}

static bool skip(struct link_packet *packet, u32 bytes)
{
	if (packet->avail < bytes || packet->wire < bytes)
		return false;
	packet->data += bytes;
	packet->avail -= bytes;
	packet->wire -= bytes;
	return true;
}

static bool is_vlan(u16 ethertype)
{
	return ethertype == ETHERTYPE_VLAN || ethertype == ETHERTYPE_QINQ ||
	       ethertype == ETHERTYPE_QINQ1;
}

/* A header of so many bytes with the ethertype at an offset, then any tags. */
static bool strip_ethertype(struct link_packet *packet, u32 header, u32 offset)
{
	u16 ethertype;

	if (packet->avail < header)
		return false;
	ethertype = get16(packet->data + offset);
	skip(packet, header);
	while (is_vlan(ethertype) && packet->avail >= 4) {
		ethertype = get16(packet->data + 2);
		skip(packet, 4);
	}
	return ethertype == ETHERTYPE_IP || ethertype == ETHERTYPE_IPV6;
}

/* Address and control bytes (ff 03) may have been left out, RFC 1661. */
static bool strip_ppp(struct link_packet *packet)
{
	u16 protocol;

	if (packet->avail >= 2 && get16(packet->data) == 0xff03)
		skip(packet, 2);
	if (packet->avail < 2)
		return false;
	protocol = get16(packet->data);
	skip(packet, 2);
	return protocol == PPP_IP || protocol == PPP_IPV6;
}

/* Four bytes of an address family whose numbers differ: IP tells its own. */
static bool strip_family(struct link_packet *packet)
{
	if (!skip(packet, 4) || packet->avail == 0)
		return false;
	return packet->data[0] >> 4 == 4 || packet->data[0] >> 4 == 6;
}

static bool strip(int type, struct link_packet *packet)
{
	switch (type) {
	case DLT_EN10MB:
		return strip_ethertype(packet, 14, 12);
	case DLT_LINUX_SLL:
		return strip_ethertype(packet, 16, 14);
	case DLT_LINUX_SLL2:
		return strip_ethertype(packet, 20, 0);
	case DLT_NULL:
	case DLT_LOOP:
		return strip_family(packet);
	case DLT_PPP:
	case DLT_PPP_SERIAL:
		return strip_ppp(packet);
	default:		/* no link layer */
		return packet->avail > 0;
	}
}

bool link_strip(int type, struct link_packet *packet)
{
	struct link_packet inner = *packet;

	if (!strip(type, &inner))
		return false;
	*packet = inner;
	return true;
}

bool link_is_known(int type)
{
	switch (type) {
	case DLT_EN10MB:
	case DLT_LINUX_SLL:
	case DLT_LINUX_SLL2:
	case DLT_NULL:
	case DLT_LOOP:
	case DLT_PPP:
	case DLT_PPP_SERIAL:
	case DLT_RAW:
	case DLT_IPV4:
	case DLT_IPV6:
		return true;
	default:
		return false;
	}
}
