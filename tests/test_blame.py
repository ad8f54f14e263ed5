# SPDX-License-Identifier: GPL-2.0-or-later
"""Who is to blame: not the side in whose name a device speaks, nor the one whose words were lost on the way."""

import re

import pytest
from scapy.utils import rdpcap

import captures
import findings
import wireshark
from made import HELLO, LOGIN, OPENING, ROWS, TLS, column, raised, told, written

NTLM = TLS + """
0.010 client ENCRYPTED_LOGIN7 host=APP10 app=Orders server=sql.contoso.com library=ODBC token=ntlm_negotiate
0.011 server NTLM_CHALLENGE domain=CONTOSO computer=SQL20 dns=contoso.com
0.012 client NTLM_AUTHENTICATE domain=CONTOSO user=joe33 workstation=APP10 computer=SQL20 dns=contoso.com spn=MSSQLSvc/sql.contoso.com:1433
"""
LOGIN_OF_MARS = """
0.010 client ENCRYPTED_LOGIN7 host=APP10 user=orders app=Orders server=sql.contoso.com library=ODBC
0.011 server LOGINACK server=SQL20 database=Orders spid=51
1.000 client SMP_SYN sid=0
"""
LOGINACK = "server LOGINACK server=SQL20 database=Orders spid=51"
ASKED = LOGIN + '1.000 client BATCH text="SELECT 1"\n'
RESULT = f"server RESULT {ROWS} spid=55"
AGAIN = "".join(f"{at} {{0}} AGAIN\n" for at in (1.3, 1.9, 3.1, 5.5))
BLAMES = {"prelogin_refused", "prelogin_unanswered", "tls_refused_by_server", "tls_refused_by_client", "no_login_sent",
          "login_unanswered", "client_silent", "probe", "killed", "request_abandoned", "slow_domain_controller"}

# {what happened: (story, the finding that tells it, what its text must say, severity)}
TOLD = {
    "a device resets on the first word": (
        OPENING + "0.003 client PRELOGIN encrypt=off\n0.013 server RST ttl=60\n",
        "reset_by_device", "the server's name with TTL 60, its other packets have 128", "Error"),
    "a device resets on ClientHello": (HELLO + "0.013 server RST ttl=60\n", "reset_by_device", "in the server's name", "Error"),
    "a device resets after TLS": (TLS + "0.013 client RST ttl=60\n", "reset_by_device", "in the client's name", "Error"),
    "a device resets before the first word": (OPENING + "0.013 client RST ttl=60\n", "reset_by_device", "a device between", "Error"),
    "a device resets on a request": (ASKED + "1.010 server RST ttl=60\n", "reset_by_device", "a device between", "Warning"),
    "nobody stands behind the listener": (
        OPENING + "0.022 server RST\n", "reset_by_server", "0.020 s after it accepted it, before a word of the client", "Error"),
    "and it closes": (
        OPENING + "0.022 server FIN\n0.030 client FIN\n", "server_closed_first", "0.020 s after it accepted it", "Error"),
    "the server's host does not know the connection": (
        LOGIN + '20.000 client BATCH text="SELECT 1"\n20.002 server RST flags=R\n',
        "reset_by_server", "no such connection is known there: a restart, another host, or a device", "Warning"),
    "what forgot the connection answers the server": (
        ASKED + f"400.000 {RESULT}\n400.020 client RST flags=R\n",
        "idle_reset", "something between, or the client, .*: RST in answer to the server's first words after 399 s of silence", "Warning"),
    "a client ends what was idle": (
        ASKED + f"1.001 {RESULT}\n1.002 client ACK\n241.002 client RST\n",
        "reset_by_client", "nobody had anything to say: the client, or something between, has a limit", "Warning"),
    "the token is lost on the way": (
        NTLM + AGAIN.format("client") + f"5.520 {LOGINACK}\n5.521 client ACK\n",
        "slow_login", "of which 5.488 s until NTLM AUTHENTICATE was acknowledged, sent 5 times", "Warning"),
    "the confirmation is lost on the way": (
        NTLM + f"0.020 {LOGINACK} missing\n1.000 server ACK\n5.500 server AGAIN\n5.521 client ACK\n",
        "slow_login", "frame 13 shows that the server had sent it 4.500 s before: it was lost on the way", "Warning"),
    "an answer is lost on the way": (
        ASKED + f"1.001 {RESULT} missing\n1.300 server ACK\n9.000 server AGAIN\n9.001 client ACK\n",
        "slow_response", "8.000 s .* frame 13 shows that the server had sent it 7.700 s before: it was lost", "Note"),
    "an answer arrives late, with the next request": (
        ASKED + f"1.001 {RESULT}\n" + AGAIN.format("server") + '6.501 client BATCH text="SELECT 2"\n' + f"6.502 {RESULT}\n",
        "slow_response", "the answer in frame 13 arrived after 5.500 s: it was sent 5 times", "Note"),
    "a cancel is acknowledged late": (
        ASKED + "31.000 client ATTENTION\n43.000 server ATTENTION_ACK spid=55\n43.001 client ACK\n",
        "slow_response", "12.000 s to the acknowledgement of the ATTENTION in frame 13: the server was busy", "Note"),
    "a cancel is lost on the way": (
        ASKED + "31.000 client ATTENTION\n" + "".join(f"{at} client AGAIN\n" for at in (31.3, 31.9)) + "36.000 client RST\n",
        "attention_unacknowledged", "in frame 13 was not acknowledged; it was sent 3 times over 0.900 s, and TCP got no ACK",
        "Error"),
    "a confirmation arrives late": (
        NTLM + f"0.020 {LOGINACK}\n" + AGAIN.format("server") + '5.520 client BATCH text="SELECT 1"\n' + f"5.522 {RESULT}\n",
        "slow_step", "LOGINACK in frame 13 arrived after 5.500 s: it was sent 5 times", "Note"),
}


