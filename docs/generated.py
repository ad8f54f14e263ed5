# SPDX-License-Identifier: GPL-2.0-or-later
"""Documents that a script writes, and the check that they are up to date."""

import argparse
import difflib
import sys


def main(doc, texts):
    """Writes each text of TEXTS to its path; with --check compares, and fails with the difference."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    stale = False
    for path, text in texts.items():
        if not check:
            path.write_text(text, encoding="utf-8")
            continue
        found = path.read_text(encoding="utf-8") if path.exists() else ""
        difference = list(difflib.unified_diff(found.splitlines(), text.splitlines(), str(path), "as it should be",
                                               lineterm=""))
        stale = stale or bool(difference)
        print(*difference, sep="\n", end="\n" if difference else "")
    if stale:
        sys.exit("run this script without --check, and read what it changed")
