// SPDX-License-Identifier: GPL-2.0
/*
 * Puts IP packets into a TUN device as if a wire had brought them: inject
 * DEVICE, then one packet a line on standard input, in hex, blanks allowed.
 * The checksums of IPv4, TCP and ICMP are filled in; behind a "!" only IPv4's,
 * the other is left as it stands; behind a "~" a bit is changed afterwards.
 * Ends, and the device with it, at the end of its input.
 */
#include "wire.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PACKET_MAX	2048

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

static void put_checksum_of(uint8_t *packet, size_t len)
{
	uint8_t protocol;
	size_t header = find_header(packet, len, &protocol);

	put_checksum_behind(packet, len, header, protocol);
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

int main(int argc, char **argv)
{
	char line[4 * PACKET_MAX];
	int fd;

	if (argc != 2)
		errx(2, "usage: inject DEVICE <PACKETS");
	fd = open_tun(argv[1], 0);
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
