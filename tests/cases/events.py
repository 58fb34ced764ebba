#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
Every kind of segment, at every edge of the window, into every state of a local
socket that was client or server, and the connection carried on after it: thousands
of conversations in one capture. After each segment the state that tcphs shows has
to be that of the socket (stack.py); where stacks differ, that of one of them.

        events.py [--tap]
"""

import ipaddress
import itertools
import sys

sys.dont_write_bytecode = True

import pcap  # noqa: E402
from capture import ACK, FIN, RST, SYN, segment  # noqa: E402
from replay import replay  # noqa: E402
from stack import STYLES, WINDOW, WORLD, Seg, Socket  # noqa: E402

LOCAL = {4: "192.168.0.1", 6: "fd3d:a0b:17d6::1"}
REMOTE = {4: ipaddress.ip_address("10.0.0.0"), 6: ipaddress.ip_address("2001:db8::")}
ISN, PEER_ISN = 0xFFFFFF00, 1000
SHOWN = 10
START, STEP = 1700000000 * 10**9, 10**6

KINDS = {"SYN": SYN, "SYN-ACK": SYN | ACK, "FIN": FIN, "FIN-ACK": FIN | ACK, "RST": RST,
         "RST-ACK": RST | ACK, "ACK": ACK, "data": ACK, "data without ACK": 0,
         "SYN-FIN": SYN | FIN, "nothing": 0}
EDGES = ("outside-left", "left-edge", "right-edge", "outside-right")


class Conversation:
    """A local socket, and a remote end that is scripted by its numbers."""

    def __init__(self, listens, style):
        self.socket = Socket(ISN, listens, style)
        self.listens = listens
        self.log = []		# (sent by the local end, segment, socket's state after it)

    def send(self, segs):
        for seg in segs:
            self.log.append((True, seg, self.socket.state))

    def get(self, flags, seq, ack=0, length=0):
        """The remote end's segment arrives; replies are sent behind it."""
        seg = Seg(flags, seq, ack, length)
        replies = self.socket.receive(seg)
        self.log.append((False, seg, self.socket.state))
        self.send(replies)

    def get_next(self, flags, length=0):
        """A good one: at the number that is waited for, all acknowledged."""
        self.get(flags, self.socket.rcv_nxt, self.socket.nxt, length)

    def log_key(self):
        return [(is_local, seg.key(), state) for is_local, seg, state in self.log]

    def shutdown(self):
        self.send(self.socket.shutdown())


# How each state is reached

def open_active(talk):
    talk.send(talk.socket.connect())
    talk.get(SYN | ACK, PEER_ISN, talk.socket.nxt)


def open_passive(talk):
    talk.get(SYN, PEER_ISN)
    talk.get_next(ACK)


def open_any(talk):
    (open_passive if talk.listens else open_active)(talk)


def reach_syn_sent(talk):
    talk.send(talk.socket.connect())


def reach_syn_recv(talk):
    """As a client: both ends open at once."""
    if not talk.listens:
        talk.send(talk.socket.connect())
    talk.get(SYN, PEER_ISN)


def reach_data(talk):
    open_any(talk)
    talk.get_next(ACK, 100)


def reach_fin_wait1(talk):
    open_any(talk)
    talk.shutdown()


def reach_fin_wait2(talk):
    reach_fin_wait1(talk)
    talk.get_next(ACK)


def reach_closing(talk):
    reach_fin_wait1(talk)
    talk.get(FIN | ACK, talk.socket.rcv_nxt, talk.socket.nxt - 1)


def reach_time_wait(talk):
    reach_fin_wait2(talk)
    talk.get_next(FIN | ACK)


def reach_time_wait_3(talk):
    reach_fin_wait1(talk)
    talk.get_next(FIN | ACK)


def reach_time_wait_crossed(talk):
    reach_closing(talk)
    talk.get_next(ACK)


def reach_close_wait(talk):
    open_any(talk)
    talk.get_next(FIN | ACK)


def reach_last_ack(talk):
    reach_close_wait(talk)
    talk.shutdown()


def reach_close(talk):
    reach_last_ack(talk)
    talk.get_next(ACK)


def reach_reset(talk):
    open_any(talk)
    talk.get_next(RST)


REACH = (
    ("LISTEN", lambda talk: None), ("SYN_SENT", reach_syn_sent), ("SYN_RECV", reach_syn_recv),
    ("ESTABLISHED", open_any), ("ESTABLISHED, data taken", reach_data),
    ("FIN_WAIT1", reach_fin_wait1), ("FIN_WAIT2", reach_fin_wait2), ("CLOSING", reach_closing),
    ("TIME_WAIT", reach_time_wait), ("TIME_WAIT after fin3", reach_time_wait_3),
    ("TIME_WAIT after CLOSING", reach_time_wait_crossed), ("CLOSE_WAIT", reach_close_wait),
    ("LAST_ACK", reach_last_ack), ("CLOSE", reach_close), ("CLOSE after a RST", reach_reset),
)


# What comes then

def numbers(talk, edge, ack_edge):
    socket = talk.socket
    base = socket.rcv_nxt if socket.rcv_nxt else PEER_ISN
    seq = {"outside-left": base - 1, "left-edge": base, "right-edge": base + WINDOW - 1,
           "outside-right": base + WINDOW}[edge]
    ack = {"outside-left": socket.una - 1, "left-edge": socket.una, "right-edge": socket.nxt,
           "outside-right": socket.nxt + 1}[ack_edge]
    return seq % WORLD, ack % WORLD


