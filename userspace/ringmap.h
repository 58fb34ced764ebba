/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rings of /dev/tcphs as they lie in the kernel's memory, merged into the
 * one stream that read() gives: without a call, and with the same records.
 * Waits for nothing.
 */
#ifndef TCPHS_RINGMAP_H
#define TCPHS_RINGMAP_H

#include <stdbool.h>

#include <linux/tcphs.h>

#include "env.h"

struct ringmap;

/**
 * ringmap_open() - map a device that is open
 * @fd: of the device; the mapping holds the file by itself
 * @info: what it says of itself
 * @from_now: begin with what comes, not with the oldest that is held
 *
 * Return: NULL where that cannot be: use read().
 */
struct ringmap *ringmap_open(int fd, const struct tcphs_info *info,
			     bool from_now);
void ringmap_close(struct ringmap *map);

/**
 * ringmap_next() - copy the next record, a loss among them
 * @map: mapped
 * @record: filled
 *
 * Return: false if none is ready, which may be a moment before it is though
 * ringmap_has_more().
 */
bool ringmap_next(struct ringmap *map, struct tcphs_record *record);

/* Whether something was published that ringmap_next() has not given. */
bool ringmap_has_more(const struct ringmap *map);

/* As in struct tcphs_info, of a reader of the mapping. */
u64 ringmap_place(const struct ringmap *map);
u64 ringmap_lost(const struct ringmap *map);

#endif /* TCPHS_RINGMAP_H */
