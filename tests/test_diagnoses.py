# SPDX-License-Identifier: GPL-2.0-or-later
"""The diagnoses: what is raised in each capture, that each rule is raised and nearly raised, and that none cries wolf."""

import re
from decimal import Decimal
from functools import lru_cache

import pytest

import captures
import findings
import merged
import wireshark
from enums import MESSAGE
from findings import SEVERITIES

# True of many a connection that works. Which frames they stand on, a test of its own says.
SECURITY = {"login_in_clear", "tls_old", "ntlm_v1"}
GRAVE = findings.GRAVE - SECURITY
# The rules of these are told frame by frame elsewhere.
TOLD_ELSEWHERE = {"mars-": "mars_", "ssrp-": "browser_"}

# Of each capture with a fault: what is raised of severity ERROR and WARN, by frame. All others raise none.
FAULTS = {
    "abort-ted-kill-after-prelogin-sent": {8: "no_login_sent reset_by_client"},
    "abort-ted-kill-in-tls-handshake": {10: "reset_by_client tls_refused_by_client"},
    "abort-ted-rst-after-login7-sent": {9: "login_unanswered reset_by_client"},
    "enc-client-requires-server-none-tsql": {8: "encryption_mismatch"},
    "enc-server-requires-client-off-ted": {8: "encryption_mismatch"},
    "ft-badpw-login-only-tls": {13: "login_refused"},
    "ft-badpw-noenc": {9: "login_refused"},
    "go-not-sup-server-requires": {9: "encryption_mismatch server_closed_first"},
    "jdbc-ntlm-badpw-full-tls": {19: "server_closed_first"},
    "jtds-tds4.2-closed-by-server": {8: "server_closed_first"},
    "ft-tds4.2-login-no-reply-timeout": {6: "login_unanswered"},
    "ft-tds5.0-login-no-reply-timeout": {6: "login_unanswered"},
    "ft-tds7.0-nologin-reply-timeout": {8: "login_unanswered"},
    "ft-unknown-user-full-tls": {14: "login_probably_refused"},
    "net-outage-mid-query-ted": {21: "attention_unacknowledged retransmission_timeout"},
    "net-syn-no-answer-ted": {7: "no_syn_answer"},
    "nontds-http-server-on-1433": {6: "prelogin_unanswered"},
    "ntlm-odbc-badpw-login-only-tls": {15: "login_refused", 33: "login_refused"},
    "ntlm-pytds-v1-refused": {11: "login_refused"},
    "odbc-kerberos-no-ticket": {8: "no_login_sent", 18: "no_login_sent"},
    "odbc-kerberos-unknown-spn": {14: "no_login_sent spn_unknown", 26: "no_login_sent spn_unknown"},
    "odbc-querytimeout2-attention-noenc": {32: "attention_unacknowledged"},
    "mars-odbc-client-sigkill": {39: "request_abandoned"},
    "port-reuse": {14: "reset_by_client", 28: "reset_by_client"},
    "routing-to-refused-port-ted": {12: "connection_refused"},
    "slow-ntlm-confirmation-3s-login-only-tls": {16: "slow_domain_controller slow_login"},
    "srv-hung-no-prelogin-answer-ted": {6: "prelogin_unanswered"},
    "smb21-np-samba-trans-overflow": {24: "request_abandoned"},
    "smb311-np-samba-pipe-broken": {27: "pipe_broken"},
    "smb311-np-samba-pipe-refused": {15: "pipe_refused"},
    "smb311-np-samba-pipe-unanswered": {18: "pipe_unanswered"},
    "srv-kill9-backend-mid-query-odbc": {31: "killed server_closed_first"},
    "srv-terminate-backend-idle-odbc": {31: "server_closed_first"},
    "srv-too-many-connections": {frame: "login_refused" for frame in (88, 90, 117, 121, 338)},
    "tds7-client-to-tds8-strict-server": {6: "prelogin_refused server_closed_first"},
    "tds8-strict-client-to-plain-tds7-server": {6: "server_closed_first tls_refused_by_server"},
    "tds8-strict-ted-badpw": {15: "login_probably_refused"},
    "ted-cancel-attention-noenc": {18: "attention_unacknowledged"},
    "ted-ntlm-rejected-noenc": {9: "login_refused"},
    "tls-cert-untrusted-ted": {12: "no_login_sent"},
    "tls-version-mismatch-odbc": {9: "tls_alert tls_refused_by_server", 21: "tls_alert tls_refused_by_server"},
    "tls-version-mismatch-ted": {9: "tls_alert tls_refused_by_server", 10: "server_closed_first"},
    "zero-window-client-3s": {51: "zero_window"},
    "diag-attentions": {34: "attention_unacknowledged"},
    "diag-endings": {12: "server_closed_first", 20: "prelogin_unanswered server_closed_first"},
    "diag-ip-id-zero-reset": {13: "killed reset_by_server"},
    "diag-keep-alives": {25: "keep_alive_timeout reset_by_client", 42: "keep_alive_timeout"},
    "diag-kerberos-failures": {
        14: "ntlm_after_kerberos_failure spn_unknown", 31: "ntlm_after_kerberos_failure spn_duplicate",
        48: "kerberos_error ntlm_after_kerberos_failure", 111: "no_login_sent spn_unknown"},
    "diag-kerberos-ipv6": {14: "ntlm_after_kerberos_failure spn_unknown"},
    "diag-late-confirmation": {28: "login_unanswered", 30: "late_confirmation slow_domain_controller slow_login"},
    "diag-ports": {320: "reset_by_client"},
    "diag-probes": {12: "connection_refused", 15: "no_syn_answer", 20: "prelogin_unanswered"},
    "diag-look-ups": {7: "slow_lookup", 24: "slow_lookup", 51: "redirect_not_followed"},
    "diag-redirects": {14: "redirect_not_followed"},
    "diag-refused-logins": {
        11: "login_refused", 25: "login_refused", 39: "login_refused", 53: "login_refused", 69: "login_refused",
        83: "login_refused version_refused", 91: "login_refused"},
    "diag-resets": {
        11: "reset_by_server", 23: "login_unanswered reset_by_client", 36: "killed reset_by_server",
        50: "reset_by_client", 64: "reset_by_device reset_by_server", 78: "reset_by_server",
        91: "idle_reset reset_by_server", 104: "reset_by_server", 117: "request_abandoned"},
    "diag-retransmissions": {18: "reset_by_client retransmission_timeout", 36: "retransmission_timeout"},
    "diag-slow-steps": {
        11: "slow_login", 25: "slow_login", 39: "slow_login", 53: "slow_login", 69: "slow_domain_controller slow_login",
        84: "slow_domain_controller slow_login", 100: "slow_login", 114: "slow_login", 128: "slow_login"},
    "diag-sql-errors": {
        34: "server_closed_first", 50: "killed server_closed_first", 66: "server_closed_first",
        79: "server_closed_first"},
    "diag-wrong-server": {
        5: "instance_mismatch", 16: "tls_refused_by_client", 26: "tls_alert tls_refused_by_client",
        36: "tls_alert tls_refused_by_server", 37: "server_closed_first"},
    "diag-zero-windows": {
        16: "zero_window", 38: "zero_window", 76: "reset_by_server zero_window", 91: "killed reset_by_server"},
    "mars-data-after-fin": {20: "request_abandoned"},
    "mars-waiting": {19: "request_abandoned"},
    "login-refusals": {11: "login_refused", 25: "login_refused", 29: "login_refused"},
    "sspi-in-spnego": {67: "ntlm_after_kerberos_failure"},
    "ntlm-variants": {8: "ntlm_anonymous", 9: "login_refused"},
    "tls-of-old-servers": {43: "login_refused"},
}
# The same where the key log shows more.
FAULTS_WITH_KEYS = {
    **FAULTS,
    "ft-unknown-user-full-tls": {13: "login_refused"},
    "jdbc-ntlm-badpw-full-tls": {18: "login_refused"},
    "tds8-strict-ted-badpw": {14: "login_refused"},
    "live-entra-full-tls": {16: "slow_login"},
}

