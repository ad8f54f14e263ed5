# SPDX-License-Identifier: GPL-2.0-or-later
"""Redirects, and the connections that follow them."""

import pytest
from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from scapy.utils import rdpcap

import captures
import wireshark
from made import SIDES, STORIES, column, raised, told, written


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
