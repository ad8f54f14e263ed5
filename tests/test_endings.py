# SPDX-License-Identifier: GPL-2.0-or-later
"""How a connection ends: FIN and RST, who came first, and of whom an RST is."""

import pytest
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from scapy.utils import rdpcap

import findings
from enums import CLOSE, STATE
from made import HELLO, LOGIN, OPENING, STORIES, column, payload, raised, tds_packet, told, written


def test_a_reset_counts_whatever_the_sequence_number_is_by_now():
    """From the ISN on, numbers are 2 GiB behind it after a while: they come round."""
    packets = list(rdpcap(str(told(LOGIN + """
1.000 client BATCH text="SELECT 1"
1.010 server RESULT column=name rows=A spid=55
2.000 client BATCH text="SELECT 1"
2.010 server RESULT column=name rows=A spid=55
3.000 server RST
"""))))
    for packet in packets:
        jumps = 1_200_000_000 * ((packet.time - packets[0].time > 1) + (packet.time - packets[0].time > 2))
        of_server = packet[TCP].sport == 1433
        packet[TCP].seq = (packet[TCP].seq + jumps * of_server) % 2**32
        packet[TCP].ack = (packet[TCP].ack + jumps * (not of_server)) % 2**32
        del packet[TCP].chksum
    assert set(column(written(packets), "tdsconn.close").values()) == {CLOSE.SERVER_RESET}


@pytest.mark.parametrize("server", ["", " missing"], ids=["both", "the server's side alone"])
def test_a_fin_that_was_acknowledged_came_first(server):
    text = LOGIN + """
1.000 client BATCH text="SELECT 1"
1.001 server RESULT column=name rows=A spid=55
2.000 client FIN missing
2.001 server FIN
2.002 client ACK
"""
    packets = [packet for packet in rdpcap(str(told(text))) if not server or packet[TCP].sport == 1433]
    assert set(column(written(packets), "tdsconn.close").values()) == {CLOSE.NORMAL}


def test_a_byte_that_was_acknowledged_is_no_fin():
    """It is one number, too: but then the FIN stands behind it."""
    capture = told(LOGIN + """
1.000 client BATCH text="SELECT 1" send=45
1.001 client REST missing
1.002 server FIN
1.003 client FIN
1.004 server ACK
""")
    assert set(column(capture, "tdsconn.close").values()) == {CLOSE.SERVER_FIRST}


def test_a_reset_after_the_close_is_one_whatever_its_ttl():
    capture = told(LOGIN + """
1.000 client FIN
1.001 server FIN
1.002 client ACK
1.003 client RST ttl=50
""")
    assert set(column(capture, "tdsconn.close").values()) == {CLOSE.RESET_AFTER_CLOSE}


@pytest.mark.parametrize("syn, reset, close, told_as", [
    ("SYN ttl=52", "RST flags=R ttl=64", CLOSE.CLIENT_RESET,
     "RST on the SYN-ACK, with TTL 64 where the SYN has 52: a port scan, or a device between lets no connection come about"),
    ("SYN", "RST flags=R", CLOSE.CLIENT_RESET, "RST on the SYN-ACK: a port scan, or a client whose time was up"),
    ("SYN", "RST ttl=64", CLOSE.DEVICE_RESET, None),  # that is no answer to a SYN-ACK that was not asked for
])
def test_who_scans_ports_makes_syns_that_its_host_does_not_know(syn, reset, close, told_as):
    """nmap gives them a TTL of its own, and the host's TCP answers the SYN-ACK."""
    capture = told(f"0.000 client {syn}\n0.001 server SYN\n0.002 client {reset}\n")
    assert set(column(capture, "tdsconn.close").values()) == {close}
    assert [text for _, _, rule, text in findings.told({capture: [3]})[capture] if rule == "probe"] == [told_as] * bool(told_as)
    assert raised(capture, "reset_by_device") == [3] * (told_as is None)


def test_a_client_that_answers_the_syn_ack_got_it():
    """The way back is slow: what the server sends again and again arrives, when the client's time is up."""
    capture = told("0.000 client SYN\n0.001 server SYN\n1.010 server AGAIN\n3.010 server AGAIN\n4.000 client RST flags=R\n")
    assert raised(capture, "no_syn_answer") == []
    assert [text for _, _, rule, text in findings.told({capture: [5]})[capture] if rule == "probe"] == [
        "RST on the SYN-ACK, 4.000 s after the SYN: the client's time was up, or it forgot the SYN"]


def test_an_rst_of_a_connection_that_was_closed_before_blames_nobody():
    """The server sends its certificate again to a client that has gone, and the capture begins with that."""
    packets = rdpcap(str(told(HELLO + "0.007 server SERVER_HELLO\n0.008 client RST flags=R\n")))
    capture = written(packets[-2:])
    assert set(column(capture, "tdsconn.close").values()) == {CLOSE.CLIENT_RESET}
    assert [rule for _, grave, rule, _ in findings.told({capture: [2]})[capture] if grave in ("Warning", "Error")] == []


