# SPDX-License-Identifier: GPL-2.0-or-later
"""TLS: what both sides agreed on and did, who refused it, and what stays hidden in it."""

import pytest
from scapy.layers.inet import IP, TCP
from scapy.packet import Raw
from scapy.utils import rdpcap

import captures
import wireshark
from enums import ENCRYPTION, MESSAGE
from made import OPENING, STORIES, answer, column, part, part_without, payload, raised, told, written


def test_records_that_share_a_segment_are_mended_one_by_one():
    """An AP-REP, which 4.0 misreads, and the LOGINACK behind it."""
    original = captures.real("odbc-kerberos-full-tls")
    packets = list(rdpcap(str(original)))
    first, second = packets[16:18]
    joined = first.copy()
    joined[TCP].remove_payload()
    joined = joined / Raw(payload(first) + payload(second))
    del joined[IP].len, joined[IP].chksum, joined[TCP].chksum
    joined.time = second.time
    packets[16:18] = [joined]
    names = column(written(packets), "tds.loginack.progname", keys=wireshark.keys_of(original))
    assert list(names) == [17]


def test_an_unanswered_prelogin_inside_of_tls_is_named_by_its_own_frame():
    live = STORIES / "live-tds8-alpn-port-5001.pcapng"
    packets = [packet for packet in rdpcap(str(part(live, "1-8")))]
    end = answer(packets[-1], b"")
    end[TCP].flags = "FA"
    end.time = packets[-1].time + 3
    shown = wireshark.fields(written([*packets, end]), "_ws.expert.message", two_pass=True)
    assert [text for text, in shown if "PRELOGIN in frame" in text] != []
    assert "PRELOGIN in frame 8" in " ".join(text for text, in shown)


def frames_with(message, capture):
    """The frames with a message, in order."""
    return [frame for frame, messages in column(capture, "tdsconn.message").items() if message in messages.split(",")]


def test_encryption_is_known_though_the_server_hello_is_not():
    capture = captures.real("ft-sql-full-tls")
    hello = frames_with(MESSAGE.SERVER_HELLO, capture)[0]
    assert set(column(part_without(capture, hello), "tdsconn.encryption").values()) == {ENCRYPTION.FULL}


def test_a_handshake_outside_of_packets_is_that_of_tds_8():
    """Its ClientHello is missing."""
    lost = part_without(captures.real("tds8-strict-ted-badpw"), 4)
    assert set(column(lost, "tdsconn.encryption").values()) == {ENCRYPTION.STRICT}


@pytest.mark.parametrize("name, encryption", [("ft-sql-full-tls", ENCRYPTION.FULL),
                                              ("odbc-kerberos-login-only-tls", ENCRYPTION.LOGIN_ONLY)])
def test_encryption_shows_where_prelogin_does_not(name, encryption):
    """The server's answer to an encrypted login is encrypted, too, or it is not."""
    capture = captures.real(name)
    first = frames_with(MESSAGE.CLIENT_HELLO, capture)[0]
    values = column(part(capture, f"{first}-9999"), "tdsconn.encryption")
    assert set(values.values()) == {encryption}


def test_who_said_goodbye_in_tls_closed_first():
    capture = told("""
include diag-tls.part at 0
0.100 client ALERT level=1 alert=0
0.101 server FIN
0.102 client FIN
""")
    assert raised(capture, "server_closed_first") == []


def tls_1_3_refused(record):
    """TDS 8.0 in TLS 1.3, up to the server's certificate; then this record of the client, and its FIN."""
    live = STORIES / "live-tds8-alpn-port-5001.pcapng"
    packets = [packet for packet in rdpcap(str(live)) if TCP in packet]
    flight = next(place for place, packet in enumerate(packets)
                  if place > 3 and packet[TCP].sport == 5001 and payload(packet))
    last = packets[flight]
    reply = answer(last, record)
    end = reply.copy()
    end[TCP].remove_payload()
    end[TCP].flags, end[TCP].seq = "FA", reply[TCP].seq + len(record)
    del end[IP].len, end[IP].chksum, end[TCP].chksum
    end.time = reply.time + 0.001
    return written([*packets[:flight + 1], reply, end])


@pytest.mark.parametrize("record", [b"\x17\x03\x03\x00\x13" + b"\xa5" * 19, b"\x15\x03\x03\x00\x02\x02\x30"],
                         ids=["encrypted", "in clear"])
def test_a_client_that_refuses_the_certificate_in_tls_1_3(record):
    capture = tls_1_3_refused(record)
    assert len(raised(capture, "tls_refused_by_client")) == 1
    assert raised(capture, "no_login_sent") == raised(capture, "login_unanswered") == []
    found = "".join(wireshark.tshark(capture, "-q", "-z", "expert"))
    assert "after the server's certificate, which TLS 1.3 hides" in found
    assert frames_with(MESSAGE.CLIENT_KEY, capture) == []


