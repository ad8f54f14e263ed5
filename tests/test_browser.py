# SPDX-License-Identifier: GPL-2.0-or-later
"""SQL Server Browser: requests and their answers."""

import json
import struct

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import ICMPv6DestUnreach, IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from scapy.utils import rdpcap

import findings
import wireshark
from made import column, fragmented, told, tries, written


def test_a_name_that_is_no_utf_8_leaves_json_readable():
    text = b"ServerName;SQL20;InstanceName;M\xdcNCHEN;IsClustered;No;Version;16.0.4105.2;tcp;5002;;"
    packet = Ether() / IP(src="10.10.10.20", dst="10.10.10.10") / UDP(sport=1434, dport=50999) / Raw(
        b"\x05" + struct.pack("<H", len(text)) + text)
    shown = wireshark.output("tshark", "-r", written([packet]), "-T", "json", "-e", "ssrp.name")
    assert "\N{REPLACEMENT CHARACTER}" in json.loads(shown)[0]["_source"]["layers"]["ssrp.name"][0]


def test_sql_browser_on_another_port():
    packets = list(rdpcap(str(wireshark.CAPTURES / "story" / "ssrp-healthy.pcapng")))
    for packet in (packet for packet in packets if UDP in packet):
        for port in ("sport", "dport"):
            setattr(packet[UDP], port, 11434 if getattr(packet[UDP], port) == 1434 else getattr(packet[UDP], port))
        del packet[UDP].chksum
    shown = ("-T", "fields", "-e", "ssrp.request_in", "-e", "ssrp.tcp_port", "-e", "tdsconn.expert.browser_unanswered")
    moved = wireshark.tshark(written(packets), "-2", "-d", "udp.port==11434,ssrp", *shown)
    assert moved == wireshark.tshark(wireshark.CAPTURES / "story" / "ssrp-healthy.pcapng", "-2", *shown)
    assert any(row.strip() for row in moved)


def browser(source, destination, content, at, ports=(60001, 1434)):
    """A datagram to SQL Server Browser or, with its ports the other way round, from it."""
    packet = Ether(src="00:15:5d:0a:0a:0a", dst="00:15:5d:0a:0a:14") / IP(src=source, dst=destination) / UDP(
        sport=ports[0], dport=ports[1]) / Raw(content)
    packet.time = at
    return packet


ASKED = b"\x04INST\x00"
ANSWER = b"ServerName;A;InstanceName;INST;IsClustered;No;Version;16.0.4105.2;tcp;50111;;"
ANSWER = b"\x05" + struct.pack("<H", len(ANSWER)) + ANSWER


def test_an_answer_of_sql_browser_is_that_of_the_host_that_was_asked():
    """mssql-jdbc asks all addresses of a listener from one port."""
    capture = written([browser("10.1.0.1", "10.1.1.11", ASKED, 100.0), browser("10.1.0.1", "10.2.2.11", ASKED, 100.01),
                       browser("10.1.1.11", "10.1.0.1", ANSWER, 100.02, (1434, 60001)),
                       browser("10.9.9.9", "10.9.9.8", ASKED, 110.0)])
    rows = wireshark.fields(capture, "ssrp.response_in", "ssrp.request_in", "tdsconn.expert.browser_unanswered",
                            two_pass=True)
    assert [tuple(map(bool, row)) for row in rows[:3]] == [
        (True, False, False), (False, False, True), (False, True, False)]
    assert rows[2][1] == "1"


def test_a_request_to_sql_browser_that_stands_there_twice_was_sent_once():
    asked, answered = browser("10.1.0.1", "10.1.1.11", ASKED, 100.0), browser("10.1.1.11", "10.1.0.1", ANSWER, 100.002,
                                                                             (1434, 60001))
    later = browser("10.9.9.9", "10.9.9.8", b"\x02", 110.0)
    capture = written([*tries(asked, 0.00001, 2), *tries(answered, 0.00001, 2), later])
    rows = wireshark.fields(capture, "ssrp.response_in", "tdsconn.expert.browser_unanswered", two_pass=True)
    assert rows[0] == ("3", "") and rows[1] == ("", "")


