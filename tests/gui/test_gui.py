# SPDX-License-Identifier: GPL-2.0-or-later
"""What a user sees and clicks in Wireshark's window, with the profile on."""

import contextlib
import re
from collections import namedtuple

import pytest

import desktop
import wireshark

REAL = wireshark.CAPTURES / "real"
STORY = wireshark.CAPTURES / "story"
REFUSED = REAL / "srv-too-many-connections.pcapng"
MARS = REAL / "mars-odbc-noenc.pcapng"
PIPE = REAL / "smb311-np-samba-pipe-broken.pcapng"
KERBEROS = STORY / "article-kerberos.pcapng"

# One row for each dialog of Statistics, by its title in the menu, and words that stand in it for this capture, as far as
# OCR can read them: an l beside a line and the R of SRT are lost on it.
Dialog = namedtuple("Dialog", "title capture words")
DIALOGS = [
    Dialog("SQL Server Connections", REFUSED, ["Worst diagnosis", "Login failed .{0,2}ogin.refused"]),
    Dialog("SQL Server Connection Details", REFUSED, ["Auth basis", "33557097 Server closed first"]),
    Dialog("SQL Server Login Times", REFUSED, ["Driver handshake", "0.232500 0.000000 0.227504 0.004997 Logged in"]),
    Dialog("SQL Server Failures", REFUSED, ["Ended by", "remaining connection slots"]),
    Dialog("SQL Server Clients", REFUSED, ["Ports reused", "p.[oa]dbc.demo"]),
    Dialog("SQL Server Login Steps", REFUSED, ["Slowest conn", "Driver handshake", "Whole login"]),
    Dialog("SQL Server Diagnoses", REFUSED, ["What it means", "login.in.clear Warning 14"]),
    Dialog("SQL Server MARS Sessions", MARS, ["Opened", "Longest", "682 4588 0.000", "Closed"]),
]


@pytest.fixture(scope="module", autouse=True)
def screen():
    with desktop.screen():
        yield


@pytest.fixture(scope="module")
def main(screen):
    """Wireshark's main window for a capture; all tests of a capture share it."""
    with contextlib.ExitStack() as running:
        shown = {}

        def of(capture):
            if capture not in shown:
                shown[capture] = running.enter_context(desktop.wireshark_on(capture))
            desktop.activate(shown[capture])
            return shown[capture]

        yield of


def displayed(window, count):
    """Waits until the status bar says that so many frames are displayed. 4.4 and later do not say so of all."""
    desktop.part_of(window, "status bar").wait_for(rf"Displayed: {count}\b|Packets: {count}\b(?!.*Displayed)")


def test_packet_list_with_the_profile(main):
    window = main(REFUSED)
    desktop.part_of(window, "packet list").wait_for("Login step", "Auth", "SPID", "Response time", "Info",
                                                    "TCP handshake SQL", "Driver handshake SQL", "Diagnosis")
    desktop.part_of(window, "status bar").wait_for("Packets: 395", "Profile: SQL Server connections")


@pytest.fixture(scope="module")
def many(screen):
    """A capture of 18 connections, one behind the other. One login of them is slow, others are refused or reset."""
    path = wireshark.scratch("many") / "many.pcapng"
    parts = [REFUSED, REAL / "slow-ntlm-confirmation-3s-login-only-tls.pcapng", STORY / "diag-resets.pcapng"]
    wireshark.output("mergecap", "-a", "-w", path, *map(wireshark.readable, parts), bare=True)
    with desktop.wireshark_on(path) as window:
        yield window


@pytest.mark.parametrize("frame, step, said", [
    (88, "Login refused", "Login refused: error 33557097: remaining connec"),
    (395 + 16, "Login confirmation NTLM", "Slow domain controller: 3.065 s from the client"),
    (395 + 43 + 11, "Close Unknown", "Reset by the server during the login"),
], ids=["refused", "slow", "reset"])
def test_the_list_alone_says_what_is_wrong(frame, step, said, many):
    """Nothing is clicked; the frame is scrolled to. OCR takes some blanks for dashes, and some letters for large ones."""
    desktop.activate(many)
    desktop.go_to(many, frame)
    patterns = ["(?i)" + re.sub(r"\W+", r"\\W+", text) for text in (step, said)]
    desktop.part_of(many, "packet list").wait_for("Diagnosis", *patterns, ways=[desktop.ROWS, desktop.SCATTERED])


def test_a_button_finds_the_refused_logins(main):
    window = main(REFUSED)
    desktop.part_of(window, "filter bar").click("Failed logins")
    displayed(window, 62)
    desktop.part_of(window, "packet list").wait_for("Driver handshake SQL", "Close SQL")


def test_a_button_shows_the_connection_of_the_selected_frame(main):
    window = main(REFUSED)
    desktop.go_to(window, 75)
    desktop.part_of(window, "filter bar").click("This connection")
    displayed(window, 12)
    desktop.part_of(window, "packet list").wait_for("Driver handshake SQL", r"\b99\b.*Close SQL")


@pytest.mark.parametrize("capture, frame, label, expected, count", [
    (REFUSED, 75, "SQL Server connection", r"tdsconn\.stream eq 0", 12),
    (MARS, 51, "MARS session", r"tdsconn\.mars\.session eq 1", 4),
], ids=["connection", "session"])
def test_conversation_filter(capture, frame, label, expected, count, main):
    window = main(capture)
    desktop.go_to(window, frame)
    desktop.choose(window, "Analyze", "Conversation Filter", label)
    desktop.part_of(window, "filter bar").wait_for(expected)
    displayed(window, count)


