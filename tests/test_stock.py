# SPDX-License-Identifier: GPL-2.0-or-later
"""Nothing that tshark prints without the plugin is lost with it, and what is no TDS is left exactly as it was."""

import re
from collections import Counter
from fnmatch import fnmatch

import pytest
from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from scapy.utils import wrpcap

import captures
import merged
import wireshark

# It names the protocols in a frame, and ours comes in.
GAINS_OUR_NAME = "frame.protocols"


def documented():
    """The rows about this Wireshark of the table in docs/stock-differences.md: ([captures], frames, [fields])."""
    text = (wireshark.ROOT / "docs" / "stock-differences.md").read_text(encoding="utf-8")
    lines = [line.strip("|") for line in text.splitlines() if line.startswith("| ")]
    rows = [[cell.strip() for cell in line.split("|")] for line in lines]
    return [(named(names), frames, named(fields)) for names, frames, fields, why in rows[1:]
            if is_about_this_wireshark(why)]


def is_about_this_wireshark(why):
    """Whether a reason that may begin with "Only 4.0" or "From 4.4 on" is one here."""
    told = re.match(r"(Only|From) (\d+)\.(\d+)", why)
    if not told:
        return True
    version = tuple(map(int, told.group(2, 3)))
    return wireshark.version() == version if told[1] == "Only" else wireshark.version() >= version


def named(cell):
    """The names in a cell, each of which stands in backquotes."""
    return cell.replace("`", "").split()


def has(frames, number, malformed):
    """Whether "9, 11-13", "malformed" or "all" has frame NUMBER in it."""
    if frames in ("all", "malformed"):
        return frames == "all" or malformed
    return any(int(part.split("-")[0]) <= number <= int(part.split("-")[-1]) for part in frames.split(","))


def matches(name, patterns):
    """Whether one of the PATTERNS is for NAME."""
    return any(fnmatch(name, pattern) for pattern in patterns)


def covers(row, difference):
    """Whether a row of the table speaks of a difference."""
    names, frames, fields = row
    capture, number, field, malformed = difference
    return matches(capture, names) and has(frames, number, malformed) and matches(field, fields)


def values(lines):
    """How often each field has each value; labels and positions may change with who calls a dissector."""
    told = map(captures.parsed, lines)
    return Counter((field.get("name") or "text", field["show"]) for field in told
                   if "show" in field and field.get("name") != GAINS_OUR_NAME)


def only_in_first(before, now):
    """The fields of which the first tree of two has more."""
    before, now = Counter(before), Counter(now)
    return values((before - now).elements()) - values((now - before).elements())


def lost(keys):
    """What only bare tshark prints: (capture, frame, field, whether it calls the frame malformed)."""
    together, frames = merged.together()
    bare = captures.trees(together, "-2", keys=keys, bare=True)
    ours = captures.trees(together, "-2", keys=keys, skip=("geninfo", "tdsconn"))
    for origin, before, now in zip(frames, bare, ours, strict=True):
        capture, number = origin.split(" frame ")
        malformed = any('"_ws.malformed' in line for line in before)
        for field, _ in only_in_first(before, now):
            yield capture, int(number), field, malformed


@pytest.fixture(scope="module")
def differences():
    """Without the key logs, and with them."""
    return {*lost(None), *lost(captures.all_keys())}


def test_no_stock_field_is_lost(differences):
    known = documented()
    assert not sorted(one for one in differences if not any(covers(row, one) for row in known))


@pytest.mark.parametrize("row", documented(), ids=lambda row: f"{row[0][0]}-{row[2][0]}")
def test_each_known_difference_still_happens(row, differences):
    """A row that is true no longer must go: from the table."""
    assert any(covers(row, one) for one in differences)


@pytest.mark.parametrize("keys", [None, captures.all_keys()], ids=["", "keys"])
def test_switched_off_it_is_as_if_it_were_not_there(keys):
    """To the last label and byte: also the ports that it takes from Wireshark's TDS dissector."""
    together, frames = merged.together()
    off = captures.trees(together, "-2", "--disable-protocol", "tdsconn", "--disable-protocol", "ssrp", keys=keys)
    bare = captures.trees(together, "-2", keys=keys, bare=True)
    assert not [frame for frame, with_it, without in zip(frames, off, bare, strict=True) if with_it != without]


def test_a_web_server_on_1433_is_left_alone():
    """Our annotations of the connection are all that comes in: the client did send PRELOGIN."""
    capture = captures.real("nontds-http-server-on-1433")
    bare = captures.trees(capture, "-2", bare=True)
    ours = captures.trees(capture, "-2", skip=("geninfo", "tdsconn"))
    assert list(map(values, ours)) == list(map(values, bare))


