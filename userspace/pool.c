// SPDX-License-Identifier: GPL-2.0
/*
 * Cuts large pieces of memory into things of one size, and gives those out again
 * that came back. Must not give one to two.
 */
#include "pool.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tool.h"

#define FIRST_PIECE	65536U
#define LARGEST_PIECE	33554432U
#define HUGE_PAGE	2097152U	/* a smaller piece is worth none */

struct pool_piece {
	struct pool_piece *next;
};

struct pool_free {
	struct pool_free *next;
};

static uintptr_t round_up(uintptr_t number, uintptr_t unit)
{
	return (number + unit - 1) / unit * unit;
}

void *pool_alloc_large(size_t size)
{
	void *memory = tool_alloc(size);
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t begin = round_up((uintptr_t)memory, page);

	/* It is only advice: who does not take it has small pages. */
	if (size > HUGE_PAGE)
		madvise((void *)begin, (uintptr_t)memory + size - begin,
			MADV_HUGEPAGE);
	return memory;
}

void pool_init(struct pool *pool, size_t size)
{
	*pool = (struct pool){
		.size = round_up(size, POOL_LINE),
		.piece_size = FIRST_PIECE,
	};
}

static void add_piece(struct pool *pool)
{
	struct pool_piece *piece = pool_alloc_large(pool->piece_size);
	char *end = (char *)piece + pool->piece_size;

	piece->next = pool->pieces;
	pool->pieces = piece;
	pool->next = (char *)round_up((uintptr_t)(piece + 1), POOL_LINE);
	pool->left = (size_t)(end - pool->next) / pool->size;
	if (pool->piece_size < LARGEST_PIECE)
		pool->piece_size *= 2;
}

void *pool_take(struct pool *pool)
{
	struct pool_free *thing = pool->free;

	if (thing) {
		pool->free = thing->next;
		return thing;
	}
	if (!pool->left)
		add_piece(pool);
	thing = (void *)pool->next;
	pool->next += pool->size;
	pool->left--;
	return thing;
}

void pool_give(struct pool *pool, void *thing)
{
	struct pool_free *back = thing;

	back->next = pool->free;
	pool->free = back;
}

void pool_exit(struct pool *pool)
{
	struct pool_piece *piece;

	while ((piece = pool->pieces)) {
		pool->pieces = piece->next;
		free(piece);
	}
}
