#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the text that a capture becomes in Wireshark, and compares it with tests/expected.

    tests/golden.py                     check all
    tests/golden.py --update [NAME...]  rewrite those that changed, and print what changed
    tests/golden.py --print FILE        print what should be in FILE, one of those of tests/expected

TDSCONN_BUILD_DIR names the build folder; build/dev is the default.
NAME.txt has our fields only: every version of Wireshark makes the same file. NAME.keys.txt is the same with
the key log, where that shows more. NAME.list.txt is the packet list with the profile's columns. Of this Wireshark's
own dissectors may say something else in a later version: then tests/expected/VERSION has that version's file, for
it and those after it, and tests/expected/README.md says why.
"""

import argparse
import difflib
import sys
from collections import Counter

import captures
import findings
import wireshark

EXPECTED = wireshark.ROOT / "tests" / "expected"

# A longer capture is shown by its ends, with a count of what it carries.
LONG, HEAD, TAIL = 200, 60, 10

FRAME = ["frame.number", "tdsconn.stream", "tdsconn.sender", "tdsconn.step", "tdsconn.message", "tdsconn.mars.label"]
LAST = ["tdsconn.state", "tdsconn.auth", "tdsconn.auth.basis", "tdsconn.auth.why", "tdsconn.encryption",
        "tdsconn.version", "tdsconn.close", "tdsconn.progress"]
SEVERITY = "tdsconn.severity"
FIELDS = [*FRAME, *LAST, captures.LAST, "tdsconn.summary", SEVERITY]
TITLES = ("No.", "Conn", "Sender", "Step", "Messages", "MARS")

LISTED = {"odbc-kerberos-login-only-tls", "ntlm-odbc-noenc", "ft-sql-login-only-tls", "mars-odbc-noenc",
          "ft-badpw-noenc", "port57139-ntlm-noenc"}
COLUMNS = [("No.", "%m"), ("Source", "%s"), ("Destination", "%d"), ("Protocol", "%p"),
           ("Login step", "%Cus:tdsconn.step:0:R"), ("Auth", "%Cus:tdsconn.auth:0:R"),
           ("MARS", "%Cus:tdsconn.mars.label:0:R"), ("Info", "%i")]


def aligned(rows):
    """ROWS as lines in columns; the last column is not padded."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]


def packets(frames):
    """The lines of the frames of our connections."""
    rows = [TITLES] + [tuple(frame[field].replace(",", "; ") for field in FRAME) for frame in frames]
    lines = aligned(rows)
    if len(frames) > LONG:
        lines[1 + HEAD:-TAIL] = [f"... {len(frames) - HEAD - TAIL} frames left out ..."]
    return lines


def counts(frames):
    """How often each message comes, in a capture too long to show."""
    found = Counter(one for frame in frames for one in frame["tdsconn.message"].split(",") if one)
    order = list(captures.texts("tdsconn.message").values())
    rows = [(message, str(found[message])) for message in sorted(found, key=order.index)]
    return ["", "== messages ==", *aligned(rows)] if len(frames) > LONG else []


def verdict(frame):
    """What is known of a connection on its last frame."""
    rows = [(field.removeprefix("tdsconn."), frame[field]) for field in LAST]
    return ["", f"== connection {frame['tdsconn.stream']} ==", *aligned(rows)]


def finding_lines(found):
    """A line for each finding of a capture: (frame, severity, rule, text), as Expert Information has them."""
    rows = [(str(frame), severity, rule, text) for frame, severity, rule, text in found]
    return ["", "== findings ==", *aligned(rows)] if rows else []


def conversation(rows, found):
    """Our annotations of a capture: a line for each connection, one for each frame, the findings, and each connection's
    verdict."""
    frames = [row for row in rows if row["tdsconn.stream"]]
    last = sorted((frame for frame in frames if frame[captures.LAST]), key=lambda frame: int(frame["tdsconn.stream"]))
    head = [f"{frame['tdsconn.stream']}: {frame['tdsconn.summary']}" for frame in last]
    lines = [*head, "", *packets(frames), *counts(frames)] if frames else ["no SQL Server connection"]
    return "\n".join([*lines, *finding_lines(found), *(line for frame in last for line in verdict(frame))]) + "\n"


