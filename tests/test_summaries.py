# SPDX-License-Identifier: GPL-2.0-or-later
"""tests/summaries.py finds what is as expected, and what is not. It is for the systems that the other tests do not know."""

import pytest

import wireshark

NAMES = ["ft-badpw-noenc", "mars-odbc-noenc"]


@pytest.fixture(name="copy")
def copy_of_the_checkout():
    place = wireshark.checkout()
    for folder in ("tests/expected", "captures/real"):
        (place / folder).mkdir(parents=True)
    for name in NAMES:
        for path in (f"tests/expected/{name}.txt", f"captures/real/{name}.pcapng"):
            (place / path).write_bytes((wireshark.ROOT / path).read_bytes())
    (place / "tests/summaries.py").write_bytes((wireshark.ROOT / "tests/summaries.py").read_bytes())
    return wireshark.give(place)


def compare(copy, *names, **how):
    return wireshark.run("python3", copy / "tests/summaries.py", "tshark", *names, **how)


def test_all_as_expected(copy):
    done = compare(copy)
    assert (done.returncode, done.stdout) == (0, "2 captures as expected, 0 differ\n"), done.stderr


def test_another_summary_differs(copy):
    golden = copy / "tests/expected" / f"{NAMES[0]}.txt"
    golden.write_text(golden.read_text(encoding="utf-8").replace("app_user", "another"), encoding="utf-8")
    done = compare(copy)
    assert done.returncode == 1
    assert done.stdout.startswith(f"{NAMES[0]}\n  wanted 0: Refused SQL login of another")
    assert done.stdout.endswith("1 captures as expected, 1 differ\n")


def test_without_the_plugin_all_differ(copy):
    done = compare(copy, NAMES[0], bare=True)
    assert done.returncode == 1 and "0 captures as expected, 1 differ" in done.stdout
