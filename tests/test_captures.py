# SPDX-License-Identifier: GPL-2.0-or-later
"""What really happened in each capture, as captures/README.md tells it, is what the plugin says at its end.

The rows are written from the README, never from the plugin's output. A set holds all the answers that are right.
"""

import pytest

import captures

CLIENT_OR_SERVER_FIN = {"Normal", "Server closed first"}
# The server's TCP takes the client's FIN, and then the capture ends.
HALF_CLOSED = {"Normal", "Open at end of capture"}
RESET_AFTER_SERVER = {"Server closed first", "Reset after close"}
# Nobody answered PRELOGIN, so nothing was agreed.
UNANSWERED = {"Unknown", "None"}

# The truth of a connection, where its row does not say otherwise: an SQL login in clear, ended by the client.
USUAL = {"state": "Logged in", "auth": "SQL", "basis": "Seen", "encryption": "None", "close": "Normal",
         "mars": False, "user": "app_user", "spid": set(), "errors": []}


def login(**differs):
    """An SQL login in clear but for what DIFFERS."""
    return USUAL | differs


def ntlm(**differs):
    """An NTLM login of which AUTHENTICATE can be seen."""
    return login(auth="NTLM", user=r"LAB\alice") | differs


def kerberos(**differs):
    """A Kerberos login; a ticket names no user."""
    return login(auth="Kerberos", user="") | differs


def login_only(**differs):
    """An SQL login of which LOGIN7 alone is encrypted."""
    return login(encryption="Login only", basis="Inferred", user="") | differs


def hidden(auth="SQL", **differs):
    """A login under full encryption, without its key log: AUTH may be inferred and is never seen."""
    windows = {"Windows"} if auth in ("NTLM", "Kerberos") else set()
    return login(auth={"Unknown", auth} | windows, basis={"Unknown", "Inferred"}, encryption="Full",
                 close="Reset after close", user="") | differs


def unfinished(**differs):
    """A connection that ends before any login is sent."""
    return login(state="Login unfinished", auth="Unknown", basis="Unknown", user="") | differs


REFUSED = {"state": "Login failed", "errors": [18456]}
TOO_MANY = {"state": "Login failed", "errors": [33557097], "close": CLIENT_OR_SERVER_FIN}

