#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How many more instructions tshark takes with the plugin than without it: the same in every run, whatever else the
machine does.

    tests/bench/instructions.py [--frames N] [--traffic NAME...]

valgrind counts them. What tshark takes to start is taken off, so that the figures are those of a frame. It prints rows
for docs/performance.md, and needs an optimized build:

    ./dev build && tests/bench/instructions.py
"""

import argparse
import re
import subprocess
from functools import lru_cache

import bench
import capture
import captures
import measure
import wireshark
from measure import BARE, OURS


@lru_cache
def seed():
    """A library that stands before GLib's: Wireshark's hash tables then have the same seed in every run. Which keys share
    a place is chance otherwise, and worth up to 2 % of all instructions."""
    path = wireshark.scratch("seed") / "seed.so"
    code = "unsigned g_random_int(void) { return 0x9E3779B9u; }"
    subprocess.run(["cc", "-shared", "-fPIC", "-x", "c", "-", "-o", path], input=code, text=True, check=True)
    return str(wireshark.give(path))


def counted(variant, *command, **how):
    """How many instructions this command takes."""
    done = wireshark.run("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command, bare=variant == BARE,
                         env={"LD_PRELOAD": seed()}, timeout=3600, **how)
    told = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode or not told:
        raise SystemExit(f"valgrind ended with {done.returncode}:\n{done.stderr}")
    return int(told[1])


def instructions(variant, path, *args):
    """How many tshark takes for this capture, with its start."""
    return counted(variant, "tshark", "-n", "-r", path, *args)


def each_frame(conversations, count, args):
    """{variant: instructions a frame} of a capture of COUNT frames of CONVERSATIONS, a function that begins them anew.

    args: {variant: arguments of tshark}.
    """
    paths = [wireshark.scratch("instructions") / "capture.pcap" for _ in range(2)]
    # The first is the start, and the tables that the first frames of a kind fill.
    sizes = [capture.write(path, capture.in_turns(conversations(), frames))
             for path, frames in zip(paths, (count // 10, count))]
    runs = [(variant, path) for variant in (BARE, OURS) for path in paths]
    told = captures.each(lambda run: instructions(*run, *args[run[0]]), runs)
    return {variant: (told[variant, paths[1]] - told[variant, paths[0]]) / (sizes[1] - sizes[0]) for variant in (BARE, OURS)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=20_000, help="of each capture; 20000 if it is not given")
    parser.add_argument("--traffic", choices=bench.TRAFFIC, nargs="+", default=bench.TRAFFIC, help="all if not given")
    parser.add_argument("--tshark", choices=bench.WAYS, nargs="+", default=["summary", "-2"], help="summary and -2")
    asked = parser.parse_args()
    measure.check()
    measure.table("traffic", "tshark", "bare, instructions a frame", "tdsconn", "ratio")
    for traffic in asked.traffic:
        for way in asked.tshark:
            told = each_frame(bench.TRAFFIC[traffic], asked.frames, bench.WAYS[way])
            measure.row(traffic, way, f"{told[BARE]:,.0f}", f"{told[OURS]:,.0f}", f"**{told[OURS] / told[BARE]:.3f}**")


if __name__ == "__main__":
    main()
