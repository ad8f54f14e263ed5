# SPDX-License-Identifier: GPL-2.0-or-later
"""Texts of the wire, as they are told: names that the capture cut, and what nobody may print. faults.py cuts all captures."""

import re
from functools import lru_cache

import pytest
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from scapy.utils import rdpcap

import captures
import merged
import wireshark
from made import behind_login, column, payload, tds_packet, us_varchar, written

LOGIN7 = 0x10


def cut(packet, length):
    """A frame as a snap length leaves it."""
    left = Ether(bytes(packet)[:length])
    left.time, left.wirelen = packet.time, len(packet)
    return left


def behind(packet, content):
    """The next segment of the same sender."""
    more = Ether(src=packet.src, dst=packet.dst) / IP(src=packet[IP].src, dst=packet[IP].dst) / TCP(
        sport=packet[TCP].sport, dport=packet[TCP].dport, flags="PA", seq=packet[TCP].seq + len(payload(packet)),
        ack=packet[TCP].ack, window=packet[TCP].window) / Raw(content)
    more.time = float(packet.time) + 0.00001
    return more


def with_login(change):
    """A capture in which the frame with LOGIN7, and what follows, is what CHANGE makes of it: a list of frames."""
    packets = list(rdpcap(str(captures.real("ft-sql-noenc"))))
    place = next(number for number, packet in enumerate(packets) if payload(packet)[:1] == bytes([LOGIN7]))
    return written([*packets[:place], *change(packets[place])])


def login(packet, old, new):
    """The frame of LOGIN7 with other bytes in it, as many."""
    assert len(old) == len(new) and bytes(packet).count(old) >= 1
    changed = Ether(bytes(packet).replace(old, new, 1))
    changed.time = packet.time
    return changed


@pytest.mark.parametrize("snap", range(54 + 8 + 60, 54 + 8 + 150, 13))
def test_what_stands_behind_a_hole_is_not_read_in_its_place(snap):
    """LOGIN7 in two packets, of both of which the capture has the beginning."""
    names = ["tdsconn.login.user", "tdsconn.login.host", "tdsconn.login.app", "tdsconn.login.server"]
    whole = column(captures.real("ft-sql-noenc"), *names)[8]

    def divided(packet):
        record = payload(packet)[8:]
        first = packet.copy()
        first[TCP].remove_payload()
        first = Ether(bytes(first / Raw(tds_packet(LOGIN7, 0, record[:150], 1))))
        first.time = packet.time
        return [cut(first, snap), cut(behind(first, tds_packet(LOGIN7, 1, record[150:], 2)), snap)]

    rows = wireshark.fields(with_login(divided), *names, two_pass=True)
    told = [text for row in rows for text in zip(row, whole) if text[0]]
    assert all(said == true or (said.endswith("…") and true.startswith(said[:-1])) for said, true in told)


@pytest.mark.parametrize("name", ["odbc-kerberos-noenc", "odbc-kerberos-login-only-tls"])
@pytest.mark.parametrize("there, known", [("sqlsrv.lab.test:1433", True), ("sqlsrv.lab.test:14", False), ("sqlsrv", False)])
def test_a_ticket_whose_name_is_cut_is_nobodys(name, there, known):
    capture = captures.real(name)
    fetched = int(column(capture, "tdsconn.kerberos.kdc_frame").popitem()[1])
    packets = list(rdpcap(str(capture)))
    length = bytes(packets[fetched - 1]).index(b"sqlsrv.lab.test:1433") + len(there)
    told = column(written([cut(packet, length) if number == fetched else packet
                           for number, packet in enumerate(packets, start=1)]), "tdsconn.kerberos.kdc_frame")
    assert bool(told) is known


def test_a_name_does_not_end_at_a_nul():
    user = "app_user".encode("utf-16-le")
    for end, told in (("app\0user", "app\N{REPLACEMENT CHARACTER}user"), ("app_us\0\0", "app_us")):
        capture = with_login(lambda packet: [login(packet, user, end.encode("utf-16-le"))])
        assert set(column(capture, "tdsconn.login.user").values()) == {told}


# Escape, line feed, a control of C1, the direction of text: eight characters of UTF-16.
HOSTILE = "\x1b[31m\n\x85\u202e"
SHOWN = r"\033[31m\n\u0085\u202E"
# What comes out of no program, but for line ends and the tabs between fields.
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # 4.4 and 4.6 print the others as they are, in their own fields, too
BROWSER = b"ServerName;S;InstanceName;A\x1b[31mB\xff\nC;IsClustered;No;Version;1;tcp;1433;;"
NAMELESS = b"ServerName;S;tcp;1433;;"


def wide(text):
    return text.encode("utf-16-le")


def changed(name, *pairs):
    """The frames of a capture in which bytes were put in the place of others, as many."""
    frames = merged.frames_of(captures.real(name))
    for old, new in pairs:
        assert len(old) == len(new) and any(old in data for data, *_ in frames), old
        frames = [(data.replace(old, new), *rest) for data, *rest in frames]
    return name, frames


