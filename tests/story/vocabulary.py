# SPDX-License-Identifier: GPL-2.0-or-later
"""The words of a story: what each message of a conversation puts on the wire.

A word is a function (scene, sender, **parameters) that returns the TDS packets
or TLS records of its message, one for each time the story sends.
"""
import struct
from dataclasses import dataclass
from pathlib import Path

import ssrp
import tds
import tls
import tokens

# FEDAUTH: the library in the upper seven bits, and for MSAL how the client gets its token
FEDAUTH_TOKEN, FEDAUTH_MSAL = 0x01 << 1, 0x02 << 1
WORKFLOWS = {"password": 1, "integrated": 2, "interactive": 3}
# Features of LOGIN7 that are told without data
FEATURES = {"recovery": 0x01, "enhanced_routing": 0x0F}
STS_URL, STS_SPN = 1, 2

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


def prelogin(scene, sender, encrypt, mars=None, trace=None, fedauth=None, instance="", version="9.0.1399", packet=1,
             options="all"):
    """The first message of either side; an option that is not named is not sent.

    instance: its name, of a server `mismatch`. options: `few` are the version and the encryption alone.
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


def client_hello(scene, sender, server_name="", **how):
    """The client's offer, inside a PRELOGIN packet as all of the handshake."""
    return wrapped(tls.client_hello(scene.suite, scene.name, server_name), **how)


def server_hello(scene, sender, **how):
    """Server Hello, Certificate, with an ephemeral suite Server Key Exchange, Server Hello Done."""
    text = (scene.folder / f"{scene.certificate}.hex").read_text()
    certificate = bytes.fromhex("".join(line for line in text.splitlines() if not line.startswith("#")))
    return wrapped(tls.server_hello(scene.suite, scene.name, certificate), **how)


def client_key_exchange(scene, sender, **how):
    """Client Key Exchange, ChangeCipherSpec, Finished."""
    return wrapped(tls.client_key_exchange(scene.suite, scene.name), **how)


def change_cipher_spec(scene, sender, **how):
    """The server's ChangeCipherSpec and Finished."""
    return wrapped(tls.finished(scene.suite, f"{scene.name} {sender}"), **how)


def alert(scene, sender, level, alert, **how):
    """A TLS alert, not encrypted."""
    return wrapped(tls.record(scene.suite, tls.ALERT, bytes([int(level), int(alert)])), **how)


def wrapped(records, packet=1, type=f"{tds.PRELOGIN}", cut=""):
    """TLS records in a TDS packet, or cut after so many bytes into several that each end a message."""
    ends = [int(end) for end in cut.split(",") if end] + [len(records)]
    return [tds.packet(int(type), records[start:end], packet_id=packet) for start, end in zip([0, *ends], ends)]


def encrypted_login7(scene, sender, sspi=0, **parameters):
    """LOGIN7 of which the first packet is a TLS record, filler of the right size, and all others are in clear.

    sspi: a token of so many bytes that nobody will read.
    """
    record = login7_record(scene, filler_sspi=bytes(int(sspi)), **parameters)
    first, *tail = tds.packets(tds.LOGIN7, record)
    return [tls.sealed(scene.suite, tls.APPLICATION_DATA, scene.name + " login", len(first)), *tail]


def login7(scene, sender, packet=1, **parameters):
    """LOGIN7 in clear."""
    return tds.packets(tds.LOGIN7, login7_record(scene, **parameters), packet_id=packet)


def login7_record(scene, filler_sspi=b"", token="", features="", options="", **rest):
    """The LOGIN7 record.

    token: a word of TOKENS, whose parameters stand beside those of LOGIN7. features: see feature_request.
    options: names of tds.LOGIN7_OPTIONS.
    """
    strings = {name: rest.pop(name) for name in (*tds.LOGIN7_STRINGS, "new_password") if name in rest}
    if rest and not token:
        raise TypeError(f"LOGIN7 has no {', '.join(sorted(rest))}")
    sspi = TOKENS[token](scene, **rest) if token else filler_sspi
    asked = b"".join(feature_request(scene, item) for item in split(features))
    return tds.login7(scene.tds, strings, sspi, asked + b"\xff" if asked else b"", split(options))


def feature_request(scene, item):
    """A feature as `name` or `name:value`: fedauth_msal:WORKFLOW, fedauth_token:BYTES, reconnect:DATABASE."""
    name, _, value = item.partition(":")
    if name == "fedauth_msal":
        return tds.feature(0x02, bytes([FEDAUTH_MSAL, WORKFLOWS[value]]))
    if name == "fedauth_token":
        return tds.feature(0x02, struct.pack("<BI", FEDAUTH_TOKEN, int(value)) + access_token(scene, int(value)))
    if name == "reconnect":
        session = tds.b_varchar(value) + b"\x05" + tds.COLLATION + tds.b_varchar("us_english")
        return tds.feature(0x01, 2 * (struct.pack("<I", len(session)) + session))
    return tds.feature(FEATURES[name])


