# SPDX-License-Identifier: GPL-2.0-or-later
"""One process and many files, filters and preferences: what Wireshark says of a capture is what it says in a fresh start.

sharkd reads a capture as Wireshark's window does; test_gui.py looks at the window itself.
"""

import random

import pytest

import captures
import merged
import wireshark
from enums import STATE, STEP

SEED = 20261125
PROCESSES = 4  # to open all captures in: sharkd itself keeps some 10 MB of each
TREES = 12  # of each capture, frames whose whole tree is looked at
COLUMNS = ["tdsconn.stream", "tdsconn.step", "tdsconn.state", "tdsconn.auth", "tdsconn.auth.why", "tdsconn.message",
           "tdsconn.mars.label", "tdsconn.mars.state", "tdsconn.request_in", "tdsconn.response_time", "tdsconn.rpc",
           "tdsconn.severity", "_ws.expert.message", "tdsconn.summary", "ssrp.type", "tds.type", "_ws.malformed"]
FILTERS = [f"tdsconn.step == {STEP.LOGIN}", "tdsconn", "tdsconn.mars.sid >= 0", f"tdsconn.state == {STATE.LOGGED_IN}", "tcp.flags.syn == 1"]
CONNECTIONS = "tap", {"tap0": "nstat:tdsconn,connections"}

# What a user changes while a capture is open: the preference, another value, its own.
CHANGED = {
    "keys": ("tls.keylog_file", str(captures.all_keys()), ""),
    "ports": ("tdsconn.tcp.port", "57139", "1433,2433"),
    "no ports": ("tdsconn.tcp.port", "", "1433,2433"),
    "limit": ("tdsconn.slow_login", "1", "2000"),
    "diagnosis": ("tdsconn.off.login_in_clear", "TRUE", "FALSE"),
    "sessions": ("tdsconn.separate_sessions", "FALSE", "TRUE"),
    "reassembly": ("tcp.desegment_tcp_streams", "FALSE", "TRUE"),
}
# Something of everything: MARS, each way to encrypt, refused, begun midway, SQL Browser.
CHOSEN = [captures.real(name) for name in ("mars-sqlclient-mono-interleaved", "tds8-strict-ted-tls13", "ntlm-odbc-login-only-tls",
                                           "srv-too-many-connections", "derived-midstream-odbc-params")]
CHOSEN += [captures.STORY[0].with_name(f"{name}.pcapng") for name in ("live-mars-full-tls", "ssrp-healthy")]


def asked_of(capture):
    """What is asked of an open capture: a row for each frame, the tree of some in random order, the connections."""
    count = len(merged.frames_of(capture))
    chosen = random.Random(SEED).sample(range(1, count + 1), min(TREES, count))
    return [*captures.requests_for(COLUMNS), *(("frame", {"frame": frame, "proto": True}) for frame in chosen), CONNECTIONS]


def visit(capture):
    """Opens it and asks."""
    return [wireshark.load(capture), *asked_of(capture)]


class Session:
    """Requests to one sharkd, and which of its results belong together."""

    def __init__(self):
        self.requests, self.parts = [], []

    def ask(self, *requests, name=None):
        """Asks; with a name the results are one part of what told() returns."""
        if name is not None:
            self.parts.append((name, len(self.requests), len(self.requests) + len(requests)))
        self.requests += requests

    def told(self):
        """{name: results}; asked twice under one name it must have said the same."""
        results = wireshark.sharkd_session(*self.requests)
        found = {}
        for follower in (one for result in results if isinstance(result, dict) for one in result.get("followers", [])):
            if not follower.get("filter"):
                follower.pop("stream", None)  # 4.6 says any number where there is nothing to follow
        for name, begin, end in self.parts:
            part = results[begin:end]
            assert found.setdefault(name, part) == part, name
        return found


