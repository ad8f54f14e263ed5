#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the commands in the README and the pages of docs, and writes below each what it prints.

    docs/make-examples.py            # writes it; needs the plugin built with the preset dev, see TDSCONN_BUILD_DIR
    docs/make-examples.py --check    # only says whether it is up to date

A command stands behind "$ " in a block marked `console`. A backslash at the end of a line continues it. All commands
of a page run in one shell, one after the other, in a copy of captures, docs, tools and dev.
"""

import re
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent / "tests"))

import captures  # noqa: E402
import generated  # noqa: E402
import wireshark  # noqa: E402

BLOCK = re.compile(r"(?<=^```console\n)(.*?)(?=^```$)", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ ((?:.*\\\n)*.*)$", re.MULTILINE)
MARK = "--- the next command ---"


def commands(page):
    """The commands of a page, in its order."""
    return [command for block in BLOCK.findall(page) for command in COMMAND.findall(block)]


def outputs(page):
    """What each command of a page prints, without spaces at the ends of lines."""
    script = "set -euo pipefail\ncd \"$1\"\n"
    script += "".join(f"echo '{MARK}'\n{command}\n" for command in commands(page))
    printed = wireshark.output("bash", "-c", script, "bash", wireshark.checkout("captures", "docs", "tools", "dev"))
    return re.sub(" +$", "", printed, flags=re.MULTILINE).split(MARK + "\n")[1:]


def rewritten(page):
    """A page with what its commands print now."""
    printed = iter(outputs(page))
    return BLOCK.sub(lambda block: "".join(f"$ {command}\n{next(printed)}" for command in COMMAND.findall(block[0])),
                     page)


def pages():
    """The text of each page that has commands, by its path."""
    paths = [DOCS.parent / "README.md", *sorted(DOCS.glob("**/*.md"))]
    texts = {path: path.read_text(encoding="utf-8") for path in paths}
    return captures.each(lambda path: rewritten(texts[path]), [path for path in texts if commands(texts[path])])


if __name__ == "__main__":
    generated.main(__doc__, pages())
