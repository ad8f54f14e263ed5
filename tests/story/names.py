# SPDX-License-Identifier: GPL-2.0-or-later
"""Questions and answers of DNS, RFC 1035."""

import ipaddress
import struct

TYPES = {"A": 1, "AAAA": 28}
CODES = {"NOERROR": 0, "SERVFAIL": 2, "NXDOMAIN": 3, "REFUSED": 5}
NAME_OF_THE_QUESTION = b"\xc0\x0c"
INTERNET = 1


def question(number, name, kind):
    """A question about a name; its number is that of the answer."""
    return header(number, 0x0100, 0) + asked(name, kind)


def answer(number, name, kind, addresses, code):
    """What answers it: addresses, or why there is none."""
    records = b"".join(record(kind, address) for address in addresses)
    return header(number, 0x8180 | CODES[code], len(addresses)) + asked(name, kind) + records


def header(number, flags, answers):
    return struct.pack(">6H", number, flags, 1, answers, 0, 0)


def asked(name, kind):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return labels + b"\0" + struct.pack(">HH", TYPES[kind], INTERNET)


def record(kind, address):
    data = ipaddress.ip_address(address).packed
    return NAME_OF_THE_QUESTION + struct.pack(">HHIH", TYPES[kind], INTERNET, 60, len(data)) + data
