#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
Changes captures in ways that must not change what tcphs says of them: other
sequence numbers, the other IP version, roles reversed, segments doubled, forged
RSTs put between, other file formats. No oracle is needed: tcphs is held against
itself.

        metamorphic.py [--tap] [--all]
"""

import csv
import ipaddress
import os
import sys

sys.dont_write_bytecode = True

import pcap  # noqa: E402
import scripts  # noqa: E402
from dress import dresses  # noqa: E402
from outside import CONVERTED, LOCAL  # noqa: E402
from replay import TOP, replay  # noqa: E402

SHOWN = 10			# differences of one claim
DRESSED = 8			# one capture in so many wears each dress, in the short form
FAR = 2**30 + 2**16		# beyond every window: RFC 7323 2.3

# What a record has besides what happened: names and places.
PLACES = {"seq", "conn_id", "netns", "family", "client_addr", "client_port",
          "server_addr", "server_port", "community_id", "v", "expected"}
NUMBERS = {"seg_seq", "seg_ack", "client_isn", "server_isn"}
TIMES = {"ts", "dwell_ns", "dur_ns", "syn_ack_ns", "ack_ns", "total_ns", "handshake_ns",
         "half_close_ns", "duration_ns", "timewait_ns"}


class Subject:
    """A capture, how it is to be replayed, and what tcphs says of it."""

    def __init__(self, name, capture, local=(), options=()):
        self.name = name
        self.capture = capture
        self.local = tuple(local)
        self.options = tuple(options)

    def replay(self, content=None):
        args = [*self.options]
        if self.local:
            args += ["--local", ",".join(self.local)]
        return replay(content or pcap.write(self.capture), *args)

    def changed(self, packets, local=None):
        return Subject(self.name, pcap.Capture(pcap.RAW, packets),
                       self.local if local is None else local, self.options)


# What is compared

def name_ends(capture):
    """{end, peer: name}: of each pair, in the order in which they are first seen."""
    names = {}
    for _, _, segment in pcap.segments(capture):
        one, other = segment.source, segment.target
        if (one, other) not in names:
            names[other, one] = "pair%d.second" % len(names)
            names[one, other] = "pair%d.first" % (len(names) - 1)
    return names


def end_of(event, side, names):
    if side not in ("client", "server"):
        return side
    ends = [(ipaddress.ip_address(event[role + "_addr"]), event[role + "_port"])
            for role in ("client", "server")]
    return names.get(tuple(ends if side == "client" else ends[::-1]), "not in the capture")


def plain(event, names, without):
    """The event with ends in place of roles, and without some keys."""
    out = {}
    for key, value in event.items():
        side = key.split("_")[0]
        if key in without or key in PLACES:
            continue
        if side in ("client", "server"):
            key = end_of(event, side, names) + key[len(side):]
        if key in ("side", "closer", "seg_from", "local"):
            value = end_of(event, value, names)
        out[key] = value
    return out


def outcome(told, capture, without=frozenset(), kinds=frozenset()):
    """[events of a connection] without what may differ: keys, and kinds of events."""
    if told.fault:
        return told.fault
    names, by_connection = name_ends(capture), {}
    for event in told.events:
        if "conn_id" not in event or not kinds.isdisjoint(
                (event["event"], event.get("kind"), event.get("phase"))):
            continue
        by_connection.setdefault(event["conn_id"], []).append(plain(event, names, without))
    return list(by_connection.values())


def first_difference(one, other):
    """The first two things that are not alike, in words."""
    if isinstance(one, str) or isinstance(other, str) or len(one) != len(other):
        return "%s / %s" % (one if isinstance(one, str) else "%d connections" % len(one),
                            other if isinstance(other, str) else "%d" % len(other))
    for before, after in zip(one, other):
        for a, b in zip(before + [{}], after + [{}]):
            if a != b:
                keys = [k for k in {**a, **b} if a.get(k) != b.get(k)]
                return ", ".join("%s %s %s / %s" % (a.get("event", b.get("event")), k,
                                                    a.get(k), b.get(k)) for k in sorted(keys))
    return None


# Changes. Each yields packets in the order of the old ones.

def pass_packet(subject, at):
    """A packet that is no whole TCP segment, as raw IP, or as time that passes."""
    ns, data, wire = subject.capture.packets[at]
    if subject.capture.link == pcap.RAW:
        return ns, data, wire
    tick = scripts.tick()
    return ns, tick, len(tick)


def each(subject, change):
    """change(ns, segment) gives packets in place of a segment."""
    packets = []
    for at, (ns, data, _) in enumerate(subject.capture.packets):
        segment = pcap.find_tcp(subject.capture.link, data)
        packets += change(ns, segment) if segment else [pass_packet(subject, at)]
    return packets


class Stream:
    """What one direction of a pair has sent."""

    def __init__(self, segment):
        self.first = segment.seq
        self.last = segment.next
        self.fin = None

    def add(self, segment):
        if (segment.next - self.last) % pcap.WORLD < 2**31:
            self.last = segment.next
        if segment.flags & pcap.FIN and self.fin is None:
            self.fin = (segment.next - 1) % pcap.WORLD

    def at(self, place):
        """The number that stands there."""
        size = (self.last - self.first) % pcap.WORLD
        return {"syn": self.first, "first": self.first + 1,
                "data": self.first + 1 + size // 2,
                "fin": self.last - 1 if self.fin is None else self.fin}[place]


def find_streams(capture):
    streams = {}
    for _, _, segment in pcap.segments(capture):
        key = (segment.source, segment.target)
        if key not in streams and not segment.flags & pcap.RST:
            streams[key] = Stream(segment)
        if key in streams:
            streams[key].add(segment)
    return streams


def shift_numbers(place, number, side=None):
    """The number at that place becomes this one; side: of first or second senders only."""
    def change(subject):
        shifts, seen = {}, []
        for key, stream in find_streams(subject.capture).items():
            seen.append(key)
            if side is None or (key[::-1] in seen) == (side == "second"):
                shifts[key] = number - stream.at(place)

        def one(ns, segment):
            key = (segment.source, segment.target)
            segment.shift(shifts.get(key, 0), shifts.get(key[::-1], 0))
            return [(ns, *segment.packet())]
        return subject.changed(each(subject, one))
    return change


def other_version(subject):
    """IPv4 becomes IPv6 and the other way round."""
    known = {}

    def map_address(address):
        count = len(known) + 1
        other = "10.9.%d.%d" % divmod(count, 250) if address.version == 6 else \
            "2001:db8:9::%x" % count
        return known.setdefault(address, ipaddress.ip_address(other))

    def one(ns, segment):
        segment.src, segment.dst = map_address(segment.src), map_address(segment.dst)
        return [(ns, *segment.packet())]
    packets = each(subject, one)
    local = [str(known[ipaddress.ip_address(a)]) for a in subject.local
             if ipaddress.ip_address(a) in known]
    return subject.changed(packets, local)


def reverse_roles(subject):
    """Each end gets the other's address and port."""
    peers = {}

    def one(ns, segment):
        peers[segment.src] = segment.dst
        peers[segment.dst] = segment.src
        segment.src, segment.dst = segment.dst, segment.src
        segment.sport, segment.dport = segment.dport, segment.sport
        return [(ns, *segment.packet())]
    packets = each(subject, one)
    local = [str(peers[ipaddress.ip_address(a)]) for a in subject.local
             if ipaddress.ip_address(a) in peers]
    return subject.changed(packets, local)


