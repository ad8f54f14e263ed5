#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes hostile captures and reads them with the sanitized plugin in the tshark that is installed.

    cmake --preset asan && cmake --build --preset asan
    tests/fuzz/damage.py bytes 2000      damages captures anywhere, with editcap -E
    tests/fuzz/damage.py payloads 250    hostile payloads in conversations of TCP and UDP that are sound: traffic.py
    tests/fuzz/damage.py packets 100     packets at random, made by randpkt

Run N makes one file, with seed N, and reads it; so each can be had again, but for those of randpkt, which takes no seed:

    tests/fuzz/damage.py --first 1234 bytes 1

A file that finds a fault stays in build/asan/faults. What fails in the same tshark without the plugin too is counted
apart, and read once more in a way in which tshark goes on after its own fault. tests/test_hostile.py, a test of every
day, damages all captures in one file and does so a few times only.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "build/asan/faults"
RATES = (0.001, 0.01, 0.05)
RANDOM = ("tds", "tcp", "udp", "ip", "ipv6", "eth", "icmp", None)  # kinds of randpkt; the last is all of them
RANDOM_FRAMES = 1000

TWO_PASSES = ("-2",)
# What tshark without the plugin is known to say on such files, when its own code is called in the same way: its TLS loses
# a fragment when the two sides change places, its TDS shows a batch that is shorter than its ALL_HEADERS say. Where we
# get at TLS or TDS on a port that it does not, it says so with us only.
OF_STOCK = re.compile(r'packet-tls\.c:\d+: failed assertion "fh"$|'
                      r'proto\.c:\d+: failed assertion "length >= 0" \(text\)$')

TABLES = ("connections", "details", "times", "failures", "servers", "clients", "steps", "diagnoses", "mars", "srt", "tree")
STATISTICS = ("-2", "-q", "-z", "flow,tdsconn,standard", "-z", "credentials", "-z", "follow,tdsconn,ascii,0", "-z",
              "expert", *(word for table in TABLES for word in ("-z", f"tdsconn,{table}")))


def runtimes():
    """The libraries of gcc's sanitizers, which must be loaded before a plugin that needs them."""
    ask = [["gcc", f"-print-file-name=lib{name}.so"] for name in ("asan", "ubsan")]
    return ":".join(subprocess.check_output(command, text=True).strip() for command in ask)


os.environ.setdefault("TDSCONN_BUILD_DIR", str(ROOT / "build/asan"))
os.environ.setdefault("TDSCONN_PRELOAD", runtimes())
sys.path.insert(0, str(ROOT / "tests"))

import captures  # noqa: E402: it reads these variables
import test_hostile  # noqa: E402
import traffic  # noqa: E402
import wireshark  # noqa: E402


# How a file comes about: each writes that of run NUMBER to PATH and returns (what it is, ways to read it).


def damaged_bytes(number, path):
    """A capture with other bytes at one of the rates; behind the TCP header in every second run, so that connections
    stay what they are."""
    turn, which = divmod(number, len(captures.ALL))
    spared = ["-o", 66] if (which + turn // 2) % 2 else []
    damage = ["-E", RATES[turn % len(RATES)], *spared]
    capture = captures.ALL[which]
    wireshark.output("editcap", *damage, "--seed", number, wireshark.readable(capture), path, bare=True)
    return f"{capture.stem} {' '.join(map(str, damage))}", [TWO_PASSES if turn % 2 else ()]


def hostile_payloads(number, path):
    """Conversations of traffic.py."""
    traffic.write(path, number)
    wireshark.give(path)
    return f"{traffic.CONVERSATIONS} conversations", [(), TWO_PASSES, STATISTICS]


def random_packets(number, path):
    """What randpkt makes; of one kind, for that of all of them has a link layer of its own."""
    kind = RANDOM[number % len(RANDOM)]
    wireshark.output("randpkt", "-c", RANDOM_FRAMES, *(["-t", kind] if kind else []), path, bare=True)
    return f"{RANDOM_FRAMES} packets, {kind or 'any'}", [(), TWO_PASSES]


KINDS = {"bytes": damaged_bytes, "payloads": hostile_payloads, "packets": random_packets}


# How it is read.


def complaint(path, way, forgiving):
    """What is wrong when PATH is read in one way, or None. forgiving: tshark goes on after a dissector's fault."""
    try:
        if way is STATISTICS:
            wireshark.output(*(test_hostile.FORGIVING if forgiving else ()), "tshark", "-n", "-r", path, *options(way))
            return None
        found = test_hostile.faults(path, *options(way), damaged=forgiving)
    except (AssertionError, subprocess.TimeoutExpired) as failure:
        return str(failure)
    return str(found) if found else None


def options(way):
    return [*way, "-o", f"tls.keylog_file:{captures.all_keys()}"]


def fails_bare(path, way, told):
    """Whether tshark without the plugin fails on the same file with the same last words.

    It knows none of our statistics, and TDS on one port only; so it is tried with all ports, too.
    """
    for ports in ([], ["-o", "tds.tcp.port:1-65535"]):
        args = [*options(TWO_PASSES if way is STATISTICS else way), *ports, "-T", "pdml"]
        done = wireshark.run("tshark", "-n", "-r", path, *args, bare=True, env={"WIRESHARK_ABORT_ON_DISSECTOR_BUG": "1"})
        if done.returncode != 0 and last_words(done.stderr) in told:
            return True
    return False


def last_words(text):
    """The last line that says something."""
    return text.strip().split("\n")[-1]


def judged(path, way):
    """(what is wrong with us or None, whether tshark alone fails) when PATH is read in one way."""
    told = complaint(path, way, forgiving=False)
    if told and (OF_STOCK.search(last_words(told)) or fails_bare(path, way, told)):
        return complaint(path, way, forgiving=True), True
    return told, False


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("runs", type=int)
    parser.add_argument("--first", type=int, default=1, help="the seed of the first run")
    args = parser.parse_args()
    assert "tdsconn.so" in wireshark.plugins(), "tshark does not load the plugin"
    path = wireshark.scratch("damaged") / "damaged.pcapng"
    begin, ours, stock = time.monotonic(), 0, 0
    numbers = range(args.first, args.first + args.runs)
    for number in numbers:
        what, ways = KINDS[args.kind](number, path)
        for way in ways:
            told, fails_alone = judged(path, way)
            if fails_alone:
                stock += 1
                print(f"seed {number}: {what}: {' '.join(way[:1]) or 'one pass'}: of tshark alone", flush=True)
            if told:
                ours += 1
                KEPT.mkdir(exist_ok=True)
                kept = shutil.copyfile(path, KEPT / f"{args.kind}-{number}.pcapng")
                print(f"seed {number}: {what}: {' '.join(way) or 'one pass'}: {kept}\n{told}", flush=True)
        if number % 100 == 0:
            print(f"up to seed {number}: {ours} faults, {stock} of tshark alone", flush=True)
    print(f"{args.kind}: {args.runs} runs, seeds {numbers[0]} to {numbers[-1]}, {time.monotonic() - begin:.0f} s: "
          f"{ours} faults, {stock} of tshark alone")
    return 1 if ours else 0


if __name__ == "__main__":
    sys.exit(main())
