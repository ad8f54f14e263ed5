# SPDX-License-Identifier: GPL-2.0-or-later
"""Texts of the wire, as they are told: names that the capture cut, and what is in no name. faults.py cuts all captures."""

import struct

import pytest
from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from scapy.utils import rdpcap

import captures
import wireshark
from test_corners import column, payload, tds_packet, written

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
