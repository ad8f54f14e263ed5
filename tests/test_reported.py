# SPDX-License-Identifier: GPL-2.0-or-later
"""Situations that people report in public: the finding that answers the report, and no other error or warning."""

import pytest

import captures
import findings

# {capture: {frame: {rule: what its text must say}}}: all errors and warnings, and the notes that answer the report.
SAYS = {
    "agreed-on-no-hello": {
        6: {"no_login_sent": "reset by the client after PRELOGIN, with no ClientHello: it could not begin TLS",
            "reset_by_client": "while the client owed its ClientHello or LOGIN7"}},
    "att-after-complete-response-30s": {
        15: {"answer_not_read": "30.000 s after the request in frame 12, .* complete in frame 13, .* command timeout"}},
    "azure-redirect-hidden-11003-blocked": {
        15: {"redirected": "probably sent the client to 20.42.99.7, port 11003, in connection 1: TLS hides it"},
        18: {"no_syn_answer": "4 SYNs and no answer in 7.000 s: .*; connection 0 probably sent the client here .Azure's redirect"}},
    "backlog-refused-between-good": {
        frame: {"connection_refused": "accept queue was full, probably: RST .* after connection [0369] to the same port was accepted"}
        for frame in (13, 15, 28, 30, 43, 45, 58, 63)},
    "browser-answer-from-other-address": {
        frame: {"browser_other_address": f"frame {frame - 1} went to 10.1.0.20, the answer comes from 10.1.0.21: firewalls"}
        for frame in (2, 4)},
    "browser-ok-port-blocked-2-syns": {
        4: {"no_syn_answer": "2 SYNs and no answer in 19.897 s: .*; SQL Browser named this port for ORDERS in frame 2$"}},
    "cert-expired-hello": {
        8: {"certificate_expired": "the certificate expired 2023-01-01, the capture is of 2025-10-09",
            "tls_refused_by_client": 'the certificate expired 2023-01-01, .* "sql.contoso.com"'}},
    "cert-name-mismatch-hello": {
        8: {"certificate_name": "client asked for sql.contoso.com, the certificate is for WIN-4QT7.corp.local$",
            "certificate_expired": "valid from 2026-11-28 on, the capture is of 2025-10-09",  # made a year later
            "tls_refused_by_client": "the client asked for sql.contoso.com, the certificate is for WIN-4QT7"}},
    "client-fin-request-open-30s-clean": {
        14: {"request_abandoned": "closed by the client 30.000 s after its request in frame 12, .* looks like a time-out"}},
    "client-never-logs-in-server-closes-15s": {
        11: {"client_silent": "client owed its LOGIN7 since frame 9: closed by the server after 15.001 s",
             "server_closed_first": "while the client owed its LOGIN7"}},
    "client-tls-though-server-not-sup": {
        7: {"encryption_mismatch": "ENCRYPT_NOT_SUP in frame 5, the client begins TLS all the same: closed by the server",
            "server_closed_first": "while the server owed its ServerHello"}},
    "crl-wait-client-fin-15s": {
        9: {"client_silent": "owed its key exchange since frame 7: closed by the client after 14.995 s; .*revocation list"}},
    "dup-linux-15-retries": {
        30: {"retransmission_timeout": "frame 15 of the client was sent 16 times over 804.600 s and got no ACK, .*; 300 s of silence"}},
    "dup-one-lost-segment-in-result": {},
    "epa-no-bindings-18452": {
        13: {"login_refused": "error 18452 .the domain refused the credentials, .*, or Extended Protection: AUTHENTICATE has no channel bindings"}},
    "full-tls-attention-30s": {
        17: {"attention": "command timeout, inferred: .* 8 bytes in TLS, .* 30.000 s after the encrypted request in frame 15"}},
    "full-tls-slow-35s": {
        17: {"slow_response": "35.000 s .* the encrypted request in frame 15, inferred"}},
    "failover-all-reset": {
        57: {"ended_together": "ends 4 connections within 0.003 s, from frame 57 to 60: a failover, a restart"},
        **{frame: {"ended_together": "together with connection 0: see frame 57"} for frame in (58, 59, 60)},
        **{frame: {"connection_refused": "nobody listens on this port"} for frame in (62, 64, 66)}},
    "idle-5min-then-black-hole": {
        21: {"retransmission_timeout": "frame 15 of the client was sent 6 times over 9.300 s .*; 300 s of silence came before",
             "reset_by_client": "segments were not acknowledged"}},
    "idle-keepalives-request-reset": {
        134: {"idle_reset": "first request after 1795 s of silence, with keep-alives only",
              "reset_by_server": "after a long silence"}},
    "idle-keepalives-then-server-reset-30min": {
        133: {"idle_reset": "limit for idle .* after 1800 s of silence, with keep-alives only",
              "reset_by_server": "after a long silence"}},
    "idle-request-reset-full-tls": {
        16: {"idle_reset": "first request after 350 s of silence", "reset_by_server": "after a long silence"}},
    "kdc-silent-udp": {
        13: {"client_silent": "owed its LOGIN7 since frame 9: closed by the client after 21.001 s; the KDC 10.1.0.5 answered "
                              "none of 3 requests, the first in frame 10$",
             "kdc_unanswered": "10.1.0.5 answered none of 3 requests, the first in frame 10, 20.990 s before"}},
    "krb-ap-modified-incomplete": {
        12: {"token_refused": r"KRB_AP_ERR_MODIFIED \(41\) for MSSQLSvc/sql.contoso.com:1433: .*another account"}},
    "login7-one-packet-4800-noenc-reset": {
        11: {"reset_by_server": "answer to LOGIN7: LOGIN7 has a packet of 4933 bytes, and before the login the limit is 4096"}},
    "mlkem-hello2-black-hole-at-client": {
        15: {"mtu": "segments of 1460 bytes of the client get no ACK, shorter ones behind them do",
             "no_login_sent": "closed by the client 14.996 s after its ClientHello, sent 7 times over 12.600 s and never acknowledged, which nobody",
             "retransmission_timeout": "frame 7 of the client was sent 7 times over 12.600 s and got no ACK"}},
    "mtu-black-hole-certificate-client-side": {
        9: {"mtu": "1460 bytes of the server before frame 7 never arrived, segments of up to 1369 bytes did",
            "retransmission_timeout": r"1460 bytes of the server \(its ServerHello\) before frame 7 never arrived, as frame 8 "
                                      "says, then closed after 14.994 s"}},
    "mtu-black-hole-login": {
        19: {"mtu": "segments of 1460 bytes of the client get no ACK, shorter ones behind them do",
             "login_unanswered": "login in frame 12: reset by the client after 15.000 s, sent 6 times over 9.300 s",
             "reset_by_client": "segments were not acknowledged",
             "retransmission_timeout": "frame 12 of the client was sent 6 times over 9.300 s and got no ACK"}},
    "mtu-icmp-frag-needed-ignored": {
        25: {"mtu": "ICMP in frame 13, from 10.9.0.1, asks for packets of 1400 bytes at most; segments of 1460 bytes go on",
             "login_unanswered": "login in frame 12: reset by the client after 15.000 s, sent 6 times over 9.300 s",
             "reset_by_client": "segments were not acknowledged",
             "retransmission_timeout": "frame 12 of the client was sent 6 times over 9.300 s and got no ACK"}},
    "ntlm-challenge-client-closes": {
        12: {"client_silent": "owed its token since frame 11: closed by the client after 0.008 s; .*NTLM"}},
    "one-way-keepalive-answers-lost-seen-at-server": {
        63: {"keep_alive_timeout": "answers do not reach the client: 10 keep-alives of it though",
             "reset_by_client": "the answers to its keep-alives do not reach it"}},
    "pool-reset-18456": {
        15: {"sql_error": "error 18456 .login failed., .* the pooled connection could not be reset"},
        16: {"server_closed_first": "0.003 s"}},
    "real-freetds-krb-error-from-server": {
        9: {"token_refused": r"KRB_AP_ERR_BAD_INTEGRITY \(31\) for MSSQLSvc/sql.lab.test:1433: .*another account"}},
    "real-impacket-kdc-refuses-tgs-req": {
        61: {"no_login_sent": "the KDC refused it a ticket in frame 59",
             "kerberos_error": r"KRB_AP_ERR_INAPP_CKSUM \(50\) for MSSQLSvc/sql.CORP.TEST:1433 in frame 59"}},
    "real-syn-icmp-host-prohibited": {
        1: {"unreachable": "host administratively prohibited, a firewall refuses it: ICMP in frame 2, from 10.77.0.2"},
        3: {"unreachable": "host administratively prohibited, a firewall refuses it: ICMP in frame 4, from 10.77.0.2"}},
    "real-ted-event-loop-blocked": {
        16: {"answer_not_read": "6.011 s after the request in frame 12, .* 5.961 s before, and acknowledged"}},
    "real-ted-prelogin-payload-dropped": {
        11: {"prelogin_unanswered": "PRELOGIN in frame 4 .* sent 8 times over 13.287 s and never acknowledged",
             "retransmission_timeout": "frame 4 of the client was sent 8 times over 13.287 s and got no ACK"}},
    "real-ted-tsql-server-chooses-tls10": {
        10: {"tls_refused_by_client": r"server chose TLS 1.0, the client takes no less than a later version: .* \(alert 70",
             "tls_alert": r"the client sends the fatal alert protocol_version \(70\)"},
        25: {"login_unanswered": "no answer to the client's Finished in frame 23: closed by the client after 19.997 s"}},
    "slow-request-lost-twice-client-side": {
        40: {"slow_response": "9.003 s, of which 9.001 s until the server acknowledged the request, sent 3 times"}},
    "slow-response-lost-server-side": {
        43: {"slow_response": "answer in frame 37 arrived after 9.299 s: it was sent 6 times"}},
    "starved-after-prelogin-response": {
        7: {"client_silent": "owed its ClientHello or LOGIN7 since frame 5: closed by the client after 15.097 s"}},
    "starved-no-prelogin-client-fin-15s": {
        4: {"client_silent": "owed its PRELOGIN since frame 3: closed by the client after 14.999 s; a login time-out of a busy client, or a check by hand"}},
    "strict-cert-untrusted-tls13-alert": {
        9: {"tls_refused_by_client": "closed after the server's certificate, which TLS 1.3 hides"}},
    "syn-challenge-ack-never": {8: {"no_syn_answer": "4 SYNs, and the server answers with an ACK of another connection: an older one"}},
    "syn-icmp-net-unreachable": {1: {"unreachable": "network unreachable, .* no way .*: ICMP in frame 2, from 10.9.0.1"}},
    "syn-lost-twice": {
        5: {"slow_step": "3.002 s, of which 3.000 s until SYN was acknowledged, sent 3 times"},
        9: {"slow_login": "3.002 s TCP handshake .*, of which 3.000 s until SYN was acknowledged, sent 3 times"}},
    "syn-refused-by-firewall-ttl": {
        16: {"connection_refused": "a device between refuses it: .* with TTL 64, while this server has 126"}},
    "synack-lost-seen-at-server": {
        11: {"no_syn_answer": "sent its SYN-ACK 6 times over 9.010 s and got no ACK: the way back to the client"}},
    "tls-dhe-client-reset": {
        8: {"tls_refused_by_client": "the suite is TLS_DHE: known to fail now and then between Windows versions; .* 2026",
            "certificate_expired": "valid from 2026-11-28 on, the capture is of 2025-10-09",  # made a year later
            "reset_by_client": "while the client owed its key exchange"}},
    "tls-server-silent-after-client-finished-15s": {
        10: {"login_unanswered": "no answer to the client's Finished in frame 8: closed by the client after 14.993 s"}},
}

