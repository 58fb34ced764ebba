/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sysctls of the present network namespace, read as they are now. Writes none.
 */
#ifndef TCPHS_TUNABLE_H
#define TCPHS_TUNABLE_H

#include "env.h"

/* net.ipv4.@name. Return: whether there is such a number. */
bool tunable_read(const char *name, u64 *value);

/* The ports that connect() chooses among. */
struct tunable_ports {
	u16 low;
	u16 high;
	u32 reserved;		/* within them */
	u32 usable;		/* all others */
	u8 is_reserved[65536 / 8];
};

/* ip_local_port_range, ip_local_reserved_ports. Return: whether it is there. */
bool tunable_read_ports(struct tunable_ports *ports);

bool tunable_has_port(const struct tunable_ports *ports, u16 port);

#endif /* TCPHS_TUNABLE_H */
