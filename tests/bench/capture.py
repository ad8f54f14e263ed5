# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the large captures of the bench: conversations, played again by other clients.

Of a frame only the time, the client's address and, in a conversation that goes on for long, the TCP sequence numbers
change. Lengths stay, and the checksums of IP and TCP follow by the difference (RFC 1624): Wireshark has no more and no
less to do than with the first one.
"""

import itertools
import struct
from pathlib import Path

PCAP_HEADER = struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1)  # nanoseconds, Ethernet
RECORD = struct.Struct("<IIII")
NANOSECONDS = 1_000_000_000
START = 1_717_588_800 * NANOSECONDS
GAP = 10_000_000  # nanoseconds between two conversations
APART = 1_000  # and between the same frame of two clients

# Where things stand in an Ethernet frame of IPv4.
ETHERNET = 14
IP_CHECKSUM = ETHERNET + 10
ADDRESSES = (ETHERNET + 12, ETHERNET + 16)
TCP, UDP = 6, 17
CHECKSUM = {TCP: 16, UDP: 6}
FIN, SYN, RST, PUSH, ACK = 1, 2, 4, 8, 16

KERBEROS_PORT = 88
SERVER = bytes([10, 10, 10, 10])
CLIENT = bytes([10, 10, 10, 120])
SQL_SERVER_PORT = 1433
SMP = b"S"


def words(data):
    """The sum that the checksums of IP, UDP and TCP are made of."""
    even = data + bytes(len(data) % 2)
    return sum(struct.unpack(f"!{len(even) // 2}H", even))


def transport(frame):
    return ETHERNET + (frame[ETHERNET] & 0x0F) * 4


def number_of(client):
    """An address for the client of this number, up to four million."""
    return bytes([10, 64 + (client >> 16), client >> 8 & 0xFF, client & 0xFF])


class Frame:
    """A frame as a record of a pcap file, whose bytes may be changed."""

    def __init__(self, time, frame, length, client):
        protocol, at = frame[ETHERNET + 9], transport(frame)
        self.time = time
        self.record = bytearray(RECORD.pack(0, 0, len(frame), length) + frame)
        self.by_client = frame[ADDRESSES[0]:ADDRESSES[0] + 4] == client
        self.client_at = RECORD.size + ADDRESSES[not self.by_client]
        self.checksums = [
            (RECORD.size + place, -struct.unpack_from("!H", frame, place)[0] - words(client))
            for place in (IP_CHECKSUM, at + CHECKSUM[protocol])
        ]
        self.payload = 0
        if protocol == TCP:
            self.numbers_at = RECORD.size + at + 4
            self.numbers = struct.unpack_from("!II", frame, at + 4)
            self.acknowledges = frame[at + 13] & ACK != 0
            self.payload = len(frame) - at - (frame[at + 12] >> 4) * 4

    def at(self, time, client, client_sum, shift=None):
        """The record at this time, as another client would have sent or got it.

        shift: how many bytes more than in the original both sides sent before it, the frame's sender first.
        """
        record = self.record
        struct.pack_into("<II", record, 0, time // NANOSECONDS, time % NANOSECONDS)
        record[self.client_at:self.client_at + 4] = client
        for place, rest in self.checksums:
            struct.pack_into("!H", record, place, 0xFFFF - (rest + client_sum) % 0xFFFF)
        if shift is not None:
            self.move(*shift)
        return record

    def move(self, own, other):
        old = self.numbers
        new = ((old[0] + own) & 0xFFFFFFFF, (old[1] + other) & 0xFFFFFFFF if self.acknowledges else old[1])
        struct.pack_into("!II", self.record, self.numbers_at, *new)
        place, _ = self.checksums[1]
        difference = sum(old) - sum(new)  # a word's place does not matter: 0x10000 is 1
        checksum = struct.unpack_from("!H", self.record, place)[0]
        struct.pack_into("!H", self.record, place, (checksum + difference) % 0xFFFF)


class Conversation:
    """Frames from (time, bytes, real length).

    again: those that may come any number of times. moves: the address that another one takes the place of; the client's
    if it is not given, so that the others are many clients, else many servers.
    """

    def __init__(self, frames, again=slice(0, 0), moves=None):
        client = moves or client_of(frame for _, frame, _ in frames)
        self.frames = [Frame(time - frames[0][0], frame, length, client) for time, frame, length in frames]
        self.again = again
        self.bytes = {
            by_client: sum(frame.payload for frame in self.frames[again] if frame.by_client == by_client)
            for by_client in (True, False)
        }

    def count(self, rounds=1):
        return len(self.frames) + (rounds - 1) * len(self.frames[self.again])

    def rounds_for(self, count):
        """How often `again` has to come for so many frames or a few more; once at least."""
        return 1 + max(0, -(-(count - self.count()) // len(self.frames[self.again])))

    def steps(self, rounds):
        """Its frames, each with how much later it is and what was sent before it more than in the original."""
        start, stop = self.again.start, self.again.stop
        took = self.frames[stop].time - self.frames[start].time if start < stop else 0
        for frame in self.frames[:start]:
            yield frame, 0, None
        for turn in range(rounds):
            for frame in self.frames[start:stop]:
                yield frame, turn * took, self.shift(frame, turn)
        for frame in self.frames[stop:]:
            yield frame, (rounds - 1) * took, self.shift(frame, rounds - 1) if start < stop else None

    def shift(self, frame, turn):
        return turn * self.bytes[frame.by_client], turn * self.bytes[not frame.by_client]


def play(conversation, clients, start=START, rounds=1):
    """Records of the conversation of these clients, all at the same time. Returns when it ended."""
    clients = [(number * APART, number_of(client), words(number_of(client))) for number, client in enumerate(clients)]
    time = start
    for frame, later, shift in conversation.steps(rounds):
        time = start + frame.time + later
        for apart, client, client_sum in clients:
            yield frame.at(time + apart, client, client_sum, shift)
    return time + len(clients) * APART + GAP


def in_turns(conversations, count, at_once=1):
    """Records, COUNT or a few more: one of CONVERSATIONS after the other, AT_ONCE new clients each time."""
    clients = itertools.count()
    start = START
    written = 0
    for conversation in itertools.cycle(conversations):
        if written >= count:
            return
        start = yield from play(conversation, itertools.islice(clients, at_once), start)
        written += at_once * conversation.count()


def mixed(conversations, others, share):
    """One of OTHERS whenever fewer than SHARE of the frames were, else one of CONVERSATIONS; without end."""
    conversations, others = itertools.cycle(conversations), itertools.cycle(others)
    of_others = written = 0
    while True:
        rare = of_others <= share * written
        conversation = next(others if rare else conversations)
        of_others += conversation.count() if rare else 0
        written += conversation.count()
        yield conversation


def write(path, records):
    """Makes a capture of them. Returns how many."""
    count = 0
    with open(path, "wb", buffering=1 << 20) as file:
        file.write(PCAP_HEADER)
        for count, record in enumerate(records, start=1):
            file.write(record)
    return count


# Captures that are there. {{{


def is_tds(frame):
    """IPv4 with TCP, and not the ticket before a Kerberos login."""
    if frame[12:14] != b"\x08\x00" or frame[ETHERNET + 9] != TCP or len(frame) < 54:
        return False
    return KERBEROS_PORT not in struct.unpack_from("!HH", frame, transport(frame))


def client_of(frames):
    """The sender of the first SYN, else of the first frame."""
    frames = list(frames)
    tcp = (frame for frame in frames if frame[ETHERNET + 9] == TCP)
    opening = next((frame for frame in tcp if frame[transport(frame) + 13] & (SYN | ACK) == SYN), frames[0])
    return opening[ADDRESSES[0]:ADDRESSES[0] + 4]


def resolution(options):
    """How many units of time a second has, by the options of a pcapng interface."""
    at = 0
    while at < len(options):
        code, length = struct.unpack_from("<HH", options, at)
        if code == 9:  # if_tsresol
            value = options[at + 4]
            return 2 ** (value & 0x7F) if value & 0x80 else 10 ** value
        at += 4 + (length + 3) // 4 * 4
    return 1_000_000


def read(path):
    """The frames of a pcapng file of Ethernet as (time, bytes, real length); none of another link layer."""
    data = Path(path).read_bytes()
    frames = []
    at = 0
    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        if kind == 1:  # interface: every file here has one, or several alike
            link, units = struct.unpack_from("<H", data, at + 8)[0], resolution(data[at + 16:at + length - 4])
        elif kind == 6 and link == 1:
            high, low, captured, real = struct.unpack_from("<IIII", data, at + 12)
            frames.append(((high << 32 | low) * NANOSECONDS // units, data[at + 28:at + 28 + captured], real))
        at += length
    return frames


def is_plain_tds(frame):
    """On SQL Server's own port, and no packet of a MARS session: Wireshark alone shows the same of it."""
    tcp = transport(frame)
    payload = frame[tcp + (frame[tcp + 12] >> 4) * 4:]
    return SQL_SERVER_PORT in struct.unpack_from("!HH", frame, tcp) and payload[:1] != SMP


