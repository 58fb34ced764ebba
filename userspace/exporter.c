// SPDX-License-Identifier: GPL-2.0
/*
 * Serves /metrics through libmicrohttpd. Must not trust a client with more
 * than a little memory and a few seconds.
 */
#include "exporter.h"

#include <errno.h>
#include <limits.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tool.h"

#define CONNECTIONS_MAX	16U
#define TIMEOUT_S	10U
#define MEMORY_MAX	((size_t)16 << 10)	/* a connection's, for its request */
#define BACKLOG		16

#define TYPE_OPEN \
	"application/openmetrics-text; version=1.0.0; charset=utf-8"
#define TYPE_TEXT	"text/plain; version=0.0.4; charset=utf-8"

static const char front[] =
	"<!DOCTYPE html><title>tcphs</title><a href=\"/metrics\">metrics</a>\n";

struct exporter {
	struct MHD_Daemon *daemon;
	int fd;
	exporter_fn *page;
	void *arg;
};

/* Takes @text apart; it is a copy. Return: whether it has the form. */
static bool split_listen(char *text, const char **host, const char **port)
{
	char *colon = strrchr(text, ':');

	*host = "127.0.0.1";
	*port = colon ? colon + 1 : text;
	if (strspn(*port, "0123456789") != strlen(*port) || !**port)
		return false;
	if (!colon)
		return true;
	*colon = '\0';
	if (*text == '[' && colon[-1] == ']') {
		colon[-1] = '\0';
		text++;
	} else if (strchr(text, ':')) {
		return false;
	}
	*host = text;
	return *text != '\0';
}

static struct addrinfo *find_address(const char *listen)
{
	const struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
		.ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *address = NULL;
	const char *host, *port;
	char *text = strdup(listen);

	if (text && split_listen(text, &host, &port) && atol(port) <= 65535)
		getaddrinfo(host, port, &hints, &address);
	free(text);
	return address;
}

/* Return: a socket, or -1 with errno. */
static int listen_on(const struct addrinfo *address)
{
	int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC |
			SOCK_NONBLOCK, 0);
	int error, on = 1;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, address->ai_addr, address->ai_addrlen) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

static void tell_address(int fd)
{
	char host[INET6_ADDRSTRLEN], port[8];
	struct sockaddr_storage address;
	socklen_t size = sizeof(address);

	if (getsockname(fd, (struct sockaddr *)&address, &size) == 0 &&
	    getnameinfo((struct sockaddr *)&address, size, host, sizeof(host),
			port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) == 0)
		complain(strchr(host, ':') ? "metrics on http://[%s]:%s/metrics" :
			 "metrics on http://%s:%s/metrics", host, port);
}

/* Prometheus names OpenMetrics; curl and promtool read what is plain. */
static bool wants_open(struct MHD_Connection *connection)
{
	const char *accept = MHD_lookup_connection_value(connection,
							 MHD_HEADER_KIND,
							 "Accept");

	return accept && strstr(accept, "application/openmetrics-text");
}

static enum MHD_Result answer(struct MHD_Connection *connection,
			      unsigned int code, const char *name,
			      const char *value, struct MHD_Response *response)
{
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, name, value);
	result = MHD_queue_response(connection, code, response);
	MHD_destroy_response(response);
	return result;
}

static struct MHD_Response *make_fixed(const char *text)
{
	return MHD_create_response_from_buffer(strlen(text), (void *)text,
					       MHD_RESPMEM_PERSISTENT);
}

static enum MHD_Result answer_page(const struct exporter *exporter,
				   struct MHD_Connection *connection)
{
	bool is_open = wants_open(connection);
	struct MHD_Response *response;
	size_t size;
	char *text = exporter->page(exporter->arg, is_open, &size);

