# SPDX-License-Identifier: GPL-2.0-or-later
"""tools/cut: the rows of the parts are those of the whole, whatever is around the packets and whatever is missing."""

import json
import os
import random
import struct
from collections import defaultdict

import pytest
from scapy.data import DLT_EN10MB
from scapy.utils import PcapWriter

import captures
import merged
import wireshark

# What counts within a file; auth_why names frames. A failure is judged beside other connections and the capture's end.
NUMBERS = {"stream", "login_frame", "login_start_frame", "kerberos_kdc_frame", "routing_stream", "routing_from",
           "auth_why"}
SEEDS = range(int(os.environ.get("TDSCONN_MIXES", "4")))
PARTS = 4
IPV4 = b"\x08\x00"
SYN, ACK = 2, 16
CLIENTS = 9


def ipv4(source, target, protocol, payload):
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 7, 0, 64, protocol, 0, source, target) + payload


def udp(port, payload):
    return struct.pack("!HHHH", 50000, port, 8 + len(payload), 0) + payload


def between_routers(frame, protocol, payload):
    return frame[:12] + IPV4 + ipv4(b"\xc0\x00\x02\x01", b"\xc0\x00\x02\x02", protocol, payload)


def over_ipv6(frame):
    """IPv4's addresses in IPv6's; a frame that is none of IPv4, or is a fragment, as it is."""
    if frame[12:14] != IPV4 or frame[20] & 0x3F or frame[21]:
        return frame
    size = (frame[14] & 0x0F) * 4
    payload = frame[14 + size:14 + int.from_bytes(frame[16:18], "big")]
    ends = b"".join(b"\x20\x01\x0d\xb8" + bytes(8) + frame[at:at + 4] for at in (26, 30))
    return frame[:12] + b"\x86\xdd" + struct.pack("!IHBB", 6 << 28, len(payload), frame[23], 64) + ends + payload


# How a frame of Ethernet may come into a capture.
WAYS = {
    "as it is": lambda frame: frame,
    "VLAN": lambda frame: frame[:12] + b"\x81\x00\x00\x07" + frame[12:],
    "VLAN in VLAN": lambda frame: frame[:12] + b"\x88\xa8\x00\x07\x81\x00\x00\x08" + frame[12:],
    "MPLS": lambda frame: frame[:12] + b"\x88\x47\x00\x01\x00\x40\x00\x01\x11\x40" + frame[14:],
    "GRE": lambda frame: between_routers(frame, 47, b"\x20\x00" + frame[12:14] + bytes(4) + frame[14:]),
    "Ethernet in GRE": lambda frame: between_routers(frame, 47, b"\x00\x00\x65\x58" + frame),
    "ERSPAN": lambda frame: between_routers(frame, 47, b"\x10\x00\x88\xbe" + bytes(4) + b"\x10\x00" + bytes(6) + frame),
    "VXLAN": lambda frame: between_routers(frame, 17, udp(4789, b"\x08\x00\x00\x00\x00\x00\x07\x00" + frame)),
    "IP in IP": lambda frame: between_routers(frame, 4, frame[14:]),
    "IPv6": over_ipv6,
}


def flags(frame):
    """TCP's; 0 of another frame."""
    return frame[14 + (frame[14] & 0x0F) * 4 + 13] if frame[12:14] == IPV4 and frame[23] == 6 else 0


def is_of_ipv4(capture):
    return all(frame[12:14] == IPV4 for frame, *_ in merged.frames_of(capture))


def variant(chance, capture, client):
    """The frames of a capture, as another client's, at some time; some lack SYN or start.

    What two hosts send is in one encapsulation, so that a ticket is in another one than the login. Sometimes another
    client knocks at the same port, and nobody answers.
    """
    frames = merged.frames_of(capture)
    own = merged.addresses(frames[0][0])[0]
    ways = defaultdict(lambda: WAYS[chance.choice(list(WAYS))])
    shift = chance.randrange(30 * 10**9) - frames[0][2]
    missing = chance.choice(["nothing", "nothing", "SYN", "start"])
    for number, (frame, _, time) in enumerate(frames):
        if flags(frame) & (SYN | ACK) == SYN and chance.random() < 0.3:
            other = merged.FIRST_NET + chance.randrange(CLIENTS)
            attempt = frame[:34] + struct.pack("!H", chance.randrange(61000, 65536)) + frame[36:]
            yield time + shift + chance.randrange(20 * 10**9), merged.moved(attempt, own, other)
        if (missing == "SYN" and flags(frame) & SYN) or (missing == "start" and number < 8):
            continue
        changed = ways[frozenset(merged.addresses(frame))](merged.moved(frame, own, client))
        yield time + shift, changed


def of_one_client(chance, usable, count):
    """Captures of which no two have connections between the same ends if they have the same client."""
    chosen, taken = [], set()
    for capture in chance.sample(usable, len(usable)):
        own = merged.addresses(merged.frames_of(capture)[0][0])[0]
        ends = {frozenset(frame[host:host + 4].replace(own, b"") + frame[port:port + 2]
                          for host, port in ((26, 34), (30, 36)))
                for frame, *_ in merged.frames_of(capture)}
        if taken.isdisjoint(ends):
            chosen.append(capture)
            taken |= ends
        if len(chosen) == count:
            break
    return chosen


