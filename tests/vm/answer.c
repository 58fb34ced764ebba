// SPDX-License-Identifier: GPL-2.0
/*
 * Answers HTTP for whomever it was meant: answer PORT listens transparently
 * (IP_TRANSPARENT), so that its sockets bear the address that was asked for.
 * No server otherwise: one answer, one connection at a time.
 */
#include <err.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static int listen_for_all(unsigned int port)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int on = 1;

	if (fd < 0 || setsockopt(fd, SOL_IP, IP_TRANSPARENT, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&addr, sizeof(addr)) || listen(fd, 5))
		err(1, "port %u", port);
	return fd;
}

int main(int argc, char **argv)
{
	static const char text[] =
		"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nyes";
	char request[4096];
	int listener, fd;

	if (argc != 2)
		errx(2, "usage: answer PORT");
	listener = listen_for_all((unsigned int)atoi(argv[1]));
	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		if (read(fd, request, sizeof(request)) > 0 &&
		    write(fd, text, sizeof(text) - 1) < 0)
			warn("write");
		close(fd);
	}
	err(1, "accept");
}
