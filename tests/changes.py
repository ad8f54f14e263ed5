#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Changes of a capture that take nothing from what it says of its connections: other headers around IP, the same bytes in
other segments, each frame twice, other addresses, other numbers of TCP, another file format.

    tests/changes.py [CAPTURE ...]     tries all of them on all captures, and prints every difference that is not allowed

A capture and its changed twin are read, and every field of ours is compared frame by frame. A frame of the twin knows the
frame that it was made of, so numbers of frames are compared, too. TDSCONN_BUILD_DIR names the build folder.
"""

import ipaddress
import os
import re
import struct
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from scapy.utils import RawPcapNgReader, checksum

import captures
import wireshark

ETHERNET, RAW, PPP, NULL, LOOP, COOKED, COOKED_2 = 1, 101, 9, 0, 108, 113, 276  # link types of pcap
IPV4, IPV6 = 0x0800, 0x86DD
TCP, UDP = 6, 17
FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
NOP, SACK, TIMESTAMP = 1, 5, 8  # options
COLUMN = 2000  # characters at least that sharkd shows of a field
WRAP = 0xFFFFFF00  # a first sequence number: 256 bytes later it wraps around
SECOND = 10**9  # nanoseconds


LONGEST = int(os.environ.get("TDSCONN_LONGEST", "150"))  # frames; longer captures take longer, and are like these


class Frame(NamedTuple):
    """A frame: its bytes, its length on the wire, nanoseconds since 1970, and the number of the frame that it was made of."""
    data: bytes
    wire: int
    time: int
    of: int


@dataclass(frozen=True)
class Twin:
    """A changed capture. first: for each frame that was joined to an earlier one, the number of that. base: what it is
    held against, if not the capture as it is. names: texts that stand for others, such as addresses."""
    frames: list
    link: int = ETHERNET
    first: dict = field(default_factory=dict)
    base: list = None
    names: dict = field(default_factory=dict)
    late: int = None  # each frame stands twice, and the copy is so many nanoseconds late
    micro: bool = False
    convert: tuple = ()  # arguments of editcap


def frames_of(capture):
    """The frames of a capture whose link is Ethernet, pcapng or pcap; None of another."""
    frames = []
    for number, (data, meta) in enumerate(RawPcapNgReader(str(capture)), start=1):
        if getattr(meta, "linktype", ETHERNET) != ETHERNET:
            return None
        if hasattr(meta, "tshigh"):
            time = ((meta.tshigh << 32) + meta.tslow) * SECOND // meta.tsresol
        else:
            time = meta.sec * SECOND + meta.usec * getattr(meta, "scale", 1000)
        frames.append(Frame(data, meta.wirelen, time, number))
    return frames


# Headers {{{


class Segment(NamedTuple):
    """The parts of a frame that carries TCP over IP without fragments. tail: what stands behind the IP packet."""
    link: bytes
    ip: bytes
    tcp: bytes
    data: bytes
    tail: bytes
    sound: bool  # its checksum is right

    @property
    def seq(self):
        return struct.unpack_from(">I", self.tcp, 4)[0]

    @property
    def ack(self):
        return struct.unpack_from(">I", self.tcp, 8)[0]

    @property
    def flags(self):
        return self.tcp[13]

    @property
    def ends(self):
        """Sender and receiver."""
        size, start = (4, 12) if self.ip[0] >> 4 == 4 else (16, 8)
        return (self.ip[start:start + size] + self.tcp[:2], self.ip[start + size:start + 2 * size] + self.tcp[2:4])


def of_ip(data):
    """Where IP begins in an Ethernet frame, and its EtherType; None if it carries something else."""
    kind, at = struct.unpack_from(">H", data, 12)[0] if len(data) >= 34 else 0, 14
    while kind in (0x8100, 0x88A8) and len(data) >= at + 24:
        kind, at = struct.unpack_from(">H", data, at + 2)[0], at + 4
    return (at, kind) if kind in (IPV4, IPV6) else None


def segment(frame):
    """A frame in its parts; None if it is no whole segment of TCP."""
    place = of_ip(frame.data)
    if not place or len(frame.data) != frame.wire:
        return None
    at, kind = place
    data = frame.data
    if kind == IPV4:
        size, length = (data[at] & 15) * 4, struct.unpack_from(">H", data, at + 2)[0]
        ours = data[at + 9] == TCP and struct.unpack_from(">H", data, at + 6)[0] & 0x3FFF == 0
        end = at + length if length else len(data)
    else:
        size, ours = 40, data[at + 6] == TCP
        end = at + size + struct.unpack_from(">H", data, at + 4)[0]
    if not ours or end > len(data) or end < at + size + 20:
        return None
    tcp = at + size
    body = tcp + (data[tcp + 12] >> 4) * 4
    if body > end:
        return None
    ip = data[at:tcp]
    return Segment(data[:at], ip, data[tcp:body], data[body:end], data[end:], sum_of(ip, data[tcp:end]) == 0)


def sum_of(ip, content):
    """TCP's or UDP's checksum over this content, 0 if it has one that is right."""
    if ip[0] >> 4 == 4:
        pseudo = ip[12:20] + struct.pack(">HH", ip[9], len(content))
    else:
        pseudo = ip[8:40] + struct.pack(">II", len(content), ip[6])
    return checksum(pseudo + content)


def with_lengths(ip, length):
    """An IP header with the length of what follows it, and its checksum."""
    if ip[0] >> 4 == 6:
        return ip[:4] + struct.pack(">H", length) + ip[6:]
    ip = ip[:2] + struct.pack(">H", len(ip) + length) + ip[4:10] + b"\0\0" + ip[12:]
    return ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]


def tcp_sum(part):
    """The TCP header of a segment with its checksum, if it had a right one."""
    if not part.sound:
        return part.tcp
    tcp = part.tcp[:16] + b"\0\0" + part.tcp[18:]
    return tcp[:16] + struct.pack(">H", sum_of(part.ip, tcp + part.data)) + tcp[18:]


def framed(frame, part):
    """The frame with other parts. It is as long as they are, and no longer padded."""
    part = part._replace(ip=with_lengths(part.ip, len(part.tcp) + len(part.data)))
    data = part.link + part.ip + tcp_sum(part) + part.data + part.tail
    return frame._replace(data=data, wire=len(data))


def each_segment(change):
    """The change of a capture that changes each of its segments: `change` has a Segment and returns another."""
    def changed(frames):
        parts = [(frame, segment(frame)) for frame in frames]
        return Twin([framed(frame, change(part)) if part else frame for frame, part in parts])
    return changed


def each_ip(change):
    """The change of a capture that changes each packet: `change` has EtherType and bytes of IP and returns both."""
    def changed(frames):
        return Twin([with_ip(frame, change) for frame in frames])
    return changed


def with_ip(frame, change):
    place = of_ip(frame.data)
    if not place:
        return frame
    at, kind = place
    data = frame.data[:at] + change(kind, frame.data[at:])
    return frame._replace(data=data, wire=frame.wire + len(data) - len(frame.data))


# }}}
# What carries IP {{{


def carried(link, around):
    """The change to another link or tunnel: `around` has the Ethernet addresses, EtherType, IP and its length on the wire,
    and returns the frame. What is no IP is left out."""
    def changed(frames):
        inside = [(frame, of_ip(frame.data)) for frame in frames]
        return Twin([rebuilt(frame, *place, around) for frame, place in inside if place], link)
    return changed


def rebuilt(frame, at, kind, around):
    data = around(frame.data[:12], kind, frame.data[at:], frame.wire - at)
    return frame._replace(data=data, wire=frame.wire + len(data) - len(frame.data))


def typed(*words):
    """A header of 16-bit words, network order."""
    return struct.pack(f">{len(words)}H", *words)


def outer(protocol, length, content):
    """An IPv4 packet of two routers."""
    head = struct.pack(">BBHHHBBH", 0x45, 0, min(20 + length, 65535), 1, 0, 61, protocol, 0)
    return with_lengths(head + bytes((192, 0, 2, 1, 192, 0, 2, 2)), length) + content


def tunnelled(protocol, head):
    """A tunnel of IP protocol `protocol` (or for each EtherType one) with a header of its own before what it carries."""
    def around(macs, kind, ip, wire):
        number = protocol[kind] if isinstance(protocol, dict) else protocol
        before = head(macs, kind, wire)
        return macs + typed(IPV4) + outer(number, len(before) + wire, before + ip)
    return carried(ETHERNET, around)


def in_udp(port, head):
    def with_header(macs, kind, wire):
        inside = head(macs, kind, wire)
        return typed(50000, port, min(8 + len(inside) + wire, 65535), 0) + inside
    return tunnelled(UDP, with_header)


PPP_OF = {IPV4: 0x0021, IPV6: 0x0057}
CARRIERS = {
    "VLAN": carried(ETHERNET, lambda macs, kind, ip, wire: macs + typed(0x8100, 100, kind) + ip),
    "VLAN with priority": carried(ETHERNET, lambda macs, kind, ip, wire: macs + typed(0x8100, 0xE001, kind) + ip),
    "QinQ": carried(ETHERNET, lambda macs, kind, ip, wire: macs + typed(0x88A8, 100, 0x8100, 200, kind) + ip),
    "MPLS": carried(ETHERNET, lambda macs, kind, ip, wire: macs + typed(0x8847, 0, 0x1140) + ip),
    "PPPoE": carried(ETHERNET, lambda macs, kind, ip, wire: macs + typed(
        0x8864, 0x1100, 1, (wire + 2) & 0xFFFF, PPP_OF[kind]) + ip),
    "raw IP": carried(RAW, lambda macs, kind, ip, wire: ip),
    "PPP": carried(PPP, lambda macs, kind, ip, wire: b"\xff\x03" + typed(PPP_OF[kind]) + ip),
    "NULL": carried(NULL, lambda macs, kind, ip, wire: struct.pack("<I", 2 if kind == IPV4 else 24) + ip),
    "LOOP": carried(LOOP, lambda macs, kind, ip, wire: struct.pack(">I", 2 if kind == IPV4 else 24) + ip),
    "cooked": carried(COOKED, lambda macs, kind, ip, wire: typed(0, 1, 6) + macs[6:] + typed(0, kind) + ip),
    "cooked 2": carried(COOKED_2, lambda macs, kind, ip, wire: typed(kind, 0, 0, 2, 1, 0x0006) + macs[6:] + b"\0\0" + ip),
    "IP in IP": tunnelled({IPV4: 4, IPV6: 41}, lambda macs, kind, wire: b""),
    "GRE": tunnelled(47, lambda macs, kind, wire: typed(0, kind)),
    "GRE with key": tunnelled(47, lambda macs, kind, wire: typed(0x2000, kind, 0, 7)),
    "ERSPAN": tunnelled(47, lambda macs, kind, wire: typed(0x1000, 0x88BE, 0, 1, 0x1001, 0, 0, 0) + macs + typed(kind)),
    "VXLAN": in_udp(4789, lambda macs, kind, wire: typed(0x0800, 0, 0, 0x0100) + macs + typed(kind)),
    "Geneve": in_udp(6081, lambda macs, kind, wire: typed(0, 0x6558, 0, 0x0100) + macs + typed(kind)),
}


def padded(frames):
    """Ethernet's 60 bytes at least."""
    return Twin([frame._replace(data=frame.data.ljust(60, b"\0"), wire=max(60, frame.wire))
                 if len(frame.data) == frame.wire else frame for frame in frames])


