# SPDX-License-Identifier: GPL-2.0
"""
Runs "tcphs replay -j" and keeps what it told: events, counters, how it ended.
Judges nothing.
"""

import json
import os
import re
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
TCPHS = os.environ.get("TCPHS", os.path.join(TOP, "userspace", "tcphs"))
SECONDS_MAX = 60


class Told:
    """What one run said. fault: None, or how it went wrong."""

    def __init__(self, fault, events, counted):
        self.fault = fault
        self.events = events
        self.counted = counted		# {reason: segments}, "segments" and "other" too

    def of(self, conn_id, kind=None):
        return [e for e in self.events if e.get("conn_id") == conn_id and
                (kind is None or e["event"] == kind)]

    @property
    def connections(self):
        return [e for e in self.events if e["event"] == "connection"]


def read_counters(text):
    """'16 segments, used 12, bad_rst 4; 0 other packets'"""
    found = re.search(r"^(\d+) segments?(.*); (\d+) other packets?", text, re.M)
    if not found:
        return {}
    counted = {name: int(n) for name, n in re.findall(r"(\w+) (\d+)", found[2])}
    return dict(counted, segments=int(found[1]), other=int(found[3]))


def replay(content, *args):
    """content: a file's bytes, or its path."""
    is_path = isinstance(content, str)
    command = [TCPHS, "replay", "-j", content if is_path else "-", *args]
    with tempfile.TemporaryFile() as output:
        try:
            done = subprocess.run(command, input=None if is_path else content,
                                  stdout=output, stderr=subprocess.PIPE,
                                  timeout=SECONDS_MAX)
        except subprocess.TimeoutExpired:
            return Told("no end after %d s" % SECONDS_MAX, [], {})
        output.seek(0)
        lines = output.read().splitlines()
    errors = done.stderr.decode(errors="replace")
    fault = None
    if done.returncode != 0:
        fault = "status %d: %s" % (done.returncode, (errors.splitlines() or ["-"])[0])
    try:
        events = [json.loads(line) for line in lines]
    except ValueError:
        return Told(fault or "a line is no JSON", [], {})
    return Told(fault, events, read_counters(errors))
