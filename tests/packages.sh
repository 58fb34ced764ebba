# SPDX-License-Identifier: GPL-2.0
# Reads tests/packages for tests/install and tests/fetch. Sourced by bash.
# shellcheck shell=bash

packages_file=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/packages

# The packages of one group, one a line; fails if there is no such group.
packages_of()
{
	awk -v group="$1" '
		/^#/ { next }
		{ sub(/^\+/, "", $1) }
		$1 == group { for (i = 2; i <= NF; i++) print $i; found = 1 }
		END { exit !found }' "$packages_file"
}

package_groups()
{
	awk '/^[^#]/ { sub(/^\+/, "", $1); if (!seen[$1]++) print $1 }' "$packages_file"
}

# Fetched groups are unpacked into the cache and never installed.
is_fetched_group()
{
	grep -q "^+$1[[:space:]]" "$packages_file"
}
