# SPDX-License-Identifier: GPL-2.0-or-later
"""The captures that the tests read, and a way to read many of them in less time."""

import html
import os
import re
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import wireshark

REAL = sorted((wireshark.CAPTURES / "real").glob("*.pcapng"))
STORY = sorted((wireshark.CAPTURES / "story").glob("*.pcapng"))
ALL = REAL + STORY
KEYED = [capture for capture in ALL if wireshark.keys_of(capture)]


def real(name):
    """The path of a capture of captures/real."""
    return wireshark.CAPTURES / "real" / f"{name}.pcapng"


def name_of(capture):
    """The name of a capture in tests, tables and reports."""
    return capture.stem


def each(work, items):
    """{item: work(item)} for all ITEMS, as many at a time as there are processors.

    Most of a run is the start of tshark: one after the other the tests would take twice as long.
    """
    items = list(items)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(items, pool.map(work, items)))


@lru_cache(maxsize=None)
def texts(field):
    """{value: text} of a field, as Wireshark knows them."""
    rows = (line.split("\t") for line in wireshark.lines(wireshark.output("tshark", "-G", "values")))
    return {row[2]: row[3] for row in rows if row[0] == "V" and row[1] == field}


@lru_cache(maxsize=None)
def all_keys():
    """The key logs of all captures in one."""
    path = wireshark.scratch("keys") / "together.keys"
    path.write_text("".join(wireshark.keys_of(capture).read_text() for capture in KEYED))
    return path


def last(capture, names, keys=None):
    """The last word on each connection: {field: text}. NAMES are without their `tdsconn.`."""
    fields = [f"tdsconn.{name}" for name in names]
    rows = wireshark.fields(capture, *fields, two_pass=True, keys=keys, display_filter="tdsconn.last")
    return [{name: texts(field).get(value, value) for name, field, value in zip(names, fields, row)} for row in rows]


def trees(capture, *args, skip=("geninfo",), only=None, **how):
    """For each frame the lines of PDML that tell its tree: each is a field, and parsed() reads it.

    only, skip: protocols by name; `only` may hold several, with blanks between. PDML as XML would take most of the
    time of the tests.
    """
    frames, wanted = [], True
    for line in wireshark.tshark(capture, "-T", "pdml", *(["-J", only] if only else []), *args, **how):
        if line == "<packet>":
            frames.append([])
        elif line.startswith("  <proto "):
            name = line.split('"', 2)[1]
            wanted = name not in skip and (only is None or name in only.split())
        line = line.strip()
        if wanted and line.startswith(("<proto ", "<field ")):
            frames[-1].append(line)
    return frames


def parsed(line):
    """The attributes of a line of PDML: name, showname, show, value, ..."""
    return {name: html.unescape(text) for name, text in re.findall(r'(\w+)="([^"]*)"', line)}
