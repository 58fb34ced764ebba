// SPDX-License-Identifier: GPL-2.0
/*
 * Fills a ring with events, then empties it: drain ring|map|bpf COUNT [SIZE [READERS]].
 * Tells instructions to fill and to drain, records that each reader got, instructions of
 * the module's alone. The module bench_push publishes; ours is read by read() or through
 * its mapping, BPF's ring buffer through its own, all record by record, of which the time
 * and the first number are used. All readers of ours read one ring; BPF's has one
 * consumer, so that each reader needs one that is filled for him. drain lines COUNT:
 * publishes on two CPUs, between marks.
 */
#include <err.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/tcphs.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

#define PUSH		"/proc/bench_push"
#define BPF_BYTES	(8U << 20)
#define BATCH		256
#define PAGE		4096U

static volatile uint64_t used;	/* what was read has to be read */

static uint64_t now(void)
{
	_mm_lfence();
	return __rdtsc();
}

/* Have the module do it. Return: instructions, as it counts them. */
static unsigned long tell(const char *line)
{
	char answer[64] = "";
	int fd = open(PUSH, O_RDWR);

	if (fd < 0 || write(fd, line, strlen(line)) < 0 ||
	    read(fd, answer, sizeof(answer) - 1) < 0)
		err(1, PUSH ": %s", line);
	close(fd);
	return strtoul(answer, NULL, 10);
}

static void use(const void *record)
{
	const struct tcphs_record *rec = record;

	used += rec->type + rec->ts_ns;
}

static unsigned long read_ring(int fd)
{
	static struct tcphs_record batch[BATCH];
	unsigned long count = 0;
	ssize_t n;

	while ((n = read(fd, batch, sizeof(batch))) > 0) {
		n /= (ssize_t)sizeof(batch[0]);
		for (ssize_t i = 0; i < n; i++)
			use(&batch[i]);
		count += (unsigned long)n;
	}
	return count;
}

static int make_map(void)
{
	union bpf_attr attr;
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_RINGBUF;
	attr.max_entries = BPF_BYTES;
	fd = (int)syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
	if (fd < 0)
		err(1, "BPF_MAP_CREATE");
	return fd;
}

/* What the kernel's Documentation/bpf/ringbuf.rst says that a consumer does. */
static unsigned long read_bpf(uint64_t *consumer, const uint64_t *producer,
			      const uint8_t *data)
{
	uint64_t pos = *consumer, head;
	unsigned long count = 0;
	uint32_t length;

	head = __atomic_load_n(producer, __ATOMIC_ACQUIRE);
	while (pos < head) {
		const uint8_t *record = data + (pos & (BPF_BYTES - 1));

		length = __atomic_load_n((const uint32_t *)record, __ATOMIC_ACQUIRE);
		if (length & BPF_RINGBUF_BUSY_BIT)
			break;
		length &= ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
		use(record + BPF_RINGBUF_HDR_SZ);
		pos += (length + BPF_RINGBUF_HDR_SZ + 7) & ~7U;
		__atomic_store_n(consumer, pos, __ATOMIC_RELEASE);
		count++;
	}
	return count;
}

#define READERS	16

struct bpf_reader {
	uint64_t *consumer;
	const uint64_t *producer;
	int fd;
};

static void open_bpf(struct bpf_reader *reader)
{
	reader->fd = make_map();
	reader->consumer = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
				reader->fd, 0);
	reader->producer = mmap(NULL, PAGE + 2 * BPF_BYTES, PROT_READ, MAP_SHARED,
				reader->fd, PAGE);
	if (reader->consumer == MAP_FAILED || reader->producer == MAP_FAILED)
		err(1, "mmap");
}

static void run_bpf(unsigned long expected, unsigned int size, unsigned int readers)
{
	struct bpf_reader all[READERS];
	unsigned long count = 0, pushed = 0;
	uint64_t start, filled;
	unsigned int i;
	char line[64];

	for (i = 0; i < readers; i++)
		open_bpf(&all[i]);
	start = now();
	for (i = 0; i < readers; i++) {
		snprintf(line, sizeof(line), "bpf %lu %u %d", expected, size, all[i].fd);
		pushed += tell(line);
	}
	filled = now();
	for (i = 0; i < readers; i++)
		count += read_bpf(all[i].consumer, all[i].producer,
				  (const uint8_t *)all[i].producer + PAGE);
	printf("%lu %lu %lu %lu\n", filled - start, now() - filled, count / readers, pushed);
}

static int open_device(void)
{
	int fd = open("/dev/tcphs", O_RDONLY | O_NONBLOCK);

	if (fd < 0)
		err(1, "/dev/tcphs");
	lseek(fd, 0, SEEK_END);
	return fd;
}

