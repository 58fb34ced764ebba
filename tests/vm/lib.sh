# SPDX-License-Identifier: GPL-2.0
# What scenarios are made of: namespaces, servers, waiting, claims. Sourced by
# each scenario, in the VM only. $OUT is the scenario's results folder.
# shellcheck shell=dash

# ---- claims ----

fail()
{
	printf 'FAIL: %s\n' "$*"
	exit 1
}

skip()
{
	printf 'skip: %s\n' "$*"
	exit 77
}

# assert CLAIM COMMAND...: the command holds, or the claim is said to be wrong.
assert()
{
	local claim=$1

	shift
	if "$@"; then
		printf 'ok: %s\n' "$claim"
	else
		fail "$claim  [$*]"
	fi
}

# assert_equal CLAIM EXPECTED GOT
assert_equal()
{
	[ "$2" = "$3" ] || fail "$1: expected '$2', got '$3'"
	printf 'ok: %s (%s)\n' "$1" "$3"
}

# assert_between CLAIM LEAST GOT MOST: for what may move while it is counted.
assert_between()
{
	if [ "$3" -lt "$2" ] || [ "$3" -gt "$4" ]; then
		fail "$1: expected $2 to $4, got '$3'"
	fi
	printf 'ok: %s (%s)\n' "$1" "$3"
}

# assert_fails CLAIM STATUS COMMAND...: it ends with just this exit status.
# What it prints is in $OUT/said.
assert_fails()
{
	local claim=$1 expected=$2 status=0

	shift 2
	"$@" >"$OUT/said" 2>&1 </dev/null || status=$?
	[ "$status" -eq "$expected" ] || {
		cat "$OUT/said"
		fail "$claim: exit status $status instead of $expected  [$*]"
	}
	printf 'ok: %s (exit status %s)\n' "$claim" "$status"
}

# figure TEXT: what was measured, for people: make check-all shows it.
figure()
{
	printf 'figure: %s\n' "$*"
}

# wait_for SECONDS CLAIM COMMAND...: until the command holds. Where the kernel is
# slow, $SLOW times as long.
wait_for()
{
	local seconds=$(($1 * ${SLOW:-1})) claim=$2 up deadline round=0

	shift 2
	read -r up _ </proc/uptime
	deadline=$((${up%.*} + seconds + 1))
	until "$@" >/dev/null 2>&1; do
		read -r up _ </proc/uptime
		[ "${up%.*}" -lt "$deadline" ] || fail "$claim: not within $seconds s  [$*]"
		round=$((round + 1))
		if [ $round -lt 40 ]; then sleep 0.05; else sleep 0.5; fi
	done
}

# ---- namespaces ----

# in_ns NAME COMMAND...
in_ns()
{
	local ns=$1

	shift
	enter "$ns" "$@"
}

# spawn NAME COMMAND...: the same in the background, its input empty; $! is the
# command itself (of a function in the background it would be a shell).
spawn()
{
	local ns=$1

	shift
	enter "$ns" "$@" &
}

# client 10.0.0.1 fd00::1 -- 10.0.0.2 fd00::2 server
make_pair()
{
	ip -batch - <<-END
		netns add client
		netns add server
		link add eth0 netns client type veth peer name eth0 netns server
	END
	set_up client eth0 10.0.0.1/24 fd00::1/64
	set_up server eth0 10.0.0.2/24 fd00::2/64
}

# client 10.0.1.2 fd00:1::2 -- .1 router .1 -- 10.0.2.2 fd00:2::2 server
make_line()
{
	ip -batch - <<-END
		netns add client
		netns add router
		netns add server
		link add eth0 netns client type veth peer name left netns router
		link add eth0 netns server type veth peer name right netns router
	END
	set_up client eth0 10.0.1.2/24 fd00:1::2/64 10.0.1.1 fd00:1::1
	set_up server eth0 10.0.2.2/24 fd00:2::2/64 10.0.2.1 fd00:2::1
	set_up router left 10.0.1.1/24 fd00:1::1/64
	set_up router right 10.0.2.1/24 fd00:2::1/64
	in_ns router sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
}