	if (!text)
		return MHD_NO;
	response = MHD_create_response_from_buffer(size, text,
						   MHD_RESPMEM_MUST_FREE);
	if (!response)
		free(text);
	else
		MHD_add_response_header(response, "Vary", "Accept");
	return answer(connection, MHD_HTTP_OK, "Content-Type",
		      is_open ? TYPE_OPEN : TYPE_TEXT, response);
}

static enum MHD_Result handle(void *arg, struct MHD_Connection *connection,
			      const char *url, const char *method,
			      const char *version, const char *upload,
			      size_t *upload_size, void **request)
{
	(void)version;
	(void)upload;
	(void)upload_size;
	(void)request;
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
		return answer(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "Allow",
			      "GET, HEAD", make_fixed("GET only\n"));
	if (strcmp(url, "/metrics") == 0)
		return answer_page(arg, connection);
	if (strcmp(url, "/") == 0)
		return answer(connection, MHD_HTTP_OK, "Content-Type",
			      "text/html; charset=utf-8", make_fixed(front));
	return answer(connection, MHD_HTTP_NOT_FOUND, "Content-Type",
		      "text/plain", make_fixed("not here; see /metrics\n"));
}

static void be_silent(void *arg, const char *format, va_list args)
{
	(void)arg;
	(void)format;
	(void)args;
}

static struct MHD_Daemon *start(struct exporter *exporter, int fd)
{
	return MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_ERROR_LOG, 0, NULL,
				NULL, handle, exporter,
				MHD_OPTION_EXTERNAL_LOGGER, be_silent, NULL,
				MHD_OPTION_LISTEN_SOCKET, fd,
				MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX,
				MHD_OPTION_CONNECTION_TIMEOUT, TIMEOUT_S,
				MHD_OPTION_CONNECTION_MEMORY_LIMIT, MEMORY_MAX,
				MHD_OPTION_END);
}

/* Return: the socket, or -1 having complained. */
static int open_socket(const char *listen, int *status)
{
	struct addrinfo *address = find_address(listen);
	int fd;

	if (!address) {
		complain("--listen takes ADDRESS:PORT, [ADDRESS]:PORT or none, not '%s'",
			 listen);
		*status = STATUS_USAGE;
		return -1;
	}
	fd = listen_on(address);
	freeaddrinfo(address);
	if (fd < 0) {
		complain("cannot listen on %s: %s%s", listen, strerror(errno),
			 errno == EADDRINUSE ?
			 "; choose another with --listen, or --listen none" :
			 "");
		*status = STATUS_FAILED;
	}
	return fd;
}

struct exporter *exporter_open(const char *listen, exporter_fn *page,
			       void *arg, int *status)
{
	int fd = open_socket(listen, status);
	struct exporter *exporter;

	if (fd < 0)
		return NULL;
	exporter = tool_alloc(sizeof(*exporter));
	exporter->page = page;
	exporter->arg = arg;
	exporter->daemon = start(exporter, fd);
	if (!exporter->daemon) {
		complain("cannot serve metrics on %s", listen);
		*status = STATUS_FAILED;
		close(fd);
		free(exporter);
		return NULL;
	}
	exporter->fd = MHD_get_daemon_info(exporter->daemon,
					   MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
	return exporter;
}

void exporter_tell(const struct exporter *exporter)
{
	tell_address(MHD_get_daemon_info(exporter->daemon,
					 MHD_DAEMON_INFO_LISTEN_FD)->listen_fd);
}

int exporter_fd(const struct exporter *exporter)
{
	return exporter->fd;
}

int exporter_timeout_ms(const struct exporter *exporter)
{
	MHD_UNSIGNED_LONG_LONG timeout;

	if (MHD_get_timeout(exporter->daemon, &timeout) != MHD_YES)
		return -1;
	return timeout > INT_MAX ? INT_MAX : (int)timeout;
}

void exporter_run(struct exporter *exporter)
{
	MHD_run(exporter->daemon);
}

void exporter_close(struct exporter *exporter)
{
	MHD_stop_daemon(exporter->daemon);
	free(exporter);
}
