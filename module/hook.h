/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where traffic is watched: netfilter's hooks of one namespace.
 */
#ifndef TCPHS_HOOK_H
#define TCPHS_HOOK_H

struct net;

int tcphs_hook_register(struct net *net);
void tcphs_hook_unregister(struct net *net);

#endif /* TCPHS_HOOK_H */
