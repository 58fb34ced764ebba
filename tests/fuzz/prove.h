/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What must hold whatever the input: told with its text before the end.
 */
#ifndef TCPHS_FUZZ_PROVE_H
#define TCPHS_FUZZ_PROVE_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static inline void prove(bool holds, const char *claim, int line)
{
	if (holds)
		return;
	fprintf(stderr, "line %d: does not hold: %s\n", line, claim);
	abort();
}

#define PROVE(claim)	prove(claim, #claim, __LINE__)

#endif /* TCPHS_FUZZ_PROVE_H */
