# SPDX-License-Identifier: GPL-2.0-or-later
"""A key log opens the login: our fields say so, and stock dissectors show it too.

What real captures say with their keys is in test_captures.py; here are those that tests/story/tls_live.py made, and
what holds for every keyed capture.
"""

import sys

import pytest

import captures
import made
import wireshark
from enums import MESSAGE

sys.path.insert(0, str(wireshark.ROOT / "tests" / "story"))
import tls_live  # noqa: E402  (it lies in the folder of the line before)

SQL = {"auth": "SQL", "auth.basis": "Seen", "login.user": "app_user", "version": "7.4"}
STRICT = SQL | {"version": "8.0", "encryption": "Strict", "tls.version": "TLS 1.3"}
FULL = {"encryption": "Full", "tls.version": "TLS 1.2", "version": "7.4", "auth.basis": "Seen"}
# With the keys.
TRUTH = {
    "live-tds8-alpn-port-5001": STRICT | {"tls.alpn": "tds/8.0"},
    "live-tds8-no-alpn": STRICT | {"tls.alpn": ""},
    "live-tds8-no-alpn-port-5002": STRICT,
    "live-mars-full-tls": SQL | FULL | {"mars": "True"},
    "live-long-login-login-only-tls": FULL | {"encryption": "Login only", "auth": "Kerberos",
                                              "kerberos.spn": "MSSQLSvc/sql.contoso.com:1433",
                                              "kerberos.realm": "CONTOSO.COM"},
    "live-ntlm-full-tls": FULL | {"auth": "NTLM", "ntlm.domain": "CONTOSO", "ntlm.user": "joe33"},
    "live-entra-full-tls": FULL | {"auth": "Entra", "entra.library": "ADAL/MSAL", "entra.token_length": "5200",
                                   "entra.workflow": "interactive or managed identity"},
}
LOGGED_IN = {name: {"state": "Logged in"} | row for name, row in TRUTH.items()}

# Without keys: what may be said. Where the whole login is hidden it is never Seen.
HIDDEN = {"auth": {"Unknown"}, "auth.basis": {"Unknown"}, "state": {"Logged in", "Logging in"}}
WITHOUT = {
    "live-tds8-alpn-port-5001": HIDDEN | {"encryption": {"Strict"}},
    "live-tds8-no-alpn": HIDDEN | {"encryption": {"Strict"}},
    "live-mars-full-tls": HIDDEN | {"auth": {"Unknown", "SQL"}, "auth.basis": {"Unknown", "Inferred"}},
    # AP-REP is in clear.
    "live-long-login-login-only-tls": {"auth": {"Kerberos"}, "auth.basis": {"Seen"}, "encryption": {"Login only"},
                                       "state": {"Logged in"}, "kerberos.spn": {""}},
    "live-ntlm-full-tls": HIDDEN | {"encryption": {"Full"}},
    "live-entra-full-tls": HIDDEN | {"encryption": {"Full"}},
}
TOO_LATE = pytest.mark.xfail(strict=True, reason="the handshake is over when the first message tells that it is TDS")
NOT_YET = {("live-tds8-no-alpn-port-5002", "tls.version"): TOO_LATE}

NAMES = ["state", "encryption", "mars"] + sorted({name for row in TRUTH.values() for name in row} - {"encryption", "mars"})
LIVE = [capture for capture in captures.KEYED if capture.stem in TRUTH]
LOGIN7, LOGIN7_PACKET = "20", "16"


def said(with_keys):
    """What is said of each live capture at its end."""
    return {capture.stem: rows for capture, rows in captures.last(LIVE, NAMES, captures.all_keys() if with_keys else None).items()}


@pytest.fixture(scope="module")
def opened():
    return said(with_keys=True)


@pytest.fixture(scope="module")
def closed():
    return said(with_keys=False)


def facts(table, marks):
    """A test for each field of each row."""
    return [pytest.param(name, what, value, id=f"{name}-{what}", marks=marks.get((name, what), ()))
            for name, row in table.items() for what, value in row.items()]


def test_every_live_capture_has_its_truth():
    assert {capture.stem for capture in LIVE} == set(TRUTH)
    assert all(name in TRUTH for name in (capture.stem for capture in captures.KEYED) if name.startswith("live-"))


@pytest.mark.parametrize("name, what, value", [*facts(LOGGED_IN, NOT_YET)])
def test_with_keys(name, what, value, opened):
    assert [row[what] for row in opened[name]] == [value]


@pytest.mark.parametrize("name, what, allowed", [*facts(WITHOUT, {})])
def test_without_keys(name, what, allowed, closed):
    assert len(closed[name]) == 1 and closed[name][0][what] in allowed


