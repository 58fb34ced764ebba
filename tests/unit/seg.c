// SPDX-License-Identifier: GPL-2.0
/*
 * Runs segment scripts against the engine: cases/README says what they mean.
 * Each script runs once for each place of the observer that it names, with
 * the sequence numbers shifted so that they wrap at different segments; the
 * shift must change nothing.
 */
#include <ctype.h>
#include <stdlib.h>

#include "core/flow.h"
#include "tap.h"

#define LINES_MAX	400
#define LINE_MAX	160
#define EVENTS_MAX	64
#define EXPECTS_MAX	48
#define PATH_MAX_TEXT	96
#define SECOND		1000000000ULL

struct script {
	const char *name;
	char claim[LINE_MAX];
	const char *rows;		/* of Documentation/robustness.md, or NULL */
	char line[LINES_MAX][LINE_MAX];
	int lines;
	unsigned int places;		/* bit n: runs with local == n */
	const char *where;		/* the same in words */
};

struct happened {
	unsigned int type;
	u64 now_ns;
	union {
		struct tcphs_ev_transition transition;
		struct tcphs_ev_handshake handshake;
		struct tcphs_ev_anomaly anomaly;
		struct tcphs_ev_timewait timewait;
		struct tcphs_ev_connection connection;
	};
};

struct expect {
	char key[40];
	char value[40];
	int line;
};

/* One run of one script in one place with one shift. */
struct run {
	const struct script *script;
	unsigned int local;		/* TCPHS_LOCAL_ bits, by side */
	u32 shift[2];
	int at;				/* index of the present line */
	bool failed;
	char why[512];

	u16 port[2];
	u64 time_wait_ns;
	struct tcphs_step step;		/* emit() finds the run around it */
	struct tcphs_flow flow;
	struct tcphs_rest rest;		/* of it, once that is needed */
	struct tcphs_flow yielded;	/* the one before it */
	struct tcphs_rest yielded_rest;
	bool begun;
	u64 seen_ns;
	u64 last_id;
	const struct tcphs_seg *seg;	/* the present step's, or NULL */
	bool looks;			/* at a socket: no segment, no timer */
	unsigned int from;
	unsigned int state[2];		/* followed through the transitions */
	u64 since_ns[2];
	u64 latest_ns;			/* time of the latest event */
	struct happened happened[EVENTS_MAX];
	int events;			/* in the present step */
	int own_events;			/* the first of them of the present record */
	struct tcphs_ev_handshake handshake;
	struct tcphs_ev_connection connection;
	int connections;		/* emitted for the present record */
	u32 restarts;
	struct expect expect[EXPECTS_MAX];
	int expects;
};

__attribute__((format(printf, 2, 3)))
static void fail(struct run *run, const char *format, ...)
{
	va_list args;

	if (run->failed)
		return;
	run->failed = true;
	va_start(args, format);
	vsnprintf(run->why, sizeof(run->why), format, args);
	va_end(args);
}

/* Words */

static bool is_space_or_end(char c)
{
	return !c || isspace((unsigned char)c);
}

/* The next word of *text into word; false at the end. */
static bool take_word(const char **text, char *word, size_t size)
{
	size_t n = 0;

	while (isspace((unsigned char)**text))
		(*text)++;
	if (!**text || **text == '|')
		return false;
	while (!is_space_or_end(**text)) {
		if (n + 1 < size)
			word[n++] = **text;
		(*text)++;
	}
	word[n] = 0;
	return true;
}

static u32 take_number(struct run *run, const char **text)
{
	char word[40];
	char *end;
	u32 value;

	if (!take_word(text, word, sizeof(word))) {
		fail(run, "script: a number is missing");
		return 0;
	}
	value = (u32)strtoull(word, &end, 0);
	if (*end)
		fail(run, "script: '%s' is no number", word);
	return value;
}

/* Seconds, with as many decimals as there are. */
static u64 read_seconds(struct run *run, const char *word)
{
	u64 unit = SECOND;
	u64 ns = 0;
	bool fraction = false;

	for (; *word; word++) {
		if (*word == '.' && !fraction) {
			fraction = true;
		} else if (isdigit((unsigned char)*word)) {
			if (fraction)
				unit /= 10;
			ns = fraction ? ns + (u64)(*word - '0') * unit :
				ns * 10 + (u64)(*word - '0') * SECOND;
		} else {
			fail(run, "script: not a time");
			return 0;
		}
	}
	return ns;
}

/* A bit for each place: 1 << local. */
static unsigned int read_place(const char *word)
{
	unsigned int local;

	for (local = 0; local < 4; local++)
		if (!strcmp(word, tcphs_local_name(local)))
			return 1U << local;
	return 0;
}

static bool read_flags(const char *word, u16 *flags)
{
	static const char letters[] = "FSRP.UEW";
	const char *at;

	*flags = 0;
	if (!strcmp(word, "none"))
		return true;
	for (; *word; word++) {
		at = strchr(letters, *word);
		if (!at)
			return false;
		*flags |= (u16)(1U << (at - letters));
	}
	return true;
}

/* What the engine says */

