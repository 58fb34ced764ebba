#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
Holds "tcphs replay" against captures that others made, and what other programs
say of them: a table of folder and grade, and a line for each disagreement. The
captures' own README explains their grades and words. Copies nothing of them.

        outside.py [--tap] [FOLDER]
"""

import csv
import ipaddress
import os
import re
import sys

sys.dont_write_bytecode = True

import pcap  # noqa: E402
from policies import POLICIES, is_about_checksums, policy_of  # noqa: E402
from replay import TOP, replay  # noqa: E402

GRADES = ("strict", "policy", "robustness")
CONVERTED = ("freebsd-packetdrill", "google-packetdrill", "linux-conntrack")
LOCAL = ("192.168.0.1", "fd3d:a0b:17d6::1")
WORDS = {"CLOSED": "CLOSE", "SYN_RECEIVED": "SYN_RECV", "FIN_WAIT_1": "FIN_WAIT1",
         "FIN_WAIT_2": "FIN_WAIT2"}
FIN_CLOSES = {"fin4", "fin3", "simultaneous"}
UNFINISHED = {"open", "timeout"}
SILENT = {"open", "timeout", "unanswered"}
REPEATED = "TGWCtgwc"		# Zeek repeats them logarithmically


def other_role(role):
    return "server" if role == "client" else "client"


class Case:
    """One statement of an oracle, and what came of it."""

    def __init__(self, row, what):
        self.row = row
        self.what = what
        self.folder = row["file"].split("/")[0]
        self.grade = row["use"]
        self.policy = policy_of(row) if self.grade == "policy" else None
        self.wrong = []		# where tcphs breaks its word, or the oracle's
        self.differs = []	# where it keeps its own, which is not the oracle's
        self.words = []		# where Zeek's words are others: told, no fault

    def line(self, said):
        return "%s %s, %s: %s" % (self.grade, self.row["file"], self.what, "; ".join(said))


class Runner:
    """Runs tcphs once for each different question."""

    def __init__(self, folder):
        self.folder = folder
        self.captures = {}
        self.told = {}

    def capture(self, name):
        if name not in self.captures:
            self.captures[name] = pcap.read(os.path.join(self.folder, name))
        return self.captures[name]

    def options(self, row):
        options = []
        if row["file"].split("/")[0] in CONVERTED:
            options += ["--local", ",".join(LOCAL)]
        if "ignored" in row["oracle_mode"]:
            options += ["-C"]
        return options

    def ask(self, row):
        """The file itself, as it lies there."""
        key = (row["file"], *self.options(row))
        if key not in self.told:
            self.told[key] = replay(os.path.join(self.folder, row["file"]), *key[1:])
        return self.told[key]

    def ask_after(self, row, segments):
        part = self.capture(row["file"]).cut(segments)
        return replay(pcap.write(part), *self.options(row))

    def ask_undamaged(self, row):
        """Without the segments whose checksum is wrong, whatever tcphs holds of it."""
        whole = self.capture(row["file"])
        kept = [p for p in whole.packets if not is_damaged(whole.link, p[1])]
        return replay(pcap.write(pcap.Capture(whole.link, kept)), *self.options(row))


def is_damaged(link, data):
    segment = pcap.find_tcp(link, data)
    return segment is not None and segment.is_damaged()


# What holds of every capture

def find_faults(told, capture):
    """A crash, a hang, an invented connection, a segment that no counter knows."""
    faults = [told.fault] if told.fault else []
    begun = {}
    for _, _, segment in pcap.segments(capture):
        begins = not segment.flags & pcap.RST
        isns = begun.setdefault(segment.pair, set())
        if begins and segment.flags & (pcap.SYN | pcap.ACK):
            isns.add(segment.seq if segment.flags & pcap.SYN else None)
    for pair in {pair_of(c) for c in told.connections}:
        got = sum(pair_of(c) == pair for c in told.connections)
        if got > len(begun.get(pair, ())):
            faults.append("%d connections of %s, at most %d begun" %
                          (got, pair, len(begun.get(pair, ()))))
    counted = told.counted
    packets = len(capture.packets)
    if not told.fault and counted.get("segments", 0) + counted.get("other", 0) != packets:
        faults.append("%d packets, counted %s" % (packets, counted))
    reasons = sum(n for name, n in counted.items() if name not in ("segments", "other"))
    if reasons != counted.get("segments", 0):
        faults.append("%s segments, %d under a reason" % (counted.get("segments"), reasons))
    return faults


def pair_of(event):
    return tuple(sorted(((ipaddress.ip_address(event[side + "_addr"]), event[side + "_port"])
                         for side in ("client", "server")), key=str))


# Checkpoints: a state after a segment

def is_state(word, got):
    """Whether the oracle's word can be this state; None: nothing shown yet."""
    if word.startswith("!"):
        return not is_state(word[1:], got)
    word = WORDS.get(word, word)
    if word == "CLOSE":
        return got in (None, "CLOSE")
    if word == "LISTEN":
        return got in (None, "LISTEN", "CLOSE")
    return got == word


