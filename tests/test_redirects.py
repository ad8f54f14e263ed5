# SPDX-License-Identifier: GPL-2.0-or-later
"""Redirects, and the connections that follow them."""

import struct

import pytest
from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from scapy.utils import rdpcap

import captures
import wireshark
from enums import STATE
from findings import told as findings_of
from made import SIDES, STORIES, column, raised, told, tries, written


def test_a_redirect_is_not_followed_by_what_turns_out_to_be_http():
    """The client's SYN to the port that was named looked like it, until its first payload. Routing goes to the next."""
    packets = list(rdpcap(str(wireshark.CAPTURES / "story" / "routing-hops.pcapng")))
    ends = {"dport": 1450, "sport": 60000}
    http = [Ether() / IP(src="10.10.10.120", dst="10.10.10.99") / TCP(**ends, flags=flags, seq=seq) / Raw(content)
            for flags, seq, content in (("S", 100, b""), ("PA", 101, b"GET / HTTP/1.1\r\n\r\n"))]
    stranger = Ether() / IP(src="10.10.10.77", dst="10.10.10.99") / TCP(dport=1450, sport=5555, flags="S", seq=1)
    for packet, after in zip([*http, stranger], (0.5, 0.503, 5)):
        packet.time = packets[0].time + after
    capture = written(sorted([*packets, *http, stranger], key=lambda packet: packet.time))
    followed = column(capture, "tdsconn.routing.stream", "tdsconn.stream", "tdsconn.server.port")
    assert ("1", "0", "1433") in followed.values()
    assert "10.10.10.99" not in column(capture, "tdsconn.server.address").values()


def test_a_redirect_does_not_lead_back_to_the_server_that_sends_it():
    login = (STORIES / "diag-login.part").read_text()
    other = SIDES.format(port=1433).replace("50001", "50002").split("\n", 1)[1]
    target = SIDES.format(port=1433).replace("50001", "50003").replace("10.10.10.20", "10.10.10.77").split("\n", 1)[1]
    redirected = login.replace("spid=55", "spid=55 routing=node2.contoso.com:1433")
    capture = told(redirected + "0.100 client FIN\n0.101 server FIN\n" + other + "include diag-login.part at 1\n" +
                   target + "include diag-login.part at 2\n")
    assert set(column(capture, "tdsconn.routing.stream").values()) == {"2"}


@pytest.mark.parametrize("late, follows", [(0, True), (6, False)])
def test_who_follows_a_redirect_does_so_at_once(late, follows):
    """In 5 seconds: somebody who goes to that port later goes there for himself."""
    packets = rdpcap(str(captures.real("routing-ted-noenc")))
    sent_on = packets[0][TCP].sport
    for packet in packets:
        if sent_on not in (packet[TCP].sport, packet[TCP].dport):
            packet.time += late
    capture = written(packets)
    assert bool(column(capture, "tdsconn.routing.stream")) is follows
    assert bool(raised(capture, "redirect_not_followed")) is not follows


def test_of_two_redirects_at_once_the_first_is_followed_first():
    first, second = (rdpcap(str(captures.real("routing-ted-noenc"))) for _ in range(2))
    for packet in second:
        packet.time += 0.0001
        for name in ("sport", "dport"):
            port = getattr(packet[TCP], name)
            setattr(packet[TCP], name, port + 100 if port != 1433 else port)
    told = column(written(sorted([*first, *second], key=lambda packet: packet.time)), "tdsconn.stream",
                  "tdsconn.client.port", "tdsconn.routing.stream")
    client = {stream: int(port) for stream, port, _ in told.values()}
    followed = {(client[stream], client[to]) for stream, _, to in told.values() if to}
    assert followed == {(33504, 41462), (33604, 41562)}


# A login that TLS hides, and the client's close behind the answer.
HIDDEN = """0.000 client SYN
0.001 server SYN
0.002 client ACK
0.003 client PRELOGIN encrypt=on
0.004 server PRELOGIN encrypt=on
0.005 client CLIENT_HELLO server_name={name}
0.006 server SERVER_HELLO
0.007 client CLIENT_KEY_EXCHANGE
0.008 server CHANGE_CIPHER_SPEC
0.009 client SEALED size=420
0.020 server SEALED size={answer}
{between}0.{end} {closes} FIN
"""
GATEWAY = {"name": "contoso.database.windows.net", "answer": 520, "between": "", "end": "050", "closes": "client"}
SYNS = "0.060 client SYN\n1.060 client AGAIN\n3.060 client AGAIN\n"


def another(number, host="10.10.10.77", port=11003):
    """The head of the next connection, from another port of the client."""
    return (SIDES.format(port=port).replace("50001", str(50000 + number)).replace("1000000", f"{number}000000")
            .replace("10.10.10.20", host).split("\n", 1)[1])


def told_of(capture):
    """{(frame, rule): text}"""
    frames = list(column(capture, "tdsconn.severity"))
    return {(frame, rule): text for frame, _, rule, text in findings_of({capture: frames})[capture]}


def hidden(target=SYNS, **other):
    """A hidden login at a gateway, then what the client does at the target."""
    return told(HIDDEN.format(**(GATEWAY | other)) + another(2) + target)