@pytest.mark.parametrize("name", ["live-tds8-alpn-port-5001", "live-mars-full-tls"])
def test_another_run_of_openssl_says_the_same(name, opened, tmp_path):
    """The committed capture cannot come out byte for byte; what it says does."""
    capture = tls_live.make_live(tmp_path, name, tmp_path)
    assert captures.last([capture], NAMES, wireshark.keys_of(capture)) == {capture: opened[name]}


def test_tls_of_no_known_port_is_nobodys_without_keys(closed):
    """On another port and without ALPN nothing but the keys tells that it is TDS."""
    assert closed["live-tds8-no-alpn-port-5002"] == []


def decrypted_logins(capture):
    """For each frame with a LOGIN7: the TDS types that stock's tree shows in it."""
    rows = wireshark.fields(capture, "tdsconn.message", "tds.type", keys=wireshark.keys_of(capture),
                            display_filter=f"tdsconn.message == {LOGIN7}")
    return [types.split(",") for _, types in rows]


def test_stock_tds_shows_each_decrypted_login():
    found = captures.each(decrypted_logins, captures.KEYED)
    without = {capture.stem for capture, logins in found.items() if not logins}
    assert without == {"tls-cert-untrusted-ted"}  # its client goes away before it logs in
    assert all(LOGIN7_PACKET in types for logins in found.values() for types in logins)


def test_smp_inside_tls_is_shown_by_both():
    """SYN of two sessions, a request in each, and the answers in the other order."""
    capture = wireshark.CAPTURES / "story" / "live-mars-full-tls.pcapng"
    rows = wireshark.fields(capture, "tdsconn.mars.sid", "tdsconn.mars.event", "smp.sid", "tds.type",
                            keys=wireshark.keys_of(capture), display_filter="tdsconn.mars.sid")
    ours = [(sid, captures.texts("tdsconn.mars.event").get(event, event)) for sid, event, *_ in rows]
    assert ours == [("0", "SYN"), ("0", "DATA"), ("1", "SYN"), ("1", "DATA"), ("1", "DATA"), ("0", "DATA")]
    assert [int(row[2], 0) for row in rows] == [0, 0, 1, 1, 1, 0]
    assert [row[3] for row in rows] == ["", "1", "", "1", "4", "4"]


def test_responses_inside_tls_find_their_requests():
    """Per session: the first answer is to the second request."""
    capture = wireshark.CAPTURES / "story" / "live-mars-full-tls.pcapng"
    rows = wireshark.fields(capture, "frame.number", "tdsconn.request_in", keys=wireshark.keys_of(capture),
                            display_filter=f"tdsconn.message == {MESSAGE.RESPONSE}")
    requests = wireshark.fields(capture, "frame.number", "tdsconn.mars.sid", keys=wireshark.keys_of(capture),
                                display_filter=f"tdsconn.message == {MESSAGE.SQL_BATCH}")
    frames = {sid: number for number, sid in requests}
    assert [request for _, request in rows] == [frames["1"], frames["0"]]


def lab(name):
    return next(capture for capture in captures.LAB if capture.stem == name)


@pytest.mark.parametrize("with_keys, certificate", [(True, "sql.corp.test (self-signed)"), (False, "")])
def test_keys_open_the_certificate_of_tls_1_3(with_keys, certificate):
    """Where the client did not take it: nothing but the handshake is there to open."""
    capture = lab("c-tedious192-strict-untrusted")
    keys = wireshark.keys_of(capture) if with_keys else None
    rows = wireshark.fields(capture, "tdsconn.tls.certificate", two_pass=True, keys=keys, display_filter="tdsconn.last")
    assert rows == [(certificate,)]


@pytest.mark.parametrize("name, with_keys, rule", [
    ("c-freetds155-strict-server-answers-on", False, "no_login_sent"),
    ("c-freetds155-strict-server-answers-on", True, "encryption_mismatch"),
    ("c-freetds155-strict-fails-on-session-ticket", False, "no_login_sent"),
    ("c-freetds155-strict-fails-on-session-ticket", True, "no_login_sent")])
def test_a_prelogin_that_may_be_answered_is_not_called_unanswered(name, with_keys, rule):
    keys = wireshark.keys_of(lab(name)) if with_keys else None
    rows = wireshark.fields(lab(name), f"tdsconn.expert.{rule}", "tdsconn.expert.prelogin_unanswered", two_pass=True, keys=keys)
    assert [any(row[place] for row in rows) for place in (0, 1)] == [True, False]


@pytest.mark.parametrize("name, lost", [("ntlm-odbc-full-tls", 15), ("odbc-kerberos-full-tls", 18)])
def test_an_answer_that_is_not_decrypted_behind_a_lost_record_was_not_cancelled(name, lost):
    """The driver sends an ATTENTION behind each answer."""
    capture = captures.real(name)
    assert made.raised(made.part_without(capture, lost), "attention", keys=wireshark.keys_of(capture)) == []
