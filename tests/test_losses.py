# SPDX-License-Identifier: GPL-2.0-or-later
"""A segment that the network loses once, and that its sender sends again: nothing is missing from the capture of who
receives it. All is told as without the loss, but later, and the network is told to be the reason.

Wireshark's TCP puts nothing together behind such a hole, so each segment of each flight is tried."""

import json
from collections import Counter

import pytest
from scapy.data import DLT_EN10MB
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from scapy.utils import PcapWriter, rdpcap

import findings
import wireshark
from enums import MESSAGE
from made import FULL_TLS, LOGIN, STORIES as STORY, TLS, column, payload, raised, told, written

SIZE = 100   # bytes of a segment: most messages then are several
APART = 100  # seconds between the variants of a conversation
AGAIN = 0.3  # seconds until a segment is sent again
ROWS = "column=name rows=" + ",".join(letter * 60 for letter in "ABCDEFGH")
COMMANDS = f"""
1.000 client BATCH text="{"SELECT 1 " * 20}"
1.010 server RESULT {ROWS} spid=55
2.000 client BATCH text="SELECT 2"
2.010 server RESULT {ROWS} spid=55
3.000 client BATCH text="SELECT 3"
3.010 server RESULT column=name rows=Bell spid=55
"""
END = "9.000 client FIN\n9.010 server FIN\n"
ENCRYPTED = TLS + """
0.010 client ENCRYPTED_LOGIN7 host=APP10 user=orders app="Order entry" server=sql.contoso.com library=ODBC
0.020 server LOGINACK server=SQL20 database=Orders spid=55
"""
FULL = FULL_TLS + """
0.010 client SEALED size=300
0.020 server SEALED size=373
1.000 client SEALED size=150
1.010 server SEALED size=1500
2.000 client SEALED size=150
2.010 server SEALED size=2500
"""
MARS = ENCRYPTED.replace("encrypt=off", "encrypt=off mars=on") + f"""
0.900 client SMP_SYN sid=0
1.000 client BATCH sid=0 text="SELECT 1"
1.010 server RESULT sid=0 {ROWS} spid=55
2.000 client BATCH sid=0 text="{"SELECT 2 " * 20}"
2.010 server RESULT sid=0 {ROWS} spid=55
"""
STORIES = {"plain": LOGIN + COMMANDS + END, "login only": ENCRYPTED + COMMANDS + END, "full": FULL + END,
           "MARS": MARS + END}
FACTS = ("state", "close", "auth", "auth_basis", "encryption", "mars", "progress", "version", "login_user", "login_app",
         "server_version", "server_name", "spid", "tls_version", "tls_cipher", "tls_certificate")


def copy_of(packet, time, **tcp):
    """The same packet at another time, with other values of TCP."""
    packet = Ether(bytes(packet))
    packet.time = time
    for name, value in tcp.items():
        setattr(packet[TCP], name, value)
    packet[IP].id = (packet[IP].id + round(time * 1000)) % 65535 + 1
    for layer, field in ((IP, "len"), (IP, "chksum"), (TCP, "chksum")):
        delattr(packet[layer], field)
    return packet


def pieces(packet):
    """A packet in segments of SIZE bytes."""
    content = payload(packet)
    for place in range(0, max(1, len(content)), SIZE):
        rest = content[place + SIZE:]
        piece = copy_of(packet, packet.time + place / 10**8, seq=packet[TCP].seq + place)
        piece[TCP].remove_payload()
        if content:
            piece[TCP].flags = "A" if rest else "PA"
            piece /= Raw(content[place:place + SIZE])
        piece.time = packet.time + place / 10**8
        yield piece


def segmented(text):
    return [piece for packet in rdpcap(str(told(text))) for piece in pieces(packet)]


def flight_of(packets, place):
    """The end of the flight that this packet belongs to: where the other side speaks next."""
    sender = packets[place][TCP].sport
    return next((k for k in range(place, len(packets)) if packets[k][TCP].sport != sender), len(packets))


def asked_for(lost, behind):
    """Segments behind a lost one, and what their receiver says after each."""
    for segment in behind:
        asks = Ether(src=lost.dst, dst=lost.src) / IP(src=lost[IP].dst, dst=lost[IP].src, ttl=128, id=7) / TCP(
            sport=lost[TCP].dport, dport=lost[TCP].sport, flags="A", seq=lost[TCP].ack, ack=lost[TCP].seq, window=8192)
        asks.time = float(segment.time) + 10**-7
        yield from (segment, asks)


