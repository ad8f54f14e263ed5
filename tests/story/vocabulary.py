# SPDX-License-Identifier: GPL-2.0-or-later
"""The words of a story: what each message of a conversation puts on the wire.

A word is a function (scene, sender, **parameters) that returns the TDS packets
or TLS records of its message, one for each time the story sends. Its annotations
are the values that a story may give, see values.py. Its docstring is in docs/stories.md.
"""
from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import names
import ssrp
import tds
import tls
import tokens
from values import DOTTED, HEX, NUMBER, NUMBERS, ON_OR_OFF, TEXT, YES_OR_NO, Values, every, one_of, parameters, some_of

# FEDAUTH: the library in the upper seven bits, and for MSAL how the client gets its token
FEDAUTH_TOKEN, FEDAUTH_MSAL = 0x01 << 1, 0x02 << 1
WORKFLOWS = {"password": 1, "integrated": 2, "interactive": 3}
# Features of LOGIN7 without data
FEATURES = {"recovery": 0x01, "enhanced_routing": 0x0F}
FEDAUTH_OPTIONS = {"sts": 0x01, "spn": 0x02}

# PRELOGIN options
VERSION, ENCRYPTION, INSTANCE, THREAD, MARS, TRACE, FEDAUTH = range(7)


OFFSET = Values("a number, also a negative one", lambda text: text.removeprefix("-").isdecimal())
ADDRESS = Values("HOST:PORT", lambda text: text.rpartition(":")[2].isdecimal())
ERROR_NUMBERS = Values("a number, or several with | between", every(str.isdecimal, "|"))
LAST_TOKENS = ("answer_mic",)


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


def prelogin(scene, sender, encrypt: one_of(tds.ENCRYPT), mars: ON_OR_OFF = None, trace: one_of(("on",)) = None,
             fedauth: ON_OR_OFF = None, instance: TEXT = "", version: DOTTED = "9.0.1399", packet: NUMBER = 1,
             options: one_of(("all", "few")) = "all"):
    """PRELOGIN of the client, or the server's answer.

    Without mars, trace or fedauth the option is not sent. instance: its name, or from a server `mismatch`.
    options=few: only version and encryption.
    """
    client = sender == "client"
    product = scene.product if not client else tuple(int(part) for part in version.split("."))
    few = options == "few"
    options = [(VERSION, struct.pack(">BBHH", *product, 0)), (ENCRYPTION, bytes([tds.ENCRYPT[encrypt]]))]
    if not few:
        options += [(INSTANCE, instance.encode() + b"\0" if client else bytes([instance == "mismatch"])),
                    (THREAD, struct.pack("<I", 0x0AF4) if client else b"")]
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


def client_hello(scene, sender, server_name: TEXT = "", **how: wrapped):
    """ClientHello, in a PRELOGIN packet as all of the handshake."""
    return wrapped(tls.client_hello(scene.suite, scene.name, server_name), **how)


def server_hello(scene, sender, **how: wrapped):
    """ServerHello, Certificate, with an ephemeral suite ServerKeyExchange, ServerHelloDone."""
    text = (scene.folder / f"{scene.certificate}.hex").read_text()
    certificate = bytes.fromhex("".join(line for line in text.splitlines() if not line.startswith("#")))
    return wrapped(tls.server_hello(scene.suite, scene.name, certificate), **how)


def client_key_exchange(scene, sender, **how: wrapped):
    """ClientKeyExchange, ChangeCipherSpec, Finished."""
    return wrapped(tls.client_key_exchange(scene.suite, scene.name), **how)


def change_cipher_spec(scene, sender, **how: wrapped):
    """The server's ChangeCipherSpec and Finished."""
    return wrapped(tls.finished(scene.suite, f"{scene.name} {sender}"), **how)


def alert(scene, sender, level: NUMBER, alert: NUMBER, **how: wrapped):
    """A TLS alert, not encrypted."""
    return wrapped(tls.record(scene.suite, tls.ALERT, bytes([int(level), int(alert)])), **how)


def wrapped(records, packet: NUMBER = 1, type: NUMBER = f"{tds.PRELOGIN}", cut: NUMBERS = ""):
    """TLS records in a TDS packet, or cut after so many bytes into several that each end a message."""
    ends = [int(end) for end in cut.split(",") if end] + [len(records)]
    return [tds.packet(int(type), records[start:end], packet_id=packet) for start, end in zip([0, *ends], ends)]


