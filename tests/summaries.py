#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Looks whether a tshark that has the plugin says of the captures what is expected: on any system, with nothing but Python.

    tests/summaries.py TSHARK [NAME...]   TSHARK: a program, and what to run it with; NAME: captures, by default all

A connection's line is its number and its summary, as at the head of the goldens of tests/expected. For Wireshark as it
is installed, on Windows and macOS too. Where ./dev test runs, that compares much more.
"""

import os
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONNECTION = re.compile(r"\d+: ")


def captures(names):
    """The captures that have a golden; of those named NAMES, if there are any."""
    found = sorted(path for folder in ("real", "story", "reported") for path in (ROOT / "captures" / folder).glob("*.pcapng"))
    return [path for path in found if not names or path.stem in names]


def wanted(capture):
    """The lines at the head of its golden."""
    text = (ROOT / "tests/expected" / f"{capture.stem}.txt").read_text(encoding="utf-8")
    return [line for line in text.split("\n\n")[0].split("\n") if CONNECTION.match(line)]


def told(tshark, capture):
    """The same lines, as TSHARK has them."""
    command = [*tshark, "-n", "-2", "-r", str(capture), "-Y", "tdsconn.last", "-T", "fields",
               "-e", "tdsconn.stream", "-e", "tdsconn.summary"]
    done = subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        return [done.stderr.decode("utf-8", "replace").strip()]
    rows = [row.rstrip("\r").split("\t") for row in done.stdout.decode("utf-8").split("\n") if row]
    # Versions after 4.0 double a backslash.
    return [f"{number}: {summary}".replace("\\\\", "\\")
            for number, summary in sorted(rows, key=lambda row: int(row[0]))]


def main():
    """Compare; the exit code says whether something differs."""
    # A console of Windows may lack a letter of a name.
    sys.stdout.reconfigure(errors="backslashreplace")
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    tshark = [sys.argv[1]] if Path(sys.argv[1]).exists() else shlex.split(sys.argv[1])
    chosen = captures(sys.argv[2:])
    if not chosen:
        sys.exit("there is no such capture")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(lambda capture: told(tshark, capture), chosen))
    differ = [capture for capture, lines in zip(chosen, found) if lines != wanted(capture)]
    for capture, lines in zip(chosen, found):
        if capture in differ:
            print(capture.stem, *(f"  wanted {line}" for line in wanted(capture)), *(f"  got    {line}" for line in lines),
                  sep="\n")
    print(f"{len(chosen) - len(differ)} captures as expected, {len(differ)} differ")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
