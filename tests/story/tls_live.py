#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes captures of really encrypted conversations, each with its key log.

    tls_live.py FOLDER [NAME ...]     writes NAME.pcapng and NAME.keys, without names all

OpenSSL, through Python's ssl module, plays both ends of TLS; the messages inside and the frames outside are those of
the stories. TLS draws its random bytes anew, so that no two runs give the same file: captures/story/live-*.pcapng are
what one run made, and nothing makes them again byte for byte.
"""
import ssl
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path

import make
import tds
import vocabulary

START = datetime(2025, 3, 3, 9, tzinfo=timezone.utc)
TURN = Decimal("0.0005")  # seconds between two frames
SEGMENT = 1460
WRAPPED = 4088  # bytes of TLS in a PRELOGIN packet
NEVER_READ = 0xFFFF  # a TLS layer keeps what it has written until it is taken

TDS8 = "tds/8.0"
NAMES = {"domain": "CONTOSO", "user": "joe33", "workstation": "APP120", "computer": "SQL10", "dns": "contoso.com",
         "spn": "MSSQLSvc/sql.contoso.com:1433"}
CHALLENGER = {name: NAMES[name] for name in ("domain", "computer", "dns")}
LOGIN = {"host": "APP120", "app": "Orders", "server": "sql.contoso.com", "library": "ODBC", "database": "AdventureWorks"}
PASSWORD = {"user": "app_user", "password": "Secret-7"}


@dataclass
class Conversation:
    """One TCP connection with TLS in it, from the first SYN on."""
    name: str
    contexts: tuple  # of the client and the server
    tds: str = "7.4"
    port: int = 1433
    timed: list = field(default_factory=list)  # (seconds since START, frame)
    now: Decimal = Decimal(1)

    def __post_init__(self):
        self.scene = vocabulary.Scene(self.name, Path(), self.tds, "TLS1.2-ECDHE-AES", "", (16, 0, 4105))
        self.sides = {"client": make.Side("10.10.10.120", 50100, "00:15:5d:0a:0a:78", 1000000, 64240, 8212),
                      "server": make.Side("10.10.10.10", self.port, "00:15:5d:0a:0a:0a", 5000000, 65535, 8212)}
        wires = {"client": (ssl.MemoryBIO(), ssl.MemoryBIO()), "server": (ssl.MemoryBIO(), ssl.MemoryBIO())}
        self.wires = wires
        client, server = self.contexts
        self.layers = {"client": client.wrap_bio(*wires["client"], server_hostname="sql.contoso.com"),
                       "server": server.wrap_bio(*wires["server"], server_side=True)}
        self.smp_sent = {"client": {}, "server": {}}
        for sender, flags in (("client", "S"), ("server", "SA"), ("client", "A")):
            self.frame(sender, flags)

    def frame(self, sender, flags, payload=b""):
        """The next frame of a side."""
        own, peer = self.sides[sender], self.sides[other(sender)]
        line = make.Line(make.Place(Path(self.name), len(self.timed) + 1), self.now, sender, flags, {}, {}, frozenset())
        self.timed.append((self.now, bytes(make.segment(line, own, peer, own.next_seq, flags, payload))))
        own.next_seq += len(payload) + ("S" in flags) + ("F" in flags)
        self.now += TURN

    def clear(self, sender, payload):
        """Bytes of one side, in as many segments as they take."""
        pieces = [payload[i:i + SEGMENT] for i in range(0, len(payload), SEGMENT)]
        for piece in pieces:
            self.frame(sender, "PA" if piece is pieces[-1] else "A", piece)

    def handshake(self, wrap):
        """TLS's handshake; wrap: inside PRELOGIN packets, as before TDS 8.0."""
        sender, done = "client", set()
        while len(done) < 2:
            try:
                self.layers[sender].do_handshake()
                done.add(sender)
            except ssl.SSLWantReadError:
                pass
            self.carry(sender, wrap)
            sender = other(sender)
        self.carry("server", wrap)  # the tickets of TLS 1.3
        self.read("client")

    def carry(self, sender, wrap=False):
        """Send what one side's TLS has written, and give it to the other's."""
        records = self.wires[sender][1].read()
        if records:
            packets = tds.packets(tds.PRELOGIN, records, size=WRAPPED + 8) if wrap else [records]
            self.clear(sender, b"".join(packets))
            self.wires[other(sender)][0].write(records)

    def read(self, receiver):
        """Let one side's TLS take what came."""
        try:
            while self.layers[receiver].read(NEVER_READ):
                pass
        except ssl.SSLWantReadError:
            pass

    def sealed(self, sender, packets, sid=None):
        """TDS packets, each written to TLS by itself as drivers do; with sid in an SMP session."""
        for packet in packets:
            content = packet if sid is None else self.smp(sender, sid, tds.SMP_DATA, packet)
            self.layers[sender].write(content)
            self.carry(sender)
            self.read(other(sender))

    def smp(self, sender, sid, flag, payload=b""):
        """An SMP packet of a side that has read all it was sent."""
        own, peer = self.smp_sent[sender], self.smp_sent[other(sender)]
        own[sid] = own.get(sid, 0) + (flag == tds.SMP_DATA)
        return tds.smp(flag, sid, own[sid], peer.get(sid, 0) + make.SMP_WINDOW, payload)

    def tell(self, sender, word, sid=None, **parameters):
        """A word of the stories, encrypted."""
        self.sealed(sender, vocabulary.WORDS[word](self.scene, sender, **parameters), sid)

    def session(self, sid):
        """Open a MARS session."""
        self.layers["client"].write(self.smp("client", sid, tds.SMP_SYN))
        self.carry("client")
        self.read("server")

    def prelogin(self, encrypt, answer, **how):
        """PRELOGIN and its answer, in clear."""
        for sender, value in (("client", encrypt), ("server", answer)):
            self.clear(sender, b"".join(vocabulary.prelogin(self.scene, sender, value, **how)))

    def command(self):
        """A batch and its result."""
        self.tell("client", "BATCH", text="SELECT name FROM sys.objects")
        self.tell("server", "RESULT", column="name", rows="orders,items", spid=61)

    def confirm(self, **more):
        """LOGINACK."""
        self.tell("server", "LOGINACK", server="SQL10", database="AdventureWorks", spid=61, **more)

    def end(self):
        """Each side's close_notify and FIN."""
        for sender in ("client", "server"):
            try:
                self.layers[sender].unwrap()
            except ssl.SSLError:
                pass
            self.carry(sender)
            self.frame(sender, "FA")
        self.frame("client", "A")