static bool is_cause_of_step(const struct run *run, unsigned int cause)
{
	if (run->looks)
		return cause == TCPHS_CAUSE_SOCKET;
	if (!run->seg)
		return cause == TCPHS_CAUSE_TIMER;
	return cause == TCPHS_CAUSE_SEGMENT || cause == TCPHS_CAUSE_CORRECTION;
}

static void take_transition(struct run *run, const struct tcphs_ev_transition *e,
			    const struct tcphs_flow *flow, u64 now_ns)
{
	u64 dwell_ns = TCPHS_NS_NONE;

	if (e->side > TCPHS_SERVER) {
		fail(run, "transition of side %u", e->side);
		return;
	}
	if (run->state[e->side] && e->old_state != run->state[e->side])
		fail(run, "%s leaves %s, but was %s", tcphs_side_name(e->side),
		     tcphs_state_name(e->old_state),
		     tcphs_state_name(run->state[e->side]));
	if (e->old_state == e->new_state)
		fail(run, "transition to the same state");
	if (flow->end[e->side].state != e->new_state)
		fail(run, "the flow given with a transition is not after it");
	if (run->state[e->side] && run->since_ns[e->side] != TCPHS_NS_NONE)
		dwell_ns = now_ns - run->since_ns[e->side];
	if (e->cause == TCPHS_CAUSE_TIMER && e->dwell_ns < dwell_ns)
		dwell_ns = e->dwell_ns;	/* it ended when it was over, not when told */
	if (e->dwell_ns != dwell_ns)
		fail(run, "dwell of %s in %s is %lld, not %lld",
		     tcphs_side_name(e->side), tcphs_state_name(e->old_state),
		     (long long)e->dwell_ns, (long long)dwell_ns);
	if (!is_cause_of_step(run, e->cause))
		fail(run, "cause of the transition is %s", tcphs_cause_name(e->cause));
	run->state[e->side] = e->new_state;
	run->since_ns[e->side] = now_ns;
}

static bool is_present_seg(const struct run *run, const struct tcphs_seg_info *info)
{
	if (!run->seg)
		return !info->present;
	return info->present && info->seq == run->seg->seq &&
	       info->ack == run->seg->ack && info->len == run->seg->len &&
	       info->flags == run->seg->flags && info->win == run->seg->win &&
	       info->from == run->from;
}

static void emit(struct tcphs_step *step, const struct tcphs_flow *flow,
		 unsigned int type, const void *payload, size_t size)
{
	struct run *run = (struct run *)((char *)step - offsetof(struct run, step));
	struct happened *h = &run->happened[run->events];

	if (run->events == EVENTS_MAX) {
		fail(run, "more than %d events in one step", EVENTS_MAX);
		return;
	}
	run->events++;
	if (step->now_ns < run->latest_ns ||
	    (run->events == 1 && step->now_ns == run->latest_ns && run->latest_ns))
		fail(run, "event not later than those of the step before");
	run->latest_ns = step->now_ns;
	h->type = type;
	h->now_ns = step->now_ns;
	memcpy(&h->transition, payload, size);
	switch (type) {
	case TCPHS_EV_TRANSITION:
		take_transition(run, &h->transition, flow, step->now_ns);
		if (!is_present_seg(run, &h->transition.seg))
			fail(run, "the transition's segment is another one");
		break;
	case TCPHS_EV_HANDSHAKE:
		run->handshake = h->handshake;
		break;
	case TCPHS_EV_ANOMALY:
		if (!is_present_seg(run, &h->anomaly.seg))
			fail(run, "the anomaly's segment is another one");
		break;
	case TCPHS_EV_TIMEWAIT:
		run->restarts = h->timewait.restarts;
		/* of a socket that was seen: not before it was */
		if (h->timewait.phase == TCPHS_TW_START &&
		    h->timewait.source == TCPHS_SOURCE_OBSERVED)
			run->since_ns[h->timewait.side & 1] =
				flow->end[h->timewait.side & 1].since_ns;
		break;
	case TCPHS_EV_CONNECTION:
		run->connection = h->connection;
		run->connections++;
		break;
	default:
		fail(run, "event type %u", type);
	}
}

/* What the script says: 'expect KEY VALUE' */

static void text_ns(char *buf, size_t size, u64 ns)
{
	if (ns == TCPHS_NS_NONE)
		snprintf(buf, size, "-");
	else	/* events are a few ns apart where the clock stood: milliseconds */
		snprintf(buf, size, "%.3f", (double)ns / 1e9);
}

static bool find_end_fact(const struct tcphs_ev_end *end, const char *key,
			  char *buf, size_t size)
{
	if (!strcmp(key, "state"))
		snprintf(buf, size, "%s", tcphs_state_name(end->state));
	else if (!strcmp(key, "segments"))
		snprintf(buf, size, "%llu", end->segments);
	else if (!strcmp(key, "bytes"))
		snprintf(buf, size, "%llu", end->bytes);
	else if (!strcmp(key, "retransmits"))
		snprintf(buf, size, "%u", end->retransmits);
	else if (!strcmp(key, "fin_retransmits"))
		snprintf(buf, size, "%u", end->fin_retransmits);
	else if (!strcmp(key, "syns"))
		snprintf(buf, size, "%u", end->syns);
	else
		return false;
	return true;
}

