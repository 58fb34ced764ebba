// SPDX-License-Identifier: GPL-2.0
/*
 * Joins the two witnesses' lives of small sockets and says where they differ. Every
 * life that began while the module was there has to be told, and no other.
 */
#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "timewaits.h"

/* Two lives whose starts are further apart are not the same. */
#define SAME_NS		500000000ULL
/* What the trace's clock, in microseconds, and two probes at one place make of 0. */
#define NOTHING_NS	1000000ULL
/* What is modelled, where a claim allows that, may be wrong by so much. */
#define MODELLED_NS	100000000ULL
#define TOLD_MAX	20	/* differences told in full */
/* 60 s, and what the grain of the timer wheel adds at HZ=250. */
#define UNDISTURBED_MIN_NS	60000000000ULL
#define UNDISTURBED_MAX_NS	62100000000ULL

static struct {
	unsigned int kernel, told, missed, invented, differ;
	unsigned int undisturbed, late, strange;
	uint64_t shortest_ns, longest_ns;
	uint64_t *errors;
	size_t errors_count, errors_room;
} sum = { .shortest_ns = UINT64_MAX };

static const struct limits *limits;

static uint64_t apart(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

/* ---- in words ---- */

static void append(char *text, size_t size, const char *format, ...)
{
	size_t len = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + len, size - len, format, args);
	va_end(args);
}

static void say_wait(const struct wait *wait, char *text, size_t size)
{
	append(text, size, "%s%s", *text ? " " : "", wait->is_orphan ? "orphan " : "");
	for (unsigned int i = 0; i < wait->restarts; i++)
		append(text, size, "%s ", wait->restart[i]);
	if (!wait_is_over(wait))
		append(text, size, "waiting");
	else
		append(text, size, "%s%s%s%s", wait->is_modelled ? "~" : "", wait->end,
		       wait->cause ? "/" : "", wait->cause ? wait->cause : "");
}

/* The kernel's probes do not tell an ACK from what is out of the window. */
static void make_coarse(const char *words, char *text, size_t size)
{
	char copy[256], *rest = copy, *word;

	snprintf(copy, sizeof(copy), "%s", words);
	*text = '\0';
	while ((word = strsep(&rest, " ")))
		append(text, size, "%s%s", *text ? " " : "",
		       !strcmp(word, "ack") || !strcmp(word, "out_of_window") ?
		       "other" : word);
}

/* ---- one life, by two witnesses ---- */

