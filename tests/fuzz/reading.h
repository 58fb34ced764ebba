/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The commands that read a file, a recording or a capture, and what must hold
 * of what they say. Knows no format of the two.
 */
#ifndef TCPHS_FUZZ_READING_H
#define TCPHS_FUZZ_READING_H

#include <stddef.h>

#include "core/env.h"

/* What more must hold of the lines of replay -j; they end with a NUL. */
typedef void reading_claim_fn(const char *lines);

/**
 * reading_run() - read a file by one command
 * @how: which command and which of its options
 * @data: the file's content
 * @size: of @data
 * @claim: or NULL
 */
void reading_run(u8 how, const u8 *data, size_t size, reading_claim_fn *claim);

#endif /* TCPHS_FUZZ_READING_H */