# rule: a capture that raises it, and one where it is near and must not be raised.
RULES = {
    "no_syn_answer": ("net-syn-no-answer-ted", "diag-parallel-connect"),  # another attempt was answered
    "unreachable": ("real-syn-icmp-host-prohibited", "mtu-icmp-frag-needed-ignored"),  # it is only too big
    "mtu": ("mtu-black-hole-login", "real-ted-prelogin-payload-dropped"),  # nothing gets through
    "connection_refused": ("routing-to-refused-port-ted", "net-refused-tsql"),  # a port that nobody knows
    "probe": ("diag-probes", "abort-ted-kill-after-prelogin-sent"),  # a word was said
    "pipe_refused": ("smb311-np-samba-pipe-refused", "smb311-np-samba-pipe-unanswered"),
    "pipe_unanswered": ("smb311-np-samba-pipe-unanswered", "smb311-np-samba-pipe-refused"),
    "pipe_broken": ("smb311-np-samba-pipe-broken", "smb21-np-samba-trans-overflow"),  # the client gives up
    "parallel_connect": ("diag-parallel-connect", "diag-probes"),  # two monitors one after the other
    "port_reused": ("diag-ports", "port-reuse"),  # the client reset the connection: the port is free at once
    "no_pooling": ("diag-ports", "srv-too-many-connections"),  # all at once
    "prelogin_unanswered": ("srv-hung-no-prelogin-answer-ted", "diag-one-sided"),  # answered outside the capture
    "prelogin_refused": ("tds7-client-to-tds8-strict-server", "srv-hung-no-prelogin-answer-ted"),  # the client closes
    "encryption_mismatch": ("enc-client-requires-server-none-tsql", "enc-client-login-only-server-none-mono"),
    "instance_mismatch": ("diag-wrong-server", "ft-sql-noenc"),  # the option is there and 0
    "tls_refused_by_server": ("tls-version-mismatch-ted", "diag-slow-steps"),
    "tls_refused_by_client": ("abort-ted-kill-in-tls-handshake", "tls-version-mismatch-ted"),  # the server refuses
    "certificate_expired": ("cert-expired-hello", "crl-wait-client-fin-15s"),  # a silence is no refusal
    "certificate_name": ("cert-name-mismatch-hello", "real-ted-tsql-server-chooses-tls10"),  # it refuses the version
    "tls_alert": ("tls-version-mismatch-odbc", "tls-cert-untrusted-ted"),  # no alert, only a close
    "tls_old": ("tls-of-old-servers", "ft-sql-login-only-tls"),  # TLS 1.2
    "tls_self_signed": ("article-sql", "tls-cert-untrusted-ted"),  # an issuer that the client does not know
    "login_in_clear": ("ft-sql-noenc", "ntlm-odbc-noenc"),  # in clear, but no password in it
    "login_tail_in_clear": ("login-tail-in-clear", "ft-sql-login-only-tls"),
    "no_login_sent": ("odbc-kerberos-no-ticket", "enc-server-requires-client-off-ted"),  # it has a better name
    "client_silent": ("starved-after-prelogin-response", "odbc-kerberos-no-ticket"),  # it closed at once
    "login_unanswered": ("abort-ted-rst-after-login7-sent", "diag-one-sided"),
    "login_refused": ("ft-badpw-noenc", "ted-sqlerrors-noenc"),  # errors of commands
    "login_probably_refused": ("ft-unknown-user-full-tls", "ft-sql-full-tls"),
    "late_confirmation": ("diag-late-confirmation", "slow-ntlm-confirmation-3s-login-only-tls"),  # late, but in time
    "redirected": ("routing-ted-noenc", "ft-sql-noenc"),
    "slow_lookup": ("diag-look-ups", "look-ups-healthy"),  # the client had time
    "redirect_not_followed": ("diag-redirects", "routing-to-refused-port-ted"),  # followed, in vain
    "session_recovered": ("login-options", "fedauth-ted-accesstoken"),
    "certificate_login": ("client-certificate", "ft-sql-login-only-tls"),
    "change_password": ("login-options", "ft-sql-noenc"),
    "read_only_intent": ("routing-hops", "routing-ted-noenc"),
    "version_refused": ("diag-refused-logins", "ft-tds7.1-noenc"),  # an old version that is taken
    "ntlm_used": ("ntlm-odbc-login-only-tls", "odbc-kerberos-login-only-tls"),
    "ntlm_after_kerberos_failure": ("diag-kerberos-failures", "ntlm-odbc-login-only-tls"),
    "ntlm_anonymous": ("ntlm-variants", "ntlm-tedious-noenc"),  # a user, and a domain without a name
    "ntlm_v1": ("ntlm-pytds-v1-refused", "ntlm-tedious-noenc"),
    "spn_unknown": ("odbc-kerberos-unknown-spn", "odbc-kerberos-no-ticket"),  # nobody asked the KDC
    "spn_duplicate": ("diag-kerberos-failures", "odbc-kerberos-unknown-spn"),
    "kerberos_error": ("diag-kerberos-failures", "odbc-kerberos-unknown-spn"),
    "kdc_unanswered": ("kdc-silent-udp", "odbc-kerberos-unknown-spn"),  # the KDC refuses
    "token_refused": ("krb-ap-modified-incomplete", "odbc-kerberos-noenc"),  # an AP-REP
    "slow_domain_controller": ("slow-ntlm-confirmation-3s-login-only-tls", "live-entra-full-tls"),  # a slow token
    "entra_token_wait": ("entra-logins", "fedauth-ted-accesstoken"),  # the token is in LOGIN7
    "slow_login": ("slow-ntlm-confirmation-3s-login-only-tls", "keepalive-idle"),  # a long life, a quick login
    "slow_step": ("slow-ntlm-confirmation-3s-login-only-tls", "srv-too-many-connections"),
    "server_closed_first": ("srv-terminate-backend-idle-odbc", "ft-badpw-noenc"),  # after an error of the login
    "reset_by_client": ("port-reuse", "sqlclient-mono-encrypt"),  # after the client's FIN
    "reset_by_server": ("diag-resets", "routing-to-refused-port-ted"),
    "ended_together": ("failover-all-reset", "diag-resets"),  # one after the other
    "reset_after_close": ("mars-healthy", "port-reuse"),
    "open_at_end": ("net-outage-mid-query-ted", "derived-midstream-odbc-params"),
    "killed": ("srv-kill9-backend-mid-query-odbc", "srv-terminate-backend-idle-odbc"),  # no request waits
    "request_abandoned": ("client-fin-request-open-30s-clean", "odbc-querytimeout2-attention-noenc"),  # with an ATTENTION
    "reset_by_device": ("diag-resets", "diag-ip-id-zero-reset"),  # the server's own TTL
    "keep_alive_timeout": ("diag-keep-alives", "keepalive-idle"),  # all are answered
    "retransmission_timeout": ("net-outage-mid-query-ted", "derived-duplicated-ted-params-noenc"),
    "idle_reset": ("diag-resets", "keepalive-idle"),
    "zero_window": ("zero-window-client-3s", "mars-odbc-big-interleaved-noenc"),
    "slow_response": ("odbc-cancel-attention-noenc", "zero-window-client-3s"),  # slowly read, quickly answered
    "attention": ("odbc-querytimeout2-attention-noenc", "odbc-kerberos-noenc"),  # FreeTDS's, after the answers
    "answer_not_read": ("att-after-complete-response-30s", "odbc-kerberos-noenc"),  # FreeTDS's come at once
    "attention_unacknowledged": ("ted-cancel-attention-noenc", "odbc-cancel-attention-noenc"),
    "sql_error": ("ted-sqlerrors-noenc", "ft-badpw-noenc"),  # the login's error
    "pooled_reuse": ("ted-resetconn-noenc", "ted-transaction-noenc"),
    "mars_bad_flags": ("mars-bad-flags", "mars-healthy"),  # and mars-no-header, where an SMP header is missing
    "mars_syn_from_server": ("mars-syn-from-server", "mars-healthy"),
    "mars_unknown_session": ("mars-unknown-session", "mars-midway"),  # opened before the capture
    "mars_sid_reused_early": ("mars-sid-reused-early", "mars-reused"),  # after both FINs
    "mars_data_after_fin": ("mars-data-after-fin", "mars-healthy"),
    "mars_sequence": ("mars-sequence", "mars-gap"),  # the number that is missing was not captured
    "mars_window_shrunk": ("mars-window-shrunk", "mars-interleaved"),
    "mars_window_exceeded": ("mars-window-exceeded", "mars-stalled"),  # up to the last credit
    "mars_stalled": ("mars-stalled", "mars-window-brake"),  # short of credit, never for long
    "mars_window_brake": ("mars-window-brake", "mars-odbc-big-interleaved-noenc"),
    "mars_session_leak": ("mars-session-leak", "mars-odbc-cancel-one-session"),  # the last one is usual
    "mars_refused": ("mars-refused", "mars-healthy"),
    "mars_unused": ("mars-unused", "mars-healthy"),
    "browser_unanswered": ("ssrp-browser", "ssrp-healthy"),  # the capture ends within the second
    "browser_slow": ("ssrp-browser", "ssrp-healthy"),  # half a second, and no more
    "browser_other_address": ("browser-answer-from-other-address", "ssrp-healthy"),  # one of many that were asked
    "browser_no_tcp": ("ssrp-healthy", "ssrp-browser"),
    "browser_malformed": ("ssrp-browser", "ssrp-healthy"),  # an instance name of 32 bytes
    "joined_midway": ("derived-midstream-odbc-params", "derived-starts-after-login-tls"),  # its LOGINACK is there
    "capture_gap": ("mars-gap", "derived-midstream-odbc-params"),
    "clocks_differ": ("derived-clock-set-back-ft-sql", "derived-duplicated-ted-params-noenc"),
    "duplicated": ("derived-duplicated-ted-params-noenc", "diag-retransmissions"),
    "truncated": ("derived-snaplen96-ted-params", "derived-midstream-odbc-params"),
    "taken_on": ("article-ntlm", "ipv6-ted-sql-noenc"),
    "one_sided": ("diag-one-sided", "net-syn-no-answer-ted"),  # nobody there to answer
}


