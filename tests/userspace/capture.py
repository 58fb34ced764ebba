#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
Captures for the tests, made segment by segment: TCP over IPv4 or IPv6 with
right checksums, as pcap or pcapng. Knows nothing of tcphs. Started by itself
it writes the textbook's connection, a pcap, to standard output.
"""

import ipaddress
import struct
import sys

FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32

CLIENT = ("192.168.1.116", 3337)
SERVER = ("192.168.1.123", 7788)
CLIENT_ISN = 3626544836
SERVER_ISN = 1739326486


def fold(data):
    """The Internet checksum, RFC 1071."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ip_header(src, dst, length):
    if src.version == 6:
        return struct.pack("!IHBB", 6 << 28, length, 6, 64) + src.packed + dst.packed
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 1, 0x4000, 64, 6, 0)
    check = fold(head + src.packed + dst.packed)
    return head[:10] + struct.pack("!H", check) + src.packed + dst.packed


def segment(src, dst, flags, seq, ack=0, data=b"", win=64240, checksum=None):
    """An IP packet. checksum: None for the right one, "pseudo" for that of the
    pseudo-header alone, or a number."""
    a, b = ipaddress.ip_address(src[0]), ipaddress.ip_address(dst[0])
    head = struct.pack("!HHIIBBHHH", src[1], dst[1], seq % 2**32, ack % 2**32,
                       5 << 4, flags, win, 0, 0)
    pseudo = a.packed + b.packed + struct.pack("!II", len(head) + len(data), 6)
    if checksum is None:
        checksum = fold(pseudo + head + data)
    elif checksum == "pseudo":
        checksum = ~fold(pseudo) & 0xFFFF
    head = head[:16] + struct.pack("!H", checksum) + head[18:]
    return ip_header(a, b, len(head) + len(data)) + head + data


def ethernet(packet, vlan=None):
    kind = 0x86DD if packet[0] >> 4 == 6 else 0x0800
    tag = struct.pack("!HH", 0x8100, vlan) if vlan is not None else b""
    return b"\2\0\0\0\0\2\2\0\0\0\0\1" + tag + struct.pack("!H", kind) + packet


def pcap(packets, link=1, snaplen=262144):
    """packets: (nanoseconds, bytes)."""
    out = struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, snaplen, link)
    for ns, data in packets:
        out += struct.pack("<IIII", ns // 10**9, ns % 10**9,
                           min(len(data), snaplen), len(data)) + data[:snaplen]
    return out


def block(kind, body):
    body += b"\0" * (-len(body) % 4)
    length = len(body) + 12
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)


def pcapng(packets, link=1):
    """The same as pcapng, with if_tsresol 9 (nanoseconds)."""
    out = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    out += block(1, struct.pack("<HHI", link, 0, 0) +
                 struct.pack("<HHB3xHH", 9, 1, 9, 0, 0))
    for ns, data in packets:
        out += block(6, struct.pack("<IIIII", 0, ns >> 32, ns & 0xFFFFFFFF,
                                    len(data), len(data)) + data)
    return out


def textbook(wrong_ack=False, start=1700000000 * 10**9):
    """The connection that the textbooks draw: the three-way handshake, one
    request and its answer, the close in four segments that the client begins.
    The last ACK never comes through (it is captured at its sender, but the
    server repeats its FIN), so TIME_WAIT begins anew. Long after 2 MSL a
    stranger's SYN lets the capture's time pass.

    wrong_ack: the SYN-ACK acknowledges ISN + 2.
    Returns [(nanoseconds, IP packet)]."""
    c, s, x, y = CLIENT, SERVER, CLIENT_ISN, SERVER_ISN
    request, answer = b"GET / HTTP/1.0\r\n\r\n", b"HTTP/1.0 200 OK\r\n\r\nhello\n"
    n, m = len(request), len(answer)
    steps = [
        (0.000000, segment(c, s, SYN, x)),
        (0.000412, segment(s, c, SYN | ACK, y, x + (2 if wrong_ack else 1))),
        (0.000655, segment(c, s, ACK, x + 1, y + 1)),
        (0.001020, segment(c, s, PSH | ACK, x + 1, y + 1, request)),
        (0.001350, segment(s, c, ACK, y + 1, x + 1 + n)),
        (0.004800, segment(s, c, PSH | ACK, y + 1, x + 1 + n, answer)),
        (0.005030, segment(c, s, ACK, x + 1 + n, y + 1 + m)),
        (0.020000, segment(c, s, FIN | ACK, x + 1 + n, y + 1 + m)),
        (0.020300, segment(s, c, ACK, y + 1 + m, x + 2 + n)),
        (0.045000, segment(s, c, FIN | ACK, y + 1 + m, x + 2 + n)),
        (0.045200, segment(c, s, ACK, x + 2 + n, y + 2 + m)),
        (0.285000, segment(s, c, FIN | ACK, y + 1 + m, x + 2 + n)),
        (0.285200, segment(c, s, ACK, x + 2 + n, y + 2 + m)),
        (90.00000, segment(("192.168.1.200", 40000), s, SYN, 1000)),
    ]
    return [(start + round(when * 10**9), packet) for when, packet in steps]


if __name__ == "__main__":
    sys.stdout.buffer.write(pcap([(when, ethernet(packet)) for when, packet in textbook()]))
