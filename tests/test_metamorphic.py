# SPDX-License-Identifier: GPL-2.0-or-later
"""Changes of a capture that take nothing from what it says: everything is told as before. changes.py has the changes, and
what may differ.

TDSCONN_CHANGES=all tries every change on every capture, which takes an hour; a number there is the seed of another
sample."""

import os
import random

import pytest

import captures
import changes
import wireshark

SEED = os.environ.get("TDSCONN_CHANGES", "1")
EVERYTHING = [*captures.ALL, *captures.LAB]
SAMPLE = 80  # captures
EACH = 4     # changes of each
# What was once told otherwise.
ONCE = [
    ("ft-sql-noenc", "inside headers"),
    ("jtds-tds4.2-closed-by-server", "1 byte apart"),
    ("tds8-strict-client-to-plain-tds7-server", "headers apart"),
    ("c-freetds155-strict-fails-on-session-ticket", "segments of 100"),
    ("ipv6-ted-sql-noenc", "no PSH"),
    ("port-reuse", "copies 100 us later"),
    ("ft-badpw-login-only-tls", "copies 100 us later"),
    ("ssrp-healthy", "copies 300 ns later"),
    ("ft-sql-noenc", "in IP fragments"),
    ("ipv6-ted-sql-noenc", "in many IP fragments"),
    ("ad-wrong-key-no-error-token-freetds155-login-only", "IP fragments backwards"),
    ("ipv6-ted-sql-noenc", "VXLAN in IP fragments"),
    ("ssrp-browser", "VXLAN in IP fragments"),
]


def chosen():
    """{capture: changes to try on it}."""
    if SEED == "all":
        return {capture: list(changes.CHANGES) for capture in EVERYTHING}
    chance = random.Random(int(SEED))
    picked = {capture: chance.sample(sorted(changes.CHANGES), EACH) for capture in chance.sample(EVERYTHING, SAMPLE)}
    for capture in EVERYTHING:
        again = [change for name, change in ONCE if name == capture.stem]
        if again:
            picked[capture] = sorted({*picked.get(capture, []), *again})
    return picked


def test_what_was_once_told_otherwise_is_tried():
    tried = {(capture.stem, change) for capture, names in chosen().items() for change in names}
    assert set(ONCE) <= tried


@pytest.mark.parametrize("change", changes.CHANGES)
def test_a_change_changes_something(change):
    """At least one of a few captures."""
    frames = [changes.frames_of(capture) for capture in (captures.real("ft-sql-noenc"), *captures.STORY[:3])]
    twins = [(one, changes.CHANGES[change](one)) for one in frames]
    assert any(twin and (twin.frames != one or twin.convert or twin.micro) for one, twin in twins)


def test_a_capture_that_says_the_same_in_another_way_is_told_in_the_same_way():
    picked = chosen()
    told = captures.each(lambda capture: changes.compared(capture, picked[capture], wireshark.keys_of(capture)), picked)
    wrong = [str(one) for _, differences in told.values() for one in differences if not changes.is_allowed(one)]
    assert sum(len(made) for made, _ in told.values()) > 2 * SAMPLE
    assert wrong == []


TABLES = ["-q", "-z", "tdsconn,rows", "-z", "tdsconn,failures"]


@pytest.mark.parametrize("change, name", [
    ("cooked", "ft-badpw-noenc"), ("QinQ", "ntlm-odbc-badpw-login-only-tls"), ("VXLAN", "net-outage-mid-query-ted"),
    ("raw IP", "srv-hung-no-prelogin-answer-ted"), ("GRE", "port-reuse"), ("PPPoE", "mars-odbc-client-sigkill"),
    ("NULL", "net-syn-no-answer-ted"), ("numbers wrap", "mars-odbc-noenc"), ("no timestamps", "routing-ted-noenc"),
])
def test_rows_and_failures_are_those_of_the_capture(change, name):
    """One pass, where tables say what they know when a connection ends."""
    frames = changes.frames_of(captures.real(name))
    twin = changes.CHANGES[change](frames)
    assert [frame.of for frame in twin.frames] == [frame.of for frame in frames]
    before, behind = (wireshark.tshark(changes.written(one, name), *TABLES) for one in (changes.Twin(frames), twin))
    assert before == behind and any(line.startswith("{") for line in before)
