# SPDX-License-Identifier: GPL-2.0-or-later
"""What sizes and directions tell of requests in a connection that TLS hides: always as inferred."""

import re

import pytest

import captures
import findings
import wireshark
from enums import MESSAGE
from made import FULL_TLS, column, told

# A login that TLS hides: the client's second message is a batch, for no token is so short.
LOGIN = FULL_TLS + """
0.009 client SEALED size=420
0.020 server SEALED size=520
0.030 client SEALED size=38
0.040 server SEALED size=100
"""
END = "50.000 client FIN\n50.001 server FIN\n"


def texts_of(capture):
    """{(frame, rule): text}"""
    frames = list(column(capture, "tdsconn.severity"))
    return {(frame, rule): text for frame, _, rule, text in findings.told({capture: frames})[capture]}


def attentions(chosen, keys=None):
    """{capture: the frames of the client's ATTENTIONs}, as they are seen with the keys, or inferred without."""
    names = ["frame.number", "tdsconn.sender", "tdsconn.turn.awaited"]
    return {capture.stem: [int(row["frame.number"]) for row in rows if row["tdsconn.sender"] == "client" and
                           row["tdsconn.turn.awaited"] == "its acknowledgement of the ATTENTION"]
            for capture, rows in captures.columns(chosen, names, keys).items()}


def test_without_keys_the_same_attentions_are_found():
    """Those that have a frame of their own; bare ACKs in between belong to nobody's turn."""
    chosen = captures.KEYED + captures.LAB
    seen, inferred = attentions(chosen, captures.all_keys()), attentions(chosen)
    assert [len(inferred[name]) for name in ("ntlm-odbc-full-tls", "odbc-kerberos-full-tls")] == [5, 5]
    assert inferred == seen


@pytest.mark.parametrize("waits, says", [
    (30, "command timeout, inferred: a record of 8 bytes in TLS, as only an ATTENTION has, 30.000 s after the encrypted "
         "request in frame 14"),
    (9, "cancelled by the application or its own timeout, inferred: .* 9.000 s after"),
])
def test_an_attention_is_known_by_its_size(waits, says):
    capture = told(LOGIN + f"1.0 client SEALED size=200\n{waits + 1}.0 client SEALED size=8\n"
                           f"{waits + 1}.01 server SEALED size=21\n" + END)
    texts = texts_of(capture)
    assert re.search(says, texts[15, "attention"])
    assert float(column(capture, "tdsconn.wait.time")[15]) == waits
    assert float(column(capture, "tdsconn.wait.time")[16]) == pytest.approx(0.01)
    assert not {rule for _, rule in texts} & {"slow_response", "request_abandoned"}
    assert column(capture, "tdsconn.message")[15] == MESSAGE.ENCRYPTED


@pytest.mark.parametrize("answered, told_of", [(5.0, True), (1.2, False)])
def test_an_attention_behind_the_first_of_the_answer_counts_if_it_comes_late(answered, told_of):
    """At once it is the habit of some drivers, which do not want the rows that they did not read."""
    capture = told(LOGIN + "1.0 client SEALED size=200\n1.1 server SEALED size=4000\n"
                           f"{answered} client SEALED size=8\n{answered + 0.01} server SEALED size=21\n" + END)
    text = texts_of(capture).get((16, "attention"))
    assert bool(text) is told_of
    assert not text or "4.000 s after the encrypted request in frame 14, whose answer began in frame 15" in text


@pytest.mark.parametrize("story", [
    LOGIN + "1.0 client SEALED size=16384\n1.001 client SEALED size=8\n",  # the rest of a long packet
    LOGIN.replace("SEALED size=420", "SEALED size=8\n0.0095 client SEALED size=412") +
    "1.0 client SEALED size=8\n1.001 client SEALED size=192\n",  # a client that sends headers alone
    LOGIN + "1.0 client SEALED size=200\n31.0 client SEALED size=9\n",
    LOGIN + "1.0 client SEALED size=200\n31.0 client SEALED size=16\n",  # an SMP header
], ids=["rest", "cut up", "nine", "smp"])
def test_what_may_be_something_else_is_no_attention(story):
    capture = told(story + "31.01 server SEALED size=100\n" + END)
    assert not {rule for _, rule in texts_of(capture)} & {"attention"}
    assert "its acknowledgement of the ATTENTION" not in column(capture, "tdsconn.turn.awaited").values()


