# SPDX-License-Identifier: GPL-2.0-or-later
"""TDS before 7.2, where the capture has no login that tells the version; and what drivers for Sybase send."""

import struct
import sys

import pytest

import captures
import wireshark
from enums import STATE
from made import answer, column, midway, payload, raised, tds_packet, thrice, written
from scapy.layers.inet import IP, TCP
from scapy.utils import rdpcap

sys.path.insert(0, str(wireshark.ROOT / "tests" / "story"))

import tds  # noqa: E402

DONE = b"\xfd\x02\0\xc1\0" + bytes(4)
ERROR = ("number", "message", "server", "line")


def token(kind, body):
    """A token behind its length."""
    return bytes([kind]) + struct.pack("<H", len(body)) + body


def old_error(number, text, server="SQL65"):
    """ERROR of TDS 4.2: characters of one byte."""
    return token(0xAA, struct.pack("<iBB", number, 1, 16) + struct.pack("<H", len(text)) + text.encode() +
                 bytes([len(server)]) + server.encode() + b"\0" + struct.pack("<H", 1))


def asked(batch, response):
    """A capture that begins with a batch and its response."""
    return midway(("client", "PA", tds_packet(1, 1, batch), 0), ("server", "PA", tds_packet(4, 1, response), 0))


def error_told(capture):
    """What is said of the error in frame 2."""
    return column(capture, *(f"tdsconn.error.{name}" for name in ERROR))[2]


def test_an_error_of_tds_7_1_behind_a_short_done_is_read():
    done = b"\xff\x01\0\xc1\0" + bytes(4)
    error = tds.message("7.1", 50000, 1, 16, "no stock left", "SQL00")
    capture = asked(tds.sql_batch("7.1", "exec dbo.order_item"), done + error + b"\x79\0\0\0\0\xfe\0\0\0\0" + bytes(4))
    assert error_told(capture) == ("50000", "no stock left", "SQL00", "1")
    assert raised(capture, "sql_error") == [2]


def test_without_its_request_a_response_tells_its_own_version():
    error = tds.message("7.1", 50000, 1, 16, "no stock left", "SQL00")
    capture = midway(("server", "PA", tds_packet(4, 1, b"\xff\x01\0\xc1\0" + bytes(4) + error + DONE), 0))
    assert set(column(capture, "tdsconn.error.message").values()) == {"no stock left"}


def test_an_error_of_tds_4_2_has_its_text():
    capture = asked(b"select * frm orders", old_error(102, "Incorrect syntax near 'frm'.") + DONE)
    assert error_told(capture) == ("102", "Incorrect syntax near 'frm'.", "SQL65", "1")


def test_an_error_of_tds_4_2_behind_its_columns_is_read():
    columns = token(0xA0, b"\x01a") + token(0xA1, struct.pack("<HBBB", 0, 8, 0, 0x27) + b"\x0a")
    capture = asked(b"select cast('a' as int) a", columns + old_error(245, "Conversion failed") + DONE)
    assert error_told(capture)[:2] == ("245", "Conversion failed")


@pytest.mark.parametrize("kind", [0x00, 0x11])
def test_an_answer_in_a_packet_that_no_response_has_is_no_answer(kind):
    login = list(rdpcap(str(captures.real("ft-tds4.2-login-no-reply-timeout"))))
    last = max(place for place, packet in enumerate(login) if payload(packet))
    odd = answer(login[last], tds_packet(kind, 1, token(0xAD, b"\x01\x04\x02\0\0\0" + bytes(4)) + DONE))
    end = answer(login[last], b"")
    end[IP].src, end[IP].dst, end[TCP].sport, end[TCP].dport = odd[IP].dst, odd[IP].src, odd[TCP].dport, odd[TCP].sport
    end[TCP].seq, end[TCP].ack, end[TCP].flags = odd[TCP].ack, odd[TCP].seq + len(payload(odd)), "FA"
    end.time = odd.time + 3
    capture = written([*login[:last + 1], odd, end])
    assert raised(capture, "login_unanswered") == [last + 3]
    told = wireshark.fields(capture, "_ws.expert.message", display_filter="tdsconn.expert.login_unanswered")
    assert f"the packet of type 0x{kind:02x} in frame {last + 2} is no response" in told[0][0]
    assert len(raised(thrice(capture), "login_unanswered")) == 1


def sybase(loginack):
    """The login of a driver that sends it in a packet of type 02 and one of type 0F, and the server's LOGINACK."""
    packets = list(rdpcap(str(captures.real("ft-tds5.0-login-no-reply-timeout"))))
    sent = b"".join(payload(packet) for packet in packets if packet[TCP].dport == 1433)
    record, at = b"", 0
    while at < len(sent):
        length = struct.unpack(">H", sent[at + 2:at + 4])[0]
        record += sent[at + 8:at + length]
        at += length
    login = tds_packet(2, 0, record[:504]) + tds_packet(15, 1, record[504:])
    answer = token(0xE2, bytes(20)) + loginack + DONE
    return written([*midway_of_a_login(login, answer)])


def midway_of_a_login(login, answer):
    """TCP's handshake, and then a login and its answer."""
    opened = list(rdpcap(str(captures.real("ft-tds5.0-login-no-reply-timeout"))))[:3]
    client, server = opened[0], opened[1]
    talk = []
    for like, content, seq, ack in ((client, login, client[TCP].seq + 1, server[TCP].seq + 1),
                                    (server, answer, server[TCP].seq + 1, client[TCP].seq + 1 + len(login))):
        packet = opened[2].copy() if like is client else server.copy()
        packet[TCP].remove_payload()
        packet[TCP].flags, packet[TCP].options = "PA", []
        packet[TCP].seq, packet[TCP].ack, packet[TCP].dataofs = seq, ack, 5
        packet = packet / (tds_packet(4, 1, content) if like is server else content)
        del packet["IP"].len, packet["IP"].chksum, packet[TCP].chksum
        packet.time = opened[-1].time + 0.01 * (len(talk) + 1)
        talk.append(packet)
    return [*opened, *talk]


def sybase_loginack(status):
    """LOGINACK of TDS 5.0."""
    return token(0xAD, bytes([status]) + b"\x05\0\0\0\x03ASE\x0f\0\0\0")


def test_a_login_in_packets_of_two_types_is_one_login():
    capture = sybase(sybase_loginack(5))
    assert list(column(capture, "tdsconn.message").values())[-2:] == ["31", "40"]
    assert set(column(capture, "tdsconn.state").values()) == {STATE.LOGGED_IN}
    assert column(capture, "tdsconn.login.user")
    assert raised(capture, "login_in_clear")


def test_a_loginack_of_tds_5_that_says_no_confirms_nothing():
    refusal = token(0xE5, struct.pack("<iBBB", 4002, 1, 14, 5) + b"ZZZZZ\0\x01\0" + b"\x0d\0Login failed." +
                    b"\x03SYB\0\0\0")
    capture = sybase(sybase_loginack(6) + refusal)
    assert set(column(capture, "tdsconn.state").values()) == {STATE.LOGIN_FAILED}
    assert set(column(capture, "tdsconn.error.message").values()) == {"Login failed."}
