/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * tcphs: what the kernel module tells userspace. This header is the manual of
 * the binary record; nothing else needs to be read to use /dev/tcphs.
 *
 * THE STREAM
 * ==========
 *
 * /dev/tcphs yields the events of the network namespace in which it was
 * opened, one struct tcphs_record each. All records have the same size,
 * TCPHS_RECORD_SIZE. read() returns as many whole records as fit and as there
 * are; a buffer too small for one record is EINVAL. With nothing to return it
 * blocks, or fails with EAGAIN under O_NONBLOCK; poll() and epoll tell when a
 * record is there. When the namespace or the module goes, what is left can
 * still be read, then read() returns 0.
 *
 * Every open file has a place of its own: any number of readers see the same
 * stream and do not disturb each other. A new reader starts at the oldest
 * record that is still held. lseek(fd, 0, SEEK_SET) goes back there,
 * lseek(fd, 0, SEEK_END) skips to now, lseek(fd, 0, SEEK_CUR) tells the place;
 * each returns the place, the number of events before it. Another offset is
 * EINVAL.
 *
 * The kernel never waits for a reader: the oldest record gives way to the
 * newest. A reader that fell behind is told by a TCPHS_EV_LOST record, in the
 * place of what it missed, how many events it missed; then the stream goes on.
 * Hence for every reader at every moment
 *
 *	events read + events lost == its place (lseek SEEK_CUR) - its start
 *
 * and, once it has caught up, its place is the number of events produced.
 *
 * ORDER
 * =====
 *
 * Each CPU has a ring of its own. Records are merged by (ts_ns, cpu, place in
 * the ring), where ts_ns never goes back on one CPU and always goes forward
 * from one segment of a connection to its next: the order of one connection's
 * records is the order in which it happened, and all readers see one and the
 * same order. seq is the place of the record in the reader's stream: it grows
 * by one for each event, and by more only after an event record of type
 * TCPHS_EV_LOST, which says by how many.
 *
 * TIME
 * ====
 *
 * ts_ns is CLOCK_BOOTTIME: durations are differences of it and are not moved
 * by settimeofday() or NTP. wall_ns is CLOCK_REALTIME at the same moment, for
 * display; that a clock was set is noticed within a jiffy. All durations are
 * nanoseconds; TCPHS_NS_NONE means "not known".
 *
 * GROWTH
 * ======
 *
 * TCPHS_IOC_INFO returns the version of this interface. Fields are only ever
 * added, in bytes that are reserved (and zero) today; numbers never change
 * their meaning; readers skip types that they do not know. All fields are in
 * the byte order of the host; there is no pointer and no implicit padding.
 *
 * MMAP
 * ====
 *
 * mmap() of struct tcphs_info.map_bytes at offset 0, PROT_READ, shows the rings
 * in place: reading without a call and without a copy. Another length or
 * offset is EINVAL, PROT_WRITE is EPERM, and mprotect() or mremap() do not get
 * it later. The mapping holds the file: close() does not end it, fork() hands
 * it on, and the module stays. When the namespace goes, it shows what was left.
 *
 * There are struct tcphs_info.rings parts of the same length, in the order of
 * their CPUs: a struct tcphs_ring_page, behind it ring_records records. Record
 * n of a part, counted from 0 since the ring began, stands in slot
 * n % ring_records; seq is 0 there, as it is a reader's.
 *
 * The kernel never waits, so a reader has to notice what it does meanwhile:
 *
 *	head = page->head			(load-acquire)
 *	records n < head are there to be read
 *	look at record n, or copy it
 *	fence					(acquire)
 *	page->reserved <= n + ring_records	(else the record may be torn)
 *
 * If the last does not hold, nothing of what was seen may be used, and records
 * before page->reserved - ring_records are lost: go on with that one, count
 * those between. Hence of each part, exactly,
 *
 *	records used + records lost == head - the first n
 *
 * One part is in order by itself. To merge parts, by (ts_ns, part, n):
 *
 *	T = CLOCK_BOOTTIME - TCPHS_RING_MARGIN_NS
 *	fence					(sequentially consistent)
 *	for each part
 *		if page->busy			(load-acquire; look again first,
 *						 it lasts a microsecond)
 *			T = min(T, page->last_ts_ns)	(load-acquire)
 *		head = page->head		(load-acquire)
 *
 * Every record with ts_ns < T is now before the heads: merge those, then begin
 * anew. T is the host's clock: in a time namespace that moves CLOCK_BOOTTIME
 * (/proc/self/timens_offsets) use read().
 *
 * poll() and read() do not know how far the mapping was read. To wait, once
 * every record was read: lseek(fd, 0, SEEK_END), look at the heads once more,
 * poll() if they have not moved.
 */
