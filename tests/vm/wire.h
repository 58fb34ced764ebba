/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The end of a wire: a TUN device, and the checksums of what goes over it. Makes up no
 * packet.
 */
#ifndef WIRE_H
#define WIRE_H

#include <err.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>

#define IP4_HEADER	20
#define IP6_HEADER	40

static inline uint32_t add_words(uint32_t sum, const uint8_t *p, size_t len)
{
	for (; len > 1; p += 2, len -= 2)
		sum += (uint32_t)p[0] << 8 | p[1];
	return len ? sum + ((uint32_t)p[0] << 8) : sum;
}

static inline void put_checksum(uint8_t *at, uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	at[0] = (uint8_t)(~sum >> 8);
	at[1] = (uint8_t)~sum;
}

static inline void put_ip_checksum(uint8_t *packet, size_t len)
{
	if (packet[0] >> 4 != 4 || len < IP4_HEADER)
		return;
	packet[10] = 0;
	packet[11] = 0;
	put_checksum(packet + 10, add_words(0, packet, (packet[0] & 0xfU) * 4));
}

/* RFC 9293 section 3.1, RFC 4443 2.3: behind a pseudo-header; RFC 792: not. */
static inline void put_checksum_behind(uint8_t *packet, size_t len, size_t header,
				       uint8_t protocol)
{
	size_t addresses = packet[0] >> 4 == 4 ? 12 : 8;
	size_t place = header + (protocol == IPPROTO_TCP ? 16 : 2);
	uint32_t sum = 0;

	if (header < IP4_HEADER || len < place + 2)
		return;
	packet[place] = 0;
	packet[place + 1] = 0;
	if (protocol != IPPROTO_ICMP) {
		sum = protocol + (uint32_t)(len - header);
		sum = add_words(sum, packet + addresses,
				addresses == 12 ? 8 : 32);
	}
	put_checksum(packet + place,
		     add_words(sum, packet + header, len - header));
}

/* @flags: beside those that make it a bare one. */
static inline int open_tun(const char *name, int flags)
{
	struct ifreq request = { .ifr_flags = (short)(IFF_TUN | IFF_NO_PI | flags) };
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		err(1, "/dev/net/tun");
	strncpy(request.ifr_name, name, IFNAMSIZ - 1);
	if (ioctl(fd, TUNSETIFF, &request) < 0)
		err(1, "%s", name);
	return fd;
}

#endif /* WIRE_H */
