// SPDX-License-Identifier: GPL-2.0
/*
 * When two stories of one end agree, and the closed list of named cases in
 * which they may differ; Documentation/states.md tells each. Whatever is not
 * in it is a difference: there is no other way out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge.h"

#define WORD_MAX	64

/*
 * Which of both left the common state first; or: what the end's FIN says; or:
 * two segments stood at the door when the socket took the second of them first.
 */
enum proof { ANY, KERNEL, TCPHS, FIN_BEFORE, FIN_AFTER, SWAPPED, SWAPPED_EARLY };

/* What has to have been done on purpose for it to happen at all. */
enum need { NOTHING, LATE, TOGETHER };

/* The kernel's states and tcphs' for the same stretch of a life. */
struct rule {
	const char *name, *kernel, *tcphs;
	enum proof proof;
	enum need need;
};

/*
 * crossing: what the peer sent was at the door while the socket was busy
 * closing: it waits in the socket's backlog, or meets a FIN on its way out.
 *
 * gone: it was at the door of a socket that had closed already, whose RST, or
 * the one that is its answer, comes a moment later.
 *
 * unseen: the socket's own FIN did not come by: it waits behind data that the
 * peer does not take, or was lost on its way here.
 */
static const struct rule rules[] = {
	{ "crossing", "E1G", "EWG", FIN_BEFORE, NOTHING },	/* FIN meets FIN */
	{ "crossing", "EC", "EWC", TCPHS, NOTHING },	/* FIN meets RST */
	{ "crossing", "1C", "1GC", TCPHS, NOTHING },
	{ "crossing", "1C", "12C", TCPHS, NOTHING },	/* ACK of the FIN meets RST */
	{ "crossing", "SC", "SEC", TCPHS, NOTHING },	/* SYN-ACK meets close() */
	{ "crossing", "RC", "REC", TCPHS, NOTHING },	/* ACK of the SYN meets RST */
	{ "crossing", "R1", "RE1", ANY, NOTHING },	/* ... and FIN */
	{ "crossing", "E1C", "EC", TCPHS, NOTHING },	/* RST meets FIN */
	{ "crossing", "WAC", "WC", TCPHS, NOTHING },
	{ "gone", "EC", "EWC", KERNEL, NOTHING },
	{ "gone", "1C", "1GC", KERNEL, NOTHING },
	{ "gone", "1C", "12C", KERNEL, NOTHING },
	{ "gone", "SC", "SEC", KERNEL, NOTHING },
	{ "gone", "RC", "REC", KERNEL, NOTHING },
	{ "gone", "E1C", "EWC", KERNEL, LATE },		/* its own FIN was kept back */
	{ "gone", "RC", "REWC", KERNEL, NOTHING },	/* Fast Open: a socket in SYN_RECV */
	{ "unseen", "E1G", "EWA", FIN_AFTER, LATE },
	{ "unseen", "E1GC", "EWC", ANY, LATE },
	{ "unseen", "E1C", "EC", KERNEL, LATE },
	{ "unseen", "WAC", "WC", KERNEL, LATE },
	{ "crossing", "E1C", "EC", KERNEL, TOGETHER },
	{ "crossing", "WAC", "WC", KERNEL, TOGETHER },
	{ "crossing", "12C", "1GC", SWAPPED, NOTHING },	/* FIN meets ACK */
	{ "crossing", "1GC", "12C", SWAPPED, NOTHING },	/* and the other way round */
	{ "crossing", "E12C", "EWGC", SWAPPED_EARLY, NOTHING },	/* both of these */
};

/* For a socket that was made to drop what had passed its hook. */
static const struct rule deaf_rules[] = {
	{ "dropped", "E1G", "EWG", TCPHS, NOTHING },
	{ "dropped", "E12C", "EWGC", TCPHS, NOTHING },
	{ "dropped", "12C", "1GC", TCPHS, NOTHING },
	{ "dropped", "E1C", "EWGC", TCPHS, NOTHING },
	{ "dropped", "E1C", "EC", TCPHS, NOTHING },
	{ "dropped", "E12C", "EC", TCPHS, NOTHING },
};

/*
 * From outside only. overtaken: of crossing FINs, and the ACK behind each, one
 * was lost or late: who came first is not known here.
 */
static const struct rule outside_rules[] = {
	{ "overtaken", "12C", "1GC", ANY, NOTHING },
	{ "overtaken", "1GC", "12C", ANY, LATE },
	{ "crossing", "R1C", "RE12C", ANY, LATE },	/* ... and ACK lost */
	{ "unseen", "R1G", "REWG", ANY, LATE },	/* Fast Open, FIN lost */
};

