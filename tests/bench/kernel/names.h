/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Finds what the kernel does not export, by its name. For measuring modules
 * alone: they call the peers where these stand.
 */
#ifndef BENCH_NAMES_H
#define BENCH_NAMES_H

#include <linux/kprobes.h>

typedef unsigned long bench_lookup_t(const char *name);

static bench_lookup_t *bench_lookup;

/* A probe that is put somewhere knows where that is. */
static inline int bench_names_init(void)
{
	struct kprobe probe = { .symbol_name = "kallsyms_lookup_name" };
	int err = register_kprobe(&probe);

	if (err)
		return err;
	bench_lookup = (bench_lookup_t *)probe.addr;
	unregister_kprobe(&probe);
	return 0;
}

static inline int bench_find(const char *name, void *to)
{
	unsigned long at = bench_lookup(name);

	*(unsigned long *)to = at;
	return at ? 0 : -ENOENT;
}

#endif /* BENCH_NAMES_H */
