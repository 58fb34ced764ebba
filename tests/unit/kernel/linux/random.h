/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's random numbers, for the test of module/hash.h: that one chooses its key. */
#ifndef TCPHS_UNIT_RANDOM_H
#define TCPHS_UNIT_RANDOM_H

void get_random_bytes(void *at, size_t len);
void memzero_explicit(void *at, size_t len);

#endif /* TCPHS_UNIT_RANDOM_H */
