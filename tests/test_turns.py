# SPDX-License-Identifier: GPL-2.0-or-later
"""Random connections that stop somewhere: who owed what, for how long, and how often the message before it was sent.
turns.py makes them, turn_kinds.py those of rarer troubles; both try any number."""

import pytest

import findings
import turn_kinds
import turns

TRIED = 1500
TRIED_OF_KIND = 150


def test_each_says_who_owed_what_for_how_long():
    assert not turns.wrong(*turns.batch(seed=2026, count=TRIED))


def test_the_check_finds_what_is_told_wrongly():
    traces, end, path = turns.batch(seed=7, count=40)
    told = turns.seen(path)
    for trace, since in traces:
        honest = told[turns.address(trace.number)]
        assert not list(turns.told_wrong(trace, since, end, honest))
        wrongs = [trace._replace(owes="server" if trace.owes == "client" else "client")]
        if not (trace.ended == "silence" and trace.awaited in turns.BEGUN_BY_LAST):  # else no wait is shown
            wrongs.append(trace._replace(sendings=trace.sendings + 1))
        for wrong in wrongs:
            assert list(turns.told_wrong(wrong, since, end, honest))


@pytest.mark.parametrize("kind", turn_kinds.KINDS)
def test_each_trouble_is_told_as_what_it_is(kind):
    assert not turn_kinds.wrong(kind, seed=2026, count=TRIED_OF_KIND)


def test_the_check_of_troubles_finds_what_is_told_wrongly():
    expected = turn_kinds.Expected("a reset", [{"idle_reset"}], {"reset_by_server"}, ["350 s of silence"])
    text = ["RST after 350 s of silence"]
    assert not list(turn_kinds.told_wrong(expected, {"idle_reset", "reset_by_server"}, text))
    assert list(turn_kinds.told_wrong(expected, {"reset_by_server"}, text))
    assert list(turn_kinds.told_wrong(expected, {"idle_reset"}, ["RST after 351 s of silence"]))
    for wrong in findings.GRAVE - findings.SECURITY - {"idle_reset", "reset_by_server"}:
        assert list(turn_kinds.told_wrong(expected, {"idle_reset", wrong}, text))