def test_the_first_datagram_of_a_capture_that_stands_there_twice_at_once_was_sent_once():
    """Until the clock moves nobody knows that there is one."""
    asked = browser("10.1.0.1", "10.1.1.11", ASKED, 100.0)
    answered = browser("10.1.1.11", "10.1.0.1", ANSWER, 100.002, (1434, 60001))
    later = browser("10.9.9.9", "10.9.9.8", b"\x02", 110.0)
    capture = written([asked, asked, answered, answered, later])
    rows = wireshark.fields(capture, "ssrp.response_in", "tdsconn.expert.browser_unanswered", two_pass=True)
    assert rows[:2] == [("3", ""), ("", "")]


def asked_again(after, second=ASKED):
    """What is said of two requests, of which the second is answered."""
    asked = [browser("10.1.0.1", "10.1.1.11", ASKED, 100.0), browser("10.1.0.1", "10.1.1.11", second, 100.0 + after)]
    answered = browser("10.1.1.11", "10.1.0.1", ANSWER, 100.001 + after, (1434, 60001))
    capture = written([*asked, answered, browser("10.9.9.9", "10.9.9.8", b"\x02", 110.0)])
    return wireshark.fields(capture, "ssrp.response_in", "tdsconn.expert.browser_unanswered", two_pass=True)[:2]


def test_a_question_that_is_asked_again_before_its_answer_is_due_is_answered_with_that():
    """A mirror port may be 3 ms late, and a client may not wait."""
    assert asked_again(0.003) == asked_again(0.5) == [("3", ""), ("3", "")]
    assert [bool(fault) for _, fault in asked_again(2)] == [True, False]
    assert [bool(fault) for _, fault in asked_again(0.0003, b"\x04OTHER\0")] == [True, False]


@pytest.mark.parametrize("early", [0.003, 0.9])
def test_with_two_clocks_an_answer_of_sql_browser_may_stand_before_its_question(early):
    """Asked twice from one port: between the two questions stands the answer to the second."""
    question, answer = ("10.1.0.1", "10.1.1.11", ASKED), ("10.1.1.11", "10.1.0.1", ANSWER)
    packets = [browser(*what, start + after, ports) for start in (100.0, 103.0)
               for what, after, ports in ((answer, 0.001 - early, (1434, 60001)), (question, 0.0, (60001, 1434)))]
    capture = written([*packets, browser("10.9.9.9", "10.9.9.8", b"\x02", 110.0)])
    rows = wireshark.fields(capture, "ssrp.response_in", "ssrp.request_in", "ssrp.time", "tdsconn.expert.browser_unanswered",
                            "tdsconn.expert.browser_slow", two_pass=True)
    assert rows[:4] == [("", "2", "", "", ""), ("1", "", "", "", ""), ("", "4", "", "", ""), ("3", "", "", "", "")]


def test_a_late_copy_of_an_answer_of_sql_browser_is_no_late_answer():
    asked, answered = browser("10.1.0.1", "10.1.1.11", ASKED, 100.0), browser("10.1.1.11", "10.1.0.1", ANSWER, 100.002,
                                                                             (1434, 60001))
    later = browser("10.9.9.9", "10.9.9.8", b"\x02", 110.0)
    capture = written([asked, answered, *tries(answered, 0.7, 2), later])
    assert set(wireshark.fields(capture, "tdsconn.expert.browser_slow", two_pass=True)) == {("",)}


# What ICMP quotes: as RFC 792 asks for, the IP header and 8 bytes, which are all of them UDP's header.

CABLE = Ether(src="00:15:5d:0a:0a:0a", dst="00:15:5d:0a:0a:14")


def asked_of(host, client, ip=IP):
    """A request to SQL Server Browser on a host."""
    return CABLE / ip(src=client, dst=host) / UDP(sport=50010, dport=1434) / Raw(b"\x04ORDERS\0")


