#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Turns stories, the readable texts of conversations, into captures.

    make.py [STORY ...]      writes NAME.pcapng beside each NAME.story; without arguments, of all stories

docs/stories.md describes the format. The same story gives the same bytes on every run.
"""
import shlex
import struct
import sys
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from decimal import Decimal, InvalidOperation
from pathlib import Path

from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.utils import PcapNgWriter, checksum

import tds
import tls
from values import DOTTED, FIELD, NUMBER, TEXT, Values, one_of
from vocabulary import DATAGRAM_WORDS, SMP_WORDS, WORDS, Scene, settable

STORIES = Path(__file__).resolve().parents[2] / "captures" / "story"

ETHERNET_HEADER, IP_HEADER, UDP_HEADER = 14, 20, 8  # bytes
TCP_WORDS = {"SYN": "S", "ACK": "A", "FIN": "FA", "RST": "RA"}
UNREACHABLE = "PORT_UNREACHABLE"  # ICMP
OLD_WORDS = ("AGAIN", "KEEP_ALIVE")  # bring nothing new
REST_WORDS = ("CONTINUE", "REST", "SMP_REST")  # of what an earlier line began
# Every line may have these, whatever its word. All others are parameters of the message.
FRAME_PARAMETERS = {
    "seq": (NUMBER, "demand: the story fails if the TCP sequence number is another"),
    "ack": (NUMBER, "demand: the acknowledgement number"),
    "seqnum": (NUMBER, "demand: SEQNUM of the SMP packet"),
    "wndw": (NUMBER, "demand: WNDW of the SMP packet"),
    "send": (NUMBER, "only the first N bytes; `REST` sends the rest"),
    "sid": (NUMBER, "the message is in this MARS session"),
    "smp_send": (NUMBER, "only the first N bytes of the TDS packet are in this SMP packet; `SMP_REST` sends the rest"),
    "smp_flags": (FIELD, "a false value in the SMP header; the next numbers are as if it were right"),
    "smp_id": (FIELD, "the same"),
    "smp_length": (FIELD, "the same"),
    "smp_seqnum": (FIELD, "the same"),
    "smp_wndw": (FIELD, "the same"),
    "flags": (Values("letters of FSRPAUEC", lambda text: set(text) <= set("FSRPAUEC")), "other TCP flags than usual"),
    "win": (NUMBER, "another TCP window than usual"),
    "ttl": (NUMBER, "another TTL than usual"),
    "bytes": (NUMBER, "the bytes of a `KEEP_ALIVE`, or those that `PORT_UNREACHABLE` quotes after the headers"),
    "to": (TEXT, "the receiver of a client's datagram: a name from the head"),
    "frame": (NUMBER, "the number in the trace that the story retells, for the reader; the capture counts from 1"),
}
FRAME_MARKS = {
    "held": "the bytes wait and go with the next segment of that side; the line makes no frame",
    "missing": "the frame is sent, but is not in the capture",
    "bad_checksum": "the checksum that a sender leaves to its network card",
    "unlisted": "the retold trace does not show this frame",
}
SCENE_SETTINGS = {"tds": one_of(tds.VERSIONS), "tls": one_of(tls.SUITES), "product": DOTTED,
                  "certificate": Values("the name of a .hex file beside the story", lambda text: True)}
SIDE_SETTINGS = {"mac": Values("six hexadecimal bytes with colons between", lambda text: len(text.split(":")) == 6),
                 **dict.fromkeys(("isn", "syn_win", "win", "scale", "mss", "ttl", "ip_id"), NUMBER)}
UNSEEN = {"held", "missing"}  # such a line gives the capture no frame of its own
SMP_WINDOW = 4  # packets; a receiver that has read everything allows that many more


class StoryError(Exception):
    """A story that is wrong, with the file and the line."""


@dataclass(frozen=True)
class Place:
    """A line of a file."""
    path: Path
    number: int

    def fail(self, reason):
        """Stop at this line."""
        raise StoryError(f"{self.path}:{self.number}: {reason}")

    def words(self, text):
        """The words of its text, without a comment."""
        try:
            return shlex.split(text, comments=True)
        except ValueError as error:
            return self.fail(error)

    def settings(self, words, allowed, required=()):
        """{name: value} of NAME=VALUE words, by the Values that are allowed for each name."""
        found = {}
        for word in words:
            name, equals, value = word.partition("=")
            if not equals:
                self.fail(f"{word}: NAME=VALUE is expected")
            if name not in allowed:
                self.fail(f"unknown: {name}; allowed: {' '.join(allowed) or 'nothing'}")
            if not allowed[name].allows(value):
                self.fail(f"{name}={value} is not allowed; allowed: {allowed[name].text}")
            found[name] = value
        missing = [name for name in required if name not in found]
        if missing:
            self.fail(f"missing: {' '.join(missing)}")
        return found


@dataclass(frozen=True)
class Line:
    """One frame of a story."""
    place: Place
    time: Decimal
    sender: str
    word: str
    parameters: dict
    frame: dict
    marks: frozenset

    def fail(self, reason):
        """Stop at this line."""
        self.place.fail(f"{self.word}: {reason}")

    def demand(self, name, actual):
        """Fail unless the line leaves the value open or demands just this one."""
        expected = self.frame.get(name)
        if expected is not None and int(expected) != actual:
            self.fail(f"{name} is {actual}, the story demands {expected}")


@dataclass
class Side:
    """One end of the TCP connection, and what it has sent so far."""
    ip: str
    port: int
    mac: str
    isn: int = 0
    syn_win: int = 64240
    win: int = 8212
    scale: int = 8
    mss: int = 1460
    ttl: int = 128
    ip_id: int = 1
    next_seq: int = 0
    last: tuple = None  # its last segment that brought something: sequence number, flags, payload
    last_datagram: bytes = b""  # with its IP header
    synchronized: bool = False
    packets: dict = field(default_factory=dict)  # sid or None: TDS packets of the message that is being sent
    segment_rest: bytes = b""  # of the packet that is being sent
    held: bytes = b""  # goes with the next segment
    smp_rest: dict = field(default_factory=dict)  # sid: of the TDS packet that is being sent in several SMP packets
    smp_sent: dict = field(default_factory=dict)  # sid: number of its last DATA packet

    def __post_init__(self):
        self.next_seq = self.isn


@dataclass
class Connection:
    """One TCP connection of a story and its frames; others: who exchanges datagrams with the client meanwhile."""
    scene: Scene
    client: Side
    server: Side
    others: dict
    lines: list = field(default_factory=list)


@dataclass
class Story:
    """A story that has been read."""
    start: datetime
    connections: list

    @property
    def lines(self):
        """The lines with a frame in the capture, in their order in it."""
        return in_time([line for connection in self.connections for line in connection.lines], lambda line: line)


def in_time(items, line_of):
    """What is in the capture, as time goes."""
    return sorted((item for item in items if not UNSEEN & line_of(item).marks), key=lambda item: line_of(item).time)


# Reading {{{


def read(path):
    """The story in a file."""
    head, connections, complete = {}, [], False
    placed = placed_lines(path)
    for place, words in placed:
        frame = words[0] in ("repeat", "include") or words[0][0].isdigit()
        if not frame:  # a head that comes again begins the next connection
            head[words[0]] = place, words[1:]
            complete = False
            continue
        if not complete:
            connections.append(read_connection(place, head, len(connections)))
            complete = True
        if words[0] == "repeat":
            connections[-1].lines += read_repeat(place, words, placed)
        elif words[0] == "include":
            connections[-1].lines += read_include(place, words)
        else:
            connections[-1].lines.append(read_line(place, words))
    if not connections:
        Place(path, 1).fail("the story has no frame")
    return Story(read_start(*head["start"]), connections)


def placed_lines(path):
    """The lines of a file that are not empty, as pairs (place, words)."""
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        place = Place(path, number)
        words = place.words(text)
        if words:
            yield place, words


def read_connection(place, head, index):
    """A connection without its frames, from the head before them."""
    missing = [name for name in ("start", "client", "server", "scene") if name not in head]
    if missing:
        place.fail(f"the head before this frame has no {' '.join(missing)}")
    sides = {name: read_side(*line) for name, line in head.items() if name not in ("start", "scene")}
    return Connection(read_scene(*head["scene"], index), sides.pop("client"), sides.pop("server"), sides)


def read_repeat(place, words, placed):
    """The lines from `repeat N every SECONDS` to `end`, as often as it says."""
    if len(words) != 4 or words[2] != "every" or not words[1].isdigit():
        place.fail("repeat N every SECONDS is expected")
    return repeated(placed, count=int(words[1]), every=read_seconds(place, words[3]))


def read_include(place, words):
    """The lines of another file: `include FILE` or `include FILE at SECONDS`."""
    if len(words) not in (2, 4) or words[2:3] not in ([], ["at"]):
        place.fail("include FILE or include FILE at SECONDS is expected")
    path = place.path.parent / words[1]
    if not path.exists():
        place.fail(f"there is no file {words[1]} beside the story")
    return repeated(placed_lines(path), count=1, first=read_seconds(place, words[3]) if words[3:] else 0)


def repeated(placed, count, every=0, first=0):
    """The lines up to `end` or the last, that many times, each round so much later."""
    block = []
    for place, words in placed:
        if words == ["end"]:
            break
        block.append(read_line(place, words))
    return [replace(line, time=line.time + first + turn * every) for turn in range(count) for line in block]


def read_line(place, words):
    """One frame from its words."""
    if len(words) < 3:
        place.fail("a time, a sender and a word are expected")
    time, sender, word, *rest = words
    options = dict(item.split("=", 1) for item in rest if "=" in item)
    frame = {name: options.pop(name) for name in FRAME_PARAMETERS if name in options}
    marks = frozenset(item for item in rest if "=" not in item)
    line = Line(place, read_seconds(place, time), sender, word, options, frame, marks)
    place.settings([f"{name}={value}" for name, value in frame.items()],
                   {name: values for name, (values, _) in FRAME_PARAMETERS.items()})
    unknown = marks - FRAME_MARKS.keys()
    if unknown:
        line.fail(f"unknown: {' '.join(sorted(unknown))}; allowed: {' '.join(FRAME_MARKS)}")
    return line


def read_seconds(place, text):
    """A time in seconds."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return place.fail(f"{text} is no time in seconds")