def real_conversations(folder, plain=False):
    """One for each capture in FOLDER that is all of Ethernet, IPv4 and TCP; plain: only those that are plain TDS."""
    for path in sorted(Path(folder).glob("*.pcapng")):
        frames = [frame for frame in read(path) if is_tds(frame[1])]
        if plain and not all(is_plain_tds(frame) for _, frame, _ in frames):
            continue
        if frames and not path.stem.startswith("nontds"):
            yield Conversation(frames)


def payload_of(frame):
    tcp = transport(frame)
    return frame[tcp + (frame[tcp + 12] >> 4) * 4:ETHERNET + struct.unpack_from("!H", frame, ETHERNET + 2)[0]]


def turns_of(frames):
    """What both sides send in frames of one conversation, for conversation()."""
    frames = [frame for _, frame, _ in frames]
    client = client_of(frames)
    sent = [(frame[ADDRESSES[0]:ADDRESSES[0] + 4] == client, payload_of(frame)) for frame in frames]
    return [(by_client, payload) for by_client, payload in sent if payload]


# }}}

# What no capture holds. {{{


def datagram(source, target, protocol, payload):
    """Ethernet and IPv4. The payload's own checksum is at 0, and is filled in."""
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0, 0x4000, 64, protocol, 0, source, target)
    payload = bytearray(payload)
    pseudo = words(header[12:20]) + protocol + len(payload)
    struct.pack_into("!H", payload, CHECKSUM[protocol], 0xFFFF - (pseudo + words(payload)) % 0xFFFF)
    header = header[:10] + struct.pack("!H", 0xFFFF - words(header) % 0xFFFF) + header[12:]
    return b"\x00\x15\x5d\x0a\x0a\x0a\x00\x15\x5d\x0a\x0a\x78\x08\x00" + header + bytes(payload)


