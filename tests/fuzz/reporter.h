/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The reporter as a function: words in, output and exit status out, with what
 * must hold of every output. Knows no command.
 */
#ifndef TCPHS_FUZZ_REPORTER_H
#define TCPHS_FUZZ_REPORTER_H

#include <stddef.h>

#define REPORTER_WORDS	32

struct reporter {
	int status;
	char *out;		/* standard output */
	size_t out_size;
	char *err;		/* standard error */
	size_t err_size;
};

/* The same surroundings for each run; from LLVMFuzzerInitialize(). */
void reporter_init(void);

/**
 * reporter_run() - one command, as main() would run it
 * @reporter: filled, for reporter_free()
 * @words: with the program's name first, a NULL last
 *
 * Files are those of outside_give(). A status outside 0..4, or one that is not
 * 0 and goes untold, does not hold.
 */
void reporter_run(struct reporter *reporter, const char *const *words);

/* Lines for people: UTF-8 without any control character. */
void reporter_prove_text(const struct reporter *reporter);
/* Flat JSON objects of version 1, without any control character. */
void reporter_prove_json(const struct reporter *reporter);

void reporter_free(struct reporter *reporter);

#endif /* TCPHS_FUZZ_REPORTER_H */
