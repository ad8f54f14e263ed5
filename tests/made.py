# SPDX-License-Identifier: GPL-2.0-or-later
"""Small conversations made on the spot, and what Wireshark says of them."""

import struct
import sys

from scapy.layers.inet import IP, TCP
from scapy.layers.inet6 import IPv6, IPv6ExtHdrFragment
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from scapy.utils import rdpcap, wrpcap

import wireshark

sys.path.insert(0, str(wireshark.ROOT / "tests" / "story"))

import make  # noqa: E402

STORIES = wireshark.CAPTURES / "story"
SIDES = """start  2025-03-03 09:00:00
client 10.10.10.10:50001 mac=00:15:5d:0a:0a:0a isn=1000000
server 10.10.10.20:{port} mac=00:15:5d:0a:0a:14 isn=1500000
scene  tds=7.4 tls=TLS1.2-ECDHE-AES certificate=fallback-rsa2048 product=16.0.4105
"""
# The TCP handshake, at 0.
OPENING = "0.000 client SYN\n0.001 server SYN\n0.002 client ACK\n"
HELLO = OPENING + """
0.003 client PRELOGIN encrypt=off
0.004 server PRELOGIN encrypt=off
0.005 client CLIENT_HELLO
"""
TLS = HELLO + """
0.006 server SERVER_HELLO
0.007 client CLIENT_KEY_EXCHANGE
0.008 server CHANGE_CIPHER_SPEC
"""
# The same where TLS goes on behind the login.
FULL_TLS = TLS.replace("encrypt=off", "encrypt=on")
# A login of 11 frames, at 0.
LOGIN = "include diag-login.part at 0\n"
ROWS = "column=name rows=" + ",".join(letter * 30 for letter in "ABC")


def told(text, port=1433):
    """The capture of a story."""
    place = wireshark.scratch("made")
    for beside in [*STORIES.glob("*.part"), *STORIES.glob("*.hex")]:
        (place / beside.name).write_bytes(beside.read_bytes())
    story = place / "made.story"
    story.write_text(SIDES.format(port=port) + text)
    return make.make(story)


def part(capture, frames, *args):
    """Some frames of a capture."""
    path = wireshark.scratch("part") / capture.name
    wireshark.output("editcap", "-r", *args, wireshark.readable(capture), path, *frames.split(), bare=True)
    return path


def written(packets):
    """A capture of these packets."""
    path = wireshark.scratch("made") / "made.pcap"
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


def thrice(capture):
    """As three capture points at once would have it."""
    copies = []
    for packet in rdpcap(str(capture)):
        for place in range(3):
            copy = packet.copy()
            copy.time = packet.time + place * 0.00002
            copies.append(copy)
    return written(copies)


def in_fragments(packet):
    """The two IP fragments of a datagram."""
    half = 1480
    link, ip = Ether(bytes(packet)), Ether(bytes(packet)).payload
    rest = bytes(ip.payload)
    for at, part in ((0, rest[:half]), (half, rest[half:])):
        if ip.version == 4:
            piece = IP(src=ip.src, dst=ip.dst, id=7, proto="udp", flags="" if at else "MF", frag=at // 8)
        else:
            piece = IPv6(src=ip.src, dst=ip.dst) / IPv6ExtHdrFragment(nh=17, id=7, m=not at, offset=at // 8)
        piece = Ether(src=link.src, dst=link.dst) / piece / Raw(part)
        piece.time = packet.time
        yield piece


def fragmented(capture, kept):
    """A capture in which datagrams that are longer than Ethernet takes are in fragments, of which some are kept."""
    packets = list(rdpcap(str(capture)))
    return written([piece for packet in packets
                    for piece in ([packet] if len(packet) < 1514 else [list(in_fragments(packet))[number] for number in kept])])


def part_without(capture, frame):
    """All of a capture but one frame."""
    path = wireshark.scratch("part") / capture.name
    wireshark.output("editcap", wireshark.readable(capture), path, str(frame), bare=True)
    return path


def tries(packet, apart, count=6):
    """The same packet so many times, so many seconds apart."""
    again = [Ether(bytes(packet)) for _ in range(count)]
    for number, one in enumerate(again):
        one.time = packet.time + number * apart
    return again


def tds_packet(kind, status, content, number=1):
    """A TDS packet, of SPID 55 if it is a response."""
    return struct.pack(">BBHHBB", kind, status, 8 + len(content), 55 if kind == 4 else 0, number, 0) + content


def us_varchar(text):
    """A text behind its length, as TDS has it."""
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
ERROR = struct.pack("<IBB", 8134, 1, 16) + us_varchar("Divide by zero error encountered.") + struct.pack("<HI", 0, 1)
FAILED = b"\xaa" + struct.pack("<H", len(ERROR)) + ERROR + b"\xfd\x02\0\xc1\0" + bytes(8)
CANCELLED = b"\xfd\x20\0\0\0" + bytes(8)


def stamped(shift, *frames):
    """A login in which these frames are stamped so many seconds off."""
    packets = list(rdpcap(str(told(LOGIN))))
    for frame in frames:
        packets[frame - 1].time += shift
    return written(packets)


def midway(*segments, port=1433):
    """A conversation of which the capture lacks the beginning: (who sends, flags, content, sequence numbers back)."""
    sent = {"client": 1000, "server": 5000}
    packets = []
    for number, (who, flags, content, back) in enumerate(segments):
        other = "server" if who == "client" else "client"
        host = {"client": ("10.10.10.10", "00:15:5d:0a:0a:0a", 50001),
                "server": ("10.10.10.20", "00:15:5d:0a:0a:14", port)}
        (source, source_mac, sport), (target, target_mac, dport) = host[who], host[other]
        packet = Ether(src=source_mac, dst=target_mac) / IP(src=source, dst=target) / TCP(
            sport=sport, dport=dport, flags=flags, seq=sent[who] - back, ack=sent[other], window=8192) / Raw(content)
        packet.time = 1_700_000_000 + number
        sent[who] += len(content) - back
        packets.append(packet)
    return written(packets)