def trailed(frames):
    """Bytes behind the packet, as a device adds them. Not where the card divides the packet, and IP has no length."""
    return Twin([frame._replace(data=frame.data + b"\x12\x01\0\x2a\x5a\xa5", wire=frame.wire + 6)
                 if (part := segment(frame)) and part.ip[2:4] != b"\0\0" else frame for frame in frames])


# }}}
# IP {{{


def header4(change):
    """The change of each IPv4 header, of which `change` returns the bytes 1 to 9."""
    def of_packet(kind, ip):
        if kind != IPV4:
            return ip
        head = bytearray(ip[:(ip[0] & 15) * 4])
        change(head)
        head[10:12] = b"\0\0"
        head[10:12] = struct.pack(">H", checksum(bytes(head)))
        return bytes(head) + ip[len(head):]
    return each_ip(of_packet)


def no_id(head):
    head[4:6] = b"\0\0"


def may_be_fragmented(head):
    head[6] ^= 0x40


def one_hop_less(head):
    head[8] = max(1, head[8] - 1)


def marked(head):
    head[1] = 0xB8 | 1  # expedited forwarding, ECN-capable


def renamed(frames):
    """Other hosts: the first byte of each address of IPv4 is another, in what ICMP quotes, too."""
    def other(address):
        return bytes([address[0] ^ 0x40]) + address[1:]

    def of_packet(kind, ip):
        if kind != IPV4 or len(ip) < 20:
            return ip
        size = (ip[0] & 15) * 4
        head = ip[:12] + other(ip[12:16]) + other(ip[16:20]) + ip[20:size]
        names.update({".".join(map(str, other(one))): ".".join(map(str, one)) for one in (ip[12:16], ip[16:20])})
        content = ip[size:]
        if ip[9] == 1 and len(content) >= 28 and content[0] in (3, 4, 5, 11):
            content = content[:2] + b"\0\0" + content[4:8] + of_packet(IPV4, content[8:])
            content = content[:2] + struct.pack(">H", checksum(content)) + content[4:]
        head = head[:10] + b"\0\0" + head[12:]
        return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + content
    names = {}
    twin = each_ip(of_packet)(frames)
    fixed = [with_right_sum(frame, old) for frame, old in zip(twin.frames, frames, strict=True)]
    return replace(twin, frames=fixed, names=names)