# A ClientHello of TLS 1.2 with the extension ALPN: h2, http/1.1.
HELLO_H2 = bytes.fromhex("16030100410100003d0303" + "5a" * 32 + "000002c02f01000012"
                         "0010000e000c02683208687474702f312e31")
HTTP = [("client", b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"),
        ("server", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n\r\nhello")]
TLS_H2 = [("client", HELLO_H2), ("server", bytes.fromhex("15030300020228"))]
MYSQL = [("server", b"\x4a\x00\x00\x00\x0a8.0.36\x00" + bytes(range(1, 67))),
         ("client", b"\x20\x00\x00\x01" + b"\x85\xa6\xff\x01" * 8)]

FOREIGN = {
    "http-8080": (8080, HTTP),
    "http-57139": (57139, HTTP),
    "tls-h2-443": (443, TLS_H2),
    "tls-h2-5000": (5000, TLS_H2),
    "mysql-3306": (3306, MYSQL),
    "mysql-5000": (5000, MYSQL),
    # A protocol of somebody's own: a byte that begins a TDS packet or an SMP header too, and then what neither has.
    **{f"binary-{first:02x}": (5000, [("client", bytes([first]) + b"\xfe\xff\x00hello, this is no TDS" * 9),
                                      ("server", bytes([first]) + b"\x00\xc0\xdeneither is this" * 9)])
       for first in (0x01, 0x04, 0x0f, 0x10, 0x12, 0x16, 0x17, 0x53)},
    # ... with a length that is right.
    **{f"binary-{first:02x}-length": (5000, [("client", bytes([first, 0x00, 0x00, 0x20]) + b"\x07" * 28),
                                             ("server", bytes([first, 0x00, 0x00, 0x20]) + b"\x08" * 28)])
       for first in (0x01, 0x04, 0x10, 0x12)},
}
# On a port of SQL Server the TCP handshake alone makes it a connection of ours; the rest must stay.
FOREIGN_ON_1433 = {"tls-h2-1433": (1433, TLS_H2), "http-1433": (1433, HTTP), "mysql-1433": (1433, MYSQL)}


def conversation(number, port, said):
    """The frames of one TCP connection to PORT, with its handshake, what is SAID and its end."""
    addresses = {"client": ("10.0.0.1", 40000 + number), "server": ("10.0.0.2", port)}
    sent, frames = {"client": 1000, "server": 9000}, []

    def send(sender, flags, payload=b""):
        other = "server" if sender == "client" else "client"
        (source, sport), (destination, dport) = addresses[sender], addresses[other]
        segment = TCP(sport=sport, dport=dport, flags=flags, seq=sent[sender], ack=sent[other] if "A" in flags else 0)
        frame = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / IP(src=source, dst=destination) / segment
        frame = frame / Raw(payload) if payload else frame
        frame.time = number + len(frames) / 100
        frames.append(frame)
        sent[sender] += len(payload) + ("S" in flags or "F" in flags)

    send("client", "S")
    send("server", "SA")
    send("client", "A")
    for sender, payload in said:
        send(sender, "PA", payload)
    send("client", "FA")
    send("server", "FA")
    send("client", "A")
    return frames


def one_after_the_other(table):
    """A capture of the conversations of TABLE, and for each of its frames the name in it."""
    told = [(name, frame) for number, (name, row) in enumerate(table.items()) for frame in conversation(number, *row)]
    path = wireshark.scratch("foreign") / "foreign.pcap"
    wrpcap(str(path), [frame for _, frame in told])
    return path, [name for name, _ in told]


@pytest.mark.parametrize("passes", [[], ["-2"]], ids=["one-pass", "two-pass"])
def test_other_protocols_are_left_exactly_as_they_were(passes):
    """To the last label, byte and column; and none of our fields is there."""
    capture, names = one_after_the_other(FOREIGN)
    for shown in (captures.trees, wireshark.tshark):
        told = zip(names, shown(capture, *passes), shown(capture, *passes, bare=True), strict=True)
        assert not {name for name, ours, bare in told if ours != bare}


def test_other_protocols_on_1433_keep_what_they_had():
    capture, names = one_after_the_other(FOREIGN_ON_1433)
    bare = captures.trees(capture, "-2", bare=True)
    ours = captures.trees(capture, "-2", skip=("geninfo", "tdsconn"))
    told = zip(names, map(values, ours), map(values, bare), strict=True)
    assert not {name for name, now, before in told if now != before}
