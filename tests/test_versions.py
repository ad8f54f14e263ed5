# SPDX-License-Identifier: GPL-2.0-or-later
"""Every field of ours has the same value in this Wireshark as in the one that made TDSCONN_REFERENCE.

`./dev test --wireshark VERSION` lets the Wireshark of the machine make it, with tests/everything.py.
"""

import os
from difflib import unified_diff
from itertools import islice
from pathlib import Path

import everything


def test_every_field_of_every_capture_is_the_same():
    reference = Path(os.environ["TDSCONN_REFERENCE"]).read_text(encoding="utf-8").splitlines()
    here = list(everything.lines())
    assert here, "there is nothing to compare"
    # A difference of two long lists takes very long to make.
    first = next((number for number, pair in enumerate(zip(reference, here)) if pair[0] != pair[1]), len(here))
    window = slice(max(first - 3, 0), first + 20)
    told = "\n".join(islice(unified_diff(reference[window], here[window], "reference", "here", lineterm=""), 40))
    assert len(reference) == len(here) and first == len(here), f"from line {first + 1} on:\n{told}"
