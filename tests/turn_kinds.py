#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Random traces of troubles that need more than the segments of one connection, or a long time: idle ends, ways that take
no large packets, ICMP errors, KDCs, redirects, servers that go down, parallel attempts, names with several addresses,
named pipes.

tests/turn_kinds.py 10000 tries so many of each kind, tests/turn_kinds.py 10000 idle mtu of these, and prints what is
wrong."""

import collections
import functools
import ipaddress
import random
import re
import sys

from scapy.layers.inet import TCP
from scapy.utils import rdpcap

import findings
import made
import test_pipe_turns
import turns
import wireshark
from wires import FLAGS, Link, Wire, written

# Of the stories, where made finds them.
import names
import tokens

SECOND = 10**9
MINUTE = 60 * SECOND
OTHER = {"client": "server", "server": "client"}
# What is true of a trace: of each set in `must` one rule is raised, and no other rule that warns but those in `may`; for
# each pattern in `says` there is a text.
Expected = collections.namedtuple("Expected", "what must may says", defaults=((), (), ()))
SLOW = {"slow_login"}


# What the frames carry.

@functools.cache
def script(name):
    """(sender, flags, content) of a login and its commands, until nobody owes anything."""
    if name == "strict":
        return strict()
    messages = turns.messages_of(turns.SCRIPTS[name])
    last = max(place for place, message in enumerate(messages[:-1]) if message.debt == turns.NOBODY)
    return [message[:3] for message in messages[:last + 1]]


@functools.cache
def strict():
    """The same of TDS 8.0, by OpenSSL."""
    packets = rdpcap(str(made.STORIES / "live-tds8-no-alpn.pcapng"))
    found = [("client" if packet[TCP].dport == 1433 else "server", int(packet[TCP].flags), made.payload(packet))
             for packet in packets]
    ends = 2  # the alerts with which both say that they close
    return [*found[:3], *[one for one in found[3:] if one[2]][:-ends]]


@functools.cache
def lines(*texts):
    """The same of lines of a story."""
    return [message[:3] for message in turns.messages_of([(text, turns.NOBODY) for text in texts])]


def texts_of(*rows):
    return [text for text, _ in rows]


NAMES = [*turns.SCRIPTS, "strict"]
HIDDEN = ("full TLS", "strict")


@functools.cache
def request_of(name):
    """The command behind these."""
    if name in HIDDEN:
        return b"\x17\x03\x03\0\x6a" + bytes(range(0x6a))
    return next(message.content for message in turns.messages_of(turns.SCRIPTS[name]) if b"W\0A\0I\0T" in message.content)


# What connections do.

def moment(wire, draw, least=200_000, most=3_000_000):
    wire.wait(draw.randrange(least, most))


def play(link, messages, draw):
    """Sends these messages, one after the other."""
    for sender, flags, content in messages:
        moment(link.wire, draw)
        link.segment(sender, flags, content)


def acknowledge(link, by):
    link.wire.wait(40_000_000)
    link.segment(by, FLAGS["ACK"])


def close(link, by, draw):
    """An orderly end."""
    for sender in (by, OTHER[by]):
        moment(link.wire, draw)
        link.segment(sender, FLAGS["FIN"])
    link.segment(by, FLAGS["ACK"])


def end(link, how, draw):
    """ "silence", "FIN client", "RST server" and so on."""
    if how != "silence":
        moment(link.wire, draw)
        link.segment(how.split()[1], FLAGS[how.split()[0]])


def resend(link, sender, contents, draw, count):
    """The last segments of a side again and again, as TCP's timer has it: (content, how far back it begins)."""
    for sending in range(count):
        link.wire.wait((300_000_000 << min(sending, 4)) + draw.randrange(1_000_000))
        for content, back in contents:
            link.segment(sender, FLAGS["DATA"], content, back=back)