static bool is_same_word(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* The kernel says "other" where tcphs knows more. */
static bool have_same_restarts(const struct wait *kernel, const struct wait *told)
{
	if (kernel->restarts != told->restarts)
		return false;
	for (unsigned int i = 0; i < kernel->restarts; i++)
		if (!strcmp(kernel->restart[i], "fin") !=
		    !strcmp(told->restart[i], "fin"))
			return false;
	return true;
}

static bool have_same_words(const struct wait *kernel, const struct wait *told)
{
	if (kernel->is_orphan != told->is_orphan ||
	    !have_same_restarts(kernel, told))
		return false;
	if (!wait_is_over(told) || !wait_is_over(kernel))
		return wait_is_over(told) == wait_is_over(kernel);
	return is_same_word(kernel->end, told->end) &&
	       is_same_word(kernel->cause, told->cause);
}

static uint64_t error_of(const struct wait *kernel, const struct wait *told)
{
	uint64_t error = apart(kernel->start_ns, told->start_ns);

	for (unsigned int i = 0; i < kernel->restarts && i < told->restarts; i++) {
		uint64_t of_restart = apart(kernel->restart_ns[i], told->restart_ns[i]);

		error = of_restart > error ? of_restart : error;
	}
	if (wait_is_over(kernel) && wait_is_over(told)) {
		uint64_t of_end = apart(kernel->end_ns, told->end_ns);

		error = of_end > error ? of_end : error;
	}
	return error;
}

/* What it admits has to cover what it is. */
static bool is_honest(const struct wait *kernel, const struct wait *told)
{
	if (!wait_is_over(kernel) || !wait_is_over(told) || told->is_orphan)
		return true;
	return apart(kernel->end_ns - kernel->start_ns, told->dur_ns) <=
	       told->error_ns + NOTHING_NS;
}

static void add_error(uint64_t error)
{
	if (sum.errors_count == sum.errors_room) {
		sum.errors_room = sum.errors_room ? 2 * sum.errors_room : 1024;
		sum.errors = realloc(sum.errors, sum.errors_room * sizeof(error));
		if (!sum.errors)
			err(1, "realloc");
	}
	sum.errors[sum.errors_count++] = error;
}

static bool is_strange(uint64_t dur_ns)
{
	return dur_ns < UNDISTURBED_MIN_NS || dur_ns > UNDISTURBED_MAX_NS;
}

/* A host that has much to do runs a timer late: then it is the kernel's word, too. */
static void note_duration(const struct wait *kernel, const struct wait *told)
{
	bool is_late = kernel->end_ns - kernel->start_ns > UNDISTURBED_MAX_NS;

	if (told->is_orphan || !wait_is_over(told) || told->restarts ||
	    strcmp(told->end, "expired"))
		return;
	sum.undisturbed++;
	if (told->dur_ns < sum.shortest_ns)
		sum.shortest_ns = told->dur_ns;
	if (told->dur_ns > sum.longest_ns)
		sum.longest_ns = told->dur_ns;
	sum.late += is_late;
	sum.strange += is_strange(told->dur_ns) && !is_late;
}

/* ---- a place: the lives that were told, and those that were ---- */

struct verdict {
	uint64_t error_ns;
	bool is_bad;
	bool may_be_modelled;		/* the claim says so */
	char said[WITNESSES][256];
};

static void complain(const struct place *place, const char *what,
		     const struct wait *kernel, const struct wait *told)
{
	char text[WITNESSES][256] = { "-", "-" };
	static unsigned int count;

	if (count++ >= TOLD_MAX)
		return;
	if (kernel)
		*text[KERNEL] = '\0', say_wait(kernel, text[KERNEL], 256);
	if (told)
		*text[TCPHS] = '\0', say_wait(told, text[TCPHS], 256);
	printf("%s: port %u to %u: kernel %s (%.6f s), tcphs %s (%.6f s)\n", what,
	       place->tuple.port[0], place->tuple.port[1], text[KERNEL],
	       kernel ? (double)kernel->start_ns / 1e9 : 0, text[TCPHS],
	       told ? (double)told->start_ns / 1e9 : 0);
}

static void compare(const struct place *place, const struct wait *kernel,
		    const struct wait *told, struct verdict *verdict)
{
	uint64_t error = error_of(kernel, told);
	bool is_bad = true;

	if (error > verdict->error_ns)
		verdict->error_ns = error;
	if (verdict->may_be_modelled && told->is_modelled) {
		verdict->is_bad |= !have_same_words(kernel, told) ||
				   error > MODELLED_NS;
		return;
	}
	if (!kernel_keeps_module(kernel->start_ns, kernel->end_ns) &&
	    !wait_is_over(told))
		is_bad = !have_same_restarts(kernel, told);
	else if (told->is_modelled || !have_same_words(kernel, told))
		complain(place, "differs", kernel, told);
	else if (error > limits->error_ns)
		complain(place, "wrong by more than it may", kernel, told);
	else if (!is_honest(kernel, told))
		complain(place, "wrong by more than it says", kernel, told);
	else
		is_bad = false;
	sum.differ += is_bad;
	verdict->is_bad |= is_bad;
	add_error(error);
	note_duration(kernel, told);
}

/*
 * What tcphs does not tell: what it was not there for; and that an orphan could not be
 * held, which looks like any other that was closed.
 */
static bool is_untold(const struct wait *kernel)
{
	return !kernel_has_module(kernel->start_ns) ||
	       (kernel->is_orphan && wait_is_over(kernel) &&
		!strcmp(kernel->end, "never"));
}

static void judge_place(const struct place *place, struct verdict *verdict)
{
	const struct wait *kernel = place->first[KERNEL];
	const struct wait *told = place->first[TCPHS];

	for (const struct wait *wait = kernel; wait; wait = wait->next)
		say_wait(wait, verdict->said[KERNEL], 256);
	for (const struct wait *wait = told; wait; wait = wait->next)
		say_wait(wait, verdict->said[TCPHS], 256);
	while (kernel || told) {
		if (kernel && is_untold(kernel)) {
			kernel = kernel->next;
		} else if (told && (!kernel || told->start_ns + SAME_NS < kernel->start_ns)) {
			complain(place, "invented", NULL, told);
			sum.invented++, sum.told++;
			verdict->is_bad = true;
			told = told->next;
		} else if (!told || kernel->start_ns + SAME_NS < told->start_ns) {
			complain(place, "missed", kernel, NULL);
			sum.missed++, sum.kernel++;
			verdict->is_bad = true;
			kernel = kernel->next;
		} else {
			sum.kernel++, sum.told++;
			compare(place, kernel, told, verdict);
			kernel = kernel->next;
			told = told->next;
		}
	}
}

/* ---- the table ---- */

struct claim {
	struct claim *next;
	char name[64], side[16], words[256];
	unsigned int port;
	bool is_met;
};

static struct claim *claims_read(const char *path)
{
	struct claim *first = NULL, **at = &first;
	FILE *file = fopen(path, "r");
	char line[512];

	while (file && fgets(line, sizeof(line), file)) {
		*at = must_alloc(sizeof(**at));
		if (sscanf(line, "%63[^|]|%u|%15[^|]|%255[^\n]", (*at)->name,
			   &(*at)->port, (*at)->side, (*at)->words) != 4)
			errx(1, "%s: %s", path, line);
		at = &(*at)->next;
	}
	if (file)
		fclose(file);
	return first;
}

/* Which claim is about this end, if any. */
static struct claim *find_claim(struct claim *claim, const struct tuple *tuple)
{
	for (; claim; claim = claim->next)
		if (tuple->port[!strcmp(claim->side, "server")] == claim->port)
			return claim;
	return NULL;
}

static bool is_as_claimed(const struct claim *claim, const struct verdict *verdict)
{
	const char *words = claim->words;
	char coarse[256];

	if (!strcmp(words, "nothing"))
		return !*verdict->said[TCPHS];
	make_coarse(words + (*words == '~'), coarse, sizeof(coarse));
	/* What may be modelled may be observed: a look can be in time. */
	if (strcmp(claim->words, verdict->said[TCPHS]) &&
	    (*words != '~' || strcmp(words + 1, verdict->said[TCPHS])))
		return false;
	return strstr(claim->words, "waiting") || !strcmp(coarse, verdict->said[KERNEL]);
}

static unsigned int print_row(struct claim *claim, const struct verdict *verdict)
{
	bool is_right = is_as_claimed(claim, verdict) && !verdict->is_bad;
	const char *got = *verdict->said[TCPHS] ? verdict->said[TCPHS] : "nothing";

	claim->is_met = true;
	printf("%-24s %-6s %-30s %-30s %9.3f  %s\n", claim->name, limits->label,
	       claim->words, got, (double)verdict->error_ns / 1e6,
	       is_right ? "agrees" : "DIFFERS");
	if (!is_right)
		printf("%-31s the kernel: %s\n", "", verdict->said[KERNEL]);
	return !is_right;
}

/* Nothing was there to be judged: that is no agreement. */
static unsigned int print_unmet(const struct claim *claim)
{
	unsigned int count = 0;

	for (; claim; claim = claim->next)
		if (!claim->is_met) {
			printf("%-24s %-6s %-30s %-30s %9s  MISSING\n", claim->name,
			       limits->label, claim->words, "no such socket", "-");
			count++;
		}
	return count;
}

static int by_size(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

static double error_ms(double share)
{
	if (!sum.errors_count)
		return 0;
	return (double)sum.errors[(size_t)(share * (double)(sum.errors_count - 1))] / 1e6;
}

static void print_sum(void)
{
	qsort(sum.errors, sum.errors_count, sizeof(*sum.errors), by_size);
	printf("%s: %u small sockets, %u told, %u missed, %u invented, %u differ\n",
	       limits->label, sum.kernel, sum.told, sum.missed, sum.invented, sum.differ);
	printf("%s: error p50 %.3f ms, p99 %.3f ms, max %.3f ms (may be %.0f ms)\n",
	       limits->label, error_ms(0.5), error_ms(0.99), error_ms(1),
	       (double)limits->error_ns / 1e6);
	if (sum.undisturbed)
		printf("%s: %u undisturbed, %.6f s to %.6f s, %u above 62.1 s by their timers\n",
		       limits->label, sum.undisturbed, (double)sum.shortest_ns / 1e9,
		       (double)sum.longest_ns / 1e9, sum.late);
}

/* They lasted 60 s and the timer's grain, and not all the same. */
static unsigned int judge_durations(void)
{
	if (sum.strange)
		printf("%u undisturbed ones are not of 60.0 to 62.1 s\n", sum.strange);
	if (sum.undisturbed > 2 && sum.shortest_ns == sum.longest_ns) {
		printf("all of them lasted %.9f s, which is a constant\n",
		       (double)sum.longest_ns / 1e9);
		return sum.strange + 1;
	}
	return sum.strange;
}

unsigned int judge(const struct limits *what, const char *expectations)
{
	struct claim *claims = claims_read(expectations);
	unsigned int wrong = 0;

	limits = what;
	if (claims)
		printf("%-24s %-6s %-30s %-30s %9s  %s\n", "cause", "kernel", "expected",
		       "got", "error ms", "verdict");
	for (const struct place *place = places; place; place = place->next_all) {
		struct claim *claim = find_claim(claims, &place->tuple);
		struct verdict verdict = {
			.may_be_modelled = claim && strchr(claim->words, '~'),
		};

		judge_place(place, &verdict);
		if (claim)
			wrong += print_row(claim, &verdict);
	}
	wrong += print_unmet(claims);
	print_sum();
	if (!sum.kernel) {
		printf("nothing was there to be judged\n");
		wrong++;
	}
	return wrong + sum.missed + sum.invented + sum.differ + judge_durations();
}
