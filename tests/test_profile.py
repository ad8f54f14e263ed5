# SPDX-License-Identifier: GPL-2.0-or-later
"""The profile: its filters compile and find what they say, its rows can be read, its columns fit the screen
and say what is wrong."""

import re

import pytest

import profile_files
import wireshark

REAL = wireshark.CAPTURES / "real"
STORY = wireshark.CAPTURES / "story"
HEALTHY = REAL / "odbc-kerberos-login-only-tls.pcapng"

RULES = list(profile_files.color_rules())
BUTTONS = {button.label: button for button in profile_files.buttons()}

# Where each button finds something; the number of frames.
FINDS = [
    ("Logins", REAL / "ft-badpw-noenc.pcapng", 6),
    ("Failed logins", REAL / "srv-too-many-connections.pcapng", 62),
    ("Slow logins", REAL / "slow-ntlm-confirmation-3s-login-only-tls.pcapng", 1),
    ("Slow logins", STORY / "diag-look-ups.pcapng", 2),
    ("NTLM", REAL / "ntlm-odbc-noenc.pcapng", 39),
    ("In clear", REAL / "ft-badpw-noenc.pcapng", 1),
    ("In clear", REAL / "ft-tds4.2-login-no-reply-timeout.pcapng", 1),
    ("Named pipes", REAL / "smb311-np-samba-kerberos-signed.pcapng", 30),
    ("Resets", REAL / "abort-ted-rst-after-login7-sent.pcapng", 1),
    ("MARS", REAL / "mars-odbc-noenc.pcapng", 57),
    ("Errors", REAL / "ft-badpw-noenc.pcapng", 1),
    ("One a connection", REAL / "srv-too-many-connections.pcapng", 14),
]
# A reset after the close is no fault, and a login that a key log opens was not in clear.
FINDS_NOT = [("Resets", REAL / "ft-sql-full-tls.pcapng"), ("In clear", REAL / "ft-sql-full-tls.pcapng"),
             ("Failed logins", HEALTHY), ("Slow logins", HEALTHY), ("NTLM", HEALTHY), ("MARS", HEALTHY)]


def found(capture, display_filter):
    """The numbers of the frames that a filter shows."""
    rows = wireshark.fields(capture, "frame.number", two_pass=True, display_filter=display_filter,
                            keys=wireshark.keys_of(capture))
    return [number for number, in rows]


def test_filters_compile():
    wireshark.sharkd_session(*wireshark.checks(one.filter for one in (*RULES, *BUTTONS.values())))


def test_buttons_can_be_told_apart():
    assert len(BUTTONS) == len(profile_files.buttons())
    assert all(button.shown == "TRUE" and button.comment for button in BUTTONS.values())


@pytest.mark.parametrize("label, capture, count", FINDS)
def test_button_finds(label, capture, count):
    assert len(found(capture, BUTTONS[label].filter)) == count


@pytest.mark.parametrize("label, capture", FINDS_NOT)
def test_button_does_not_find(label, capture):
    assert not found(capture, BUTTONS[label].filter)


def test_every_button_is_tried():
    """"This connection" needs a selected frame: test_gui.py clicks on it."""
    assert {label for label, *_ in FINDS} | {"This connection"} == set(BUTTONS)


# What Wireshark 4.0 knows of styles and Y axes; later versions have them, too.
STYLES = {"Line", "Impulse", "Bar", "Stacked Bar", "Dot", "Square", "Diamond", "Cross", "Circle", "Plus"}
COUNTS, CALCULATES = {"Packets", "Bytes", "Bits"}, {f"{what}(Y Field)" for what in ("SUM", "MAX", "MIN", "AVG", "LOAD")}
# Where each graph has something to show; how many frames.
GRAPHED = {
    "Logins confirmed": ("srv-too-many-connections", 9),
    "Logins refused": ("srv-too-many-connections", 5),
    "Resets": ("abort-ted-rst-after-login7-sent", 1),
    "Other failures": ("net-outage-mid-query-ted", 1),
    "Longest response time": ("odbc-kerberos-login-only-tls", 0),
    "Least MARS credit": ("mars-odbc-noenc", 0),
    "All frames of SQL Server": ("ft-badpw-noenc", 12),
}


def test_graphs_are_as_wireshark_reads_them():
    graphs = profile_files.graphs()
    assert {graph.shown for graph in graphs} == {"Enabled", "Disabled"}
    for graph in graphs:
        assert graph.style in STYLES and re.fullmatch("#[0-9a-f]{6}", graph.color), graph
        assert graph.axis in (CALCULATES if graph.field else COUNTS), graph
        assert (graph.average, graph.factor) == ("None", "1")
    wireshark.sharkd_session(*wireshark.checks([*(graph.filter for graph in graphs),
                                                *(graph.field for graph in graphs if graph.field)]))


@pytest.mark.parametrize("graph", profile_files.graphs(), ids=lambda graph: graph.name)
def test_a_graph_has_something_to_show(graph):
    name, count = GRAPHED[graph.name]
    frames = found(REAL / f"{name}.pcapng", f"({graph.filter}) && {graph.field}" if graph.field else graph.filter)
    assert len(frames) == count if count else frames


