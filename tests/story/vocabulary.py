# SPDX-License-Identifier: GPL-2.0-or-later
"""The words of a story: what each message of a conversation puts on the wire.

A word is a function (scene, sender, **parameters) that returns the TDS packets
or TLS records of its message, one for each time the story sends.
"""
import struct
from dataclasses import dataclass
from pathlib import Path

import tds
import tls
import tokens

# PRELOGIN options
VERSION, ENCRYPTION, INSTANCE, THREAD, MARS, TRACE, FEDAUTH = range(7)


@dataclass(frozen=True)
class Scene:
    """What all messages of a story share."""
    name: str  # also the seed of its random and encrypted bytes
    folder: Path  # where its certificate lies
    tds: str
    tls: str
    certificate: str
    product: tuple  # the server's version: major, minor, build

    @property
    def suite(self):
        """The TLS version and cipher suite of the story."""
        return tls.SUITES[self.tls]


def prelogin(scene, sender, encrypt, mars=None, trace=None, fedauth=None, instance="", version="9.0.1399", packet=1):
    """The first message of either side; an option that is not named is not sent."""
    client = sender == "client"
    product = scene.product if not client else tuple(int(part) for part in version.split("."))
    options = [
        (VERSION, struct.pack(">BBHH", *product, 0)),
        (ENCRYPTION, bytes([tds.ENCRYPT[encrypt]])),
        (INSTANCE, instance.encode() + b"\0"),
        (THREAD, struct.pack("<I", 0x0AF4) if client else b""),
    ]
    if mars:
        options.append((MARS, bytes([mars == "on"])))
    if trace:
        options.append((TRACE, trace_id(scene) if client else b""))
    if fedauth:
        options.append((FEDAUTH, bytes([fedauth == "on"])))
    kind = tds.PRELOGIN if client else tds.RESPONSE
    return [tds.packet(kind, tds.prelogin(options), packet_id=packet)]


def trace_id(scene):
    """Connection id, activity id, activity sequence."""
    return tls.filler(scene.name + " connection", 16) + tls.filler(scene.name + " activity", 16) + struct.pack("<I", 1)


def client_hello(scene, sender, server_name="", packet=1):
    """The client's offer, inside a PRELOGIN packet as all of the handshake."""
    return [tds.packet(tds.PRELOGIN, tls.client_hello(scene.suite, scene.name, server_name), packet_id=packet)]


def server_hello(scene, sender, packet=1):
    """Server Hello, Certificate, with an ephemeral suite Server Key Exchange, Server Hello Done."""
    text = (scene.folder / f"{scene.certificate}.hex").read_text()
    certificate = bytes.fromhex("".join(line for line in text.splitlines() if not line.startswith("#")))
    return [tds.packet(tds.PRELOGIN, tls.server_hello(scene.suite, scene.name, certificate), packet_id=packet)]


def client_key_exchange(scene, sender, packet=1):
    """Client Key Exchange, ChangeCipherSpec, Finished."""
    return [tds.packet(tds.PRELOGIN, tls.client_key_exchange(scene.suite, scene.name), packet_id=packet)]


def change_cipher_spec(scene, sender, packet=1):
    """The server's ChangeCipherSpec and Finished."""
    return [tds.packet(tds.PRELOGIN, tls.finished(scene.suite, f"{scene.name} {sender}"), packet_id=packet)]


def encrypted_login7(scene, sender, sspi=0, **strings):
    """LOGIN7 in a TLS record: filler of the size that this login with an SSPI token of so many bytes has."""
    check_names(strings)
    record = tds.login7(scene.tds, strings, bytes(int(sspi)))
    plain = len(tds.packet(tds.LOGIN7, record))
    return [tls.sealed(scene.suite, tls.APPLICATION_DATA, scene.name + " login", plain)]


def login7(scene, sender, packet=1, **strings):
    """LOGIN7 in clear."""
    check_names(strings)
    return tds.packets(tds.LOGIN7, tds.login7(scene.tds, strings), packet_id=packet)


def check_names(strings):
    """Refuse what LOGIN7 has no place for."""
    unknown = set(strings) - set(tds.LOGIN7_STRINGS)
    if unknown:
        raise TypeError(f"LOGIN7 has no {', '.join(sorted(unknown))}")


def kerberos_ap_rep(scene, sender, spid=0, packet=1):
    """An SSPI token of the server that holds an AP-REP."""
    return respond(tds.sspi_token(tokens.kerberos_ap_rep(scene.name)), spid, packet)


def ntlm_challenge(scene, sender, domain, computer, dns, spid=0, packet=1):
    """An SSPI token of the server that holds NTLM's CHALLENGE."""
    return respond(tds.sspi_token(tokens.ntlm_challenge(scene.name, domain, computer, dns)), spid, packet)


def ntlm_authenticate(scene, sender, domain, user, workstation, computer, dns, spn, packet=1):
    """The client's SSPI message with NTLM's AUTHENTICATE."""
    token = tokens.ntlm_authenticate(scene.name, domain, user, workstation, computer, dns, spn)
    return [tds.packet(tds.SSPI, token, packet_id=packet)]


def loginack(scene, sender, server, database, spid, packet=1):
    """The answer to a login that succeeds: LOGINACK and what goes with it."""
    return respond(tds.login_response(scene.tds, server, database, scene.product), spid, packet)


def login_error(scene, sender, server, number, text, state=1, severity=14, spid=0, packet=1):
    """The answer to a login that fails: ERROR and DONE."""
    return respond(tds.login_refused(scene.tds, server, int(number), int(state), int(severity), text), spid, packet)


def batch(scene, sender, text, packet=1):
    """A SQL batch."""
    return tds.packets(tds.SQL_BATCH, tds.sql_batch(scene.tds, text), packet_id=packet)


def result(scene, sender, column, rows, spid, packet=1):
    """A result set; rows are separated by commas, and `text*3` is three rows."""
    return respond(tds.result_set(scene.tds, column, expanded(rows)), spid, packet)


def respond(payload, spid, packet):
    """The packets of a response."""
    return tds.packets(tds.RESPONSE, payload, int(spid), int(packet))


def expanded(rows):
    """The rows that `a,b*2` stands for."""
    values = []
    for item in rows.split(","):
        text, _, count = item.partition("*")
        values += [text] * int(count or 1)
    return values


WORDS = {
    "PRELOGIN": prelogin,
    "CLIENT_HELLO": client_hello,
    "SERVER_HELLO": server_hello,
    "CLIENT_KEY_EXCHANGE": client_key_exchange,
    "CHANGE_CIPHER_SPEC": change_cipher_spec,
    "ENCRYPTED_LOGIN7": encrypted_login7,
    "LOGIN7": login7,
    "KERBEROS_AP_REP": kerberos_ap_rep,
    "NTLM_CHALLENGE": ntlm_challenge,
    "NTLM_AUTHENTICATE": ntlm_authenticate,
    "LOGINACK": loginack,
    "LOGIN_ERROR": login_error,
    "BATCH": batch,
    "RESULT": result,
}
SMP_WORDS = {"SMP_SYN": tds.SMP_SYN, "SMP_ACK": tds.SMP_ACK, "SMP_FIN": tds.SMP_FIN}
