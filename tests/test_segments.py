# SPDX-License-Identifier: GPL-2.0-or-later
"""Retransmissions and keep-alives of connections, against Wireshark's own counts without the plugin; pipes' opening."""

import json
import re
from collections import Counter
from functools import lru_cache

import pytest

import captures
import wireshark
from test_statistics import rows_of

RESENT = " || ".join(f"tcp.analysis.{kind}retransmission" for kind in ("", "fast_", "spurious_"))
KEPT = "tcp.analysis.keep_alive"
# {capture: whether frames were sent again, whether the idle connection was kept alive}
CAPTURES = {
    captures.real("keepalive-idle"): (False, True),
    captures.real("net-outage-mid-query-ted"): (True, False),
    captures.real("net-syn-no-answer-ted"): (True, False),
    captures.real("srv-too-many-connections"): (True, False),
    wireshark.CAPTURES / "story/diag-retransmissions.pcapng": (True, False),
    wireshark.CAPTURES / "story/diag-keep-alives.pcapng": (False, True),
    wireshark.CAPTURES / "reported/idle-5min-then-black-hole.pcapng": (True, False),
    wireshark.CAPTURES / "reported/slow-request-lost-twice-client-side.pcapng": (True, False),
}
everywhere = pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.stem)




def streams(capture):
    """{tdsconn.stream: tcp.stream}"""
    return dict(wireshark.fields(capture, "tdsconn.stream", "tcp.stream", two_pass=True,
                                 display_filter="tdsconn.stream"))


def stock(capture, display_filter):
    """{tcp.stream: frames that pass}, in a Wireshark without the plugin."""
    return Counter(stream for stream, in wireshark.fields(capture, "tcp.stream", two_pass=True, bare=True,
                                                          display_filter=display_filter))


@lru_cache(maxsize=None)
def counted(capture):
    """{tdsconn.stream: (retransmissions, keep-alives)}, as Wireshark's own TCP marks frames."""
    resent, kept = stock(capture, RESENT), stock(capture, KEPT)
    return {number: (resent[stream], kept[stream]) for number, stream in streams(capture).items()}


def totals(numbers):
    return tuple(map(sum, zip(*numbers)))


@everywhere
def test_the_captures_have_what_is_counted(capture):
    assert tuple(total > 0 for total in totals(counted(capture).values())) == CAPTURES[capture]


@everywhere
def test_rows_have_the_counts_of_wireshark(capture):
    rows = map(json.loads, wireshark.tshark(capture, "-2", "-q", "-z", "tdsconn,rows"))
    told = {str(row["stream"]): (row["retransmissions"], row["keep_alives"]) for row in rows}
    assert told == counted(capture)


@everywhere
def test_details_have_the_counts_of_wireshark(capture):
    rows = rows_of(wireshark.tshark(capture, "-q", "-z", "tdsconn,details"))
    assert {row["Conn"]: (int(row["Resent"]), int(row["Keep-alives"])) for row in rows} == counted(capture)


@everywhere
def test_clients_have_the_sums(capture):
    rows = rows_of(wireshark.tshark(capture, "-q", "-z", "tdsconn,clients"))
    assert totals((int(row["Resent"]), int(row["Keep-alives"])) for row in rows) == totals(counted(capture).values())


def test_a_reset_after_keep_alives_shows_them_in_the_report():
    """SQLNA's table of resets has these two columns, too."""
    capture = wireshark.CAPTURES / "story/diag-keep-alives.pcapng"
    text = "\n".join(wireshark.tshark(capture, "-2", "-q", "-z", "tdsconn,report"))
    part = re.search(r"^Resets by whom\n\n(.*?)\n\n", text, re.DOTALL | re.MULTILINE)[1]
    titles, *rows = [re.split(r" {2,}", row.strip()) for row in part.splitlines()]
    assert [dict(zip(titles, row))["Keep-alives"] for row in rows] == ["10"]


def test_a_pipe_has_none_of_its_own():
    """Its TCP connection may have other pipes and files."""
    capture = captures.real("smb311-np-samba-kerberos-signed")
    assert [(row["Resent"], row["Keep-alives"]) for row in rows_of(
        wireshark.tshark(capture, "-q", "-z", "tdsconn,details"))] == [("-", "-")]
    row, = map(json.loads, wireshark.tshark(capture, "-2", "-q", "-z", "tdsconn,rows"))
    assert row.keys() & {"retransmissions", "keep_alives"} == set()


def test_the_opening_of_a_pipe_is_no_tcp_handshake():
    """In the table of the steps, and in the report."""
    both = [wireshark.tshark(captures.real("smb311-np-samba-kerberos-signed"), "-q", "-z", f"tdsconn,{table}")
            for table in ("steps", "report")]
    for text in map("\n".join, both):
        assert re.search(r"^ *1 .{0,2}Pipe opening ", text, re.MULTILINE) and "TCP handshake" not in text
