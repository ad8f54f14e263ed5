# SPDX-License-Identifier: GPL-2.0-or-later
"""Small conversations made on the spot, each with one thing that the captures here have not: what was misread once."""

import json
import struct
import sys

import pytest

import captures
import wireshark

sys.path.insert(0, str(wireshark.ROOT / "tests" / "story"))

import make  # noqa: E402
import tds  # noqa: E402
from scapy.layers.inet import ICMP, IP, TCP, UDP  # noqa: E402
from scapy.layers.l2 import Ether  # noqa: E402
from scapy.packet import Raw  # noqa: E402
from scapy.utils import rdpcap, wrpcap  # noqa: E402

STORIES = wireshark.CAPTURES / "story"
SIDES = """start  2025-03-03 09:00:00
client 10.10.10.10:50001 mac=00:15:5d:0a:0a:0a isn=1000000
server 10.10.10.20:{port} mac=00:15:5d:0a:0a:14 isn=1500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
"""
# A login of 11 frames, at 0.
LOGIN = "include diag-login.part at 0\n"
ROWS = "column=name rows=" + ",".join(letter * 30 for letter in "ABC")


def told(text, port=1433):
    """The capture of a story."""
    place = wireshark.scratch("corner")
    for beside in [*STORIES.glob("*.part"), *STORIES.glob("*.hex")]:
        (place / beside.name).write_bytes(beside.read_bytes())
    story = place / "corner.story"
    story.write_text(SIDES.format(port=port) + text)
    return make.make(story)


def part(capture, frames, *args):
    """Some frames of a capture."""
    path = wireshark.scratch("part") / capture.name
    wireshark.output("editcap", "-r", *args, wireshark.readable(capture), path, *frames.split(), bare=True)
    return path


def written(packets):
    path = wireshark.scratch("corner") / "corner.pcap"
    wrpcap(str(path), packets)
    return path


def column(capture, *names, **how):
    """{frame: values}, of the frames that have the first of these fields."""
    rows = wireshark.fields(capture, "frame.number", *names, two_pass=True, **how)
    return {int(frame): values[0] if len(names) == 1 else tuple(values) for frame, *values in rows if values[0]}


def raised(capture, rule, **how):
    """The frames of SQL Server connections, of which there are some, in which a rule is raised."""
    told = column(capture, "tdsconn.stream", f"tdsconn.expert.{rule}", **how)
    assert told
    return sorted(frame for frame, (_, fault) in told.items() if fault)


def payload(packet):
    """What TCP carries, without Ethernet's padding."""
    packet = Ether(bytes(packet))
    return bytes(packet[TCP].payload)[:packet[IP].len - packet[IP].ihl * 4 - packet[TCP].dataofs * 4]


def answer(to, content, ack=None):
    """A segment of the server, after one of the client that it acknowledges."""
    reply = Ether(src=to.dst, dst=to.src) / IP(src=to[IP].dst, dst=to[IP].src) / TCP(
        sport=to[TCP].dport, dport=to[TCP].sport, flags="PA", seq=to[TCP].ack, ack=to[TCP].seq + len(payload(to)),
        window=8192) / Raw(content)
    reply.time = to.time + 0.01
    return reply


def test_an_encrypted_login_that_went_on_has_no_request_open():
    """That it succeeded follows from what came later; which frame confirmed it does not."""
    capture = part(captures.real("ntlm-odbc-full-tls"), "1-37")
    assert column(capture, "tdsconn.state")[1] == "3"
    assert raised(capture, "open_at_end") == []


def test_bytes_with_which_a_capture_begins_do_not_hide_the_packets_behind_them():
    capture = part(told(LOGIN + f"""
1.000 client BATCH text="SELECT 1"
1.010 server RESULT {ROWS} spid=55 send=60
1.011 server REST send=60
1.012 server REST
1.900 client ACK
2.010 server RESULT column=name rows=B spid=55
3.000 client BATCH text="SELECT 3"
3.010 server RESULT column=name rows=B spid=55
"""), "14-99")
    assert column(capture, "tdsconn.message") == {4: "55", 5: "50", 6: "55"}
    assert raised(capture, "open_at_end") == []


def test_a_packet_with_a_hole_in_it_does_not_begin_the_next_one():
    capture = told(LOGIN + f"""
1.000 client BATCH text="SELECT 1"
1.010 server RESULT {ROWS} spid=55 send=60
1.011 server REST send=60 missing
1.012 server REST
2.000 client BATCH text="SELECT 2"
2.010 server RESULT column=name rows=B spid=55
3.000 client FIN
3.010 server FIN
""")
    times = column(capture, "tdsconn.response_time", "tdsconn.request_in")
    assert times[16] == ("0.010000000", "15")
    assert all(float(time) >= 0 for time, _ in times.values())


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
    assert set(column(written(packets), "tdsconn.close").values()) == {"4"}


def test_a_version_that_was_cut_off_is_not_0():
    versions = column(part(captures.real("ft-sql-noenc"), "7-40", "-s", "370"), "tdsconn.stream", "tdsconn.server.version")
    assert versions and "0.0.0" not in {version for _, version in versions.values()}


# Before TDS 7.0 texts have a byte a character, a line number has two, and DONE is short.

def old_done(status=0):
    return b"\xfd" + struct.pack("<HHI", status, 0, 0)


def old_token(kind, body):
    return bytes([kind]) + struct.pack("<H", len(body)) + body


OLD_LOGINACK = old_token(0xAD, b"\x05\x04\x02\x00\x00\x0aSQL Server\x04\x02\x00\x00")
OLD_ERROR = old_token(0xAA, struct.pack("<iBBH", 18456, 1, 14, 17) + b"Login failed: sa." + b"\x05SQL20\x00" +
                      struct.pack("<H", 7))


