# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures that begin in the middle of what happened: what is not seen is nobody's fault."""

import pytest
from scapy.layers.inet import TCP
from scapy.utils import rdpcap

import captures
import wireshark
from enums import AUTH, STATE
from made import column, part, raised, thrice, written


def reported(name, frames):
    """Some frames of a capture of captures/reported."""
    return part(wireshark.CAPTURES / "reported" / f"{name}.pcapng", frames)


def titles(capture, rule):
    """What a rule says first, frame by frame."""
    told = column(capture, "tdsconn.diagnosis")
    return {frame: told[frame].split(":")[0] for frame in raised(capture, rule)}


def test_a_client_hello_is_not_unanswered_where_a_part_of_the_answer_is_seen():
    """The first segment of the server's answer is missing: nobody knows that it was one."""
    capture = reported("mtu-black-hole-certificate-client-side", "6-60")
    assert raised(capture, "no_login_sent") == []
    assert raised(reported("mlkem-hello2-black-hole-at-client", "1-60"), "no_login_sent") == [15]


def test_after_a_long_silence_what_tls_hides_is_no_login():
    """The ServerHello is missing, and with it what sizes would tell of the login's outcome."""
    capture = reported("idle-request-reset-full-tls", "8-40")
    assert set(column(capture, "tdsconn.state").values()) == {STATE.LOGGING_IN}
    assert titles(capture, "reset_by_server") == {9: "Reset after a long silence"}
    assert raised(capture, "idle_reset") == [9]


@pytest.mark.parametrize("name, lost", [("pytds-full-tls-numbered-on", 15), ("ntlm-tedious-full-tls", 16),
                                        ("odbc-kerberos-full-tls", 22), ("tds8-strict-ted-tls13", 15)])
def test_behind_a_hole_keys_open_nothing_and_no_request_is_unanswered(name, lost):
    """What the server sends behind the hole cannot be decrypted: it is an answer all the same."""
    capture = captures.real(name)
    holed = part(capture, f"1-{lost - 1} {lost + 1}-999")
    keys = wireshark.keys_of(capture)
    assert raised(holed, "capture_gap", keys=keys) != []
    assert raised(holed, "request_abandoned", keys=keys) == []


@pytest.mark.parametrize("snap", [128, 150])
def test_a_prelogin_that_is_cut_does_not_rule_out_a_token(snap):
    """FEDAUTHREQUIRED is not in the capture: sizes alone do not make it a login with a password."""
    capture = wireshark.CAPTURES / "lab" / "c-tedious192-full.pcapng"
    assert set(column(part(capture, "1-99", "-s", str(snap)), "tdsconn.auth").values()) == {AUTH.UNKNOWN}


@pytest.mark.parametrize("snap, mars", [(64, "unknown"), (96, "unknown"), (262144, "on")])
def test_a_prelogin_that_is_cut_does_not_rule_out_mars(snap, mars):
    capture = wireshark.CAPTURES / "story" / "live-mars-full-tls.pcapng"
    told = column(part(capture, "1-999", "-s", str(snap)), "tdsconn.summary")
    assert told and all(f"MARS {mars}," in summary for summary in told.values())


@pytest.mark.parametrize("name", ["ft-tds4.2-login-no-reply-timeout", "ft-tds7.0-nologin-reply-timeout"])
def test_a_client_is_not_silent_whose_words_are_cut_off(name):
    """Not a byte of what it sent is left; it is the server that did not answer."""
    capture = captures.real(name)
    assert raised(part(capture, "1-99", "-s", "60"), "client_silent") == []


@pytest.mark.parametrize("name", ["tds8-strict-ted-tls13", "tds8-strict-ftds-head"])
def test_a_reset_with_which_a_side_is_first_seen_may_follow_a_close(name):
    """The server's last record and the RST that answers it: the client's FIN stands before the capture."""
    capture = captures.real(name)
    last = len(wireshark.fields(capture, "frame.number"))
    assert raised(part(capture, f"{last - 1}-{last}"), "reset_by_client") == []


def test_a_syn_is_not_unanswered_at_the_end_of_the_capture():
    """The third is answered."""
    assert raised(reported("syn-lost-twice", "1-2"), "no_syn_answer") == []
    assert raised(captures.real("net-syn-no-answer-ted"), "no_syn_answer") != []


def test_a_syn_is_not_unanswered_where_only_clients_are_captured():
    """One was refused, and others were answered: their clients show it."""
    capture = wireshark.CAPTURES / "story" / "diag-probes.pcapng"
    alone = written([packet for packet in rdpcap(str(capture)) if packet[TCP].dport == 1433])
    assert raised(alone, "no_syn_answer") == []
    assert raised(capture, "no_syn_answer") != []


def test_keep_alives_in_vain_are_told_though_each_stands_thrice():
    capture = wireshark.CAPTURES / "reported" / "one-way-keepalive-answers-lost-seen-at-server.pcapng"
    copies = thrice(capture)
    assert len(raised(copies, "keep_alive_timeout")) == 1


def test_keep_alives_in_vain_are_no_idleness_though_some_are_lost():
    """Too few are left to say why the client resets."""
    holed = reported("one-way-keepalive-answers-lost-seen-at-server", "1-48 51-54 57-99")
    assert [text.split(": ")[1] for text in column(holed, "tdsconn.diagnosis").values()
            if text.startswith("Reset by the client")] == ["unexplained"]


def test_two_answers_that_the_capture_lost_are_not_missing():
    """Wireshark tells the first of two acknowledgements of unseen bytes, where nothing else comes between."""
    holed = part(captures.real("ntlm-odbc-noenc"), "1-33 35 37-99")
    assert raised(holed, "request_abandoned") == []
    assert raised(holed, "capture_gap") != []


@pytest.mark.parametrize("first", [1, 5])
def test_a_client_certificate_is_not_ruled_out_where_its_offer_is_missing(first):
    """The client's PRELOGIN, frame 4, tells of it, and nothing else does."""
    capture = wireshark.CAPTURES / "story" / "client-certificate.pcapng"
    auth = {1: AUTH.CERTIFICATE, 5: AUTH.UNKNOWN}[first]
    streams = column(part(capture, f"{first}-16"), "tdsconn.stream", "tdsconn.auth")
    assert {told for stream, told in streams.values() if stream == "0"} == {auth}


@pytest.mark.parametrize("first", [7, 9, 11, 13])
def test_the_end_of_tls_is_no_request(first):
    """Behind the handshake nobody knows TLS's version: the client's close_notify looks like data."""
    capture = wireshark.CAPTURES / "story" / "live-tds8-no-alpn.pcapng"
    holed = part(capture, f"{first}-99")
    assert raised(holed, "request_abandoned") == [] and raised(holed, "killed") == []


def test_a_session_whose_second_beginning_is_missing_breaks_no_rule():
    """The server's FIN is seen first; the client's FIN stands before the capture, and its SYN is lost."""
    capture = wireshark.CAPTURES / "story" / "mars-gap.pcapng"
    assert raised(part(capture, "19-24"), "mars_data_after_fin") == []
