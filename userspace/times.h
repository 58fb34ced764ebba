/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /proc/net/tcphs_times: how long handshakes and TIME_WAITs took, as the module
 * has counted them. Prints nothing but complaints.
 */
#ifndef TCPHS_TIMES_H
#define TCPHS_TIMES_H

#include "env.h"
#include "spread.h"

#define TIMES_MAX	16
#define TIMES_NAME	32

/* Nothing was counted: min, max and mean are TCPHS_NS_NONE. */
struct times_one {
	char name[TIMES_NAME];
	u64 count;
	u64 min_ns;
	u64 max_ns;
	u64 mean_ns;
	size_t bars;
	struct tcphs_bar *bar;	/* buckets that count something, ascending */
};

struct times {
	size_t count;
	struct times_one one[TIMES_MAX];
};

/**
 * times_open() - read the file
 * @status: on failure set to STATUS_FAILED, having complained; a module that
 *	    has no such file is told, and is none
 *
 * Return: all distributions, in the file's order, for times_close(); none where
 * the file cannot be read.
 */
struct times *times_open(int *status);
void times_close(struct times *times);

/**
 * times_quantile() - what so many did not exceed
 * @one: a distribution
 * @permille: 500: the median; 0: the shortest; 1000: the longest
 * @error_ns: by how much that may be wrong
 *
 * Return: both are TCPHS_NS_NONE where nothing was counted.
 */
u64 times_quantile(const struct times_one *one, unsigned int permille,
		   u64 *error_ns);

#endif /* TCPHS_TIMES_H */
