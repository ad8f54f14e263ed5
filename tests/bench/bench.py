#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How much longer tshark takes with the plugin than without: pairs of runs, CPU time, memory.

    tests/bench/bench.py [--pairs N] [--frames N]

Two captures of 200000 frames are made on the first run and kept in the build folder: one of SQL Server connections
only, played again from captures/real, one of anything else. It needs python3-scapy and an optimized build:

    ./dev build && TDSCONN_BUILD_DIR=build/release tests/bench/bench.py
"""

import argparse
import json
import os
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("TDSCONN_BUILD_DIR", str(Path(__file__).resolve().parents[2] / "build/release"))

import capture  # noqa: E402
import wireshark  # noqa: E402

# What tshark is asked for: without the plugin, and with it. The nearest to one of our fields is one of TCP's.
RUNS = {
    "summary": ([], []),
    "-2": (["-2"], ["-2"]),
    "-T fields": (["-T", "fields", "-e", "tcp.stream"], ["-T", "fields", "-e", "tdsconn.step"]),
}

# Runs as the ordinary user: the command's own CPU time and memory, not those of setpriv or of this program.
MEASURE = """
import json, os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
assert status == 0, status
print(json.dumps([usage.ru_utime + usage.ru_stime, usage.ru_maxrss]))
"""


def measure(path, args, bare):
    """CPU seconds and the most memory in KiB."""
    done = wireshark.run("/usr/bin/python3", "-c", MEASURE, "tshark", "-n", "-r", path, *args, bare=bare)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def pairs(path, run, count):
    """COUNT times (bare, with the plugin), by turns the one or the other first; one of each before, to warm up."""
    args = {True: RUNS[run][0], False: RUNS[run][1]}
    for bare in (True, False):
        measure(path, args[bare], bare)
    for number in range(count):
        order = (True, False) if number % 2 == 0 else (False, True)
        results = {bare: measure(path, args[bare], bare) for bare in order}
        yield results[True], results[False]


def cached(name, conversations, frames):
    """The capture NAME of the build folder, made if it is not there."""
    path = wireshark.BUILD / "bench" / f"{name}-{frames}.pcap"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        capture.write(unfinished, conversations(), frames)
        unfinished.rename(path)
    return wireshark.readable(path)


def row(name, run, results):
    ratios = [ours[0] / bare[0] for bare, ours in results]
    bare = statistics.median(bare[0] for bare, _ in results)
    ours = statistics.median(ours[0] for _, ours in results)
    memory = statistics.median(ours[1] - bare[1] for bare, ours in results) / 1024
    base = statistics.median(bare[1] for bare, _ in results) / 1024
    return (f"| {name} | {run} | {bare:.2f} s | {ours:.2f} s | **{statistics.median(ratios):.3f}** "
            f"| {min(ratios):.3f} to {max(ratios):.3f} | {memory:+.0f} MiB of {base:.0f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--frames", type=int, default=200_000)
    asked = parser.parse_args()
    if "tdsconn.so" not in wireshark.plugins() or "tdsconn.so" in wireshark.plugins(bare=True):
        raise SystemExit(f"no tdsconn.so to measure in {wireshark.BUILD}/plugins")
    real = wireshark.CAPTURES / "real"
    captures = {
        "SQL Server only": cached("tds", lambda: capture.real_conversations(real), asked.frames),
        "anything else": cached("plain", capture.plain_conversations, asked.frames),
    }
    print("| capture | tshark | bare | with tdsconn | ratio | from to | memory |")
    print("|---|---|---|---|---|---|---|")
    for name, path in captures.items():
        for run in RUNS:
            print(row(name, run, list(pairs(path, run, asked.pairs))), flush=True)


if __name__ == "__main__":
    main()
