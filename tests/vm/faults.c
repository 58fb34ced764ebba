// SPDX-License-Identifier: GPL-2.0
/*
 * Does something again and again while memory fails it: at its first allocation or
 * copy, at its second, until a round goes through untouched (Linux's fail-nth).
 *
 *	faults OPERATION [ARGUMENT...]
 *
 * prints how many failures there were and how many of them were told, and what
 * was wrong; status 1 then. Which failures count, the filters in debugfs say.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/tcphs.h>

#define DEVICE		"/dev/tcphs"
#define RECORDS		512
#define PACKET_MAX	2048

/* One thing to do. run() gives 0 or the errno; before and after it nothing fails. */
struct operation {
	const char *name;
	void (*prepare)(void);
	int (*run)(void);
	void (*clean)(int error);
	int refusals[3];	/* the errors that lack of memory may have, then 0 */
};

static char **arguments;
static int home, fd = -1, tun = -1, nth;
static int round_nr, wrong, step = 1;

static void complain(const char *what)
{
	printf("WRONG: at failure %d: %s\n", round_nr, what);
	wrong = 1;
}

/* ---- the kernel's side ---- */

static void arm(unsigned int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", n);

	if (pwrite(nth, text, (size_t)len, 0) != len)
		err(1, "fail-nth");
}

/* Whether the failure has been, and not just in here; none is to come any more. */
static bool disarm(void)
{
	char text[16] = "";
	ssize_t n = pread(nth, text, sizeof(text) - 1, 0);

	arm(0);
	return n > 0 && atoi(text) == 0;
}

/* ---- the module, loaded and not ---- */

static void prepare_load(void)
{
	step = arguments[2] ? atoi(arguments[2]) : 1;
	fd = open(arguments[0], O_RDONLY | O_CLOEXEC);
	if (fd < 0 || step < 1)
		err(1, "%s", arguments[0]);
}

static int run_load(void)
{
	return syscall(SYS_finit_module, fd, arguments[1], 0) ? errno : 0;
}

/* Refused, it has left nothing; else it can be taken out again. */
static void clean_load(int error)
{
	static const char * const traces[] = {
		DEVICE, "/proc/tcphs", "/proc/net/tcphs", "/proc/net/tcphs_times",
		"/proc/net/stat/tcphs", "/proc/sys/net/tcphs",
		"/sys/kernel/slab/tcphs_conn", "/sys/module/tcphs",
	};
	size_t i;

	close(fd);
	if (!error && syscall(SYS_delete_module, "tcphs", O_NONBLOCK))
		err(1, "rmmod after failure %d", round_nr);
	for (i = 0; i < sizeof(traces) / sizeof(*traces); i++)
		if (!access(traces[i], F_OK))
			complain(traces[i]);
}

/* ---- namespaces ---- */

static int run_netns(void)
{
	return unshare(CLONE_NEWNET) ? errno : 0;
}

static void go_home(void)
{
	if (setns(home, CLONE_NEWNET))
		err(1, "setns");
}

static void clean_netns(int error)
{
	if (!error)
		go_home();
}

/* ---- the device ---- */