def lost_once(packets, place):
    """The receiver's capture of a flight of which this segment comes again behind the others, which ask for it."""
    end = flight_of(packets, place)
    again = copy_of(packets[place], float(packets[end - 1].time) + AGAIN)
    later = [copy_of(packet, float(packet.time) + AGAIN) for packet in packets[end:]]
    return [*packets[:place], *asked_for(packets[place], packets[place + 1:end]), again, *later]


def lost_again(packets, place, more):
    """The same, but it comes again in the middle of the flight, and the segment that stands `more` behind that is lost."""
    end, middle = flight_of(packets, place), place + 5
    again = copy_of(packets[place], float(packets[middle - 1].time) + 10**-6)
    asking = asked_for(packets[place], packets[place + 1:middle])
    return [*packets[:place], *asking, again, *lost_once(packets[:end], middle + more)[middle:],
            *(copy_of(packet, float(packet.time) + AGAIN) for packet in packets[end:])]


def moved(packets, number):
    """The conversation as another one, of its own client port, at another time."""
    for packet in packets:
        side = "sport" if packet[TCP].dport == 1433 else "dport"
        yield copy_of(packet, float(packet.time) + number * APART, **{side: 50001 + number})


def with_clocks(packets, apart):
    """The conversation as two clocks have it, of which the server's is so many seconds ahead."""
    for packet in packets:
        yield copy_of(packet, float(packet.time) + (apart if packet[TCP].sport == 1433 else 0))


def beside(conversations, apart=0):
    """One capture of conversations that follow each other."""
    timed = (packet for number, one in enumerate(conversations) for packet in moved(with_clocks(one, apart), number))
    return written(sorted(timed, key=lambda packet: packet.time))


def variants(packets, followed=1, **how):
    """One capture of a conversation as it is, and of it with each segment in turn lost once that so many others follow."""
    places = [k for k, packet in enumerate(packets) if payload(packet) and k + followed < flight_of(packets, k)]
    assert len(places) > 10
    return beside([packets, *(lost_once(packets, place) for place in places)], **how)


def shortened(capture, snap):
    """The capture as it is with this snap length."""
    path = wireshark.scratch("shortened") / capture.name
    wireshark.output("editcap", "-s", str(snap), capture, path, bare=True)
    return path


def by_port(capture):
    """{client port: (what is told of a connection, its messages)} for all of a capture."""
    lines = wireshark.tshark(capture, "-q", "-z", "tdsconn,rows")
    rows = {row["client"]["port"]: {fact: row.get(fact) for fact in FACTS}
            for row in map(json.loads, filter(lambda line: line.startswith("{"), lines))}
    messages = {port: Counter() for port in rows}
    for port, names in wireshark.fields(capture, "tdsconn.client.port", "tdsconn.message", two_pass=True):
        if port:
            messages[int(port)].update(name for name in names.split(",") if name and name != MESSAGE.RETRANSMISSION)
    return {port: (rows[port], messages[port]) for port in rows}


@pytest.mark.parametrize("story", STORIES)
def test_a_segment_that_comes_again_changes_nothing_but_times(story):
    capture = variants(segmented(STORIES[story]))
    whole, *others = by_port(capture).items()
    assert whole[1][1] and others
    assert {port: said for port, said in others if said != whole[1]} == {}
    assert raised(capture, "capture_gap") == []


@pytest.mark.parametrize("story", STORIES)
def test_a_fast_retransmission_changes_nothing_either(story, monkeypatch):
    """Three acknowledgements ask for it, and it comes at once: Wireshark's TCP gives it to us, behind what follows it."""
    monkeypatch.setitem(globals(), "AGAIN", 0.005)
    capture = variants(segmented(STORIES[story]))
    whole, *others = by_port(capture).items()
    assert column(capture, "tcp.analysis.fast_retransmission") != {}
    assert {port: said for port, said in others if said != whole[1]} == {}
    assert raised(capture, "mars_sequence") == []


