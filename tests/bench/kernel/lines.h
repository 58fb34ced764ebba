/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Marks for the plugin that looks for lines which two CPUs write
 * (tests/bench/lines.c): no-ops that nothing else uses, seen as they run.
 */
#ifndef BENCH_LINES_H
#define BENCH_LINES_H

/* From here on this CPU's writes are noted in @slot, 1 to 15; 0: no longer. */
static __always_inline void lines_mark(const unsigned int slot)
{
	asm volatile(".byte 0x0f, 0x1f, 0x80, %c0, 0x6c, 0x69, 0x6e"
		     : : "i" (slot) : "memory");
}

#endif /* BENCH_LINES_H */
