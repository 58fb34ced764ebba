// SPDX-License-Identifier: GPL-2.0
/*
 * The engine's files that a segment passes through, compiled as one: half of what
 * such a step cost was calls between them. Adds nothing to them; elsewhere each
 * is compiled by itself.
 */
#include "core/expect.c"
#include "core/flow.c"
#include "core/quick.c"
#include "core/numbers.c"
#include "core/data.c"
#include "core/syn.c"
#include "core/rst.c"
#include "core/history.c"
#include "core/fsm.c"
#include "core/tell.c"
#include "core/timewait.c"
#include "core/life.c"
#include "core/socket.c"
