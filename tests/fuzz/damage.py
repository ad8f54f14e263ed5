#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Damages captures with editcap -E and reads them with the sanitized plugin in the tshark that is installed.

    cmake --preset asan && cmake --build --preset asan
    tests/fuzz/damage.py 2000

Run N damages one capture, at one rate, with seed N, and reads it in one way; so each can be had again:

    tests/fuzz/damage.py --first 1234 1

tests/test_hostile.py, a test of every day, damages all captures in one file and does so a few times only.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RATES = (0.001, 0.01, 0.05)


def runtimes():
    """The libraries of gcc's sanitizers, which must be loaded before a plugin that needs them."""
    ask = [["gcc", f"-print-file-name=lib{name}.so"] for name in ("asan", "ubsan")]
    return ":".join(subprocess.check_output(command, text=True).strip() for command in ask)


os.environ.setdefault("TDSCONN_BUILD_DIR", str(ROOT / "build/asan"))
os.environ.setdefault("TDSCONN_PRELOAD", runtimes())
sys.path.insert(0, str(ROOT / "tests"))

import captures  # noqa: E402: it reads these variables
import test_hostile  # noqa: E402
import wireshark  # noqa: E402


def described(number):
    """What run NUMBER does: the capture, the options of editcap, those of tshark."""
    turn, which = divmod(number, len(captures.ALL))
    # Behind the TCP header in every second run, so that connections stay what they are.
    spared = ["-o", 66] if (which + turn // 2) % 2 else []
    return captures.ALL[which], ["-E", RATES[turn % len(RATES)], *spared], ["-2"] if turn % 2 else []


def complaint(number, path):
    """What is wrong with run NUMBER, or None."""
    capture, damage, options = described(number)
    wireshark.output("editcap", *damage, "--seed", number, wireshark.readable(capture), path, bare=True)
    try:
        found = test_hostile.faults(path, *options, keys=captures.all_keys(), damaged=True)
    except (AssertionError, subprocess.TimeoutExpired) as failure:
        return str(failure)
    return str(found) if found else None


def is_stock(number, path):
    """Whether tshark without the plugin fails on the same file too."""
    done = wireshark.run("tshark", "-n", "-r", path, *described(number)[2], "-V", "-o",
                         f"tls.keylog_file:{captures.all_keys()}", bare=True)
    return done.returncode != 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=int)
    parser.add_argument("--first", type=int, default=1, help="the seed of the first run")
    args = parser.parse_args()
    assert "tdsconn.so" in wireshark.plugins(), "tshark does not load the plugin"
    path = wireshark.scratch("damaged") / "damaged.pcapng"
    ours = stock = 0
    for number in range(args.first, args.first + args.runs):
        told = complaint(number, path)
        if told and is_stock(number, path):
            stock += 1
        elif told:
            ours += 1
            capture, damage, options = described(number)
            print(f"seed {number}:", capture.stem, *damage, *options or ["one pass"], f"\n{told}", flush=True)
        if number % 100 == 0:
            print(f"up to seed {number}: {ours} faults, {stock} of tshark alone", flush=True)
    print(f"{args.runs} runs, seeds {args.first} to {args.first + args.runs - 1}: "
          f"{ours} faults, {stock} of tshark alone")
    return 1 if ours else 0


if __name__ == "__main__":
    sys.exit(main())
