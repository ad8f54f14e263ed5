# SPDX-License-Identifier: GPL-2.0-or-later
"""What no real capture shows, told as stories: modern logins, old servers, and TLS cut where nobody cuts it.

The rows are written from the stories, never from the plugin's output: a row for each connection, the last frame's
fields. An empty text means that the field is not there.
"""
import pytest

import captures
import wireshark
from enums import MESSAGE

LAST = ["state", "auth", "auth.basis", "encryption", "version", "close", "progress", "login.user", "login.locale",
        "entra.library", "entra.workflow", "entra.sts", "entra.spn", "entra.token_length", "kerberos.spn",
        "kerberos.realm", "ntlm.domain", "ntlm.user", "ntlm.host", "ntlm.spn", "ntlm.version", "ntlm.channel_bindings",
        "ntlm.anonymous", "routing.host", "routing.port", "routing.database", "routing.stream", "routing.from",
        "login.session_recovery", "login.reconnect", "login.read_only_intent", "login.change_password",
        "login.user_instance", "login.features", "login.features_acked", "env.packet_size", "env.language",
        "env.database", "env.collation",
        "env.failover_partner", "env.user_instance", "tls.version", "tls.certificate"]

TCP, PRELOGIN, TLS, END = ">S <SA >A", ">PL <PR", ">CH <SH >KE <CF", ">F <F"
STS, SPN = "https://login.microsoftonline.com/contoso", "https://database.windows.net/"
SERVICE = "MSSQLSvc/sql.contoso.com:1433"
FALLBACK = "SSL_Self_Signed_Fallback (SQL Server's self-signed fallback)"


def row(said, state="Logged in", auth="SQL", basis="Seen", encryption="None", version="7.4", close="Normal", **more):
    """A connection. said: its progress from LOGIN7 to the FINs. Names of fields in MORE have __ for a dot."""
    middle = TLS + " " if encryption in ("Login only", "Full") else ""
    return {"state": state, "auth": auth, "auth.basis": basis, "encryption": encryption, "version": version,
            "close": close, "progress": f"{TCP} {PRELOGIN} {middle}{said}",
            **{name.replace("__", "."): value for name, value in more.items()}}


def hidden(said, **more):
    """A connection of which only LOGIN7 is encrypted."""
    return row(f">L7* {said}", **{"encryption": "Login only", "login__user": ""} | more)


def msal(said, workflow, **more):
    """An Entra login with FEDAUTHINFO and a token message."""
    return row(said, auth="Entra", entra__library="ADAL/MSAL", entra__workflow=workflow, entra__sts=STS,
               entra__spn=SPN, **{"entra__token_length": "5200"} | more)


ENTRA = f">L7 <FI >FT <LA >BAT <RES {END}"
NTLM = {"auth": "NTLM", "ntlm__domain": "CONTOSO", "ntlm__user": "joe33", "ntlm__host": "APP120", "ntlm__spn": SERVICE,
        "ntlm__version": "NTLMv2", "ntlm__channel_bindings": "zero"}
TICKET = {"kerberos__spn": SERVICE, "kerberos__realm": "CONTOSO.COM"}
COMMAND = ">BAT <RES"
REFUSED = {"state": "Login failed", "close": "Server closed first"}