static bool find_handshake_fact(struct run *run, const char *key, char *buf,
				size_t size)
{
	const struct tcphs_ev_handshake *h = &run->handshake;

	if (!strcmp(key, "verified"))
		snprintf(buf, size, "%s", h->verified == 1 ? "yes" :
			 h->verified == 0 ? "no" : "-");
	else if (!strcmp(key, "client_isn"))
		snprintf(buf, size, "%u", h->client_isn - run->shift[0]);
	else if (!strcmp(key, "server_isn"))
		snprintf(buf, size, "%u", h->server_isn - run->shift[1]);
	else if (!strcmp(key, "client_syns"))
		snprintf(buf, size, "%u", h->client_syns);
	else if (!strcmp(key, "server_syns"))
		snprintf(buf, size, "%u", h->server_syns);
	else if (!strcmp(key, "syn_ack_after"))
		text_ns(buf, size, h->syn_ack_ns);
	else if (!strcmp(key, "ack_after"))
		text_ns(buf, size, h->ack_ns);
	else if (!strcmp(key, "total"))
		text_ns(buf, size, h->total_ns);
	else
		return false;
	return true;
}

static bool find_connection_fact(struct run *run, const char *key, char *buf,
				 size_t size)
{
	const struct tcphs_ev_connection *c = &run->connection;

	if (!strcmp(key, "handshake"))
		snprintf(buf, size, "%s", tcphs_hs_name(c->handshake));
	else if (!strcmp(key, "closer"))
		snprintf(buf, size, "%s", tcphs_side_name(c->closer));
	else if (!strcmp(key, "close"))
		snprintf(buf, size, "%s", tcphs_close_name(c->close));
	else if (!strcmp(key, "timewait_end"))
		snprintf(buf, size, "%s", tcphs_tw_end_name(c->timewait_end));
	else if (!strcmp(key, "timewait_source"))
		snprintf(buf, size, "%s", tcphs_source_name(c->timewait_source));
	else if (!strcmp(key, "timewait"))
		text_ns(buf, size, c->timewait_ns);
	else if (!strcmp(key, "duration"))
		text_ns(buf, size, c->duration_ns);
	else if (!strcmp(key, "handshake_time"))
		text_ns(buf, size, c->handshake_ns);
	else if (!strcmp(key, "half_close"))
		text_ns(buf, size, c->half_close_ns);
	else if (!strcmp(key, "history"))
		snprintf(buf, size, "%.*s", (int)sizeof(c->history), c->history);
	else if (!strcmp(key, "conn_state"))
		snprintf(buf, size, "%s", tcphs_conn_state_name(c->conn_state));
	else if (!strcmp(key, "restarts"))
		snprintf(buf, size, "%u", run->restarts);
	else if (!strncmp(key, "client.", 7))
		return find_end_fact(&c->end[TCPHS_CLIENT], key + 7, buf, size);
	else if (!strncmp(key, "server.", 7))
		return find_end_fact(&c->end[TCPHS_SERVER], key + 7, buf, size);
	else
		return false;
	return true;
}

static void check_expects(struct run *run)
{
	int at = run->at;
	char buf[64];
	int i;

	for (i = 0; i < run->expects && !run->failed; i++) {
		const struct expect *e = &run->expect[i];

		run->at = e->line;
		if (!find_handshake_fact(run, e->key, buf, sizeof(buf)) &&
		    !find_connection_fact(run, e->key, buf, sizeof(buf)))
			fail(run, "script: no fact is called %s", e->key);
		else if (strcmp(buf, e->value))
			fail(run, "%s is %s, expected %s", e->key, buf, e->value);
	}
	if (!run->failed)
		run->at = at;
	run->expects = 0;
}

/* expect [PLACE...:] KEY VALUE [KEY VALUE]... */
static void take_expects(struct run *run, const char *text)
{
	unsigned int places = 0;
	const char *at = text;
	char word[40];

	while (take_word(&at, word, sizeof(word)) && read_place(word))
		places |= read_place(word);
	if (places && strcmp(word, ":"))
		fail(run, "script: ':' is missing after the place");
	if (places && !(places & (1U << run->local)))
		return;
	if (!places)
		at = text;
	while (take_word(&at, word, sizeof(word))) {
		struct expect *e = &run->expect[run->expects];

		if (run->expects == EXPECTS_MAX) {
			fail(run, "script: more than %d facts", EXPECTS_MAX);
			return;
		}
		snprintf(e->key, sizeof(e->key), "%s", word);
		if (!take_word(&at, e->value, sizeof(e->value)))
			fail(run, "script: %s has no value", e->key);
		e->line = run->at;
		run->expects++;
	}
}

/* Records */

