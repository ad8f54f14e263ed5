# SPDX-License-Identifier: GPL-2.0-or-later
"""A login that the server refuses for a while: the same client tries again."""

import pytest

import findings
from made import LOGIN, told

FIRST = """include diag-tls.part at 0
0.009 client ENCRYPTED_LOGIN7 host=APP10 user=orders app=Orders server=sql.contoso.com library=ODBC database=Orders
0.020 server LOGIN_ERROR server=SQL20 number={number} text="{text}"
0.021 server FIN
0.022 client FIN
0.023 server ACK
"""
CLEAR = """0.000 client SYN
0.001 server SYN
0.002 client ACK
0.003 client PRELOGIN encrypt=not_supported
0.004 server PRELOGIN encrypt=not_supported
0.005 client LOGIN7 user=orders password=secret app=Orders database={database}
"""
NEXT = "client {client}:50002 mac=00:15:5d:0a:0a:0a isn=2000000\n"
SAME = NEXT.format(client="10.10.10.10")
AGAIN = "; the same client logged in 10.000 s later, in connection 1"


def at(story, seconds):
    return "".join(f"{float(line.partition(' ')[0]) + seconds:.3f} {line.partition(' ')[2]}\n" for line in story.splitlines())


def refused(story):
    capture = told(story)
    found, = (text for (_, rule), (_, text) in findings.texts_of([capture])[capture].items() if rule == "login_refused")
    return found


@pytest.mark.parametrize("number", ["40613", "40197", "4060", "4060|18456", "18401"])
def test_a_refusal_that_passes_names_the_login_that_went_through(number):
    text = FIRST.format(number=number, text="|".join(["Not now."] * len(number.split("|"))))
    assert refused(text + SAME + LOGIN.replace("at 0", "at 10")).endswith(AGAIN)


def test_long_words_of_azure_leave_room_for_it():
    text = refused(FIRST.format(number=40613, text="Please retry the connection later. " * 8) + SAME + LOGIN.replace("at 0", "at 10"))
    assert text.endswith(AGAIN) and len(text.encode()) < 240


@pytest.mark.parametrize("number, rest", [
    ("18456", SAME + LOGIN.replace("at 0", "at 10")),  # a right password later explains nothing
    ("40613", NEXT.format(client="10.10.10.11") + LOGIN.replace("at 0", "at 10")),
    ("40613", SAME + "include diag-tls.part at 10\n"),
], ids=["not of the server", "another client", "no login"])
def test_other_logins_are_not_named(number, rest):
    assert "logged in" not in refused(FIRST.format(number=number, text="Not now.") + rest)


@pytest.mark.parametrize("database, named", [("Orders", True), ("Stock", False)])
def test_a_login_to_another_database_is_another(database, named):
    refusal = '0.006 server LOGIN_ERROR server=SQL20 number=4060 text="Cannot open database."\n0.007 server FIN\n0.008 client FIN\n'
    then = CLEAR.format(database=database) + "0.006 server LOGINACK server=SQL20 database=Orders spid=55\n"
    text = refused(CLEAR.format(database="Orders") + refusal + SAME + at(then, 10))
    assert text.endswith(AGAIN) == named
