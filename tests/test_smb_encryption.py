# SPDX-License-Identifier: GPL-2.0-or-later
"""SQL Server over named pipes in SMB3 that is encrypted: with the session's keys as if it were plain, else nothing.

Two captures are real. In the others SMB2's messages of plain captures are encrypted here, after MS-SMB2 2.2.41.
"""

import struct

import pytest
from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from scapy.utils import rdpcap

import captures
import made
import wireshark

PLAIN = ("smb311-np-samba-read-before-write", "smb311-np-samba-kerberos-signed", "smb21-np-samba-trans-overflow",
         "smb311-np-samba-pipe-refused", "smb311-np-samba-pipe-broken", "smb311-np-samba-pipe-unanswered",
         "smb2-np-impacket-byte-mode-reads-cross-packets", "smb2-np-impacket-full-tls")
TELLS = ["tdsconn.stream", "tdsconn.sender", "tdsconn.step", "tdsconn.message", "tdsconn.state", "tdsconn.auth",
         "tdsconn.auth.basis", "tdsconn.encryption", "tdsconn.transport", "tdsconn.pipe", "tdsconn.smb.user",
         "tdsconn.smb.auth", "tdsconn.close", "tdsconn.progress", "tds.type"]
TWO_PASSES = pytest.mark.parametrize("two_pass", [False, True], ids=["one pass", "-2"])

SESSION_SETUP = 1
TO_CLIENT, TO_SERVER = bytes(range(16)), bytes(range(16, 32))  # the keys of the two directions


def told(capture, names, key=None, keys=None, two_pass=True, display_filter="tdsconn"):
    """The rows of NAMES, of the frames that pass; key: what stands in a row of Wireshark's smb2_seskey_list."""
    args = [*(["-2"] if two_pass else []), "-Y", display_filter, "-T", "fields"]
    args += [word for name in names for word in ("-e", name)]
    args += ["-o", f"uat:smb2_seskey_list:{key}"] if key else []
    return [line.split("\t") for line in wireshark.tshark(capture, *args, keys=keys)]


def key_beside(capture):
    """The key of a real capture."""
    return capture.with_suffix(".seskey").read_text().strip()


REAL = [captures.real("smb30-np-samba-encrypted"), captures.real("smb311-np-samba-encrypted")]


@TWO_PASSES
@pytest.mark.parametrize("capture", REAL, ids=captures.name_of)
def test_with_the_key_of_the_session_a_pipe_is_as_any_other(capture, two_pass):
    names = ["frame.number", "tdsconn.message", "tdsconn.pipe", "tdsconn.smb.user", "tdsconn.smb.auth", "tdsconn.state"]
    rows = told(capture, names, key_beside(capture), two_pass=two_pass)
    assert [int(row[0]) for row in rows] == list(range(14, 34))
    assert [row[1] for row in rows if row[1]] == \
        ["70", "71", "10", "11", "20", "40", "50", "55", "50", "55", "73", "74"]
    shown = {tuple(cell.replace("\\\\", "\\") for cell in row[2:5]) for row in rows if row[2]}
    assert shown == {(r"sql\query", r"CORP\alice", "NTLM")}
    assert rows[-1][5] == "3"


@TWO_PASSES
@pytest.mark.parametrize("capture", REAL, ids=captures.name_of)
@pytest.mark.parametrize("key", [None, '{id},00112233445566778899aabbccddeeff,"",""'], ids=["no key", "a wrong key"])
def test_without_the_key_nothing_is_claimed(capture, key, two_pass):
    key = key and key.format(id=key_beside(capture).split(",")[0])
    assert told(capture, ["frame.number"], key, two_pass=two_pass) == []


@pytest.mark.parametrize("capture", REAL, ids=captures.name_of)
def test_follow_shows_what_was_decrypted(capture):
    shown = wireshark.tshark(capture, "-o", f"uat:smb2_seskey_list:{key_beside(capture)}", "-q", "-z",
                             "follow,tdspipe,ascii,0")
    assert any("select 1" in line.replace(".", "").lower() or "s.e.l.e.c.t" in line.lower() for line in shown)


# Plain captures that are encrypted here. {{{


def sealed(message, by_client, number):
    """A message of SMB2 behind a TRANSFORM_HEADER."""
    aes = pytest.importorskip("cryptography.hazmat.primitives.ciphers.aead")
    nonce = struct.pack("<Q4x", number)
    rest = nonce + bytes(4) + struct.pack("<IHH", len(message), 0, 1) + message[40:48]
    done = aes.AESGCM(TO_SERVER if by_client else TO_CLIENT).encrypt(nonce, message, rest)
    return b"\xfdSMB" + done[-16:] + rest + done[:-16]


def is_in_clear(message):
    """Of another protocol, or what makes the session."""
    return message[:4] != b"\xfeSMB" or struct.unpack_from("<H", message, 12)[0] <= SESSION_SETUP


class Sealer:
    """Takes the segments of one direction, and gives back what they carry then."""

    def __init__(self, by_client):
        self.by_client, self.waiting, self.number, self.sent = by_client, b"", 0, None
        self.session = None

    def take(self, data):
        self.waiting += data
        done = b""
        while len(self.waiting) >= 4 and len(self.waiting) >= 4 + (size := int.from_bytes(self.waiting[1:4], "big")):
            message, self.waiting = self.waiting[4:4 + size], self.waiting[4 + size:]
            if not is_in_clear(message):
                self.number += 1
                self.session = self.session or message[40:48]
                message = sealed(message, self.by_client, self.number)
            done += len(message).to_bytes(4, "big") + message
        return done


def encrypted(capture):
    """(a capture like this one whose SMB2 is encrypted, its keys)."""
    frames, sides = [], {}
    for packet in rdpcap(str(capture)):
        if TCP in packet and 445 in (packet[TCP].sport, packet[TCP].dport):
            ends = (packet[IP].src, packet[TCP].sport), (packet[IP].dst, packet[TCP].dport)
            own = sides.setdefault(ends, Sealer(packet[TCP].dport == 445))
            other = sides.setdefault(ends[::-1], Sealer(packet[TCP].dport != 445))
            own.sent = packet[TCP].seq if own.sent is None else own.sent
            data = own.take(made.payload(packet))
            new = packet.copy()
            new[TCP].remove_payload()
            for layer, field in ((IP, "len"), (IP, "chksum"), (TCP, "chksum")):
                delattr(new[layer], field)
            new[TCP].seq, new[TCP].ack = own.sent, other.sent or 0
            own.sent += len(data) + ("S" in packet[TCP].flags or "F" in packet[TCP].flags)
            packet = Ether(bytes(new / Raw(data)))
            packet.time = new.time
        frames.append(packet)
    session = next(side.session for side in sides.values() if side.session)
    return made.written(frames), f'{session.hex()},"",{TO_CLIENT.hex()},{TO_SERVER.hex()}'


@TWO_PASSES
@pytest.mark.parametrize("name", PLAIN)
def test_what_the_plain_capture_tells_is_told_with_the_keys(name, two_pass):
    plain = captures.real(name)
    hidden, key = encrypted(plain)
    rows = told(plain, TELLS, keys=wireshark.keys_of(plain), two_pass=two_pass, display_filter="tdsconn.message")
    assert len(rows) > 1
    assert told(hidden, TELLS, key, keys=wireshark.keys_of(plain), two_pass=two_pass,
                display_filter="tdsconn.message") == rows
    assert told(hidden, ["frame.number"], two_pass=two_pass) == []


# }}}