static void begin_record(struct run *run)
{
	int side;

	run->begun = true;
	run->own_events = run->events;
	run->connections = 0;
	run->restarts = 0;
	memset(&run->connection, 0xff, sizeof(run->connection));
	memset(&run->handshake, 0xff, sizeof(run->handshake));
	for (side = 0; side < 2; side++) {
		run->state[side] = TCPHS_STATE_UNKNOWN;
		run->since_ns[side] = TCPHS_NS_NONE;
	}
}

static void check_record(struct run *run)
{
	if (run->connections != 1)
		fail(run, "%d connection events for one record", run->connections);
	check_expects(run);
	run->begun = false;
}

static void end_record(struct run *run, unsigned int why, unsigned int tw_end)
{
	if (!run->begun)
		return;
	run->seg = NULL;
	if (!run->connections)	/* the timer has not ended it */
		tcphs_flow_end(&run->flow, why, tw_end, run->seen_ns, &run->step);
	check_record(run);
}

/* A SYN opens another. */
static void yield_record(struct run *run)
{
	run->seg = NULL;
	if (!run->connections)
		tcphs_flow_yield(&run->flow, run->from, run->seen_ns, &run->step);
	run->yielded = run->flow;
	run->yielded_rest = run->rest;
	if (run->flow.rest)
		run->yielded.rest = &run->yielded_rest;
	check_record(run);
}

/* Of a packet, source first. */
static struct tcphs_tuple make_tuple(const struct run *run, unsigned int from)
{
	static const u8 addr[2][4] = { { 192, 168, 1, 116 }, { 192, 168, 1, 123 } };
	struct tcphs_tuple tuple = { .family = 4 };
	int i;

	for (i = 0; i < 2; i++) {
		memcpy(&tuple.addr[i][0], addr[i ? !from : from], 4);
		tuple.port[i] = run->port[i ? !from : from];
	}
	return tuple;
}

/* Local, as tcphs_flow_init() wants it: bit 0 the source, bit 1 the other. */
static u8 source_local(unsigned int local, unsigned int from)
{
	return (u8)(from ? (local >> 1) | ((local & 1) << 1) : local);
}

/* What is taken without a clock must be what the whole step would have done. */
static void check_quick(struct run *run, const struct tcphs_flow *before)
{
	struct tcphs_flow quick = *before;

	if (!tcphs_flow_quick(&quick, run->from, run->seg)) {
		if (memcmp(&quick, before, sizeof(quick)))
			fail(run, "flow_quick() refused, yet changed the flow");
		return;
	}
	if (run->events > run->own_events)
		fail(run, "flow_quick() took a segment that makes events");
	quick.stamp_ns = run->flow.stamp_ns;
	if (memcmp(&quick, &run->flow, sizeof(quick)))
		fail(run, "flow_quick() and flow_step() differ");
}

static enum tcphs_reason give_segment(struct run *run, bool expect_new)
{
	struct tcphs_tuple tuple = make_tuple(run, run->from);
	const struct tcphs_seg *seg = run->seg;
	struct tcphs_flow before;
	enum tcphs_reason reason;

	if (run->connections && expect_new) {	/* the timer has ended it */
		end_record(run, TCPHS_CLOSE_OPEN, TCPHS_TW_END_NONE);
		run->seg = seg;
	}
	if (run->begun && tcphs_flow_succeeds(&run->flow, run->from, seg) &&
	    !tcphs_flow_waits_for(&run->flow, run->from)) {
		if (!expect_new)
			fail(run, "a new record begins here");
		yield_record(run);
		run->seg = seg;
	} else if (run->begun && expect_new) {
		fail(run, "no new record begins here");
	}
	if (!run->begun) {
		reason = tcphs_flow_init(&run->flow, &tuple, seg,
					 source_local(run->local, run->from),
					 ++run->last_id);
		if (reason != TCPHS_R_USED)
			return reason;
		if (run->yielded.rest)
			tcphs_flow_attach(&run->flow, &run->rest);
		tcphs_flow_inherit(&run->flow, &run->yielded, seg);
		begin_record(run);
	}
	if (tcphs_flow_match(&run->flow, &tuple) != run->from)
		fail(run, "the client is the other one");
	if (tcphs_flow_lacks_rest(&run->flow, run->from, seg))
		tcphs_flow_attach(&run->flow, &run->rest);
	before = run->flow;
	reason = tcphs_flow_step(&run->flow, run->from, seg, &run->step);
	run->seen_ns = run->step.now_ns;
	if (!expect_new && run->last_id && before.at[0].segments)
		check_quick(run, &before);
	return reason;
}

/* Checks of one step */

/* The states that a side went through in this step: "LISTEN>SYN_RECV". */
static void text_path(struct run *run, unsigned int side, unsigned int before, char *buf)
{
	unsigned int state = before;
	size_t n = 0;
	int i;

	buf[0] = 0;
	for (i = run->own_events; i < run->events; i++) {
		const struct tcphs_ev_transition *e = &run->happened[i].transition;

		if (run->happened[i].type != TCPHS_EV_TRANSITION || e->side != side)
			continue;
		if (!state && e->old_state)
			n += (size_t)snprintf(buf + n, PATH_MAX_TEXT - n, "%s",
					      tcphs_state_name(e->old_state));
		n += (size_t)snprintf(buf + n, PATH_MAX_TEXT - n, "%s%s%s", n ? ">" : "",
				      e->cause == TCPHS_CAUSE_CORRECTION ? "^" : "",
				      tcphs_state_name(e->new_state));
		state = e->new_state;
	}
	if (run->begun && run->flow.end[side].state != state) {
		/* proved without a transition */
		snprintf(buf + n, PATH_MAX_TEXT - n, "=%s",
			 tcphs_state_name(run->flow.end[side].state));
		run->state[side] = run->flow.end[side].state;
	} else if (!n) {
		snprintf(buf, PATH_MAX_TEXT, "%s", tcphs_state_name(state));
	}
}

