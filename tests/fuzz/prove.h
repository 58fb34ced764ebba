/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What must hold whatever the input: told with its text before the end.
 */
#ifndef TCPHS_FUZZ_PROVE_H
#define TCPHS_FUZZ_PROVE_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void prove(bool holds, const char *claim, const char *file,
			 int line)
{
	if (holds)
		return;
	/* standard error may be somewhere else by now */
	dprintf(STDERR_FILENO, "%s:%d: does not hold: %s\n", file, line, claim);
	abort();
}

#define PROVE(claim)	prove(claim, #claim, __FILE__, __LINE__)

#endif /* TCPHS_FUZZ_PROVE_H */
