/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of the fuzzer share: a thread that makes calls, what it chooses from, and
 * what it says of an answer. Each part knows its own kind of call.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/tcphs.h>

#define COUNT_OF(array)	(sizeof(array) / sizeof((array)[0]))
#define NAMESPACES	2
#define THREADS		2	/* in each of two processes */
#define WORKERS		(NAMESPACES * THREADS)
#define OPS_MAX		48
#define ERRNO_MAX	134
#define PLACES		4	/* for mappings, of each thread */

/*
 * A descriptor's number says what it is of, or that it is closed: threads may then do
 * with each other's what they like, and nobody meets a file of another kind.
 */
enum kind { DEVICE, TEXT, KINDS };

#define FIRST_DEVICE	100
#define FIRST_TEXT	120
#define FD_EPOLL	150
#define FD_PASS		152	/* a pair of sockets for each kind */
#define FD_NS		160
#define FD_SINK		165	/* /dev/null */
#define FD_PIPE		166

/* What all processes count into. */
struct tally {
	unsigned long calls[OPS_MAX];
	unsigned long good[OPS_MAX];
	unsigned long errors[ERRNO_MAX];
	unsigned long wrong;
	bool is_over;
};

extern struct tally *tally;
extern uint64_t seed;

struct worker {
	uint64_t random;
	unsigned int index;
	unsigned long step;
	unsigned int op;
	char *room;		/* ROOM bytes, then a page that is nobody's */
	char *only_read;	/* a page */
	char *place[PLACES];	/* 2 * map_bytes each */
	bool is_whole[PLACES];	/* there is all of a ring, and nothing else */
	size_t map_bytes;
};

#define ROOM	65536

struct op {
	const char *name;
	void (*call)(struct worker *w);
	unsigned int weight;
};

extern const struct op ops[];
extern const unsigned int op_count;

uint64_t pick(struct worker *w, uint64_t below);
bool chance(struct worker *w, unsigned int percent);
int pick_fd(struct worker *w, enum kind kind);
size_t pick_size(struct worker *w);
long long pick_offset(struct worker *w);
char *pick_buffer(struct worker *w, size_t *room);

/* Whether a buffer of pick_buffer()'s is one, and large enough. */
static inline bool fits(size_t size, size_t room)
{
	return room && size <= room;
}

/* What a call may fail with; that a descriptor is closed is never wrong. */
#define MAY_FAIL(...)	((const int[]){ EBADF, ##__VA_ARGS__, 0 })

void wrong(struct worker *w, const char *what, long result);
bool judge(struct worker *w, long result, const int *errors);
void refuse(struct worker *w, long result, const int *errors);
void make_calls(struct worker *w, unsigned long count, unsigned int limit);

void open_device(struct worker *w);
void read_device(struct worker *w);
void readv_device(struct worker *w);
void pread_device(struct worker *w);
void write_device(struct worker *w);
void seek_device(struct worker *w);
void ask_device(struct worker *w);
void poll_device(struct worker *w);
void epoll_device(struct worker *w);

void open_text(struct worker *w);
void read_text(struct worker *w);
void seek_text(struct worker *w);
void ask_text(struct worker *w);
void map_text(struct worker *w);

void map_ring(struct worker *w);
void unmap_ring(struct worker *w);
void protect_ring(struct worker *w);
void remap_ring(struct worker *w);
void advise_ring(struct worker *w);
void peep_ring(struct worker *w);

void control_any(struct worker *w);
void close_any(struct worker *w);
void dup_any(struct worker *w);
void pass_any(struct worker *w);
void take_any(struct worker *w);
void move_any(struct worker *w);
void enter_any(struct worker *w);
void fork_any(struct worker *w);

int make_traffic(void);
int read_sanely(void);

#endif
