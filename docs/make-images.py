#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes the pictures of Wireshark in docs/images anew, all of them or those that are named.

    docs/make-images.py [NAME...]

It needs what the tests of the window need, and pngquant and optipng. TDSCONN_BUILD_DIR names the build folder;
build/dev is the default. Look at each picture before you commit it.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/gui")]
import desktop  # noqa: E402  (it lies in the folders of the line before)
import wireshark  # noqa: E402

IMAGES = ROOT / "docs/images"
REAL = wireshark.CAPTURES / "real"
STORY = wireshark.CAPTURES / "story"
COLORS = 128


def details(window):
    """Opens our tree in the details: the last one there."""
    desktop.tool("xdotool", "mousemove", "--sync", 300, 600, "click", 1)
    desktop.press("End", "shift+Right", *["Down"] * 40, "Left")
    desktop.part_of(window, "details").wait_for("Login step")


def frame(capture, number):
    """The main window at a frame, our details open."""
    with desktop.wireshark_on(capture, keys=wireshark.keys_of(capture)) as window:
        desktop.go_to(window, number)
        details(window)
        return window.picture()


def filtered(name, frame, button, displayed):
    """A frame of a capture, and the rows that a button of the filter bar leaves: as many as DISPLAYED."""
    with desktop.wireshark_on(REAL / f"{name}.pcapng") as window:
        desktop.go_to(window, frame)
        desktop.part_of(window, "filter bar").click(button)
        desktop.part_of(window, "status bar").wait_for(f"Displayed: {displayed}")
        details(window)
        return window.picture()


def refused():
    """The button "Failed logins", and the connection of the first of them."""
    return filtered("srv-too-many-connections", 90, "Failed logins", 62)


def pipe():
    """The button "Named pipes", and the frame in which the server breaks the pipe off."""
    return filtered("smb311-np-samba-pipe-broken", 27, "Named pipes", 16)


def expert():
    """Expert Information of a capture with many findings."""
    with desktop.wireshark_on(STORY / "diag-refused-logins.pcapng") as window:
        desktop.choose(window, "Analyze", "Expert Information")
        with desktop.dialog("Expert Information", window, 1000, 340) as dialog:
            dialog.wait_for("TDSCONN")
            return dialog.picture()


def flow():
    """The ladder of the article's Kerberos login."""
    with (desktop.wireshark_on(STORY / "article-kerberos.pcapng") as window,
          desktop.flow_graph(window, 900, 560) as graph):
        graph.wait_for("LA LOGINACK")
        return graph.picture()


def export_objects():
    """The SQL texts of a connection with MARS."""
    with (desktop.wireshark_on(REAL / "mars-odbc-noenc.pcapng") as window,
          desktop.export_objects(window, 760, 300) as shown):
        shown.wait_for("frame-45-batch.sql")
        return shown.picture()


def report():
    """The report of a capture with many findings."""
    with desktop.wireshark_on(STORY / "diag-refused-logins.pcapng") as window:
        desktop.choose(window, "Statistics", "SQL Server Report")
        shown = desktop.titled("SQL Server Report$")
        desktop.tool("xdotool", "windowsize", "--sync", shown.number, 1200, 560, check=False)
        shown.wait_for("Failures by cause")
        return shown.picture()


def graphs():
    """The I/O Graphs of logins of which some are refused."""
    with (desktop.wireshark_on(REAL / "srv-too-many-connections.pcapng") as window,
          desktop.io_graphs(window, 1000, 620) as dialog):
        dialog.wait_for("Logins refused")
        return dialog.picture()


def graph_of(name, axis):
    """The I/O Graph of one name alone, whose Y axis is this."""
    capture = REAL / "mars-odbc-cancel-one-session.pcapng"
    with desktop.wireshark_on(capture, graphs=[name]) as window, desktop.io_graphs(window, 800, 480) as dialog:
        dialog.wait_for(axis)
        return dialog.picture()


def saved():
    """The menu of the bookmark beside the display filter, with the profile's filters."""
    with desktop.wireshark_on(REAL / "srv-too-many-connections.pcapng") as window:
        menu = desktop.opened_by(lambda: desktop.tool("xdotool", "mousemove", "--sync", 14, 77, "click", 1), "the bookmarks")
        menu.wait_for("Manage Display Filters")
        picture = menu.picture()
        desktop.press("Escape")
        return picture


def clients():
    """The table of clients, of a capture with many connections of one."""
    with desktop.wireshark_on(REAL / "srv-too-many-connections.pcapng") as window:
        desktop.choose(window, "Statistics", "SQL Server Clients")
        with desktop.dialog("SQL Server Clients", window, 1200, 220) as shown:
            shown.wait_for("Ports reused", "pyodbc.demo")
            return shown.picture()


def macros():
    """The profile's filter macros."""
    with desktop.wireshark_on(REAL / "srv-too-many-connections.pcapng") as window:
        menu = desktop.opened_by(lambda: desktop.part_of(window, "menu bar").click("Analyze"), "the menu Analyze")
        menu.wait_for("Conversation Filter")
        desktop.press("m")  # underlined in "Display Filter Macros"
        shown = desktop.titled("Display Filter Macros")
        desktop.activate(shown)
        desktop.tool("xdotool", "windowsize", "--sync", shown.number, 800, 300, check=False)
        shown.wait_for("sql.conn", "sql.slow")
        return desktop.Window(shown.number, "800x215+0+0").picture()  # not where this machine keeps them


PICTURES = {
    "kerberos-login": lambda: frame(REAL / "odbc-kerberos-login-only-tls.pcapng", 19),
    "mars": lambda: frame(REAL / "mars-odbc-login-only-tls.pcapng", 54),
    "refused-login": refused,
    "named-pipe": pipe,
    "expert-information": expert,
    "flow-graph": flow,
    "export-objects": export_objects,
    "report": report,
    "io-graphs": graphs,
    "io-graph-response-time": lambda: graph_of("Longest response time", "MAX"),
    "io-graph-mars-credit": lambda: graph_of("Least MARS credit", "MIN"),
    "saved-filters": saved,
    "clients": clients,
    "filter-macros": macros,
}


def write(name, picture):
    """Puts a picture there as small as it goes without loss that anybody sees."""
    path = IMAGES / f"{name}.png"
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        file.write(picture)
        file.flush()
        subprocess.run(["pngquant", "--force", "--nofs", "--strip", "--output", path, str(COLORS), file.name],
                       check=True)
    subprocess.run(["optipng", "-quiet", "-o5", path], check=True)
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1024} KB")


def main():
    names = sys.argv[1:] or list(PICTURES)
    unknown = set(names) - set(PICTURES)
    if unknown:
        sys.exit(f"{__doc__}\nno such picture: {', '.join(sorted(unknown))}; there are {', '.join(PICTURES)}")
    with desktop.screen():
        for name in names:
            write(name, PICTURES[name]())


if __name__ == "__main__":
    main()
