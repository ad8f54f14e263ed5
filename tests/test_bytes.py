# SPDX-License-Identifier: GPL-2.0-or-later
"""Bytes of a connection that are easily lost: each is read, and nothing is read that is not there."""

import sys

import pytest

import captures
import wireshark
from enums import MESSAGE, STATE
from made import column, midway, part, payload, raised, tds_packet, written

sys.path.insert(0, str(wireshark.ROOT / "tests" / "story"))

import tds  # noqa: E402
from scapy.layers.inet import TCP  # noqa: E402
from scapy.utils import rdpcap  # noqa: E402

# Headers.

SMP = 0x53
SMP_HEADER, TDS_HEADER = 16, 8


def units(stream):
    """Where the TDS packets of some bytes begin, SMP or not; the bytes are whole units."""
    at = 0
    while at < len(stream):
        inside = SMP_HEADER if stream[at] == SMP else 0
        length, order = (stream[at + 4:at + 8], "little") if inside else (stream[at + 2:at + 4], "big")
        length = int.from_bytes(length, order)
        if length > inside:
            yield at + inside
        at += length


def changed(capture, change):
    """The capture with each TDS header, of both sides, as CHANGE(header, how many packets that side sent) leaves it."""
    packets = list(rdpcap(str(wireshark.readable(capture))))
    for source in {packet[TCP].sport for packet in packets}:
        segments = [packet for packet in packets if packet[TCP].sport == source and payload(packet)]
        stream = bytearray(b"".join(map(payload, segments)))
        for count, at in enumerate(list(units(stream))):
            stream[at:at + TDS_HEADER] = change(stream[at:at + TDS_HEADER], count)
        for segment in segments:
            length = len(payload(segment))
            segment[TCP].remove_payload()
            segment[TCP].add_payload(bytes(stream[:length]))
            del segment[TCP].chksum, stream[:length]
    return written(packets)


def window(header, _):
    return header[:7] + b"\x02"


def status(header, _):
    return header[:1] + bytes([header[1] | 0xA0]) + header[2:]


def numbered_on(header, count):
    return header[:6] + bytes([(count + 7) % 256]) + header[7:]


IGNORED = pytest.mark.parametrize("change", [window, status, numbered_on])
TOLD = ("tdsconn.message", "tdsconn.step", "tdsconn.request_in", "tdsconn.response_in", "tdsconn.rpc",
        "tdsconn.error.number")
PLAIN = ["ft-sql-noenc", "ntlm-tedious-noenc", "ted-sqlerrors-noenc", "ted-cancel-attention-noenc", "pktsize-512-ted",
         "mars-odbc-cancel-one-session"]


@IGNORED
@pytest.mark.parametrize("name", PLAIN)
def test_what_a_receiver_ignores_loses_no_packet(name, change):
    """MS-TDS 2.2.3.1: the window, status bits without a meaning, how packets are numbered."""
    assert column(changed(captures.real(name), change), *TOLD) == column(captures.real(name), *TOLD)


@IGNORED
def test_what_a_receiver_ignores_is_the_same_in_one_pass(change):
    capture = changed(captures.real("ted-cancel-attention-noenc"), change)
    one, two = (wireshark.fields(capture, "frame.protocols", "tdsconn.message", two_pass=passes)
                for passes in (False, True))
    assert one == two


@IGNORED
def test_what_a_receiver_ignores_hides_no_connection_on_any_port(change):
    capture = changed(captures.real("port57139-ntlm-noenc"), change)
    assert column(capture, "tdsconn.message") == column(captures.real("port57139-ntlm-noenc"), "tdsconn.message")


@pytest.mark.parametrize("frames, messages", [
    ("14-19", {1: MESSAGE.SQL_BATCH, 3: MESSAGE.RESPONSE}), ("15-19", {2: MESSAGE.RESPONSE}),
    ("1-10 12 14-19", {12: MESSAGE.SQL_BATCH, 14: MESSAGE.RESPONSE})],
    ids=["from a request on", "from a response on", "behind a hole"])
@pytest.mark.parametrize("change", [window, status])
def test_a_header_that_is_not_due_is_found_where_its_packet_fills_the_segment(change, frames, messages):
    """The capture begins late, or lost what came before: its length tells that it is one."""
    whole = changed(captures.real("pytds-simple-noenc"), change)
    told = column(part(whole, frames), "tdsconn.message")
    kinds = (MESSAGE.SQL_BATCH, MESSAGE.TRANSACTION, MESSAGE.RESPONSE)
    assert {frame: message for frame, message in told.items() if message in kinds} == messages


# Keep-alives.

PROBED = [("client", "A", b"\0", 1), ("server", "A", b"", 0)]  # 30 s of silence later, as Windows does
MALFORMED = "_ws.malformed"


@pytest.mark.parametrize("who", ["client", "server"])
@pytest.mark.parametrize("passes", [False, True], ids=["one-pass", "two-pass"])
def test_a_keep_alive_may_be_all_that_an_idle_connection_sends(who, passes):
    other = "server" if who == "client" else "client"
    capture = midway((who, "A", b"\0", 1), (other, "A", b"", 0), (other, "A", b"\0", 1), (who, "A", b"", 0))
    rows = wireshark.fields(capture, "tdsconn.stream", "tdsconn.message", "tdsconn.sender", MALFORMED, two_pass=passes)
    sides = {"client": "1", "server": "2"}
    assert [row[:2] for row in rows] == [("0", "5"), ("0", ""), ("0", "5"), ("0", "6")]
    assert rows[0][2] == sides[who] and not any(row[3] for row in rows)


@pytest.mark.parametrize("passes", [False, True], ids=["one-pass", "two-pass"])
def test_a_keep_alive_before_the_first_command_is_on_its_connection(passes):
    batch = tds_packet(1, 1, tds.sql_batch("7.1", "select 1"))
    answer = tds_packet(4, 1, b"\xfd\x10\x00\xc1\x00\x01\x00\x00\x00")
    capture = midway(*PROBED, ("client", "PA", batch, 0), ("server", "PA", answer, 0))
    rows = wireshark.fields(capture, "tdsconn.stream", "tdsconn.message", MALFORMED, two_pass=passes)
    assert [row[:2] for row in rows] == [("0", "5"), ("0", ""), ("0", "50"), ("0", "55")]
    assert not any(row[2] for row in rows[:3])
    assert raised(capture, "joined_midway") == [3]


def test_a_keep_alive_does_not_make_http_a_connection_to_sql_server():
    capture = midway(*PROBED, ("client", "PA", b"GET / HTTP/1.1\r\nHost: sql\r\n\r\n", 0))
    assert column(capture, "tdsconn.stream") == {}
    elsewhere = midway(*PROBED, port=1444)
    assert column(elsewhere, "tdsconn.stream") == {}


def test_a_login_after_a_keep_alive_is_a_login():
    """The capture began between a probe of the port and the login, or lost the handshake."""
    login = [packet for packet in rdpcap(str(wireshark.readable(captures.real("ft-badpw-noenc")))) if payload(packet)]
    port = login[0][TCP].sport
    turns = [("client" if packet[TCP].sport == port else "server", "PA", payload(packet), 0) for packet in login]
    capture = midway(*PROBED, *turns)
    assert column(capture, "tdsconn.state")[1] == STATE.LOGIN_FAILED
    assert raised(capture, "joined_midway") == []
