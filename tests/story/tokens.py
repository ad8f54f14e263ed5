# SPDX-License-Identifier: GPL-2.0-or-later
"""Windows authentication tokens, made by scapy's NTLM layer, or as plain DER."""
import struct

from scapy.layers.ntlm import (
    AV_PAIR, LM_RESPONSE, NTLM_AUTHENTICATE, NTLM_AUTHENTICATE_V2, NTLM_CHALLENGE, NTLM_RESPONSE, LMv2_RESPONSE,
    NTLMv2_RESPONSE)

from tls import filler
from values import TEXT, one_of

# Unicode, NTLM, signing, extended session security, target info, version, 128, key exchange, 56
NTLM_FLAGS = 0xE2888215
NTLM_FLAGS_CHALLENGE = NTLM_FLAGS | 0x00010000  # the target is a domain
NTLM_ANONYMOUS = 0x00000800
WINDOWS = {"ProductMajorVersion": 10, "ProductBuild": 17763}
MIC_PRESENT = 2
KERBEROS_TIME = b"20240605120000Z"
CLOCK = 133620624000000000  # 2024-06-05 12:00:00 UTC, in 0.1 microseconds since 1601

AES256 = 18
AP_REP_CIPHER = 110  # bytes: as Windows encrypts it with AES 256
AUTHENTICATOR_CIPHER = 280

# Object identifiers as DER holds them.
MECHANISMS = {
    # What Windows names in its answer; the token inside bears the standard one.
    "ms_kerberos": bytes.fromhex("2a864882f712010202"),
    "kerberos": bytes.fromhex("2a864886f712010202"),
    "ntlm": bytes.fromhex("2b06010401823702020a"),
}
SPNEGO = bytes.fromhex("2b0601050502")
BINDINGS = ("zero", "present", "absent")  # to the TLS channel
NEGOTIATION_STATES = {"completed": 0, "incomplete": 1, "reject": 2, "request_mic": 3}


def target_info(domain, computer, dns, extra=()):
    """The AV pairs with which a server says who it is, and behind them what the client adds."""
    fqdn = f"{computer.lower()}.{dns}"
    pairs = [(2, domain), (1, computer), (4, dns), (3, fqdn), (5, dns), (7, CLOCK), *extra]
    return [AV_PAIR(AvId=kind, Value=value) for kind, value in pairs] + [AV_PAIR(AvId=0)]


def ntlm_challenge(label, domain, computer, dns):
    """The server's CHALLENGE message."""
    return bytes(NTLM_CHALLENGE(
        NegotiateFlags=NTLM_FLAGS_CHALLENGE, MessageType=2, ServerChallenge=filler(label + " challenge", 8),
        Reserved=b"\0" * 8, **WINDOWS,
        Payload=[("TargetName", domain), ("TargetInfo", target_info(domain, computer, dns))]))


def ntlm_negotiate():
    """The client's NEGOTIATE message, which names nobody."""
    return b"NTLMSSP\0" + struct.pack("<II", 1, NTLM_FLAGS) + bytes(16) + struct.pack("<BBH3xB", 10, 0, 17763, 15)


def ntlm_authenticate(label, domain: TEXT, user: TEXT, workstation: TEXT, computer: TEXT, dns: TEXT, spn: TEXT,
                      bindings: one_of(BINDINGS) = "zero"):
    """The client's AUTHENTICATE message with an NTLMv2 response that names the service it wants."""
    bound = {"zero": [(10, b"\0" * 16)], "present": [(10, filler(label + " bindings", 16))], "absent": []}[bindings]
    pairs = target_info(domain, computer, dns, [(6, MIC_PRESENT), *bound, (9, spn)])
    four_zeros = AV_PAIR(AvId=0)  # MS-NLMP ends the response with them
    response = NTLMv2_RESPONSE(
        NTProofStr=filler(label + " proof", 16), RespType=1, HiRespType=1, TimeStamp=CLOCK,
        ChallengeFromClient=filler(label + " client challenge", 8), AvPairs=pairs + [four_zeros])
    return bytes(NTLM_AUTHENTICATE_V2(
        NegotiateFlags=NTLM_FLAGS, MIC=filler(label + " mic", 16), **WINDOWS,
        Payload=[("DomainName", domain), ("UserName", user), ("Workstation", workstation),
                 ("LmChallengeResponse", LMv2_RESPONSE(Response=b"\0" * 16, ChallengeFromClient=b"\0" * 8)),
                 ("NtChallengeResponse", response),
                 ("EncryptedRandomSessionKey", filler(label + " session key", 16))]))


def ntlm_authenticate_v1(label, domain: TEXT, user: TEXT, workstation: TEXT):
    """The client's AUTHENTICATE message with the 24 bytes of an NTLMv1 response."""
    return bytes(NTLM_AUTHENTICATE(
        NegotiateFlags=NTLM_FLAGS, MIC=filler(label + " mic", 16), **WINDOWS,
        Payload=[("DomainName", domain), ("UserName", user), ("Workstation", workstation),
                 ("LmChallengeResponse", LM_RESPONSE(Response=filler(label + " lm", 24))),
                 ("NtChallengeResponse", NTLM_RESPONSE(Response=filler(label + " nt", 24))),
                 ("EncryptedRandomSessionKey", filler(label + " session key", 16))]))


