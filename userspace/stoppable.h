/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A file whose reading ends when SIGINT or SIGTERM comes, also in the midst of
 * a wait for a pipe. Knows nothing of what is read.
 */
#ifndef TCPHS_STOPPABLE_H
#define TCPHS_STOPPABLE_H

#include <stdio.h>

/**
 * stoppable_open() - a stream over a descriptor
 * @fd: for reading; closed with the stream
 *
 * Once a signal that stop_on_signals() awaits has come, what was read ahead is
 * still given and then the end of the file; stop_wanted tells the one end from
 * the other.
 *
 * Return: a stream for fclose(), of which fileno() is not known.
 */
FILE *stoppable_open(int fd);

#endif /* TCPHS_STOPPABLE_H */
