// SPDX-License-Identifier: GPL-2.0
/*
 * Runs the reporter's own main() again and again in one process. Must not let
 * it end the process.
 */
#include "reporter.h"

#include <argp.h>
#include <jansson.h>
#include <sanitizer/lsan_interface.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "prove.h"

#define STATUS_MAX	4
#define STATUS_USAGE	2

int tcphs_main(int argc, char **argv);	/* renamed by the Makefile */

/* Renamed in the reporter's objects, as those of outside.h. */
error_t outside_argp_parse(const struct argp *argp, int argc, char **argv,
			   unsigned int flags, int *index, void *input);
void outside_argp_error(const struct argp_state *state, const char *format, ...);

static jmp_buf wrong_usage;

/*
 * Where a command would exit for its words, the run is over. What was
 * allocated for them is left behind, as by exit().
 */
static void leave(void)
{
	__lsan_enable();
	longjmp(wrong_usage, 1);
}

void outside_argp_error(const struct argp_state *state, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "%s: ", state->name);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	leave();
}

error_t outside_argp_parse(const struct argp *argp, int argc, char **argv,
			   unsigned int flags, int *index, void *input)
{
	__lsan_disable();
	flags |= ARGP_NO_EXIT | ARGP_NO_HELP;
	if (argp_parse(argp, argc, argv, flags, index, input))
		leave();
	__lsan_enable();
	return 0;
}

void reporter_init(void)
{
	static const char *const unset[] = {
		"PROC_ROOT", "STATE_DIRECTORY", "NOTIFY_SOCKET",
		"WATCHDOG_USEC", "POSIXLY_CORRECT",
	};
	size_t i;

	for (i = 0; i < sizeof(unset) / sizeof(unset[0]); i++)
		unsetenv(unset[i]);
	setenv("TZ", "UTC", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	if (!freopen("/dev/null", "r", stdin))
		abort();
}

/* argp moves the words about, but does not write into them. */
static int run_main(const char *const *words)
{
	static char *argv[REPORTER_WORDS + 1];
	int argc = 0;

	while (words[argc]) {
		PROVE(argc < REPORTER_WORDS);
		argv[argc] = (char *)words[argc];
		argc++;
	}
	argv[argc] = NULL;
	return setjmp(wrong_usage) ? STATUS_USAGE : tcphs_main(argc, argv);
}

void reporter_run(struct reporter *reporter, const char *const *words)
{
	FILE *out = stdout, *err = stderr;

	memset(reporter, 0, sizeof(*reporter));
	stdout = open_memstream(&reporter->out, &reporter->out_size);
	stderr = open_memstream(&reporter->err, &reporter->err_size);
	reporter->status = run_main(words);
	fclose(stdout);
	fclose(stderr);
	stdout = out;
	stderr = err;
	PROVE(reporter->status >= 0 && reporter->status <= STATUS_MAX);
	PROVE(!reporter->status || reporter->err_size);
}

void reporter_free(struct reporter *reporter)
{
	free(reporter->out);
	free(reporter->err);
}

static bool is_control(unsigned int c)
{
	return c < 0x20 || c == 0x7f;
}

/* C1 of UTF-8, c2 80 to c2 9f, some terminals obey as well. */
static bool has_control(const char *text, size_t size)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t i;

	for (i = 0; i < size; i++)
		if (is_control(p[i]) ||
		    (p[i] == 0xc2 && i + 1 < size && p[i + 1] < 0xa0))
			return true;
	return false;
}

static bool is_utf8(const char *text, size_t size)
{
	json_t *string = json_stringn(text, size);

	json_decref(string);
	return string;
}

/* fn() for each line; the last one has its end, too. */
static void each_line(const char *text, size_t size,
		      void (*fn)(const char *line, size_t size))
{
	const char *end;

	for (; size; text = end + 1) {
		end = memchr(text, '\n', size);
		PROVE(end);
		fn(text, (size_t)(end - text));
		size -= (size_t)(end - text) + 1;
	}
}

static void prove_line(const char *line, size_t size)
{
	PROVE(!has_control(line, size));
	PROVE(is_utf8(line, size));
}

static void prove_value(const json_t *value)
{
	PROVE(!json_is_object(value) && !json_is_array(value));
	PROVE(!json_is_integer(value) || json_integer_value(value) >= 0);
	PROVE(!json_is_string(value) ||
	      !has_control(json_string_value(value), json_string_length(value)));
}

static void prove_object(const char *line, size_t size)
{
	json_t *object = json_loadb(line, size, JSON_REJECT_DUPLICATES, NULL);
	const char *key;
	json_t *value;

	PROVE(!has_control(line, size));
	PROVE(json_is_object(object));
	PROVE(json_integer_value(json_object_get(object, "v")) == 1);
	PROVE(json_is_string(json_object_get(object, "event")));
	json_object_foreach(object, key, value) {
		PROVE(!has_control(key, strlen(key)));
		prove_value(value);
	}
	json_decref(object);
}

void reporter_prove_text(const struct reporter *reporter)
{
	each_line(reporter->out, reporter->out_size, prove_line);
	each_line(reporter->err, reporter->err_size, prove_line);
}

void reporter_prove_json(const struct reporter *reporter)
{
	each_line(reporter->out, reporter->out_size, prove_object);
	each_line(reporter->err, reporter->err_size, prove_line);
}
