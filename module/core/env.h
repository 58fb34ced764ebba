/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the core needs from where it is compiled: fixed-width types, memset()
 * and friends, ARRAY_SIZE(), static_assert(), fls64(). The only
 * #ifdef __KERNEL__ of the project; nothing else of either world may enter the
 * core.
 */
#ifndef TCPHS_CORE_ENV_H
#define TCPHS_CORE_ENV_H

#include <linux/types.h>

#ifdef __KERNEL__

#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/kernel.h>
#include <linux/string.h>

#else

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#endif

/* The number of the highest bit that is set, from 1 on; 0: none is. */
static inline int fls64(u64 value)
{
	return value ? 64 - __builtin_clzll(value) : 0;
}

#endif

/* In a straight line: what it calls is compiled into it, but what stays apart. */
#define tcphs_attribute(name) __attribute__((name))
#define tcphs_straight	tcphs_attribute(__flatten__)
#define tcphs_apart	tcphs_attribute(__noinline__)

/**
 * seq_before() - compare sequence numbers modulo 2^32, RFC 9293 section 3.4
 * @a: a number
 * @b: another, less than 2^31 away
 *
 * Return: whether @a comes before @b.
 */
static inline bool seq_before(u32 a, u32 b)
{
	return (s32)(a - b) < 0;
}

static inline bool seq_after(u32 a, u32 b)
{
	return seq_before(b, a);
}

/* As on the wire. Written so that compilers make one load of it. */
static inline u16 get_be16(const u8 *p)
{
	return (u16)(p[0] << 8 | p[1]);
}

static inline u32 get_be32(const u8 *p)
{
	return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];
}

/* Whether any bit of @mask is set in get_be16(@p), at a lower price. */
static inline bool has_be16(const u8 *p, u16 mask)
{
	const u8 bytes[2] = { (u8)(mask >> 8), (u8)(mask & 0xff) };
	u16 word, wire;

	memcpy(&wire, bytes, sizeof(wire));
	memcpy(&word, p, sizeof(word));
	return word & wire;
}

/* low <= @seq <= high in sequence space; low must not be after high. */
static inline bool seq_between(u32 low, u32 seq, u32 high)
{
	return seq - low <= high - low;
}

#endif /* TCPHS_CORE_ENV_H */
