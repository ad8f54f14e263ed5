# SPDX-License-Identifier: GPL-2.0-or-later
"""Whose the bytes are: SQL Server on any port, and other protocols that look like it."""

import re
import struct

import pytest
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from scapy.utils import rdpcap

import captures
import findings
import wireshark
from enums import CLOSE, ENCRYPTION, STATE, STEP
from made import LOGIN, OPENING, STORIES, answer, column, part, payload, raised, told, written


def test_tls_without_alpn_is_a_login_where_the_browser_named_the_port():
    live = STORIES / "live-tds8-no-alpn-port-5002.pcapng"
    first = next(packet for packet in rdpcap(str(live)) if TCP in packet)
    text = b"ServerName;SQL20;InstanceName;ORDERS;IsClustered;No;Version;16.0.4105.2;tcp;5002;;"
    sides = {"sport": 1434, "dport": 50999}
    response = Ether(src=first.dst, dst=first.src) / IP(src=first[IP].dst, dst=first[IP].src) / UDP(**sides) / Raw(
        b"\x05" + struct.pack("<H", len(text)) + text)
    response.time = first.time - 1
    path = wireshark.scratch("made") / "both.pcapng"
    wireshark.output("mergecap", "-w", path, written([response]), wireshark.readable(live), bare=True)
    assert set(column(path, "tdsconn.encryption").values()) == {ENCRYPTION.STRICT}


@pytest.mark.parametrize("first", [3, 8], ids=["a piece", "the header alone"])
def test_a_first_packet_in_two_segments_on_any_port(first):
    part_of_login = (STORIES / "diag-login.part").read_text().replace(
        "client PRELOGIN encrypt=off", f"client PRELOGIN encrypt=off send={first}\n0.0031 client REST")
    capture = told("\n".join(line for line in part_of_login.splitlines() if not line.startswith("#")) + "\n",
                   port=50999)
    steps = column(capture, "tdsconn.step")
    assert [steps[frame] for frame in (3, 4, 5, 6)] == [STEP.TCP_HANDSHAKE, *[STEP.DRIVER] * 3]
    assert column(capture, "tdsconn.state")[1] == STATE.LOGGED_IN


@pytest.mark.parametrize("port, word", [(7, b"\x10\x11\x12"), (23, b"\x12"), (1883, b"\x10\x01\x00\x40\x00")],
                         ids=["echo", "telnet", "mqtt"])
def test_another_protocol_that_begins_like_a_header_is_left_alone(port, word):
    opened = list(rdpcap(str(told(OPENING, port=port))))
    first = opened[2].copy() / Raw(word)
    del first[IP].len, first[IP].chksum, first[TCP].chksum
    first.time += 0.001
    reply = answer(first, word)
    second = answer(reply, word + b"abc")
    path = written([*opened, first, reply, second])
    seen, bare = (wireshark.fields(path, "frame.protocols", two_pass=True, bare=bare) for bare in (False, True))
    assert seen == bare


def test_a_conversation_that_was_dropped_is_no_other_attempt():
    capture = told(OPENING)
    opened = list(rdpcap(str(capture)))
    request = answer(answer(opened[2], b""), b"GET / HTTP/1.1\r\nHost: sql\r\n\r\n")
    request[TCP].seq, request[TCP].ack = opened[2][TCP].seq, opened[2][TCP].ack
    again = []
    for packet in opened:
        copy = packet.copy()
        copy[TCP].sport, copy[TCP].dport = (port if port == 1433 else 50002
                                            for port in (packet[TCP].sport, packet[TCP].dport))
        del copy[TCP].chksum
        copy.time += 0.5
        again.append(copy)
    end = again[2].copy()
    end[TCP].flags = "RA"
    end.time += 0.01
    probe = written([*opened, request, *again, end])
    assert raised(probe, "parallel_connect") == []
    assert raised(probe, "probe") != []


def test_layers_are_the_same_in_both_passes_where_a_side_speaks_late():
    """A capture on a port that nobody knows, which begins with a command: the end of an answer, and an answer."""
    packets = list(rdpcap(str(told(LOGIN + """
1.000 client BATCH text="SELECT 1"
1.010 server RESULT column=name rows=A spid=55
""", port=50999))))[11:]
    end = answer(packets[0], b"A" * 60)
    end.time = packets[0].time
    packets[1][TCP].seq += 60
    del packets[1][TCP].chksum
    path = written([packets[0], end, packets[1]])
    one, two = (wireshark.fields(path, "frame.protocols", two_pass=passes) for passes in (False, True))
    assert one == two
    assert [layers.endswith("tds") for layers, in one] == [True, False, True]