def read_start(place, words):
    """The moment that the times of the story count from."""
    try:
        return datetime.fromisoformat(" ".join(words)).replace(tzinfo=timezone.utc)
    except ValueError:
        return place.fail("start YEAR-MONTH-DAY HOUR:MINUTE:SECOND is expected")


def read_scene(place, words, index):
    """What the head says of the two programs; each connection has filler of its own."""
    settings = place.settings(words, SCENE_SETTINGS, required=SCENE_SETTINGS)
    product = tuple(int(part) for part in settings.pop("product").split("."))
    path, certificate = place.path, settings["certificate"]
    if not (path.parent / f"{certificate}.hex").exists():
        place.fail(f"certificate={certificate} is not allowed; allowed: {SCENE_SETTINGS['certificate'].text}")
    name = f"{path.stem} {index}" if index else path.stem
    return Scene(name=name, folder=path.parent, product=product, **settings)


def read_side(place, words):
    """One end of the connection, from `address:port` or `[IPv6 address]:port` and settings."""
    ip, _, port = (words or [""])[0].rpartition(":")
    if not ip or not port.isdigit():
        place.fail("ADDRESS:PORT or [IPv6 ADDRESS]:PORT is expected first")
    settings = place.settings(words[1:], SIDE_SETTINGS, required=["mac"])
    mac = settings.pop("mac")
    return Side(ip=ip.strip("[]"), port=int(port), mac=mac, **{name: int(value) for name, value in settings.items()})


