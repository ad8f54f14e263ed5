# SPDX-License-Identifier: GPL-2.0-or-later
"""Who keeps the other side waiting while another host does not answer it."""

import pytest

from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import Ether
from scapy.utils import rdpcap

import findings
import made
from made import HELLO, OPENING, TLS

CLIENT, SERVER, OTHER = "10.10.10.10", "10.10.10.20", "10.10.10.99"
LOGIN7 = "client ENCRYPTED_LOGIN7 host=APP10 user=orders app=A server=sql.contoso.com library=ODBC database=Orders\n"
CLOSED = "15.006 client FIN\n15.007 server FIN\n15.008 client ACK\n"
CERTIFICATE = HELLO + "0.006 server SERVER_HELLO\n0.050 client ACK\n"
FEDAUTH = OPENING + """0.003 client PRELOGIN encrypt=not_supported fedauth=on
0.004 server PRELOGIN encrypt=not_supported fedauth=on
0.005 client LOGIN7 host=APP10 app=A server=sql.contoso.com library=ODBC database=Orders features=fedauth_msal:integrated
0.006 server FEDAUTHINFO sts=https://login.example.com/common spn=https://database.example.net/
0.050 client ACK
"""
# {name: (the connection, the other host and its port, {frame: its finding}, the frame of the first SYN)}
WAITS = {
    "a revocation list": (CERTIFICATE + CLOSED, ("23.1.2.3", 80), (12, "client_silent"), 9),
    "a token service": (FEDAUTH + CLOSED, ("20.190.1.2", 443), (12, "client_silent"), 9),
    "a directory": (TLS + "0.050 client ACK\n15.006 " + LOGIN7, ("10.10.10.5", 389), (14, "slow_step"), 11),
    "a certificate that is taken at last": (
        CERTIFICATE + "15.006 client CLIENT_KEY_EXCHANGE\n15.007 server CHANGE_CIPHER_SPEC\n", ("23.1.2.3", 80),
        (13, "slow_step"), 9),
}


def asking(story, to, moments=(0.100, 1.100, 3.100), client=CLIENT, answer=None):
    """The capture of a story in which a client also opens another connection; `answer`: the flags of what comes back."""
    packets = list(rdpcap(str(made.told(story))))
    host, port = to
    for moment in moments:
        syn = Ether() / IP(src=client, dst=host) / TCP(sport=50100, dport=port, flags="S", seq=100)
        syn.time = packets[0].time + moment
        packets.append(syn)
        if answer:
            back = Ether() / IP(src=host, dst=client) / TCP(sport=port, dport=50100, flags=answer, seq=500, ack=101)
            back.time = syn.time + 0.001
            packets.append(back)
    return made.written(sorted(packets, key=lambda packet: packet.time))


def told_of(capture, rule):
    return [text for (_, raised), (_, text) in findings.texts_of([capture])[capture].items() if raised == rule]


@pytest.mark.parametrize("name", WAITS)
def test_who_does_not_answer_the_client_is_named(name):
    story, to, finding, syn = WAITS[name]
    found = findings.texts_of([capture := asking(story, to)])[capture]
    assert f"; its SYN in frame {syn} to {to[0]}, port {to[1]} (" in found[finding][1]


def test_a_server_that_does_not_reach_a_domain_controller():
    login = TLS + """0.009 client ENCRYPTED_LOGIN7 host=APP10 app=A server=sql.contoso.com library=ODBC token=ntlm_negotiate
0.010 server NTLM_CHALLENGE domain=CONTOSO computer=SQL20 dns=contoso.com
0.011 client NTLM_AUTHENTICATE domain=CONTOSO user=joe33 workstation=APP10 computer=SQL20 dns=contoso.com spn=MSSQLSvc/sql:1433
0.050 server ACK
"""
    words = "; {} SYN in frame 14 to 10.10.10.5, port 389 (LDAP), is not answered"
    slow = asking(login + "9.000 server LOGINACK server=SQL20 database=Orders spid=55\n", ("10.10.10.5", 389), client=SERVER)
    assert [rule for rule in ("slow_domain_controller", "slow_step") if words.format("its") in told_of(slow, rule)[0]] == [
        "slow_domain_controller", "slow_step"]
    text, = told_of(asking(login + CLOSED, ("10.10.10.5", 389), client=SERVER), "login_unanswered")
    assert words.format("the server's") in text


@pytest.mark.parametrize("how", [{"answer": "SA"}, {"answer": "RA"}, {"client": OTHER}, {"moments": (0.0055,)},
                                 {"moments": (14.900,)}])
def test_who_answers_or_was_asked_by_others_or_at_another_time_is_not(how):
    story, to, (_, rule), _ = WAITS["a revocation list"]
    text, = told_of(asking(story, to, **how), rule)
    assert "SYN" not in text


def test_a_client_that_opens_very_many_connections():
    """Only the latest are looked at."""
    story, to, (_, rule), _ = WAITS["a revocation list"]
    packets = list(rdpcap(str(asking(story, to))))
    for port in range(50200, 50240):
        syn = Ether() / IP(src=CLIENT, dst="10.10.10.7") / TCP(sport=port, dport=8080, flags="S", seq=100)
        syn.time = packets[0].time + 0.200
        packets.append(syn)
    text, = told_of(made.written(sorted(packets, key=lambda packet: packet.time)), rule)
    assert "to 10.10.10.7, port 8080, is not answered" in text


DNS = f"client {CLIENT}:50001 mac=00:15:5d:0a:0a:0a isn=1000000\ndns 10.10.10.5:53 mac=00:15:5d:0a:0a:05\n"
ASKED = "0.060 client DNS_QUESTION to=dns name={} id=3\n"
NAMED = {
    "a name that nobody knows": (
        FEDAUTH + ASKED.format("login.example.com") + "0.064 dns DNS_ANSWER name=login.example.com id=3 code=NXDOMAIN\n" + CLOSED,
        "; the look-up of its token service failed: NXDOMAIN in frame 10: it got no token"),
    "a resolver that does not answer": (
        FEDAUTH + ASKED.format("login.example.com") + CLOSED,
        "; the look-up of its token service in frame 9 brought no address: it got no token"),
    "another name than the token service's": (
        FEDAUTH + ASKED.format("proxy.example.com") + CLOSED,
        "; its question for the address of proxy.example.com in frame 9 is not answered: it got no token"),
    "the name in a certificate": (
        CERTIFICATE + ASKED.format("crl.example.com") + CLOSED,
        "; its question for the address of crl.example.com in frame 9 is not answered: it was checking the certificate"),
}


@pytest.mark.parametrize("name", NAMED)
def test_a_look_up_that_brings_nothing_is_named(name):
    story, words = NAMED[name]
    text, = told_of(made.told(DNS + story), "client_silent")
    assert words in text


def test_a_look_up_that_is_answered_is_no_cause():
    story = ASKED.format("login.example.com") + "0.064 dns DNS_ANSWER name=login.example.com id=3 address=20.190.1.2\n"
    text, = told_of(made.told(DNS + FEDAUTH + story + CLOSED), "client_silent")
    assert "; it got no token from its token service" in text
