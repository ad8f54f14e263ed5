# SPDX-License-Identifier: GPL-2.0-or-later
"""What the server says when the client has closed: a FIN ends what its sender sends, not what it reads."""

import pytest
from scapy.layers.inet import TCP
from scapy.utils import rdpcap

import findings
import wireshark
from enums import STATE
from made import FULL_TLS, LOGIN, OPENING, TLS, column, raised, told, written

WAITING = TLS + """
0.009 client ENCRYPTED_LOGIN7 host=APP10 user=orders app=Orders server=sql.contoso.com library=ODBC database=Orders
0.050 server ACK
15.009 client FIN
15.010 server ACK
"""
NTLM = """include diag-ntlm.part at 0
0.050 server ACK
15.011 client FIN
15.012 server ACK
"""
KERBEROS = TLS + """
0.009 client ENCRYPTED_LOGIN7 host=APP10 app=Orders server=sql token=offer_kerberos spn=MSSQLSvc/sql realm=CONTOSO
0.010 server KERBEROS_AP_REP
0.050 client ACK
5.010 client FIN
5.011 server ACK
"""
REFUSAL = 'server LOGIN_ERROR server=SQL20 number=18456 text="Login failed for user."\n'
REFUSED = "16.000 " + REFUSAL
GONE = "16.001 client RST flags=R\n"
TAKEN = "16.001 client ACK\n16.002 server FIN\n16.003 client ACK\n"
REASON = "error 18456 (see the server's error log: state 1 hides the reason by design): Login failed for user (state 1, class 14)"
CLOSED = "the client had closed in frame 12, 15.000 s after frame 10"
UNANSWERED = "no answer to the login in frame 10: closed by the client after 15.000 s"


def texts(capture):
    return {key: text for key, (_, text) in findings.texts_of([capture])[capture].items()}


def crossing(text, frame):
    """The capture of a story in which this frame of the server was sent before the client's FIN was there."""
    packets = list(rdpcap(str(told(text))))
    packets[frame - 1][TCP].ack -= 1
    del packets[frame - 1][TCP].chksum
    return written(packets)


@pytest.mark.parametrize("story, frame, behind", [
    (WAITING + REFUSED + GONE, 14, "; too late: " + CLOSED),
    (WAITING + REFUSED + TAKEN, 14, "; " + CLOSED + ", but its host acknowledged this"),
    (WAITING + REFUSED, 14, "; " + CLOSED + ": it may not have read this"),
    (WAITING + REFUSED + "16.001 server RST\n", 14, "; " + CLOSED + ": it may not have read this"),
    (WAITING + "16.000 " + REFUSAL.rstrip() + " missing\n16.300 server AGAIN\n16.900 server AGAIN\n16.901 client RST flags=R\n",
     14, "; too late: " + CLOSED),
    (NTLM + REFUSED + GONE, 16, "; too late: the client had closed in frame 14, 15.000 s after frame 12"),
    (KERBEROS + REFUSED + GONE, 15, "; too late: the client had closed in frame 13, 5.000 s after frame 11"),
], ids=["its host has no socket", "its host takes it", "nothing behind it", "the server resets", "sent again", "NTLM", "AP-REP"])
def test_a_refusal_behind_the_clients_fin_is_one_and_says_who_was_first(story, frame, behind):
    capture = told(story)
    found = texts(capture)
    assert found[frame, "login_refused"] == REASON + behind
    assert "login_unanswered" not in {rule for _, rule in found}
    assert set(column(capture, "tdsconn.state").values()) == {STATE.LOGIN_FAILED}
    assert set(column(capture, "tdsconn.failure.diagnosis").values()) == {"login_refused"}


def test_a_refusal_that_crosses_the_fin_says_so():
    capture = crossing(WAITING.replace("15.010 server ACK\n", "15.010 " + REFUSAL) + "15.012 client RST flags=R\n", 13)
    assert texts(capture)[13, "login_refused"].endswith(
        "; too late: it crossed the client's FIN in frame 12, 15.000 s after frame 10")


def test_one_pass_tells_what_is_known_by_then():
    """The refusal decides the login from its own frame on."""
    rows = wireshark.fields(told(WAITING + REFUSED + GONE), "frame.number", "tdsconn.state", "tdsconn.severity")
    state = {int(frame): state for frame, state, _ in rows}
    assert (state[12], state[14], state[15]) == (STATE.LOGIN_UNFINISHED, STATE.LOGIN_FAILED, STATE.LOGIN_FAILED)