# }}}
# Telling {{{


def frames(story):
    """The frames of a story as pairs (line, Ethernet frame)."""
    told = [(line, tell(connection, line)) for connection in story.connections for line in connection.lines]
    return in_time(told, lambda pair: pair[0])


def tell(connection, line):
    """The frame that one line sends; None if its bytes wait for the next."""
    if line.sender in connection.others:
        return datagram(connection, line, connection.others[line.sender], connection.client)
    if "to" in line.frame:
        if line.frame["to"] not in connection.others:
            line.fail(f"to={line.frame['to']} is not allowed; allowed: {' '.join(connection.others) or 'nothing'}")
        return datagram(connection, line, connection.client, connection.others[line.frame["to"]])
    if line.sender not in ("client", "server"):
        line.fail(f"unknown sender {line.sender}; allowed: {' '.join(['client', 'server', *connection.others])}")
    if line.word not in (*TCP_WORDS, *OLD_WORDS, *REST_WORDS, *SMP_WORDS, *WORDS):
        line.fail(f"unknown word; allowed: {' '.join([*TCP_WORDS, *OLD_WORDS, *REST_WORDS, *SMP_WORDS, *WORDS])}")
    if "sid" not in line.frame and line.word in (*SMP_WORDS, "SMP_REST"):
        line.fail("missing: sid")
    if line.parameters and line.word not in WORDS:
        line.fail(f"takes no {' '.join(line.parameters)}")
    sender, receiver = connection.client, connection.server
    if line.sender == "server":
        sender, receiver = receiver, sender
    part = old_segment(line, sender) if line.word in OLD_WORDS else next_segment(connection, line, sender, receiver)
    if part is None:
        return None
    frame = segment(line, sender, receiver, *part)
    return offloaded(frame) if "bad_checksum" in line.marks else bytes(frame)


