# SPDX-License-Identifier: GPL-2.0-or-later
"""The folders of plugin/ have an order: each includes those below it, and no file includes itself by way of others."""

import re
from graphlib import CycleError, TopologicalSorter

import pytest

import wireshark

PLUGIN = wireshark.ROOT / "plugin"
ORDER = ["core", "wire", "memory", "show", "judge", "readers", "stream", "menus", "stats", "."]
# Every difference between Wireshark versions: below all but the core, though it stands in plugin/.
GROUND = "compat.h"
# Files that include upwards, and what they include. The list may become shorter, not longer.
UPWARDS = {
    "stream/claim.c": {"packet-ssrp.h"},  # the memory of SQL Browser is in packet-ssrp.c
}


def included(file, text):
    """The files of plugin/ that one includes."""
    for name in re.findall(r'^#include "([^"]+)"', text, re.MULTILINE):
        beside, below = file.parent / name, PLUGIN / name
        found = [path for path in (beside, below, PLUGIN / "core" / name) if path.is_file()]
        assert found, f"{file.name} includes {name}, which is not there"
        yield found[0].resolve().relative_to(PLUGIN).as_posix()


def graph():
    """{file: what it includes}, with names as in plugin/."""
    sources = [path for path in PLUGIN.rglob("*") if path.suffix in (".c", ".h", ".def")]
    return {path.relative_to(PLUGIN).as_posix(): set(included(path, path.read_text(encoding="utf-8")))
            for path in sources}


def level(name):
    """How high the folder of a file stands."""
    folder = name.rpartition("/")[0] or "."
    return ORDER.index("wire") if name == GROUND else ORDER.index(folder)


def upwards(files):
    """{file: what it includes from a folder above its own}, of those that do."""
    found = {name: {one for one in below if level(one) > level(name)} for name, below in files.items()}
    return {name: ones for name, ones in found.items() if ones}


def circle(files):
    """Files of which each includes the next, and the last the first; [] if there are none."""
    try:
        TopologicalSorter(files).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def test_folders_include_only_what_is_below_them():
    assert upwards(graph()) == UPWARDS


def test_no_file_includes_itself_by_way_of_others():
    assert circle(graph()) == []


@pytest.mark.parametrize("name, one", [("core/tds.c", "compat.h"), ("wire/text.c", "memory/track.h"),
                                       ("stats/tree.c", "packet-tdsconn.h")])
def test_an_include_against_the_order_is_found(name, one):
    assert upwards({**graph(), name: {one}})[name] == {one}


def test_a_circle_is_found():
    assert circle({**graph(), "wire/text.h": {"wire/spans.h"}, "wire/spans.h": {"wire/text.h"}}) != []
