# SPDX-License-Identifier: GPL-2.0-or-later
"""Statistics: each against the fields of the same connections, and against each other, over a capture of many."""

import re
from collections import Counter, defaultdict
from functools import lru_cache

import pytest
from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import Ether
from scapy.utils import wrpcap

import captures
import made
import wireshark
from enums import CLOSE, ENCRYPTION, MESSAGE, STATE

TABLES = ["connections", "details", "times", "failures", "servers", "clients", "steps", "diagnoses", "mars"]
WIDTH = 120
WIDTHS = {"details": 130, "failures": 150, "times": 150, "clients": 160}  # three columns more

# Logged in and refused, each way to authenticate and to encrypt, MARS, redirected, broken, not connected, midway.
MIXED = [
    "ft-sql-noenc", "ft-badpw-noenc", "ft-sql-login-only-tls", "ft-sql-full-tls", "ntlm-odbc-noenc",
    "pytds-kerberos-noenc", "fedauth-ted-accesstoken", "mars-odbc-noenc", "mars-odbc-client-sigkill",
    "tds8-strict-ted-tls13", "routing-ted-noenc", "net-refused-tsql", "net-syn-no-answer-ted",
    "srv-kill9-backend-mid-query-odbc", "srv-too-many-connections", "ipv6-ted-sql-noenc", "ted-sqlerrors-noenc",
    "ted-bulkload-noenc", "ted-transaction-noenc", "tls-version-mismatch-ted", "abort-ted-kill-in-tls-handshake",
    "derived-midstream-odbc-params", "odbc-cancel-attention-noenc", "port57139-ntlm-noenc",
]

STEPS = {"connect": "Connect", "prelogin": "Driver handshake", "tls": "TLS handshake", "login": "Login",
         "auth": "Authentication", "total": "Total s"}
CUT = (CLOSE.CLIENT_RESET, CLOSE.SERVER_RESET, CLOSE.DEVICE_RESET, CLOSE.SERVER_FIRST)
RULE = re.compile(r'^DIAGNOSIS\(\w+,\s*"tdsconn\.expert\.([\w.]+)",\s*(\w+),', re.MULTILINE)
SEVERITY_NAMES = {"ERROR": "Error", "WARN": "Warning", "NOTE": "Note", "CHAT": "Chat"}
# {rule: severities}: of some rules it depends on the case.
SEVERITIES = defaultdict(set)
for one, its_severity in RULE.findall((wireshark.ROOT / "plugin/core/diagnoses.def").read_text(encoding="utf-8")):
    SEVERITIES[one].add(SEVERITY_NAMES[its_severity])
RULES = list(SEVERITIES)


@lru_cache(maxsize=None)
def mixed():
    """The capture of many connections; some come with SQL Browser, from a story."""
    path = wireshark.scratch("mixed") / "mixed.pcapng"
    parts = [captures.real(name) for name in MIXED]
    parts += [part for part in captures.STORY if part.stem.startswith("ssrp-")]
    wireshark.output("mergecap", "-w", path, *map(wireshark.readable, parts), bare=True)  # hangs under AddressSanitizer
    return path


@lru_cache(maxsize=None)
def day():
    """The capture that docs/statistics.md shows, made of the parts that it names."""
    text = (wireshark.ROOT / "docs/statistics.md").read_text(encoding="utf-8")
    command = re.search(r"^\$ mergecap .*?^```$", text, re.DOTALL | re.MULTILINE)[0]
    names = re.sub(r"\\\n", " ", re.search(r"pcapng ' (.*?)\)", command, re.DOTALL)[1]).split()
    stories = re.findall(r"captures/story/([\w-]+)\.pcapng", command)
    parts = [*map(captures.real, names), *(part for part in captures.STORY if part.stem in stories)]
    path = wireshark.scratch("day") / "day.pcap"
    wireshark.output("mergecap", "-F", "nsecpcap", "-w", path, *map(wireshark.readable, parts), bare=True)
    return path