def old_segment(line, sender):
    """Sequence number, flags and payload of a segment that brings nothing new."""
    if line.word == "KEEP_ALIVE":
        return sender.next_seq - 1, "A", bytes(int(line.frame.get("bytes", 1)))
    if sender.last is None:
        line.fail("nothing was sent before")
    return sender.last


def next_segment(connection, line, sender, receiver):
    """Sequence number, flags and payload of what a side sends next; None if its bytes wait."""
    payload = sender.held + tcp_payload(connection.scene, line, sender, receiver)
    sender.held = payload if "held" in line.marks else b""
    if sender.held:
        return None
    flags = line.frame.get("flags") or tcp_flags(line, sender, receiver)
    seq, length = sender.next_seq, len(payload) + ("S" in flags) + ("F" in flags)
    if length:
        sender.last = seq, flags, payload
    sender.next_seq = (seq + length) % 2**32
    sender.synchronized = sender.synchronized or "S" in flags
    return seq, flags, payload


def segment(line, sender, receiver, seq, flags, payload):
    """The frame with a segment of a side."""
    ack = receiver.next_seq if "A" in flags else 0
    line.demand("seq", seq)
    line.demand("ack", ack)
    tcp = TCP(sport=sender.port, dport=receiver.port, seq=seq, flags=flags, window=window(line, sender, flags), ack=ack,
              options=tcp_options(sender, flags))
    return packet(line, sender, receiver, tcp / payload)


def packet(line, sender, receiver, content):
    """The frame that carries a segment or a datagram. A side whose first IP id is 0 never sends another."""
    ttl = int(line.frame.get("ttl", sender.ttl))
    if ":" in sender.ip:
        header = IPv6(src=sender.ip, dst=receiver.ip, hlim=ttl)
    else:
        header = IP(src=sender.ip, dst=receiver.ip, id=sender.ip_id, flags="DF", ttl=ttl)
        sender.ip_id += sender.ip_id > 0
    return Ether(src=sender.mac, dst=receiver.mac) / header / content