static int open_device(void)
{
	fd = open(DEVICE, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return fd < 0 ? errno : 0;
}

/* In a new namespace, which has no ring yet. */
static void prepare_open(void)
{
	if (unshare(CLONE_NEWNET))
		err(1, "unshare");
}

static void clean_open(int error)
{
	if (!error)
		close(fd);
	go_home();
}

static void prepare_device(void)
{
	if (fd < 0 && open_device())
		err(1, DEVICE);
}

static struct tcphs_info get_info(void)
{
	struct tcphs_info info;

	if (ioctl(fd, TCPHS_IOC_INFO, &info))
		err(1, "TCPHS_IOC_INFO");
	return info;
}

/* Far from all else: no page table is there yet. */
#define FAR		((void *)0x100000000000)

static void *mapped;
static size_t map_bytes;

static void prepare_map(void)
{
	prepare_device();
	map_bytes = get_info().map_bytes;
}

static int run_map(void)
{
	mapped = mmap(FAR, map_bytes, PROT_READ, MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0);
	return mapped == MAP_FAILED ? errno : 0;
}

static void clean_map(int error)
{
	if (!error)
		munmap(mapped, map_bytes);
}

static int run_info(void)
{
	struct tcphs_info info;

	return ioctl(fd, TCPHS_IOC_INFO, &info) ? errno : 0;
}

static ssize_t got;

static void prepare_read(void)
{
	prepare_device();
	if (lseek(fd, 0, SEEK_SET) < 0)
		err(1, "lseek");
}

static int run_read(void)
{
	static struct tcphs_record records[RECORDS];

	got = read(fd, records, sizeof(records));
	return got < 0 ? errno : 0;
}

/* What could not be copied is the next that is read. */
static void clean_read(int error)
{
	ssize_t before = error ? 0 : got / (ssize_t)sizeof(struct tcphs_record);
	struct tcphs_record record;
	ssize_t n = read(fd, &record, sizeof(record));

	if (n < 0 && errno == EAGAIN && before == (ssize_t)get_info().produced)
		return;
	if (n != sizeof(record) || (ssize_t)record.seq != before)
		complain("a record was passed over");
}

static int run_proc(void)
{
	static char text[65536];
	int file = open("/proc/tcphs", O_RDONLY | O_CLOEXEC);
	ssize_t n;
	int error;

	if (file < 0)
		return errno;
	do
		n = read(file, text, sizeof(text));
	while (n > 0);
	error = n < 0 ? errno : 0;
	close(file);
	return error;
}

/* ---- packets: through a TUN device, and back out of it ---- */

static void open_tun(void)
{
	struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };

	if (tun >= 0)
		return;
	tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	strncpy(request.ifr_name, arguments[0], sizeof(request.ifr_name) - 1);
	if (tun < 0 || ioctl(tun, TUNSETIFF, &request))
		err(1, "%s", arguments[0]);
}

static uint32_t add_words(uint32_t sum, const uint8_t *p, size_t len)
{
	for (; len > 1; p += 2, len -= 2)
		sum += (uint32_t)p[0] << 8 | p[1];
	return sum;
}

static void put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static uint32_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

/* Of the conversation: who sends, flags, numbers. */
struct segment {
	bool from_server;
	uint8_t flags, seq, ack;
};

#define FIN	0x01
#define SYN	0x02
#define ACK	0x10

static const struct segment conversation[] = {
	{ false, SYN, 0, 0 }, { true, SYN | ACK, 0, 1 }, { false, ACK, 1, 1 },
	{ false, FIN | ACK, 1, 1 }, { true, ACK, 1, 2 },
	{ true, FIN | ACK, 1, 2 }, { false, ACK, 2, 2 },
};

#define PACKET_BYTES	40

/* 10.1.0.2:port and 10.2.0.2:80 */
static void make_packet(uint8_t *packet, const struct segment *segment, uint16_t port)
{
	static const uint8_t ip[20] = {
		0x45, 0, 0, PACKET_BYTES, 0, 0, 0x40, 0, 64, IPPROTO_TCP, 0, 0,
		10, 1, 0, 2, 10, 2, 0, 2,
	};
	uint8_t *tcp = packet + sizeof(ip);
	uint16_t ports[2] = { port, 80 };

	memset(packet, 0, PACKET_BYTES);
	memcpy(packet, ip, sizeof(ip));
	packet[13] = segment->from_server ? 2 : 1;
	packet[17] = segment->from_server ? 1 : 2;
	put16(tcp, ports[segment->from_server]);
	put16(tcp + 2, ports[!segment->from_server]);
	tcp[7] = segment->seq;
	tcp[11] = segment->ack;
	tcp[12] = 5 << 4;
	tcp[13] = segment->flags;
	put16(tcp + 14, 0xffff);
	put16(tcp + 16, fold(add_words(add_words(IPPROTO_TCP + 20, packet + 12, 8),
				       tcp, 20)));
	put16(packet + 10, fold(add_words(0, packet, sizeof(ip))));
}