/*
 * As a word: TIME_WAIT, in which the kernel knows no socket any more, is the
 * CLOSE of the tracepoint; ss is the judge there. A step that does not begin
 * where the one before ended is told by a "!".
 */
static void spell(const struct story *story, char *word, size_t size)
{
	size_t at = 0;

	for (unsigned int i = 0; i < story->count && at + 4 < size; i++) {
		const struct step *step = &story->steps[i];
		char old = step->old == TIME_WAIT ? CLOSE : step->old;
		char new = step->new == TIME_WAIT ? CLOSE : step->new;

		if (at > 0 && word[at - 1] != old)
			word[at++] = '!';
		if (at == 0 || word[at - 1] == '!')
			word[at++] = old;
		if (old != CLOSE || new != CLOSE)
			word[at++] = new;
	}
	word[at] = '\0';
}

/* Whether a step's segment acknowledges all of the other's. */
static bool acknowledges(const struct step *step, const struct step *other)
{
	return (int32_t)(step->ack - other->end) >= 0;
}

/*
 * The end's FIN is sent by the step before. One of both segments acknowledges
 * it, the other brings the peer's FIN, or what had been missing before that, and
 * does not; each came on a CPU of its own.
 */
static bool is_swapped(const struct story *kernel, const struct story *tcphs,
		       size_t at)
{
	const struct step *step = &tcphs->steps[at];

	return at > 0 && at < kernel->count && at + 1 < tcphs->count &&
	       step[1].ns < kernel->steps[at].ns &&
	       acknowledges(&step[0], &step[-1]) !=
	       acknowledges(&step[1], &step[-1]);
}

/* The end's FIN does not acknowledge the peer's, though that had come before it left. */
static bool is_fin_before(const struct story *tcphs, size_t at)
{
	const struct step *step = &tcphs->steps[at];

	return at + 1 < tcphs->count &&
	       (!step[0].fin || !step[1].fin || !acknowledges(&step[1], &step[0]));
}

/*
 * The peer's FIN was there first, as in is_fin_before(), and the socket took it last,
 * behind the ACK of its own, as in is_swapped().
 */
static bool is_swapped_early(const struct story *kernel,
			     const struct story *tcphs, size_t at)
{
	const struct step *step = &tcphs->steps[at];

	return at + 2 < tcphs->count && at + 1 < kernel->count &&
	       is_fin_before(tcphs, at) &&
	       step[2].ns < kernel->steps[at + 1].ns &&
	       acknowledges(&step[2], &step[1]) &&
	       !acknowledges(&step[0], &step[1]);
}

static bool is_proved(const struct rule *rule, const struct story *kernel,
		      const struct story *tcphs, size_t at)
{
	switch (rule->proof) {
	case KERNEL:
	case TCPHS:
		return at < kernel->count && at < tcphs->count &&
		       (kernel->steps[at].ns < tcphs->steps[at].ns) ==
		       (rule->proof == KERNEL);
	case FIN_BEFORE:
		return is_fin_before(tcphs, at);
	case FIN_AFTER:
		return at + 1 < tcphs->count &&
		       (!tcphs->steps[at].fin || !tcphs->steps[at + 1].fin ||
			acknowledges(&tcphs->steps[at + 1], &tcphs->steps[at]));
	case SWAPPED_EARLY:
		return is_swapped_early(kernel, tcphs, at);
	case SWAPPED:
		return is_swapped(kernel, tcphs, at);
	default:
		return true;
	}
}

/* Whether the one is the other but for this rule, at one place. */
static bool explains(const struct rule *rule, const struct story *kernel,
		     const char *told, const struct story *tcphs, const char *shown)
{
	const char *at = told;

	while ((at = strstr(at, rule->kernel))) {
		char word[2 * WORD_MAX];

		snprintf(word, sizeof(word), "%.*s%s%s", (int)(at - told), told,
			 rule->tcphs, at + strlen(rule->kernel));
		if (!strcmp(word, shown) &&
		    is_proved(rule, kernel, tcphs, (size_t)(at - told)))
			return true;
		at++;
	}
	return false;
}

static bool is_possible(const struct rule *rule, const struct plan *plan)
{
	switch (rule->need) {
	case LATE:		/* a FIN that is kept back, or lost */
		return plan->lossy || plan->stalled;
	case TOGETHER:		/* both ends on two CPUs at once */
		return plan->together;
	default:
		return true;
	}
}

