// SPDX-License-Identifier: GPL-2.0
/*
 * Finds the IP packet behind Ethernet, VLAN tags, MPLS labels, PPPoE, Linux
 * cooked headers, BSD loopback, PPP and NFLOG. Must not read beyond what was
 * captured.
 */
#include "link.h"

#include <pcap/dlt.h>
#include <string.h>

#define ETHERTYPE_IP	0x0800
#define ETHERTYPE_IPV6	0x86dd
#define ETHERTYPE_VLAN	0x8100
#define ETHERTYPE_QINQ	0x88a8
#define ETHERTYPE_QINQ1	0x9100
#define ETHERTYPE_MPLS	0x8847
#define ETHERTYPE_MPLS_UPSTREAM	0x8848
#define ETHERTYPE_PPPOE	0x8864
#define LENGTH_MAX	1500		/* an ethertype is larger: IEEE 802.3 */
#define MPLS_BOTTOM	0x01		/* of the stack, in a label's third byte */
#define NFLOG_PAYLOAD	9
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

/* Nothing before it says which version it is: IP tells itself. */
static bool is_ip(const struct link_packet *packet)
{
	return packet->avail > 0 &&
	       (packet->data[0] >> 4 == 4 || packet->data[0] >> 4 == 6);
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

/* Session header, RFC 2516: the protocol behind it is PPP's. */
static bool strip_pppoe(struct link_packet *packet)
{
	return skip(packet, 6) && strip_ppp(packet);
}

/* Labels of four bytes up to the bottom of the stack, RFC 3032. */
static bool strip_mpls(struct link_packet *packet)
{
	bool bottom = false;

	while (!bottom && packet->avail >= 4) {
		bottom = packet->data[2] & MPLS_BOTTOM;
		skip(packet, 4);
	}
	return bottom && is_ip(packet);
}

/* A length instead of a type: SNAP may hold the type, RFC 1042. */
static bool strip_snap(struct link_packet *packet, u16 *ethertype)
{
	static const u8 snap[] = { 0xaa, 0xaa, 0x03, 0, 0, 0 };

	if (packet->avail < 8 || memcmp(packet->data, snap, sizeof(snap)) != 0)
		return false;
	*ethertype = get16(packet->data + 6);
	return skip(packet, 8);
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
	if (ethertype <= LENGTH_MAX && !strip_snap(packet, &ethertype))
		return false;
	switch (ethertype) {
	case ETHERTYPE_IP:
	case ETHERTYPE_IPV6:
		return true;
	case ETHERTYPE_MPLS:
	case ETHERTYPE_MPLS_UPSTREAM:
		return strip_mpls(packet);
	case ETHERTYPE_PPPOE:
		return strip_pppoe(packet);
	default:
		return false;
	}
}

/* Four bytes of an address family whose numbers differ. */
static bool strip_family(struct link_packet *packet)
{
	return skip(packet, 4) && is_ip(packet);
}

/*
 * Attributes of {length, type}, in the byte order that libpcap has made the
 * host's; each is padded to four bytes. The packet is one of them.
 */
static bool strip_nflog(struct link_packet *packet)
{
	u16 head[2];

	if (!skip(packet, 4))
		return false;
	while (packet->avail >= sizeof(head)) {
		memcpy(head, packet->data, sizeof(head));
		if (head[0] < sizeof(head))
			return false;
		if (head[1] == NFLOG_PAYLOAD)
			return skip(packet, sizeof(head)) && is_ip(packet);
		if (!skip(packet, (head[0] + 3U) & ~3U))
			return false;
	}
	return false;
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
	case DLT_NFLOG:
		return strip_nflog(packet);
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
	case DLT_NFLOG:
	case DLT_RAW:
	case DLT_IPV4:
	case DLT_IPV6:
		return true;
	default:
		return false;
	}
}
