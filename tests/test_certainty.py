# SPDX-License-Identifier: GPL-2.0-or-later
"""What a capture that lacks something leaves open is not told as if it were known."""

import pytest
from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import Ether

import wireshark
from enums import AUTH, CLOSE, STATE
from made import column, part, part_without, written

REPORTED = wireshark.CAPTURES / "reported"


def last(capture, *names, **how):
    """Final values, as its last frame has them."""
    return wireshark.fields(capture, *names, two_pass=True, **how)[-1]


def test_the_answer_alone_may_be_that_of_a_login_of_a_pools_reset_or_of_a_command():
    capture = REPORTED / "pool-reset-18456.pcapng"
    alone = column(part(capture, "15-18"), "tdsconn.expert.login_refused", "tdsconn.diagnosis")
    assert "; of a login, a pool's reset or a command)" in alone[1][1]
    asked = column(part(capture, "14-18"), "tdsconn.state", "tdsconn.expert.login_refused")
    assert set(asked.values()) == {(STATE.JOINED_MIDWAY, "")}


def segment(by_client, flags, seq, ack, at):
    """A segment without a byte."""
    ends = [("10.1.0.1", 50001), ("10.1.1.11", 1433)]
    (source, sport), (destination, dport) = ends if by_client else ends[::-1]
    packet = Ether() / IP(src=source, dst=destination, id=int(at * 1000)) / TCP(
        sport=sport, dport=dport, flags=flags, seq=seq, ack=ack)
    packet.time = 1000 + at
    return packet


OPENED = [segment(True, "S", 1000, 0, 0.001), segment(False, "SA", 7000, 1001, 0.002), segment(True, "A", 1001, 7001, 0.003)]
FIN = segment(True, "FA", 1001, 7001, 0.010)
ENDS = {
    "its ACK and the server's FIN": [segment(False, "A", 7001, 1002, 0.011), segment(False, "FA", 7001, 1002, 0.012),
                                     segment(True, "A", 1002, 7002, 0.013)],
    "the server's FIN": [segment(False, "FA", 7001, 1002, 0.012), segment(True, "A", 1002, 7002, 0.013)],
    "the server's FIN alone": [segment(False, "FA", 7001, 1002, 0.012)],
    "a reset behind it": [segment(False, "A", 7001, 1002, 0.011), segment(True, "RA", 1002, 7001, 0.012)],
}


@pytest.mark.parametrize("end", ENDS)
def test_a_probe_whose_fin_alone_is_lost_is_one(end):
    whole, lacking = (last(written([*OPENED, *fin, *ENDS[end]]), "tdsconn.state", "tdsconn.close") for fin in ([FIN], []))
    assert whole == lacking and whole[0] == STATE.PROBE


def test_more_than_a_fin_that_is_lost_may_have_been_a_login():
    ends = [segment(False, "A", 7001, 1101, 0.011), segment(False, "FA", 7001, 1102, 0.012),
            segment(True, "A", 1102, 7002, 0.013)]
    state, close = last(written([*OPENED, *ends]), "tdsconn.state", "tdsconn.close")
    assert (state, close) == (STATE.LOGIN_UNFINISHED, CLOSE.NORMAL)


def test_of_mars_that_keys_do_not_open_nobody_knows_what_was_answered():
    """Without this message of the client TLS opens nothing behind it, and SMP alone may be what the server sends."""
    capture = wireshark.CAPTURES / "story" / "live-mars-full-tls.pcapng"
    assert column(part(capture, "1-7 9-22"), "tdsconn.expert.request_abandoned", keys=wireshark.keys_of(capture)) == {}


def test_a_ticket_that_an_offer_begins_with_is_a_kerberos_login_once_the_server_decides():
    """RFC 4178 3: the client sends it before it knows whether the server takes Kerberos."""
    capture = wireshark.CAPTURES / "reported" / "login7-one-packet-4800-noenc-reset.pcapng"
    assert last(capture, "tdsconn.auth", "tdsconn.auth.basis") == (AUTH.KERBEROS, "2")


def test_an_offer_of_kerberos_says_nothing_where_the_servers_choice_may_be_missing():
    """The client offers a ticket in frame 62, the server chooses NTLM."""
    capture = part_without(wireshark.CAPTURES / "story" / "sspi-in-spnego.pcapng", "63-66")
    assert column(capture, "tdsconn.auth")[63] == AUTH.WINDOWS