def test_a_proxy_that_answered_the_syn_does_not_make_a_reset_foreign():
    capture = told((STORIES / "diag-login.part").read_text().replace("server SYN", "server SYN ttl=64") + """
1.000 client BATCH text="SELECT 1"
2.000 server RST
""")
    assert set(column(capture, "tdsconn.close").values()) == {CLOSE.SERVER_RESET}
    assert raised(capture, "reset_by_device") == []


def test_the_first_word_of_a_client_may_be_a_part_of_a_message():
    """A server's FIN comes then so long behind that part, not behind the beginning of the capture."""
    syn, syn_ack, ack, login, fin = list(rdpcap(str(told(OPENING + """
0.003 client LOGIN7 user=orders password=secret app=Orders send=100
0.503 server FIN
"""))))
    first_packet = tds_packet(0x10, 0, payload(login)[8:])
    login = Ether(bytes(login)[:-len(payload(login))] + first_packet)
    login.time, other = fin.time - 0.5, Ether() / IP(dst="10.10.10.20") / UDP() / Raw(b"earlier")
    other.time = syn.time - 100
    said = column(written([other, syn, syn_ack, ack, login, fin]), "tdsconn.expert.server_closed_first",
                  "_ws.expert.message")
    assert [text[text.index("the server"):] for _, text in said.values()] == \
        ["the server closes first, 0.500 s after the client's last word, while the client owed the rest of its message"]


def server_alone(at_end):
    """What a server sends that acknowledges 52 bytes of a client that is not in the capture, and closes."""
    cable = Ether(src="00:15:5d:0a:0a:14", dst="00:15:5d:0a:0a:0a") / IP(src="10.10.10.20", dst="10.10.10.10")
    packets = [cable / TCP(sport=1433, dport=50001, flags=flags, seq=seq, ack=ack, window=8192)
               for flags, seq, ack in (("SA", 1000, 501), ("A", 1001, 553), at_end)]
    for number, packet in enumerate(packets):
        packet.time = 1_700_000_000 + number
    return written(packets)


def test_a_server_that_closes_without_a_byte_answered_no_login():
    silent = server_alone(("FA", 1001, 554))
    assert set(column(silent, "tdsconn.state").values()) == {STATE.LOGIN_UNFINISHED}
    assert raised(silent, "one_sided") == [3]
    lacking = server_alone(("FA", 1101, 554))  # 100 bytes of it are not in the capture
    assert set(column(lacking, "tdsconn.state").values()) == {STATE.LOGGING_IN}


@pytest.mark.parametrize("story, title", [
    ("1.000 client BATCH text=\"SELECT 1\"\n1.001 client ACK\n1.010 server RESULT column=name rows=A spid=55\n"
     "400.000 client BATCH text=\"SELECT 1\"\n400.001 server RST", "Reset after a long silence"),
    ("1.000 client BATCH text=\"SELECT 1\"\n1.200 server RST", "Server closed on a request without an error"),
    ("1.000 client BATCH text=\"SELECT 1\"\n1.010 server RESULT column=name rows=A spid=55\n1.200 server RST",
     "Reset by the server"),
])
def test_the_column_has_the_rule_that_says_why_before_the_one_that_says_who(story, title):
    last = list(column(told(f"{LOGIN}\n{story}\n"), "tdsconn.diagnosis").values())[-1]
    assert last.partition(":")[0] == title


def last_words(number, severity, end):
    """A server that says this to a client that has nothing open, or a request."""
    return LOGIN + f"""
1.000 client BATCH text="SELECT 1"
1.050 server ACK
5.000 server SQL_ERROR server=SQL20 number={number} severity={severity} text="SHUTDOWN is in progress." spid=55
{end}
"""


@pytest.mark.parametrize("number, severity, end, rule, words", [
    (6005, 10, "5.001 server FIN", "server_closed_first",
     "the server's last word was message 6005 (the server is shutting down) in frame 14: the server closes first"),
    (6005, 14, "5.001 server FIN", "server_closed_first",
     "the server's last word was error 6005 (the server is shutting down) in frame 14: the server closes first"),
    (6002, 0, "5.001 server RST", "reset_by_server",
     "the server's last word was message 6002 (the server is shutting down) in frame 14: the server resets the connection"),
    (6006, 10, "45.001 server FIN", "server_closed_first",
     "the server's last word was message 6006 (somebody shut the server down) in frame 14: the server closes first"),
    (8153, 10, "5.001 server FIN", "server_closed_first", "the server closes first"),
])
def test_a_server_that_says_that_it_ends_is_heard(number, severity, end, rule, words):
    """Whether as INFO or as ERROR; other INFO does not end a connection."""
    capture = told(last_words(number, severity, end))
    text, = (text for _, _, found, text in findings.told({capture: [15]})[capture] if found == rule)
    assert text.startswith(words)


def test_a_shutdown_that_was_announced_is_why_connections_end_together():
    heads = ["", *(f"\nclient 10.10.10.10:5000{n} mac=00:15:5d:0a:0a:0a isn={n}000000\n" for n in (2, 3))]
    capture = told("".join(head + last_words(6005, 10, f"5.00{n + 1} server FIN") for n, head in enumerate(heads)))
    text, = (text for (_, rule), (severity, text) in findings.texts_of([capture])[capture].items()
             if rule == "ended_together" and severity == "Warning")
    assert text.endswith(": the server is shutting down, says its message 6005 in frame 40")