@lru_cache(maxsize=None)
def printed(name, display_filter=None, two_pass=False, of=mixed):
    """The lines that tshark prints of a statistic."""
    wanted = f"tdsconn,{name}" + (f",{display_filter}" if display_filter else "")
    return wireshark.tshark(of(), *(["-2"] if two_pass else []), "-q", "-z", wanted)


def grid(lines):
    """The header and the rows of a table, without what stands around them."""
    header = next(i for i, line in enumerate(lines) if line.endswith(" |"))
    return [line for line in lines[header:] if line.endswith("|")]


def rows_of(lines):
    """[{title: text}] of a table that was printed."""
    titles, *rows = [[cell.strip() for cell in line.split("|")[:-1]] for line in grid(lines)]
    return [dict(zip(titles, row, strict=True)) for row in rows]


def table(name, **how):
    """[{title: text}] of a table of the capture of many connections."""
    return rows_of(printed(name, **how))


@lru_cache(maxsize=None)
def connections():
    """{number: {field: text}} by what is said on the last frame of each."""
    names = ["stream", "state", "auth", "auth.basis", "encryption", "tls.version", "version", "close", "mars",
             "instance", *(f"time.{step}" for step in STEPS)]
    rows = wireshark.fields(mixed(), *(f"tdsconn.{name}" for name in names), two_pass=True,
                            display_filter="tdsconn.last")
    return {int(row[0]): dict(zip(names, row)) for row in rows}


@lru_cache(maxsize=None)
def raised():
    """[(frame, connection or None, rule)] of all findings; one of SQL Browser belongs to no connection."""
    names = [f"tdsconn.expert.{rule}" for rule in RULES]
    rows = wireshark.fields(mixed(), "frame.number", "tdsconn.stream", *names, two_pass=True)
    return [(int(row[0]), int(row[1]) if row[1] else None, rule)
            for row in rows for rule, found in zip(RULES, row[2:]) for _ in found.split(",") if found]


@lru_cache(maxsize=None)
def gravest():
    """{connection: how grave its gravest finding is}."""
    found = defaultdict(int)
    rows = wireshark.fields(mixed(), "tdsconn.stream", "tdsconn.severity", two_pass=True, display_filter="tdsconn.severity")
    for number, severity in rows:
        found[int(number or -1)] = max(found[int(number or -1)], int(severity))
    return {number: captures.texts("tdsconn.severity")[str(severity)] for number, severity in found.items()}


@lru_cache(maxsize=None)
def requests():
    """[(connection, message, seconds to the response or None, procedure)] of all commands."""
    names = ["frame.number", "tdsconn.stream", "tdsconn.message", "tdsconn.rpc", "tdsconn.request_in",
             "tdsconn.response_time"]
    rows = wireshark.fields(mixed(), *names, two_pass=True)
    times = {}
    for row in rows:
        if row[5]:
            times[int(row[4].split(",")[0])] = float(row[5].split(",")[0])
    return [(int(row[1]), message, times.get(int(row[0])), row[3])
            for row in rows for message in row[2].split(",") if message in KINDS]


def named(field, value):
    return captures.texts(f"tdsconn.{field}").get(value, value)


def split(rows, *columns):
    """The sum of these columns."""
    return sum(int(row[column]) for row in rows for column in columns)


# What is printed.


def test_the_capture_has_many_connections_of_all_kinds():
    found = connections().values()
    assert len(found) >= 15
    assert {one["auth"] for one in found} >= {"0", "1", "2", "3"}
    assert {one["encryption"] for one in found} >= {"1", "2", "3", "4"}
    assert {one["state"] for one in found} >= {"1", "3", "4", "5", "6", "8"}


@pytest.mark.parametrize("name", TABLES)
def test_columns_stand_under_their_titles(name):
    lines = grid(printed(name))
    assert len(lines) > 1
    assert len({tuple(i for i, c in enumerate(line) if c == "|") for line in lines}) == 1
    assert max(map(len, lines)) <= WIDTHS.get(name, WIDTH)


