# SPDX-License-Identifier: GPL-2.0-or-later
"""Hostile conversations behind headers of TCP and UDP that are true: what an attacker can send who speaks TCP well.

Damage at random breaks the headers below first, so little of it gets to a parser of ours. Here every byte does: the
payloads of the captures, changed, and payloads made from nothing, with lengths and checksums as they must be.
"""

import random
import struct
from collections import defaultdict
from functools import lru_cache

from scapy.data import DLT_EN10MB
from scapy.utils import PcapWriter

import captures
import merged

CONVERSATIONS = 100  # of a file
MESSAGES = 60  # of a conversation
LIMIT = 1400  # bytes of a segment
CHANGES = (1, 1, 2, 3, 5, 8, 20)  # how many a conversation gets
PORTS = (1433, 1433, 1433, 1433, 2433, 1434, 4022, 50000, 443, 88)
UDP_PORTS = (1434, 1434, 1434, 88)
TDS_TYPES = (1, 2, 3, 4, 6, 7, 8, 14, 15, 16, 17, 18, 0x53)
TOKENS = (0xAA, 0xAB, 0xAD, 0xE3, 0xE5, 0xED, 0xEE, 0xFD, 0xFE, 0xFF, 0x79, 0x81, 0xA4, 0xA5, 0xA9, 0xAC, 0xAE, 0xD1, 0xD2)
EDGES = (0, 1, 2, 7, 8, 9, 16, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000,
         0xFFFFFFF0, 0xFFFFFFFF)
FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10
TCP, UDP = 6, 17


# What the captures hold: conversations of (whether the client sends, payload).


def unpacked(data):
    """(protocol, source, destination, payload) of a frame, where both ends are address and port; else None."""
    if data[12:14] == b"\x08\x00":
        start, protocol = 14 + (data[14] & 15) * 4, data[23]
        end = 14 + struct.unpack_from(">H", data, 16)[0]
    elif data[12:14] == b"\x86\xdd":
        start, protocol = 54, data[20]
        end = 54 + struct.unpack_from(">H", data, 18)[0]
    else:
        return None
    if protocol not in (TCP, UDP):
        return None
    ends = [(address, data[at:at + 2]) for address, at in zip(merged.addresses(data), (start, start + 2))]
    return protocol, *ends, data[start + ((data[start + 12] >> 4) * 4 if protocol == TCP else 8):end]


@lru_cache(maxsize=None)
def heard():
    """{protocol: conversations} of all captures; one that says nothing is none."""
    found = {TCP: [], UDP: []}
    for capture in captures.ALL:
        said, clients = defaultdict(list), {}
        for data, *_ in merged.frames_of(capture):
            told = unpacked(data)
            if not told or not told[3]:
                continue
            protocol, source, destination, payload = told
            key = protocol, *sorted((source, destination))
            said[key].append((clients.setdefault(key, source) == source, payload))
        for (protocol, *_), messages in said.items():
            found[protocol].append(messages[:MESSAGES])
    return found


# Changes of a payload: bytes to bytes.


def flipped(rng, payload):
    """Some of its bytes are others."""
    changed = bytearray(payload)
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        changed[rng.randrange(len(changed))] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))
    return bytes(changed)


def with_a_number(rng, payload):
    """A length, an offset or a count is at an edge."""
    size = rng.choice((1, 2, 2, 4, 4))
    at = rng.randrange(len(payload))
    number = (rng.choice(EDGES) & (1 << 8 * size) - 1).to_bytes(size, rng.choice(("big", "little")))
    return payload[:at] + number + payload[at + size:]


def shortened(rng, payload):
    """Some of it is missing."""
    first, last = sorted(rng.randrange(len(payload) + 1) for _ in range(2))
    return payload[:first] + payload[last:]


def cut(rng, payload):
    """It ends early."""
    return payload[:rng.randrange(len(payload) + 1)]


def repeated(rng, payload):
    """A part of it comes again."""
    first, last = sorted(rng.randrange(len(payload) + 1) for _ in range(2))
    return payload[:last] + payload[first:last] * rng.choice((1, 2, 30)) + payload[last:]


def stuffed(rng, payload):
    """Something stands in it that does not belong there."""
    at = rng.randrange(len(payload) + 1)
    return payload[:at] + rng.choice((rng.randbytes(rng.randrange(1, 40)), any_payload(rng))) + payload[at:]


def with_header(rng, payload):
    """Another header of TDS: its type, status, length, SPID or packet number."""
    at, form, values = rng.choice(((0, ">B", TDS_TYPES), (1, ">B", range(256)), (2, ">H", (*EDGES, len(payload))),
                                   (4, ">H", EDGES), (6, ">B", range(256))))
    return placed(payload, at, form, rng.choice(values))


