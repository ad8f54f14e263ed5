# SPDX-License-Identifier: GPL-2.0-or-later
"""The captures that the tests read, and a way to read many of them in less time."""

import html
import itertools
import os
import re
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import wireshark

REAL = sorted((wireshark.CAPTURES / "real").glob("*.pcapng"))
STORY = sorted((wireshark.CAPTURES / "story").glob("*.pcapng"))
REPORTED = sorted((wireshark.CAPTURES / "reported").glob("*.pcapng"))
ALL = REAL + STORY + REPORTED
KEYED = [capture for capture in ALL if wireshark.keys_of(capture)]
# Of another lab, for tests/inference.py alone; all have a key log.
LAB = sorted((wireshark.CAPTURES / "lab").glob("*.pcapng"))

LAST = "tdsconn.last"


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
    path.write_text("".join(wireshark.keys_of(capture).read_text() for capture in KEYED + LAB))
    return path


def batches(names):
    """NAMES in parts, each short enough for a line that sharkd reads: 2047 bytes."""
    names = list(names)
    return [names[start:start + 25] for start in range(0, len(names), 25)]


def requests_for(names):
    """The requests to sharkd to list all frames with a column for each of the fields NAMES.

    Without a filter: sharkd remembers what one let pass, also when another file is open.
    """
    return [("frames", {f"column{number}": f"{name}:0" for number, name in enumerate(part)}) for part in batches(names)]


def rows_of(answers, names):
    """[{field: text}] from sharkd's answers to requests_for(NAMES)."""
    return [dict(zip(names, itertools.chain(*(part["c"] for part in frame)), strict=True))
            for frame in zip(*answers, strict=True)]


def visits(turns, names):
    """[[{field: text}]] for TURNS, one sharkd for all: each is a pair of the settings to make first and a capture.

    The fields are checked: a column of one that does not exist is empty, and nobody would see why.
    """
    known, listed = wireshark.checks(names), requests_for(names)
    asked = [[*settings, wireshark.load(capture), *listed] for settings, capture in turns]
    answers = iter(wireshark.sharkd_session(*known, *itertools.chain(*asked))[len(known):])
    told = [list(itertools.islice(answers, len(requests))) for requests in asked]
    return [rows_of(one[-len(listed):], names) for one in told]


def columns(chosen, names, keys=None, settings=()):
    """{capture: [{field: text}]} for all CHOSEN: what stands in columns of the fields NAMES, as in Wireshark's window.

    keys: a key log. settings: {preference: value}. Several values of a field have a comma between. One sharkd opens many
    captures one after the other: tshark would be started for each, which takes longer than to read it. But sharkd 4.0
    keeps what it has read, 10 MB of each at least, so that it does not open too many.
    """
    preferences = {"tls.keylog_file": wireshark.readable(keys)} if keys else {}
    prepare = [wireshark.setting(*preference) for preference in (preferences | dict(settings)).items()]
    chosen = list(chosen)
    count = max(os.cpu_count(), -(-len(chosen) // 60))
    parts = [chosen[start::count] for start in range(min(count, len(chosen)))]
    told = each(lambda number: visits([(() if i else prepare, one) for i, one in enumerate(parts[number])], names),
                range(len(parts)))
    return {capture: rows for number, part in enumerate(parts) for capture, rows in zip(part, told[number], strict=True)}


def last(chosen, names, keys=None):
    """{capture: the last word on each connection, as {field: text}} for all CHOSEN. NAMES are without `tdsconn.`."""
    told = columns(chosen, [LAST, *(f"tdsconn.{name}" for name in names)], keys)
    return {capture: [{name: row[f"tdsconn.{name}"] for name in names} for row in rows if row[LAST]]
            for capture, rows in told.items()}


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
