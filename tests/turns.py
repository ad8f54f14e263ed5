#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Random connections with a pause, a loss, copies or an end at a random point, and what must be said of each.

A script says of each of its messages whose turn it is behind it, in words of its own. A trace is a script up to some
message, then what happens there. tests/turns.py 100000 tries so many, and prints what is wrong."""

import collections
import random
import struct
import sys

from scapy.utils import PcapReader

import findings
import made
import wireshark
from wires import FLAGS, Link, Wire, written

NOBODY = ("nobody", "")
OPENING = [("client SYN", ("server", "its SYN-ACK")),
           ("server SYN", ("client", "its ACK of the SYN-ACK")),
           ("client ACK", ("client", "its PRELOGIN"))]
PRELOGIN = [("client PRELOGIN encrypt={0}", ("server", "its answer to PRELOGIN")),
            ("server PRELOGIN encrypt={0}", ("client", "its ClientHello or LOGIN7"))]
TLS = [("client CLIENT_HELLO", ("server", "its ServerHello")),
       ("server SERVER_HELLO", ("client", "its key exchange")),
       ("client CLIENT_KEY_EXCHANGE", ("server", "its Finished")),
       ("server CHANGE_CIPHER_SPEC", ("client", "its LOGIN7"))]
NAMES = "host=APP10 app=Orders server=sql.contoso.com library=ODBC database=Orders"
LOGIN = [(f"client LOGIN7 {NAMES} user=orders", ("server", "its answer to LOGIN7"))]
SEALED_LOGIN = [(f"client ENCRYPTED_LOGIN7 {NAMES} user=orders", ("server", "its answer to LOGIN7"))]
TICKET = "spn=MSSQLSvc/sql.contoso.com:1433 realm=CONTOSO.COM"
KERBEROS = [(f"client LOGIN7 {NAMES} token=offer_kerberos {TICKET} ticket=900", ("server", "its answer to LOGIN7")),
            ("server KERBEROS_AP_REP", ("server", "its LOGINACK"))]
NTLM = [("client ENCRYPTED_LOGIN7 " + NAMES + " token=ntlm_negotiate", ("server", "its answer to LOGIN7")),
        ("server NTLM_CHALLENGE domain=CONTOSO computer=SQL20 dns=contoso.com", ("client", "its token")),
        ("client NTLM_AUTHENTICATE domain=CONTOSO user=joe33 workstation=APP10 computer=SQL20 dns=contoso.com "
         "spn=MSSQLSvc/sql.contoso.com:1433", ("server", "its answer to the token"))]
ENTRA = [(f"client LOGIN7 {NAMES} features=fedauth_msal:password", ("server", "its answer to LOGIN7")),
         ("server FEDAUTHINFO sts=https://login.microsoftonline.com/contoso spn=https://database.windows.net/",
          ("client", "its token")),
         ("client FEDAUTH_TOKEN length=1200", ("server", "its answer to the token"))]
LOGINACK = [("server LOGINACK server=SQL20 database=Orders spid=55", NOBODY)]
COMMANDS = [('client BATCH{0} text="SELECT name FROM items"', ("server", "its response to the SQL batch")),
            ("server RESULT{0} column=name rows=Bell,Lamp spid=55", NOBODY),
            ('client BATCH{0} text="SELECT price FROM items"', ("server", "its response to the SQL batch")),
            ('server SQL_ERROR{0} server=SQL20 number=8134 text="Divide by zero error encountered." spid=55', NOBODY),
            ('client BATCH{0} text="WAITFOR DELAY"', ("server", "its response to the SQL batch")),
            ("client ATTENTION{0}", ("server", "its acknowledgement of the ATTENTION"))]
# A record of a client is answered: with what, TLS hides. The first is LOGIN7.
HIDDEN = ("server", "its answer to encrypted data")
SEALED = [("client SEALED size=330", ("server", "its answer to LOGIN7")), ("server SEALED size=420", NOBODY),
          ("client SEALED size=90", HIDDEN), ("server SEALED size=140", NOBODY)]


def with_values(rows, *values):
    return [(text.format(*values), debt) for text, debt in rows]


SCRIPTS = {
    "in clear": [*OPENING, *with_values(PRELOGIN, "not_supported"), *LOGIN, *LOGINACK, *with_values(COMMANDS, "")],
    "login only": [*OPENING, *with_values(PRELOGIN, "off"), *TLS, *SEALED_LOGIN, *LOGINACK, *with_values(COMMANDS, "")],
    "Kerberos": [*OPENING, *with_values(PRELOGIN, "not_supported"), *KERBEROS, *LOGINACK, *with_values(COMMANDS, "")],
    "NTLM": [*OPENING, *with_values(PRELOGIN, "off"), *TLS, *NTLM, *LOGINACK, *with_values(COMMANDS, "")],
    "Entra": [*OPENING, *with_values(PRELOGIN, "not_supported fedauth=on"), *ENTRA, *LOGINACK, *with_values(COMMANDS, "")],
    "full TLS": [*OPENING, *with_values(PRELOGIN, "on"), *TLS, *SEALED],
    "MARS": [*OPENING, *with_values(PRELOGIN, "off mars=on"), *TLS, *SEALED_LOGIN, *LOGINACK,
             ("client SMP_SYN sid=0", NOBODY), *with_values(COMMANDS, " sid=0")],
}

ARRIVES_AFTER = 2  # sendings more; what is sent oftener never arrives
Message = collections.namedtuple("Message", "sender flags content debt")
Trace = collections.namedtuple("Trace", "number script at fault owes awaited wait sendings ended")


def messages_of(script):
    """What a script's frames carry, told by the stories' own words."""
    text = "".join(f"{number / 1000:.3f} {line}\n" for number, (line, _) in enumerate(script))
    with PcapReader(str(made.told(text))) as frames:
        carried = [bytes(frame) for frame in frames]
    found = []
    for (line, debt), frame in zip(script, carried, strict=True):
        header = 14 + 20 + (frame[46] >> 4) * 4
        found.append(Message(line.split()[0], frame[47], frame[header:14 + struct.unpack(">H", frame[16:18])[0]], debt))
    return found


def ends_after(owes, lost, at):
    """The ways in which a connection may end where somebody owes something."""
    if at == 0:
        return ["silence"]  # after a SYN alone nobody closes
    closers = ["client", "server"]
    return ["silence", *(f"{how} by the {who}" for who in closers for how in ("FIN", "RST"))]


def traced(number, start, messages, name, draw):
    """A connection in which something happens at a random message, and what is true of it."""
    at = draw.choice([place for place, message in enumerate(messages) if message.debt != NOBODY])
    message = messages[at]
    owes, awaited = message.debt
    doubled = draw.random() < 0.15
    resent = draw.choice([0, 0, 0, 1, 2, 6, 7]) if len(message.content) and message.sender != owes else 0
    goes_on = draw.random() < 0.3 and at + 1 < len(messages) and resent < 6
    ended = "goes on" if goes_on else draw.choice(ends_after(owes, resent, at))
    wire = Wire(number, start)
    link = Link(wire, doubled=doubled)
    for past in messages[:at + 1]:
        wire.wait(draw.randrange(200_000, 3_000_000))
        link.segment(past.sender, past.flags, past.content)
    since = wire.clock
    for sending in range(resent):
        wire.wait((300_000_000 << min(sending, 4)) + draw.randrange(1_000_000))
        link.segment(message.sender, FLAGS["DATA"], message.content, back=len(message.content))
    if resent <= ARRIVES_AFTER and message.content:
        wire.wait(40_000_000)
        link.segment("server" if message.sender == "client" else "client", FLAGS["ACK"])
    wire.wait(draw.randrange(6_000_000_000, 90_000_000_000))
    wait = wire.clock - since
    if goes_on:
        for later in messages[at + 1:]:
            link.segment(later.sender, later.flags, later.content)
            wire.wait(draw.randrange(200_000, 3_000_000))
        link.segment("client", FLAGS["ACK"])
    elif ended != "silence":
        closer = ended.split()[-1]
        lacks = len(message.content) if resent > ARRIVES_AFTER and closer != message.sender else 0
        link.segment(closer, FLAGS[ended.split()[0]], lacks=lacks)
    trace = Trace(number, name, at, "doubled" if doubled else "", owes, awaited, wait, resent + 1, ended)
    return trace, since, wire.frames


# Any of these rules explains an end: by who owes what, or what they owe, and how it ended.
EXPLAINED = {
    "its SYN-ACK": {"silence": {"no_syn_answer"}},
    "its answer to PRELOGIN": {"any": {"prelogin_unanswered"}},
    "its ServerHello": {"client": {"no_login_sent"}, "any": {"login_unanswered"}},
    "its response to the SQL batch": {"client": {"request_abandoned"}, "server": {"killed"}, "silence": {"open_at_end"}},
    "its acknowledgement of the ATTENTION": {"any": {"attention_unacknowledged"}},
    "its answer to encrypted data": {"client": {"request_abandoned"}, "server": {"reset_by_server", "server_closed_first"},
                                     "silence": set(findings.SEVERITIES)},
    "client": {"any": {"client_silent"}},
    "server": {"server": {"server_closed_first", "reset_by_server"}, "any": {"login_unanswered"}},
}
NEVER_ARRIVED = {"retransmission_timeout"}
SLOW = {"slow_login", "slow_step", "slow_response", "attention"}
# These tell how often the message was sent, and for how long it was waited.
TELL_SENDINGS = {"retransmission_timeout", "prelogin_unanswered", "login_unanswered"}
TELL_TIME = {"client_silent", "prelogin_unanswered", "login_unanswered", "request_abandoned"}
# Where the other side owes, these blame the wrong one.
BLAMES = {
    "client": {"client_silent", "tls_refused_by_client", "certificate_name", "certificate_expired"},
    "server": {"prelogin_unanswered", "login_unanswered", "killed", "request_abandoned", "tls_refused_by_server",
               "slow_domain_controller", "slow_response"},
}
# A client that has not acknowledged the SYN-ACK may never have got it, and one SYN-ACK is no proof of that.
UNKNOWABLE = "its ACK of the SYN-ACK"
# A silence behind the very frame that ended another wait, which that frame shows.
BEGUN_BY_LAST = {"its ACK of the SYN-ACK", "its PRELOGIN"}
COLUMNS = ["ip.src", "ip.dst", "frame.time_epoch", "tdsconn.turn.owes", "tdsconn.turn.awaited", "tdsconn.wait.time",
           "tdsconn.wait.sendings", "_ws.expert.message"]
RULES = sorted(findings.SEVERITIES)
OWES = {"0": "nobody", "1": "client", "2": "server"}


def address(number):
    """The client's in a trace."""
    return f"10.{16 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"