@pytest.mark.parametrize("name, first", [("mars-odbc-big-interleaved-noenc", 930), ("zero-window-client-3s", 166)])
def test_rows_with_which_a_capture_begins_do_not_take_the_server_for_the_client(name, first):
    """These begin like the header of an ATTENTION and of an old login."""
    ports = column(part(captures.real(name), f"{first}-9999"), "tdsconn.server.port")
    assert set(ports.values()) == {"1433"}


CLIENT = "client 10.10.10.10:{port} mac=00:15:5d:0a:0a:0a isn={port}0\n"  # of another connection
PORT_CHECK = CLIENT.format(port=50002) + """
5.000 client SYN
5.001 server SYN
5.002 client ACK
5.100 client FIN
5.101 server FIN
"""


def test_a_client_alone_makes_no_port_a_sql_server():
    """A scanner logs in to whatever listens. What is opened there later, without a byte, is nothing to us."""
    scanned = told(OPENING + """
0.003 client LOGIN7 user=scanner password=nothing app=scan
1.800 server RST
""" + PORT_CHECK, port=445)
    assert set(column(scanned, "tdsconn.stream").values()) == {"0"}
    assert len(column(scanned, "tdsconn.stream")) == 5


def test_a_server_that_answered_makes_its_port_one():
    """Only PRELOGIN, and no login. A refused and a probed connection to the same port are told, too."""
    answered = told(OPENING + """
0.003 client PRELOGIN encrypt=off
0.004 server PRELOGIN encrypt=off
0.005 client FIN
0.006 server FIN
""" + PORT_CHECK + CLIENT.format(port=50003) + "6.000 client SYN\n6.001 server RST\n", port=445)
    streams = column(answered, "tdsconn.stream")
    assert [len([frame for frame, one in streams.items() if one == stream]) for stream in "012"] == [7, 5, 2]
    assert raised(answered, "probe") == [11]
    assert raised(answered, "connection_refused") == [14]


@pytest.mark.parametrize("name", ["odbc-kerberos-login-only-tls", "mars-odbc-noenc"])
def test_the_port_of_a_kdc_is_a_port_as_others_are(name):
    packets = list(rdpcap(str(captures.real(name))))
    for packet in packets:
        for side in ("sport", "dport"):
            if TCP in packet and getattr(packet[TCP], side) == 1433:
                setattr(packet[TCP], side, 88)
                del packet[TCP].chksum
    names = [f"tdsconn.{field}" for field in ("message", "step", "auth", "state", "diagnosis")]
    assert column(written(packets), *names) == column(captures.real(name), *names)


SOCKS = [("client", b"\5\1\0"), ("server", b"\5\0"), ("client", b"\5\1\0\3\x0fsql.contoso.com" + struct.pack(">H", 1433)),
         ("server", b"\5\0\0\1\x0a\1\0\x14\x05\x99")]
CONNECT = [("client", b"CONNECT sql.contoso.com:1433 HTTP/1.1\r\nHost: sql.contoso.com:1433\r\n\r\n"),
           ("server", b"HTTP/1.1 200 Connection established\r\n\r\n")]


def behind(words, packets):
    """A conversation of which a proxy's protocol says these words first."""
    opening, rest = packets[:3], packets[3:]
    sent = {"client": 0, "server": 0}
    said = []
    for number, (sender, content) in enumerate(words, 1):
        like = opening[2] if sender == "client" else opening[1]
        packet = Ether(src=like.src, dst=like.dst) / IP(src=like[IP].src, dst=like[IP].dst, id=number) / TCP(
            sport=like[TCP].sport, dport=like[TCP].dport, flags="PA", window=8192,
            seq=(opening[2][TCP].seq if sender == "client" else opening[2][TCP].ack) + sent[sender],
            ack=(opening[2][TCP].ack + sent["server"] if sender == "client" else opening[2][TCP].seq + sent["client"]))
        packet /= Raw(content)
        packet.time = opening[2].time + number / 10**6
        sent[sender] += len(content)
        said.append(packet)
    for packet in rest:
        own, other = ("client", "server") if packet[TCP].sport == opening[0][TCP].sport else ("server", "client")
        packet[TCP].seq += sent[own]
        packet[TCP].ack += sent[other]
        del packet[TCP].chksum
    return written([*opening, *said, *rest])


