# SPDX-License-Identifier: GPL-2.0-or-later
"""Many captures, or many variants of them, in one file. Most of a run is the start of tshark."""

from collections import Counter
from functools import lru_cache

from scapy.data import DLT_EN10MB
from scapy.utils import PcapWriter, RawPcapNgReader

import captures
import wireshark

# The first half of the first address that written() gives: 100.0.
FIRST_NET = 100 << 8


def frames_of(capture):
    """The frames of a capture as (bytes, length on the wire, nanoseconds since 1970)."""
    return [(data, meta.wirelen, ((meta.tshigh << 32) + meta.tslow) * 10**9 // meta.tsresol)
            for data, meta in RawPcapNgReader(str(capture))]


def addresses(data):
    """The source and the destination of an Ethernet frame of IPv4 or IPv6."""
    size, start = (4, 26) if data[12:14] == b"\x08\x00" else (16, 22)
    return data[start:start + size], data[start + size:start + 2 * size]


def moved(data, address, variant):
    """The frame with ADDRESS turned into one that no other variant has, where it is the source or destination."""
    start = 26 if data[12:14] == b"\x08\x00" else 22
    new = variant.to_bytes(2, "big") + address[2:]
    source, destination = (new if one == address else one for one in addresses(data))
    return data[:start] + source + destination + data[start + 2 * len(address):]


def written(name, variants, client=None):
    """A capture of VARIANTS, pairs of a name and frames, and for each of its frames the name of its variant.

    Each has a client address of its own, so that connections do not mix. They stand one after the other; variants of one
    capture, whose client is given, stand side by side, so that the capture does not go on where a variant ends. A frame
    is stamped with another time than that of its place, if it has one more number.
    """
    told = []  # variant, frame, length on the wire, its time stamp, time
    for number, (variant, frames) in enumerate(variants, start=FIRST_NET):
        old = client or (addresses(frames[0][0])[0] if frames else b"")
        told += [(variant, moved(data, old, number), wire, (*stamp, time)[0], time) for data, wire, time, *stamp in frames]
    if client:
        told.sort(key=lambda row: row[-1])
    path = wireshark.scratch("written") / f"{name}.pcap"
    with PcapWriter(str(path), linktype=DLT_EN10MB, nano=True) as writer:
        writer.write_header(None)
        for _, data, wire, stamp, _ in told:
            writer.write_packet(data, sec=stamp // 10**9, usec=stamp % 10**9, wirelen=wire)
    return path, [variant for variant, *_ in told]


@lru_cache(maxsize=None)
def together():
    """All captures one after the other in one file, and for each of its frames "NAME frame N"."""
    path, names = written("together", ((capture.stem, frames_of(capture)) for capture in captures.ALL))
    counts = Counter()
    frames = []
    for name in names:
        counts[name] += 1
        frames.append(f"{name} frame {counts[name]}")
    return path, frames
