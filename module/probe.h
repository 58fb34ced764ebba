/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Probes in TCP, for the end of its TIME_WAIT sockets.
 */
#ifndef TCPHS_PROBE_H
#define TCPHS_PROBE_H

void tcphs_probe_init(void);
void tcphs_probe_exit(void);

#endif /* TCPHS_PROBE_H */
