# SPDX-License-Identifier: GPL-2.0
"""
Documentation/comparison.md: made from what the observers printed, or held
against itself. Says of a tool only what a pattern finds in its own lines.
"""

import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.join(HERE, "vm"), os.path.join(HERE, "..", "userspace")]

from play import PORT               # noqa: E402
from scenarios import SCENARIOS     # noqa: E402

# What is typed, in the order of the page; of tcphs and ss also a snapshot.
COMMANDS = {
    "tcphs": "tcphs watch",
    "tcphs show": "tcphs show -p",
    "conntrack": "conntrack -E -p tcp -o timestamp",
    "tcpstates": "tcpstates -T",
    "ss -E": "ss -tnEi",
    "ss": "ss -tano",
    "tshark": "tshark -n -t a -i eth0 -i lo",
}
TOOLS = ("tcphs", "conntrack", "tcpstates", "ss", "tshark")
NOTHING = "(nothing)"
ADDRESSES_HERE = ("192.0.2.1", "127.0.0.1")

QUESTIONS = {
    "C": "who closed first",
    "B": "the states of both ends",
    "S": "when TIME_WAIT began",
    "E": "when TIME_WAIT ended",
    "H": "that the handshake's numbers were right",
    "R": "what was lost, sent again, refused, reset, forged",
}

# In capitals: a line says it. In small letters: who knows TCP can conclude it
# from the lines. The first that is found counts.
ANSWERS = {
    "tcphs": (
        ("C", r"(client|server|both) +connection (fin3|fin4|simultaneous|reset)"),
        ("B", r"(?s)(?=.* client \S+ +-> )(?=.* server \S+ +-> )"),
        ("S", r"timewait (re)?start"),
        ("E", r"timewait end +\d"),
        ("e", r"timewait end +~"),
        ("H", r"verified;"),
        ("R", r"retransmit|connection (reset|refused|unanswered)|rst_|challenge_ack"),
    ),
    "conntrack": (
        ("s", r"\[UPDATE\] .*TIME_WAIT"),
        ("h", r"\[UPDATE\] .*ESTABLISHED"),
        ("r", r"\[DESTROY\].*UNREPLIED|\[UPDATE\] .* CLOSE src"),
    ),
    "tcpstates": (
        ("c", r"-> (FIN_WAIT1|CLOSE_WAIT)"),
        ("B", r"(?s)(?=.* FIN_WAIT1 +->)(?=.*CLOSE_WAIT +-> )"),
        ("s", r"(FIN_WAIT2|CLOSING) +-> CLOSE"),
        ("h", r"-> ESTABLISHED"),
        ("r", r"(SYN_SENT|ESTABLISHED|SYN_RECV) +-> CLOSE "),
    ),
    "ss": (
        ("c", r"FIN-WAIT|CLOSE-WAIT|LAST-ACK|CLOSING|TIME-WAIT"),
        ("B", r"(?s)(?=.*FIN-WAIT)(?=.*CLOSE-WAIT)"),
        ("s", r"timer:\(timewait"),
        ("e", r"timer:\(timewait"),
        ("h", r"ESTAB"),
        ("R", r"retrans:|lost:"),
        ("r", r"timer:\(on,"),
    ),
    "tshark": (
        ("c", r"\[FIN|\[RST"),
        ("b", r"\[SYN"),
        ("s", r"(?s)\[FIN.*\[FIN.*\[ACK\]"),
        ("h", r"(?s)\[SYN, ACK\] Seq=0 Ack=\d+ .*\[ACK\] Seq=\d+ Ack=1 "),
        ("R", r"\[TCP (?!Port numbers|Window Update)[A-Z]"),
        ("r", r"\[RST"),
    ),
}

