// SPDX-License-Identifier: GPL-2.0
/*
 * Who has a socket: user, cgroup, and the process that opens. Reads what the
 * socket and the current task say of themselves; follows no pointer that the
 * packet in hand does not keep alive.
 */
#include "owner.h"

#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>
#include <net/inet_sock.h>
#include <net/net_namespace.h>
#include <net/request_sock.h>

#include "compat.h"

static struct kmem_cache *cache __read_mostly;

/*
 * A SYN leaves in the context of connect() or sendmsg(); repeated, in that of
 * a timer, whose task is just the one that was interrupted. Numbered as the
 * initial namespace does, but for those who must not know those numbers: in a
 * namespace of an unprivileged user's, as the task itself does.
 */
static void find_opener(struct tcphs_owner *owner, const struct net *net)
{
	if (!in_task())
		return;
	owner->pid = net->user_ns == &init_user_ns ? task_tgid_nr(current) :
						     task_tgid_vnr(current);
	strscpy(owner->comm, current->comm, sizeof(owner->comm));
}

/* TCP's own socket, not one that writes TCP's packets for it. */
static const struct sock *find_full(const struct sock *sk)
{
	sk = sk_const_to_full_sk(sk);
	if (!sk || !sk_fullsock(sk) || sk->sk_type != SOCK_STREAM ||
	    sk->sk_protocol != IPPROTO_TCP)
		return NULL;
	return sk;
}

/**
 * tcphs_owner_alloc() - remember who has a socket
 * @net: its namespace
 * @sk: of a packet that leaves, may be NULL
 * @opens: whether the packet is a SYN that opens a connection
 *
 * Context: any but with preemption off; @sk is kept by the caller.
 * Return: for tcphs_owner_free(), or NULL if there is nothing to be known, or
 * no memory.
 */
struct tcphs_identity *tcphs_owner_alloc(struct net *net, const struct sock *sk,
					 bool opens)
{
	const struct sock *full = sk ? find_full(sk) : NULL;
	struct tcphs_identity *identity;

	if (!full)
		return NULL;
	identity = kmem_cache_zalloc(cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!identity)
		return NULL;
	identity->owner.uid = from_kuid_munged(net->user_ns, full->sk_uid);
	identity->owner.cgroup = tcphs_cgroup_id(full);
	identity->bound_dev_if = READ_ONCE(sk->sk_bound_dev_if);
	if (opens)
		find_opener(&identity->owner, net);
	return identity;
}

/**
 * tcphs_owner_free() - forget it
 * @identity: from tcphs_owner_alloc(), or NULL
 *
 * Context: any but with preemption off.
 */
void tcphs_owner_free(struct tcphs_identity *identity)
{
	if (identity)
		kmem_cache_free(cache, identity);
}

/**
 * tcphs_owner_init() - get ready to remember
 *
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
int tcphs_owner_init(void)
{
	cache = KMEM_CACHE(tcphs_identity, 0);
	return cache ? 0 : -ENOMEM;
}

/**
 * tcphs_owner_exit() - all is forgotten
 */
void tcphs_owner_exit(void)
{
	kmem_cache_destroy(cache);
}
