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
 * tcphs_owner_can_tell() - whether a socket is TCP's own
 * @sk: of a packet that leaves, or NULL; kept by the caller
 *
 * Context: any.
 */
bool tcphs_owner_can_tell(const struct sock *sk)
{
	return sk && find_full(sk);
}

/**
 * tcphs_owner_ask() - find out who has a socket
 * @owner: to be filled
 * @net: its namespace
 * @sk: of a packet that leaves; tcphs_owner_can_tell() of it
 * @opens: whether the packet is a SYN that opens a connection
 *
 * Context: any, locks may be held; @sk is kept by the caller.
 */
void tcphs_owner_ask(struct tcphs_owner *owner, struct net *net,
		     const struct sock *sk, bool opens)
{
	const struct sock *full = find_full(sk);

	*owner = (struct tcphs_owner){
		.uid = from_kuid_munged(net->user_ns, full->sk_uid),
		.cgroup = tcphs_cgroup_id(full),
	};
	if (opens)
		find_opener(owner, net);
}

/**
 * tcphs_owner_alloc() - room for a flow's rest, nobody's
 *
 * Context: any but with preemption off. Return: for tcphs_owner_free(), or NULL
 * without memory.
 */
struct tcphs_identity *tcphs_owner_alloc(void)
{
	struct tcphs_identity *identity;

	identity = kmem_cache_alloc(cache, GFP_ATOMIC | __GFP_NOWARN);
	if (identity)
		tcphs_owner_forget(identity);
	return identity;
}

/**
 * tcphs_owner_forget() - nobody's from now on
 * @identity: in no queue
 */
void tcphs_owner_forget(struct tcphs_identity *identity)
{
	static_assert(!offsetof(struct tcphs_identity, rest));
	/* The rest is filled when it is attached: tcphs_flow_attach(). */
	memset((u8 *)identity + sizeof(identity->rest), 0,
	       sizeof(*identity) - sizeof(identity->rest));
	identity->owner.uid = TCPHS_UID_NONE;
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

/* With this, kernels that zero all that they give out leave it alone: it is filled. */
static void make_identity(void *identity)
{
}

/**
 * tcphs_owner_init() - get ready to remember
 *
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
int tcphs_owner_init(void)
{
	cache = kmem_cache_create("tcphs_identity", sizeof(struct tcphs_identity),
				  __alignof__(struct tcphs_identity), 0,
				  make_identity);
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