def old_login(tokens):
    """A login of TDS 4.2 that a server answers with these tokens."""
    packets = list(rdpcap(str(captures.real("ft-tds4.2-login-no-reply-timeout"))))
    last = max(place for place, packet in enumerate(packets) if payload(packet))
    response = struct.pack(">BBHHBB", 4, 1, 8 + len(tokens), 52, 1, 0) + tokens
    return written([*packets[:last + 1], answer(packets[last], response)])


@pytest.mark.parametrize("tokens", [OLD_LOGINACK + old_done(), old_done(1) + OLD_LOGINACK + old_done()],
                         ids=["at once", "behind a DONE"])
def test_an_old_login_is_confirmed(tokens):
    assert set(column(old_login(tokens), "tdsconn.state").values()) == {"3"}


def test_an_old_login_is_refused_in_its_own_letters():
    capture = old_login(OLD_ERROR + old_done(2))
    said = column(capture, "tdsconn.error.number", "tdsconn.error.message", "tdsconn.error.server", "tdsconn.error.line")
    assert list(said.values()) == [("18456", "Login failed: sa.", "SQL20", "7")]
    assert set(column(capture, "tdsconn.state").values()) == {"4"}


def test_the_end_of_a_response_whose_beginning_is_lost_is_not_read_as_its_beginning():
    """Bytes of a row may look like an ERROR."""
    packets = list(rdpcap(str(told(LOGIN + """
1.000 client BATCH text="SELECT 1"
"""))))[11:]
    content = tds.message("7.4", 50000, 1, 16, "bytes of a row", "SQL20") + b"\xd1row" + tds.done("7.4")
    capture = written([*packets, answer(packets[0], tds.packet(tds.RESPONSE, content, spid=55, packet_id=2))])
    assert column(capture, "tdsconn.message") == {1: "50", 2: "55"}
    assert column(capture, "tdsconn.error.number") == {}


def test_an_error_behind_rows_is_read():
    """Rows are not walked: the tokens that lead to the end of the response are found from there."""
    packets = list(rdpcap(str(told(LOGIN + """
1.000 client BATCH text="SELECT 1"
"""))))
    rows = tds.result_set("7.4", "name", ["\u00aa\u0014\u00aa"] * 50)
    rows = rows[:len(rows) - len(tds.done("7.4"))]
    content = rows + tds.message("7.4", 1205, 13, 13, "deadlocked", "SQL20", 7) + tds.done("7.4", tds.DONE_ERROR)
    capture = written([*packets, answer(packets[-1], tds.packet(tds.RESPONSE, content, spid=55))])
    said = column(capture, "tdsconn.error.number", "tdsconn.error.class", "tdsconn.error.message", "tdsconn.error.line")
    assert said == {13: ("1205", "13", "deadlocked", "7")}
    assert raised(capture, "sql_error") == [13]


def test_a_command_may_fail_without_a_word():
    capture = told(LOGIN + """
1.000 client BATCH text="SELECT 1"
1.001 server SQL_ERROR server=SQL20 number=1 text="" spid=55 said=no
""")
    assert column(capture, "tdsconn.message")[13] == "58"
    assert raised(capture, "sql_error") == []


def test_a_ticket_for_another_server_is_not_the_ticket_of_this_login():
    packets = list(rdpcap(str(captures.real("odbc-kerberos-noenc"))))
    before = column(captures.real("odbc-kerberos-noenc"), "tdsconn.kerberos.kdc_frame")
    granted = int(set(before.values()).pop())
    other = packets[granted - 1].copy()
    place = bytes(other).index(b"MSSQLSvc")
    changed = bytearray(bytes(other))
    name = changed.index(b"sql", place + 8)
    changed[name:name + 3] = b"srv"
    other = Ether(bytes(changed))
    other.time = packets[granted - 1].time
    for layer in (UDP, TCP):
        if layer in other:
            del other[layer].chksum
    packets.insert(granted, other)
    after = column(written(packets), "tdsconn.kerberos.kdc_frame")
    assert set(after.values()) == {str(granted)}


def test_tls_without_alpn_is_a_login_where_the_browser_named_the_port():
    live = STORIES / "live-tds8-no-alpn-port-5002.pcapng"
    first = next(packet for packet in rdpcap(str(live)) if TCP in packet)
    text = b"ServerName;SQL20;InstanceName;ORDERS;IsClustered;No;Version;16.0.4105.2;tcp;5002;;"
    sides = {"sport": 1434, "dport": 50999}
    response = Ether(src=first.dst, dst=first.src) / IP(src=first[IP].dst, dst=first[IP].src) / UDP(**sides) / Raw(
        b"\x05" + struct.pack("<H", len(text)) + text)
    response.time = first.time - 1
    path = wireshark.scratch("corner") / "both.pcapng"
    wireshark.output("mergecap", "-w", path, written([response]), wireshark.readable(live), bare=True)
    assert set(column(path, "tdsconn.encryption").values()) == {"4"}


@pytest.mark.parametrize("first", [3, 8], ids=["a piece", "the header alone"])
def test_a_first_packet_in_two_segments_on_any_port(first):
    part_of_login = (STORIES / "diag-login.part").read_text().replace(
        "client PRELOGIN encrypt=off", f"client PRELOGIN encrypt=off send={first}\n0.0031 client REST")
    capture = told("\n".join(line for line in part_of_login.splitlines() if not line.startswith("#")) + "\n",
                   port=50999)
    steps = column(capture, "tdsconn.step")
    assert [steps[frame] for frame in (3, 4, 5, 6)] == ["1", "2", "2", "2"]
    assert column(capture, "tdsconn.state")[1] == "3"


@pytest.mark.parametrize("port, word", [(7, b"\x10\x11\x12"), (23, b"\x12"), (1883, b"\x10\x01\x00\x40\x00")],
                         ids=["echo", "telnet", "mqtt"])
