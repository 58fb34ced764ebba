// SPDX-License-Identifier: GPL-2.0
/*
 * Reads pcap and pcapng through libpcap and gives the packets to the engine.
 * Must not judge a packet itself.
 */
#include "source.h"

#include <pcap/pcap.h>
#include <stdint.h>
#include <stdlib.h>

#include "engine.h"
#include "link.h"
#include "tool.h"

#define NS_PER_S	1000000000ULL

struct capture {
	struct source source;
	struct engine *engine;
	pcap_t *pcap;
	const char *name;
	int link;
	enum source_got end;		/* SOURCE_NOTHING: there is more to read */
	struct pcap_pkthdr *header;	/* of a packet that was read ahead */
	const u_char *data;
};

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

/* Reads a packet ahead, or learns that there is none. */
static void read_packet(struct capture *capture)
{
	int result = pcap_next_ex(capture->pcap, &capture->header,
				  &capture->data);

	if (result == 1)
		return;
	capture->header = NULL;
	capture->end = SOURCE_END;
	if (result == PCAP_ERROR_BREAK || stop_wanted)
		return;
	complain("%s: %s; the packets before were used", capture->name,
		 pcap_geterr(capture->pcap));
	capture->end = SOURCE_FAILED;
}

static void take_packet(struct capture *capture)
{
	const struct pcap_pkthdr *header = capture->header;
	u64 ns = capture_ns(header);
	struct link_packet packet = {
		.data = capture->data,
		.avail = header->caplen,
		.wire = header->len > header->caplen ? header->len :
			header->caplen,
	};

	if (link_strip(capture->link, &packet)) {
		engine_packet(capture->engine, ns, packet.data, packet.avail,
			      packet.wire, &capture->source.totals);
		return;
	}
	capture->source.totals.other++;
	engine_tick(capture->engine, ns);
}

static enum source_got next(struct source *source, int timeout_ms,
			    const struct tcphs_record **record)
{
	struct capture *capture = (struct capture *)source;

	(void)timeout_ms;
	while (!(*record = engine_pop(capture->engine))) {
		if (capture->end != SOURCE_NOTHING) {
			if (!engine_end_one(capture->engine))
				return capture->end;
			continue;
		}
		take_packet(capture);
		read_packet(capture);
	}
	return SOURCE_RECORD;
}

static void close_capture(struct source *source)
{
	struct capture *capture = (struct capture *)source;

	if (capture->engine)
		engine_free(capture->engine);
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
	};
	struct capture *capture;
	pcap_t *pcap = open_pcap(file, name);

	*status = STATUS_FAILED;
	if (!pcap)
		return NULL;
	capture = tool_alloc(sizeof(*capture));
	capture->source.ops = &capture_ops;
	capture->source.totals.has_segments = true;
	capture->pcap = pcap;
	capture->name = name;
	capture->link = pcap_datalink(pcap);
	capture->end = SOURCE_NOTHING;
	capture->engine = engine_alloc(&engine_options);
	if (!capture->engine) {
		*status = STATUS_USAGE;
		close_capture(&capture->source);
		return NULL;
	}
	read_packet(capture);
	capture->source.hello.wall_ns = capture->header ?
		capture_ns(capture->header) : TCPHS_NS_NONE;
	return &capture->source;
}