def other(sender):
    """The peer."""
    return "server" if sender == "client" else "client"


def strict(conversation):
    """TDS 8.0: TLS first, and PRELOGIN inside."""
    conversation.handshake(wrap=False)
    for sender in ("client", "server"):
        conversation.tell(sender, "PRELOGIN", encrypt="required")


def full(conversation, **how):
    """PRELOGIN in clear, everything else in TLS."""
    conversation.prelogin("on", "on", **how)
    conversation.handshake(wrap=True)


# The conversations: what follows the TCP handshake. {{{


def sql(conversation):
    """A login with a password and one command in TDS 8.0."""
    strict(conversation)
    conversation.tell("client", "LOGIN7", **LOGIN, **PASSWORD)
    conversation.confirm()
    conversation.command()
    conversation.end()


def mars(conversation):
    """Two MARS sessions under full encryption; the answer of the first comes last."""
    full(conversation, mars="on")
    conversation.tell("client", "LOGIN7", **LOGIN, **PASSWORD)
    conversation.confirm()
    for sid in (0, 1):
        conversation.session(sid)
        conversation.tell("client", "BATCH", sid=sid, text=f"SELECT {sid}")
    for sid in (1, 0):
        conversation.tell("server", "RESULT", sid=sid, column="n", rows=f"row {sid}", spid=61)
    conversation.end()


