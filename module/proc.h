/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The text files: /proc/tcphs, /proc/net/tcphs, /proc/net/tcphs_times,
 * /proc/net/stat/tcphs.
 */
#ifndef TCPHS_PROC_H
#define TCPHS_PROC_H

struct net;

int tcphs_proc_init(void);
void tcphs_proc_exit(void);
int tcphs_proc_net_init(struct net *net);
void tcphs_proc_net_exit(struct net *net);

#endif /* TCPHS_PROC_H */
