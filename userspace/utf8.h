/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What of a text may reach a terminal or a JSON string as it is.
 */
#ifndef TCPHS_UTF8_H
#define TCPHS_UTF8_H

#include <stddef.h>

/*
 * The bytes of the character that @text, which a NUL ends, begins with. 0: it is
 * none of UTF-8, or a control: C0, DEL or C1 (U+0080 to U+009F).
 */
size_t utf8_measure(const char *text);

#endif /* TCPHS_UTF8_H */
