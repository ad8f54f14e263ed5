# SPDX-License-Identifier: GPL-2.0-or-later
"""Logins: how they end, as far as the capture shows it, and what old versions of TDS look like."""

import re
import struct

import pytest
from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from scapy.utils import rdpcap

import captures
import wireshark
from enums import AUTH, MESSAGE, STATE
from made import OPENING, STORIES, answer, column, part, payload, raised, told, written


def test_an_encrypted_login_that_went_on_has_no_request_open():
    """That it succeeded follows from what came later; which frame confirmed it does not."""
    capture = part(captures.real("ntlm-odbc-full-tls"), "1-37")
    assert column(capture, "tdsconn.state")[1] == STATE.LOGGED_IN
    assert raised(capture, "open_at_end") == []


def test_a_version_that_was_cut_off_is_not_0():
    capture = part(captures.real("ft-sql-noenc"), "7-40", "-s", "370")
    versions = column(capture, "tdsconn.stream", "tdsconn.server.version")
    assert versions and "0.0.0" not in {version for _, version in versions.values()}


def old_done(status=0):
    return b"\xfd" + struct.pack("<HHI", status, 0, 0)


def old_token(kind, body):
    return bytes([kind]) + struct.pack("<H", len(body)) + body


OLD_LOGINACK = old_token(0xAD, b"\x05\x04\x02\x00\x00\x0aSQL Server\x04\x02\x00\x00")
OLD_ERROR = old_token(0xAA, struct.pack("<iBBH", 18456, 1, 14, 17) + b"Login failed: sa." + b"\x05SQL20\x00" +
                      struct.pack("<H", 7))


def old_login(tokens):
    """A login of TDS 4.2 that a server answers with these tokens."""
    packets = list(rdpcap(str(captures.real("ft-tds4.2-login-no-reply-timeout"))))
    last = max(place for place, packet in enumerate(packets) if payload(packet))
    response = struct.pack(">BBHHBB", 4, 1, 8 + len(tokens), 52, 1, 0) + tokens
    return written([*packets[:last + 1], answer(packets[last], response)])


@pytest.mark.parametrize("tokens", [OLD_LOGINACK + old_done(), old_done(1) + OLD_LOGINACK + old_done()],
                         ids=["at once", "behind a DONE"])
def test_an_old_login_is_confirmed(tokens):
    assert set(column(old_login(tokens), "tdsconn.state").values()) == {STATE.LOGGED_IN}


def test_an_old_login_is_refused_in_its_own_letters():
    capture = old_login(OLD_ERROR + old_done(2))
    said = column(capture, *(f"tdsconn.error.{name}" for name in ("number", "message", "server", "line")))
    assert list(said.values()) == [("18456", "Login failed: sa.", "SQL20", "7")]
    assert set(column(capture, "tdsconn.state").values()) == {STATE.LOGIN_FAILED}


def test_a_login_that_was_confirmed_in_clear_is_not_concluded_to_be_refused():
    capture = told("""
include diag-tls.part at 0
0.009 client ENCRYPTED_LOGIN7 host=APP10 user=orders app="Order entry" library=ODBC database=Orders
0.010 server SEALED size=60
0.012 server LOGINACK server=SQL20 database=Orders spid=55
0.100 server FIN
0.101 client FIN
""")
    assert raised(capture, "login_probably_refused") == []
    assert set(column(capture, "tdsconn.state").values()) == {STATE.LOGGED_IN}


@pytest.mark.parametrize("frames, snap", [
    ("1 3-4 7-8 10 12", 9999),  # what the client sent
    ("1-3 10-12", 9999), ("1-8 10-12", 9999),  # segments are missing
    ("1-12", 66), ("1-12", 67),  # not one message has been kept
])
def test_a_login_whose_answer_is_not_in_the_capture_is_not_called_unfinished(frames, snap):
    """This one was refused: with what is left, nobody knows."""
    capture = part(captures.real("ft-badpw-noenc"), frames, "-s", f"{snap}")
    states = column(capture, "tdsconn.state", "tdsconn.summary")
    assert {state for state, _ in states.values()} == {STATE.LOGGING_IN}
    summary = [summary for _, summary in states.values() if summary][0]
    assert summary.startswith(("Login of unknown outcome", "SQL login of unknown"))


def test_a_login_that_ends_where_all_is_in_the_capture_is_unfinished():
    capture = part(captures.real("ft-badpw-noenc"), "1-7")
    packets = list(rdpcap(str(capture)))
    end = answer(packets[5], b"")
    end[TCP].flags = "FA"
    assert set(column(written([*packets, end]), "tdsconn.state").values()) == {STATE.LOGIN_UNFINISHED}


def test_18452_of_an_old_server_may_be_a_password():
    text = """
include diag-tls.part at 0
0.009 client ENCRYPTED_LOGIN7 host=APP10 user=orders app="Order entry" library=ODBC database=Orders
0.010 server LOGIN_ERROR server=SQL5 number=18452 text="Not associated with a trusted SQL Server connection."
"""
    for product, auth in (("9.0.5000", AUTH.UNKNOWN), ("16.0.4105", AUTH.WINDOWS)):
        scene = f"scene tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product={product}\n"
        capture = told(scene + text)
        assert set(column(capture, "tdsconn.auth").values()) == {auth}, product