def path_of(name):
    return next(path for path in captures.ALL if path.stem == name)


@lru_cache(maxsize=None)
def all_findings(with_keys):
    """{capture: {frame: rules that are raised on it}} of all captures, or of those with a key log."""
    return findings.raised(captures.KEYED, captures.all_keys()) if with_keys else findings.raised(captures.ALL)


def found_in(name, with_keys=False):
    return all_findings(with_keys)[path_of(name)]


def found_rules(name):
    return set().union(*found_in(name).values())


def raised(rule, name):
    """The frames that a rule is raised on."""
    return [frame for frame, rules in found_in(name).items() if rule in rules]


def grave(name, with_keys=False):
    """{frame: rules of severity ERROR and WARN in a line}, but for what is told elsewhere."""
    elsewhere = next((rules for start, rules in TOLD_ELSEWHERE.items() if name.startswith(start)), None)
    faults = {frame: sorted(rule for rule in rules & GRAVE if elsewhere is None or not rule.startswith(elsewhere))
              for frame, rules in found_in(name, with_keys).items()}
    return {frame: " ".join(rules) for frame, rules in faults.items() if rules}


@lru_cache(maxsize=None)
def trees_of(name, with_keys, of):
    return captures.trees(path_of(name), "-2", only=of, keys=captures.all_keys() if with_keys else None)