@pytest.mark.parametrize("apart", [0.004, -0.004])
@pytest.mark.parametrize("story", STORIES)
def test_two_clocks_make_no_loss_a_gap(story, apart, monkeypatch):
    """Whoever lacks a segment asks for it, twice, before the segments behind it, and has it before it is sent."""
    monkeypatch.setitem(globals(), "AGAIN", 3)
    capture = variants(segmented(STORIES[story]), followed=2, apart=apart)
    whole, *others = by_port(capture).items()
    assert {port: said[1] for port, said in others if said[1] != whole[1][1]} == {}
    assert raised(capture, "capture_gap") == []


@pytest.mark.parametrize("apart", [0.004, -0.004])
def test_with_two_clocks_one_repeated_ack_is_enough(apart, monkeypatch):
    """It stands before the only segment behind the lost one, which comes again after more than a second."""
    monkeypatch.setitem(globals(), "AGAIN", 3)
    assert raised(variants(segmented(STORIES["plain"]), apart=apart), "capture_gap") == []


def test_with_two_clocks_a_fin_that_acknowledges_all_closes_no_hole():
    """A segment of the answer is overtaken by all others, and the client's FIN is stamped before it."""
    packets = segmented(ANSWER + "1.016 client FIN\n1.017 server FIN\n")
    place = answer_of(packets) + 1
    packets[place] = copy_of(packets[place], float(packets[place].time) + 0.003)
    assert raised(written(sorted(with_clocks(packets, 0.004), key=lambda packet: packet.time)), "capture_gap") == []


@pytest.mark.parametrize("story, snap", [("plain", 120), ("full", 154)])
def test_a_snap_length_makes_no_loss_a_gap(story, snap, monkeypatch):
    """Units end in segments of which only the beginning is there, before the lost segment or behind it."""
    monkeypatch.setitem(globals(), "SIZE", 300)
    capture = shortened(variants(segmented(STORIES[story])), snap)
    whole, *others = by_port(capture).items()
    assert {port: said for port, said in others if said != whole[1]} == {}
    assert raised(capture, "capture_gap") == []


LONG = LOGIN + """
1.000 client BATCH text="SELECT 1"
1.010 server RESULT column=name rows="Mountain bicycle*200" spid=55
1.011 server CONTINUE
2.000 client BATCH text="SELECT 2"
2.010 server RESULT column=name rows=Bell spid=55
"""


def test_a_second_loss_behind_what_the_first_held_up_changes_nothing_either():
    """The unit begins behind the first loss, goes on when nothing waits any more, and lacks a segment then."""
    packets = segmented(LONG + END)
    last_of_first_unit = answer_of(packets) + 4096 // SIZE
    capture = beside([packets, *(lost_again(packets, last_of_first_unit - 1, more) for more in range(1, 20))])
    whole, *others = by_port(capture).items()
    assert len(others) == 19
    assert {port: said for port, said in others if said != whole[1]} == {}
    assert raised(capture, "capture_gap") == []


def found_by_port(capture, keys):
    """{client port: the rules that are raised}"""
    names = [findings.RULE + rule for rule in findings.SEVERITIES]
    found = {}
    for port, *rules in wireshark.fields(capture, "tdsconn.client.port", *names, two_pass=True, keys=keys):
        found.setdefault(port, set()).update(rule for rule, told in zip(findings.SEVERITIES, rules) if told)
    return found


@pytest.mark.parametrize("name", ["live-tds8-no-alpn", "live-mars-full-tls"])
def test_what_tls_cannot_decrypt_behind_a_loss_is_held_against_nobody(name):
    """TLS gets no record that was kept behind a lost segment, and none behind it in TLS 1.3."""
    packets = [piece for packet in rdpcap(str(STORY / f"{name}.pcapng")) for piece in pieces(packet)]
    capture = variants(packets)
    whole, *others = found_by_port(capture, wireshark.keys_of(STORY / f"{name}.pcapng")).items()
    assert {port: found - whole[1] for port, found in others if found - whole[1]} == {}


ANSWER = LOGIN + f'1.000 client BATCH text="SELECT 1"\n1.010 server RESULT {ROWS} spid=55\n'


def answer_of(packets):
    """Where the answer to the only command begins."""
    return next(k for k, packet in enumerate(packets) if packet.time > packets[0].time + 1 and packet[TCP].sport == 1433)