static const char *find_rule(const struct rule *list, size_t count,
			     const struct plan *plan,
			     const struct story *kernel, const char *told,
			     const struct story *tcphs, const char *shown)
{
	for (size_t i = 0; i < count; i++)
		if (is_possible(&list[i], plan) &&
		    explains(&list[i], kernel, told, tcphs, shown))
			return list[i].name;
	return NULL;
}

#define FIND(list, ...)	find_rule(list, sizeof(list) / sizeof(list[0]), __VA_ARGS__)

/* A listener forgets a request after 7 s: tcp_synack_retries is 2 here. */
#define REQUEST_NS	6000000000ULL

/* Its RST leaves in the same softirq, on a machine that may be busy. */
#define ANSWER_NS	1000000000ULL

/*
 * What came to a listener's door when it had forgotten the request, and was
 * answered by a RST.
 */
static bool is_forgotten(const struct story *tcphs)
{
	const struct step *steps = tcphs->steps;
	unsigned int last = tcphs->count - 1;

	return tcphs->count > 2 && steps[1].ns - steps[0].ns > REQUEST_NS &&
	       steps[last].ns - steps[1].ns < ANSWER_NS;
}

/* A server's end that never got a socket of its own. */
static const char *explain_embryo(const struct story *tcphs, const char *shown,
				  bool choosy)
{
	bool moved_on = !strcmp(shown, "LRE") || !strcmp(shown, "LREC") ||
			!strcmp(shown, "LREWC");

	if (!strcmp(shown, "LR") || !strcmp(shown, "LRC") ||
	    (moved_on && is_forgotten(tcphs)))
		return "embryo";
	return moved_on && choosy ? "queue" : NULL;
}

/* It was shown in FIN_WAIT2 on its way to TIME_WAIT, and was in CLOSING. */
static bool take_back_to_closing(char *word)
{
	char *at = strrchr(word, FIN_WAIT1);

	if (!at || word[strlen(word) - 1] != CLOSING)
		return false;
	at[1] = CLOSING;
	at[2] = '\0';
	return true;
}

/* What was shown since the state that is gone back to does not stand. */
static bool take_back(char *word)
{
	size_t len = strlen(word);

	for (size_t i = len - 1; i-- > 0; )
		if (word[i] == word[len - 1]) {
			word[i + 1] = '\0';
			return true;
		}
	return take_back_to_closing(word);
}

/* The listener did not take the ACK, as its socket shows. */
static bool is_doubt(const struct step *step)
{
	return step->cause == SOCKET && step->old == ESTABLISHED &&
	       step->new == SYN_RECV;
}

/*
 * The story as it stands after what was taken back. Returns false if a step
 * goes back to where it never was.
 */
static bool spell_settled(const struct story *story, char *word, size_t size)
{
	struct story part = { .count = 0 };

	word[0] = '\0';
	for (unsigned int i = 0; i < story->count; i++) {
		const struct step *step = &story->steps[i];
		char one[8];
		size_t len = strlen(word);

		part.steps = &story->steps[i];
		part.count = 1;
		spell(&part, one, sizeof(one));
		if (len && word[len - 1] != one[0])
			snprintf(word + len, size - len, "!%s", one);
		else
			snprintf(word + len, size - len, "%s", one + (len > 0));
		if ((step->cause == CORRECTION || is_doubt(step)) &&
		    !take_back(word))
			return false;
	}
	return true;
}

static bool has_doubt(const struct story *story)
{
	for (unsigned int i = 0; i < story->count; i++)
		if (is_doubt(&story->steps[i]))
			return true;
	return false;
}

/* The same states in the same order; but some were told by the socket alone. */
static struct opinion judge_same(const struct story *tcphs)
{
	if (has_doubt(tcphs))
		return (struct opinion){ LAG, "queue" };
	if (story_has_cause(tcphs, SOCKET))
		return (struct opinion){ LAG, "silent" };
	return (struct opinion){ AGREE, "" };
}

static const char *explain(const struct story *kernel, const char *told,
			   const struct story *tcphs, const char *shown,
			   const struct plan *plan)
{
	const char *name = NULL;

	if (!*told)
		return has_doubt(tcphs) ? "queue" :
		       explain_embryo(tcphs, shown, plan->choosy);
	if (plan->deaf)
		name = FIND(deaf_rules, plan, kernel, told, tcphs, shown);
	return name ? name : FIND(rules, plan, kernel, told, tcphs, shown);
}

/*
 * Where a listener sends cookies, the ACK of a connection that is over, and of
 * which a RST was lost, makes another socket.
 */
static bool is_by_cookie(const char *told, const char *shown)
{
	size_t len = strlen(shown);

	return len && !strncmp(told, shown, len) &&
	       !strncmp(told + len, "!LRE", 4);
}