def test_icmp_of_ip_version_6_tells_of_a_request_to_sql_browser():
    client, host = "2001:db8::10", "2001:db8::22"
    request = asked_of(host, client, IPv6)
    unreachable = CABLE / IPv6(src=host, dst=client) / ICMPv6DestUnreach(code=4) / Raw(bytes(request[IPv6])[:40 + 8])
    assert column(written([request, unreachable]), "ssrp.unreachable_in") == {1: "2"}


def test_icmp_tells_of_the_request_that_it_quotes_and_of_no_other():
    """Not of another host that the client asked from the same port, nor where it only redirects."""
    client = "10.10.10.10"
    asked = [asked_of(host, client) for host in ("10.10.10.22", "10.10.10.23", "10.10.10.24")]
    errors = [CABLE / IP(src="10.10.10.1", dst=client) / ICMP(type=kind, code=1) / Raw(bytes(asked[i][IP])[:28])
              for i, kind in ((0, 3), (1, 5), (2, 11))]
    unknown = CABLE / IP(src="10.10.10.1", dst=client) / ICMP(type=3, code=3) / Raw(
        bytes(asked_of("10.10.10.25", client)[IP])[:28])
    capture = written([*asked, unknown, *errors])
    assert column(capture, "ssrp.unreachable_in") == {1: "5", 3: "7"}
    assert column(capture, "ssrp.request_in") == {5: "1", 7: "3"}


def segment(source, destination, ports, flags, numbers, at, content=b""):
    packet = Ether(src="00:15:5d:0a:0a:0a", dst="00:15:5d:0a:0a:14") / IP(src=source, dst=destination) / TCP(
        sport=ports[0], dport=ports[1], flags=flags, seq=numbers[0], ack=numbers[1]) / Raw(content)
    packet.time = at
    return packet


PRELOGIN = bytes.fromhex("1201001a00000100" "00000b0006" "010011" "0001" "ff" "100000000000" "02")


def unanswered(packets):
    """What is said of the request in the first frame."""
    later = browser("10.9.9.9", "10.9.9.8", b"\x02", 130.0)
    return wireshark.fields(written([browser("10.1.0.1", "10.1.1.11", ASKED, 100.0), *packets, later]),
                            "tdsconn.diagnosis", two_pass=True)[0][0]


def opening(host, at, both):
    """A client's side of a connection to HOST, with the server's SYN-ACK or not."""
    client = [segment("10.1.0.1", host, (50001, 50111), "S", (1000, 0), at),
              segment("10.1.0.1", host, (50001, 50111), "A", (1001, 7001), at + 0.002),
              segment("10.1.0.1", host, (50001, 50111), "PA", (1001, 7001), at + 0.003, PRELOGIN)]
    server = [segment(host, "10.1.0.1", (50111, 50001), "SA", (7000, 1001), at + 0.001)]
    return [client[0], *(server if both else []), *client[1:]]


def test_a_capture_of_one_direction_does_not_show_that_sql_browser_is_silent():
    whole, alone = "or the instance is unknown", "or the capture has only this direction"
    assert unanswered([]).endswith(alone)
    assert unanswered(opening("10.1.1.11", 101.0, both=True)).endswith(whole)
    assert unanswered(opening("10.1.1.12", 101.0, both=True)).endswith(whole)
    assert unanswered(opening("10.1.1.11", 101.0, both=False)) == ""
    assert unanswered(opening("10.1.1.12", 101.0, both=False)).endswith(alone)


def test_who_got_another_answer_of_sql_browser_would_have_got_this_one():
    other = [browser("10.1.0.1", "10.1.1.12", ASKED, 101.0, (60002, 1434)),
             browser("10.1.1.12", "10.1.0.1", ANSWER, 101.001, (1434, 60002))]
    assert unanswered(other).endswith("or the instance is unknown")


ASKED_DAC = """browser 10.10.10.20:1434 mac=00:15:5d:0a:0a:14
0.000 client CLNT_UCAST_DAC instance=ORDERS to=browser
0.001 browser SVR_RESP_DAC port={port}
"""
REFUSED = "0.010 client SYN\n0.011 server RST\n"


