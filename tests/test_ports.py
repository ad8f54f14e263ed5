# SPDX-License-Identifier: GPL-2.0-or-later
"""Whose the bytes are: SQL Server on any port, and other protocols that look like it."""

import struct

import pytest
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from scapy.utils import rdpcap

import captures
import wireshark
from enums import CLOSE, ENCRYPTION, STATE, STEP
from made import LOGIN, OPENING, STORIES, answer, column, part, raised, told, written


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