def test_another_protocol_that_begins_like_a_header_is_left_alone(port, word):
    opened = list(rdpcap(str(told("0.000 client SYN\n0.001 server SYN\n0.002 client ACK\n", port=port))))
    first = opened[2].copy() / Raw(word)
    del first[IP].len, first[IP].chksum, first[TCP].chksum
    first.time += 0.001
    reply = answer(first, word)
    second = answer(reply, word + b"abc")
    path = written([*opened, first, reply, second])
    seen, bare = (wireshark.fields(path, "frame.protocols", two_pass=True, bare=bare) for bare in (False, True))
    assert seen == bare


def test_a_conversation_that_was_dropped_is_no_other_attempt():
    capture = told("""
0.000 client SYN
0.001 server SYN
0.002 client ACK
""")
    opened = list(rdpcap(str(capture)))
    request = answer(answer(opened[2], b""), b"GET / HTTP/1.1\r\nHost: sql\r\n\r\n")
    request[TCP].seq, request[TCP].ack = opened[2][TCP].seq, opened[2][TCP].ack
    again = []
    for packet in opened:
        copy = packet.copy()
        copy[TCP].sport, copy[TCP].dport = (port if port == 1433 else 50002 for port in (packet[TCP].sport, packet[TCP].dport))
        del copy[TCP].chksum
        copy.time += 0.5
        again.append(copy)
    end = again[2].copy()
    end[TCP].flags = "RA"
    end.time += 0.01
    probe = written([*opened, request, *again, end])
    assert raised(probe, "parallel_connect") == []
    assert raised(probe, "probe") != []


def test_records_that_share_a_segment_are_mended_one_by_one():
    """An AP-REP, which 4.0 misreads, and the LOGINACK behind it."""
    packets = list(rdpcap(str(captures.real("odbc-kerberos-full-tls"))))
    first, second = packets[16:18]
    joined = first.copy()
    joined[TCP].remove_payload()
    joined = joined / Raw(payload(first) + payload(second))
    del joined[IP].len, joined[IP].chksum, joined[TCP].chksum
    joined.time = second.time
    packets[16:18] = [joined]
    names = column(written(packets), "tds.loginack.progname", keys=wireshark.keys_of(captures.real("odbc-kerberos-full-tls")))
    assert list(names) == [17]


def test_an_unanswered_prelogin_inside_of_tls_is_named_by_its_own_frame():
    live = STORIES / "live-tds8-alpn-port-5001.pcapng"
    packets = [packet for packet in rdpcap(str(part(live, "1-8")))]
    end = answer(packets[-1], b"")
    end[TCP].flags = "FA"
    end.time = packets[-1].time + 3
    shown = wireshark.fields(written([*packets, end]), "_ws.expert.message", two_pass=True)
    assert [text for text, in shown if "PRELOGIN in frame" in text] != []
    assert "PRELOGIN in frame 8" in " ".join(text for text, in shown)


def test_a_name_that_is_no_utf_8_leaves_json_readable():
    text = b"ServerName;SQL20;InstanceName;M\xdcNCHEN;IsClustered;No;Version;16.0.4105.2;tcp;5002;;"
    packet = Ether() / IP(src="10.10.10.20", dst="10.10.10.10") / UDP(sport=1434, dport=50999) / Raw(
        b"\x05" + struct.pack("<H", len(text)) + text)
    shown = wireshark.output("tshark", "-r", written([packet]), "-T", "json", "-e", "ssrp.name")
    assert "\N{REPLACEMENT CHARACTER}" in json.loads(shown)[0]["_source"]["layers"]["ssrp.name"][0]


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


def test_a_login_that_was_confirmed_in_clear_is_not_concluded_to_be_refused():
    capture = told("""
include diag-tls.part at 0
0.009 client ENCRYPTED_LOGIN7 host=APP10 user=orders app="Order entry" server=sql.contoso.com library=ODBC database=Orders
0.010 server SEALED size=60
0.012 server LOGINACK server=SQL20 database=Orders spid=55
0.100 server FIN
0.101 client FIN
""")
    assert raised(capture, "login_probably_refused") == []
    assert set(column(capture, "tdsconn.state").values()) == {"3"}


# What TCP and the capture do.

def thrice(capture):
    """As three capture points at once would have it."""
    copies = []
    for packet in rdpcap(str(capture)):
        for place in range(3):
            copy = packet.copy()
            copy.time = packet.time + place * 0.00002
            copies.append(copy)
    return written(copies)


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
    assert [messages.count(one) for one in ("50", "55", "40")] == [1, 1, 1]
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
    assert list(column(capture, "tdsconn.message").values()).count("50") == 1
    assert raised(capture, "killed") == []


def test_the_same_segments_once_more_are_no_segment_five_times_more():
    packets = list(rdpcap(str(told(LOGIN + "".join(
        f'1.{number}00 client BATCH text="SELECT {number}"\n' for number in range(1, 9)) + "1.900 client RST\n"))))
    again = [packet.copy() for packet in packets[-9:-1]]
    for number, packet in enumerate(again):
        packet.time = packets[-2].time + 0.001 * (number + 1)
    assert raised(written([*packets[:-1], *again, packets[-1]]), "retransmission_timeout") == []


def test_keep_alives_are_answered_where_the_answers_are_not_captured():
    probes = "".join(f"{30 * number}.000 client KEEP_ALIVE\n" for number in range(1, 8))
    packets = [packet for packet in rdpcap(str(told(LOGIN + probes))) if packet[TCP].dport == 1433]
    assert raised(written(packets), "keep_alive_timeout") == []


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
    assert set(column(written(packets), "tdsconn.close").values()) == {"1"}


def test_encryption_is_known_though_the_server_hello_is_not():
    capture = captures.real("ft-sql-full-tls")
    hello = next(frame for frame, message in column(capture, "tdsconn.message").items() if "13" in message.split(","))
    assert set(column(part_without(capture, hello), "tdsconn.encryption").values()) == {"3"}


