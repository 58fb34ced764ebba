// SPDX-License-Identifier: GPL-2.0
/*
 * Every way to open, use and close a connection, as a script of words: which
 * listener, then what c, the client's end, and s, the server's, do or wait
 * for; "a|b" is both at once. What a word does is words.c's business. An end
 * that is still open behind the last word is closed.
 */
#include <err.h>
#include <stdio.h>
#include <string.h>

#include "traffic.h"

#define OPEN	"c.dial c.up s.met "
#define TALK	"c.send s.take s.send c.take "
#define TINY	"small c.tiny c.dial c.up s.met c.fill c.stalled "

/* How many of them there are among the others; name; script. */
#define KIND(how_many, called, words)					\
	{ .weight = how_many, .name = called, .script = words }

struct kind kinds[] = {
	/* Who closes first. */
	KIND(4, "client-first", OPEN TALK "c.close s.eof s.close"),
	KIND(4, "server-first", OPEN TALK "s.close c.eof c.close"),
	KIND(2, "silent-client-first", OPEN "c.close s.eof s.close"),
	KIND(2, "silent-server-first", OPEN "s.close c.eof c.close"),
	KIND(4, "both-close", OPEN "c.close|s.close"),
	KIND(3, "both-fin", OPEN TALK "c.fin|s.fin c.eof s.eof c.close s.close"),
	KIND(3, "both-data-fin", OPEN
	     "c.send s.send c.fin|s.fin c.eof s.eof c.close|s.close"),
	KIND(2, "client-hurries", "c.dial c.up c.send c.close s.met s.eof s.close"),
	KIND(1, "server-hurries", OPEN "s.send s.close c.eof c.close"),
	/* Half-close, with data behind the FIN. */
	KIND(2, "client-half", OPEN
	     "c.send c.fin s.eof s.send c.take s.send c.take s.close c.eof c.close"),
	KIND(2, "server-half", OPEN
	     "s.send s.fin c.eof c.send s.take c.send s.take c.close s.eof s.close"),
	KIND(1, "client-half-data", OPEN
	     "c.fin s.seen c.acked s.send c.take s.send s.close c.eof c.close"),
	/* Abort, in every phase, by either side. */
	KIND(2, "c-abort-dial", "c.dial c.abort"),
	KIND(1, "c-abort-up", "c.dial c.up c.abort s.met s.down s.close"),
	KIND(1, "c-abort-open", OPEN "c.abort s.down s.close"),
	KIND(1, "s-abort-open", OPEN "s.abort c.down c.close"),
	KIND(1, "c-abort-data", OPEN TALK "c.send c.abort s.down s.close"),
	KIND(1, "s-abort-data", OPEN TALK "s.send s.abort c.down c.close"),
	KIND(1, "c-abort-fin", OPEN "c.fin c.abort s.down s.close"),
	KIND(1, "s-abort-fin", OPEN "s.fin s.abort c.down c.close"),
	KIND(1, "c-abort-fin2", OPEN "c.fin c.acked c.abort s.down s.close"),
	KIND(1, "s-abort-fin2", OPEN "s.fin s.acked s.abort c.down c.close"),
	KIND(1, "c-abort-half", OPEN "s.fin c.seen c.abort s.down s.close"),
	KIND(1, "s-abort-half", OPEN "c.fin s.seen s.abort c.down c.close"),
	KIND(1, "c-abort-last", OPEN "s.fin c.seen c.fin c.abort s.close"),
	KIND(2, "both-abort", OPEN "c.abort|s.abort"),
	KIND(2, "close-abort", OPEN "c.close|s.abort"),
	KIND(2, "abort-close", OPEN "c.abort|s.close"),
	KIND(1, "c-unread", OPEN "s.send c.poke c.close s.down s.close"),
	KIND(1, "s-unread", OPEN "c.send s.poke s.close c.down c.close"),
	KIND(1, "c-unread-half", OPEN "s.send s.fin c.seen c.close s.down s.close"),
	KIND(1, "s-unread-half", OPEN "c.send c.fin s.seen s.close c.down c.close"),
	KIND(1, "c-late-data", OPEN "c.close s.seen s.send s.down s.close"),
	KIND(1, "s-late-data", OPEN "s.close c.seen c.send c.down c.close"),
	/* No connection comes of it. */
	KIND(2, "refused", "none c.dial c.up c.close"),
	KIND(1, "unanswered", "c.lost c.dial c.up c.close"),
	KIND(1, "given-up", "c.lost c.dial c.close"),
	KIND(1, "impatient", "c.lost c.hurry c.dial c.up c.close"),
	KIND(1, "dial-killed", "c.lost c.dial c.kill c.close"),
	/* The listener. */
	KIND(3, "full", "full c.dial c.up c.send s.met s.take s.close c.eof c.close"),
	KIND(1, "full-abort", "full c.dial c.up c.abort"),
	KIND(1, "defer", "defer c.dial c.up c.send s.met s.take s.close c.eof c.close"),
	KIND(1, "defer-fin", "defer c.dial c.up c.close s.met s.eof s.close"),
	KIND(1, "defer-abort", "defer c.dial c.up c.abort"),
	KIND(2, "fast-open",
	     "fast c.call c.up s.met s.take s.send c.take c.close s.eof s.close"),
	KIND(2, "fast-server-first",
	     "fast c.call s.met s.take s.send s.close c.up c.eof c.close"),
	KIND(2, "syn-data",
	     "early c.call c.up s.met s.take s.send c.take c.close s.eof s.close"),
	KIND(2, "syn-data-server-first",
	     "early c.call s.met s.take s.send s.close c.up c.eof c.close"),
	KIND(1, "syn-data-abort", "early c.call s.met s.abort c.up c.close"),
	/* Long stories. */
	KIND(1, "keep-alive", OPEN "c.beat c.probed c.close s.eof s.close"),
	KIND(1, "zero-window", TINY "s.take c.send s.take c.close s.eof s.close"),
	KIND(1, "zero-window-close", TINY "c.close s.eof s.close"),
	KIND(1, "zero-window-abort", TINY "c.close s.abort"),
	KIND(1, "zero-window-cross", TINY "c.close s.fin s.eof s.close"),
	KIND(1, "zero-window-late", TINY "s.fin c.seen c.close s.eof s.close"),
	KIND(1, "urgent", OPEN
	     "c.urge s.take c.send s.take s.urge c.take c.close s.eof s.close"),
	/* One end vanishes, or is taken away. */
	KIND(1, "vanish-keep-alive", OPEN
	     "c.beat c.lost s.lost c.down c.close s.close"),
	KIND(1, "vanish-impatient", OPEN
	     "c.hurry c.lost s.lost c.send c.down c.close s.close"),
	KIND(1, "vanish-orphan", OPEN "c.lost s.lost c.close s.close"),
	KIND(1, "vanish-half", OPEN "c.fin s.seen c.acked s.lost s.close c.close"),
	KIND(1, "c-killed", OPEN "c.kill s.down s.close c.close"),
	KIND(1, "s-killed", OPEN "s.kill c.down c.close s.close"),
	KIND(1, "fin2-killed", OPEN "c.fin c.acked c.kill s.down s.close c.close"),
	KIND(1, "last-killed", OPEN "s.fin c.seen c.lost c.fin c.kill c.close"),
	KIND(1, "orphan-fin2", OPEN "c.close s.seen c.gone s.send s.down s.close"),
	/* Lost behind one hook, or both. */
	KIND(1, "lost-fin", OPEN
	     "c.lost c.fin c.again c.found s.eof s.close c.eof c.close"),
	KIND(1, "lost-ack", OPEN
	     "s.lost c.fin s.seen c.again s.found c.acked s.close c.eof c.close"),
	KIND(1, "lost-last-ack", OPEN
	     "c.fin s.seen c.acked c.lost s.fin s.again s.close c.close"),
	KIND(1, "lost-rst", OPEN "c.lost c.abort s.send s.down s.close"),
	KIND(1, "lost-cross", OPEN
	     "c.lost s.lost c.fin s.fin c.again s.again c.found s.found c.eof s.eof c.close"),
	/* Held between the socket and the hook, while the peer's came. */
	KIND(1, "held-fin", OPEN
	     "c.hold c.fin c.held s.fin c.seen c.free c.eof s.eof c.close s.close"),
	KIND(1, "held-close", OPEN
	     "c.hold c.close c.held s.close c.free"),
	KIND(1, "held-fin-rst", OPEN
	     "c.hold c.fin c.held s.abort c.down c.free c.close"),
	KIND(1, "held-rst", OPEN "c.hold c.abort c.held s.fin c.free s.down s.close"),
	KIND(1, "deaf-fin", OPEN
	     "s.deaf c.fin c.again s.hear s.eof s.close c.eof c.close"),
	KIND(1, "deaf-cross", OPEN
	     "s.deaf c.fin c.again s.fin s.hear s.eof c.eof c.close s.close"),
	KIND(1, "deaf-rst", OPEN "c.deaf s.abort c.fin c.hear c.down c.close"),
};

