#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Prints every field of ours in every capture: a line each, to compare one version of Wireshark with another.

    tests/everything.py > FILE

TDSCONN_BUILD_DIR names the build folder; build/dev is the default.
"""

import captures
import merged
import wireshark

OURS = "tdsconn ssrp"

# How tshark is told to read: the name stands in each line.
WAYS = {"one pass": [], "two passes": ["-2"]}


def ours(line):
    """A field of PDML as "name=value", or nothing for a line that is no field."""
    told = captures.parsed(line)
    return f"{told['name']}={wireshark.as_iso(wireshark.as_numbers(told.get('show', '')))}" if told.get("name") else ""


def lines():
    """Without the key logs and with them, in one pass and in two: "way, capture frame N, field=value"."""
    together, frames = merged.together()
    for keys in (None, captures.all_keys()):
        for way, passes in WAYS.items():
            trees = captures.trees(together, *passes, keys=keys, only=OURS)
            for frame, tree in zip(frames, trees, strict=True):
                for field in filter(None, map(ours, tree)):
                    yield f"{way}{' with keys' if keys else ''}, {frame}, {field}"


if __name__ == "__main__":
    for one in lines():
        print(one)
