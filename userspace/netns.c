// SPDX-License-Identifier: GPL-2.0
/*
 * Goes into network namespaces with setns(2) and comes back. Must not create
 * or name any.
 */
#include "netns.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool.h"

#define NETNS_DIR	"/run/netns"
#define NETNS_OWN	"/proc/self/ns/net"

/* A name is looked for first; what is all digits may be a process. */
static int open_netns(const char *which)
{
	char path[512];
	int fd;

	if (*which == '\0' || strchr(which, '/')) {
		errno = EINVAL;
		return -1;
	}
	snprintf(path, sizeof(path), NETNS_DIR "/%s", which);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 || which[strspn(which, "0123456789")] != '\0')
		return fd;
	snprintf(path, sizeof(path), "/proc/%s/ns/net", which);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static int enter_fd(int fd, const char *which)
{
	if (fd >= 0 && setns(fd, CLONE_NEWNET) == 0)
		return STATUS_DONE;
	complain("cannot enter network namespace '%s': %s", which,
		 errno == EPERM || errno == EACCES ?
		 "permission denied; run it as root" : strerror(errno));
	return STATUS_FAILED;
}

static int enter_name(const char *which)
{
	int fd = open_netns(which);
	int status = enter_fd(fd, which);

	if (fd >= 0)
		close(fd);
	return status;
}

int netns_enter(const char *which)
{
	if (!which)
		return STATUS_DONE;
	if (strcmp(which, "all") == 0) {
		complain("'-N all' is for show, stats and timewait; here name one namespace");
		return STATUS_USAGE;
	}
	return enter_name(which);
}

unsigned int netns_inode(void)
{
	struct stat st;

	return stat(NETNS_OWN, &st) == 0 ? (unsigned int)st.st_ino : 0;
}

static int is_named(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Whether inode is among the first count of seen; adds it if not. */
static bool is_seen(unsigned int *seen, size_t *count, unsigned int inode)
{
	size_t i;

	for (i = 0; i < *count; i++)
		if (seen[i] == inode)
			return true;
	seen[(*count)++] = inode;
	return false;
}

static int each_named(struct dirent **names, int found, netns_fn *fn, void *arg)
{
	unsigned int *seen = tool_alloc(sizeof(*seen) * ((size_t)found + 1));
	size_t count = 0;
	int status, one, i;

	is_seen(seen, &count, netns_inode());
	status = fn(NULL, arg);
	/* an absent module is absent everywhere; a stale name is one's own */
	for (i = 0; i < found && status != STATUS_ABSENT; i++) {
		one = enter_name(names[i]->d_name);
		hide_controls(names[i]->d_name);
		if (one == STATUS_DONE &&
		    !is_seen(seen, &count, netns_inode()))
			one = fn(names[i]->d_name, arg);
		if (status == STATUS_DONE)
			status = one;
	}
	free(seen);
	return status;
}

static int each_netns(netns_fn *fn, void *arg)
{
	int own = open(NETNS_OWN, O_RDONLY | O_CLOEXEC);
	struct dirent **names = NULL;
	int found = scandir(NETNS_DIR, &names, is_named, alphasort);
	int status, i;

	if (found < 0)		/* nobody has named any */
		found = 0;
	status = each_named(names, found, fn, arg);
	if (own >= 0 && found > 0 && setns(own, CLONE_NEWNET) < 0 &&
	    status == STATUS_DONE)
		status = enter_fd(-1, "own");
	if (own >= 0)
		close(own);
	for (i = 0; i < found; i++)
		free(names[i]);
	free(names);
	return status;
}

int netns_each(const char *which, netns_fn *fn, void *arg)
{
	int status;

	if (which && strcmp(which, "all") == 0)
		return each_netns(fn, arg);
	status = netns_enter(which);
	return status == STATUS_DONE ? fn(which, arg) : status;
}