def text_of(name, frame, rule, with_keys=False, of="tdsconn"):
    """What a finding says; of: the protocol that it is said of."""
    tree = trees_of(name, with_keys, of)[frame - 1]
    told = [captures.parsed(line) for line in tree if f'"tdsconn.expert.{rule}"' in line]
    return told[0]["showname"]


def connections(name, *fields):
    """The fields on the last frame of each connection."""
    return wireshark.fields(path_of(name), *fields, two_pass=True, display_filter="tdsconn.last")


# What is raised, and that nothing else is.


@pytest.mark.parametrize("capture", [*captures.REAL, *captures.STORY], ids=captures.name_of)
def test_faults(capture):
    """What its row in captures/README.md or its story tells, and nothing in a healthy capture."""
    assert grave(capture.stem) == FAULTS.get(capture.stem, {})


@pytest.mark.parametrize("capture", captures.KEYED, ids=captures.name_of)
def test_faults_with_keys(capture):
    assert grave(capture.stem, with_keys=True) == FAULTS_WITH_KEYS.get(capture.stem, {})


def test_the_tables_name_captures_that_exist():
    names = {capture.stem for capture in captures.ALL}
    assert set(FAULTS_WITH_KEYS) | {name for pair in RULES.values() for name in pair} <= names


def test_severity_is_on_every_frame_with_a_finding():
    """Of SQL Browser's too, which belong to no connection: tdsconn.severity is what users filter for."""
    grades = {"CHAT": "Chat", "NOTE": "Note", "WARN": "Warning", "ERROR": "Error"}
    order = ["", *grades.values()]
    for capture, rows in captures.columns(captures.ALL, [*findings.COLUMNS, "tdsconn.severity"]).items():
        told = findings.by_frame(rows)
        for row in rows:
            rules = told.get(int(row[findings.NUMBER]), set())
            possible = [{order.index(grades[grade]) for grade in findings.SEVERITIES[rule]} for rule in rules] or [{0}]
            severity = order.index(row["tdsconn.severity"])
            assert max(map(min, possible)) <= severity <= max(map(max, possible)), (capture.stem, row[findings.NUMBER])


