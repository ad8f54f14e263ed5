# SPDX-License-Identifier: GPL-2.0-or-later
"""A segment lost, twice or out of order, a capture that ends early or has one side only: nothing is invented, nobody
blamed, and annotations come back; no name is told whole of which the capture has a part. faults.py makes the faults and
prints the table."""

import pytest

import captures
import faults
import wireshark


TRIED = 24  # frames of a capture


@pytest.mark.parametrize("capture", captures.REAL, ids=captures.name_of)
def test_what_the_capture_lost_is_held_against_nobody(capture):
    told = faults.judged(capture, TRIED)
    assert len({fault for fault, _ in told}) == len(told) >= 4
    assert not {str(fault): mistakes for fault, mistakes in told if mistakes}


@pytest.mark.parametrize("folder, name, snap", [("real", "ft-sql-full-tls", 68), ("story", "mars-packets", 128),
                                               ("reported", "real-impacket-kdc-refuses-tgs-req", 128)])
def test_a_snap_length_and_two_clocks_make_no_finding(folder, name, snap):
    """An unreadable answer may stand before what it answers; of a segment less than a unit's header may be left."""
    raised = faults.raised_with_clocks(wireshark.CAPTURES / folder / f"{name}.pcapng", snap)
    assert raised == dict.fromkeys(raised, set()) and len(raised) == len(faults.CLOCKS)


@pytest.mark.parametrize("capture", captures.ALL, ids=captures.name_of)
def test_the_beginning_of_a_name_is_not_told_as_the_name(capture):
    assert not faults.misnamed(capture)