@pytest.mark.parametrize("port, words", [(1080, SOCKS), (3128, CONNECT)], ids=["SOCKS", "CONNECT"])
@pytest.mark.parametrize("end, close", [("FIN", CLOSE.NORMAL), ("RST", CLOSE.CLIENT_RESET)])
def test_a_connection_through_a_proxy_is_the_one_to_the_proxy(port, words, end, close):
    """Wireshark's dissectors of proxies show what they carry with the port of the target."""
    server_ends = "1.010 server FIN\n1.011 client ACK\n" if end == "FIN" else ""
    capture = behind(words, list(rdpcap(str(told(LOGIN + f"1.000 client {end}\n{server_ends}", port=port)))))
    assert set(column(capture, "tdsconn.server.port").values()) == {str(port)}
    assert set(column(capture, "tdsconn.stream").values()) == {"0"}
    assert set(column(capture, "tdsconn.state").values()) == {STATE.LOGGED_IN}
    assert set(column(capture, "tdsconn.close").values()) == {close}
    assert raised(capture, "one_sided") == []


# Headers of the PROXY protocol, with which a load balancer begins, and of whom each says the bytes are.
V2 = b"\r\n\r\n\0\r\nQUIT\n"
PROXIED = {
    "line": (b"PROXY TCP4 10.0.0.5 10.10.10.20 40001 1433\r\n", "(version 1) of 10.0.0.5"),
    "line of IPv6": (b"PROXY TCP6 2001:db8::5 2001:db8::20 40001 1433\r\n", "(version 1) of 2001:db8::5"),
    "line of nobody": (b"PROXY UNKNOWN\r\n", "(version 1)"),
    "IPv4": (V2 + bytes.fromhex("2111000c 0a000005 0a0a0a14 9c41 0599"), "(version 2) of 10.0.0.5"),
    "IPv6": (V2 + bytes.fromhex("21210024 20010db8000000000000000000000005 20010db8000000000000000000000014 9c41 0599"),
             "(version 2) of 2001:db8::5"),
    "with more": (V2 + bytes.fromhex("2111000f 0a000005 0a0a0a14 9c41 0599 040000"), "(version 2) of 10.0.0.5"),
    "of its own": (V2 + bytes.fromhex("20000000"), "(version 2)"),
}


def apart(header, packets):
    return behind([("client", header)], packets)


def together(header, packets):
    """A conversation in which the client's first segment begins with this header."""
    joined = list(rdpcap(str(apart(header, packets))))
    place = next(k for k, packet in enumerate(joined) if payload(packet) == header)
    first = joined[place]
    first[TCP].payload = Raw(header + payload(joined[place + 1]))
    del first[IP].len, first[IP].chksum, first[TCP].chksum
    return written([*joined[:place + 1], *joined[place + 2:]])


@pytest.mark.parametrize("how", [together, apart])
@pytest.mark.parametrize("port", [1433, 51433])
@pytest.mark.parametrize("kind", PROXIED)
def test_a_proxy_header_that_the_server_does_not_read_is_named(kind, port, how):
    header, of = PROXIED[kind]
    if wireshark.version() >= (4, 4) and port != 1433 and how is apart and "of" in of:
        pytest.skip("Wireshark's own dissector takes this header, and hands us what follows")
    for end, rule in (("0.010 server RST", "prelogin_refused"), ("15.0 client FIN", "prelogin_unanswered")):
        capture = how(header, list(rdpcap(str(told(OPENING + f"0.003 client PRELOGIN encrypt=off\n{end}\n", port=port)))))
        texts = column(capture, f"tdsconn.expert.{rule}", "_ws.expert.message").values()
        assert [f"; a PROXY protocol header {of} stands before it in frame 4: SQL Server does not read it" in text
                for _, text in texts] == [True]


@pytest.mark.parametrize("how", [together, apart])
@pytest.mark.parametrize("kind", PROXIED)
def test_a_proxy_header_that_the_server_reads_is_no_fault(kind, how):
    """A device between may take it away."""
    packets = list(rdpcap(str(told(LOGIN + "1.000 client FIN\n1.010 server FIN\n1.011 client ACK\n"))))
    names = [f"tdsconn.{field}" for field in ("message", "state", "auth", "encryption")]
    plain, capture = written(packets), how(PROXIED[kind][0], packets)
    assert list(column(capture, *names).values()) == list(column(plain, *names).values())
    severities = [list(column(one, "tdsconn.severity").values()) for one in (plain, capture)]
    assert severities[0] == severities[1]


