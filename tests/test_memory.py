# SPDX-License-Identifier: GPL-2.0-or-later
"""What a connection costs in memory: nothing makes it larger by the way."""

import os
import sys
from pathlib import Path

import pytest

import wireshark

sys.path.insert(0, str(Path(__file__).resolve().parent / "bench"))

import capture  # noqa: E402
import kept  # noqa: E402
import scale  # noqa: E402
from measure import BARE, OURS  # noqa: E402

# Bytes for each connection of 17 frames, and for each SYN that nobody answers, more than tshark needs without the plugin,
# and of how many it is told.
MEASURED = {scale.connections: (2324, (100, 3_000)), scale.syns: (753, (500, 8_000))}
TOO_MANY = 1.02  # times that; from run to run it differs by less than a byte


def more(family, count):
    """How many more bytes tshark holds for a capture of a family with the plugin."""
    path = wireshark.scratch("memory") / "capture.pcap"
    capture.write(path, family(count))
    return kept.most(OURS, path) - kept.most(BARE, path)


@pytest.mark.skipif("TDSCONN_PRELOAD" in os.environ, reason="a sanitized plugin takes more")
@pytest.mark.skipif(wireshark.version() != (4, 0), reason="measured with 4.0")
@pytest.mark.parametrize("family", MEASURED, ids=lambda family: family.__name__)
def test_no_connection_takes_more_memory(family):
    measured, (few, many) = MEASURED[family]
    assert (more(family, many) - more(family, few)) / (many - few) < measured * TOO_MANY
