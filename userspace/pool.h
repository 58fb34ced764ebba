/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory for many things of one size, beside each other in few large pieces: they
 * take no more than their size, and few pages. Knows nothing of what they are.
 */
#ifndef TCPHS_POOL_H
#define TCPHS_POOL_H

#include <stddef.h>

#define POOL_LINE	64	/* each thing begins with a line of the cache */

struct pool_piece;
struct pool_free;

struct pool {
	size_t size;			/* of a thing */
	char *next;			/* memory that none has had */
	size_t left;			/* things that fit there */
	struct pool_free *free;		/* given back */
	struct pool_piece *pieces;
	size_t piece_size;		/* of the next */
};

void pool_init(struct pool *pool, size_t size);

/* Return: room for one, which holds anything. */
void *pool_take(struct pool *pool);

/* @thing is of pool_take(). */
void pool_give(struct pool *pool, void *thing);

/* All of them go. */
void pool_exit(struct pool *pool);

/*
 * Zeroed, for free(): in huge pages, where there are any and it is worth one. What
 * is all over it is found with fewer looks into the tables of pages.
 */
void *pool_alloc_large(size_t size);

#endif /* TCPHS_POOL_H */
