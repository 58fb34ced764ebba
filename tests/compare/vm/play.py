# SPDX-License-Identifier: GPL-2.0
"""
What the scenarios are made of: sockets in either namespace, a wire that loses
and delays, forged segments, waiting. Runs in the VM; judges nothing.
"""

import ctypes
import errno
import os
import socket
import subprocess
import sys
import time

ADDRESS = {"here": "192.0.2.1", "there": "198.51.100.1", "beyond": "203.0.113.1",
           "nobody": "198.51.100.77", "loopback": "127.0.0.1"}
PORT = 7000     # of scenario n: PORT + n; whoever needs a fixed port of its own: + 100

STATES = (None, "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2",
          "TIME_WAIT", "CLOSE", "CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING")
TCP_REPAIR, TCP_REPAIR_QUEUE, TCP_QUEUE_SEQ = 19, 20, 21

libc = ctypes.CDLL(None, use_errno=True)


def enter(ns):
    fd = os.open("/run/netns/" + ns, os.O_RDONLY)
    try:
        if libc.setns(fd, 0):
            raise OSError(ctypes.get_errno(), "setns " + ns)
    finally:
        os.close(fd)


def wait_for(what, holds, seconds=30):
    """Until it holds: looks often at first, then once a second."""
    end = time.monotonic() + seconds
    pause = 0.01
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(pause)
        pause = min(1, pause * 1.2)


class Socket:
    """A TCP socket in a namespace. Calls do not block but where they say."""

    def __init__(self, ns, sock=None):
        self.ns = ns
        if sock is None:
            enter(ns)
            sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setblocking(False)
        self.sock = sock

    def option(self, name, value):
        level = socket.SOL_SOCKET if name in (socket.SO_RCVBUF, socket.SO_LINGER) \
            else socket.IPPROTO_TCP
        self.sock.setsockopt(level, name, value)
        return self

    def bind(self, address, port):
        self.sock.bind((ADDRESS[address], port))
        return self

    def connect(self, address, port):
        error = self.sock.connect_ex((ADDRESS[address], port))
        if error not in (0, errno.EINPROGRESS):
            raise OSError(error, os.strerror(error))
        return self

    def state(self):
        return STATES[self.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]]

    def until(self, state):
        """Waits until the socket is in this state."""
        wait_for("%s in %s, not %s" % (self.ns, self.state(), state),
                 lambda: self.state() == state, 200)
        return self

    def accept(self):
        """Waits for a connection."""
        return Socket(self.ns, self.retry(self.sock.accept)[0])

    def send(self, size=10):
        return self.sock.send(b"x" * size)

    def read(self, size=10):
        """Waits until so many bytes came, or the other end's FIN."""
        while size:
            data = self.retry(lambda: self.sock.recv(size))
            if not data:
                break
            size -= len(data)

    def retry(self, call):
        result = []

        def holds():
            try:
                result.append(call())
            except BlockingIOError:
                return False
            return True
        wait_for("%s in %s" % (self.ns, self.state()), holds)
        return result[0]

    def shut(self):
        self.sock.shutdown(socket.SHUT_WR)

    def close(self):
        self.sock.close()

    def abort(self):
        self.option(socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.sock.close()

    def numbers(self):
        """The next sequence number to send, and the next to receive."""
        found = []
        self.option(TCP_REPAIR, 1)
        for queue in (2, 1):
            self.option(TCP_REPAIR_QUEUE, queue)
            found.append(self.sock.getsockopt(socket.IPPROTO_TCP, TCP_QUEUE_SEQ) % 2**32)
        self.option(TCP_REPAIR, -1)
        return found


def listen(ns, address, port, backlog=8):
    sock = Socket(ns).bind(address, port)
    sock.sock.listen(backlog)
    return sock


def pair(client, server, port, bound=None, address=None, buffer=None):
    """An ESTABLISHED connection: the client's socket, the server's."""
    listener = listen(server, address or server, port)
    if buffer:
        listener.option(socket.SO_RCVBUF, buffer)
    one = Socket(client)
    if bound:
        one.bind(client, bound)
    one.connect(address or server, port)
    other = listener.accept()
    one.until("ESTABLISHED")
    listener.close()
    return one, other


def run(ns, command, stdin=None):
    return subprocess.run(["/bin/enter", ns] + command.split(),
                          input=stdin, text=True, check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout


class Wire:
    """The router between here and there."""

    def lose(self, what):
        run("wire", "nft -f -",
            "add table inet wire\n"
            "add chain inet wire c { type filter hook forward priority 0; }\n"
            "add rule inet wire c %s drop\n" % what)

    def lose_first(self, what):
        self.lose(what + " limit rate 1/day burst 1 packets")

    def heal(self):
        run("wire", "nft flush ruleset")

    def delay(self, milliseconds):
        for device in ("left", "right"):
            run("wire", "tc qdisc replace dev %s root netem delay %dms" % (device, milliseconds))

    def hurry(self):
        for device in ("left", "right"):
            run("wire", "tc qdisc del dev %s root" % device)


wire = Wire()


def forge(packet):
    """A whole IP packet, sent from there."""
    enter("there")
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
        raw.sendto(packet, (socket.inet_ntoa(packet[16:20]), 0))


def rows(ns, port):
    """The states of all sockets but listeners that have this port."""
    enter(ns)
    found = []
    with open("/proc/thread-self/net/tcp", encoding="ascii") as file:
        for row in list(file)[1:]:
            words = row.split()
            ports = [int(word[-4:], 16) for word in words[1:3]]
            if port in ports:
                found.append(STATES[int(words[3], 16) if words[3] != "0C" else 3])
    return [state for state in found if state != "LISTEN"]


class Stage:
    """One scenario being played."""

    def __init__(self, number, folder):
        self.port = PORT + number
        self.folder = folder
        self.looked = False

    def look(self):
        """What ss and tcphs show now, here."""
        self.looked = True
        port = self.port
        for name, command in (("ss", "ss -tano sport = :%d or dport = :%d" % (port, port)),
                              ("show", "tcphs show -p port %d" % port)):
            with open("%s/%s.%d" % (self.folder, name, port), "w", encoding="ascii") as file:
                file.write(run("here", command))

    def is_over(self):
        return not any(state != "TIME_WAIT" for ns in ("here", "there", "beyond")
                       for state in rows(ns, self.port))

    def finish(self):
        wait_for("the end of %d: %s" % (self.port, [rows(ns, self.port) for ns in ADDRESS
                                                    if os.path.exists("/run/netns/" + ns)]),
                 self.is_over, 200)
        if not self.looked:
            self.look()
        wire.heal()


def all_is_over():
    """No TIME_WAIT, no entry of conntrack's or tcphs's but what lasts for days."""
    enter("here")
    with open("/proc/thread-self/net/tcphs", encoding="ascii") as file:
        traced = [row for row in file if not row.startswith("#")]
    return not (any(" open " not in row for row in traced) or
                run("here", "ss -Htan state time-wait") or
                [row for row in run("here", "conntrack -L -p tcp").splitlines()
                 if "ESTABLISHED" not in row])


def main(folder):
    from scenarios import SCENARIOS
    for number, scenario in enumerate(SCENARIOS, 1):
        print(number, scenario.title, flush=True)
        stage = Stage(number, folder)
        scenario.play(stage)
        stage.finish()
    wait_for("the end of all", all_is_over, 400)


if __name__ == "__main__":
    main(sys.argv[1])
