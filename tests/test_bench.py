# SPDX-License-Identifier: GPL-2.0-or-later
"""The programs that measure: they run, what they compare is what they say, and their captures are sound."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import wireshark

BENCH = Path(__file__).resolve().parent / "bench"
sys.path.insert(0, str(BENCH))

import capture  # noqa: E402
import measure  # noqa: E402
import scale  # noqa: E402


def rows(program, *args):
    """The rows of the Markdown table that it prints, as lists of cells."""
    done = subprocess.run([sys.executable, BENCH / program, *args], stdout=subprocess.PIPE, text=True, check=True)
    _, line, *found = done.stdout.splitlines()
    assert set(line) == {"|", "-"}
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in found]


def made(records):
    path = wireshark.scratch("bench") / "capture.pcap"
    capture.write(path, records)
    return path


@pytest.fixture(scope="module")
def login():
    return made(scale.connections(20))


def test_bench_compares_with_bare_tshark_and_with_lua():
    found = rows("bench.py", "--rounds", "1", "--frames", "2000", "--traffic", "one frame in ten")
    assert [row[:3] for row in found] == [
        ["one frame in ten", way, variant]
        for way, variants in (("summary", 2), ("-2", 2), ("columns", 1), ("five columns", 1), ("-Y", 1), ("-T fields", 2),
                              ("rows", 1), ("rows alone", 1))
        for variant in ("tdsconn", "Lua")[:variants]
    ]


def test_scale_has_a_row_for_each_size_and_way():
    found = rows("scale.py", "connections", "--largest", "10")
    assert [row[:4] for row in found] == [["connections", way, "10", "170"] for way in ("one pass", "-2")]


@pytest.mark.parametrize("variant, field", [(measure.OURS, "tdsconn.step"), (measure.LUA, "tdslua.step")])
def test_only_its_own_variant_has_a_field(login, variant, field):
    asked = ["-T", "fields", "-e", field]
    assert measure.cost(variant, login, *asked).cpu > 0
    with pytest.raises(AssertionError, match=field):
        measure.cost(measure.BARE, login, *asked)


def in_lua(path, *args):
    return wireshark.tshark(path, "-X", f"lua_script:{measure.SCRIPT}", "-2", "-R", "frame", *args, bare=True)


@pytest.mark.parametrize("name", ["ft-sql-noenc", "mars-odbc-noenc"])
def test_lua_says_what_the_plugin_says(name):
    path = measure.REAL / f"{name}.pcapng"
    names = ("stream", "sender", "step", "state", "close", "mars.state", "login.frame")
    ours = wireshark.fields(path, *(f"tdsconn.{name}" for name in names), two_pass=True)
    asked = [option for name in names for option in ("-e", f"tdslua.{name}")]
    assert [tuple(line.split("\t")) for line in in_lua(path, "-T", "fields", *asked)] == ours
    assert {step for _, _, step, *_ in ours} == {"1", "2", "4", "6", "7", "8"}


def test_lua_has_no_errors(login):
    assert in_lua(login, "-Y", "_ws.lua.error") == []


@pytest.mark.parametrize("family", scale.FAMILIES, ids=lambda family: family.__name__)
def test_what_is_played_again_is_as_sound_as_the_first_time(family):
    found = wireshark.tshark(made(family(300)), "-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE", "-o",
                             "udp.check_checksum:TRUE", "-Y", "ip.checksum.status != 1 || tcp.checksum.status == 0 || "
                             "udp.checksum.status == 0 || tcp.analysis.flags || tcp.analysis.reused_ports")
    assert found == []


def test_long_connections_go_on_to_their_end():
    path = made(scale.frames(3000))
    closes = wireshark.fields(path, "tdsconn.stream", "tdsconn.close", two_pass=True, display_filter="tdsconn.last")
    assert closes == [(str(stream), "1") for stream in range(10)]


@pytest.mark.skipif(not shutil.which("valgrind"), reason="valgrind is not installed: apt-get install valgrind")
@pytest.mark.skipif("TDSCONN_PRELOAD" in os.environ, reason="a sanitized plugin does not run under valgrind")
def test_window_has_a_row_for_what_is_shown():
    found = rows("window.py", "--rounds", "1", "--frames", "200", "--counted", "200", "--window", "a filter")
    assert [row[:2] for row in found] == [["SQL Server only", "a filter"]]


def test_parts_are_compared_with_the_whole():
    found = rows("parts.py", "--frames", "2000", "--parts", "2")
    assert [row[0] for row in found] == ["the whole", "tools/cut into 2", "the parts, 2 at a time"]
