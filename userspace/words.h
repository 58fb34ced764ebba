/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a TIME_WAIT began again and ended, in words for people. The words for
 * programs are those of names.h.
 */
#ifndef TCPHS_WORDS_H
#define TCPHS_WORDS_H

#include <linux/tcphs.h>

/*
 * "expired", "reused by the peer's newer SYN", "killed (ss -K)": whatever the
 * numbers are (enum tcphs_tw_end, tcphs_tw_cause), at most 32 characters.
 */
const char *words_end(unsigned int end, unsigned int cause);

/* "FIN again"; NULL where the cause is not known. */
const char *words_restart(unsigned int cause);

#endif /* TCPHS_WORDS_H */