def with_right_sum(frame, old):
    """The frame with a right checksum of TCP, if the old one had it."""
    before, part = segment(old), segment(frame)
    return framed(frame, part._replace(sound=True)) if part and before.sound else frame


def as_ipv6(frames):
    """The same addresses in IPv6, behind fd00::. Not of captures with ICMP, or with broadcasts, which IPv6 has not."""
    def of_packet(kind, ip):
        if kind != IPV4:
            return ip
        size, length = (ip[0] & 15) * 4, struct.unpack_from(">H", ip, 2)[0]
        content = ip[size:length or None]
        new = struct.pack(">IHBB", 6 << 28, (length or len(ip)) - size, ip[9], ip[8]) + long(ip[12:16]) + long(ip[16:20])
        if ip[9] == UDP and len(content) >= 8:
            content = content[:6] + struct.pack(">H", sum_of(new, content[:6] + b"\0\0" + content[8:])) + content[8:]
        return new + content

    def long(address):
        name = str(ipaddress.IPv6Address(b"\xfd" + bytes(11) + address))
        names[name] = str(ipaddress.IPv4Address(address))
        return b"\xfd" + bytes(11) + address

    names, changed = {}, []
    for frame in frames:
        place = of_ip(frame.data)
        if place and place[1] == IPV4 and (frame.data[place[0] + 9] not in (TCP, UDP) or frame.data[place[0] + 19] == 255):
            return None
        new = with_ip(frame, of_packet)
        if place and place[1] == IPV4:
            data = new.data[:place[0] - 2] + typed(IPV6) + new.data[place[0]:]
            new = with_right_sum(frame._replace(data=data, wire=frame.wire + len(data) - len(frame.data)), frame)
        changed.append(new)
    return Twin(changed, names=names)


