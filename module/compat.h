/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between kernels from 6.1 on. The only file that may name a
 * version; features are tested where that is possible.
 */
#ifndef TCPHS_COMPAT_H
#define TCPHS_COMPAT_H

#include <linux/version.h>
#include <net/net_namespace.h>

#if KERNEL_VERSION(6, 1, 0) > LINUX_VERSION_CODE
#error "tcphs needs Linux 6.1 or later"
#endif

/*
 * Since 6.6 a table's length is passed, and register_net_sysctl() is a macro;
 * before, an empty entry ends it.
 */
static inline struct ctl_table_header *
tcphs_register_net_sysctl(struct net *net, const char *path,
			  struct ctl_table *table, size_t entries)
{
#ifdef register_net_sysctl
	return register_net_sysctl_sz(net, path, table, entries);
#else
	return register_net_sysctl(net, path, table);
#endif
}

#endif /* TCPHS_COMPAT_H */
