# SPDX-License-Identifier: GPL-2.0-or-later
"""What a connection costs in memory: nothing makes it larger by the way."""

import os
import sys
from pathlib import Path

import pytest

import wireshark

sys.path.insert(0, str(Path(__file__).resolve().parent / "bench"))

import scale  # noqa: E402

# Bytes for each connection of 17 frames, and for each SYN that nobody answers, more than tshark needs without the plugin:
# as `tests/bench/scale.py` tells them.
MEASURED = {scale.connections: (3810, (1_000, 10_000)), scale.syns: (1510, (1_000, 20_000))}
TOO_MANY = 1.05  # times that; from run to run it differs by up to 0.02


@pytest.mark.skipif("TDSCONN_PRELOAD" in os.environ, reason="a sanitized plugin takes more")
@pytest.mark.skipif(wireshark.version() != (4, 0), reason="measured with 4.0")
@pytest.mark.parametrize("family", MEASURED, ids=lambda family: family.__name__)
def test_no_connection_takes_more_memory(family):
    measured, counts = MEASURED[family]
    few, many = (size[scale.ONE_PASS] for size in scale.sizes(family, counts))
    assert scale.bytes_each(many, few) < measured * TOO_MANY
