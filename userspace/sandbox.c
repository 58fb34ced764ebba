// SPDX-License-Identifier: GPL-2.0
/*
 * The system calls that are left to who reads a stranger's file, as a seccomp
 * filter. Must not let anything be opened, reached, started or made executable.
 */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* Of no use without a file, or harmless by itself. */
static const int allowed[] = {
	/* files that are open; newfstatat() is checked below */
	SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(lseek),
	SCMP_SYS(fstat), SCMP_SYS(ftruncate), SCMP_SYS(close),
	SCMP_SYS(poll), SCMP_SYS(ppoll),
	/* memory; mmap() and mprotect() are checked below */
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
	SCMP_SYS(getrandom), SCMP_SYS(futex),
	/* qsort() asks how much memory there is */
	SCMP_SYS(sysinfo),
	/* the clock, where the vDSO has none */
	SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday),
	/* the end, and abort()'s; tgkill() is checked below */
	SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(getpid), SCMP_SYS(gettid),
	SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(restart_syscall),
	/* what a thread registers for itself; how it starts is checked below */
	SCMP_SYS(set_robust_list), SCMP_SYS(rseq),
	/* and what the sanitizers of a build for tests ask of one */
	SCMP_SYS(sched_getaffinity), SCMP_SYS(sigaltstack),
};

static int allow_all(scmp_filter_ctx filter)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < ARRAY_SIZE(allowed); i++)
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	return err;
}

static int allow_if(scmp_filter_ctx filter, int call, struct scmp_arg_cmp what)
{
	return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 1, &what);
}

static int allow_some(scmp_filter_ctx filter)
{
	int err;

	/* memory that can be executed is not to be had */
	err = allow_if(filter, SCMP_SYS(mmap),
		       SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (!err)
		err = allow_if(filter, SCMP_SYS(mprotect),
			       SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	/* fstat(), as the C library asks for it; of isatty() and fdopen() */
	if (!err)
		err = allow_if(filter, SCMP_SYS(newfstatat),
			       SCMP_A3(SCMP_CMP_EQ, AT_EMPTY_PATH, 0));
	if (!err)
		err = allow_if(filter, SCMP_SYS(ioctl),
			       SCMP_A1(SCMP_CMP_EQ, TCGETS, 0));
	if (!err)
		err = allow_if(filter, SCMP_SYS(fcntl),
			       SCMP_A1(SCMP_CMP_EQ, F_GETFL, 0));
	/* a thread, which is under the same filter; but no process */
	if (!err)
		err = allow_if(filter, SCMP_SYS(clone),
			       SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD,
				       CLONE_THREAD));
	/* its flags cannot be seen from here: the C library takes clone() then */
	if (!err)
		err = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS),
				       SCMP_SYS(clone3), 0);
	/* itself, with SIGABRT */
	if (!err)
		err = allow_if(filter, SCMP_SYS(tgkill),
			       SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0));
	return err;
}

/* What would open files later is done now. */
static void prepare(void)
{
	tzset();
}

static int fill(scmp_filter_ctx filter)
{
	int err = allow_all(filter);

	return err ? err : allow_some(filter);
}

/* Without seccomp in the kernel there is no filter, or it cannot be loaded. */
int sandbox_enter(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int err = filter ? fill(filter) : 0;

	prepare();
	if (err) {
		complain("cannot make a seccomp filter: %s", strerror(-err));
		seccomp_release(filter);
		return STATUS_FAILED;
	}
	err = filter ? seccomp_load(filter) : -ENOSYS;
	if (filter)
		seccomp_release(filter);
	if (err)
		complain("reads on without seccomp: %s", strerror(-err));
	return STATUS_DONE;
}
