# SPDX-License-Identifier: GPL-2.0-or-later
"""Without keys silence is acceptable and a wrong answer is not; inference.py prints the table."""

import pytest

import captures
import inference


@pytest.fixture(scope="module")
def rows():
    return [dict(zip(inference.TITLES, row)) | {"mark": row[inference.TITLES.index("")]} for row in inference.table()]


def test_no_answer_is_wrong(rows):
    assert {row["capture"] for row in rows} == {capture.stem for capture in captures.KEYED}
    assert not [row for row in rows if row["mark"] == "wrong"]


def test_more_is_said_than_nothing(rows):
    """Someone who tightens a rule sees here that answers are lost."""
    told = [row["capture"] for row in rows if row["mark"] == "right" and row["encryption"] == "Full" and row["truth"] != "Unknown"]
    assert len(told) >= 4


def test_no_login_is_called_failed_that_succeeded(rows):
    """And none confirmed that was refused. In brackets stands what the keys show."""
    assert not [row for row in rows if row["state"] in ("Login failed (Logged in)", "Logged in (Login failed)")]