# Captures of the lab: their KDC refuses the account, and names no service.
SAYS_OF_LAB = {
    "ad-kdc-client-disabled-impacket": {
        21: {"no_login_sent": "the KDC refused it a ticket in frame 19",
             "kerberos_error": r"KDC_ERR_CLIENT_REVOKED \(18\) for the client's account in frame 19: .* disabled"}},
    "ad-kdc-client-unknown-impacket": {
        21: {"no_login_sent": "the KDC refused it a ticket in frame 19",
             "kerberos_error": r"KDC_ERR_C_PRINCIPAL_UNKNOWN \(6\) for the client's account in frame 19: .* not know"}},
}
ANSWERED = captures.REPORTED + [capture for capture in captures.LAB if capture.stem in SAYS_OF_LAB]


@pytest.fixture(scope="module")
def told():
    """{name of the capture: {(frame, rule): (severity, text)}}"""
    return {capture.stem: found for capture, found in findings.texts_of(ANSWERED).items()}


def test_each_capture_has_its_answer():
    assert set(SAYS) == {capture.stem for capture in captures.REPORTED}


@pytest.mark.parametrize("name", SAYS | SAYS_OF_LAB)
def test_the_answer(name, told):
    findings.check_answer(told[name], (SAYS | SAYS_OF_LAB)[name])