def with_smp_header(rng, payload):
    """Another header of SMP: its flags, SID, length, sequence number or window."""
    at, form, values = rng.choice(((1, "<B", (1, 2, 4, 8, *range(16))), (2, "<H", EDGES), (4, "<I", (*EDGES, len(payload))),
                                   (8, "<I", EDGES), (12, "<I", EDGES)))
    return placed(b"\x53" + payload[1:], at, form, rng.choice(values))


def placed(payload, at, form, value):
    """The payload with a number at a place of it."""
    number = struct.pack(form, value & (1 << 8 * struct.calcsize(form)) - 1)
    return payload[:at] + number + payload[at + len(number):]


def in_tds(rng, payload):
    """It is a TDS packet with the right length."""
    return struct.pack(">BBHHBB", rng.choice(TDS_TYPES), rng.choice((1, 1, 1, 0, 9)), (8 + len(payload)) & 0xFFFF, 51, 1, 0) + payload


def in_smp(rng, payload):
    """It is an SMP packet with the right length."""
    return struct.pack("<BBHIII", 0x53, rng.choice((1, 2, 4, 8, 8, 8)), rng.randrange(4), 16 + len(payload),
                       rng.randrange(8), rng.randrange(9)) + payload


def relengthed(_rng, payload):
    """Its first header tells the length that it has now."""
    at, form = (4, "<I") if payload[:1] == b"\x53" else (2, ">H")
    return placed(payload, at, form, len(payload))


OF_PAYLOADS = (flipped, flipped, with_a_number, with_a_number, shortened, cut, repeated, stuffed, with_header,
               with_smp_header, in_tds, in_smp, relengthed)


# Payloads made from nothing.


def any_tokens(rng):
    """Tokens of TDS, each of a length that is right or at an edge."""
    told = b""
    for _ in range(rng.randrange(1, 30)):
        body = rng.randbytes(rng.randrange(40))
        told += bytes([rng.choice(TOKENS)])
        told += struct.pack("<H", rng.choice((len(body),) * 9 + EDGES) & 0xFFFF) + body if rng.random() < 0.8 else body
    return told


def any_payload(rng):
    """Bytes that nobody sent: at random, or tokens, in a packet or without."""
    inner = rng.choice((any_tokens, lambda one: one.randbytes(one.choice((1, 7, 8, 9, 60, 600)))))(rng)
    return rng.choice((in_tds, in_tds, in_smp, lambda one, told: in_smp(one, in_tds(one, told)), lambda _, told: told))(rng, inner)


# Changes of a conversation: messages to messages.


def payload_changed(rng, said):
    """One message is another."""
    at = rng.randrange(len(said))
    sender, payload = said[at]
    for change in rng.choices(OF_PAYLOADS, k=rng.choice((1, 1, 2))):
        payload = change(rng, payload) if payload else any_payload(rng)
    # A length in it that is wrong is the more dangerous, the further one comes: so half of them are made right.
    payload = relengthed(rng, payload) if rng.random() < 0.5 else payload
    return said[:at] + [(sender, payload)] + said[at + 1:]


def message_lost(rng, said):
    """A message was never sent."""
    at = rng.randrange(len(said))
    return said[:at] + said[at + 1:]


def message_repeated(rng, said):
    """A message is sent again, later."""
    first, last = sorted(rng.randrange(len(said)) for _ in range(2))
    return said[:last] + [said[first]] * rng.choice((1, 1, 5)) + said[last:]


def messages_swapped(rng, said):
    """Two messages in the other order."""
    first, last = sorted(rng.randrange(len(said)) for _ in range(2))
    changed = list(said)
    changed[first], changed[last] = said[last], said[first]
    return changed


def side_swapped(rng, said):
    """A message comes from the other side."""
    at = rng.randrange(len(said))
    return said[:at] + [(not said[at][0], said[at][1])] + said[at + 1:]


def spliced(rng, said):
    """It goes on as another conversation does."""
    other = rng.choice(heard()[TCP])
    return said[:rng.randrange(len(said))] + other[rng.randrange(len(other)):]


def invented(rng, said):
    """A message that nobody sent."""
    at = rng.randrange(len(said) + 1)
    return said[:at] + [(rng.random() < 0.5, any_payload(rng))] + said[at:]


OF_CONVERSATIONS = (payload_changed,) * 8 + (message_lost, message_repeated, messages_swapped, side_swapped, spliced, invented)


def changed_conversation(rng, protocol):
    """The messages of one that a capture has, with changes, or of one that nobody made."""
    said = rng.choice(heard()[protocol]) if rng.random() < 0.9 else [(True, any_payload(rng))]
    for change in rng.choices(OF_CONVERSATIONS, k=rng.choice(CHANGES)):
        said = change(rng, said) if said else invented(rng, said)
    return said[:2 * MESSAGES]


# Frames.