@pytest.fixture(scope="module")
def said():
    """{what happened: [(frame, severity, rule, text)]}"""
    made = {name: told(story) for name, (story, *_) in TOLD.items()}
    rows = captures.columns(list(made.values()), ["frame.number", "tdsconn.severity"])
    found = findings.told({capture: [int(row["frame.number"]) for row in frames if row["tdsconn.severity"]]
                           for capture, frames in rows.items()})
    return {name: found[capture] for name, capture in made.items()}


@pytest.mark.parametrize("name", TOLD)
def test_it_is_told(name, said):
    _, rule, words, severity = TOLD[name]
    found = [(grave, text) for _, grave, told_rule, text in said[name] if told_rule == rule]
    assert [(grave, bool(re.search(words, text))) for grave, text in found] == [(severity, True)], found


@pytest.mark.parametrize("name", TOLD)
def test_nobody_else_is_blamed(name, said):
    assert not {rule for _, _, rule, _ in said[name]} & BLAMES


def test_a_server_with_a_slow_domain_controller_is_blamed_though_a_segment_was_lost():
    capture = told(NTLM + f"0.312 client AGAIN\n0.313 server ACK\n5.520 {LOGINACK}\n5.521 client ACK\n")
    assert raised(capture, "slow_domain_controller") == [15]


def test_half_an_answer_is_some_answer():
    capture = told(ASKED + f"1.001 {RESULT} send=100\n1.002 client ACK\n31.000 client FIN\n")
    texts = [text for _, _, rule, text in findings.told({capture: [15]})[capture] if rule == "request_abandoned"]
    assert [" in the middle of the answer and without an ATTENTION" in text for text in texts] == [True]


@pytest.mark.parametrize("place", [4, 5], ids=["before", "behind"])
def test_a_client_that_says_its_first_word_again_may_lack_the_answer(place):
    """It stands before the answer or behind it, and acknowledges nothing of that."""
    packets = list(rdpcap(str(told(
        OPENING + "0.003 client PRELOGIN encrypt=off\n0.500 server PRELOGIN encrypt=off\n15.000 server FIN\n"))))
    again = packets[3].copy()
    again.time = packets[place - 1].time + 0.2
    capture = written([*packets[:place], again, *packets[place:]])
    texts = [text for _, _, rule, text in findings.told({capture: [7]})[capture] if rule == "server_closed_first"]
    assert [text.endswith("after the client's last word") for text in texts] == [True], texts
    assert raised(capture, "client_silent") == []


def test_who_owed_behind_a_hole_is_not_known():
    """The bytes that are missing may have paid it."""
    capture = told(HELLO + "0.006 server SERVER_HELLO send=900 missing\n0.007 server REST\n0.008 client ACK\n15.000 client FIN\n")
    rows = [line.split("|") for line in wireshark.tshark(capture, "-q", "-2", "-z", "tdsconn,failures") if "|" in line]
    head, row = ([cell.strip() for cell in one] for one in rows)
    assert (row[head.index("What")], row[head.index("Owed by")]) == ("Outcome unknown", "-")


def test_an_answer_whose_first_ack_comes_with_the_attention_may_just_have_come():
    asked = ASKED + f"1.001 {RESULT}\n"
    for acknowledged, found in (("", []), ("1.050 client ACK\n", [15])):
        assert raised(told(asked + acknowledged + "31.000 client ATTENTION\n"), "answer_not_read") == found


def test_the_end_ends_the_waits_of_sessions_too():
    story = TLS.replace("encrypt=off", "encrypt=off mars=on") + LOGIN_OF_MARS + '1.001 client BATCH text="SELECT 1" sid=0\n'
    owes = column(told(story + "31.000 client RST\n"), "tdsconn.turn.owes")
    nobody, server = "0", "2"
    last = max(owes)
    assert (owes[last - 1], owes[last]) == (server, nobody)


def test_a_silence_that_nobody_ends_may_be_a_loss():
    """A client that closes says itself that it sent nothing."""
    texts = {}
    for closer in ("client", "server"):
        capture = told(TLS + f"0.009 client ACK\n15.000 {closer} FIN\n")
        texts[closer] = [text for _, _, rule, text in findings.told({capture: [11]})[capture] if rule == "client_silent"]
    assert [len(found) for found in texts.values()] == [1, 1]
    assert "or what it sent was lost on the way" in texts["server"][0]
    assert "lost" not in texts["client"][0]