TRUTH = {
    "abort-ted-kill-after-prelogin-sent": [unfinished(close="Client reset")],
    "abort-ted-kill-in-tls-handshake": [unfinished(encryption="Full", close="Client reset")],
    "abort-ted-rst-after-login7-sent": [login(state="Login unfinished", close="Client reset")],
    "derived-clock-set-back-ft-sql": [login()],
    "derived-duplicated-ted-params-noenc": [login()],
    "derived-midstream-odbc-params": [unfinished(state="Joined midway", encryption=UNANSWERED)],
    "derived-snaplen96-ted-params": [login(auth={"Unknown", "SQL"}, basis={"Unknown", "Inferred"},
                                           encryption=UNANSWERED, user="")],
    "derived-starts-after-login-tls": [login_only(auth={"Unknown", "SQL"}, basis={"Unknown", "Inferred"},
                                                  encryption={"Unknown", "Login only"})],
    "enc-client-login-only-server-none-mono": [login()],
    "enc-client-requires-server-none-tsql": [unfinished()],
    "enc-server-requires-client-off-ted": [unfinished()],
    "fedauth-ted-accesstoken": [hidden("Entra", close="Normal", spid={3})],
    "ft-badpw-login-only-tls": [login_only(**REFUSED, auth="Unknown", basis="Unknown", close="Server closed first")],
    "ft-badpw-noenc": [login(**REFUSED, close=CLIENT_OR_SERVER_FIN)],
    "ft-sql-full-tls": [hidden()],
    "ft-sql-login-only-tls": [login_only()],
    "ft-sql-noenc": [login()],
    "ft-tds4.2-login-no-reply-timeout": [login(state="Login unfinished")],
    "ft-tds5.0-login-no-reply-timeout": [login(state="Login unfinished")],
    "ft-tds7.0-nologin-reply-timeout": [login(state="Login unfinished")],
    "ft-tds7.1-noenc": [login()],
    "ft-tds7.2-noenc": [login()],
    "ft-unknown-user-full-tls": [hidden(state="Login failed")],
    "go-bulk-transaction-noenc": [login(spid={51}, errors=[208])],
    "go-not-sup-server-requires": [unfinished(close=RESET_AFTER_SERVER)],
    "ipv6-ted-sql-noenc": [login()],
    "jdbc-ntlm-badpw-full-tls": [hidden("NTLM", state={"Login failed", "Logging in"}, close="Server closed first")],
    "jdbc-token-full-tls": [hidden("Entra", state={"Logged in", "Logging in"}, close="Normal")],
    "jtds-tds4.2-closed-by-server": [login(state="Login unfinished", close="Server closed first")],
    "keepalive-idle": [login()],
    "loopback-ipv4-ted-full-tls": [hidden()],
    "mars-odbc-cancel-one-session": [login(mars=True)],
    "mars-odbc-big-interleaved-noenc": [login(mars=True)],
    "mars-odbc-client-sigkill": [login(mars=True)],
    "mars-odbc-login-only-tls": [login_only(mars=True)],
    "mars-odbc-noenc": [login(mars=True)],
    "mars-sqlclient-mono-interleaved": [login(mars=True)],
    "mars-sqlclient-mono-login-only-tls": [login_only(mars=True)],
    "net-outage-mid-query-ted": [login(close="Open at end of capture")],
    # Port 1499, and no TDS byte: nothing there tells that a SQL Server was meant.
    "net-refused-tsql": [],
    "net-syn-no-answer-ted": [unfinished(state="Connecting", encryption="Unknown", close="Open at end of capture")],
    "nontds-http-server-on-1433": [unfinished(encryption=UNANSWERED, close="Reset after close")],
    "ntlm-odbc-badpw-login-only-tls": [ntlm(**REFUSED, encryption="Login only")] * 2,
    "ntlm-odbc-full-tls": [hidden("NTLM")],
    "ntlm-odbc-login-only-tls": [ntlm(encryption="Login only")],
    "ntlm-odbc-noenc": [ntlm()],
    "ntlm-pytds-v1-refused": [ntlm(**REFUSED, close="Server closed first")],
    "ntlm-tedious-full-tls": [hidden("NTLM")],
    "ntlm-tedious-noenc": [ntlm()],
    "odbc-cancel-attention-noenc": [login()],
    "odbc-kerberos-full-tls": [hidden("Kerberos")],
    "odbc-kerberos-login-only-tls": [kerberos(encryption="Login only")],
    "odbc-kerberos-no-ticket": [unfinished()] * 2,
    "odbc-kerberos-noenc": [kerberos()],
    "odbc-kerberos-unknown-spn": [unfinished()] * 2,
    "odbc-mars-refused-by-server-noenc": [login()],
    "odbc-querytimeout2-attention-noenc": [login(close=HALF_CLOSED)],
    "pktsize-512-ted": [login()],
    "port-reuse": [login(close="Client reset")] * 2,
    "port57139-ntlm-noenc": [ntlm()],
    "pytds-full-tls-numbered-on": [hidden(close="Normal")],
    "pytds-kerberos-noenc": [kerberos()],
    "pytds-simple-noenc": [login()],
    "routing-sqlclient-mono": [login(state="Redirected", spid={3}), login_only()],
    "routing-ted-noenc": [login(state="Redirected", spid={1}), login()],
    "routing-to-refused-port-ted": [login(state="Redirected", spid={1}),
                                    unfinished(state="Connecting", encryption="Unknown", close="Server reset")],
    "slow-ntlm-confirmation-3s-login-only-tls": [ntlm(encryption="Login only")],
    "sqlclient-mono-encrypt": [hidden()],
    "sqlclient-mono-simple": [login_only()],
    "smb1-np-samba": [login(user="sa", spid={55})],
    "smb1-np-samba-trans": [login(user="sa", spid={55})],
    "smb2-np-impacket-byte-mode-reads-cross-packets": [login(user="sa", spid={55})],
    "smb2-np-impacket-full-tls": [hidden(close="Normal", spid={55})],
    "smb2-np-impacket-login-only": [login_only(spid={55})],
    "smb2-np-impacket-trans-clear": [login(user="sa", spid={55})],
    "smb21-np-samba-ntlm-signed": [login_only(spid={55})],
    "smb21-np-samba-trans-overflow": [login(user="sa", spid={55})],
    # Nothing tells what is encrypted: test_smb_encryption.py has the keys.
    "smb30-np-samba-encrypted": [],
    "smb311-file-that-looks-like-prelogin": [],
    "smb311-np-samba-encrypted": [],
    "smb311-np-samba-kerberos-signed": [login_only(spid={55})],
    "smb311-np-samba-pipe-broken": [login(user="sa", spid={55}, close="Server closed first")],
    "smb311-np-samba-pipe-refused": [unfinished(state="Connecting", encryption="Unknown", close="Server closed first")],
    "smb311-np-samba-pipe-unanswered": [unfinished(state="Connecting", encryption="Unknown")],
    "smb311-np-samba-read-before-write": [login_only(spid={55})],
    "srv-hung-no-prelogin-answer-ted": [unfinished(encryption=UNANSWERED, close=HALF_CLOSED)],
    "srv-kill9-backend-mid-query-odbc": [login(close="Server closed first")],
    "srv-terminate-backend-idle-odbc": [login(close={"Server closed first", "Server reset"})],
    "srv-too-many-connections": [login(**TOO_MANY)] + [login()] * 9 + [login(**TOO_MANY)] * 4,
    "tds7-client-to-tds8-strict-server": [unfinished(encryption=UNANSWERED, close="Server closed first")],
    "tds8-strict-client-to-plain-tds7-server": [unfinished(encryption="Strict", close="Server closed first")],
    "tds8-strict-ftds-head": [hidden(encryption="Strict")],
    "tds8-strict-ted-badpw": [hidden(encryption="Strict", state="Login failed", close=RESET_AFTER_SERVER)],
    "tds8-strict-ted-tls13": [hidden(encryption="Strict")],
    "ted-bulkload-noenc": [login(user="babelfish_user")],
    "ted-cancel-attention-noenc": [login(close=HALF_CLOSED)],
    "ted-ntlm-rejected-noenc": [ntlm(state="Login failed", errors=[33557097], user="", close="Server closed first")],
    "ted-resetconn-noenc": [login()],
    "ted-sqlerrors-noenc": [login(errors=[33557097, 8134, 50000, 33557097])],
    "ted-transaction-noenc": [login()],
    "tls-cert-untrusted-ted": [unfinished(encryption="Full", close="Reset after close")],
    "tls-in-type4-ted": [hidden(close="Normal")],
    "tls-record-split-eom-tsql": [hidden(close="Normal")],
    "tls-version-mismatch-odbc": [unfinished(encryption="Full")] * 2,
    "tls-version-mismatch-ted": [unfinished(encryption="Full", close="Server closed first")],
    "zero-window-client-3s": [login()],
}