@pytest.mark.parametrize("name", [*(name for name in TABLES if name != "diagnoses"), "tree", "srt"])
def test_one_pass_tells_what_two_tell(name):
    assert printed(name) == printed(name, two_pass=True)


def test_one_pass_counts_all_diagnoses_but_those_of_browser_that_the_end_tells():
    before, after = (table("diagnoses", two_pass=two) for two in (False, True))
    left_out = [row for row in after if row not in before]
    assert {row["Diagnosis"] for row in left_out} <= {"browser_unanswered"}


# A row each connection.


def test_connections_are_those_of_the_fields():
    rows = table("connections")
    assert [int(row["Conn"]) for row in rows] == sorted(connections())
    for row in rows:
        one = connections()[int(row["Conn"])]
        inferred = "?" if named("auth.basis", one["auth.basis"]) == "Inferred" else ""
        assert (row["Auth"], row["Outcome"]) == (named("auth", one["auth"]) + inferred, named("state", one["state"]))


def test_ends_of_a_connection_are_those_of_its_frames():
    frames = wireshark.fields(mixed(), "tdsconn.stream", "ip.src", "ipv6.src", "tcp.srcport", two_pass=True,
                              display_filter='tdsconn.sender == "client"')
    clients = {int(row[0]): f"{row[1]}:{row[3]}" if row[1] else f"[{row[2]}]:{row[3]}" for row in frames}
    rows = {int(row["Conn"]): row["Client"] for row in table("connections")}
    assert {number: rows[number] for number in clients} == clients


def test_details_are_those_of_the_fields():
    asked = Counter(number for number, *_ in requests())
    for row in table("details"):
        one = connections()[int(row["Conn"])]
        assert row["Auth basis"] == named("auth.basis", one["auth.basis"])
        assert row["Encryption"] == named("encryption", one["encryption"])
        assert row["Close"] == named("close", one["close"])
        assert (row["TLS"], row["TDS"], row["Instance"]) == tuple(
            one[name] or "-" for name in ("tls.version", "version", "instance"))
        assert (row["MARS"] == "on") == (one["mars"] == "1")
        assert row["Requests"] == "-" or int(row["Requests"]) == asked[int(row["Conn"])]


def test_requests_that_tls_hides_are_not_counted_as_none():
    rows = {int(row["Conn"]): row["Requests"] for row in table("details")}
    strict = next(number for number, one in connections().items() if one["encryption"] == ENCRYPTION.STRICT)
    assert rows[strict] == "-"


def test_times_are_those_of_the_fields():
    for row in table("times"):
        one = connections()[int(row["Conn"])]
        for step, title in STEPS.items():
            told = one[f"time.{step}"]
            assert row[title] == (f"{float(told):.6f}" if told else "-")


def test_the_parts_of_a_login_are_its_whole_time():
    parts = {row["Conn"]: [row[name] for name in ("Network s", "Server s", "Client s")] for row in table("times")}
    totals = {row["Conn"]: row["Total s"] for row in table("times")}
    known = [number for number, cells in parts.items() if "-" not in cells]
    assert len(known) > 10
    for number in known:
        assert sum(map(float, parts[number])) == pytest.approx(float(totals[number]), abs=5e-6)
    assert all(parts[number] == ["-"] * 3 for number in parts if totals[number] == "-")


@lru_cache(maxsize=None)
def lost_prelogin():
    """A login whose PRELOGIN is acknowledged when it was sent the third time."""
    return made.told("""0.000 client SYN
0.001 server SYN
0.002 client ACK
0.003 client PRELOGIN encrypt=not_supported
1.003 client AGAIN
3.003 client AGAIN
3.003 server ACK
3.005 server PRELOGIN encrypt=not_supported
3.008 client LOGIN7 host=APP10 user=orders app=Orders server=sql.contoso.com library=ODBC database=Orders
3.009 server LOGINACK server=SQL20 database=Orders spid=55
""")


def slow_login():
    return captures.real("slow-ntlm-confirmation-3s-login-only-tls")


