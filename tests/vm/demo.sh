# SPDX-License-Identifier: GPL-2.0
# What make demo shows, in the VM: the textbook's two hosts as namespaces, nginx
# and curl between them, and what tcphs saw. Lines with "==> " are progress.
# shellcheck shell=dash source=tests/vm/lib.sh
OUT=/results
. /vm/lib.sh

step()
{
	printf '==> %s\n' "$*"
}

# show COMMAND...: in the client's namespace, as typed at a prompt.
show()
{
	printf '\nclient# %s\n' "$*"
	in_ns client "$@"
}

server=192.168.1.123

step "two hosts: client 192.168.1.116, server $server"
ip -batch - <<END
netns add client
netns add server
link add eth0 netns client type veth peer name eth0 netns server
END
set_up client eth0 192.168.1.116/24 fd00::116/64
set_up server eth0 $server/24 fd00::123/64

step "insmod tcphs.ko"
load_module

step "nginx on the server"
start_nginx server 7788

step "tcphs watch and tcphs record on the client"
spawn client tcphs record /results/events 2>/dev/null
wait_for 20 "tcphs record is ready" has_device $!
spawn client tcphs watch port 7788 >/results/watch 2>/dev/null
wait_for 20 "tcphs watch is ready" has_device $!

step "curl: one connection that the client closes, one that the server closes, IPv6, a slow one"
fetch client --local-port 3337 http://$server:7788/small
fetch client --ignore-content-length http://$server:8080/small
fetch client 'http://[fd00::123]:8000/small' 'http://[fd00::123]:8000/big'
fetch client --limit-rate 1000 http://$server:8001/big &
wait_for 20 "the slow one" in_ns client grep -q ':8001 .*ESTABLISHED' /proc/tcphs
wait_for 20 "TIME_WAIT" in_ns client grep -q '3337 .*TIME_WAIT' /proc/tcphs

show tcphs show -p
show tcphs show --disagree
printf '\nclient# tcphs watch port 7788\n'
cat /results/watch
show tcphs ladder /results/events port 3337
show tcphs stats
step "done"
