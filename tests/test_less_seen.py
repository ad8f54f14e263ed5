# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures that begin in the middle of what happened: what is not seen is nobody's fault."""

import pytest

import captures
import wireshark
from enums import AUTH, STATE
from made import column, part, raised


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
    assert titles(capture, "reset_by_server") == {9: "Reset by the server"}
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