def ntlm_authenticate_anonymous(label, workstation):
    """The client's AUTHENTICATE message of nobody: one zero for LM, nothing else (MS-NLMP 3.2.5.1.2)."""
    head = b"NTLMSSP\0" + struct.pack("<I", 3)
    name = workstation.encode("utf-16-le")
    data = name + b"\0" + filler(label + " session key", 16)
    start = 88
    fields = [(1, len(name)), (0, 0), (0, 0), (0, 0), (len(name), 0), (16, len(name) + 1)]
    table = b"".join(struct.pack("<HHI", length, length, start + at) for length, at in fields)
    return head + table + struct.pack("<IBBH3xB", NTLM_FLAGS | NTLM_ANONYMOUS, 10, 0, 17763, 15) + bytes(16) + data


def principal_name(spn):
    """A service's name (RFC 4120 5.2.2)."""
    names = der(0x30, *(der(0x1B, part.encode()) for part in spn.split("/")))
    return der(0x30, der(0xA0, integer(2)), der(0xA1, names))


def kerberos_error(error, spn, realm):
    """A KRB-ERROR about a service (RFC 4120 5.9.1)."""
    return der(0x7E, der(0x30, der(0xA0, integer(5)), der(0xA1, integer(30)), der(0xA4, der(0x18, KERBEROS_TIME)),
                         der(0xA5, integer(0)), der(0xA6, integer(error)), der(0xA9, der(0x1B, realm.encode())),
                         der(0xAA, principal_name(spn))))


def kerberos_ticket(label, spn, realm, size):
    """A ticket whose encrypted part has so many bytes (RFC 4120 5.3)."""
    return der(0x61, der(0x30, der(0xA0, integer(5)), der(0xA1, der(0x1B, realm.encode())), der(0xA2, principal_name(spn)),
                         der(0xA3, encrypted(label + " ticket", int(size)))))


def kerberos_tgs_req(spn, realm):
    """A TGS-REQ for a service, without the ticket that it has to show (RFC 4120 5.4.1)."""
    body = der(0x30, der(0xA0, der(0x03, bytes(5))), der(0xA2, der(0x1B, realm.encode())), der(0xA3, principal_name(spn)),
               der(0xA5, der(0x18, KERBEROS_TIME)), der(0xA7, integer(7)), der(0xA8, der(0x30, integer(AES256))))
    return der(0x6C, der(0x30, der(0xA1, integer(5)), der(0xA2, integer(12)), der(0xA4, body)))


def kerberos_tgs_rep(label, spn, realm, size):
    """A TGS-REP with a ticket (RFC 4120 5.4.2)."""
    client = der(0x30, der(0xA0, integer(1)), der(0xA1, der(0x30, der(0x1B, b"joe33"))))
    return der(0x6D, der(0x30, der(0xA0, integer(5)), der(0xA1, integer(13)), der(0xA3, der(0x1B, realm.encode())),
                         der(0xA4, client), der(0xA5, kerberos_ticket(label, spn, realm, size)),
                         der(0xA6, encrypted(label + " reply", AUTHENTICATOR_CIPHER))))


def kerberos_ap_req(label, spn, realm, ticket=1200, framed="yes"):
    """An AP-REQ in its GSS frame, or bare, with a ticket whose encrypted part has so many bytes (RFC 4120 5.5.1, RFC 4121)."""
    service = kerberos_ticket(label, spn, realm, ticket)
    mutual = bytes.fromhex("0020000000")
    request = der(0x6E, der(0x30, der(0xA0, integer(5)), der(0xA1, integer(14)), der(0xA2, der(0x03, mutual)),
                            der(0xA3, service), der(0xA4, encrypted(label + " authenticator", AUTHENTICATOR_CIPHER))))
    return der(0x60, der(0x06, MECHANISMS["kerberos"]), b"\x01\x00", request) if framed == "yes" else request


def kerberos_ap_rep(label):
    """An AP-REP inside a NegTokenResp that says accept-completed (RFC 4120 5.5.2)."""
    cipher = der(0x30, der(0xA0, integer(AES256)), der(0xA2, der(0x04, filler(label + " ap-rep", AP_REP_CIPHER))))
    reply = der(0x6F, der(0x30, der(0xA0, integer(5)), der(0xA1, integer(15)), der(0xA2, cipher)))
    token = der(0x60, der(0x06, MECHANISMS["kerberos"]), b"\x02\x00", reply)
    return negotiation_answer("completed", "ms_kerberos", token)


def encrypted(label, length):
    """EncryptedData of Kerberos."""
    return der(0x30, der(0xA0, integer(AES256)), der(0xA1, integer(2)), der(0xA2, der(0x04, filler(label, length))))


def negotiation_offer(mechanisms, token):
    """NegTokenInit: the mechanisms in the client's order and a token of the first (RFC 4178 4.2.1)."""
    offered = der(0xA0, der(0x30, *(der(0x06, MECHANISMS[name]) for name in mechanisms)))
    first = der(0xA2, der(0x04, token)) if token else b""
    return der(0x60, der(0x06, SPNEGO), der(0xA0, der(0x30, offered, first)))


def negotiation_answer(state=None, mechanism=None, token=b"", mic=b""):
    """NegTokenResp (RFC 4178 4.2.2)."""
    return der(0xA1, der(0x30,
                         der(0xA0, der(0x0A, bytes([NEGOTIATION_STATES[state]]))) if state else b"",
                         der(0xA1, der(0x06, MECHANISMS[mechanism])) if mechanism else b"",
                         der(0xA2, der(0x04, token)) if token else b"",
                         der(0xA3, der(0x04, mic)) if mic else b""))


def der(tag, *parts):
    """A DER element."""
    body = b"".join(parts)
    if len(body) < 0x80:
        return bytes([tag, len(body)]) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body


def integer(value):
    """A DER integer of one byte."""
    return der(0x02, bytes([value]))