def test_a_byte_that_was_acknowledged_is_no_fin():
    """It is one number, too: but then the FIN stands behind it."""
    capture = told(LOGIN + """
1.000 client BATCH text="SELECT 1" send=45
1.001 client REST missing
1.002 server FIN
1.003 client FIN
1.004 server ACK
""")
    assert set(column(capture, "tdsconn.close").values()) == {"2"}


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
    assert ",".join(rows).split(",").count("50") == many


@pytest.mark.parametrize("name, encryption", [("ft-sql-full-tls", "3"), ("odbc-kerberos-login-only-tls", "2")])
def test_encryption_shows_where_prelogin_does_not(name, encryption):
    """The server's answer to an encrypted login is encrypted, too, or it is not."""
    capture = captures.real(name)
    first = min(frame for frame, message in column(capture, "tdsconn.message").items() if "12" in message.split(","))
    values = column(part(capture, f"{first}-9999"), "tdsconn.encryption")
    assert set(values.values()) == {encryption}


def part_without(capture, frame):
    path = wireshark.scratch("part") / capture.name
    wireshark.output("editcap", wireshark.readable(capture), path, str(frame), bare=True)
    return path


@pytest.mark.parametrize("snap", [60, 66, 68, 70, 72, 76, 80])
def test_a_short_snap_length_does_not_lose_a_connection(snap):
    capture = part(captures.real("ft-sql-noenc"), "1-9999", "-s", f"{snap}")
    connected = {frame for frame, protocols in column(capture, "frame.protocols").items() if ":tcp" in protocols}
    assert connected and connected == set(column(capture, "tdsconn.stream"))
    assert set(column(capture, "tdsconn.auth.why").values()) != {"no login was sent in this capture"}


@pytest.mark.parametrize("frames, snap", [
    ("1 3-4 7-8 10 12", 9999),  # what the client sent
    ("1-3 10-12", 9999), ("1-8 10-12", 9999),  # segments are missing
    ("1-12", 66), ("1-12", 67),  # not one message has been kept
])
def test_a_login_whose_answer_is_not_in_the_capture_is_not_called_unfinished(frames, snap):
    """This one was refused: with what is left, nobody knows."""
    capture = part(captures.real("ft-badpw-noenc"), frames, "-s", f"{snap}")
    states = column(capture, "tdsconn.state", "tdsconn.summary")
    assert {state for state, _ in states.values()} == {"2"}
    assert [told for _, told in states.values() if told][0].startswith(("Login of unknown outcome", "SQL login of unknown"))


def test_a_login_that_ends_where_all_is_in_the_capture_is_unfinished():
    capture = part(captures.real("ft-badpw-noenc"), "1-7")
    packets = list(rdpcap(str(capture)))
    end = answer(packets[5], b"")
    end[TCP].flags = "FA"
    assert set(column(written([*packets, end]), "tdsconn.state").values()) == {"6"}


def test_what_an_icmp_error_quotes_was_sent_once():
    """Versions that look into the quote hand its bytes on."""
    packets = list(rdpcap(str(captures.real("ft-sql-noenc"))))
    login = next(packet for packet in packets if payload(packet)[:1] == b"\x10")
    quote = Ether(src=login.dst, dst=login.src) / IP(src="10.10.10.1", dst=login[IP].src) / ICMP(type=3, code=4) / Raw(bytes(login[IP]))
    quote.time = login.time + 0.000001
    place = packets.index(login) + 1
    capture = written(packets[:place] + [quote] + packets[place:])
    names = ("tdsconn.message", "tdsconn.progress", "tdsconn.state")
    quoted = wireshark.fields(capture, *names, two_pass=True)
    assert quoted.pop(place) == ("", "", "")
    assert quoted == wireshark.fields(captures.real("ft-sql-noenc"), *names, two_pass=True)


def test_a_time_reference_changes_no_duration():
    capture = wireshark.CAPTURES / "story" / "ssrp-healthy.pcapng"
    columns = {"column0": "ssrp.time:1"}
    plain, referenced = ([frame["c"] for frame in frames] for frames in wireshark.sharkd(
        capture, ("frames", columns), ("frames", {**columns, "refs": "36"})))
    assert plain[35] != [""] and referenced == plain


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


def test_sql_browser_on_another_port():
    packets = list(rdpcap(str(wireshark.CAPTURES / "story" / "ssrp-healthy.pcapng")))
    for packet in (packet for packet in packets if UDP in packet):
        for port in ("sport", "dport"):
            setattr(packet[UDP], port, 11434 if getattr(packet[UDP], port) == 1434 else getattr(packet[UDP], port))
        del packet[UDP].chksum
    moved = wireshark.tshark(written(packets), "-2", "-d", "udp.port==11434,ssrp", "-T", "fields",
                             "-e", "ssrp.request_in", "-e", "ssrp.tcp_port", "-e", "tdsconn.expert.browser_unanswered")
    assert moved == wireshark.tshark(wireshark.CAPTURES / "story" / "ssrp-healthy.pcapng", "-2", "-T", "fields",
                                     "-e", "ssrp.request_in", "-e", "ssrp.tcp_port", "-e", "tdsconn.expert.browser_unanswered")
    assert any(row.strip() for row in moved)


# Rows that look like something else.

@pytest.mark.parametrize("name, first", [("mars-odbc-big-interleaved-noenc", 930), ("zero-window-client-3s", 166)])
def test_rows_with_which_a_capture_begins_do_not_take_the_server_for_the_client(name, first):
    """These begin like the header of an ATTENTION and of an old login."""
    ports = column(part(captures.real(name), f"{first}-9999"), "tdsconn.server.port")
    assert set(ports.values()) == {"1433"}


@pytest.mark.parametrize("options, snap", [((), 96), (("-o", "tcp.desegment_tcp_streams:FALSE"), 9999)])
def test_what_a_unit_holds_is_no_packet_where_tcp_does_not_put_it_together(options, snap):
    """Frame 146 begins like the header of a response of SPID 200."""
    capture = part(captures.real("mars-odbc-big-interleaved-noenc"), "1-9999", "-s", f"{snap}")
    rows = wireshark.tshark(capture, *options, "-T", "fields", "-e", "tdsconn.message", "-e", "tdsconn.spid")
    assert [row.split("\t")[0] for row in rows[144:148]] == ["63", "", "", "63"]
    assert {row.split("\t")[1] for row in rows} == {""}


