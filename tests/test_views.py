# SPDX-License-Identifier: GPL-2.0-or-later
"""The places in Wireshark where people look, as far as tshark and sharkd have them: Flow Graph, Credentials, Follow."""

import re

import pytest

import wireshark

REAL = wireshark.CAPTURES / "real"
STORY = wireshark.CAPTURES / "story"

# A line of the ladder, "|time| label | |comment", and the arrow below it, with a port at each end.
ARROW = re.compile(r"\|(?P<time>[0-9.]+)\|\s*(?P<label>[^|]*[^| ])[| ]*\|(?P<comment>.*)$")
POINTS_RIGHT = re.compile(r"\(\d+\) +-+> +\(\d+\)")


def ladder(capture, keys=None):
    """The arrows as (side, label, comment): > from the node that stands left, < from the other. tshark cuts labels."""
    lines = wireshark.tshark(capture, "-2", "-q", "-z", "flow,tdsconn,standard", keys=keys)[2:]
    lines = [line for line in lines if line.strip("-")]
    for label, arrow in zip(lines[::2], lines[1::2], strict=True):
        found = ARROW.search(label)
        yield ">" if POINTS_RIGHT.search(arrow) else "<", found["label"], found["comment"]


def test_flow_graph_is_the_ladder_of_the_article():
    """Each arrow with its code and its step; tshark has room for 20 characters of a label."""
    assert [(side, label, comment.partition(":")[0]) for side, label, comment in
            ladder(STORY / "article-kerberos.pcapng")] == [
        (">", "S SYN", "TCP handshake"),
        ("<", "SA SYN-ACK", "TCP handshake"),
        (">", "A ACK", "TCP handshake"),
        (">", "PL PRELOGIN", "Driver handshake"),
        ("<", "PR PRELOGIN response", "Driver handshake"),
        (">", "CH TLS ClientHello", "TLS handshake"),
        ("<", "SH TLS ServerHello", "TLS handshake"),
        (">", "KE TLS client key ex", "TLS handshake"),
        ("<", "CF TLS server Finish", "TLS handshake"),
        (">", "L7* LOGIN7 (encrypte", "Login"),
        ("<", "SR Kerberos AP-REP", "Authentication"),
        ("<", "LA LOGINACK", "Login confirmation"),
        (">", "F FIN", "Close"),
        ("<", "F FIN", "Close"),
    ]


@pytest.mark.parametrize("name", ["ntlm-odbc-noenc", "ntlm-odbc-login-only-tls", "odbc-kerberos-noenc",
                                  "ft-badpw-noenc", "ft-sql-full-tls", "tds8-strict-ted-badpw", "ft-tds7.1-noenc"])
def test_codes_of_the_ladder_are_those_of_the_progress(name):
    """Two ways to the same: the field was written while the connection was read, the ladder is made of its frames."""
    capture = REAL / f"{name}.pcapng"
    keys = wireshark.keys_of(capture)
    told = wireshark.fields(capture, "tdsconn.progress", two_pass=True, keys=keys,
                            display_filter="tdsconn.last && tdsconn.stream == 0")[0][0]
    progress = told.partition(" …")[0].split()
    # Alerts and tickets have no code.
    arrows = [side + label.split()[0] for side, label, _ in ladder(capture, keys=keys) if not label.startswith("TLS ")]
    assert len(progress) > 5
    assert arrows[:len(progress)] == progress


def test_flow_graph_names_the_session_and_what_is_in_its_packet():
    labels = [label for _, label, _ in ladder(REAL / "mars-odbc-noenc.pcapng")]
    assert labels[7:10] == ["MS0 SMP SYN", "MD0 SQL batch", "MD0 Response"]
    assert {"MS1 SMP SYN", "MD1 SQL batch", "MD1 Response", "MF1 SMP FIN"} <= set(labels)


def test_comment_is_what_is_wrong_with_the_frame():
    comments = {label: comment for _, label, comment in ladder(REAL / "ft-badpw-noenc.pcapng")}
    assert "18456" in comments["ER login ERROR"]
    assert "without TLS" in comments["L7 LOGIN7"]
    assert comments["PL PRELOGIN"].startswith("Driver handshake: TDS:Prelogin, Version = 7.4")


