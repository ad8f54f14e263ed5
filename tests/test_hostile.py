# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures that are cut, halved and damaged: no crash, no fault of the dissector, no login that nobody made.

Every run has WIRESHARK_ABORT_ON_DISSECTOR_BUG set (wireshark.py), unless it says why not.

TDSCONN_SEEDS=N damages the captures in N ways in place of 2.
"""

import os

import pytest

import captures
import merged
import wireshark

SEEDS = range(1, 1 + int(os.environ.get("TDSCONN_SEEDS", "2")))
SNAP_LENGTHS = (60, 80, 96, 128, 200)
# Where to cut a capture of N frames: behind the TCP handshake, in the login, in the middle, before the end.
CUTS = (3, 4, 6, 8, 9, 10, 12, 14, 0.5, -1)
FRAMES = 120

SMALL = [capture for capture in captures.ALL if capture.stat().st_size < 60_000]

# Stock dissectors abort on damaged bytes, with the plugin and without; so there the variable is taken away again.
FORGIVING = ("env", "-u", "WIRESHARK_ABORT_ON_DISSECTOR_BUG")


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
        yield f"snap length {snap}", [(data[:snap], *rest) for data, *rest in frames]


def one_direction(frames):
    """What a capture sees on one side of two paths."""
    for side in sorted({sender(frame) for frame in frames}):
        yield f"only from {side.hex()}", [frame for frame in frames if sender(frame) == side]


def sender(frame):
    """The address that sends a frame."""
    return merged.addresses(frame[0])[0]


def holes(frames):
    """Every third frame was lost."""
    for start in range(3):
        kept = [frame for number, frame in enumerate(frames) if number % 3 != start]
        yield f"without every third from {start + 1}", kept


def backwards(frames):
    """As no network sends it."""
    yield "backwards", frames[::-1]


VARIANTS = {kind.__name__: kind for kind in
            (whole, cut_frames, cut_begin, cut_bytes, one_direction, holes, backwards)}


def written(name, variants, chosen=captures.ALL):
    """A file with the variants of the captures, and for each of its frames "NAME, variant"."""
    return merged.written(name, ((f"{capture.stem}, {variant}", frames) for capture in chosen
                                   for variant, frames in variants(capture)))


def beginning(capture):
    """A big capture says in its first frames what it can say here."""
    return merged.frames_of(capture)[:FRAMES]


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
    path, origins = written(kind, lambda capture: VARIANTS[kind](beginning(capture)))
    annotated = wireshark.fields(path, "tdsconn", two_pass=bool(passes))
    assert len(annotated) == len(origins) and sum(bool(one) for one, in annotated) > len(origins) / 6
    assert not [(origins[number], fault) for number, fault in faults(path, *passes)]
    wireshark.tshark(path, *passes, "-q", "-z", "flow,tdsconn,standard", "-z", "credentials", "-z", "tdsconn,mars")


@pytest.mark.parametrize("capture", ["ntlm-odbc-login-only-tls", "mars-odbc-noenc", "tds8-strict-ted-tls13"])
def test_a_file_that_ends_in_the_middle_of_a_frame(capture):
    """As a disk that filled up leaves it: tshark says so (exit code 2, from 4.4 on 14) and prints what is there."""
    data = captures.real(capture).read_bytes()
    for part in (0.3, 0.6, 0.9):
        path = wireshark.scratch("short") / f"{capture}.pcapng"
        path.write_bytes(data[:round(len(data) * part)])
        done = wireshark.run("tshark", "-2", "-r", wireshark.readable(path), "-V")
        assert done.returncode in (0, 2, 14) and "cut short" in done.stderr
        assert "SQL Server Connection" in done.stdout


@pytest.fixture(scope="module")
def small():
    """The small captures in one file."""
    path = wireshark.scratch("small") / "small.pcapng"
    wireshark.output("mergecap", "-a", "-w", path, *map(wireshark.readable, SMALL), bare=True)
    return path


@pytest.mark.parametrize("seed", SEEDS)
def test_damaged_bytes(seed, small):
    """One byte in fifty is another one: in the headers below, in ours, in TLS."""
    path = wireshark.scratch("damaged") / "damaged.pcapng"
    wireshark.output("editcap", "-E", "0.02", "--seed", seed, small, path, bare=True)
    for args in ([], ["-2"]):
        assert not faults(path, *args, damaged=True)
    assert not faults(path, "-2", keys=captures.all_keys(), damaged=True)
    # Without a tree other code runs; with only a field of ours, too.
    wireshark.output(*FORGIVING, "tshark", "-r", path)
    wireshark.output(*FORGIVING, "tshark", "-2", "-q", "-r", path, "-z", "flow,tdsconn,standard", "-z", "credentials")
    wireshark.output(*FORGIVING, "tshark", "-2", "-r", path, "-T", "fields", "-e", "tdsconn.summary")


@pytest.mark.parametrize("seed", SEEDS)
def test_damaged_payload(seed, small):
    """Only behind the TCP header: the connections stay, and what they carry is wrong."""
    path = wireshark.scratch("damaged") / "damaged.pcapng"
    wireshark.output("editcap", "-E", "0.01", "-o", "66", "--seed", 1000 + seed, small, path, bare=True)
    for args in ([], ["-2"]):
        assert not faults(path, *args, damaged=True)


def decisions():
    """{capture: the frame that confirms or refuses its first login, as its key log tells; or the end of it}."""
    field = "tdsconn.login.frame"
    told = captures.columns(captures.ALL, [field], captures.all_keys())
    return {capture: min((int(row[field]) for row in rows if row[field]), default=len(beginning(capture)))
            for capture, rows in told.items()}


def test_no_login_is_invented():
    """Of the frames before the one that decides, any number: nobody is logged in, and nobody refused."""
    decided = decisions()
    # Of these the login, or the answer to it, is not in the capture or cannot be read.
    unread = [capture for capture in captures.ALL
              if capture.stem.startswith(("derived-midstream", "derived-s", "mars-midway", "diag-"))]

    def before_the_decision(capture):
        frames = beginning(capture)
        for count in range(4, decided[capture]):
            yield f"first {count} frames", frames[:count]

    path, origins = written("undecided", before_the_decision, [one for one in captures.ALL if one not in unread])
    rows = wireshark.fields(path, "tdsconn.state", "tdsconn.login.frame", two_pass=True)
    assert len(rows) == len(origins) > 3000
    assert not {(origin, *row) for origin, row in zip(origins, rows) if row[0] in ("3", "4") or row[1]}


def split(frame, at):
    """An Ethernet frame of IPv4 as two, whose TCP payload is cut at a byte."""
    data, _, time = frame
    header = 14 + 20 + (data[46] >> 4) * 4
    payload = data[header:]
    for part, begin in ((payload[:at], 0), (payload[at:], at)):
        seq = (int.from_bytes(data[38:42], "big") + begin) % 2**32
        made = (data[:16] + (header - 14 + len(part)).to_bytes(2, "big") + data[18:38] + seq.to_bytes(4, "big")
                + data[42:header] + part)
        yield made, len(made), time


@pytest.mark.parametrize("name", ["ft-tds4.2-login-no-reply-timeout", "ft-tds5.0-login-no-reply-timeout"])
def test_a_login_of_sybase_may_come_in_two_segments(name):
    """What tells it from other services stands at the end of its first packet."""
    frames = merged.frames_of(captures.real(name))
    path, _ = merged.written("split", [(name, [*frames[:3], *split(frames[3], 300), *frames[4:]])])
    rows = wireshark.fields(path, "tdsconn.version", "tdsconn.login.user", two_pass=True, display_filter="tdsconn.last")
    assert rows == wireshark.fields(captures.real(name), "tdsconn.version", "tdsconn.login.user", two_pass=True,
                                    display_filter="tdsconn.last")
    assert rows[0][1] == "app_user"


@pytest.mark.parametrize("begin", range(2, 14))
def test_an_answer_that_cannot_be_read_is_one(begin):
    """A capture that begins in the TLS handshake of a login that went well: nobody left the login unanswered."""
    frames = merged.frames_of(captures.real("fedauth-ted-accesstoken"))[begin:]
    path, _ = merged.written("begun", [("begun", frames)])
    message, rule = "tdsconn.message", "tdsconn.expert.login_unanswered"
    rows = captures.columns([path], [message, rule])[path]
    assert [row for row in rows if row[message] in ("LOGIN7 (encrypted)", "Encrypted data")]
    assert not [row for row in rows if row[rule]]
