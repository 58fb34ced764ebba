# SPDX-License-Identifier: GPL-2.0
"""
The twenty scenarios of the comparison page, in its order: what happens, how it
is played in the VM, and what the page says was learned. Reads no output.
"""

import re
import socket
from dataclasses import dataclass
from typing import Callable

from capture import RST, SYN, ACK, segment
from play import ADDRESS, Socket, forge, listen, pair, rows, run, wait_for, wire

SCENARIOS = []


@dataclass
class Scenario:
    title: str
    asks: str       # which questions of page.py's table arise
    happens: str    # on the wire
    learned: str    # what the reader learns from whom
    shown: list     # the lines that prove it: (tool, pattern), ! for none such
    play: Callable


def scenario(title, asks, happens, learned, shown):
    """Adds a function that plays a scenario, with what the page says of it."""
    def add(play):
        SCENARIOS.append(Scenario(title, asks, happens, learned, shown, play))
        return play
    return add


def exchange(one, other):
    one.send()
    other.read()
    other.send()
    one.read()


@scenario("The client closes first", "CBSEH",
    "`here` opens a connection, both ends send ten bytes, `here` closes; `there` follows when"
    " its application has noticed, so four segments close.",
    "All five agree on what happened; who closed first, the other end's states and the end of"
    " TIME_WAIT stand in words in tcphs alone; which process it was, in tcpstates and tcphs.",
    [
        ("tcphs", r"client +connection fin4"), ("tcphs", r"server CLOSE_WAIT +-> LAST_ACK"),
        ("tcphs", r"client timewait end"), ("tcphs show", r"python3"),
        ("conntrack", r"\[UPDATE\].* TIME_WAIT"),
        ("tcpstates", r"python3.*ESTABLISHED +-> FIN_WAIT1"), ("!tcpstates", r"TIME_WAIT"),
        ("ss", r"TIME-WAIT"), ("tshark", r"\[FIN, ACK\] Seq=11"), ("!conntrack", r"python"),
        ("!ss", r"python"), ("!tshark", r"python"),
    ])
def client_closes(stage):
    client, server = pair("here", "there", stage.port)
    exchange(client, server)
    client.close()
    server.until("CLOSE_WAIT")
    wait_for("FIN_WAIT2", lambda: rows("here", stage.port) in (["FIN_WAIT2"], ["TIME_WAIT"]))
    server.close()


@scenario("The server closes first, the client forgets to", "CBSEH",
    "`there` closes its half; the application `here` keeps its socket for over a minute "
    "before it closes, and the snapshot is taken just before.",
    "conntrack forgets the entry after 60 s in CLOSE_WAIT, and makes a new one, with the ends"
    " exchanged, of the last ACK; ss shows the socket that waits for its application, tcphs "
    "both ends and for how long.",
    [
        ("conntrack", r"\[DESTROY\] .*CLOSE_WAIT"),
        ("conntrack", r"\[NEW\] .*ESTABLISHED src=198\.51\.100\.1 "), ("ss", r"^CLOSE-WAIT"),
        ("tcphs", r"client CLOSE_WAIT +-> LAST_ACK +6\d\.\d+ s"),
        ("tcphs", r"server FIN_WAIT2 +-> TIME_WAIT +6\d\.\d+ s"),
        ("tcphs", r"server +connection fin4"),
    ])
def server_closes(stage):
    client, server = pair("here", "there", stage.port)
    exchange(client, server)
    server.shut()
    client.until("CLOSE_WAIT")
    server.until("FIN_WAIT2")
    wait_for("conntrack", forgotten(stage.port), 120)
    stage.look()
    client.close()
    server.read(1)
    server.close()


def forgotten(port):
    return lambda: not run("here", "conntrack -L -p tcp --dport %d" % port)


@scenario("Both close at once", "CBSEH",
    "The wire takes 50 ms each way; both ends close before the other's FIN has come, so both "
    "go through CLOSING and both wait.",
    "tcphs says `simultaneous`, and that both ends closed and wait; tcpstates shows CLOSING"
    " of this end; conntrack has no such state, and shows FIN_WAIT, LAST_ACK, TIME_WAIT.",
    [
        ("tcphs", r"both +connection simultaneous"), ("tcphs", r"server timewait start"),
        ("tcphs", r"client timewait start"), ("tcpstates", r"FIN_WAIT1 +-> CLOSING"),
        ("conntrack", r"(?s)FIN_WAIT.*LAST_ACK.*TIME_WAIT"), ("!conntrack", r"CLOSING"),
    ])
