/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the traffic maker share: a connection, its two ends, the
 * words that its script is made of. Runs in the VM only.
 */
#ifndef TESTS_VM_TRAFFIC_H
#define TESTS_VM_TRAFFIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum { CLIENT, SERVER };

/* The listeners of a worker, each with an option of its own. */
enum door {
	DOOR_PLAIN,
	DOOR_FULL,		/* a backlog of one, emptied one at a time */
	DOOR_DEFER,		/* TCP_DEFER_ACCEPT */
	DOOR_FAST,		/* TCP_FASTOPEN */
	DOOR_EARLY,		/* the same, without a cookie: data in the SYN */
	DOOR_SMALL,		/* a small receive buffer */
	DOORS,
	DOOR_NONE = DOORS	/* nobody listens */
};

struct end {
	int fd;			/* -1: not yet, or not any more */
	bool over;		/* it was closed, or never will be */
	uint32_t sent;		/* bytes */
	uint32_t got;
	uint32_t mark;		/* what a word remembers from its first try */
	bool marked;
	int tos, impatience_ms, small;	/* to be set when the socket is made */
};

struct conn {
	const struct kind *kind;
	unsigned int at;	/* which step of the script */
	uint64_t since_ms;	/* when it began */
	uint64_t random;
	uint16_t port;		/* the client's; no other has it in this run */
	enum door door;		/* of its kind */
	bool failed;		/* it could not be opened */
	struct end end[2];
	int wait_fd;		/* -1: look again in a moment */
	short wait_events;
};

/* A word: does its work and returns true, or false if it has to wait. */
typedef bool word_fn(struct conn *conn, struct end *self, struct end *peer);

struct step {
	word_fn *word;
	unsigned int side;
	bool together;		/* with the next one, on two CPUs at once */
};

#define STEPS_MAX	24

struct kind {
	const char *name;
	const char *script;
	unsigned int weight;	/* how many of them among the others */
	enum door door;		/* where the client knocks */
	struct step steps[STEPS_MAX];
	unsigned int count;
	/*
	 * For the judge. l: segments are lost; s: a window is shut; b: both ends
	 * act at once; d: an end is deaf; q: the listener is choosy.
	 */
	char marks[8];
};

/* kinds.c */
extern struct kind kinds[];
extern const unsigned int kinds_count;
void kinds_parse(void);

/* words.c */
word_fn *word_find(const char *name);

/* net.c */
struct place {
	const char *netns[2];
	const char *address[2];	/* the client's own; where it connects to */
	uint16_t first_door;	/* port of the first listener of worker 0 */
};

void net_open(const struct place *place, unsigned int worker);
void net_close(void);
int net_socket(unsigned int side);
int net_bind_client(struct conn *conn);
socklen_t net_target(const struct conn *conn, struct sockaddr_storage *to);
int net_listener(enum door door);
int net_accept(enum door door, uint16_t *port);
bool net_has_socket(const struct conn *conn, unsigned int side);
bool net_kill(const struct conn *conn, unsigned int side);
int net_set_tos(int fd, int tos);
void net_set_held(int fd, bool held);

/* hold.c */
void hold_open(uint16_t number);
bool hold_has(uint16_t port);
void hold_release(uint16_t port);

#endif /* TESTS_VM_TRAFFIC_H */
