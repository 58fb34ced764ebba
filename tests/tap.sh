# SPDX-License-Identifier: GPL-2.0
# TAP of several programs as that of one. Sourced by bash.
# shellcheck shell=bash

# number_tests: their lines, numbered through, and the plan. Each as it comes, which
# awk does not promise.
number_tests()
{
	local line count=0

	while IFS= read -r line; do
		[[ ! $line =~ ^1\.\.[0-9]+ ]] || continue
		if [[ $line =~ ^(ok|not\ ok)(\ [0-9]+)?\ (.*) ]]; then
			count=$((count + 1))
			line="${BASH_REMATCH[1]} $count ${BASH_REMATCH[3]}"
		fi
		printf '%s\n' "$line"
	done
	printf '1..%d\n' "$count"
}