def packet_list(capture):
    """The packet list as a user of the profile sees it; the frames of other protocols are in it."""
    columns = ",".join(f'"{title}","{column}"' for title, column in COLUMNS)
    rows = wireshark.tshark(capture, "-2", "-T", "tabs", "-o", f"gui.column.format:{columns}")
    # tshark puts a column of its own, an arrow, between source and destination.
    cells = [[cell.strip() for cell in row.split("\t") if cell != "→"] for row in rows]
    return "\n".join(aligned([[title for title, _ in COLUMNS], *cells])) + "\n"


def conversations(chosen, keys=None):
    """{capture: its annotations} for all CHOSEN."""
    told = captures.columns(chosen, FIELDS, keys)
    found = findings.told({capture: [int(row["frame.number"]) for row in rows if row[SEVERITY]]
                           for capture, rows in told.items()}, keys)
    return {capture: conversation(rows, found[capture]) for capture, rows in told.items()}


def texts(chosen):
    """{capture: {name of the golden file: what it should hold}} for all CHOSEN; None: there should be no such file."""
    keyed = [capture for capture in chosen if wireshark.keys_of(capture)]
    made = {capture: {f"{capture.stem}.txt": text} for capture, text in conversations(chosen).items()}
    for capture, decrypted in conversations(keyed, captures.all_keys()).items():
        same = decrypted == made[capture][f"{capture.stem}.txt"]
        made[capture][f"{capture.stem}.keys.txt"] = None if same else decrypted
    for capture, text in captures.each(packet_list, [one for one in chosen if one.stem in LISTED]).items():
        made[capture][f"{capture.stem}.list.txt"] = text
    return made


def path_of(name):
    """Where a golden file is: that of the latest version up to this one which has its own."""
    own = [tuple(map(int, folder.name.split("."))) for folder in EXPECTED.iterdir()
           if folder.is_dir() and (folder / name).exists()]
    later = [version for version in own if version <= wireshark.version()]
    return EXPECTED / ".".join(map(str, max(later))) / name if later else EXPECTED / name


def expected(name):
    """The text of a golden file, or None if there is none."""
    path = path_of(name)
    return path.read_text(encoding="utf-8") if path.exists() else None


def difference(name, wanted, got):
    """A readable difference, empty if there is none."""
    before, after = (wanted or "").splitlines(), (got or "").splitlines()
    return "\n".join(difflib.unified_diff(before, after, f"expected/{name}", "now", lineterm=""))


def write(name, text):
    """Put the golden file there, or away."""
    path = path_of(name)
    if text is None:
        path.unlink(missing_ok=True)
    else:
        path.write_text(text, encoding="utf-8")


def show(name):
    """Print the golden file NAME as this Wireshark makes it."""
    stem = name.removesuffix(".txt").removesuffix(".keys").removesuffix(".list")
    capture = next(one for one in captures.ALL if captures.name_of(one) == stem)
    print(texts([capture])[capture][name], end="")


def main():
    """Check or update; the exit code says whether something differed in a check."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true", help="rewrite what changed")
    parser.add_argument("--print", metavar="FILE", dest="shown", help="print what should be in it")
    parser.add_argument("names", nargs="*", metavar="NAME", help="captures, by default all")
    asked = parser.parse_args()
    if asked.shown:
        return show(asked.shown)
    unknown = set(asked.names) - set(map(captures.name_of, captures.ALL))
    if unknown:
        parser.error(f"no such capture: {', '.join(sorted(unknown))}")
    chosen = [capture for capture in captures.ALL if not asked.names or captures.name_of(capture) in asked.names]
    changed = 0
    for made in texts(chosen).values():
        for name, text in made.items():
            if text != expected(name):
                changed += 1
                print(difference(name, expected(name), text))
                if asked.update:
                    write(name, text)
    print(f"{changed} {'rewritten' if asked.update else 'differ'}")
    return 1 if changed and not asked.update else 0


if __name__ == "__main__":
    sys.exit(main())