/* A part of the mapping: the head of a CPU's ring, behind it its records. */
static const struct tcphs_ring_page *part_of(const uint8_t *map,
					     const struct tcphs_info *info, unsigned int i)
{
	return (const void *)(map + i * (info->map_bytes / info->rings));
}

/*
 * As the UAPI header says, for one part: it is in order by itself, and nobody but
 * the filler's CPU has written.
 */
static unsigned long read_part(const struct tcphs_ring_page *page,
			       const struct tcphs_info *info, uint64_t first)
{
	const struct tcphs_record *slots = (const void *)((const uint8_t *)page + TCPHS_RING_PAGE);
	uint64_t head = __atomic_load_n(&page->head, __ATOMIC_ACQUIRE);
	unsigned long count = 0;

	for (; first < head; first++) {
		use(&slots[first & (info->ring_records - 1)]);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if (__atomic_load_n(&page->reserved, __ATOMIC_RELAXED) <=
		    first + info->ring_records)
			count++;
	}
	return count;
}

struct map_reader {
	struct tcphs_info info;
	const uint8_t *map;
	uint64_t *heads;
};

static void open_map(struct map_reader *reader)
{
	int fd = open_device();

	if (ioctl(fd, TCPHS_IOC_INFO, &reader->info))
		err(1, "TCPHS_IOC_INFO");
	reader->map = mmap(NULL, reader->info.map_bytes, PROT_READ, MAP_SHARED, fd, 0);
	reader->heads = calloc(reader->info.rings, sizeof(*reader->heads));
	if (reader->map == MAP_FAILED || !reader->heads)
		err(1, "mmap of %llu bytes", reader->info.map_bytes);
	for (unsigned int i = 0; i < reader->info.rings; i++)
		reader->heads[i] = part_of(reader->map, &reader->info, i)->head;
}

static unsigned long read_map(const struct map_reader *reader)
{
	unsigned long count = 0;

	for (unsigned int i = 0; i < reader->info.rings; i++)
		count += read_part(part_of(reader->map, &reader->info, i),
				   &reader->info, reader->heads[i]);
	return count;
}

static void run_map(unsigned long expected, unsigned int readers)
{
	struct map_reader all[READERS];
	unsigned long count = 0, pushed;
	uint64_t start, filled;
	unsigned int i;
	char line[64];

	for (i = 0; i < readers; i++)
		open_map(&all[i]);
	snprintf(line, sizeof(line), "ring %lu", expected);
	start = now();
	pushed = tell(line);
	filled = now();
	for (i = 0; i < readers; i++)
		count += read_map(&all[i]);
	printf("%lu %lu %lu %lu\n", filled - start, now() - filled, count / readers, pushed);
}

static void run_ring(unsigned long expected)
{
	uint64_t start, filled;
	unsigned long count, pushed;
	char line[64];
	int fd = open_device();

	snprintf(line, sizeof(line), "ring %lu", expected);
	start = now();
	pushed = tell(line);
	filled = now();
	count = read_ring(fd);
	printf("%lu %lu %lu %lu\n", filled - start, now() - filled, count, pushed);
}

/* On two CPUs, each with the same map. */
static void run_lines(unsigned long count)
{
	int map = make_map(), status;
	char line[64];
	cpu_set_t cpus;

	snprintf(line, sizeof(line), "lines %lu %d", count, map);
	for (int cpu = 0; cpu < 2; cpu++) {
		if (fork())
			continue;
		CPU_ZERO(&cpus);
		CPU_SET(cpu, &cpus);
		if (sched_setaffinity(0, sizeof(cpus), &cpus))
			err(1, "CPU %d", cpu);
		tell(line);
		_exit(0);
	}
	for (int cpu = 0; cpu < 2; cpu++)
		if (wait(&status) < 0 || status)
			errx(1, "a CPU has failed");
}

int main(int argc, char **argv)
{
	unsigned long count;
	unsigned int size, readers;

	if (argc < 3)
		errx(2, "usage: drain ring|map|bpf|lines COUNT [SIZE [READERS]]");
	count = strtoul(argv[2], NULL, 10);
	size = argc > 3 ? (unsigned int)strtoul(argv[3], NULL, 10) : 256;
	readers = argc > 4 ? (unsigned int)strtoul(argv[4], NULL, 10) : 1;
	if (!readers || readers > READERS)
		errx(2, "1 to %d readers", READERS);
	if (!strcmp(argv[1], "bpf"))
		run_bpf(count, size, readers);
	else if (!strcmp(argv[1], "lines"))
		run_lines(count);
	else if (!strcmp(argv[1], "map"))
		run_map(count, readers);
	else
		run_ring(count);
	return 0;
}