def udp(source, source_port, target, target_port, payload):
    return datagram(source, target, UDP, struct.pack("!HHHH", source_port, target_port, 8 + len(payload), 0) + payload)


def conversation(port, turns):
    """A client connects, both send by TURNS, pairs of (by the client, bytes) in segments of 1460, and the client closes."""
    ends = {True: (CLIENT, SERVER, 50000, port), False: (SERVER, CLIENT, port, 50000)}
    sent = {True: 1000, False: 5000}
    frames = []

    def send(client, flags, payload=b""):
        source, target, *ports = ends[client]
        acknowledged = sent[not client] if flags & ACK else 0
        tcp = struct.pack("!HHIIBBHHH", *ports, sent[client], acknowledged, 0x50, flags, 8192, 0, 0)
        frame = datagram(source, target, TCP, tcp + payload)
        frames.append((len(frames) * 100_000, frame, len(frame)))
        sent[client] += len(payload) + (flags & (SYN | FIN) != 0)

    send(True, SYN)
    send(False, SYN | ACK)
    send(True, ACK)
    for client, payload in turns:
        for at in range(0, len(payload), 1460):
            send(client, PUSH | ACK if len(payload) <= 1460 else ACK, payload[at:at + 1460])
        if len(payload) > 1460:
            send(not client, ACK)
    send(True, FIN | ACK)
    send(False, FIN | ACK)
    send(True, ACK)
    return Conversation(frames)


def plain_conversation(port, request, response):
    """Ten requests of a service that is not SQL Server, each with a response of six segments."""
    return conversation(port, [(True, request), (False, response)] * 10)


def smb2(command, message, response, body):
    """A message of SMB2 behind its length (MS-SMB2 2.2.1)."""
    header = struct.pack("<4sHHIHHIIQIIQ16s", b"\xfeSMB", 64, 1, 0, command, 1, int(response), 0, message, 0, 7, 9, b"")
    return struct.pack("!I", len(header + body)) + header + body


def file_turns(content):
    """A share is opened, and ten times a file: its CONTENT is read and written in one piece, and it is closed."""
    numbers = itertools.count()

    def both(command, request, response):
        message = next(numbers)
        return [(True, smb2(command, message, False, request)), (False, smb2(command, message, True, response))]

    share, name = "\\\\S\\D".encode("utf-16-le"), "report.txt".encode("utf-16-le")
    times = bytes(48)
    yield from both(3, struct.pack("<HHHH", 9, 0, 72, len(share)) + share, struct.pack("<HBBIII", 16, 1, 0, 0, 0, 0x1FF))
    for file in range(1, 11):
        asked = struct.pack("<HBBIQQIIIIIHHII", 57, 0, 0, 2, 0, 0, 0x12019F, 0x80, 7, 1, 0x40, 120, len(name), 0, 0)
        yield from both(5, asked + name, struct.pack("<HBBI", 89, 0, 0, 1) + times + struct.pack("<IIQQII", 128, 0, file,
                                                                                                file, 0, 0))
        yield from both(8, struct.pack("<HBBIQQQIIIHHB", 49, 80, 0, len(content), 0, file, file, 0, 0, 0, 0, 0, 0),
                        struct.pack("<HBBIII", 17, 80, 0, len(content), 0, 0) + content)
        yield from both(9, struct.pack("<HHIQQQIIHHI", 49, 112, len(content), 0, file, file, 0, 0, 0, 0, 0) + content,
                        struct.pack("<HHIIHH", 17, 0, len(content), 0, 0, 0))
        yield from both(6, struct.pack("<HHIQQ", 24, 0, 0, file, file), struct.pack("<HHI", 60, 0, 0) + bytes(52))


def file_conversations():
    """Files of 800 and of 30,000 bytes over SMB2."""
    return [conversation(445, list(file_turns(bytes(range(32, 112)) * count))) for count in (10, 375)]


def plain_conversations():
    """HTTP on its port, and a service that no dissector of Wireshark knows."""
    body = bytes(range(32, 127)) * 85
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % len(body)
    get = b"GET /index.txt HTTP/1.1\r\nHost: example.com\r\nAccept: */*\r\n\r\n"
    return [plain_conversation(80, get, head + body), plain_conversation(9753, b"\xf1\xf2" * 40, b"\xf3\xf4" * 4380)]


# }}}
