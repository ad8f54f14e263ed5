# SPDX-License-Identifier: GPL-2.0-or-later
"""What a KDC grants or refuses, and the login that it belongs to."""

import re

import pytest
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.utils import rdpcap

import captures
import findings
from made import LOGIN, OPENING, TLS, column, fragmented, raised, told, written


def test_a_ticket_for_another_server_is_not_the_ticket_of_this_login():
    packets = list(rdpcap(str(captures.real("odbc-kerberos-noenc"))))
    before = column(captures.real("odbc-kerberos-noenc"), "tdsconn.kerberos.kdc_frame")
    granted = int(set(before.values()).pop())
    other = packets[granted - 1].copy()
    place = bytes(other).index(b"MSSQLSvc")
    changed = bytearray(bytes(other))
    name = changed.index(b"sql", place + 8)
    changed[name:name + 3] = b"srv"
    other = Ether(bytes(changed))
    other.time = packets[granted - 1].time
    for layer in (UDP, TCP):
        if layer in other:
            del other[layer].chksum
    packets.insert(granted, other)
    after = column(written(packets), "tdsconn.kerberos.kdc_frame")
    assert set(after.values()) == {str(granted)}


KDC = "kdc    10.10.10.5:88 mac=00:15:5d:0a:0a:05\n"
WENT_ON = "0.013 server LOGINACK server=SQL20 database=Orders spid=55\n0.100 client FIN\n0.101 server FIN\n"
KERBEROS_RULES = ("spn_unknown", "spn_duplicate", "kerberos_error", "ntlm_after_kerberos_failure")


@pytest.mark.parametrize("error, spn, login", [
    (7, "MSSQLSvc/other.contoso.com:1433", "include diag-ntlm.part at 0\n" + WENT_ON),  # NTLM names its own
    (7, "MSSQLSvc/other.contoso.com:1433", LOGIN + "0.100 client FIN\n"),  # and a password needs none
    (52, "MSSQLSvc/sql.contoso.com:1433", "include diag-ntlm.part at 0\n" + WENT_ON),  # the same again over TCP
], ids=["another server's", "a password", "too big for UDP"])
def test_what_a_kdc_says_of_something_else_is_not_told(error, spn, login):
    capture = told(KDC + f"0.0001 kdc KRB_ERROR error={error} spn={spn} realm=CONTOSO.COM\n" + login)
    assert {rule: raised(capture, rule) for rule in KERBEROS_RULES} == dict.fromkeys(KERBEROS_RULES, [])


ASKED = "0.009 client TGS_REQ to=kdc spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM\n"
NO_KDC = "0.010 kdc PORT_UNREACHABLE\n"
GONE = "0.020 client FIN\n0.021 server FIN\n0.022 client ACK\n"
WITHOUT_TLS = OPENING + "0.003 client PRELOGIN encrypt=not_supported\n0.004 server PRELOGIN encrypt=not_supported\n"


def text_of(capture, rule):
    return [text for text, found in column(capture, "tdsconn.diagnosis", f"tdsconn.expert.{rule}").values() if found]


def over_tcp(capture):
    """The same where the client asks over TCP, and its SYN is answered by RST."""
    packets = list(rdpcap(str(capture)))
    place = next(number for number, packet in enumerate(packets) if UDP in packet)
    asked = packets[place]
    syn = Ether(src=asked.src, dst=asked.dst) / IP(src=asked[IP].src, dst=asked[IP].dst) / TCP(
        sport=50088, dport=88, flags="S", seq=1)
    rst = Ether(src=asked.dst, dst=asked.src) / IP(src=asked[IP].dst, dst=asked[IP].src) / TCP(
        sport=88, dport=50088, flags="RA", ack=2)
    for old, new in ((place, syn), (place + 1, rst)):
        new.time = packets[old].time
        packets[old] = new
    return written(packets)


@pytest.mark.parametrize("login", [TLS, WITHOUT_TLS], ids=["TLS", "no TLS"])
@pytest.mark.parametrize("over, word", [(lambda capture: capture, "port unreachable"), (over_tcp, "RST")], ids=["UDP", "TCP"])
def test_a_kdc_that_is_not_there_is_why_a_client_sends_no_login(login, over, word):
    """It says so at once."""
    story = "client 10.10.10.10:50001 mac=00:15:5d:0a:0a:0a isn=1000000\n" + KDC + login + ASKED
    denied = over(told(story + NO_KDC + GONE))
    said = text_of(denied, "no_login_sent")
    assert [f"({word} in frame" in text and "SSPI" not in text for text in said] == [True], said
    assert raised(denied, "kdc_unanswered") == raised(denied, "no_login_sent")
    unheard = told(story + GONE)
    assert raised(unheard, "kdc_unanswered") == [] and len(raised(unheard, "no_login_sent")) == 1


@pytest.mark.parametrize("kept, says", [((0,), "none of 2 requests whole, the first in frame 10 .fragments behind frame 11 are missing"),
                                        ((1,), "none of 2 requests, the first in frame 10$"), ((0, 1), "")])
def test_a_kdc_whose_answer_lacks_fragments_has_answered(kept, says):
    grants = "{} kdc TGS_REP spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM ticket=1700\n"
    story = KDC + TLS + ASKED + grants.format(0.010) + ASKED.replace("0.009", "2.009") + grants.format(2.010)
    end = "3.010 client FIN\n3.011 server FIN\n3.012 client ACK\n"
    texts = text_of(fragmented(told(story + end), kept), "kdc_unanswered")
    assert bool(texts) == bool(says) and all(re.search(says, text) for text in texts), texts


@pytest.mark.parametrize("error", [31, 41])
def test_what_a_kdc_cannot_read_is_no_ticket_of_the_server(error):
    refusal = f"0.010 kdc KRB_ERROR error={error} spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM\n"
    found = findings.texts_of([capture := told(KDC + TLS + ASKED + refusal + GONE)])[capture]
    text, = (text for (_, rule), (_, text) in found.items() if rule == "kerberos_error")
    assert "cannot read the client's TGT" in text and "SPN is on another account" not in text
