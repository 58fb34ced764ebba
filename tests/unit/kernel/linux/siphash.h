/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What module/hash.h takes from the kernel, for the test that includes it: written anew
 * from the paper on SipHash (Aumasson, Bernstein, 2012, section 2). No hash of its own.
 */
#ifndef TCPHS_UNIT_SIPHASH_H
#define TCPHS_UNIT_SIPHASH_H

#define SIPHASH_CONST_0	0x736f6d6570736575ULL	/* "somepseudorandomlygeneratedbytes" */
#define SIPHASH_CONST_1	0x646f72616e646f6dULL
#define SIPHASH_CONST_2	0x6c7967656e657261ULL
#define SIPHASH_CONST_3	0x7465646279746573ULL

typedef struct {
	u64 key[2];
} siphash_key_t;

static inline u64 rol64(u64 word, unsigned int by)
{
	return word << by | word >> (64 - by);
}

static inline u32 rol32(u32 word, unsigned int by)
{
	return word << by | word >> (32 - by);
}

static inline void sip_round(u64 *a, u64 *b, u64 *c, u64 *d)
{
	*a += *b;
	*b = rol64(*b, 13) ^ *a;
	*a = rol64(*a, 32);
	*c += *d;
	*d = rol64(*d, 16) ^ *c;
	*a += *d;
	*d = rol64(*d, 21) ^ *a;
	*c += *b;
	*b = rol64(*b, 17) ^ *c;
	*c = rol64(*c, 32);
}

static inline void swap_words(u64 *a, u64 *b)
{
	u64 held = *a;

	*a = *b;
	*b = held;
}

static inline u32 min(u32 a, u32 b)
{
	return a < b ? a : b;
}

#define SIPHASH_PERMUTATION(a, b, c, d)	sip_round(&(a), &(b), &(c), &(d))
#define swap(a, b)			swap_words(&(a), &(b))
#define unlikely(condition)		(condition)

#endif /* TCPHS_UNIT_SIPHASH_H */
