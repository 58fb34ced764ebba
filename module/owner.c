// SPDX-License-Identifier: GPL-2.0
/*
 * Who has a socket: user, cgroup, and the process that opens. Reads what the
 * socket and the current task say of themselves; follows no pointer that the
 * packet in hand does not keep alive.
 */
#include "owner.h"

#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>
#include <net/inet_sock.h>
#include <net/net_namespace.h>
#include <net/request_sock.h>

#include "compat.h"

const struct tcphs_owner tcphs_nobody = { .uid = TCPHS_UID_NONE };

static struct kmem_cache *cache __read_mostly;

/* A namespace of an unprivileged user's: who of the host's may be known there. */
static bool may_be_told(const struct net *net)
{
	return net->user_ns == &init_user_ns ||
	       kuid_has_mapping(net->user_ns, current_uid());
}

/*
 * A SYN leaves in the context of connect() or sendmsg(). Repeated, it leaves in
 * that of a timer, or of whatever received what made TCP repeat it: but then
 * the first has told already. The number is the initial namespace's, in a
 * namespace of an unprivileged user's the task's own.
 */
static void find_opener(struct tcphs_owner *owner, const struct net *net)
{
	if (!in_task() || !may_be_told(net))
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
 * Return: for tcphs_owner_free(); NULL where @sk is not TCP's own; ERR_PTR(-ENOMEM).
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
		return ERR_PTR(-ENOMEM);
	identity->owner.uid = from_kuid_munged(net->user_ns, full->sk_uid);
	identity->owner.cgroup = tcphs_cgroup_id(full);
	identity->dev_if[0] = READ_ONCE(sk->sk_bound_dev_if);
	identity->dev_if[1] = identity->dev_if[0];
	identity->is_told = true;
	if (opens)
		find_opener(&identity->owner, net);
	return identity;
}

/**
 * tcphs_owner_alloc_unknown() - room for a flow's rest, nobody's
 *
 * Context: any but with preemption off. Return: for tcphs_owner_free(), or NULL
 * without memory.
 */
struct tcphs_identity *tcphs_owner_alloc_unknown(void)
{
	struct tcphs_identity *identity;

	identity = kmem_cache_zalloc(cache, GFP_ATOMIC | __GFP_NOWARN);
	if (identity)
		identity->owner = tcphs_nobody;
	return identity;
}

/**
 * tcphs_owner_forget() - nobody's from now on
 * @identity: in no queue
 */
void tcphs_owner_forget(struct tcphs_identity *identity)
{
	*identity = (struct tcphs_identity){ .owner = tcphs_nobody };
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

static void free_identity(struct rcu_head *rcu)
{
	kmem_cache_free(cache, container_of(rcu, struct tcphs_identity, rcu));
}

/**
 * tcphs_owner_free_later() - forget it after a grace period
 * @identity: from tcphs_owner_alloc(), or NULL; in no queue
 *
 * Context: any.
 */
void tcphs_owner_free_later(struct tcphs_identity *identity)
{
	if (identity)
		call_rcu(&identity->rcu, free_identity);
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
	rcu_barrier();		/* those that were to be freed later */
	kmem_cache_destroy(cache);
}
