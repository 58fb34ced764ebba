/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An address as text, as inet_ntop() writes it, at a tenth of its cost: every
 * line has two. Knows no port.
 */
#ifndef TCPHS_ADDRESS_H
#define TCPHS_ADDRESS_H

#include "env.h"

#define ADDRESS_TEXT	46	/* the longest, and its NUL */

/* Return: @at, behind which ADDRESS_TEXT bytes are. */
char *address_text(char *at, const u8 *addr, bool is_ipv6);

#endif /* TCPHS_ADDRESS_H */
