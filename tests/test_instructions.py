# SPDX-License-Identifier: GPL-2.0-or-later
"""What a frame costs, in instructions, which no other program changes: nothing makes it dearer by the way."""

import itertools
import os
import shutil
import sys
from pathlib import Path

import pytest

import captures
import wireshark

sys.path.insert(0, str(Path(__file__).resolve().parent / "bench"))

import capture  # noqa: E402
import instructions  # noqa: E402
from measure import BARE, OURS  # noqa: E402

FRAMES = 1000
# By name, so that what is counted stays the same when there are new captures.
SQL = ("ft-sql-noenc", "mars-odbc-noenc", "ntlm-odbc-login-only-tls", "ft-sql-full-tls")
# How many times the instructions of bare tshark such frames take.
MEASURED = {"SQL Server": 1.038, "anything else": 1.009}
TOO_MANY = 1.05  # times that; from run to run the ratio differs by up to 0.02, as the start of tshark does


def conversations(traffic):
    if traffic != "SQL Server":
        return itertools.cycle(capture.plain_conversations())
    frames = ([frame for frame in capture.read(captures.real(name)) if capture.is_tds(frame[1])] for name in SQL)
    return itertools.cycle([capture.Conversation(one) for one in frames])


@pytest.mark.skipif(not shutil.which("valgrind"), reason="valgrind is not installed: apt-get install valgrind")
@pytest.mark.skipif("TDSCONN_PRELOAD" in os.environ, reason="a sanitized plugin does not run under valgrind")
@pytest.mark.skipif(wireshark.version() != (4, 0), reason="measured with 4.0")
@pytest.mark.parametrize("traffic", MEASURED)
def test_no_frame_takes_more_instructions(traffic):
    told = instructions.each_frame(lambda: conversations(traffic), FRAMES, {BARE: [], OURS: []})
    assert told[OURS] / told[BARE] < MEASURED[traffic] * TOO_MANY
