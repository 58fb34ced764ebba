/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Going on with next to no system calls, before a stranger's bytes are read. Opens
 * and closes nothing.
 */
#ifndef TCPHS_SANDBOX_H
#define TCPHS_SANDBOX_H

#include "tool.h"

/**
 * sandbox_enter() - from here on, read and write what is open, no more
 *
 * No file, socket, process or executable memory can be had any more; who tries is
 * killed (SIGSYS), for nobody here does but who has been taken over. Where the kernel
 * has no seccomp, it complains and goes on.
 *
 * Return: enum status; it has complained unless STATUS_DONE.
 */
int sandbox_enter(void);

#endif /* TCPHS_SANDBOX_H */
