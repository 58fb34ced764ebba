/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A slow twin of the engine: what an observer may believe of both ends,
 * kept as plain facts, one flag for each byte. Shares no code with it.
 */
#ifndef TCPHS_UNIT_ORACLE_H
#define TCPHS_UNIT_ORACLE_H

#include "core/parse.h"

#define ORACLE_STREAM	16384

struct oracle_end {
	bool local;
	/* What it has sent. Places in its stream: its SYN is 0, data begins at 1. */
	bool sent_syn;
	u32 isn;
	bool sent_syn_ack;
	bool answered;		/* sent_syn_ack, or one too late to count */
	bool asked_again;	/* repeated its SYN, though a SYN-ACK was seen */
	bool sent_more;		/* anything with ACK that is no SYN */
	long next;		/* after the highest place sent */
	bool passed[ORACLE_STREAM];
	bool sent_fin;
	long fin;
	bool acked;
	long ack;		/* highest, as a place in the peer's stream */
	long edge;		/* first place that the peer may not use */
	bool offered_wscale;
	unsigned int wscale;
	bool had_gap;		/* something passed before what stands before it */
	/* What it is known to have taken. */
	bool took_syn;		/* the peer's */
	bool took_fin;
	bool took_fin_first;	/* before it sent its own */
	bool got_ack_of_syn;
	bool got_ack_of_fin;
	bool ack_of_fin_waits;	/* it follows a FIN that it has not taken yet */
	/* TIME_WAIT */
	bool in_time_wait;
	u64 time_wait_until;
	bool fin_came_again;
	bool time_wait_over;
	/* Counted */
	unsigned long bytes;
	unsigned int retransmits;
	unsigned int fins;
	unsigned int syns;
};

struct oracle {
	struct oracle_end end[2];	/* by enum tcphs_side */
	u64 two_msl;
	bool reset;
	bool refused;
	unsigned int closer;		/* enum tcphs_side */
	bool fin_acked_alone;		/* the first FIN, before the second came */
	unsigned int second_fin;	/* 0: none, 1: after the first, 2: crossed */
	bool over;		/* both FINs were acknowledged once */
	bool verified;
	bool bad_acks;		/* one was seen that could not be */
};

void oracle_init(struct oracle *o, bool client_local, bool server_local, u64 two_msl);
void oracle_step(struct oracle *o, unsigned int from, const struct tcphs_seg *seg,
		 u64 now_ns);
void oracle_timer(struct oracle *o, u64 now_ns);
unsigned int oracle_state(const struct oracle *o, unsigned int side);

/*
 * Whether the side has taken a FIN that only one who remembers every byte can
 * know of: one with little memory learns it from the side's own ACK.
 */
bool oracle_may_lag(const struct oracle *o, unsigned int side);

unsigned int oracle_close(const struct oracle *o);	/* enum tcphs_close */

#endif /* TCPHS_UNIT_ORACLE_H */