def test_a_hidden_redirect_is_followed_by_name_client_and_time():
    capture = hidden()
    rows = column(capture, "tdsconn.stream", "tdsconn.state", "tdsconn.routing.stream", "tdsconn.routing.from",
                  "tdsconn.routing.basis", "tdsconn.routing.host", "tdsconn.routing.port")
    assert rows[11] == ("0", "5", "1", "", "2", "10.10.10.77", "11003")
    assert rows[13] == ("1", "1", "", "0", "2", "", "")
    summary = column(capture, "tdsconn.summary")
    assert "Probably redirected login to 10.10.10.20:1433" in summary[12]
    texts = told_of(capture)
    assert "probably sent the client to 10.10.10.77, port 11003, in connection 1" in texts[12, "redirected"]
    assert "3 SYNs and no answer" in texts[15, "no_syn_answer"]
    assert texts[15, "no_syn_answer"].endswith(
        "; connection 0 probably sent the client here (Azure's redirect, hidden by TLS); Azure's redirects need the ports 11000 "
        "to 11999 open")


def test_the_node_may_refuse():
    texts = told_of(hidden("0.060 client SYN\n0.070 server RST\n"))
    assert "connection 0 probably sent the client here" in texts[14, "connection_refused"]


def test_the_node_may_answer():
    capture = hidden("include diag-tls.part at 0.06\n")
    assert column(capture, "tdsconn.routing.from", "tdsconn.stream")[13] == ("0", "1")
    assert not raised(capture, "no_syn_answer")


@pytest.mark.parametrize("other", [
    {"name": "sql.contoso.com"},  # such a port is nothing special there
    {"closes": "server"},  # it refused the login, probably
    {"answer": 60},  # no room for a redirect
    {"between": "0.030 client SEALED size=100\n0.040 server SEALED size=100\n"},  # a command, probably
    {"target": SYNS.replace("0.060", "5.060").replace("1.060", "6.060").replace("3.060", "8.060")},  # long after
], ids=["name", "closes", "answer", "command", "after"])
def test_what_may_be_something_else_is_no_redirect(other):
    capture = hidden(**other)
    assert not column(capture, "tdsconn.routing.basis")
    assert set(column(capture, "tdsconn.stream").values()) == {"0"}


def test_another_port_is_none_of_a_node():
    capture = told(HIDDEN.format(**GATEWAY) + another(2, port=12000) + SYNS)
    assert set(column(capture, "tdsconn.stream").values()) == {"0"}


def test_of_two_hidden_redirects_nobody_knows_which_is_followed():
    gateway = HIDDEN.format(**GATEWAY)
    capture = told(gateway + another(3, "10.10.10.20", 1433) + gateway + another(2) + SYNS + another(4) +
                   SYNS.replace("0.060", "0.061"))
    texts = told_of(capture)
    said = [text for (_, rule), text in texts.items() if rule == "no_syn_answer"]
    assert len(said) == 2
    assert all("one of 2 connections probably sent the client here" in text for text in said)
    assert not column(capture, "tdsconn.routing.stream")
    assert not raised(capture, "redirected")


def test_a_port_of_a_node_that_something_else_uses_is_none():
    """What the client says there is no TDS: nothing is left of what was concluded."""
    packets = list(rdpcap(str(told(HIDDEN.format(**GATEWAY)))))
    ends = {"dport": 11211, "sport": 60000}
    other = [Ether() / IP(src="10.10.10.10", dst="10.10.10.99") / TCP(**ends, flags=flags, seq=seq) / Raw(content)
             for flags, seq, content in (("S", 100, b""), ("PA", 101, b"get session:1234567890\r\n"))]
    for packet, after in zip(other, (0.06, 0.07)):
        packet.time = packets[0].time + after
    capture = written([*packets, *other])
    assert set(column(capture, "tdsconn.stream").values()) == {"0"}
    assert set(column(capture, "tdsconn.state").values()) == {STATE.LOGGING_IN}
    assert not column(capture, "tdsconn.routing.basis")


def test_who_names_another_server_was_sent_by_no_gateway():
    opened = (STORIES / "diag-tls.part").read_text().replace("0.0", "0.1")
    capture = hidden(opened.replace("CLIENT_HELLO", "CLIENT_HELLO server_name=sql.contoso.com"))
    assert set(column(capture, "tdsconn.stream").values()) == {"0", "1"}
    assert not column(capture, "tdsconn.routing.basis")


def test_a_redirect_that_was_seen_is_known_by_its_bytes():
    told_by = column(captures.real("routing-ted-noenc"), "tdsconn.routing.basis", "tdsconn.stream")
    assert set(told_by.values()) == {("1", "0"), ("1", "1")}
    text = told_of(captures.real("routing-to-refused-port-ted"))[12, "connection_refused"]
    assert text.endswith("; connection 0 sent the client here")


@pytest.mark.parametrize("port, is_node", [(10999, False), (11000, True), (11999, True), (12000, False)])
def test_a_redirect_that_nobody_answers_names_the_ports_of_azure_only_if_it_goes_to_one(port, is_node):
    packets = list(rdpcap(str(captures.real("routing-to-refused-port-ted"))))
    old, new = struct.pack("<H", 1444), struct.pack("<H", port)
    kept = []
    for packet in packets:
        if packet[TCP].sport == 1444:
            continue
        if packet[TCP].dport == 1444:
            packet[TCP].dport = port
        elif packet[TCP].sport == 1433 and b"\xe3" in bytes(packet[TCP].payload):
            packet[TCP].payload = Raw(bytes(packet[TCP].payload).replace(b"\0" + old, b"\0" + new))
        del packet[TCP].chksum
        kept.append(packet)
    syn = next(packet for packet in kept if packet[TCP].dport == port)
    kept = sorted([*kept, *tries(syn, 1.0, 4)[1:]], key=lambda packet: packet.time)
    said = [text for (_, rule), text in told_of(written(kept)).items() if rule == "no_syn_answer"]
    assert len(said) == 1 and "connection 0 sent the client here" in said[0]
    assert said[0].endswith("11999 open") == is_node
