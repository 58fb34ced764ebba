// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin for QEMU's TCG: counts what the guest does between two marks in its code
 * (tests/bench/kernel/mark.h): instructions, locked operations, cache lines that a
 * simulated cache misses; and where. Slows nothing down but what is measured, and
 * changes nothing in the guest.
 *
 * Arguments: out=FILE (the counts of each slot), blocks=FILE (of each block of code).
 */
#include "plugin.h"

#include <stdio.h>
#include <stdlib.h>

EXPORT int qemu_plugin_version = 1;

/* ---- caches: a core's own two, and the one that cores share ---- */

#define LEVELS		3

struct cache {
	size_t sets, ways;
	uint64_t *line;		/* sets * ways; 0: empty */
	uint64_t *used;		/* when, likewise */
};

static const struct { size_t bytes, ways; } sizes[LEVELS] = {
	{ 32 << 10, 8 }, { 1 << 20, 16 }, { 32 << 20, 16 },
};

static struct cache caches[LEVELS];
static uint64_t moment;

/* The least recently used line of the set gives way. Return: whether it was there. */
static bool touch(struct cache *cache, uint64_t line)
{
	size_t first = line % cache->sets * cache->ways, i, oldest = first;

	moment++;
	for (i = first; i < first + cache->ways; i++) {
		if (cache->line[i] == line) {
			cache->used[i] = moment;
			return true;
		}
		if (cache->used[i] < cache->used[oldest])
			oldest = i;
	}
	cache->line[oldest] = line;
	cache->used[oldest] = moment;
	return false;
}

static void *take_memory(size_t n, size_t size)
{
	void *memory = calloc(n, size);

	if (!memory) {
		fputs("plugin: out of memory\n", stderr);
		exit(1);
	}
	return memory;
}

static void make_caches(void)
{
	unsigned int i;

	for (i = 0; i < LEVELS; i++) {
		struct cache *cache = &caches[i];

		cache->ways = sizes[i].ways;
		cache->sets = sizes[i].bytes >> CACHE_LINE_SHIFT;
		cache->sets /= cache->ways;
		cache->line = take_memory(cache->sets * cache->ways, sizeof(uint64_t));
		cache->used = take_memory(cache->sets * cache->ways, sizeof(uint64_t));
	}
}

/* ---- marks ---- */

#define MARK_MAGIC	0x74637000	/* the number's low byte is the word */
#define SLOTS		128	/* two of these are one of the guest's */

/* As in tests/bench/kernel/mark.h. */
enum word { BEGIN = 1, BEGIN_OTHER, END, NEXT, SCRAP, ARM, DISARM };

/* ---- what is counted ---- */

/* Of calls that took so many instructions, and of all that took more. */
#define CALL_MAX	16384

struct slot {
	uint64_t calls, insns, locked, loads, stores, missed[LEVELS];
	uint32_t took[CALL_MAX + 1];
};

/* A piece of code that runs as a whole. */
struct block {
	struct block *next;
	uint64_t address;
	uint32_t insns, locked;
	uint32_t runs[SLOTS];
};

static struct slot slots[SLOTS];	/* the first two: what is not to be counted */
static unsigned int slot_now, slot_last;
static struct block *blocks;
static struct slot *open_slot;		/* between two marks */
static unsigned int open_cpu;
static uint64_t begun;			/* its instructions, when it was opened */
static bool is_armed;
static plugin_id self;
static const char *out_path, *blocks_path;

static bool counts(unsigned int cpu)
{
	return open_slot && open_cpu == cpu;
}

static void count_block(unsigned int cpu, void *data)
{
	struct block *block = data;

	if (!counts(cpu))
		return;
	open_slot->insns += block->insns;
	open_slot->locked += block->locked;
	block->runs[open_slot - slots]++;
}

static void count_access(unsigned int cpu, uint32_t info, uint64_t address, void *data)
{
	unsigned int level;

	(void)data;
	if (!counts(cpu))
		return;
	if (qemu_plugin_mem_is_store(info))
		open_slot->stores++;
	else
		open_slot->loads++;
	for (level = 0; level < LEVELS; level++) {
		if (touch(&caches[level], address >> CACHE_LINE_SHIFT))
			break;
		open_slot->missed[level]++;
	}
}

static void close_slot(void)
{
	uint64_t took = open_slot->insns - begun;

	open_slot->calls++;
	open_slot->took[took < CALL_MAX ? took : CALL_MAX]++;
	open_slot = NULL;
}

static void translate(plugin_id id, struct qemu_tb *tb);
static void finish(plugin_id id, void *data);

/* What was translated before is not counted: it is all translated anew. */
static void begin_anew(plugin_id id)
{
	qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
	qemu_plugin_register_atexit_cb(id, finish, NULL);
}

static void arm(bool armed)
{
	if (is_armed == armed)
		return;
	is_armed = armed;
	open_slot = NULL;
	qemu_plugin_reset(self, begin_anew);
}

static void take_mark(unsigned int cpu, void *data)
{
	enum word word = (uintptr_t)data & 0xff;

	switch (word) {
	case BEGIN:
	case BEGIN_OTHER:
		open_slot = &slots[slot_now + (word == BEGIN_OTHER)];
		open_cpu = cpu;
		begun = open_slot->insns;
		break;
	case END:
		if (counts(cpu))
			close_slot();
		break;
	case NEXT:
		if (slot_last + 3 < SLOTS)
			slot_last += 2;
		slot_now = slot_last;
		break;
	case SCRAP:
		slot_now = 0;
		break;
	case ARM:
		arm(true);
		break;
	case DISARM:
		arm(false);
		break;
	}
}

