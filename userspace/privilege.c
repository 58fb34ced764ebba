// SPDX-License-Identifier: GPL-2.0
/*
 * Becomes another user and sheds capabilities. Must not go on half way: what
 * cannot be given up ends the program.
 */
#include "privilege.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
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

int privilege_drop(const char *user)
{
	int status = user ? become(user) : STATUS_DONE;

	if (status == STATUS_DONE && geteuid() != 0)
		status = shed_capabilities();
	if (status == STATUS_DONE && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		status = fail("cannot forbid new privileges");
	return status;
}