def test_saved_filters_compile_and_have_a_name_each():
    saved = profile_files.saved_filters()
    assert len(dict(saved)) == len(saved) > 8
    assert all(name.startswith("SQL Server: ") for name, _ in saved)
    wireshark.sharkd_session(*wireshark.checks(one for _, one in saved))


def luminance(color):
    """The relative luminance of WCAG 2.1."""
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_rows_can_be_read(rule):
    """Both colours are set, so a dark window changes nothing; the contrast is that of WCAG's level AA."""
    dark, light = sorted(map(luminance, (rule.background, rule.text)))
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_rules_paint_by_severity_before_step():
    """Each frame by the first rule that fits, as Wireshark paints it."""
    capture = REAL / "ft-badpw-noenc.pcapng"
    painted = {}
    for rule in RULES:
        for frame in found(capture, rule.filter):
            painted.setdefault(int(frame), rule.name)
    assert [painted[frame] for frame in sorted(painted)] == [
        *["Connection opens or closes"] * 3, *["Driver handshake"] * 4, "Worth a look", "Login refused",
        *["Connection opens or closes"] * 3]


def test_frames_of_others_are_not_painted():
    """The exchange with the KDC stands in the same capture."""
    assert found(HEALTHY, "kerberos && !tdsconn")
    assert not any(found(HEALTHY, f"({rule.filter}) && !tdsconn") for rule in RULES)


def test_what_other_dissectors_complain_of_is_not_painted():
    """Wireshark's TDS calls a sound RPC malformed."""
    capture = REAL / "mars-odbc-login-only-tls.pcapng"
    complaints = set(found(capture, 'tdsconn.step == "Command" && _ws.malformed'))
    if not complaints and wireshark.version() >= (4, 6):
        pytest.skip("from 4.6 on it does not")
    assert complaints
    assert not any(complaints & set(found(capture, rule.filter)) for rule in RULES)


def test_severity_is_that_of_the_gravest_diagnosis():
    rows = wireshark.fields(REAL / "ft-badpw-noenc.pcapng", "frame.number", "tdsconn.severity",
                            display_filter="tdsconn.severity")
    assert rows == [("8", "3"), ("9", "4")]


