# SPDX-License-Identifier: GPL-2.0
# The paths on which truth makes connections, each in namespaces of its own, so
# that all can be used at once: path_NAME makes them, adds them to $spaces, and
# leaves in $ends what traffic wants to know, in $marks what the judge has to: l,
# segments are lost; c, SYN cookies; r, redirected. Sourced by the scenario.
# shellcheck shell=dash disable=SC2034

all_paths='lo4 lo6 lo_mapped lo_mess lo_nat veth4 veth6 mapped cookies delay loss mess
	route4 route6 before behind nat4 nat6'
spaces=

# What has TOS_LOST is lost on its way: behind its sender's hook, before its
# receiver's. What bears a worker's mark is held by it before its sender's.
lossy='table inet lossy {
	chain in {
		type filter hook input priority 0
		ip dscp ef drop
		ip6 dscp ef drop
	}
	chain out {
		type filter hook output priority 0
		meta mark 1 queue num 1
		meta mark 2 queue num 2
	}
}'

# Waiting is shortened, states are not changed.
shorten='cd /proc/sys/net/ipv4
	echo 2 >tcp_syn_retries; echo 2 >tcp_synack_retries; echo 3 >tcp_orphan_retries
	echo 5 >tcp_retries2; echo 3 >tcp_fin_timeout; echo 3 >tcp_fastopen
	echo 100000 >tcp_max_tw_buckets'

prepare()
{
	new="$new $1"
	spaces="$spaces $1"
	printf '%s\n' "$lossy" | in_ns "$1" sh -c "$shorten; exec nft -f -"
}

# ---- places: one namespace, two, or three with a router between them ----

make_alone()
{
	new=
	ip netns add "$1"
	ip -n "$1" link set lo up
	prepare "$1"
}

# know NS DEVICE MAC ADDRESS...: neighbours that need not be asked for, over a
# path where the question might be lost.
know()
{
	local ns=$1 device=$2 mac=$3

	shift 3
	printf "neigh add %s dev $device lladdr $mac nud permanent\n" "$@" | ip -n "$ns" -batch -
}

make_two()
{
	new=
	ip -batch - <<-END
		netns add $1-c
		netns add $1-s
		link add eth0 netns $1-c address 02:00:00:00:00:01 type veth peer name eth0 netns $1-s address 02:00:00:00:00:02
	END
	set_up "$1-c" eth0 10.0.0.1/24 fd00::1/64
	set_up "$1-s" eth0 10.0.0.2/24 fd00::2/64
	know "$1-c" eth0 02:00:00:00:00:02 10.0.0.2 fd00::2
	know "$1-s" eth0 02:00:00:00:00:01 10.0.0.1 fd00::1
	prepare "$1-c"
	prepare "$1-s"
}

make_three()
{
	new=
	ip -batch - <<-END
		netns add $1-c
		netns add $1-r
		netns add $1-s
		link add eth0 netns $1-c address 02:00:00:00:01:02 type veth peer name left netns $1-r address 02:00:00:00:01:01
		link add eth0 netns $1-s address 02:00:00:00:02:02 type veth peer name right netns $1-r address 02:00:00:00:02:01
	END
	set_up "$1-c" eth0 10.0.1.2/24 fd00:1::2/64 10.0.1.1 fd00:1::1
	set_up "$1-s" eth0 10.0.2.2/24 fd00:2::2/64 10.0.2.1 fd00:2::1
	set_up "$1-r" left 10.0.1.1/24 fd00:1::1/64
	set_up "$1-r" right 10.0.2.1/24 fd00:2::1/64
	know "$1-c" eth0 02:00:00:00:01:01 10.0.1.1 fd00:1::1
	know "$1-s" eth0 02:00:00:00:02:01 10.0.2.1 fd00:2::1
	know "$1-r" left 02:00:00:00:01:02 10.0.1.2 fd00:1::2
	know "$1-r" right 02:00:00:00:02:02 10.0.2.2 fd00:2::2
	in_ns "$1-r" sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	prepare "$1-c"
	prepare "$1-s"
	prepare "$1-r"
}

# mess NS DEVICE NETEM...
mess()
{
	local ns=$1 device=$2

	shift 2
	marks=l
	in_ns "$ns" tc qdisc add dev "$device" root netem limit 100000 "$@"
}

