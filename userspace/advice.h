/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One sentence at a time, each with what it rests on: a section of an RFC and
 * a function of the kernel. Measures nothing.
 */
#ifndef TCPHS_ADVICE_H
#define TCPHS_ADVICE_H

#include "tool.h"

struct advice_basis {
	const char *rfc;	/* "RFC 9293 3.6.1"; NULL: none says anything */
	const char *kernel;	/* "net/ipv4/tcp_ipv4.c:tcp_twsk_unique" */
};

/**
 * advice_print() - a sentence
 * @topic: what it is about; text has it once above all of its sentences
 * @basis: what it rests on
 * @json: one object, else wrapped text
 * @format: the sentence
 */
__printf(4, 5)
void advice_print(const char *topic, const struct advice_basis *basis,
		  bool json, const char *format, ...);

#endif /* TCPHS_ADVICE_H */