@pytest.fixture(scope="module")
def passwords():
    """The frames in which stock Wireshark prints the password of a LOGIN7, as merged.together() names them."""
    together, frames = merged.together()
    ports = ["-d", "tcp.port==1433-3499,tds"]
    rows = wireshark.tshark(together, *ports, "-T", "fields", "-e", "tds.7login.password", bare=True)
    return {frame for frame, password in zip(frames, rows, strict=True) if password}


@pytest.mark.parametrize("capture", captures.REAL, ids=captures.name_of)
def test_a_password_in_clear_is_found_where_wireshark_reads_one(capture, passwords):
    """Stock Wireshark prints the password of a LOGIN7 that it can read."""
    if captures.name_of(capture).startswith(("ft-tds4", "ft-tds5", "jtds-tds4", "derived-snaplen")):
        pytest.skip("Sybase's login record is not LOGIN7; a cut one has no password")
    if captures.name_of(capture).startswith("smb"):
        pytest.skip("stock Wireshark reads no named pipe")
    ours = {f"{capture.stem} frame {frame}" for frame in raised("login_in_clear", capture.stem)}
    assert ours == {frame for frame in passwords if frame.startswith(f"{capture.stem} frame ")}


# Each rule is raised, nearly raised, and can be left out.

def test_table_and_tests_name_the_same_rules():
    assert set(RULES) == set(SEVERITIES)


@pytest.mark.parametrize("rule", RULES)
def test_rule_is_raised(rule):
    assert raised(rule, RULES[rule][0])


@pytest.mark.parametrize("rule", RULES)
def test_rule_is_nearly_raised(rule):
    assert not raised(rule, RULES[rule][1])


@pytest.fixture(scope="module")
def found_without():
    """{rule: what is raised in its capture when it is left out}."""
    turns, before = [], []
    for rule, (name, _) in RULES.items():
        turns.append(([*before, wireshark.setting(f"tdsconn.off.{rule}", "TRUE")], path_of(name)))
        before = [wireshark.setting(f"tdsconn.off.{rule}", "FALSE")]
    told = captures.visits(turns, findings.COLUMNS)
    return {rule: findings.by_frame(rows) for rule, rows in zip(RULES, told, strict=True)}


@pytest.mark.parametrize("rule", RULES)
def test_rule_can_be_left_out(rule, found_without):
    """And no other goes with it."""
    others = {frame: rules - {rule} for frame, rules in found_in(RULES[rule][0]).items()}
    assert found_without[rule] == {frame: rules for frame, rules in others.items() if rules}


@pytest.fixture(scope="module")
def streams():
    """{capture: {frame: its connection}}."""
    told = captures.columns(captures.ALL, ["frame.number", "tdsconn.stream"])
    return {capture.stem: {int(row["frame.number"]): row["tdsconn.stream"] for row in rows} for capture, rows in told.items()}


@pytest.mark.parametrize("capture", [capture for capture in captures.ALL if not capture.stem.startswith(("mars", "srv"))],
                         ids=captures.name_of)
def test_rule_is_raised_once_in_a_connection(capture, streams):
    """Of each connection once, but for what is said of each request."""
    each_request = {"attention", "slow_response", "sql_error", "pooled_reuse", "zero_window", "mars_window_brake"}
    told = [(streams[capture.stem][frame], rule) for frame, rules in found_in(capture.stem).items() for rule in rules - each_request
            if not rule.startswith("browser_")]
    assert len(told) == len(set(told))


@pytest.mark.parametrize("name, frame, rule, severity", [
    ("abort-ted-rst-after-login7-sent", 9, "reset_by_client", "Error"), ("port-reuse", 14, "reset_by_client", "Warning"),
    ("diag-resets", 11, "reset_by_server", "Error"), ("diag-resets", 36, "reset_by_server", "Warning"),
    ("diag-sql-errors", 79, "server_closed_first", "Error"), ("diag-sql-errors", 66, "server_closed_first", "Warning"),
    ("diag-sql-errors", 33, "sql_error", "Warning"), ("ted-sqlerrors-noenc", 16, "sql_error", "Note")])
def test_the_severity_depends_on_the_case(name, frame, rule, severity):
    """An error in the middle of a login, a warning after it; an SQL error that ends the connection."""
    tree = trees_of(name, False, "tdsconn")[frame - 1]
    at = next(i for i, line in enumerate(tree) if f'"tdsconn.expert.{rule}"' in line)
    told = next(captures.parsed(line)["showname"] for line in tree[at:] if '"_ws.expert.severity"' in line)
    assert told == f"Severity level: {severity}"
    assert len(SEVERITIES[rule]) == 2


