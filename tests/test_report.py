# SPDX-License-Identifier: GPL-2.0-or-later
"""The report: one text of the whole capture, with the numbers of the tables."""

import re
from functools import lru_cache

import pytest

import captures
import made
import test_statistics
import wireshark
from test_statistics import mixed, table

HEADINGS = ["Capture", "Failures by cause (each: -z tdsconn,failures)", "Diagnoses, the worst first",
            "Slow logins (each step: -z tdsconn,times)", "Resets by whom", "Servers", "Encryption and certificates",
            "Clients", "Authentication", "Steps of the logins", "SQL Server Browser", "MARS sessions (all: -z tdsconn,mars)"]


def sections_of(lines):
    """{heading: its lines} of a report."""
    found, heading = {}, None
    assert lines[0] == "SQL Server Report"
    for line in lines[1:]:
        if line and not line.startswith(" "):
            heading = line
            found[heading] = []
        elif line:
            found[heading].append(line.removeprefix("  "))
    return found


def report_of(capture, *arguments, display_filter=None, **how):
    """The sections of a capture's report."""
    wanted = "tdsconn,report" + (f",{display_filter}" if display_filter else "")
    return sections_of(wireshark.tshark(capture, *arguments, "-q", "-z", wanted, **how))


@lru_cache(maxsize=None)
def report(two_pass=False):
    return report_of(mixed(), *(["-2"] if two_pass else []))


def cells(lines):
    """[{title: text}] of a table of a report: columns stand two blanks apart, under their titles."""
    if lines == ["none"]:
        return []
    titles, *rows = [re.split(r" {2,}", line.strip()) for line in lines if not line.startswith("...")]
    return [dict(zip(titles, row, strict=True)) for row in rows]


def total(rows, title):
    return sum(int(row[title]) for row in rows)


def test_the_worst_comes_first():
    assert list(report()) == HEADINGS
    order = ["Error", "Warning", "Note", "Chat"]
    told = [order.index(line.split(":")[0]) for line in report()["Diagnoses, the worst first"] if line[0] != " "]
    assert told == sorted(told) and len(set(told)) >= 3


def test_the_most_frequent_cause_comes_first():
    counts = [int(cause["Conns"]) for cause in cells(report()[HEADINGS[1]])]
    assert counts == sorted(counts, reverse=True) and len(set(counts)) > 1


def test_the_first_frames_of_a_cause_are_the_first():
    """Here the connection that was opened first is refused after the second."""
    capture = captures.real("srv-too-many-connections")
    refused = [int(frame) for frame, in wireshark.fields(capture, "frame.number", display_filter="tdsconn.expert.login_refused")]
    assert len(refused) == 5
    cause, = cells(report_of(capture)[HEADINGS[1]])
    assert cause["Frames"] == " ".join(map(str, refused[:4])) + " ..."


def test_one_pass_tells_what_two_tell():
    one, two = report(), report(two_pass=True)
    for heading in HEADINGS:
        if "Browser" not in heading and "Diagnoses" not in heading:
            assert one[heading] == two[heading], heading


def test_connections_and_frames_are_counted():
    frames = wireshark.fields(mixed(), "frame.number", display_filter="tdsconn.stream", two_pass=True)
    assert report()["Capture"][0] == f"Connections: {len(table('connections'))}, with {len(frames)} frames"


def test_causes_are_the_failures():
    failures, causes = table("failures"), cells(report()[HEADINGS[1]])
    assert total(causes, "Conns") == len(failures)
    for cause in causes:
        like = [row for row in failures if all(row[title] == cause[title]
                                               for title in ("What", "Diagnosis", "Error", "Owed by"))]
        assert len(like) == int(cause["Conns"]), cause
        frames = cause["Frames"].removesuffix(" ...").split()
        assert frames == sorted((row["Frame"] for row in like), key=int)[:len(frames)]
        assert len(frames) == min(4, len(like))