mess_two()
{
	local path=$1

	shift
	mess "$path-c" eth0 "$@"
	mess "$path-s" eth0 "$@"
}

# ---- paths: a place, what is special in it, and the two addresses ----

path_lo4()
{
	make_alone lo4
	ends="lo4 lo4 127.0.0.1 127.0.0.1"
}

path_lo6()
{
	make_alone lo6
	ends="lo6 lo6 ::1 ::1"
}

path_lo_mapped()
{
	make_alone lo_mapped
	ends="lo_mapped lo_mapped ::ffff:127.0.0.1 ::ffff:127.0.0.1"
}

path_lo_mess()
{
	make_alone lo_mess
	mess lo_mess lo delay 5ms 4ms loss 10% duplicate 5% reorder 20%
	ends="lo_mess lo_mess 127.0.0.1 127.0.0.1"
}

path_lo_nat()
{
	make_alone lo_nat
	marks=r
	redirected=lo_nat
	in_ns lo_nat nft -f - <<-END
		table inet nat {
			chain out {
				type nat hook output priority -100
				ip daddr 127.0.0.9 meta l4proto tcp redirect
			}
		}
	END
	ends="lo_nat lo_nat 127.0.0.1 127.0.0.9"
}

path_veth4()
{
	make_two veth4
	ends="veth4-c veth4-s 10.0.0.1 10.0.0.2"
}

path_veth6()
{
	make_two veth6
	ends="veth6-c veth6-s fd00::1 fd00::2"
}

path_mapped()
{
	make_two mapped
	ends="mapped-c mapped-s ::ffff:10.0.0.1 ::ffff:10.0.0.2"
}

path_cookies()
{
	make_two cookies
	marks=c
	in_ns cookies-s sysctl -q -w net.ipv4.tcp_syncookies=2
	ends="cookies-c cookies-s 10.0.0.1 10.0.0.2"
}

path_delay()
{
	make_two delay
	mess_two delay delay 20ms 5ms
	ends="delay-c delay-s 10.0.0.1 10.0.0.2"
}

path_loss()
{
	make_two loss
	mess_two loss delay 5ms loss 30%
	ends="loss-c loss-s 10.0.0.1 10.0.0.2"
}

path_mess()
{
	make_two mess
	mess_two mess delay 10ms 8ms loss 5% duplicate 10% reorder 25%
	ends="mess-c mess-s fd00::1 fd00::2"
}

path_route4()
{
	make_three route4
	ends="route4-c route4-s 10.0.1.2 10.0.2.2"
}

path_route6()
{
	make_three route6
	ends="route6-c route6-s fd00:1::2 fd00:2::2"
}

# Before the router; behind it, where corrections come from.
path_before()
{
	make_three before
	mess before-c eth0 delay 10ms 5ms loss 15% duplicate 5% reorder 10%
	mess before-r left delay 10ms 5ms loss 15% duplicate 5% reorder 10%
	ends="before-c before-s 10.0.1.2 10.0.2.2"
}

path_behind()
{
	make_three behind
	mess behind-s eth0 delay 10ms 5ms loss 15% duplicate 5% reorder 10%
	mess behind-r right delay 10ms 5ms loss 15% duplicate 5% reorder 10%
	ends="behind-c behind-s 10.0.1.2 10.0.2.2"
}

path_nat4()
{
	make_three nat4
	in_ns nat4-r nft -f - <<-END
		table ip nat {
			chain pre {
				type nat hook prerouting priority -100
				iifname left ip daddr 10.0.1.1 tcp dport 1000-2000 dnat to 10.0.2.2
			}
			chain post {
				type nat hook postrouting priority 100
				oifname right masquerade
			}
		}
	END
	ends="nat4-c nat4-s 10.0.1.2 10.0.1.1"
}

path_nat6()
{
	make_three nat6
	in_ns nat6-r nft -f - <<-END
		table ip6 nat {
			chain pre {
				type nat hook prerouting priority -100
				iifname left ip6 daddr fd00:1::1 tcp dport 1000-2000 dnat to fd00:2::2
			}
			chain post {
				type nat hook postrouting priority 100
				oifname right masquerade
			}
		}
	END
	ends="nat6-c nat6-s fd00:1::2 fd00:1::1"
}