def encrypted_login7(scene, sender, sspi: NUMBER = 0, **how: login7_record):
    """LOGIN7 with its first packet encrypted (filler of the right size) and all others in clear.

    sspi: the size of a token of zeros.
    """
    record = login7_record(scene, filler_sspi=bytes(int(sspi)), **how)
    first, *tail = tds.packets(tds.LOGIN7, record)
    return [tls.sealed(scene.suite, tls.APPLICATION_DATA, scene.name + " login", len(first)), *tail]


def login7(scene, sender, packet: NUMBER = 1, **how: login7_record):
    """LOGIN7 in clear."""
    return tds.packets(tds.LOGIN7, login7_record(scene, **how), packet_id=packet)


def login7_record(scene, filler_sspi=b"", token: one_of(TOKENS) = "", features: FEATURE_REQUESTS = "",
                  options: some_of(tds.LOGIN7_OPTIONS) = "", **rest: LOGIN7_TEXTS):
    """The LOGIN7 record. The parameters of the token stand beside those of LOGIN7."""
    strings = {name: rest.pop(name) for name in LOGIN7_TEXTS if name in rest}
    sspi = TOKENS[token](scene, **rest) if token else filler_sspi
    asked = b"".join(feature_request(scene, item) for item in split(features))
    return tds.login7(scene.tds, strings, sspi, asked + b"\xff" if asked else b"", split(options))


LOGIN7_TEXTS = {name: (TEXT, False) for name in (*filter(None, tds.LOGIN7_STRINGS), "new_password")}
FEATURE_VALUES = {"fedauth_msal": one_of(WORKFLOWS), "fedauth_token": NUMBER, "reconnect": TEXT}


def is_feature_request(item):
    """Whether feature_request knows an item."""
    name, _, value = item.partition(":")
    if not value:
        return name in FEATURES or name.isdecimal()
    return name in FEATURE_VALUES and FEATURE_VALUES[name].allows(value)


FEATURE_REQUESTS = Values(
    " ".join([*FEATURES, *(f"fedauth_msal:{name}" for name in WORKFLOWS), "fedauth_token:BYTES", "reconnect:DATABASE",
              "NUMBER"])
    + ", or several with commas between", every(is_feature_request))


def feature_request(scene, item):
    """A feature as `name` or `name:value`, one of FEATURE_REQUESTS."""
    name, _, value = item.partition(":")
    if name == "fedauth_msal":
        return tds.feature(0x02, bytes([FEDAUTH_MSAL, WORKFLOWS[value]]))
    if name == "fedauth_token":
        return tds.feature(0x02, struct.pack("<BI", FEDAUTH_TOKEN, int(value)) + access_token(scene, int(value)))
    if name == "reconnect":
        session = tds.b_varchar(value) + b"\x05" + tds.COLLATION + tds.b_varchar("us_english")
        return tds.feature(0x01, 2 * (struct.pack("<I", len(session)) + session))
    return tds.feature(FEATURES[name] if name in FEATURES else int(name))


