/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whose a connection is, in words. Looks nobody up by name: what was recorded
 * elsewhere is not this host's.
 */
#ifndef TCPHS_OWNER_H
#define TCPHS_OWNER_H

#include <linux/tcphs.h>

#include "env.h"

#define OWNER_COMM	65	/* a command without its NUL, each byte of it as \ooo */

/**
 * owner_comm() - the command that opened the connection
 * @buf: filled, of OWNER_COMM bytes
 * @owner: of a record; whatever it holds is survived
 *
 * A command may be anything: what is not UTF-8, would move a cursor, or is a
 * backslash stands as \ooo. Return: @buf, "-" where nothing is known.
 */
char *owner_comm(char *buf, const struct tcphs_owner *owner);

/**
 * owner_cgroup() - the path of a cgroup of this host
 * @id: tcphs_owner.cgroup
 *
 * Return: "/system.slice/..." below the mount of cgroup v2, good until the next
 * call; the number as text where it has gone or may not be looked up; "-" for 0.
 */
const char *owner_cgroup(u64 id);

#endif /* TCPHS_OWNER_H */
