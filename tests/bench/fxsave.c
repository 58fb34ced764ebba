// SPDX-License-Identifier: GPL-2.0
/*
 * Preloaded into User-Mode Linux: answers that the machine has no extended registers.
 * Linux 6.12's UML has room for 2696 bytes of them and sets just as many; with AMX there
 * are 11 KB, and the host takes all of them or none. What it falls back on, FXSAVE's, is
 * enough for the one program that it runs.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <sys/ptrace.h>

typedef long ptrace_fn(enum __ptrace_request request, ...);

long ptrace(enum __ptrace_request request, ...)
{
	ptrace_fn *real = (ptrace_fn *)dlsym(RTLD_NEXT, "ptrace");
	void *address, *data;
	va_list args;
	int pid;

	va_start(args, request);
	pid = va_arg(args, int);
	address = va_arg(args, void *);
	data = va_arg(args, void *);
	va_end(args);
	if ((request == PTRACE_GETREGSET || request == PTRACE_SETREGSET) &&
	    address == (void *)NT_X86_XSTATE) {
		errno = EINVAL;
		return -1;
	}
	return real(request, pid, address, data);
}
