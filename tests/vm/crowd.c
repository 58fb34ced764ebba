// SPDX-License-Identifier: GPL-2.0
/*
 * Makes many TIME_WAITs over loopback, one connection after the other: crowd COUNT.
 * The client's end closes first; it goes from address to address in 127/8, so that
 * its ports last. Has no opinion.
 */
#include <err.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT		9000
#define EACH		64	/* connections from one address */
#define FIRST		0x7f010001U

static int new_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0)
		err(1, "socket");
	return fd;
}

static int listen_here(const struct sockaddr_in *here)
{
	int fd = new_socket(), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (const struct sockaddr *)here, sizeof(*here)) || listen(fd, 16))
		err(1, "listen");
	return fd;
}

static void connect_once(int listener, const struct sockaddr_in *there, uint32_t address)
{
	struct sockaddr_in own = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(address),
	};
	int client = new_socket(), server, one = 1;

	setsockopt(client, SOL_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one));
	if (bind(client, (struct sockaddr *)&own, sizeof(own)) ||
	    connect(client, (const struct sockaddr *)there, sizeof(*there)))
		err(1, "connect");
	server = accept(listener, NULL, NULL);
	if (server < 0)
		err(1, "accept");
	close(client);
	close(server);
}

int main(int argc, char **argv)
{
	struct sockaddr_in there = {
		.sin_family = AF_INET, .sin_port = htons(PORT),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	unsigned int count;
	int listener;

	if (argc != 2)
		errx(2, "usage: crowd COUNT");
	count = (unsigned int)strtoul(argv[1], NULL, 10);
	listener = listen_here(&there);
	for (unsigned int i = 0; i < count; i++)
		connect_once(listener, &there, FIRST + i / EACH);
	return 0;
}
