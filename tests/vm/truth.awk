# SPDX-License-Identifier: GPL-2.0
# Compares what the kernel's tracepoint says of each local socket with what
# tcphs says of that side: the same transitions in the same order, none missing.
#
#	awk -v sockets=N -f truth.awk TRACE WATCH...
#
# TRACE is tracefs' "trace" with sock:inet_sock_set_state; WATCH the JSON lines
# of tcphs watch in each namespace. Prints each difference; status 1 if there
# is one, or if the number of sockets is not N.
#
# What the two say differently, on purpose:
#  - The tracepoint has no TIME_WAIT: the socket goes to CLOSE where the small
#    socket takes over. tcphs' step into TIME_WAIT is that CLOSE, its step out
#    of TIME_WAIT has no counterpart.
#  - A client's CLOSE -> SYN_SENT is traced before its port is chosen, a
#    server's LISTEN -> SYN_RECV before the peer is written into the socket:
#    these are compared by number, for each address or port of the server;
#    tcphs' own must come first.
#  - Two ACKs of one handshake on two CPUs at once make two children of the
#    listener; the one that comes late is closed and never was a connection
#    (inet_csk_complete_hashdance()). It is a SYN_RECV -> CLOSE beside the
#    SYN_RECV -> ESTABLISHED of its twin.
#  - Listeners have no connection.

function json(key,  value)
{
	if (!match($0, "\"" key "\":\"?[^\",}]*"))
		return ""
	value = substr($0, RSTART, RLENGTH)
	sub(/^"[^"]*":"?/, "", value)
	return value
}

function differ(text)
{
	print "differs: " text
	wrong++
}

function step(steps, key, old, new)
{
	keys[key] = 1
	steps[key] = steps[key] " " old ">" new
	total++
}

FILENAME == ARGV[1] && /inet_sock_set_state:.* protocol=IPPROTO_TCP/ {
	for (i = 1; i <= NF; i++)
		if ((at = index($i, "=")) > 0)
			field[substr($i, 1, at - 1)] = substr($i, at + 1)
	old = substr(field["oldstate"], 5)
	new = substr(field["newstate"], 5)
	v6 = field["family"] == "AF_INET6" ? "v6" : ""
	here = field["saddr" v6] " " field["sport"]
	there = field["daddr" v6] " " field["dport"]
	if (new == "LISTEN" || (old == "LISTEN" && new == "CLOSE"))
		next
	if (new == "SYN_SENT")
		opened[there]++
	else if (old == "LISTEN")
		accepted[field["sport"]]++
	else
		step(traced, here " -> " there, old, new)
	next
}

FILENAME != ARGV[1] && /"event":"transition"/ {
	side = json("side")
	if (json("local") != side && json("local") != "both")
		next
	peer = side == "client" ? "server" : "client"
	here = json(side "_addr") " " json(side "_port")
	there = json(peer "_addr") " " json(peer "_port")
	old = json("old_state")
	new = json("new_state")
	if (json("cause") == "correction")
		differ(here " -> " there ": a local side was corrected, " old ">" new)
	if (old == "TIME_WAIT")
		next
	key = here " -> " there
	if ((new == "SYN_SENT" || new == "SYN_RECV") && shown[key] !~ /(^|>CLOSE)$/)
		differ(key ": " new " after" shown[key])
	if (new == "SYN_SENT")
		opened_shown[there]++
	else if (new == "SYN_RECV")
		accepted_shown[json(side "_port")]++
	else
		step(shown, key, old, new == "TIME_WAIT" ? "CLOSE" : new)
}

FILENAME != ARGV[1] && /"event":"lost"/ {
	differ("tcphs lost " json("count") " events")
}

END {
	for (key in keys) {
		count++
		if (traced[key] ~ /SYN_RECV>ESTABLISHED/ && sub(/ SYN_RECV>CLOSE/, "", traced[key])) {
			split(key, word, " ")
			accepted[word[2]]--
			total--
			twins++
		}
		if (traced[key] != shown[key])
			differ(key "\n  kernel:" traced[key] "\n  tcphs: " shown[key])
	}
	for (key in opened_shown)
		opened[key] += 0
	for (key in opened)
		if (opened[key] != opened_shown[key])
			differ("to " key ": " opened[key] " SYN_SENT, tcphs shows " \
			       opened_shown[key] + 0)
	for (key in accepted_shown)
		accepted[key] += 0
	for (key in accepted)
		if (accepted[key] != accepted_shown[key])
			differ("at port " key ": " accepted[key] " SYN_RECV, tcphs shows " \
			       accepted_shown[key] + 0)
	if (count != sockets)
		differ(count + 0 " sockets instead of " sockets)
	printf "%d sockets, %d transitions in both together, %d differences, %d twins\n", \
	       count, total, wrong, twins
	exit wrong > 0
}
