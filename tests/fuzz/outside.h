/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the reporter's code finds outside of itself while it is fuzzed: only
 * the files that were given to it, in memory; no network, no namespaces, no
 * signals. Knows no format.
 */
#ifndef TCPHS_FUZZ_OUTSIDE_H
#define TCPHS_FUZZ_OUTSIDE_H

#include <dirent.h>
#include <pcap/pcap.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>

#include "core/env.h"
#include "plain.h"

#define OUTSIDE_FILES	5

/* The file of a number has this path and content from now on. */
void outside_give(unsigned int number, const char *path, const void *data,
		  size_t size);

/* What it holds now, for free(). */
u8 *outside_take(unsigned int number, size_t *size);

/* The file goes on under another number; under this one an empty file begins. */
void outside_rotate(unsigned int number, unsigned int to);

/*
 * What becomes of each write() to come, two bits for each from the lowest on:
 * 2: a part of it is written, 3: the disk is full, else nothing special.
 */
void outside_plan(u64 pattern);

/*
 * The process dies at the write that comes after so many others: of that one
 * only so many bytes reach their file, later ones reach nothing.
 */
void outside_kill(unsigned int writes, size_t bytes);
bool outside_is_dead(void);

/* Neither of them any more. */
void outside_mend(void);

/*
 * What the reporter's objects call in place of the system's own: the Makefile
 * renames these calls in them, and only in them.
 */
typedef int outside_filter_fn(const struct dirent *entry);
typedef int outside_compare_fn(const struct dirent **a, const struct dirent **b);

int outside_open(const char *path, int flags, ...);
FILE *outside_fopen(const char *path, const char *mode);
int outside_stat(const char *path, struct stat *st);
int outside_access(const char *path, int mode);
int outside_socket(int domain, int type, int protocol);
int outside_setns(int fd, int type);
uid_t outside_geteuid(void);
long outside_syscall(long number, ...);
int outside_prctl(int option, ...);
int outside_seccomp_load(const void *filter);
int outside_scandir(const char *path, struct dirent ***names,
		    outside_filter_fn *is_wanted, outside_compare_fn *compare);
int outside_signalfd(int fd, const sigset_t *signals, int flags);
int outside_sigprocmask(int how, const sigset_t *set, sigset_t *old);
ssize_t outside_getrandom(void *bytes, size_t size, unsigned int flags);
ssize_t outside_write(int fd, const void *bytes, size_t size);
ssize_t outside_pwrite(int fd, const void *bytes, size_t size, off_t at);
int outside_ftruncate(int fd, off_t size);
int outside_pcap_next_ex(pcap_t *pcap, struct pcap_pkthdr **header,
			 const u_char **data);
bool __wrap_plain_next(struct plain *plain, struct plain_packet *packet);
bool __real_plain_next(struct plain *plain, struct plain_packet *packet);
void *outside_calloc(size_t count, size_t size);
void outside_free(void *memory);

#endif /* TCPHS_FUZZ_OUTSIDE_H */
