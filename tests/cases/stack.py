# SPDX-License-Identifier: GPL-2.0
"""
One end of a TCP connection after RFC 9293 3.10, with RFC 5961: what a socket is
and does, not what an observer sees; and where Linux and BSD are known to do
otherwise. Without timers, options, data of its own or a queue for what comes
early. Shares nothing with the engine, on purpose.
"""

from capture import ACK, FIN, RST, SYN

WORLD = 2**32
HALF = 2**31
WINDOW = 65535
STYLES = ("rfc", "linux", "bsd")


def before(a, b):
    return (a - b) % WORLD >= HALF


def within(low, number, high):
    """low <= number <= high"""
    return not before(number, low) and not before(high, number)


class Seg:
    def __init__(self, flags, seq, ack=0, length=0):
        self.flags = flags
        self.seq = seq % WORLD
        self.ack = ack % WORLD
        self.length = length

    def key(self):
        return self.flags, self.seq, self.ack, self.length

    @property
    def size(self):
        """SEG.LEN: with SYN and FIN."""
        return self.length + bool(self.flags & SYN) + bool(self.flags & FIN)


class Socket:
    """state: the kernel's names. receive() and the calls return what is sent."""

    def __init__(self, isn, listens=False, style="rfc"):
        self.style = style
        self.state = "LISTEN" if listens else "CLOSE"
        self.listens = listens
        self.isn = isn
        self.una = self.nxt = isn
        self.rcv_nxt = 0

    # calls

    def connect(self):
        self.state = "SYN_SENT"
        self.nxt = (self.isn + 1) % WORLD
        return [Seg(SYN, self.isn)]

    def shutdown(self):
        follow = {"ESTABLISHED": "FIN_WAIT1", "CLOSE_WAIT": "LAST_ACK"}
        if self.state not in follow:
            return []
        self.state = follow[self.state]
        self.nxt = (self.nxt + 1) % WORLD
        return [Seg(FIN | ACK, self.nxt - 1, self.rcv_nxt)]

    # arrivals

    def receive(self, seg):
        if self.state == "CLOSE":
            return self.refuse(seg)
        if self.state == "LISTEN":
            return self.receive_listen(seg)
        if self.state == "SYN_SENT":
            return self.receive_syn_sent(seg)
        return self.receive_synchronized(seg)

    def refuse(self, seg):
        """3.10.7.1"""
        if seg.flags & RST:
            return []
        if seg.flags & ACK:
            return [Seg(RST, seg.ack)]
        return [Seg(RST | ACK, 0, seg.seq + seg.size)]

    def answer(self):
        return [Seg(ACK, self.nxt, self.rcv_nxt)]

    def receive_listen(self, seg):
        """3.10.7.2; a FIN beside the SYN makes it none, as stacks have it."""
        if seg.flags & RST:
            return []
        if seg.flags & ACK:
            return [Seg(RST, seg.ack)]
        if seg.flags & (SYN | FIN) != SYN:
            return []
        self.take_syn(seg)
        return [Seg(SYN | ACK, self.isn, self.rcv_nxt)]

    def take_syn(self, seg):
        self.rcv_nxt = (seg.seq + 1) % WORLD
        self.nxt = (self.isn + 1) % WORLD
        self.state = "SYN_RECV"

    def receive_syn_sent(self, seg):
        """3.10.7.3"""
        acked = seg.flags & ACK and seg.ack == self.nxt
        if seg.flags & ACK and not acked:
            return [] if seg.flags & RST else [Seg(RST, seg.ack)]
        if seg.flags & RST:
            if acked:
                self.state = "CLOSE"
            return []
        if seg.flags & (SYN | FIN) != SYN:
            return []
        self.take_syn(seg)
        if not acked:
            return [Seg(SYN | ACK, self.isn, self.rcv_nxt)]
        self.una = seg.ack
        self.state = "ESTABLISHED"
        self.rcv_nxt = (self.rcv_nxt + seg.length) % WORLD
        return self.answer()

    def is_acceptable(self, seg):
        """3.10.7.4, first: some of it stands in the window."""
        last = (self.rcv_nxt + WINDOW - 1) % WORLD
        if self.style == "linux":	# tcp_sequence()
            last = (last + 1) % WORLD
        if within(self.rcv_nxt, seg.seq, last):
            return True
        return seg.size > 0 and within(self.rcv_nxt, (seg.seq + seg.size - 1) % WORLD, last)

    def receive_synchronized(self, seg):
        """3.10.7.4"""
        if seg.flags & (SYN | FIN) == SYN | FIN:
            return []
        if self.is_crossing(seg):
            self.una = seg.ack
            self.state = "ESTABLISHED"
            return self.answer()
        if seg.flags & SYN and not seg.flags & RST:	# RFC 5961 4
            return self.receive_syn(seg)
        if not self.is_acceptable(seg):
            return self.receive_outside(seg)
        if seg.flags & RST:		# RFC 5961 3
            if seg.seq != self.rcv_nxt:
                return self.answer()
            self.state = "CLOSE"
            return []
        if not seg.flags & ACK:
            return []
        if not self.take_ack(seg):
            return [Seg(RST, seg.ack)] if self.state == "SYN_RECV" else self.answer()
        return self.take_text(seg)

    def is_crossing(self, seg):
        """The peer's SYN-ACK where both ends opened at once: 3.5, figure 8."""
        return seg.flags & (SYN | ACK | RST | FIN) == SYN | ACK and not self.listens and \
            self.state == "SYN_RECV" and (seg.seq + 1) % WORLD == self.rcv_nxt and \
            seg.ack == self.nxt

    def receive_outside(self, seg):
        if seg.flags & RST:
            if self.style == "linux" and (seg.seq + 1) % WORLD == self.rcv_nxt and \
               self.state in ("CLOSE_WAIT", "LAST_ACK", "CLOSING"):	# tcp_reset_check()
                self.state = "CLOSE"
            return []
        if self.style == "bsd" and before(seg.seq, self.rcv_nxt) and seg.flags & ACK and \
           self.state != "SYN_RECV":	# tcp_do_segment() drops the text, not the ACK
            self.take_ack(seg)
        return self.answer()

    def receive_syn(self, seg):
        """3.10.7.4, fourth; a newer one lets a listener go on from TIME_WAIT: 3.6.1"""
        if self.state == "TIME_WAIT" and self.listens and not seg.flags & ACK and \
           before(self.rcv_nxt, seg.seq):
            self.isn = (self.nxt + 100000) % WORLD
            self.una = self.isn
            self.take_syn(seg)
            return [Seg(SYN | ACK, self.isn, self.rcv_nxt)]
        return self.answer()

    def take_ack(self, seg):
        """3.10.7.4, fifth. False: it is not acceptable."""
        if self.state == "SYN_RECV":
            if seg.ack != self.nxt:
                return False
            self.state = "ESTABLISHED"
        if before(self.nxt, seg.ack) or before(seg.ack, self.una - WINDOW):
            return False
        if before(self.una, seg.ack):
            self.una = seg.ack
        if self.una == self.nxt:
            follow = {"FIN_WAIT1": "FIN_WAIT2", "CLOSING": "TIME_WAIT", "LAST_ACK": "CLOSE"}
            self.state = follow.get(self.state, self.state)
        return True

    def take_text(self, seg):
        """3.10.7.4, seventh and eighth: what comes in order."""
        if self.state == "CLOSE" or seg.size == 0:
            return []
        in_order = not before(self.rcv_nxt, seg.seq)
        if in_order and self.state in ("ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2"):
            after = (seg.seq + seg.length) % WORLD
            if before(self.rcv_nxt, after):
                self.rcv_nxt = after
            if seg.flags & FIN and after == self.rcv_nxt:
                self.rcv_nxt = (self.rcv_nxt + 1) % WORLD
                self.state = {"ESTABLISHED": "CLOSE_WAIT", "FIN_WAIT1": "CLOSING",
                              "FIN_WAIT2": "TIME_WAIT"}[self.state]
        return self.answer()
