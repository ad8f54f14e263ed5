#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether time and memory grow as the capture does.

    tests/bench/scale.py [FAMILY...] [--largest N]

A family is one kind of capture in several sizes, up to N of what it has many of. All of them if none is named. It needs
an optimized build:

    ./dev build && tests/bench/scale.py
"""

import argparse
import itertools
import struct
from collections import namedtuple

import capture
import measure
import wireshark
from measure import BARE, OURS

ONE_PASS, TWO_PASSES = "one pass", "-2"
WAYS = {ONE_PASS: [], TWO_PASSES: ["-2"]}


def real(name, **how):
    return capture.Conversation(capture.read(measure.REAL / f"{name}.pcapng"), **how)


def login():
    """A login, two commands that may come again and again, the end."""
    return real("ft-sql-noenc", again=slice(9, 14))


def frames(count):
    """Ten connections that go on for long."""
    conversation = login()
    return capture.play(conversation, range(10), rounds=conversation.rounds_for(count // 10))


def connections(count):
    return many(login(), count)


def many(conversation, count, at_once=10):
    return capture.in_turns(itertools.repeat(conversation), count * conversation.count(), at_once)


def tickets(count):
    """Logins with tickets, of many clients."""
    return many(real("odbc-kerberos-noenc"), count, 100)


def refused(count):
    """A client that gets no ticket for any of many servers."""
    return many(real("odbc-kerberos-unknown-spn", moves=capture.SERVER), count, 100)


def redirected(count):
    return many(real("routing-ted-noenc"), count, 100)


def browser(count):
    """One client asks many servers for their instances; nobody answers."""
    frame = capture.udp(capture.CLIENT, 50000, capture.SERVER, 1434, b"\x03")
    return many(capture.Conversation([(0, frame, len(frame))], moves=capture.SERVER), count, 100)


def syn(**how):
    """A SYN to port 1433 that nobody answers."""
    return capture.Conversation(capture.read(measure.REAL / "ft-sql-noenc.pcapng")[:1], **how)


def syns(count):
    """One client knocks at many servers' port 1433; nobody answers."""
    return many(syn(moves=capture.SERVER), count, 100)


def bulk(count):
    """A login, and a bulk load of so many packets, each in a segment."""
    login = capture.turns_of(capture.read(measure.REAL / "ft-sql-noenc.pcapng")[:9])
    rows = bytes(1452)
    packets = (struct.pack("!BBHHBB", 7, number == count, 8 + len(rows), 0, number % 256, 0) + rows
               for number in range(1, count + 1))
    return capture.play(capture.conversation(capture.SQL_SERVER_PORT, [*login, (True, b"".join(packets))]), [0])


# What is many, and how many.
FAMILIES = {
    frames: (10_000, 100_000, 1_000_000, 5_000_000),
    connections: (10, 1_000, 20_000, 200_000),
    tickets: (100, 1_000, 10_000),
    refused: (100, 1_000, 10_000),
    redirected: (100, 1_000, 10_000),
    browser: (1_000, 10_000, 100_000),
    syns: (1_000, 10_000, 100_000),
    bulk: (1_000, 8_000, 16_000, 32_000),
}

COLUMNS = ("many", "tshark", "how many", "frames", "bare", "tdsconn", "bare, µs a frame", "tdsconn, µs a frame",
           "bare, MiB", "more, MiB", "more, bytes each")

# How many, in how many frames, and what tshark costs with and without the plugin.
Size = namedtuple("Size", "count frames costs")


def sizes(make, counts):
    """A size of a family for each way tshark runs. A capture goes when it was read: the largest has 900 MB."""
    for count in counts:
        path = wireshark.scratch("scale") / "capture.pcap"
        frame_count = capture.write(path, make(count))
        yield {way: Size(count, frame_count, next(measure.rounds(path, {BARE: args, OURS: args}, 1)))
               for way, args in WAYS.items()}
        path.unlink()


def more_memory(size):
    return size.costs[OURS].memory - size.costs[BARE].memory


def bytes_each(size, before):
    """Our bytes for each of what is many, since the size before."""
    return (more_memory(size) - more_memory(before)) / (size.count - before.count)


def growth(size, before):
    """Since the size before: bare and our microseconds a frame, and our bytes for each of what is many."""
    times = [(size.costs[variant].cpu - before.costs[variant].cpu) / (size.frames - before.frames) * 1e6
             for variant in (BARE, OURS)]
    return *(f"{time:.2f}" for time in times), f"{bytes_each(size, before):.0f}"


def row(family, way, size, before):
    bare_frame, our_frame, each = ("", "", "") if before is None else growth(size, before)
    seconds = [f"{size.costs[variant].cpu:.2f} s" for variant in (BARE, OURS)]
    measure.row(family, way, f"{size.count:,}", f"{size.frames:,}", *seconds, bare_frame, our_frame,
                f"{size.costs[BARE].memory / 2**20:.0f}", f"{more_memory(size) / 2**20:+.1f}", each)


def main():
    families = {family.__name__: family for family in FAMILIES}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("families", nargs="*", metavar="FAMILY", help=", ".join(families))
    parser.add_argument("--largest", type=int, default=5_000_000)
    asked = parser.parse_args()
    measure.check()
    measure.table(*COLUMNS)
    for name in asked.families or families:
        counts = [count for count in FAMILIES[families[name]] if count <= asked.largest] or [asked.largest]
        before = dict.fromkeys(WAYS)
        for size in sizes(families[name], counts):
            for way in WAYS:
                row(name, way, size[way], before[way])
            before = size


if __name__ == "__main__":
    main()
