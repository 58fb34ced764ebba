// SPDX-License-Identifier: GPL-2.0
/*
 * tcphs serve: the daemon. One thread, one poll(): events, signals, scrapes,
 * the watchdog. Must not wait anywhere but there: what is not read in time,
 * the module overwrites.
 */
#include "command.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include "exporter.h"
#include "follow.h"
#include "metrics.h"
#include "netns.h"
#include "source.h"

#define TICK_US		1000000ULL
#define FINISH_MS	5000	/* for a reader of standard output, at the end */

struct serve {
	struct common *common;
	struct follow_options options;
	const char *listen;
	bool waits;

	struct follow *follow;	/* NULL: the module is awaited */
	struct exporter *exporter;
	struct metrics *metrics;
	int signals;
	int timer;

	bool is_stopping;
	u64 stop_place;		/* what was produced when it was to stop */
	bool has_ended;
	int status;
};

enum { KEY_LISTEN = 256, KEY_STATE, KEY_USER, KEY_WAIT };

static const struct argp_option options[] = {
	{ "output", 'o', "FILE", 0,
	  "append JSON lines to FILE, opened anew at SIGHUP (standard output)",
	  0 },
	{ "listen", KEY_LISTEN, "ADDRESS:PORT|none", 0,
	  "where http://.../metrics is served (" EXPORTER_LISTEN ")", 0 },
	{ "state", KEY_STATE, "FILE", 0,
	  "keep the place in FILE, so that the next run goes on there ($STATE_DIRECTORY/place if that is set)",
	  0 },
	{ "user", KEY_USER, "NAME", 0,
	  "become NAME once the device is open; the files are NAME's", 0 },
	{ "wait", KEY_WAIT, NULL, 0,
	  "wait for the module if it is absent", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct serve *serve = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = serve->common;
		return 0;
	case 'o':
		serve->options.output = strcmp(arg, "-") == 0 ? NULL : arg;
		return 0;
	case KEY_LISTEN:
		serve->listen = arg;
		return 0;
	case KEY_STATE:
		serve->options.state = arg;
		return 0;
	case KEY_USER:
		serve->options.user = arg;
		return 0;
	case KEY_WAIT:
		serve->waits = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {
	{ &common_argp, 0, NULL, 0 },
	{ 0 }
};

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc =
		"Follow the event stream: JSON lines to standard output or a file, metrics over HTTP, until SIGTERM. Made for tcphs.service.",
	.children = children,
};

/* To the supervisor. */

static void tell_state(const struct serve *serve)
{
	const struct output_totals *totals;

	if (!serve->follow) {
		sd_notify(0, "STATUS=waiting for the module");
		return;
	}
	totals = output_totals(serve->follow->output);
	sd_notifyf(0, "STATUS=%llu events read, %llu lost; %llu lines written, %llu dropped",
		   (unsigned long long)serve->follow->read,
		   (unsigned long long)serve->follow->lost,
		   (unsigned long long)totals->lines,
		   (unsigned long long)totals->dropped);
}

static void reload(struct serve *serve)
{
	struct timespec now = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &now);
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu",
		   (unsigned long long)now.tv_sec * 1000000ULL +
		   (unsigned long long)now.tv_nsec / 1000ULL);
	if (serve->follow)
		output_reopen(serve->follow->output);
	sd_notify(0, "READY=1");
}

static void stop(struct serve *serve)
{
	sd_notify(0, "STOPPING=1");
	serve->is_stopping = true;
	if (serve->follow)
		serve->stop_place = follow_produced(serve->follow);
}

static void take_signals(struct serve *serve)
{
	struct signalfd_siginfo info;

	while (read(serve->signals, &info, sizeof(info)) ==
	       (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGHUP)
			reload(serve);
		else if (!serve->is_stopping)
			stop(serve);
		else
			serve->stop_place = 0;	/* it is urgent */
	}
}

/* The loop. */

static bool is_module_awaited(const struct serve *serve)
{
	return serve->waits && access(SOURCE_DEVICE, F_OK) < 0;
}

static void look_for_module(struct serve *serve)
{
	if (is_module_awaited(serve))
		return;
	serve->follow = follow_open(&serve->options, serve->metrics,
				    &serve->status);
	serve->has_ended = !serve->follow;
}

static void tick(struct serve *serve)
{
	u64 count;

	if (read(serve->timer, &count, sizeof(count)) < 0)
		return;
	if (serve->follow)
		output_retry(serve->follow->output);
	else
		look_for_module(serve);
	sd_notify(0, "WATCHDOG=1");
	tell_state(serve);
}

enum { POLL_SIGNALS, POLL_TIMER, POLL_HTTP, POLL_DEVICE, POLL_OUTPUT, POLLS };

static void fill_polls(const struct serve *serve, struct pollfd *polls)
{
	const struct follow *follow = serve->follow;

	polls[POLL_SIGNALS].fd = serve->signals;
	polls[POLL_SIGNALS].events = POLLIN;
	polls[POLL_TIMER].fd = serve->timer;
	polls[POLL_TIMER].events = POLLIN;
	polls[POLL_HTTP].fd = serve->exporter ? exporter_fd(serve->exporter) :
						-1;
	polls[POLL_HTTP].events = POLLIN;
	polls[POLL_DEVICE].fd = follow ? source_fd(follow->source) : -1;
	polls[POLL_DEVICE].events = POLLIN;
	polls[POLL_OUTPUT].fd = follow ? output_poll_fd(follow->output) : -1;
	polls[POLL_OUTPUT].events = POLLOUT;
}

static int choose_timeout(const struct serve *serve, bool has_more)
{
	if (has_more)
		return 0;
	return serve->exporter ? exporter_timeout_ms(serve->exporter) : -1;
}

