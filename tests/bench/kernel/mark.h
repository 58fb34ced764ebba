/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Marks for the plugin (tests/bench/plugin.c): no-ops that nothing else uses, which it
 * sees as they run. Without it they are no-ops.
 */
#ifndef TCPHS_BENCH_MARK_H
#define TCPHS_BENCH_MARK_H

#include <linux/compiler.h>

#define MARK_BEGIN	1	/* count from here ... */
#define MARK_BEGIN_OTHER 2	/* ... or here, in the slot's other half ... */
#define MARK_END	3	/* ... to here: a call */
#define MARK_NEXT	4	/* the calls that follow belong to the next slot */
#define MARK_SCRAP	5	/* they are not to be counted */
#define MARK_ARM	6	/* look at every instruction, from soon after this on */
#define MARK_DISARM	7

/* nopl imm32(%rax); a constant is a part of the instruction. */
static __always_inline void mark(int word)
{
	asm volatile(".byte 0x0f, 0x1f, 0x80, %c0, 0x70, 0x63, 0x74"
		     : : "i" (word) : "memory");
}

#endif /* TCPHS_BENCH_MARK_H */
