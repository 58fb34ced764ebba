// SPDX-License-Identifier: GPL-2.0
/*
 * Reads pcap and pcapng through libpcap and gives the packets to the engine.
 * Must not judge a packet itself.
 */
#include "source.h"

#include <pcap/pcap.h>
#include <stdint.h>
#include <stdlib.h>

#include "ahead.h"
#include "engine.h"
#include "link.h"
#include "plain.h"
#include "tool.h"

#define NS_PER_S	1000000000ULL

struct capture {
	struct source source;
	struct engine *engine;
	struct ahead *ahead;
	const struct glance *glance;	/* the first: taken by the first next() */
	pcap_t *pcap;
	struct plain *plain;		/* or NULL: libpcap reads */
	const char *name;
	int link;
	int result;			/* of the last pcap_next_ex() */
	unsigned int count;		/* of these, for LOOK */
	unsigned int ready;		/* packets whose connections are in the cache */
	bool is_over;
};

#define READY	32U	/* packets at once: their connections fit in the cache */
#define LOOK	1024U	/* packets, then for signals */

/*
 * libpcap takes a pcap's 32 bits of seconds for signed; they last until 2106.
 * A pcapng can hold any number: what is later is damage.
 */
static u64 capture_seconds(const struct pcap_pkthdr *header)
{
	u64 seconds = (u64)header->ts.tv_sec;

	if (header->ts.tv_sec < 0 && header->ts.tv_sec >= INT32_MIN)
		return (u32)seconds;
	return seconds < UINT32_MAX ? seconds : UINT32_MAX;
}

static u64 capture_ns(const struct pcap_pkthdr *header)
{
	/* opened for nanoseconds: tv_usec holds them */
	u64 ns = (u64)header->ts.tv_usec;

	if (ns >= NS_PER_S)
		ns = NS_PER_S - 1;
	return capture_seconds(header) * NS_PER_S + ns;
}

static bool read_odd(struct capture *capture, struct plain_packet *packet)
{
	struct link_packet *bytes = &packet->bytes;
	struct pcap_pkthdr *header;

	capture->result = pcap_next_ex(capture->pcap, &header, &bytes->data);
	if (capture->result != 1)
		return false;
	packet->ns = capture_ns(header);
	bytes->avail = header->caplen;
	bytes->wire = header->len > header->caplen ? header->len :
		      header->caplen;
	return true;
}

static bool read_any(struct capture *capture, struct plain_packet *packet)
{
	if (capture->plain) {
		if (plain_next(capture->plain, packet))
			return true;
		plain_close(capture->plain);
		capture->plain = NULL;
	}
	return read_odd(capture, packet);
}

/* ahead_fill_t: by the thread that reads. */
static bool read_packet(void *who, struct glance *glance)
{
	struct capture *capture = who;
	struct plain_packet packet;

	if (++capture->count % LOOK == 0 && stop_look())
		return false;
	if (!read_any(capture, &packet))
		return false;
	glance->ns = packet.ns;
	if (link_strip(capture->link, &packet.bytes))
		engine_glance(capture->engine, packet.bytes.data,
			      packet.bytes.avail, packet.bytes.wire, glance);
	else
		glance->kind = GLANCE_OTHER;
	return true;
}

static enum source_got judge_end(const struct capture *capture)
{
	if (capture->result == PCAP_ERROR_BREAK || stop_wanted)
		return SOURCE_END;
	complain("%s: %s; the packets before were used", capture->name,
		 pcap_geterr(capture->pcap));
	return SOURCE_FAILED;
}

/* @glance is the next. */
static void ready_next(struct capture *capture, const struct glance *glance)
{
	unsigned int count;

	if (!capture->ready) {
		count = 1 + ahead_behind(capture->ahead);
		capture->ready = count < READY ? count : READY;
		engine_ready(capture->engine, glance, capture->ready);
	}
	capture->ready--;
}

static const struct glance *next_glance(struct capture *capture)
{
	const struct glance *glance = capture->glance;

	capture->glance = NULL;
	if (!glance && !capture->is_over)
		glance = ahead_next(capture->ahead);
	capture->is_over = !glance;
	return glance;
}

static enum source_got next(struct source *source, int timeout_ms,
			    const struct tcphs_record **record)
{
	struct capture *capture = (struct capture *)source;
	const struct glance *glance;

	(void)timeout_ms;
	while (!(*record = engine_pop(capture->engine))) {
		glance = next_glance(capture);
		if (glance) {
			ready_next(capture, glance);
			engine_take(capture->engine, glance,
				    &capture->source.totals);
		} else if (!engine_end_one(capture->engine)) {
			return judge_end(capture);
		}
	}
	return SOURCE_RECORD;
}

static void close_capture(struct source *source)
{
	struct capture *capture = (struct capture *)source;

	if (capture->ahead)
		ahead_end(capture->ahead);
	if (capture->engine)
		engine_free(capture->engine);
	plain_close(capture->plain);
	pcap_close(capture->pcap);	/* and the file */
	free(capture);
}

static const struct source_ops capture_ops = {
	.next = next,
	.close = close_capture,
};

static pcap_t *open_pcap(FILE *file, const char *name)
{
	char why[PCAP_ERRBUF_SIZE];
	pcap_t *pcap;

	pcap = pcap_fopen_offline_with_tstamp_precision(file,
							PCAP_TSTAMP_PRECISION_NANO,
							why);
	if (!pcap) {
		complain("%s: %s", name, why);
		fclose(file);
		return NULL;
	}
	if (link_is_known(pcap_datalink(pcap)))
		return pcap;
	complain("%s: link type %d (%s) is not supported: " LINK_KNOWN, name,
		 pcap_datalink(pcap),
		 pcap_datalink_val_to_description_or_dlt(pcap_datalink(pcap)));
	pcap_close(pcap);
	return NULL;
}

struct source *source_pcap_open(const struct source_options *options,
				FILE *file, const char *name, int *status)
{
	const struct engine_options engine_options = {
		.segments = options->segments,
		.no_checksum = options->no_checksum,
		.local = options->local,
		.limit = options->limit,
	};
	bool is_regular = fileno(file) >= 0;	/* see stoppable_open() */
	struct capture *capture;
	pcap_t *pcap = open_pcap(file, name);

	*status = STATUS_FAILED;
	if (!pcap)
		return NULL;
	capture = tool_alloc(sizeof(*capture));
	capture->source.ops = &capture_ops;
	capture->source.totals.has_segments = true;
	capture->pcap = pcap;
	if (is_regular)
		capture->plain = plain_open(pcap, file);
	capture->name = name;
	capture->link = pcap_datalink(pcap);
	capture->engine = engine_alloc(&engine_options);
	if (!capture->engine) {
		*status = STATUS_USAGE;
		close_capture(&capture->source);
		return NULL;
	}
	capture->ahead = ahead_begin(read_packet, capture, is_regular);
	capture->glance = ahead_next(capture->ahead);
	capture->is_over = !capture->glance;
	capture->source.hello.wall_ns = capture->glance ? capture->glance->ns :
					TCPHS_NS_NONE;
	return &capture->source;
}
