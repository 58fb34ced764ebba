// SPDX-License-Identifier: GPL-2.0
/*
 * Takes from rows and events what they say of TIME_WAIT. Must not fill in what
 * they do not say.
 */
#include "wait.h"

#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "print.h"

static void fill_conn(struct wait *wait, const struct tcphs_record *record)
{
	memset(wait, 0, sizeof(*wait));
	wait->family = record->family;
	wait->local = record->local;
	wait->conn_id = record->conn_id;
	wait->wall_ns = record->wall_ns;
	memcpy(wait->port, record->port, sizeof(wait->port));
	memcpy(wait->addr, record->addr, sizeof(wait->addr));
	wait->owner = record->owner;
	wait->closer = TCPHS_NOBODY;
	wait->for_ns = TCPHS_NS_NONE;
	wait->left_ns = TCPHS_NS_NONE;
	wait->error_ns = TCPHS_NS_NONE;
}

static u8 parse_name(const char *text, const char *(*name)(unsigned int number),
		     unsigned int first, unsigned int last, unsigned int none)
{
	unsigned int i;

	for (i = first; i <= last; i++)
		if (strcmp(text, name(i)) == 0)
			return (u8)i;
	return (u8)none;
}

/* An older module has no column for what is left, but one for the source. */
static u8 find_source(const struct row *row, unsigned int side)
{
	if (row->left_source[side] != TCPHS_SOURCE_NONE)
		return row->left_source[side];
	return parse_name(row->text[ROW_TIMEWAIT_SOURCE], tcphs_source_name,
			  TCPHS_SOURCE_OBSERVED, TCPHS_SOURCE_MODELLED,
			  TCPHS_SOURCE_NONE);
}

static bool fill_side(struct wait *wait, const struct row *row,
		      unsigned int side)
{
	bool is_client = side == TCPHS_CLIENT;
	u64 orphan_ns = row->ns[is_client ? ROW_CLIENT_ORPHAN : ROW_SERVER_ORPHAN];
	bool is_orphan = row->state[side] == TCPHS_FIN_WAIT2 &&
			 orphan_ns != TCPHS_NS_NONE;

	if (row->state[side] != TCPHS_TIME_WAIT && !is_orphan)
		return false;
	fill_conn(wait, &row->record);
	wait->kind = is_orphan ? WAIT_ORPHAN_NOW : WAIT_NOW;
	wait->side = (u8)side;
	wait->closer = parse_name(row->text[ROW_CLOSER], tcphs_side_name,
				  TCPHS_CLIENT, TCPHS_BOTH, TCPHS_NOBODY);
	wait->local = parse_name(row->text[ROW_LOCAL], tcphs_local_name, 0,
				 TCPHS_LOCAL_CLIENT | TCPHS_LOCAL_SERVER, 0);
	wait->source = is_orphan ? (u8)TCPHS_SOURCE_OBSERVED :
				   find_source(row, side);
	wait->restarts = (u32)strtoul(row->text[is_client ? ROW_CLIENT_RESTARTS :
						ROW_SERVER_RESTARTS], NULL, 10);
	wait->for_ns = is_orphan ? orphan_ns :
		       row->ns[is_client ? ROW_CLIENT_FOR : ROW_SERVER_FOR];
	wait->left_ns = row->ns[is_client ? ROW_CLIENT_LEFT : ROW_SERVER_LEFT];
	return true;
}

unsigned int wait_of_row(struct wait waits[2], const struct row *row)
{
	unsigned int side, count = 0;

	for (side = TCPHS_CLIENT; side <= TCPHS_SERVER; side++)
		if (fill_side(&waits[count], row, side))
			count++;
	return count;
}

static void take_timewait(struct wait *wait, const struct tcphs_ev_timewait *ev)
{
	wait->kind = ev->phase == TCPHS_TW_START ? WAIT_BEGAN :
		     ev->phase == TCPHS_TW_RESTART ? WAIT_BEGAN_AGAIN :
						     WAIT_ENDED;
	wait->side = ev->side;
	wait->source = ev->source;
	wait->end = ev->end;
	wait->cause = ev->cause;
	wait->restarts = ev->restarts;
	if (wait->kind != WAIT_ENDED)
		return;
	wait->for_ns = ev->dur_ns;
	wait->error_ns = ev->error_ns;
}

static bool take_orphan(struct wait *wait, const struct tcphs_ev_transition *ev)
{
	wait->kind = WAIT_ORPHAN_ENDED;
	wait->side = ev->side;
	wait->source = TCPHS_SOURCE_OBSERVED;
	wait->end = ev->orphan_end;
	wait->cause = ev->orphan_cause;
	wait->for_ns = ev->orphan_ns;
	return ev->orphan_end != TCPHS_TW_END_NONE;
}

static bool take_anomaly(struct wait *wait, const struct tcphs_ev_anomaly *ev)
{
	wait->kind = WAIT_SYN_DELAYED;
	wait->side = TCPHS_SERVER;
	wait->for_ns = ev->delay_ns;
	return ev->kind == TCPHS_AN_SYN_DELAYED;
}

bool wait_of_record(struct wait *wait, const struct tcphs_record *record)
{
	fill_conn(wait, record);
	switch (record->type) {
	case TCPHS_EV_TIMEWAIT:
		take_timewait(wait, &record->timewait);
		return record->timewait.phase >= TCPHS_TW_START &&
		       record->timewait.phase <= TCPHS_TW_END &&
		       record->timewait.side <= TCPHS_SERVER;
	case TCPHS_EV_TRANSITION:
		return take_orphan(wait, &record->transition) &&
		       record->transition.side <= TCPHS_SERVER;
	case TCPHS_EV_ANOMALY:
		return take_anomaly(wait, &record->anomaly);
	default:
		return false;
	}
}

static void fill_record(struct tcphs_record *record, const struct wait *wait)
{
	memset(record, 0, sizeof(*record));
	record->family = wait->family;
	memcpy(record->port, wait->port, sizeof(record->port));
	memcpy(record->addr, wait->addr, sizeof(record->addr));
}

char *wait_print_end(char *buf, const struct wait *wait, unsigned int side)
{
	struct tcphs_record record;

	fill_record(&record, wait);
	return print_end(buf, &record, side);
}

char *wait_print_addr(char *buf, const struct wait *wait, unsigned int side)
{
	struct tcphs_record record;

	fill_record(&record, wait);
	return print_addr(buf, &record, side);
}
