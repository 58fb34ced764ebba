/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tracepoint tcphs:tcphs_transition, for perf, trace-cmd and bpftrace: a
 * state of either end of a connection has changed. Fires whether or not
 * /dev/tcphs has a reader.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM tcphs

#if !defined(TCPHS_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define TCPHS_TRACE_H

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/tracepoint.h>

#include "core/flow.h"

#ifndef TCPHS_TRACE_HELPERS
#define TCPHS_TRACE_HELPERS

/* An end's address as a sockaddr: sockaddr_in or sockaddr_in6, by family. */
static inline void tcphs_trace_sockaddr(u8 *sockaddr,
					const struct tcphs_flow *flow,
					unsigned int side)
{
	memset(sockaddr, 0, sizeof(struct sockaddr_in6));
	if (flow->family == 4) {
		struct sockaddr_in *sin = (void *)sockaddr;

		sin->sin_family = AF_INET;
		sin->sin_port = htons(flow->port[side]);
		memcpy(&sin->sin_addr, &flow->head[side], 4);
	} else {
		struct sockaddr_in6 *sin6 = (void *)sockaddr;
		struct tcphs_tuple tuple;

		tcphs_flow_tuple(flow, &tuple);
		sin6->sin6_family = AF_INET6;
		sin6->sin6_port = htons(tuple.port[side]);
		memcpy(&sin6->sin6_addr, tuple.addr[side], 16);
	}
}

#endif

TRACE_DEFINE_ENUM(TCPHS_STATE_UNKNOWN);
TRACE_DEFINE_ENUM(TCPHS_ESTABLISHED);
TRACE_DEFINE_ENUM(TCPHS_SYN_SENT);
TRACE_DEFINE_ENUM(TCPHS_SYN_RECV);
TRACE_DEFINE_ENUM(TCPHS_FIN_WAIT1);
TRACE_DEFINE_ENUM(TCPHS_FIN_WAIT2);
TRACE_DEFINE_ENUM(TCPHS_TIME_WAIT);
TRACE_DEFINE_ENUM(TCPHS_CLOSE);
TRACE_DEFINE_ENUM(TCPHS_CLOSE_WAIT);
TRACE_DEFINE_ENUM(TCPHS_LAST_ACK);
TRACE_DEFINE_ENUM(TCPHS_LISTEN);
TRACE_DEFINE_ENUM(TCPHS_CLOSING);
TRACE_DEFINE_ENUM(TCPHS_CLIENT);
TRACE_DEFINE_ENUM(TCPHS_SERVER);
TRACE_DEFINE_ENUM(TCPHS_CAUSE_SEGMENT);
TRACE_DEFINE_ENUM(TCPHS_CAUSE_TIMER);
TRACE_DEFINE_ENUM(TCPHS_CAUSE_SOCKET);
TRACE_DEFINE_ENUM(TCPHS_CAUSE_CORRECTION);

#define tcphs_trace_state(state)				\
	__print_symbolic(state,					\
			 { TCPHS_STATE_UNKNOWN, "-" },		\
			 { TCPHS_ESTABLISHED, "ESTABLISHED" },	\
			 { TCPHS_SYN_SENT, "SYN_SENT" },	\
			 { TCPHS_SYN_RECV, "SYN_RECV" },	\
			 { TCPHS_FIN_WAIT1, "FIN_WAIT1" },	\
			 { TCPHS_FIN_WAIT2, "FIN_WAIT2" },	\
			 { TCPHS_TIME_WAIT, "TIME_WAIT" },	\
			 { TCPHS_CLOSE, "CLOSE" },		\
			 { TCPHS_CLOSE_WAIT, "CLOSE_WAIT" },	\
			 { TCPHS_LAST_ACK, "LAST_ACK" },	\
			 { TCPHS_LISTEN, "LISTEN" },		\
			 { TCPHS_CLOSING, "CLOSING" })

#define tcphs_trace_side(side)					\
	__print_symbolic(side,					\
			 { TCPHS_CLIENT, "client" },		\
			 { TCPHS_SERVER, "server" })

#define tcphs_trace_cause(cause)				\
	__print_symbolic(cause,					\
			 { TCPHS_CAUSE_SEGMENT, "segment" },	\
			 { TCPHS_CAUSE_TIMER, "timer" },	\
			 { TCPHS_CAUSE_SOCKET, "socket" },	\
			 { TCPHS_CAUSE_CORRECTION, "correction" })

TRACE_EVENT(tcphs_transition,
	    TP_PROTO(const struct tcphs_flow *flow, u32 netns,
		     const struct tcphs_ev_transition *event),
	    TP_ARGS(flow, netns, event),
	    TP_STRUCT__entry(__field(u64, conn_id)
			     __field(u32, netns)
			     __field(u32, seq)
			     __field(u32, ack)
			     __field(u16, flags)
			     __field(u16, client_port)
			     __field(u16, server_port)
			     __field(u8, family)
			     __field(u8, side)
			     __field(u8, old_state)
			     __field(u8, new_state)
			     __field(u8, cause)
			     __array(u8, client, sizeof(struct sockaddr_in6))
			     __array(u8, server, sizeof(struct sockaddr_in6))
	    ),
	    TP_fast_assign(__entry->conn_id = flow->id;
			   __entry->netns = netns;
			   __entry->seq = event->seg.seq;
			   __entry->ack = event->seg.ack;
			   __entry->flags = event->seg.flags;
			   __entry->client_port = flow->port[TCPHS_CLIENT];
			   __entry->server_port = flow->port[TCPHS_SERVER];
			   __entry->family = flow->family;
			   __entry->side = event->side;
			   __entry->old_state = event->old_state;
			   __entry->new_state = event->new_state;
			   __entry->cause = event->cause;
			   tcphs_trace_sockaddr(__entry->client, flow,
						TCPHS_CLIENT);
			   tcphs_trace_sockaddr(__entry->server, flow,
						TCPHS_SERVER);
	    ),
	    TP_printk("conn_id=%llu netns=%u family=ipv%u client=%pISpc server=%pISpc side=%s old_state=%s new_state=%s cause=%s flags=%#x seq=%u ack=%u",
		      __entry->conn_id, __entry->netns, __entry->family,
		      __entry->client, __entry->server,
		      tcphs_trace_side(__entry->side),
		      tcphs_trace_state(__entry->old_state),
		      tcphs_trace_state(__entry->new_state),
		      tcphs_trace_cause(__entry->cause),
		      __entry->flags, __entry->seq, __entry->ack)
);

#endif /* TCPHS_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace

#include <trace/define_trace.h>