def nanoseconds(text):
    """Of a time in seconds."""
    whole, _, part = text.partition(".")
    return int(whole) * 10**9 + int(part.ljust(9, "0"))


def rounded(nanoseconds):
    """In seconds, as sentences and tables have it: half a millisecond is one."""
    return f"{(nanoseconds + 500_000) // 10**6 / 1000:.3f}"


def seen(path):
    """{client's address: (turns by time, waits, rules, texts)}, as tdsconn tells them."""
    told = collections.defaultdict(lambda: ({}, set(), set(), []))
    for source, target, at, owes, awaited, time, sendings, texts, *rules in wireshark.fields(
            path, *COLUMNS, *(findings.RULE + rule for rule in RULES), two_pass=True):
        client = source if int(source.split(".")[1]) < 128 else target
        turns, waits, raised, said = told[client]
        turns.setdefault(nanoseconds(at), (OWES.get(owes), awaited))
        waits.update((nanoseconds(one), int(count)) for one, count in zip(time.split(","), sendings.split(",")) if one)
        raised.update(rule for rule, found in zip(RULES, rules) if found)
        said.append(texts)
    return told


def failures(path):
    """{number of the connection: (owed by, waited)} of the table of failures."""
    rows = [line.split("|") for line in wireshark.tshark(path, "-q", "-z", "tdsconn,failures") if "|" in line]
    head = [cell.strip() for cell in rows[0]]
    cells = [[row[head.index(name)].strip() for name in ("Conn", "Owed by", "Waited s")] for row in rows[1:]]
    return {int(number): (owed, waited) for number, owed, waited in cells}