/* ---- code as it is translated ---- */

static bool is_legacy_prefix(uint8_t byte)
{
	return memchr("\x66\x67\xf2\xf3\x2e\x36\x3e\x26\x64\x65", byte, 10);
}

/* A lock prefix, or the exchange with memory that locks without one. */
static bool is_locked(const struct qemu_insn *insn)
{
	const uint8_t *code = qemu_plugin_insn_data(insn);
	size_t size = qemu_plugin_insn_size(insn), i = 0;

	while (i < size && is_legacy_prefix(code[i]))
		i++;
	if (i < size && code[i] == 0xf0)
		return true;
	if (i < size && (code[i] & 0xf0) == 0x40)
		i++;
	return i + 1 < size && (code[i] & 0xfe) == 0x86 && code[i + 1] >> 6 != 3;
}

static struct block *add_block(const struct qemu_insn *first)
{
	struct block *block = take_memory(1, sizeof(*block));

	block->address = qemu_plugin_insn_vaddr(first);
	block->next = blocks;
	blocks = block;
	return block;
}

static void watch_marks(struct qemu_tb *tb)
{
	size_t i;

	for (i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
		struct qemu_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uint32_t mark = find_mark(insn, MARK_MAGIC);

		if (mark)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, take_mark, CB_NO_REGS,
							       (void *)(uintptr_t)mark);
	}
}

/*
 * QEMU 7.2 forgets to forget what was to be called for the memory of an instruction that
 * leaves its block through a helper, and calls it for others, even if arm() has had it
 * freed meanwhile. So the last instruction of a block is not asked: a jump, call or return
 * needs no line but of the stack.
 *
 * Instructions are counted where their block is entered: nothing leaves one in the
 * middle but an exception, and interrupts are off between two marks. A mark ends a
 * block, and what follows it begins another: there each instruction counts itself.
 */
static void watch_all(struct qemu_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb), i;
	struct block *block = NULL;
	bool is_marked = false;

	for (i = 0; i < n; i++)
		is_marked |= find_mark(qemu_plugin_tb_get_insn(tb, i), MARK_MAGIC) != 0;
	for (i = 0; i < n; i++) {
		struct qemu_insn *insn = qemu_plugin_tb_get_insn(tb, i);

		if (find_mark(insn, MARK_MAGIC))
			continue;
		if (!block || is_marked)
			block = add_block(insn);
		block->insns++;
		block->locked += is_locked(insn);
		if (is_marked)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, count_block,
							       CB_NO_REGS, block);
		if (i + 1 < n)
			qemu_plugin_register_vcpu_mem_cb(insn, count_access, CB_NO_REGS,
							 MEM_RW, NULL);
	}
	if (!is_marked && block)
		qemu_plugin_register_vcpu_tb_exec_cb(tb, count_block, CB_NO_REGS, block);
}

static void translate(plugin_id id, struct qemu_tb *tb)
{
	(void)id;
	if (!is_kernel(tb))
		return;
	watch_marks(tb);
	if (is_armed)
		watch_all(tb);
}

/* ---- the end ---- */

static uint64_t find_median(const struct slot *slot)
{
	uint64_t seen = 0;
	unsigned int took;

	for (took = 0; took < CALL_MAX; took++) {
		seen += slot->took[took];
		if (2 * seen >= slot->calls)
			break;
	}
	return took;
}

static FILE *open_out(const char *path)
{
	FILE *out = fopen(path, "w");

	if (!out) {
		perror(path);
		exit(1);
	}
	return out;
}

static void write_slots(void)
{
	FILE *out = open_out(out_path);
	const struct slot *slot;

	fputs("#slot calls insns median locked loads stores l1 l2 l3\n", out);
	for (slot = slots + 2; slot < slots + SLOTS; slot++) {
		if (!slot->calls)
			continue;
		fprintf(out, "%td%c %ju %ju %ju %ju %ju %ju %ju %ju %ju\n", (slot - slots) / 2,
			(slot - slots) % 2 ? 'b' : 'a',
			slot->calls, slot->insns, find_median(slot), slot->locked,
			slot->loads, slot->stores, slot->missed[0], slot->missed[1],
			slot->missed[2]);
	}
	fclose(out);
}

static void write_blocks(void)
{
	FILE *out = open_out(blocks_path);
	const struct block *block;
	unsigned int i;

	for (block = blocks; block; block = block->next)
		for (i = 2; i < SLOTS; i++)
			if (block->runs[i])
				fprintf(out, "%u%c %jx %ju %ju\n", i / 2,
					i % 2 ? 'b' : 'a', block->address,
					(uintmax_t)block->runs[i] * block->insns,
					(uintmax_t)block->runs[i] * block->locked);
	fclose(out);
}

static void finish(plugin_id id, void *data)
{
	(void)id;
	(void)data;
	if (out_path)
		write_slots();
	if (blocks_path)
		write_blocks();
}

EXPORT int qemu_plugin_install(plugin_id id, const struct qemu_info *info, int argc,
			       char **argv)
{
	int i;

	(void)info;
	self = id;
	for (i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "out=", 4))
			out_path = strdup(argv[i] + 4);
		else if (!strncmp(argv[i], "blocks=", 7))
			blocks_path = strdup(argv[i] + 7);
		else
			return 1;
	}
	make_caches();
	begin_anew(id);
	return 0;
}
