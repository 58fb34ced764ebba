/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A segment taken by copies of a connection: by tcphs_flow_step(), by all rules
 * in turn, by what needs no clock. They have to come to the same. Changes nothing of
 * the connection itself.
 */
#ifndef TWIN_H
#define TWIN_H

#include "core/flow.h"

#define TWIN_BYTES	2048

struct twin {
	struct tcphs_step step;		/* first: emit() finds the rest by it */
	struct tcphs_flow flow;
	struct tcphs_rest rest;
	enum tcphs_reason reason;
	size_t told;			/* bytes of events */
	u8 events[TWIN_BYTES];
};

static inline void twin_tell(struct twin *twin, const void *bytes, size_t size)
{
	assert(twin->told + size <= sizeof(twin->events));
	memcpy(twin->events + twin->told, bytes, size);
	twin->told += size;
}

static inline void twin_emit(struct tcphs_step *step,
			     const struct tcphs_flow *flow, unsigned int type,
			     const void *payload, size_t size)
{
	struct twin *twin = (struct twin *)step;

	(void)flow;
	twin_tell(twin, &type, sizeof(type));
	twin_tell(twin, &step->now_ns, sizeof(step->now_ns));
	twin_tell(twin, payload, size);
}

static inline void twin_make(struct twin *twin, const struct tcphs_flow *flow,
			     const struct tcphs_step *step)
{
	memset(&twin->rest, 0, sizeof(twin->rest));
	twin->reason = TCPHS_R_USED;
	twin->told = 0;
	twin->step = *step;
	twin->step.emit = twin_emit;
	twin->flow = *flow;
	if (!flow->rest)
		return;
	twin->rest = *flow->rest;
	twin->flow.rest = &twin->rest;
}

static inline bool twin_is_same(const struct twin *one, const struct twin *two)
{
	struct tcphs_flow flow = one->flow;

	flow.rest = two->flow.rest;
	return one->reason == two->reason && one->told == two->told &&
	       one->step.now_ns == two->step.now_ns &&
	       !memcmp(&flow, &two->flow, sizeof(flow)) &&
	       !memcmp(&one->rest, &two->rest, sizeof(one->rest)) &&
	       !memcmp(one->events, two->events, one->told);
}

/* Return: what differs, or NULL. @quiet: counts what was taken without a clock. */
static inline const char *twin_differs(const struct tcphs_flow *flow,
				       unsigned int from,
				       const struct tcphs_seg *seg,
				       const struct tcphs_step *step,
				       unsigned long *quiet)
{
	static struct twin before, stepped, walked, taken;

	twin_make(&before, flow, step);
	twin_make(&stepped, flow, step);
	twin_make(&walked, flow, step);
	twin_make(&taken, flow, step);
	stepped.reason = tcphs_flow_step(&stepped.flow, from, seg, &stepped.step);
	walked.reason = tcphs_flow_walk(&walked.flow, from, seg, &walked.step);
	if (!twin_is_same(&stepped, &walked))
		return "flow_step() and flow_walk() differ";
	if (!tcphs_flow_quiet(&taken.flow, from, seg, step->pass))
		return twin_is_same(&taken, &before) ? NULL :
		       "flow_quiet() refused, yet changed the flow";
	++*quiet;
	taken.step.now_ns = walked.step.now_ns;
	return twin_is_same(&taken, &walked) ? NULL :
	       "flow_quiet() and flow_walk() differ";
}

#endif /* TWIN_H */
