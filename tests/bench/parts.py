#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether it pays to cut a large capture by client, with tools/cut: the rows of the whole against those of its parts.

    tests/bench/parts.py [--frames N] [--parts N] [--processes N]

It prints rows for docs/performance.md, and needs an optimized build:

    ./dev build && tests/bench/parts.py
"""

import argparse
import itertools
import json
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import bench
import capture
import measure
import wireshark
from measure import OURS


def rows_of(path):
    return measure.cost(OURS, path, *bench.ROWS)


def timed(work):
    """What WORK returns, and how many seconds it took."""
    start = time.monotonic()
    return work(), time.monotonic() - start


def cut(path, parts):
    """The parts, and the CPU time and memory that tools/cut needs."""
    folder = wireshark.scratch("parts")
    command = ["/usr/bin/python3", "-c", measure.COST, "/usr/bin/python3", wireshark.ROOT / "tools/cut"]
    told = subprocess.run([*command, "-n", str(parts), "-d", folder, path], check=True, capture_output=True, text=True)
    wireshark.give(folder)
    return sorted(folder.iterdir()), measure.Cost(*json.loads(told.stdout))


def row(what, seconds, costs):
    measure.row(what, f"{sum(cost.cpu for cost in costs):.1f} s", f"{seconds:.1f} s",
                f"{max(cost.memory for cost in costs) / 2**20:.0f} MiB")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=5_000_000, help="5000000 if it is not given")
    parser.add_argument("--parts", type=int, default=8)
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    measure.check()
    path = wireshark.scratch("whole") / "capture.pcap"
    count = capture.write(path, capture.in_turns(itertools.cycle(bench.real()), asked.frames))
    measure.table(f"{count:,} frames", "CPU", "time", "memory of the largest process")
    whole, seconds = timed(lambda: rows_of(path))
    row("the whole", seconds, [whole])
    (parts, cost), seconds = timed(lambda: cut(path, asked.parts))
    path.unlink()
    row(f"tools/cut into {asked.parts}", seconds, [cost])
    with ThreadPoolExecutor(asked.processes) as pool:
        costs, seconds = timed(lambda: list(pool.map(rows_of, parts)))
    row(f"the parts, {asked.processes} at a time", seconds, costs)


if __name__ == "__main__":
    main()
