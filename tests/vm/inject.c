// SPDX-License-Identifier: GPL-2.0
/*
 * Puts IP packets into a TUN device as if a wire had brought them: inject
 * DEVICE, then one packet a line on standard input, in hex, blanks allowed.
 * The checksums of IPv4, TCP and ICMP are filled in; behind a "!" only IPv4's,
 * the other is left as it stands; behind a "~" a bit is changed afterwards.
 * Ends, and the device with it, at the end of its input.
 */
#include <ctype.h>
#include <err.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define PACKET_MAX	2048
#define IP4_HEADER	20
#define IP6_HEADER	40

static uint32_t add_words(uint32_t sum, const uint8_t *p, size_t len)
{
	for (; len > 1; p += 2, len -= 2)
		sum += (uint32_t)p[0] << 8 | p[1];
	return len ? sum + ((uint32_t)p[0] << 8) : sum;
}

static void put_checksum(uint8_t *at, uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	at[0] = (uint8_t)(~sum >> 8);
	at[1] = (uint8_t)~sum;
}

/* Where the TCP or ICMP header begins, behind options or extension headers. */
static size_t find_header(const uint8_t *packet, size_t len, uint8_t *protocol)
{
	size_t at = IP6_HEADER;

	if (packet[0] >> 4 == 4) {
		*protocol = packet[9];
		return (packet[0] & 0xfU) * 4;
	}
	*protocol = packet[6];
	while (at + 8 <= len && strchr("\x2b\x2c\x3c", *protocol)) {
		*protocol = packet[at];		/* also of hop-by-hop options: 0 */
		at += packet[at + 1] * 8U + 8;
	}
	return at;
}

/* RFC 9293 section 3.1, RFC 4443 2.3: behind a pseudo-header; RFC 792: not. */
static void put_checksum_of(uint8_t *packet, size_t len)
{
	uint8_t protocol;
	size_t header = find_header(packet, len, &protocol);
	size_t addresses = packet[0] >> 4 == 4 ? 12 : 8;
	size_t place = protocol == IPPROTO_TCP ? 16 : 2;
	uint32_t sum = 0;

	if (header < IP4_HEADER || len < header + place + 2)
		return;
	packet[header + place] = 0;
	packet[header + place + 1] = 0;
	if (protocol != IPPROTO_ICMP) {
		sum = protocol + (uint32_t)(len - header);
		sum = add_words(sum, packet + addresses,
				addresses == 12 ? 8 : 32);
	}
	put_checksum(packet + header + place,
		     add_words(sum, packet + header, len - header));
}

static void put_ip_checksum(uint8_t *packet, size_t len)
{
	if (packet[0] >> 4 != 4 || len < IP4_HEADER)
		return;
	packet[10] = 0;
	packet[11] = 0;
	put_checksum(packet + 10, add_words(0, packet, (packet[0] & 0xfU) * 4));
}

static size_t read_hex(const char *text, uint8_t *packet)
{
	size_t digits = 0;

	for (; *text; text++) {
		unsigned int value;

		if (isspace((unsigned char)*text))
			continue;
		if (!isxdigit((unsigned char)*text) ||
		    digits == 2 * PACKET_MAX)
			errx(1, "not a packet in hex: %s", text);
		value = (unsigned int)strtoul((char[]){ *text, 0 }, NULL, 16);
		packet[digits / 2] = (uint8_t)(packet[digits / 2] << 4 | value);
		digits++;
	}
	if (digits % 2)
		errx(1, "half a byte at the end");
	return digits / 2;
}

static int open_tun(const char *name)
{
	struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR);

	if (fd < 0)
		err(1, "/dev/net/tun");
	strncpy(request.ifr_name, name, IFNAMSIZ - 1);
	if (ioctl(fd, TUNSETIFF, &request) < 0)
		err(1, "%s", name);
	return fd;
}

int main(int argc, char **argv)
{
	char line[4 * PACKET_MAX];
	int fd;

	if (argc != 2)
		errx(2, "usage: inject DEVICE <PACKETS");
	fd = open_tun(argv[1]);
	while (fgets(line, sizeof(line), stdin)) {
		uint8_t packet[PACKET_MAX] = { 0 };
		const char *text = line + strspn(line, "!~");
		size_t len = read_hex(text, packet);

		if (len == 0)
			continue;
		put_ip_checksum(packet, len);
		if (line[0] != '!')
			put_checksum_of(packet, len);
		if (line[0] == '~')
			packet[len - 1] ^= 1;
		if (write(fd, packet, len) != (ssize_t)len)
			err(1, "%s: write", argv[1]);
	}
	return 0;
}
