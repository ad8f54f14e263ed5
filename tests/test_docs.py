# SPDX-License-Identifier: GPL-2.0-or-later
"""The documents say what is so: generated ones are up to date, filters compile, the README's listing is real."""

import csv
import os
import re
import subprocess
import sys

import pytest
import wireshark

README = (wireshark.ROOT / "README.md").read_text(encoding="utf-8")
PROFILE = wireshark.ROOT / "profile"
DEMO = wireshark.CAPTURES / "real/odbc-kerberos-login-only-tls.pcapng"

CODE_SPAN = re.compile(r"`(tdsconn\.[^`]+)`")
DISPLAY_FILTER = re.compile(r"-Y (?:'([^']+)'|(\S+))")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def profile_filters():
    for line in (PROFILE / "colorfilters").read_text().splitlines():
        if line.startswith("@"):
            yield line.split("@")[2]
    with open(PROFILE / "dfilter_buttons", newline="") as file:
        yield from (row[2] for row in csv.reader(file) if not row[0].startswith("#"))


def readme_filters():
    yield from CODE_SPAN.findall(README)
    yield from (quoted or plain for quoted, plain in DISPLAY_FILTER.findall(README))


def columns():
    text = (PROFILE / "preferences").read_text()
    return " ".join(re.search(r"^gui\.column\.format:((?:\s+\"[^\n]*)+)", text, re.MULTILINE)[1].split("\n\t"))


@pytest.mark.parametrize("script", ["make-fields.py", "make-steps.py"])
def test_generated_document_is_up_to_date(script):
    environment = {**os.environ, "TDSCONN_BUILD_DIR": str(wireshark.BUILD)}
    done = subprocess.run([sys.executable, wireshark.ROOT / "docs" / script, "--check"], env=environment,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("display_filter", sorted({*profile_filters(), *readme_filters()}))
def test_filter_compiles(display_filter):
    assert wireshark.run("tshark", "-r", wireshark.readable(DEMO), "-c", "1", "-Y", display_filter).returncode == 0


def test_listing_in_readme_is_what_the_demo_prints():
    listing = re.search(r"```text\n(No\..*?)\n\nConnections\n(.*?)\n```", README, re.DOTALL)
    printed = wireshark.tshark(DEMO, "-2", "-T", "tabs", "-o", "gui.column.format:" + columns(),
                               keys=wireshark.keys_of(DEMO))
    printed = {line.split()[0]: " ".join(line.split()) for line in printed}
    for line in listing[1].split("\n")[1:]:
        told = " ".join(line.split())
        assert printed[told.split()[0]].startswith(told)
    summary = wireshark.fields(DEMO, "tdsconn.stream", "tdsconn.summary", two_pass=True, display_filter="tdsconn.last",
                               keys=wireshark.keys_of(DEMO))
    assert listing[2].split("\t") == list(summary[0])


def test_links_lead_somewhere():
    for document in [*wireshark.ROOT.glob("*.md"), *wireshark.ROOT.glob("docs/**/*.md")]:
        for link in LINK.findall(document.read_text(encoding="utf-8")):
            assert (document.parent / link).exists(), f"{link} in {document.name}"
