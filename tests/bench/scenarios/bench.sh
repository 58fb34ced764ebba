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

minus()
{
	awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f\n", a - b }'
}

# progress WORD...: into the log, and to the console, where it is seen at once.
progress()
{
	read -r up _ </proc/uptime
	echo "$up s: $*" | tee /dev/console
}

# make_wire: namespace "line", whose two devices bench_wire plays between.
make_wire()
{
	ip netns add line
	ip -n line link add left type veth peer name right
	ip -n line link set left up
	ip -n line link set right up
	insmod /vm/scenarios/wire.ko
}

# wire WORD...: have it play.
wire()
{
	# shellcheck disable=SC2016
	in_ns line taskset 1 sh -c 'exec 9<>/proc/bench_wire; echo "$*" >&9 && cat <&9' wire "$@" ||
		fail "the wire does not take: $*"
}

# entries: in the table of namespace "line". Of the file no more than is needed: it
# may have a million rows.
entries()
{
	in_ns line head -n 1 /proc/net/tcphs | sed 's/.* entries=\([0-9]*\) .*/\1/'
}

has_entries()
{
	[ "$(entries)" -eq "$1" ]
}

has_fewer_entries()
{
	[ "$(entries)" -lt "$1" ]
}

# used PID: the time that it has run, ns: instructions.
used()
{
	cut -d ' ' -f 1 "/proc/$1/schedstat"
}

# is_idle PID: it has done next to nothing in a fifth of a second: some look now and
# then whether there is something.
is_idle()
{
	local before

	before=$(used "$1")
	sleep 0.2
	[ $(($(used "$1") - before)) -lt 500000 ]
}
