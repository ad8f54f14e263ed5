# SPDX-License-Identifier: GPL-2.0-or-later
"""The other tests mean something only if these hold."""

import os
import re

import pytest

import wireshark

CAPTURE = wireshark.CAPTURES / "real/odbc-kerberos-login-only-tls.pcapng"


def test_plugin_is_loaded():
    assert wireshark.PLUGIN in wireshark.plugins()


def test_bare_wireshark_has_no_plugin_of_ours():
    assert wireshark.PLUGIN not in wireshark.plugins(bare=True)


def test_one_version_everywhere():
    """In plugin/VERSION, at the top of the change log, and where Wireshark lists its plugins."""
    version = (wireshark.ROOT / "plugin/VERSION").read_text(encoding="utf-8").strip()
    changes = (wireshark.ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## \[(\d.*?)\]", changes, re.MULTILINE)[1] == version
    listed = rf"^{re.escape(wireshark.PLUGIN)}\s+(\S+)"
    assert re.search(listed, wireshark.output("tshark", "-G", "plugins"), re.MULTILINE)[1] == version


def test_wireshark_runs_as_an_ordinary_user():
    assert int(wireshark.output("id", "-u")) != 0
    assert int(wireshark.output("id", "-g")) != 0


def test_settings_of_the_user_are_out_of_the_way():
    assert os.environ.get("HOME") not in wireshark.output("tshark", "-G", "folders")


def test_fields_of_a_capture():
    frames = wireshark.fields(CAPTURE, "frame.number", "tcp.srcport", "tds.type", display_filter="tcp")
    assert frames[0] == ("3", "57836", "")
    assert ("21", "57836", "1") in frames


def test_one_and_two_passes_and_bare_see_the_same_frames():
    one = wireshark.fields(CAPTURE, "frame.number")
    assert one == wireshark.fields(CAPTURE, "frame.number", two_pass=True)
    assert one == wireshark.fields(CAPTURE, "frame.number", bare=True)


def test_a_key_log_decrypts():
    keys = wireshark.keys_of(CAPTURE)
    assert wireshark.fields(CAPTURE, "frame.number", keys=keys, display_filter="tls.handshake.verify_data")


def test_a_failed_run_raises_with_what_tshark_said():
    with pytest.raises(AssertionError, match="no.such.field"):
        wireshark.fields(CAPTURE, "no.such.field")


def test_sharkd_answers_in_the_order_asked():
    last, first = wireshark.sharkd(CAPTURE, ("frame", {"frame": 47, "proto": True}), ("frame", {"frame": 1, "proto": True}))
    assert last["tree"][0]["l"].startswith("Frame 47")
    assert first["tree"][0]["l"].startswith("Frame 1:")


def test_a_file_in_a_folder_closed_to_others_is_read(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    copy = closed / CAPTURE.name
    copy.write_bytes(CAPTURE.read_bytes())
    copy.chmod(0o600)
    assert wireshark.fields(copy, "frame.number") == wireshark.fields(CAPTURE, "frame.number")
