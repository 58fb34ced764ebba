// SPDX-License-Identifier: GPL-2.0
/*
 * Reads a text file of /proc to its end, as cat does, in one pass: rows FILE.
 * Prints the instructions that its reads took, the lines that do not begin with
 * "#", how many different numbers these begin with, its bytes, and the most
 * memory that this process had (KB).
 */
#include <ctype.h>
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>
#include <x86intrin.h>

#define NUMBERS		33554432U

static uint8_t seen[NUMBERS / 8];	/* a bit for each number */

static struct {
	unsigned long lines, different, bytes;
	bool is_inside;			/* a line; its first number is over */
	bool has_number;
	unsigned long number;
} text;

static uint64_t now(void)
{
	_mm_lfence();
	return __rdtsc();
}

static void end_number(void)
{
	uint8_t bit = (uint8_t)(0x80 >> text.number % 8);

	if (!text.has_number || text.number >= NUMBERS)
		return;
	if (!(seen[text.number / 8] & bit))
		text.different++;
	seen[text.number / 8] |= bit;
}

static void take(char c)
{
	if (c == '\n') {
		text.is_inside = false;
		text.has_number = false;
		text.number = 0;
	} else if (!text.is_inside && isdigit((unsigned char)c)) {
		text.has_number = true;
		text.number = text.number * 10 + (unsigned long)(c - '0');
	} else if (!text.is_inside) {
		text.is_inside = true;
		text.lines += c != '#';
		end_number();
	}
}

int main(int argc, char **argv)
{
	static char buf[131072];
	struct rusage usage;
	uint64_t start, used = 0;
	ssize_t n;
	int fd;

	if (argc != 2)
		errx(2, "usage: rows FILE");
	fd = open(argv[1], O_RDONLY);
	if (fd < 0)
		err(1, "%s", argv[1]);
	do {
		start = now();
		n = read(fd, buf, sizeof(buf));
		used += now() - start;
		for (ssize_t i = 0; i < n; i++)
			take(buf[i]);
		text.bytes += n > 0 ? (unsigned long)n : 0;
	} while (n > 0);
	if (n < 0)
		err(1, "read");
	getrusage(RUSAGE_SELF, &usage);
	printf("%lu %lu %lu %lu %ld\n", used, text.lines, text.different, text.bytes,
	       usage.ru_maxrss);
	return 0;
}