def both_close(stage):
    client, server = pair("here", "there", stage.port)
    exchange(client, server)
    wire.delay(50)
    client.close()
    server.close()
    wait_for("TIME_WAIT", lambda: rows("here", stage.port) == ["TIME_WAIT"])
    wire.hurry()


@scenario("Half-closed, data goes on, over loopback", "CBSEH",
    "Both ends are `here`. The client shuts down its sending half, the server goes on to send"
    " three kilobytes and then closes; the snapshot is taken in between.",
    "Over loopback ss and tcpstates too show both ends; tcphs adds up how long the connection"
    " was half-closed.",
    [
        ("tcphs", r"connection fin4 .*half-closed \d"), ("ss", r"FIN-WAIT-2"),
        ("ss", r"CLOSE-WAIT"), ("tcpstates", r"FIN_WAIT1 +-> FIN_WAIT2"),
        ("tcpstates", r"CLOSE_WAIT +-> LAST_ACK"),
    ])
def half_close(stage):
    client, server = pair("here", "here", stage.port, address="loopback")
    client.send()
    client.shut()
    server.read()
    server.until("CLOSE_WAIT")
    for _ in range(3):
        server.send(1000)
        client.read(1000)
    stage.look()
    server.close()
    client.read(1)
    client.close()


@scenario("The client aborts", "CBHR",
    "After an exchange of data `here` closes with `SO_LINGER` 0: a RST, no FIN.",
    "tcphs names the reset and who sent it, tshark shows it; tcpstates shows a socket that "
    "goes from ESTABLISHED to CLOSE, conntrack an entry that does, and neither says why.",
    [
        ("tcphs", r"client +connection reset"), ("tshark", r"\[RST, ACK\]"),
        ("tcpstates", r"ESTABLISHED +-> CLOSE "), ("conntrack", r"\[UPDATE\].* CLOSE src"),
        ("!conntrack", r"RST|reset"), ("!tcpstates", r"RST|reset"),
    ])
def client_aborts(stage):
    client, server = pair("here", "there", stage.port)
    exchange(client, server)
    client.abort()
    server.until("CLOSE")


@scenario("The server closes with data unread", "CBHR",
    "`here` sends 100 bytes, `there` closes its socket without having read them, which sends "
    "a RST instead of a FIN.",
    "The lines of tcpstates and conntrack are as in the scenario before; that this time the "
    "server did it stands in tcphs, and in the direction of tshark's RST.",
    [
        ("tcphs", r"server +connection reset"), ("tshark", r"198\.51\.100\.1 → .*\[RST, ACK\]"),
        ("tcpstates", r"ESTABLISHED +-> CLOSE "), ("conntrack", r"\[UPDATE\].* CLOSE src"),
    ])
def server_aborts(stage):
    client, server = pair("here", "there", stage.port)
    client.send(100)
    wait_for("data", lambda: unread(server))
    server.close()
    client.until("CLOSE")


def unread(sock):
    try:
        return sock.sock.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return b""


@scenario("Refused", "R",
    "`here` connects to a port where nobody listens; `there` answers with a RST.",
    "tcphs says `refused`, tshark shows the RST; conntrack drops the entry and tcpstates "
    "tells how soon the attempt ended.",
    [
        ("tcphs", r"connection refused"), ("tshark", r"\[RST, ACK\]"),
        ("conntrack", r"\[DESTROY\].*UNREPLIED"), ("tcpstates", r"SYN_SENT +-> CLOSE +\d"),
    ])
def refused(stage):
    Socket("here").connect("there", stage.port).until("CLOSE")


@scenario("No answer, the client gives up", "R",
    "The wire loses every segment to the port; `here` repeats its SYN and gives up after two "
    "exponential retries (`TCP_SYNCNT`), those that Linux sends at first a second apart not "
    "counted.",
    "Every repeated SYN has its line in tcphs and tshark. No segment tells that the socket gave"
    " up: tcpstates shows it at once, tcphs after it has asked (`socket`).",
    [
        ("tcphs", r"syn_retransmit"), ("tshark", r"\[TCP Retransmission\].*\[SYN\]"),
        ("tcpstates", r"SYN_SENT +-> CLOSE +\d{4}"),
        ("tcphs", r"client SYN_SENT +-> CLOSE .* socket"), ("ss", r"SYN-SENT.*timer:\(on"),
        ("conntrack", r"\[UNREPLIED\]"),
    ])
