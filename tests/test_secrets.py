# SPDX-License-Identifier: GPL-2.0-or-later
"""Nothing of ours prints a password, an access token, an NTLM response or a ticket: no field, no statistic, no Follow.

What is secret is what stock dissectors show in fields that are for that, with the key logs, and what the stories made up.
"""

import re

import pytest

import captures
import merged
import wireshark

# Texts, and bytes.
PASSWORDS = ["tds.7login.password", "tds.login.password"]
BYTES = ["ntlmssp.auth.ntresponse", "ntlmssp.auth.lmresponse", "ntlmssp.ntlmv2_response.ntproofstr",
         "ntlmssp.auth.sesskey", "ntlmssp.ntlmv2_response.chal", "kerberos.cipher"]
# The access token of fedauth-ted-accesstoken begins with it, as most do: {"typ":"JWT". Then those of tests/story.
TOKENS = ["eyJ0eXAiOiJKV1Qi", "eyJ0b2tl"]
MADE_UP = ["Secret-7", "Secret-8"]
# Words of ours, too, or of no meaning.
NO_SECRETS = {"", "wrong", "password"}
BYTES_LIMIT = 16  # of a secret of bytes: its beginning and its end are as secret as all of it

TABLES = ["connections", "details", "times", "failures", "servers", "clients", "steps", "diagnoses", "mars", "srt", "tree"]


def values(*names):
    """All values of stock fields in all captures, as tshark without us shows them."""
    together, _ = merged.together()
    rows = wireshark.fields(together, *names, keys=captures.all_keys(), bare=True)
    return {one for row in rows for cell in row for one in cell.split(",")}


def obfuscated(byte):
    """A byte of a password as LOGIN7 has it: halves swapped, then XOR A5."""
    return (byte << 4 & 0xF0 | byte >> 4) ^ 0xA5


def forms_of(text):
    """The ways in which a text may be printed: itself, and the bytes of it as a LOGIN7 or a batch has them."""
    utf16 = text.encode("utf-16-le")
    return {text, text.encode().hex(), utf16.hex(), bytes(map(obfuscated, utf16)).hex()}


@pytest.fixture(scope="module")
def secrets():
    """Everything that must not be printed: lower case, without colons."""
    texts = (values(*PASSWORDS) - NO_SECRETS) | {*TOKENS, *MADE_UP}
    assert {"Qu3ry!Me#1", "Str0ng!Passw0rd"} < texts
    some = {one.replace(":", "") for one in values(*BYTES) if one.strip("0:")}
    parts = {part for one in some if len(one) >= 2 * BYTES_LIMIT for part in (one[:2 * BYTES_LIMIT], one[-2 * BYTES_LIMIT:])
             if part.strip("0")}
    assert len(parts) > 40
    return {form.lower() for text in texts for form in forms_of(text)} | parts


def found(secrets, lines):
    """The lines that hold a secret."""
    any_of_them = re.compile("|".join(map(re.escape, sorted(secrets))))
    return [line for line in lines if any_of_them.search(line.lower().replace(":", ""))]


def test_stock_shows_them(secrets):
    """They are in what bare tshark prints: so they would be found in what we print."""
    together, _ = merged.together()
    assert len(found(secrets, wireshark.tshark(together, "-V", keys=captures.all_keys(), bare=True))) > len(secrets) / 4


@pytest.mark.parametrize("with_keys", [False, True], ids=["", "keys"])
@pytest.mark.parametrize("passes", [[], ["-2"]], ids=["one-pass", "two-pass"])
def test_no_field_holds_a_secret(passes, with_keys, secrets):
    together, _ = merged.together()
    trees = captures.trees(together, *passes, keys=captures.all_keys() if with_keys else None, only="tdsconn ssrp")
    lines = [line for tree in trees for line in tree]
    assert len(lines) > 50_000 and found(secrets, lines) == []


def test_no_statistic_prints_a_secret(secrets):
    """Tables, tree, ladder, credentials, expert information."""
    together, _ = merged.together()
    wanted = [*(f"tdsconn,{table}" for table in TABLES), "flow,tdsconn,standard", "credentials", "expert"]
    lines = wireshark.tshark(together, "-2", "-q", *(word for one in wanted for word in ("-z", one)), keys=captures.all_keys())
    assert len(lines) > 3000 and found(secrets, lines) == []


def test_no_exported_text_holds_a_secret(secrets):
    folder = wireshark.scratch("exported")
    together, _ = merged.together()
    wireshark.tshark(together, "-q", "--export-objects", f"tdsconn,{folder}", keys=captures.all_keys())
    lines = [line for path in folder.iterdir() for line in [path.name, *path.read_bytes().decode().split("\n")]]
    assert len(lines) > 900 and found(secrets, lines) == []


@pytest.mark.parametrize("how", ["ascii", "raw"])
def test_follow_shows_no_secret(how, secrets):
    """Of no MARS session: they begin when the login is over."""
    together, _ = merged.together()
    rows = wireshark.fields(together, "tdsconn.mars.session", keys=captures.all_keys(), display_filter="tdsconn.mars.session")
    sessions = {one for row in rows for one in row[0].split(",")}
    wanted = [word for session in sorted(sessions) for word in ("-z", f"follow,tdsconn,{how},{session}")]
    lines = wireshark.tshark(together, "-q", *wanted, keys=captures.all_keys())
    blocks = "\n".join(lines).split("Follow: ")[1:]
    with_bytes = [block for block in blocks if len(block.split("Node 1: ")[1].splitlines()) > 2]
    assert len(blocks) == len(sessions) > 40 and len(with_bytes) > 30 and found(secrets, lines) == []
