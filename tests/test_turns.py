# SPDX-License-Identifier: GPL-2.0-or-later
"""Random connections that stop somewhere: who owed what, for how long, and how often the message before it was sent.
turns.py makes them, and tries any number."""

import turns

TRIED = 1500


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
