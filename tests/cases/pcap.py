# SPDX-License-Identifier: GPL-2.0
"""
Captures as these tests take them apart and put them together again: pcap and
pcapng files, and the TCP segments in them. Knows nothing of tcphs.
"""

import ipaddress
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                os.pardir, "userspace"))

from capture import ACK, FIN, RST, SYN, fold, ip_header  # noqa: E402

ETHERNET, RAW, NULL, LOOP, PPP, SLL, IPV4, IPV6, NFLOG, SLL2 = \
    1, 101, 0, 108, 9, 113, 228, 229, 239, 276
PPP_SERIAL = 50
OPTION_SACK = 5
VLANS = (0x8100, 0x88A8, 0x9100)
MICRO, NANO = 0xA1B2C3D4, 0xA1B23C4D
WORLD = 2**32


class Capture:
    """packets: [(nanoseconds, bytes, length on the wire)] of one link type."""

    def __init__(self, link, packets):
        self.link = link
        self.packets = packets

    def cut(self, segments):
        """The same up to so many TCP segments."""
        for at, (_, data, _) in enumerate(self.packets):
            if segments == 0:
                return Capture(self.link, self.packets[:at])
            if find_tcp(self.link, data):
                segments -= 1
        return self


# Files

def read(path):
    with open(path, "rb") as file:
        return parse(file.read())


def parse(data):
    if data[:4] == b"\x0a\x0d\x0d\x0a":
        return parse_pcapng(data)
    order = "<" if data[:1] in b"\xd4\x4d" else ">"
    magic, link = struct.unpack(order + "I16xI", data[:24])
    unit = 1 if magic == NANO else 1000
    packets, at = [], 24
    while at + 16 <= len(data):
        sec, sub, size, wire = struct.unpack(order + "IIII", data[at:at + 16])
        packets.append((sec * 10**9 + sub * unit, data[at + 16:at + 16 + size], wire))
        at += 16 + size
    return Capture({12: RAW}.get(link & 0xFFFF, link & 0xFFFF), packets)


def options_of(order, data):
    """{code: value} of a pcapng block's options."""
    found, at = {}, 0
    while at + 4 <= len(data):
        code, size = struct.unpack(order + "HH", data[at:at + 4])
        if code == 0:
            break
        found[code] = data[at + 4:at + 4 + size]
        at += 4 + size + -size % 4
    return found


def parse_pcapng(data):
    order, links, units, packets, at = "<", [], [], [], 0
    while at + 12 <= len(data):
        if data[at:at + 4] == b"\x0a\x0d\x0d\x0a":
            order = "<" if data[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            units = []
        kind, length = struct.unpack(order + "II", data[at:at + 8])
        body = data[at + 8:at + length - 4]
        if kind == 1:
            links.append(struct.unpack(order + "H", body[:2])[0])
            resolution = options_of(order, body[8:]).get(9, b"\6")[0]
            units.append(10**9 // (2**(resolution & 127) if resolution & 128
                                   else 10**resolution))
        elif kind == 6:
            one, high, low, size, wire = struct.unpack(order + "IIIII", body[:20])
            packets.append(((high << 32 | low) * units[one], body[20:20 + size], wire))
        at += length
    return Capture(links[0], packets)


def write(capture, order="<", nano=True):
    out = [struct.pack(order + "IHHiIII", NANO if nano else MICRO, 2, 4, 0, 0, 262144,
                       capture.link)]
    for ns, data, wire in capture.packets:
        out += [struct.pack(order + "IIII", ns // 10**9, ns % 10**9 // (1 if nano else 1000),
                            len(data), wire), data]
    return b"".join(out)


def block(order, kind, body):
    body += b"\0" * (-len(body) % 4)
    size = len(body) + 12
    return struct.pack(order + "II", kind, size) + body + struct.pack(order + "I", size)


def write_pcapng(capture, order="<", resolution=9):
    """resolution: times in 10^-n seconds; 6 is told by leaving the option out."""
    option = struct.pack(order + "HHB3xHH", 9, 1, resolution, 0, 0)
    out = [block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1)),
           block(order, 1, struct.pack(order + "HHI", capture.link, 0, 0) +
                 (option if resolution != 6 else b""))]
    for ns, data, wire in capture.packets:
        ticks = ns // 10**(9 - resolution)
        out.append(block(order, 6, struct.pack(order + "IIIII", 0, ticks >> 32,
                                               ticks % WORLD, len(data), wire) + data))
    return b"".join(out)


# Segments

def ip_offset(link, data):
    """Where the IP packet begins; None where there is none."""
    if link in (RAW, IPV4, IPV6):
        return 0
    if link in (NULL, LOOP):
        return 4
    if link in (ETHERNET, SLL):
        at = 12 if link == ETHERNET else 14
        while data[at:at + 2] in [struct.pack("!H", tag) for tag in VLANS]:
            at += 4
        return at + 2 if data[at:at + 2] in (b"\x08\0", b"\x86\xdd") else None
    return None


