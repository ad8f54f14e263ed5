# SPDX-License-Identifier: GPL-2.0-or-later
"""TDS and SMP messages as bytes, from the layouts of MS-TDS and MC-SMP."""
import struct

SQL_BATCH, RESPONSE, LOGIN7, SSPI, PRELOGIN = 0x01, 0x04, 0x10, 0x11, 0x12
END_OF_MESSAGE = 0x01

SMP_SYN, SMP_ACK, SMP_FIN, SMP_DATA = 0x01, 0x02, 0x04, 0x08

# The value of LOGINACK, most significant byte first; LOGIN7 holds the same number the other way round.
VERSIONS = {"7.1": 0x71000001, "7.3": 0x730A0003, "7.4": 0x74000004}
WITH_TRANSACTIONS = 0x72090002  # TDS 7.2 widened row counts and gave requests their headers

ENCRYPT = {"off": 0x00, "on": 0x01, "not_supported": 0x02, "required": 0x03}
DONE_ERROR, DONE_COUNT = 0x02, 0x10
SELECT = 0xC1
COLLATION = bytes.fromhex("0904d00034")  # SQL_Latin1_General_CP1_CI_AS

# In their order in the record; where None stands lies what FeatureExt would need.
LOGIN7_STRINGS = ("host", "user", "password", "app", "server", None, "library", "language", "database")


def packet(kind, payload, spid=0, packet_id=1, last=True):
    """One TDS packet (MS-TDS 2.2.3.1)."""
    status = END_OF_MESSAGE if last else 0
    return struct.pack(">BBHHBB", kind, status, 8 + len(payload), spid, packet_id % 256, 0) + payload


def packets(kind, payload, spid=0, packet_id=1, size=4096):
    """A message as the TDS packets that a negotiated packet size makes of it."""
    room = size - 8
    pieces = [payload[i:i + room] for i in range(0, len(payload), room)]
    return [packet(kind, piece, spid, packet_id + i, last=i == len(pieces) - 1) for i, piece in enumerate(pieces)]


def smp(flag, sid, seqnum, wndw, payload=b""):
    """One SMP packet (MC-SMP 2.2)."""
    return struct.pack("<BBHIII", 0x53, flag, sid, 16 + len(payload), seqnum, wndw) + payload


def prelogin(options):
    """The payload of a PRELOGIN message from (token, data) pairs (MS-TDS 2.2.6.5)."""
    offset = 5 * len(options) + 1
    table, data = b"", b""
    for token, value in options:
        table += struct.pack(">BHH", token, offset + len(data), len(value))
        data += value
    return table + b"\xff" + data


def login7(version, strings, sspi=b"", packet_size=4096, client_version=0x07000000, pid=0x0AF4):
    """A LOGIN7 record from the strings named in LOGIN7_STRINGS (MS-TDS 2.2.6.4)."""
    number = VERSIONS[version]
    start = 94 if number >= WITH_TRANSACTIONS else 86
    table, data = b"", b""
    for name in LOGIN7_STRINGS:
        text = strings.get(name, "")
        table += struct.pack("<HH", start + len(data), len(text))
        data += obfuscated(text) if name == "password" else utf16(text)
    table += bytes.fromhex("00155d0a0a0a")  # ClientID, the MAC address
    table += struct.pack("<HH", start + len(data), len(sspi))
    data += sspi
    empty = struct.pack("<HH", start + len(data), 0)
    table += empty  # AtchDBFile
    if number >= WITH_TRANSACTIONS:
        table += empty + struct.pack("<I", 0)  # ChangePassword, cbSSPILong
    integrated = 0x80 if sspi else 0
    fixed = struct.pack("<IIIIIBBBBiI", number, packet_size, client_version, pid, 0,
                        0xE0, 0x03 | integrated, 0, 0, 0, 0x0409)
    return struct.pack("<I", start + len(data)) + fixed + table + data


def obfuscated(password):
    """The password as LOGIN7 hides it: nibbles swapped, then XOR 0xA5."""
    return bytes(((byte << 4 | byte >> 4) & 0xFF) ^ 0xA5 for byte in utf16(password))


def sql_batch(version, text):
    """The payload of a SQL batch, with the headers it has had since TDS 7.2."""
    headers = struct.pack("<IIHQI", 22, 18, 2, 0, 1) if VERSIONS[version] >= WITH_TRANSACTIONS else b""
    return headers + utf16(text)


def envchange(kind, new, old=b"\x00"):
    """An ENVCHANGE token from two length-prefixed values."""
    return token(0xE3, bytes([kind]) + new + old)


def message(version, number, state, severity, text, server, line=1):
    """An ERROR token, or for a severity up to 10 an INFO token."""
    wide = VERSIONS[version] >= WITH_TRANSACTIONS
    body = struct.pack("<IBB", number, state, severity) + us_varchar(text) + b_varchar(server) + b_varchar("")
    body += struct.pack("<I" if wide else "<H", line)
    return token(0xAB if severity <= 10 else 0xAA, body)


def loginack(version, product):
    """A LOGINACK token; product is (major, minor, build)."""
    body = struct.pack(">BI", 1, VERSIONS[version]) + b_varchar("Microsoft SQL Server\0\0")
    return token(0xAD, body + struct.pack(">BBH", *product))


def done(version, status=0, command=0, rows=0):
    """A DONE token, whose row count TDS 7.2 widened."""
    wide = VERSIONS[version] >= WITH_TRANSACTIONS
    return struct.pack("<BHH" + ("Q" if wide else "I"), 0xFD, status, command, rows)


def login_response(version, server, database, product):
    """What SQL Server answers to a login that succeeds, in its usual order."""
    moved = f"Changed database context to '{database}'."
    language = "us_english"
    return b"".join((
        envchange(1, b_varchar(database), b_varchar("master")),
        message(version, 5701, 2, 0, moved, server),
        envchange(7, b"\x05" + COLLATION),
        envchange(2, b_varchar(language)),
        message(version, 5703, 1, 0, f"Changed language setting to {language}.", server),
        loginack(version, product),
        envchange(4, b_varchar("4096"), b_varchar("4096")),
        done(version),
    ))


def login_refused(version, server, number, state, severity, text):
    """What SQL Server answers to a login that fails."""
    return message(version, number, state, severity, text, server) + done(version, DONE_ERROR)


def result_set(version, column, rows):
    """A result set of one NVARCHAR(128) column."""
    user_type = b"\0" * (4 if VERSIONS[version] >= WITH_TRANSACTIONS else 2)
    column_type = struct.pack("<BH", 0xE7, 256) + COLLATION
    metadata = struct.pack("<BH", 0x81, 1) + user_type + struct.pack("<H", 0x08) + column_type + b_varchar(column)
    values = b"".join(b"\xd1" + struct.pack("<H", 2 * len(row)) + utf16(row) for row in rows)
    return metadata + values + done(version, DONE_COUNT, SELECT, len(rows))


def sspi_token(blob):
    """The SSPI token of a server."""
    return token(0xED, blob)


def token(kind, body):
    """A token with the usual 16-bit length."""
    return struct.pack("<BH", kind, len(body)) + body


def utf16(text):
    """Text as TDS carries it."""
    return text.encode("utf-16-le")


def b_varchar(text):
    """Text behind a count of one byte."""
    return bytes([len(text)]) + utf16(text)


def us_varchar(text):
    """Text behind a count of two bytes."""
    return struct.pack("<H", len(text)) + utf16(text)
