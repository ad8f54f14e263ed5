# SPDX-License-Identifier: GPL-2.0-or-later
"""The captures that the tests read, and a way to read many of them in less time."""

import html
import os
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

from scapy.data import DLT_EN10MB
from scapy.utils import PcapWriter, RawPcapNgReader

import wireshark

# The first half of the first address that written() gives: 100.0.
FIRST_NET = 100 << 8

REAL = sorted((wireshark.CAPTURES / "real").glob("*.pcapng"))
STORY = sorted((wireshark.CAPTURES / "story").glob("*.pcapng"))
ALL = REAL + STORY
KEYED = [capture for capture in ALL if wireshark.keys_of(capture)]


def real(name):
    """The path of a capture of captures/real."""
    return wireshark.CAPTURES / "real" / f"{name}.pcapng"


def name_of(capture):
    """The name of a capture in tests, tables and reports."""
    return capture.stem


def each(work, items):
    """{item: work(item)} for all ITEMS, as many at a time as there are processors.

    Most of a run is the start of tshark: one after the other the tests would take twice as long.
    """
    items = list(items)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(items, pool.map(work, items)))


@lru_cache(maxsize=None)
def texts(field):
    """{value: text} of a field, as Wireshark knows them."""
    rows = (line.split("\t") for line in wireshark.lines(wireshark.output("tshark", "-G", "values")))
    return {row[2]: row[3] for row in rows if row[0] == "V" and row[1] == field}


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


def written(name, variants):
    """A capture of VARIANTS, pairs of a name and frames, and for each of its frames the name of its variant.

    Each has a client address of its own, so that connections do not mix. Most of a run is the start of tshark:
    what is asked of many captures is asked in one run.
    """
    path, origins = wireshark.scratch("written") / f"{name}.pcap", []
    with PcapWriter(str(path), linktype=DLT_EN10MB, nano=True) as writer:
        writer.write_header(None)
        for number, (variant, frames) in enumerate(variants, start=FIRST_NET):
            client = addresses(frames[0][0])[0] if frames else b""
            for data, wire, time in frames:
                writer.write_packet(moved(data, client, number), sec=time // 10**9, usec=time % 10**9, wirelen=wire)
                origins.append(variant)
    return path, origins


@lru_cache(maxsize=None)
def together():
    """All captures one after the other in one file, and for each of its frames "NAME frame N"."""
    path, names = written("together", ((capture.stem, frames_of(capture)) for capture in ALL))
    counts = Counter()
    frames = []
    for name in names:
        counts[name] += 1
        frames.append(f"{name} frame {counts[name]}")
    return path, frames


@lru_cache(maxsize=None)
def all_keys():
    """The key logs of all captures in one."""
    path = wireshark.scratch("keys") / "together.keys"
    path.write_text("".join(wireshark.keys_of(capture).read_text() for capture in KEYED))
    return path


def trees(capture, *args, skip=("geninfo",), only=None, **how):
    """For each frame the lines of PDML that tell its tree: each is a field, and parsed() reads it.

    only, skip: protocols by name. PDML as XML would take most of the time of the tests.
    """
    frames, wanted = [], True
    for line in wireshark.tshark(capture, "-T", "pdml", *(["-J", only] if only else []), *args, **how):
        if line == "<packet>":
            frames.append([])
        elif line.startswith("  <proto "):
            name = line.split('"', 2)[1]
            wanted = name not in skip and only in (None, name)
        line = line.strip()
        if wanted and line.startswith(("<proto ", "<field ")):
            frames[-1].append(line)
    return frames


def parsed(line):
    """The attributes of a line of PDML: name, showname, show, value, ..."""
    return {name: html.unescape(text) for name, text in re.findall(r'(\w+)="([^"]*)"', line)}