/*
 * A server's socket that is redirected to is not found under the record's
 * addresses: its silent end is not told.
 */
static bool is_not_found(const char *told, const char *shown)
{
	size_t len = strlen(shown);

	return len && !strncmp(told, shown, len) && !strcmp(told + len, "C") &&
	       shown[0] == LISTEN;
}

/* How many steps from here on are of one record of tcphs. */
static unsigned int length_of_record(const struct story *story, unsigned int at)
{
	unsigned int end = at + 1;

	while (end < story->count && !story->steps[end].begins)
		end++;
	return end - at;
}

/*
 * A SYN that was overtaken by all of its connection, or a copy of it: of a request only.
 * There may be nothing else, or that may be but another request.
 */
static bool is_embryo(const char *word)
{
	return !strcmp(word, "LR") || !strcmp(word, "LRC");
}

/* Who dropped a RST goes on, beyond the time for which its record is kept. */
static bool is_going_on(const char *word)
{
	return !strcmp(word, "-C");
}

/* The story without those records that are but another's beginning or end. */
static struct story without(const struct story *story,
			    bool (*is_extra)(const char *word))
{
	struct story rest = { .count = 0 };
	unsigned int at, length;

	for (at = 0; at < story->count; at += length) {
		struct story record = { .steps = &story->steps[at] };
		char word[WORD_MAX];

		length = length_of_record(story, at);
		record.count = length;
		spell(&record, word, sizeof(word));
		if (!is_extra(word))
			story_append(&rest, &record);
	}
	return rest;
}

static bool is_told_beside_embryo(const char *told, const struct story *tcphs)
{
	struct story rest = without(tcphs, is_embryo);
	char shown[WORD_MAX] = "";
	bool same = rest.count < tcphs->count &&
		    (!rest.count ||
		     spell_settled(&rest, shown, sizeof(shown))) &&
		    !strcmp(told, shown);

	free(rest.steps);
	return same;
}

static struct opinion judge_end(const struct story *kernel,
				const struct story *tcphs,
				const struct plan *plan)
{
	char told[WORD_MAX], shown[WORD_MAX];
	const char *name;

	spell(kernel, told, sizeof(told));
	if (!spell_settled(tcphs, shown, sizeof(shown)))
		return (struct opinion){ DIFFER, "taken back to nowhere" };
	if (story_has_cause(tcphs, CORRECTION))
		return (struct opinion){ DIFFER, "a local side was corrected" };
	if (!strcmp(told, shown))
		return judge_same(tcphs);
	if (plan->lossy && is_told_beside_embryo(told, tcphs))
		return (struct opinion){ LAG, "embryo" };
	if (plan->redirected && is_not_found(told, shown))
		return (struct opinion){ LAG, "redirected" };
	if (plan->cookies && is_by_cookie(told, shown))
		return (struct opinion){ LAG, "cookie" };
	name = explain(kernel, told, tcphs, shown, plan);
	return (struct opinion){ name ? LAG : DIFFER, name };
}

struct opinion judge_local(const struct story *kernel,
			   const struct story *tcphs, const struct plan *plan)
{
	struct opinion opinion = judge_end(kernel, tcphs, plan);
	struct story rest;

	if (opinion.verdict != DIFFER || !plan->deaf)
		return opinion;
	rest = without(tcphs, is_going_on);
	if (rest.count && rest.count < tcphs->count)
		opinion = judge_end(kernel, &rest, plan);
	free(rest.steps);
	return opinion;
}

static bool is_subsequence(const char *part, const char *whole)
{
	while (*part && *whole)
		part += *part == *whole++;
	return !*part;
}

static char last_of(const char *word)
{
	return *word ? word[strlen(word) - 1] : UNKNOWN;
}

/* Whether nothing is left out but what only an ACK of its own can show. */
static bool is_unacked(const char *shown, const char *told)
{
	char before = UNKNOWN;

	for (; *told; before = *told++)
		if (*shown == *told)
			shown++;
		else if (*told != CLOSE_WAIT &&
			 !(before == SYN_SENT && *told == ESTABLISHED))
			return false;
	return !*shown;
}

/*
 * Never a state that the socket did not have. Others are left out because what
 * would show them was kept back, or lost on its way here. If the end is another,
 * then because that was the last word, or there was none.
 */
