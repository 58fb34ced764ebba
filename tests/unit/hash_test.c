// SPDX-License-Identifier: GPL-2.0
/*
 * The keyed hash of the table (module/hash.h), by keys that are known here: it is
 * SipHash-1-3, the same both ways, and no choice of connections makes a bucket longer than
 * chance does, but for who knows the key.
 */
#include "core/env.h"
#include "tap.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#include "hash.h"
#pragma GCC diagnostic pop

#define BUCKETS		8192
#define LOAD		5	/* of the table when it is full, conn.c */
#define CONNS		(BUCKETS * LOAD)
#define KEYS		16
#define IMPOSSIBLE	0.000000001

static u64 secret[2];

void get_random_bytes(void *at, size_t len)
{
	memcpy(at, secret, len);
}

void memzero_explicit(void *at, size_t len)
{
	memset(at, 0, len);
}

static struct tcphs_hash_key make_key(u64 n)
{
	struct tcphs_hash_key key;

	secret[0] = (n + 1) * 0x9e3779b97f4a7c15ULL;
	secret[1] = (n + 1) * 0xd1b54a32d192ed03ULL;
	tcphs_hash_seed(&key);
	return key;
}

/* ---- SipHash-1-3, for messages of any length, byte by byte ---- */

static u64 sip_1_3(const u64 key[2], const u8 *message, size_t len)
{
	u64 v0 = SIPHASH_CONST_0 ^ key[0], v1 = SIPHASH_CONST_1 ^ key[1];
	u64 v2 = SIPHASH_CONST_2 ^ key[0], v3 = SIPHASH_CONST_3 ^ key[1], block = 0;
	size_t i;

	for (i = 0; i <= (len | 7); i++) {
		u8 byte = i < len ? message[i] : i == (len | 7) ? (u8)len : 0;

		block |= (u64)byte << (i % 8 * 8);
		if (i % 8 < 7)
			continue;
		v3 ^= block;
		SIPHASH_PERMUTATION(v0, v1, v2, v3);
		v0 ^= block;
		block = 0;
	}
	v2 ^= 0xff;
	for (i = 0; i < 3; i++)
		SIPHASH_PERMUTATION(v0, v1, v2, v3);
	return v0 ^ v1 ^ v2 ^ v3;
}

/* The message is the lower end first, then the ports in that order. */
static void check_sip(void)
{
	struct tcphs_hash_key key = make_key(7);
	const u64 four = 0x0a0000010a000002ULL;
	const u32 ports = 80 << 16 | 40000;
	u8 message[36], turned[32];
	bool good;

	memcpy(message, &four, 8);
	memcpy(message + 8, &ports, 4);
	good = tcphs_hash4(&key, four, ports) == (u32)sip_1_3(secret, message, 12);
	good &= tcphs_hash4(&key, rol64(four, 32), rol32(ports, 16)) ==
		tcphs_hash4(&key, four, ports);
	memset(message, 1, 16);
	memset(message + 16, 2, 16);
	memcpy(message + 32, &ports, 4);
	good &= tcphs_hash6(&key, message, ports) == (u32)sip_1_3(secret, message, 36);
	memcpy(turned, message + 16, 16);
	memcpy(turned + 16, message, 16);
	good &= tcphs_hash6(&key, turned, rol32(ports, 16)) == tcphs_hash6(&key, message, ports);
	tap_ok(good, "hash: it is SipHash-1-3 of both ends, whichever comes first (row X2)");
}

/* ---- how connections lie in buckets ---- */

static u32 bucket_of(u32 hash)
{
	return (u32)((u64)hash * BUCKETS >> 32);
}

/* As many as whoever opens them likes, and alike as he likes. */
static u32 hash_of(const struct tcphs_hash_key *key, unsigned int kind, u32 n)
{
	u32 address = 0x0a000001, ports = 80;
	u8 ends[32] = { 0 };

	switch (kind) {
	case 0:		/* one host, port after port, and then the next */
		return tcphs_hash4(key, (u64)(address + n / 60000) << 32 | address,
				   ports << 16 | (1024 + n % 60000));
	case 1:		/* hosts in a row */
		return tcphs_hash4(key, (u64)(address + n) << 32 | address, ports << 16 | 1024);
	case 2:		/* whose addresses differ in the highest bits */
		return tcphs_hash4(key, (u64)(address ^ n << 16) << 32 | address,
				   ports << 16 | (n >> 16) | 0x400);
	case 3:		/* loopback: both ends the same */
		return tcphs_hash4(key, (u64)address << 32 | address, n | 0x80000000);
	}
	memcpy(ends + 12, &n, 4);
	ends[0] = 0xfd;
	ends[16] = 0xfd;
	return tcphs_hash6(key, ends, ports);
}

/* Of CONNS thrown at random, no bucket has so many but once in a billion times. */
static unsigned int longest_by_chance(void)
{
	double tail = 1, chance = 1;
	unsigned int length;

	for (length = 0; length < LOAD; length++)
		chance /= 2.718281828459045;
	for (length = 0; tail * BUCKETS > IMPOSSIBLE; length++) {
		tail -= chance;
		chance *= (double)LOAD / (length + 1);
	}
	return length;
}

static unsigned int longest_of(const struct tcphs_hash_key *key, unsigned int kind)
{
	static unsigned int length[BUCKETS];
	unsigned int longest = 0;
	u32 n, bucket;

	memset(length, 0, sizeof(length));
	for (n = 0; n < CONNS; n++) {
		bucket = bucket_of(hash_of(key, kind, n));
		if (++length[bucket] > longest)
			longest = length[bucket];
	}
	return longest;
}

static void check_spread(void)
{
	unsigned int kind, n, length, longest = 0, most = longest_by_chance();
	struct tcphs_hash_key key;

	for (n = 0; n < KEYS; n++) {
		key = make_key(n);
		for (kind = 0; kind < 5; kind++) {
			length = longest_of(&key, kind);
			if (length > longest)
				longest = length;
		}
	}
	tap_ok(longest < most,
	       "hash: %u connections that are alike, in %u buckets, by %u keys: %u in the longest, by chance fewer than %u (row X2)",
	       CONNS, BUCKETS, KEYS, longest, most);
}

/* Who knew the key of another load, or guesses, has found nothing. */
static void check_chosen(void)
{
	struct tcphs_hash_key known = make_key(1), key = make_key(2);
	static u32 chosen[CONNS / 64];
	unsigned int length[64] = { 0 }, longest = 0, i, found = 0;
	u32 n;

	for (n = 0; found < ARRAY_SIZE(chosen); n++)
		if (hash_of(&known, 1, n) >> 26 == 0)
			chosen[found++] = n;
	for (i = 0; i < found; i++) {
		u32 part = hash_of(&key, 1, chosen[i]) >> 26;

		if (++length[part] > longest)
			longest = length[part];
	}
	tap_ok(longest < found / 16,
	       "hash: of %u connections in one part of 64 by one key, by another the fullest has %u (row X2)",
	       found, longest);
}

int main(void)
{
	check_sip();
	check_spread();
	check_chosen();
	return tap_done();
}