# Resets.

def test_a_reset_after_the_close_is_one_whatever_its_ttl():
    capture = told(LOGIN + """
1.000 client FIN
1.001 server FIN
1.002 client ACK
1.003 client RST ttl=50
""")
    assert set(column(capture, "tdsconn.close").values()) == {"5"}


def test_a_proxy_that_answered_the_syn_does_not_make_a_reset_foreign():
    capture = told((STORIES / "diag-login.part").read_text().replace("server SYN", "server SYN ttl=64") + """
1.000 client BATCH text="SELECT 1"
2.000 server RST
""")
    assert set(column(capture, "tdsconn.close").values()) == {"4"}
    assert raised(capture, "reset_by_device") == []


# Tickets.

KDC = "kdc    10.10.10.5:88 mac=00:15:5d:0a:0a:05\n"
WENT_ON = "0.013 server LOGINACK server=SQL20 database=Orders spid=55\n0.100 client FIN\n0.101 server FIN\n"
KERBEROS_RULES = ("spn_unknown", "spn_duplicate", "kerberos_error", "ntlm_after_kerberos_failure")


@pytest.mark.parametrize("error, spn, login", [
    (7, "MSSQLSvc/other.contoso.com:1433", "include diag-ntlm.part at 0\n" + WENT_ON),  # NTLM names its own
    (7, "MSSQLSvc/other.contoso.com:1433", LOGIN + "0.100 client FIN\n"),  # and a password needs none
    (52, "MSSQLSvc/sql.contoso.com:1433", "include diag-ntlm.part at 0\n" + WENT_ON),  # the same again over TCP
], ids=["another server's", "a password", "too big for UDP"])
def test_what_a_kdc_says_of_something_else_is_not_told(error, spn, login):
    capture = told(KDC + f"0.0001 kdc KRB_ERROR error={error} spn={spn} realm=CONTOSO.COM\n" + login)
    assert {rule: raised(capture, rule) for rule in KERBEROS_RULES} == dict.fromkeys(KERBEROS_RULES, [])


# Logins.

def test_18452_of_an_old_server_may_be_a_password():
    text = """
include diag-tls.part at 0
0.009 client ENCRYPTED_LOGIN7 host=APP10 user=orders app="Order entry" server=sql.contoso.com library=ODBC database=Orders
0.010 server LOGIN_ERROR server=SQL5 number=18452 text="Not associated with a trusted SQL Server connection."
"""
    for product, auth in (("9.0.5000", "0"), ("16.0.4105", "5")):
        capture = told(text.replace("include", f"scene tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product={product}\ninclude"))
        assert set(column(capture, "tdsconn.auth").values()) == {auth}, product


def test_who_said_goodbye_in_tls_closed_first():
    capture = told("""
include diag-tls.part at 0
0.100 client ALERT level=1 alert=0
0.101 server FIN
0.102 client FIN
""")
    assert raised(capture, "server_closed_first") == []


def test_a_redirect_does_not_lead_back_to_the_server_that_sends_it():
    login = (STORIES / "diag-login.part").read_text()
    other = SIDES.format(port=1433).replace("50001", "50002").split("\n", 1)[1]
    target = SIDES.format(port=1433).replace("50001", "50003").replace("10.10.10.20", "10.10.10.77").split("\n", 1)[1]
    capture = told(login.replace("spid=55", "spid=55 routing=node2.contoso.com:1433") + "0.100 client FIN\n0.101 server FIN\n" +
                   other + "include diag-login.part at 1\n" + target + "include diag-login.part at 2\n")
    assert set(column(capture, "tdsconn.routing.stream").values()) == {"2"}


def tls_1_3_refused(record):
    """TDS 8.0 in TLS 1.3, up to the server's certificate; then this record of the client, and its FIN."""
    live = STORIES / "live-tds8-alpn-port-5001.pcapng"
    packets = [packet for packet in rdpcap(str(live)) if TCP in packet]
    flight = next(place for place, packet in enumerate(packets) if place > 3 and packet[TCP].sport == 5001 and payload(packet))
    last = packets[flight]
    reply = answer(last, record)
    end = reply.copy()
    end[TCP].remove_payload()
    end[TCP].flags, end[TCP].seq = "FA", reply[TCP].seq + len(record)
    del end[IP].len, end[IP].chksum, end[TCP].chksum
    end.time = reply.time + 0.001
    return written([*packets[:flight + 1], reply, end])


@pytest.mark.parametrize("record", [b"\x17\x03\x03\x00\x13" + b"\xa5" * 19, b"\x15\x03\x03\x00\x02\x02\x30"],
                         ids=["encrypted", "in clear"])
def test_a_client_that_refuses_the_certificate_in_tls_1_3(record):
    capture = tls_1_3_refused(record)
    assert len(raised(capture, "tls_refused_by_client")) == 1
    assert raised(capture, "no_login_sent") == raised(capture, "login_unanswered") == []
    assert "after the server's certificate, which TLS 1.3 hides: " in "".join(wireshark.tshark(capture, "-q", "-z", "expert"))
    assert "14" not in ",".join(column(capture, "tdsconn.message").values()).split(",")


@pytest.mark.parametrize("readable", [False, True], ids=["hidden", "with keys"])
def test_a_login_longer_than_what_is_encrypted_ends_with_its_last_packet(readable):
    capture = STORIES / "live-long-login-login-only-tls.pcapng"
    keys = wireshark.keys_of(capture) if readable else None
    told = column(capture, "tdsconn.message", keys=keys)
    assert 12 not in told and told[14].startswith("20" if readable else "21")
    times = column(capture, "tdsconn.response_time", "tdsconn.request_in", "tdsconn.time.login", keys=keys)
    assert times[15] == ("0.000500000", "14", "0.000500000")
    assert raised(capture, "login_tail_in_clear", keys=keys) == [14]