def test_expert_information(main):
    window = main(REFUSED)
    desktop.choose(window, "Analyze", "Expert Information")
    with desktop.dialog("Expert Information", window) as dialog:
        dialog.wait_for("Login refused Response TDSCONN", "Password sent without encryption Security TDSCONN")


def test_credentials(main):
    window = main(REFUSED)
    desktop.choose(window, "Tools", "Credentials")
    with desktop.dialog("Credentials", window) as dialog:
        dialog.wait_for(r"\b337\b", "Refused SQL login of app_user to 10.10.10.10:1433")


def test_export_objects(main):
    """The window reads the frames anew for it."""
    with desktop.export_objects(main(MARS), 900, 400) as dialog:
        dialog.wait_for("frame-11-batch.sql", r"frame-42-sp_prepexec.sq[l|]", r"10.11 ?:? ?1433", "37 bytes")


def test_flow_graph(main):
    with desktop.flow_graph(main(KERBEROS)) as graph:
        graph.wait_for("PL PRELOGIN", "PR PRELOGIN response", "[S5]R Kerberos AP-REP", "L[A4] LOGINACK", "F FIN",
                       "Driver handshake", "Login confirmation", "14 item")


@pytest.mark.skipif(wireshark.version() < (4, 4), reason="4.0 has no menu entry for a plugin's Follow")
@pytest.mark.parametrize("capture, frame, entry, words", [
    (MARS, 45, "TDSCONN Stream", ["10 client pkt", "10 server pkt"]),
    (PIPE, 20, "TDSPIPE Stream", ["3 client pkt", "2 server pkt"]),
])
def test_follow(capture, frame, entry, words, main):
    window = main(capture)
    desktop.go_to(window, frame)
    desktop.choose(window, "Analyze", "Follow", entry)
    shown = desktop.titled("Follow TDS")
    shown.wait_for(*words)
    desktop.activate(shown)
    desktop.press("Escape")
    desktop.no_filter(window)


@pytest.mark.parametrize("dialog", DIALOGS, ids=lambda dialog: dialog.title)
def test_statistics(dialog, main):
    window = main(dialog.capture)
    desktop.choose(window, "Statistics", dialog.title)
    with desktop.dialog(dialog.title, window) as shown:
        shown.wait_for(*dialog.words)


def test_the_report_is_a_text_in_a_window(main):
    """Its window can be closed and opened again."""
    window = main(REFUSED)
    for _ in range(2):
        desktop.choose(window, "Statistics", "SQL Server Report")
        shown = desktop.titled("SQL Server Report$")
        shown.wait_for("Connections: 14, with", "Failures by cause", "Login failed")
        desktop.activate(shown)
        desktop.press("Escape")
        desktop.waited("its end", lambda: shown.number not in desktop.windows())
        desktop.activate(window)


@pytest.mark.parametrize("argument, title, words", [
    ("tdsconn,servers", "SQL Servers", ["Weak TLS", "10.10.10.10:1433"]),
    ("tdsconn,srt", "TDSCONN Service Response Time Statistics", ["SQL batch", "Max S.T"]),
], ids=["servers", "srt"])
def test_statistics_by_argument(argument, title, words):
    """Of several at once the window would fill one."""
    with desktop.wireshark_on(REAL / "port-reuse.pcapng", "-z", argument) as window:
        with desktop.dialog(title, window) as shown:
            shown.wait_for(*words)


def test_statistics_are_in_the_menu(main):
    window = main(MARS)
    menu = desktop.opened_by(lambda: desktop.part_of(window, "menu bar").click("Statistics"), "the menu Statistics")
    menu.wait_for(*(dialog.title for dialog in DIALOGS))
    desktop.press("Escape")


def still(window, what="packet list"):
    """The picture of a part of the window, once it no longer changes."""
    pictures = [None]

    def same_as_before():
        pictures.append(desktop.part_of(window, what).picture())
        return pictures[-1] == pictures[-2]

    desktop.waited(f"a {what} that stands still", same_as_before)
    return pictures[-1]


def test_whatever_the_user_does_the_packet_list_says_the_same():
    """Scrolled, filtered, another file opened and the first one again. test_reopened changes preferences."""
    with desktop.wireshark_on(REFUSED) as window:
        displayed(window, 395)
        desktop.to_the_top(window)
        top = still(window)
        desktop.press("ctrl+End")
        end = still(window)
        assert end != top
        desktop.press(*["Page_Up"] * 6, *["Page_Down"] * 8, "ctrl+End")
        assert still(window) == end
        desktop.press("ctrl+Home")
        assert still(window) == top

        desktop.part_of(window, "filter bar").click("Failed logins")
        displayed(window, 62)
        desktop.no_filter(window)
        displayed(window, 395)
        desktop.to_the_top(window)
        assert still(window) == top

        desktop.open_file(window, MARS)
        desktop.part_of(window, "packet list").wait_for("MARS", "Driver handshake")
        desktop.open_file(window, REFUSED)
        displayed(window, 395)
        desktop.to_the_top(window)
        assert still(window) == top