# What a finding says.


def test_slow_steps_are_blamed_right():
    """The step of 2.5 s; with none the longest; where the client waited between its steps, that."""
    blamed = {frame: re.search(r"of which [0-9.]+ s (.+) \(", text_of("diag-slow-steps", frame, "slow_login"))[1]
              for frame in raised("slow_login", "diag-slow-steps")}
    assert blamed == {11: "TCP handshake", 25: "Driver handshake", 39: "TLS handshake", 53: "Login",
                      69: "Authentication", 84: "Login", 100: "Driver handshake", 114: "TCP handshake",
                      128: "the client, between the steps"}


def test_a_slow_step_is_told_where_it_ends():
    assert raised("slow_step", "diag-slow-steps") == [3, 19, 37, 53, 69, 83, 92, 121]
    between = text_of("diag-slow-steps", 121, "slow_step")
    assert between == "the client took 2.500 s after frame 120 for its PRELOGIN"


@pytest.mark.parametrize("name, keys", [("diag-slow-steps", False), ("slow-ntlm-confirmation-3s-login-only-tls", False),
                                        ("live-entra-full-tls", True)])
def test_the_parts_of_a_slow_login_are_the_whole(name, keys):
    for frame in [frame for frame, rules in found_in(name, keys).items() if "slow_login" in rules]:
        told = text_of(name, frame, "slow_login", keys)
        total = float(re.match(r"(\d+\.\d{3}) s, of which ", told)[1])
        parts = list(map(float, re.findall(r"\d+\.\d{3}", re.search(r"\((.+)\)", told)[1])))
        assert len(parts) == 6
        assert sum(parts) == pytest.approx(total, abs=0.004)


def test_a_reset_is_told_with_its_cause():
    causes = {frame: re.split(": the server|: RST", text_of("diag-resets", frame, "reset_by_server"))[0]
              for frame in raised("reset_by_server", "diag-resets")}
    assert causes == {11: "unexplained", 36: "unexplained", 64: "a device between sent it", 78: "unexplained",
                      91: "after a long silence",
                      104: "no such connection is known there: a restart, another host, or a device that forgot it"}
    assert text_of("diag-keep-alives", 25, "reset_by_client").startswith("keep-alives were not answered: ")
    assert text_of("diag-retransmissions", 18, "reset_by_client").startswith("segments were not acknowledged: ")


def test_the_state_of_18456_is_said_to_hide_the_reason_only_if_it_does():
    hides = "hides the reason by design"
    texts = {frame: text_of("diag-refused-logins", frame, "login_refused")
             for frame in raised("login_refused", "diag-refused-logins")}
    assert {frame for frame, text in texts.items() if hides in text} == {11, 69}
    assert texts[25] == "error 18456 (the server takes Windows logins only): Login failed for user 'orders' (state 58, class 14)"
    assert texts[39].startswith("error 4060 (the database cannot be opened): Cannot open database")


def test_the_timeout_of_a_command_is_told_from_a_cancel():
    texts = {frame: text_of("diag-attentions", frame, "attention").partition(",")[0]
             for frame in raised("attention", "diag-attentions")}
    cancelled = "cancelled by the application or its own timeout"
    assert texts == {14: "command timeout", 32: "command timeout", 49: cancelled}


def test_a_closed_window_is_blamed_on_the_side_that_does_not_read():
    assert text_of("diag-zero-windows", 16, "zero_window").startswith("the server kept its window closed for 3.000 s")
    assert text_of("diag-zero-windows", 38, "zero_window").startswith("the client kept its window closed for 3.000 s")


def test_a_window_that_never_opens_again_explains_the_reset():
    assert "for 3.500 s, from frame 75, to the end" in text_of("diag-zero-windows", 76, "zero_window")
    assert text_of("diag-zero-windows", 76, "reset_by_server").startswith("the other side's window was closed: ")


def test_a_server_that_never_answered_prelogin_did_not_refuse_it():
    """It dropped the connection a minute later."""
    told = text_of("diag-endings", 20, "prelogin_unanswered")
    assert told == "no answer to PRELOGIN in frame 18: closed by the server after 60.000 s"
    assert not raised("prelogin_refused", "diag-endings")


def test_the_first_message_may_end_the_tcp_handshake():
    """Its ACK brings PRELOGIN."""
    rows = dict(wireshark.fields(path_of("diag-endings"), "frame.number", "tdsconn.time.connect", two_pass=True))
    assert Decimal(rows["25"]) == Decimal("0.003")


def test_a_packet_is_described_once():
    """It brings LOGINACK and a redirect."""
    rows = wireshark.fields(path_of("routing-ted-noenc"), "tdsconn.description", two_pass=True,
                            display_filter=f"tdsconn.message == {MESSAGE.ROUTING}")
    assert [described.count("TDS:Response") for described, in rows] == [1]


def test_each_user_of_a_pooled_connection_is_told():
    assert raised("pooled_reuse", "diag-endings") == [29, 31]