HEAD = """\
# Five observers, twenty scenarios

Made by `make compare` (tests/compare): one VM, {kernel}, in it a machine `here` with
all five observers running, a machine `there`, and between them a router that can lose and delay;
each machine is a network namespace. The scenarios of tests/compare/vm/scenarios.py are played one
after the other, number N to port {port} + N. What stands in the blocks was printed by the tools
themselves; lines of other ports and of the listeners are left out, nothing else is changed. The
sentence beneath is the maintainers'; the script has found in the lines above it what the sentence
says, or it would not have written the page.

| machine | address | |
| --- | --- | --- |
| `here` | 192.0.2.1 | where the observers are; over loopback both ends |
| `there` | 198.51.100.1 | the other end |
| `beyond` | 203.0.113.1 | behind `here`, in the last scenario |

| observer | command | version |
| --- | --- | --- |
{versions}

`tcpstates` shows every socket of the kernel, hence also those of the namespaces that play other
machines here; as on a machine of its own, only the sockets of `here` are shown. Of `ss` there are two
views: each socket's last word as it is destroyed (`-E`), and a snapshot (`ss -tano`) at the moment
that the scenario names, else at its end, when tcphs was asked for one too (`tcphs show -p`).
The module ran with its default parameters.

The five answer different questions, and each is the best at its own:

- **tshark** shows every segment with its options, analyses windows, gaps and round trips of the
  data, and knows the protocols above TCP; tcphs shows the segments that changed a state and
  tells nothing of windows. It needs no module, and a capture can be looked at again by everybody.
- **ss** knows what only the socket knows: its queues, memory, timers, congestion window and
  round-trip times, and it can kill (`-K`); it needs nothing but the kernel.
- **conntrack** shows the entries by which the firewall and NAT judge, of every protocol, and
  their timeouts: no other tool can tell why a rule matched.
- **tcpstates** shows what each socket did and for how long, and which process was running; it
  needs BPF and BTF, but no module, and sees also what no segment shows.

## What each one tells

| | |
| --- | --- |
{questions}

A capital: a line says it. A small letter: who knows TCP can conclude it from the lines, or it was
computed (tcphs: `~`). A dot: neither. Questions that do not arise in a scenario are left out. The
table is filled from the blocks below by patterns (tests/compare/page.py).

{table}
"""


def is_of(name, line, port):
    """The line is about a connection of this port."""
    if name in ("tcphs show", "ss") and re.match("(ID|State) ", line):
        return True
    if name == "conntrack":
        return re.search(r"[sd]port=%d\b" % port, line)
    if name == "tcpstates":
        words = line.split()
        return (len(words) > 8 and str(port) in (words[5], words[7]) and
                words[4] in ADDRESSES_HERE and
                not re.search(r"CLOSE +-> LISTEN|LISTEN +-> CLOSE", line))
    if name == "tshark":
        return re.search(r" %d → | → %d " % (port, port), line)
    return re.search(r":%d\b" % port, line)


def cut(name, text, port):
    """The lines of this port, each with those beneath it."""
    kept = []
    inside = False
    for line in text.splitlines():
        if not (inside and line[:1] in "\t "and name == "ss -E"):
            inside = is_of(name, line, port) and "0.0.0.0:*" not in line
        if inside:
            kept.append(line.rstrip())
    # A head alone is nothing.
    return "\n".join(kept) if len(kept) > 1 or name not in ("tcphs show", "ss") else ""


def read(folder, name):
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8") as file:
        return file.read()


def blocks_of(folder, number):
    port = PORT + number
    files = {"ss -E": "ss", "ss": "ss.%d" % port, "tcphs show": "show.%d" % port}
    return {name: cut(name, read(folder, files.get(name, name)), port) or NOTHING
            for name in COMMANDS}


def of_tool(blocks, tool):
    return blocks[tool] if tool != "ss" else blocks["ss"] + "\n" + blocks["ss -E"]


def answer(tool, text, asks):
    """One letter for each question that arises."""
    found = {}
    for letter, pattern in ANSWERS[tool]:
        if re.search(pattern, text):
            found.setdefault(letter.upper(), letter)
    return "".join(found.get(letter, "·") for letter in asks)


def anchor(title):
    """What a heading of this text is linked by."""
    return "#" + re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def table(all_blocks):
    lines = ["| | asked | " + " | ".join(TOOLS) + " |", "| --- " * (len(TOOLS) + 2) + "|"]
    for number, (scenario, blocks) in enumerate(zip(SCENARIOS, all_blocks), 1):
        cells = ["`%s`" % answer(tool, of_tool(blocks, tool), scenario.asks) for tool in TOOLS]
        title = "%d. %s" % (number, scenario.title)
        lines.append("| [%s](%s) | `%s` | %s |" % (title, anchor(title), scenario.asks,
                                                   " | ".join(cells)))
    return "\n".join(lines)