static void check_states(struct run *run, const char *text, const unsigned int *before)
{
	char path[PATH_MAX_TEXT];
	char want[PATH_MAX_TEXT];
	unsigned int side;

	for (side = 0; side < 2; side++) {
		text_path(run, side, before[side], path);
		if (!take_word(&text, want, sizeof(want)))
			fail(run, "script: two states belong after the |");
		else if (strcmp(path, want))
			fail(run, "%s is %s, expected %s", tcphs_side_name(side),
			     path, want);
	}
}

/*
 * Whose stream an expected number is of: an ACK's the receiver's; so is that of
 * a RST to SYN_SENT, which is judged by its ACK.
 */
static unsigned int numbered_by(const struct run *run, const struct tcphs_ev_anomaly *a)
{
	bool is_ack = a->kind == TCPHS_AN_BAD_ACK || a->kind == TCPHS_AN_CHALLENGE_ACK ||
		      (a->seg.flags == (TCPHS_RST | TCPHS_ACK) &&
		       run->state[!run->from] == TCPHS_SYN_SENT);

	return is_ack ? !run->from : run->from;
}

static void text_anomaly(struct run *run, const struct tcphs_ev_anomaly *a,
			 char *buf, size_t size)
{
	int n = snprintf(buf, size, "%s", tcphs_anomaly_name(a->kind));

	if (a->has_expected)
		snprintf(buf + n, size - (size_t)n, " %u", a->expected -
			 run->shift[numbered_by(run, a)]);
	if (a->delay_ns != TCPHS_NS_NONE)
		snprintf(buf + n, size - (size_t)n, " %.3f",
			 (double)a->delay_ns / 1e9);
}

static void text_timewait(const struct tcphs_ev_timewait *t, char *buf, size_t size)
{
	int n = snprintf(buf, size, "timewait %s %s", tcphs_tw_phase_name(t->phase),
			 tcphs_side_name(t->side));

	if (t->phase == TCPHS_TW_END)
		n += snprintf(buf + n, size - (size_t)n, " %s %s",
			      tcphs_tw_end_name(t->end), tcphs_source_name(t->source));
	else if (t->source == TCPHS_SOURCE_OBSERVED)
		n += snprintf(buf + n, size - (size_t)n, " observed");
	if (t->cause)
		n += snprintf(buf + n, size - (size_t)n, " %s",
			      tcphs_tw_cause_name(t->cause));
	if (t->phase == TCPHS_TW_END && t->source == TCPHS_SOURCE_OBSERVED)
		snprintf(buf + n, size - (size_t)n, " %.3f",
			 (double)t->dur_ns / 1e9);
}

static void text_orphan(const struct tcphs_ev_transition *e, char *buf, size_t size)
{
	snprintf(buf, size, "orphan %s %s %s %.3f", tcphs_side_name(e->side),
		 tcphs_tw_end_name(e->orphan_end),
		 e->orphan_cause ? tcphs_tw_cause_name(e->orphan_cause) : "-",
		 (double)e->orphan_ns / 1e9);
}

static void text_noteworthy(struct run *run, const struct happened *h, char *buf,
			    size_t size)
{
	if (h->type == TCPHS_EV_ANOMALY)
		text_anomaly(run, &h->anomaly, buf, size);
	else if (h->type == TCPHS_EV_TIMEWAIT)
		text_timewait(&h->timewait, buf, size);
	else
		text_orphan(&h->transition, buf, size);
}

static bool is_noteworthy(const struct happened *h)
{
	return h->type == TCPHS_EV_ANOMALY || h->type == TCPHS_EV_TIMEWAIT ||
	       (h->type == TCPHS_EV_TRANSITION &&
		h->transition.orphan_ns != TCPHS_NS_NONE);
}

/* The next anomaly or TIME_WAIT event from *at on must read as text; NULL: none. */
static void check_noteworthy(struct run *run, int *at, const char *text)
{
	char buf[LINE_MAX];

	while (*at < run->events && !is_noteworthy(&run->happened[*at]))
		(*at)++;
	if (*at == run->events) {
		if (text)
			fail(run, "'%s' did not happen", text);
		return;
	}
	text_noteworthy(run, &run->happened[(*at)++], buf, sizeof(buf));
	if (!text)
		fail(run, "unexpected: %s", buf);
	else if (strcmp(buf, text))
		fail(run, "%s happened, expected %s", buf, text);
}

