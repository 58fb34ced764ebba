/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between kernels from 6.1 on. Asks for no version: module/features has
 * looked what the headers hold.
 */
#ifndef TCPHS_COMPAT_H
#define TCPHS_COMPAT_H

#include <linux/cgroup.h>
#include <linux/mm.h>
#include <linux/ptrace.h>
#include <net/inet6_hashtables.h>
#include <net/inet_hashtables.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>
#include <net/sock.h>

/*
 * For what is filled before it is read: kernels may be built to zero each
 * variable on the stack first.
 */
#if __has_attribute(uninitialized)
#define tcphs_unset	__attribute__((uninitialized))
#else
#define tcphs_unset
#endif

/* Since 6.6 a table's length is passed; before, an empty entry ends it. */
static inline struct ctl_table_header *
tcphs_register_net_sysctl(struct net *net, const char *path,
			  struct ctl_table *table, size_t entries)
{
#ifdef TCPHS_SYSCTL_SIZED
	return register_net_sysctl_sz(net, path, table, entries);
#else
	return register_net_sysctl(net, path, table);
#endif
}

/* Since 6.3 flags are set through functions. */
static inline void tcphs_vm_flags_mod(struct vm_area_struct *vma,
				      unsigned long set, unsigned long clear)
{
#ifdef TCPHS_VM_FLAGS_MOD
	vm_flags_mod(vma, set, clear);
#else
	vma->vm_flags = (vma->vm_flags | set) & ~clear;
#endif
}

/* A socket's cgroup v2, 0 where sockets have none. */
#ifdef CONFIG_SOCK_CGROUP_DATA
static inline u64 tcphs_cgroup_id(const struct sock *sk)
{
	const struct cgroup *cgroup = READ_ONCE(sk->sk_cgrp_data.cgroup);

	return cgroup ? cgroup_id(cgroup) : 0;
}
#else
static inline u64 tcphs_cgroup_id(const struct sock *sk)
{
	return 0;
}
#endif

/*
 * TCP's sockets but listeners: those of IPv4, and v4-mapped ones. Since 6.18 the
 * look-ups find their table by themselves.
 */
static inline struct sock *
tcphs_lookup_v4(struct net *net, __be32 there, __be16 port, __be32 here,
		u16 number, int dev_if)
{
#ifdef TCPHS_LOOKUP_BY_TABLE
	return __inet_lookup_established(net, net->ipv4.tcp_death_row.hashinfo,
					 there, port, here, number, dev_if, 0);
#else
	return __inet_lookup_established(net, there, port, here, number,
					 dev_if, 0);
#endif
}

#if IS_ENABLED(CONFIG_IPV6)
static inline struct sock *
tcphs_lookup_v6(struct net *net, const struct in6_addr *there, __be16 port,
		const struct in6_addr *here, u16 number, int dev_if)
{
#ifdef TCPHS_LOOKUP6_BY_TABLE
	return __inet6_lookup_established(net, net->ipv4.tcp_death_row.hashinfo,
					  there, port, here, number, dev_if, 0);
#else
	return __inet6_lookup_established(net, there, port, here, number,
					  dev_if, 0);
#endif
}

static inline const struct in6_addr *tcphs_here_v6(const struct sock *sk)
{
	return &sk->sk_v6_rcv_saddr;
}

static inline const struct in6_addr *tcphs_there_v6(const struct sock *sk)
{
	return &sk->sk_v6_daddr;
}
#else
static inline struct sock *
tcphs_lookup_v6(struct net *net, const struct in6_addr *there, __be16 port,
		const struct in6_addr *here, u16 number, int dev_if)
{
	return NULL;
}

static inline const struct in6_addr *tcphs_here_v6(const struct sock *sk)
{
	return &in6addr_any;
}

static inline const struct in6_addr *tcphs_there_v6(const struct sock *sk)
{
	return &in6addr_any;
}
#endif

/* An argument of a probed function, where the architecture can tell. */
#ifdef CONFIG_HAVE_FUNCTION_ARG_ACCESS_API
static inline bool tcphs_has_arguments(void)
{
	return true;
}

static inline void *tcphs_argument(struct pt_regs *regs, unsigned int n)
{
	return (void *)regs_get_kernel_argument(regs, n);
}
#else
static inline bool tcphs_has_arguments(void)
{
	return false;
}

static inline void *tcphs_argument(struct pt_regs *regs, unsigned int n)
{
	return NULL;
}
#endif

#endif /* TCPHS_COMPAT_H */