def is_conntrack_state(word, client, server, closer):
    """conntrack keeps one state for both ends; the folder's README maps it."""
    states = {"client": client, "server": server}
    first = states.get(closer)
    second = states.get(other_role(closer)) if first else None
    return {
        "UNREPLIED+SYN_SENT": client == "SYN_SENT" and
        server in (None, "CLOSE", "LISTEN", "SYN_RECV"),
        "SYN_SENT": client == "SYN_SENT" and server in (None, "CLOSE", "LISTEN", "SYN_RECV"),
        "SYN_RECV": server == "SYN_RECV" and client in ("SYN_SENT", "ESTABLISHED"),
        "ESTABLISHED": client == server == "ESTABLISHED",
        "FIN_WAIT": first == "FIN_WAIT1" and second in ("CLOSE_WAIT", "ESTABLISHED"),
        "CLOSE_WAIT": first == "FIN_WAIT2" and second == "CLOSE_WAIT",
        "LAST_ACK": first in ("TIME_WAIT", "CLOSING", "FIN_WAIT2") and second == "LAST_ACK",
        "TIME_WAIT": first == "TIME_WAIT" and second in ("CLOSE", "TIME_WAIT"),
        "CLOSE": client in (None, "CLOSE") and server in (None, "CLOSE"),
    }[word.replace("+ASSURED", "")]


def local_state(told):
    """(role, state) of the local end in the latest record."""
    if not told.connections:
        return None, None
    latest = told.connections[-1]
    role = "client" if latest["client_addr"] in LOCAL else "server"
    return role, latest[role + "_state"]


def judge_checkpoint(runner, case, point, before):
    told = runner.ask_after(case.row, int(point["after_segment"]))
    if told.fault:
        case.wrong.append(told.fault)
        return
    word = point["state"]
    if point["endpoint"] != "local":
        latest = told.connections[-1] if told.connections else {}
        states = [latest.get(key) for key in ("client_state", "server_state", "closer")]
        if not is_conntrack_state(word.removeprefix("conntrack:"), *states):
            case.wrong.append("%s, tcphs %s" % (word, states))
        return
    role, got = local_state(told)
    own = case.policy.state(case.row, word, before) if case.policy else None
    if not is_state(own or word, got):
        case.wrong.append("%s%s, tcphs %s" % (word, " (policy: %s)" % own if own else "", got))
    elif not is_state(word, got):
        case.differs.append("%s, tcphs %s: %s" % (word, got, case.policy.claim))
    if role and point["local_role"] not in ("", role):
        case.wrong.append("local end is the %s, tcphs: %s" % (point["local_role"], role))


# Rows of the manifest: how a connection opened and closed

def read_end(text):
    """'address:port', either of which may be absent."""
    if not text or text.startswith("("):
        return None, None
    address, _, port = text.rpartition(":")
    return ipaddress.ip_address(address.strip("[]")) if address else None, int(port) if port else None


def has_end(connection, end):
    """Which role the end has, or None."""
    address, port = end
    for role in ("client", "server"):
        if (address is None or ipaddress.ip_address(connection[role + "_addr"]) == address) and \
           (port is None or connection[role + "_port"] == port):
            return role
    return None


def find_connection(told, row):
    """(the connection of which the row speaks, {Zeek's role: ours}) or (None, {})."""
    orig, resp = read_end(row["orig"]), read_end(row["resp"])
    for connection in told.connections:
        role = has_end(connection, orig)
        if role and orig == (None, None) and resp != (None, None):
            other = has_end(connection, resp)
            role = other and other_role(other)
        if role and has_end(connection, resp):
            return connection, {"orig": role, "resp": other_role(role)}
    return None, {}


def judge_open(c, names, word):
    client, server = c["client_syns"] > 0, c["server_syns"] > 0
    right = {"3whs": client and server and names["orig"] == "client",
             "syn-only": client and not server,
             "synack-only": server and not client,
             "midstream": c["handshake"] == "midstream" and not client and not server}[word]
    return [] if right else ["open %s, tcphs %s with %d SYNs, %d SYN-ACKs" %
                             (word, c["handshake"], c["client_syns"], c["server_syns"])]


def expect_close(word, derived):
    """(closes, closers in Zeek's roles) that agree with a close_class."""
    if word == "none":
        return SILENT, {"none"}
    if word == "refused":
        return {"refused"}, {"resp"}
    first = re.search(r"(orig|resp)", word)[1]
    if word.startswith("both-fin"):
        closes = FIN_CLOSES | ({"reset"} if "+rst" in word else set()) | \
            (UNFINISHED if derived else set())
        return closes, {first, "both"} if derived else {first}
    if word.startswith("one-fin") and "+rst" not in word:
        return SILENT, {first}
    return {"reset"}, {first}