/* The places before the colon or bar of an indented line; all if it names none. */
static unsigned int take_places(const char **text)
{
	unsigned int places = 0;
	const char *at = *text;
	char word[40];

	while (take_word(&at, word, sizeof(word)) && read_place(word)) {
		places |= read_place(word);
		*text = at;
	}
	return places ? places : 0xf;
}

/*
 * The indented lines below a step: '| STATE STATE' for other places, '! EVENT'
 * for each anomaly and TIME_WAIT event in order. Returns the line after them.
 */
static int check_step(struct run *run, const char *states, const unsigned int *before)
{
	const struct script *script = run->script;
	int line = run->at + 1;
	int event = 0;

	for (; line < script->lines && isspace((unsigned char)script->line[line][0]); line++) {
		const char *text = script->line[line];
		bool here = take_places(&text) & (1U << run->local);

		while (isspace((unsigned char)*text))
			text++;
		if (*text == '|') {
			if (here)
				states = text + 1;
		} else if (*text == '!') {
			if (here && !run->failed)
				check_noteworthy(run, &event, text + 2);
		} else if (*text && *text != '#') {
			fail(run, "script: '|' or '!' belongs into an indented line");
		}
	}
	if (states && !run->failed)
		check_states(run, states, before);
	if (!run->failed)
		check_noteworthy(run, &event, NULL);
	return line;
}

/* Steps */

static void take_option(struct run *run, struct tcphs_seg *seg, const char *word,
			const char **text)
{
	if (!strcmp(word, "mss")) {
		seg->mss = (u16)take_number(run, text);
		seg->options |= TCPHS_OPT_MSS;
	} else if (!strcmp(word, "wscale")) {
		seg->wscale = (u8)take_number(run, text);
		seg->options |= TCPHS_OPT_WSCALE;
		if (seg->wscale > 14) {	/* as the parser does */
			seg->wscale = 14;
			seg->options |= TCPHS_OPT_BAD_WSCALE;
		}
	} else if (!strcmp(word, "ts")) {
		seg->tsval = take_number(run, text);
		seg->tsecr = take_number(run, text);
		seg->options |= TCPHS_OPT_TS;
	} else if (!strcmp(word, "tfo")) {
		seg->options |= TCPHS_OPT_TFO;
	} else if (!strcmp(word, "sackok")) {
		seg->options |= TCPHS_OPT_SACK_OK;
	} else if (!strcmp(word, "sack")) {
		seg->sack_start = take_number(run, text) + run->shift[!run->from];
		seg->sack_end = take_number(run, text) + run->shift[!run->from];
		seg->options |= TCPHS_OPT_SACK;
	} else {
		fail(run, "script: what is '%s'?", word);
	}
}

/* FLAGS [seq N] [ack N] [len N] [win N] [OPTION]... [=> REASON] */
static void take_segment(struct run *run, const char **text, struct tcphs_seg *seg,
			 char *reason, size_t size)
{
	char word[40];

	memset(seg, 0, sizeof(*seg));
	seg->win = 60000;
	if (!take_word(text, word, sizeof(word)) || !read_flags(word, &seg->flags))
		fail(run, "script: flags are letters of FSRP.UEW, or 'none'");
	snprintf(reason, size, "used");
	seg->seq = run->shift[run->from];
	if (seg->flags & TCPHS_ACK)
		seg->ack = run->shift[!run->from];
	while (take_word(text, word, sizeof(word)) && !run->failed) {
		if (!strcmp(word, "seq"))
			seg->seq += take_number(run, text);
		else if (!strcmp(word, "ack"))
			seg->ack += take_number(run, text);
		else if (!strcmp(word, "len"))
			seg->len = take_number(run, text);
		else if (!strcmp(word, "win"))
			seg->win = (u16)take_number(run, text);
		else if (!strcmp(word, "=>"))
			take_word(text, reason, size);
		else
			take_option(run, seg, word, text);
	}
}

/* C>S or S>C, after 'new' if a new record begins. */
static void run_segment(struct run *run, const char *text, const char *word, bool is_new)
{
	struct tcphs_seg seg;
	char want[40];
	enum tcphs_reason reason;

	run->from = word[0] == 'C' ? TCPHS_CLIENT : TCPHS_SERVER;
	run->seg = &seg;
	take_segment(run, &text, &seg, want, sizeof(want));
	if (run->failed)
		return;
	reason = give_segment(run, is_new);
	if (strcmp(tcphs_reason_name(reason), want))
		fail(run, "counted as %s, expected %s", tcphs_reason_name(reason), want);
}

/* timer [gone] */
static void run_timer(struct run *run, const char *text)
{
	char word[40] = "";
	bool gone;

	run->seg = NULL;
	take_word(&text, word, sizeof(word));
	gone = tcphs_flow_timer(&run->flow, run->seen_ns, &run->step);
	if (gone != !strcmp(word, "gone"))
		fail(run, "the record is %s", gone ? "to be removed" : "to stay");
	if (gone && run->connections != 1)
		fail(run, "the record goes without a connection event");
}

