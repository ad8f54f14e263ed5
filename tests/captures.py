# SPDX-License-Identifier: GPL-2.0-or-later
"""The captures that the tests read, and a way to read many of them in less time."""

import os
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from xml.etree import ElementTree

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
def together():
    """All captures one after the other in one file, and for each of its frames "NAME frame N".

    What is asked of every frame of every capture is then asked in one run.
    """
    path = wireshark.scratch("together") / "together.pcapng"
    wireshark.output("mergecap", "-a", "-w", path, *map(wireshark.readable, ALL))
    table = wireshark.lines(wireshark.output("capinfos", "-T", "-r", "-M", "-c", *map(wireshark.readable, ALL)))
    counts = [int(line.split("\t")[1]) for line in table]
    return path, [f"{capture.stem} frame {number}"
                  for capture, count in zip(ALL, counts, strict=True) for number in range(1, count + 1)]


@lru_cache(maxsize=None)
def all_keys():
    """The key logs of all captures in one."""
    path = wireshark.scratch("keys") / "together.keys"
    path.write_text("".join(wireshark.keys_of(capture).read_text() for capture in KEYED))
    return path


def trees(capture, *args, skip=("geninfo",), only=None, **how):
    """For each frame the list of what stands in its tree, as (name of the field or "", text, value, bytes).

    The protocol's own line is in it under the protocol's name. only, skip: protocols by name.
    """
    chosen = ["-J", only] if only else []
    pdml = ElementTree.fromstringlist(line + "\n" for line in wireshark.tshark(capture, "-T", "pdml", *chosen, *args, **how))
    return [[(node.get("name"), node.get("showname"), node.get("show"), node.get("value"))
             for proto in packet if proto.get("name") not in skip and only in (None, proto.get("name"))
             for node in proto.iter()]
            for packet in pdml]