def long_login(conversation):
    """A login of 6 KB with a ticket, of which only the first packet is encrypted; all else is in clear."""
    conversation.prelogin("off", "off")
    conversation.handshake(wrap=True)
    packets = vocabulary.login7(conversation.scene, "client", token="offer_kerberos", ticket=5000,
                                spn=NAMES["spn"], realm="CONTOSO.COM", **LOGIN)
    conversation.sealed("client", packets[:1])
    for sender, parts in (
            ("client", packets[1:]),
            ("server", vocabulary.sspi_server(conversation.scene, "server", "answer_kerberos")),
            ("server", vocabulary.loginack(conversation.scene, "server", "SQL10", "AdventureWorks", 61)),
            ("client", vocabulary.batch(conversation.scene, "client", "SELECT 1")),
            ("server", vocabulary.result(conversation.scene, "server", "n", "1", 61))):
        conversation.clear(sender, b"".join(parts))
    for sender, flags in (("client", "FA"), ("server", "FA"), ("client", "A")):
        conversation.frame(sender, flags)


def ntlm(conversation):
    """NTLM under full encryption."""
    full(conversation)
    conversation.tell("client", "LOGIN7", token="ntlm_negotiate", **LOGIN)
    conversation.tell("server", "NTLM_CHALLENGE", **CHALLENGER)
    conversation.tell("client", "NTLM_AUTHENTICATE", **NAMES)
    conversation.confirm()
    conversation.command()
    conversation.end()


def entra(conversation):
    """Entra with a token of MSAL's under full encryption."""
    full(conversation, fedauth="on")
    conversation.tell("client", "LOGIN7", features="fedauth_msal:interactive", **LOGIN)
    conversation.tell("server", "FEDAUTHINFO", sts="https://login.microsoftonline.com/contoso",
                      spn="https://database.windows.net/")
    conversation.now += 2  # the client fetches its token
    conversation.tell("client", "FEDAUTH_TOKEN", length=5200)
    conversation.confirm(acks="2")
    conversation.command()
    conversation.end()


# }}}

V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
# Name: what is said, the version of TLS, ALPN, and what else a Conversation takes.
CONVERSATIONS = {
    "live-tds8-alpn-port-5001": (sql, V13, TDS8, {"tds": "8.0", "port": 5001}),
    "live-tds8-no-alpn": (sql, V13, None, {"tds": "8.0"}),
    "live-tds8-no-alpn-port-5002": (sql, V13, None, {"tds": "8.0", "port": 5002}),
    "live-mars-full-tls": (mars, V12, None, {}),
    "live-long-login-login-only-tls": (long_login, V12, None, {}),
    "live-ntlm-full-tls": (ntlm, V12, None, {}),
    "live-entra-full-tls": (entra, V12, None, {}),
}


def contexts(version, alpn, keys, folder):
    """The client's and the server's side of TLS; the client writes its keys."""
    certificate, private = folder / "certificate.pem", folder / "key.pem"
    if not certificate.exists():
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj",
                        "/CN=sql.contoso.com", "-keyout", private, "-out", certificate], check=True,
                       stderr=subprocess.DEVNULL)
    client, server = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    server.load_cert_chain(certificate, private)
    for context in (client, server):
        context.minimum_version = context.maximum_version = version
        if alpn:
            context.set_alpn_protocols([alpn])
    client.keylog_filename = str(keys)
    return client, server


def make_live(folder, name, scratch):
    """Write the capture and the key log of one conversation; returns the capture's path."""
    said, version, alpn, how = CONVERSATIONS[name]
    capture, keys = folder / f"{name}.pcapng", folder / f"{name}.keys"
    keys.unlink(missing_ok=True)  # OpenSSL appends
    conversation = Conversation(name, contexts(version, alpn, keys, scratch), **how)
    said(conversation)
    return make.write(capture, START, conversation.timed)


def main(arguments):
    """Make the named conversations, or all of them."""
    if not arguments:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as scratch:
        for name in arguments[1:] or CONVERSATIONS:
            print(make_live(Path(arguments[0]), name, Path(scratch)))


if __name__ == "__main__":
    main(sys.argv[1:])
