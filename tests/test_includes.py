# SPDX-License-Identifier: GPL-2.0-or-later
"""The shape of plugin/: each folder includes only those below it, no file includes itself by way of others, arrows are
few, and functions are short."""

import re
import statistics
from graphlib import CycleError, TopologicalSorter

import pytest

import wireshark

PLUGIN = wireshark.ROOT / "plugin"
ORDER = ["core", "wire", "memory", "show", "judge", "readers", "stream", "menus", "stats", "."]
ARROWS = 70  # between folders and the files beside them
MEDIAN, LONGEST = 9, 50  # lines of a function
# Tables of fields.
TABLES = ["proto_register_tdsconn"]
# Every difference between Wireshark versions: below all but the core, though it stands in plugin/.
GROUND = "compat.h"


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
    assert upwards(graph()) == {}


def test_no_file_includes_itself_by_way_of_others():
    assert circle(graph()) == []


@pytest.mark.parametrize("name, one", [("core/tds.c", "compat.h"), ("wire/text.c", "memory/track.h"),
                                       ("stats/tree.c", "packet-tdsconn.h")])
def test_an_include_against_the_order_is_found(name, one):
    assert upwards({**graph(), name: {one}})[name] == {one}


def test_a_circle_is_found():
    assert circle({**graph(), "wire/text.h": {"wire/spans.h"}, "wire/spans.h": {"wire/text.h"}}) != []


def arrows(files):
    """Which folder, or file of plugin/ itself, includes which."""
    def room(name):
        return name.rpartition("/")[0] or name.rpartition(".")[0]
    return {(room(name), room(one)) for name, below in files.items() for one in below if room(name) != room(one)}


def functions(text):
    """{name: lines between its braces} of each function of a file."""
    found = re.findall(r"^\w.*?\b(\w+)\([^;{}]*\)\n{\n(.*?)^}", text, re.MULTILINE | re.DOTALL)
    return {name: body.count("\n") for name, body in found}


def glue():
    """The lengths of all functions of the glue by name."""
    sources = [path for path in PLUGIN.rglob("*.[ch]") if path.parent.name != "core"]
    return {f"{path.name} {name}": lines for path in sources
            for name, lines in functions(path.read_text(encoding="utf-8")).items()}


def test_arrows_are_few():
    assert 40 < len(arrows(graph())) <= ARROWS


def test_functions_are_short():
    lengths = glue()
    assert len(lengths) > 1000
    assert statistics.median(lengths.values()) <= MEDIAN
    assert [name for name, lines in lengths.items() if lines > LONGEST and name.split()[1] not in TABLES] == []


def test_lines_of_functions_are_counted():
    assert functions("static int f(void)\n{\n    a;\n    b;\n}\n\nvoid g(int a,\n       int b)\n{\n}\n") == {"f": 2, "g": 0}


def test_the_picture_of_the_folders_names_all_of_them():
    text = (wireshark.ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    picture = text.partition("## Who may know whom")[2].split("```")[1]
    drawn = sorted(ORDER[:-3], key=lambda folder: picture.index(f"{folder}/"), reverse=True)
    assert drawn == ORDER[:-3]
    assert "menus/" in picture and "stats/" in picture


def nested_conditions(text):
    """Lines of statements in which a conditional operator stands within another, but for arguments of a call."""
    blank = re.compile(r"/\*.*?\*/|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\]|\\.)'", re.DOTALL)
    code = blank.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    for statement in re.finditer(r"[^;{}\s][^;{}]*", code):
        counts = [0]  # of "?" in each pair of brackets that is open
        for sign in statement[0]:
            if sign in "([":
                counts.append(0)
            elif sign in ")]" and len(counts) > 1:
                counts.pop()
            elif sign == ",":
                counts[-1] = 0
            elif sign == "?":
                counts[-1] += 1
                if counts[-1] == 2:
                    yield code.count("\n", 0, statement.start()) + 1


def test_no_conditional_operator_stands_within_another():
    found = {f"{path.relative_to(PLUGIN)}:{line}" for path in PLUGIN.rglob("*.[ch]")
             for line in nested_conditions(path.read_text(encoding="utf-8"))}
    assert found == set()


def test_a_conditional_operator_within_another_is_found():
    assert list(nested_conditions("int f(void)\n{\n    return a ? 1\n        : b ? 2 : 3;\n}\n")) == [3]
    assert list(nested_conditions("x = f(a ? 1 : 2, b ? \"?\" : 'c');\n/* a ? b ? */ y = g(a ? 1 : 2) ? 3 : 4;")) == []