def test_kerberos_may_fail_in_the_login_itself():
    """The client sent a ticket, and the server chose NTLM."""
    assert "Kerberos token in frame 62" in text_of("sspi-in-spnego", 67, "ntlm_after_kerberos_failure")


def test_a_wait_that_repeats_is_a_timeout():
    """The same client gave up after 30 s twice; 5 s came once."""
    assert text_of("diag-attentions", 32, "attention").endswith("as long as in frame 14")
    assert text_of("diag-attentions", 49, "attention").startswith("cancelled by the application")


def test_all_errors_of_a_refusal_are_told():
    """Drivers show the last of them."""
    told = text_of("diag-refused-logins", 39, "login_refused")
    assert "error 4060" in told and told.endswith("then error 18456, login failed")


def test_limits_are_preferences():
    limits = {"slow_response": 40000, "zero_window": 4000, "command_timeout": 5000}
    found = findings.raised(map(path_of, ("diag-attentions", "diag-zero-windows")),
                            settings={f"tdsconn.{name}": value for name, value in limits.items()})
    told = {capture.stem: set().union(*rules.values()) for capture, rules in found.items()}
    assert "slow_response" not in told["diag-attentions"] and "slow_response" in found_rules("diag-attentions")
    assert "zero_window" not in told["diag-zero-windows"] and "zero_window" in found_rules("diag-zero-windows")

def test_either_side_alone_is_a_capture_of_one_side():
    """The server's frames are known for TDS without the client's."""
    assert raised("one_sided", "diag-one-sided") == [9, 16]


def test_what_sql_browser_does_wrong_is_told_where_it_does():
    """An answer after 0.7 s is slow; one after 1.2 s comes to a client that waits no more."""
    assert raised("browser_unanswered", "ssrp-browser") == [17, 48, 54, 59, 61]
    assert raised("browser_slow", "ssrp-browser") == [33, 49]
    assert raised("browser_malformed", "ssrp-browser") == [51, 53, 54, 57, 64]


def test_icmp_tells_that_a_request_to_sql_browser_was_in_vain():
    """Also what quotes no byte of the request, but UDP's header alone, as RFC 792 asks for."""
    links = [row for row in wireshark.fields(path_of("ssrp-browser"), "frame.number", "ssrp.unreachable_in",
                                             "ssrp.request_in", two_pass=True) if int(row[0]) in (59, 60, 61, 62)]
    assert links == [("59", "60", ""), ("60", "", "59"), ("61", "62", ""), ("62", "", "61")]
    told = [text_of("ssrp-browser", frame, "browser_unanswered", of="ssrp") for frame in (59, 61)]
    assert "ICMP says in frame 60" in told[0] and "ICMP says in frame 62" in told[1]


def test_a_connection_gets_the_instance_whose_port_sql_browser_named():
    """Also when an earlier client asked; the administrator's port is that of no named instance."""
    assert connections("ssrp-browser", "tdsconn.instance") == [("ORDERS",), ("ORDERS",), ("STOCK",)]
    assert connections("ssrp-healthy", "tdsconn.instance") == [("ORDERS",), ("",)]


def test_a_refused_connection_on_another_port_is_found_when_the_port_is_named():
    """net-refused-tsql goes to a port of which nothing else tells that a SQL Server should be there."""
    capture = path_of("net-refused-tsql")
    assert findings.raised([capture], settings={"tdsconn.tcp.port": "1433,1499"})[capture] == {2: {"connection_refused"}}


# What other analysers get wrong, each with what they do.


def test_an_attention_need_not_be_the_first_packet():
    """They looked for it only there, and so found none."""
    assert raised("attention", "diag-attentions") == [14, 32, 49]


def test_time_that_passed_makes_a_login_slow_not_its_last_step():
    """A slow PRELOGIN answer before a quick LOGINACK went unseen."""
    assert 25 in raised("slow_login", "diag-slow-steps")


@pytest.mark.parametrize("name", ["keepalive-idle", "net-syn-no-answer-ted", "zero-window-client-3s"])
def test_a_long_session_or_repeated_syns_are_no_slow_login(name):
    assert not raised("slow_login", name)


def test_healthy_connections_that_single_segments_hide():
    """LOGINACK in a second segment, several packets in one, no INFO tokens, few PRELOGIN options, IP id 0, packet
    number 2: all were failed logins, or not seen at all."""
    assert not grave("diag-segments")
    rows = connections("diag-segments", "tdsconn.state")
    states = captures.texts("tdsconn.state")
    assert [states[state] for state, in rows] == 6 * ["Logged in"]


def test_few_options_of_prelogin_still_tell_the_encryption():
    texts = captures.texts("tdsconn.encryption")
    rows = connections("diag-segments", "tdsconn.encryption")
    assert texts[rows[3][0]] == texts[rows[0][0]]


def test_ntlm_in_spnego_is_not_kerberos_and_kerberos_needs_no_second_token():
    auth = captures.texts("tdsconn.auth")
    assert auth[connections("sspi-in-spnego", "tdsconn.auth")[0][0]] == "NTLM"
    assert auth[connections("article-kerberos", "tdsconn.auth")[0][0]] == "Kerberos"