def test_the_server_had_the_time_that_a_slow_domain_controller_took():
    slow, = table("times", of=slow_login)
    assert 3.0 < float(slow["Server s"]) < 3.1
    assert float(slow["Network s"]) == 0


def test_the_network_had_the_time_that_lost_messages_took():
    lost, = table("times", of=lost_prelogin)
    assert [float(lost[name]) for name in ("Network s", "Server s", "Client s", "Total s")] == pytest.approx(
        [3.0, 0.004, 0.005, 3.009])


# What went wrong.


def failure_by_fields(number, one):
    """The same question, asked of the fields."""
    error = gravest().get(number) == "Error"
    cut = one["close"] in CUT
    if one["state"] in (STATE.LOGIN_FAILED, STATE.LOGIN_UNFINISHED):
        return named("state", one["state"])
    if not error and (not cut or one["state"] in (STATE.REDIRECTED, STATE.PROBE)):
        abandoned = any(rule == "request_abandoned" for _, conn, rule in raised() if conn == number)
        return "Given up" if abandoned else None
    logging_in = "Login unfinished" if error else "Outcome unknown"
    return {"1": "Not connected", "2": logging_in}.get(one["state"], "Broken")


def test_failures_are_the_connections_that_failed():
    wanted = {number: failure_by_fields(number, one) for number, one in connections().items()}
    rows = table("failures")
    assert {int(row["Conn"]): row["What"] for row in rows} == {n: what for n, what in wanted.items() if what}
    assert {row["What"] for row in rows} == {"Login failed", "Login unfinished", "Not connected", "Broken", "Given up"}


def test_the_error_of_a_failure_is_that_of_its_frame():
    told = wireshark.fields(mixed(), "frame.number", "tdsconn.stream", "tdsconn.error.number", "tdsconn.error.message",
                            display_filter="tdsconn.error.number", two_pass=True)
    told = {(int(row[0]), int(row[1])): row[2:] for row in told}
    rows = [row for row in table("failures") if row["Error"] != "-"]
    assert rows
    for row in rows:
        number, message = told[int(row["Frame"]), int(row["Conn"])]
        assert number.split(",")[0] == row["Error"]
        assert message.startswith(row["Text"].removesuffix("..."))
    details = {row["Conn"]: row["Error"] for row in table("details") if row["Error"] != "-"}
    assert details == {row["Conn"]: row["Error"] for row in rows}


def test_the_worst_diagnosis_is_the_worst():
    by_connection = defaultdict(list)
    for _, number, rule in raised():
        by_connection[number].append(rule)
    for row in table("connections"):
        rules = [rule for rule in by_connection[int(row["Conn"])] if SEVERITIES[rule] != {"Chat"}]
        if not rules:
            assert row["Worst diagnosis"] == "-"
            continue
        assert row["Worst diagnosis"] in rules
        assert gravest()[int(row["Conn"])] in SEVERITIES[row["Worst diagnosis"]]
    worst = {row["Conn"]: row["Worst diagnosis"] for row in table("connections")}
    assert all(worst[row["Conn"]] == row["Diagnosis"] for row in table("failures"))


def test_diagnoses_are_counted_as_the_fields_are():
    """A row for each rule, or for each of its severities that was met."""
    rows = defaultdict(list)
    for row in table("diagnoses", two_pass=True):
        rows[row["Diagnosis"]].append(row)
    counts = {rule: sum(int(row["Count"]) for row in its_rows) for rule, its_rows in rows.items()}
    assert counts == Counter(rule for _, _, rule in raised())
    for rule, its_rows in rows.items():
        found = [(frame, number) for frame, number, one in raised() if one == rule]
        assert min(int(row["First frame"]) for row in its_rows) == min(frame for frame, _ in found)
        if len(its_rows) == 1:
            assert int(its_rows[0]["Conns"]) == len({number for _, number in found if number is not None})
        severities = [row["Severity"] for row in its_rows]
        assert len(severities) == len(set(severities)) and set(severities) <= SEVERITIES[rule]


