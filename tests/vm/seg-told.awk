# SPDX-License-Identifier: GPL-2.0
# Turns the JSON lines of tcphs watch into the form of seg-packets.awk, one line
# for each client: its address, then the states of both sides, the anomalies and
# TIME_WAITs, in order.

function json(key,  value)
{
	if (!match($0, "\"" key "\":\"?[^\",}]*"))
		return ""
	value = substr($0, RSTART, RLENGTH)
	sub(/^"[^"]*":"?/, "", value)
	return value == "null" ? "" : value
}

# A state that the side was in before the first transition of it, where known.
function tell(side, old, new)
{
	if (!((client, id, side) in seen) && old != "")
		told[client, side] = told[client, side] " " old
	seen[client, id, side] = 1
	told[client, side] = told[client, side] " " new
}

function note(text)
{
	notes[client] = notes[client] " " text ";"
}

{
	event = json("event")
	client = json("client_addr")
	id = json("conn_id")
}
client == "" { next }
!(client in latest) { order[++clients] = client }
client in latest && latest[client] != id {
	told[client, "client"] = told[client, "client"] " /"
	told[client, "server"] = told[client, "server"] " /"
}
{ latest[client] = id }
event == "transition" { tell(json("side"), json("old_state"), json("new_state")) }
event == "anomaly" {
	expected = json("expected")
	note(json("kind") (expected == "" ? "" : " " expected))
}
event == "timewait" {
	cause = json("tw_cause")
	note("timewait " json("phase") " " json("side") \
		(json("phase") == "end" ? " " json("end") " " json("source") : "") \
		(cause == "" ? "" : " " cause))
}
END {
	for (i = 1; i <= clients; i++) {
		client = order[i]
		printf "%s client%s server%s notes%s\n", client, told[client, "client"],
			told[client, "server"], notes[client]
	}
}