def explanation(trace):
    """The rules of which one must be raised."""
    if trace.ended == "goes on":
        return SLOW
    if trace.sendings > ARRIVES_AFTER + 1:
        return NEVER_ARRIVED
    if trace.awaited == UNKNOWABLE:
        return set(RULES)
    ways = EXPLAINED.get(trace.awaited) or EXPLAINED[trace.owes]
    return ways.get(trace.ended.split()[-1]) or ways["any"]


def told_wrong(trace, since, end, told):
    """What is wrong with what is said of a trace."""
    turns, waits, raised, said = told
    wait = end - since if trace.ended == "silence" else trace.wait
    other = "server" if trace.owes == "client" else "client"
    if turns.get(since) != (trace.owes, trace.awaited):
        yield f"the turn is {turns.get(since)}"
    if (wait, trace.sendings) not in waits and not (trace.ended == "silence" and trace.awaited in BEGUN_BY_LAST):
        yield f"the wait of {wait} ns, sent {trace.sendings} times, is not among {sorted(waits)}"
    if not raised & explanation(trace) and trace.awaited != UNKNOWABLE:
        yield f"none of {sorted(explanation(trace))} among {sorted(raised)}"
    if raised & BLAMES[other]:
        yield f"{sorted(raised & BLAMES[other])} blames the {other}"
    if raised & NEVER_ARRIVED and trace.sendings <= ARRIVES_AFTER + 1:
        yield "nothing was lost for good"
    if trace.sendings > 1 and raised & TELL_SENDINGS and not any(f"{trace.sendings} times" in text for text in said):
        yield f"no text says how often it was sent: {trace.sendings}"
    if raised & TELL_TIME and not any(
            f" {rounded(wait)} s" in text for text in said):
        yield f"no text has the time {wait} ns"


