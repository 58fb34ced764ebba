/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The keyed hash by which a connection is found: SipHash-1-3 of both ends in an order that
 * does not depend on the packet's direction. Knows no bucket and keeps no key.
 *
 * In line, for messages of two fixed lengths: of IPv4 it is a third of what a segment
 * costs at all, and half of hsiphash() is finding out how long the message is.
 *
 * Why not something cheaper: whoever opens connections here chooses the message, and by
 * how long his packets take he may learn, bit by bit, which of them meet in a bucket.
 * That gives the key of a hash away whose collisions follow from one another, as those
 * of any multiply-and-add do (universal hashes promise nothing to who adapts his
 * choice), and with it as many connections for one bucket as he likes. Of a pseudo-random
 * function, which SipHash is meant to be with one round and three as well, what was
 * learnt tells nothing of other messages.
 */
#ifndef TCPHS_HASH_H
#define TCPHS_HASH_H

#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/string.h>

/* SipHash's state once the key has gone in. */
struct tcphs_hash_key {
	u64 start[4];
};

static inline void tcphs_hash_seed(struct tcphs_hash_key *key)
{
	siphash_key_t secret;

	get_random_bytes(&secret, sizeof(secret));
	key->start[0] = SIPHASH_CONST_0 ^ secret.key[0];
	key->start[1] = SIPHASH_CONST_1 ^ secret.key[1];
	key->start[2] = SIPHASH_CONST_2 ^ secret.key[0];
	key->start[3] = SIPHASH_CONST_3 ^ secret.key[1];
	memzero_explicit(&secret, sizeof(secret));
}

struct tcphs_hash_state {
	u64 v0, v1, v2, v3;
};

static __always_inline void tcphs_hash_block(struct tcphs_hash_state *s, u64 block)
{
	s->v3 ^= block;
	SIPHASH_PERMUTATION(s->v0, s->v1, s->v2, s->v3);
	s->v0 ^= block;
}

static __always_inline u32 tcphs_hash_end(struct tcphs_hash_state *s)
{
	s->v2 ^= 0xff;
	SIPHASH_PERMUTATION(s->v0, s->v1, s->v2, s->v3);
	SIPHASH_PERMUTATION(s->v0, s->v1, s->v2, s->v3);
	SIPHASH_PERMUTATION(s->v0, s->v1, s->v2, s->v3);
	return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

static __always_inline struct tcphs_hash_state
tcphs_hash_begin(const struct tcphs_hash_key *key)
{
	return (struct tcphs_hash_state){
		key->start[0], key->start[1], key->start[2], key->start[3]
	};
}

/**
 * tcphs_hash4() - the same number for both directions of a connection
 * @key: of the namespace
 * @ends: the addresses in the halves, one way or the other
 * @ports: likewise
 */
static __always_inline u32 tcphs_hash4(const struct tcphs_hash_key *key,
				       u64 ends, u32 ports)
{
	struct tcphs_hash_state s = tcphs_hash_begin(key);
	u64 turned = rol64(ends, 32);

	if (unlikely(ends == turned)) {
		ports = min(ports, rol32(ports, 16));
	} else if (turned < ends) {
		ends = turned;
		ports = rol32(ports, 16);
	}
	tcphs_hash_block(&s, ends);
	tcphs_hash_block(&s, 12ULL << 56 | ports);
	return tcphs_hash_end(&s);
}

/**
 * tcphs_hash6() - the same number for both directions of a connection
 * @key: of the namespace
 * @ends: two addresses of 16 bytes
 * @ports: in the halves, in the order of @ends
 */
static __always_inline u32 tcphs_hash6(const struct tcphs_hash_key *key,
				       const u8 *ends, u32 ports)
{
	struct tcphs_hash_state s = tcphs_hash_begin(key);
	u64 a[2], b[2];

	memcpy(a, ends, sizeof(a));
	memcpy(b, ends + sizeof(a), sizeof(b));
	if (unlikely(a[1] == b[1] && a[0] == b[0])) {
		ports = min(ports, rol32(ports, 16));
	} else if (a[1] > b[1] || (a[1] == b[1] && a[0] > b[0])) {
		swap(a[0], b[0]);
		swap(a[1], b[1]);
		ports = rol32(ports, 16);
	}
	tcphs_hash_block(&s, a[0]);
	tcphs_hash_block(&s, a[1]);
	tcphs_hash_block(&s, b[0]);
	tcphs_hash_block(&s, b[1]);
	tcphs_hash_block(&s, 36ULL << 56 | ports);
	return tcphs_hash_end(&s);
}

#endif /* TCPHS_HASH_H */
