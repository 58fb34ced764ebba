/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of the packet fuzzer share: chance, the conversations that it is in, a
 * segment before it is packed. Nothing here knows tcphs but log.c.
 */
#ifndef FRAMES_H
#define FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COUNT_OF(array)	(sizeof(array) / sizeof((array)[0]))
#define FLOWS		32
#define FRAME_MAX	4096
#define SERVED_PORT	7000	/* here sockets listen */
#define CALLED_PORT	30000	/* these and 63 more they call */

#define FIN	0x001
#define SYN	0x002
#define RST	0x004
#define PSH	0x008
#define ACK	0x010
#define URG	0x020

/* How far the wire's end of a conversation has got. */
enum stage { NEW, CALLED, CALLS, OPEN, CLOSING };

/*
 * The wire's end of a conversation with a socket; or, forwarded, both ends of one that
 * only passes.
 */
struct flow {
	enum stage stage;
	uint8_t family;
	bool is_forwarded;
	uint16_t port, their_port;
	uint32_t next;		/* number of ours */
	uint32_t theirs;	/* that is next of the other end's */
	bool has_time;
	uint32_t time, echo;
	unsigned int age;	/* frames */
	unsigned int index;
};

/* A segment of a flow, as it should be or not. */
struct segment {
	const struct flow *flow;
	bool is_back;		/* from the other end of what is forwarded */
	uint32_t seq, ack;
	uint16_t flags, window, urgent;
	uint8_t offset;		/* in words; 0: as the options ask */
	uint8_t options[40];
	size_t option_len, data;
	bool is_damaged;
};

struct counts {
	unsigned long frames, refused, answers, right, twisted, fragments, accepted, connected;
};

extern struct counts counts;

/* main.c */
uint64_t pick(uint64_t below);
bool chance(unsigned int percent);
void fill(uint8_t *at, size_t len);
void put16(uint8_t *at, uint32_t value);
void put32(uint8_t *at, uint32_t value);
uint32_t get16(const uint8_t *at);
uint32_t get32(const uint8_t *at);
void send_frame(const uint8_t *frame, size_t len);

/* peer.c */
void begin_flows(void);
void take_answer(const uint8_t *frame, size_t len);
struct flow *pick_flow(void);
void compose(struct flow *flow, struct segment *seg);

/* forge.c */
void twist(struct segment *seg);
void pack(const struct segment *seg, bool is_plain);
void send_noise(const struct flow *flow);

/* sockets.c */
void begin_sockets(void);
void use_sockets(void);
void end_sockets(void);

/* log.c */
int read_log(const bool *is_over);

#endif