static void take_turn(struct serve *serve, bool has_more)
{
	struct pollfd polls[POLLS];

	fill_polls(serve, polls);
	if (poll(polls, POLLS, choose_timeout(serve, has_more)) < 0)
		return;
	if (polls[POLL_OUTPUT].revents)
		output_flush(serve->follow->output);
	if (polls[POLL_SIGNALS].revents)
		take_signals(serve);
	if (polls[POLL_TIMER].revents)
		tick(serve);
	if (serve->exporter)
		exporter_run(serve->exporter);
}

static void end(struct serve *serve, int status, const char *why)
{
	serve->has_ended = true;
	serve->status = status;
	if (why)
		complain("%s", why);
}

/* Return: whether there may be more at once. */
static bool read_events(struct serve *serve)
{
	enum follow_got got = follow_turn(serve->follow);

	if (got == FOLLOW_END)
		end(serve, STATUS_ABSENT,
		    "the module or the network namespace has gone; start again after: "
		    TOOL_INSMOD);
	else if (got == FOLLOW_FAILED)
		end(serve, STATUS_FAILED, NULL);
	else if (output_is_gone(serve->follow->output))
		end(serve, STATUS_FAILED,
		    "nobody reads standard output any more");
	return got == FOLLOW_MORE;
}

/* What was produced before the signal came is read; then it is over. */
static bool is_over(const struct serve *serve)
{
	if (serve->has_ended || !serve->is_stopping)
		return serve->has_ended;
	return !serve->follow ||
	       follow_has_read(serve->follow, serve->stop_place);
}

static void run(struct serve *serve)
{
	bool has_more = true;

	while (!is_over(serve)) {
		take_turn(serve, has_more);
		if (serve->follow)
			has_more = read_events(serve);
	}
}

/* Setting up and putting away. */

static void fill_now(struct metrics_now *now, const struct follow *follow)
{
	struct tcphs_info info;

	now->has_gap = follow->has_gap;
	now->gap = follow->gap;
	now->output = output_totals(follow->output);
	now->waiting = output_waiting(follow->output);
	if (!source_info(follow->source, &info))
		return;
	now->module = source_hello(follow->source)->module;
	now->uapi = source_hello(follow->source)->uapi;
	now->has_produced = true;
	now->produced = info.produced;
}

static char *make_page(void *arg, bool is_open, size_t *size)
{
	const struct serve *serve = arg;
	const struct output_totals none = { 0 };
	struct metrics_now now = {
		.version = TCPHS_VERSION,
		.output = &none,
	};

	if (serve->follow)
		fill_now(&now, serve->follow);
	return metrics_text(serve->metrics, &now, is_open, size);
}

/* $STATE_DIRECTORY is systemd's; of several folders the first is meant. */
static const char *find_state_path(char *path, size_t size)
{
	const char *folder = getenv("STATE_DIRECTORY");

	if (!folder || !*folder)
		return NULL;
	snprintf(path, size, "%.*s/place", (int)strcspn(folder, ":"), folder);
	return path;
}

static void block_signals(struct serve *serve)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	serve->signals = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
	signal(SIGXFSZ, SIG_IGN);	/* a file's limit is an error of write() */
}

static void start_timer(struct serve *serve)
{
	struct itimerspec spec = { 0 };
	uint64_t watchdog_us;
	u64 us = TICK_US;

	if (sd_watchdog_enabled(0, &watchdog_us) > 0 && watchdog_us / 2 < us)
		us = watchdog_us / 2 ? watchdog_us / 2 : 1;
	spec.it_interval.tv_sec = (time_t)(us / 1000000);
	spec.it_interval.tv_nsec = (long)(us % 1000000) * 1000;
	spec.it_value = spec.it_interval;
	serve->timer = timerfd_create(CLOCK_MONOTONIC,
				      TFD_NONBLOCK | TFD_CLOEXEC);
	timerfd_settime(serve->timer, 0, &spec, NULL);
}

/* The port before the namespace: metrics are for the caller's own. */
static int set_up(struct serve *serve)
{
	int status = STATUS_DONE;

	if (strcmp(serve->listen, "none") != 0) {
		serve->exporter = exporter_open(serve->listen, make_page,
						serve, &status);
		if (!serve->exporter)
			return status;
	}
	status = netns_enter(serve->common->netns);
	if (status != STATUS_DONE)
		return status;
	if (is_module_awaited(serve)) {
		complain("%s is absent: waiting for the module", SOURCE_DEVICE);
		return STATUS_DONE;
	}
	serve->follow = follow_open(&serve->options, serve->metrics, &status);
	return status;
}

static int serve_events(struct serve *serve)
{
	int status = set_up(serve);

	if (status != STATUS_DONE)
		return status;
	if (serve->exporter)
		exporter_tell(serve->exporter);
	start_timer(serve);
	sd_notify(0, "READY=1");
	tell_state(serve);
	run(serve);
	return serve->status;
}

static int put_away(struct serve *serve, int status)
{
	bool is_written = true;

	if (serve->exporter)
		exporter_close(serve->exporter);
	if (serve->follow)
		is_written = follow_close(serve->follow, FINISH_MS);
	metrics_free(serve->metrics);
	return is_written || status != STATUS_DONE ? status : STATUS_FAILED;
}

int serve_main(struct common *common, int argc, char **argv)
{
	struct serve serve = {
		.common = common,
		.listen = EXPORTER_LISTEN,
	};
	char path[4096];

	serve.options.state = find_state_path(path, sizeof(path));
	argp_parse(&argp, argc, argv, 0, NULL, &serve);
	serve.metrics = metrics_alloc();
	block_signals(&serve);
	return put_away(&serve, serve_events(&serve));
}
