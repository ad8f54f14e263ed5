# SPDX-License-Identifier: GPL-2.0-or-later
"""The display filter macros of the profile, in the two formats that versions of Wireshark read."""

import csv
import re
import shutil
from functools import lru_cache

import pytest

import captures
import profile_files
import wireshark
from test_profile import described

PROFILE = "SQL Server connections"
MACROS = dict(csv.reader(profile_files.lines("dfilter_macros")))
VALUES = {"sql_conn": "5", "sql_client": "10.10.10.120", "sql_server": "10.10.10.10;1433", "sql_error": "33557097",
          "sql_slow": "0.2"}
CAPTURE = captures.real("srv-too-many-connections")


@lru_cache(maxsize=None)
def home():
    """A user's folder with the profile."""
    path = wireshark.scratch("macros")
    shutil.copytree(profile_files.FOLDER, path / "wireshark" / "profiles" / PROFILE)
    return wireshark.give(path)


def frames(display_filter):
    done = wireshark.run("tshark", "-2", "-C", PROFILE, "-r", wireshark.readable(CAPTURE), "-Y", display_filter, "-T",
                         "fields", "-e", "frame.number", env={"XDG_CONFIG_HOME": str(home())})
    assert done.returncode == 0 and "macro" not in done.stderr.lower(), done.stderr
    return done.stdout.split()


def test_both_formats_have_the_same():
    told = [re.fullmatch(r'"(\w+)" (.+)', line).groups() for line in profile_files.lines("dmacros")]
    assert dict(told) == MACROS and len(told) == len(MACROS)
    assert set(VALUES) == set(MACROS)


@pytest.mark.parametrize("name", MACROS)
def test_a_macro_is_its_filter(name):
    """It finds some frames, and not all."""
    expanded = MACROS[name]
    for number, value in enumerate(VALUES[name].split(";"), 1):
        expanded = expanded.replace(f"${number}", value)
    found = frames(f"${{{name}:{VALUES[name]}}}")
    assert found == frames(expanded) and found
    assert name in ("sql_client", "sql_server") or len(found) < 395


def test_they_are_described_as_they_are():
    told = [(re.match(r"\$\{(\w+):", example)[1], shown) for example, shown, _ in described("Filter macros")]
    assert told == list(MACROS.items())