#ifndef _UAPI_LINUX_TCPHS_H
#define _UAPI_LINUX_TCPHS_H

#include <linux/types.h>
#include <linux/ioctl.h>

#define TCPHS_UAPI_VERSION	3
#define TCPHS_RECORD_SIZE	256

/* A duration or moment that is not known. */
#define TCPHS_NS_NONE		(~(__u64)0)

/*
 * States: RFC 9293 section 3.3.2, numbered as in <net/tcp_states.h>.
 * 0: nothing has proved a state yet.
 */
enum tcphs_state {
	TCPHS_STATE_UNKNOWN = 0,
	TCPHS_ESTABLISHED = 1,
	TCPHS_SYN_SENT = 2,
	TCPHS_SYN_RECV = 3,
	TCPHS_FIN_WAIT1 = 4,
	TCPHS_FIN_WAIT2 = 5,
	TCPHS_TIME_WAIT = 6,
	TCPHS_CLOSE = 7,
	TCPHS_CLOSE_WAIT = 8,
	TCPHS_LAST_ACK = 9,
	TCPHS_LISTEN = 10,
	TCPHS_CLOSING = 11,
};

/*
 * The two ends. The client sent the SYN that opened the connection; seen
 * midstream, it is the end with the higher port. Both: where one word is
 * about two ends (a simultaneous close).
 */
enum tcphs_side {
	TCPHS_CLIENT = 0,
	TCPHS_SERVER = 1,
	TCPHS_BOTH = 2,
	TCPHS_NOBODY = 3,
};

/* Bits of tcphs_record.local: whose socket is in this namespace. */
#define TCPHS_LOCAL_CLIENT	0x1	/* 1 << TCPHS_CLIENT */
#define TCPHS_LOCAL_SERVER	0x2	/* 1 << TCPHS_SERVER */

enum tcphs_event {
	TCPHS_EV_LOST = 1,		/* .lost; seq, and no connection */
	TCPHS_EV_TRANSITION = 2,	/* .transition */
	TCPHS_EV_HANDSHAKE = 3,		/* .handshake */
	TCPHS_EV_ANOMALY = 4,		/* .anomaly */
	TCPHS_EV_TIMEWAIT = 5,		/* .timewait */
	TCPHS_EV_CONNECTION = 6,	/* .connection: its record has ended */
};

/* Why a state changed. */
enum tcphs_cause {
	TCPHS_CAUSE_SEGMENT = 1,	/* .seg is the segment that showed it */
	TCPHS_CAUSE_TIMER = 2,		/* a modelled timer ran out */
	TCPHS_CAUSE_SOCKET = 3,		/* the host's own socket was seen to change */
	TCPHS_CAUSE_CORRECTION = 4,	/* .seg shows that an earlier one was lost */
};

/* tcphs_seg.flags: the TCP header's, RFC 9293 section 3.1, low byte as on the wire. */
#define TCPHS_FIN	0x001
#define TCPHS_SYN	0x002
#define TCPHS_RST	0x004
#define TCPHS_PSH	0x008
#define TCPHS_ACK	0x010
#define TCPHS_URG	0x020
#define TCPHS_ECE	0x040
#define TCPHS_CWR	0x080
#define TCPHS_AE	0x100

