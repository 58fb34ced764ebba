/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tcpdump's filter expressions on events: libpcap compiles them, each event
 * is shown to them as the headers of a packet. Has no parser of its own.
 */
#ifndef TCPHS_FILTER_H
#define TCPHS_FILTER_H

#include <stdbool.h>

#include <linux/tcphs.h>

struct filter;

/**
 * filter_compile() - make a filter
 * @expression: the words, joined; NULL or empty: everything matches
 * @status: on failure the exit status
 *
 * Return: the filter, NULL having complained.
 */
struct filter *filter_compile(const char *expression, int *status);

/**
 * filter_match() - whether an event is wanted
 * @filter: from filter_compile()
 * @record: one that carries a segment is shown as that segment; others match
 *	    if either direction of their connection does; TCPHS_EV_LOST always
 */
bool filter_match(const struct filter *filter, const struct tcphs_record *record);

void filter_free(struct filter *filter);

#endif /* TCPHS_FILTER_H */