def seconds(nanoseconds):
    """As sentences have a time without its part."""
    return (nanoseconds + SECOND // 2) // SECOND


# Idle connections.

FORGOTTEN = "no such connection is known there"
IDLE_ENDS = {  # what has to be told after a long silence, and what after a short one
    "client FIN": ([], []),
    "server FIN": ([{"server_closed_first"}], [{"server_closed_first"}]),
    "client RST": ([{"reset_by_client"}], [{"reset_by_client"}]),
    "server RST": ([{"idle_reset"}, {"reset_by_server"}], [{"reset_by_server"}]),
    "device RST": ([{"idle_reset"}, {"reset_by_device"}], [{"reset_by_device"}]),
    "request": ([{"idle_reset"}, {"reset_by_server"}], [{"reset_by_server"}]),
    "client KEEP_ALIVE": ([{"idle_reset"}, {"reset_by_server"}], [{"reset_by_server"}]),
    "server KEEP_ALIVE": ([{"idle_reset"}, {"reset_by_client"}], [{"reset_by_client"}]),
    "black hole": ([{"retransmission_timeout"}], [{"retransmission_timeout"}]),
    "dead": ([{"keep_alive_timeout"}], [{"keep_alive_timeout"}]),
}


def keep_alive(link, by):
    link.segment(by, FLAGS["ACK"], back=1)


def keep_alives(link, by, until, draw):
    """They are answered, until then."""
    every = draw.randrange(10, 45) * SECOND
    while link.wire.clock + every < until - SECOND:
        link.wire.wait(every)
        keep_alive(link, by)
        link.wire.wait(1_000_000)
        link.segment(OTHER[by], FLAGS["ACK"])


def refuse(link, by, draw):
    """The answer of a host that does not know the connection."""
    link.wire.wait(draw.randrange(500_000, SECOND))
    link.segment(by, FLAGS["BARE_RST"])


def end_idly(link, how, name, draw):
    by = how.split()[0]
    if how == "client FIN":
        close(link, "client", draw)
    elif how == "device RST":
        link.segment("server", FLAGS["RST"], hops=60)
    elif how == "request":
        link.segment("client", FLAGS["DATA"], request_of(name))
        refuse(link, "server", draw)
    elif how == "black hole":
        request = request_of(name)
        link.segment("client", FLAGS["DATA"], request)
        resend(link, "client", [(request, len(request))], draw, 7)
        end(link, draw.choice(["silence", "RST client"]), draw)
    elif how == "dead":
        by = draw.choice(["client", "server"])
        for _ in range(draw.randrange(6, 10)):
            keep_alive(link, by)
            link.wire.wait(SECOND)
        end(link, f"RST {by}", draw)
    elif how.endswith("KEEP_ALIVE"):
        keep_alive(link, by)
        refuse(link, OTHER[by], draw)
    else:
        link.segment(by, FLAGS[how.split()[1]])


def idle(wire, draw):
    """A connection in which nobody has anything to say, and its end."""
    name, how, alive = draw.choice(NAMES), draw.choice(sorted(IDLE_ENDS)), draw.choice(["", "client", "server"])
    long = draw.random() < 0.6
    link = Link(wire)
    play(link, script(name), draw)
    silence = draw.randrange(62 * SECOND, 3600 * SECOND) if long else draw.randrange(SECOND, 55 * SECOND)
    since, until = wire.clock, wire.clock + silence
    acknowledge(link, OTHER[script(name)[-1][0]])
    if alive:
        keep_alives(link, alive, until, draw)
    wire.clock = max(until, wire.clock + 1000)
    end_idly(link, how, name, draw)
    must = IDLE_ENDS[how][0 if long else 1]
    says = []
    if how.endswith("KEEP_ALIVE") and long:
        silence = wire.clock - since
    if {"idle_reset"} in must or (how == "black hole" and long):
        says = [("^(.*,)?something between has .* " if how == "device RST" else r"\b") + f"{seconds(silence)} s of silence"]
    elif how in ("request", "client KEEP_ALIVE", "server KEEP_ALIVE"):
        says = [FORGOTTEN]
    may = {"reset_by_server"} if how == "device RST" else {"reset_by_client", "reset_by_server"} if how in (
        "dead", "black hole") else set()
    return Expected(f"{name}, {how} after {silence / SECOND:.3f} s, keep-alives of {alive or 'nobody'}", must, may, says)


# Ways that take no large packets.

FULL = 1460
LARGE = {"client": lines(f"client LOGIN7 {turns.NAMES} token=offer_kerberos {turns.TICKET} ticket=2600"),
         "server": lines("server RESULT column=name rows=" + ",".join("x" * 50 for _ in range(36)) + " spid=55")}


def pieces(content, size):
    return [content[at:at + size] for at in range(0, len(content), size)]


def sack(link, sender, length):
    """That the last so many bytes of the sender have arrived."""
    return b"\x01\x01\x05\x0a" + (link.sent[sender] - length).to_bytes(4, "big") + link.sent[sender].to_bytes(4, "big")


def large_message(draw):
    """What goes before a large message, and that."""
    sender = draw.choice(["client", "server"])
    [(_, _, content)] = LARGE[sender]
    if sender == "client":
        before = script("Kerberos")[:5]
    else:
        before = [*script("in clear")[:7], ("client", FLAGS["DATA"], request_of("in clear"))]
    return sender, content, before


def send_large(link, sender, parts, draw, error):
    """At the sender: only the last part arrives, as the receiver says. `error`: of a router about each of the others."""
    rest = len(b"".join(parts))
    packets = [link.segment(sender, FLAGS["DATA"], part) for part in parts]
    for packet in packets[:-1] if error else []:
        moment(link.wire, draw)
        link.wire.error("router", link.host[sender], *error[:2], packet, error[2])
    moment(link.wire, draw)
    link.segment(OTHER[sender], FLAGS["ACK"], lacks=rest, options=sack(link, sender, len(parts[-1])))


def mtu(wire, draw):
    """Large segments are lost, with an ICMP error or without; seen at the sender or at the receiver."""
    sender, content, before = large_message(draw)
    parts = pieces(content, FULL)
    link = Link(wire)
    play(link, before, draw)
    at_receiver, asked = draw.random() < 0.4, draw.random() < 0.5
    how = draw.choice(["silence", "FIN client", "RST client", f"RST {sender}"])
    size = draw.randrange(1240, 1440)
    moment(wire, draw)
    if at_receiver:
        link.sent[sender] += len(content) - len(parts[-1])
        link.segment(sender, FLAGS["DATA"], parts[-1])
        link.segment(OTHER[sender], FLAGS["ACK"], lacks=len(content), options=sack(link, sender, len(parts[-1])))
        wire.wait(draw.randrange(6, 30) * SECOND)
        end_lacking(link, how, sender, content, draw)
        return Expected(f"{len(content)} bytes of the {sender}, at the receiver, {how}",
                        [{"mtu"}, {"retransmission_timeout"}], {"reset_by_client", "reset_by_server"},
                        ["the way may take no larger packets"])
    kind = (3, 4) if wire.version == 4 else (2, 0)
    send_large(link, sender, parts, draw, (*kind, size) if asked else None)
    if asked and draw.random() < 0.5:
        return heed(link, sender, content, size, draw)
    resend(link, sender, [(parts[0], len(content))], draw, draw.randrange(6, 9))
    wire.wait(draw.randrange(1, 30) * SECOND)
    end_lacking(link, how, sender, content, draw)
    return Expected(f"{len(content)} bytes of the {sender}, {'ICMP, ' if asked else ''}{how}",
                    [{"mtu"}, {"retransmission_timeout"}],
                    {"reset_by_client", "reset_by_server", "login_unanswered"} - ({"login_unanswered"} if sender == "server" else set()),
                    [f"at most; segments of {FULL} bytes go on" if asked else f"segments of {FULL} bytes of the {sender} get no ACK"])


def end_lacking(link, how, sender, content, draw):
    """An end of a side that lacks these bytes of the other, or has sent them in vain."""
    if how != "silence":
        moment(link.wire, draw)
        by = how.split()[1]
        link.segment(by, FLAGS[how.split()[0]], lacks=len(content) if by != sender else 0)


def heed(link, sender, content, size, draw):
    """The sender does what the router asks for."""
    wire = link.wire
    at = 0
    for part in pieces(content, size - (40 if wire.version == 4 else 60)):
        moment(wire, draw)
        link.segment(sender, FLAGS["DATA"], part, back=len(content) - at)
        at += len(part)
    link.segment(OTHER[sender], FLAGS["ACK"])
    if sender == "client":
        play(link, script("Kerberos")[6:], draw)
    close(link, "client", draw)
    return Expected(f"{len(content)} bytes of the {sender}, sent as ICMP asks")


# ICMP errors.

ERRORS = {4: {(3, 0): "network unreachable", (3, 1): "host unreachable", (3, 2): "protocol unreachable", (3, 3): "port unreachable",
              (3, 9): "network administratively prohibited", (3, 10): "host administratively prohibited",
              (3, 13): "communication administratively prohibited", (11, 0): "time to live exceeded"},
          6: {(1, 0): "no route", (1, 1): "communication administratively prohibited", (1, 2): "beyond the scope",
              (1, 3): "address unreachable", (1, 4): "port unreachable", (1, 5): "failed a policy", (1, 6): "rejected",
              (3, 0): "hop limit exceeded"}}


def say_unreachable(link, packet, code, to, draw):
    moment(link.wire, draw)
    link.wire.error("router", to, *code, packet)


def icmp(wire, draw):
    """ICMP says that a SYN, or a later message, cannot be delivered. Some connections go on all the same."""
    code = draw.choice(sorted(ERRORS[wire.version]))
    name = draw.choice(sorted(turns.SCRIPTS))
    messages = turns.messages_of(turns.SCRIPTS[name])
    at = draw.choice([place for place, message in enumerate(messages)
                      if message.debt != turns.NOBODY and message.sender != message.debt[0] and place != 1])
    link = Link(wire)
    play(link, [message[:3] for message in messages[:at]], draw)
    message = messages[at]
    length = len(message.content) + (at == 0)
    moment(wire, draw)
    packet = link.segment(message.sender, message.flags, message.content)
    say_unreachable(link, packet, code, message.sender, draw)
    for sending in range(draw.randrange(4)):
        wire.wait((300_000_000 << sending) + draw.randrange(1_000_000))
        packet = link.segment(message.sender, message.flags, message.content, back=length)
        say_unreachable(link, packet, code, message.sender, draw)
    what = f"{name}, {ERRORS[wire.version][code]} for message {at}"
    if draw.random() < 0.3 and at + 1 < len(messages):
        wire.wait(SECOND)
        link.segment(message.sender, message.flags, message.content, back=length)
        acknowledge(link, OTHER[message.sender])
        play(link, [later[:3] for later in messages[at + 1:]], draw)
        return Expected(what + ", passing", (), SLOW | {"attention_unacknowledged"})
    wire.wait(draw.randrange(SECOND, 20 * SECOND))
    how = draw.choice(["silence", "silence"] + ([f"FIN {message.sender}", f"RST {message.sender}"] if at > 0 else []))
    end(link, how, draw)
    may = {"retransmission_timeout", f"reset_by_{message.sender}"}
    if message.sender == "client":
        may |= {"prelogin_unanswered", "login_unanswered", "request_abandoned", "attention_unacknowledged", "no_login_sent"}
    else:
        may |= {"server_closed_first"}
    return Expected(f"{what}, {how}", [{"unreachable"}], may, [re.escape(ERRORS[wire.version][code])])


# KDCs.

SPN, REALM = "MSSQLSvc/sql.contoso.com:1433", "CONTOSO.COM"
BEFORE_LOGIN = texts_of(*turns.OPENING, *turns.with_values(turns.PRELOGIN, "off"), *turns.TLS)
KERBEROS_LOGIN = (f"client ENCRYPTED_LOGIN7 {turns.NAMES} sspi=1500", "server KERBEROS_AP_REP",
                  *texts_of(*turns.LOGINACK))
NTLM_LOGIN = texts_of(*turns.NTLM, *turns.LOGINACK)
KDC_RULES = {7: "spn_unknown", 8: "spn_duplicate"}
TGS_ERRORS, AS_ERRORS = (7, 8, 12, 14, 20, 32, 37, 60), (6, 12, 14, 18, 23, 24, 37, 68)


@functools.cache
def kdc_messages(kind):
    """The request, and what grants it."""
    request = tokens.kerberos_tgs_req(SPN, REALM)
    if kind == "TGS":
        return request, tokens.kerberos_tgs_rep("turns", SPN, REALM, 1100)
    as_request = tokens.kerberos_tgs_req(f"krbtgt/{REALM}", REALM).replace(b"\xa2\x03\x02\x01\x0c", b"\xa2\x03\x02\x01\x0a")
    grant = tokens.kerberos_tgs_rep("turns", f"krbtgt/{REALM}", REALM, 1100).replace(b"\xa1\x03\x02\x01\x0d", b"\xa1\x03\x02\x01\x0b")
    return b"\x6a" + as_request[1:], b"\x6b" + grant[1:]


class Asked:
    """A client that asks a KDC, over UDP or TCP."""

    def __init__(self, wire, draw, kind):
        self.wire, self.draw, self.port = wire, draw, draw.randrange(51000, 60000)
        self.udp = draw.random() < 0.6
        self.request, self.grant = kdc_messages(kind)
        self.error_for = SPN if kind == "TGS" else f"krbtgt/{REALM}"

    def ask_in_vain(self, count):
        """Nobody answers, however often it asks."""
        link = Link(self.wire, "kdc", (self.port, 88))
        for sending in range(count):
            if self.udp:
                self.wire.datagram("client", "kdc", (self.port, 88), self.request)
            else:
                link.segment("client", FLAGS["SYN"], back=1 if sending else 0)
            self.wire.wait(self.draw.randrange(SECOND, 4 * SECOND))

    def answer(self, content):
        """It asks, and gets this."""
        self.port += 1
        moment(self.wire, self.draw)
        if self.udp:
            self.wire.datagram("client", "kdc", (self.port, 88), self.request)
            moment(self.wire, self.draw)
            self.wire.datagram("kdc", "client", (88, self.port), content)
            return
        link = Link(self.wire, "kdc", (self.port, 88))
        play(link, [("client", FLAGS["SYN"], b""), ("server", FLAGS["SYN_ACK"], b""), ("client", FLAGS["ACK"], b""),
                    *(("client" if one is self.request else "server", FLAGS["DATA"], len(one).to_bytes(4, "big") + one)
                      for one in (self.request, content))], self.draw)
        close(link, "client", self.draw)

    def refuse(self, error):
        self.answer(tokens.kerberos_error(error, self.error_for, REALM))


def kdc(wire, draw):
    """A client that needs a ticket for its login."""
    link = Link(wire)
    play(link, lines(*BEFORE_LOGIN), draw)
    acknowledge(link, "client")
    kind = draw.choice(["TGS", "AS"])
    asked = Asked(wire, draw, kind)
    how = draw.choice(["silent", "refused", "refused, NTLM", "good", "slow"])
    gone = draw.choice(["FIN client", "RST client"])
    moment(wire, draw)
    if how == "silent":
        count = draw.randrange(2, 5)
        asked.ask_in_vain(count)
        wire.wait(draw.randrange(0, 10 * SECOND))
        end(link, gone, draw)
        return Expected(f"{count} {kind} requests in vain, {gone}", [{"kdc_unanswered"}, {"client_silent"}],
                        {"reset_by_client"}, [f"answered none of {count} requests"])
    if how.startswith("refused"):
        error = draw.choice(TGS_ERRORS if kind == "TGS" else AS_ERRORS)
        asked.refuse(error)
        rule = KDC_RULES.get(error, "kerberos_error") if kind == "TGS" else "kerberos_error"
        if how == "refused":
            wire.wait(draw.choice([1_000_000, 3 * SECOND]))
            end(link, gone, draw)
            return Expected(f"{kind} refused with {error}, {gone}", [{rule}, {"no_login_sent", "client_silent"}],
                            {"reset_by_client"}, [rf"\({error}\) for"])
        play(link, lines(*NTLM_LOGIN), draw)
        close(link, "client", draw)
        return Expected(f"{kind} refused with {error}, then NTLM", [{rule}, {"ntlm_after_kerberos_failure"}])
    if how == "slow":
        asked.ask_in_vain(1)
    if draw.random() < 0.5:
        asked.refuse(25)
    asked.answer(asked.grant)
    play(link, lines(*KERBEROS_LOGIN), draw)
    close(link, "client", draw)
    return Expected(f"{kind} granted, {how}", (), SLOW)


# Redirects.

def hidden_gateway(number):
    """A login at Azure's gateway, all in TLS."""
    return (*texts_of(*turns.OPENING, *turns.with_values(turns.PRELOGIN, "on")),
            f"client CLIENT_HELLO server_name=contoso{number}.database.windows.net", *texts_of(*turns.TLS[1:]),
            "client SEALED size=420", "server SEALED size=520")


def gateway(port):
    return (*texts_of(*turns.OPENING, *turns.with_values(turns.PRELOGIN, "not_supported"), *turns.LOGIN),
            f"server LOGINACK server=SQL20 database=Orders spid=55 routing=node.contoso.com:{port}")


def redirect(wire, draw):
    """A server sends a client to another one, in clear or not."""
    hidden = draw.random() < 0.5
    port = draw.randrange(11000, 12000) if hidden else draw.choice([1433, 2433, draw.randrange(5000, 20000)])
    link = Link(wire)
    play(link, lines(*(hidden_gateway(wire.number) if hidden else gateway(port))), draw)
    close(link, "client", draw)
    wire.wait(draw.randrange(1_000_000, 2 * SECOND))
    how = draw.choice(["silent", "refused", "good", "full TLS", "never"])
    node = Link(wire, "node", (50002, port))
    what = f"{'hidden ' if hidden else ''}redirect to port {port}: {how}"
    sent_here = [rf"connection \d+ {'probably ' if hidden else ''}sent the client here"]
    if how == "never":
        return Expected(what, () if hidden else [{"redirect_not_followed"}])
    if how == "silent":
        for sending in range(draw.randrange(2, 5)):
            node.segment("client", FLAGS["SYN"], back=1 if sending else 0)
            wire.wait(SECOND << sending)
        return Expected(what, [{"no_syn_answer"}], (), sent_here)
    if how == "refused":
        node.segment("client", FLAGS["SYN"])
        moment(wire, draw)
        node.segment("server", FLAGS["RST"])
        return Expected(what, [{"connection_refused"}], (), sent_here)
    play(node, script("full TLS" if how == "full TLS" else "login only"), draw)
    close(node, "client", draw)
    return Expected(what)


# Servers that end several connections.

def together(wire, draw):
    """A server ends its connections, at the same time or one after the other."""
    count, at_once, flag = draw.randrange(1, 7), draw.random() < 0.7, draw.choice(["RST", "FIN"])
    links, busy = [], set()
    for number in range(count):
        name = draw.choice(NAMES)
        link = Link(wire, "server", (50001 + number, 1433))
        play(link, script(name), draw)
        if name in HIDDEN:  # so many that they are no login
            play(link, 8 * [("client", FLAGS["DATA"], request_of(name)), ("server", FLAGS["DATA"], request_of(name))], draw)
        acknowledge(link, "client")
        links.append((link, name))
    wire.wait(draw.randrange(1, 40) * SECOND)
    for number, (link, name) in enumerate(links):
        if draw.random() < 0.4:
            moment(wire, draw)
            link.segment("client", FLAGS["DATA"], request_of(name))
            acknowledge(link, "server")
            busy.add(number)
    wire.wait(draw.randrange(10_000_000, 5 * SECOND))
    for link, _ in links:
        wire.wait(draw.randrange(0, 60_000_000) if at_once else draw.randrange(150_000_000, SECOND))
        link.segment("server", FLAGS[flag])
        if flag == "FIN":
            link.segment("client", FLAGS["ACK"])
            link.segment("client", FLAGS["FIN"])
    one = {"reset_by_server"} if flag == "RST" else {"server_closed_first"}
    if at_once and count >= 3:
        return Expected(f"{count} connections, {flag} at once, {len(busy)} busy", [{"ended_together"}], (),
                        [f"ends {count} connections within"])
    readable = any(links[number][1] not in HIDDEN for number in busy)
    return Expected(f"{count} connections, {flag}, {len(busy)} busy", [one, *([{"killed"}] if readable else [])], {"killed"})


# Attempts at several addresses.

def parallel(wire, draw):
    """A client tries several addresses of a server at once, as with MultiSubnetFailover."""
    count, winner = draw.randrange(2, 5), draw.random() < 0.8
    tries = [Link(wire, f"server {number}", (50001 + number, 1433)) for number in range(count)]
    for link in tries:
        wire.wait(draw.randrange(10_000, 500_000))
        link.segment("client", FLAGS["SYN"])
    won = tries.pop(draw.randrange(count)) if winner else None
    losers = [draw.choice(["silent", "late", "refused"] if winner else ["silent"]) for _ in tries]
    if won:
        play(won, script("login only")[1:], draw)
    for link, how in zip(tries, losers):
        moment(wire, draw)
        if how == "silent":
            for sending in range(draw.randrange(1, 3) if winner else 3):
                wire.wait(SECOND << sending)
                link.segment("client", FLAGS["SYN"], back=1)
        elif how == "refused":
            link.segment("server", FLAGS["RST"])
        else:
            link.segment("server", FLAGS["SYN_ACK"])
            moment(wire, draw)
            if draw.random() < 0.5:
                link.segment("client", FLAGS["ACK"])
                close(link, "client", draw)
            else:
                link.segment("client", FLAGS["RST"])
    if won:
        close(won, "client", draw)
    refused = [{"connection_refused"}] if "refused" in losers else []
    return Expected(f"{count} addresses, {'one answers, ' if won else ''}{losers}", refused if won else [{"no_syn_answer"}])


# Names with several addresses.

def ask_name(wire, draw, name, versions, over):
    """DNS, over this version of IP: questions for the addresses of a server by each version."""
    for number, version in enumerate(versions):
        kind = "A" if version == 4 else "AAAA"
        text = str(ipaddress.ip_address(wire.address(f"server {version}", version)))
        for source, target, ports, content in (
                ("client", "dns", (53001 + number, 53), names.question(number + 1, name, kind)),
                ("dns", "client", (53, 53001 + number), names.answer(number + 1, name, kind, [text], "NOERROR"))):
            wire.datagram(source, target, ports, content, over)
            moment(wire, draw)


def several(wire, draw):
    """A name has an address of either version of IP. The client tries one after the other."""
    name = f"sql{wire.number}.contoso.com"
    versions = draw.choice([(4, 6), (6, 4)])
    over, how = draw.choice([4, 6]), draw.choice(["silent", "refused", "both silent"])
    ask_name(wire, draw, name, draw.sample(versions, 2), over)
    for version in versions:
        link = Link(wire, f"server {version}", (50000 + version, 1433), version=version)
        last = version == versions[-1]
        if last and how != "both silent":
            play(link, script("login only"), draw)
            close(link, "client", draw)
        elif how == "refused":
            link.segment("client", FLAGS["SYN"])
            moment(wire, draw)
            link.segment("server", FLAGS["RST"])
        else:
            for sending in range(3):
                link.segment("client", FLAGS["SYN"], back=1 if sending else 0)
                wire.wait(SECOND << sending)
    what = f"IPv{versions[0]} before IPv{versions[1]}, asked over IPv{over}: {how}"
    if how == "refused":
        return Expected(what, [{"connection_refused"}])
    told = rf"got through to another address of {name}" if how == "silent" else rf"DNS gave this address for {name}"
    return Expected(what, [{"no_syn_answer"}], (), [told])


# Named pipes.

class WirePipe(test_pipe_turns.Pipe):
    """A pipe whose segments are sent on a wire."""

    def __init__(self, wire, *how):
        self.link, self.begun = Link(wire, ports=(50001, 445)), wire.clock
        super().__init__(*how)

    def segment(self, client, data=b"", flags="A"):
        self.at += 0.001
        self.link.wire.clock = self.begun + round((self.at - PIPE_BEGINS) * 1e6) * 1000
        self.link.segment("client" if client else "server", PIPE_FLAGS[flags], data)
        self.frames.append(self.at)
        return len(self.frames)


PIPE_BEGINS = test_pipe_turns.Smb(begun=False).at
PIPE_FLAGS = {"S": FLAGS["SYN"], "SA": FLAGS["SYN_ACK"], "A": FLAGS["ACK"], "PA": FLAGS["DATA"], "FA": FLAGS["FIN"],
              "RA": FLAGS["RST"]}
# What may be said, and what is, of a wait for the client or the server that a side ends, or nobody.
UNANSWERED, NOT_GONE_ON = test_pipe_turns.UNANSWERED, test_pipe_turns.NOT_GONE_ON


def pipe(wire, draw):
    """A named pipe that stops at some point, and ends in some way."""
    count, how, way = draw.choice(test_pipe_turns.TRIED)
    pause = draw.randrange(6_000, 50_000) / 1000
    WirePipe(wire, count, how, way, pause)
    owes, by = test_pipe_turns.SCRIPT[count - 1][1], test_pipe_turns.ended_by(how)
    ended = test_pipe_turns.ENDED.get(by, set())
    may = ended | (UNANSWERED if owes == test_pipe_turns.SERVER else set())
    may |= NOT_GONE_ON if owes == test_pipe_turns.CLIENT else set()
    must = []
    if owes == test_pipe_turns.SERVER and by == test_pipe_turns.CLIENT:
        must = [UNANSWERED]
    elif by == test_pipe_turns.SERVER:
        must = [ended | may]
    return Expected(f"{way}, {how} after {pause:.3f} s, {count} messages", must, may)


KINDS = {"pipe": pipe, "idle": idle, "mtu": mtu, "icmp": icmp, "kdc": kdc, "redirect": redirect, "together": together,
         "parallel": parallel, "several": several}
APART = 1_370_000_000  # nanoseconds from one trace's begin to that of the next
RULES = sorted(findings.MAY_WARN)
NO_TROUBLE = {"sql_error", "redirected"}  # which the scripts have
ADDRESSES = ["ip.src", "ip.dst", "ipv6.src", "ipv6.dst"]


def seen(path, clients):
    """{trace: (its rules, its texts)}; clients: {address: trace}"""
    told = collections.defaultdict(lambda: (set(), []))
    for texts, *cells in wireshark.fields(path, "_ws.expert.message", *ADDRESSES, *(findings.RULE + rule for rule in RULES),
                                          two_pass=True):
        addresses, raised = cells[:len(ADDRESSES)], cells[len(ADDRESSES):]
        trace = next((clients[one] for cell in addresses for one in cell.split(",") if one in clients), None)
        if trace is not None:
            rules, said = told[trace]
            rules.update(rule for rule, found in zip(RULES, raised, strict=True) if found)
            said.append(texts)
    return told


def told_wrong(expected, rules, texts):
    """What is wrong with what is said of a trace."""
    allowed = set().union(findings.SECURITY, NO_TROUBLE, expected.may, *expected.must)
    for one in expected.must:
        if not rules & one:
            yield f"none of {sorted(one)}"
    if rules - allowed:
        yield f"{sorted(rules - allowed)} must not be there"
    for pattern in expected.says:
        if not any(re.search(pattern, text) for text in texts):
            yield f"nothing says {pattern}"


def batch(kind, seed, count):
    """So many traces of a kind in one capture: what is true of each, which address is whose, and the capture."""
    draw = random.Random(f"{kind} {seed}")
    expected, clients, frames = {}, {}, []
    for number in range(1, count + 1):
        wire = Wire(number, 1_750_000_000 * SECOND + number * APART, draw.choice([4, 6]))
        expected[number] = KINDS[kind](wire, draw)
        clients.update({str(ipaddress.ip_address(wire.address("client", version))): number for version in (4, 6)})
        frames += wire.frames
    closing = Wire(0, max(at for at, _ in frames) + 10 * SECOND)
    Link(closing).segment("client", FLAGS["SYN"])
    path = wireshark.scratch("kinds") / f"{kind}.pcap"
    written(path, [*frames, *closing.frames])
    return expected, clients, path


def wrong(kind, seed, count):
    """[(trace, what is true of it, what is wrong with what is said, what is said)]"""
    expected, clients, path = batch(kind, seed, count)
    told = seen(path, clients)
    return [(number, one.what, mistake, sorted(told[number][0]), [text for text in told[number][1] if text])
            for number, one in expected.items() for mistake in told_wrong(one, *told[number])]


def main():
    count, size = int(sys.argv[1]), 1000
    total = collections.Counter()
    for kind in sys.argv[2:] or KINDS:
        for seed in range(1, -(-count // size) + 1):
            for mistake in wrong(kind, seed, min(size, count)):
                total[kind] += 1
                print(kind, seed, *mistake, sep="\n    ")
        print(f"{count} traces, {kind}: {total[kind]} mistakes", flush=True)
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
