#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the words of stories and their values into docs/stories.md, from tests/story.

    docs/make-stories.py            # writes it; needs Debian's python3-scapy
    docs/make-stories.py --check    # only says whether it is up to date
"""

import re
import sys
from collections import defaultdict
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS))
sys.path.insert(0, str(DOCS.parent / "tests/story"))

import generated  # noqa: E402
import make  # noqa: E402
import vocabulary  # noqa: E402
from values import parameters  # noqa: E402

BEGIN, END = "<!-- made by docs/make-stories.py: -->\n", "<!-- until here -->\n"
PAGE = DOCS / "stories.md"

KINDS = [
    ("Messages of a connection", vocabulary.WORDS),
    ("Datagrams", vocabulary.DATAGRAM_WORDS),
    ("Tokens, the values of `token=`", vocabulary.TOKENS),
]


def cell(text):
    """A text for a cell of a table."""
    return text.replace("|", r"\|")


def names(found):
    """Parameters, those that must be given first and in bold."""
    needed = [f"**{name}**" for name, (_, must) in found.items() if must]
    return " ".join(needed + [name for name, (_, must) in found.items() if not must]) or "–"


def table(title, *rows):
    """The lines of a table."""
    yield f"| {' | '.join(title)} |\n|{'---|' * len(title)}"
    yield from (f"| {' | '.join(map(cell, row))} |" for row in rows)
    yield ""


def words():
    """A table for each kind of words."""
    for title, functions in KINDS:
        yield f"### {title}\n"
        yield from table(("word", "meaning", "parameters"),
                         *((f"`{word}`", " ".join(function.__doc__.split()), names(parameters(function)))
                           for word, function in functions.items()))


def values():
    """Which parameters have which values; where one name has several, of which words."""
    found = defaultdict(lambda: defaultdict(list))
    for _, functions in KINDS:
        for word, function in functions.items():
            for name, (allowed, _) in parameters(function).items():
                found[name][allowed.text].append(word)
    by_values = defaultdict(list)
    for name, kinds in sorted(found.items()):
        for text, of in kinds.items():
            by_values[text].append(f"`{name}`" + (f" of {' '.join(of)}" if len(kinds) > 1 else ""))
    yield "### Values of the parameters\n"
    yield from table(("values", "parameters"), *((text, ", ".join(which)) for text, which in by_values.items()))


def frames():
    """What each frame may have, and the settings of the head."""
    yield "### On every frame\n"
    yield from table(("parameter", "values", "meaning"),
                     *((f"`{name}=`", allowed.text, text) for name, (allowed, text) in make.FRAME_PARAMETERS.items()),
                     *((f"`{name}`", "–", text) for name, text in make.FRAME_MARKS.items()))
    yield "### In the head\n"
    yield from table(("line", "setting", "values"),
                     *(("`scene`", name, allowed.text) for name, allowed in make.SCENE_SETTINGS.items()),
                     *(("`client`, `server`, others", name, allowed.text)
                       for name, allowed in make.SIDE_SETTINGS.items()))


def page():
    """The page with the tables of today."""
    text = PAGE.read_text(encoding="utf-8")
    tables = "\n".join([*words(), *values(), *frames()])
    return re.sub(f"{BEGIN}.*{END}", lambda _: f"{BEGIN}\n{tables}\n{END}", text, flags=re.DOTALL)


if __name__ == "__main__":
    generated.main(__doc__, {PAGE: page()})
