/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The options of commands that read captures: --local and --no-checksum.
 */
#ifndef TCPHS_CAPTURE_OPTIONS_H
#define TCPHS_CAPTURE_OPTIONS_H

#include <argp.h>

#include "source.h"

/* A child for a command's argp, its input a struct source_options. */
extern const struct argp capture_argp;

#endif /* TCPHS_CAPTURE_OPTIONS_H */
