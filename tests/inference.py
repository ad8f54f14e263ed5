#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the plugin says of encrypted logins without their keys, against what the keys show.

    tests/inference.py          prints the table; the exit code is 1 if any answer is wrong

Every connection of every capture with a key log. An answer is right, silent (Unknown, or Windows where it was NTLM or
Kerberos: less than the truth) or wrong. TDSCONN_BUILD_DIR names the build folder; build/dev is the default.
"""

import sys
from collections import Counter

import captures

FIELDS = ["stream", "state", "auth", "auth.basis", "auth.why", "encryption"]
TITLES = ("capture", "conn", "encryption", "truth", "said", "basis", "", "state", "evidence")
NOT_FOUND = {"auth": "Unknown", "auth.basis": "Unknown", "auth.why": "not found without keys", "encryption": "Unknown",
             "state": ""}
# What says less than the truth, and nothing against it.
WEAKER = {"Unknown": None, "Windows": {"NTLM", "Kerberos"}}


def verdicts(keys=None):
    """{capture: {connection: the last word on it}} of all captures with a key log."""
    told = captures.last(captures.KEYED + captures.LAB, FIELDS, keys)
    return {capture: {row["stream"]: row for row in rows} for capture, rows in told.items()}


def grade(truth, said):
    """right, silent or wrong."""
    if said["auth"] == truth["auth"]:
        return "right"
    weaker = WEAKER.get(said["auth"], ())
    return "silent" if weaker is None or truth["auth"] in weaker else "wrong"


def is_overclaimed(said):
    """Seen where nothing of the login can be seen."""
    return said["auth.basis"] == "Seen" and said["encryption"] in ("Full", "Strict")


def table():
    """A row for each connection, as in TITLES."""
    rows = []
    with_keys, without = verdicts(captures.all_keys()), verdicts()
    for capture, truths in with_keys.items():
        for number, truth in truths.items():
            said = without[capture].get(number, NOT_FOUND)
            mark = "wrong" if is_overclaimed(said) else grade(truth, said)
            state = "" if said["state"] == truth["state"] else f"{said['state']} ({truth['state']})"
            rows.append((capture.stem, number, truth["encryption"], truth["auth"], said["auth"], said["auth.basis"],
                         mark, state, said["auth.why"]))
    return rows


def main():
    """Print the table and the counts."""
    rows = table()
    widths = [max(map(len, column)) for column in zip(TITLES, *rows)]
    for row in (TITLES, *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    counts = Counter(row[6] for row in rows)
    print(f"\n{counts['right']} right, {counts['silent']} silent, {counts['wrong']} wrong; the state is in brackets "
          "where the keys show another")
    return 1 if counts["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
