# SPDX-License-Identifier: GPL-2.0-or-later
"""The same trouble captured at the client and at the server: both captures blame the same."""

import pytest
from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import Ether
from scapy.utils import rdpcap

import captures
import findings
from made import HELLO, LOGIN, OPENING, TLS, column, payload, raised, told, written

LOST = 0.3  # seconds until a segment is sent again; doubled each time
SERVER_HELLO = "0.006 server SERVER_HELLO send={}\n0.006 server REST\n0.007 client ACK\n"
MANY = "column=name rows=" + ",".join(letter * 100 for letter in "ABCDEFGHIJ")


def after(packet, seconds):
    packet = Ether(bytes(packet))
    packet.time = seconds
    packet[IP].id = (packet[IP].id + round(seconds * 10)) % 65536
    del packet[IP].chksum
    return packet


def resent(packet, until):
    """What its sender sends again and again."""
    again, wait = [], LOST
    while packet.time + wait < until:
        again.append(after(packet, packet.time + wait))
        wait = wait * 2 + LOST
    return again


def lacking(packet, lost, later):
    """This segment of the receiver as it is when that one did not arrive, and later ones did."""
    packet = Ether(bytes(packet))
    packet[TCP].ack = lost[TCP].seq
    blocks = (later[TCP].seq, later[TCP].seq + len(payload(later)))
    packet[TCP].options = [("NOP", None), ("NOP", None), ("SAck", blocks)]
    for layer in (packet[IP], packet[TCP]):
        del layer.chksum
    del packet[IP].len, packet[TCP].dataofs
    return packet


def both_sides(text, frame):
    """{side: its capture} of a story of which this frame, and all that repeats it, is lost. The next is of its sender."""
    packets = list(rdpcap(str(told(text))))
    lost, later = packets[frame - 1], packets[frame]
    assert lost[TCP].sport == later[TCP].sport
    end = packets[-1].time
    for number, packet in enumerate(packets[frame:], frame):
        if packet[TCP].sport != lost[TCP].sport:
            time = packet.time
            packets[number] = lacking(packet, lost, later)
            packets[number].time = time
    sender = "client" if lost[TCP].dport == 1433 else "server"
    again = resent(lost, end)
    at_sender = sorted([*packets, *again], key=lambda packet: packet.time)
    at_receiver = [packet for packet in packets if packet is not lost]
    return {sender: written(at_sender), {"client": "server", "server": "client"}[sender]: written(at_receiver)}


LOGIN7 = TLS + """
1.000 client LOGIN7 host=APP10 user=orders app="Order entry" server=sql.contoso.com library=ODBC send=150
1.001 client REST
1.002 server ACK
"""
LOGINACK = TLS + """
1.000 client ENCRYPTED_LOGIN7 host=APP10 user=orders app="Order entry" server=sql.contoso.com library=ODBC
1.001 server LOGINACK server=SQL20 database=Orders spid=51 send=100
1.002 server REST
1.003 client ACK
"""
ANSWER = LOGIN + f"""
1.000 client BATCH text="SELECT 1"
1.001 server RESULT {MANY} spid=55 send=1000
1.002 server REST
1.003 client ACK
"""
REQUEST = LOGIN + f"""
1.000 client BATCH text="{"SELECT 1 " * 80}" send=1000
1.001 client REST
1.002 server ACK
"""
LARGE, SMALL = {"retransmission_timeout", "mtu"}, {"retransmission_timeout"}