TRUTH = {
    "entra-logins": [
        msal(ENTRA, "user and password"),
        msal(ENTRA, "integrated"),
        hidden(f"<FI >FT <LA {END}", auth="Entra", entra__sts=STS, entra__spn=SPN, entra__token_length="3000",
               entra__library="", entra__workflow="", login__features="", login__features_acked="FEDAUTH"),
        row(f">L7 <LA {END}", auth="Entra", entra__library="Security token", entra__workflow="", entra__token_length="3000",
            login__features="FEDAUTH"),
        hidden(f"<LA {END}", basis="Inferred"),
    ],
    "routing-hops": [
        row(f">L7 <LA <RD {END}", state="Redirected", routing__host="replica.contoso.com", routing__port="1450",
            routing__database="", routing__stream="1", routing__from="", login__read_only_intent="True",
            login__features="ENHANCEDROUTING", login__features_acked=""),
        row(f">L7 <LA <RD {END}", state="Redirected", routing__host="node7.contoso.com", routing__port="11007",
            routing__database="AdventureWorks_7", routing__stream="2", routing__from="0",
            login__features="ENHANCEDROUTING", login__features_acked="ENHANCEDROUTING"),
        row(f">L7 <LA {COMMAND} {END}", routing__host="", routing__port="", routing__stream="", routing__from="1"),
    ],
    "login-options": [
        row(f">L7 <LA {END}", login__session_recovery="True", login__reconnect="", login__locale="Deutsch",
            env__packet_size="8000", env__language="Deutsch", env__database="AdventureWorks",
            env__collation="0904d00034", env__failover_partner="SQL11", env__user_instance=""),
        row(f">L7 <LA {END}", login__session_recovery="True", login__reconnect="True", env__failover_partner=""),
        row(f">L7 <LA {END}", login__read_only_intent="True", login__session_recovery="", login__change_password=""),
        row(f">L7 <LA {END}", login__change_password="True", login__read_only_intent="", login__user="app_user"),
        row(f">L7 <LA {END}", login__user_instance="True", env__user_instance="9F1C2A77-D0A3-4A"),
    ],
    "sspi-in-spnego": [
        row(f">L7 <NC >NR <SR <LA {END}", **NTLM),
        hidden(f"<NC >NR <SR <LA {END}", **NTLM),
        row(f">L7 <SR >SS <SR <LA {END}", auth="Kerberos", **TICKET),
        hidden(f"<SR >SS <SR <LA {END}", auth="Kerberos", kerberos__spn=""),
        row(f">L7 <SR >SS <NC >NR <SR <LA {END}", **NTLM, **TICKET),
        hidden(f"<SR >SS <NC >NR <SR <LA {END}", **NTLM, kerberos__spn=""),
        row(f">L7 <LA {END}", auth="Kerberos", **TICKET),
    ],
    "client-certificate": [
        hidden(f"<LA {COMMAND} {END}", auth="Certificate", basis="Inferred"),
        hidden(f"<ENC >ENC <ENC {END}", auth="Unknown", basis="Unknown", encryption="Full", version=""),
    ],
    "tls-records-cut": [
        hidden(f"<LA {COMMAND} {END}", basis="Inferred", tls__version="TLS 1.2", tls__certificate=FALLBACK),
        hidden(f"<ENC >ENC <ENC {END}", basis="Inferred", encryption="Full", version="", tls__certificate=FALLBACK),
        hidden(f"<LA {COMMAND} {END}", basis="Inferred", tls__version="TLS 1.2", tls__certificate=FALLBACK),
    ],
    "tls-of-old-servers": [
        hidden(f"<LA {COMMAND} {END}", basis="Inferred", version="7.1", tls__version="TLS 1.0", tls__certificate=FALLBACK),
        hidden(f"<LA {COMMAND} {END}", basis="Inferred", version="7.0", tls__version="TLS 1.0"),
        hidden(f"<ER {END.replace('>F <F', '<F >F')}", auth="Unknown", basis="Unknown", version="", **REFUSED),
    ],
    "login-tail-in-clear": [
        hidden(f"<SR <LA {COMMAND} {END}", auth="Kerberos"),
        hidden(f"<LA {COMMAND} {END}", auth="Entra"),
    ],
    "tickets-and-hidden-logins": [
        hidden(f"<LA {END}", auth="Kerberos", basis="Inferred", **TICKET),
        *[hidden(f"<LA {END}", auth="Unknown", basis="Unknown", kerberos__spn="")] * 2,
        hidden(f"<LA {END}", auth="Kerberos", basis="Inferred", **TICKET),
        hidden(f"<LA {END}", auth="Unknown", basis="Unknown", kerberos__spn=""),
        *[hidden(f"<ENC >ENC <ENC {END}", auth="Unknown", basis="Unknown", encryption="Full", version="", kerberos__spn="",
                 state="Logging in")] * 2,
        hidden(f"<ENC >ENC <ENC {END}", auth="Kerberos", basis="Inferred", encryption="Full", version="", **TICKET,
               state="Logging in"),
        hidden(f"<ENC >ENC <ENC >ENC {END}", auth="Unknown", basis="Unknown", encryption="Full", version="", state="Logging in"),
    ],
    "login-refusals": [
        hidden("<ER <F >F", auth="Windows", basis="Inferred", version="", **REFUSED),
        hidden("<ER <F >F", auth="Unknown", basis="Unknown", version="", **REFUSED),
        row("", auth="Unknown", basis="Unknown", encryption="Unknown", version="", login__user="", progress="<ER >F <F",
            state="Login failed"),
    ],
    "ntlm-variants": [
        row(">L7 <NC >NR <ER <F >F", auth="NTLM", ntlm__anonymous="True", ntlm__user="", ntlm__domain="",
            ntlm__host="APP120", ntlm__version="", **REFUSED),
        row(f">L7 <NC >NR <LA {END}", **NTLM | {"ntlm__version": "NTLMv1", "ntlm__spn": "", "ntlm__channel_bindings": "absent"},
            ntlm__anonymous=""),
        *[row(f">L7 <NC >NR <LA {END}", **NTLM | {"ntlm__channel_bindings": bindings})
          for bindings in ("zero", "present", "absent")],
    ],
}

# The ERROR tokens of a connection, all of them and in order: (number, line, text).
ERRORS = {
    ("tls-of-old-servers", 2): [("4060", "1", "Cannot open database requested in login."),
                                ("18456", "1", "Login failed for user.")],
    ("login-refusals", 1): [("4060", "1", "Cannot open database 'AdventureWorks' requested by the login."),
                            ("18456", "1", "Login failed for user 'app_user'.")],
}

def story(name):
    """The capture of a story."""
    return wireshark.CAPTURES / "story" / f"{name}.pcapng"


@pytest.fixture(scope="module")
def seen():
    return {capture.stem: rows for capture, rows in captures.last(map(story, TRUTH), LAST).items()}


def each_fact():
    """A test for each field of each connection."""
    for name, rows in TRUTH.items():
        for number, truth in enumerate(rows):
            for what, value in truth.items():
                yield pytest.param(name, number, what, value, id=f"{name}-{number}-{what}")


@pytest.mark.parametrize("name", TRUTH)
def test_connections(name, seen):
    assert len(seen[name]) == len(TRUTH[name])


@pytest.mark.parametrize("name, number, what, value", [*each_fact()])
def test_fact(name, number, what, value, seen):
    assert seen[name][number][what] == value


@pytest.mark.parametrize("name, number", ERRORS)
def test_every_error_is_shown_in_order(name, number):
    rows = wireshark.fields(story(name), "tdsconn.error.number", "tdsconn.error.line", "tdsconn.error.message",
                            display_filter=f"tdsconn.stream == {number} && tdsconn.message == {MESSAGE.LOGIN_ERROR}")
    assert rows == [tuple(",".join(column) for column in zip(*ERRORS[name, number]))]


def test_nothing_is_malformed_to_us():
    """Tokens, tails and cut records leave no complaint of our own."""
    rows = captures.columns(map(story, TRUTH), ["_ws.malformed", "_ws.expert.message"]).values()
    assert not [row for told in rows for row in told if row["_ws.malformed"] and "TDSCONN" in row["_ws.expert.message"]]
