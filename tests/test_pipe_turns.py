# SPDX-License-Identifier: GPL-2.0-or-later
"""Pipes that stop at every point, in every way: whose turn it is then, and who is blamed; and what TCP carried, through
pipes."""

import itertools

import pytest
from scapy.layers.inet import TCP
from scapy.utils import rdpcap, wrpcap

import captures
import findings
import made
import wireshark
from enums import MESSAGE, STEP
from test_diagnoses import RULES, path_of
from test_pipes import (BATCH, DISCONNECTED, DONE, LOGIN7, LOGINACK, OVERFLOW, PENDING, PRELOGIN,
                        PRELOGIN_ANSWER, READ, Smb)
from test_pipes import findings as findings_of

CLIENT, SERVER, NOBODY = "1", "2", "0"
# What is sent, and whose turn it is then.
SCRIPT = [("create", SERVER, "its answer to the pipe's CREATE"), ("created", CLIENT, "its PRELOGIN"),
          (PRELOGIN, SERVER, "its answer to PRELOGIN"), (PRELOGIN_ANSWER, CLIENT, "its ClientHello or LOGIN7"),
          (LOGIN7, SERVER, "its answer to LOGIN7"), (LOGINACK, NOBODY, ""),
          (BATCH, SERVER, "its response to the SQL batch"), (DONE, NOBODY, "")]
ENDS = ("silence", "CLOSE", "client FIN", "client RST", "server FIN", "server RST", "broken")
WAYS = ("whole", "pieces", "pending", "overflow")
TRIED = list(itertools.product(range(1, len(SCRIPT) + 1), ENDS, WAYS))
BY_CLIENT = (PRELOGIN, LOGIN7, BATCH)
# What says that the server did not answer, that the client did not go on, and that a side ended the connection.
UNANSWERED = {"pipe_unanswered", "prelogin_unanswered", "login_unanswered", "request_abandoned"}
NOT_GONE_ON = {"no_login_sent", "client_silent"}
# Several pipes whose server ends at once are told together.
ENDED = {CLIENT: {"reset_by_client"},
         SERVER: {"server_closed_first", "pipe_broken", "killed", "reset_by_server", "ended_together"}}


class Pipe(Smb):
    """A pipe that goes as far as COUNT rows of the script, in one of the WAYS, and then ends."""

    def __init__(self, count, end, way, pause=9):
        super().__init__()
        self.way = way
        for text, _, _ in SCRIPT[:count]:
            self.say(text)
        self.at += pause
        self.end(end)

    def say(self, text):
        piece = 100 if self.way == "pieces" else None
        if text == "create":
            self.create(r"sql\query", None)
        elif text == "created":
            self.created()
        elif text in BY_CLIENT:
            self.write(text, piece=piece)
        elif self.way == "overflow":
            half = len(text) // 2
            self.read(text[:half], status=OVERFLOW)
            self.read(text[half:])
        elif self.way == "pending":
            waiting = self.ask_read()
            self.answer(READ, status=PENDING)
            self.answer(READ, self.read_body(text), message=waiting)
        else:
            self.read(text, piece=piece)

    def end(self, end):
        if end == "CLOSE":
            self.close()
        elif end == "broken":
            self.ask_read()
            self.answer(READ, status=DISCONNECTED)
        elif end != "silence":
            side, flag = end.split()
            self.segment(side == "client", flags={"FIN": "FA", "RST": "RA"}[flag])


@pytest.fixture(scope="module")
def told():
    """{(rows of the script, end, way): (owes, awaited, the rules of its warnings)}. All are in one capture, each in a TCP
    connection of its own."""
    frames = []
    for number, one in enumerate(TRIED):
        for packet in Pipe(*one).frames:
            tcp = packet[TCP]
            tcp.sport, tcp.dport = (port if port == 445 else 20000 + number for port in (tcp.sport, tcp.dport))
            frames.append(packet)
    frames.sort(key=lambda packet: packet.time)
    path = wireshark.scratch("pipes") / "turns.pcap"
    wrpcap(str(path), frames)
    rules = sorted(findings.MAY_WARN)
    rows = wireshark.fields(wireshark.give(path), "tcp.port", "tdsconn.last", "tdsconn.turn.owes", "tdsconn.turn.awaited",
                            *(f"tdsconn.expert.{rule}" for rule in rules), two_pass=True, display_filter="tdsconn")
    seen = {}
    for ports, last, owes, awaited, *cells in rows:
        one = TRIED[int(next(port for port in ports.split(",") if port != "445")) - 20000]
        before = seen.get(one, ("", "", set()))
        raised = before[2] | {rule for rule, cell in zip(rules, cells) if cell}
        seen[one] = (owes, awaited, raised) if last else (*before[:2], raised)
    return seen