def test_causes_have_the_ends_of_the_first_and_say_whether_there_are_others():
    failures = sorted(table("failures"), key=lambda row: int(row["Frame"]))
    ends = {row["Conn"]: (row["Server"], row["Client"].rpartition(":")[0].strip("[]")) for row in table("connections")}
    for cause in cells(report()[HEADINGS[1]]):
        like = [ends[row["Conn"]] for row in failures if all(row[title] == cause[title]
                                                             for title in ("What", "Diagnosis", "Error", "Owed by"))]
        for told, all_of_them in zip((cause["Server"], cause["Client"]), zip(*like)):
            assert told == all_of_them[0] + (" ..." if len(set(all_of_them)) > 1 else "")


REFUSED = """0.000 client SYN
0.001 server SYN
0.002 client ACK
0.003 client PRELOGIN encrypt=not_supported
0.004 server PRELOGIN encrypt=not_supported
0.005 client LOGIN7 host=APP10 user=orders app="Order entry" server=sql.contoso.com library=ODBC database=Orders
0.012 server LOGIN_ERROR server=SQL20 number=18456 text="Login failed for user 'orders'."
"""


@pytest.mark.parametrize("server, client, shown", [
    ("10.10.10.20:1433", "10.10.10.10:50002", ("10.10.10.20:1433", "10.10.10.10")),
    ("10.10.10.21:1433", "10.10.10.10:50002", ("10.10.10.20:1433 ...", "10.10.10.10")),
    ("10.10.10.20:1433", "10.10.10.11:50002", ("10.10.10.20:1433", "10.10.10.10 ...")),
], ids=["the same", "another server", "another client"])
def test_a_cause_says_whether_there_are_other_servers_and_clients(server, client, shown):
    again = f"client {client} mac=00:15:5d:0a:0a:0a isn=2000000\nserver {server} mac=00:15:5d:0a:0a:14 isn=2500000\n"
    causes = cells(report_of(made.told(REFUSED + again + REFUSED.replace("0.0", "1.0", 7)))[HEADINGS[1]])
    assert [(row["Conns"], row["Server"], row["Client"]) for row in causes] == [("2", *shown)]


def test_the_duration_is_that_of_its_frames():
    path = captures.real("slow-ntlm-confirmation-3s-login-only-tls")
    times = [float(row[0]) for row in wireshark.fields(path, "frame.time_relative", display_filter="tdsconn.stream")]
    assert report_of(path)["Capture"][3] == f"Duration: {max(times) - min(times):.3f} s"


@pytest.mark.parametrize("two_pass", [False, True])
def test_only_one_pass_asks_for_two(two_pass):
    lines = report_of(captures.real("ft-sql-noenc"), *(["-2"] if two_pass else []))["SQL Server Browser"]
    assert ("-2" in lines[0]) == (not two_pass) and lines[0].startswith("no fault seen")


def test_every_diagnosis_is_told_with_its_numbers_its_filter_and_its_page():
    lines = report(two_pass=True)["Diagnoses, the worst first"]
    told = re.findall(r"^(\w+): (.*)\. Count: (\d+)\. Connections: (\d+)\. First in frame (\d+)\.$", "\n".join(lines), re.M)
    names = re.findall(r"Filter: tdsconn\.expert\.(\S+)  Page: (\S+)$", "\n".join(lines), re.M)
    rows = table("diagnoses", two_pass=True)
    assert told == [(row["Severity"], row["What it means"], row["Count"], row["Conns"], row["First frame"]) for row in rows]
    assert names == [(row["Diagnosis"], f"docs/diagnoses/{row['Diagnosis']}.md") for row in rows]
    assert all((wireshark.ROOT / page).exists() for _, page in names)


def test_the_first_of_a_diagnosis_is_told_as_its_frame_tells_it():
    lines = report()["Diagnoses, the worst first"]
    place = next(i for i, line in enumerate(lines) if line.startswith("Error: Login refused."))
    frame = re.search(r"frame (\d+)\.$", lines[place])[1]
    told = wireshark.fields(mixed(), "tdsconn.diagnosis", display_filter=f"frame.number == {frame}", two_pass=True)
    assert f"Login refused: {lines[place + 1].strip()}" == told[0][0]


@pytest.mark.parametrize("heading, name", [("Servers", "servers"), ("Clients", "clients"), ("Steps of the logins", "steps")])
def test_a_table_is_that_of_statistics(heading, name):
    assert cells(report()[heading]) == table(name)


