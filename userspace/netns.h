/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Other network namespaces: -N NAME (of /run/netns), PID or "all". Enters
 * them for the whole program; lists none but those that ip-netns(8) named.
 */
#ifndef TCPHS_NETNS_H
#define TCPHS_NETNS_H

/**
 * netns_enter() - go there and stay
 * @which: NAME or PID; NULL: stay where we are
 *
 * Return: STATUS_DONE or, having complained, another enum status ("all" is
 * STATUS_USAGE: it is not one namespace).
 */
int netns_enter(const char *which);

/* Called in each namespace; @name is NULL for the caller's own alone. */
typedef int netns_fn(const char *name, void *arg);

/**
 * netns_each() - call a function in one namespace, or in all
 * @which: as -N gave it: NULL, NAME, PID or "all" (own, then /run/netns by
 *	   name, each once)
 * @fn: called there; the first status other than STATUS_DONE ends it
 * @arg: for @fn
 *
 * Return: enum status.
 */
int netns_each(const char *which, netns_fn *fn, void *arg);

/* The inode of the present one; 0: not known. */
unsigned int netns_inode(void);

#endif /* TCPHS_NETNS_H */