def datagram(connection, line, sender, receiver):
    """The frame with a datagram for the client, or from it."""
    if line.word == UNREACHABLE:
        return bytes(packet(line, sender, receiver, port_unreachable(line, receiver)))
    if line.word not in DATAGRAM_WORDS:
        line.fail(f"unknown word; allowed: {' '.join([*DATAGRAM_WORDS, UNREACHABLE])}")
    payload = content(DATAGRAM_WORDS[line.word], connection.scene, line)
    frame = bytes(packet(line, sender, receiver, UDP(sport=sender.port, dport=receiver.port) / payload))
    sender.last_datagram = frame[ETHERNET_HEADER:]
    return frame


def port_unreachable(line, receiver):
    """ICMP's answer to the last datagram of a side: it quotes the headers, and so many bytes of the rest."""
    if not receiver.last_datagram:
        line.fail("nothing was sent before")
    quoted = IP_HEADER + UDP_HEADER + int(line.frame.get("bytes", len(receiver.last_datagram)))
    return ICMP(type="dest-unreach", code="port-unreachable") / receiver.last_datagram[:quoted]


def tcp_payload(scene, line, sender, receiver):
    """The bytes that a line sends: as many as it says, of the packet that is on its way."""
    if line.word in TCP_WORDS:
        return b""
    if line.word in SMP_WORDS:
        sender.segment_rest = smp_control(line, sender, receiver)
    elif line.word == "SMP_REST":
        sender.segment_rest = next_part(line, sender, receiver)
    elif line.word != "REST":
        sender.segment_rest = next_packet(scene, line, sender, receiver)
    if not sender.segment_rest:
        line.fail("nothing is left to send")
    cut = int(line.frame.get("send", len(sender.segment_rest)))
    payload, sender.segment_rest = sender.segment_rest[:cut], sender.segment_rest[cut:]
    return payload


def next_packet(scene, line, sender, receiver):
    """The first packet of a new message, or with CONTINUE the next one of the message before."""
    sid = line.frame.get("sid")
    if line.word != "CONTINUE":
        sender.packets[sid] = message(scene, line)
    if not sender.packets.get(sid):
        line.fail("the message has no more packets")
    packet = sender.packets[sid].pop(0)
    return smp_data(line, sender, receiver, packet) if "sid" in line.frame else packet


def next_part(line, sender, receiver):
    """What is left of a TDS packet of which some SMP packets have brought a part."""
    sid = int(line.frame["sid"])
    if not sender.smp_rest.get(sid):
        line.fail("nothing is left to send")
    return smp_data(line, sender, receiver, sender.smp_rest[sid])


def message(scene, line):
    """The packets of the message that a line names."""
    return content(WORDS[line.word], scene, line)


def content(function, scene, line):
    """What the function of a word makes of a line's parameters, which are checked first."""
    allowed = settable(line.word, line.parameters.get("token"))
    line.place.settings([f"{name}={value}" for name, value in line.parameters.items()],
                        {name: values for name, (values, _) in allowed.items()},
                        required=[name for name, (_, needed) in allowed.items() if needed])
    parameters = {name: int(value) if name in ("packet", "spid") else value for name, value in line.parameters.items()}
    try:
        return function(scene, line.sender, **parameters)
    except (LookupError, TypeError, ValueError, struct.error) as error:  # a number that is too large, for example
        raise StoryError(f"{line.place.path}:{line.place.number}: {line.word}: {error}") from error


def smp_data(line, sender, receiver, packet):
    """A TDS packet in its session, or as much of it as the line says."""
    sid = int(line.frame["sid"])
    cut = int(line.frame.get("smp_send", len(packet)))
    sender.smp_sent[sid] = sender.smp_sent.get(sid, 0) + 1
    sender.smp_rest[sid] = packet[cut:]
    return smp_packet(line, sender, receiver, tds.SMP_DATA, packet[:cut])


