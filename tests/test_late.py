# SPDX-License-Identifier: GPL-2.0-or-later
"""Bytes that are in the capture only as a retransmission, or out of order: Wireshark's TCP keeps them from dissectors."""

import pytest
from scapy.layers.inet import IP, TCP
from scapy.utils import rdpcap

import captures
import wireshark
from enums import MESSAGE
from made import column, payload, raised, written


def message_frame(name, message):
    """The frame of a real capture in which a message is told first."""
    found = wireshark.fields(captures.real(name), "frame.number", display_filter=f"tdsconn.message == {message}")
    return int(found[0][0])


def emptied(packet, flags):
    """The segment that its sender would send next, with these flags and no data."""
    empty = packet.copy()
    empty[TCP].seq += len(payload(packet))
    empty[TCP].remove_payload()
    empty[TCP].flags = flags
    del empty[IP].len, empty[IP].chksum, empty[TCP].chksum
    return empty


def lost_on_its_way(name, message, flags="A"):
    """A real capture in which the first such message comes 0.3 s late, behind a segment that stands where it ends; and
    the frame that it comes in."""
    packets = list(rdpcap(str(captures.real(name))))
    place = message_frame(name, message)
    empty = emptied(packets[place - 1], flags)
    for packet in packets[place - 1:]:
        packet.time += 0.3
    return [*packets[:place - 1], empty, *packets[place - 1:]], place + 1


def test_a_refusal_that_is_only_a_retransmission_behind_the_fin_is_a_refusal():
    packets, late = lost_on_its_way("ft-badpw-noenc", MESSAGE.LOGIN_ERROR, "FA")
    capture = written(packets)
    assert late in column(capture, "tcp.analysis.retransmission")
    assert column(capture, "tdsconn.message")[late].split(",")[0] == MESSAGE.LOGIN_ERROR
    assert column(capture, "tdsconn.state")[1] == column(captures.real("ft-badpw-noenc"), "tdsconn.state")[1]
    assert raised(capture, "login_refused") == [late]
    assert column(capture, "tdsconn.error.number")[late] == "18456"


@pytest.mark.parametrize("name", ["ft-sql-noenc", "ntlm-odbc-login-only-tls"])
def test_a_confirmation_that_is_only_a_retransmission_confirms(name):
    packets, late = lost_on_its_way(name, MESSAGE.LOGINACK)
    capture = written(packets)
    assert column(capture, "tdsconn.message")[late].split(",")[0] == MESSAGE.LOGINACK
    assert column(capture, "tdsconn.time.total")[late] > "0.3"
    assert column(capture, "tdsconn.version")[late] == column(captures.real(name), "tdsconn.version")[1]


def test_a_response_that_is_only_a_retransmission_answers():
    packets, late = lost_on_its_way("ft-sql-noenc", MESSAGE.RESPONSE)
    request = message_frame("ft-sql-noenc", MESSAGE.SQL_BATCH)
    assert column(written(packets), "tdsconn.response_in")[request] == str(late)
    midway = written(packets[request - 1:])
    assert column(midway, "tdsconn.response_in")[1] == str(late - request + 1)
    assert raised(midway, "open_at_end") == []


def test_a_request_that_is_only_a_retransmission_is_answered():
    packets, late = lost_on_its_way("ft-sql-noenc", MESSAGE.SQL_BATCH)
    assert column(written(packets), "tdsconn.response_in")[late]


def test_the_same_bytes_once_more_are_no_second_message():
    packets = list(rdpcap(str(captures.real("ft-sql-noenc"))))
    place = message_frame("ft-sql-noenc", MESSAGE.LOGINACK)
    again = packets[place - 1].copy()
    again.time = packets[place].time + 0.00001
    capture = written([*packets[:place + 1], again, *packets[place + 1:]])
    assert column(capture, "tdsconn.message")[place + 2] == MESSAGE.RETRANSMISSION


def test_what_stands_behind_its_own_answer_opens_no_turn():
    """Two frames that the capture has in the other order: an ATTENTION comes behind its acknowledgement."""
    packets = list(rdpcap(str(captures.real("ntlm-odbc-login-only-tls"))))
    attention = [int(frame) for frame, in wireshark.fields(captures.real("ntlm-odbc-login-only-tls"), "frame.number",
                                                           display_filter=f"tdsconn.message == {MESSAGE.ATTENTION}")][-1]
    first, second = packets[attention - 1:attention + 1]
    first.time, second.time = second.time, first.time
    capture = written([*packets[:attention - 1], second, first, *packets[attention + 1:]])
    assert raised(capture, "request_abandoned") == []
