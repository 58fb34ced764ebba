// SPDX-License-Identifier: GPL-2.0
/*
 * One byte chooses a command line over a file that an input holds. Must not
 * look into the file.
 */
#include "reading.h"

#include <string.h>

#include "outside.h"
#include "prove.h"
#include "reporter.h"

#define FILTER	"tcp port 80 or (ip6 and tcp[13] & 2 != 0) or greater 60"

#define WORDS	4

enum { FILE_IN, FILE_COPY };

static const struct form {
	const char *words[WORDS];
	bool is_json;
	bool takes_more;		/* other options than a capture's */
} forms[] = {
	{ { "replay", "-j" }, true, true },
	{ { "replay" }, false, true },
	{ { "replay", "-v" }, false, true },
	{ { "ladder" }, false, false },
	{ { "ladder", "--ascii" }, false, false },
	{ { "ladder", "-j" }, true, false },
	{ { "ladder", "-i", "2" }, false, false },
};

/* In place of the forms that do not take --strict, where it is asked for. */
static const struct form strict_forms[] = {
	[3] = { { "timewait", "-r" }, false, false },
	[4] = { { "timewait", "-j", "-r" }, true, false },
	[5] = { { "timewait", "--by", "cause", "-r" }, false, false },
	[6] = { { "timewait", "--hist", "-j", "-r" }, true, false },
};

#define FORMS		(sizeof(forms) / sizeof(forms[0]))

#define HOW_FORM	0x07
#define HOW_CHECKSUM	0x08	/* take segments with a bad one */
#define HOW_LOCAL	0x10
#define HOW_FILTER	0x20
#define HOW_STRICT	0x40

static void run_form(const struct form *form, u8 how, const char *path,
		     struct reporter *reporter)
{
	const char *words[16] = { "tcphs" };
	size_t i, count = 1;

	for (i = 0; i < WORDS && form->words[i]; i++)
		words[count++] = form->words[i];
	if (how & HOW_CHECKSUM)
		words[count++] = "-C";
	if (how & HOW_LOCAL)
		words[count++] = "--local=192.168.1.123,2001:db8::1";
	if (form->takes_more && (how & HOW_STRICT))
		words[count++] = "--strict";
	words[count++] = path;
	if (how & HOW_FILTER)
		words[count++] = FILTER;
	reporter_run(reporter, words);
}

static void read_once(const struct form *form, u8 how, reading_claim_fn *claim)
{
	struct reporter reporter;

	run_form(form, how, "in", &reporter);
	if (form->is_json)
		reporter_prove_json(&reporter);
	else
		reporter_prove_text(&reporter);
	if (claim && form == forms && reporter.out_size)
		claim(reporter.out);
	reporter_free(&reporter);
}

/* A recording of what was read tells the same, as far as that could be read. */
static void read_and_copy(u8 how)
{
	static const struct form copy = { { "replay", "-w", "copy" }, false, true };
	struct reporter first, again;
	int copied;

	outside_give(FILE_COPY, "copy", "", 0);
	run_form(&copy, how, "in", &first);
	reporter_prove_text(&first);
	PROVE(!first.out_size);
	copied = first.status;
	reporter_free(&first);
	run_form(&forms[0], how, "in", &first);
	PROVE(first.status == copied);
	if (first.out_size) {
		run_form(&forms[0], how, "copy", &again);
		reporter_prove_json(&again);
		PROVE(again.out_size == first.out_size &&
		      !memcmp(again.out, first.out, again.out_size));
		reporter_free(&again);
	}
	reporter_free(&first);
}

void reading_run(u8 how, const u8 *data, size_t size, reading_claim_fn *claim)
{
	unsigned int form = how & HOW_FORM;

	outside_give(FILE_IN, "in", data, size);
	if (form >= FORMS)
		read_and_copy(how);
	else if ((how & HOW_STRICT) && !forms[form].takes_more)
		read_once(&strict_forms[form], how, claim);
	else
		read_once(&forms[form], how, claim);
}
