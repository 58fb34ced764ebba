# SPDX-License-Identifier: GPL-2.0
"""
The engine's segment scripts (tests/unit/cases) as captures. What the scripts
claim is tests/unit's affair; here they are conversations of every kind.
"""

import ipaddress
import os
import re
import struct

import pcap
from capture import ip_header
from replay import TOP

FOLDER = os.path.join(TOP, "tests", "unit", "cases")
CLIENT, SERVER = "192.0.2.10", "192.0.2.20"
LETTERS = "FSRP.UEW"
LEN_MAX = 60000		# what an IP packet can hold
START = 1700000000 * 10**9


def take(words, name, count=1):
    """The numbers behind a name, None where it is not there."""
    if name not in words:
        return None
    at = words.index(name) + 1
    numbers = [int(word, 0) for word in words[at:at + count]]
    return numbers if count > 1 else numbers[0]


def make_options(words):
    out = b""
    if "mss" in words:
        out += struct.pack("!BBH", 2, 4, take(words, "mss"))
    if "wscale" in words:
        out += struct.pack("!BBB", 3, 3, take(words, "wscale"))
    if "sackok" in words:
        out += b"\4\2"
    if "sack" in words:
        out += struct.pack("!BBII", 5, 10, *take(words, "sack", 2))
    if "ts" in words:
        out += struct.pack("!BBII", 8, 10, *take(words, "ts", 2))
    if "tfo" in words:
        out += b"\x22\2"
    return out + b"\1" * (-len(out) % 4)


def make_segment(words, ends):
    """'C>S S. seq 1 ack 2 ...' as a raw IP packet; None if it is too long."""
    source, target = ends if words[0] == "C>S" else ends[::-1]
    flags = 0 if words[1] == "none" else sum(1 << LETTERS.index(c) for c in words[1])
    length = take(words, "len") or 0
    if length > LEN_MAX:
        return None
    options = make_options(words)
    win = take(words, "win")
    head = struct.pack("!HHIIBBHHH", source[1], target[1], take(words, "seq") or 0,
                       take(words, "ack") or 0, (5 + len(options) // 4) << 4, flags,
                       60000 if win is None else win, 0, 0)
    a, b = ipaddress.ip_address(source[0]), ipaddress.ip_address(target[0])
    tcp = head + options + b"\0" * length
    pseudo = a.packed + b.packed + struct.pack("!II", len(tcp), 6)
    tcp = tcp[:16] + struct.pack("!H", pcap.fold(pseudo + tcp)) + tcp[18:]
    return ip_header(a, b, len(tcp)) + tcp


def tick():
    """A packet that is no TCP: time passes."""
    header = bytearray(ip_header(ipaddress.ip_address(CLIENT),
                                 ipaddress.ip_address(SERVER), 8))
    header[9] = 17
    return bytes(header) + b"\0" * 8


def read_script(path):
    """(capture, places) or None where a segment fits no packet."""
    ports, places, packets = (3337, 7788), ["none"], []
    with open(path, encoding="utf-8") as file:
        for line in file:
            words = line.split("|")[0].split("=>")[0].split()
            if line.startswith("ports"):
                ports = int(words[1]), int(words[2])
            elif line.startswith("local"):
                places = words[1:]
            if not re.match(r"[0-9.]+\s", line):
                continue
            ns = START + round(float(words[0]) * 10**9)
            ends = ((CLIENT, ports[0]), (SERVER, ports[1]))
            rest = words[2:] if words[1] == "new" else words[1:]
            data = make_segment(rest, ends) if ">" in rest[0] else tick()
            if data is None:
                return None
            packets.append((ns, data, len(data)))
    return pcap.Capture(pcap.RAW, packets), places


def local_addresses(place):
    return {"none": (), "client": (CLIENT,), "server": (SERVER,),
            "both": (CLIENT, SERVER)}[place]


def read_scripts():
    """[(name, capture, local addresses)], one for each place of each script."""
    found = []
    for name in sorted(os.listdir(FOLDER)):
        script = name.endswith(".seg") and read_script(os.path.join(FOLDER, name))
        if script:
            found += [("%s, local %s" % (name, place), script[0], local_addresses(place))
                      for place in script[1]]
    return found