@pytest.mark.parametrize("name, waits", [
    ("crl-wait-client-fin-15s", [("Close", "14.995")]),  # the frame that ends it
    ("full-tls-slow-35s", [("Command", "35.000")]),
    ("slow-request-lost-twice-client-side", [("Command", "9.003")]),
    ("syn-lost-twice", [("TCP handshake", "3.001")]),
    ("client-tls-though-server-not-sup", []),  # it ends at once
])
def test_an_arrow_that_ends_a_long_wait_says_so(name, waits):
    lines = wireshark.tshark(wireshark.CAPTURES / "reported" / f"{name}.pcapng", "-2", "-q", "-z", "flow,tdsconn,standard")
    assert any("PRELOGIN" in line for line in lines)
    assert re.findall(r"\|([A-Z][A-Za-z ]+) \(waited ([0-9.]+) s\): ", "\n".join(lines)) == waits


def test_what_is_wrong_is_read_without_opening_the_tree():
    printed = wireshark.tshark(REAL / "ft-badpw-noenc.pcapng", "-V")
    titles = [line for line in printed if line.startswith("[SQL Server Connection")]
    assert titles[8].startswith("[SQL Server Connection 0, Login confirmation, SQL: error 18456 (see the server's error log: state")
    assert titles[9] == "[SQL Server Connection 0, Close, SQL]"


CREDENTIALS = [
    ("ft-badpw-noenc", None, [("8", "app_user", "Refused SQL login of app_user")]),
    ("ft-sql-full-tls", "keys", [("12", "app_user", "SQL login of app_user")]),
    ("ft-sql-full-tls", None, []),
    # The user stands in AUTHENTICATE, frame 14; the login is frame 12.
    ("ntlm-odbc-login-only-tls", None, [("12", r"LAB\alice", r"NTLM login of LAB\alice")]),
    ("ft-tds4.2-login-no-reply-timeout", None, [("4", "app_user", "Unfinished SQL login of app_user")]),
    ("pytds-kerberos-noenc", None, []),
    ("nontds-http-server-on-1433", None, []),
]


@pytest.mark.parametrize("name, keys, expected", CREDENTIALS)
def test_credentials_are_the_users_that_can_be_read(name, keys, expected):
    capture = REAL / f"{name}.pcapng"
    lines = wireshark.tshark(capture, "-2", "-q", "-z", "credentials", keys=keys and wireshark.keys_of(capture))[3:-1]
    rows = [line.split(maxsplit=3) for line in lines]
    assert [(frame, user, info.partition(" to ")[0]) for frame, protocol, user, info in rows] == expected
    assert {row[1] for row in rows} <= {"TDSCONN"}


def test_credentials_in_one_pass_are_the_same_users():
    lines = wireshark.tshark(REAL / "srv-too-many-connections.pcapng", "-q", "-z", "credentials")[3:-1]
    logins = wireshark.fields(REAL / "srv-too-many-connections.pcapng", "frame.number", "tdsconn.login.user",
                              display_filter='tdsconn.message == "LOGIN7"')
    assert [tuple(line.split()[0:3:2]) for line in lines] == logins
    assert len(logins) == 14


def follow_filters(capture, frame):
    """The filters that Follow would set from this frame, by protocol."""
    shown = wireshark.sharkd(capture, ("frame", {"frame": frame, "proto": False}))[0]
    return {protocol: wanted for protocol, wanted, *_ in shown.get("fol", []) if wanted}


def test_follow_takes_the_session_of_the_frame():
    capture = REAL / "mars-odbc-noenc.pcapng"
    sessions = wireshark.fields(capture, "frame.number", "tdsconn.mars.session", display_filter="tdsconn.mars.session")
    frames = {session.split(",")[0]: int(frame) for frame, session in sessions}
    assert len(frames) == 3
    for session, frame in frames.items():
        assert follow_filters(capture, frame)["TDSCONN"] == f"tdsconn.mars.session == {session}"


def test_follow_is_not_offered_where_there_is_no_session():
    assert "TDSCONN" not in follow_filters(REAL / "mars-odbc-noenc.pcapng", 4)


def test_follow_shows_one_session_only():
    """Session 1 asked one question; frames that carry packets of other sessions too add nothing to it."""
    lines = wireshark.tshark(REAL / "mars-odbc-noenc.pcapng", "-q", "-z", "follow,tdsconn,ascii,1")
    text = "\n".join(lines).replace(".", "")
    assert "select name from sysdatabases" in text
    assert "Sid = 2" not in text and text.count("select") == 1
