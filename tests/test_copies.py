# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets that stand in a capture more than once, copies or tries; and segments that it does not have."""

from decimal import Decimal

import pytest
from scapy.layers.inet import ICMP, IP, TCP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from scapy.utils import rdpcap

import captures
import wireshark
from enums import CLOSE, MESSAGE, STATE
from made import LOGIN, answer, column, part, payload, raised, thrice, told, tries, written


def test_a_session_that_stands_thrice_breaks_no_rule():
    capture = thrice(captures.real("mars-odbc-noenc"))
    for rule in ("mars_sequence", "mars_sid_reused_early", "mars_data_after_fin", "mars_unknown_session"):
        assert raised(capture, rule) == [], rule


def test_a_request_that_stands_thrice_is_one_request():
    capture = thrice(told(LOGIN + """
1.000 client BATCH text="SELECT 1"
1.001 server RESULT column=name rows=A spid=55
60.000 server FIN
60.001 client FIN
60.002 server ACK
"""))
    messages = list(column(capture, "tdsconn.message").values())
    assert [messages.count(one) for one in (MESSAGE.SQL_BATCH, MESSAGE.RESPONSE, MESSAGE.LOGINACK)] == [1, 1, 1]
    assert raised(capture, "killed") == []


def test_a_fast_retransmission_of_a_request_is_no_second_request():
    """Captured before it was lost: what Wireshark calls so, it hands on once more."""
    packets = list(rdpcap(str(told(LOGIN + """
1.000 client BATCH text="SELECT 1"
1.010 server RESULT column=name rows=A spid=55
60.000 server FIN
60.001 client FIN
60.002 server ACK
"""))))
    request = packets[11]
    again = request.copy()
    again.time = request.time + 0.006
    asked = []
    for number in range(4):
        ack = answer(request, b"")
        ack[TCP].flags, ack[TCP].ack = "A", request[TCP].seq
        ack.time = request.time + 0.001 * (number + 1)
        asked.append(ack)
    capture = written([*packets[:12], *asked, again, *packets[12:]])
    assert list(column(capture, "tcp.analysis.fast_retransmission")) == [17]
    assert list(column(capture, "tdsconn.message").values()).count(MESSAGE.SQL_BATCH) == 1
    assert raised(capture, "killed") == []


def test_the_same_segments_once_more_are_no_segment_five_times_more():
    packets = list(rdpcap(str(told(LOGIN + "".join(
        f'1.{number}00 client BATCH text="SELECT {number}"\n' for number in range(1, 9)) + "1.900 client RST\n"))))
    again = [packet.copy() for packet in packets[-9:-1]]
    for number, packet in enumerate(again):
        packet.time = packets[-2].time + 0.001 * (number + 1)
    assert raised(written([*packets[:-1], *again, packets[-1]]), "retransmission_timeout") == []


@pytest.mark.parametrize("later", [0.0000003, 0.0001])
def test_copies_of_a_syn_and_of_an_rst_are_no_further_ones(later):
    """The second capture point is late: its SYN stands behind the server's answers."""
    capture = captures.real("port-reuse")
    packets = list(rdpcap(str(capture)))
    copies = [packet.copy() for packet in packets]
    for copy in copies:
        copy.time += Decimal(str(later))
    both = written(sorted([*packets, *copies], key=lambda packet: packet.time))
    once, twice = (set(column(path, "tdsconn.progress").values()) for path in (capture, both))
    assert once == twice and any(codes.endswith(">R") for codes in once)


def test_a_segment_behind_an_ack_with_the_same_numbers_is_no_copy_of_that():
    """The first of several segments has no PSH, and IPv6 has no Identification."""
    packets = rdpcap(str(captures.real("ipv6-ted-sql-noenc")))
    plain = [packet.copy() for packet in packets]
    for packet in plain:
        packet[TCP].flags = str(packet[TCP].flags).replace("P", "")
        del packet[TCP].chksum
    names = ("tdsconn.message", "tdsconn.request_spread", "tdsconn.wait.sendings")
    once, again = (wireshark.fields(written(one), *names, two_pass=True) for one in (packets, plain))
    assert once == again


def test_keep_alives_that_stand_thrice_are_counted_once():
    capture = wireshark.CAPTURES / "reported/one-way-keepalive-answers-lost-seen-at-server.pcapng"
    texts = [wireshark.output("tshark", "-2", "-r", path, "-Y", "tdsconn.expert.keep_alive_timeout", "-T", "fields",
                              "-e", "_ws.expert.message") for path in map(wireshark.readable, (capture, thrice(capture)))]
    assert "keep-alives of it though the other side answered each" in texts[0]
    assert texts[1].startswith(texts[0].strip())


def test_keep_alives_are_answered_where_the_answers_are_not_captured():
    probes = "".join(f"{30 * number}.000 client KEEP_ALIVE\n" for number in range(1, 8))
    packets = [packet for packet in rdpcap(str(told(LOGIN + probes))) if packet[TCP].dport == 1433]
    assert raised(written(packets), "keep_alive_timeout") == []


def test_holes_without_number_lose_nothing():
    """Every second segment comes late, and TCP is asked to put them in order."""
    many = 90
    packets = list(rdpcap(str(told(LOGIN + "".join(
        f'{number + 1}.000 client BATCH text="SELECT 1"\n' for number in range(many))))))
    packets = [*packets[:11], *packets[12::2], *packets[11::2]]
    for number, packet in enumerate(packets[11:]):
        packet.time = packets[10].time + 1 + 0.00001 * number
    rows = wireshark.tshark(written(packets), "-2", "-o", "tcp.reassemble_out_of_order:TRUE", "-T", "fields", "-e",
                            "tdsconn.message")
    assert ",".join(rows).split(",").count(MESSAGE.SQL_BATCH) == many


