#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Opens and closes captures in one process under valgrind, and looks whether memory grows.

    tests/leaks.py [CAPTURE ...]     all captures, by default; exit code 1 if an error or a leak has a frame of ours

Of sharkd: each capture is opened, its first frames shown, every statistic asked for, a preference of ours changed before
each. Of tshark: all in one file, in two passes, with the statistics. Then the memory of sharkd after it opened one
capture many times, against that of sharkd without the plugin. TDSCONN_BUILD_DIR names the build folder; build/dev is the
default. A sanitized plugin has its own tools for that and does not run under valgrind.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import captures
import merged
import wireshark

FRAMES = 40  # of a capture that are shown
OPENED = (10, 50)  # how often a capture was opened when the memory is looked at
GROWN = "mars-odbc-noenc"
TABLES = ("connections", "details", "times", "failures", "servers", "clients", "steps", "diagnoses", "mars")
TAPS = [*(f"nstat:tdsconn,{table}" for table in TABLES), "srt:tdsconn", "stat:tdsconn", "seqa:tdsconn", "expert"]
# Changed before a capture is opened, and set back before the next.
PREFERENCES = [("tdsconn.silence", "1", "5000"), ("tdsconn.separate_sessions", "FALSE", "TRUE"),
               ("tdsconn.tcp.port", "1-65535", "1433,2433"), ("tdsconn.off.probe", "TRUE", "FALSE")]

SOURCES = {path.name for path in (wireshark.ROOT / "plugin").rglob("*.c")}
# Memory from malloc, so that valgrind sees each block, also of GLib's and of Wireshark's pools.
FROM_MALLOC = {"G_SLICE": "always-malloc", "WIRESHARK_DEBUG_WMEM_OVERRIDE": "simple"}
# The plugin is gone when the leaks are told; its names must stay.
VALGRIND = ["--leak-check=full", "--keep-debuginfo=yes", "--num-callers=50", "--xml=yes"]
# Who has memory of his own: another's dissector, and the tree of a statistic, which tshark never frees (-z plen,tree).
CALLS_ANOTHER = re.compile(r"call_dissector|call_heur_dissector|dissector_try_|try_conversation_dissector|stats_tree_")
TIMEOUT = 3600
AT_ONCE = 40  # captures that one process reads: sharkd 4.0 keeps what it knows of each


def needs():
    """What is not here and must be, or nothing."""
    if not shutil.which("valgrind"):
        return "valgrind is not installed: apt-get install valgrind"
    return "a sanitized plugin does not run under valgrind" if "TDSCONN_PRELOAD" in os.environ else None


def valgrind():
    """(the command to run a program under, the file that tells what was found)."""
    told = wireshark.scratch("valgrind") / "told.xml"
    return ["valgrind", *VALGRIND, f"--xml-file={told}"], told


def is_our_code(frame):
    """Whether a frame of a stack is in the plugin; its library may be gone already."""
    return (Path(frame.findtext("obj", "")).name == "tdsconn.so" or
            frame.findtext("file") in SOURCES and Path(frame.findtext("dir", "")).is_relative_to(wireshark.ROOT))


def is_ours(error):
    """Whether code of ours is in one of the stacks of an error; if it is a leak, as who asked for the memory: not as who
    called another that did."""
    frames = list(error.iter("frame"))
    own = next((place for place, frame in enumerate(frames) if is_our_code(frame)), None)
    if own is None or not error.findtext("kind").startswith("Leak_"):
        return own is not None
    return not any(CALLS_ANOTHER.match(frame.findtext("fn", "")) for frame in frames[:own])


def is_kept(error):
    """Whether it is memory taken when Wireshark starts: once, and held until Wireshark ends."""
    return error.findtext("kind").startswith("Leak_") and any(frame.findtext("fn") == "epan_init"
                                                              for frame in error.iter("frame"))


def faults(errors):
    """Those of the errors that are ours, but for what is kept on purpose."""
    return [error for error in errors if is_ours(error) and not is_kept(error)]


def text_of(error):
    """An error as valgrind would print it."""
    what = error.findtext("what") or error.findtext("xwhat/text")
    frames = (f"    {frame.findtext('fn', '?')} ({frame.findtext('file', frame.findtext('obj', '?'))}:"
              f"{frame.findtext('line', '?')})" for frame in error.iter("frame"))
    return "\n".join([f"{error.findtext('kind')}: {what}", *frames])