def test_the_rest_of_a_login_is_found_where_packets_are_numbered_from_0():
    """As FreeTDS does."""
    packets = rdpcap(str(STORIES / "login-tail-in-clear.pcapng"))
    numbered = []
    for packet in packets:
        again = Ether(bytes(packet))
        if TCP in again and payload(again)[:1] == b"\x10":
            content = bytearray(payload(again))
            content[6] -= 1
            again[TCP].remove_payload()
            again = again / Raw(bytes(content))
            del again[IP].chksum, again[TCP].chksum
        again.time = packet.time
        numbered.append(again)
    assert raised(written(numbered), "login_tail_in_clear") == [11, 29]


def test_a_login_that_may_have_succeeded_is_not_called_unfinished_by_the_table():
    """The server's side alone: it closed first, and nobody knows on what."""
    capture = part(captures.real("jtds-tds4.2-closed-by-server"), "2 5 7 8 10")
    assert column(capture, "tdsconn.state") == {frame: "2" for frame in range(1, 6)}
    table = wireshark.output("tshark", "-q", "-r", wireshark.readable(capture), "-z", "tdsconn,failures")
    assert "|Outcome unknown |server" in table and "unfinished" not in table


def refused_syn(syn, flags):
    """An RST of the server, half a millisecond after this SYN."""
    rst = Ether(src=syn.dst, dst=syn.src) / IP(src=syn[IP].dst, dst=syn[IP].src) / TCP(
        sport=syn[TCP].dport, dport=syn[TCP].sport, flags=flags, seq=0, ack=syn[TCP].seq + 1 if "A" in flags else 0, window=0)
    rst.time = syn.time + 0.0005
    return rst


@pytest.mark.parametrize("flags, first", [("RA", 2), ("R", 1)], ids=["refused", "not even acknowledged"])
def test_a_syn_that_comes_again_after_a_reset_begins_the_connection(flags, first):
    """Windows tries three times more, with the same numbers. An RST that does not acknowledge the SYN refuses nothing."""
    syn, *rest = rdpcap(str(told(LOGIN + "1.000 client FIN\n1.010 server FIN\n")))
    again = [syn] * (first - 1)
    early = [Ether(bytes(syn)), refused_syn(syn, flags), *(Ether(bytes(packet)) for packet in again)]
    early[0].time = syn.time - 0.5
    early[1].time = syn.time - 0.4995
    for packet in early[2:]:
        packet.time = syn.time
    capture = written([*early, *rest])
    assert set(column(capture, "tdsconn.state").values()) == {"3"}
    assert raised(capture, "connection_refused") == [] and raised(capture, "late_confirmation") == []
    assert set(column(capture, "tdsconn.close").values()) == {"1"}


def test_bytes_that_tcp_keeps_back_are_missing():
    """The server sends the first half of its answer, and then all of it in one segment: TCP takes that for a copy."""
    packets = rdpcap(str(told(LOGIN + "1.000 client FIN\n1.010 server FIN\n")))
    place = next(i for i, packet in enumerate(packets) if payload(packet)[:1] == b"\x04" and i > 6)
    whole = packets[place]
    half = answer(packets[place - 1], payload(whole)[:40])
    half[TCP].seq, half[TCP].ack = whole[TCP].seq, whole[TCP].ack
    half.time = whole.time - 0.0001
    capture = written([*packets[:place], half, *packets[place:]])
    assert set(column(capture, "tdsconn.state").values()) == {"2"}
    assert raised(capture, "capture_gap") and raised(capture, "server_closed_first") == []


def tries(packet, apart, count=6):
    """The same packet so many times, so many seconds apart."""
    again = [Ether(bytes(packet)) for _ in range(count)]
    for number, one in enumerate(again):
        one.time = packet.time + number * apart
    return again


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
    assert [tuple(map(bool, row)) for row in rows[:3]] == [(True, False, False), (False, False, True), (False, True, False)]
    assert rows[2][1] == "1"


def test_a_request_to_sql_browser_that_stands_there_twice_was_sent_once():
    asked, answered = browser("10.1.0.1", "10.1.1.11", ASKED, 100.0), browser("10.1.1.11", "10.1.0.1", ANSWER, 100.002,
                                                                             (1434, 60001))
    capture = written([*tries(asked, 0.00001, 2), *tries(answered, 0.00001, 2), browser("10.9.9.9", "10.9.9.8", b"\x02", 110.0)])
    rows = wireshark.fields(capture, "ssrp.response_in", "tdsconn.expert.browser_unanswered", two_pass=True)
    assert rows[0] == ("3", "") and rows[1] == ("", "")


def tds_packet(kind, status, content, number=1):
    return struct.pack(">BBHHBB", kind, status, 8 + len(content), 55 if kind == 4 else 0, number, 0) + content


def us_varchar(text):
    return struct.pack("<H", len(text)) + text.encode("utf-16-le")


def said(*turns):
    """A login, and then what is sent: pairs of "client" or "server" and bytes."""
    packets = list(rdpcap(str(told(LOGIN))))
    like = {"client": next(packet for packet in reversed(packets) if packet[TCP].sport == 50001),
            "server": next(packet for packet in reversed(packets) if packet[TCP].sport == 1433)}
    sent = {side: packet[TCP].seq + len(payload(packet)) for side, packet in like.items()}
    for side, content in turns:
        other, old = "server" if side == "client" else "client", like[side]
        packet = Ether(src=old.src, dst=old.dst) / IP(src=old[IP].src, dst=old[IP].dst) / TCP(
            sport=old[TCP].sport, dport=old[TCP].dport, flags="PA", seq=sent[side], ack=sent[other],
            window=8192) / Raw(content)
        packet.time = packets[-1].time + 0.5
        sent[side] += len(content)
        packets.append(packet)
    return written(packets)