def test_diagnoses_are_counted_as_expert_information():
    counts, severity = Counter(), None
    for line in wireshark.tshark(mixed(), "-2", "-q", "-z", "expert"):
        heading = re.match(r"(Error|Warn|Note|Chat)s \(\d+\)", line)
        severity = heading[1] if heading else severity
        row = re.match(r"\s*(\d+)\s+\S+(?: \S+)*?\s+(?:TDSCONN|SSRP)\s", line)
        counts[severity] += int(row[1]) if row else 0
    ours = Counter()
    for row in table("diagnoses", two_pass=True):
        ours[row["Severity"].removesuffix("ing")] += int(row["Count"])
    assert ours == +counts


def test_diagnoses_stand_by_severity():
    order = ["Error", "Warning", "Note", "Chat"]
    told = [order.index(row["Severity"]) for row in table("diagnoses")]
    assert told == sorted(told)


# Sums.


def test_servers_add_up_to_the_other_tables():
    rows, found = table("servers"), connections().values()
    by_server = Counter(row["Server"] for row in table("connections"))
    assert {row["Server"]: int(row["Conns"]) for row in rows} == by_server
    assert all(int(row["Conns"]) == split([row], "SQL", "NTLM", "Kerb.", "Entra", "Other") for row in rows)
    auths = Counter(named("auth", one["auth"]) for one in found)
    assert [split(rows, title) for title in ("SQL", "NTLM", "Kerb.", "Entra")] == [
        auths[name] for name in ("SQL", "NTLM", "Kerberos", "Entra")]
    assert split(rows, "Failed") == len(table("failures"))
    assert split(rows, "Routed") == sum(one["state"] == STATE.REDIRECTED for one in found)
    assert split(rows, "TDS 8") == sum(one["encryption"] == ENCRYPTION.STRICT for one in found)
    assert split(rows, "Resets") == sum(one["close"] in (CLOSE.CLIENT_RESET, CLOSE.SERVER_RESET, CLOSE.DEVICE_RESET) for one in found)
    assert split(rows, "Weak TLS") == len({number for _, number, rule in raised() if rule == "tls_old"})


@pytest.mark.parametrize("name, resets, weak", [("diag-resets", {"4", "6"}, 0), ("tls-of-old-servers", set(), 3)])
def test_resets_and_old_tls_are_counted(name, resets, weak):
    path = wireshark.CAPTURES / "story" / f"{name}.pcapng"
    rows = rows_of(wireshark.tshark(path, "-q", "-z", "tdsconn,servers"))
    closes = [row[0] for row in wireshark.fields(path, "tdsconn.close", two_pass=True, display_filter="tdsconn.last")]
    assert set(closes) >= resets
    assert split(rows, "Resets") == sum(close in (CLOSE.CLIENT_RESET, CLOSE.SERVER_RESET, CLOSE.DEVICE_RESET) for close in closes)
    assert split(rows, "Weak TLS") == weak


def test_clients_of_a_server_are_counted_once():
    clients = defaultdict(set)
    for row in table("connections"):
        clients[row["Server"]].add(row["Client"].rpartition(":")[0])
    assert {row["Server"]: int(row["Clients"]) for row in table("servers")} == {
        server: len(found) for server, found in clients.items()}


def test_the_version_of_a_server_is_the_latest_that_it_told():
    servers = {int(row["Conn"]): row["Server"] for row in table("connections")}
    told = wireshark.fields(mixed(), "tdsconn.stream", "tdsconn.server.version", two_pass=True,
                            display_filter="tdsconn.last && tdsconn.server.version")
    versions = {servers[number]: version for number, version in sorted((int(row[0]), row[1]) for row in told)}
    assert {row["Server"]: row["Version"] for row in table("servers") if row["Version"] != "-"} == versions


