/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the judge's files share: a story is the states of one end in order,
 * told by the kernel of its socket or by tcphs. Knows nothing of tcphs' code.
 */
#ifndef TESTS_VM_JUDGE_H
#define TESTS_VM_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CLIENT, SERVER };

/* A state is a letter, so that a story is a word that can be read. */
#define CLOSE		'C'
#define LISTEN		'L'
#define SYN_SENT	'S'
#define SYN_RECV	'R'
#define ESTABLISHED	'E'
#define FIN_WAIT1	'1'
#define FIN_WAIT2	'2'
#define CLOSING		'G'
#define TIME_WAIT	'T'
#define CLOSE_WAIT	'W'
#define LAST_ACK	'A'
#define UNKNOWN		'-'

enum cause { SEGMENT, TIMER, SOCKET, CORRECTION };

struct step {
	char old, new;
	unsigned char cause;	/* enum cause */
	bool begins;		/* of tcphs: a record */
	bool fin;		/* of tcphs: by a segment with FIN */
	uint32_t end, ack;	/* of tcphs: that segment's, FIN counted */
	uint64_t ns;		/* wall clock */
};

struct story {
	struct step *steps;
	unsigned int count;
};

/* An end, as one witness tells it. */
struct end {
	struct end *next;	/* of the same port, in order of time */
	struct story story;
	uint64_t id;		/* the socket's address, or conn_id */
	unsigned int side;
	unsigned int place;	/* of tcphs: which namespace */
	bool local;		/* of tcphs: the socket is in that namespace */
	bool hosted;		/* of tcphs: this socket, or the peer's, is */
	const char *lag;	/* of tcphs: the case that excuses it, or NULL */
	char address[2][48];	/* its own, the peer's; "" where not known */
	uint16_t port[2];
};

#define PORTS		65536
#define PLACES_MAX	64

/* By the client's port, which no two connections of a run share. */
extern struct end *sockets[PORTS];
extern struct end *views[PORTS];
extern const char *places[PLACES_MAX];
extern unsigned int places_count;
extern uint64_t steps_traced, steps_shown;

/* story.c */
void *must_alloc(size_t size);
void story_add(struct story *story, struct step step);
void story_append(struct story *to, const struct story *from);
bool story_has_cause(const struct story *story, enum cause cause);
void story_print(const char *who, const struct story *story);
void end_append(struct end **list, struct end *end);
char state_letter(const char *name);
const char *state_name(char letter);

/* trace.c: saves the kernel's ring buffers in a folder; reads them. */
void trace_save(const char *folder);
void trace_read(const char *folder);

/* watch.c: a file of JSON lines, of that namespace. */
void watch_read(const char *path, const char *place);

/* plan.c: what was to happen to the connection of a port. */
#define KINDS_MAX	128
#define PATHS_MAX	32

struct plan {
	unsigned int kind, path;	/* places in the lists of names */
	bool made;
	bool deaf;		/* a socket that drops what passed its hook */
	bool choosy;		/* a listener that drops the third ACK */
	bool lossy;		/* segments are lost on the way */
	bool stalled;		/* an end waits for the peer's window */
	bool together;		/* both ends act at once */
	bool redirected;	/* to another address, on the same host */
	bool cookies;		/* a listener that answers with SYN cookies */
};

extern struct plan plans[PORTS];
extern const char *kind_names[KINDS_MAX], *path_names[PATHS_MAX];
extern unsigned int kinds_count, paths_count, planned;

void plan_read(const char *path, char *name);
bool plan_has(uint16_t port);

/* cases.c */
enum verdict { AGREE, LAG, DIFFER, VERDICTS };

struct opinion {
	enum verdict verdict;
	const char *name;	/* of a lag's case */
};

struct opinion judge_local(const struct story *kernel,
			   const struct story *tcphs, const struct plan *plan);
struct opinion judge_outside(const struct story *kernel,
			     const struct story *tcphs, const struct plan *plan,
			     struct opinion local);

/* snapshot.c: a picture of ss in that place. */
struct snapshots {
	unsigned int taken, agree, lag, differ;
};

void snapshot_take(const char *folder, const char *number, const char *place);
void snapshot_compare(const char *path, unsigned int place,
		      struct snapshots *sum);

/* table.c: what is counted of whom. */
enum scope { LOCAL, FAR, OUTSIDE, SCOPES };

void table_count(enum scope scope, const struct plan *plan,
		 struct opinion opinion);
unsigned int table_sum(enum verdict verdict);
void table_print(void);

/* prove.c: spoils stories that agree; returns how often nobody saw it. */
void prove_add(const struct plan *plan, const struct story *kernel,
	       const struct story *tcphs);
unsigned int prove_print(void);

#endif /* TESTS_VM_JUDGE_H */
