/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A file of JSON lines to append to: opened, locked, mended. Writes no line.
 */
#ifndef TCPHS_LINEFILE_H
#define TCPHS_LINEFILE_H

/**
 * linefile_open() - a file that ends with a whole line, for us alone
 * @path: made if it is absent. Half a line of ours at its end, which a crash
 *	  left, is cut off; a file that ends otherwise is not touched. A FIFO
 *	  needs no reader yet; writes to it do not wait
 *
 * Return: a descriptor, or -1 having complained.
 */
int linefile_open(const char *path);

#endif /* TCPHS_LINEFILE_H */
