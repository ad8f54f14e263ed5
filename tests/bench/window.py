#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What columns and filters of ours cost in the window, against as many of Wireshark's own without the plugin.

    tests/bench/window.py [--rounds N] [--frames N] [--counted N] [--traffic NAME...] [--window NAME...]

sharkd stands for the window: it reads the capture once, and then shows frames in any order, as the window does. It
prints rows for docs/performance.md, and needs an optimized build:

    ./dev build && tests/bench/window.py
"""

import argparse
import itertools
import json
import statistics

import bench
import capture
import captures
import instructions
import measure
import wireshark
from measure import BARE, OURS

# Runs as the ordinary user: the CPU time that sharkd takes for each of the requests, in seconds.
COST = """
import json, subprocess, sys
sharkd = subprocess.Popen(["sharkd", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

def used():
    with open(f"/proc/{sharkd.pid}/schedstat") as nanoseconds:
        return int(nanoseconds.read().split()[0]) / 1e9

costs = []
for request in sys.stdin:
    before = used()
    print(request, end="", file=sharkd.stdin, flush=True)
    assert "result" in json.loads(sharkd.stdout.readline())
    costs.append(used() - before)
print(json.dumps(costs))
"""


def listed(fields=(), **other):
    """The request for the whole packet list, with these columns and no other; the default ones if none are given."""
    return "frames", {f"column{number}": f"{name}:0" for number, name in enumerate(fields)} | other


def filtered(text):
    """The request that asks every frame whether it passes. One frame is listed, as that is not the filter's work."""
    return listed(filter=text, limit=1)


# What is asked for, once the capture is open. A text of Wireshark's that all frames have is what ours is compared with.
WAYS = {
    "the default columns": {BARE: listed(), OURS: listed()},
    "five columns": {BARE: listed(bench.STOCK_FIVE), OURS: listed(bench.OUR_FIVE)},
    "five columns, but for the description": {BARE: listed(bench.STOCK_FIVE[:-1]), OURS: listed(bench.OUR_FIVE[:-1])},
    "the description": {BARE: listed(["frame.protocols"]), OURS: listed(["tdsconn.description"])},
    "a filter": {BARE: filtered("tds.type"), OURS: filtered("tdsconn.description")},
}


def seconds(variant, path, request):
    """The CPU time of this request, behind the load of the capture."""
    asked = wireshark.request_lines([wireshark.load(path), request])
    told = wireshark.output("/usr/bin/python3", "-c", COST, stdin=asked, bare=variant == BARE, timeout=3600)
    return json.loads(told)[-1]


def rounds(path, way, count):
    """COUNT times {variant: CPU seconds}; in each round the other one comes first."""
    for number in range(count):
        order = (BARE, OURS) if number % 2 else (OURS, BARE)
        yield {variant: seconds(variant, path, WAYS[way][variant]) for variant in order}


def each_frame(path, ways, size):
    """{way: {variant: instructions a frame}} of the requests alone, without the load of the capture."""
    def counted(run):
        variant, way = run
        asked = [wireshark.load(path)] + ([] if way is None else [WAYS[way][variant]])
        return instructions.counted(variant, "sharkd", "-", stdin=wireshark.request_lines(asked))

    told = captures.each(counted, itertools.product((BARE, OURS), (None, *ways)))
    return {way: {variant: (told[variant, way] - told[variant, None]) / size for variant in (BARE, OURS)}
            for way in ways}


def made(traffic, frames):
    """(a capture of about this many frames, how many they are)."""
    path = wireshark.scratch("bench") / "capture.pcap"
    return path, capture.write(path, capture.in_turns(bench.TRAFFIC[traffic](), frames))


def row(traffic, way, counts, results):
    ratios = [costs[OURS] / costs[BARE] for costs in results]
    measure.row(traffic, way, f"{counts[BARE]:,.0f}", f"{counts[OURS]:,.0f}", f"**{counts[OURS] / counts[BARE]:.3f}**",
                f"{statistics.median(ratios):.3f}", f"{min(ratios):.3f} to {max(ratios):.3f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="runs of each kind; 3 if it is not given")
    parser.add_argument("--frames", type=int, default=200_000, help="of a capture to time; 200000 if it is not given")
    parser.add_argument("--counted", type=int, default=4000, help="of one to count instructions; 4000 likewise")
    parser.add_argument("--traffic", choices=bench.TRAFFIC, nargs="+", default=["SQL Server only"], help="that alone")
    parser.add_argument("--window", choices=WAYS, nargs="+", default=WAYS, help="what is shown; all if it is not given")
    asked = parser.parse_args()
    measure.check()
    measure.table("traffic", "window", "bare, instructions a frame", "tdsconn", "ratio", "of CPU time", "from to")
    for traffic in asked.traffic:
        short, size = made(traffic, asked.counted)
        long, _ = made(traffic, asked.frames)
        for way, counts in each_frame(short, asked.window, size).items():
            row(traffic, way, counts, list(rounds(long, way, asked.rounds)))
        long.unlink()


if __name__ == "__main__":
    main()