def checksum(data):
    """That of the Internet: the complement of the sum of its 16-bit words, whose carries are added again."""
    data += b"\0" * (len(data) % 2)
    return 0xFFFF - (int.from_bytes(data, "big") % 0xFFFF or 0xFFFF * any(data))


def ip(protocol, source, destination, segment, at):
    """An Ethernet frame of IPv4; AT is where the checksum stands in the segment."""
    pseudo = source + destination + struct.pack(">BBH", 0, protocol, len(segment))
    segment = placed(segment, at, ">H", checksum(pseudo + segment))
    header = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(segment), 0, 0x4000, 64, protocol, 0, source, destination)
    header = placed(header, 10, ">H", checksum(header))
    return b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + header + segment


class Connection:
    """Writes the segments of a TCP connection; each side knows what it has sent."""

    def __init__(self, rng, number, port):
        address = struct.pack(">BBH", 10, 1, number)
        self.ends = {True: (address, 1024 + rng.randrange(60000)), False: (b"\x0a\x00\x00\x01", port)}
        # Sequence numbers that pass 2^32 are as good as others.
        self.sent = {side: rng.choice((1000, 0xFFFFFF00, rng.randrange(1 << 32))) for side in (True, False)}

    def segment(self, client, flags, payload=b"", back=0):
        """A frame; with BACK its payload begins so many bytes before what is due."""
        (source, sport), (destination, dport) = self.ends[client], self.ends[not client]
        first = self.sent[client] - back & 0xFFFFFFFF
        if not back:
            self.sent[client] = first + len(payload) + bool(flags & (SYN | FIN)) & 0xFFFFFFFF
        header = struct.pack(">HHIIBBHHH", sport, dport, first, self.sent[not client] if flags & ACK else 0, 0x50, flags,
                             64000, 0, 0)
        return ip(TCP, source, destination, header + payload, 16)

    def payload(self, rng, client, payload):
        """The frames of a payload, cut anywhere; now and then one is lost, repeated with other bytes, or late."""
        frames = []
        while payload:
            size = rng.choice((LIMIT,) * 6 + (1, 7, 8, 9, 16, 100))
            frames.append(self.segment(client, PSH | ACK, payload[:size]))
            if rng.random() < 0.02:
                back = rng.randrange(1, size + 1)
                frames.append(self.segment(client, PSH | ACK, rng.randbytes(back), back))
            payload = payload[size:]
        if rng.random() < 0.02:
            rng.shuffle(frames)
        if rng.random() < 0.02:
            frames = frames[1:]
        return frames

    def frames(self, rng, said):
        """All frames of it: mostly with a beginning and an end."""
        frames = []
        if rng.random() < 0.85:
            frames += [self.segment(True, SYN), self.segment(False, SYN | ACK), self.segment(True, ACK)]
        for client, payload in said:
            frames += self.payload(rng, client, payload)
            if rng.random() < 0.01:
                frames.append(self.segment(rng.random() < 0.5, rng.choice((RST, FIN | ACK, SYN, SYN | ACK, ACK, 0xFF, 0))))
        if rng.random() < 0.7:
            first = rng.random() < 0.5
            frames += [self.segment(first, FIN | ACK), self.segment(not first, FIN | ACK), self.segment(first, ACK)]
        return frames


def datagrams(rng, number, said):
    """The frames of what clients ask SQL Browser or a KDC, and of the answers."""
    client = struct.pack(">BBH", 10, 1, number), 1024 + rng.randrange(60000)
    server = b"\x0a\x00\x00\x01", rng.choice(UDP_PORTS)
    for is_client, payload in said:
        (source, sport), (destination, dport) = (client, server) if is_client else (server, client)
        segment = struct.pack(">HHHH", sport, dport, 8 + len(payload[:LIMIT]), 0) + payload[:LIMIT]
        yield ip(UDP, source, destination, segment, 6)


def write(path, seed):
    """A capture of CONVERSATIONS; the same seed makes the same."""
    rng = random.Random(seed)
    queues = []
    for number in range(CONVERSATIONS):
        if rng.random() < 0.15:
            queues.append(list(datagrams(rng, number, changed_conversation(rng, UDP))))
        else:
            said = changed_conversation(rng, TCP)
            queues.append(Connection(rng, number, rng.choice(PORTS)).frames(rng, said))
    with PcapWriter(str(path), linktype=DLT_EN10MB) as writer:
        writer.write_header(None)
        time = 1_700_000_000_000_000
        while queues := [queue for queue in queues if queue]:
            # Side by side, as in a real capture.
            frame = rng.choice(queues).pop(0)
            time += rng.choice((1, 50, 900, 40_000, 2_000_000))
            kept = frame[:rng.choice((len(frame),) * 99 + (rng.randrange(14, len(frame)),))]
            writer.write_packet(kept, sec=time // 10**6, usec=time % 10**6, wirelen=len(frame))
