# SPDX-License-Identifier: GPL-2.0
# What the measuring scenarios share. Sourced by them, in the VM only.
# shellcheck shell=dash

# ask FILE WORD...: have a measuring module do it; prints what came of it.
ask()
{
	local file=/proc/$1

	shift
	exec 9<>"$file"
	echo "$*" >&9 || fail "$file does not take: $*"
	cat <&9
	exec 9<&-
}

# figure GOAL OURS PEER UNIT REMARK
figure()
{
	printf 'figure\t%s\t%s\t%s\t%s\t%s\n' "$@" >>"$OUT/figures"
}

# per COUNT NUMBER: with two decimals.
per()
{
	awk -v n="$2" -v count="$1" 'BEGIN { printf "%.2f\n", n / count }'
}

progress()
{
	read -r up _ </proc/uptime
	echo "$up s: $*"
}