# {trouble: (story, the frame that is lost, the rules of the network that say so)}
TROUBLES = {
    "the certificate, FIN": (HELLO + SERVER_HELLO.format(1000) + "15.0 client FIN\n", 7, LARGE),
    "the certificate, RST": (HELLO + SERVER_HELLO.format(1000) + "15.0 client RST\n", 7, LARGE),
    "the certificate, silence": (HELLO + SERVER_HELLO.format(1000) + "15.0 client ACK\n", 7, LARGE),
    "a short part of the ServerHello": (HELLO + SERVER_HELLO.format(100) + "15.0 client FIN\n", 7, SMALL),
    "LOGIN7, RST": (LOGIN7 + "16.0 client RST\n", 10, SMALL),
    "LOGIN7, the server's FIN": (LOGIN7 + "16.0 server FIN\n", 10, SMALL),
    "LOGINACK": (LOGINACK + "16.0 client FIN\n", 11, SMALL),
    "a response, FIN": (ANSWER + "31.0 client FIN\n", 13, SMALL),
    "a response, RST alone": (ANSWER.replace("1.003 client ACK\n", "") + "31.0 client RST\n", 13, SMALL),
    "a response, ATTENTION": (ANSWER + "31.0 client ATTENTION\n36.0 client RST\n", 13, SMALL),
    "a request, FIN": (REQUEST + "31.0 client FIN\n", 12, LARGE),
    "a request, RST": (REQUEST + "31.0 client RST\n", 12, LARGE),
}
# What says that the other side did not answer, or does not trust: none of it is true.
BLAMES = {"tls_refused_by_client", "client_silent", "no_login_sent", "request_abandoned", "killed", "answer_not_read"}


@pytest.fixture(scope="module")
def said():
    """{trouble: {side: [(frame, severity, rule, text)]}}"""
    made = {name: both_sides(text, frame) for name, (text, frame, _) in TROUBLES.items()}
    chosen = [capture for sides in made.values() for capture in sides.values()]
    rows = captures.columns(chosen, ["frame.number", "tdsconn.severity"])
    found = findings.told({capture: [int(row["frame.number"]) for row in frames if row["tdsconn.severity"]]
                           for capture, frames in rows.items()})
    return {name: {side: found[capture] for side, capture in sides.items()} for name, sides in made.items()}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_both_sides_blame_the_network(trouble, said):
    for side, one in said[trouble].items():
        rules = {rule for _, _, rule, _ in one}
        assert rules & LARGE == TROUBLES[trouble][2], side
        assert not rules & BLAMES, side
        assert next(rule for _, severity, rule, _ in one if severity == "Error") == "retransmission_timeout", side


def test_the_receivers_capture_lacks_nothing(said):
    assert not any(rule == "capture_gap" for sides in said.values() for one in sides.values() for _, _, rule, _ in one)


def without(text, frame):
    """A story's capture without this frame."""
    packets = list(rdpcap(str(told(text))))
    return written([*packets[:frame - 1], *packets[frame:]])


def test_what_is_acknowledged_is_a_gap_of_the_capture():
    capture = without(ANSWER + "31.0 client FIN\n", 13)
    assert raised(capture, "capture_gap") == [13]
    assert raised(capture, "retransmission_timeout") == []


def test_an_ack_that_was_on_its_way_is_no_word_of_a_loss():
    """Captured at the server: the client's ACK of what came before was sent earlier, and no SACK came."""
    packets = list(rdpcap(str(told(ANSWER + "1.004 client RST\n"))))
    on_its_way = after(packets[11], 1.0025)  # the request's ACK number
    on_its_way[TCP].remove_payload()
    on_its_way[TCP].seq += len(payload(packets[11]))
    on_its_way[TCP].flags = "A"
    for layer in (on_its_way[IP], on_its_way[TCP]):
        del layer.chksum
    del on_its_way[IP].len
    capture = written([*packets[:12], packets[13], on_its_way, packets[-1]])
    assert raised(capture, "capture_gap") == [13]


def test_a_segment_that_came_late_is_no_loss():
    capture = told(ANSWER + "31.0 client FIN\n")
    packets = list(rdpcap(str(capture)))
    lost, later = packets[12], packets[13]
    asked = lacking(packets[14], lost, later)
    asked.time = 1.0025
    late = after(lost, 1.0027)
    capture = written([*packets[:12], later, asked, late, *packets[14:]])
    assert raised(capture, "retransmission_timeout") == []
    assert column(capture, "tdsconn.close")