@pytest.mark.parametrize("end", ["FIN", "RST"])
def test_a_proxy_header_alone_is_no_word_of_the_client(end):
    capture = behind([("client", PROXIED["IPv4"][0])], list(rdpcap(str(told(OPENING + f"0.010 server {end}\n")))))
    texts = "".join(column(capture, "_ws.expert.message").values())
    assert "before a word of the client; a PROXY protocol header (version 2) of 10.0.0.5 came in frame 4" in texts


def test_a_proxy_header_before_another_protocol_is_left_alone():
    capture = behind([("client", PROXIED["line"][0] + b"GET / HTTP/1.1\r\n\r\n")], list(rdpcap(str(told(OPENING, port=8081)))))
    assert column(capture, "tdsconn.stream") == {}


# A connection whose end is, or is not, in the capture; another one with the same ports, 5 s later.
BUSY = LOGIN + '1.000 client BATCH text="SELECT 1"\n1.010 server RESULT column=a rows=1 spid=55\n1.050 client ACK\n'
OPEN = BUSY + '2.000 client BATCH text="SELECT 2"\n2.010 server RESULT column=a rows=2 spid=55 send=20 missing\n2.011 server REST\n'
CLOSED = BUSY + "2.000 client FIN\n2.001 server FIN\n2.002 client ACK\n"
AGAIN = """client 10.10.10.10:50001 mac=00:15:5d:0a:0a:0a isn=700000000
server 10.10.10.20:1433 mac=00:15:5d:0a:0a:14 isn=900000000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
include diag-login.part at 5
70.000 client FIN
70.001 server FIN
70.002 client ACK
"""


@pytest.mark.parametrize("port", [1433, 50999])
@pytest.mark.parametrize("former", [CLOSED, OPEN], ids=["closed", "open"])
def test_answers_before_their_syn_are_not_the_former_connection_s(former, port):
    """The server's clock is ahead by 4.5 ms: its SYN-ACK and its answer to PRELOGIN stand before the client's SYN."""
    packets = list(rdpcap(str(told(former + AGAIN.replace("1433", str(port)), port=port))))
    for packet in packets:
        packet.time += (packet[TCP].sport == port) * -0.0045 + 1
    packets.sort(key=lambda packet: packet.time)
    begins = next(number for number, packet in enumerate(packets, 1) if packet[TCP].seq == 700000000)
    capture = written(packets)
    streams = column(capture, "tdsconn.stream")
    assert [streams[begins + apart] for apart in range(-2, 3)] == ["1"] * 5
    assert raised(capture, "joined_midway") == []
    assert not [frame for frame in raised(capture, "capture_gap") if frame > begins - 3]
    assert set(column(capture, "tdsconn.state").values()) == {"3"}  # Logged in


@pytest.mark.parametrize("begun, said", [
    ("0.003 client PRELOGIN encrypt=off\n", "no answer to PRELOGIN in frame 4 until the next use of the client's port, 19.9"),
    ("0.003 client PRELOGIN encrypt=off\n0.004 server PRELOGIN encrypt=off\n0.005 client ACK\n",
     "nothing for 19.9.* to the next use of the client's port"),
])
def test_a_wait_whose_end_is_missing_is_no_longer_than_its_port(begun, said):
    for later, expected in ((5, False), (20, True)):
        again = AGAIN.replace("at 5", f"at {later}")
        path = told(OPENING + begun + again)
        found = [text for (_, _), (severity, text) in findings.texts_of([path])[path].items() if severity == "Error"]
        assert len(found) == expected
        assert not expected or re.search(said, found[0])


@pytest.mark.parametrize("port, words", [(1080, SOCKS), (3128, CONNECT)], ids=["SOCKS", "CONNECT"])
def test_the_words_to_a_proxy_are_no_hole_where_clocks_differ(port, words):
    """The server's clock is ahead, and its answers stand before what they answer: Wireshark's dissector of the proxy is lost."""
    packets = list(rdpcap(str(behind(words, list(rdpcap(str(told(LOGIN + "1.000 client FIN\n1.001 server FIN\n", port=port))))))))
    for packet in packets:
        packet.time += 1 - (packet[TCP].sport == port) * 0.003
    capture = written(sorted(packets, key=lambda packet: packet.time))
    assert column(capture, "tdsconn.expert.capture_gap") == {}
    found = set(column(capture, "tdsconn.state", "tdsconn.auth").values())
    assert found == {("3", "1")} or (not found and wireshark.version() >= (4, 4))  # Logged in, SQL; or nobody sees it
