/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An event as the record that readers get. Inline, as it is most of what the
 * publication of an event costs; knows no ring.
 */
#ifndef TCPHS_CORE_RECORD_H
#define TCPHS_CORE_RECORD_H

#include "flow.h"

/* The payload of each event but the end of a connection fits. */
#define TCPHS_RECORD_SHORT	48

static_assert(sizeof(struct tcphs_ev_transition) == TCPHS_RECORD_SHORT, "room");
static_assert(sizeof(struct tcphs_ev_handshake) <= TCPHS_RECORD_SHORT, "room");
static_assert(sizeof(struct tcphs_ev_anomaly) <= TCPHS_RECORD_SHORT, "room");
static_assert(sizeof(struct tcphs_ev_timewait) <= TCPHS_RECORD_SHORT, "room");

static __always_inline void
tcphs_record_payload(struct tcphs_record *rec, const void *payload, size_t size)
{
	if (size == TCPHS_RECORD_SHORT) {
		memcpy(rec->bytes, payload, TCPHS_RECORD_SHORT);
		return;
	}
	if (size < TCPHS_RECORD_SHORT)
		memset(rec->bytes, 0, TCPHS_RECORD_SHORT);
	memcpy(rec->bytes, payload, size);
}

static __always_inline void
tcphs_record_place(struct tcphs_record *rec, const struct tcphs_flow *flow,
		   unsigned int side)
{
	rec->port[side] = flow->port[side];
	memcpy(rec->addr[side], &flow->head[side], sizeof(flow->head[side]));
	memcpy(rec->addr[side] + sizeof(flow->head[side]), flow->tail[side],
	       sizeof(flow->tail[side]));
}

/**
 * tcphs_record_fill() - dress an event, each byte written once
 * @rec: zeroed, or filled before; cpu, seq, wall_ns, netns and owner remain
 *	 as they are, for the caller to set
 * @flow: its connection
 * @ts_ns: its time
 * @type: enum tcphs_event
 * @payload: of that type
 * @size: of @payload
 *
 * What is behind a short payload is zero already, unless the end of a
 * connection stood there: so a third of the record is not even touched.
 */
static __always_inline void
tcphs_record_fill(struct tcphs_record *rec, const struct tcphs_flow *flow,
		  u64 ts_ns, unsigned int type, const void *payload, size_t size)
{
	if (rec->type == TCPHS_EV_CONNECTION)
		memset(rec->bytes + TCPHS_RECORD_SHORT, 0,
		       sizeof(rec->bytes) - TCPHS_RECORD_SHORT);
	rec->type = (u16)type;
	rec->size = TCPHS_RECORD_SIZE;
	rec->family = flow->family;
	rec->local = flow->local;
	rec->ts_ns = ts_ns;
	rec->conn_id = flow->id;
	tcphs_record_place(rec, flow, TCPHS_CLIENT);
	tcphs_record_place(rec, flow, TCPHS_SERVER);
	tcphs_record_payload(rec, payload, size);
}

/**
 * tcphs_record_make() - the same in memory that holds anything
 * @rec: all TCPHS_RECORD_SIZE bytes are written; what tcphs_record_fill() leaves
 *	 to the caller is 0, and the owner not known
 * @flow: as there, and all the others
 */
static inline void tcphs_record_make(struct tcphs_record *rec,
				     const struct tcphs_flow *flow, u64 ts_ns,
				     unsigned int type, const void *payload,
				     size_t size)
{
	memset(rec, 0, sizeof(*rec));
	tcphs_record_fill(rec, flow, ts_ns, type, payload, size);
	rec->owner.uid = TCPHS_UID_NONE;
}

#endif /* TCPHS_CORE_RECORD_H */
