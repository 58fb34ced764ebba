/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Giving up what was needed to open the device. Gives up nothing by itself.
 */
#ifndef TCPHS_PRIVILEGE_H
#define TCPHS_PRIVILEGE_H

#include "tool.h"

/**
 * privilege_drop() - go on with less
 * @user: become that user, with its groups; NULL: stay who one is
 *
 * Whoever is not root afterwards holds no capability. No program that is
 * started from here can gain any.
 *
 * Return: enum status; it has complained unless STATUS_DONE.
 */
int privilege_drop(const char *user);

/**
 * privilege_lower() - what was to be opened is open: root goes on as nobody much
 *
 * Root becomes who called sudo(8) (SUDO_UID, SUDO_GID), else the user and group 65534,
 * nobody; where neither exists, in a user namespace that maps root alone, it stays.
 * Supplementary groups and all capabilities are given up. Another user than root only
 * gives up capabilities.
 *
 * Return: enum status; it has complained unless STATUS_DONE.
 */
int privilege_lower(void);

#endif /* TCPHS_PRIVILEGE_H */