@pytest.mark.parametrize("port, before", [(1434, ""), (51440, ASKED_DAC.format(port=51440))],
                         ids=["of a default instance", "that SQL Browser named"])
def test_a_refused_port_of_the_administrator_is_told_as_that(port, before):
    [text] = column(told(before + REFUSED, port), "tdsconn.expert.connection_refused", "tdsconn.diagnosis").values()
    assert "the dedicated administrator connection (DAC) takes no remote clients" in text[1]


def test_another_port_is_none_of_the_administrator():
    before = ASKED_DAC.replace("CLNT_UCAST_DAC", "CLNT_UCAST_INST").replace(
        "SVR_RESP_DAC port={port}", "SVR_RESP server=SQL20 instances=ORDERS:51440")
    [text] = column(told(before + REFUSED, 51440), "tdsconn.expert.connection_refused", "tdsconn.diagnosis").values()
    assert "DAC" not in text[1]


@pytest.mark.parametrize("instances, type_, told_", [
    ("ORDERS", "CLNT_UCAST_INST instance=ORDERS", True), ("ORDERS:51433", "CLNT_UCAST_INST instance=ORDERS", False),
    ("ORDERS", "CLNT_UCAST_EX", False)], ids=["no port", "a port", "nobody asked for it"])
def test_an_instance_without_a_port_is_told_where_a_client_asked_for_it(instances, type_, told_):
    capture = told(f"""browser 10.10.10.20:1434 mac=00:15:5d:0a:0a:14
0.000 client {type_} to=browser
0.001 browser SVR_RESP server=SQL20 instances={instances}
""")
    texts = column(capture, "tdsconn.expert.browser_no_tcp", "_ws.expert.message")
    assert sorted(texts) == ([2] if told_ else [])
    assert not told_ or "ORDERS has no TCP port" in texts[2][1]


LATER = "include diag-login.part at 5\n"


@pytest.mark.parametrize("host, client", [("10.10.10.20", "10.10.10.10"), ("[2001:db8::20]", "[2001:db8::10]")])
@pytest.mark.parametrize("kept, says", [
    ((0, 1), None),
    ((0,), "no whole answer: frame 2 begins one, and fragments behind it are missing: perhaps a firewall drops them"),
    ((1,), "no answer: SQL Browser is stopped, or a firewall is between"),
])
def test_an_answer_of_which_fragments_are_missing_was_an_answer(host, client, kept, says):
    instances = ",".join(f"INSTANCE{number:02}:{50000 + number}" for number in range(20))
    story = f"""client {client}:50001 mac=00:15:5d:0a:0a:0a isn=1000000
server {host}:1433 mac=00:15:5d:0a:0a:14 isn=1500000
browser {host}:1434 mac=00:15:5d:0a:0a:14
0.000 client CLNT_UCAST_EX to=browser
0.002 browser SVR_RESP server=SQL20 instances={instances}
{LATER}"""
    found = findings.texts_of([capture := fragmented(told(story), kept)])[capture]
    assert [text for (_, rule), (_, text) in found.items() if rule == "browser_unanswered"] == ([says] if says else [])


@pytest.mark.parametrize("code, says", [(1, "the client did not get all fragments of the answer, as its ICMP in frame 4 says"),
                                        (0, None)])
def test_the_client_may_say_that_it_lacks_a_fragment_of_the_answer(code, says):
    answer = browser("10.1.1.11", "10.1.0.1", ANSWER, 100.02, (1434, 60001))
    icmp = Ether() / IP(src="10.1.0.1", dst="10.1.1.11") / ICMP(type=11, code=code) / Raw(bytes(answer[IP])[:28])
    icmp.time = 130
    capture = written([browser("10.1.0.1", "10.1.1.11", ASKED, 100.0), answer, browser("10.9.9.9", "10.9.9.8", ASKED, 110.0), icmp])
    texts = [text for (frame, rule), (_, text) in findings.texts_of([capture])[capture].items()
             if frame == 1 and rule == "browser_unanswered"]
    assert [text.split(":")[0] for text in texts] == ([says] if says else [])
