# SPDX-License-Identifier: GPL-2.0-or-later
"""Windows authentication tokens, made by scapy's NTLM, Kerberos and SPNEGO layers."""
from scapy.layers.gssapi import SPNEGO_MechType, SPNEGO_Token, SPNEGO_negToken, SPNEGO_negTokenResp
from scapy.layers.kerberos import (
    KRB5_InitialContextToken_innerContextToken, KRB_AP_REP, KRB_InitialContextToken, EncryptedData)
from scapy.layers.ntlm import (
    AV_PAIR, NTLM_AUTHENTICATE_V2, NTLM_CHALLENGE, LMv2_RESPONSE, NTLMv2_RESPONSE)

from tls import filler

# Unicode, NTLM, signing, extended session security, target info, version, 128, key exchange, 56
NTLM_FLAGS = 0xE2888215
NTLM_FLAGS_CHALLENGE = NTLM_FLAGS | 0x00010000  # the target is a domain
WINDOWS = {"ProductMajorVersion": 10, "ProductBuild": 17763}
MIC_PRESENT = 2
CLOCK = 133620624000000000  # 2024-06-05 12:00:00 UTC, in 0.1 microseconds since 1601

MS_KERBEROS = "1.2.840.48018.1.2.2"  # what Windows names in its answer; the token inside bears the standard one
AP_REP = b"\x02\x00"
AES256 = 18
AP_REP_CIPHER = 110  # bytes: as Windows encrypts it with AES 256


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


def ntlm_authenticate(label, domain, user, workstation, computer, dns, spn):
    """The client's AUTHENTICATE message with an NTLMv2 response that names the service it wants."""
    pairs = target_info(domain, computer, dns, [(6, MIC_PRESENT), (10, b"\0" * 16), (9, spn)])
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


def kerberos_ap_rep(label):
    """An AP-REP inside a NegTokenResp that says accept-completed."""
    cipher = EncryptedData(etype=AES256, kvno=None, cipher=filler(label + " ap-rep", AP_REP_CIPHER))
    inner = KRB5_InitialContextToken_innerContextToken(TOK_ID=AP_REP) / KRB_AP_REP(encPart=cipher)
    return bytes(SPNEGO_negToken(token=SPNEGO_negTokenResp(
        negResult=0, supportedMech=SPNEGO_MechType(oid=MS_KERBEROS),
        responseToken=SPNEGO_Token(value=KRB_InitialContextToken(innerContextToken=inner)))))