def different(wanted, got):
    """The captures of which two processes do not say the same, with the first answers in which they differ."""
    return [(capture.stem, *next(pair for pair in zip(wanted[capture], got[capture]) if pair[0] != pair[1]))
            for capture in wanted if wanted[capture] != got[capture]]


def opened(*chosen):
    """{capture: what is said of it} when one process opens the captures one after the other."""
    session = Session()
    for capture in chosen:
        session.ask(*visit(capture), name=capture)
    return session.told()


@pytest.fixture(scope="module")
def fresh():
    """{capture: what is said of it} where each is the first that its process opens."""
    return {capture: told[capture] for capture, told in captures.each(opened, CHOSEN).items()}


def test_the_columns_are_fields():
    """A column of a field that does not exist is empty before and after."""
    wireshark.sharkd_session(*wireshark.checks([*COLUMNS, *FILTERS]))


def test_captures_say_something(fresh):
    """Of each capture, but one that has only what others say of it."""
    assert all("tdsconn" in str(told[1:]) for told in fresh.values())
    assert len({str(told) for told in fresh.values()}) == len(fresh)


def test_all_captures_one_after_the_other(fresh):
    """In one order and in the other, so that each has others before it; and as the first of a process."""
    some = [tuple(captures.ALL[first::PROCESSES]) for first in range(PROCESSES)]
    forwards, backwards = {}, {}
    for order, told in captures.each(lambda order: opened(*order), [*some, *(one[::-1] for one in some)]).items():
        (forwards if order in some else backwards).update(told)
    assert forwards.keys() == backwards.keys() == set(captures.ALL)
    assert different(forwards, backwards) == []
    assert different(fresh, {capture: forwards[capture] for capture in fresh}) == []


def test_a_capture_twice_and_two_in_turn():
    """Session.told() holds each against what was said first."""
    session = Session()
    for capture in (*CHOSEN, *CHOSEN[::-1], *CHOSEN[:2]):
        session.ask(*visit(capture), name=capture)
        session.ask(*asked_of(capture)[::-1])
    session.told()


def test_filters_come_and_go(fresh):
    """A filter finds the same frames whenever it is applied, and afterwards all is as it was."""
    session = Session()
    for capture in CHOSEN:
        session.ask(*visit(capture), name=capture)
        for wanted in (*FILTERS, *FILTERS[::-1], *FILTERS[::2]):
            session.ask(("frames", {"filter": wanted}), name=(capture, wanted))
            session.ask(*asked_of(capture)[1:])
        session.ask(*visit(capture), name=capture)
    told = session.told()
    assert different(fresh, {capture: told[capture] for capture in CHOSEN}) == []
    assert all(any(told[capture, wanted][0] for capture in CHOSEN) for wanted in FILTERS)


def fresh_with(name, value):
    """What is said of each of CHOSEN in a process that had a preference before it opened any."""
    session = Session()
    session.ask(wireshark.setting(name, value))
    for capture in CHOSEN:
        session.ask(*visit(capture), name=capture)
    return session.told()


@pytest.mark.parametrize("change", CHANGED)
def test_a_preference_changed_while_a_capture_is_open(change, fresh):
    """Once the capture is read again, as Wireshark's window does at once, all is as if it had been so from the start;
    and set back as if nothing had been."""
    name, other, own = CHANGED[change]
    session = Session()
    for capture in CHOSEN:
        session.ask(*visit(capture), name=("own", capture))
        # Not read again yet: no answer is wrong, but none may do harm.
        session.ask(wireshark.setting(name, other), *asked_of(capture))
        session.ask(*visit(capture), name=("other", capture))
        session.ask(wireshark.setting(name, own), *asked_of(capture))
        session.ask(*visit(capture), name=("own", capture))
    told, wanted = session.told(), fresh_with(name, other)
    assert different(fresh, {capture: told["own", capture] for capture in CHOSEN}) == []
    assert different(wanted, {capture: told["other", capture] for capture in CHOSEN}) == []
    # It was a change.
    assert different(fresh, wanted)
