# SPDX-License-Identifier: GPL-2.0-or-later
"""What a run of tshark costs: CPU time and memory; alone, with the plugin, or with the same in Lua."""

import json
import os
import sys
from collections import namedtuple
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("TDSCONN_BUILD_DIR", str(Path(__file__).resolve().parents[2] / "build/release"))

import wireshark  # noqa: E402

BARE, OURS, LUA = "bare", "tdsconn", "Lua"
REAL = wireshark.CAPTURES / "real"
SCRIPT = wireshark.readable(Path(__file__).resolve().parent / "annotate.lua")

# Runs as the ordinary user: the command's own CPU time and memory, not those of setpriv or of this program.
COST = """
import json, os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
assert status == 0, status
print(json.dumps([usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024]))
"""

Cost = namedtuple("Cost", "cpu memory")  # seconds, and the most bytes at any time


def cost(variant, path, *args):
    """What tshark costs on this capture."""
    script = ["-X", f"lua_script:{SCRIPT}"] if variant == LUA else []
    command = ["tshark", "-n", "-r", path, *script, *args]
    told = wireshark.output("/usr/bin/python3", "-c", COST, *command, bare=variant != OURS, timeout=3600)
    return Cost(*json.loads(told))


def rounds(path, args, count):
    """COUNT times what each variant of ARGS costs, a dictionary; in each round another one comes first."""
    variants = list(args)
    for number in range(count):
        turn = number % len(variants)
        costs = {variant: cost(variant, path, *args[variant]) for variant in variants[turn:] + variants[:turn]}
        yield costs


def check():
    """Ends the program if the plugin is not where it is to be measured, or is where it must not be."""
    if "tdsconn.so" not in wireshark.plugins() or "tdsconn.so" in wireshark.plugins(bare=True):
        raise SystemExit(f"no tdsconn.so to measure in {wireshark.BUILD}/plugins")


def table(*titles):
    """The head of a Markdown table."""
    print("| " + " | ".join(titles) + " |")
    print("|" + "---|" * len(titles))


def row(*cells):
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)
