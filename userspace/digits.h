/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Numbers as decimal digits, for what is printed a million times a second.
 * Ends no text with a NUL.
 */
#ifndef TCPHS_DIGITS_H
#define TCPHS_DIGITS_H

#include "env.h"

#define DIGITS_MAX	20	/* of a u64 */
#define DIGITS_LEAST	8	/* bytes that are written in any case */

/* Without leading zeros; DIGITS_LEAST bytes at @at. Return: behind the last digit. */
char *digits_put(char *at, u64 value);

/* Its last @width digits, zeros in front. Return: behind the last. */
char *digits_put_padded(char *at, u64 value, unsigned int width);

#endif /* TCPHS_DIGITS_H */
