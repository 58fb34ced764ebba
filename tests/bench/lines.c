// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin for QEMU's TCG: which cache lines two CPUs of the guest have written
 * between marks in its code (tests/bench/kernel/lines.h), for each slot of marks.
 * Changes nothing in the guest.
 *
 * Argument: out=FILE: a line for each slot: its number, how many such lines, and where.
 */
#include "plugin.h"

#include <stdio.h>
#include <stdlib.h>

EXPORT int qemu_plugin_version = 1;

/* ---- who has written what ---- */

#define CPUS		8
#define SLOTS		16
#define PLACES		65536	/* of a table of lines, a power of two */

struct place {
	uint64_t line;
	uint8_t writers;	/* a bit for each CPU */
};

static struct place places[SLOTS][PLACES];
static unsigned int slot_of[CPUS];	/* 0: outside of marks */
static bool is_armed;
static plugin_id self;
static const char *out_path;

static void note_write(unsigned int slot, uint64_t line, unsigned int cpu)
{
	size_t i = line * 0x9e3779b97f4a7c15ULL >> 48, tries;

	for (tries = 0; tries < PLACES; tries++, i = (i + 1) & (PLACES - 1)) {
		struct place *place = &places[slot][i];

		if (place->writers && place->line != line)
			continue;
		place->line = line;
		place->writers |= (uint8_t)(1U << cpu);
		return;
	}
	fputs("lines: too many of them\n", stderr);
	exit(1);
}

static void take_access(unsigned int cpu, uint32_t info, uint64_t address, void *data)
{
	(void)data;
	if (cpu < CPUS && slot_of[cpu] && qemu_plugin_mem_is_store(info))
		note_write(slot_of[cpu], address >> CACHE_LINE_SHIFT, cpu);
}

/* ---- marks, as in tests/bench/kernel/lines.h ---- */

#define MARK_MAGIC	0x6e696c00	/* the low byte is the slot, 0 at its end */

static void translate(plugin_id id, struct qemu_tb *tb);
static void finish(plugin_id id, void *data);

static void begin_anew(plugin_id id)
{
	qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
	qemu_plugin_register_atexit_cb(id, finish, NULL);
}

/* The first mark has all code translated anew: the boot is not slowed down. */
static void take_mark(unsigned int cpu, void *data)
{
	if (cpu < CPUS)
		slot_of[cpu] = (uintptr_t)data & (SLOTS - 1);
	if (is_armed)
		return;
	is_armed = true;
	qemu_plugin_reset(self, begin_anew);
}

static void translate(plugin_id id, struct qemu_tb *tb)
{
	size_t i;

	(void)id;
	if (!is_kernel(tb))
		return;
	for (i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
		struct qemu_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uint32_t mark = find_mark(insn, MARK_MAGIC);

		if (mark)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, take_mark, CB_NO_REGS,
							       (void *)(uintptr_t)mark);
		else if (is_armed)
			qemu_plugin_register_vcpu_mem_cb(insn, take_access, CB_NO_REGS,
							 MEM_RW, NULL);
	}
}

/* ---- the end ---- */

static bool is_shared(const struct place *place)
{
	return place->writers & (place->writers - 1);
}

static void write_slot(FILE *out, unsigned int slot)
{
	unsigned int shared = 0, all = 0;
	size_t i;

	for (i = 0; i < PLACES; i++) {
		all += places[slot][i].writers != 0;
		shared += is_shared(&places[slot][i]);
	}
	if (!all)
		return;
	fprintf(out, "%u %u %u", slot, shared, all);
	for (i = 0; i < PLACES; i++)
		if (is_shared(&places[slot][i]))
			fprintf(out, " %jx", (uintmax_t)places[slot][i].line << CACHE_LINE_SHIFT);
	fputc('\n', out);
}

static void finish(plugin_id id, void *data)
{
	FILE *out = fopen(out_path, "w");
	unsigned int slot;

	(void)id;
	(void)data;
	if (!out) {
		perror(out_path);
		exit(1);
	}
	for (slot = 1; slot < SLOTS; slot++)
		write_slot(out, slot);
	fclose(out);
}

EXPORT int qemu_plugin_install(plugin_id id, const struct qemu_info *info, int argc,
			       char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "out=", 4)) {
		fputs("usage: lines.so,out=FILE\n", stderr);
		return 1;
	}
	self = id;
	out_path = strdup(argv[0] + 4);
	begin_anew(id);
	return 0;
}
