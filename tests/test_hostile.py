# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures that are cut, halved and damaged: no crash, no fault of the dissector, no login that nobody made.

Every run has WIRESHARK_ABORT_ON_DISSECTOR_BUG set (wireshark.py). All variants of all captures stand in a few files,
because most of a run is the start of tshark; each variant has addresses of its own, so that they do not mix.

TDSCONN_SEEDS=N damages the captures in N ways in place of 2.
"""

import os
from itertools import islice

import pytest
from scapy.utils import PcapWriter, RawPcapNgReader

import captures
import wireshark

SEEDS = range(1, 1 + int(os.environ.get("TDSCONN_SEEDS", "2")))
SNAP_LENGTHS = (60, 80, 96, 128, 200)
# Where to cut a capture of N frames: behind the TCP handshake, in the login, in the middle, before the end.
CUTS = (3, 4, 6, 8, 9, 10, 12, 14, 0.5, -1)
# A big capture says in its first frames what it can say here.
FRAMES = 120

SMALL = [capture for capture in captures.ALL if capture.stat().st_size < 60_000]

# Stock dissectors abort on damaged bytes, with the plugin and without; so there the variable is taken away again.
FORGIVING = ("env", "-u", "WIRESHARK_ABORT_ON_DISSECTOR_BUG")


def frames_of(capture):
    """The frames of a capture as (bytes, length on the wire)."""
    return [(data, meta.wirelen) for data, meta in islice(RawPcapNgReader(str(capture)), FRAMES)]


def sender(data):
    """Who sends an Ethernet frame of IPv4 or IPv6: its address."""
    return data[26:30] if data[12:14] == b"\x08\x00" else data[22:38]


def moved(data, variant):
    """The frame between addresses that no other variant has."""
    number = variant.to_bytes(2, "big")
    starts = (26, 30) if data[12:14] == b"\x08\x00" else (22, 38)
    for start in starts:
        data = data[:start] + number + data[start + 2:]
    return data


def whole(frames):
    """The capture as it is."""
    yield "whole", frames


def cut_frames(frames):
    """The first frames only."""
    for cut in CUTS:
        count = round(len(frames) * cut) if isinstance(cut, float) else cut % len(frames)
        yield f"first {count} frames", frames[:count]


def cut_begin(frames):
    """The last frames only."""
    for cut in CUTS:
        count = round(len(frames) * cut) if isinstance(cut, float) else cut % len(frames)
        yield f"from frame {count + 1} on", frames[count:]


def cut_bytes(frames):
    """Short snap lengths."""
    for snap in SNAP_LENGTHS:
        yield f"snap length {snap}", [(data[:snap], wire) for data, wire in frames]


def one_direction(frames):
    """What a capture sees on one side of two paths."""
    for side in sorted({sender(data) for data, _ in frames}):
        yield f"only from {side.hex()}", [frame for frame in frames if sender(frame[0]) == side]


def holes(frames):
    """Every third frame was lost."""
    for start in range(3):
        yield f"without every third from {start + 1}", [frame for number, frame in enumerate(frames) if number % 3 != start]


def backwards(frames):
    """As no network sends it."""
    yield "backwards", frames[::-1]


VARIANTS = {kind.__name__: kind for kind in
            (whole, cut_frames, cut_begin, cut_bytes, one_direction, holes, backwards)}


def written(kind):
    """A file with the variants of all captures, and for each of its frames "NAME, variant"."""
    path, origins, number = wireshark.scratch("hostile") / f"{kind}.pcap", [], 0x0A00
    with PcapWriter(str(path), linktype=1, nano=True) as writer:
        writer.write_header(None)
        for capture in captures.ALL:
            for variant, frames in VARIANTS[kind](frames_of(capture)):
                number += 1
                for data, wire in frames:
                    writer.write_packet(moved(data, number), sec=len(origins), usec=0, wirelen=wire)
                    origins.append(f"{capture.stem}, {variant}")
    return path, origins


def faults(capture, *args, keys=None, damaged=False):
    """The frames (from 0) with what Wireshark prints where a dissector fails, if ours is the one."""
    decrypt = ["-o", f"tls.keylog_file:{keys}"] if keys else []
    command = [*(FORGIVING if damaged else ()), "tshark", "-n", "-r", capture, *decrypt, *args]
    packets = wireshark.output(*command, "-T", "pdml", "-J", "tdsconn").split("<packet>")[1:]
    return [(number, line.strip()) for number, packet in enumerate(packets) if "_ws." in packet
            for line in packet.split("\n") if "_ws." in line and "TDSCONN" in line]


@pytest.mark.parametrize("passes", [[], ["-2"]], ids=["one-pass", "two-pass"])
@pytest.mark.parametrize("kind", VARIANTS)
def test_variants(kind, passes):
    """tshark ends well, and our part of every tree is whole."""
    path, origins = written(kind)
    assert not [(origins[number], fault) for number, fault in faults(path, *passes)]


@pytest.mark.parametrize("capture", ["ntlm-odbc-login-only-tls", "mars-odbc-noenc", "tds8-strict-ted-tls13"])
def test_a_file_that_ends_in_the_middle_of_a_frame(capture):
    """As a disk that filled up leaves it: tshark says so (exit code 2) and prints what is there."""
    data = captures.real(capture).read_bytes()
    for part in (0.3, 0.6, 0.9):
        path = wireshark.scratch("short") / f"{capture}.pcapng"
        path.write_bytes(data[:round(len(data) * part)])
        done = wireshark.run("tshark", "-2", "-r", wireshark.readable(path), "-V")
        assert done.returncode in (0, 2) and "cut short" in done.stderr
        assert "SQL Server Connection" in done.stdout


@pytest.fixture(scope="module")
def small():
    """The small captures in one file."""
    path = wireshark.scratch("small") / "small.pcapng"
    wireshark.output("mergecap", "-a", "-w", path, *map(wireshark.readable, SMALL))
    return path


@pytest.mark.parametrize("seed", SEEDS)
def test_damaged_bytes(seed, small):
    """One byte in fifty is another one: in the headers below, in ours, in TLS."""
    path = wireshark.scratch("damaged") / "damaged.pcapng"
    wireshark.output("editcap", "-E", "0.02", "--seed", seed, small, path)
    for args in ([], ["-2"]):
        assert not faults(path, *args, damaged=True)
    assert not faults(path, "-2", keys=captures.all_keys(), damaged=True)
    # Without a tree other code runs; with only a field of ours, too.
    wireshark.output(*FORGIVING, "tshark", "-r", path)
    wireshark.output(*FORGIVING, "tshark", "-2", "-r", path, "-T", "fields", "-e", "tdsconn.summary")


@pytest.mark.parametrize("seed", SEEDS)
def test_damaged_payload(seed, small):
    """Only behind the TCP header: the connections stay, and what they carry is wrong."""
    path = wireshark.scratch("damaged") / "damaged.pcapng"
    wireshark.output("editcap", "-E", "0.01", "-o", "66", "--seed", 1000 + seed, small, path)
    for args in ([], ["-2"]):
        assert not faults(path, *args, damaged=True)


def confirmed_at():
    """For each frame of each capture whether a login was confirmed before it, as bare tshark sees it."""
    together, frames = captures.together()
    rows = wireshark.fields(together, "tds.loginack.tdsversion", bare=True)
    return [frame for frame, (ack,) in zip(frames, rows, strict=True) if ack]


def test_no_login_without_its_confirmation():
    """Cut right before LOGINACK, nobody is logged in: whatever was seen before."""
    path, origins, number = wireshark.scratch("hostile") / "unconfirmed.pcap", [], 0x0A00
    acks = {}
    for frame in confirmed_at():
        name, at = frame.split(" frame ")
        acks.setdefault(name, int(at))
    with PcapWriter(str(path), linktype=1, nano=True) as writer:
        writer.write_header(None)
        for capture in captures.ALL:
            # Without a LOGINACK in clear: the TCP, TLS and PRELOGIN handshakes and one message more.
            number += 1
            for data, wire in frames_of(capture)[:acks.get(capture.stem, 13) - 1]:
                writer.write_packet(moved(data, number), sec=len(origins), usec=0, wirelen=wire)
                origins.append(capture.stem)
    assert len(acks) > 50
    logged_in = wireshark.fields(path, "frame.number", two_pass=True, display_filter="tdsconn.state == 3")
    assert sorted({origins[int(frame) - 1] for frame, in logged_in}) == []