def unanswered(stage):
    wire.lose("tcp dport %d" % stage.port)
    client = Socket("here").option(socket.TCP_SYNCNT, 2).connect("there", stage.port)
    stage.look()
    client.until("CLOSE")


@scenario("The SYN is lost", "CBSEHR",
    "The first SYN is lost on the wire, the second, a second later, arrives.",
    "tcphs and tshark name the repeated SYN; tcphs puts it beside the time that the handshake"
    " took, and tcpstates shows that time as SYN_SENT's.",
    [
        ("tcphs", r"syn_retransmit"),
        ("tcphs", r"verified; SYN-ACK after 1\.\d+ s.*SYN sent 2 times"),
        ("tshark", r"\[TCP Retransmission\].*\[SYN\]"),
        ("tcpstates", r"SYN_SENT +-> ESTABLISHED +1\d{3}\."),
    ])
def syn_lost(stage):
    wire.lose_first("tcp dport %d tcp flags syn" % stage.port)
    client, server = pair("here", "there", stage.port)
    client.close()
    server.read(1)
    server.close()


@scenario("The SYN-ACK is lost", "CBSEHR",
    "The SYN arrives, the first SYN-ACK is lost on the wire.",
    "Seen from the client's side it begins as the scenario before: what was lost behind the "
    "observer cannot be seen from here, but the second SYN can, and tcphs and tshark name it.",
    [
        ("tcphs", r"syn_retransmit"), ("tcphs", r"verified;"),
        ("tshark", r"\[TCP Retransmission\].*\[SYN\]"),
        ("tcpstates", r"SYN_SENT +-> ESTABLISHED +1\d{3}\."),
    ])
def syn_ack_lost(stage):
    wire.lose_first("tcp sport %d tcp flags & (syn | ack) == syn | ack" % stage.port)
    client, server = pair("here", "there", stage.port)
    client.close()
    server.read(1)
    server.close()


@scenario("The first FIN is lost", "CBSEHR",
    "`here` closes, its FIN is lost and sent again.",
    "tcphs shows the server in ESTABLISHED until its own FIN proves that it got the second "
    "FIN, and names the retransmission, as tshark does; conntrack and tcpstates show no loss,"
    " tcpstates the time in FIN_WAIT1.",
    [
        ("tcphs", r"client fin_retransmit"),
        ("tcphs", r"server ESTABLISHED -> CLOSE_WAIT +\d+\.\d+ ms +server"),
        ("tshark", r"\[TCP Retransmission\].*\[FIN, ACK\]"),
        ("tcpstates", r"FIN_WAIT1 +-> FIN_WAIT2 +\d"),
    ])
def fin_lost(stage):
    client, server = pair("here", "there", stage.port)
    wire.lose_first("tcp dport %d tcp flags & fin == fin" % stage.port)
    client.close()
    server.read(1)
    server.close()


@scenario("The last ACK is lost", "CBSEHR",
    "`here` closed first and acknowledges the server's FIN; that ACK is lost, the server "
    "repeats its FIN, and TIME_WAIT begins anew.",
    "tcphs takes the server back to LAST_ACK (`correction`) and says that TIME_WAIT "
    "restarted; tshark names the repeated FIN; conntrack's and tcpstates' lines do not "
    "change.",
    [
        ("tcphs", r"server fin_retransmit"), ("tcphs", r"CLOSE +-> LAST_ACK .*correction"),
        ("tcphs", r"client timewait restart"),
        ("tshark", r"\[TCP Retransmission\].*\[FIN, ACK\]"), ("conntrack", r"TIME_WAIT"),
        ("tcpstates", r"FIN_WAIT2 +-> CLOSE"),
    ])
def last_ack_lost(stage):
    client, server = pair("here", "there", stage.port)
    client.close()
    server.until("CLOSE_WAIT")
    wait_for("FIN_WAIT2", lambda: rows("here", stage.port) == ["FIN_WAIT2"])
    wire.lose_first("tcp dport %d tcp flags == ack" % stage.port)
    server.close()


@scenario("Forged RSTs", "CBSEHR",
    "In the middle of the connection two RSTs come in the server's name, one far out of the "
    "window, one in it but not at the exact number; the socket drops the first and answers "
    "the second with a challenge ACK.",
    "tcphs names both, with the number that would have been right, and the challenge ACK; "
    "tshark shows them, and its analysis calls the server's next data a retransmission; "
    "conntrack, tcpstates and ss rightly show no effect.",
    [
        ("tcphs", r"rst_out_of_window.*expected \d"), ("tcphs", r"rst_suspect.*expected \d"),
        ("tcphs", r"challenge_ack"), ("tcphs", r"client +connection fin"),
        ("tshark", r"\[RST\] Seq=536870"), ("tshark", r"\[RST\] Seq=10\d\d "),
        ("tshark", r"\[TCP Retransmission\] 7013 → \d+ \[PSH, ACK\]"),
        ("!conntrack", r" CLOSE src"), ("!tcpstates", r"ESTABLISHED +-> CLOSE "),
    ])