@lru_cache(maxsize=None)
def hostile():
    """Control characters in every name that a connection tells."""
    datagrams = [Ether() / IP(src="10.1.0.1", dst="10.1.0.2") / UDP(sport=5000, dport=1434) / Raw(b"\x04I\x1b[31mX\xff\xfe\0"),
                 *(Ether() / IP(src="10.1.0.2", dst="10.1.0.1") / UDP(sport=1434, dport=5000) / Raw(
                     b"\x05" + len(text).to_bytes(2, "little") + text) for text in (NAMELESS, BROWSER))]
    called = behind_login(tds_packet(3, 1, b"\x16\0\0\0\x12\0\0\0\x02\0" + bytes(12) + us_varchar(HOSTILE) + b"\0\0"),
                          tds_packet(4, 1, b"\xfd\0\0\xc1\0" + bytes(8)))
    path, _ = merged.written("hostile", [
        changed("ft-sql-noenc", (wide("app_user"), wide(HOSTILE))),
        changed("ft-badpw-noenc", (wide("app_user"), wide(HOSTILE))),
        changed("ntlm-tedious-noenc", (wide("LAB"), wide("L\x1bB"))),
        changed("odbc-kerberos-unknown-spn", (b"10.10.10.10:1433", b"\x1b[31m\n10.10:1433")),
        changed("routing-ted-noenc", (wide("srv.lab."), wide(HOSTILE))),
        changed("tls-cert-untrusted-ted", (b"srv.lab.", b"\x1b[31m\n\xff!")),
        ("called", [(bytes(packet), len(packet), int(packet.time * 10**9)) for packet in rdpcap(str(called))]),
        ("browser", [(bytes(packet), len(packet), number) for number, packet in enumerate(datagrams)]),
    ])
    return path


TABLES = ["connections", "details", "times", "failures", "servers", "steps", "diagnoses", "mars", "tree", "srt"]
SENTENCES = ["tdsconn.summary", "tdsconn.description", "tdsconn.auth.why", "_ws.expert.message"]
NAMES = ["tdsconn.login.user", "tdsconn.error.message", "tdsconn.routing.host", "tdsconn.rpc", "ssrp.name", *SENTENCES]
WAYS = {
    "columns": ["-o", "gui.column.format:" + ",".join(f'"{name}","%Cus:{name}:0:R"' for name in NAMES)],
    "info": ["-Y", "ssrp"],
    "trees": ["-V", "-O", "tdsconn,ssrp"],
    "sentences": ["-T", "fields", *(word for name in SENTENCES for word in ("-e", name))],
    "tables": ["-q", *(word for table in TABLES for word in ("-z", f"tdsconn,{table}"))],
    "findings": ["-q", "-z", "expert"],
    "credentials": ["-q", "-z", "credentials"],
    "ladder": ["-q", "-z", "flow,tdsconn,standard"],
}


@pytest.mark.parametrize("way", WAYS)
def test_what_nobody_sees_is_escaped_once(way):
    lines = [wireshark.as_in_4_0(line) if way == "sentences" else line
             for line in wireshark.tshark(hostile(), "-2", *WAYS[way])]
    assert any(r"\033[31m" in line or r"\x1B[31m" in line for line in lines)
    unseen = CONTROL if wireshark.version() >= (4, 4) and way in ("columns", "trees") else UNPRINTABLE
    assert not [line for line in lines if unseen.search(line) or re.search(r"\\\\(033|n|u)", line)]


@pytest.mark.parametrize("form", ["json", "ek", "pdml"])
def test_what_other_programs_read_has_no_control_character(form):
    """Of values that Wireshark writes itself: those of Unicode stay, as of any protocol."""
    lines = wireshark.tshark(hostile(), "-2", "-T", form)
    assert any("[31m" in line for line in lines)
    assert not [line for line in lines if re.search("[\x00-\x08\x0b-\x1f\x7f]", line)]


def test_each_sentence_shows_its_names():
    told = "\n".join(wireshark.tshark(hostile(), "-2", *WAYS["sentences"]) + wireshark.tshark(hostile(), *WAYS["info"]))
    told = wireshark.as_in_4_0(told)
    for sentence in (f"Refused SQL login of {SHOWN} to", r"NTLM login of L\033B\alice to", r"Domain: L\033B, User: alice",
                     f"the server sends the client to sql{SHOWN}test, port 1433",
                     r"for MSSQLSvc/\033[31m\n10.10:1433 in frame", "sql\\033[31m\\n\N{REPLACEMENT CHARACTER}!test",
                     r"CLNT_UCAST_INST, I\033[31mX" + 2 * "\N{REPLACEMENT CHARACTER}", "SVR_RESP, port 1433",
                     r"SVR_RESP, A\033[31mB" + "\N{REPLACEMENT CHARACTER}" + r"\nC on port 1433"):
        assert sentence in told


def test_a_field_has_the_name_as_it_was_sent():
    """Wireshark escapes it where it shows it; a filter finds it by what it is."""
    told = wireshark.tshark(hostile(), "-Y", f'tdsconn.login.user == "{HOSTILE}"', "-T", "fields", "-e", "frame.number")
    assert told