def smp_control(line, sender, receiver):
    """SMP SYN, ACK or FIN. A SYN of the client begins to count anew."""
    if line.word == "SMP_SYN" and line.sender == "client":
        for side in (sender, receiver):
            side.smp_sent.pop(int(line.frame["sid"]), None)
    return smp_packet(line, sender, receiver, SMP_WORDS[line.word], b"")


def smp_packet(line, sender, receiver, flag, payload):
    """An SMP packet of a side that has read all it was sent, unless the line says otherwise."""
    sid = int(line.frame["sid"])
    seqnum, wndw = sender.smp_sent.get(sid, 0), receiver.smp_sent.get(sid, 0) + SMP_WINDOW
    line.demand("seqnum", seqnum)
    line.demand("wndw", wndw)
    told = {name: int(line.frame.get(f"smp_{name}", str(value)), 0)
            for name, value in (("flags", flag), ("seqnum", seqnum), ("wndw", wndw), ("length", 16 + len(payload)),
                                ("id", tds.SMP_ID))}
    return tds.smp(told["flags"], sid, told["seqnum"], told["wndw"], payload, told["length"], told["id"])


def tcp_flags(line, sender, receiver):
    """The TCP flags that a line implies; data are pushed when nothing more follows."""
    flags = TCP_WORDS.get(line.word, "A" if sender.segment_rest else "PA")
    return "SA" if flags == "S" and receiver.synchronized else flags


def window(line, sender, flags):
    """The window field: before scaling in a SYN, scaled in all others."""
    return int(line.frame.get("win", sender.syn_win if "S" in flags else sender.win))


def tcp_options(sender, flags):
    """The options of a SYN, in the order of Windows."""
    if "S" not in flags:
        return []
    return [("MSS", sender.mss), ("NOP", None), ("WScale", sender.scale), ("NOP", None), ("NOP", None), ("SAckOK", b"")]


def offloaded(frame):
    """The frame as its sender captures it before the network card has put the checksum in.

    The field then holds the checksum of the pseudo header alone.
    """
    length = len(frame[TCP])
    pseudo = struct.pack(">4s4sBBH", *(bytes(map(int, ip.split("."))) for ip in (frame[IP].src, frame[IP].dst)),
                         0, 6, length)
    frame[TCP].chksum = ~checksum(pseudo) & 0xFFFF
    return bytes(frame)


# }}}
# Writing {{{


class NanosecondWriter(PcapNgWriter):
    """scapy's writer with a clock of nanoseconds; its own of microseconds cannot hold the article's times."""
    INTERFACE_BLOCK = struct.pack("<I", 1)
    NANOSECONDS = struct.pack("<HHB3xHH", 9, 1, 9, 0, 0)  # option if_tsresol

    def __init__(self, filename):
        super().__init__(filename)
        self.tsresol = 10**9

    def build_block(self, block_type, block_body, options=None):
        """A block of the file; the interface gets the option that tells its clock."""
        if block_type == self.INTERFACE_BLOCK:
            options = self.NANOSECONDS
        return super().build_block(block_type, block_body, options)


def make(story_path, capture_path=None):
    """Write the capture of a story, by default beside it, and return its path."""
    story = read(story_path)
    return write(capture_path or story_path.with_suffix(".pcapng"), story.start,
                 [(line.time, frame) for line, frame in frames(story)])


def write(path, start, timed):
    """A capture of pairs (seconds since the start, frame); returns its path."""
    seconds = Decimal(int(start.timestamp()))
    with NanosecondWriter(str(path)) as writer:
        for time, frame in timed:
            writer.write_header(frame)
            writer.write_packet(frame, sec=seconds + time)
    return path


def main(arguments):
    """Make the named stories, or all of them."""
    paths = [Path(name) for name in arguments] or sorted(STORIES.glob("*.story"))
    for path in paths:
        try:
            print(make(path))
        except (OSError, StoryError) as error:
            sys.exit(error)


# }}}

if __name__ == "__main__":
    main(sys.argv[1:])