def carry_on(talk):
    """Opens what is not open, closes what is: the remote end behaves well."""
    socket = talk.socket
    if socket.state == "LISTEN":
        talk.get(SYN, PEER_ISN)
    if socket.state == "SYN_SENT":
        talk.get(SYN | ACK, PEER_ISN, socket.nxt)
    if socket.state in ("SYN_RECV", "CLOSING", "LAST_ACK", "FIN_WAIT1"):
        talk.get_next(ACK)
    if socket.state in ("ESTABLISHED", "FIN_WAIT2"):
        talk.get_next(ACK, 10)
        talk.get_next(FIN | ACK)
    if socket.state == "CLOSE_WAIT":
        talk.shutdown()
        talk.get_next(ACK)


class Case:
    """One segment into one state; a conversation for each way to take it."""

    def __init__(self, name):
        self.name = name
        self.talks = []

    def add(self, talk):
        if talk.log_key() not in [known.log_key() for known in self.talks]:
            self.talks.append(talk)


def hold_talk(role, reach, kind, edge, ack_edge, style):
    talk = Conversation(role == "server", style)
    reach(talk)
    talk.injected = len(talk.log)
    seq, ack = numbers(talk, edge, ack_edge)
    talk.get(KINDS[kind], seq, ack if KINDS[kind] & ACK else 0,
             10 if kind.startswith("data") else 0)
    carry_on(talk)
    return talk


def make_cases():
    for role, (state, reach), kind, edge, ack_edge in itertools.product(
            ("client", "server"), REACH, KINDS, EDGES, EDGES):
        if (state, role) in (("LISTEN", "client"), ("SYN_SENT", "server")):
            continue
        with_ack = KINDS[kind] & ACK
        if not with_ack and ack_edge != EDGES[0]:
            continue
        case = Case("%s, %s: %s %s%s" % (role, state, kind, edge,
                                         ", ack %s" % ack_edge if with_ack else ""))
        for style in STYLES:
            case.add(hold_talk(role, reach, kind, edge, ack_edge, style))
        yield case


# One capture of all of them, side by side

def ends(number):
    """(local end, remote end) of a case: every other one speaks IPv6."""
    version = 6 if number % 2 else 4
    remote = REMOTE[version] + 1 + number
    server = number % 4 < 2
    return (LOCAL[version], 8080 if server else 40000), (str(remote), 40000 if server else 8080)


def make_capture(talks):
    packets = []
    for number, talk in enumerate(talks):
        local, remote = ends(number)
        for step, (is_local, seg, _) in enumerate(talk.log):
            source, target = (local, remote) if is_local else (remote, local)
            data = segment(source, target, seg.flags, seg.seq, seg.ack, b"\0" * seg.length,
                           WINDOW)
            packets.append((START + step * STEP, number, data))
    packets.sort(key=lambda packet: packet[0])
    return pcap.Capture(pcap.RAW, [(ns, data, len(data)) for ns, _, data in packets])


def shown_states(told):
    """{remote address: [(step, state of the local end from then on)]}"""
    shown = {}
    local = {ipaddress.ip_address(a) for a in LOCAL.values()}
    for event in told.events:
        if event["event"] != "transition":
            continue
        role = "client" if ipaddress.ip_address(event["client_addr"]) in local else "server"
        remote = event[("server" if role == "client" else "client") + "_addr"]
        step = (int(event["ts"][20:29]) + int(event["ts"][17:19]) * 10**9 -
                START % (60 * 10**9)) % (60 * 10**9) // STEP
        state = event["new_state"] if event["side"] == role else None
        if state:
            shown.setdefault(remote, []).append((step, state))
    return shown


def is_shown(truth, got):
    if truth in ("LISTEN", "CLOSE"):
        return got in (None, "LISTEN", "CLOSE")
    return got == truth


def judge(talk, shown):
    """The first step after which tcphs shows another state, in words; or None."""
    for step, (_, _, truth) in enumerate(talk.log):
        if truth == "SYN_RECV" and step + 1 < len(talk.log) and talk.log[step + 1][0]:
            continue		# shown by the SYN-ACK
        got = ([state for at, state in shown if at <= step] or [None])[-1]
        if not is_shown(truth, got):
            return "%d segments after it: socket %s, tcphs %s" % (step - talk.injected,
                                                                  truth, got)
    return None


def main(words):
    tap = "--tap" in words
    cases = list(make_cases())
    talks = [talk for case in cases for talk in case.talks]
    told = replay(pcap.write(make_capture(talks)), "--local", ",".join(LOCAL.values()))
    shown = shown_states(told)
    lines = dict(zip(map(id, talks), (judge(talk, shown.get(ends(n)[1][0], []))
                                      for n, talk in enumerate(talks))))
    wrong = ["%s, %s" % (case.name, lines[id(case.talks[0])]) for case in cases
             if all(lines[id(talk)] for talk in case.talks)]
    for line in wrong[:SHOWN] if tap else wrong:
        print("# " + line)
    good = not wrong and not told.fault
    print("%s - %d segments into states, %d outcomes: tcphs shows the socket's%s" %
          ("ok" if good else "not ok", len(cases), len(talks),
           "" if good else ", but for %d" % len(wrong)))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
