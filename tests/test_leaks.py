# SPDX-License-Identifier: GPL-2.0-or-later
"""Opening captures again and again takes no memory that is not given back. leaks.py does it with all captures."""

import pytest

import captures
import leaks

# kB that two runs of the same may differ by: sharkd without the plugin grew by 459,256 to 461,776 in 40 openings, and what
# it grows by more with the plugin is no more in 120 of them. Smaller leaks are for valgrind to find.
NOISE = 4000
SOME = ("mars-odbc-noenc", "tds8-strict-ted-tls13")


@pytest.mark.skipif("TDSCONN_PRELOAD" in leaks.os.environ, reason="AddressSanitizer keeps what is freed, for a while")
def test_memory_does_not_grow():
    """sharkd itself keeps some megabytes of each file; with the plugin, not more."""
    grown = {what: late - early for what, (early, late) in leaks.growth().items()}
    assert grown["with"] - grown["without"] < NOISE, grown


@pytest.mark.skipif(leaks.needs() is not None, reason=str(leaks.needs()))
def test_valgrind_finds_nothing_of_ours():
    errors, opened = leaks.of_sharkd(list(map(captures.real, SOME)))
    assert opened == 2 * len(SOME)
    assert [leaks.text_of(error) for error in leaks.faults(errors)] == []
