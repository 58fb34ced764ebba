# SPDX-License-Identifier: GPL-2.0
# What the scenarios about TIME_WAIT share: probes on the small sockets' own
# functions as their witness, tcphs' own words beside it, and the claims. Sourced
# by them behind lib.sh.
# shellcheck shell=dash disable=SC2154,SC2034

# The scenario's $mechanism: kprobe or lookup.
tracing=/sys/kernel/tracing
kernel=$(uname -r | cut -d. -f1,2)

# By how much tcphs may be wrong, in milliseconds.
limit_ms()
{
	case $mechanism in
	kprobe) echo 1 ;;
	lookup) echo 50 ;;
	esac
}

# ---- the kernel's witness ----

# probe NAME FUNCTION FIELDS: what is there when the function is called.
probe()
{
	printf 'p:small/%s %s %s from=+0(%%sp):symbol\n' "$1" "$2" "$3" >>$tracing/kprobe_events ||
		fail "no kprobe on $2"
}

# begin_trace [KILOBYTES]: boot is the clock of tcphs' records.
begin_trace()
{
	local ends

	# shellcheck source=/dev/null
	. /vm/offsets
	ends="family=+$skc_family(%di):u16 daddr=+$skc_daddr(%di):x32 saddr=+$skc_rcv_saddr(%di):x32
		d0=+$skc_v6_daddr(%di):x64 d1=+$((skc_v6_daddr + 8))(%di):x64
		s0=+$skc_v6_rcv_saddr(%di):x64 s1=+$((skc_v6_rcv_saddr + 8))(%di):x64
		num=+$skc_num(%di):u16 dport=+$skc_dport(%di):x16"
	ends=$(printf '%s' "$ends" | tr -s '\n\t' '  ')
	echo 0 >$tracing/tracing_on
	echo boot >$tracing/trace_clock
	echo "${1:-1024}" >$tracing/buffer_size_kb
	echo >$tracing/trace
	probe wait tcp_time_wait "state=%si:s32 $ends"
	probe arm __inet_twsk_schedule "tw=%di:x64 timeo=%si:s32 rearm=%dx:u8 sub=+$tw_substate(%di):u8 $ends"
	# tcphdr: the flags are its 14th byte.
	probe segment tcp_timewait_state_process "tw=%di:x64 flags=+13(%dx):u8"
	probe put inet_twsk_deschedule_put "tw=%di:x64"
	probe kill inet_twsk_kill "tw=%di:x64"
	echo 1 >$tracing/events/small/enable
	echo 1 >$tracing/tracing_on
}

end_trace()
{
	echo 0 >$tracing/events/small/enable
	cat $tracing/trace >"$OUT/trace.text"
	echo >$tracing/kprobe_events
	echo 4 >$tracing/buffer_size_kb
}

# What the judge has to know besides.
mark()
{
	echo "$*" >$tracing/trace_marker
}

# ---- tcphs ----

readers=0

# load PARAMETER...: with the scenario's mechanism.
load()
{
	case $mechanism in
	kprobe) load_module "$@" ;;
	lookup) load_module probes=0 "$@" ;;
	esac
	mark loaded
}

unload()
{
	mark unloaded
	rmmod tcphs || fail "rmmod"
}

# start_saving NS...: the records of these namespaces.
start_saving()
{
	readers=$((readers + 1))
	timewaits save "$OUT/told.$readers" "$@" >"$OUT/ready" &
	saver=$!
	wait_for 20 "the devices are read" grep -q ready "$OUT/ready"
}

stop_saving()
{
	kill "$saver"
	wait "$saver" || fail "timewaits save ended with status $?"
}

# ---- claims ----

# expect NAME PORT SIDE WORDS: of the end at that side of the connection with this
# client's port: for each of its small sockets what began it again, what ended it.
expect()
{
	printf '%s|%s|%s|%s\n' "$1" "$2" "$3" "$4" >>"$OUT/expect"
}

# small NS: how many small sockets there are.
small()
{
	in_ns "$1" ss -Htan state time-wait state fin-wait-2 | wc -l
}

are_all_gone()
{
	local ns

	for ns; do
		[ "$(small "$ns")" -eq 0 ] || return 1
	done
}

# up_s: the guest's clock, in seconds.
up_s()
{
	local up

	read -r up _ </proc/uptime
	echo "${up%.*}"
}