static const char *explain_part(const char *told, const char *shown,
				const struct plan *plan, struct opinion home)
{
	if (!*shown || !is_subsequence(shown, told))
		return NULL;
	if (is_unacked(shown, told))
		return "unacked";
	if (last_of(told) == last_of(shown))
		return plan->lossy || plan->stalled ? "unseen" : NULL;
	if (home.verdict == LAG && !strcmp(home.name, "silent"))
		return home.name;
	return plan->lossy || plan->deaf ? "unheard" : NULL;
}

/* The same for what a rule makes of the kernel's story, where segments are lost. */
static const char *explain_part_by(const struct rule *rule, const char *told,
				   const char *shown, const struct plan *plan,
				   struct opinion home)
{
	const char *at = told;

	if (!is_possible(rule, plan))
		return NULL;
	while ((at = strstr(at, rule->kernel))) {
		char word[2 * WORD_MAX];

		snprintf(word, sizeof(word), "%.*s%s%s", (int)(at - told), told,
			 rule->tcphs, at + strlen(rule->kernel));
		if (!strcmp(word, shown))
			return rule->name;
		if (plan->lossy && explain_part(word, shown, plan, home))
			return explain_part(word, shown, plan, home);
		at++;
	}
	return NULL;
}

#define COUNT(list)	(sizeof(list) / sizeof(list[0]))

/* The socket came to what was taken back only after that. */
static bool is_hasty(const struct step *correction, const struct story *kernel)
{
	for (unsigned int i = 0; i < kernel->count; i++)
		if (kernel->steps[i].new == correction->old &&
		    kernel->steps[i].ns > correction->ns)
			return true;
	return false;
}

/*
 * What took it back had been on its way before the ACK came, and no segment
 * showed it again: the story without that. Returns false if there is no such.
 */
static bool spell_without_hasty(const struct story *tcphs,
				const struct story *kernel, char *word, size_t size)
{
	struct story rest = { 0 };
	bool is_any = false;

	for (unsigned int i = 0; i < tcphs->count; i++) {
		struct step step = tcphs->steps[i];

		if (step.cause == CORRECTION && is_hasty(&step, kernel)) {
			is_any = true;
			continue;
		}
		if (rest.count && step.old == tcphs->steps[i - 1].new)
			step.old = rest.steps[rest.count - 1].new;
		if (step.old != step.new)
			story_add(&rest, step);
	}
	is_any = is_any && spell_settled(&rest, word, size);
	free(rest.steps);
	return is_any;
}

static const char *explain_record(const struct story *kernel, const char *told,
				  const char *shown, const struct story *tcphs,
				  const struct plan *plan, struct opinion home)
{
	const char *name = NULL;
	char word[WORD_MAX];

	if (!strcmp(told, shown))
		return story_has_cause(tcphs, CORRECTION) ? "corrected" : "";
	if (spell_without_hasty(tcphs, kernel, word, sizeof(word)) &&
	    !strcmp(told, word))
		return "corrected";
	if (!*told || (home.verdict == LAG && !strcmp(home.name, "cookie")))
		return home.verdict == LAG ? home.name : NULL;
	name = explain_part(told, shown, plan, home);
	for (size_t i = 0; i < COUNT(outside_rules) && !name; i++)
		name = explain_part_by(&outside_rules[i], told, shown, plan, home);
	for (size_t i = 0; i < COUNT(rules) && !name; i++)
		name = explain_part_by(&rules[i], told, shown, plan, home);
	for (size_t i = 0; i < COUNT(deaf_rules) && !name && plan->deaf; i++)
		name = explain_part_by(&deaf_rules[i], told, shown, plan, home);
	return name;
}

/*
 * From outside. After a RST that was lost on its way, the end that did not get
 * it goes on: that is another record, and the records together are the story.
 */
struct opinion judge_outside(const struct story *kernel,
			     const struct story *tcphs, const struct plan *plan,
			     struct opinion home)
{
	char told[WORD_MAX], shown[WORD_MAX];
	const char *name = NULL;
	unsigned int at, length, records = 0;

	spell(kernel, told, sizeof(told));
	for (at = 0; at < tcphs->count; at += length, records++) {
		struct story record = { .steps = &tcphs->steps[at] };
		const char *why;

		length = length_of_record(tcphs, at);
		record.count = length;
		if (!spell_settled(&record, shown, sizeof(shown)))
			return (struct opinion){ DIFFER, "taken back to nowhere" };
		why = explain_record(kernel, told, shown, &record, plan,
				     home);
		if (!why && (records == 0 || strcmp(shown, "-C")))
			return (struct opinion){ DIFFER, NULL };
		name = name ? name : why;
	}
	if (records > 1)
		return (struct opinion){ plan->lossy ? LAG : DIFFER, "again" };
	return (struct opinion){ *name ? LAG : AGREE, name };
}