enum tcphs_anomaly {
	TCPHS_AN_BAD_ACK = 1,		/* acknowledges what was not sent; .expected */
	TCPHS_AN_RST_OUT_OF_WINDOW = 2,	/* RFC 9293 3.10.7.4: ignored; .expected */
	TCPHS_AN_RST_SUSPECT = 3,	/* in the window, not exact: RFC 5961 3.2; .expected */
	TCPHS_AN_SYN_IN_WINDOW = 4,	/* SYN in a live connection: RFC 5961 4 */
	TCPHS_AN_CHALLENGE_ACK = 5,	/* the answer to either: RFC 5961 */
	TCPHS_AN_BAD_FLAGS = 6,		/* a combination that no TCP sends */
	TCPHS_AN_OUT_OF_WINDOW = 7,	/* sequence number outside; .expected */
	TCPHS_AN_SIMULTANEOUS_OPEN = 8,
	TCPHS_AN_MIDSTREAM = 9,		/* first seen after its handshake */
	TCPHS_AN_SYN_RETRANSMIT = 10,
	TCPHS_AN_SYN_ACK_RETRANSMIT = 11,
	TCPHS_AN_FIN_RETRANSMIT = 12,
	TCPHS_AN_BAD_WSCALE = 13,	/* above 14: RFC 7323 2.3; 14 is used */
	TCPHS_AN_SYN_DELAYED = 14,	/* an old connection held the port; .delay_ns */
};

enum tcphs_tw_phase {
	TCPHS_TW_START = 1,
	TCPHS_TW_RESTART = 2,
	TCPHS_TW_END = 3,
};

enum tcphs_tw_end {
	TCPHS_TW_END_NONE = 0,		/* not over */
	TCPHS_TW_EXPIRED = 1,
	TCPHS_TW_REUSED = 2,		/* by a new SYN */
	TCPHS_TW_RESET = 3,
	TCPHS_TW_KILLED = 4,		/* ss -K, or the namespace went */
	TCPHS_TW_NEVER = 5,		/* the host could not hold it: no TCPHS_TW_START, told */
					/* up to a second after the transition to TIME_WAIT */
	TCPHS_TW_EVICTED = 6,		/* from the table of tcphs */
};

/* What began it again, or ended it before its time. */
enum tcphs_tw_cause {
	TCPHS_TW_BY_NOTHING = 0,	/* its timer; or it is not known */
	TCPHS_TW_BY_FIN = 1,		/* restart: the peer's FIN came again */
	TCPHS_TW_BY_OUT_OF_WINDOW = 2,	/* restart: a segment out of the window */
	TCPHS_TW_BY_ACK = 3,		/* restart: a bare ACK, as Linux does */
	TCPHS_TW_BY_SYN = 4,		/* reused: the peer's newer SYN */
	TCPHS_TW_BY_CONNECT = 5,	/* reused: this host's own connect() */
	TCPHS_TW_BY_RST = 6,		/* reset: not with tcp_rfc1337 */
	TCPHS_TW_BY_ABORT = 7,		/* killed: ss -K */
	TCPHS_TW_BY_NETNS = 8,		/* killed: the namespace went */
};

enum tcphs_source {
	TCPHS_SOURCE_NONE = 0,
	TCPHS_SOURCE_OBSERVED = 1,	/* the kernel's own socket was seen to go */
	TCPHS_SOURCE_MODELLED = 2,	/* computed from 2 MSL */
};

enum tcphs_close {
	TCPHS_CLOSE_OPEN = 0,		/* the input ended first */
	TCPHS_CLOSE_FIN4 = 1,		/* FIN, ACK, FIN, ACK */
	TCPHS_CLOSE_FIN3 = 2,		/* FIN, FIN+ACK, ACK */
	TCPHS_CLOSE_SIMULTANEOUS = 3,	/* the FINs crossed */
	TCPHS_CLOSE_RESET = 4,
	TCPHS_CLOSE_REFUSED = 5,	/* RST answered the SYN */
	TCPHS_CLOSE_UNANSWERED = 6,	/* nothing answered the SYN */
	TCPHS_CLOSE_TIMEOUT = 7,	/* silent for too long */
	TCPHS_CLOSE_EVICTED = 8,	/* the table of tcphs was full */
};

/* How the opening handshake went. */
enum tcphs_hs {
	TCPHS_HS_PENDING = 0,
	TCPHS_HS_OK = 1,		/* verified: each ACK was the peer's ISN + 1 */
	TCPHS_HS_BAD = 2,		/* an ACK was not */
	TCPHS_HS_MIDSTREAM = 3,		/* not seen */
};

