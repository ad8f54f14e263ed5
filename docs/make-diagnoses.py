#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes docs/diagnoses.md, the index of the rules, from the tables that the plugin is built from: diagnoses.def and
limits.def.

    docs/make-diagnoses.py            # writes it
    docs/make-diagnoses.py --check    # only says whether it is up to date
"""

import re
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent
CORE = DOCS.parent / "plugin/core"
PREFIX = "tdsconn.expert."
sys.path.insert(0, str(DOCS))

import generated  # noqa: E402

HEAD = """# Diagnoses

The problems and other events that tdsconn reports, in *Analyze > Expert Information* and in `tshark -z expert`. Each
diagnosis is a filter. It is on the frame that proves it, and its text has the numbers. Each has a page with its
meaning, its usual causes, and what to look at next.

- **Error**: the login failed, or the connection is broken.
- **Warning**: it works, but someone should look.
- **Note**: unusual.
- **Chat**: progress.

A healthy connection has no errors and no warnings, except for these security warnings: `tdsconn.expert.login_in_clear`,
`tdsconn.expert.tls_old` and `tdsconn.expert.ntlm_v1`.

A diagnosis appears once for each connection; for MARS once for each session; for commands once for each request.
Missing packets never cause a diagnosis. To switch a diagnosis off, use the preferences or `-o tdsconn.off.RULE:TRUE`.

This page is made from `plugin/core/diagnoses.def` and `limits.def`, the tables that the plugin is built from.
"""
LIMITS = """## Limits

Thresholds are preferences, in milliseconds. In tshark: `-o tdsconn.slow_login:5000`.

| preference | default | |
|---|---:|---|"""
SEVERITIES = {"ERROR": "Error", "WARN": "Warning", "NOTE": "Note", "CHAT": "Chat"}


def sections():
    """(title, rows) of the table: its comments are the titles."""
    title, rows = "", []
    for line in (CORE / "diagnoses.def").read_text(encoding="utf-8").splitlines():
        if comment := re.fullmatch(r"/\* (.+)\. \*/", line):
            if rows:
                yield title, rows
            title, rows = comment[1], []
        if row := re.match(r'DIAGNOSIS\(\w+,\s*"([\w.]+)",\s*(\w+),\s*\w+,\s*"([^"]*)",', line):
            rows.append(row.groups())
    yield title, rows


def limits():
    """(preference, default, description) of each."""
    table = (CORE / "limits.def").read_text(encoding="utf-8")
    return re.findall(r'^LIMIT\(\w+,\s*"(\w+)",\s*(\d+),\s*"[^"]*",\s*"([^"]*)"\)', table, re.MULTILINE)


def document():
    yield HEAD
    for title, rows in sections():
        yield f"## {title}\n\n| diagnosis | severity | |\n|---|---|---|"
        for name, severity, text in rows:
            rule = name.removeprefix(PREFIX)
            yield f"| [`{rule}`](diagnoses/{rule}.md) | {SEVERITIES[severity]} | {text} |"
        yield ""
    yield LIMITS
    for name, default, text in limits():
        yield f"| `tdsconn.{name}` | {default} | {text} |"


if __name__ == "__main__":
    generated.main(__doc__, {DOCS / "diagnoses.md": "\n".join(document()).rstrip() + "\n"})
