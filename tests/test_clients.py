# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of clients: each number against the fields of the same frames. The report has the same table."""

import re
from collections import Counter
from functools import lru_cache

import pytest

import captures
import made
import wireshark
from enums import MESSAGE
from test_statistics import mixed, rows_of, table

KEY = ("Client", "Host", "Application", "Driver")


def clients(capture, *arguments):
    return rows_of(wireshark.tshark(capture, *arguments, "-q", "-z", "tdsconn,clients"))


def keyed(row):
    return tuple(row[title] for title in KEY)


@lru_cache(maxsize=None)
def owners():
    """{connection: the client that it belongs to}, as the fields of its last frame name it."""
    names = ("tdsconn.login.host", "tdsconn.ntlm.host", "tdsconn.login.app", "tdsconn.client.driver")
    told = wireshark.fields(mixed(), "tdsconn.stream", "tdsconn.client.address", *names, two_pass=True,
                            display_filter="tdsconn.last")
    return {number: (address, host or ntlm or "-", app or "-", driver or "-")
            for number, address, host, ntlm, app, driver in told}


def counted(display_filter):
    """{client: its frames that pass}."""
    rows = wireshark.fields(mixed(), "tdsconn.stream", two_pass=True, display_filter=display_filter)
    return Counter(owners()[number] for number, in rows)


def column(title):
    return {keyed(row): int(row[title]) for row in table("clients") if row[title] != "0"}


def test_a_row_is_a_program_on_a_host():
    assert {keyed(row): int(row["Conns"]) for row in table("clients")} == Counter(owners().values())
    assert len(set(owners().values())) >= 5


def test_failures_are_those_of_its_connections():
    assert column("Failed") == Counter(owners()[row["Conn"]] for row in table("failures"))


@pytest.mark.parametrize("title, message", [("Resent", MESSAGE.RETRANSMISSION), ("Keep-alives", MESSAGE.KEEP_ALIVE)])
def test_segments_are_counted_by_their_messages(title, message):
    rows = wireshark.fields(mixed(), "tdsconn.stream", "tdsconn.message", two_pass=True,
                            display_filter=f"tdsconn.message == {message}")
    told = Counter()
    for number, messages in rows:
        told[owners()[number]] += messages.split(",").count(message)
    assert column(title) == told


@pytest.mark.parametrize("title, rule", [("Ports reused", "port_reused"), ("Reuses", "pooled_reuse")])
def test_reuses_are_those_that_were_diagnosed(title, rule):
    assert column(title) == counted(f"tdsconn.expert.{rule}")


@pytest.mark.parametrize("path, pooling", [
    (captures.real("ted-resetconn-noenc"), "yes"),
    (wireshark.CAPTURES / "story" / "diag-ports.pcapng", "no"),
    (captures.real("ft-sql-noenc"), "-"),
], ids=["a connection that is handed out again", "many in turn", "one connection"])
def test_whether_there_is_a_pool_is_told_where_it_is_seen(path, pooling):
    assert {row["Pooling"] for row in clients(path)} == {pooling}


def test_the_most_within_a_minute_are_not_the_most_of_all():
    """Three logins, each 40 s after the one before."""
    later = [made.LOGIN.replace("at 0", f"at {at}") for at in (0, 40, 80)]
    ports = ["", *(f"client 10.10.10.10:{port} mac=00:15:5d:0a:0a:0a isn=1000000\n" for port in (50002, 50003))]
    rows = clients(made.told("".join(port + login for port, login in zip(ports, later))))
    assert [(row["Conns"], row["A minute"]) for row in rows] == [("3", "2")]


def test_a_filter_selects_connections_and_not_frames():
    whole = clients(captures.real("srv-too-many-connections"))
    shown = rows_of(wireshark.tshark(captures.real("srv-too-many-connections"), "-q", "-z",
                                     "tdsconn,clients,tcp.flags.syn == 1"))
    assert shown == whole and re.fullmatch(r"\d+", whole[0]["Conns"])