static unsigned int take_side(const char **text)
{
	char word[40] = "";

	take_word(text, word, sizeof(word));
	return strcmp(word, tcphs_side_name(TCPHS_SERVER)) ? TCPHS_CLIENT :
							     TCPHS_SERVER;
}

/* A look at a socket is only taken of who has room for what it shows. */
static void lend_rest(struct run *run)
{
	if (!run->flow.rest)
		tcphs_flow_attach(&run->flow, &run->rest);
}

/* socket SIDE STATE */
static void run_socket(struct run *run, const char *text)
{
	unsigned int side = take_side(&text);
	char word[40] = "";

	take_word(&text, word, sizeof(word));
	lend_rest(run);
	tcphs_flow_socket(&run->flow, side, tcphs_state_parse(word), &run->step);
}

/* armed SIDE STATE UNTIL */
static void run_armed(struct run *run, const char *text)
{
	unsigned int side = take_side(&text);
	char state[40] = "", until[40] = "";

	take_word(&text, state, sizeof(state));
	take_word(&text, until, sizeof(until));
	tcphs_flow_armed(&run->flow, side, tcphs_state_parse(state),
			 run->step.now_ns, read_seconds(run, until), &run->step);
}

/* gone SIDE END [CAUSE] [late SECONDS] */
static void run_gone(struct run *run, const char *text)
{
	unsigned int side = take_side(&text), cause;
	struct tcphs_tw_gone gone = { .when_ns = run->step.now_ns };
	char word[40] = "";

	take_word(&text, word, sizeof(word));
	while (gone.end < TCPHS_TW_EVICTED && strcmp(word, tcphs_tw_end_name(gone.end)))
		gone.end++;
	while (take_word(&text, word, sizeof(word))) {
		if (!strcmp(word, "late") && take_word(&text, word, sizeof(word)))
			gone.error_ns = read_seconds(run, word);
		for (cause = TCPHS_TW_BY_FIN; cause <= TCPHS_TW_BY_NETNS; cause++)
			if (!strcmp(word, tcphs_tw_cause_name(cause)))
				gone.cause = (u8)cause;
	}
	gone.when_ns -= gone.error_ns;
	tcphs_flow_disarmed(&run->flow, side, &gone, &run->step);
}

/* A look at a socket, or a sight of one: no segment, no timer. */
static bool run_sight(struct run *run, const char *word, const char *text)
{
	run->seg = NULL;
	run->looks = true;
	if (!strcmp(word, "socket"))
		run_socket(run, text);
	else if (!strcmp(word, "armed"))
		run_armed(run, text);
	else if (!strcmp(word, "gone"))
		run_gone(run, text);
	else
		run->looks = false;
	return run->looks;
}

static void run_deadline(struct run *run, const char *text)
{
	char word[40] = "";
	char have[40];
	char want[40];

	take_word(&text, word, sizeof(word));
	text_ns(want, sizeof(want), read_seconds(run, word));
	text_ns(have, sizeof(have), tcphs_flow_deadline(&run->flow, run->seen_ns));
	if (strcmp(have, want))
		fail(run, "deadline is %s, expected %s", have, want);
}

/* The next word of a step, behind what says where the segment is seen. */
static void take_pass(struct run *run, const char **text, char *word, size_t size)
{
	run->step.pass = TCPHS_PASS_WHOLE;
	if (!strcmp(word, "out"))
		run->step.pass = TCPHS_PASS_OUT;
	else if (!strcmp(word, "in"))
		run->step.pass = TCPHS_PASS_IN;
	else
		return;
	take_word(text, word, size);
}

/* TIME [new] [out | in] C>S ... | TIME timer ... | TIME deadline ...; returns the next line. */
static int run_step(struct run *run, const char *time, const char *text)
{
	unsigned int before[2] = { run->state[0], run->state[1] };
	const char *states = strchr(text, '|');
	bool is_new = false;
	char word[40] = "";

	run->events = 0;
	run->own_events = 0;
	run->step.now_ns = read_seconds(run, time);
	take_word(&text, word, sizeof(word));
	if (!strcmp(word, "new")) {
		is_new = true;
		before[0] = TCPHS_STATE_UNKNOWN;
		before[1] = TCPHS_STATE_UNKNOWN;
		take_word(&text, word, sizeof(word));
	}
	take_pass(run, &text, word, sizeof(word));
	if (!strcmp(word, "C>S") || !strcmp(word, "S>C"))
		run_segment(run, text, word, is_new);
	else if (!strcmp(word, "timer"))
		run_timer(run, text);
	else if (!strcmp(word, "deadline"))
		run_deadline(run, text);
	else if (!run_sight(run, word, text))
		fail(run, "script: '%s' is no step", word);
	run->looks = false;
	if (run->failed)
		return run->at;
	return check_step(run, states ? states + 1 : NULL, before);
}

