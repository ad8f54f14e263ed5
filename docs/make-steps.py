#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes docs/steps.md from the tables that the plugin is built from: steps.def, mars.def, messages.def, values.def.

    docs/make-steps.py            # writes it
    docs/make-steps.py --check    # only says whether it is up to date
"""

import re
import sys
from collections import defaultdict
from pathlib import Path

DOCS = Path(__file__).resolve().parent
CORE = DOCS.parent / "plugin/core"
sys.path.insert(0, str(DOCS))

import generated  # noqa: E402

HEAD = """# Steps

How tdsconn finds the step and the state of a connection. tdsconn knows only the messages in the capture. A **position**
is what the capture has shown so far. A **move** changes the position when a message comes. A message without a move
does not change it. There is one exception: if the capture has shown only TCP, or has a hole, the message moves as from
START. So a capture may begin anywhere, and no message is required.

This page is made from `plugin/core/steps.def` and `plugin/core/mars.def`, the tables that the plugin is built from.

## The login, in a picture

The steps are those of Microsoft's article *Trace the network authentication process*. They are the values of
`tdsconn.step`. Each arrow shows the messages that lead to the next step. The picture does not show captures that begin
in the middle, and FIN and RST, which lead from every step to Close.
"""

BEFORE_TABLE = """
## Positions and moves

*Whose turn* says who owes the next message, and *next* what it is. *Step* is the step of a bare ACK in this position.
*State* is `tdsconn.state`. A dash means no change. FIN and RST lead from every position to CLOSING and CLOSED; the code
does this without a row. *REQUEST* is a SQL batch, RPC, bulk load, transaction manager request, ATTENTION or SMP packet.
"""

BEFORE_MARS = """
## A MARS session

The state of one session of a MARS connection (`tdsconn.mars.state`) depends on the SMP packets of both sides. A packet
without a move does not change it.
"""

# Captures without the beginning, or with the client's side of it only: not in the picture.
MIDWAY_FROM = {"START", "SYN_SENT", "SYN_ANSWERED"}
KEEP = "KEEP"
TURNS = {"NOBODY": "–", "CLIENT": "client", "SERVER": "server", "OTHER": "the side that did not speak last"}


def table(name, macro):
    """The arguments of each row MACRO(...) of a table, texts without quotes, and the comment after it."""
    rows = re.findall(rf"^{macro}\((.*)\)[ \t]*(?:/\* (.*) \*/)?$", (CORE / name).read_text(), re.MULTILINE)
    for row, comment in rows:
        yield [part.strip().strip('"') for part in re.split(r',\s*(?=(?:[^"]*"[^"]*")*[^"]*$)', row)], comment


def names(name, macro):
    """Text by tag: NAME(tag, value, text ...)."""
    return {row[0]: row[2] for row, _ in table(name, macro)}


def picture(names, edges, first=None):
    """EDGES: a list of labels by (start, end)."""
    yield "```mermaid\nstateDiagram-v2"
    for node in dict.fromkeys(node for pair in edges for node in pair):
        yield f'    state "{names[node]}" as {node}'
    if first is not None:
        yield f"    [*] --> {first}"
    for (start, end), labels in edges.items():
        yield f"    {start} --> {end}: {', '.join(dict.fromkeys(labels))}"
    yield "```"


def steps_picture(positions, moves, steps, messages):
    def step_of(position):
        step = positions[position][1]
        if step != KEEP:
            return step
        return step_of(next(start for (start, _, end), _ in moves if end == position))

    edges = defaultdict(list)
    for (start, seen, end), _ in moves:
        if start in MIDWAY_FROM or end == "MIDWAY":
            continue
        ends = step_of(start), step_of(end)
        if ends[0] != ends[1]:
            edges[ends].append(messages[seen])
    return picture(steps, edges, first="TCP_HANDSHAKE")


def steps_table(positions, moves, steps, states):
    by_start = defaultdict(lambda: defaultdict(list))
    for (start, seen, end), comment in moves:
        by_start[start][end].append(f"{seen} ({comment})" if comment else seen)
    yield "| position | whose turn | next | step | state | moves |\n|---|---|---|---|---|---|"
    for position, (_, step, state, owes, awaited) in positions.items():
        lines = [f"{', '.join(seen)} → **{end}**" for end, seen in by_start[position].items()]
        yield (f"| **{position}** | {TURNS[owes]} | {awaited} | {steps.get(step, '–')} | {states.get(state, '–')} "
               f"| {'<br>'.join(lines) or '–'} |")


def mars_picture(moves, states):
    edges = defaultdict(list)
    for (start, sender, flag, end), _ in moves:
        edges[start, end].append(f"{flag} by {sender.lower()}")
    return picture(states, edges)


def mars_table(moves, states):
    yield "| state | packet | next |\n|---|---|---|"
    for (start, sender, flag, end), comment in moves:
        note = f" ({comment})" if comment else ""
        yield f"| {states[start]} | {flag} by the {sender.lower()}{note} | {states[end]} |"


def document():
    positions = {row[0]: row for row, _ in table("steps.def", "POSITION")}
    moves = list(table("steps.def", "MOVE"))
    mars_moves = list(table("mars.def", "MOVE"))
    steps, states, sessions = (names("values.def", macro) for macro in ("STEP", "STATE", "SESSION"))
    messages = names("messages.def", "MESSAGE") | names("messages.def", "SIGN")
    yield HEAD
    yield from steps_picture(positions, moves, steps, messages)
    yield BEFORE_TABLE
    yield from steps_table(positions, moves, steps, states)
    yield BEFORE_MARS
    yield from mars_picture(mars_moves, sessions)
    yield ""
    yield from mars_table(mars_moves, sessions)


if __name__ == "__main__":
    generated.main(__doc__, {DOCS / "steps.md": "\n".join(document()) + "\n"})