@pytest.mark.parametrize("snap", [60, 66, 68, 70, 72, 76, 80])
def test_a_short_snap_length_does_not_lose_a_connection(snap):
    capture = part(captures.real("ft-sql-noenc"), "1-9999", "-s", f"{snap}")
    connected = {frame for frame, protocols in column(capture, "frame.protocols").items() if ":tcp" in protocols}
    assert connected and connected == set(column(capture, "tdsconn.stream"))
    assert set(column(capture, "tdsconn.auth.why").values()) != {"no login was sent in this capture"}


def test_what_an_icmp_error_quotes_was_sent_once():
    """Versions that look into the quote hand its bytes on."""
    packets = list(rdpcap(str(captures.real("ft-sql-noenc"))))
    login = next(packet for packet in packets if payload(packet)[:1] == b"\x10")
    quote = Ether(src=login.dst, dst=login.src) / IP(src="10.10.10.1", dst=login[IP].src) / ICMP(
        type=3, code=4) / Raw(bytes(login[IP]))
    quote.time = login.time + 0.000001
    place = packets.index(login) + 1
    capture = written(packets[:place] + [quote] + packets[place:])
    names = ("tdsconn.message", "tdsconn.progress", "tdsconn.state")
    quoted = wireshark.fields(capture, *names, two_pass=True)
    assert quoted.pop(place) == ("", "", "")
    assert quoted == wireshark.fields(captures.real("ft-sql-noenc"), *names, two_pass=True)


def refused_syn(syn, flags):
    """An RST of the server, half a millisecond after this SYN."""
    acknowledged = syn[TCP].seq + 1 if "A" in flags else 0
    rst = Ether(src=syn.dst, dst=syn.src) / IP(src=syn[IP].dst, dst=syn[IP].src) / TCP(
        sport=syn[TCP].dport, dport=syn[TCP].sport, flags=flags, seq=0, ack=acknowledged, window=0)
    rst.time = syn.time + 0.0005
    return rst


@pytest.mark.parametrize("flags, first", [("RA", 2), ("R", 1)], ids=["refused", "not even acknowledged"])
def test_a_syn_that_comes_again_after_a_reset_begins_the_connection(flags, first):
    """Windows tries three times more, with the same numbers. An RST that does not acknowledge SYN refuses nothing."""
    syn, *rest = rdpcap(str(told(LOGIN + "1.000 client FIN\n1.010 server FIN\n")))
    again = [syn] * (first - 1)
    early = [Ether(bytes(syn)), refused_syn(syn, flags), *(Ether(bytes(packet)) for packet in again)]
    early[0].time = syn.time - 0.5
    early[1].time = syn.time - 0.4995
    for packet in early[2:]:
        packet.time = syn.time
    capture = written([*early, *rest])
    assert set(column(capture, "tdsconn.state").values()) == {STATE.LOGGED_IN}
    assert raised(capture, "connection_refused") == [] and raised(capture, "late_confirmation") == []
    assert set(column(capture, "tdsconn.close").values()) == {CLOSE.NORMAL}


def test_bytes_that_tcp_keeps_back_are_read():
    """The server sends the first half of its answer, and then all of it in one segment: TCP takes that for a copy."""
    packets = rdpcap(str(told(LOGIN + "1.000 client FIN\n1.010 server FIN\n")))
    place = next(i for i, packet in enumerate(packets) if payload(packet)[:1] == b"\x04" and i > 6)
    whole = packets[place]
    half = answer(packets[place - 1], payload(whole)[:40])
    half[TCP].seq, half[TCP].ack = whole[TCP].seq, whole[TCP].ack
    half.time = whole.time - 0.0001
    capture = written([*packets[:place], half, *packets[place:]])
    assert set(column(capture, "tdsconn.state").values()) == {STATE.LOGGED_IN}
    assert raised(capture, "capture_gap") == []


@pytest.mark.parametrize("apart, expected", [(1, True), (0.0002, False)], ids=["tries", "copies"])
def test_what_stands_in_the_capture_several_times_is_no_further_try(apart, expected):
    """Windows captures a packet at each of its layers."""
    packets = rdpcap(str(told(LOGIN)))
    silent = written(tries(packets[0], apart))
    assert bool(raised(silent, "no_syn_answer")) is expected
    last = next(packet for packet in reversed(packets) if packet[TCP].sport == 50001)
    end = last[TCP].seq + len(payload(last))
    keep_alive = Ether(src=last.src, dst=last.dst) / IP(src=last[IP].src, dst=last[IP].dst) / TCP(
        sport=50001, dport=1433, flags="A", seq=end - 1, ack=packets[-1][TCP].ack, window=8192)
    keep_alive[TCP].ack = max(packet[TCP].seq + len(payload(packet)) for packet in packets if packet[TCP].sport == 1433)
    keep_alive.time = packets[-1].time + 60
    asked = tries(keep_alive, apart)
    reset = Ether(src=last.dst, dst=last.src) / IP(src=last[IP].dst, dst=last[IP].src) / TCP(
        sport=1433, dport=50001, flags="R", seq=keep_alive[TCP].ack, window=0)
    reset.time = asked[-1].time + 0.0001
    broken = written([*packets, *asked, reset])
    assert bool(raised(broken, "keep_alive_timeout")) is expected
