#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How much longer tshark takes with the plugin than without it, and with the same annotations made in Lua.

    tests/bench/bench.py [--rounds N] [--frames N] [--traffic NAME...] [--tshark NAME...]

It prints rows for docs/performance.md, and needs an optimized build:

    ./dev build && tests/bench/bench.py
"""

import argparse
import itertools
import statistics

import capture
import measure
import profile_files
import scale
import wireshark
from measure import BARE, LUA, OURS

# What stands in our columns' place without the plugin: as many columns of Wireshark's own, of its TDS and SMP.
STOCK_COLUMNS = ("tds.type", "tds.status", "smp.sid", "tds.channel", "tds.packet_number", "tds.length", "tds.window")


OUR_FIVE = ("tdsconn.stream", "tdsconn.step", "tdsconn.auth.label", "tdsconn.message", "tdsconn.description")
STOCK_FIVE = ("tds.type", "tds.status", "tds.packet_number", "tds.channel", "tds.length")


def of_field(name):
    return f"%Cus:{name}:0:R"


def format_of(listed):
    """The option for these columns: pairs of a title and what is shown."""
    return ["-o", "gui.column.format:" + ",".join(f'"{title}","{shown}"' for title, shown in listed)]


def columns(replace=None):
    """The profile's columns; each of ours with one of Wireshark's own in its place, if those are given."""
    replacements = iter(replace or ())
    return format_of([(title, of_field(next(replacements)) if replace and "tdsconn." in shown else shown)
                      for title, shown in profile_files.columns()])


def of_fields(names):
    """No other columns than these fields."""
    return format_of([(name, of_field(name)) for name in names])


def one_field(name):
    return ["-T", "fields", "-e", name]


# Without a read filter 4.0 has no fields on the first of two passes, and Lua would learn nothing there.
LUA_TREE = ("-R", "frame")

ROWS = ["-q", "-z", "tdsconn,rows"]
UNREAD = [option for name in ("tds", "smp", "tls") for option in ("--disable-protocol", name)]

# What tshark is asked for.
WAYS = {
    "summary": {BARE: [], OURS: [], LUA: []},
    "-2": {BARE: ["-2"], OURS: ["-2"], LUA: ["-2", *LUA_TREE]},
    "columns": {BARE: columns(STOCK_COLUMNS), OURS: columns()},
    "five columns": {BARE: of_fields(STOCK_FIVE), OURS: of_fields(OUR_FIVE)},
    "-Y": {BARE: ["-Y", "tds.type"], OURS: ["-Y", "tdsconn.description"]},
    "-T fields": {BARE: one_field("tcp.stream"), OURS: one_field("tdsconn.step"), LUA: one_field("tdslua.step")},
    "rows": {BARE: [], OURS: ROWS},
    "rows alone": {BARE: [], OURS: [*ROWS, *UNREAD]},
}


def real(plain=False):
    return list(capture.real_conversations(measure.REAL, plain))


# Conversations without end, by what they are.
TRAFFIC = {
    "SQL Server only": lambda: itertools.cycle(real()),
    "plain TDS": lambda: itertools.cycle(real(plain=True)),
    "logins": lambda: itertools.repeat(scale.login()),
    "one frame in ten": lambda: capture.mixed(capture.plain_conversations(), real(), 0.1),
    "anything else": lambda: itertools.cycle(capture.plain_conversations()),
    "files over SMB": lambda: itertools.cycle(capture.file_conversations()),
    "SYNs": lambda: itertools.repeat(scale.syn()),
}


def row(traffic, way, variant, results):
    """One variant against the bare one, of every round."""
    ratios = [costs[variant].cpu / costs[BARE].cpu for costs in results]
    cpu = {which: statistics.median(costs[which].cpu for costs in results) for which in (BARE, variant)}
    more = statistics.median(costs[variant].memory - costs[BARE].memory for costs in results) / 2**20
    memory = statistics.median(costs[BARE].memory for costs in results) / 2**20
    measure.row(traffic, way, variant, f"{cpu[BARE]:.2f} s", f"{cpu[variant]:.2f} s",
                f"**{statistics.median(ratios):.3f}**", f"{min(ratios):.3f} to {max(ratios):.3f}",
                f"{more:+.0f} MiB of {memory:.0f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="runs of each kind; 5 if it is not given")
    parser.add_argument("--frames", type=int, default=200_000, help="of each capture; 200000 if it is not given")
    parser.add_argument("--traffic", choices=TRAFFIC, nargs="+", default=TRAFFIC, help="all if it is not given")
    parser.add_argument("--tshark", choices=WAYS, nargs="+", default=WAYS, help="likewise")
    asked = parser.parse_args()
    measure.check()
    measure.table("traffic", "tshark", "with", "bare", "with it", "ratio", "from to", "memory")
    for traffic in asked.traffic:
        path = wireshark.scratch("bench") / "capture.pcap"
        capture.write(path, capture.in_turns(TRAFFIC[traffic](), asked.frames))
        for way in asked.tshark:
            results = list(measure.rounds(path, WAYS[way], asked.rounds))
            for variant in (variant for variant in WAYS[way] if variant != BARE):
                row(traffic, way, variant, results)
        path.unlink()


if __name__ == "__main__":
    main()
