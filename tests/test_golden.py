# SPDX-License-Identifier: GPL-2.0-or-later
"""Each capture still becomes the text of tests/expected; golden.py says how to change that."""

import pytest

import captures
import findings
import golden


@pytest.fixture(scope="module")
def made():
    return golden.texts(captures.ALL)


@pytest.mark.parametrize("capture", captures.ALL, ids=captures.name_of)
def test_golden(capture, made):
    changes = [golden.difference(name, golden.expected(name), text) for name, text in made[capture].items()]
    assert not any(changes), "\n".join(filter(None, changes))


def test_every_golden_has_its_capture(made):
    wanted = {name for texts in made.values() for name, text in texts.items() if text is not None}
    assert {path.name for path in golden.EXPECTED.glob("*.txt")} == wanted
    assert {path.name for path in golden.EXPECTED.glob("*/*.txt")} <= wanted


def test_what_another_version_prints_otherwise_is_explained():
    explained = (golden.EXPECTED / "README.md").read_text(encoding="utf-8")
    for path in golden.EXPECTED.glob("*/*.txt"):
        assert f"`{path.relative_to(golden.EXPECTED)}`" in explained


def test_every_rule_says_in_a_golden_what_it_found():
    lines = [line.split() for path in golden.EXPECTED.glob("*.txt")
             for line in path.read_text(encoding="utf-8").split("== findings ==")[-1].splitlines()]
    assert findings.SEVERITIES.keys() <= {line[2] for line in lines if len(line) > 3 and line[0].isdigit()}