/* Whether a TCP segment between these ports comes out, or has. */
static bool comes_out(uint16_t from, uint16_t to)
{
	uint8_t packet[PACKET_MAX], want[4];

	put16(want, from);
	put16(want + 2, to);
	while (read(tun, packet, sizeof(packet)) > 0)
		if (packet[0] == 0x45 && packet[9] == IPPROTO_TCP &&
		    !memcmp(packet + 20, want, sizeof(want)))
			return true;
	return false;
}

#define FIRST_PORT	10000

static unsigned int passed;

static int run_packets(void)
{
	uint16_t port = (uint16_t)(FIRST_PORT + round_nr);
	uint8_t packet[PACKET_BYTES];
	size_t i;

	passed = 0;
	for (i = 0; i < sizeof(conversation) / sizeof(*conversation); i++) {
		make_packet(packet, &conversation[i], port);
		if (write(tun, packet, sizeof(packet)) != sizeof(packet))
			return errno;
		passed += conversation[i].from_server ? comes_out(80, port) :
							comes_out(port, 80);
	}
	return 0;
}

static void clean_packets(int error)
{
	if (!error && passed != sizeof(conversation) / sizeof(*conversation))
		complain("a packet did not pass");
}

static void prepare_connect(void)
{
	struct sockaddr_in own = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)(FIRST_PORT + round_nr)),
	};

	open_tun();
	fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&own, sizeof(own)))
		err(1, "socket");
}

static int run_connect(void)
{
	struct sockaddr_in peer = {
		.sin_family = AF_INET, .sin_port = htons(80),
		.sin_addr = { htonl(0x0a020002) },
	};

	if (!connect(fd, (struct sockaddr *)&peer, sizeof(peer)))
		return 0;
	return errno == EINPROGRESS ? 0 : errno;
}

static void clean_connect(int error)
{
	if (!error && !comes_out((uint16_t)(FIRST_PORT + round_nr), 80))
		complain("a SYN did not leave");
	close(fd);
}

/* ---- the walk ---- */

static const struct operation operations[] = {
	{ "load", prepare_load, run_load, clean_load, { ENOMEM } },
	{ "netns", NULL, run_netns, clean_netns, { ENOMEM } },
	{ "open", prepare_open, open_device, clean_open, { ENOMEM } },
	{ "map", prepare_map, run_map, clean_map, { ENOMEM } },
	{ "info", prepare_device, run_info, NULL, { EFAULT } },
	{ "read", prepare_read, run_read, clean_read, { EFAULT } },
	{ "proc", NULL, run_proc, NULL, { ENOMEM, EFAULT } },
	{ "packets", open_tun, run_packets, clean_packets, { 0 } },
	{ "connect", prepare_connect, run_connect, clean_connect, { 0 } },
};

static bool may_refuse(const struct operation *op, int error)
{
	const int *refusal = op->refusals;

	for (; *refusal; refusal++)
		if (*refusal == error)
			return true;
	return false;
}

/* Whether a failure was met: if not, all of them have been. */
static bool go_round(const struct operation *op, unsigned int *refused)
{
	bool has_failed;
	int error;

	if (op->prepare)
		op->prepare();
	arm((unsigned int)round_nr);
	error = op->run();
	has_failed = disarm();
	if (error && (!has_failed || !may_refuse(op, error)))
		complain(strerror(error));
	if (op->clean)
		op->clean(error);
	*refused += !!error;
	return has_failed;
}

static void walk(const struct operation *op)
{
	unsigned int rounds = 0, refused = 0;

	for (round_nr = 1; go_round(op, &refused); round_nr += step)
		rounds++;
	printf("%s: %u failures, %u of them refused\n", op->name, rounds, refused);
}

int main(int argc, char **argv)
{
	size_t i;

	nth = open("/proc/self/fail-nth", O_RDWR | O_CLOEXEC);
	home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (nth < 0 || home < 0)
		err(1, "/proc/self");
	arguments = argv + 2;
	for (i = 0; i < sizeof(operations) / sizeof(*operations); i++) {
		if (argc < 2 || strcmp(operations[i].name, argv[1]) != 0)
			continue;
		walk(&operations[i]);
		return wrong;
	}
	errx(2, "usage: faults load MODULE PARAMETERS [STEP] | packets TUN | connect TUN | WHAT");
}
