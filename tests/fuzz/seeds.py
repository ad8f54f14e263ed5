#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes the first inputs of the fuzz targets out of the captures: seeds.py FOLDER writes FOLDER/TARGET/NUMBER.

Of captures/real everything. Of captures/story what no real capture has: SQL Browser, the KDC, DNS. What a target expects
beside a message, such as who sends, stands in the comment that NAME_fuzz.c begins with. rules has no seeds, for it
takes no bytes of a capture.
"""

import struct
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

import captures  # noqa: E402
import wireshark  # noqa: E402

LIMIT = 4096  # bytes of an input
TDS_TYPES = (1, 2, 3, 4, 6, 7, 8, 14, 15, 16, 17, 18)
SMP, TLS_HANDSHAKE, TLS_DATA = 0x53, 0x16, 0x17
PAYLOAD = 0x7F
DATAGRAMS = {"53": "dns", "1434": "ssrp", "88": "kdc"}  # by port
TCP_FLAGS = ((0x04, 4), (0x01, 3), (0x12, 2), (0x02, 1))  # RST, FIN, SYN-ACK, SYN and their message_t


def segments(capture):
    """(connection, whether the server sends, TCP flags, payload) of each frame of TCP, in order."""
    servers = {}
    names = ("tcp.stream", "tcp.srcport", "tcp.flags", "tcp.payload")
    for stream, port, flags, payload in wireshark.fields(capture, *names, display_filter="tcp", keys=None):
        # Who speaks first is the client.
        client = servers.setdefault(stream, port)
        yield stream, port != client, int(flags, 16), bytes.fromhex(payload)


def units(stream):
    """(first byte, bytes) of the TDS packets, SMP packets and TLS records that a stream of bytes begins with."""
    while len(stream) >= 8:
        kind = stream[0]
        if kind == SMP:
            length = struct.unpack_from("<I", stream, 4)[0]
        elif kind in TDS_TYPES:
            length = struct.unpack_from(">H", stream, 2)[0]
        elif 0x14 <= kind <= TLS_DATA:
            length = 5 + struct.unpack_from(">H", stream, 3)[0]
        else:
            return
        if length < 5:
            return
        yield kind, stream[:length]
        stream = stream[length:]


def messages(stream):
    """(type, content) of the TDS messages in a stream, those in SMP too."""
    content = b""
    for kind, unit in units(stream):
        if kind == SMP:
            yield from messages(unit[16:])
        elif kind in TDS_TYPES:
            content += unit[8:]
            if unit[1] & 1:
                yield kind, content
                content = b""


def tokens_of(login):
    """The SSPI token of a LOGIN7."""
    at, length = struct.unpack_from("<HH", login, 78) if len(login) > 82 else (0, 0)
    return [login[at:at + length]] if length else []


def of_message(kind, content):
    """(target, input) for the content of a TDS message."""
    if kind in (1, 3):
        yield "statement", bytes([6 | (kind == 3)]) + content
    elif kind in (2, 16):
        yield "login7", content
        for token in tokens_of(content):
            yield "sspi", token
            yield "der", token
    elif kind == 17:
        yield "sspi", content
        yield "der", content
    elif kind == 4:
        yield "tokens", content
        yield "tds", content
        if content[:1] == b"\xed":
            yield "sspi", content[3:]
    elif kind == 18:
        yield from (("tlshello", content),) if content[:1] == b"\x16" else (("tds", content),)
        certificate = content.find(b"\x30\x82")
        if certificate > 0:
            yield "der", content[certificate:]


def of_connection(frames):
    """(target, input) for a connection: (whether the server sends, flags, payload) of its frames."""
    story, smp, hidden = b"", b"", b"\x00\x00"
    sides = {False: b"", True: b""}
    for server, flags, payload in frames:
        for mask, message in TCP_FLAGS:
            if flags & mask == mask:
                story += bytes([message << 1 | server])
                break
        if payload:
            kept = payload[:700]
            story += bytes([PAYLOAD << 1 | server]) + struct.pack(">H", len(kept)) + kept
            sides[server] += payload
        for kind, unit in units(payload):
            if kind == SMP:
                smp += bytes([server | 2]) + unit[:16]
            elif kind == TLS_DATA:
                hidden += bytes([server]) + unit[3:5]
            yield "tds", unit[:16]
    yield "connection", story
    yield "mars", smp
    yield "hidden", hidden
    for server, stream in sides.items():
        for circumstances in (0, 1):
            yield "recognise", bytes([circumstances | (2 if server else 1) << 1]) + stream[:1024]
        yield "tlshello", stream if stream[:1] == bytes([TLS_HANDSHAKE]) else b""
        for kind, content in messages(stream):
            yield from of_message(kind, content)


def of_tcp(capture):
    """(target, input) for the connections of a capture."""
    connections = defaultdict(list)
    for stream, *frame in segments(capture):
        connections[stream].append(frame)
    for frames in connections.values():
        yield from of_connection(frames)


def of_helpers(capture):
    """(target, input) for what clients ask SQL Browser, a KDC and DNS."""
    for port, other, payload in wireshark.fields(capture, "udp.srcport", "udp.dstport", "udp.payload",
                                                 display_filter="udp && !icmp && !icmpv6"):
        target = DATAGRAMS.get(port if port in DATAGRAMS else other)
        if target and payload:
            yield target, bytes.fromhex(payload)
    for payload, in wireshark.fields(capture, "tcp.payload", display_filter="tcp.port == 88 && tcp.len > 4"):
        yield "kdc", bytes.fromhex(payload)[4:]


def main(folder):
    found = defaultdict(dict)  # a dict in place of a set keeps the order
    for capture in captures.REAL:
        for target, data in of_tcp(capture):
            found[target][data[:LIMIT]] = True
    for capture in captures.ALL:
        for target, data in of_helpers(capture):
            found[target][data[:LIMIT]] = True
    for target, inputs in found.items():
        place = Path(folder) / target
        place.mkdir(parents=True, exist_ok=True)
        for number, data in enumerate(filter(None, inputs)):
            (place / f"{number:04}").write_bytes(data)
        print(f"{target}: {len(inputs)} seeds")


if __name__ == "__main__":
    main(*sys.argv[1:])
