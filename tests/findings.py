# SPDX-License-Identifier: GPL-2.0-or-later
"""Which rules are raised where, and what they say."""

import itertools
import os
import re

import captures
import wireshark

_TABLE = (wireshark.ROOT / "plugin/core/diagnoses.def").read_text(encoding="utf-8")
_ROWS = re.findall(r'^DIAGNOSIS\(\w+,\s*"tdsconn\.expert\.(\w+)",\s*(\w+),', _TABLE, re.MULTILINE)
# Of some rules it depends on the case.
SEVERITIES = {rule: {severity for one, severity in _ROWS if one == rule} for rule, _ in _ROWS}
WARNINGS = {"ERROR", "WARN"}
# Those that warn whatever the case, and those that do in some case.
GRAVE = {rule for rule, severities in SEVERITIES.items() if severities <= WARNINGS}
MAY_WARN = {rule for rule, severities in SEVERITIES.items() if severities & WARNINGS}

RULE = "tdsconn.expert."
NUMBER = "frame.number"
COLUMNS = [NUMBER, *(RULE + rule for rule in SEVERITIES)]


def by_frame(rows):
    """{frame: the rules that are raised on it} from rows of COLUMNS."""
    found = {int(row[NUMBER]): {rule for rule in SEVERITIES if row[RULE + rule]} for row in rows}
    return {frame: rules for frame, rules in found.items() if rules}


def raised(chosen, keys=None, settings=()):
    """{capture: {frame: the rules that are raised on it}} for all CHOSEN; settings: {preference: value}."""
    return {capture: by_frame(rows) for capture, rows in captures.columns(chosen, COLUMNS, keys, settings=settings).items()}


def of_tree(nodes):
    """(severity, rule, text) of each finding in a tree of sharkd's, from top to bottom."""
    for node in nodes:
        below = node.get("n", [])
        if node.get("f") == "_ws.expert":
            told, severity = below[0], below[1]["l"].removeprefix("Severity level: ")
            if told.get("f", "").startswith(RULE):
                yield severity, told["f"].removeprefix(RULE), told["l"]
        else:
            yield from of_tree(below)


def visit(turns):
    """[[(frame, severity, rule, text)]] for TURNS, one sharkd for all: each is settings, a capture and its frames."""
    asked = [[*settings, wireshark.load(capture), *(("frame", {"frame": number, "proto": True}) for number in frames)]
             for settings, capture, frames in turns]
    answers = iter(wireshark.sharkd_session(*itertools.chain(*asked)))
    told = [list(itertools.islice(answers, len(requests))) for requests in asked]
    return [[(number, *finding) for number, frame in zip(frames, one[len(one) - len(frames):], strict=True)
             for finding in of_tree(frame["tree"])] for (_, _, frames), one in zip(turns, told, strict=True)]


def texts_of(chosen):
    """{capture: {(frame, rule): (severity, text)}} for all CHOSEN."""
    rows = captures.columns(chosen, [NUMBER, "tdsconn.severity"])
    found = told({capture: [int(row[NUMBER]) for row in frames if row["tdsconn.severity"]]
                  for capture, frames in rows.items()})
    return {capture: {(frame, rule): (severity, text) for frame, severity, rule, text in one}
            for capture, one in found.items()}


# True of many a connection that works.
SECURITY = {"login_in_clear", "tls_old", "ntlm_v1"}


def check_answer(found, says):
    """One capture's findings, as in texts_of(), against {frame: {rule: what its text must say}}: all errors and warnings
    must stand there, and what stands there must be found."""
    wanted = {(frame, rule): text for frame, rules in says.items() for rule, text in rules.items()}
    grave = {key for key, (severity, _) in found.items() if severity in ("Warning", "Error") and key[1] not in SECURITY}
    assert grave <= set(wanted)
    for key, text in wanted.items():
        assert re.search(text, found[key][1]), found[key][1]


def told(chosen, keys=None):
    """{capture: [(frame, severity, rule, text)]}; CHOSEN is {capture: the frames that have findings}."""
    prepare = [wireshark.setting("tls.keylog_file", wireshark.readable(keys))] if keys else []
    turns = [(capture, frames) for capture, frames in chosen.items() if frames]
    parts = [turns[start::os.cpu_count()] for start in range(min(os.cpu_count(), len(turns)))]
    found = captures.each(lambda number: visit([(prepare, *turn) for turn in parts[number]]), range(len(parts)))
    by_capture = {turn[0]: one for number, part in enumerate(parts) for turn, one in zip(part, found[number], strict=True)}
    return {capture: by_capture.get(capture, []) for capture in chosen}
