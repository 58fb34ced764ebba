// SPDX-License-Identifier: GPL-2.0
/*
 * Puts IP packets into a TUN device as if a wire had brought them: inject
 * DEVICE, then one packet a line on standard input, in hex, blanks allowed.
 * The checksums of IPv4 and TCP are filled in; behind a "!" TCP's is left as
 * it stands. Ends, and the device with it, at the end of its input.
 */
#include <ctype.h>
#include <err.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define PACKET_MAX	2048
#define IP4_HEADER	20
#define IP6_HEADER	40
#define PROTO_TCP	6

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

/* RFC 9293 section 3.1: pseudo-header, header and data. */
static void put_tcp_checksum(uint8_t *packet, size_t len)
{
	size_t header = packet[0] >> 4 == 4 ? IP4_HEADER : IP6_HEADER;
	size_t addresses = header == IP4_HEADER ? 12 : 8;
	uint32_t sum = PROTO_TCP + (uint32_t)(len - header);

	if (len < header + 18)
		return;
	packet[header + 16] = 0;
	packet[header + 17] = 0;
	sum = add_words(sum, packet + addresses, header - addresses);
	put_checksum(packet + header + 16,
		     add_words(sum, packet + header, len - header));
}

static void put_ip_checksum(uint8_t *packet, size_t len)
{
	if (packet[0] >> 4 != 4 || len < IP4_HEADER)
		return;
	packet[10] = 0;
	packet[11] = 0;
	put_checksum(packet + 10, add_words(0, packet, IP4_HEADER));
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
		const char *text = line + (line[0] == '!');
		size_t len = read_hex(text, packet);

		if (len == 0)
			continue;
		put_ip_checksum(packet, len);
		if (text == line)
			put_tcp_checksum(packet, len);
		if (write(fd, packet, len) != (ssize_t)len)
			err(1, "%s: write", argv[1]);
	}
	return 0;
}
