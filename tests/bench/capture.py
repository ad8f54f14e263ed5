# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the large captures of the bench: small conversations, played again by other clients.

A frame is copied and only the client's address and the time change. Lengths stay, and the checksums of IP and TCP
follow by the difference (RFC 1624), so that Wireshark has no more and no less to do than with the first one.
"""

import struct
import subprocess
import tempfile
from pathlib import Path

from scapy.data import DLT_EN10MB
from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from scapy.utils import RawPcapReader, RawPcapWriter

KERBEROS_PORT = 88
SERVER = "10.10.10.10"
CLIENT = "10.10.10.120"
GAP = 0.01  # seconds between two conversations


class Conversation:
    """Frames of one client with the times since the first: bytes that may be changed."""

    def __init__(self, frames):
        self.times = [time - frames[0][0] for time, _, _ in frames]
        self.frames = [bytearray(frame) for _, frame, _ in frames]
        self.lengths = [length for _, _, length in frames]
        self.client = client_of(self.frames)
        self.length = self.times[-1] + GAP

    def by(self, client):
        """The frames as another client, 4 bytes, would have sent and got them."""
        for time, frame, length in zip(self.times, self.frames, self.lengths):
            for at in (26, 30):
                if frame[at:at + 4] == self.client:
                    frame[at:at + 4] = client
                    tcp = 14 + (frame[14] & 0x0F) * 4
                    for checksum in (24, tcp + 16):
                        follow(frame, checksum, self.client, client)
            yield time, frame, length
        self.client = client


def follow(frame, at, old, new):
    """The checksum at AT after OLD became NEW."""
    total = ~struct.unpack_from("!H", frame, at)[0] & 0xFFFF
    total += sum(~word & 0xFFFF for word in struct.unpack("!HH", old)) + sum(struct.unpack("!HH", new))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    struct.pack_into("!H", frame, at, ~total & 0xFFFF)


def is_tds(frame):
    """IPv4 with TCP, and not the ticket before a Kerberos login."""
    if frame[12:14] != b"\x08\x00" or frame[23] != 6 or len(frame) < 54:
        return False
    at = 14 + (frame[14] & 0x0F) * 4
    return KERBEROS_PORT not in struct.unpack_from("!HH", frame, at)


def client_of(frames):
    """The sender of the first SYN, else of the first frame."""
    for frame in frames:
        if frame[14 + (frame[14] & 0x0F) * 4 + 13] & 0x12 == 0x02:
            return bytes(frame[26:30])
    return bytes(frames[0][26:30])


def read(path):
    """The frames of a capture of Ethernet as (time, bytes, real length); none of another link layer."""
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.pcap"
        subprocess.run(["editcap", "-F", "nsecpcap", path, plain], check=True)
        reader = RawPcapReader(str(plain))
        try:
            if reader.linktype != DLT_EN10MB:
                return []
            return [(meta.sec + meta.usec / 1e9, frame, meta.wirelen) for frame, meta in reader]
        finally:
            reader.close()


def real_conversations(folder):
    """One for each capture in FOLDER that is all of Ethernet, IPv4 and TCP."""
    for path in sorted(Path(folder).glob("*.pcapng")):
        frames = [frame for frame in read(path) if is_tds(frame[1])]
        if frames and not path.stem.startswith("nontds"):
            yield Conversation(frames)


def plain_conversation(port, request, response):
    """Ten requests of a service that is not SQL Server, each with a response of six segments."""
    ends = {True: (Ether(src="00:15:5d:0a:0a:78", dst="00:15:5d:0a:0a:0a") / IP(src=CLIENT, dst=SERVER), 50000, port),
            False: (Ether(src="00:15:5d:0a:0a:0a", dst="00:15:5d:0a:0a:78") / IP(src=SERVER, dst=CLIENT), port, 50000)}
    next_seq = {True: 1000, False: 5000}
    frames = []

    def send(client, flags, payload=b""):
        headers, sport, dport = ends[client]
        tcp = TCP(sport=sport, dport=dport, flags=flags, window=8192, seq=next_seq[client],
                  ack=next_seq[not client] if "A" in flags else 0)
        frame = bytes(headers / tcp / Raw(payload) if payload else headers / tcp)
        frames.append((len(frames) * 0.0001, frame, len(frame)))
        next_seq[client] += len(payload) + ("S" in flags or "F" in flags)

    send(True, "S")
    send(False, "SA")
    send(True, "A")
    for _ in range(10):
        send(True, "PA", request)
        for at in range(0, len(response), 1460):
            send(False, "A", response[at:at + 1460])
        send(True, "A")
    send(True, "FA")
    send(False, "FA")
    send(True, "A")
    return Conversation(frames)


def plain_conversations():
    """HTTP on its port, and a service that no dissector of Wireshark knows."""
    body = bytes(range(32, 127)) * 85
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % len(body)
    get = b"GET /index.txt HTTP/1.1\r\nHost: example.com\r\nAccept: */*\r\n\r\n"
    return [plain_conversation(80, get, head + body), plain_conversation(9753, b"\xf1\xf2" * 40, b"\xf3\xf4" * 4380)]


def write(path, conversations, count):
    """COUNT frames or a few more, in turns from CONVERSATIONS, each time by a new client. Returns how many."""
    conversations = list(conversations)
    start = 1717588800.0
    written = turn = 0
    with RawPcapWriter(str(path), linktype=DLT_EN10MB, nano=True) as writer:
        writer.write_header(None)
        while written < count:
            client = bytes([10, 64 + (turn >> 16), turn >> 8 & 0xFF, turn & 0xFF])
            conversation = conversations[turn % len(conversations)]
            for time, frame, length in conversation.by(client):
                at = start + time
                writer.write_packet(bytes(frame), sec=int(at), usec=int(at % 1 * 1e9), wirelen=length)
            written += len(conversation.frames)
            start += conversation.length
            turn += 1
    return written
