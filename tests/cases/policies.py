# SPDX-License-Identifier: GPL-2.0
"""
What tcphs does where judges differ: for each policy of Documentation/states.md
the rows of which it speaks, and what tcphs has to say of them instead of the
oracle. Looks at nothing that tcphs said.
"""

import re


class Policy:
    """claim: as Documentation/states.md has it. matches(row): whether it speaks
    of that row. state(row, word, before): what tcphs has to show where the oracle
    says word, and said before at the checkpoint before; None: what the oracle says."""

    def __init__(self, claim, matches, state=lambda row, word, before: None):
        self.claim = claim
        self.matches = matches
        self.state = state


def script(row):
    return row["file"].rsplit("/", 1)[-1]


def edge(row):
    """Where the script's segment stands in the window: the first such word."""
    found = re.search(r"outside-left|left-edge|right-edge|outside-right", script(row))
    return found and found[0]


def named(pattern):
    return lambda row: bool(re.search(pattern, script(row)))


def unless_exact(row, word, before):
    """The RST moves nobody, but at the left edge."""
    if edge(row) != "left-edge" and (word == "CLOSED" or word.startswith("!")):
        return before
    return None


def if_exact(row, word, before):
    """The second checkpoint stands behind the RST."""
    return "CLOSED" if edge(row) == "left-edge" and before == "TIME_WAIT" else None


def if_newer(row, word, before):
    """The second checkpoint stands behind the SYN: another record has begun."""
    if edge(row) in ("right-edge", "outside-right") and before == "TIME_WAIT":
        return "CLOSED"
    return None


def is_silence(row):
    return "not visible on the wire" in row["notes"] or "user_timeout/" in row["file"]


def is_about_checksums(row):
    return "checksum" in row["notes"] or "ignored for" in row["oracle_mode"]


POLICIES = (
    Policy("An exact RST ends TIME_WAIT", named(r"^rcv-rst(-ack)?-time-wait-"), if_exact),
    Policy("A RST counts at the exact number only", named(r"^rcv-rst(-ack)?-"), unless_exact),
    Policy("A SYN with FIN opens nothing", named(r"^rcv-syn-fin-")),
    Policy("TIME_WAIT yields to a newer SYN", named(r"^rcv-syn-time-wait-"), if_newer),
    Policy("A SYN moves no connection that lives", named(r"^rcv-syn-")),
    Policy("What is not on the wire is not seen", is_silence,
           lambda row, word, before: "!CLOSED" if word == "CLOSED" else None),
    Policy("The pseudo-header's checksum is a good one", is_about_checksums),
)


def policy_of(row):
    for policy in POLICIES:
        if policy.matches(row):
            return policy
    return None
