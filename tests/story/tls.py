# SPDX-License-Identifier: GPL-2.0-or-later
"""The TLS records of a login, from RFC 5246: readable where TLS is readable, filler where it would be ciphertext."""
import hashlib
import struct
from dataclasses import dataclass

HANDSHAKE, CHANGE_CIPHER_SPEC, ALERT, APPLICATION_DATA = 22, 20, 21, 23
CLIENT_HELLO, SERVER_HELLO, CERTIFICATE = 1, 2, 11
SERVER_KEY_EXCHANGE, SERVER_HELLO_DONE, CLIENT_KEY_EXCHANGE = 12, 14, 16
FINISHED_BYTES = 16  # a handshake header and 12 bytes of verify_data
RENEGOTIATION_INFO = struct.pack(">HHB", 0xFF01, 1, 0)


@dataclass(frozen=True)
class Suite:
    """A version of TLS with one cipher suite: what a story needs to know of both."""
    version: int
    cipher: int
    offered: tuple
    ephemeral: bool
    block: int  # of a CBC cipher with HMAC-SHA1, or 0 for AES-GCM

    def sealed(self, length):
        """How many bytes a record holds for that many bytes of plaintext."""
        if self.block:
            return (length + 20) // self.block * self.block + self.block
        return 8 + length + 16


OFFERED_1_0 = (0x002F, 0x0035, 0x0005, 0x000A, 0xC013, 0xC014, 0xC009, 0xC00A, 0x0032, 0x0038, 0x0013, 0x0004)
OFFERED_1_2 = (0xC02C, 0xC02B, 0xC030, 0xC02F, 0x009F, 0x009E, 0xC024, 0xC023, 0xC028, 0xC027, 0xC00A, 0xC009,
               0xC014, 0xC013, 0x009D, 0x009C, 0x003D, 0x003C, 0x0035, 0x002F, 0x000A)
GROUPS = (0x001D, 0x0017, 0x0018)  # x25519, P-256, P-384
SIGNATURES = (0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0201, 0x0403, 0x0503, 0x0203, 0x0202, 0x0601, 0x0603)
SUITES = {
    "TLS1.0-RSA-3DES": Suite(0x0301, 0x000A, OFFERED_1_0, ephemeral=False, block=8),
    "TLS1.2-ECDHE-AES": Suite(0x0303, 0xC030, OFFERED_1_2, ephemeral=True, block=0),
}


def filler(label, length):
    """Bytes that stand for random or encrypted ones, always the same for the same label."""
    return hashlib.shake_128(label.encode()).digest(length)


def record(suite, kind, content):
    """A TLS record."""
    return struct.pack(">BHH", kind, suite.version, len(content)) + content


def sealed(suite, kind, label, length):
    """A record whose content is encrypted."""
    return record(suite, kind, filler(label, suite.sealed(length)))


def handshake(kind, body):
    """A handshake message."""
    return struct.pack(">I", kind << 24 | len(body)) + body


def client_hello(suite, label, server_name=""):
    """The client's first record."""
    extensions = RENEGOTIATION_INFO
    if server_name:
        extensions = name_extension(server_name) + modern_extensions() + extensions
    body = struct.pack(">H", suite.version) + filler(label + " client random", 32) + b"\0"
    body += numbers(suite.offered) + b"\1\0" + struct.pack(">H", len(extensions)) + extensions
    return record(suite, HANDSHAKE, handshake(CLIENT_HELLO, body))


def name_extension(name):
    """The extension that says whom the client wants to reach."""
    entry = struct.pack(">BH", 0, len(name)) + name.encode()
    return extension(0, struct.pack(">H", len(entry)) + entry)


def modern_extensions():
    """What SChannel's TLS 1.2 offers besides: OCSP, curves, signatures, tickets."""
    return (extension(5, b"\1\0\0\0\0") + extension(10, numbers(GROUPS)) + extension(11, b"\1\0")
            + extension(13, numbers(SIGNATURES)) + extension(35, b""))


def numbers(values):
    """16-bit numbers behind their length in bytes."""
    return struct.pack(f">H{len(values)}H", 2 * len(values), *values)


def extension(kind, body):
    """A hello extension."""
    return struct.pack(">HH", kind, len(body)) + body


def server_hello(suite, label, certificate):
    """The server's flight, in one record as SChannel sends it."""
    extensions = struct.pack(">H", len(RENEGOTIATION_INFO)) + RENEGOTIATION_INFO
    hello = struct.pack(">H", suite.version) + filler(label + " server random", 32)
    hello += b"\x20" + filler(label + " session", 32) + struct.pack(">HB", suite.cipher, 0) + extensions
    chain = length24(length24(certificate))
    messages = handshake(SERVER_HELLO, hello) + handshake(CERTIFICATE, chain)
    if suite.ephemeral:
        messages += handshake(SERVER_KEY_EXCHANGE, x25519_parameters(label))
    return record(suite, HANDSHAKE, messages + handshake(SERVER_HELLO_DONE, b""))


def x25519_parameters(label):
    """A key on curve x25519, signed with RSA 2048 and SHA-256."""
    key = struct.pack(">BHB", 3, 29, 32) + filler(label + " server key", 32)
    return key + struct.pack(">HH", 0x0401, 256) + filler(label + " signature", 256)


def client_key_exchange(suite, label):
    """The client's second flight: its key, ChangeCipherSpec, Finished."""
    if suite.ephemeral:
        key = b"\x20" + filler(label + " client key", 32)
    else:
        key = struct.pack(">H", 128) + filler(label + " premaster", 128)
    return record(suite, HANDSHAKE, handshake(CLIENT_KEY_EXCHANGE, key)) + finished(suite, label + " client")


def finished(suite, label):
    """ChangeCipherSpec and the encrypted Finished."""
    return record(suite, CHANGE_CIPHER_SPEC, b"\1") + sealed(suite, HANDSHAKE, label + " finished", FINISHED_BYTES)


def length24(body):
    """Bytes behind a count of three bytes."""
    return struct.pack(">I", len(body))[1:] + body
