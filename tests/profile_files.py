# SPDX-License-Identifier: GPL-2.0-or-later
"""The files of the Wireshark profile, as far as tests want to know what is in them."""

import csv
import re
from collections import namedtuple

import wireshark

FOLDER = wireshark.ROOT / "profile"

Rule = namedtuple("Rule", "name filter background text")
Graph = namedtuple("Graph", "shown name filter color style axis field average factor")
Button = namedtuple("Button", "shown label filter comment")


def lines(name):
    """The lines of a file of the profile, without its comments."""
    return [line for line in (FOLDER / name).read_text(encoding="utf-8").splitlines() if not line.startswith("#")]


def color(text):
    """Red, green and blue from 0 to 1, of Wireshark's "[65535,0,0"."""
    return tuple(int(one) / 65535 for one in text.strip("[]").split(","))


def color_rules():
    """The coloring rules, in order."""
    for line in lines("colorfilters"):
        name, display_filter, colors = line.strip("@").split("@")
        background, text = colors.split("][")
        yield Rule(name, display_filter, color(background), color(text))


def buttons():
    """The buttons beside the display filter, in order."""
    return [Button(*(cell.replace(r"\x22", '"') for cell in row)) for row in csv.reader(lines("dfilter_buttons"))]


def graphs():
    """The graphs of Statistics > I/O Graphs, in order."""
    return [Graph(*(cell.replace(r"\x22", '"') for cell in row)) for row in csv.reader(lines("io_graphs"))]


def saved_filters():
    """The filters behind the bookmark beside the display filter, as (name, filter)."""
    return [re.fullmatch(r'"([^"]+)" (.+)', line).groups() for line in lines("dfilters")]


def columns():
    """The columns as (title, what they show), in order."""
    listed = re.search(r"^gui\.column\.format:((?:\s+\"[^\n]*)+)", "\n".join(lines("preferences")), re.MULTILINE)[1]
    return re.findall(r'"([^"]+)", "([^"]+)"', listed)


def hidden():
    """What the columns show that are not shown at first."""
    told = next(line for line in lines("preferences") if line.startswith("gui.column.hidden:"))
    return told.partition(":")[2].strip().split(",")


def widths():
    """The width of each column in pixels, by what the column shows."""
    told = next(line for line in lines("recent") if line.startswith("column.width:")).partition(":")[2].split(", ")
    return {shown.strip(): int(width) for shown, width in zip(told[::2], told[1::2], strict=True)}
