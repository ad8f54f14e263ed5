# SPDX-License-Identifier: GPL-2.0-or-later
"""Frames as they pass on a wire: segments, datagrams and ICMP errors between the hosts of one trace, over IPv4 or IPv6."""

import struct

FLAGS = {"SYN": 0x02, "SYN_ACK": 0x12, "ACK": 0x10, "DATA": 0x18, "FIN": 0x11, "RST": 0x14, "BARE_RST": 0x04}
CLIENT_NET, HOST_NET = 16, 128  # hosts from there on are no clients
TCP, UDP, ICMP, ICMP_V6 = 6, 17, 1, 58
HOP_LIMITS = {"client": 128, "server": 126}
QUOTED = 28  # bytes of TCP's header and IP's that every ICMP error quotes


class Wire:
    """All frames of one trace, with the time. Hosts are "client", and whatever else is named."""

    def __init__(self, number, start, version=4):
        self.number, self.clock, self.version = number, start, version
        self.hosts, self.identity, self.frames = {"client": CLIENT_NET}, {}, []

    def wait(self, nanoseconds):
        self.clock += nanoseconds

    def address(self, host, version=None):
        """Of this trace's host, in bytes."""
        net = self.hosts.setdefault(host, HOST_NET + len(self.hosts) - 1)
        if (version or self.version) == 4:
            return struct.pack(">BBH", 10, net + (self.number >> 16), self.number & 0xffff)
        return struct.pack(">IHHII", 0x20010db8, net, 0, 0, self.number)

    def packet(self, protocol, source, target, content, hops=64, version=None):
        """An IP packet."""
        version = version or self.version
        self.identity[source] = self.identity.get(source, 100) + 1
        addresses = self.address(source, version) + self.address(target, version)
        if version == 4:
            return struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(content), self.identity[source] & 0xffff, 0x4000, hops,
                               protocol, 0) + addresses + content
        return struct.pack(">IHBB", 0x60000000, len(content), protocol, hops) + addresses + content

    def put(self, packet, copies=1):
        """Sends a packet at this moment. It stands in the capture so many times."""
        kind = b"\x08\0" if packet[0] >> 4 == 4 else b"\x86\xdd"
        for copy in range(copies):
            self.frames.append((self.clock + copy * 20_000, b"\x02\0\0\0\0\x01\x02\0\0\0\0\x02" + kind + packet))

    def datagram(self, source, target, ports, content, version=None):
        """UDP."""
        packet = struct.pack(">HHHH", *ports, 8 + len(content), 1) + content
        self.put(self.packet(UDP, source, target, packet, version=version))

    def error(self, by, to, kind, code, about, mtu=0):
        """An ICMP error about a packet, to its sender."""
        quote = about[:(20 if self.version == 4 else 40) + QUOTED]
        sized = struct.pack(">HH", 0, mtu) if self.version == 4 else struct.pack(">I", mtu)
        self.put(self.packet(ICMP if self.version == 4 else ICMP_V6, by, to, struct.pack(">BBH", kind, code, 0) + sized + quote))


class Link:
    """A TCP connection on a wire: what its two sides send."""

    def __init__(self, wire, server="server", ports=(50001, 1433), doubled=False, version=None):
        self.wire, self.doubled, self.version = wire, doubled, version
        self.host = {"client": "client", "server": server}
        self.port = dict(zip(("client", "server"), ports))
        self.sent = {"client": 1000, "server": 5000}
        self.hops = dict(HOP_LIMITS)

    def segment(self, sender, flags, content=b"", back=0, lacks=0, options=b"", hops=None):
        """One segment at this moment, as a packet. back: how far before the sender's next byte it begins; lacks: what its
        sender did not get of the other's bytes."""
        other = "server" if sender == "client" else "client"
        ack = self.sent[other] - lacks if flags & FLAGS["ACK"] else 0
        tcp = struct.pack(">HHIIBBHHH", self.port[sender], self.port[other], self.sent[sender] - back, ack,
                          (5 + len(options) // 4) << 4, flags, 64000, 0, 0) + options
        packet = self.wire.packet(TCP, self.host[sender], self.host[other], tcp + content, hops or self.hops[sender],
                                  self.version)
        self.wire.put(packet, 2 if self.doubled else 1)
        if back == 0:
            self.sent[sender] += len(content) + (1 if flags & (FLAGS["SYN"] | 0x01) else 0)
        return packet


def written(path, frames):
    """A capture with times to the nanosecond."""
    with path.open("wb") as out:
        out.write(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 65535, 1))
        for at, frame in sorted(frames, key=lambda one: one[0]):
            out.write(struct.pack("<IIII", at // 10**9, at % 10**9, len(frame), len(frame)) + frame)
