/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What plugins of QEMU's TCG share: the interface, and the marks in the guest's code.
 * Counts nothing itself.
 *
 * Debian ships no header for plugins; what is used of QEMU 7.2's interface, version 1,
 * is declared here.
 */
#ifndef BENCH_PLUGIN_H
#define BENCH_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

typedef uint64_t plugin_id;
struct qemu_info;
struct qemu_tb;
struct qemu_insn;

enum { CB_NO_REGS };
enum { MEM_RW = 3 };

typedef void vcpu_cb(unsigned int cpu, void *data);
typedef void vcpu_mem_cb(unsigned int cpu, uint32_t info, uint64_t address,
			 void *data);

void qemu_plugin_reset(plugin_id id, void (*cb)(plugin_id id));
void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id,
					   void (*cb)(plugin_id id,
						      struct qemu_tb *tb));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_tb *tb, vcpu_cb *cb,
					  int flags, void *data);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_insn *insn, vcpu_cb *cb,
					    int flags, void *data);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_insn *insn, vcpu_mem_cb *cb,
				      int flags, int rw, void *data);
void qemu_plugin_register_atexit_cb(plugin_id id,
				    void (*cb)(plugin_id id, void *data), void *data);
bool qemu_plugin_mem_is_store(uint32_t info);
size_t qemu_plugin_tb_n_insns(const struct qemu_tb *tb);
struct qemu_insn *qemu_plugin_tb_get_insn(const struct qemu_tb *tb, size_t i);
const void *qemu_plugin_insn_data(const struct qemu_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_insn *insn);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_insn *insn);

#define CACHE_LINE_SHIFT	6

/* A mark is nopl imm32(%rax): all of the number but its low byte tells whose it is. */
#define MARK_BYTES	7

/* Return: the mark's number, 0 if it is none, or not one of @magic. */
static inline uint32_t find_mark(const struct qemu_insn *insn, uint32_t magic)
{
	const uint8_t *code = qemu_plugin_insn_data(insn);
	uint32_t number;

	if (qemu_plugin_insn_size(insn) != MARK_BYTES || code[0] != 0x0f ||
	    code[1] != 0x1f || code[2] != 0x80)
		return 0;
	memcpy(&number, code + 3, sizeof(number));
	return (number & ~0xffU) == magic ? number : 0;
}

/* Only the kernel's code: marks stand nowhere else. */
static inline bool is_kernel(const struct qemu_tb *tb)
{
	return qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(tb, 0)) >> 63;
}

#endif /* BENCH_PLUGIN_H */