def behind_login(*turns):
    """A login, and then what each side sends by turns, the client first; the server's as TDS packets of a response."""
    return said(*(("server" if number % 2 else "client", content) for number, content in enumerate(turns)))


BATCH = b"\x16\0\0\0\x12\0\0\0\x02\0\0\0\0\0\0\0\0\0\x01\0\0\0" + "select 1/0".encode("utf-16-le")
ERROR = struct.pack("<IBB", 8134, 1, 16) + us_varchar("Divide by zero error encountered.") + b"\0\0" + struct.pack("<I", 1)
FAILED = b"\xaa" + struct.pack("<H", len(ERROR)) + ERROR + b"\xfd\x02\0\xc1\0" + bytes(8)
CANCELLED = b"\xfd\x20\0\0\0" + bytes(8)
# A column of integers and a row: what stands behind them is looked for from the end.
ONE_ROW = b"\x81\x01\0" + bytes(4) + b"\0\0\x38\x01n\0" + b"\xd1\x2a\0\0\0"


@pytest.mark.parametrize("cut", [-6, 40], ids=["DONE", "ERROR"])
def test_packets_may_divide_a_response_anywhere(cut):
    whole = ONE_ROW + FAILED
    capture = behind_login(tds_packet(1, 1, BATCH), tds_packet(4, 0, whole[:cut]) + tds_packet(4, 1, whole[cut:], 2))
    numbers = wireshark.fields(capture, "tdsconn.error.number", display_filter="tdsconn.error.number")
    assert numbers == [("8134",)]


def test_an_acknowledgement_that_two_packets_divide():
    whole = ONE_ROW + CANCELLED
    capture = behind_login(tds_packet(1, 1, BATCH) + tds_packet(6, 1, b""),
                           tds_packet(4, 0, whole[:-6]) + tds_packet(4, 1, whole[-6:], 2))
    assert raised(capture, "attention_unacknowledged") == []
    assert "56" in column(capture, "tdsconn.message").values()


def test_the_first_packet_of_a_request_says_that_the_connection_was_pooled():
    capture = behind_login(tds_packet(1, 8, BATCH[:30]) + tds_packet(1, 1, BATCH[30:], 2))
    assert len(raised(capture, "pooled_reuse")) == 1


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


def test_a_login_that_was_refused_elsewhere_is_the_error_of_a_command():
    """A linked server refuses, and the capture begins with that."""
    words = struct.pack("<IBB", 18456, 1, 14) + us_varchar("Login failed for user 'NT AUTHORITY\\ANONYMOUS LOGON'.")
    error = words + b"\0\0" + struct.pack("<I", 1)
    failed = b"\xaa" + struct.pack("<H", len(error)) + error + b"\xfd\x02\0\xc1\0" + bytes(8)
    done = b"\xfd\0\0\xc1\0" + bytes(8)
    capture = part(behind_login(tds_packet(1, 1, BATCH), tds_packet(4, 1, failed), tds_packet(1, 1, BATCH),
                                tds_packet(4, 1, done)), "13-99")
    assert column(capture, "tdsconn.state", "tdsconn.step") == {1: ("8", "7"), 2: ("8", "7"), 3: ("8", "7")}
    assert column(capture, "tdsconn.message")[1] == "58" and raised(capture, "sql_error") == [1]
    assert raised(capture, "login_refused") == []
    alone = part(capture, "1")
    assert column(alone, "tdsconn.state") == {1: "4"} and raised(alone, "login_refused") == [1]


def test_a_request_may_be_cancelled_before_all_of_it_was_sent():
    capture = behind_login(tds_packet(1, 1, BATCH), tds_packet(4, 1, b"\xfd\0\0\xc1\0" + bytes(8)),
                           tds_packet(1, 0, BATCH[:30]) + tds_packet(6, 1, b""), tds_packet(4, 1, CANCELLED))
    assert raised(capture, "attention") == [14] and raised(capture, "attention_unacknowledged") == []
    assert column(capture, "tdsconn.message", "tdsconn.request_in")[15] == ("56", "14")


# Time. What is wrong with time stamps altogether is in test_clocks.py.

