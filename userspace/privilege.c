// SPDX-License-Identifier: GPL-2.0
/*
 * Becomes another user and sheds capabilities. Must not go on half way: what
 * cannot be given up ends the program.
 */
#include "privilege.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int fail(const char *what)
{
	complain("%s: %s", what, strerror(errno));
	return STATUS_FAILED;
}

static int become(const char *user)
{
	const struct passwd *entry = getpwnam(user);

	if (!entry) {
		complain("--user: there is no user '%s'", user);
		return STATUS_USAGE;
	}
	if (geteuid() == entry->pw_uid)
		return STATUS_DONE;
	if (initgroups(user, entry->pw_gid) < 0 ||
	    setresgid(entry->pw_gid, entry->pw_gid, entry->pw_gid) < 0 ||
	    setresuid(entry->pw_uid, entry->pw_uid, entry->pw_uid) < 0)
		return fail("cannot change to the user of --user");
	return STATUS_DONE;
}

/* An open device stays open: CAP_NET_ADMIN has done its work. */
static int shed_capabilities(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (syscall(SYS_capset, &head, none) < 0)
		return fail("cannot give up capabilities");
	return STATUS_DONE;
}

#define NOBODY	65534	/* kernel.overflowuid: what stands for whom nobody knows */

/* A number that sudo(8) has left; root's own is none. */
static unsigned int find_number(const char *name)
{
	const char *text = getenv(name);
	unsigned long number;
	char *end;

	if (!text || *text < '0' || *text > '9')
		return NOBODY;
	errno = 0;
	number = strtoul(text, &end, 10);
	if (errno || *end || !number || number > INT_MAX)
		return NOBODY;
	return (unsigned int)number;
}

/*
 * EINVAL: the user namespace has no such user; EPERM: it may not; ENOSYS: the
 * kernel knows no users but root.
 */
static bool is_alone(int error)
{
	return error == EINVAL || error == EPERM || error == ENOSYS;
}

static int leave_root(void)
{
	uid_t uid = find_number("SUDO_UID");
	gid_t gid = uid == NOBODY ? NOBODY : find_number("SUDO_GID");

	if ((setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 ||
	     setresuid(uid, uid, uid) < 0) && !is_alone(errno))
		return fail("cannot become another user than root");
	return STATUS_DONE;
}

int privilege_lower(void)
{
	int status = geteuid() == 0 ? leave_root() : STATUS_DONE;

	if (status == STATUS_DONE)
		status = shed_capabilities();
	if (status == STATUS_DONE && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		status = fail("cannot forbid new privileges");
	return status;
}

int privilege_drop(const char *user)
{
	int status = user ? become(user) : STATUS_DONE;

	if (status == STATUS_DONE && geteuid() != 0)
		status = shed_capabilities();
	if (status == STATUS_DONE && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		status = fail("cannot forbid new privileges");
	return status;
}