def access_token(scene, length):
    """What stands for a JSON web token: text in UTF-16 that a test can search for."""
    return tds.utf16(("eyJ0b2tlbiI6IG5vdCBmb3IgYW55Ym9keX0." * length)[:length // 2])


def split(text):
    """The items between commas."""
    return [item for item in text.split(",") if item]


def fedauth_info(scene, sender, sts, spn, order="sts,spn", spid=0, packet=1):
    """The server's word where to get a token, and for which service."""
    options = {"sts": (STS_URL, sts), "spn": (STS_SPN, spn)}
    return respond(tds.fedauth_info([options[name] for name in split(order)]), spid, packet)


def fedauth_token(scene, sender, length, packet=1):
    """The client's token, in a message of its own."""
    return tds.packets(tds.FEDAUTH_TOKEN, tds.fedauth_token(access_token(scene, int(length))), packet_id=packet)


def sspi_client(scene, sender, token, packet=1, **parameters):
    """The client's next token: a word of TOKENS."""
    return tds.packets(tds.SSPI, TOKENS[token](scene, **parameters), packet_id=packet)


def sspi_server(scene, sender, token, spid=0, packet=1, **parameters):
    """The server's token: a word of TOKENS."""
    return respond(tds.sspi_token(TOKENS[token](scene, **parameters)), spid, packet)


def offer_ntlm(scene, mechanisms="ntlm"):
    """NegTokenInit with NEGOTIATE."""
    return tokens.negotiation_offer(split(mechanisms), tokens.ntlm_negotiate())


def offer_kerberos(scene, spn, realm, ticket=1200, mechanisms="ms_kerberos,kerberos,ntlm", framed="yes"):
    """NegTokenInit with an AP-REQ; framed=no: without its GSS frame."""
    return tokens.negotiation_offer(split(mechanisms), tokens.kerberos_ap_req(scene.name, spn, realm, ticket, framed))


def answer_ntlm_negotiate(scene):
    """NegTokenResp with NEGOTIATE: the client gives in to the server's choice."""
    return tokens.negotiation_answer(token=tokens.ntlm_negotiate())


def answer_ntlm_challenge(scene, domain, computer, dns):
    """NegTokenResp with CHALLENGE."""
    challenge = tokens.ntlm_challenge(scene.name, domain, computer, dns)
    return tokens.negotiation_answer("incomplete", "ntlm", challenge)


def answer_ntlm_authenticate(scene, **names):
    """NegTokenResp with AUTHENTICATE and a mechListMIC."""
    return tokens.negotiation_answer(token=tokens.ntlm_authenticate(scene.name, **names), mic=mic(scene))


def answer_choice(scene, mechanism, state="incomplete"):
    """NegTokenResp that only chooses a mechanism."""
    return tokens.negotiation_answer(state, mechanism)


def answer_mic(scene, state=None):
    """NegTokenResp with nothing but the mechListMIC."""
    return tokens.negotiation_answer(state, mic=mic(scene))


def mic(scene):
    """A MIC as RFC 4121 makes it."""
    return tls.filler(scene.name + " list", 28)


TOKENS = {
    "offer_ntlm": offer_ntlm,
    "offer_kerberos": offer_kerberos,
    "answer_choice": answer_choice,
    "answer_ntlm_negotiate": answer_ntlm_negotiate,
    "answer_ntlm_challenge": answer_ntlm_challenge,
    "answer_ntlm_authenticate": answer_ntlm_authenticate,
    "answer_kerberos": lambda scene: tokens.kerberos_ap_rep(scene.name),
    "answer_mic": answer_mic,
    "ntlm_negotiate": lambda scene: tokens.ntlm_negotiate(),
    "ntlm_authenticate_v1": lambda scene, **names: tokens.ntlm_authenticate_v1(scene.name, **names),
    "ntlm_anonymous": lambda scene, workstation: tokens.ntlm_authenticate_anonymous(scene.name, workstation),
}


def kerberos_ap_rep(scene, sender, spid=0, packet=1):
    """An SSPI token of the server that holds an AP-REP."""
    return respond(tds.sspi_token(tokens.kerberos_ap_rep(scene.name)), spid, packet)


def ntlm_challenge(scene, sender, domain, computer, dns, spid=0, packet=1):
    """An SSPI token of the server that holds NTLM's CHALLENGE."""
    return respond(tds.sspi_token(tokens.ntlm_challenge(scene.name, domain, computer, dns)), spid, packet)


def ntlm_authenticate(scene, sender, packet=1, **names):
    """The client's SSPI message with NTLM's AUTHENTICATE."""
    return [tds.packet(tds.SSPI, tokens.ntlm_authenticate(scene.name, **names), packet_id=packet)]


def krb_error(scene, sender, error, spn, realm):
    """A KDC refuses a ticket."""
    return tokens.kerberos_error(int(error), spn, realm)


def clnt_bcast_ex(scene, sender):
    """Asks SQL Browser of every server for its instances."""
    return ssrp.request(ssrp.CLNT_BCAST_EX)


def clnt_ucast_ex(scene, sender):
    """Asks SQL Browser of one server for all instances."""
    return ssrp.request(ssrp.CLNT_UCAST_EX)


def clnt_ucast_inst(scene, sender, instance, end="00"):
    """Asks SQL Browser for one instance. end: what stands for the NUL, in hexadecimal digits."""
    return ssrp.request(ssrp.CLNT_UCAST_INST, instance.encode() + bytes.fromhex(end))


def clnt_ucast_dac(scene, sender, instance, version=1):
    """Asks SQL Browser for the administrator's port of an instance."""
    return ssrp.request(ssrp.CLNT_UCAST_DAC, bytes([int(version)]) + instance.encode() + b"\0")


def svr_resp(scene, sender, server, instances, size_off=0, end=";;"):
    """Answers with instances, `NAME:PORT` or `NAME` with commas between.

    size_off: how far RESP_SIZE is wrong. end: what stands behind the last instance.
    """
    version = ".".join(map(str, scene.product)) + ".0"
    told = [ssrp.instance(server, *item.partition(":")[::2], version) for item in split(instances)]
    return ssrp.response("".join(told).removesuffix(";;") + end, int(size_off))


def svr_resp_dac(scene, sender, port):
    """Answers with the port of the administrator."""
    return ssrp.administrator_response(int(port))


def loginack(scene, sender, server, database, spid, packet=1, routing="", routing_database="", partner="",
             instance="", acks="", sspi="", **settings):
    """The answer to a login that succeeds: LOGINACK and what goes with it.

    routing: HOST:PORT to go to. partner: the mirroring partner. instance: the user instance. acks: features by
    number. sspi: the token that ends the negotiation, a word of TOKENS. settings: language, packet_size, and
    informed=no, which leaves the INFO tokens out.
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


def login_error(scene, sender, server, number, text, state=1, severity=14, spid=0, packet=1):
    """The answer to a login that fails: ERROR and DONE. number and text may be several, with `|` between."""
    errors = [(int(one), int(state), int(severity), words)
              for one, words in zip(str(number).split("|"), text.split("|"), strict=True)]
    return respond(tds.login_refused(scene.tds, server, errors), spid, packet)


def sql_error(scene, sender, server, number, text, spid, state=1, severity=16, packet=1, said="yes"):
    """The answer to a command that fails, or with a severity up to 10 has something to say: ERROR or INFO, and DONE.

    said=no: DONE alone.
    """
    severity = int(severity)
    said = tds.message(scene.tds, int(number), int(state), severity, text, server) if said == "yes" else b""
    return respond(said + tds.done(scene.tds, tds.DONE_ERROR if severity > 10 else 0), spid, packet)


def sealed(scene, sender, size):
    """A TLS record of encrypted data: filler for so many bytes of plaintext."""
    return [tls.sealed(scene.suite, tls.APPLICATION_DATA, f"{scene.name} {sender} {size}", int(size))]


def batch(scene, sender, text, packet=1, reset="no"):
    """A SQL batch; reset=yes: the first of the pooled connection's next user."""
    first, *others = tds.packets(tds.SQL_BATCH, tds.sql_batch(scene.tds, text), packet_id=packet)
    status = first[1] | (tds.RESETCONNECTION if reset == "yes" else 0)
    return [first[:1] + bytes([status]) + first[2:], *others]


def result(scene, sender, column, rows, spid, packet=1):
    """A result set; rows are separated by commas, and `text*3` is three rows."""
    return respond(tds.result_set(scene.tds, column, expanded(rows)), spid, packet)


def attention(scene, sender, packet=1):
    """The client cancels its request."""
    return [tds.packet(tds.ATTENTION, b"", packet_id=packet)]


def attention_ack(scene, sender, spid, packet=1):
    """The server acknowledges that the request is cancelled."""
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
    "CLNT_BCAST_EX": clnt_bcast_ex,
    "CLNT_UCAST_EX": clnt_ucast_ex,
    "CLNT_UCAST_INST": clnt_ucast_inst,
    "CLNT_UCAST_DAC": clnt_ucast_dac,
    "SVR_RESP": svr_resp,
    "SVR_RESP_DAC": svr_resp_dac,
}