def test_frames_with_ip_id_0_are_no_copies():
    """An RST with the id of the SYN-ACK was thrown away, and with it the reset."""
    assert raised("reset_by_server", "diag-ip-id-zero-reset") == [13]
    assert not raised("duplicated", "diag-segments") and not raised("duplicated", "diag-ip-id-zero-reset")


def test_keep_alives_without_a_byte_count():
    """Those of Linux have none; six of them go unanswered."""
    assert text_of("diag-keep-alives", 42, "keep_alive_timeout") == (
        "the path between is broken, or the other host is down: 6 keep-alives of the client without an answer, then silence")


def test_checksums_over_ipv6_are_right():
    """They were found wrong, and the capture to be taken on the sender."""
    assert not raised("taken_on", "ipv6-ted-sql-noenc")


def test_a_probe_is_no_failed_login():
    """Nor is a scan that answers the SYN-ACK with RST."""
    assert raised("probe", "diag-probes") == [4, 10]
    assert raised("probe", "diag-endings") == [3] and not raised("reset_by_client", "diag-endings")
    assert not set(raised("probe", "diag-probes")) & set(grave("diag-probes"))


@pytest.mark.parametrize("name", ["tds8-strict-ted-tls13", "tds8-strict-ftds-head", "live-tds8-no-alpn"])
def test_a_finished_connection_of_tds_8_did_not_fail(name):
    """All of them were failed logins, for no PRELOGIN was seen."""
    assert grave(name) == {}


def test_tls_1_3_is_not_told_as_1_2():
    """The version stands in an extension."""
    rows = wireshark.fields(path_of("tds8-strict-ted-tls13"), "tdsconn.tls.version", display_filter="tdsconn.tls.version")
    assert {row[0] for row in rows} == {"TLS 1.3"}


def test_an_encrypted_refusal_is_told():
    assert raised("login_probably_refused", "ft-unknown-user-full-tls")


@pytest.mark.parametrize("name", ["live-mars-full-tls", "mars-healthy", "sqlclient-mono-encrypt"])
def test_the_reset_after_a_close_is_no_fault(name):
    assert grave(name) == {}


def test_a_failed_ticket_is_held_against_its_own_login_only(streams):
    """Not against another port, nor 11 s later: both logins use NTLM, and are not told to do so for that reason. Nor
    against a password."""
    told = {streams["diag-kerberos-failures"][frame] for frame, rules in found_in("diag-kerberos-failures").items()
            if rules & {"spn_unknown", "spn_duplicate", "kerberos_error"}}
    assert told == {"0", "1", "2", "6"}


def test_a_kdc_may_have_an_ipv6_address():
    """Domain controllers over IPv6 were listed as 0.0.0.0, with no traffic."""
    assert raised("spn_unknown", "diag-kerberos-ipv6") == [14]
    assert "in frame 10" in text_of("diag-kerberos-ipv6", 14, "spn_unknown")


@pytest.mark.parametrize("name", ["ft-sql-noenc", "ntlm-odbc-noenc"])
def test_a_login_in_clear_has_no_tls_version(name):
    """A server with clear logins only was said to use TLS 1.2."""
    rows = connections(name, "tdsconn.encryption", "tdsconn.tls.version")
    texts = captures.texts("tdsconn.encryption")
    assert {(texts[encryption], version) for encryption, version in rows} == {("None", "")}


@pytest.mark.parametrize("name, names, expires", [
    ("tls-cert-untrusted-ted", "sqlsrv.lab.test,localhost,127.0.0.1,10.10.10.10", "2036-11-19"),
    ("cert-expired-hello", "sql.contoso.com", "2023-01-01"),  # from the subject: it has no other name
    ("article-sql", "SSL_Self_Signed_Fallback", "2040-03-01")])
def test_the_certificate_tells_for_whom_it_is_and_until_when(name, names, expires):
    """On its frame and on the last, in any time zone."""
    known = "tdsconn.tls.certificate.names"
    rows = wireshark.fields(path_of(name), known, two_pass=True, display_filter=known)
    assert {row[0] for row in rows} == {names} and len(rows) >= 2
    until = "tdsconn.tls.certificate.expires"
    day = f'{until} >= "{expires} 00:00:00Z" && {until} <= "{expires} 23:59:59Z"'
    assert len(wireshark.fields(path_of(name), "frame.number", two_pass=True, display_filter=day)) == len(rows)


@pytest.mark.parametrize("name", ["article-ntlm", "odbc-kerberos-login-only-tls", "srv-too-many-connections"])
def test_times_are_not_rounded(name):
    """Times of pcapng were rounded to a millisecond."""
    at = {frame: Decimal(time) for frame, time in wireshark.fields(path_of(name), "frame.number", "frame.time_epoch")}
    syns = {stream: frame for stream, frame in reversed(wireshark.fields(
        path_of(name), "tdsconn.stream", "frame.number", two_pass=True, display_filter=f"tdsconn.message == {MESSAGE.SYN}"))}
    logins = connections(name, "tdsconn.stream", "tdsconn.login.frame", "tdsconn.time.total")
    ended = [(stream, frame, Decimal(total)) for stream, frame, total in logins if total]
    assert ended and all(at[frame] - at[syns[stream]] == total for stream, frame, total in ended)


# Of their other mistakes there is no counterpart here: tdsconn has no table of DNS answers and none of packet sizes. That
# each column has its own value is told of the tables in test_statistics.