AGREED = {"off": (ENCRYPTION.LOGIN_ONLY, "login only (not begun)"), "on": (ENCRYPTION.FULL, "full (not begun)"),
          "not_supported": (ENCRYPTION.NONE, "no encryption")}


@pytest.mark.parametrize("agreed", AGREED)
def test_what_was_agreed_and_not_begun_is_not_nothing(agreed):
    number, words = AGREED[agreed]
    capture = told(OPENING + f"""
0.003 client PRELOGIN encrypt={agreed}
0.004 server PRELOGIN encrypt={agreed}
0.005 client FIN
0.006 server FIN
0.007 client ACK
""")
    assert set(column(capture, "tdsconn.encryption").values()) == {number}
    assert f", {words}, " in column(capture, "tdsconn.summary")[8]


@pytest.mark.parametrize("last", ["client", "server"])
def test_tls_with_a_server_that_has_none_is_a_mismatch(last):
    """Neither the server's refusal nor its silence is to blame."""
    capture = told(OPENING + f"""
0.003 client PRELOGIN encrypt=off
0.004 server PRELOGIN encrypt=not_supported
0.005 client CLIENT_HELLO
0.105 {last} FIN
""")
    assert raised(capture, "encryption_mismatch") == [7]
    assert raised(capture, "tls_refused_by_server") == []
    assert set(column(capture, "tdsconn.encryption").values()) == {ENCRYPTION.NONE}


def test_tls_that_a_server_without_it_begins_is_encryption():
    """What both do counts, not what they say."""
    capture = told(OPENING + """
0.003 client PRELOGIN encrypt=off
0.004 server PRELOGIN encrypt=not_supported
0.005 client CLIENT_HELLO
0.006 server SERVER_HELLO
0.007 client CLIENT_KEY_EXCHANGE
0.008 server CHANGE_CIPHER_SPEC
0.009 client ENCRYPTED_LOGIN7 host=APP120 user=app_user password=Secret-7 app=Orders server=sql library=ODBC
0.010 server LOGINACK server=SQL10 database=Orders spid=55
""")
    assert set(column(capture, "tdsconn.encryption").values()) == {ENCRYPTION.LOGIN_ONLY}


def given_up(frames, after):
    """These frames of TDS 8.0 in TLS 1.3, where 7 has tickets, 8 PRELOGIN, 9 its answer; then the client's FIN."""
    packets = list(rdpcap(str(STORIES / "live-tds8-alpn-port-5001.pcapng")))
    chosen = [packets[frame - 1].copy() for frame in frames]
    end = chosen[3].copy()
    end[TCP].remove_payload()
    end[TCP].flags = "FA"
    places = {packet[TCP].sport: packet[TCP].seq for packet in chosen[2:5]}
    for number, packet in enumerate([*chosen, end][3:]):
        content = payload(packet)
        packet[TCP].seq, packet[TCP].ack = places[packet[TCP].sport], places[packet[TCP].dport]
        places[packet[TCP].sport] += len(content)
        packet.time = chosen[2].time + 0.001 * number
        del packet[IP].len, packet[IP].chksum, packet[TCP].chksum
    end.time = chosen[-1].time + after
    return written([*chosen, end])


TO_FINISHED = [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("frames, after, unanswered, words", [
    ([*TO_FINISHED, 8], 0.1, [8], ""),
    ([*TO_FINISHED, 7, 8], 0.1, [9], ""),
    ([*TO_FINISHED, 8, 7], 15, [9], ""),
    ([*TO_FINISHED, 8, 7], 0.1, [], "with no LOGIN7: the server sent TLS session tickets"),
    ([*TO_FINISHED, 8, 9], 0.1, [], "with no LOGIN7: the server sent what may be its answer"),
    ([*TO_FINISHED, 8, 7, 9], 15, [], "with no LOGIN7: the server sent what may be its answer"),
], ids=["nothing", "tickets before", "tickets alone", "gone on tickets", "an answer", "tickets and an answer"])
def test_records_that_came_back_may_be_the_answer_to_prelogin(frames, after, unanswered, words):
    """Tickets are no answer, but a client that goes as soon as it has them waited for none."""
    capture = given_up(frames, after)
    assert raised(capture, "prelogin_unanswered") == unanswered
    told = "".join(wireshark.tshark(capture, "-q", "-z", "expert"))
    assert words in told and ("with no LOGIN7" in told) == bool(words)