def noise(at, count):
    """Frames of nobody's connections at this time."""
    data = bytes(Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / IP(src="10.9.9.1", dst="10.9.9.2") / UDP(dport=9))
    return [(data, at)] * count


def test_earlier_stamps_of_others_end_no_wait():
    """An answer stands before its request, and between them 80,000 frames of a clock that is an hour behind."""
    packets = [copy_of(packet, float(packet.time)) for packet in with_clocks(segmented(ANSWER + END), -0.012)]
    timed = sorted(((bytes(packet), float(packet.time)) for packet in packets), key=lambda frame: frame[1])
    place = next(k for k, (_, time) in enumerate(timed) if time >= packets[0].time + 1)
    between = timed[place][1] - 0.001
    crowd = [*noise(between - 3600, 40000), *noise(between, 1), *noise(between - 3600, 40000)]
    path = wireshark.scratch("crowd") / "capture.pcap"
    with PcapWriter(str(path), linktype=DLT_EN10MB, nano=True) as writer:
        writer.write_header(None)
        for data, time in [*timed[:place], *crowd, *timed[place:]]:
            writer.write_packet(data, sec=int(time), usec=round(time % 1 * 10**9))
    found = set().union(*found_by_port(path, None).values())
    assert "clocks_differ" in found and "capture_gap" not in found


def test_the_network_took_the_time_and_not_the_server():
    """The first segment of the answer comes nine seconds behind the others."""
    packets = segmented(ANSWER + END)
    place = answer_of(packets)
    lossy = lost_once(packets, place)
    again = next(k for k, packet in enumerate(lossy) if packet[TCP].seq == packets[place][TCP].seq and k > place)
    late = [*lossy[:again], *(copy_of(packet, float(packet.time) + 9) for packet in lossy[again:])]
    capture = written(late)
    texts = column(capture, "tdsconn.expert.slow_response", "_ws.expert.message").values()
    assert any(f"frame {place + 1} shows that the server had sent it 9.3" in text for _, text in texts), list(texts)
    assert list(column(capture, "tdsconn.response_time").values())[-1].startswith("9.31")


def test_what_never_comes_again_is_told_when_the_connection_ends():
    """The receiver lacks it until it gives up: what stands behind it is lost, and nothing else."""
    packets = segmented(ANSWER + END)
    place = answer_of(packets)
    lossy = lost_once(packets, place)
    again = next(k for k, packet in enumerate(lossy) if packet[TCP].seq == packets[place][TCP].seq and k > place)
    end = [copy_of(packet, float(packet.time), ack=packets[place][TCP].seq) for packet in lossy[again + 1:][:1]]
    capture = written([*lossy[:again], *end])
    assert raised(capture, "capture_gap") == []
    assert raised(capture, "retransmission_timeout") or raised(capture, "request_abandoned")


def test_what_the_receiver_has_is_missing_from_the_capture():
    packets = segmented(ANSWER + END)
    place = answer_of(packets)
    capture = written([*packets[:place], *packets[place + 1:]])
    assert raised(capture, "capture_gap") == [place + 1]


def bare_ack(packet, time, **tcp):
    """What the sender of this packet acknowledges then, and no more."""
    ack = copy_of(packet, time, flags="A", **tcp)
    ack[TCP].remove_payload()
    return copy_of(ack, time)


def test_a_bare_ack_behind_missing_bytes_did_not_bring_them():
    """The capture lacks a request, but its answer, and then an ACK of its sender that stands behind it."""
    packets = segmented(ANSWER + END)
    place = answer_of(packets)
    request, end = packets[place - 1], flight_of(packets, place)
    late = bare_ack(request, float(packets[end - 1].time) + 0.01, seq=request[TCP].seq + len(payload(request)))
    capture = written([*packets[:place - 1], *packets[place:end], late, *packets[end:]])
    assert raised(capture, "clocks_differ") == []