def test_mars_sessions_are_those_of_statistics():
    shown, all_of_them = cells(report()[HEADINGS[-1]]), table("mars")
    assert shown == all_of_them[:len(shown)]
    rest = [line for line in report()[HEADINGS[-1]] if line.startswith("...")]
    assert rest == ([f"... and {len(all_of_them) - len(shown)} more"] if len(all_of_them) > len(shown) else [])


@pytest.mark.parametrize("heading", ["Clients", "Authentication", "Encryption and certificates"])
def test_each_connection_is_counted_once(heading):
    assert total(cells(report()[heading]), "Conns") == len(table("connections"))


@pytest.mark.parametrize("heading", ["Clients", "Authentication"])
def test_failures_are_counted_once(heading):
    assert total(cells(report()[heading]), "Failed") == len(table("failures"))


def test_resets_are_those_of_the_servers():
    assert total(cells(report()["Resets by whom"]), "Conns") == total(table("servers"), "Resets")


def test_clients_are_counted_by_their_frames():
    rows = wireshark.fields(mixed(), "tdsconn.message", display_filter="tdsconn.stream", two_pass=True)
    messages = [one for row in rows for one in row[0].split(",")]
    clients = cells(report()["Clients"])
    assert total(clients, "Resent") == messages.count("8") > 0
    assert total(clients, "Keep-alives") == messages.count("5")


def test_connections_a_minute_are_the_most_of_any_minute():
    """14 connections of one client within a second. One sent no login, so it has a row of its own."""
    rows = cells(report_of(captures.real("srv-too-many-connections"))["Clients"])
    assert [(row["Conns"], row["A minute"]) for row in rows] == [("1", "1"), ("13", "13")]


def test_ports_that_are_used_again_are_counted():
    """One of three connections on a port: the others came after a reset, and after more than a minute."""
    path = wireshark.CAPTURES / "story" / "diag-ports.pcapng"
    assert [(row["Conns"], row["Ports reused"]) for row in cells(report_of(path)["Clients"])] == [("25", "1")]
    told = wireshark.fields(path, "tdsconn.stream", display_filter="tdsconn.expert.port_reused", two_pass=True)
    assert told == [("22",)]


def test_a_slow_login_is_told_with_what_it_waited_for():
    slow = report_of(captures.real("slow-ntlm-confirmation-3s-login-only-tls"))["Slow logins (each step: -z tdsconn,times)"]
    assert [(row["Frame"], row["Diagnosis"]) for row in cells(slow)] == [
        ("16", "slow_domain_controller"), ("16", "slow_login")]
    assert "3.065 s" in slow[1] and "of which 3.065 s Authentication" in slow[2]


def test_a_healthy_capture_has_no_failure():
    told = report_of(captures.real("odbc-kerberos-login-only-tls"))
    for heading in (HEADINGS[1], "Slow logins (each step: -z tdsconn,times)", "Resets by whom"):
        assert told[heading] == ["none"]
    assert cells(told["Authentication"])[0]["SPN"].startswith("MSSQLSvc/")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", cells(told["Encryption and certificates"])[0]["Expires"])


def test_a_filter_selects_connections():
    told = report_of(captures.real("srv-too-many-connections"), "-2", display_filter="tdsconn.stream == 0")
    assert told["Capture"][0] == "Connections: 1, with 12 frames"


def test_without_a_connection_it_says_so():
    told = report_of(test_statistics.web_on_1433())
    assert told["Capture"] == ["Connections: 0, with 0 frames"]
    assert told["Diagnoses, the worst first"] == ["none"]


def test_a_filter_that_is_none_is_refused():
    done = wireshark.run("tshark", "-r", wireshark.readable(mixed()), "-q", "-z", "tdsconn,report,no such(")
    assert "tdsconn,report: " in done.stderr and "SQL Server Report" not in done.stdout
    assert (done.returncode != 0) == (wireshark.version() >= (4, 6))


def test_control_characters_are_escaped():
    """A report is printed on a terminal."""
    for capture in (test_statistics.mixed(), *captures.STORY[:40]):
        text = "\n".join(wireshark.tshark(capture, "-q", "-z", "tdsconn,report"))
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text), capture
