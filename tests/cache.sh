# SPDX-License-Identifier: GPL-2.0
# Names the folder outside the tree where the tests keep what is slow to get
# or to build. Deleting it costs time only. Sourced by sh and bash.
# shellcheck shell=sh disable=SC2034

cache=${TCPHS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tcphs}