def judge_close(c, names, row):
    closes, closers = expect_close(row["close_class"], row["derived_end"])
    wrong = []
    if c["close"] not in closes:
        wrong.append("close %s, tcphs %s" % (row["close_class"], c["close"]))
    if c["closer"] not in {names.get(name, name) for name in closers}:
        wrong.append("closer %s, tcphs %s" % ("/".join(sorted(closers)), c["closer"]))
    return wrong


def judge_derived(c, names, row):
    """'orig=TIME_WAIT resp=CLOSED (active close by orig)'"""
    wrong = []
    for role, word in re.findall(r"\b(orig|resp)=([A-Z_0-9]+)", row["derived_end"]):
        got = c[names[role] + "_state"]
        if not is_state(word, got):
            wrong.append("%s %s, tcphs %s" % (role, word, got))
    return wrong


def judge_times(c, row):
    """'t_fin1=10.756805 t_fin2=10.914549 t_lastack=10.914567', from the first segment"""
    times = {name: round(float(t) * 10**9)
             for name, t in re.findall(r"t_(\w+)=([0-9.]+)", row["derived_times"])}
    pairs = []
    if {"fin1", "fin2"} <= times.keys() and c["close"] != "simultaneous":
        pairs.append(("half_close_ns", times["fin2"] - times["fin1"]))
    if "lastack" in times:
        pairs.append(("duration_ns", times["lastack"]))
    return ["%s %d, tcphs %s" % (key, want, c[key]) for key, want in pairs
            if c[key] is None or abs(c[key] - want) > 1000]


def judge_connection(told, row):
    connection, names = find_connection(told, row)
    if row["history"].lstrip("^") in ("R", "r"):
        return ["a lone RST became a connection"] if connection else []
    if not connection:
        return ["no connection"]
    return judge_open(connection, names, row["open_class"]) + \
        judge_close(connection, names, row) + \
        judge_derived(connection, names, row) + judge_times(connection, row)


def fold_history(history):
    """Letters that repeat logarithmically compare as there or not."""
    once = [c for n, c in enumerate(history) if c not in REPEATED or c not in history[:n]]
    return "".join(once)


def compare_invalid(told, row):
    """'exactly 1 inbound segment invalid', by conntrack, and what we passed over."""
    found = re.search(r"(\d+|no) (inbound segments?|packet may be called) invalid",
                      row["notes"])
    if not found:
        return []
    got = told.counted.get("segments", 0) - told.counted.get("used", 0)
    want = int(found[1].replace("no", "0"))
    return [] if got == want else ["%d invalid to conntrack, %d moved nothing" % (want, got)]


def compare_words(told, row):
    """Zeek's own words beside ours: told, never a failure."""
    connection, names = find_connection(told, row)
    said = []
    for role in ("orig", "resp"):
        want, got = row[role + "_pkts"], connection and connection[names[role] + "_segments"]
        if want and connection and got != int(want):
            said.append("%s %s packets, tcphs %s" % (role, want, got))
    said += compare_invalid(told, row)
    for ours, theirs in (("conn_state", "expected_conn_state"), ("history", "history")):
        got, want = (connection or {}).get(ours), row[theirs]
        if got is None or not want or not re.fullmatch(r"[\^A-Za-z0-9]+", want):
            continue
        if fold_history(got) != fold_history(want):
            said.append("%s %s, tcphs %s" % (ours, want, got))
    return said


def same_outcome(one, other):
    keep = ("close", "closer", "client_state", "server_state", "handshake",
            "client_bytes", "server_bytes")
    return [[c[key] for key in keep] for c in one.connections] == \
        [[c[key] for key in keep] for c in other.connections]


def judge_checksums(runner, case):
    """Ours: damaged segments might as well not be there; offloaded ones count."""
    told = runner.ask(case.row)
    damaged = sum(s.is_damaged() for _, _, s in pcap.segments(runner.capture(case.row["file"])))
    if "-C" in runner.options(case.row):
        damaged = 0
    elif not same_outcome(told, runner.ask_undamaged(case.row)):
        case.wrong.append("damaged segments change the outcome")
    if told.counted.get("bad_checksum", 0) != damaged:
        case.wrong.append("%d damaged segments, counted %s" % (damaged, told.counted))
    differs = judge_connection(told, case.row)
    if differs:
        case.differs.append("%s: %s" % (", ".join(differs), case.policy.claim))


