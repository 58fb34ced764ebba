// SPDX-License-Identifier: GPL-2.0
/*
 * Commands and cgroups as text. Prints nothing itself, and lets no byte of a
 * command's name reach a terminal that is not a letter there.
 */
#include "owner.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "utf8.h"

#define CGROUP_ROOT	"/sys/fs/cgroup"
#define FILEID_KERNFS	0xfe	/* exportfs.h: the handle is the id */

/* A file's need not end within its bytes. */
static_assert(OWNER_COMM ==
	      4 * sizeof(((struct tcphs_owner *)NULL)->comm) + 1, "text");

char *owner_comm(char *buf, const struct tcphs_owner *owner)
{
	char comm[sizeof(owner->comm) + 1] = "";
	const char *text = comm;
	char *out = buf;

	memcpy(comm, owner->comm, sizeof(owner->comm));
	if (!*text)
		return strcpy(buf, "-");
	while (*text) {
		size_t length = utf8_measure(text);

		if (length && *text != '\\') {
			out = mempcpy(out, text, length);
			text += length;
		} else {
			out += sprintf(out, "\\%03o", (unsigned char)*text++);
		}
	}
	*out = '\0';
	return buf;
}

/* As ss(8) finds it: the id is the file handle. Takes CAP_DAC_READ_SEARCH. */
static int open_cgroup(u64 id)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + sizeof(id)];
	} file = { .handle = {
		.handle_bytes = sizeof(id),
		.handle_type = FILEID_KERNFS,
	} };
	int root = open(CGROUP_ROOT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd;

	if (root < 0)
		return -1;
	memcpy(file.handle.f_handle, &id, sizeof(id));
	fd = open_by_handle_at(root, &file.handle, O_RDONLY | O_CLOEXEC);
	close(root);
	return fd;
}

static bool find_path(u64 id, char *path, size_t size)
{
	const size_t root = strlen(CGROUP_ROOT);
	char link[64];
	ssize_t length;
	int fd = open_cgroup(id);

	if (fd < 0)
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, size - 1);
	close(fd);
	if (length < (ssize_t)root || memcmp(path, CGROUP_ROOT, root) != 0)
		return false;
	path[length] = '\0';
	memmove(path, path + root, (size_t)length - root + 1);
	if (!*path)
		strcpy(path, "/");
	return true;
}

const char *owner_cgroup(u64 id)
{
	static char path[4096] = "-";	/* many connections, few cgroups */
	static u64 known;

	if (id == 0)
		return "-";
	if (id == known)
		return path;
	known = id;
	if (!find_path(id, path, sizeof(path)))
		snprintf(path, sizeof(path), "%llu", id);
	return path;
}