def forged_rst(stage):
    client, server = pair("here", "there", stage.port)
    exchange(client, server)
    seq, _ = server.numbers()
    ends = [sock.sock.getsockname() for sock in (server, client)]
    forge(segment(*ends, RST, seq + 2**29))
    forge(segment(*ends, RST, seq + 1000))
    exchange(client, server)
    client.close()
    server.read(1)
    server.close()


@scenario("A forged SYN", "R",
    "A SYN from an address that answers nothing, 198.51.100.77, comes to a listener `here`, "
    "which repeats its SYN-ACK and gives up.",
    "tcphs keeps the server in SYN_RECV and never shows the client ESTABLISHED; ss shows the "
    "request while it lasts; tcpstates shows nothing, for the kernel has made no socket of it"
    " yet.",
    [
        ("tcphs", r"server LISTEN +-> SYN_RECV"), ("tcphs", r"syn_ack_retransmit"),
        ("!tcphs", r"-> ESTABLISHED"), ("ss", r"SYN-RECV"), ("tcpstates", r"^\(nothing\)$"),
        ("tshark", r"\[TCP Retransmission\].*\[SYN, ACK\]"),
    ])
def forged_syn(stage):
    listener = listen("here", "here", stage.port)
    wire.lose("ip daddr %s" % ADDRESS["nobody"])
    forge(segment((ADDRESS["nobody"], 40000), (ADDRESS["here"], stage.port), SYN, 1000))
    wait_for("SYN_RECV", lambda: rows("here", stage.port) == ["SYN_RECV"])
    stage.look()
    wait_for("its end", lambda: not rows("here", stage.port), 200)
    listener.close()


@scenario("A port is used again out of TIME_WAIT", "CBSEH",
    "`here` is the server, closes first and waits; `there` connects from the same port again,"
    " and the new SYN takes the place of the TIME_WAIT socket.",
    "tcphs ends the first TIME_WAIT at that SYN and begins a connection with another ID; "
    "conntrack destroys its entry and makes a new one, tshark says that the port numbers are "
    "reused.",
    [
        ("tcphs", r"connection fin4.*TIME_WAIT ~?\d+\.\d+ ms"),
        ("conntrack", r"\[DESTROY\].*TIME_WAIT"), ("tshark", r"\[TCP Port numbers reused\]"),
    ])
def reused(stage):
    for _ in range(2):
        client, server = pair("there", "here", stage.port, bound=stage.port + 100)
        server.close()
        client.until("CLOSE_WAIT")
        wait_for("FIN_WAIT2", lambda: rows("here", stage.port) == ["FIN_WAIT2"])
        client.close()
        wait_for("TIME_WAIT", lambda: rows("here", stage.port) == ["TIME_WAIT"])


@scenario("Both open at once", "CBSEH",
    "Both ends connect to each other from fixed ports at the same time; the SYNs cross on the"
    " wire, and there is no listener.",
    "tcphs names it (`simultaneous_open`); tcpstates shows SYN_SENT to SYN_RECV, conntrack "
    "SYN_SENT2; tshark takes the SYN-ACKs for retransmissions of the SYNs, whose numbers they"
    " bear.",
    [
        ("tcphs", r"simultaneous_open"), ("tcphs", r"client SYN_SENT +-> SYN_RECV"),
        ("tcpstates", r"SYN_SENT +-> SYN_RECV"), ("conntrack", r"SYN_SENT2"),
        ("tshark", r"\[TCP Retransmission\].*\[SYN, ACK\]"),
    ])
def both_open(stage):
    wire.delay(50)
    one = Socket("here").bind("here", stage.port).connect("there", stage.port + 100)
    other = Socket("there").bind("there", stage.port + 100).connect("here", stage.port)
    one.until("ESTABLISHED")
    other.until("ESTABLISHED")
    one.close()
    other.read(1)
    other.close()
    wait_for("TIME_WAIT", lambda: rows("here", stage.port) == ["TIME_WAIT"])
    wire.hurry()


