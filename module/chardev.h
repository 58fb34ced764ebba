/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /dev/tcphs: a file for each reader of a namespace's events.
 */
#ifndef TCPHS_CHARDEV_H
#define TCPHS_CHARDEV_H

int tcphs_chardev_init(void);
void tcphs_chardev_exit(void);

#endif /* TCPHS_CHARDEV_H */
