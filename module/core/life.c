// SPDX-License-Identifier: GPL-2.0
/*
 * How long a connection is remembered, and how its record ends. Runs no
 * timer: says when, and does what is due when called.
 */
#include "walk.h"

#define SEC_NS		1000000000ULL

/*
 * How long a silent connection is kept. What peers would still do is what
 * counts: a record must not go while a socket may still be there.
 *
 * SYN:		tcp_syn_retries = 6: Linux gives up after 127 s
 * SYN_ACK:	tcp_synack_retries = 5: after 63 s
 * ONE_SIDED:	a forged segment makes such a record: short, but beyond the
 *		pause of a retransmission
 * OPEN:	5 days, as conntrack: no keepalive, no limit in the RFC
 * HALF_CLOSED:	2 h 11 min 15 s: the first keepalive and its nine probes; one
 *		end may go on sending for ever, but then it is not silent
 * FIN:		tcp_retries2 = 15: a FIN is repeated for up to 924 s; so is
 *		what an end still sends whose peer has gone
 * CLOSED:	stragglers are still told from a new connection; a SYN that was
 *		refused meanwhile comes again, as long as SYN
 */
#define KEEP_SYN_NS		(130 * SEC_NS)
#define KEEP_SYN_ACK_NS		(70 * SEC_NS)
#define KEEP_ONE_SIDED_NS	(120 * SEC_NS)
#define KEEP_OPEN_NS		(5 * 24 * 3600 * SEC_NS)
#define KEEP_HALF_CLOSED_NS	(7875 * SEC_NS)
#define KEEP_FIN_NS		(930 * SEC_NS)
#define KEEP_CLOSED_NS		(10 * SEC_NS)

void tcphs_begin_time(struct walk *w, struct tcphs_flow *flow,
		      struct tcphs_step *step)
{
	memset(w, 0, sizeof(*w));
	w->flow = flow;
	w->step = step;
	if (step->now_ns <= flow->stamp_ns)
		step->now_ns = flow->stamp_ns + 1;
}

static bool is_opening(const struct tcphs_end *end)
{
	return end->state == TCPHS_STATE_UNKNOWN ||
	       end->state == TCPHS_SYN_SENT || end->state == TCPHS_SYN_RECV;
}

bool tcphs_flow_is_half_open(const struct tcphs_flow *flow)
{
	const struct tcphs_end *client = &flow->end[TCPHS_CLIENT];
	const struct tcphs_end *server = &flow->end[TCPHS_SERVER];

	if (flow->handshake == TCPHS_HS_MIDSTREAM)
		return !has(client, TCPHS_END_SEEN) ||
		       !has(server, TCPHS_END_SEEN);
	return is_opening(client) || is_opening(server);
}

static bool repeats_fin(const struct tcphs_end *end)
{
	return has(end, TCPHS_END_FIN) && !has(end, TCPHS_END_FIN_ACKED);
}

/* Only one end has ever sent anything. */
static bool is_alone(const struct tcphs_flow *flow)
{
	return !(flow->end[TCPHS_CLIENT].bits & flow->end[TCPHS_SERVER].bits &
		 TCPHS_END_SEEN);
}

/* A SYN was kept from its answer: it will come again. */
static bool is_held(const struct tcphs_flow *flow)
{
	return tcphs_flow_rest(flow)->held_ns != TCPHS_NS_NONE;
}

/* How long silence is borne while no end is in TIME_WAIT. */
static u64 keep_ns(const struct tcphs_flow *flow)
{
	const struct tcphs_end *client = &flow->end[TCPHS_CLIENT];
	const struct tcphs_end *server = &flow->end[TCPHS_SERVER];
	bool is_ended;

	if (tcphs_flow_is_closed(flow))
		return is_held(flow) ? KEEP_SYN_NS : KEEP_CLOSED_NS;
	is_ended = client->state == TCPHS_CLOSE || server->state == TCPHS_CLOSE;
	if (is_ended && is_alone(flow))
		return KEEP_CLOSED_NS;
	if (tcphs_flow_is_half_open(flow)) {
		if (flow->handshake == TCPHS_HS_MIDSTREAM)
			return KEEP_ONE_SIDED_NS;
		return has(server, TCPHS_END_SEEN) ? KEEP_SYN_ACK_NS : KEEP_SYN_NS;
	}
	if (is_ended || repeats_fin(client) || repeats_fin(server))
		return KEEP_FIN_NS;
	if ((client->bits | server->bits) & TCPHS_END_FIN)
		return KEEP_HALF_CLOSED_NS;
	return KEEP_OPEN_NS;
}

