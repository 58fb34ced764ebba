// SPDX-License-Identifier: GPL-2.0
/*
 * The keys that all events of a connection have in common, and its row. Must not
 * know an event.
 */
#include "json_conn.h"

#include "kept.h"
#include "names.h"
#include "owner.h"
#include "print.h"

static void put_owner(struct jsonline *line, const struct tcphs_owner *owner)
{
	char comm[OWNER_COMM];

	jsonline_number_if(line, "uid", owner->uid != TCPHS_UID_NONE,
			   owner->uid);
	jsonline_number_if(line, "cgroup", owner->cgroup, owner->cgroup);
	jsonline_number_if(line, "pid", owner->pid, owner->pid);
	jsonline_word(line, "comm", owner_comm(comm, owner));
}

void json_conn(struct jsonline *line, const struct tcphs_record *record,
	       const char *local)
{
	char addr[PRINT_ADDR];

	jsonline_number(line, "conn_id", record->conn_id);
	jsonline_number_if(line, "netns", record->netns, record->netns);
	jsonline_text(line, "family", record->family == 6 ? "ipv6" : "ipv4");
	jsonline_text(line, "client_addr",
		      print_addr(addr, record, TCPHS_CLIENT));
	jsonline_number(line, "client_port", record->port[TCPHS_CLIENT]);
	jsonline_text(line, "server_addr",
		      print_addr(addr, record, TCPHS_SERVER));
	jsonline_number(line, "server_port", record->port[TCPHS_SERVER]);
	jsonline_word(line, "local", local);
	put_owner(line, &record->owner);
}

void json_conn_kept(struct jsonline *line, const struct tcphs_record *record)
{
	static struct kept all[KEPT_CONNS];
	size_t begin = line->length;
	bool is_same;
	struct kept *kept = kept_find(all, record, &is_same);

	if (is_same) {
		jsonline_put(line, kept->text, kept->length);
		return;
	}
	json_conn(line, record, tcphs_local_name(record->local));
	kept_set(kept, record, line->text + begin, line->length - begin);
}
