# SPDX-License-Identifier: GPL-2.0-or-later
"""The documents say what is so: generated ones are up to date, filters compile, commands run, links lead somewhere."""

import os
import re
import subprocess
import sys

import pytest

import findings
import wireshark

README = (wireshark.ROOT / "README.md").read_text(encoding="utf-8")

CODE_SPAN = re.compile(r"`(tdsconn\.[^`]+)`")
DISPLAY_FILTER = re.compile(r"-Y (?:'([^']+)'|(\S+))")
COMMAND = re.compile(r"(?:^|`)(tshark [^`\n]*(?:CAPTURE|FILE|captures/)[^`\n]*)", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def readme_filters():
    yield from CODE_SPAN.findall(README)
    yield from (quoted or plain for quoted, plain in DISPLAY_FILTER.findall(README))


@pytest.mark.parametrize("script", ["make-diagnoses.py", "make-examples.py", "make-fields.py", "make-steps.py",
                                    "make-stories.py"])
def test_generated_document_is_up_to_date(script):
    if script == "make-examples.py" and wireshark.version() != (4, 0):
        pytest.skip("the pages show what 4.0 and its Debian's jq print: later ones double backslashes, and write 0.012000000")
    environment = {**os.environ, "TDSCONN_BUILD_DIR": str(wireshark.BUILD)}
    done = subprocess.run([sys.executable, wireshark.ROOT / "docs" / script, "--check"], env=environment,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_filters_of_the_readme_compile():
    wireshark.sharkd_session(*wireshark.checks(sorted(set(readme_filters()))))


def test_readme_begins_with_what_fits_a_terminal():
    """make-examples.py writes it, by what the demo prints."""
    block = re.search(r"```console\n\$ \./dev demo\n(.*?)```", README, re.DOTALL)[1]
    assert "login ERROR" in block
    assert max(map(len, block.splitlines())) <= 100


@pytest.mark.parametrize("name, words", [
    ("story/login-refusals", "Integrated authentication"),
    ("reported/browser-answer-from-other-address", "the answer comes from 10.1.0.21"),  # SQL Browser's, in a tree of its own
])
def test_demo_tells_every_finding_whole(name, words):
    """Wireshark cuts long ones, and marks that before them."""
    capture = wireshark.CAPTURES / f"{name}.pcapng"
    printed = wireshark.output("bash", wireshark.checkout("dev") / "dev", "demo", wireshark.readable(capture))
    told = "\n".join(wireshark.lines(printed)).partition("\nFindings\n")[2].partition("\n\nConnections\n")[0]
    (found,) = findings.visit([([], capture, range(1, 1 + len(wireshark.tshark(capture))))])
    graver = [(str(frame), severity) for frame, severity, *_ in found if severity in ("Error", "Warning", "Note")]
    assert re.findall(r"^frame (\d+), (\w+): ", told, re.MULTILINE) == graver
    assert graver and words in told.replace(" \n", " ")


def commands():
    """What a document tells to type without showing what comes out; make-examples.py runs the others."""
    for document in [wireshark.ROOT / "README.md", *wireshark.ROOT.glob("docs/**/*.md")]:
        yield from COMMAND.findall(document.read_text(encoding="utf-8"))


@pytest.mark.parametrize("command", sorted(set(commands())))
def test_command_runs(command):
    command = re.sub("CAPTURE|FILE", "captures/real/mars-odbc-noenc.pcapng", command)
    wireshark.output("bash", "-euc", "cd \"$1\"\n" + command, "bash", wireshark.checkout("captures"))


PAGES = sorted((wireshark.ROOT / "docs/diagnoses").glob("*.md"))
HEADINGS = ["What it means", "Usual causes", "Look next at", "Specification"]
FILTER = re.compile(r"`((?:dns|icmp|ip|kerberos|rpc_netlogon|smp|ssrp|tcp|tds|tdsconn|tls)\b(?!\.keylog)[^`]*)`")


def test_every_rule_has_a_page_and_every_page_a_rule():
    assert {page.stem for page in PAGES} == set(findings.SEVERITIES)


def test_every_error_has_a_way_from_what_the_application_said():
    table = (wireshark.ROOT / "docs/why-did-it-fail.md").read_text(encoding="utf-8")
    linked = set(re.findall(r"\(diagnoses/(\w+)\.md\)", table))
    errors = {rule for rule, severities in findings.SEVERITIES.items() if "ERROR" in severities}
    assert {rule for rule in errors - linked if not rule.startswith("mars_")} == set()  # those are of the driver


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_page_of_a_rule_has_its_headings(page):
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# {page.stem}\n")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == HEADINGS
    assert all(part.strip() for part in re.split(r"^## .*$", text, flags=re.MULTILINE)[1:])


def page_filters():
    """The filters that the pages tell to type; what stands for an address, a port or a number is given one."""
    for page in PAGES:
        for line in FILTER.findall(page.read_text(encoding="utf-8").replace("\n  ", " ")):
            yield line.replace("ADDRESS", "10.10.10.10").replace("PORT", "1433").replace("== N", "== 1")


def test_filters_of_the_pages_compile():
    wireshark.sharkd_session(*wireshark.checks(sorted(set(page_filters()))))


def test_links_lead_somewhere():
    for document in [*wireshark.ROOT.glob("*.md"), *wireshark.ROOT.glob("docs/**/*.md")]:
        for link in LINK.findall(document.read_text(encoding="utf-8")):
            assert (document.parent / link).exists(), f"{link} in {document.name}"