def test_steps_are_those_of_the_fields():
    rows = {row["Step"]: row for row in table("steps")}
    for step, title in STEPS.items():
        told = {number: float(one[f"time.{step}"]) for number, one in connections().items() if one[f"time.{step}"]}
        row = rows[{"connect": "TCP handshake", "total": "Whole login"}.get(step, title)]
        assert int(row["Count"]) == len(told)
        assert row["Min s"] == f"{min(told.values()):.6f}" and row["Max s"] == f"{max(told.values()):.6f}"
        assert float(row["Average s"]) == pytest.approx(sum(told.values()) / len(told), abs=1e-6)
        assert told[int(row["Slowest conn"])] == max(told.values())


def test_branches_of_the_tree_add_up():
    lines = [re.match(r"( *)(.+?)  +(\d+) ", line) for line in printed("tree")]
    counts = {}
    for line in filter(None, lines):
        branch = line[2] if len(line[1]) == 1 else branch if len(line[1]) == 2 else None
        counts[branch, line[2]] = int(line[3])
    assert counts[None, "Connections"] == len(connections())
    for branch, field in (("State", "state"), ("Authentication", "auth"), ("Encryption", "encryption"),
                          ("Close", "close")):
        wanted = Counter(named(field, one[field]) for one in connections().values())
        assert {name: count for (of, name), count in counts.items() if of == branch and name != branch} == wanted


# Response times.


KINDS = {MESSAGE.SQL_BATCH: "SQL batch", MESSAGE.RPC: "RPC", MESSAGE.BULK_LOAD: "Bulk load",
         MESSAGE.TRANSACTION: "Transaction manager"}


def response_times():
    """{name: (calls, least, most)} of each table: requests, procedures, and the three parts of requests."""
    found = []
    for line in printed("srt"):
        if line.startswith("Index"):
            found.append({})
        row = re.match(r" *\d+  (.+?) +(\d+) +([\d.]+) +([\d.]+) +[\d.]+ +[\d.]+$", line)
        if row:
            found[-1][row[1]] = (int(row[2]), float(row[3]), float(row[4]))
    return found


def summed(times):
    return {name: (len(all_), pytest.approx(min(all_), abs=1e-6), pytest.approx(max(all_), abs=1e-6))
            for name, all_ in times.items()}


def test_response_times_are_those_of_the_fields():
    by_kind, by_procedure = defaultdict(list), defaultdict(list)
    for _, message, seconds, procedure in requests():
        if seconds is not None:
            by_kind[KINDS[message]].append(seconds)
            if message == MESSAGE.RPC:
                by_procedure[procedure].append(seconds)
    assert set(by_kind) == set(KINDS.values())
    assert response_times()[:2] == [summed(by_kind), summed(by_procedure)]
    assert {"sp_executesql", "sp_prepexec", "sp_unprepare", "get_orders"} <= set(by_procedure)


@lru_cache(maxsize=None)
def responses():
    """[(kind of request, when its response began, request spread, service time, when the response ended)], of the first
    in each frame; None where it is not known."""
    names = ["frame.number", "frame.time_epoch", "tdsconn.message", "tdsconn.request_in", "tdsconn.response_time",
             "tdsconn.request_spread", "tdsconn.service_time"]
    rows = wireshark.fields(mixed(), *names, two_pass=True)
    sent = {row[0]: (KINDS[message], float(row[1])) for row in rows for message in row[2].split(",") if message in KINDS}
    begun, ended = {}, defaultdict(list)
    for _, at, messages, requests_in, *times in rows:
        request = requests_in.split(",")[0]
        if request in sent and "," not in requests_in:
            if times[0]:
                kind, asked = sent[request]
                begun[request] = (kind, asked + float(times[0]), *(float(time) if time else None for time in times[1:]))
            if MESSAGE.RESPONSE in messages.split(","):
                ended[request].append(float(at))
    return [(*begun[request], ended[request]) for request in begun]


def part_by_kind(number):
    """{kind: all values} of one of TRANSUM's parts, by the fields."""
    found = defaultdict(list)
    for kind, began, spread, service, ends in responses():
        values = [[spread], [service], [at - began for at in ends] if spread is not None else []][number]
        found[kind] += [value for value in values if value is not None]
    return found