def mix(seed):
    """A capture of some clients with some connections each, all at the same time."""
    chance = random.Random(seed)
    usable = [capture for capture in captures.ALL if is_of_ipv4(capture)]
    frames = []
    for client in range(CLIENTS):
        for capture in of_one_client(chance, usable, 5):
            frames += variant(chance, capture, merged.FIRST_NET + client)
    path = wireshark.scratch("mix") / f"mix-{seed}.pcap"
    with PcapWriter(str(path), linktype=DLT_EN10MB, nano=True) as writer:
        writer.write_header(None)
        for time, frame in sorted(frames):
            time += 1_700_000_000 * 10**9
            writer.write_packet(frame, sec=time // 10**9, usec=time % 10**9)
    return wireshark.give(path)


@pytest.fixture(scope="module")
def place():
    return wireshark.checkout("docs", "tools")


def cut(place, capture, *args):
    """The parts that it writes."""
    folder = wireshark.scratch("parts")
    wireshark.output("/usr/bin/python3", place / "tools/cut", "-n", PARTS, "-d", folder, *args, capture)
    return sorted(folder.iterdir())


def rows(place, *files):
    """What is the same in every capture of a connection, of all connections of these files."""
    script = 'cd "$1" && for file in "${@:2}"; do docs/pipelines/rows "$file"; done | jq -cs -f docs/pipelines/merge.jq'
    printed = wireshark.output("bash", "-euc", script, "bash", place, *files)
    return [{key: value for key, value in json.loads(line).items() if key not in NUMBERS and not key.startswith("failure")}
            for line in wireshark.lines(printed)]


@pytest.mark.parametrize("seed", SEEDS)
def test_rows_of_the_parts_are_those_of_the_whole(place, seed):
    whole = mix(seed)
    parts = cut(place, whole)
    wanted = rows(place, whole)
    assert len(wanted) > 20
    assert rows(place, *parts) == wanted
    sizes = [part.stat().st_size for part in parts]
    assert max(sizes) < 0.8 * whole.stat().st_size


def test_an_attempt_is_known_by_what_another_client_showed(place):
    """The server is on no port of SQL Server's, and does not answer this time."""
    frames = merged.frames_of(captures.real("port57139-ntlm-noenc"))
    syn = next(one for one in frames if flags(one[0]) & (SYN | ACK) == SYN)
    attempt = (*syn[:2], frames[-1][2] + 10**9)
    whole, _ = merged.written("attempt", [("login", frames), ("attempt", [attempt])])
    parts = cut(place, whole)
    wanted = rows(place, whole)
    assert [row["state"] for row in wanted] == ["Logged in", "Connecting"]
    assert rows(place, *parts) == wanted


def rotated(capture, seed, suffix):
    """The files of a capture that is cut at random frames."""
    chance = random.Random(seed)
    folder = wireshark.scratch("rotated")
    count = len(wireshark.fields(capture, "frame.number"))
    cuts = sorted(chance.sample(range(1, count), PARTS - 1))
    for number, (first, last) in enumerate(zip([1, *(cut + 1 for cut in cuts)], [*cuts, count])):
        form = "nsecpcap" if suffix == "pcap" else "pcapng"
        wireshark.output("editcap", "-F", form, "-r", capture, folder / f"{number}.{suffix}", f"{first}-{last}")
    return sorted(folder.iterdir())


def across_files(told):
    """What is the same wherever files begin: not a SYN to a port that only another file shows to be SQL Server's, and
    not the answer to a command of which more than 64 frames are in the file before."""
    return [{name: value for name, value in row.items() if name != "progress"} for row in told
            if row["progress"] != ">S" or row["server"]["port"] == 1433]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_connection_of_several_files_has_one_row(place, seed):
    whole = mix(seed)
    files = rotated(whole, seed, ["pcap", "pcapng"][seed % 2])
    folder = wireshark.scratch("parts")
    wireshark.output("/usr/bin/python3", place / "tools/cut", "--rotated", "-d", folder, *files)
    wanted = rows(place, whole)
    assert len(rows(place, *files)) > len(wanted)
    assert across_files(rows(place, *sorted(folder.iterdir()))) == across_files(wanted)


@pytest.mark.parametrize("name", ["real/odbc-kerberos-noenc.pcapng", "mix"])
def test_a_capture_that_is_cut_short_is_refused(place, name):
    whole = mix(0) if name == "mix" else wireshark.CAPTURES / name
    for less in (1, 5, 40):
        path = wireshark.scratch("short") / whole.name
        path.write_bytes(whole.read_bytes()[:-less])
        done = wireshark.run("/usr/bin/python3", place / "tools/cut", "-d", path.parent / "parts", wireshark.give(path))
        assert done.returncode != 0 and "cut short" in done.stderr
        again = path.parent / "again.pcapng"
        assert "cut short" in wireshark.run("editcap", path, again).stderr
        wireshark.output("/usr/bin/python3", place / "tools/cut", "-d", path.parent / "parts", again)