# With the key log nothing is hidden; what is not named here is as without.
OPENED = {
    "fedauth-ted-accesstoken": {"auth": "Entra", "user": ""},
    "ft-badpw-login-only-tls": {},
    "ft-sql-full-tls": {},
    "ft-sql-login-only-tls": {},
    "ft-unknown-user-full-tls": {"errors": [18456], "user": "nobody"},
    "jdbc-ntlm-badpw-full-tls": {"state": "Login failed", "auth": "NTLM", "user": r"CONTOSO\app_user", "errors": [18456]},
    "jdbc-token-full-tls": {"state": "Logged in", "auth": "Entra", "user": "", "spid": {51}},
    "loopback-ipv4-ted-full-tls": {},
    "mars-odbc-login-only-tls": {},
    "mars-sqlclient-mono-login-only-tls": {},
    "ntlm-odbc-badpw-login-only-tls": {"auth": "NTLM", "user": r"LAB\alice"},
    "ntlm-odbc-full-tls": {"auth": "NTLM", "user": r"LAB\alice"},
    "ntlm-odbc-login-only-tls": {"auth": "NTLM", "user": r"LAB\alice"},
    "ntlm-tedious-full-tls": {"auth": "NTLM", "user": r"LAB\alice"},
    "odbc-kerberos-full-tls": {"auth": "Kerberos", "user": ""},
    "odbc-kerberos-login-only-tls": {"auth": "Kerberos", "user": ""},
    "pytds-full-tls-numbered-on": {"spid": {51}},
    "routing-sqlclient-mono": {},
    "slow-ntlm-confirmation-3s-login-only-tls": {"auth": "NTLM", "user": r"LAB\alice"},
    "sqlclient-mono-encrypt": {},
    "sqlclient-mono-simple": {},
    "tds8-strict-ftds-head": {},
    "tds8-strict-ted-badpw": {"errors": [18456]},
    "tds8-strict-ted-tls13": {},
    "tls-in-type4-ted": {},
    "tls-record-split-eom-tsql": {},
}