def judge_row(runner, case):
    row = case.row
    if case.policy and case.policy.matches is is_about_checksums:
        judge_checksums(runner, case)
    elif row["open_class"] and row["close_class"]:
        case.wrong += judge_connection(runner.ask(row), row)
    elif row["orig"] and not row["orig"].startswith("("):
        if not find_connection(runner.ask(row), row)[0] and \
           any(not s.flags & pcap.RST and s.flags & (pcap.SYN | pcap.ACK)
               for _, _, s in pcap.segments(runner.capture(row["file"]))):
            case.wrong.append("no connection %s > %s" % (row["orig"], row["resp"]))


# All of it

def read_csv(folder, name):
    with open(os.path.join(folder, name), newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def judge_file(runner, row):
    case = Case(row, "whole")
    case.wrong = find_faults(runner.ask(row), runner.capture(row["file"]))
    judge_row(runner, case)
    case.words = compare_words(runner.ask(row), row)
    return case


def judge_points(runner, rows, points):
    by_file = {row["file"]: row for row in rows}
    before = {}
    for point in points:
        name = point["file"]
        case = Case(by_file[name], "after segment %s" % point["after_segment"])
        judge_checkpoint(runner, case, point, before.get(name))
        before[name] = point["state"]
        yield case


def judge_all(folder):
    runner = Runner(folder)
    rows = read_csv(folder, "manifest.csv")
    points = read_csv(folder, "checkpoints.csv")
    cases = [judge_file(runner, row) for row in rows]
    cases += judge_points(runner, rows, points)
    for case in cases:
        if case.grade == "policy" and not case.policy and case.wrong:
            case.wrong.append("no policy of Documentation/states.md speaks of it")
    return cases


def find_uncompared(folder):
    """What the oracles say and nobody here looks at, with the reason."""
    rows, points = read_csv(folder, "manifest.csv"), read_csv(folder, "checkpoints.csv")
    pointed = {point["file"] for point in points}
    told = [("%s" % row["file"], row["expected_conn_state"] or "nothing",
             "neither a close class nor a checkpoint") for row in rows
            if row["use"] != "robustness" and not row["close_class"] and
            row["file"] not in pointed]
    timed = sum(1 for row in rows if row["duration_s"])
    if timed:
        told.append(("column duration_s", "%d rows" % timed,
                     "Zeek leaves out what follows the close"))
    return told


def find_unstated():
    """Policies that the documentation does not state."""
    with open(os.path.join(TOP, "Documentation", "states.md"), encoding="utf-8") as file:
        text = file.read()
    return [policy.claim for policy in POLICIES if policy.claim not in text]


# What is printed

def count(cases, folder, grade):
    chosen = [c for c in cases if folder in (None, c.folder) and c.grade == grade]
    return sum(not c.wrong for c in chosen), len(chosen)


def print_table(cases, folder):
    folders = sorted({case.folder for case in cases})
    print("%-22s" % "agree/all" + "".join("%14s" % grade for grade in GRADES))
    for name in [*folders, None]:
        cells = ["%d/%d" % count(cases, name, grade) for grade in GRADES]
        print("%-22s" % (name or "all") + "".join("%14s" % cell for cell in cells))
    print("\na row of the manifest and a checkpoint count one each; policy: agrees with "
          "what Documentation/states.md says")
    for title, pick in (("disagrees", "wrong"), ("another policy than the oracle's", "differs"),
                        ("other words than the oracle's, no failure", "words")):
        lines = [case.line(getattr(case, pick)) for case in cases if getattr(case, pick)]
        print("\n%s: %d" % (title, len(lines)))
        for line in lines:
            print("  " + line)
    print("\nnot compared:")
    for what, said, why in find_uncompared(folder):
        print("  %s (%s): %s" % (what, said, why))


def print_tap(cases):
    for folder in sorted({case.folder for case in cases}):
        for grade in GRADES:
            good, total = count(cases, folder, grade)
            if not total:
                continue
            for case in cases:
                if case.wrong and (case.folder, case.grade) == (folder, grade):
                    print("# " + case.line(case.wrong))
            print("%s - outside cases, %s, %s: %d of %d agree" %
                  ("ok" if good == total else "not ok", folder, grade, good, total))


def main(words):
    tap = "--tap" in words
    words = [word for word in words if word != "--tap"]
    folder = words[0] if words else os.environ.get("CASES") or \
        os.path.join(TOP, os.pardir, "shared", "cases")
    unstated = find_unstated()
    for claim in unstated:
        print("# Documentation/states.md does not state: %s" % claim)
    if tap:
        print("%s - each policy stands in Documentation/states.md" %
              ("not ok" if unstated else "ok"))
    if not os.path.exists(os.path.join(folder, "manifest.csv")):
        print("ok - outside cases # SKIP no %s/manifest.csv; CASES=DIR names another folder" %
              os.path.normpath(folder))
        return 0
    cases = judge_all(folder)
    if tap:
        print_tap(cases)
    else:
        print_table(cases, folder)
    return 1 if unstated or any(case.wrong for case in cases) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