@pytest.mark.parametrize("story, frame, behind", [
    (TLS + """
0.009 client ENCRYPTED_LOGIN7 host=APP10 app=Orders server=sql token=ntlm_negotiate
0.010 server NTLM_CHALLENGE domain=CONTOSO computer=SQL20 dns=contoso.com
0.050 client ACK
5.010 client FIN
5.011 server ACK
5.012 server LOGIN_ERROR server=SQL20 number=17806 text="SSPI handshake failed" severity=20
""", 13, "the client owed its token since frame 11: closed by the client after 5.000 s"),
    (WAITING.replace("15.010 server ACK\n", "15.010 server ACK\n15.011 client RST\n") + REFUSED, 12,
     UNANSWERED + "; a refusal came 0.991 s later, in frame 15"),
    (WAITING.replace("15.009 client FIN\n15.010 server ACK\n", "15.009 client RST\n") + REFUSED, 12,
     "no answer to the login in frame 10: reset by the client after 15.000 s; a refusal came 0.991 s later, in frame 13"),
], ids=["it owed its token", "it has reset after that", "it has reset"])
def test_a_refusal_of_what_the_client_gave_up_decides_nothing(story, frame, behind):
    """It owed the next word itself, or nothing can reach it any more."""
    capture = told(story)
    reason, = (text for (found, rule), text in texts(capture).items() if found == frame and rule in
               ("client_silent", "login_unanswered"))
    assert reason.startswith(behind)
    assert set(column(capture, "tdsconn.state").values()) == {STATE.LOGIN_UNFINISHED}


def test_a_refusal_behind_a_reset_came_too_late():
    capture = told(WAITING.replace("15.009 client FIN\n15.010 server ACK\n", "15.009 client RST\n") + REFUSED)
    assert texts(capture)[13, "login_refused"] == \
        REASON + "; too late: the client had reset the connection in frame 12, 15.000 s after frame 10"


CONFIRMED = "16.000 server LOGINACK server=SQL20 database=Orders spid=55\n"


@pytest.mark.parametrize("story, unanswered, late", [
    (WAITING + CONFIRMED + GONE, UNANSWERED + "; LOGINACK came 0.991 s later, in frame 14",
     "LOGINACK came 15.991 s after the login, when the client had gone"),
    (WAITING + CONFIRMED + TAKEN, UNANSWERED + "; LOGINACK came 0.991 s later, in frame 14",
     "LOGINACK came 15.991 s after the login, when the client had gone; its host acknowledged this all the same"),
], ids=["gone", "taken"])
def test_a_confirmation_behind_the_clients_fin_confirms_nothing(story, unanswered, late):
    """Who has sent FIN can send no command."""
    capture = told(story)
    found = texts(capture)
    assert found[12, "login_unanswered"] == unanswered and found[14, "late_confirmation"] == late
    assert set(column(capture, "tdsconn.state").values()) == {STATE.LOGIN_UNFINISHED}


def test_what_tls_hides_behind_the_clients_fin_is_no_sign_of_a_refusal():
    """A short answer and the end look like a refusal only where the end comes because of it."""
    story = FULL_TLS + "0.009 client SEALED size=300\n0.050 server ACK\n"
    answer = "16.000 server SEALED size=120\n16.001 server FIN\n"
    late = told(story + "15.009 client FIN\n15.010 server ACK\n" + answer + "16.002 client RST flags=R\n")
    assert set(column(late, "tdsconn.state").values()) == {STATE.LOGIN_UNFINISHED}
    assert texts(late)[12, "login_unanswered"] == UNANSWERED + "; something that TLS hides came 0.991 s later, in frame 14"
    in_time = told(story + answer + "16.002 client FIN\n")
    assert raised(in_time, "login_probably_refused") == [13]


def test_an_answer_before_the_login_comes_too_late_as_well():
    capture = told(OPENING + """
0.003 client PRELOGIN encrypt=off
0.050 server ACK
15.003 client FIN
15.004 server ACK
16.003 server PRELOGIN encrypt=off
16.004 client RST flags=R
""")
    assert texts(capture)[6, "prelogin_unanswered"] == \
        "no answer to PRELOGIN in frame 4: closed by the client after 15.000 s; an answer came 1.000 s later, in frame 8"


def test_long_words_of_the_server_leave_room_for_what_came_first():
    words = "Could not connect because the maximum number of '1' dedicated administrator connections already exists." * 2
    text = texts(told(WAITING + f'16.000 server LOGIN_ERROR server=SQL20 number=17809 text="{words}"\n' + GONE))[14, "login_refused"]
    assert text.endswith("; too late: " + CLOSED) and len(text.encode()) < 240