@scenario("Fast Open", "CBSEH",
    "The SYN carries ten bytes of data, the server takes them at once (RFC 7413, without a "
    "cookie).",
    "tcphs and tshark show the data in the SYN; tcphs verifies that the SYN-ACK acknowledges "
    "it.",
    [
        ("tcphs", r"client \[S\] seq \d+ win \d+ len 10"), ("tcphs", r"verified;"),
        ("tshark", r"\[SYN\].*Len=10"), ("tshark", r"\[SYN, ACK\] Seq=0 Ack=11"),
    ])
def fast_open(stage):
    listener = listen("there", "there", stage.port)
    listener.option(socket.TCP_FASTOPEN, 5)
    client = Socket("here")
    client.retry(lambda: client.sock.sendto(b"x" * 10, socket.MSG_FASTOPEN,
                                            (ADDRESS["there"], stage.port)))
    server = listener.accept()
    server.read()
    server.send()
    client.read()
    client.close()
    server.read(1)
    server.close()
    listener.close()


@scenario("The receiver's window is zero", "CBSEH",
    "`there` does not read; its window closes, `here` probes it. The snapshot is taken while "
    "it does. Then `there` reads all, and the connection is closed.",
    "ss shows the bytes that wait and the timer that probes, tshark names window and probes; "
    "tcphs, conntrack and tcpstates tell nothing of windows, only that the connection was "
    "open so long.",
    [
        ("ss", r"ESTAB +\d+ +[1-9]\d* .*timer:\(persist"),
        ("tshark", r"\[TCP ZeroWindow\]|\[TCP Window Full\]"),
        ("tshark", r"\[TCP (ZeroWindowProbe|Keep-Alive)"),
        ("tcphs", r"client ESTABLISHED -> FIN_WAIT1 +\d"), ("!tcphs", r"(?i)zero|probe"),
    ])
def zero_window(stage):
    client, server = pair("here", "there", stage.port, buffer=4000)
    sent = sum(client.send(1000) for _ in range(8))
    wait_for("window probes", lambda: is_probing(stage.port))
    stage.look()
    server.read(sent)
    client.close()
    server.read(1)
    server.close()


def is_probing(port):
    """At least one probe was sent."""
    return re.search(r"persist,\w+,[1-9]", run("here", "ss -Htno dport = :%d" % port))


@scenario("The backlog is full", "CBSEHR",
    "A listener `here` has room for two connections, one is there; two more clients connect at"
    " once, and the last one's ACK is dropped. The snapshot is taken then; afterwards `here`"
    " accepts all three and closes them.",
    "ss shows the server's truth, one connection still in SYN-RECV; tcphs had believed the ACK"
    " and shows the client's view, until the SYN-ACK comes again: tcphs and tshark name that.",
    [
        ("ss", r"SYN-RECV"), ("ss", r"ESTAB"), ("tcphs", r"server syn_ack_retransmit"),
        ("tshark", r"\[TCP Retransmission\].*\[SYN, ACK\]"),
    ])
def backlog_full(stage):
    listener = listen("here", "here", stage.port, 1)
    clients = [Socket("there").connect("here", stage.port)]
    wait_for("the first", lambda: rows("here", stage.port) == ["ESTABLISHED"])
    wire.delay(50)
    # Both SYNs come before the first of their ACKs fills the queue.
    clients += [Socket("there").connect("here", stage.port) for _ in range(2)]
    wait_for("one that is not taken", lambda: sorted(rows("here", stage.port)) == [
        "ESTABLISHED", "ESTABLISHED", "SYN_RECV"])
    stage.look()
    wire.hurry()
    for _ in clients:
        listener.accept().close()
    for client in clients:
        client.read(1)
        client.close()
    listener.close()


@scenario("Forwarded", "CBSEH",
    "`here` is the router between `there` and `beyond`, which hold the two sockets.",
    "No socket is `here`, so ss and tcpstates have nothing to show; tcphs tells the states of"
    " both ends from their segments, the end of TIME_WAIT computed; conntrack shows its one "
    "state for both.",
    [
        ("ss", r"^\(nothing\)$"), ("ss -E", r"^\(nothing\)$"), ("tcpstates", r"^\(nothing\)$"),
        ("tcphs", r"server LAST_ACK +-> CLOSE"), ("tcphs", r"client TIME_WAIT +-> CLOSE +~"),
        ("tcphs", r"client +connection fin"), ("conntrack", r"TIME_WAIT"),
    ])
def forwarded(stage):
    client, server = pair("there", "beyond", stage.port)
    exchange(client, server)
    stage.look()
    client.close()
    server.read(1)
    server.close()