/* end [CLOSE [TW_END]]: of the record, by the caller's will. */
static int run_end(struct run *run, const char *text)
{
	unsigned int before[2] = { run->state[0], run->state[1] };
	unsigned int why = TCPHS_CLOSE_OPEN;
	unsigned int tw_end = TCPHS_TW_END_NONE;
	char word[40];

	run->events = 0;
	if (take_word(&text, word, sizeof(word)))
		while (why < TCPHS_CLOSE_EVICTED && strcmp(word, tcphs_close_name(why)))
			why++;
	if (take_word(&text, word, sizeof(word)))
		while (tw_end < TCPHS_TW_EVICTED && strcmp(word, tcphs_tw_end_name(tw_end)))
			tw_end++;
	end_record(run, why, tw_end);
	return check_step(run, NULL, before);
}

static int run_line(struct run *run)
{
	const char *text = run->script->line[run->at];
	char word[40];

	if (*text == '#' || !take_word(&text, word, sizeof(word)))
		return run->at + 1;
	if (isdigit((unsigned char)word[0]))
		return run_step(run, word, text);
	if (!strcmp(word, "end"))
		return run_end(run, text);
	if (!strcmp(word, "expect")) {
		take_expects(run, text);
	} else if (!strcmp(word, "ports")) {
		run->port[0] = (u16)take_number(run, &text);
		run->port[1] = (u16)take_number(run, &text);
	} else if (!strcmp(word, "watched")) {
		run->step.watched = (u8)run->local;
	} else if (!strcmp(word, "told")) {
		run->step.watched = (u8)run->local;
		run->step.told = (u8)run->local;
	} else if (strcmp(word, "local")) {
		fail(run, "script: what is '%s'?", word);
	}
	return run->at + 1;
}

static bool run_once(const struct script *script, unsigned int local, u32 shift_client,
		     u32 shift_server)
{
	struct run run = {
		.script = script,
		.local = local,
		.shift = { shift_client, shift_server },
		.port = { 3337, 7788 },
		.step = { .time_wait_ns = 60 * SECOND, .emit = emit },
	};

	while (run.at < script->lines && !run.failed) {
		int next = run_line(&run);

		if (!run.failed)
			run.at = next;
	}
	if (!run.failed) {
		run.at = script->lines;
		run.events = 0;
		end_record(&run, TCPHS_CLOSE_OPEN, TCPHS_TW_END_NONE);
	}
	if (run.failed) {
		tap_note("%s:%d: %s", script->name,
			 run.at < script->lines ? run.at + 1 : script->lines, run.why);
		if (run.at < script->lines)
			tap_note("%s", script->line[run.at]);
		tap_note("local %s, numbers shifted by %u and %u",
			 tcphs_local_name(local), shift_client, shift_server);
	}
	return !run.failed;
}

/*
 * Numbers near 0 in the scripts; these shifts put the wrap of 2^32 and of its
 * half into the handshake, the data and the FIN of either side.
 */
static void run_script(const struct script *script)
{
	static const u32 shift[] = {
		0, 0u - 100, 0u - 101, 0u - 102, 0u - 150, 0u - 201, 0u - 202,
		0u - 300, 0u - 301, 0u - 302, 0u - 350, 0u - 401, 0u - 402,
		0x80000000u - 101, 0x80000000u - 301, 0x12345678u,
	};
	const unsigned int shifts = sizeof(shift) / sizeof(shift[0]);
	unsigned int local;
	unsigned int i;
	bool good = true;

	for (local = 0; local < 4; local++) {
		if (!(script->places & (1U << local)))
			continue;
		for (i = 0; i < shifts && good; i++)
			good = run_once(script, local, shift[i], shift[i]) &&
			       run_once(script, local, shift[i], 0) &&
			       run_once(script, local, 0, shift[i]);
	}
	tap_ok(good, "%s [local%s]%s%s", script->claim, script->where,
	       script->rows ? " " : "", script->rows ? script->rows : "");
}

static void read_header(struct script *script)
{
	const char *text;
	char word[40];
	int i;

	for (i = 0; i < script->lines; i++) {
		text = script->line[i];
		if (*text == '#' && !script->claim[0] && !strstr(text, "SPDX"))
			snprintf(script->claim, sizeof(script->claim), "%s",
				 text + 1 + strspn(text + 1, " "));
		if (!strncmp(text, "# row ", 6) || !strncmp(text, "# rows ", 7))
			script->rows = text + 2;
		if (!take_word(&text, word, sizeof(word)) || strcmp(word, "local"))
			continue;
		script->where = text;
		while (take_word(&text, word, sizeof(word)))
			script->places |= read_place(word);
	}
}

static bool read_script(struct script *script, const char *path)
{
	FILE *file = fopen(path, "r");
	char *end;

	memset(script, 0, sizeof(*script));
	script->name = path;
	if (!file)
		return false;
	while (script->lines < LINES_MAX &&
	       fgets(script->line[script->lines], LINE_MAX, file)) {
		end = strchr(script->line[script->lines], '\n');
		if (end)
			*end = 0;
		script->lines++;
	}
	fclose(file);
	read_header(script);
	return script->claim[0] && script->places;
}

int main(int argc, char **argv)
{
	static struct script script;
	int i;

	for (i = 1; i < argc; i++) {
		if (read_script(&script, argv[i]))
			run_script(&script);
		else
			tap_ok(false, "%s: a claim after # and a line 'local ...'", argv[i]);
	}
	return tap_done();
}
