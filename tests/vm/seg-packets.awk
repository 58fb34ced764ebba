# SPDX-License-Identifier: GPL-2.0
# Turns segment scripts (tests/unit/cases/README) into packets for inject, and
# into what an observer on the way between both ends has to tell of them.
#
#	awk -v family=4|6 -v expected=FILE -v reasons=FILE -f seg-packets.awk SCRIPT...
#
# Packets come on standard output. Each script has addresses of its own:
# 10.1.0.N or fd01::N for the client, 10.2.0.N or fd02::N for the server. In
# "expected" there is a line for each: client's address, name, then the states
# of the client, of the server, and the anomalies and TIME_WAITs, in order; in
# "reasons" one for each segment. A script ends here where time or a socket speaks: no
# clock is turned. One that does not run with local "none", or has a segment
# larger than a packet, is left out.

function hex16(n)
{
	return sprintf("%04x", n)
}

function hex32(n)
{
	return hex16(int(n / 65536) % 65536) hex16(n % 65536)
}

function number(word,  i, n)
{
	if (word !~ /^0x/)
		return word + 0
	for (i = 3; i <= length(word); i++)
		n = n * 16 + index("0123456789abcdef", substr(word, i, 1)) - 1
	return n
}

function zeros(n,  text)
{
	while (length(text) < 2 * n)
		text = text "0000000000000000"
	return substr(text, 1, 2 * n)
}

function address(side)
{
	if (family == 6)
		return "fd0" side zeros(12) hex16(script)
	return "0a0" side hex16(script)
}

# The options of a SYN or ACK, padded to words; what follows moves "at" on.
function take_option(word)
{
	if (word == "mss")
		return "0204" hex16($(++at))
	if (word == "wscale")
		return "0303" sprintf("%02x", $(++at)) "01"
	if (word == "sackok")
		return "04020101"
	if (word == "tfo")
		return "22020101"
	if (word == "sack")
		return "0101050a" hex32(number($(++at))) hex32(number($(++at)))
	if (word == "ts")
		return "0101080a" hex32(number($(++at))) hex32(number($(++at)))
	wrong = FILENAME ": what is " word "?"
	return ""
}

function take_flags(word,  i, bit, bits)
{
	bit = 1
	for (i = 1; word != "none" && i <= 8; i++) {
		if (index(word, substr("FSRP.UEW", i, 1)))
			bits += bit
		bit *= 2
	}
	return bits + 0
}

# $at: C>S or S>C
function take_segment(  from, flags, seq, ack, len, win, options, header, reason)
{
	from = $at == "C>S" ? 1 : 2
	flags = take_flags($(++at))
	win = 60000
	reason = "used"
	while (++at <= NF && $at != "|") {
		if ($at == "seq")
			seq = number($(++at))
		else if ($at == "ack")
			ack = number($(++at))
		else if ($at == "len")
			len = $(++at)
		else if ($at == "win")
			win = $(++at)
		else if ($at == "=>")
			reason = $(++at)
		else
			options = options take_option($at)
	}
	if (len > 1200)
		skipped = 1
	if (skipped)
		return
	header = 20 + length(options) / 2
	packets = packets ip(from, header + len) \
		hex16(port[from]) hex16(port[3 - from]) hex32(seq) hex32(ack) \
		hex16(header * 1024 + flags) hex16(win) "00000000" options zeros(len) "\n"
	counts = counts reason "\n"
}

function ip(from, len)
{
	if (family == 6)
		return "60000000" hex16(len) "0640" address(from) address(3 - from)
	return "4500" hex16(20 + len) "0000400040060000" address(from) address(3 - from)
}

# A state that is told: "-" is none, "=" proves one without a transition.
function take_path(side, path,  i, n, step)
{
	n = split(path, step, ">")
	for (i = 1; i <= n && path != "-"; i++) {
		if (step[i] ~ /^=/)
			state[side] = substr(step[i], 2)
		sub(/^[\^=]/, "", step[i])
		if (step[i] == state[side])
			continue
		state[side] = step[i]
		told[side] = told[side] " " step[i]
	}
}

# What the script says stands behind the last step, once all of its indented
# lines were seen.
function end_step()
{
	if (states == "")
		return
	split(states, path)
	take_path(1, path[1])
	take_path(2, path[2])
	states = ""
}

function begin_script()
{
	script++
	name = FILENAME
	sub(/.*\//, "", name)
	sub(/\.seg$/, "", name)
	packets = counts = notes = told[1] = told[2] = state[1] = state[2] = states = ""
	skipped = 1
	over = 0
	port[1] = 3337
	port[2] = 7788
}

function end_script()
{
	end_step()
	if (!script || skipped || packets == "") {
		script -= script > 0
		return
	}
	printf "%s", packets
	printf "%s", counts >>reasons
	if (told[1] told[2] notes != "")
		printf "%s %s client%s server%s notes%s\n", \
			family == 6 ? sprintf("fd01::%x", script) : "10.1.0." script, \
			name, told[1], told[2], notes >>expected
}

# Whether what an indented line says holds where no side is local.
function is_here(  i, named)
{
	for (i = 1; $i ~ /^(none|client|server|both)$/; i++) {
		if ($i == "none")
			return i
		named = i
	}
	return named ? 0 : 1
}

FNR == 1 {
	end_script()
	begin_script()
}
/^#/ || NF == 0 || over || /^expect/ { next }
$1 == "local" {
	skipped = $0 !~ / none( |$)/
	next
}
$1 == "ports" {
	port[1] = $2
	port[2] = $3
	next
}
/^[ \t]/ {
	sub(/#.*/, "")
	if (!is_here())
		next
	rest = $0
	if (sub(/^[^|!]*\| */, "", rest))
		states = rest
	else if (sub(/^[^!]*! /, "", rest)) {
		# when its segments come here is another matter
		sub(/^syn_delayed .*/, "syn_delayed", rest)
		notes = notes " " rest ";"
	}
	next
}
/^end/ || $2 ~ /^(timer|socket|armed|gone|out|in)$/ {
	end_step()
	over = 1
	next
}
$2 == "deadline" { next }
{
	end_step()
	at = 2
	if ($at == "new") {
		at++
		told[1] = told[1] " /"
		told[2] = told[2] " /"
		# the TIME_WAIT that a new SYN takes over ends without a line of its own
		state[1] = state[2] = ""
	}
	take_segment()
	states = $0
	if (!sub(/^[^|]*\| */, "", states))
		states = ""
}
END {
	end_script()
	if (wrong != "") {
		print wrong >"/dev/stderr"
		exit 1
	}
}