def double_segments(subject):
    def one(ns, segment):
        packet = (ns, *segment.packet())
        return [packet, packet]
    return subject.changed(each(subject, one))


def forge_resets(subject):
    """From both ends, far above and far below all that they send."""
    streams = find_streams(subject.capture)
    begun = set()

    def one(ns, segment):
        packets = [(ns, *segment.packet())]
        if not segment.flags & pcap.RST:
            begun.add(segment.pair)
        if segment.pair not in begun:
            return packets
        for source, target in ((segment.source, segment.target),
                               (segment.target, segment.source)):
            stream = streams.get((source, target))
            for number in ((stream.last + FAR, stream.first - FAR) if stream else ()):
                packets.append((ns, *pcap.rst(source, target, number)))
        return packets
    return subject.changed(each(subject, one))


class Change:
    """claim, the change itself, and what it may change: keys, kinds of events."""

    def __init__(self, claim, change, without=(), kinds=()):
        self.claim = claim
        self.change = change
        self.without = frozenset(without)
        self.kinds = frozenset(kinds)


COUNTS = {side + key for side in ("client_", "server_")
          for key in ("segments", "retransmits", "fin_retransmits", "syns")} | \
    {"restarts", "history"}
WRAP = pcap.WORLD - 1

CHANGES = (
    Change("numbers wrap behind both SYNs", shift_numbers("syn", WRAP), NUMBERS),
    Change("numbers wrap at both SYNs", shift_numbers("syn", 0), NUMBERS),
    Change("numbers wrap in the data", shift_numbers("data", 0), NUMBERS),
    Change("numbers wrap behind both FINs", shift_numbers("fin", WRAP), NUMBERS),
    Change("numbers change their sign at both SYNs", shift_numbers("syn", 2**31 - 1), NUMBERS),
    Change("one end's numbers wrap behind its SYN", shift_numbers("syn", WRAP, "first"), NUMBERS),
    Change("the other's wrap at its FIN", shift_numbers("fin", 0, "second"), NUMBERS),
    Change("the other IP version", other_version),
    Change("addresses and ports reversed", reverse_roles, {"history", "conn_state"}),
    Change("each segment doubled", double_segments, TIMES | COUNTS,
           {"anomaly", "restart"}),
    Change("forged RSTs out of the window", forge_resets, TIMES | COUNTS,
           {"rst_out_of_window", "rst_suspect", "challenge_ack"}),
)

