# SPDX-License-Identifier: GPL-2.0-or-later
"""Which rules are raised where."""

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

NUMBER = "frame.number"
COLUMNS = [NUMBER, *(f"tdsconn.expert.{rule}" for rule in SEVERITIES)]


def by_frame(rows):
    """{frame: the rules that are raised on it} from rows of COLUMNS."""
    found = {int(row[NUMBER]): {rule for rule in SEVERITIES if row[f"tdsconn.expert.{rule}"]} for row in rows}
    return {frame: rules for frame, rules in found.items() if rules}


def raised(chosen, keys=None, settings=()):
    """{capture: {frame: the rules that are raised on it}} for all CHOSEN; settings: {preference: value}."""
    return {capture: by_frame(rows) for capture, rows in captures.columns(chosen, COLUMNS, keys, settings=settings).items()}