def test_the_first_word_of_a_client_may_be_a_part_of_a_message():
    """A server's FIN comes then so long behind that part, not behind the beginning of the capture."""
    syn, syn_ack, ack, login, fin = list(rdpcap(str(told("""
0.000 client SYN
0.001 server SYN
0.002 client ACK
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
        ["the server closes first, 0.500 s after the client's last word"]


def stamped(shift, *frames):
    """A login in which these frames are stamped so many seconds off."""
    packets = list(rdpcap(str(told(LOGIN))))
    for frame in frames:
        packets[frame - 1].time += shift
    return written(packets)


@pytest.mark.parametrize("shift, frames, blamed", [
    (-0.002, (2,), 2),  # before the SYN that it acknowledges
    (+3600, (5,), 6),  # which acknowledges it
    (-3600, range(5, 12), 5),
    (400 * 24 * 3600, range(5, 12), 5),
])
def test_time_stamps_that_contradict_each_other(shift, frames, blamed):
    assert raised(stamped(shift, *frames), "clocks_differ") == [blamed]


@pytest.mark.parametrize("shift", [0, 3600])
def test_time_stamps_that_do_not(shift):
    assert raised(stamped(shift, *range(5, 12)), "clocks_differ") == []
@pytest.mark.parametrize("name, frames, mars", [
    ("ft-tds7.1-noenc", "8-10", "off"), ("ft-tds7.2-noenc", "8-10", "unknown"), ("ft-tds7.2-noenc", "8-11", "off"),
    ("ft-tds7.2-noenc", "11-19", "off"), ("mars-odbc-noenc", "8-10", "unknown"), ("mars-odbc-noenc", "11-19", "on"),
    ("ft-tds5.0-login-no-reply-timeout", "4-8", "off")])
def test_mars_shows_where_prelogin_does_not(name, frames, mars):
    """MARS needs TDS 7.2, and with it every byte behind the login is SMP."""
    told = column(part(captures.real(name), frames), "tdsconn.summary")
    assert [f"MARS {mars}," in summary for summary in told.values()] == [True] * len(told) != []


ENCRYPTIONS = {"off": "login only (not begun)", "on": "full (not begun)", "not_supported": "no encryption"}


@pytest.mark.parametrize("agreed", ENCRYPTIONS)
def test_what_was_agreed_and_not_begun_is_not_nothing(agreed):
    capture = told(f"""
0.000 client SYN
0.001 server SYN
0.002 client ACK
0.003 client PRELOGIN encrypt={agreed}
0.004 server PRELOGIN encrypt={agreed}
0.005 client FIN
0.006 server FIN
0.007 client ACK
""")
    values = column(capture, "tdsconn.encryption")
    assert set(values.values()) == {{"off": "2", "on": "3", "not_supported": "1"}[agreed]}
    assert f", {ENCRYPTIONS[agreed]}, " in column(capture, "tdsconn.summary")[8]


@pytest.mark.parametrize("last", ["client", "server"])
def test_tls_with_a_server_that_has_none_is_a_mismatch(last):
    """Neither the server's refusal nor its silence is to blame."""
    capture = told(f"""
0.000 client SYN
0.001 server SYN
0.002 client ACK
0.003 client PRELOGIN encrypt=off
0.004 server PRELOGIN encrypt=not_supported
0.005 client CLIENT_HELLO
0.105 {last} FIN
""")
    assert raised(capture, "encryption_mismatch") == [7]
    assert raised(capture, "tls_refused_by_server") == []
    assert set(column(capture, "tdsconn.encryption").values()) == {"1"}


def test_tls_that_a_server_without_it_begins_is_encryption():
    """What both do counts, not what they say."""
    capture = told("""
0.000 client SYN
0.001 server SYN
0.002 client ACK
0.003 client PRELOGIN encrypt=off
0.004 server PRELOGIN encrypt=not_supported
0.005 client CLIENT_HELLO
0.006 server SERVER_HELLO
0.007 client CLIENT_KEY_EXCHANGE
0.008 server CHANGE_CIPHER_SPEC
0.009 client ENCRYPTED_LOGIN7 host=APP120 user=app_user password=Secret-7 app=Orders server=sql library=ODBC
0.010 server LOGINACK server=SQL10 database=Orders spid=55
""")
    assert set(column(capture, "tdsconn.encryption").values()) == {"2"}


def given_up(frames, after):
    """TDS 8.0 in TLS 1.3, these frames of it, where 7 has tickets, 8 PRELOGIN and 9 its answer; then the client's FIN."""
    packets = list(rdpcap(str(STORIES / "live-tds8-alpn-port-5001.pcapng")))
    chosen = [packets[frame - 1].copy() for frame in frames]
    end = chosen[3].copy()
    end[TCP].remove_payload()
    end[TCP].flags = "FA"
    places = {packet[TCP].sport: packet[TCP].seq for packet in chosen[2:5]}
    for number, packet in enumerate([*chosen, end][3:]):
        content = payload(packet)
        packet[TCP].seq, packet[TCP].ack = places[packet[TCP].sport], places[packet[TCP].dport]
        places[packet[TCP].sport] += len(content)
        packet.time = chosen[2].time + 0.001 * number
        del packet[IP].len, packet[IP].chksum, packet[TCP].chksum
    end.time = chosen[-1].time + after
    return written([*chosen, end])


TO_FINISHED = [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("frames, after, unanswered, words", [
    ([*TO_FINISHED, 8], 0.1, [8], ""),
    ([*TO_FINISHED, 7, 8], 0.1, [9], ""),
    ([*TO_FINISHED, 8, 7], 15, [9], ""),
    ([*TO_FINISHED, 8, 7], 0.1, [], "with no LOGIN7: the server sent TLS session tickets"),
    ([*TO_FINISHED, 8, 9], 0.1, [], "with no LOGIN7: the server sent what may be its answer"),
    ([*TO_FINISHED, 8, 7, 9], 15, [], "with no LOGIN7: the server sent what may be its answer"),
], ids=["nothing", "tickets before", "tickets alone", "gone on tickets", "an answer", "tickets and an answer"])
def test_records_that_came_back_may_be_the_answer_to_prelogin(frames, after, unanswered, words):
    """Tickets are no answer, but a client that goes as soon as it has them waited for none."""
    capture = given_up(frames, after)
    assert raised(capture, "prelogin_unanswered") == unanswered
    told = "".join(wireshark.tshark(capture, "-q", "-z", "expert"))
    assert words in told and ("with no LOGIN7" in told) == bool(words)


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
    scanned = told("""
0.000 client SYN
0.001 server SYN
0.002 client ACK
0.003 client LOGIN7 user=scanner password=nothing app=scan
1.800 server RST
""" + PORT_CHECK, port=445)
    assert set(column(scanned, "tdsconn.stream").values()) == {"0"}
    assert len(column(scanned, "tdsconn.stream")) == 5


def test_a_server_that_answered_makes_its_port_one():
    """Only PRELOGIN, and no login. A refused and a probed connection to the same port are told, too."""
    answered = told("""
0.000 client SYN
0.001 server SYN
0.002 client ACK
0.003 client PRELOGIN encrypt=off
0.004 server PRELOGIN encrypt=off
0.005 client FIN
0.006 server FIN
""" + PORT_CHECK + CLIENT.format(port=50003) + "6.000 client SYN\n6.001 server RST\n", port=445)
    streams = column(answered, "tdsconn.stream")
    assert [len([frame for frame, one in streams.items() if one == stream]) for stream in "012"] == [7, 5, 2]
    assert raised(answered, "probe") == [11]
    assert raised(answered, "connection_refused") == [14]