# set_up NS DEVICE ADDRESS4 ADDRESS6 [GATEWAY4 GATEWAY6]
set_up()
{
	{
		printf 'link set lo up\n'
		printf 'addr add %s dev %s\n' "$3" "$2" "$4" "$2"
		printf 'link set %s up\n' "$2"
		[ $# -eq 4 ] || printf 'route add default via %s\n' "$5" "$6"
	} | ip -n "$1" -batch -
}

# ---- packets ----

# start_inject NS ADDRESS4 ADDRESS6: each line written to descriptor 3 is a packet
# in hex that comes to NS through the device tun0.
start_inject()
{
	modprobe tun
	in_ns "$1" ip tuntap add dev tun0 mode tun
	set_up "$1" tun0 "$2" "$3"
	mkfifo "$OUT/packets"
	exec 3<>"$OUT/packets"
	enter "$1" inject tun0 <&3 &
}

# make_router MODE...: forwards what a TUN device brings between 10.1/16 and 10.2/16;
# MODE as of "ip tuntap".
make_router()
{
	modprobe tun
	ip netns add router
	in_ns router ip link set lo up
	in_ns router ip tuntap add dev tun0 mode tun "$@"
	set_up router tun0 10.0.0.1/32 fd00::1/128
	in_ns router sysctl -q -w net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=0 \
		net.ipv4.conf.tun0.send_redirects=0
	for net in 10.1.0.0/16 10.2.0.0/16; do
		in_ns router ip route add $net dev tun0
	done
}

# hex4 ADDRESS
hex4()
{
	local IFS=.

	# shellcheck disable=SC2086
	printf '%02x' $1
}

# segment4 SOURCE PORT DESTINATION PORT FLAGS SEQ ACK [LENGTH]: a segment over IPv4
# with so many bytes of data; FLAGS as a number.
segment4()
{
	printf '4500%04x0000400040060000 %s %s' $((40 + ${8:-0})) "$(hex4 "$1")" "$(hex4 "$3")"
	printf ' %04x%04x %08x %08x 50%02xffff 00000000 ' "$2" "$4" \
		$(($6 & 0xffffffff)) $(($7 & 0xffffffff)) "$5"
	[ "${8:-0}" -eq 0 ] || printf '%02x' $(seq "$8")
	printf '\n'
}

# ---- programs ----

# start_nginx NS [PORT...]: ports 8000 to 8009, and those named, keep connections
# alive, so that curl closes first; 8080 does not, so that the server does. For a
# request that does not come it waits a minute, where the kernel is slow longer.
start_nginx()
{
	local ns=$1 conf=$OUT/nginx.$1 port idle=$((60 * ${SLOW:-1}))

	shift
	mkdir -p "$conf" /var/log/nginx /srv
	[ -e /srv/small ] || dd if=/dev/zero of=/srv/small bs=1000 count=1 2>/dev/null
	[ -e /srv/big ] || dd if=/dev/zero of=/srv/big bs=1000 count=1000 2>/dev/null
	{
		printf 'user root; worker_processes 1; pid %s/pid;\n' "$conf"
		printf 'error_log %s/error; events { worker_connections 4096; }\n' "$conf"
		printf 'http { access_log off; root /srv; default_type text/plain;\n'
		printf 'client_header_timeout %s;\n' $idle
		printf 'server { keepalive_timeout %s;\n' $idle
		for port in 8000 8001 8002 8003 8004 8005 8006 8007 8008 8009 "$@"; do
			printf 'listen %s; listen [::]:%s;\n' "$port" "$port"
		done
		printf '}\nserver { listen 8080; listen [::]:8080; keepalive_timeout 0; } }\n'
	} >"$conf/conf"
	in_ns "$ns" nginx -e "$conf/error" -c "$conf/conf"
	wait_for 20 "nginx listens in $ns" is_listening "$ns" 8080
}

is_listening()
{
	[ "$(in_ns "$1" ss -Hltn "sport = :$2" | wc -l)" -eq 2 ]
}

# fetch NS URL... [curl's options]: one curl for all of them, each answer
# complete or it fails.
fetch()
{
	local ns=$1

	shift
	in_ns "$ns" curl -sS --no-progress-meter --fail --fail-early \
		--max-time $((30 * ${SLOW:-1})) -g "$@" >/dev/null
}

# is_quiet NS: each connection is over, but for TIME_WAIT.
is_quiet()
{
	in_ns "$1" awk 'FNR > 1 && $4 != "0A" && $4 != "06" { exit 1 }' \
		/proc/net/tcp /proc/net/tcp6
}

wait_quiet()
{
	local ns

	for ns in "$@"; do
		wait_for 20 "all connections in $ns are over" is_quiet "$ns"
	done
}

# ---- tcphs ----

load_module()
{
	insmod /vm/tcphs.ko "$@" || fail "insmod tcphs.ko $*"
}

# has_device PID: it has opened /dev/tcphs.
has_device()
{
	# shellcheck disable=SC2010
	ls -l "/proc/$1/fd" | grep -q ' /dev/tcphs$'
}

# start_watch NS: its events as JSON lines, from now on, in $OUT/watch.NS.
start_watch()
{
	spawn "$1" tcphs watch -j >"$OUT/watch.$1" 2>"$OUT/watch.$1.err"
	echo $! >"$OUT/watch.$1.pid"
	wait_for 20 "tcphs watch in $1 says hello" grep -q '"event":"hello"' "$OUT/watch.$1"
}

# stop_watch NS: once it has shown all events that there are.
stop_watch()
{
	wait_for 120 "tcphs watch in $1 has shown all events" has_shown_all "$1"
	kill -INT "$(cat "$OUT/watch.$1.pid")"
	wait "$(cat "$OUT/watch.$1.pid")" || fail "tcphs watch in $1 ended with status $?"
}

has_shown_all()
{
	[ "$(sed -n '$s/.*"seq":\([0-9]*\).*/\1/p' "$OUT/watch.$1")" -eq \
		$(($(header "$1" events) - 1)) ]
}

# header NS NAME: a number of the first line of /proc/tcphs.
header()
{
	in_ns "$1" sed -n "1s/.*[ =]$2[= ]\([0-9]*\).*/\1/p" /proc/tcphs
}

# rows NS: the connections in /proc/tcphs.
rows()
{
	in_ns "$1" sed '/^#/d' /proc/tcphs
}

# counter NS NAME...: the sum over these and all CPUs in /proc/net/stat/tcphs.
counter()
{
	local ns=$1

	shift
	in_ns "$ns" awk -v names="$*" '
		function hex(text,  i, n) {
			for (i = 1; i <= length(text); i++)
				n = n * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
			return n
		}
		NR == 1 {
			wanted = split(names, name)
			for (i = 1; i <= NF; i++)
				for (j in name)
					if ($i == name[j])
						column[++found] = i
		}
		NR > 1 { for (i = 1; i <= found; i++) sum += hex($column[i]) }
		END { print sum + 0; exit found != wanted }' /proc/net/stat/tcphs ||
		fail "/proc/net/stat/tcphs does not have all of: $*"
}

# is_balanced NS: records that came have gone or are there; at the moment they come
# or go they need not be.
is_balanced()
{
	[ "$(counter "$1" created)" -eq $(($(counter "$1" removed) + $(header "$1" entries))) ]
}

# cpus: as many as are there.
cpus()
{
	grep -c ^processor /proc/cpuinfo
}

# in_order FILE: of each connection in these JSON lines a side's states follow one
# another, and its moments do not go back; prints how many transitions there were.
in_order()
{
	awk '
		function get(key) {
			return match($0, "\"" key "\":[^,}]*") ?
				substr($0, RSTART + length(key) + 3, RLENGTH - length(key) - 3) : ""
		}
		/"event":"lost"/ { print "events are lost"; bad = 1 }
		!/"conn_id"/ { next }
		{
			id = get("conn_id")
			if (get("ts") < ts[id]) {
				print "not in order: " $0
				bad = 1
			}
			ts[id] = get("ts")
		}
		/"event":"transition"/ {
			side = id " " get("side")
			if (side in state && state[side] != get("old_state")) {
				print "it was " state[side] ": " $0
				bad = 1
			}
			state[side] = get("new_state")
			count++
		}
		END { if (!bad) print count + 0; exit bad }' "$1"
}

# segments NS: those used or passed over with a reason that sound TCPs give.
# A late RST meets no connection any more; an ACK that another has overtaken on
# its way from CPU to CPU bears an older timestamp (PAWS). Neither is a fault.
segments()
{
	counter "$1" used stray bad_rst out_of_window
}

# events FILE EVENT [PATTERN]: how many JSON lines of this event match.
events()
{
	grep "\"event\":\"$2\"" "$1" | grep -c "${3:-}"
}