def ended_by(end):
    """The side that ends, or nobody."""
    return {"silence": NOBODY, "CLOSE": CLIENT, "broken": SERVER, "client": CLIENT, "server": SERVER}[end.split()[0]]


def test_whose_turn_it_is(told):
    silent = [(count, way) for count, end, way in TRIED if end == "silence"]
    assert {one: told[one[0], "silence", one[1]][:2] for one in silent} == \
        {(count, way): SCRIPT[count - 1][1:] for count, way in silent}


def test_how_it_is_written_and_read_does_not_matter(told):
    for count, end, way in TRIED:
        assert told[count, end, way] == told[count, end, "whole"], (count, end, way)


@pytest.mark.parametrize("count, end", itertools.product(range(1, len(SCRIPT) + 1), ENDS))
def test_who_is_blamed(told, count, end):
    owes, by, raised = SCRIPT[count - 1][1], ended_by(end), told[count, end, "whole"][2]
    if owes != SERVER:
        assert not raised & UNANSWERED
    elif by == CLIENT:
        assert raised & UNANSWERED
    if owes != CLIENT or by == SERVER and count > 2:
        assert not raised & NOT_GONE_ON
    if by == SERVER:
        assert raised & (ENDED[SERVER] | UNANSWERED | NOT_GONE_ON)
    assert not raised & (ENDED[CLIENT] | ENDED[SERVER]) - ENDED.get(by, set())


# Stories of one TCP connection whose bytes are written and read, at the same times.
STORIES = {rule: RULES[rule][0] for rule in RULES if rule.startswith(("mars_", "bulk_"))}


def through_a_pipe(path):
    """The pipes, one for each TCP connection of a capture."""
    pipes = {}
    for packet in rdpcap(str(path)):
        data = made.payload(packet) if TCP in packet else b""
        if data:
            by_client = packet[TCP].dport == 1433
            smb = pipes.setdefault(packet[TCP].sport if by_client else packet[TCP].dport, Smb())
            if len(smb.frames) < 6:
                smb.at = float(packet.time) - 0.01
                smb.create(r"sql\query")
            smb.at = max(smb.at, float(packet.time) - 0.002)
            (smb.write if by_client else smb.read)(data)
    for smb in pipes.values():
        smb.close()
    return list(pipes.values())


@pytest.mark.parametrize("rule", STORIES)
def test_what_is_told_over_tcp_is_told_over_a_pipe(rule):
    path = path_of(STORIES[rule])
    assert any(findings_of(one.capture(), rule) for one in through_a_pipe(path))


@pytest.mark.parametrize("name", ["go-bulk-transaction-noenc", "odbc-cancel-attention-noenc", "mars-odbc-cancel-one-session",
                                  "mars-odbc-client-sigkill", "ted-sqlerrors-noenc"])
def test_messages_are_those_that_tcp_carried(name):
    """A bulk load and a transaction, cancelled requests, a client that is killed, errors."""
    path = captures.real(name)
    names = ["tdsconn.message", "tdsconn.mars.sid", "tdsconn.error.number"]
    over_tcp = wireshark.fields(path, *names, two_pass=True, display_filter="tdsconn.message && tcp.len > 0")
    [smb] = through_a_pipe(path)
    over_pipe = wireshark.fields(smb.capture(), *names, two_pass=True, display_filter=f"tdsconn.message && tdsconn.step != {STEP.PIPE}")
    ends = {MESSAGE.PIPE_CLOSE, MESSAGE.PIPE_CLOSED}
    assert [row for row in over_pipe if row[0] not in ends] == over_tcp