u64 tcphs_flow_deadline(const struct tcphs_flow *flow, u64 seen_ns)
{
	u64 client_ns = tcphs_tw_deadline(flow, TCPHS_CLIENT);
	u64 server_ns = tcphs_tw_deadline(flow, TCPHS_SERVER);

	if (client_ns != TCPHS_NS_NONE || server_ns != TCPHS_NS_NONE)
		return client_ns < server_ns ? client_ns : server_ns;
	if (tcphs_flow_is_closed(flow) && !is_held(flow) &&
	    tcphs_flow_rest(flow)->tw_end == TCPHS_TW_EXPIRED)
		return seen_ns;
	return seen_ns + keep_ns(flow);
}

/* Which close to tell where the segments left it open. */
static enum tcphs_close close_of(const struct tcphs_flow *flow, unsigned int why)
{
	u8 close = tcphs_flow_rest(flow)->close;

	if (close != TCPHS_CLOSE_OPEN)
		return (enum tcphs_close)close;
	if (why == TCPHS_CLOSE_TIMEOUT &&
	    has(&flow->end[TCPHS_CLIENT], TCPHS_END_ISN) &&
	    !has(&flow->end[TCPHS_SERVER], TCPHS_END_SEEN))
		return TCPHS_CLOSE_UNANSWERED;
	return (enum tcphs_close)why;
}

/* Whose doing it is that a TIME_WAIT ends with its record. */
static u8 cause_of(unsigned int tw_end, bool is_own)
{
	if (tw_end == TCPHS_TW_KILLED)
		return TCPHS_TW_BY_NETNS;
	if (tw_end == TCPHS_TW_REUSED)
		return is_own ? TCPHS_TW_BY_CONNECT : TCPHS_TW_BY_SYN;
	return TCPHS_TW_BY_NOTHING;
}

/* A TIME_WAIT that still runs was not seen to end. @from: who takes its place. */
static void end_timewait(struct walk *w, unsigned int side, unsigned int from,
			 unsigned int tw_end)
{
	struct tcphs_tw_gone gone = {
		.end = (u8)tw_end,
		.cause = cause_of(tw_end, side == from),
		.when_ns = w->step->now_ns,
		.error_ns = TCPHS_NS_NONE,
	};

	if (w->flow->end[side].state == TCPHS_TIME_WAIT &&
	    tw_end != TCPHS_TW_END_NONE)
		tcphs_tw_end(w, side, &gone);
}

static void end_record(struct tcphs_flow *flow, unsigned int why,
		       unsigned int tw_end, unsigned int from, u64 seen_ns,
		       struct tcphs_step *step)
{
	struct walk w;

	tcphs_begin_time(&w, flow, step);
	if (flow->bits & TCPHS_FLOW_HS_BAD && !(flow->bits & TCPHS_FLOW_HS_TOLD))
		tcphs_tell_handshake(&w);
	end_timewait(&w, TCPHS_CLIENT, from, tw_end);
	end_timewait(&w, TCPHS_SERVER, from, tw_end);
	tcphs_tell_connection(&w, close_of(flow, why), seen_ns);
}

void tcphs_flow_end(struct tcphs_flow *flow, unsigned int why,
		    unsigned int tw_end, u64 seen_ns, struct tcphs_step *step)
{
	end_record(flow, why, tw_end, TCPHS_NOBODY, seen_ns, step);
}

void tcphs_flow_yield(struct tcphs_flow *flow, unsigned int from, u64 seen_ns,
		      struct tcphs_step *step)
{
	end_record(flow, TCPHS_CLOSE_TIMEOUT, TCPHS_TW_REUSED, from, seen_ns, step);
}

bool tcphs_flow_timer(struct tcphs_flow *flow, u64 seen_ns,
		      struct tcphs_step *step)
{
	struct walk w;

	tcphs_begin_time(&w, flow, step);
	tcphs_tw_timer(&w, TCPHS_CLIENT);
	tcphs_tw_timer(&w, TCPHS_SERVER);
	if (tcphs_flow_deadline(flow, seen_ns) > step->now_ns)
		return false;
	tcphs_flow_end(flow, TCPHS_CLOSE_TIMEOUT, TCPHS_TW_END_NONE, seen_ns, step);
	return true;
}