def find_tcp(link, data):
    """The segment in a captured packet, or None: another protocol, a fragment,
    a header that is not whole, IPv6 extension headers."""
    at = ip_offset(link, data)
    if at is None or len(data) <= at:
        return None
    version, size = data[at] >> 4, len(data) - at
    if version == 4 and size >= 20:
        total, fragment = struct.unpack("!2xH2xH", data[at:at + 8])
        header = (data[at] & 15) * 4
        if data[at + 9] != 6 or fragment & 0x3FFF or header < 20 or total < header + 20:
            return None
        length = total - header
    elif version == 6 and size >= 40:
        header, length = 40, struct.unpack("!H", data[at + 4:at + 6])[0]
        if data[at + 6] != 6 or length < 20:
            return None
    else:
        return None
    if size < header + 20:
        return None
    return Segment(data, at, version, header, length)


class Segment:
    """One captured TCP segment, to be changed and made bytes again."""

    def __init__(self, data, at, version, header, length):
        ip = data[at:]
        a, b, size = (8, 24, 16) if version == 6 else (12, 16, 4)
        self.link_header = data[:at]
        self.version = version
        self.ip_header = ip[:header]
        self.tcp = ip[header:header + length]	# what was captured of it
        self.length = length			# what there was
        self.src = ipaddress.ip_address(ip[a:a + size])
        self.dst = ipaddress.ip_address(ip[b:b + size])
        (self.sport, self.dport, self.seq, self.ack, offset, self.flags,
         self.win) = struct.unpack("!HHIIBBH", self.tcp[:16])
        self.offset = max(20, (offset >> 4) * 4)
        self.sum_before = self.sum()
        self.check = struct.unpack("!H", self.tcp[16:18])[0]
        self.is_pseudo = self.check == ~fold(self.pseudo()) & 0xFFFF
        self.is_whole = len(self.tcp) == length

    def pseudo(self):
        return self.src.packed + self.dst.packed + struct.pack("!II", self.length, 6)

    def sum(self):
        """What the checksum covers of what may be changed."""
        head = self.tcp[:16] + b"\0\0" + self.tcp[18:self.offset]
        return ~fold(self.src.packed + self.dst.packed + head) & 0xFFFF

    def is_damaged(self):
        """Neither the right checksum nor the pseudo-header's alone."""
        return self.is_whole and not self.is_pseudo and \
            fold(self.pseudo() + self.tcp) != 0

    @property
    def payload(self):
        return self.length - self.offset

    @property
    def next(self):
        """The number behind it."""
        return (self.seq + self.payload + bool(self.flags & SYN) +
                bool(self.flags & FIN)) % WORLD

    @property
    def pair(self):
        """The connection: both ends, in the order of their numbers."""
        return tuple(sorted((self.source, self.target), key=str))

    @property
    def source(self):
        return (self.src, self.sport)

    @property
    def target(self):
        return (self.dst, self.dport)

    def shift(self, seq, ack):
        """All numbers of the sender's and of the receiver's stream."""
        self.seq = (self.seq + seq) % WORLD
        if self.flags & ACK:
            self.ack = (self.ack + ack) % WORLD
        options = bytearray(self.tcp[20:self.offset])
        at = 0
        while at + 1 < len(options) and options[at] != 0:
            size = 1 if options[at] == 1 else options[at + 1]
            if size < 1 or (size == 1 and options[at] != 1) or at + size > len(options):
                break
            if options[at] == OPTION_SACK:
                edges = struct.unpack_from("!%dI" % ((size - 2) // 4), options, at + 2)
                struct.pack_into("!%dI" % len(edges), options, at + 2,
                                 *[(edge + ack) % WORLD for edge in edges])
            at += size
        self.tcp = self.tcp[:20] + bytes(options) + self.tcp[self.offset:]

    def finish(self):
        """The segment's bytes; its checksum is as good or bad as it was."""
        self.tcp = struct.pack("!HHII", self.sport, self.dport, self.seq, self.ack) + \
            self.tcp[12:13] + bytes([self.flags]) + self.tcp[14:]
        if self.is_pseudo:
            check = ~fold(self.pseudo()) & 0xFFFF
        else:			# RFC 1624: by what has changed
            check = (self.check + self.sum_before - self.sum()) % 0xFFFF
        self.tcp = self.tcp[:16] + struct.pack("!H", check) + self.tcp[18:]
        return self.tcp

    def packet(self):
        """(bytes, length on the wire) of a raw IP packet with this segment."""
        tcp = self.finish()
        header = ip_header(self.src, self.dst, self.length)
        return header + tcp, len(header) + self.length


def segments(capture):
    """(position, nanoseconds, segment) of each TCP segment."""
    for at, (ns, data, _) in enumerate(capture.packets):
        segment = find_tcp(capture.link, data)
        if segment:
            yield at, ns, segment


def rst(source, target, seq):
    """A RST from nowhere, as a raw IP packet."""
    from capture import segment
    data = segment((str(source[0]), source[1]), (str(target[0]), target[1]), RST, seq, win=0)
    return data, len(data)
