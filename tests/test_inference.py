# SPDX-License-Identifier: GPL-2.0-or-later
"""Without keys silence is acceptable and a wrong answer is not; inference.py prints the table."""

import pytest

import captures
import inference


@pytest.fixture(scope="module")
def rows():
    return [dict(zip(inference.TITLES, row)) | {"mark": row[inference.TITLES.index("")]} for row in inference.table()]


def test_no_answer_is_wrong(rows):
    assert {row["capture"] for row in rows} == {capture.stem for capture in captures.KEYED + captures.LAB}
    assert not [row for row in rows if row["mark"] == "wrong"]


# What the names of captures/lab say of the logins that were sent, as captures/README.md has it.
LAB_TRUTH = {"ad-": "Kerberos", "hung-": "Kerberos", "c-freetds155-strict-kerberos": "Kerberos", "c-": "SQL", "ntlm-": "NTLM",
             "sql-": "SQL"}


def test_the_truth_is_what_the_lab_did(rows):
    """With keys: else the table would compare one mistake with another."""
    told = {(row["capture"], row["truth"]) for row in rows if row["capture"] in {one.stem for one in captures.LAB}}
    true = {(name, next(truth for start, truth in LAB_TRUTH.items() if name.startswith(start))) for name, _ in told}
    assert {(name, truth) for name, truth in told if truth != "Unknown"} <= true
    assert len({truth for _, truth in told}) == 4


def test_more_is_said_than_nothing(rows):
    """Someone who tightens a rule sees here that answers are lost."""
    told = [row["capture"] for row in rows if row["mark"] == "right" and row["encryption"] == "Full" and row["truth"] != "Unknown"]
    assert len(told) >= 10


def test_no_login_is_called_failed_that_succeeded(rows):
    """And none confirmed that was refused. In brackets stands what the keys show."""
    assert not [row for row in rows if row["state"] in ("Login failed (Logged in)", "Logged in (Login failed)")]
