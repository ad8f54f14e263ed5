# SPDX-License-Identifier: GPL-2.0-or-later
"""Bytes of a connection that are easily lost: each is read, and nothing is read that is not there."""

import pytest
from scapy.layers.inet import TCP
from scapy.utils import rdpcap

import captures
import wireshark
from test_corners import column, part, payload, written

# Headers.

SMP = 0x53
SMP_HEADER, TDS_HEADER = 16, 8


def units(stream):
    """Where the TDS packets of some bytes begin, SMP or not; the bytes are whole units."""
    at = 0
    while at < len(stream):
        inside = SMP_HEADER if stream[at] == SMP else 0
        length = int.from_bytes(stream[at + 4:at + 8], "little") if inside else int.from_bytes(stream[at + 2:at + 4], "big")
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
TOLD = ("tdsconn.message", "tdsconn.step", "tdsconn.request_in", "tdsconn.response_in", "tdsconn.rpc", "tdsconn.error.number")
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
    one, two = (wireshark.fields(capture, "frame.protocols", "tdsconn.message", two_pass=passes) for passes in (False, True))
    assert one == two


@IGNORED
def test_what_a_receiver_ignores_hides_no_connection_on_any_port(change):
    capture = changed(captures.real("port57139-ntlm-noenc"), change)
    assert column(capture, "tdsconn.message") == column(captures.real("port57139-ntlm-noenc"), "tdsconn.message")


@pytest.mark.parametrize("frames, messages", [
    ("14-19", {1: "50", 3: "55"}), ("15-19", {2: "55"}), ("1-10 12 14-19", {12: "50", 14: "55"})],
    ids=["from a request on", "from a response on", "behind a hole"])
@pytest.mark.parametrize("change", [window, status])
def test_a_header_that_is_not_due_is_found_where_its_packet_fills_the_segment(change, frames, messages):
    """The capture begins late, or lost what came before: its length tells that it is one."""
    whole = changed(captures.real("pytds-simple-noenc"), change)
    told = column(part(whole, frames), "tdsconn.message")
    assert {frame: message for frame, message in told.items() if message in ("50", "53", "55")} == messages
