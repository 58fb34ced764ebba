/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the judge of TIME_WAIT share: the lives of small sockets, as
 * two witnesses tell them. Knows nothing of tcphs but its UAPI header.
 */
#ifndef TESTS_VM_TIMEWAITS_H
#define TESTS_VM_TIMEWAITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum witness { KERNEL, TCPHS, WITNESSES };

/* The socket's own end first; IPv4 as IPv6 maps it. */
struct tuple {
	uint8_t addr[2][16];
	uint16_t port[2];
};

#define RESTARTS_MAX	32
#define NEVER_ENDED	UINT64_MAX

/* A TIME_WAIT, or an orphan's FIN_WAIT2 that never became one. CLOCK_BOOTTIME. */
struct wait {
	struct wait *next;		/* of the same tuple, in order of time */
	bool is_orphan;
	bool is_modelled;		/* of tcphs: its end was not seen */
	uint64_t start_ns;
	uint64_t entered_ns;		/* of tcphs: the transition to it */
	uint64_t restart_ns[RESTARTS_MAX];
	const char *restart[RESTARTS_MAX];
	unsigned int restarts;
	uint64_t end_ns;		/* or NEVER_ENDED */
	uint64_t dur_ns;		/* of tcphs: as it says */
	uint64_t error_ns;		/* of tcphs: as it admits */
	const char *end, *cause;	/* cause: NULL for none */
};

struct place {
	struct place *next;		/* of the same hash */
	struct place *next_all;
	struct tuple tuple;
	struct wait *first[WITNESSES], *last[WITNESSES];
	uint64_t entered_ns;		/* of tcphs: the latest TIME_WAIT */
};

extern struct place *places;

/* places.c */
void *must_alloc(size_t size);
struct place *place_of(const struct tuple *tuple);
struct wait *wait_add(const struct tuple *tuple, enum witness witness,
		      const struct wait *wait);
bool wait_is_over(const struct wait *wait);
void wait_restart(struct wait *wait, uint64_t ns, const char *cause);
void tuple_set4(uint8_t *addr, const void *four);

/* kernel.c: what tracefs wrote down; when the module was loaded. */
void kernel_read(const char *path);
bool kernel_has_module(uint64_t ns);
bool kernel_keeps_module(uint64_t from_ns, uint64_t to_ns);

/* device.c: saves what the devices of namespaces tell, until it is ended; reads it. */
void device_save(const char *path, char **netns, int count);
void device_read(const char *path);

/* judge.c: returns how much is wrong. */
struct limits {
	const char *label;		/* the first column */
	uint64_t error_ns;
};

unsigned int judge(const struct limits *limits, const char *expectations);

#endif /* TESTS_VM_TIMEWAITS_H */