/* Zeek's summary of a connection: conn_state in its conn.log. */
enum tcphs_conn_state {
	TCPHS_CS_NONE = 0,	/* not computed */
	TCPHS_CS_S0 = 1,	/* SYN, no answer */
	TCPHS_CS_S1 = 2,	/* established, not closed */
	TCPHS_CS_SF = 3,	/* established and closed by both */
	TCPHS_CS_REJ = 4,	/* the attempt was reset by its answer */
	TCPHS_CS_S2 = 5,	/* closed by the client only */
	TCPHS_CS_S3 = 6,	/* closed by the server only */
	TCPHS_CS_RSTO = 7,	/* established, reset by the client */
	TCPHS_CS_RSTR = 8,	/* reset by the server */
	TCPHS_CS_RSTOS0 = 9,	/* SYN, then RST of the client; no SYN-ACK */
	TCPHS_CS_RSTRH = 10,	/* SYN-ACK, then RST of the server; no SYN */
	TCPHS_CS_SH = 11,	/* SYN, then FIN of the client; no SYN-ACK */
	TCPHS_CS_SHR = 12,	/* SYN-ACK, then FIN of the server; no SYN */
	TCPHS_CS_OTH = 13,	/* anything else: midstream */
};

/*
 * Who opened the connection, of the sockets in this namespace: the client if
 * it is here, else the socket that the server listens with. 0, an empty comm
 * and TCPHS_UID_NONE mean "not known". Users are numbered as the namespace's
 * user namespace does; processes as the initial one does, but in a network
 * namespace of an unprivileged user's, where only those of its users are told,
 * as the process itself does.
 */
#define TCPHS_UID_NONE		(~(__u32)0)

struct tcphs_owner {
	__u64 cgroup;		/* id of its cgroup v2: the inode of its folder */
	__u32 uid;		/* of the socket */
	__u32 pid;		/* process that sent the first SYN */
	char comm[16];		/* its command, NUL-terminated */
};

/* A segment. seq and ack are as on the wire, in host byte order. */
struct tcphs_seg_info {
	__u32 seq;
	__u32 ack;
	__u32 len;		/* payload bytes */
	__u16 flags;		/* TCPHS_FIN ... */
	__u16 win;		/* not scaled */
	__u8 from;		/* enum tcphs_side */
	__u8 present;		/* 0: there was no segment */
	__u8 reserved[6];
};

struct tcphs_ev_lost {
	__u64 count;
};

struct tcphs_ev_transition {
	__u8 side;		/* TCPHS_CLIENT or TCPHS_SERVER */
	__u8 old_state;
	__u8 new_state;
	__u8 cause;		/* enum tcphs_cause */
	__u8 orphan_end;	/* enum tcphs_tw_end: see orphan_ns */
	__u8 orphan_cause;	/* enum tcphs_tw_cause */
	__u8 reserved[2];
	__u64 dwell_ns;		/* in old_state */
	struct tcphs_seg_info seg;
	/*
	 * FIN_WAIT2 to CLOSE, the process had gone and the host held no more than
	 * a small socket: how long it did, and how that ended. Else
	 * TCPHS_TW_END_NONE and TCPHS_NS_NONE. It is no TIME_WAIT: that comes
	 * only after the peer's FIN.
	 */
	__u64 orphan_ns;
};

struct tcphs_ev_handshake {
	__u8 verified;
	__u8 reserved[3];
	__u32 client_isn;
	__u32 server_isn;
	__u32 client_syns;	/* how many SYNs the client sent */
	__u32 server_syns;
	__u32 reserved2;
	__u64 syn_ack_ns;	/* SYN to SYN-ACK */
	__u64 ack_ns;		/* SYN-ACK to ACK */
	__u64 total_ns;
};

struct tcphs_ev_anomaly {
	__u8 kind;		/* enum tcphs_anomaly */
	__u8 has_expected;
	__u8 reserved[2];
	__u32 expected;		/* the number that should have stood there */
	struct tcphs_seg_info seg;
	__u64 delay_ns;		/* TCPHS_AN_SYN_DELAYED: first SYN to SYN-ACK; else none */
};

struct tcphs_ev_timewait {
	__u8 phase;		/* enum tcphs_tw_phase */
	__u8 side;
	__u8 end;		/* enum tcphs_tw_end */
	__u8 source;		/* enum tcphs_source */
	__u32 restarts;		/* of this side's, so far */
	__u64 dur_ns;		/* on TCPHS_TW_END: it lasted so long */
	/*
	 * On TCPHS_TW_END, where observed: by how much dur_ns may be wrong. 0: the
	 * host's own socket was seen as it went; more: it was looked for.
	 */
	__u64 error_ns;
	__u8 cause;		/* enum tcphs_tw_cause */
	__u8 reserved[7];
};