# What there is to change

def outside_subjects(folder):
    """The captures that others made, where they are present."""
    manifest = os.path.join(folder, "manifest.csv")
    if not os.path.exists(manifest):
        return []
    with open(manifest, newline="", encoding="utf-8") as file:
        rows = {row["file"]: row for row in csv.DictReader(file)}
    found = []
    for name, row in rows.items():
        local = LOCAL if name.split("/")[0] in CONVERTED else ()
        options = ["-C"] if "ignored" in row["oracle_mode"] else []
        found.append(Subject(name, pcap.read(os.path.join(folder, name)), local, options))
    return found


def own_subjects(every):
    """The segment scripts; in one place of each only, unless every is wanted."""
    found = [Subject(*one) for one in scripts.read_scripts()]
    if every:
        return found
    by_script = {}
    for subject in found:
        by_script.setdefault(subject.name.split(",")[0], []).append(subject)
    return [places[n % len(places)] for n, places in enumerate(by_script.values())]


def is_whole(subject, told):
    """Whether we see the same segments as tcphs: no fragments, no cut headers."""
    seen = sum(1 for _ in pcap.segments(subject.capture))
    return told.counted.get("segments") == seen and not told.counted.get("truncated")


# What is found

class Finding:
    def __init__(self, claim):
        self.claim = claim
        self.subjects = 0
        self.lines = []


def as_raw(subject):
    """The subject as raw IP, whatever it was captured on."""
    def one(ns, segment):
        return [(ns, *segment.packet())]
    return subject.changed(each(subject, one))


def judge_changes(subjects):
    findings = [Finding(change.claim) for change in CHANGES]
    for subject, told in subjects:
        for change, finding in zip(CHANGES, findings):
            if is_exempt(change, told):
                continue
            other = change.change(subject)
            limits = (change.without, change.kinds)
            difference = first_difference(outcome(told, subject.capture, *limits),
                                          outcome(other.replay(), other.capture, *limits))
            finding.subjects += 1
            if difference:
                finding.lines.append("%s: %s" % (subject.name, difference))
    return findings


def has_late_syn(events):
    """Whether a connection that was picked up midstream sends a SYN."""
    midstream = {e["conn_id"] for e in events if e.get("kind") == "midstream"}
    return any(e.get("conn_id") in midstream and e.get("new_state") == "SYN_SENT" for e in events)


def is_exempt(change, told):
    """
    SYN-ACKs that crossed, or one that its own ACK overtook: the copy is one that
    was repeated after that ACK, a correction. Ports reversed: midstream they say who is
    the client, and so what a SYN is that comes then.
    """
    if change.change is reverse_roles:
        return has_late_syn(told.events)
    return change.change is double_segments and \
        any(e.get("kind") == "simultaneous_open" or
            (e.get("old_state"), e.get("new_state"), e.get("seg_flags")) ==
            ("SYN_RECV", "ESTABLISHED", "S.") for e in told.events)


def judge_dresses(subjects, every):
    """Each clothes one capture in three, or all."""
    findings = []
    for n, (claim, dress) in enumerate(dresses()):
        finding = Finding(claim)
        for m, (subject, told) in enumerate(subjects):
            if not every and (n + m) % DRESSED:
                continue
            if any(ns % 1000 for ns, _, _ in subject.capture.packets) or \
               any(s.is_damaged() for _, _, s in pcap.segments(subject.capture)):
                continue
            raw = as_raw(subject)
            difference = first_difference(
                outcome(told, subject.capture, ("local",)),
                outcome(raw.replay(dress(raw.capture)), raw.capture, ("local",)))
            finding.subjects += 1
            if difference:
                finding.lines.append("%s: %s" % (subject.name, difference))
        findings.append(finding)
    return findings


def main(words):
    tap, every = "--tap" in words, "--all" in words
    folder = os.environ.get("CASES") or os.path.join(TOP, os.pardir, "shared", "cases")
    subjects, left_out = [], []
    for subject in own_subjects(every) + outside_subjects(folder):
        told = subject.replay()
        (subjects if is_whole(subject, told) else left_out).append((subject, told))
    findings = judge_changes(subjects) + judge_dresses(subjects, every)
    for finding in findings:
        for line in finding.lines[:SHOWN]:
            print("# " + line)
        if len(finding.lines) > SHOWN:
            print("# and %d more" % (len(finding.lines) - SHOWN))
        good = finding.subjects and not finding.lines
        print("%s - nothing changes: %s (%d captures)" %
              ("ok" if good else "not ok", finding.claim, finding.subjects))
    if not tap:
        for subject, told in left_out:
            print("left out, not whole: %s: %s" % (subject.name, told.fault or told.counted))
    return 1 if any(finding.lines for finding in findings) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
