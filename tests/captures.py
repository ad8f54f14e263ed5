# SPDX-License-Identifier: GPL-2.0-or-later
"""The captures that the tests read, and a way to read many of them in less time."""

import os
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