/*
 * One end of a connection. Over loopback SYNs are counted where they leave, all
 * else where it arrives: of what was lost on the way there is nothing but syns.
 */
struct tcphs_ev_end {
	__u64 segments;
	__u64 bytes;		/* payload, retransmissions not counted twice */
	__u32 retransmits;	/* of data; SYNs and FINs are counted apart */
	__u32 fin_retransmits;
	__u32 syns;		/* SYNs or SYN-ACKs sent */
	__u8 state;
	__u8 reserved[3];
};

struct tcphs_ev_connection {
	__u8 closer;		/* enum tcphs_side: BOTH, NOBODY too */
	__u8 close;		/* enum tcphs_close */
	__u8 handshake;		/* enum tcphs_hs */
	__u8 timewait_end;	/* enum tcphs_tw_end */
	__u8 timewait_source;	/* enum tcphs_source */
	__u8 conn_state;	/* enum tcphs_conn_state */
	__u8 reserved[2];
	__u64 duration_ns;	/* first segment to CLOSE or TIME_WAIT of the last end */
	__u64 handshake_ns;
	__u64 half_close_ns;	/* first FIN to second FIN, if they did not cross */
	__u64 timewait_ns;
	struct tcphs_ev_end end[2];	/* by enum tcphs_side */
	char history[32];	/* Zeek's letters, 24 at most, NUL-terminated */
};

/*
 * One event. addr and port are those of the client [0] and the server [1];
 * an IPv4 address stands in the first four bytes; addresses are in network
 * byte order, ports in host byte order.
 */
struct tcphs_record {
	__u16 type;		/* enum tcphs_event */
	__u16 size;		/* TCPHS_RECORD_SIZE */
	__u16 cpu;		/* whose ring held it */
	__u8 family;		/* 4 or 6; 0 in TCPHS_EV_LOST */
	__u8 local;		/* TCPHS_LOCAL_CLIENT | TCPHS_LOCAL_SERVER */
	__u64 seq;
	__u64 ts_ns;
	__u64 wall_ns;
	__u64 conn_id;		/* unique in its namespace while that lives */
	__u32 netns;		/* inode number of the namespace */
	__u16 port[2];
	__u8 addr[2][16];
	union {
		struct tcphs_ev_lost lost;
		struct tcphs_ev_transition transition;
		struct tcphs_ev_handshake handshake;
		struct tcphs_ev_anomaly anomaly;
		struct tcphs_ev_timewait timewait;
		struct tcphs_ev_connection connection;
		__u8 bytes[144];
	};
	struct tcphs_owner owner;
};

/* What TCPHS_IOC_INFO tells about the module and this open file. */
struct tcphs_info {
	__u32 uapi_version;	/* TCPHS_UAPI_VERSION */
	__u32 record_size;	/* TCPHS_RECORD_SIZE */
	__u32 netns;
	__u32 rings;		/* one for each possible CPU */
	__u32 ring_records;	/* each holds so many, a power of two */
	__u32 reserved;
	__u64 map_bytes;	/* 0: no mmap */
	__u64 instance;		/* another number after each load of the module */
	__u64 produced;		/* events, in this namespace */
	__u64 place;		/* of this file: events read and lost */
	__u64 lost;		/* by this file */
	char version[32];	/* of the module, NUL-terminated */
};

#define TCPHS_IOC_MAGIC		0xf7
#define TCPHS_IOC_INFO		_IOR(TCPHS_IOC_MAGIC, 1, struct tcphs_info)

/*
 * The head of each ring's part of the mapping, TCPHS_RING_PAGE bytes before its
 * records: see MMAP.
 */
#define TCPHS_RING_PAGE		4096

/* By so much the clock that a process reads may be before the kernel's. */
#define TCPHS_RING_MARGIN_NS	1000

struct tcphs_ring_page {
	__u64 reserved;		/* records begun: advanced before a slot is overwritten */
	__u64 head;		/* records whole: advanced after */
	__u64 last_ts_ns;	/* no later record of this ring is earlier */
	__u32 busy;		/* it may be about to add some */
	__u32 cpu;		/* whose ring it is */
	__u8 unused[4064];
};

#endif /* _UAPI_LINUX_TCPHS_H */