def disagreements(number, scenario, blocks):
    """What the sentence says and the lines do not show."""
    for name, pattern in scenario.shown:
        absent = name.startswith("!")
        found = re.search(pattern, blocks[name.lstrip("!")], re.M)
        if bool(found) == absent:
            yield "%d. %s: %s %s: %s" % (number, scenario.title, name.lstrip("!"),
                                         "shows" if absent else "does not show", pattern)


def section(number, scenario, blocks):
    out = ["## %d. %s" % (number, scenario.title), "", scenario.happens, ""]
    for name, command in COMMANDS.items():
        out += ["`%s`" % command, "", "```text", blocks[name], "```", ""]
    out += ["**%s**" % scenario.learned, ""]
    return "\n".join(out)


def versions_of(folder):
    kernel, tcphs, conntrack, tcpstates, ss, tshark = read(folder, "versions").splitlines()
    told = dict(zip(TOOLS, (tcphs, conntrack, tcpstates, ss, tshark)))
    return "Linux " + kernel, "\n".join(
        "| %s | `%s` | %s |" % (tool, "`, `".join(
            command for name, command in COMMANDS.items() if name.split()[0] == tool), told[tool])
        for tool in TOOLS)


def make(folder):
    """The page, or what speaks against it."""
    all_blocks = [blocks_of(folder, number) for number in range(1, len(SCENARIOS) + 1)]
    wrong = [text for number, (scenario, blocks) in enumerate(zip(SCENARIOS, all_blocks), 1)
             for text in disagreements(number, scenario, blocks)]
    kernel, versions = versions_of(folder)
    page = HEAD.format(kernel=kernel, port=PORT, versions=versions, table=table(all_blocks),
                       questions="\n".join("| `%s` | %s |" % item for item in QUESTIONS.items()))
    sections = [section(number, scenario, blocks)
                for number, (scenario, blocks) in enumerate(zip(SCENARIOS, all_blocks), 1)]
    return page + "\n" + "\n".join(sections), wrong


def sections_of(page):
    """The page's own scenarios: title, whole text, blocks by tool."""
    for text in re.split(r"^## (?=\d+\. )", page, flags=re.M)[1:]:
        blocks = re.findall(r"^```text\n(.*?)\n```$", text, flags=re.M | re.S)
        yield text.partition("\n")[0], text, dict(zip(COMMANDS, blocks))


def claims(page):
    """What tests/compare/check claims of the page: (claim, what is wrong)."""
    parts = list(sections_of(page))
    titles = ["%d. %s" % item for item in enumerate((s.title for s in SCENARIOS), 1)]
    yield "twenty scenarios", [] if len(titles) == 20 else ["there are %d" % len(titles)]
    yield ("the page has the scenarios of the script, in its order",
           [] if [part[0] for part in parts] == titles else ["the lists differ: make compare"])
    for number, (scenario, (_, text, blocks)) in enumerate(zip(SCENARIOS, parts), 1):
        wrong = list(disagreements(number, scenario, blocks))
        wrong += [said for said in (scenario.happens, scenario.learned) if said not in text]
        yield "%d. %s: the lines show what is said of them" % (number, scenario.title), wrong
    yield ("the table is what its patterns find in the blocks",
           [] if table([part[2] for part in parts]) in page else ["it is not: make compare"])


def main():
    if sys.argv[1] == "--check":
        with open(sys.argv[2], encoding="utf-8") as file:
            results = list(claims(file.read()))
        for number, (claim, wrong) in enumerate(results, 1):
            print("%s %d - %s" % ("not ok" if wrong else "ok", number, claim))
            for text in wrong:
                print("# " + text)
        print("1..%d" % len(results))
        return
    page, wrong = make(sys.argv[1])
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write(page)
    for text in wrong:
        print(text, file=sys.stderr)
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