const unsigned int kinds_count = sizeof(kinds) / sizeof(kinds[0]);

/* The listeners of traffic.h, as a script's first word; none is the plain one. */
static const char *const doors[] = {
	[DOOR_PLAIN] = "plain", [DOOR_FULL] = "full", [DOOR_DEFER] = "defer",
	[DOOR_FAST] = "fast", [DOOR_EARLY] = "early", [DOOR_SMALL] = "small",
	[DOOR_NONE] = "none",
};

static void parse_door(struct kind *kind, const char *text)
{
	for (unsigned int i = 0; i < sizeof(doors) / sizeof(doors[0]); i++)
		if (!strcmp(doors[i], text)) {
			kind->door = (enum door)i;
			return;
		}
	errx(2, "%s: no such listener: %s", kind->name, text);
}

static void parse_word(struct kind *kind, const char *text, bool together)
{
	struct step *step = &kind->steps[kind->count];

	if (text[1] != '.') {
		parse_door(kind, text);
		return;
	}
	if (kind->count++ == STEPS_MAX)
		errx(2, "%s: more than %d words", kind->name, STEPS_MAX);
	step->side = text[0] == 's' ? SERVER : CLIENT;
	step->together = together;
	step->word = word_find(text + 2);
	if (!step->word)
		errx(2, "%s: no such word: %s", kind->name, text);
}

/* Scripts say it themselves. What is held when an end is closed stays so. */
static void set_marks(struct kind *kind)
{
	bool choosy = kind->door == DOOR_FULL || kind->door == DOOR_DEFER;
	bool lossy = strstr(kind->script, ".lost") || strstr(kind->script, ".hold");

	snprintf(kind->marks, sizeof(kind->marks), "-%s%s%s%s%s", lossy ? "l" : "",
		 strchr(kind->script, '|') ? "b" : "",
		 strstr(kind->script, ".stalled") ? "s" : "",
		 strstr(kind->script, ".deaf") ? "d" : "", choosy ? "q" : "");
}

void kinds_parse(void)
{
	for (unsigned int i = 0; i < kinds_count; i++) {
		char text[256], *rest = text, *word;

		snprintf(text, sizeof(text), "%s", kinds[i].script);
		while ((word = strsep(&rest, " "))) {
			char *second = strchr(word, '|');

			if (second)
				*second++ = '\0';
			if (*word)
				parse_word(&kinds[i], word, second);
			if (second)
				parse_word(&kinds[i], second, false);
		}
		set_marks(&kinds[i]);
	}
}