FIELDS = {"state": "tdsconn.state", "auth": "tdsconn.auth", "basis": "tdsconn.auth.basis",
          "encryption": "tdsconn.encryption", "close": "tdsconn.close", "mars": "tdsconn.mars",
          "login": "tdsconn.login.user", "domain": "tdsconn.ntlm.domain", "user": "tdsconn.ntlm.user"}
STREAM, SPID, ERRORS = EVERY_FRAME = ["tdsconn.stream", "tdsconn.spid", "tdsconn.error.number"]


def said(chosen, keys=None):
    """What the plugin says of each connection of CHOSEN: {capture's name: {number: row as in TRUTH}}."""
    told = captures.columns(chosen, [*EVERY_FRAME, captures.LAST, *FIELDS.values()], keys)
    return {capture.stem: connections(frames) for capture, frames in told.items()}


def connections(frames):
    """{number: row as in TRUTH} of the frames of a capture."""
    found = {}
    for frame in (frame for frame in frames if frame[STREAM]):
        row = found.setdefault(int(frame[STREAM]), {"spid": set(), "errors": []})
        row["spid"] |= {int(frame[SPID])} if frame[SPID] else set()
        row["errors"] += [int(number) for number in frame[ERRORS].split(",") if number]
        if frame[captures.LAST]:
            row |= final({what: frame[name] for what, name in FIELDS.items()})
    return found


def final(told):
    """The final fields of a connection's last frame."""
    row = {what: told[what] for what in ("state", "auth", "basis", "encryption", "close")}
    row["mars"] = told["mars"] == "True"
    row["user"] = "\\".join(filter(None, (told["domain"], told["user"]))) or told["login"]
    return row


def each_fact(table):
    """A test for each fact of each connection of TABLE."""
    for name, rows in table.items():
        for number, row in enumerate(rows):
            for what, truth in row.items():
                yield pytest.param(name, number, what, truth, id=f"{name}-{number}-{what}")


def opened(name):
    """The rows of TRUTH as they are when the key log is at hand."""
    return [row | {"auth": "SQL", "basis": "Seen"} | ({"user": "app_user"} if not row["user"] else {}) | OPENED[name]
            for row in TRUTH[name]]


@pytest.fixture(scope="module")
def seen():
    return said(captures.REAL)


@pytest.fixture(scope="module")
def seen_with_keys():
    return said(map(captures.real, OPENED), captures.all_keys())


def assert_right(answer, truth, what):
    """A set as the truth holds all the right answers, but for SPIDs, of which there are many."""
    assert answer in truth if isinstance(truth, set) and what != "spid" else answer == truth


def test_every_capture_has_its_truth():
    assert set(TRUTH) == {capture.stem for capture in captures.REAL}


@pytest.mark.parametrize("name", TRUTH)
def test_connections(name, seen):
    assert sorted(seen[name]) == list(range(len(TRUTH[name])))


@pytest.mark.parametrize("name, number, what, truth", [*each_fact(TRUTH)])
def test_fact(name, number, what, truth, seen):
    assert_right(seen[name][number][what], truth, what)


@pytest.mark.parametrize("name", TRUTH)
def test_basis_and_mechanism_agree(name, seen):
    """Unknown has no basis, and whatever is known has one."""
    for row in seen[name].values():
        assert (row["auth"] == "Unknown") == (row["basis"] == "Unknown")


@pytest.mark.parametrize("name, number, what, truth", [*each_fact({name: opened(name) for name in OPENED})])
def test_fact_with_keys(name, number, what, truth, seen_with_keys):
    assert_right(seen_with_keys[name][number][what], truth, what)