def life_of(capture, number):
    """What is asked of sharkd for one capture."""
    preference, other, own = PREFERENCES[number % len(PREFERENCES)]
    yield wireshark.setting(preference, other)
    yield wireshark.load(capture)
    yield "frames", {"filter": "tdsconn", "column0": "tdsconn.step:1", "column1": "tdsconn.summary:1"}
    for frame in range(1, 1 + min(FRAMES, len(merged.frames_of(capture)))):
        yield "frame", {"frame": frame, "proto": True, "bytes": True}
    for tap in TAPS:
        yield "tap", {"tap0": tap}
    yield wireshark.setting(preference, own)
    yield wireshark.load(capture)


def of_sharkd(chosen):
    """(the errors while one sharkd opens each of the captures, how often it did)."""
    under, told = valgrind()
    requests = [request for number, capture in enumerate(chosen) for request in life_of(capture, number)]
    keys = wireshark.setting("tls.keylog_file", captures.all_keys())
    results = wireshark.sharkd_session(keys, *requests, under=under, env=FROM_MALLOC, timeout=TIMEOUT)
    assert "tdsconn.summary" in str(results), "the plugin is not there"
    return ElementTree.parse(told).getroot().findall("error"), sum(method == "load" for method, _ in requests)


def of_tshark(chosen):
    """(the errors while tshark reads the captures, how many)."""
    under, told = valgrind()
    path = wireshark.scratch("chosen") / "chosen.pcapng"
    wireshark.output("mergecap", "-a", "-w", path, *map(wireshark.readable, chosen), bare=True)
    statistics = [word for table in (*TABLES, "tree", "srt") for word in ("-z", f"tdsconn,{table}")]
    printed = wireshark.output(*under, "tshark", "-n", "-2", "-r", path, "-o",
                               f"tls.keylog_file:{captures.all_keys()}", "-V", *statistics, "-z", "credentials", "-z", "follow,tdsconn,ascii,0", "-z",
                               "flow,tdsconn,standard", env=FROM_MALLOC, timeout=TIMEOUT)
    assert "SQL Server Connection" in printed, "the plugin is not there"
    return ElementTree.parse(told).getroot().findall("error"), len(chosen)


def in_groups(found, chosen):
    """What `found` returns of the captures, where no process reads more than AT_ONCE."""
    errors, opened = [], 0
    for first in range(0, len(chosen), AT_ONCE):
        more, count = found(chosen[first:first + AT_ONCE])
        errors, opened = errors + more, opened + count
    return errors, opened


def memory(capture, times, bare):
    """The resident memory of sharkd, in kB, when it opened CAPTURE so many times; TIMES in order."""
    request = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "load", "params": wireshark.load(capture)[1]}) + "\n"
    with subprocess.Popen(wireshark.as_user("sharkd", "-"), env=wireshark.environment(bare), stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as sharkd:
        found = []
        for number in range(1, 1 + max(times)):
            sharkd.stdin.write(request)
            sharkd.stdin.flush()
            while not (answer := sharkd.stdout.readline().strip()):
                assert sharkd.poll() is None, "sharkd is gone"
            assert "OK" in answer, answer
            if number in times:
                status = Path(f"/proc/{sharkd.pid}/status").read_text(encoding="utf-8")
                found.append(int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]))
        sharkd.stdin.close()
    return found


def growth(capture=captures.real(GROWN)):
    """{"with" or "without" the plugin: the memory at each of OPENED}, in kB."""
    return {what: memory(capture, OPENED, bare) for what, bare in (("with", False), ("without", True))}


def main():
    missing = needs()
    if missing:
        sys.exit(f"leaks.py: {missing}")
    named = {capture.stem: capture for capture in captures.ALL}
    unknown = set(sys.argv[1:]) - set(named)
    if unknown:
        sys.exit(f"leaks.py: no such capture: {', '.join(sorted(unknown))}")
    chosen = [named[name] for name in sys.argv[1:] or named]
    failed = False
    for program, found in (("sharkd", of_sharkd), ("tshark", of_tshark)):
        begin = time.monotonic()
        errors, opened = in_groups(found, chosen)
        ours, kept = faults(errors), sum(map(is_kept, filter(is_ours, errors)))
        for error in ours:
            print(text_of(error))
        print(f"{program}: {opened} captures opened, {time.monotonic() - begin:.0f} s: {len(ours)} errors and leaks of ours, "
              f"{kept} blocks kept from start to end, {len(errors) - len(ours) - kept} of Wireshark alone", flush=True)
        failed |= bool(ours)
    for what, (early, late) in growth().items():
        print(f"memory {what} the plugin: {early} kB after {OPENED[0]} times, {late} kB after {OPENED[1]}")
    sys.exit(failed)


if __name__ == "__main__":
    main()
