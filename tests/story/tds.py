# SPDX-License-Identifier: GPL-2.0-or-later
"""TDS and SMP messages as bytes, from the layouts of MS-TDS and MC-SMP."""
import struct

from values import NUMBER, TEXT, YES_OR_NO

SQL_BATCH, RESPONSE, ATTENTION, FEDAUTH_TOKEN, LOGIN7, SSPI, PRELOGIN = 0x01, 0x04, 0x06, 0x08, 0x10, 0x11, 0x12
END_OF_MESSAGE = 0x01

SMP_ID = 0x53
SMP_SYN, SMP_ACK, SMP_FIN, SMP_DATA = 0x01, 0x02, 0x04, 0x08

# The value of LOGINACK, most significant byte first; LOGIN7 holds the same number the other way round, but for 7.0.
VERSIONS = {"7.0": 0x07000000, "7.1": 0x71000001, "7.2": 0x72090002, "7.3": 0x730A0003, "7.4": 0x74000004,
            "8.0": 0x08000000}
LOGIN7_VERSIONS = VERSIONS | {"7.0": 0x70000000}
NARROW = ("7.0", "7.1")  # TDS 7.2 widened row counts and line numbers, and gave requests their headers

ENCRYPT = {"off": 0x00, "on": 0x01, "not_supported": 0x02, "required": 0x03,
           "certificate_off": 0x80, "certificate_on": 0x81}
DONE_ERROR, DONE_COUNT, DONE_ATTENTION = 0x02, 0x10, 0x20
SELECT = 0xC1
COLLATION = bytes.fromhex("0904d00034")  # SQL_Latin1_General_CP1_CI_AS

# What a client may ask for in LOGIN7: the byte of the flags, counted in the record, and the bit.
LOGIN7_OPTIONS = {"read_only": (26, 0x20), "change_password": (27, 0x01), "user_instance": (27, 0x04)}
INTEGRATED, EXTENSION = (25, 0x80), (27, 0x10)

# In their order in the record; where None stands lies the place of FeatureExt.
LOGIN7_STRINGS = ("host", "user", "password", "app", "server", None, "library", "language", "database")


RESETCONNECTION = 0x08  # a status bit, MS-TDS 2.2.3.1.2


def packet(kind, payload, spid=0, packet_id=1, last=True):
    """One TDS packet (MS-TDS 2.2.3.1)."""
    status = END_OF_MESSAGE if last else 0
    return struct.pack(">BBHHBB", kind, status, 8 + len(payload), spid, packet_id % 256, 0) + payload


def packets(kind, payload, spid=0, packet_id=1, size=4096):
    """A message as the TDS packets that a negotiated packet size makes of it."""
    room = size - 8
    pieces = [payload[i:i + room] for i in range(0, len(payload), room)]
    return [packet(kind, piece, spid, packet_id + i, last=i == len(pieces) - 1) for i, piece in enumerate(pieces)]


def smp(flag, sid, seqnum, wndw, payload=b"", length=None, smid=SMP_ID):
    """One SMP packet (MC-SMP 2.2); length: what its header says, if not the truth."""
    length = 16 + len(payload) if length is None else length
    return struct.pack("<BBHIII", smid, flag, sid, length, seqnum, wndw) + payload


def prelogin(options):
    """The payload of a PRELOGIN message from (token, data) pairs (MS-TDS 2.2.6.5)."""
    offset = 5 * len(options) + 1
    table, data = b"", b""
    for token, value in options:
        table += struct.pack(">BHH", token, offset + len(data), len(value))
        data += value
    return table + b"\xff" + data


def login7(version, strings, sspi=b"", features=b"", options=(), packet_size=4096, client_version=0x07000000,
           pid=0x0AF4):
    """A LOGIN7 record from the strings named in LOGIN7_STRINGS (MS-TDS 2.2.6.4).

    features: a FeatureExt, which stands behind all else. options: names of LOGIN7_OPTIONS.
    """
    number = LOGIN7_VERSIONS[version]
    wide = version not in NARROW
    start = 94 if wide else 86
    table, data, to_features = b"", b"", None
    for name in LOGIN7_STRINGS:
        text = strings.get(name, "")
        if name is None and features:
            to_features = len(data)
            table += struct.pack("<HH", start + len(data), 4)
            data += bytes(4)
            continue
        table += struct.pack("<HH", start + len(data), len(text))
        data += obfuscated(text) if name == "password" else utf16(text)
    table += bytes.fromhex("00155d0a0a0a")  # ClientID, the MAC address
    table += struct.pack("<HH", start + len(data), len(sspi))
    data += sspi
    new_password = strings.get("new_password", "")
    after = struct.pack("<HH", start + len(data), 0)
    table += after  # AtchDBFile
    if wide:
        table += struct.pack("<HHI", start + len(data), len(new_password), 0)  # ChangePassword, cbSSPILong
        data += obfuscated(new_password)
    if features:
        data = data[:to_features] + struct.pack("<I", start + len(data)) + data[to_features + 4:] + features
    fixed = struct.pack("<IIIIIBBBBiI", number, packet_size, client_version, pid, 0, 0xE0, 0x03, 0, 0, 0, 0x0409)
    record = bytearray(struct.pack("<I", start + len(data)) + fixed + table + data)
    chosen = [LOGIN7_OPTIONS[name] for name in options]
    for at, bit in chosen + [INTEGRATED] * bool(sspi) + [EXTENSION] * bool(features):
        record[at] |= bit
    return bytes(record)


