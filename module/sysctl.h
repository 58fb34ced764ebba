/* SPDX-License-Identifier: GPL-2.0 */
/*
 * net.tcphs.*: the settings of one namespace.
 */
#ifndef TCPHS_SYSCTL_H
#define TCPHS_SYSCTL_H

#define TCPHS_MSL_MIN_S		1
#define TCPHS_MSL_MAX_S		3600

struct net;

int tcphs_sysctl_register(struct net *net);
void tcphs_sysctl_unregister(struct net *net);

#endif /* TCPHS_SYSCTL_H */