def test_cbc_tells_no_sizes():
    old = (LOGIN + "1.0 client SEALED size=200\n31.0 client SEALED size=8\n31.01 server SEALED size=21\n" + END)
    capture = told("scene  tds=7.4 tls=TLS1.0-RSA-3DES certificate=fallback-rsa1024 product=16.0.4105\n" + old)
    assert not {rule for _, rule in texts_of(capture)} & {"attention"}


def test_a_slow_answer_is_told_by_directions():
    capture = told(LOGIN + "1.0 client SEALED size=200\n36.0 server SEALED size=900\n" + END)
    assert texts_of(capture)[15, "slow_response"] == (
        "35.000 s to the first byte of the answer to the encrypted request in frame 14, inferred from sizes and directions")
    assert float(column(capture, "tdsconn.wait.time")[15]) == 35


def test_what_may_be_a_token_is_called_so():
    """The client's second message may be an AUTHENTICATE."""
    story = LOGIN.split("0.030")[0] + "0.030 client SEALED size=200\n7.0 server SEALED size=400\n"
    text = texts_of(told(story + END))[13, "slow_response"]
    assert "6.970 s to the first byte of the answer to encrypted data (a request, or a token) in frame 12" in text


def test_a_request_of_several_records_is_one():
    capture = told(LOGIN + "1.0 client SEALED size=4096\n1.5 client SEALED size=4096\n2.0 client SEALED size=300\n"
                           "2.1 server SEALED size=100\n" + END)
    assert float(column(capture, "tdsconn.wait.time")[17]) == pytest.approx(0.1)
    assert float(column(capture, "tdsconn.request_spread")[17]) == pytest.approx(1.0, abs=0.11)


def test_a_client_that_closes_on_hidden_data_gives_up_probably():
    capture = told(LOGIN + "1.0 client SEALED size=200\n1.01 server ACK\n31.0 client FIN\n31.1 server FIN\n")
    assert texts_of(capture)[16, "request_abandoned"] == (
        "closed by the client 30.000 s after what it sent encrypted in frame 14 and nobody answered: probably a request, "
        "inferred from directions; this looks like a time-out")


def test_nobody_owes_an_answer_to_an_smp_header():
    """A MARS session that was closed, before the connection is."""
    capture = told(LOGIN.replace("encrypt=on", "encrypt=on mars=on") + "1.0 client SEALED size=16\n" + END)
    assert not {rule for _, rule in texts_of(capture)} & {"request_abandoned", "client_silent", "login_unanswered"}


def failures(text):
    """{connection: row} of the table of failures, by column."""
    lines = [line for line in wireshark.tshark(told(text), "-q", "-z", "tdsconn,failures") if "|" in line]
    titles, *rows = ([cell.strip() for cell in line.split("|")] for line in lines)
    return {int(row[0]): dict(zip(titles, row)) for row in rows}


def test_who_gives_up_what_may_be_a_request_fails():
    row = failures(LOGIN.split("0.030")[0] + "1.0 client SEALED size=200\n1.01 server ACK\n31.0 client FIN\n")[0]
    assert (row["What"], row["Owed by"], row["Waited s"], row["Diagnosis"]) == (
        "Outcome unknown", "server", "30.000", "request_abandoned")


@pytest.mark.parametrize("goes_on, fails", [(3, True), (0.5, False)])
def test_a_single_syn_without_an_answer_fails(goes_on, fails):
    """Not if the capture ends before the client repeats it."""
    other = "client 10.10.10.30:50002 mac=00:15:5d:0a:0a:1e isn=2000000\n"
    rows = failures(f"0.0 client SYN\n{other}include diag-login.part at {goes_on}\n{goes_on + 0.1} client FIN\n")
    assert (0 in rows) is fails
    if fails:
        assert (rows[0]["What"], rows[0]["Owed by"], rows[0]["Waited s"], rows[0]["Diagnosis"]) == (
            "Not connected", "server", "3.100", "-")
        assert rows[0]["Text"] == "the server owed its SYN-ACK for 3.100 s"