def wrong(traces, end, path):
    """[(trace, what is wrong with what is said of it)]"""
    told = seen(path)
    found = [(trace, mistake) for trace, since in traces
             for mistake in told_wrong(trace, since, end, told[address(trace.number)])]
    rows = failures(path)
    for trace, since in traces:
        open_still = trace.ended == "silence" and explanation(trace) in ({"open_at_end"}, set(RULES))
        if trace.ended != "goes on" and trace.awaited != UNKNOWABLE and not open_still:
            wait = end - since if trace.ended == "silence" else trace.wait
            row = rows.get(trace.number - 1)
            if row != (trace.owes, rounded(wait)):
                found.append((trace, f"the table of failures says {row}, not {wait} ns"))
    return found


def batch(seed, count):
    """So many traces in one capture: [(trace, when its wait began)], and the capture."""
    draw = random.Random(seed)
    scripts = {name: messages_of(script) for name, script in SCRIPTS.items()}
    traces, frames = [], []
    for number in range(1, count + 1):
        name = draw.choice(sorted(scripts))
        start = 1_750_000_000 * 10**9 + number * 7_000_000
        trace, since, carried = traced(number, start, scripts[name], name, draw)
        traces.append((trace, since))
        frames += carried
    path = wireshark.scratch("turns") / "turns.pcap"
    end = max(at for at, _ in frames) + 10**10
    closing = Wire(0, end)
    Link(closing).segment("client", FLAGS["SYN"])
    written(path, [*frames, *closing.frames])
    return traces, end, path


def main():
    count, size = int(sys.argv[1]), 2000
    mistakes = collections.Counter()
    for seed in range(1, -(-count // size) + 1):
        for trace, mistake in wrong(*batch(seed, min(size, count))):
            mistakes[seed] += 1
            print(seed, trace, mistake, sep="\n    ")
    print(f"{count} traces: {sum(mistakes.values())} mistakes")
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