CANCELLED = LOGIN + """
1.000 client BATCH text="SELECT 1"
1.050 server ACK
31.000 client ATTENTION
31.050 server ACK
36.000 client FIN
36.001 server ACK
"""
MARS_CANCELLED = OPENING + """
0.003 client PRELOGIN encrypt=not_supported mars=on
0.004 server PRELOGIN encrypt=not_supported mars=on
0.005 client LOGIN7 user=orders password=secret app=Orders
0.006 server LOGINACK server=SQL20 database=Orders spid=55
0.010 client SMP_SYN sid=0
0.011 client BATCH text="SELECT 1" sid=0
0.012 client SMP_SYN sid=1
0.013 client BATCH text="SELECT 2" sid=1
0.020 server ACK
30.000 client ATTENTION sid=0
30.001 client ATTENTION sid=1
30.010 server ACK
35.000 client FIN
35.001 server ACK
"""


@pytest.mark.parametrize("story, frame, text", [
    (CANCELLED + "37.000 server ATTENTION_ACK spid=55\n37.001 client RST flags=R\n", 16,
     "the ATTENTION in frame 14 was not acknowledged; the acknowledgement came 1.000 s later, in frame 18"),
    (CANCELLED + "37.000 server RESULT column=n rows=1 spid=55\n37.500 server ATTENTION_ACK spid=55\n37.501 client RST flags=R\n",
     16, "the ATTENTION in frame 14 was not acknowledged; the acknowledgement came 1.500 s later, in frame 19"),
    (CANCELLED + "37.000 server RESULT column=n rows=1 spid=55\n37.001 client RST flags=R\n", 16,
     "the ATTENTION in frame 14 was not acknowledged"),
    (MARS_CANCELLED + "36.000 server ATTENTION_ACK spid=55 sid=0\n36.001 client RST flags=R\n", 16,
     "the ATTENTION in frame 13 was not acknowledged; the acknowledgement came 1.000 s later, in frame 18"),
    (MARS_CANCELLED + "36.000 server ATTENTION_ACK spid=55 sid=1\n36.001 client RST flags=R\n", 16,
     "the ATTENTION in frame 13 was not acknowledged"),
], ids=["late", "behind the rest of the answer", "the rest alone", "in its session", "in another session"])
def test_an_acknowledgement_behind_the_clients_fin_is_told(story, frame, text):
    assert texts(told(story))[frame, "attention_unacknowledged"] == text


def test_an_acknowledgement_that_the_closing_client_took_is_one():
    capture = told(CANCELLED + "37.000 server ATTENTION_ACK spid=55\n37.001 client ACK\n37.002 server FIN\n37.003 client ACK\n")
    assert raised(capture, "attention_unacknowledged") == []
    assert not any(column(capture, "tdsconn.stream", "tdsconn.failure", display_filter="tdsconn.failure"))


def test_an_error_behind_the_clients_close_is_not_why_it_closed():
    capture = told(LOGIN + """
1.000 client BATCH text="SELECT 1"
1.050 server ACK
31.000 client FIN
31.001 server ACK
32.000 server SQL_ERROR server=SQL20 number=596 severity=21 text="The session is in the kill state." spid=55
32.001 client RST flags=R
""")
    assert set(column(capture, "tdsconn.failure.diagnosis").values()) == {"request_abandoned"}
    text, = set(column(capture, "tdsconn.failure.text").values())
    assert text.startswith("closed by the client 30.000 s after its request") and text.endswith(
        "; an answer came 1.000 s later, in frame 16")


@pytest.mark.parametrize("end", ["5.010 client FIN\n5.011 server ACK\n5.012 ", "15.012 "], ids=["it closes", "it does not"])
def test_the_time_of_a_client_that_owes_its_token_is_no_domain_controllers(end):
    capture = told(TLS + """
0.009 client ENCRYPTED_LOGIN7 host=APP10 app=Orders server=sql token=ntlm_negotiate
0.010 server NTLM_CHALLENGE domain=CONTOSO computer=SQL20 dns=contoso.com
0.050 client ACK
""" + end + 'server LOGIN_ERROR server=SQL20 number=17806 text="SSPI handshake failed" severity=20\n')
    assert raised(capture, "login_refused") != [] == raised(capture, "slow_domain_controller")


def test_a_fin_that_nobody_acknowledges_is_no_normal_close():
    story = LOGIN + "2.000 client FIN\n" + "".join(f"{time} client AGAIN\n" for time in (2.3, 2.9, 4.1, 6.5, 11.3, 21.0))
    for end, words in (("", "closed by the client, whose FIN got no ACK"), ("21.1 server ACK\n", "closed normally")):
        summary, = set(column(told(story + end), "tdsconn.summary").values())
        assert summary.endswith(", " + words)
