/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A small TCP written from RFC 9293 section 3.10, which makes the random
 * conversations that the engine and its oracle watch. Knows neither of them.
 */
#ifndef TCPHS_UNIT_ENDPOINT_H
#define TCPHS_UNIT_ENDPOINT_H

#include "core/parse.h"

#define ENDPOINT_STREAM	8192	/* bytes of one direction, SYN and FIN included */

struct endpoint {
	unsigned int state;	/* enum tcphs_state */
	u32 iss;
	u32 irs;
	u32 snd_una;
	u32 snd_nxt;
	u32 rcv_nxt;
	u32 rcv_acked;		/* what its latest segment acknowledged */
	u32 win;		/* offered, before scaling */
	u8 wscale;		/* 0: not offered */
	bool peer_offers;	/* window scaling */
	bool wants_ack;
	bool fin_queued;	/* by endpoint_close() */
	bool fin_sent;
	bool got[ENDPOINT_STREAM];	/* by number of the peer's stream */
	u32 peer_fin;			/* index into got, 0: none yet */
	void (*send)(struct endpoint *endpoint, const struct tcphs_seg *seg);
};

void endpoint_listen(struct endpoint *e, u32 iss);
void endpoint_connect(struct endpoint *e, u32 iss);
void endpoint_write(struct endpoint *e, u32 len);	/* new data */
void endpoint_close(struct endpoint *e);
void endpoint_abort(struct endpoint *e);
void endpoint_receive(struct endpoint *e, const struct tcphs_seg *seg);
void endpoint_retransmit(struct endpoint *e);		/* its timer runs out */
void endpoint_acknowledge(struct endpoint *e);		/* if it owes an ACK */

#endif /* TCPHS_UNIT_ENDPOINT_H */