def fragments4(ip, content, cuts):
    """IPv4 packets with the parts of what one packet brings."""
    for start, end in zip([0, *cuts], [*cuts, len(content)]):
        more = 0x2000 if end < len(content) else 0
        yield with_lengths(ip[:6] + typed(more | start // 8) + ip[8:], end - start) + content[start:end]


def fragments6(ip, content, cuts):
    for start, end in zip([0, *cuts], [*cuts, len(content)]):
        head = bytes([ip[6], 0]) + typed(start | (end < len(content))) + content[:4]
        yield with_lengths(ip[:6] + b"\x2c" + ip[7:], 8 + end - start) + head + content[start:end]


def fragmented(places, order=1):
    """The change that divides each whole IP packet with TCP or UDP at places, multiples of 8, that `places` names for a
    length. order: -1 = the last comes first."""
    def changed(frames):
        made = []
        for frame in frames:
            place = of_ip(frame.data)
            whole = place and len(frame.data) == frame.wire and parts_of(frame.data[place[0]:], place[1])
            cuts = [cut for cut in places(len(whole[1])) if 0 < cut < len(whole[1])] if whole else []
            if not cuts:
                made.append(frame)
                continue
            of_kind = fragments4 if place[1] == IPV4 else fragments6
            pieces_of = [frame.data[:place[0]] + packet for packet in of_kind(*whole, cuts)]
            made += [frame._replace(data=data, wire=len(data)) for data in pieces_of[::order]]
        return Twin(made)
    return changed


def parts_of(ip, kind):
    """(header, content) of an IP packet with TCP or UDP; None of another, of a fragment, and where no length is told."""
    if kind == IPV4:
        size, length, protocol = (ip[0] & 15) * 4, struct.unpack_from(">H", ip, 2)[0], ip[9]
        whole = struct.unpack_from(">H", ip, 6)[0] & 0x3FFF == 0
    else:
        size, length, protocol, whole = 40, 40 + struct.unpack_from(">H", ip, 4)[0], ip[6], True
    return (ip[:size], ip[size:length]) if whole and protocol in (TCP, UDP) and size < length <= len(ip) else None


# }}}
# TCP {{{


def without_push(part):
    return part._replace(tcp=part.tcp[:13] + bytes([part.flags & ~PSH]) + part.tcp[14:])


def urgent(part):
    return part._replace(tcp=part.tcp[:18] + b"\0\x01" + part.tcp[20:])


def congested(part):
    """ECE and CWR, as ECN uses them."""
    return part if part.flags & SYN else part._replace(tcp=part.tcp[:13] + bytes([part.flags | 0x40]) + part.tcp[14:])


def no_checksum(part):
    return part._replace(tcp=part.tcp[:16] + b"\0\0" + part.tcp[18:], sound=False)


def options_of(tcp):
    """(kind, bytes with kind and length) of each option."""
    at = 20
    while at < len(tcp) and tcp[at] != 0:
        size = 1 if tcp[at] == NOP else tcp[at + 1] if at + 1 < len(tcp) else 0
        if size == 0 or at + size > len(tcp):
            return
        yield tcp[at], tcp[at:at + size]
        at += size


def with_options(part, options):
    content = b"".join(options)
    content += b"\x01" * (-len(content) % 4)
    offset = (20 + len(content)) // 4 << 4 | part.tcp[12] & 15
    return part._replace(tcp=part.tcp[:12] + bytes([offset]) + part.tcp[13:20] + content)


def without_timestamps(part):
    return with_options(part, [option for kind, option in options_of(part.tcp) if kind not in (TIMESTAMP, NOP)])


def rebased(frames):
    """Each direction's numbers begin so that they wrap around soon."""
    parts = [(frame, segment(frame)) for frame in frames]
    if any(not part and is_tcp_or_icmp(frame) for frame, part in parts):
        return None
    shift = {}
    for _, part in parts:
        if part:
            shift.setdefault(part.ends, (WRAP - part.seq) % 2**32)
            if part.flags & ACK:
                shift.setdefault(part.ends[::-1], (WRAP - part.ack) % 2**32)
    return Twin([framed(frame, moved(part, shift[part.ends], shift.get(part.ends[::-1], 0))) if part else frame
                 for frame, part in parts])


def is_tcp_or_icmp(frame):
    place = of_ip(frame.data)
    protocol = place and frame.data[place[0] + (9 if place[1] == IPV4 else 6)]
    return protocol in (1, 58, TCP)


def moved(part, own, other):
    """A segment with other numbers; who acknowledges nothing has 0."""
    def number(old, more):
        return struct.pack(">I", (old + more) % 2**32)
    ack = number(part.ack, other) if part.flags & ACK else part.tcp[8:12]
    part = part._replace(tcp=part.tcp[:4] + number(part.seq, own) + ack + part.tcp[12:])
    options = list(options_of(part.tcp))
    if all(kind != SACK for kind, _ in options):
        return part
    edges = [b"".join([option[:2], *(number(edge, other) for edge, in struct.iter_unpack(">I", option[2:]))])
             if kind == SACK else option for kind, option in options]
    return with_options(part, edges)


# What Wireshark's dissectors of other protocols need in the first segment, by port: NBSS its header, SOCKS its message.
LEAST = {struct.pack(">H", port): size for port, size in ((139, 4), (445, 4), (1080, 65536))}


def divided(places):
    """The change that cuts each segment's payload at the places that `places` names for it. What is sent again comes as it
    was, and so does what begins in the middle of a connection: there only a whole header says what it is."""
    def changed(frames):
        sent = {}
        return Twin([piece for frame in frames for piece in pieces(frame, places, sent)])
    return changed


def pieces(frame, places, sent):
    part = segment(frame)
    if part and part.flags & SYN:
        sent[part.ends] = (part.seq + 1 + len(part.data)) % 2**32
    if not part or part.flags & (SYN | RST) or part.ends not in sent:
        return [frame]
    old = (sent[part.ends] - part.seq) % 2**32 - 1 < 2**31
    sent[part.ends] = (part.seq + len(part.data)) % 2**32 if not old else sent[part.ends]
    least = max(LEAST.get(end[-2:], 1) for end in part.ends)
    cuts = [] if old else sorted({cut for cut in places(part.data) if least <= cut < len(part.data)})
    if not cuts:
        return [frame]
    ends = [*cuts, len(part.data)]
    made = []
    for number, (start, end) in enumerate(zip([0, *cuts], ends)):
        flags = part.flags if end == len(part.data) else part.flags & ~(PSH | FIN)
        tcp = part.tcp[:4] + struct.pack(">I", (part.seq + start) % 2**32) + part.tcp[8:13] + bytes([flags]) + part.tcp[14:]
        piece = part._replace(tcp=tcp, data=part.data[start:end], tail=b"", ip=with_id(part.ip, number))
        made.append(framed(frame, piece))
    return made


def with_id(ip, more):
    """An Identification for each piece, as long as the packet has one."""
    old = struct.unpack_from(">H", ip, 4)[0]
    return ip if ip[0] >> 4 == 6 or old == 0 else ip[:4] + struct.pack(">H", (old + more * 0x101) % 0xFFFF or 1) + ip[6:]


def every(size):
    return lambda data: range(size, min(len(data), 400 * size), size)


def headers_in(data):
    """Behind each header of 8 bytes: of TDS packets from the first byte on."""
    at = 0
    while at + 8 < len(data):
        length = struct.unpack_from(">H", data, at + 2)[0]
        yield at + 8
        if data[0] > 0x12 or length < 8:
            return
        at += length
        yield at


def joined(frames):
    """What one side sends without a word of the other is one segment, as a network card joins it. Held against the capture
    in which the same segments have one time, that of the last."""
    parts = [(frame, segment(frame)) for frame in frames]
    made, base, first = [], [], {}
    for group in runs(parts):
        last = group[-1][0]
        base += [frame._replace(time=last.time) for frame, _ in group]
        if len(group) == 1:
            made.append(last)
            continue
        part = group[-1][1]
        head, end = group[0][1], part.tcp[13]
        whole = part._replace(tcp=part.tcp[:4] + head.tcp[4:8] + part.tcp[8:13] + bytes([end]) + part.tcp[14:],
                              data=b"".join(one.data for _, one in group), tail=b"", ip=head.ip)
        made.append(framed(last._replace(of=group[0][0].of), whole))
        first.update({frame.of: group[0][0].of for frame, _ in group})
    return Twin(made, first=first, base=base)


def runs(parts):
    """Groups of frames that one segment may hold."""
    group = []
    for frame, part in parts:
        if not (group and part and follows(group, part)):
            if group:
                yield group
            group = []
        group.append((frame, part))
    if group:
        yield group


def follows(group, part):
    before = group[-1][1]
    plain = ACK | PSH
    return (before is not None and before.ends == part.ends and before.data and part.data and before.sound == part.sound and
            before.flags | PSH == plain and part.flags & ~FIN | PSH == plain and before.tcp[8:12] == part.tcp[8:12] and
            part.seq == (before.seq + len(before.data)) % 2**32 and
            sum(len(one.data) for _, one in group) + len(part.data) < 60000)


def ports_of(frames):
    """Other ports of clients: who sent the first SYN of a conversation; not of captures without."""
    clients = {part.ends[0][-2:] for part in map(segment, frames) if part and part.flags & (SYN | ACK) == SYN}
    seen = {end[-2:] for part in map(segment, frames) if part for end in part.ends}
    new = {port: struct.pack(">H", struct.unpack(">H", port)[0] ^ 0x0155) for port in clients}
    if set(new.values()) & seen or any(not segment(frame) and is_tcp_or_icmp(frame) for frame in frames) or len(new) > 20:
        return None

    def other(part):
        source, target = (new.get(port, port) for port in (part.tcp[:2], part.tcp[2:4]))
        return part._replace(tcp=source + target + part.tcp[4:])
    names = {str(struct.unpack(">H", value)[0]): str(struct.unpack(">H", key)[0]) for key, value in new.items()}
    return replace(each_segment(other)(frames), names=names)


# }}}
# Time, order, file {{{


def copied(later):
    """Each frame twice, as two capture points have it."""
    def changed(frames):
        both = [(frame.time + late, place, frame._replace(time=frame.time + late))
                for late in (0, later) for place, frame in enumerate(frames)]
        order = both if not is_ordered(frames) else sorted(both, key=lambda row: row[:1])
        if not is_ordered(frames):
            order = [(0, 0, frame._replace(time=frame.time + late)) for frame in frames for late in (0, later)]
        return Twin([frame for *_, frame in order], late=later)
    return changed


def is_ordered(frames):
    return all(one.time <= two.time for one, two in zip(frames, frames[1:]))


def shifted(by):
    """At another time. What is shown as a date moves with it."""
    def changed(frames):
        return Twin([frame._replace(time=frame.time + by) for frame in frames]) if frames[0].time + by > 0 else None
    return changed


def in_microseconds(frames):
    base = [frame._replace(time=frame.time // 1000 * 1000) for frame in frames]
    return Twin(base, base=base, micro=True)


NOISE = b"GET / HTTP/1.1\r\nHost: example\r\n\r\n"


def among_others(frames):
    """Between other hosts' frames: HTTP, and a name of DNS. They have the number 0."""
    link = bytes(12) + typed(IPV4)

    def packet(protocol, content, back=False):
        ends = [bytes((198, 51, 100, 1)), bytes((198, 51, 100, 2))]
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 0, 7, 0, 64, protocol, 0) + b"".join(ends[::-1] if back else ends)
        return link + with_lengths(ip, len(content)) + content
    made = []
    for number, frame in enumerate(frames):
        tcp = struct.pack(">HHIIBBHHH", 40000, 80, 1 + number * len(NOISE), 1, 0x50, ACK | PSH, 500, 0, 0)
        data = packet(TCP, tcp + NOISE) if number % 2 else packet(UDP, typed(5000, 9, 12, 0) + b"more")
        made += [Frame(data, len(data), frame.time, 0), frame]
    return Twin(made)


def converted(*args):
    return lambda frames: Twin(frames, convert=args)


# }}}

CHANGES = {
    **CARRIERS,
    "padded": padded,
    "trailer": trailed,
    "IP id 0": header4(no_id),
    "don't fragment": header4(may_be_fragmented),
    "TTL one less": header4(one_hop_less),
    "DSCP and ECN": header4(marked),
    "other addresses": renamed,
    "IPv6": as_ipv6,
    "in IP fragments": fragmented(lambda length: [length // 16 * 8]),
    "in many IP fragments": fragmented(lambda length: [8, 24, *range(48, length, 480)]),
    "VXLAN in IP fragments": lambda frames: fragmented(lambda length: [length // 16 * 8])(CARRIERS["VXLAN"](frames).frames),
    "IP fragments backwards": fragmented(lambda length: [24, length // 16 * 8] if length > 64 else [8], -1),
    "other client ports": ports_of,
    "no PSH": each_segment(without_push),
    "urgent pointer": each_segment(urgent),
    "ECE": each_segment(congested),
    "TCP checksum 0": each_segment(no_checksum),
    "no timestamps": each_segment(without_timestamps),
    "numbers wrap": rebased,
    "1 byte apart": divided(lambda data: [1]),
    "last byte apart": divided(lambda data: [len(data) - 1]),
    "first bytes one by one": divided(lambda data: range(1, min(len(data), 13))),
    "segments of 100": divided(every(100)),
    "segments of 536": divided(every(536)),
    "headers apart": divided(headers_in),
    "inside headers": divided(lambda data: [4, 9]),
    "joined": joined,
    "copies at once": copied(0),
    "copies 300 ns later": copied(300),
    "copies 100 us later": copied(100_000),
    "an hour later": shifted(3600 * SECOND),
    "microseconds": in_microseconds,
    "pcapng": converted("-F", "pcapng"),
    "among others": among_others,
}

# Reading {{{


@lru_cache(maxsize=None)
def fields():
    """{name: type} of all fields of ours."""
    rows = (line.split("\t") for line in wireshark.lines(wireshark.output("tshark", "-G", "fields")))
    return {row[2]: row[3] for row in rows if row[0] == "F" and re.match(r"(tdsconn|ssrp)\.", row[2])}


def written(twin, name):
    """The capture file of a twin."""
    path = wireshark.scratch("changed") / f"{name}.pcap"
    magic, least = (0xA1B2C3D4, 1000) if twin.micro else (0xA1B23C4D, 1)
    with path.open("wb") as file:  # not by scapy: some versions know no link 0
        file.write(struct.pack("<IHHiIII", magic, 2, 4, 0, 0, 0x40000, twin.link))
        for frame in twin.frames:
            second, part = divmod(frame.time, SECOND)
            file.write(struct.pack("<IIII", second, part // least, len(frame.data), frame.wire) + frame.data)
    wireshark.give(path)
    if twin.convert:
        new = path.with_suffix(".converted")
        wireshark.output("editcap", *twin.convert, path, new, bare=True)
        return new
    return path


NUMBERS = re.compile(r"\b(frame |frames (?:(?:\d+)(?:, | and | to ))*)(\d+)(?![.\d])")


# What is told of a frame, and not of what it brings: of those that one was cut into the last has it.
OF_LAST = {f"tdsconn.{name}" for name in "description turn.owes turn.awaited step step.label".split()}


# What a frame has once for each unit that ends in it.
OF_UNITS = {f"tdsconn.{name}" for name in """
    message request_in request_spread response_in response_spread response_time service_time wait.sendings
    wait.time""".split()}


def units_in(name, value):
    """The values of each unit in a frame, or the one of the frame. A column has room for some hundred characters."""
    if name not in OF_UNITS and not name.startswith("tdsconn.mars."):
        return [value]
    return value.split(",") if len(value) < COLUMN else value.split(",")[:-1]


def nanoseconds(time):
    """Of a time of Wireshark's, the last if there are several."""
    return round(float(time.split(",")[-1]) * SECOND)


class Reader:
    """Turns what is said of a twin into words of the capture that it was made of."""

    def __init__(self, twin, of):
        # The number 0 is of frames that are not of the capture; behind it, the twin's frames.
        self.of = [0, *(twin.first.get(number, number) for number in of)]
        self.names = twin.names
        self.late = twin.late
        self.pattern = re.compile(r"(?<![\w.])\[?\b(" + "|".join(map(re.escape, sorted(twin.names, key=len, reverse=True))) +
                                  r")\b\]?(?![\w.]\w)") if twin.names else None

    def number(self, text):
        number = int(text)
        return str(self.of[number]) if number < len(self.of) else text

    def text(self, value):
        if self.pattern:
            value = self.pattern.sub(lambda match: self.names[match[1]], value)
        return NUMBERS.sub(lambda match: re.sub(r"\d+", lambda one: self.number(one[0]), match[0]), value)

    def value(self, name, value):
        if fields()[name] == "FT_FRAMENUM":
            return ",".join(self.number(one) for one in value.split(",")) if value else ""
        return self.text(value)

    def told(self, rows):
        """{frame of the capture: {field: its values in the order of the frames that were made of it}}."""
        told = defaultdict(lambda: defaultdict(list))
        for number, row in zip(self.of[1:], rows, strict=True):
            for name, value in row.items() if number else ():
                if value or name in OF_LAST:
                    for one in units_in(name, value):
                        self.add(told[number][name], name, self.value(name, one))
        return told

    def add(self, values, name, value):
        """One more value of a frame; a copy's is the frame's own if it tells the time at which it stands itself."""
        if name in OF_LAST:
            values[:] = values if values and self.late is not None else [value]
        elif value not in values and not (self.late and values and fields()[name] == "FT_RELATIVE_TIME" and
                                          0 <= nanoseconds(value) - nanoseconds(values[-1]) <= self.late):
            values.append(value)


class Difference(NamedTuple):
    """What another value has in the twin. beside: what else is told of the frame there."""
    capture: str
    change: str
    frame: int
    field: str
    was: str
    now: str
    beside: str

    def __str__(self):
        return f"{self.capture}: {self.change}: frame {self.frame}: {self.field}: {self.was!r} is {self.now!r}"


def differences(capture, change, base, told):
    """What is told of the twin and not of the capture, or the other way round."""
    for number in sorted(base.keys() | told.keys()):
        was, now = base.get(number, {}), told.get(number, {})
        for name in sorted(was.keys() | now.keys()):
            if was.get(name) != now.get(name):
                yield Difference(capture, change, number, name, "|".join(was.get(name, [])), "|".join(now.get(name, [])),
                                 " ".join(now))


def twins_of(capture, changes):
    """(change, twin) of a capture, and of each second base a pair with the change's name and " before"."""
    frames = frames_of(capture)
    if not frames or len(frames) > LONGEST:
        return
    yield "", Twin(frames)
    for change in changes:
        twin = CHANGES[change](frames)
        if twin is None:
            continue
        if twin.base is not None:
            yield f"{change} before", replace(twin, frames=twin.base, first=twin.first, convert=(), base=None)
        yield change, twin


def compared(capture, changes, keys=None):
    """([the changes that were made], [Difference]) of a capture."""
    made = dict(twins_of(capture, changes))
    paths = {change: written(twin, f"{capture.stem}") for change, twin in made.items()}
    prepare = [wireshark.setting("tls.keylog_file", wireshark.readable(keys))] if keys else []
    rows = captures.visits([((prepare if i == 0 else ()), path) for i, path in enumerate(paths.values())], list(fields()))
    told, found = {}, []
    for (change, twin), these in zip(made.items(), rows, strict=True):
        told[change] = Reader(twin, [frame.of for frame in twin.frames]).told(these)
    for path in paths.values():
        path.unlink()
    bases = {}
    for change, twin in made.items():
        if change == "" or change.endswith(" before"):
            continue
        base = told.get(f"{change} before", told[""])
        found += differences(capture.stem, change, base, told[change])
    return [change for change in made if change and not change.endswith(" before")], found


# What is allowed {{{

COPIES = {"copies at once": 0, "copies 300 ns later": 300, "copies 100 us later": 100_000}
DIVISIONS = {name for name in CHANGES if "apart" in name or name.startswith(("segments", "inside", "first"))}


def without_marks(messages):
    """The messages of a frame and its copies, without what says that they are."""
    return set(messages.split("|")) - {"", "retransmission", "keep-alive"}


def is_in_time(one):
    """Whether a duration is that of the capture, but for how late a copy is."""
    late = COPIES[one.change]
    was, now = ([nanoseconds(time) for time in times.split("|")] if times else [] for times in (one.was, one.now))
    return all(time <= late or any(0 <= time - other <= late for other in was) for time in now)


def without_numbers(text):
    return re.sub(r"\d+(\.\d+)?", "", text)


class Allowed(NamedTuple):
    """What may differ: in these changes, of these fields or of any, if that holds; and why."""
    changes: set
    fields: set
    why: str
    holds: object = lambda one: True


TIMES = {f"tdsconn.{name}" for name in "request_spread service_time response_spread response_time wait.time".split()}
FINDING = {"tdsconn.diagnosis", "tdsconn.severity"}
ALLOWED = [
    Allowed(set(CHANGES), {"tdsconn.description"}, "It shows TCP's own flags, lengths and numbers."),
    Allowed(set(COPIES), {"tdsconn.message"}, "A copy is marked as one.",
            lambda one: without_marks(one.now) == without_marks(one.was)),
    Allowed(set(COPIES), {"tdsconn.expert.duplicated"}, "That is the change."),
    Allowed(set(COPIES), FINDING, "So is this.", lambda one: "duplicated" in one.beside),
    Allowed(set(COPIES), TIMES | {"ssrp.time"}, "The last frame is a copy: the capture ends so much later.", is_in_time),
    Allowed(set(COPIES), FINDING, "Texts tell these times.", lambda one: without_numbers(one.was) == without_numbers(one.now)),
    Allowed({"copies at once"}, {"tdsconn.wait.sendings"}, "Until the clock moves, nobody knows that the capture has one: "
            "what has no Identification may then have been sent again."),
    Allowed({"TCP checksum 0"}, {"tdsconn.expert.taken_on", *FINDING}, "Checksums that offloading leaves tell where the "
            "capture was taken, if those of one side are right."),
    Allowed({"TTL one less"}, FINDING, "A text names the TTLs.",
            lambda one: without_numbers(one.was) == without_numbers(one.now)),
    Allowed({"joined"}, {"tdsconn.step", "tdsconn.step.label"}, "One frame has one step, several may have several."),
    Allowed(DIVISIONS, {"tdsconn.message"}, "Of the server's records in TLS 1.3 the last one is told; now others end before.",
            lambda one: set(one.now.split("|")) - set(one.was.split("|")) <= {"TLS handshake (other)"}),
    Allowed({"joined"}, {"tdsconn.message"}, "Of the records that end in a frame one is told; now they end together.",
            lambda one: set(one.was.split("|")) - set(one.now.split("|")) <= {"TLS handshake (other)"}),
    Allowed({"joined"}, TIMES, "A frame has the wait of its first message.",
            lambda one: set(one.now.split("|")) < set(one.was.split("|"))),
    Allowed(DIVISIONS, TIMES, "Of two messages in a frame the second now ends in its own.",
            lambda one: set(one.was.split("|")) < set(one.now.split("|"))),
    Allowed(DIVISIONS, None, "Of a conversation that nobody knows yet 24 frames are kept: here, keys tell only behind TLS.",
            lambda one: one.capture.startswith("live-tds8-no-alpn-port")),
    Allowed(DIVISIONS, {"tdsconn.expert.duplicated", *FINDING}, "What stands twice is divided where it stands first: there "
            "are fewer copies among more frames.", lambda one: one.capture.startswith("derived-duplicated")),
    Allowed(set(COPIES), {"tdsconn.mars.credit"}, "Copies of broken SMP headers may be further packets: what they cost is "
            "not known.", lambda one: one.capture == "mars-no-header" and not one.now),
    Allowed(DIVISIONS, None, "SMP headers are broken: where segments end tells where the next one begins.",
            lambda one: one.capture == "mars-no-header"),
]


def is_allowed(difference):
    return any(difference.change in row.changes and (not row.fields or difference.field in row.fields) and row.holds(difference)
               for row in ALLOWED)


# }}}


def main():
    chosen = [Path(name) for name in sys.argv[1:]] or [*captures.ALL, *captures.LAB]
    made, kinds = Counter(), Counter()
    for capture in chosen:
        changes, differing = compared(capture, CHANGES, wireshark.keys_of(capture))
        wrong = [one for one in differing if not is_allowed(one)]
        made.update(changes)
        kinds.update((one.change, one.field) for one in wrong)
        for one in wrong:
            print(one, flush=True)
    for (change, name), count in sorted(kinds.items()):
        print(f"{count:6} {change}: {name}")
    print(f"{sum(made.values())} comparisons, {kinds.total()} differences")
    sys.exit(bool(kinds))


if __name__ == "__main__":
    main()
