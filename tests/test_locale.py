# SPDX-License-Identifier: GPL-2.0-or-later
"""What the plugin says does not depend on the user's locale: a decimal comma is not for programs that read it."""

import re
from functools import lru_cache

import pytest

import captures
import merged
import wireshark

TABLES = ["connections", "details", "times", "failures", "servers", "clients", "steps", "diagnoses", "mars"]
PRINTED = [*(f"tdsconn,{table}" for table in TABLES), "expert", "credentials", "flow,tdsconn,standard"]
# A conversion of a fraction in a format of C, between quotes.
FRACTION = re.compile(r'"[^"\n]*%[-+ #0]*[0-9*]*(?:\.[0-9*]*)?[aefgAEFG][^"\n]*"')


@lru_cache(maxsize=None)
def with_comma():
    """The environment of a user in Germany."""
    folder = wireshark.scratch("locales")
    wireshark.output("localedef", "-i", "de_DE", "-f", "UTF-8", folder / "de_DE.UTF-8")
    return {"LOCPATH": str(folder), "LC_ALL": "de_DE.UTF-8"}


def told(*args, env=None):
    """What is printed of all captures, one after the other in one file, with their keys."""
    path, _ = merged.together()
    return wireshark.tshark(path, "-2", *args, keys=captures.all_keys(), env=env)


def test_that_locale_has_a_comma():
    assert wireshark.output("/usr/bin/printf", "%.3f", "0", env=with_comma()) == "0,000"


def test_wireshark_itself_writes_commas_in_it():
    """Or the comparison below would be one of points with points."""
    [row] = [line for line in told("-q", "-z", "conv,ip,ip.addr == 10.10.10.120", env=with_comma()) if "<->" in line][:1]
    assert re.search(r"\d,\d{4}$", row)


@pytest.mark.parametrize("args", [
    ["-q", *(word for name in PRINTED for word in ("-z", name))],
    ["-V", "-O", "tdsconn,ssrp"],
    ["-Y", "tdsconn || ssrp", "-T", "fields", "-e", "tdsconn.summary", "-e", "_ws.expert.message", "-e", "_ws.col.Info"],
], ids=["tables", "trees", "columns"])
def test_every_sentence_is_the_same(args):
    usual, comma = told(*args), told(*args, env=with_comma())
    assert any(re.search(r"\d\.\d{3} s", line) for line in usual)
    assert [pair for pair in zip(usual, comma, strict=True) if pair[0] != pair[1]] == []


@pytest.mark.parametrize("source", sorted((wireshark.ROOT / "plugin").rglob("*.[ch]")), ids=lambda path: path.stem)
def test_no_sentence_is_made_with_a_fraction_of_printf(source):
    """seconds.h is for that: a capture of each sentence would have to be there otherwise."""
    assert not FRACTION.findall(source.read_text(encoding="utf-8"))