def access_token(scene, length):
    """What stands for a JSON web token: text in UTF-16 that a test can search for."""
    return tds.utf16(("eyJ0b2tlbiI6IG5vdCBmb3IgYW55Ym9keX0." * length)[:length // 2])


def split(text):
    """The items between commas."""
    return [item for item in text.split(",") if item]


def fedauth_info(scene, sender, sts: TEXT, spn: TEXT, order: some_of(FEDAUTH_OPTIONS) = "sts,spn", spid: NUMBER = 0,
                 packet: NUMBER = 1):
    """FEDAUTHINFO: the token service, and the service for which the client needs a token."""
    texts = {"sts": sts, "spn": spn}
    return respond(tds.fedauth_info([(FEDAUTH_OPTIONS[name], texts[name]) for name in split(order)]), spid, packet)


def fedauth_token(scene, sender, length: NUMBER, packet: NUMBER = 1):
    """The client's access token in a message of its own."""
    return tds.packets(tds.FEDAUTH_TOKEN, tds.fedauth_token(access_token(scene, int(length))), packet_id=packet)


def sspi_client(scene, sender, token: one_of(TOKENS), packet: NUMBER = 1, **how):
    """The client's SSPI message with a token."""
    return tds.packets(tds.SSPI, TOKENS[token](scene, **how), packet_id=packet)


def sspi_server(scene, sender, token: one_of(TOKENS), spid: NUMBER = 0, packet: NUMBER = 1, **how):
    """The server's response with a token."""
    return respond(tds.sspi_token(TOKENS[token](scene, **how)), spid, packet)


def offer_ntlm(scene, mechanisms: some_of(tokens.MECHANISMS) = "ntlm"):
    """NegTokenInit with NTLM's NEGOTIATE."""
    return tokens.negotiation_offer(split(mechanisms), tokens.ntlm_negotiate())


def offer_kerberos(scene, spn: TEXT, realm: TEXT, ticket: NUMBER = 1200,
                   mechanisms: some_of(tokens.MECHANISMS) = "ms_kerberos,kerberos,ntlm", framed: YES_OR_NO = "yes"):
    """NegTokenInit with an AP-REQ; framed=no: without its GSS frame."""
    return tokens.negotiation_offer(split(mechanisms), tokens.kerberos_ap_req(scene.name, spn, realm, ticket, framed))


def answer_ntlm_negotiate(scene):
    """NegTokenResp with NTLM's NEGOTIATE: the client accepts the server's choice."""
    return tokens.negotiation_answer(token=tokens.ntlm_negotiate())


def answer_ntlm_challenge(scene, domain: TEXT, computer: TEXT, dns: TEXT):
    """NegTokenResp with NTLM's CHALLENGE."""
    challenge = tokens.ntlm_challenge(scene.name, domain, computer, dns)
    return tokens.negotiation_answer("incomplete", "ntlm", challenge)


def answer_ntlm_authenticate(scene, **names: tokens.ntlm_authenticate):
    """NegTokenResp with NTLM's AUTHENTICATE and a mechListMIC."""
    return tokens.negotiation_answer(token=tokens.ntlm_authenticate(scene.name, **names), mic=mic(scene))


def answer_choice(scene, mechanism: one_of(tokens.MECHANISMS), state: one_of(tokens.NEGOTIATION_STATES) = "incomplete"):
    """NegTokenResp that only chooses a mechanism."""
    return tokens.negotiation_answer(state, mechanism)


def answer_mic(scene, state: one_of(tokens.NEGOTIATION_STATES) = None):
    """NegTokenResp with only the mechListMIC."""
    return tokens.negotiation_answer(state, mic=mic(scene))


def mic(scene):
    """A MIC as RFC 4121 makes it."""
    return tls.filler(scene.name + " list", 28)


def answer_kerberos(scene):
    """NegTokenResp with an AP-REP."""
    return tokens.kerberos_ap_rep(scene.name)


def ntlm_negotiate(scene):
    """NTLM's NEGOTIATE."""
    return tokens.ntlm_negotiate()


def ntlm_authenticate_v1(scene, **names: tokens.ntlm_authenticate_v1):
    """NTLM's AUTHENTICATE with an NTLMv1 response."""
    return tokens.ntlm_authenticate_v1(scene.name, **names)


def ntlm_anonymous(scene, workstation: TEXT):
    """NTLM's AUTHENTICATE without a user."""
    return tokens.ntlm_authenticate_anonymous(scene.name, workstation)


TOKENS = {
    "offer_ntlm": offer_ntlm,
    "offer_kerberos": offer_kerberos,
    "answer_choice": answer_choice,
    "answer_ntlm_negotiate": answer_ntlm_negotiate,
    "answer_ntlm_challenge": answer_ntlm_challenge,
    "answer_ntlm_authenticate": answer_ntlm_authenticate,
    "answer_kerberos": answer_kerberos,
    "answer_mic": answer_mic,
    "ntlm_negotiate": ntlm_negotiate,
    "ntlm_authenticate_v1": ntlm_authenticate_v1,
    "ntlm_anonymous": ntlm_anonymous,
}


def kerberos_ap_rep(scene, sender, spid: NUMBER = 0, packet: NUMBER = 1):
    """The server's response with an AP-REP."""
    return respond(tds.sspi_token(tokens.kerberos_ap_rep(scene.name)), spid, packet)


def ntlm_challenge(scene, sender, domain: TEXT, computer: TEXT, dns: TEXT, spid: NUMBER = 0, packet: NUMBER = 1):
    """The server's response with NTLM's CHALLENGE."""
    return respond(tds.sspi_token(tokens.ntlm_challenge(scene.name, domain, computer, dns)), spid, packet)


def ntlm_authenticate(scene, sender, packet: NUMBER = 1, **names: tokens.ntlm_authenticate):
    """The client's SSPI message with NTLM's AUTHENTICATE."""
    return [tds.packet(tds.SSPI, tokens.ntlm_authenticate(scene.name, **names), packet_id=packet)]


def krb_error(scene, sender, error: NUMBER, spn: TEXT, realm: TEXT):
    """KRB-ERROR: the KDC refuses a ticket."""
    return tokens.kerberos_error(int(error), spn, realm)


def tgs_req(scene, sender, spn: TEXT, realm: TEXT):
    """TGS-REQ: the client asks a KDC for a ticket."""
    return tokens.kerberos_tgs_req(spn, realm)


def tgs_rep(scene, sender, spn: TEXT, realm: TEXT, ticket: NUMBER = 1200):
    """TGS-REP: the KDC gives the ticket."""
    return tokens.kerberos_tgs_rep(scene.name, spn, realm, ticket)


def dns_question(scene, sender, name: TEXT, type: one_of(names.TYPES) = "A", id: NUMBER = 1):
    """The client asks DNS for the address of a name. id: of the question and its answer."""
    return names.question(int(id), name, type)


def dns_answer(scene, sender, name: TEXT, type: one_of(names.TYPES) = "A", id: NUMBER = 1, address: TEXT = "",
               code: one_of(names.CODES) = "NOERROR"):
    """What DNS answers. address: one, or several with commas between. code: why there is none."""
    return names.answer(int(id), name, type, split(address), code)


def clnt_bcast_ex(scene, sender):
    """Asks the SQL Browsers of all servers for their instances."""
    return ssrp.request(ssrp.CLNT_BCAST_EX)


def clnt_ucast_ex(scene, sender):
    """Asks SQL Browser of one server for all instances."""
    return ssrp.request(ssrp.CLNT_UCAST_EX)


def clnt_ucast_inst(scene, sender, instance: TEXT, end: HEX = "00"):
    """Asks SQL Browser for one instance. end: the bytes in place of the NUL."""
    return ssrp.request(ssrp.CLNT_UCAST_INST, instance.encode() + bytes.fromhex(end))


def clnt_ucast_dac(scene, sender, instance: TEXT, version: NUMBER = 1):
    """Asks SQL Browser for the administrator's port of an instance."""
    return ssrp.request(ssrp.CLNT_UCAST_DAC, bytes([int(version)]) + instance.encode() + b"\0")


def svr_resp(scene, sender, server: TEXT, instances: TEXT, size_off: OFFSET = 0, end: TEXT = ";;"):
    """SQL Browser's answer with instances: `NAME:PORT` or `NAME`, with commas between.

    size_off: the error of RESP_SIZE. end: the text after the last instance.
    """
    version = ".".join(map(str, scene.product)) + ".0"
    told = [ssrp.instance(server, *item.partition(":")[::2], version) for item in split(instances)]
    return ssrp.response("".join(told).removesuffix(";;") + end, int(size_off))


def svr_resp_dac(scene, sender, port: NUMBER):
    """SQL Browser's answer with the administrator's port."""
    return ssrp.administrator_response(int(port))


def loginack(scene, sender, server: TEXT, database: TEXT, spid: NUMBER, packet: NUMBER = 1, routing: ADDRESS = "",
             routing_database: TEXT = "", partner: TEXT = "", instance: TEXT = "", acks: NUMBERS = "",
             sspi: one_of(LAST_TOKENS) = "", **settings: tds.login_response):
    """The answer to a login that succeeds: LOGINACK and the tokens around it.

    routing: the redirection. partner: the mirroring partner. instance: the user instance. acks: features by
    number. sspi: the token that ends the negotiation. informed=no: without INFO tokens.
    """
    before = tds.sspi_token(TOKENS[sspi](scene, state="completed")) if sspi else b""
    before += tds.envchange(19, tds.b_varchar(instance)) if instance else b""
    after = tds.envchange(13, tds.b_varchar(partner)) if partner else b""
    if routing:
        host, _, port = routing.rpartition(":")
        after += tds.routing(host, int(port), routing_database)
    if acks:
        after += tds.feature_ack(b"".join(tds.feature(int(kind)) for kind in split(acks)))
    payload = tds.login_response(scene.tds, server, database, scene.product, before=before, after=after, **settings)
    return respond(payload, spid, packet)


def login_error(scene, sender, server: TEXT, number: ERROR_NUMBERS, text: TEXT, state: NUMBER = 1,
                severity: NUMBER = 14, spid: NUMBER = 0, packet: NUMBER = 1):
    """The answer to a login that fails: ERROR and DONE. For several errors, number and text have `|` between."""
    errors = [(int(one), int(state), int(severity), words)
              for one, words in zip(str(number).split("|"), text.split("|"), strict=True)]
    return respond(tds.login_refused(scene.tds, server, errors), spid, packet)


def sql_error(scene, sender, server: TEXT, number: NUMBER, text: TEXT, spid: NUMBER, state: NUMBER = 1,
              severity: NUMBER = 16, packet: NUMBER = 1, said: YES_OR_NO = "yes"):
    """The answer to a command that fails: ERROR (INFO for a severity up to 10) and DONE.

    said=no: DONE alone.
    """
    severity = int(severity)
    said = tds.message(scene.tds, int(number), int(state), severity, text, server) if said == "yes" else b""
    return respond(said + tds.done(scene.tds, tds.DONE_ERROR if severity > 10 else 0), spid, packet)


def sealed(scene, sender, size: NUMBER):
    """A TLS record of encrypted data: filler for `size` bytes of plaintext."""
    return [tls.sealed(scene.suite, tls.APPLICATION_DATA, f"{scene.name} {sender} {size}", int(size))]


def close_notify(scene, sender):
    """The end of TLS, encrypted: the alert close_notify."""
    return [tls.sealed(scene.suite, tls.ALERT, f"{scene.name} {sender} close_notify", 2)]


def batch(scene, sender, text: TEXT, packet: NUMBER = 1, reset: YES_OR_NO = "no"):
    """A SQL batch; reset=yes: with the RESETCONNECTION bit."""
    first, *others = tds.packets(tds.SQL_BATCH, tds.sql_batch(scene.tds, text), packet_id=packet)
    status = first[1] | (tds.RESETCONNECTION if reset == "yes" else 0)
    return [first[:1] + bytes([status]) + first[2:], *others]


def result(scene, sender, column: TEXT, rows: TEXT, spid: NUMBER, packet: NUMBER = 1):
    """A result set with one column; rows have commas between, and `text*3` is three rows."""
    return respond(tds.result_set(scene.tds, column, expanded(rows)), spid, packet)


def attention(scene, sender, packet: NUMBER = 1):
    """The client cancels its request."""
    return [tds.packet(tds.ATTENTION, b"", packet_id=packet)]


def attention_ack(scene, sender, spid: NUMBER, packet: NUMBER = 1):
    """The server acknowledges the ATTENTION."""
    return respond(tds.done(scene.tds, tds.DONE_ATTENTION), spid, packet)


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
    "CLOSE_NOTIFY": close_notify,
    "CHANGE_CIPHER_SPEC": change_cipher_spec,
    "ALERT": alert,
    "ENCRYPTED_LOGIN7": encrypted_login7,
    "LOGIN7": login7,
    "SEALED": sealed,
    "FEDAUTHINFO": fedauth_info,
    "FEDAUTH_TOKEN": fedauth_token,
    "SSPI_CLIENT": sspi_client,
    "SSPI_SERVER": sspi_server,
    "KERBEROS_AP_REP": kerberos_ap_rep,
    "NTLM_CHALLENGE": ntlm_challenge,
    "NTLM_AUTHENTICATE": ntlm_authenticate,
    "LOGINACK": loginack,
    "LOGIN_ERROR": login_error,
    "BATCH": batch,
    "RESULT": result,
    "SQL_ERROR": sql_error,
    "ATTENTION": attention,
    "ATTENTION_ACK": attention_ack,
}
SMP_WORDS = {"SMP_SYN": tds.SMP_SYN, "SMP_ACK": tds.SMP_ACK, "SMP_FIN": tds.SMP_FIN}
DATAGRAM_WORDS = {  # between the client and others than the server
    "KRB_ERROR": krb_error,
    "TGS_REQ": tgs_req,
    "TGS_REP": tgs_rep,
    "DNS_QUESTION": dns_question,
    "DNS_ANSWER": dns_answer,
    "CLNT_BCAST_EX": clnt_bcast_ex,
    "CLNT_UCAST_EX": clnt_ucast_ex,
    "CLNT_UCAST_INST": clnt_ucast_inst,
    "CLNT_UCAST_DAC": clnt_ucast_dac,
    "SVR_RESP": svr_resp,
    "SVR_RESP_DAC": svr_resp_dac,
}


def settable(word, token=None):
    """{parameter: (Values, whether it must be given)} of a line with a word, and with a token in it."""
    found = parameters((WORDS | DATAGRAM_WORDS)[word])
    return found | parameters(TOKENS[token]) if token in TOKENS else found
