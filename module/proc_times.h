/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /proc/net/tcphs_times, for proc.c to create.
 */
#ifndef TCPHS_PROC_TIMES_H
#define TCPHS_PROC_TIMES_H

#include <linux/seq_file.h>
#include <linux/seq_file_net.h>

#include "times.h"

/* What an open file keeps: the distribution that is being written. */
struct tcphs_proc_times {
	struct seq_net_private p;	/* first, for seq_file_net() */
	struct tcphs_times_copy copy;
};

extern const struct seq_operations tcphs_proc_times_ops;

#endif /* TCPHS_PROC_TIMES_H */
