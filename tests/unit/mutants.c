// SPDX-License-Identifier: GPL-2.0
/*
 * Tests the tests: alters each cell of the state table in turn, to each other
 * state there is, and looks whether somebody notices. The segment scripts and
 * the random conversations are asked first, each only about cells that it
 * uses; then the table's own test. Judges tests, never the engine.
 *
 *	mutants SEGMENTS SEED SCRIPT...
 *	UNUSED=1 mutants ...	names the cells that no behaviour asks for
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mutant.h"
#include "tap.h"

#define TESTS_MAX	400
#define HANGS_AFTER	60	/* seconds; a test takes milliseconds */

struct test {
	int (*main)(int argc, char **argv);
	int argc;
	char *argv[5];
	struct mutant_use *use;		/* shared with the child */
};

/*
 * What no segment can tell from the table as it is. From FIN_WAIT2 the event is
 * asked only together with the FIN that leads to TIME_WAIT in the same step.
 */
static const unsigned int equivalent[][3] = {
	{ TCPHS_FIN_WAIT2, TCPHS_GOT_ACK_OF_FIN, TCPHS_TIME_WAIT },
};

static struct test tests[TESTS_MAX];
static unsigned int count;		/* of behaviour */
static struct test table_test = { fsm_test_main, 1, { "fsm_test" }, NULL };

static void add_test(struct test test)
{
	test.use = mmap(NULL, sizeof(*test.use), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (test.use == MAP_FAILED || count == TESTS_MAX)
		abort();
	tests[count++] = test;
}

static void be_test(const struct test *test)
{
	int null = open("/dev/null", O_WRONLY);

	dup2(null, STDOUT_FILENO);
	alarm(HANGS_AFTER);
	exit(test->main(test->argc, (char **)test->argv));
}

/* Runs it in a child, with a mutant (state, event, next) or without. */
static bool is_passed(const struct test *test, const unsigned int *mutant)
{
	int status = 0;
	pid_t pid = fork();

	if (pid < 0)
		abort();
	if (!pid) {
		if (mutant)
			mutant_set(mutant[0], mutant[1], mutant[2]);
		else
			mutant_note_use(test->use);
		be_test(test);
	}
	if (waitpid(pid, &status, 0) != pid)
		abort();
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

static bool is_caught_by_behaviour(const unsigned int *mutant)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (tests[i].use->cell[mutant[0]][mutant[1]] &&
		    !is_passed(&tests[i], mutant))
			return true;
	return false;
}

static bool is_used(unsigned int state, unsigned int event)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (tests[i].use->cell[state][event])
			return true;
	return false;
}

static bool is_equivalent(const unsigned int *mutant)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(equivalent); i++)
		if (!memcmp(equivalent[i], mutant, sizeof(equivalent[i])))
			return true;
	return false;
}

struct tally {
	unsigned int mutants;
	unsigned int behaviour;		/* caught by scripts or conversations */
	unsigned int table;		/* by the table's test */
	unsigned int missed;		/* by both */
	unsigned int unused_cells;	/* no behaviour looks them up */
	unsigned int used_mutants;	/* of the other cells */
};

static void try_cell(unsigned int state, unsigned int event, struct tally *tally)
{
	unsigned int next, own = tcphs_fsm_cell(state, event)->next;
	bool used = is_used(state, event);

	tally->unused_cells += !used;
	for (next = 0; next < TCPHS_STATES; next++) {
		const unsigned int mutant[] = { state, event, next };
		bool behaviour, table;

		if (next == own)
			continue;
		behaviour = is_caught_by_behaviour(mutant);
		table = !is_passed(&table_test, mutant);
		tally->mutants++;
		tally->behaviour += behaviour;
		tally->table += table;
		tally->missed += !behaviour && !table;
		if (is_equivalent(mutant))
			continue;
		tally->used_mutants += used;
		if (used && !behaviour)
			tap_note("only the table's test: %s, %s: to %s",
				 tcphs_state_name(state),
				 tcphs_fsm_event_name(event),
				 tcphs_state_name(next));
	}
}

static void tell_unused(void)
{
	unsigned int state, event;

	for (state = 0; state < TCPHS_STATES; state++)
		for (event = 0; event < TCPHS_FSM_EVENTS; event++)
			if (!is_used(state, event))
				tap_note("unused: %s, %s", tcphs_state_name(state),
					 tcphs_fsm_event_name(event));
}

int main(int argc, char **argv)
{
	struct test conversations = {
		random_main, 4, { "random", NULL, NULL, "0" }, NULL,
	};
	struct tally tally = { 0 };
	unsigned int state, event;
	bool good = true;
	int i;

	for (i = 3; i < argc; i++)
		add_test((struct test){ seg_main, 2, { "seg", argv[i] }, NULL });
	if (argc > 3) {
		conversations.argv[1] = argv[1];
		conversations.argv[2] = argv[2];
		add_test(conversations);
	}
	for (i = 0; i < (int)count; i++)
		good &= is_passed(&tests[i], NULL);
	tap_ok(good && count, "mutants: unaltered, the table passes %u tests", count);
	for (state = 0; state < TCPHS_STATES; state++)
		for (event = 0; event < TCPHS_FSM_EVENTS; event++)
			try_cell(state, event, &tally);
	tap_ok(tally.mutants && !tally.missed,
	       "mutants: each of %u altered tables is caught", tally.mutants);
	tap_ok(tally.used_mutants == tally.behaviour,
	       "mutants: %u of %u where behaviour looks are caught by it",
	       tally.behaviour, tally.used_mutants);
	tap_note("by the table's own test: %u; no behaviour asks for %u of %u cells",
		 tally.table, tally.unused_cells,
		 TCPHS_STATES * TCPHS_FSM_EVENTS);
	if (getenv("UNUSED"))
		tell_unused();
	return tap_done();
}