@pytest.mark.parametrize("number", range(3), ids=["request spread", "service time", "response spread"])
def test_parts_of_response_times_are_those_of_the_fields(number):
    assert response_times()[2 + number] == summed(part_by_kind(number))


# Filters.


def test_one_frame_of_a_connection_is_enough_for_its_row():
    all_of_them = {row["Conn"]: row for row in table("connections")}
    for display_filter in ("tcp.flags.syn==1", "tcp.flags.fin==1", f"tdsconn.message=={MESSAGE.LOGIN7}"):
        rows = table("connections", display_filter=display_filter)
        assert 0 < len(rows) <= len(all_of_them)
        assert all(row == all_of_them[row["Conn"]] for row in rows)


def test_a_filter_is_the_same_for_all_tables():
    refused = f"tdsconn.state=={STATE.LOGIN_FAILED}"
    count = sum(one["state"] == STATE.LOGIN_FAILED for one in connections().values())
    assert len(table("connections", display_filter=refused, two_pass=True)) == count
    assert len(table("failures", display_filter=refused, two_pass=True)) == count
    assert split(table("servers", display_filter=refused, two_pass=True), "Conns") == count
    rows = {row["Diagnosis"]: int(row["Count"])
            for row in table("diagnoses", display_filter=refused, two_pass=True)}
    numbers = {number for number, one in connections().items() if one["state"] == STATE.LOGIN_FAILED}
    assert rows == Counter(rule for _, number, rule in raised() if number in numbers)


def test_sharkd_has_the_same_rows_again_and_again():
    def rows_in(answer):
        return [[str(cell).strip() for cell in row] for row in answer["taps"][0]["tables"][0]["i"]]

    ask = [("tap", {"tap0": f"nstat:tdsconn,{name}"}) for name in TABLES]
    first, second = [], []
    answers = wireshark.sharkd(mixed(), *ask, *ask)
    for i, name in enumerate(TABLES):
        first.append(rows_in(answers[i]))
        second.append(rows_in(answers[i + len(TABLES)]))
        assert first[-1] == [list(row.values()) for row in table(name, two_pass=True)]
    assert first == second


@lru_cache(maxsize=None)
def web_on_1433():
    """A web client and server at the port of SQL Server."""
    path = wireshark.scratch("web") / "web.pcap"
    there = Ether() / IP(src="10.0.0.1", dst="10.0.0.2")
    back = Ether() / IP(src="10.0.0.2", dst="10.0.0.1")
    wrpcap(str(path), [
        there / TCP(sport=50000, dport=1433, flags="S", seq=100),
        back / TCP(sport=1433, dport=50000, flags="SA", seq=500, ack=101),
        there / TCP(sport=50000, dport=1433, flags="A", seq=101, ack=501),
        there / TCP(sport=50000, dport=1433, flags="PA", seq=101, ack=501) / b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    ])
    return path


@pytest.mark.parametrize("name", ["connections", "servers", "failures"])
def test_what_turns_out_to_be_something_else_is_not_counted(name):
    """Its SYN goes to port 1433, so that the only pass takes it for a connection at first."""
    lines = wireshark.tshark(web_on_1433(), "-q", "-z", f"tdsconn,{name}")
    assert len(grid(lines)) == 1


def documented():
    """The rows of tables that docs/statistics.md shows."""
    text = (wireshark.ROOT / "docs/statistics.md").read_text(encoding="utf-8")
    rows = [line for block in re.findall(r"^```\n(.*?)^```$", text, re.DOTALL | re.MULTILINE) for line in wireshark.lines(block)]
    return [row for row in rows if row.endswith("|") or re.match(r" +\d+ |Index ", row)]


def test_the_documentation_shows_what_is_printed():
    told = {line for name in [*TABLES, "srt"] for line in printed(name, of=day)}
    assert len(documented()) > 30
    assert [row for row in documented() if row not in told] == []
