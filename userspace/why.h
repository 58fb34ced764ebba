/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tcphs timewait --why: what was measured here, what it costs, and what each
 * sysctl would change of it. Says nothing of what was not measured, and never
 * advises what breaks NAT or the protection of RFC 1337.
 */
#ifndef TCPHS_WHY_H
#define TCPHS_WHY_H

#include "filter.h"
#include "rows.h"
#include "survey.h"

struct why;

/* @filter: which connections are meant, kept by reference. */
struct why *why_alloc(const struct filter *filter);

/* What a survey finds; @arg: the struct why. */
void why_row(void *arg, const struct row *row);
void why_record(void *arg, const struct tcphs_record *record);

/**
 * why_print() - ask the host for the rest, and tell
 * @has_rows: all rows came
 *
 * Return: enum status.
 */
int why_print(struct why *why, bool has_rows, bool json);

void why_free(struct why *why);

#endif /* TCPHS_WHY_H */
