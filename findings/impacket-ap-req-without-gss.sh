#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# impacket 0.10.0 (Debian 12: 0.10.0-4), which logs in to SQL Server with Kerberos.
#
# Guess:     in SPNEGO's mechToken stands what GSS-API makes of a Kerberos message: 60, a length, the OID of Kerberos,
#            01 00, and then AP-REQ (RFC 4121 4.1). Drivers of Microsoft and FreeTDS send that.
# Behaviour: AP-REQ stands in mechToken by itself, without OID and without 01 00. SPNEGO names the mechanism already,
#            and servers take it. What looks for Kerberos by its OID in the token does not find any.
# So:        tdsconn takes a bare AP-REQ, AP-REP or KRB-ERROR in SPNEGO for Kerberos, too.
# shellcheck source=findings/fetch
source "$(dirname "$(realpath "$0")")/fetch"
fetch python3-impacket=0.10.0-4 python3-pyasn1=0.4.8-3+deb12u3 python3-pycryptodome=3.11.0+dfsg1-4 \
    python3-six=1.16.0-4 python3-future=0.18.2-6

cat >login.py <<'PYTHON'
"""A login of impacket to a server that stands here, with a ticket that nobody issued: what stands in its mechToken."""
import socket
import struct
import threading

from impacket import tds
from impacket.krb5 import constants, crypto
from impacket.krb5.asn1 import TGS_REP
from pyasn1.codec.der import encoder
from pyasn1.type.univ import noValue

AES256 = constants.EncryptionTypes.aes256_cts_hmac_sha1_96.value
REALM, CLIENT, SERVICE = "EXAMPLE.COM", ["alice"], ["MSSQLSvc", "sql.example.com:1433"]


def named(part, kind, names):
    part["name-type"] = kind
    part["name-string"] = noValue
    for place, name in enumerate(names):
        part["name-string"][place] = name


def ticket():
    """As a KDC answers; what it would encrypt is all 0."""
    reply = TGS_REP()
    reply["pvno"], reply["msg-type"], reply["crealm"] = 5, int(constants.ApplicationTagNumbers.TGS_REP.value), REALM
    reply["cname"] = noValue
    named(reply["cname"], 1, CLIENT)
    reply["ticket"]["tkt-vno"], reply["ticket"]["realm"] = 5, REALM
    reply["ticket"]["sname"] = noValue
    named(reply["ticket"]["sname"], 2, SERVICE)
    for part in (reply["ticket"], reply):
        part["enc-part"] = noValue
        part["enc-part"]["etype"], part["enc-part"]["cipher"] = AES256, bytes(64)
    return {"KDC_REP": encoder.encode(reply), "cipher": crypto._enctype_table[AES256],
            "sessionKey": crypto.Key(AES256, bytes(32))}


def packet(content):
    return struct.pack(">BBHHBB", 4, 1, 8 + len(content), 0, 1, 0) + content


def prelogin():
    """Options VERSION to THREADID, without encryption."""
    values = [bytes.fromhex("100000000000"), b"\2", b"\0", bytes(4)]
    table, data, begin = b"", b"", 5 * len(values) + 1
    for token, value in enumerate(values):
        table += struct.pack(">BHH", token, begin + len(data), len(value))
        data += value
    return table + b"\xff" + data


def read_message(client):
    content, last = b"", False
    while not last:
        header = client.recv(8, socket.MSG_WAITALL)
        content += client.recv(struct.unpack(">H", header[2:4])[0] - 8, socket.MSG_WAITALL)
        last = header[1] & 1
    return content


def serve(listening, logins):
    client, _ = listening.accept()
    read_message(client)
    client.sendall(packet(prelogin()))
    logins.append(read_message(client))
    client.sendall(packet(struct.pack("<BHHQ", 0xFD, 2, 0, 0)))


def value_of(der):
    """(tag, content) of the element of DER at the beginning of these bytes."""
    length, at = der[1], 2
    if length & 0x80:
        at += length & 0x7F
        length = int.from_bytes(der[2:at], "big")
    return der[0], der[at:at + length]


def mech_token(token):
    """What stands in mechToken [2] of a NegTokenInit that is framed as GSS-API says."""
    content = value_of(token)[1]  # the OID of SPNEGO, and the NegTokenInit
    content = content[2 + content[1]:]
    content = value_of(value_of(content)[1])[1]
    while content[0] != 0xA2:
        content = after(content)
    return value_of(value_of(content)[1])[1]


def after(der):
    """What stands behind the first element."""
    _, content = value_of(der)
    return der[der.index(content) + len(content):]


listening, logins = socket.create_server(("127.0.0.1", 0)), []
server = threading.Thread(target=serve, args=(listening, logins), daemon=True)
server.start()
client = tds.MSSQL("127.0.0.1", listening.getsockname()[1])
client.connect()
client.kerberosLogin(None, CLIENT[0], domain=REALM, TGS=ticket(), useCache=False)
server.join(10)
at, length = struct.unpack("<HH", logins[0][78:82])  # ibSSPI, cbSSPI: MS-TDS 2.2.6.4
token = logins[0][at:at + length]
print(f"SSPI begins with {token[:1].hex()}, its mechToken with {mech_token(token)[:1].hex()}")
PYTHON

seen=$(timeout 60 /usr/bin/python3 login.py)
is_seen "$seen" <<'SEEN'
SSPI begins with 60, its mechToken with 6e
SEEN
