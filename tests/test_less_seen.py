# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures that begin in the middle of what happened: what is not seen is nobody's fault."""

import wireshark
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
    assert set(column(capture, "tdsconn.state").values()) == {"2"}
    assert titles(capture, "reset_by_server") == {9: "Reset by the server"}
    assert raised(capture, "idle_reset") == [9]