def feature(kind, data=b""):
    """One feature of FeatureExt, and of the server's FEATUREEXTACK."""
    return struct.pack("<BI", kind, len(data)) + data


def obfuscated(password):
    """The password as LOGIN7 hides it: nibbles swapped, then XOR 0xA5."""
    return bytes(((byte << 4 | byte >> 4) & 0xFF) ^ 0xA5 for byte in utf16(password))


def sql_batch(version, text):
    """The payload of a SQL batch, with the headers it has had since TDS 7.2."""
    headers = struct.pack("<IIHQI", 22, 18, 2, 0, 1) if version not in NARROW else b""
    return headers + utf16(text)


def envchange(kind, new, old=b"\x00"):
    """An ENVCHANGE token from two length-prefixed values."""
    return token(0xE3, bytes([kind]) + new + old)


def message(version, number, state, severity, text, server, line=1):
    """An ERROR token, or for a severity up to 10 an INFO token."""
    wide = version not in NARROW
    body = struct.pack("<IBB", number, state, severity) + us_varchar(text) + b_varchar(server) + b_varchar("")
    body += struct.pack("<I" if wide else "<H", line)
    return token(0xAB if severity <= 10 else 0xAA, body)


def loginack(version, product):
    """A LOGINACK token; product is (major, minor, build)."""
    body = struct.pack(">BI", 1, VERSIONS[version]) + b_varchar("Microsoft SQL Server\0\0")
    return token(0xAD, body + struct.pack(">BBH", *product))


def done(version, status=0, command=0, rows=0):
    """A DONE token, whose row count TDS 7.2 widened."""
    wide = version not in NARROW
    return struct.pack("<BHH" + ("Q" if wide else "I"), 0xFD, status, command, rows)


def login_response(version, server, database, product, language: TEXT = "us_english", packet_size: NUMBER = "4096",
                   before=b"", after=b"", informed: YES_OR_NO = "yes"):
    """What SQL Server answers to a login that succeeds, in its usual order; more tokens before and after LOGINACK."""
    def inform(number, state, text):
        return message(version, number, state, 0, text, server) if informed == "yes" else b""

    return b"".join((
        before,
        envchange(1, b_varchar(database), b_varchar("master")),
        inform(5701, 2, f"Changed database context to '{database}'."),
        b"" if version == "7.0" else envchange(7, b"\x05" + COLLATION),
        envchange(2, b_varchar(language)),
        inform(5703, 1, f"Changed language setting to {language}."),
        loginack(version, product),
        envchange(4, b_varchar(packet_size), b_varchar("4096")),
        after,
        done(version),
    ))


def routing(host, port, database=None):
    """ENVCHANGE 20, or with a database 21 (MS-TDS 2.2.7.9)."""
    where = struct.pack("<BH", 0, port) + us_varchar(host) + (us_varchar(database) if database else b"")
    return envchange(21 if database else 20, struct.pack("<H", len(where)) + where, b"\0\0")


def feature_ack(features):
    """A FEATUREEXTACK token; it has no length."""
    return b"\xae" + features + b"\xff"


def fedauth_info(options):
    """A FEDAUTHINFO token from (id, text) pairs in their order (MS-TDS 2.2.7.12)."""
    offset = 4 + 9 * len(options)
    table, data = struct.pack("<I", len(options)), b""
    for kind, text in options:
        table += struct.pack("<BII", kind, 2 * len(text), offset + len(data))
        data += utf16(text)
    return struct.pack("<BI", 0xEE, len(table) + len(data)) + table + data


def fedauth_token(token_bytes):
    """The payload of the message that brings the client's token (MS-TDS 2.2.6.3)."""
    return struct.pack("<II", 4 + len(token_bytes), len(token_bytes)) + token_bytes


def login_refused(version, server, errors):
    """What SQL Server answers to a login that fails; errors are (number, state, severity, text)."""
    tokens = b"".join(message(version, number, state, severity, text, server)
                      for number, state, severity, text in errors)
    return tokens + done(version, DONE_ERROR)


def result_set(version, column, rows):
    """A result set of one NVARCHAR(128) column."""
    user_type = b"\0" * (2 if version in NARROW else 4)
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
