# SPDX-License-Identifier: GPL-2.0
"""
The same packets in other clothes: link layers, file formats, byte orders,
resolutions of time, padding and cut ends. Changes no segment.
"""

import struct

import pcap

MAC = b"\2\0\0\0\0\2\2\0\0\0\0\1"


def version(packet):
    return packet[0] >> 4


def kind(packet):
    return struct.pack("!H", 0x86DD if version(packet) == 6 else 0x0800)


def ethernet(packet):
    return MAC + kind(packet) + packet


def tagged(*tags):
    def wrap(packet):
        out = MAC
        for tag in tags:
            out += struct.pack("!HH", tag, 42)
        return out + kind(packet) + packet
    return wrap


def mpls(packet):
    """Two labels, the second one at the bottom of the stack."""
    return MAC + struct.pack("!HII", 0x8847, 16 << 12 | 64, 17 << 12 | 1 << 8 | 64) + packet


def pppoe(packet):
    protocol = 0x57 if version(packet) == 6 else 0x21
    return MAC + struct.pack("!HBBHHH", 0x8864, 0x11, 0, 7, len(packet) + 2, protocol) + packet


def padded(packet):
    """To the least size of a frame, and its check sequence behind it."""
    frame = ethernet(packet)
    return frame + b"\x55" * max(0, 60 - len(frame)) + b"\xde\xad\xbe\xef"


def cooked(packet):
    return struct.pack("!HHH8s", 0, 1, 6, MAC[:8]) + kind(packet) + packet


def cooked2(packet):
    return kind(packet) + struct.pack("!HIHBB8s", 0, 1, 1, 0, 6, MAC[:8]) + packet


def family(order, six):
    def wrap(packet):
        return struct.pack(order + "I", six if version(packet) == 6 else 2) + packet
    return wrap


def ppp(packet):
    return b"\xff\x03\0" + (b"\x57" if version(packet) == 6 else b"\x21") + packet


def bare_ppp(packet):
    return ppp(packet)[2:]


def nflog(packet):
    """The header, a prefix and a hardware type before the payload, TLVs in host order."""
    out = struct.pack("<BBH", 10 if version(packet) == 6 else 2, 0, 0)
    for code, value in ((10, b"log\0"), (14, struct.pack("!H", 1)), (9, packet)):
        out += struct.pack("<HH", len(value) + 4, code) + value + b"\0" * (-len(value) % 4)
    return out


def same(packet):
    return packet


def wrapped(link, wrap):
    def dress(capture):
        packets = []
        for ns, data, wire in capture.packets:
            frame = wrap(data)
            packets.append((ns, frame, max(len(frame), wire + len(frame) - len(data))))
        return pcap.Capture(link, packets)
    return dress


def cut(capture):
    """Behind the TCP header: payload was not captured, its length is known."""
    packets = []
    for ns, data, wire in wrapped(pcap.ETHERNET, ethernet)(capture).packets:
        segment = pcap.find_tcp(pcap.ETHERNET, data)
        if segment:
            data = data[:14 + len(segment.ip_header) + segment.offset]
        packets.append((ns, data, wire))
    return pcap.Capture(pcap.ETHERNET, packets)


LINKS = (
    ("Ethernet", wrapped(pcap.ETHERNET, ethernet)),
    ("Ethernet, a VLAN tag", wrapped(pcap.ETHERNET, tagged(0x8100))),
    ("Ethernet, two tags", wrapped(pcap.ETHERNET, tagged(0x88A8, 0x8100))),
    ("Ethernet, old double tags", wrapped(pcap.ETHERNET, tagged(0x9100, 0x8100))),
    ("Ethernet, padded", wrapped(pcap.ETHERNET, padded)),
    ("Ethernet, MPLS", wrapped(pcap.ETHERNET, mpls)),
    ("Ethernet, PPPoE", wrapped(pcap.ETHERNET, pppoe)),
    ("Ethernet, cut behind the header", cut),
    ("Linux cooked", wrapped(pcap.SLL, cooked)),
    ("Linux cooked, version 2", wrapped(pcap.SLL2, cooked2)),
    ("BSD loopback, little-endian", wrapped(pcap.NULL, family("<", 30))),
    ("BSD loopback, big-endian", wrapped(pcap.NULL, family(">", 24))),
    ("OpenBSD loopback", wrapped(pcap.LOOP, family(">", 24))),
    ("PPP", wrapped(pcap.PPP, ppp)),
    ("PPP, compressed header", wrapped(pcap.PPP, bare_ppp)),
    ("PPP in HDLC-like framing", wrapped(pcap.PPP_SERIAL, ppp)),
    ("raw IP", wrapped(pcap.RAW, same)),
    ("NFLOG", wrapped(pcap.NFLOG, nflog)),
)

FILES = (
    ("pcap, little-endian, nanoseconds", lambda capture: pcap.write(capture)),
    ("pcap, little-endian, microseconds", lambda capture: pcap.write(capture, nano=False)),
    ("pcap, big-endian, nanoseconds", lambda capture: pcap.write(capture, ">")),
    ("pcap, big-endian, microseconds", lambda capture: pcap.write(capture, ">", False)),
    ("pcapng, little-endian, nanoseconds", lambda capture: pcap.write_pcapng(capture)),
    ("pcapng, little-endian, microseconds",
     lambda capture: pcap.write_pcapng(capture, "<", 6)),
    ("pcapng, big-endian, nanoseconds", lambda capture: pcap.write_pcapng(capture, ">")),
    ("pcapng, big-endian, microseconds", lambda capture: pcap.write_pcapng(capture, ">", 6)),
)


def dresses():
    """[(claim, dress)]: a capture of raw IP becomes a file's bytes. Each link layer
    in a plain file, each file format with a plain link layer."""
    for name, link in LINKS:
        yield name, lambda capture, link=link: pcap.write(link(capture))
    for name, file in FILES:
        yield name, lambda capture, file=file: file(LINKS[0][1](capture))