@pytest.mark.parametrize("readable", [False, True], ids=["hidden", "with keys"])
def test_a_login_longer_than_what_is_encrypted_ends_with_its_last_packet(readable):
    capture = STORIES / "live-long-login-login-only-tls.pcapng"
    keys = wireshark.keys_of(capture) if readable else None
    told = column(capture, "tdsconn.message", keys=keys)
    assert 12 not in told and told[14].startswith(MESSAGE.LOGIN7 if readable else MESSAGE.LOGIN7_ENCRYPTED)
    times = column(capture, "tdsconn.response_time", "tdsconn.request_in", "tdsconn.time.login", keys=keys)
    assert times[15] == ("0.000500000", "14", "0.000500000")
    assert raised(capture, "login_tail_in_clear", keys=keys) == [14]


def test_the_rest_of_a_login_is_found_where_packets_are_numbered_from_0():
    """As FreeTDS does."""
    packets = rdpcap(str(STORIES / "login-tail-in-clear.pcapng"))
    numbered = []
    for packet in packets:
        again = Ether(bytes(packet))
        if TCP in again and payload(again)[:1] == b"\x10":
            content = bytearray(payload(again))
            content[6] -= 1
            again[TCP].remove_payload()
            again = again / Raw(bytes(content))
            del again[IP].chksum, again[TCP].chksum
        again.time = packet.time
        numbered.append(again)
    assert raised(written(numbered), "login_tail_in_clear") == [11, 29]


def test_a_login_that_may_have_succeeded_is_not_called_unfinished_by_the_table():
    """The server's side alone, without its answer: it closed first, and nobody knows on what."""
    capture = part(captures.real("ft-badpw-noenc"), "2 5 6 11")
    assert column(capture, "tdsconn.state") == dict.fromkeys(range(1, 5), STATE.LOGGING_IN)
    assert "|Outcome unknown |server" in failures(capture) and "unfinished" not in failures(capture)


def test_a_server_that_closed_without_a_byte_confirmed_no_login():
    """The server's side alone: who owed what nobody knows, as the client's bytes are not there."""
    capture = part(captures.real("jtds-tds4.2-closed-by-server"), "2 5 7 8 10")
    assert column(capture, "tdsconn.state") == dict.fromkeys(range(1, 6), STATE.LOGIN_UNFINISHED)
    assert re.search(r"\|Login unfinished \|server +\| +- \|- +\| +- \| +- \|one_sided ", failures(capture))


def failures(capture):
    return wireshark.output("tshark", "-q", "-r", wireshark.readable(capture), "-z", "tdsconn,failures")


@pytest.mark.parametrize("name, frames, mars", [
    ("ft-tds7.1-noenc", "8-10", "off"), ("ft-tds7.2-noenc", "8-10", "unknown"), ("ft-tds7.2-noenc", "8-11", "off"),
    ("ft-tds7.2-noenc", "11-19", "off"), ("mars-odbc-noenc", "8-10", "unknown"), ("mars-odbc-noenc", "11-19", "on"),
    ("ft-tds5.0-login-no-reply-timeout", "4-8", "off")])
def test_mars_shows_where_prelogin_does_not(name, frames, mars):
    """MARS needs TDS 7.2, and with it every byte behind the login is SMP."""
    told = column(part(captures.real(name), frames), "tdsconn.summary")
    assert [f"MARS {mars}," in summary for summary in told.values()] == [True] * len(told) != []


def test_features_of_sql_server_2025_have_names():
    """Those that have one in no document, too; an id that nobody knows is a number. The snap length cuts both lists."""
    capture = told(OPENING + "0.003 client PRELOGIN encrypt=not_supported\n0.004 server PRELOGIN encrypt=not_supported\n"
                   "0.005 client LOGIN7 host=APP10 user=orders features=16,14,13,12,fedauth_token:20,recovery\n"
                   "0.006 server LOGINACK server=SQL20 database=Orders spid=55 acks=1,13,14\n")
    fields = "tdsconn.login.features", "tdsconn.login.features_acked"
    asked, acked = "SESSIONRECOVERY,FEDAUTH,0x0c,JSONSUPPORT,VECTORSUPPORT,USERAGENT", "SESSIONRECOVERY,JSONSUPPORT,VECTORSUPPORT"
    assert column(capture, fields[0]) == {6: asked, 7: asked}
    assert column(capture, fields[1]) == {7: acked}
    length = {frame: int(size) for frame, size in column(capture, "frame.len").items()}
    cut = part(capture, "1-6", "-s", str(length[6] - 6))
    assert column(cut, fields[0])[6] == "FEDAUTH,0x0c,JSONSUPPORT,VECTORSUPPORT,USERAGENT,\N{HORIZONTAL ELLIPSIS}"


def raw_challenge():
    """An NTLM login whose server sends its CHALLENGE as clients send tokens: raw, in a packet of type 0x11."""
    packets = list(rdpcap(str(captures.real("ntlm-tedious-noenc"))))
    token = payload(packets[8])[11:]  # behind the headers of the packet and of the token
    packets[8][TCP].payload = Raw(struct.pack(">BBHHBB", 0x11, 1, 8 + len(token) + 3, 0, 0, 0) + token + bytes(3))
    return packets


@pytest.mark.parametrize("begins", [0, 8])
def test_a_token_that_the_server_sends_as_a_client_does_is_the_servers(begins):
    capture = written(raw_challenge()[begins:])
    messages = column(capture, "tdsconn.message")
    assert messages[9 - begins] == f"{MESSAGE.SSPI_SERVER},{MESSAGE.NTLM_CHALLENGE}"
    assert column(capture, "tdsconn.auth")[9 - begins] == AUTH.NTLM
    assert set(column(capture, "tdsconn.server.port").values()) == {"1433"}