def test_an_error_behind_missing_requests_refuses_no_login():
    """The capture lacks the login and all between but an answer, and Wireshark says of the first hole alone what an ACK tells."""
    packets = list(rdpcap(str(told(LOGIN + '1.000 client BATCH text="SELECT 1"\n1.010 server SQL_ERROR server=SQL20 number=1205 text=deadlocked spid=55\n'))))
    fault = max(k for k, packet in enumerate(packets) if payload(packet) and packet[TCP].sport == 1433)
    capture = written([*packets[:1], *packets[2:3], *packets[4:5], packets[fault]])
    assert list(column(capture, "tdsconn.message").values()) == [MESSAGE.SYN, MESSAGE.PRELOGIN_RESPONSE, MESSAGE.RESPONSE_ERROR]
    assert raised(capture, "login_refused") == []


TWO = LOGIN + f"""
1.000 client BATCH text="SELECT 1"
1.010 server RESULT {ROWS} spid=55
2.000 client BATCH text="{"SELECT 2 " * 20}"
2.010 server RESULT column=name rows=Bell spid=55
"""


def test_behind_missing_bytes_that_only_an_ack_tells_of_a_unit_begins():
    """An answer of which the network loses the first segment and the capture the last two; then a short one."""
    packets = segmented(TWO + END)
    place = answer_of(packets)
    end = flight_of(packets, place)
    lossy = lost_once(packets, place)
    last = packets[end - 1]
    dropped = {packet[TCP].seq for packet in packets[end - 2:end]}
    kept = [packet for packet in lossy if packet[TCP].seq not in dropped or packet[TCP].sport != 1433]
    asked = float(packets[flight_of(packets, end) - 1].time) + AGAIN
    later = bare_ack(last, asked + 0.001, seq=last[TCP].seq + len(payload(last)))
    capture = written(sorted([*kept, later], key=lambda packet: packet.time))
    names = list(column(capture, "tdsconn.message").values())
    assert names.count(MESSAGE.SQL_BATCH) == 2 and names.count(MESSAGE.RESPONSE) == 1


def overtaken(packets, place):
    """The segment behind this one overtakes it."""
    one, other = packets[place:place + 2]
    return [*packets[:place], copy_of(other, float(one.time)), copy_of(one, float(other.time)), *packets[place + 2:]]


@pytest.mark.parametrize("apart", [0.004, -0.004])
@pytest.mark.parametrize("story", ["plain", "MARS"])
def test_with_two_clocks_a_segment_that_overtakes_another_changes_nothing(story, apart):
    """Of both a part may be acknowledged before they come, or may wait for what it acknowledges."""
    packets = segmented(STORIES[story])
    places = [k for k, packet in enumerate(packets) if payload(packet) and k + 1 < flight_of(packets, k)]
    capture = beside([packets, *(overtaken(packets, place) for place in places)], apart=apart)
    whole, *others = by_port(capture).items()
    assert len(others) > 10
    assert {port: said for port, said in others if said != whole[1]} == {}
    assert raised(capture, "capture_gap") == raised(capture, "mars_sequence") == []


@pytest.mark.parametrize("speaks, words", [
    (True, ["packets are lost on the way: 5 copies of a segment of the server and no ACK, then closed",
            "the ATTENTION in frame 19 was not acknowledged; what the server sends does not arrive: 5 copies of a segment and no ACK"]),
    (False, ["packets are lost on the way, or the other host is down: 5 copies of a segment of the server and no ACK, then closed"]),
])
def test_a_host_that_says_something_else_meanwhile_is_not_down(speaks, words):
    """Seen at the server: the client cancels, and does not have the answer that was sent again and again."""
    packets = list(rdpcap(str(told(
        LOGIN + f'1.000 client BATCH text="SELECT 1"\n1.010 server RESULT {ROWS} spid=55\n' +
        "".join(f"{at} server AGAIN\n" for at in (1.3, 1.9, 3.1, 5.5, 10.3)) +
        ("14.000 client ATTENTION\n16.000 client FIN\n" if speaks else "16.000 server FIN\n")))))
    response = next(packet for packet in packets if packet.time - packets[0].time > 1 and packet[TCP].sport == 1433)
    for packet in packets[packets.index(response):]:
        if packet[TCP].dport == 1433:
            packet[TCP].ack = response[TCP].seq
            del packet[TCP].chksum
    capture = written(packets)
    said = findings.told({capture: [len(packets)]})[capture]
    assert [text for grave, text in ((one[1], one[3]) for one in said) if grave == "Error"] == words
