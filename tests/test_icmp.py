# SPDX-License-Identifier: GPL-2.0-or-later
"""ICMP errors about the segments of a connection."""

import pytest
from scapy.layers.inet import ICMP, IP, TCP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from scapy.utils import rdpcap

from made import LOGIN, column, part, told, written

UNREACHABLE, HOST_PROHIBITED = 3, 10
TIME_EXCEEDED = 11


def error(segment, kind, code):
    """A router's error about a segment, a millisecond after it."""
    quote = Ether(src=segment.dst, dst=segment.src) / IP(src="10.10.10.1", dst=segment[IP].src) / ICMP(
        type=kind, code=code) / Raw(bytes(segment[IP])[:28])
    quote.time = segment.time + 0.001
    return quote


def again(segment, after):
    sent = segment.copy()
    sent.time = segment.time + after
    sent[IP].id = segment[IP].id + 1
    return sent


def finding(*errors):
    """What is found where each SYN of a connection is answered by such an error."""
    syn = next(packet for packet in rdpcap(str(told(LOGIN))) if packet[TCP].flags == "S")
    packets = []
    for number, (kind, code) in enumerate(errors):
        tried = again(syn, number)
        packets += [tried, error(tried, kind, code)]
    return list(column(written(packets), "tdsconn.diagnosis").values())[-1]


def test_the_same_error_again_is_the_first_one():
    assert "host administratively prohibited" in finding((UNREACHABLE, HOST_PROHIBITED), (UNREACHABLE, HOST_PROHIBITED))
    assert "ICMP in frame 2" in finding((UNREACHABLE, HOST_PROHIBITED), (UNREACHABLE, HOST_PROHIBITED))


def test_another_error_is_named_with_its_own_frame():
    text = finding((UNREACHABLE, HOST_PROHIBITED), (TIME_EXCEEDED, 0))
    assert "time to live exceeded" in text and "ICMP in frame 4" in text


def test_a_wait_goes_on_to_the_error_with_which_the_capture_ends():
    syn = next(packet for packet in rdpcap(str(told(LOGIN))) if packet[TCP].flags == "S")
    capture = written([syn, error(syn, UNREACHABLE, HOST_PROHIBITED)])
    assert column(capture, "tdsconn.wait.time") == {1: "0.001000000"}


def test_of_what_an_error_quotes_the_ports_are_enough():
    """The snap length may leave no more."""
    syn = next(packet for packet in rdpcap(str(told(LOGIN))) if packet[TCP].flags == "S")
    tried = [again(syn, number) for number in range(2)]
    whole = written([packet for one in tried for packet in (one, error(one, UNREACHABLE, HOST_PROHIBITED))])
    texts = list(column(part(whole, "1-4", "-s", "66"), "tdsconn.diagnosis").values())
    assert ["host administratively prohibited" in text for text in texts] == [True], texts


def http(syn, at):
    """A segment of one conversation that is not of SQL Server, so many seconds behind the SYN."""
    segment = Ether() / IP(src=syn[IP].src, dst="10.10.10.80") / TCP(sport=50080, dport=80, flags="PA", seq=1 + 18 * at)
    segment = segment / Raw(b"GET / HTTP/1.1\r\n\r\n")
    segment.time = syn.time + at
    return segment


@pytest.mark.parametrize("about", [[], [0]], ids=["no error", "an error"])
def test_frames_of_others_do_not_take_the_clock_back(about):
    """tshark's second pass and the window show how long a SYN waited until the end, which the first pass saw."""
    syn = next(packet for packet in rdpcap(str(told(LOGIN))) if packet[TCP].flags == "S")
    packets = [http(syn, 0), *(error(http(syn, at), UNREACHABLE, HOST_PROHIBITED) for at in about), again(syn, 1),
               again(syn, 2), again(syn, 4), http(syn, 40), http(syn, 60)]
    assert list(column(written(packets), "tdsconn.wait.time").values()) == ["59.000000000"]