def described(heading):
    """The cells of the table below a heading of docs/in-wireshark.md, a list for each row."""
    text = (wireshark.ROOT / "docs/in-wireshark.md").read_text(encoding="utf-8")
    part = re.search(rf"^## {heading}$(.*?)^## ", text, re.MULTILINE | re.DOTALL)[1]
    rows = re.findall(r"^\| (.*) \|$", part, re.MULTILINE)[1:]
    return [[cell.strip().strip("`").replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", row)] for row in rows]


def test_buttons_are_described_as_they_are():
    assert [(label, told) for label, _, told in described("Buttons")] == [
        (button.label, button.filter) for button in BUTTONS.values()]


def test_graphs_and_saved_filters_are_described_as_they_are():
    assert [(name, told, shown) for name, told, shown in described("I/O Graphs")] == [
        (graph.name, f"{graph.axis.removesuffix('(Y Field)')} of {graph.field}" if graph.field else graph.filter,
         "yes" if graph.shown == "Enabled" else "") for graph in profile_files.graphs()]
    assert [tuple(row) for row in described("Saved filters")] == [
        (name.removeprefix("SQL Server: "), told) for name, told in profile_files.saved_filters()]


def test_colours_are_described_as_they_are():
    """Confirmed, and what belongs to its step, are one line."""
    rules = [rule.filter for rule in RULES if rule.name != "Login confirmed"]
    assert [told for _, _, told in described("Colours")] == rules


def test_columns_are_described_as_they_are():
    ours = [(title, shown.split(":")[1].replace(" || ", "`, `")) for title, shown in profile_files.columns() if "tdsconn" in shown]
    assert [(title, told) for title, _, told in described("Columns")] == ours


def test_columns_have_widths_that_fit_a_small_screen():
    """1400 pixels, less what scrolls and the small map beside the list. A finding's name fits with what comes first."""
    widths = profile_files.widths()
    shown = [re.sub(r":0:R$", "", what) for _, what in profile_files.columns()]
    hidden = [re.sub(r":0:R$", "", what) for what in profile_files.hidden()]
    assert shown == list(widths)
    assert sum(widths[what] for what in shown if what not in hidden) <= 1400 - 50
    assert widths["%Cus:tdsconn.diagnosis"] >= 395  # 47 characters of Wireshark's font


@pytest.mark.parametrize("name, labels", [
    ("mars-reused", {"0 Established", "0 FIN by client", "0 FIN by server", "0 Closed"}),
    ("mars-midway", {"3 Joined midway"}),
], ids=["from its beginning", "from the middle"])
def test_the_mars_column_shows_the_whole_state(name, labels):
    """8 pixels for each character of Wireshark's font, and as much between columns."""
    rows = wireshark.fields(wireshark.CAPTURES / "story" / f"{name}.pcapng", "tdsconn.mars.brief",
                            display_filter="tdsconn.mars.brief")
    told = {label for text, in rows for label in text.split(",")}
    assert labels <= told
    assert max(len(label) for label in told) * 8 + 8 <= profile_files.widths()["%Cus:tdsconn.mars.brief"]


def listed(capture, *settings):
    """The packet list as the profile shows it, a list of cells for each frame."""
    columns = ",".join(f'"{title}","{what}"' for title, what in profile_files.columns())
    rows = wireshark.tshark(capture, "-2", "-T", "tabs", "-o", f"gui.column.format:{columns}", *settings)
    # tshark puts a column of its own, an arrow, between source and destination.
    return [[cell.strip() for cell in row.split("\t") if cell != "→"] for row in rows]


TITLES = [title for title, _ in profile_files.columns()]


# A frame that anybody should find by looking at the list, and what its row says, as far as the column shows it.
SAID = [
    ("ft-badpw-noenc", 9, "Login refused", "SQL", "Login refused: error 18456 (see the server's er"),
    ("ntlm-odbc-badpw-login-only-tls", 15, "Login refused", "NTLM", "Login refused: error 18456 (see the server's er"),
    ("srv-too-many-connections", 88, "Login refused", "SQL", "Login refused: error 33557097: remaining connec"),
    ("odbc-kerberos-unknown-spn", 14, "Close", "Unknown", "Client sent no login: the KDC refused it a tick"),
    ("routing-to-refused-port-ted", 12, "Close", "Unknown", "Connection refused: nobody listens on this port"),
    ("slow-ntlm-confirmation-3s-login-only-tls", 16, "Login confirmation", "NTLM", "Slow domain controller: 3.065 s"),
    ("abort-ted-rst-after-login7-sent", 9, "Close", "SQL", "Login never answered: no answer to the login in frame 8"),
    ("routing-ted-noenc", 9, "Login redirected", "SQL", "Client sent to another server"),
    ("ft-sql-login-only-tls", 1, "TCP handshake", "SQL?", ""),
]


@pytest.mark.parametrize("name, frame, step, auth, diagnosis", SAID, ids=lambda one: str(one))
def test_the_list_says_what_is_wrong(name, frame, step, auth, diagnosis):
    row = dict(zip(TITLES, listed(REAL / f"{name}.pcapng")[frame - 1]))
    assert (row["Login step"], row["Auth"]) == (step, auth)
    assert row["Diagnosis"].startswith(diagnosis) and bool(row["Diagnosis"]) == bool(diagnosis)


# Twelve connections that work, and between them a refused login, a slow one and a reset.
CROWD = ["ft-sql-noenc", "ft-tds7.1-noenc", "ft-tds7.2-noenc", "odbc-kerberos-noenc", "pytds-simple-noenc", "ft-badpw-noenc",
         "pktsize-512-ted", "ntlm-odbc-noenc", "slow-ntlm-confirmation-3s-login-only-tls", "ted-transaction-noenc",
         "ted-resetconn-noenc", "abort-ted-rst-after-login7-sent", "mars-odbc-noenc", "ted-bulkload-noenc",
         "sqlclient-mono-simple"]


def test_what_is_wrong_among_15_connections_stands_in_the_list():
    """Nobody has to click: the rows with a failure or a slow login say so, and no row of another connection does."""
    path = wireshark.scratch("crowd") / "crowd.pcapng"
    wireshark.output("mergecap", "-w", path, *(wireshark.readable(REAL / f"{name}.pcapng") for name in CROWD), bare=True)
    rows = [dict(zip(TITLES, row)) for row in listed(path)]
    severities = wireshark.fields(path, "tdsconn.stream", "tdsconn.severity", two_pass=True)
    assert len({stream for stream, _ in severities if stream}) == len(CROWD)
    wrong = {row["No."]: (row["Login step"], row["Diagnosis"]) for row, (_, severity) in zip(rows, severities, strict=True)
             if severity and int(severity) >= 3 and "Password sent" not in row["Diagnosis"]}
    steps = sorted((step, diagnosis.partition(":")[0]) for step, diagnosis in wrong.values())
    assert steps == [("Close", "Login never answered"), ("Login confirmation", "Slow domain controller"),
                     ("Login refused", "Login refused")]


def test_every_finding_of_a_frame_has_its_severity_and_its_words():
    rows = wireshark.fields(REAL / "srv-too-many-connections.pcapng", "tdsconn.severity", "tdsconn.diagnosis", two_pass=True)
    assert {bool(severity) for severity, _ in rows} == {True, False}
    assert all(bool(severity) == bool(words) for severity, words in rows)


def test_whom_is_waited_for_is_ready_but_hidden():
    capture = REAL / "ft-badpw-noenc.pcapng"
    all_columns = [dict(zip(TITLES, row)) for row in listed(capture)]
    assert all_columns[3]["Waiting for"] == "server,its answer to PRELOGIN"
    hidden = profile_files.hidden()
    assert [title for title, what in profile_files.columns() if what in hidden] == ["Waiting for"]
    for row, all_of_it in zip(listed(capture, "-o", f"gui.column.hidden:{','.join(hidden)}"), all_columns, strict=True):
        assert row == [cell for title, cell in all_of_it.items() if title != "Waiting for"]
